# common.sh - what every script of integration/ shares (sourced, not run)
#
# Sets:  TOP    the repository       CACHE  what is built once per machine (SYSMASTER_CACHE)
#        OUT    what is built from this tree (inside .build)
# Gives: die note have free_port wait_for stamp on_exit retry_kill

set -eu
TOP=$(cd "$(dirname "$0")" && git rev-parse --show-toplevel 2>/dev/null) || TOP=$(cd "$(dirname "$0")/.." && pwd)
INT=$TOP/integration
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
trap 'exit 143' TERM HUP

# wait_for SECONDS COMMAND... - retry until it succeeds; 1 when the time is over
wait_for() {
	local end
	end=$(($(date +%s) + $1)); shift
	until "$@"; do
		[ "$(date +%s)" -lt $end ] || return 1
		sleep 0.1
	done
}

# free_port - a TCP port of 127.0.0.1 that nobody listens on at this moment
free_port() {
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# run_in_background LOG COMMAND... - sets BG to its process id
run_in_background() {
	local log=$1; shift
	"$@" >>"$log" 2>&1 </dev/null &
	BG=$!
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
