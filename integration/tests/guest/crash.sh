# crash.sh KILLS SEGVS - kill -9 of core under load, SIGSEGV to PID 1, SIGSTOP of core: nothing is lost, started twice or restarted
kills=$1 segvs=$2
N=50
rm -rf /run/test; mkdir /run/test
units() { i=1; while [ $i -le $N ]; do printf '%s ' "$1@$i.service"; i=$((i + 1)); done; }
# the kill must not look like a crash right after recovery, which would make core trust its state less
settle() { until_true 20 sctl is-active -q ssh.service && sleep 0.3; }

stable_report() { # one line per stable unit that did anything but run since its only start
	i=1
	while [ $i -le $N ]; do
		f=/run/test/stable-$i
		[ "$(wc -l <$f)" = 1 ] || echo "stable@$i started $(wc -l <$f) times"
		[ "$(prop stable@$i.service MainPID)" = "$(cat $f)" ] && kill -0 "$(cat $f)" 2>/dev/null || echo "stable@$i: MainPID $(prop stable@$i.service MainPID), started as $(cat $f)"
		i=$((i + 1))
	done
}

check "$N services start" $CTL start $(units stable)
until_true 10 sh -c "[ \$(ls /run/test/stable-* | wc -l) = $N ]"
check_eq "each has been started once" "" "$(stable_report)"
check "a listening socket starts" $CTL start echo.socket
echo_pid=$(prop ssh.service MainPID)

# what was made by a request: services and scopes that stay, a timer that waits
M=5
transient_report() { # one line per transient unit that is not what it was
	i=1
	while [ $i -le $M ]; do
		[ "$(wc -l </run/test/made-$i)" = 1 ] || echo "made-$i started $(wc -l </run/test/made-$i) times"
		[ "$(prop made-$i.service MainPID)" = "$(cat /run/test/made-$i)" ] || echo "made-$i: MainPID $(prop made-$i.service MainPID), started as $(cat /run/test/made-$i)"
		[ "$(prop made-$i.scope SubState)" = running ] || echo "made-$i.scope is $(prop made-$i.scope SubState)"
		kill -0 "$(cat /run/test/scope-$i)" 2>/dev/null || echo "the process of made-$i.scope is gone"
		grep -q made-$i.scope "/proc/$(cat /run/test/scope-$i)/cgroup" || echo "the process of made-$i.scope is in $(cat "/proc/$(cat /run/test/scope-$i)/cgroup")"
		i=$((i + 1))
	done
	[ "$(prop made-wait.timer SubState)" = waiting ] || echo "the timer is $(prop made-wait.timer SubState)"
}
i=1
while [ $i -le $M ]; do
	sctl run -q --unit=made-$i -p CPUWeight=$i sh -c "echo \$\$\$\$ >>/run/test/made-$i; exec sleep infinity" || echo "made-$i: $?" >>/run/test/made-errors
	sctl run -q --scope --unit=made-$i sh -c "echo \$\$ >/run/test/scope-$i; exec sleep infinity" >/dev/null 2>&1 </dev/null &
	i=$((i + 1))
done
sctl run -q --unit=made-wait --on-active=1h true || echo "made-wait: $?" >>/run/test/made-errors
until_true 20 sh -c "[ \$(cat /run/test/made-[0-9]* /run/test/scope-[0-9]* 2>/dev/null | wc -l) = $((2 * M)) ] && sctl is-active -q made-$M.scope"
check_eq "transient services, scopes and a timer are there" "" "$(cat /run/test/made-errors 2>/dev/null; transient_report)"

# made while core is killed: one whose end is waited for, one that runs and is gone, one by a timer
transient_round() { # NUMBER
	(
		rc=0
		sctl run --wait -q -G --unit=waited-$1 sh -c "echo ran >>/run/test/waited-$1; sleep 0.3; exit $(($1 % 100 + 1))" 2>>/run/test/made-errors || rc=$?
		echo $rc >/run/test/waited-status-$1
	) &
	sctl run -q --no-block --unit=once-$1 sh -c "echo ran >>/run/test/once-$1" 2>>/run/test/made-errors
	sctl run -q --unit=timed-$1 --on-active=200ms --timer-property=AccuracySec=1ms sh -c "echo ran >>/run/test/timed-$1" 2>>/run/test/made-errors
}
transient_rounds_report() { # KILLS
	i=5
	while [ $i -le "$1" ]; do
		for k in waited once timed; do
			[ "$(cat /run/test/$k-$i 2>/dev/null | wc -l)" = 1 ] || echo "$k-$i ran $(cat /run/test/$k-$i 2>/dev/null | wc -l) times"
		done
		[ "$(cat /run/test/waited-status-$i)" = $((i % 100 + 1)) ] || echo "waited-$i ended with $(cat /run/test/waited-status-$i)"
		i=$((i + 5))
	done
}

