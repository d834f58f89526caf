# tap.sh - how every check reports, here and in the guest: a line "ok - NAME" or "not ok - NAME", details after "# "
# (sourced, or sent to a guest in front of a script)

ok() { echo "ok - $*"; }
skip() { echo "skip - $*"; }

notok() { # NAME [DETAIL]
	echo "not ok - $1"
	[ -z "${2:-}" ] || printf '%s\n' "$2" | tail -n 25 | sed 's/^/# /'
}

# check NAME COMMAND... - passes when the command succeeds; its output is shown when it does not
check() {
	local name=$1 out rc=0; shift
	out=$("$@" 2>&1 </dev/null) || rc=$?
	if [ $rc = 0 ]; then ok "$name"; else notok "$name" "$* = $rc
$out"; fi
}

# check_eq NAME WANTED GOT
check_eq() {
	if [ "$2" = "$3" ]; then ok "$1"; else notok "$1" "wanted: $2
got: $3"; fi
}

# check_le NAME LIMIT GOT - numbers; the figure is part of the report
check_le() {
	if [ -n "$3" ] && awk -v a="$3" -v b="$2" 'BEGIN { exit !(a + 0 <= b + 0) }'; then ok "$1 ($3, limit $2)"; else notok "$1" "limit $2, got ${3:-nothing}"; fi
}
