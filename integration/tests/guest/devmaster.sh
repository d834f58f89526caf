# devmaster.sh - the boot ran on devmaster: its database, nodes, links and names beside those of systemd-udevd; the originals' clients; a storm
D=/run/test; mkdir -p $D
udevadm() { /usr/bin/udevadm "$@"; }	# systemd's own
status() { sctl ipc devmaster status | sed -n "s/^$1: *//p"; }
settled() { sctl ipc devmaster wait seqnum=0 | grep -q '^done: yes'; }
settle() { until_true 60 settled; }

check "devmaster runs and is ready" sh -c '[ "$(sctl is-active devmaster.service)" = active ]'
check_eq "systemd-udevd does not run" "" "$(pidof systemd-udevd)"
check_eq "its name is ours" devmaster.service "$(prop systemd-udevd.service Id)"
check "the queue of the boot is settled" settle
check_eq "no event failed" 0 "$(status failed)"
[ "$(status failed)" = 0 ] || dmesg | grep -a DEVICE_ | tail -20 | sed 's/^/# /'
check_eq "no message was lost" 0 "$(status overruns)"
check "no unit waits for a device in vain" sh -c '[ -z "$(sctl list-jobs --no-legend 2>/dev/null | grep -v "^No jobs")" ]'
check_eq "no unit failed" "" "$(sctl --failed --no-legend --plain 2>/dev/null | awk '{ print $1 }' | grep -E 'udev|devmaster')"

