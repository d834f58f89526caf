# asan.sh - exercise the test build, then break its sandbox on purpose
mkdir -p /run/test
check "units start" $CTL start stable@1.service echo.socket notify.service forking.service context.service
check "units stop" $CTL stop notify.service forking.service
check "a reload" $CTL daemon-reload
for u in fails noexec nouser needs; do $CTL start $u.service >/dev/null 2>&1; done
for v in status list-units list-unit-files list-jobs list-sockets list-dependencies; do check "sctl $v" sh -c "$CTL $v >/dev/null"; done
core=$(core_pid)
kill -9 "$core"
replaced() { p=$(core_pid) && [ "$p" != "$core" ] && sctl is-active -q stable@1.service; }
check "core recovers" until_true 20 replaced
kill -SEGV 1
check "PID 1 recovers" until_true 20 sctl ipc init status
for m in debug_execve debug_crash; do
	until_true 10 sctl is-active -q ssh.service; sleep 1
	core=$(core_pid)
	sctl ipc core $m >/dev/null 2>&1
	check "$m: core is killed and replaced" until_true 20 replaced
done
check "the log says that an execve inside core was killed by SIGSYS" sh -c 'dmesg 2>/dev/null | grep -iE "sysmaster-core.*(SIGSYS|signal 31|sig=31|Bad system call)" || sctl ipc init status | grep -iE "SIGSYS|signal 31"'
check_eq "the service from before is untouched" 1 "$(wc -l </run/test/stable-1)"
