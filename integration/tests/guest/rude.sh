# rude.sh - a stock libnng client talks to both sockets; silent, noisy and flooding peers disturb nobody
rss() { sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\).*/\1/p' "/proc/$1/status"; }
LIMIT=100
for s in init:1 core:11; do
	sock=/run/sysmaster/${s%:*}.sock method=${s#*:}
	ask() { $T/nng-client "ipc://$sock" "$method" "$1" 2>&1; }
	pid=1; [ "${s%:*}" = init ] || pid=$(core_pid)
	check "a stock libnng client is answered on $sock" $T/nng-client "ipc://$sock" "$method" 20
	ask 10 >/dev/null	# warm
	before=$(rss $pid)
	echo "figure - $sock alone: $(ask 100)"
	for mode in silent garbage flood; do
		for user in 0 65534; do
			setpriv --reuid=$user --regid=$user --clear-groups $T/tool rude $mode $sock 2>/dev/null & peer=$!
			sleep 0.2
			try=1
			# an emulated machine stands still now and then; who is starved by the peer is so at each try
			while out=$(ask 100); [ $try -lt 3 ] && ! echo "$out" | awk -v l=$LIMIT '{ sub(/.*max_ms=/, ""); exit !($0 + 0 > 0 && $0 + 0 <= l) }'; do try=$((try + 1)); done
			echo "figure - $sock beside a $mode peer of uid $user: $out"
			check_le "$sock answers within $LIMIT ms beside a $mode peer of uid $user" $LIMIT "$(echo "$out" | sed -n 's/^ok=100 .*max_ms=//p')"
			kill $peer; wait $peer 2>/dev/null
		done
	done
	# many silent peers of a user: root must still get in
	peers=
	i=0; while [ $i -lt 200 ]; do setpriv --reuid=65534 --regid=65534 --clear-groups $T/tool rude silent $sock 2>/dev/null & peers="$peers $!"; i=$((i + 1)); done
	sleep 2
	check "$sock answers root beside 200 silent peers of a user" $T/nng-client "ipc://$sock" "$method" 10
	kill $peers 2>/dev/null; wait $peers 2>/dev/null
	check_eq "the process behind $sock is the same" "$pid" "$([ $pid = 1 ] && echo 1 || core_pid)"
	check_le "its memory has not grown by more than 8 MiB (kB)" 8192 $(($(rss $pid) - before))
done
check_eq "nothing failed" "" "$($CTL list-units --failed --plain --no-legend)"
