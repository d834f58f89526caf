# many.sh - a thousand services by one job, five thousand units loaded: everything is done, and what it cost
# Lines "BENCH name|value" are figures; the checks are the same under systemctl (CTL).
U=/run/systemd/system
SERVICES=${SERVICES:-1000} UNITS=${UNITS:-5000}
mkdir -p $U
printf '[Unit]\nDescription=sleeper %%i\n[Service]\nExecStart=/bin/busybox sleep 100000\n' >$U/many@.service
{ echo '[Unit]'; seq -f 'Wants=many@%.0f.service' "$SERVICES"; } >$U/many.target
sleepers() { pgrep -cx busybox || :; }
manager() { [ "$CTL" = systemctl ] && echo 1 || core_pid; }
dirty_kb() { awk '/^Private_Dirty:/ { print $2 }' "/proc/$(manager)/smaps_rollup"; }
timed() { # NAME COMMAND... - says how long; its status
	_name=$1; shift
	_t=$(now_ms); "$@"; _rc=$?
	echo "BENCH $_name, ms|$(($(now_ms) - _t))" >&3
	return $_rc
}

all_run() { [ $(($(sleepers) - before)) = "$SERVICES" ]; }
exec 3>&1

$CTL daemon-reload
before=$(sleepers)
check "one job starts $SERVICES services" timed "start of $SERVICES services by one job" $CTL start many.target
check "each of them runs" until_true 60 all_run
check_eq "each is active" "$SERVICES" "$($CTL list-units --no-legend --plain --state=running 'many@*.service' | wc -l)"
check "one job stops them" timed "stop of $SERVICES services by one job" $CTL stop many.target 'many@*.service'
check_eq "none runs on" "$before" "$(sleepers)"
check_eq "no job is left" 0 "$($CTL list-jobs --no-legend | grep -c many)"

# a chain: each unit wants the next and runs after it; some have drop-ins and aliases
i=1
while [ $i -le "$UNITS" ]; do
	printf '[Unit]\nDescription=link %s\nWants=link-%s.service\nAfter=link-%s.service\n[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n' \
		$i $((i + 1)) $((i + 1)) >"$U/link-$i.service"
	i=$((i + 1))
done
printf '[Unit]\nDescription=the last link\n' >"$U/link-$i.service"
echo '[Service]' >>"$U/link-$i.service"; echo 'ExecStart=/bin/true' >>"$U/link-$i.service"
$CTL daemon-reload
kb=$(dirty_kb)
check "a unit with $UNITS others behind it is loaded" timed "load of $UNITS units" $CTL show -p Description link-1.service
printf '[Unit]\nWants=link-1.service\n' >$U/hold.target
$CTL daemon-reload
$CTL start hold.target --job-mode=ignore-dependencies
echo "BENCH one more loaded unit, bytes of private memory|$((($(dirty_kb) - kb) * 1024 / UNITS))"
check "a reload of $UNITS units" timed "daemon-reload with $UNITS units" $CTL daemon-reload
check_eq "all of them are there" $((UNITS + 1)) "$($CTL list-units --all --no-legend --plain 'link-*.service' | wc -l)"
$CTL stop hold.target
rm -f $U/link-*.service $U/hold.target $U/many.target $U/many@.service
$CTL daemon-reload
