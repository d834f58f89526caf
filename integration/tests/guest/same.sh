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
settle	# the stop has no order with the start
p simple.service ActiveState
p conflicts.service ActiveState
run $CTL start simple.service
settle
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

echo "# resources"
mkdir -p /run/systemd/system
cat >/run/systemd/system/dirs.service <<E
[Service]
ExecStart=/bin/sleep 1000
RuntimeDirectory=dirs
StateDirectory=dirs
CacheDirectory=dirs/x
LogsDirectory=dirs
ConfigurationDirectory=dirs
RuntimeDirectoryPreserve=yes
E
folders() { echo "  $(echo $(ls -d /run/dirs /var/lib/dirs /var/cache/dirs /var/cache/dirs/x /var/log/dirs /etc/dirs 2>/dev/null))"; }
run $CTL daemon-reload
run $CTL start dirs
p dirs.service CanClean CanFreeze FreezerState
run $CTL clean dirs
run $CTL freeze dirs
p dirs.service FreezerState ActiveState SubState
cat "/proc/$(prop dirs.service MainPID)/wchan" >/dev/null
run $CTL freeze dirs
run $CTL thaw dirs
p dirs.service FreezerState
run $CTL freeze dirs
run $CTL stop dirs
p dirs.service FreezerState ActiveState Result
run $CTL thaw dirs
run $CTL freeze no-such-unit.service
run $CTL freeze basic.target
folders
run $CTL clean --what=help
cat /tmp/out
run $CTL clean --what=bogus dirs
run $CTL clean dirs
folders
run $CTL clean --what=logs,configuration dirs
folders
run $CTL clean --what=all dirs
folders
run $CTL clean simple.service
run $CTL clean no-such-unit.service
run $CTL clean basic.target

cat >/run/systemd/system/deaf.service <<'E'
[Service]
ExecStart=/bin/sh -c 'trap "exit 0" TERM; while :; do sleep 0.1; done'
TimeoutStopSec=20
E
run $CTL daemon-reload
run $CTL start deaf
settle
run $CTL freeze deaf
run $CTL stop deaf
p deaf.service ActiveState Result

echo "# more unit files"
run $CTL add-wants multi-user.target dirs
readlink /etc/systemd/system/multi-user.target.wants/dirs.service
run $CTL add-requires multi-user dirs.service
readlink /etc/systemd/system/multi-user.target.requires/dirs.service
run $CTL add-wants no-such.target dirs
run $CTL add-wants multi-user.target no-such-unit
run $CTL add-wants dirs
run $CTL disable dirs
ls /etc/systemd/system/multi-user.target.wants/dirs.service /etc/systemd/system/multi-user.target.requires 2>/dev/null
mkdir -p /etc/systemd/system/cron.service.d /run/systemd/system/cron.service.d
echo '[Unit]' | tee /etc/systemd/system/cron.service.d/a.conf >/run/systemd/system/cron.service.d/b.conf
sed 's/^Description=.*/Description=another/' /lib/systemd/system/cron.service >/etc/systemd/system/cron.service
run $CTL daemon-reload
p cron.service Description
run $CTL revert cron dirs
ls -d /etc/systemd/system/cron.service* /run/systemd/system/cron.service.d 2>/dev/null
ls /run/systemd/system/dirs.service
run $CTL revert no-such-unit.service
run $CTL edit cron
printf '#!/bin/sh\nsed -i "2a [Unit]\\nDescription=edited" "$1"\n' >/tmp/editor
chmod +x /tmp/editor
EDITOR=/tmp/editor script -qc "$CTL edit cron" /dev/null </dev/null >/dev/null
echo "  = $? $(echo $(cat /etc/systemd/system/cron.service.d/override.conf))"
p cron.service Description DropInPaths
EDITOR=/tmp/editor script -qec "$CTL edit no-such-unit" /dev/null </dev/null >/dev/null
echo "  = $?"
EDITOR=/tmp/editor script -qec "$CTL edit --runtime --full dirs" /dev/null </dev/null >/dev/null
echo "  = $? $(grep -c . /run/systemd/system/dirs.service)"
run $CTL revert cron
run $CTL link dirs.service
run $CTL link /no/such.service
run $CTL enable 'di*'
run $CTL list-unit-files 'no-such*'
run $CTL get-default
cat /tmp/out
run $CTL set-default rescue.target
run $CTL get-default
cat /tmp/out
run $CTL set-default no-such.target
run $CTL set-default cron.service
run $CTL set-default graphical.target
run $CTL preset no-such-unit
run $CTL is-enabled cron ssh no-such-unit
cat /tmp/out