# sets FILE - links and tags of a database in one order: systemd-udevd has that of a hash with a random key
sets() {
	awk 'function sorted(s, sep,   n, w, i, j, t, out) {
			n = split(s, w, sep)
			for (i = 2; i <= n; i++) for (j = i; j > 1 && w[j] < w[j - 1]; j--) { t = w[j]; w[j] = w[j - 1]; w[j - 1] = t }
			for (i = 1; i <= n; i++) out = out sep w[i]
			return out
		}
		/^S: / { links = links "\n" $0; next }
		links != "" { print sorted(substr(links, 2), "\n"); links = "" }
		/^E: DEVLINKS=/ { print "E: DEVLINKS=" sorted(substr($0, 13), " "); next }
		/^E: (CURRENT_)?TAGS=/ { i = index($0, "="); print substr($0, 1, i) sorted(substr($0, i + 1), ":"); next }
		{ print }
		END { if (links != "") print sorted(substr(links, 2), "\n") }' "$1"
}
# database OUT - what is known and made of devices, one line each, without times
database() {
	udevadm info --export-db | sed -E '/^[IE]: ?(USEC_INITIALIZED=)?[0-9]+$/d; /^I:/d; /USEC_INITIALIZED/d' >$1.raw
	sets $1.raw >$1.db
	find /dev -type l ! -path '/dev/fd' ! -path '/dev/std*' ! -path /dev/core ! -path /dev/log ! -path /dev/initctl -printf '%p -> %l\n' | sort >$1.links
	find /dev \( -type b -o -type c \) ! -path '/dev/pts/*' -printf '%p %m %u %g\n' | sort >$1.modes
	ls /sys/class/net | sort >$1.names
	(cd /run/udev && find tags static_node-tags watch ! -type d 2>/dev/null | sed 's,^watch/[0-9]*$,watch/N,' | sort) >$1.tags
}
# pristine - no manager was ever here: no record, no link; nodes as the kernel makes them
pristine() {
	local u mode name
	rm -rf /run/udev/data /run/udev/tags /run/udev/links /run/udev/watch /run/udev/static_node-tags /run/udev/queue
	rm -rf /dev/disk /dev/block /dev/char /dev/input/by-* /dev/cdrom /dev/dvd /dev/rtc /dev/snd/by-* /dev/mapper/by-* /dev/serial /dev/virtio-ports
	grep -l '^DEVNAME=' -r /sys/devices --include=uevent -s >$D/nodes
	while read -r u; do
		name=$(sed -n 's/^DEVNAME=//p' "$u"); mode=$(sed -n 's/^DEVMODE=//p' "$u")
		case $name in pts/*) continue ;; esac
		chmod "${mode:-0600}" "/dev/$name" 2>/dev/null && chown 0:0 "/dev/$name"
	done <$D/nodes
}
coldplug() { udevadm trigger --type=all --action=add --prioritized-subsystem=module,block,tpmrm,net,tty,input; udevadm settle --timeout=60; }

database $D/boot
check "the boot made records" sh -c '[ "$(ls /run/udev/data | wc -l)" -gt 60 ]'

# once more from nothing, and then the original the same way
sctl stop devmaster.service devmaster.socket 2>/dev/null
pristine
sctl start devmaster.socket devmaster.service
t0=$(now_ms); coldplug; t1=$(now_ms)
echo "figure - coldplug by devmaster: $((t1 - t0)) ms, $(status done) events"
database $D/ours
sctl stop devmaster.service devmaster.socket 2>/dev/null
pristine
/lib/systemd/systemd-udevd --daemon
t0=$(now_ms); coldplug; t1=$(now_ms)
echo "figure - coldplug by systemd-udevd: $((t1 - t0)) ms"
database $D/theirs
udevadm control --exit; until_true 10 sh -c '! pidof systemd-udevd >/dev/null'

differ() { # WHAT NAME
	diff -U 0 $D/theirs.$1 $D/ours.$1 | sed 1,2d | grep -v '^@@' >$D/diff.$1 || :
	if [ -s $D/diff.$1 ]; then notok "$2 as systemd-udevd's" "$(cat $D/diff.$1)"; else ok "$2 as systemd-udevd's ($(wc -l <$D/theirs.$1) lines)"; fi
}
differ db "udevadm info --export-db"
differ links "links in /dev"
differ modes "nodes' modes and owners"
differ names "names of interfaces"
differ tags "tags, static nodes, watches"

sctl start devmaster.socket devmaster.service
coldplug

# what is told of a disk that somebody writes to, and one that somebody locks
devs=$(ls /sys/class/block | grep -E '^(nvme0n1|sd[ab])$')
set -- $devs
if [ -n "${1:-}" ]; then
	before=$(status done)
	: >>/dev/$1
	check "a watched disk that was written makes events" until_true 10 sh -c "[ \$(sctl ipc devmaster status | sed -n 's/^done: *//p') -gt $before ]"
	settle
	# while somebody has the whole disk, its events wait
	flock -x /dev/$1 sleep 3 & locker=$!
	until_true 5 sh -c "! flock -n -s /dev/$1 true"
	udevadm trigger --action=change /sys/class/block/$1
	sleep 0.5
	check_eq "an event of a locked disk waits" no "$(sctl ipc devmaster wait seqnum=0 | sed -n 's/^done: *//p')"
	wait $locker
	check "and is done when the lock is gone" settle
fi

# 2,000 events, the daemon killed in their middle: in the end the database is that of an undisturbed run
set -- $(find /sys/devices -name uevent -path '*virtual*' | head -100)
storm() {
	local i=0 u
	while [ $i -lt 20 ]; do
		for u; do echo change >"$u"; done
		i=$((i + 1))
		[ -z "${KILL:-}" ] || [ $i != 7 ] && [ $i != 13 ] || kill -9 "$(prop devmaster.service MainPID)"
	done
}
b0=$(status busy_usec); t0=$(now_ms); storm "$@"; udevadm settle --timeout=60; t1=$(now_ms)
echo "figure - $((20 * $#)) events written and settled: $((t1 - t0)) ms"
database $D/calm
pid=$(prop devmaster.service MainPID)
KILL=1 storm "$@"
check "the storm with kill -9 in its middle is settled" settle
check "the daemon was started again" sh -c "[ \$(sctl show -p MainPID devmaster.service | cut -d= -f2) != $pid ]"
database $D/storm
for w in db links modes tags; do check "after it: $w as before" diff -U 3 $D/calm.$w $D/storm.$w; done
check_eq "no event failed" 0 "$(status failed)"
check_eq "no message was lost" 0 "$(status overruns)"