# what core starts by itself: when a file appears, when somebody looks into a folder, again and again
mkdir -p /run/test/drop /run/test/dropped /run/systemd/system
[ -e /dev/autofs ] || mknod /dev/autofs c 10 235
unit() { cat >"/run/systemd/system/$1"; }	# NAME
printf '[Path]\nPathExistsGlob=/run/test/drop/*\n' | unit crash-drop.path
printf '[Unit]\nStartLimitIntervalSec=0\n[Service]\nType=oneshot\nExecStart=/bin/sh -c "mv /run/test/drop/* /run/test/dropped/"\n' | unit crash-drop.service
printf '[Automount]\nWhere=/mnt/crash\n' | unit mnt-crash.automount
printf '[Unit]\nStartLimitIntervalSec=0\n[Mount]\nWhat=tmpfs\nWhere=/mnt/crash\nType=tmpfs\n' | unit mnt-crash.mount
printf '[Timer]\nOnActiveSec=100ms\nOnUnitInactiveSec=200ms\nAccuracySec=1ms\n' | unit crash-tick.timer
printf '[Unit]\nStartLimitIntervalSec=0\n[Service]\nType=oneshot\nExecStart=/bin/sh -c "echo tick >>/run/test/ticks"\n' | unit crash-tick.service
$CTL daemon-reload
check "a path, an automount and a timer start" $CTL start crash-drop.path mnt-crash.automount crash-tick.timer
triggered_round() { # NUMBER
	: >/run/test/drop/$1
	(
		if timeout 60 stat -f -c %T /mnt/crash/. >/run/test/look-$1 2>&1; then :; else echo "status $?" >>/run/test/look-$1; fi
		$CTL stop mnt-crash.mount 2>/dev/null	# it warns that the automount can start it again
	) &
}
triggered_report() { # KILLS
	i=5
	while [ $i -le "$1" ]; do
		[ -e /run/test/dropped/$i ] || echo "file $i was not seen"
		[ "$(cat /run/test/look-$i 2>/dev/null)" = tmpfs ] || echo "look $i found $(cat /run/test/look-$i 2>&1)"
		i=$((i + 5))
	done
	for u in crash-drop.path mnt-crash.automount crash-tick.timer; do $CTL is-active -q $u || echo "$u is $($CTL is-active $u)"; done
}
ticks() { wc -l </run/test/ticks; }

# the load: start and stop of $N services, round after round, until the file is gone
: >/run/test/go
(
	rounds=0
	while [ -e /run/test/go ]; do
		$CTL start $(units load) || echo "start: $?" >>/run/test/load-errors
		# a simple service is started when it is forked: wait for its line, so that stopping does not outrun it
		rounds=$((rounds + 1))
		until_true 20 sh -c "[ \$(cat /run/test/load-* 2>/dev/null | grep -c '^[0-9]') -ge $((rounds * N)) ]" || echo "round $rounds: $(cat /run/test/load-[0-9]* | wc -l) starts" >>/run/test/load-errors
		$CTL stop $(units load) || echo "stop: $?" >>/run/test/load-errors
	done
	echo $rounds >/run/test/rounds
) >>/run/test/load-output 2>&1 &
load=$!

starts0=$(init_status core_starts)
i=1 lost= unserved=0
: >/run/test/times
while [ $i -le "$kills" ]; do
	code=$((i % 200 + 1))
	$CTL start --no-block code@$code.service 2>>/run/test/kill-errors
	[ $((i % 5)) != 0 ] || { transient_round $i; triggered_round $i; }
	until_true 20 test -e /run/test/ready-$code || lost="$lost $code(not started)"
	$T/tool kill-core /run/test-echo.sock sctl is-active ssh.service >>/run/test/times 2>>/run/test/kill-errors || lost="$lost $code(no answer)"
	until_true 20 sh -c "[ \"\$(sctl is-active code@$code.service)\" = failed ]" || lost="$lost $code(is $(sctl is-active code@$code.service))"
	[ "$(prop code@$code.service ExecMainStatus)" = $code ] || lost="$lost $code(status $(prop code@$code.service ExecMainStatus))"
	settle
	i=$((i + 1))
done
rm /run/test/go
wait $load
times=$(cut -d' ' -f1 /run/test/times | sort -n)
n=$(echo "$times" | wc -l)
echo "figure - kill -9 of core to the next sctl answer: median $(echo "$times" | sed -n "$((n / 2 + 1))p") ms, max $(echo "$times" | tail -1) ms, $n kills"
echo "figure - load meanwhile: $(cat /run/test/rounds) rounds of $N starts and stops"
check_eq "core died $kills times and was started $kills times" "$kills" "$(($(init_status core_starts) - starts0))"
check_eq "every exit status of a oneshot that ended without core is recorded" "" "$lost"
check_eq "a client in the gap was served each time" "$kills" "$(awk '$2 == 1' /run/test/times | wc -l)"
check_eq "no message of a client failed" "" "$(cat /run/test/kill-errors /run/test/load-errors 2>/dev/null | head -20)"
check_eq "each loaded service was started once a round" "" "$(
	i=1; while [ $i -le $N ]; do [ "$(wc -l </run/test/load-$i)" = "$(cat /run/test/rounds)" ] || echo "load@$i: $(wc -l </run/test/load-$i) starts"; i=$((i + 1)); done)"