echo "# several units and patterns"
run $CTL is-active ssh cron no-such-unit
cat /tmp/out
run $CTL is-active 'no-such*'
run $CTL is-failed 'ssh.serv*' cron
cat /tmp/out
run $CTL try-restart simple no-such-unit
run $CTL try-restart no-such-unit
run $CTL reload-or-restart no-such-unit
run $CTL try-reload-or-restart simple.service
run $CTL restart simple no-such-unit
run $CTL is-active simple
run $CTL stop 'simp*'
run $CTL is-active simple
run $CTL start --job-mode=isolate simple
run $CTL stop --job-mode=fail simple
run $CTL start --wait true.service
run $CTL start --wait fails.service
run $CTL start --wait --no-block true.service
run $CTL kill --kill-whom=main no-such-unit
run $CTL reset-failed no-such-unit
run $CTL cancel 99999
run $CTL status 99999
run $CTL help no-such-unit
run $CTL status ssh cron simple

echo "# how properties look"
cat >/run/systemd/system/looks.service <<'E'
[Service]
Environment=A=1 "B=x y" C='q"z' "D=a$b" E=
ExecStart=/bin/sleep 1000
TimeoutStopSec=1min 30s
RestartSec=5
LimitNOFILE=1024:4096
SuccessExitStatus=3 SIGUSR1
KillSignal=SIGINT
UMask=0027
Nice=5
SupplementaryGroups=adm
ReadWritePaths=/tmp /var/tmp
PassEnvironment=FOO BAR
E
run $CTL daemon-reload
p looks.service Environment TimeoutStopUSec RestartUSec LimitNOFILE SuccessExitStatus KillSignal RestartKillSignal UMask Nice SupplementaryGroups ReadWritePaths PassEnvironment
run $CTL show looks -p LoadState,ActiveState
sort /tmp/out
run $CTL show -P ActiveState looks cron
cat /tmp/out
run $CTL show --value -p Id looks
cat /tmp/out
run $CTL show no-such-unit -p LoadState
cat /tmp/out
run $CTL show looks -p NoSuchProperty
cat /tmp/out

p simple.service UnitFileState UnitFilePreset
p cron.service UnitFileState UnitFilePreset
p system-getty.slice Description
$CTL show -p Virtualization -p Architecture -p Tainted -p LogLevel -p ServiceWatchdogs -p DefaultTimeoutStopUSec -p NNoSuch | sort

echo "# dependencies"
for o in "" --plain; do
	run $CTL list-dependencies $o conflicts.service
	grep -v 'remount-fs\|random-seed' /tmp/out | sed 's/^..//; s/[|`]-/-/'
done
run $CTL list-dependencies no-such-unit

echo "# timers"
cat >/run/systemd/system/tick.timer <<E
[Timer]
OnCalendar=*-01-01 00:00 UTC
OnActiveSec=1d
OnUnitInactiveSec=2h
RandomizedDelaySec=1h
FixedRandomDelay=yes
AccuracySec=1us
Unit=true.service
E
printf '[Timer]\nOnActiveSec=10ms\nAccuracySec=1us\nUnit=true.service\n' >/run/systemd/system/once.timer
printf '[Timer]\nOnClockChange=yes\nOnTimezoneChange=yes\nUnit=true.service\n' >/run/systemd/system/turned.timer
printf '[Timer]\nOnCalendar=yearly\nPersistent=yes\nUnit=true.service\n' >/run/systemd/system/kept.timer
run $CTL daemon-reload
run $CTL start tick.timer once.timer turned.timer kept.timer
sleep 1
p tick.timer SubState AccuracyUSec RandomizedDelayUSec FixedRandomDelay Persistent WakeSystem RemainAfterElapse Result NextElapseUSecRealtime LastTriggerUSec CanClean
prop tick.timer TimersCalendar
prop tick.timer TimersMonotonic | sed 's/next_elapse=[^0 ][^}]* }/next_elapse=SOME }/'
p once.timer SubState NextElapseUSecMonotonic NextElapseUSecRealtime
p turned.timer SubState NextElapseUSecMonotonic NextElapseUSecRealtime OnClockChange OnTimezoneChange
p kept.timer CanClean Persistent
ls /var/lib/systemd/timers/stamp-kept.timer
run $CTL stop kept.timer
run $CTL clean --what=state kept.timer
ls /var/lib/systemd/timers/stamp-kept.timer 2>/dev/null
run $CTL list-timers tick.timer once.timer
sed 's/[0-9]*[0-9].* left/TIME/; s/[MTWFS][ouehra][neduitn] 20.* ago/TIME/' /tmp/out | tr -s ' '
run $CTL list-timers 'no-such*'
cat /tmp/out
run $CTL list-timers --all kept.timer
tail -n +2 /tmp/out | tr -s ' '
run $CTL list-automounts 'no-such*'
cat /tmp/out
run $CTL list-automounts --all
cat /tmp/out
p proc-sys-fs-binfmt_misc.automount Where TimeoutIdleUSec DirectoryMode
run $CTL list-sockets 'no-such*'
cat /tmp/out
$CTL stop tick.timer once.timer turned.timer
for i in timer path; do
	printf '[Service]\nType=oneshot\nExecStart=/bin/sh -c "env | grep ^TRIGGER >/run/test/trigger-%%p; true"\n' >/run/systemd/system/told-$i.service
