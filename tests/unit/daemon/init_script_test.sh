#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The SysV script with a daemon of its own: each command's exit status, and what the daemon was given.
# usage: init_script_test.sh SCRIPT
set -u
script=$1
dir=$(mktemp -d)
mkdir "$dir/run"
# shellcheck disable=SC2317 # called by the trap
stop_daemon() { [ ! -r "$dir/run/pid" ] || kill "$(cat "$dir/run/pid")" 2>/dev/null; }
trap 'stop_daemon; rm -rf "$dir"' EXIT

# Behaves as the daemon does at its start: comes back when a process of its own serves.
cat >"$dir/daemon" <<'DAEMON'
#!/bin/sh
printf '%s\n' "$*" >>"$0.calls"
printf '%s\n' "${EXTIFACE-} ${INTIFACE-}" >>"$0.interfaces"
[ ! -e "$0.fails" ] || exit 1
[ "$1" != -t ] && [ "$1" != --cleanup ] || exit 0
(
    trap 'rm -f "$2"; kill "$idle"; exit 0' TERM
    trap 'echo again >>"$0.reloads"; echo again >"$0.heard"' HUP  # in this order: it is read at once
    sleep infinity &
    idle=$!
    while :; do wait; done
) >/dev/null 2>&1 &
echo $! >"$2"
DAEMON
chmod +x "$dir/daemon"

export UPNPD_DAEMON="$dir/daemon" UPNPD_CONFIG="$dir/upnpd.conf" UPNPD_PIDFILE="$dir/run/pid"
export UPNPD_DEFAULTS="$dir/default"

failed=0
# gives STATUS COMMAND: the script's COMMAND exits with STATUS
gives() {
    sh "$script" "$2" >"$dir/out" 2>&1
    status=$?
    [ "$status" -eq "$1" ] || {
        echo "FAILED: $2 gave $status instead of $1${3:+ ($3)}: $(cat "$dir/out")"
        failed=1
    }
}
# Returns when the daemon has heard of one more; one that it never hears of ends this test by its time limit.
mkfifo "$dir/daemon.heard"
exec 3<>"$dir/daemon.heard"
await_reload() { read -r _ <&3; }
expect() {
    [ "$2" = "$3" ] || {
        echo "FAILED: $1: \"$2\" instead of \"$3\""
        failed=1
    }
}

# As OpenWrt's hotplug scripts have them for every program: they name no interface of upnpd's.
export INTERFACE=wan OUTERFACE=wan0 EXTIFACE=wan
gives 0 start "unconfigured"
[ ! -e "$dir/daemon.calls" ] || expect "unconfigured start" "started" "nothing"
gives 0 stop "not running"
gives 3 status
gives 0 restart "unconfigured"
gives 7 reload "not running"
gives 2 nonsense

printf 'EXTIFACE=ppp0\nINTIFACE=eth0\nUPNPD_OPTS="-c /x y"\n' >"$dir/default"
gives 0 start
expect "arguments" "$(cat "$dir/daemon.calls")" "-p $dir/run/pid -c /x y"
expect "interfaces" "$(cat "$dir/daemon.interfaces")" "ppp0 eth0"
expect "interfaces of the caller's" "$(grep -c wan "$dir/daemon.interfaces")" 0
gives 0 status
first=$(cat "$dir/run/pid")
gives 0 start "running already"
expect "pid after a second start" "$(cat "$dir/run/pid")" "$first"
: >"$dir/daemon.reloads"
gives 0 reload
expect "what reload checks" "$(tail -n 1 "$dir/daemon.calls")" "-t -c /x y"
await_reload # two signals that wait together are one
gives 0 force-reload
await_reload
expect "signals" "$(cat "$dir/daemon.reloads")" "again
again"
expect "pid after a reload" "$(cat "$dir/run/pid")" "$first"
touch "$dir/daemon.fails"
gives 1 reload "a configuration that cannot be used"
gives 1 restart "a configuration that cannot be used"
gives 1 try-restart "a configuration that cannot be used"
gives 0 status
expect "pid after a restart that was refused" "$(cat "$dir/run/pid")" "$first"
rm "$dir/daemon.fails"
expect "signals after a refusal" "$(cat "$dir/daemon.reloads")" "again
again"
gives 0 restart
[ "$(cat "$dir/run/pid")" != "$first" ] || expect "pid after restart" "$first" "another"
gives 0 try-restart
gives 0 stop
gives 3 status
gives 0 stop "stopped already"
gives 0 try-restart "not running"
gives 3 status

# A pid file whose process has died, and one with nonsense.
sh -c 'echo $$' >"$dir/run/pid"
gives 1 status
gives 0 stop "killed"
expect "what is done after a kill" "$(tail -n 1 "$dir/daemon.calls")" "--cleanup"
gives 3 status
: >"$dir/daemon.calls"
gives 0 stop "stopped already"
expect "what is done when all is clean" "$(cat "$dir/daemon.calls")" ""
# The number went to another program, which must live on.
tail -f /dev/null &
other=$!
echo $other >"$dir/run/pid"
gives 1 status
gives 0 stop "killed, and the number is another program's"
kill -0 $other || expect "another program with the pid" killed alive
kill $other
echo "garbage" >"$dir/run/pid"
gives 0 stop
gives 3 status

# An option for another pid file, in each form.
for form in "-p $dir/run/other" "-p$dir/run/other" "--pidfile $dir/run/other" "--pidfile=$dir/run/other"; do
    printf 'EXTIFACE=ppp0\nINTIFACE=eth0\nUPNPD_OPTS="-c /x %s"\n' "$form" >"$dir/default"
    gives 0 start "$form"
    gives 0 status "$form"
    [ -e "$dir/run/other" ] || expect "pid file" "$(ls "$dir/run")" "other"
    gives 0 stop "$form"
    gives 3 status "$form"
done

# upnpd.conf may name the interfaces instead; a commented line does not.
rm "$dir/default"
echo '#internal_interface = eth0' >"$dir/upnpd.conf"
gives 0 start
gives 3 status
echo 'internal_interface = eth0' >"$dir/upnpd.conf"
gives 0 start
gives 0 status
gives 0 stop

touch "$dir/daemon.fails"
gives 1 start "a daemon that fails"
UPNPD_DAEMON=$dir/absent
gives 0 start "no program"
gives 0 stop "no program"
exit $failed
