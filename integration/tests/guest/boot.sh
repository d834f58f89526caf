# boot.sh - what is true of a machine that has just reached default.target

# suite processes: PID COMM of what runs from /usr/lib/sysmaster
suite() {
	for p in /proc/[0-9]*; do
		case $(readlink "$p/exe" 2>/dev/null) in /usr/lib/sysmaster/*) echo "${p#/proc/} $(cat "$p/comm")" ;; esac
	done
}
field() { sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"; }

check_eq "no failed unit" "" "$($CTL list-units --failed --plain --no-legend 2>&1)"
check_eq "no job is left" "" "$($CTL list-jobs --plain --no-legend 2>&1 | grep -v '^No jobs')"
for s in ssh nginx cron rsyslog dbus; do
	check_eq "$s.service is active" active "$($CTL is-active $s.service)"
	pid=$(prop $s.service MainPID)
	check_eq "$s.service runs in its own cgroup" "0::/system.slice/$s.service" "$(grep ^0:: "/proc/$pid/cgroup")"
	check_eq "$s.service is a child of PID 1" 1 "$(field "$pid" PPid)"
done
check_eq "the five daemons' unit files are Debian's own" "" "$(dpkg --verify openssh-server nginx-common cron rsyslog dbus 2>&1 | grep '/systemd/system/')"
check_eq "the host name is set" sysmaster "$(uname -n)"
check "the loopback interface is up" sh -c 'ip -br addr show lo | grep -q 127.0.0.1'
check_eq "eth0 has its address" 10.0.2.15/24 "$(ip -br addr show eth0 | awk '{ print $3 }')"
check "the root is writable" sh -c 'touch /var/tmp/x && rm /var/tmp/x'
for m in /proc /sys /dev /dev/pts /dev/shm /run /sys/fs/cgroup; do
	check_eq "$m is mounted once" 1 "$(awk -v m=$m '$5 == m' /proc/self/mountinfo | wc -l)"
done
check_eq "/sys/fs/cgroup is v2" cgroup2 "$(awk '$5 == "/sys/fs/cgroup" { for (i = 6; i < NF; i++) if ($i == "-") print $(i + 1) }' /proc/self/mountinfo)"
if [ "$KIND" = vm ]; then
	check_eq "/tmp is the tmpfs of fstab" tmpfs "$(awk '$5 == "/tmp" { for (i = 6; i < NF; i++) if ($i == "-") print $(i + 1) }' /proc/self/mountinfo)"
	check "a getty waits on the serial line" until_true 10 sh -c 'ps -t ttyS0 -o args= | grep -qE "getty|login"'
	check_eq "no module or driver failed to load" "" "$(dmesg --level=emerg,alert,crit 2>/dev/null)"
fi

[ "$CTL" = sctl ] || exit 0
check_eq "PID 1 is sysmaster-init" /usr/lib/sysmaster/sysmaster-init "$(readlink /proc/1/exe)"
check_eq "PID 1 has one thread" 1 "$(ls /proc/1/task | wc -l)"
check_eq "PID 1 maps neither libnng nor msgpack nor lmdb" "" "$(grep -E 'libnng|msgpack|lmdb' /proc/1/maps)"
check "core runs" core_pid
suite | while read -r pid comm; do
	case $comm in
	sysmaster-init | sysmaster-exec) ;;
	*) check_eq "$comm is under seccomp" 2 "$(field "$pid" Seccomp)"
	   check_eq "each thread of $comm is under seccomp" "" "$(grep -L '^Seccomp:[[:space:]]*2' /proc/"$pid"/task/*/status)" ;;
	esac
done
filters=$(field 1 Seccomp_filters)
check_eq "a service has the system-wide filters of PID 1 and no more" "$filters" "$(field "$(prop nginx.service MainPID)" Seccomp_filters)"
check "core has a filter of its own" test "$(field "$(core_pid)" Seccomp_filters)" -gt "$filters"
check "sctl status answers" sctl status
check "sctl status UNIT answers" sctl status ssh.service
check "sctl list-units lists nginx" sh -c 'sctl list-units | grep -q nginx.service'
check "sctl ipc core status answers" sctl ipc core status
check "sctl ipc init status answers" sctl ipc init status
check "the status of core in JSON is JSON" sh -c 'sctl --json ipc core status | grep -q "^{.*}$"'

# a peer without rights: may read, may change nothing
as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
check "anybody may ask for a unit's state" as_nobody sctl is-active ssh.service
as_nobody sctl stop cron.service >/dev/null 2>&1 && notok "nobody may not stop a unit" || ok "nobody may not stop a unit"
as_nobody sctl ipc init reexec >/dev/null 2>&1 && notok "nobody may not re-execute PID 1" || ok "nobody may not re-execute PID 1"
check_eq "cron still runs" active "$(sctl is-active cron.service)"
