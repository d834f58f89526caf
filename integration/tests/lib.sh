# lib.sh - what the host side of every test shares (sourced after nothing; sources the rest)
# KIND follows the test's name: ns-* runs in a container, vm-* in QEMU.
. "$(dirname "$(readlink -f "$0")")/${TESTS_UP:-.}/../lib/common.sh"
. "$INT/tests/tap.sh"
. "$INT/lib/machine.sh"
NAME=${0##*/}
case $NAME in vm-*) KIND=vm ;; *) KIND=container ;; esac

# boot VARIANT [KERNEL-ARGUMENT...] - build that root, boot it, wait for default.target; ends the test when it does not come up
boot() {
	local variant=$1; shift
	need_root
	if [ $KIND = vm ]; then "$INT/mkroot" "$variant"; else MKROOT_IMAGE=0 "$INT/mkroot" "$variant"; fi
	CTL=sctl
	[ "${variant%%-*}" = sysmaster ] || CTL=systemctl
	machine_start $KIND "$variant" "$@"
	if ! machine_wait_ssh "${BOOT_TIMEOUT:-180}"; then
		notok "$KIND boots to a login by ssh" "$(tail -n 25 "$CONSOLE_LOG"; cat "$DIR/qemu.log" "$DIR/enter.log" "$DIR/forward.log" 2>/dev/null)"
		exit 1
	fi
	ok "$KIND boots to a login by ssh"
	if ! wait_for 90 target_reached; then
		notok "default.target is reached" "$(guest $CTL list-jobs </dev/null 2>&1; tail -n 25 "$CONSOLE_LOG")"
		exit 1
	fi
	ok "default.target is reached"
}
target_reached() { [ "$(guest $CTL is-active default.target </dev/null 2>/dev/null)" = active ]; }

# in_guest SCRIPT [ARG...] - run integration/tests/guest/SCRIPT in the machine; its checks become ours
in_guest() {
	local script=$1; shift
	cat "$INT/tests/tap.sh" "$INT/tests/guest/lib.sh" "$INT/tests/guest/$script" | guest "CTL=$CTL KIND=$KIND sh -s $*" ||
		notok "$script runs to its end" "status $?"
}

# console STEP... - talk to the machine's console, see expect.py
console() { python3 "$INT/tests/expect.py" "$DIR/console.sock" "$@"; }

# console_login - as root by password, a command, out again; a getty that has long printed its prompt prints another
console_login() {
	console send: 'expect:30:login: ' send:root 'expect:20:[Pp]assword: ' send:root 'expect:30:# ' \
		'send:echo tty=$(tty) sum=$((40 + 2))' 'expect:10:tty=/dev/\S+ sum=42' send:exit 'expect:30:login: '
}

# no_panic - nothing on the console says that the kernel or PID 1 gave up
no_panic() {
	if grep -aE 'Kernel panic|Attempted to kill init|AddressSanitizer|runtime error:|BUG:|Oops' "$CONSOLE_LOG" >"$DIR/panic" 2>/dev/null; then
		notok "the console shows no panic and no sanitizer report" "$(head -5 "$DIR/panic")"
	else
		ok "the console shows no panic and no sanitizer report"
	fi
}

# power_off [VERB] - by the CLI; checks time (guest's clock in a VM) and file system. VERB: poweroff (default) or reboot
power_off() {
	local t0 t1 host0 verb=${1:-poweroff}
	t0=$(guest cut -d"' '" -f1 /proc/uptime </dev/null)
	host0=$(date +%s%N)
	guest $CTL $verb </dev/null >/dev/null 2>&1 || :
	if ! machine_wait_end 60; then
		notok "the $KIND ends after $verb" "still running after 60 s: $(tail -n 15 "$CONSOLE_LOG")"
		machine_kill
		return 0
	fi
	if [ $KIND = vm ]; then
		# a quiet console lacks that line: then the host's clock, which is never kinder
		t1=$(sed -n 's/^\[ *\([0-9.]*\)\] reboot: \(Power down\|Restarting system\).*/\1/p' "$CONSOLE_LOG" | tail -1)
		check_le "$verb takes under 15 s of guest time" 15 "$(awk -v t1="${t1:-0}" -v t0="$t0" -v a="$(date +%s%N)" -v b="$host0" 'BEGIN { print (t1 > 0) ? t1 - t0 : (a - b) / 1e9 }')"
		check "the root file system is left clean" machine_fsck
	else
		check_le "$verb takes under 15 s" 15 "$(awk -v a="$(date +%s%N)" -v b="$host0" 'BEGIN { print (a - b) / 1e9 }')"
	fi
}

# answers KIND-OF-INIT SCRIPT - what guest/SCRIPT prints in that "-test" machine: OUT/SCRIPT/INIT. A machine of its own, in a subshell of its own
answers() {
	local dir=$OUT/$NAME
	mkdir -p "$dir"
	(
		boot "$1-test" >"$dir/$1.boot" || { cat "$dir/$1.boot"; exit 1; }
		cat "$INT/tests/guest/lib.sh" "$INT/tests/guest/$2" | guest "CTL=$CTL KIND=$KIND sh -s" >"$dir/$1.raw" 2>&1
		sed "s/\\b$CTL\\b/CTL/g" "$dir/$1.raw" >"$dir/$1"
		guest $CTL poweroff </dev/null >/dev/null 2>&1 || :
		machine_wait_end 20 || :
		eval "$EXIT_CMDS"
	)
}

# same_answers SCRIPT LEAST [KNOWN] - the script's lines under systemd and under ours, one check each; fewer than LEAST are a failure
# KNOWN: a file of "REGEX<tab>REASON" lines; what matches is not compared, the reason is told
same_answers() {
	local dir=$OUT/$NAME lines i
	answers systemd "$1" || { notok "systemd answers" "$(tail -5 "$dir/systemd.raw")"; exit 1; }
	answers sysmaster "$1" || { notok "ours answers" "$(cat "$dir/sysmaster.boot"; tail -5 "$dir/sysmaster.raw")"; exit 1; }
	lines=$(wc -l <"$dir/systemd")
	[ "$lines" -gt "$2" ] || notok "systemd answers all" "only $lines lines: $(tail -3 "$dir/systemd")"
	if [ -n "${3:-}" ]; then
		cut -f1 "$3" | grep -v '^#' >"$dir/known"
		sed -n 's/^[^#]*\t/skip - differs on purpose: /p' "$3"
		for i in systemd sysmaster; do grep -vEf "$dir/known" "$dir/$i" >"$dir/$i.cut" || :; mv "$dir/$i.cut" "$dir/$i"; done
	fi
	diff -U 100000 "$dir/systemd" "$dir/sysmaster" >"$dir/diff" || :
	# one check per line of the reference; a section is told with its lines
	sed 1,3d "$dir/diff" | awk '
		/^ #/ { section = substr($0, 4) ": "; next }
		/^ / { print "ok - same as systemd: " section substr($0, 2); next }
		/^-/ { print "not ok - same as systemd: " section substr($0, 2); missing++; next }
		/^\+/ { if (missing-- > 0) print "# ours: " substr($0, 2); else { missing = 0; print "not ok - ours alone: " section substr($0, 2) } }'
	[ -s "$dir/diff" ] || sed -n 's/^[^#]/ok - same as systemd: &/p' "$dir/systemd"
}
