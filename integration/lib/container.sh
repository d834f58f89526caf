# container.sh - the namespace side of machine.sh: overlay on the root's layers, own cgroup, ports forwarded by socat

cgroup2_self() { # the directory of the caller's own v2 cgroup, wherever this machine has it mounted
	local mnt own
	mnt=$(awk '{ for (i = 7; i < NF; i++) if ($i == "-") { if ($(i + 1) == "cgroup2") { print $5; exit } } }' /proc/self/mountinfo)
	own=$(sed -n 's/^0:://p' /proc/self/cgroup)
	[ -n "$mnt" ] && [ -n "$own" ] || die "no cgroup v2 hierarchy is mounted here"
	echo "$mnt$own"
}

forward() { # PORT GUEST-PORT - each connection is carried into the container's network namespace
	tied socat "TCP-LISTEN:$1,bind=127.0.0.1,fork,reuseaddr" \
		EXEC:"nsenter --net=/proc/$CT_INIT/ns/net socat STDIO TCP\:127.0.0.1\:$2" >>"$DIR/forward.log" 2>&1 </dev/null &
	CT_HELPERS="$CT_HELPERS $!"
}

container_start() { # VARIANT [ARGUMENT-OF-INIT...]
	local variant=$1 lower tty old; shift
	lower=$(cat "$OUT/$variant.lower")
	CT_HELPERS=
	CT_CGROUP=$(cgroup2_self)/sysmaster-$$
	for old in "${CT_CGROUP%-*}"-*; do	# of runs that were killed
		[ ! -d "$old" ] || kill -0 "${old##*-}" 2>/dev/null || cgroup_remove "$old" || :
	done
	mkdir "$CT_CGROUP"
	mkdir "$DIR/upper" "$DIR/work" "$DIR/root"
	# what differs from the VM: no disk to mount, the console is a pty and not a serial line
	mkdir -p "$DIR/upper/etc/systemd/system/getty.target.wants"
	echo "# the container's root is mounted by whoever started it" >"$DIR/upper/etc/fstab"
	mknod "$DIR/upper/etc/systemd/system/getty.target.wants/serial-getty@ttyS0.service" c 0 0
	ln -s /lib/systemd/system/console-getty.service "$DIR/upper/etc/systemd/system/getty.target.wants/"

	tied python3 "$INT/container/console.py" "$DIR" >>"$DIR/console-host.log" 2>&1 </dev/null &
	CT_HELPERS="$CT_HELPERS $!"
	wait_for 5 test -e "$DIR/console.sock" || die "no console: $(cat "$DIR/console-host.log")"

	tty=$(cat "$DIR/tty")
	tied sh -c 'echo $$ >"$1/cgroup.procs"; shift; exec unshare --mount --pid --net --uts --ipc --cgroup --fork --kill-child=KILL "$@"' - \
		"$CT_CGROUP" "$INT/container/enter" "$DIR" "$lower" "$tty" "$INIT" "$@" >"$DIR/enter.log" 2>&1 </dev/null &
	MACHINE_PID=$!
	wait_for 5 container_has_init || { cat "$DIR/enter.log" >&2; die "the container did not start"; }
	forward "$SSH_PORT" 22
	forward "$HTTP_PORT" 80
}

container_has_init() {
	CT_INIT=$(cat "/proc/$MACHINE_PID/task/$MACHINE_PID/children" 2>/dev/null | tr -d ' ')
	[ -n "$CT_INIT" ] && [ "$(readlink "/proc/$CT_INIT/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}

container_kill() {
	local p
	stop_pid "$MACHINE_PID" 1	# takes its child, the container's PID 1, along; and that takes all the rest
	for p in $CT_HELPERS; do stop_pid "$p" 1; done
	wait_for 5 cgroup_remove "$CT_CGROUP" || note "cannot remove $CT_CGROUP"
}

cgroup_remove() { # DIRECTORY - it and what is below it; all of it without processes
	[ ! -d "$1" ] || find "$1" -depth -type d -exec rmdir {} + 2>/dev/null
}
