# guest.sh - the figures of a machine that has booted: lines "BENCH name|value"
fig() { echo "BENCH $1|$2"; }
median() { sort -n | awk '{ v[NR] = $1 } END { if (NR) print v[int((NR + 1) / 2)]; else print "-" }'; }
rollup() { # FIELD PID... - kB, summed
	f=$1; shift
	for p in "$@"; do cat "/proc/$p/smaps_rollup" 2>/dev/null; done | awk -v f="$f:" '$1 == f { s += $2 } END { print s + 0 }'
}
mkdir -p /run/test
sleep 5	# what the boot left to do is done

# time: the kernel log has the moment of the exec, the manager that of the target; both count from the kernel's start
exec_msec=$(dmesg | sed -n 's/^\[ *\([0-9.]*\)\] initrd: exec .*/\1/p' | awk '{ print $1 * 1000 }')
target_usec=$(prop default.target ActiveEnterTimestampMonotonic)
fig "PID 1 exec to default.target, ms" "$(echo "$exec_msec ${target_usec:-0}" | awk '$2 > 0 { printf "%.0f", $2 / 1000 - $1 }')"

# memory: the process or processes that are init and manager
mgr=1
[ "$CTL" = systemctl ] || mgr="1 $(core_pid)"
fig "init + core, PSS, kB" "$(rollup Pss $mgr)"
fig "init + core, private dirty, kB" "$(rollup Private_Dirty $mgr)"
fig "PID 1, PSS, kB" "$(rollup Pss 1)"
all=$(for p in /proc/[0-9]*; do case $(readlink $p/exe) in /usr/lib/sysmaster/* | /usr/lib/systemd/* | /usr/bin/udevadm) echo ${p#/proc/} ;; esac; done)
fig "with journald, udevd, logind and the like, PSS, kB" "$(rollup Pss $all)"
fig "CPU time of init + core since the boot, ms" "$(for p in $mgr; do sed 's/.*) //' /proc/$p/stat; done | awk -v hz="$(getconf CLK_TCK)" '{ s += $12 + $13 } END { printf "%.0f", s * 1000 / hz }')"

# from the manager's clone to main() of the service
i=0; while [ $i -lt 20 ]; do
	rm -f /run/test/stamp; $CTL restart stamp.service
	spawned=$(prop stamp.service ExecMainStartTimestampMonotonic)
	[ -z "$spawned" ] || echo $(($(cat /run/test/stamp) - spawned))
	i=$((i + 1))
done >/run/test/spawns
fig "spawn to main() of the service, us" "$(median </run/test/spawns)"
# ours writes down both ends itself, for each process that runs
fig "clone to exec during the boot, as PID 1 saw it, us" "$([ "$CTL" = systemctl ] || sctl ipc init list_children | awk '/spawn_usec:/ { a = $2 } /exec_usec:/ && a && $2 > a { print $2 - a }' | median)"
i=0; while [ $i -lt 20 ]; do
	t=$($T/tool stamp /dev/stdout); $CTL restart stamp.service; echo $(($(cat /run/test/stamp) - t))
	i=$((i + 1))
done >/run/test/starts
fig "start command to main() of the service, us" "$(median </run/test/starts)"

units() { i=1; while [ $i -le 50 ]; do printf 'load@%s.service ' $i; i=$((i + 1)); done; }
t=$(now_ms); $CTL start $(units); fig "start of 50 services, ms" $(($(now_ms) - t))
t=$(now_ms); $CTL stop $(units); fig "stop of 50 services, ms" $(($(now_ms) - t))
t=$(now_ms); $CTL daemon-reload; fig "daemon-reload, ms" $(($(now_ms) - t))
t=$(now_ms); i=0; while [ $i -lt 50 ]; do $CTL is-active ssh.service >/dev/null; i=$((i + 1)); done
fig "is-active, process included, ms" "$(echo $(($(now_ms) - t)) | awk '{ printf "%.1f", $1 / 50 }')"
t=$(now_ms); i=0; while [ $i -lt 50 ]; do /bin/true; i=$((i + 1)); done
fig "a bare process, ms" "$(echo $(($(now_ms) - t)) | awk '{ printf "%.1f", $1 / 50 }')"

if [ "$CTL" = sctl ]; then
	$CTL start echo.socket
	i=0; while [ $i -lt 20 ]; do $T/tool kill-core /run/test-echo.sock sctl is-active ssh.service; sleep 1; i=$((i + 1)); done >/run/test/kills
	fig "kill -9 of core to the first answer, ms" "$(cut -d' ' -f1 /run/test/kills | median)"
else
	fig "kill -9 of core to the first answer, ms" -	# there PID 1 is the manager: when it dies, the kernel panics
fi
