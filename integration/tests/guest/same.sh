# same.sh - commands whose effect and exit status are the same under systemd and under ours; prints one line each
# Lines are compared, so nothing here may depend on time, pids or wording.
run() { "$@" >/tmp/out 2>/tmp/err </dev/null; echo "$* = $?"; }
p() { # UNIT PROPERTY...
	u=$1; shift
	for k in "$@"; do echo "  $u $k=$(prop "$u" "$k")"; done
}
settle() { sleep 0.3; }
tidy() { $CTL stop simple.service conflicts.service needs.service restart.service >/dev/null 2>&1; $CTL reset-failed >/dev/null 2>&1; }
mkdir -p /run/test

echo "# exit statuses"
run $CTL is-active simple.service
run $CTL is-active no-such-unit.service
run $CTL is-failed simple.service
run $CTL is-enabled ssh.service
run $CTL is-enabled simple.service
run $CTL is-enabled conflicts.service
run $CTL is-enabled no-such-unit.service
run $CTL status simple.service
run $CTL status no-such-unit.service
run $CTL start no-such-unit.service
run $CTL stop no-such-unit.service
run $CTL restart no-such-unit.service
run $CTL no-such-verb
run $CTL show no-such-unit.service
run $CTL cat no-such-unit.service
run $CTL cat simple.service

echo "# a simple service"
run $CTL start simple.service
run $CTL is-active simple.service
run $CTL status simple.service
p simple.service Id LoadState ActiveState SubState Result Type Restart FragmentPath UnitFileState CanReload
run $CTL start simple.service
m=$(prop simple.service MainPID)
run $CTL reload simple.service
[ "$m" = "$(prop simple.service MainPID)" ] && echo "same main process after reload"
run $CTL restart simple.service
[ "$m" != "$(prop simple.service MainPID)" ] && echo "another main process after restart"
run $CTL try-restart simple.service
run $CTL kill -s KILL simple.service
settle
p simple.service ActiveState SubState Result ExecMainStatus ExecMainCode
run $CTL is-failed simple.service
run $CTL is-active simple.service
run $CTL reset-failed simple.service
p simple.service ActiveState SubState Result
run $CTL start simple
run $CTL kill simple.service
settle
p simple.service ActiveState SubState Result
run $CTL stop simple.service
run $CTL try-restart simple.service
run $CTL is-active simple.service
run $CTL reload simple.service

echo "# oneshots and failures"
run $CTL start true.service
p true.service ActiveState SubState Result
run $CTL start remain.service
p remain.service ActiveState SubState Result
run $CTL stop remain.service
p remain.service ActiveState SubState
run $CTL start fails.service
p fails.service ActiveState SubState Result ExecMainStatus
run $CTL status fails.service
run $CTL is-failed fails.service
run $CTL start noexec.service
settle
p noexec.service ActiveState SubState Result ExecMainStatus
run $CTL start nouser.service
settle
p nouser.service ActiveState SubState Result ExecMainStatus
run $CTL start needs.service
p needs.service ActiveState SubState Result
run $CTL reset-failed
p fails.service ActiveState Result

echo "# conflicts"
run $CTL start simple.service
run $CTL start conflicts.service
p simple.service ActiveState
p conflicts.service ActiveState
run $CTL start simple.service
p conflicts.service ActiveState

echo "# other types of start"
run $CTL start notify.service
p notify.service ActiveState SubState StatusText
run $CTL stop notify.service
run $CTL start forking.service
p forking.service ActiveState SubState
[ "$(prop forking.service MainPID)" = "$(cat /run/forking.pid)" ] && echo "main process from the pid file"
run $CTL stop forking.service
p forking.service ActiveState Result

echo "# restart"
run $CTL start restart.service
settle
kill -9 "$(prop restart.service MainPID)"
sleep 1
p restart.service ActiveState SubState NRestarts
run $CTL stop restart.service
settle
p restart.service ActiveState SubState
echo "  starts: $(wc -l </run/test/restart)"

echo "# a stop that needs SIGKILL"
run $CTL start stubborn.service
settle
run $CTL stop stubborn.service
p stubborn.service ActiveState Result

echo "# execution context"
run $CTL start context.service
cat /run/test-context

echo "# sockets"
run $CTL start echo.socket
p echo.socket ActiveState SubState
$T/tool talk /run/test-echo.sock one | sed 's/^[0-9]*/PID/'
$T/tool talk /run/test-echo.sock two | sed 's/^[0-9]*/PID/'
settle
p echo.service ActiveState
p echo.socket ActiveState SubState
run $CTL start echo-each.socket
$T/tool talk /run/test-echo-each.sock three
run $CTL stop echo.socket echo-each.socket
p echo.socket ActiveState SubState
test -S /run/test-echo.sock && echo "socket file stays"

echo "# unit files"
run $CTL enable conflicts.service
readlink /etc/systemd/system/multi-user.target.wants/conflicts.service
run $CTL is-enabled conflicts.service
run $CTL disable conflicts.service
test -e /etc/systemd/system/multi-user.target.wants/conflicts.service || echo "link is gone"
run $CTL mask cron.service
readlink /etc/systemd/system/cron.service
run $CTL is-enabled cron.service
run $CTL start cron.service
run $CTL stop cron.service
run $CTL start cron.service
run $CTL unmask cron.service
test -e /etc/systemd/system/cron.service || echo "mask is gone"
run $CTL start cron.service
p cron.service ActiveState LoadState
mkdir -p /etc/systemd/system/simple.service.d /run/systemd/system/simple.service.d
printf '[Unit]\nDescription=from a drop-in\n' >/etc/systemd/system/simple.service.d/50-a.conf
run $CTL daemon-reload
p simple.service Description DropInPaths
rm -r /etc/systemd/system/simple.service.d
run $CTL daemon-reload
printf '[Service]\nExecStart=/bin/sleep 1000\nEnvironment=I=%%i N=%%n P=%%p U=%%u H=%%H\n' >/run/systemd/system/inst@.service
run $CTL daemon-reload
run $CTL start inst@a-b.service
settle	# a simple service is started once it is forked: wait for the exec
tr '\0' '\n' <"/proc/$(prop inst@a-b.service MainPID)/environ" | grep -E '^[INPUH]=' | sort
run $CTL stop 'inst@*.service'
p inst@a-b.service ActiveState

echo "# targets"
run $CTL is-active multi-user.target
run $CTL is-active rescue.target
run $CTL list-dependencies multi-user.target
run $CTL list-units --type=service --state=running
$CTL list-units --plain --no-legend --type=service --state=running | awk '{ print $1 }' | grep -E '^(ssh|cron|nginx|rsyslog|dbus)\.service$' | sort
run $CTL list-unit-files
run $CTL list-sockets
tidy
