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
for m in execve:90 crash:91; do
	until_true 20 sctl is-active -q ssh.service; sleep 1
	core=$(core_pid)
	$T/tool once /run/sysmaster/core.sock ${m#*:}
	check "debug_${m%:*}: core is killed and replaced" until_true 20 replaced
	sctl is-active ssh.service >/dev/null
done
check_eq "the service from before is untouched" 1 "$(wc -l </run/test/stable-1)"
