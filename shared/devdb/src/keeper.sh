# Runs PostgreSQL for as long as standard input stays open. The process that wants the server holds the other end of that
# pipe, so the server ends with it however it ends, SIGKILL included: nothing is left to clean up by hand.
#
# keeper.sh BIN ROOT SIGNAL KEEP INITDB_OPTION INITDB_OPTION POSTGRES_OPTION...
set -eu
bin=$1 root=$2 signal=$3 keep=$4 auth=$5 how=$6
shift 6

# A folder that is thrown away is made here and not by whoever wants it: who makes it must be there to remove it. It is new,
# or this is the end: somebody else could have put into an old one what they like.
[ "$keep" = keep ] || mkdir -m 700 "$root"
# An old log may be of another user, but the folder is ours.
rm -f "$root/log"
exec >"$root/log" 2>&1

if [ ! -d "$root/data" ]; then
    # Beside its place until it is whole: half a cluster would be taken for one at the next start.
    rm -rf "$root/data.new"
    "$bin/initdb" --pgdata="$root/data.new" --username=postgres --encoding=UTF8 --locale=C --no-sync "$auth" "$how"
    mv "$root/data.new" "$root/data"
fi

exec 3<&0
"$bin/postgres" -D "$root/data" "$@" </dev/null 3<&- &
server=$!
ended="$root/ended.$$"
{
    cat <&3 >/dev/null
    # More than once: a server that has only just begun does not hear the first signal, because a shell starts what runs in
    # its background deaf to INT and QUIT.
    until [ -e "$ended" ] || ! kill -s "$signal" "$server"; do
        sleep 0.1
    done
    rm -f "$ended"
    [ "$keep" = keep ] || rm -rf "$root"
} &
exec 3<&-

# A server that ends by itself leaves its log to whoever wanted it; the folder goes when they do.
status=0
wait "$server" || status=$?
: >"$ended"
exit "$status"
