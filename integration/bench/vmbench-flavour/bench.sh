# bench.sh - sourced by the probe in the guest ($P measures, want X asks whether X was ordered): the same rows, by sctl
sctl list-units --failed --plain --no-legend | while read -r l; do echo "VMBX failed $l"; done
sctl show -p ActiveEnterTimestampMonotonic multi-user.target | sed 's/.*=//' |
	awk '$1 { printf "VMB sm.multi_user_uptime_ms %.0f\n", $1 / 1000 }'

if want c; then
	sctl start r.service && sleep 1
	$P restart c.restart 50 200
	sctl stop r.service
fi
if want a; then
	idle=$($P nproc busybox)
	VMB_N=200 $P time a.start_simple sctl start b.target
	echo "VMB a.running $(($($P nproc busybox) - idle))"
	$P mem mem200 | grep -E 'mem200\.(pid1|mgmt|sysmaster)'
	VMB_N=200 $P time a.stop_simple sctl stop b.target 'b@*.service'
	echo "VMB a.left $(($($P nproc busybox) - idle))"
	VMB_N=200 $P time a.start_oneshot sctl start o.target
	VMB_N=200 $P time a.stop_oneshot sctl stop o.target 'o@*.service'
	$P time a.daemon_reload sctl daemon-reload
fi
if want b; then
	$P rep b.show 200 sctl show -p ActiveState cron.service
	$P rep b.spawn_floor 200 /bin/busybox true
fi
$P mem memend | grep -E 'memend\.(pid1|mgmt|sysmaster)'
$P cpu end
