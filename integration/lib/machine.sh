# machine.sh - one test machine: a QEMU VM or a container, on the root that mkroot built (sourced after common.sh)
#
#   machine_start vm|container VARIANT [KERNEL-ARGUMENT...]
#	boots it and returns at once. Sets DIR (its folder, removed at exit unless KEEP_DIR is set), CONSOLE_LOG,
#	SSH_PORT, HTTP_PORT (of 127.0.0.1), INIT (its PID 1's program), KIND. One machine per script.
#   guest COMMAND...		runs it in the machine by ssh; its status. stdin is passed on
#   machine_wait_ssh SECONDS	until a login works; 1: not within that time, or the machine has ended
#   machine_alive		0 while it runs
#   machine_wait_end SECONDS	until it has powered itself off; 1: still running
#   machine_kill		ends it the hard way; harmless when it has ended
#   machine_fsck		0: the root file system was left clean (VM only; call it after the end)
#   machine_attach		connects the terminal to the console; Ctrl-] leaves

KIND='' DIR='' MACHINE_PID=''
: "${VM_MEM:=768}" "${VM_CPUS:=2}" "${VM_QEMU_ARGS:=}" "${VM_ACCEL:=tcg,thread=multi,tb-size=256}"

# tied COMMAND... - it dies with this script, however that ends; for use in the background
tied() { exec setpriv --pdeathsig KILL "$@"; }

init_of() { # VARIANT - the program that becomes PID 1
	case ${1%%-*} in
	sysmaster) echo "${SYSMASTER_INIT:-/usr/lib/sysmaster/sysmaster-init}" ;;
	systemd) echo /lib/systemd/systemd ;;
	esac
}

machine_start() {
	KIND=$1
	local variant=$2; shift 2
	DIR=$(mktemp -d "${TMPDIR:-/tmp}/sysmaster.XXXXXX")
	on_exit machine_cleanup
	CONSOLE_LOG=$DIR/console.log
	: >"$CONSOLE_LOG"
	INIT=$(init_of "$variant")
	read -r SSH_PORT HTTP_PORT <<-PORTS
		$(free_ports 2)
	PORTS
	. "$INT/lib/$KIND.sh"
	"${KIND}_start" "$variant" "$@"
}

guest() {
	ssh -q -F none -i "$CACHE/id_ed25519" -p "$SSH_PORT" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
		-o BatchMode=yes -o ConnectTimeout=3 -o ServerAliveInterval=10 \
		-o ControlMaster=auto -o ControlPath="$DIR/ssh" -o ControlPersist=600 root@127.0.0.1 "$@"
}

machine_alive() { ! pid_gone "$MACHINE_PID"; }

machine_wait_ssh() {
	local end
	end=$(($(date +%s) + $1))
	until guest true </dev/null 2>/dev/null; do
		machine_alive && [ "$(date +%s)" -lt $end ] || return 1
		sleep 0.2
	done
}

machine_wait_end() { wait_for "$1" pid_gone "$MACHINE_PID"; }

machine_kill() {
	[ -n "$MACHINE_PID" ] || return 0
	"${KIND}_kill"
}

machine_fsck() {
	[ "$KIND" = vm ] || return 0
	if dumpe2fs -h "$DIR/root.ext4" 2>/dev/null | grep -q 'needs_recovery'; then
		note "root file system was not unmounted: its journal needs recovery"
		return 1
	fi
	e2fsck -fn "$DIR/root.ext4" >"$DIR/fsck.log" 2>&1 || { cat "$DIR/fsck.log" >&2; return 1; }
}

machine_attach() {
	echo "[console of the $KIND; log in as root, password root; Ctrl-] leaves]"
	socat STDIO,raw,echo=0,escape=0x1d UNIX-CONNECT:"$DIR/console.sock" || :
}

machine_cleanup() {
	ssh -q -F none -o ControlPath="$DIR/ssh" -O exit root@127.0.0.1 >/dev/null 2>&1 || :
	machine_kill
	if [ -n "${KEEP_DIR:-}" ]; then note "kept $DIR"; else rm -rf "$DIR"; fi
}
