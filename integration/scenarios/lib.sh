# lib.sh - what a scenario's script has at hand; runs in the machine, as root, with CTL (systemctl or sctl) and NAME set
#
#   $D                    the scenario's folder for traces of what happened, /run/scen/NAME
#   say WORD...           one line of the answer
#   run COMMAND...        runs it in silence and says its exit status; "ctl" stands for $CTL there and in what is said
#   q COMMAND...          runs it in silence, whatever its status ("ctl" as above)
#   prop UNIT PROPERTY    its value
#   props UNIT PROPERTY...  says "UNIT PROPERTY=VALUE", a line each
#   st UNIT...            says "UNIT active-state sub-state result", a line each (result only where the type has one)
#   wait_state UNIT STATE... [within SECONDS]   until the active state or the sub-state is one of these; says so when it never is
#   settled UNIT...       until none of them is on the way (activating, deactivating, reloading, or waiting to be restarted)
#   wait_file FILE [SECONDS]   until it is there and not empty
#   wait_lines FILE N     until it has so many lines
#   until_true SECONDS COMMAND...
#   trace [FILE]          says the lines of $D/FILE (log), indented; "(nothing)" when there is none
#   unit NAME <<EOF       writes /etc/systemd/system/NAME (for `gen` and for scripts that reload by themselves)
#   tidy UNIT...          stops and forgets them, in silence
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C SYSTEMD_PAGER= SYSTEMD_COLORS=0
D=/run/scen/$NAME
A=/usr/lib/scenario/act
U=/etc/systemd/system
LIMIT=${LIMIT:-20}

say() { printf '%s\n' "$*"; }
_real() { if [ "$1" = ctl ]; then shift; set -- "$CTL" "$@"; fi; "$@" >"$D/.out" 2>"$D/.err" </dev/null; }
run() { _rc=0; _real "$@" || _rc=$?; say "$* = $_rc"; }
q() { _real "$@" || :; }
prop() { $CTL show -p "$2" -- "$1" 2>/dev/null | sed -n "s/^$2=//p"; }
props() { _u=$1; shift; for _p in "$@"; do say "$_u $_p=$(prop "$_u" "$_p")"; done; }
st() {
	for _u in "$@"; do
		$CTL show -p ActiveState -p SubState -p Result -- "$_u" 2>/dev/null | awk -F= -v u="$_u" '
			{ v[$1] = $2 } END { print u, v["ActiveState"], v["SubState"] (v["Result"] != "" ? " " v["Result"] : "") }'
	done
}
until_true() {
	_end=$(($(date +%s) + $1)); shift
	until "$@"; do [ "$(date +%s)" -lt $_end ] || return 1; sleep 0.05; done
}
_is_in() { # UNIT STATE...
	_is=$($CTL show -p ActiveState -p SubState -- "$1" 2>/dev/null); shift
	for _s in "$@"; do case "
$_is
" in *"=$_s
"*) return 0 ;; esac; done
	return 1
}
wait_state() {
	_u=$1 _want=; shift
	while [ $# -gt 0 ] && [ "$1" != within ]; do _want="$_want $1"; shift; done
	until_true "${2:-$LIMIT}" _is_in "$_u" $_want || say "# $_u never became$_want, but: $(st "$_u")"
}
settled() {
	for _u in "$@"; do
		until_true "$LIMIT" _quiet "$_u" || say "# $_u does not settle: $(st "$_u")"
	done
}
_quiet() {
	_is_in "$1" activating deactivating reloading && return 1
	case $(prop "$1" Job) in '' | 0) return 0 ;; esac
	return 1
}
wait_file() { until_true "${2:-$LIMIT}" test -s "$1" || say "# $1 never came"; }
_has_lines() { [ "$(cat "$1" 2>/dev/null | wc -l)" -ge "$2" ]; }
wait_lines() { until_true "$LIMIT" _has_lines "$1" "$2" || say "# $1 has $(cat "$1" 2>/dev/null | wc -l) lines, not $2"; }
trace() {
	if [ -s "$D/${1:-log}" ]; then sed 's/^/  /' "$D/${1:-log}"; else say "  (nothing)"; fi
}
unit() { mkdir -p "$(dirname "$U/$1")"; cat >"$U/$1"; }
tidy() { q ctl stop "$@"; q ctl reset-failed "$@"; }