done
printf '[Timer]\nOnActiveSec=10ms\nAccuracySec=1us\nUnit=told-timer.service\n' >/run/systemd/system/tells.timer
printf '[Path]\nPathChanged=/run/test/tells\nUnit=told-path.service\n' >/run/systemd/system/tells.path
run $CTL daemon-reload
run $CTL start tells.timer tells.path
date >/run/test/tells
sleep 1
sed 's/[0-9][0-9]*$/N/' /run/test/trigger-told-timer | sort
sort /run/test/trigger-told-path
run $CTL stop tells.timer tells.path

echo "# paths"
printf '[Path]\nPathExists=/no/such\nPathChanged=/tmp\nUnit=true.service\n' >/run/systemd/system/looking.path
run $CTL daemon-reload
run $CTL start looking.path
run $CTL show looking.path -p Paths -p Unit -p Result -p MakeDirectory -p TriggerLimitBurst
sort /tmp/out
run $CTL stop looking.path

echo "# environment"
run $CTL set-environment A=1 'B=x y'
$CTL show-environment | grep -E '^[AB]='
run $CTL set-environment A
run $CTL set-environment 1A=2
run $CTL unset-environment 1A
run env C='q"z' $CTL import-environment C NO_SUCH
$CTL show-environment | grep ^C=
run $CTL unset-environment A B C
$CTL show-environment | grep -E '^[ABC]='

echo "# the manager and the system"
for o in poweroff reboot halt rescue emergency default exit suspend hibernate; do run $CTL --dry-run $o; done
run $CTL log-level bogus
run $CTL log-level info
run $CTL log-level
cat /tmp/out
run $CTL log-target bogus
run $CTL log-target kmsg
run $CTL log-target
cat /tmp/out
run $CTL service-watchdogs
cat /tmp/out
run $CTL service-watchdogs yes
run $CTL service-watchdogs bogus
run $CTL service-log-level cron
run $CTL is-system-running --wait

echo "# options"
for o in "-t help" --timestamp=help --preset-mode=help; do run $CTL $o; sort /tmp/out | grep .; done
for o in --state=help "-o help" "-s help"; do run $CTL $o; done
grep -E '^(HUP|TERM|RTMIN\+3)$' /tmp/out
for o in "-t bogus" "-s bogus" "-o bogus" --timestamp=bogus --preset-mode=bogus --no-such --host --lines=x; do run $CTL $o; done
run $CTL --marked start
run $CTL --root=/ start cron
run $CTL --root=/ is-enabled cron
run $CTL --global enable no-such-unit
run $CTL --global is-enabled no-such-unit
run $CTL --user is-active cron
run $CTL start
run $CTL list-units --state=bogus --no-legend
run $CTL -i --no-pager --no-ask-password -q --recursive is-active cron
run $CTL --check-inhibitors=no is-active cron
for o in short short-full short-iso short-iso-precise short-precise short-monotonic short-unix cat; do run $CTL status -n1 -o $o cron; done
tidy