check_eq "no stable service died, restarted or was started twice" "" "$(stable_report)"
until_true 20 sh -c "[ \$(ls /run/test/waited-status-* /run/test/timed-[0-9]* 2>/dev/null | wc -l) = $((kills / 5 * 2)) ]"
check_eq "each unit made meanwhile ran once, and its end was told" "" "$(transient_rounds_report "$kills"; cat /run/test/made-errors 2>/dev/null)"
until_true 20 sh -c "[ \$(ls /run/test/dropped /run/test/look-* 2>/dev/null | grep -c '[0-9]') -ge $((kills / 5 * 2)) ]"
check_eq "each file and each look in the gap started what it should" "" "$(triggered_report "$kills")"
ticked=$(ticks)
check "a timer goes on" until_true 20 sh -c "[ \$(wc -l </run/test/ticks) -gt $((ticked + 3)) ]"
check_eq "no transient service or scope noticed" "" "$(transient_report)"
check_eq "ssh has the same main process" "$echo_pid" "$(prop ssh.service MainPID)"
$CTL reset-failed 'code@*.service' 2>/dev/null || $CTL reset-failed

# PID 1
core=$(core_pid)
reexecs=$(init_status reexecs)
: >/run/test/times
i=1
while [ $i -le "$segvs" ]; do
	t=$(now_ms)
	kill -SEGV 1
	until_true 20 sh -c "[ \"\$(sctl ipc init status | sed -n 's/^reexecs: *//p')\" = $((reexecs + i)) ]" || break
	echo $(($(now_ms) - t)) >>/run/test/times
	sleep 1.1
	i=$((i + 1))
done
check_eq "PID 1 came back from SIGSEGV $segvs times" $((reexecs + segvs)) "$(init_status reexecs)"
echo "figure - SIGSEGV of PID 1 to its next answer: median $(sort -n /run/test/times | sed -n "$((segvs / 2 + 1))p") ms"
check_eq "core was not disturbed" "$core" "$(core_pid)"
check_eq "no stable service noticed" "" "$(stable_report)"
check_eq "nor a transient one" "" "$(transient_report)"
check_eq "nor a path, an automount or a timer" "" "$(triggered_report "$kills")"
check "a service starts after that" $CTL start load@1.service
kill -9 "$(prop load@1.service MainPID)"
check "its death is seen" until_true 10 sh -c '[ "$(sctl is-active load@1.service)" = failed ]'
$CTL reset-failed load@1.service

# a core that hangs
core=$(core_pid)
t=$(now_ms)
kill -STOP "$core"
replaced() { p=$(core_pid) && [ "$p" != "$core" ] && sctl is-active -q ssh.service; }
check "a stopped core is replaced" until_true 20 replaced
# five pings missed, one a second, then two seconds between SIGABRT and SIGKILL (init.conf's defaults)
check_le "within the keep-alive time, ms" $([ "$KIND" = vm ] && echo 20000 || echo 10000) $(($(now_ms) - t))
echo "figure - SIGSTOP of core to the first answer of its successor: $(($(now_ms) - t)) ms"
check_eq "no stable service noticed that" "" "$(stable_report)"
check "all of them stop" $CTL stop $(units stable)
check_eq "and are gone" 0 "$(ps -C tool -o args= | grep -c sleeper)"

# the same on purpose: both binaries are executed anew
$CTL start $(units stable)
until_true 10 sh -c "[ \$(cat /run/test/stable-* | wc -l) = $((2 * N)) ]"
pids=$(cat /run/test/stable-* | sort -n)
core=$(core_pid)
reexecs=$(init_status reexecs)
check "core is replaced by its binary on disk" $CTL daemon-reexec
check "and answers as another process" until_true 20 replaced
check "PID 1 is replaced by its binary on disk" sctl ipc init reexec
check "and answers" until_true 20 sh -c "[ \"\$(sctl ipc init status | sed -n 's/^reexecs: *//p')\" = $((reexecs + 1)) ]"
check_eq "no service was started by that" "$pids" "$(cat /run/test/stable-* | sort -n)"
check "and each still runs" sh -c "for p in \$(for f in /run/test/stable-*; do tail -1 \$f; done); do kill -0 \$p || exit 1; done"
check_eq "all that was made by request is still there" "" "$(transient_report)"
check "and stops" $CTL stop crash-drop.path mnt-crash.automount crash-tick.timer 'made-*.service' 'made-*.scope' 'made-*.timer'
check "and is gone" until_true 10 sh -c '[ -z "$(ls /run/sysmaster/transient)" ]'
check_eq "no unit has failed" "" "$($CTL list-units --failed --plain --no-legend)"
