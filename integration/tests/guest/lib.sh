# lib.sh - helpers of the guest side; runs in the guest's sh behind tap.sh, with CTL and KIND set
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C SYSTEMD_PAGER=
T=/usr/lib/sysmaster-test
prop() { $CTL show -p "$2" "$1" | sed "s/^$2=//"; }	# UNIT PROPERTY
core_pid() { $T/tool core-pid; }
init_status() { sctl ipc init status | sed -n "s/^$1: *//p"; }	# FIELD
now_ms() { $T/tool now; }
# until_true SECONDS COMMAND... - 1 when the time is over
until_true() {
	_end=$(($(now_ms) + $1 * 1000)); shift
	until "$@"; do [ "$(now_ms)" -lt $_end ] || return 1; sleep 0.05; done
}
