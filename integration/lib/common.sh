# common.sh - what every script of integration/ shares (sourced, not run)
#
# Sets:  TOP    the repository       CACHE  what is built once per machine (SYSMASTER_CACHE)
#        OUT    what is built from this tree (inside .build)
# Gives: die note have free_port wait_for stamp on_exit retry_kill

set -eu
INT=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
while [ ! -e "$INT/mkroot" ]; do INT=${INT%/*}; done
TOP=${INT%/*}
CACHE=${SYSMASTER_CACHE:-/var/tmp/sysmaster}
OUT=$TOP/.build/integration
SUITE=bookworm
ME=${0##*/}
export LC_ALL=C
PATH=$PATH:/usr/sbin:/sbin

die() { echo "$ME: $*" >&2; exit 1; }
note() { echo "$ME: $*" >&2; }
have() { command -v "$1" >/dev/null 2>&1; }
need_root() { [ "$(id -u)" = 0 ] || die "needs root (namespaces, debootstrap, file ownership)"; }

# on_exit COMMAND - run it when the script ends, last registered first
EXIT_CMDS=:
on_exit() { EXIT_CMDS="$1; $EXIT_CMDS"; }
trap 'eval "$EXIT_CMDS"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP PIPE

# wait_for SECONDS COMMAND... - retry until it succeeds; 1 when the time is over
wait_for() {
	local end
	end=$(($(date +%s) + $1)); shift
	until "$@"; do
		[ "$(date +%s)" -lt $end ] || return 1
		sleep 0.1
	done
}

# free_ports N - ports of 127.0.0.1 that nobody uses, below the range from which the kernel picks ports of its own
free_ports() {
	python3 -c '
import random, socket, sys
held = []
while len(held) < int(sys.argv[1]):
    s = socket.socket()
    try:
        s.bind(("127.0.0.1", random.randrange(12000, 32000)))
        held.append(s)
    except OSError:
        s.close()
print(*(s.getsockname()[1] for s in held))' "$1"
}

# stop_pid PID [SECONDS] - TERM, then KILL; only for processes we started
stop_pid() {
	kill -0 "$1" 2>/dev/null || return 0
	kill "$1" 2>/dev/null || :
	wait_for "${2:-5}" pid_gone "$1" || kill -9 "$1" 2>/dev/null || :
}
pid_gone() { ! kill -0 "$1" 2>/dev/null || [ "$(cut -d' ' -f3 "/proc/$1/stat" 2>/dev/null)" = Z ]; }

# lock NAME - one builder at a time per machine and NAME; released when the script ends
lock() {
	mkdir -p "$CACHE"
	exec 9>"$CACHE/$1.lock"
	flock -n 9 || { note "waiting for another build of $1"; flock 9; }
}
