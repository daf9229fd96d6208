# Runs PostgreSQL for as long as standard input stays open. The process that wants the server holds the other end of that
# pipe, so the server ends with it however it ends, SIGKILL included: nothing is left to clean up by hand.
#
# keeper.sh BIN ROOT SIGNAL KEEP INITDB_AUTH... -- POSTGRES_OPTION...
set -eu
bin=$1 root=$2 signal=$3 keep=$4
shift 4
auth=
while [ "$1" != -- ]; do
    auth="$auth $1"
    shift
done
shift

if [ ! -f "$root/data/PG_VERSION" ]; then
    # shellcheck disable=SC2086 # the words of $auth are arguments
    "$bin/initdb" --pgdata="$root/data" --username=postgres --encoding=UTF8 --locale=C --no-sync $auth
fi

exec 3<&0
"$bin/postgres" -D "$root/data" "$@" </dev/null 3<&- &
server=$!
{
    cat <&3 >/dev/null
    kill -s "$signal" "$server"
} &
exec 3<&-

status=0
wait "$server" || status=$?
[ "$keep" = keep ] || rm -rf "$root"
exit "$status"
