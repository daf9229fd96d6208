# Installs what package-lock.json in the working folder names, for as long as standard input stays open: whoever wants it
# holds the other end of that pipe, and when they end, npm ends.
set -eu
# The server may run as another user than the one who fetches it.
umask 022
exec 3<&0
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error </dev/null 3<&- &
npm=$!
{
    cat <&3 >/dev/null
    # The first signal npm takes for a wish.
    while kill "$npm" 2>/dev/null; do
        sleep 0.1
    done
} &
exec 3<&-
wait "$npm"
