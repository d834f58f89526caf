# automount.sh - the kernel's automounter and our units: served, idle, stopped, failing, and with core killed while somebody waits
U=/run/systemd/system
mkdir -p $U
[ -e /dev/autofs ] || mknod /dev/autofs c 10 235
unit() { cat >"$U/$1"; }	# NAME
mounted() { awk -v w="$1" '$5 == w { for (i = 7; $i != "-"; i++); t = $(i + 1) } END { print t }' /proc/self/mountinfo; }	# what lies on top there
is_mounted() { [ "$(mounted "$1")" = "$2" ]; }

unit auto-one.mount <<-EOF
	[Mount]
	What=tmpfs
	Where=/auto/one
	Type=tmpfs
EOF
unit auto-one.automount <<-EOF
	[Automount]
	Where=/auto/one
	TimeoutIdleSec=3
EOF
unit auto-slow.mount <<-EOF
	[Unit]
	Requires=slow.service
	After=slow.service
	[Mount]
	What=tmpfs
	Where=/auto/slow
	Type=tmpfs
EOF
unit slow.service <<-EOF
	[Unit]
	DefaultDependencies=no
	[Service]
	Type=oneshot
	ExecStart=/bin/sleep 4
EOF
unit auto-slow.automount <<-EOF
	[Automount]
	Where=/auto/slow
EOF
unit auto-bad.mount <<-EOF
	[Mount]
	What=/nonexistent
	Where=/auto/bad
	Type=ext4
EOF
unit auto-bad.automount <<-EOF
	[Automount]
	Where=/auto/bad
EOF
$CTL daemon-reload
check "an automount unit starts" $CTL start auto-one.automount
if [ "$(mounted /auto/one)" != autofs ]; then
	notok "an autofs is mounted" "$(cat /proc/self/mountinfo; dmesg | tail; cat /run/sysmaster/core.log | tail -n 20)"
	exit 1
fi
ok "an autofs is mounted"
check_eq "it waits" waiting "$(prop auto-one.automount SubState)"
check_eq "nothing is mounted before somebody comes" inactive "$($CTL is-active auto-one.mount)"
check "a look into it mounts" timeout 20 ls /auto/one/
check_eq "the mount is there" tmpfs "$(mounted /auto/one)"
check_eq "its unit is active" active "$($CTL is-active auto-one.mount)"
check_eq "the automount unit runs" running "$(prop auto-one.automount SubState)"
check "what is idle is unmounted" until_true 20 is_mounted /auto/one autofs
until_true 5 sh -c "[ \"\$($CTL show -p SubState --value auto-one.automount)\" = waiting ]"
check_eq "and waited for again" waiting "$(prop auto-one.automount SubState)"
check "another look mounts it again" timeout 20 ls /auto/one/
check "a stop of the mount lets the autofs be" $CTL stop auto-one.mount
check_eq "the autofs is there" autofs "$(mounted /auto/one)"
check "ten at once are served by one mount" sh -c 'for i in 1 2 3 4 5 6 7 8 9 10; do timeout 20 ls /auto/one/ & p="$p $!"; done; for i in $p; do wait $i || exit 1; done'

# core dies while somebody waits
check "the slow one starts" $CTL start auto-slow.automount
(timeout 60 ls /auto/slow/ >/run/ls.out 2>&1; echo $? >/run/ls.rc) &
sleep 0.5
if [ "$CTL" = sctl ]; then
	for i in 1 2 3; do kill -9 "$(core_pid)"; until_true 20 $CTL is-active -q ssh.service; sleep 0.3; done
fi
wait
check_eq "who waited while core was killed three times is served" 0 "$(cat /run/ls.rc; cat /run/ls.out)"
check_eq "by a mount" tmpfs "$(mounted /auto/slow)"
$CTL stop auto-slow.mount; until_true 5 is_mounted /auto/slow autofs
if [ "$CTL" = sctl ]; then
	# asked while there is no core at all: init is told to keep still for a moment by stopping core
	pid=$(core_pid)
	kill -STOP "$pid"
	(timeout 60 ls /auto/slow/ >/run/ls.out 2>&1; echo $? >/run/ls.rc) &
	sleep 0.3
	kill -9 "$pid"
	wait
	check_eq "who asked while core was stopped and killed is served" 0 "$(cat /run/ls.rc; cat /run/ls.out)"
fi

check "a mount that fails: its automount starts" $CTL start auto-bad.automount
timeout 20 ls /auto/bad/ >/run/bad.out 2>&1
rc=$?
check_eq "who waits for it gets an error" "2 No such device" "$rc $(sed 's/.*: //' /run/bad.out)"
check_eq "and the next one may try" waiting "$(prop auto-bad.automount SubState)"

# stopped while somebody waits
$CTL stop auto-slow.mount; until_true 5 is_mounted /auto/slow autofs
(timeout 60 ls /auto/slow/ >/run/ls.out 2>&1; echo $? >/run/ls.rc) &
sleep 1
check "a stop while somebody waits" $CTL stop auto-slow.automount
wait
check_eq "lets them go with an error" "2 Host is down" "$(cat /run/ls.rc) $(sed 's/.*: //' /run/ls.out)"
check "a stop" $CTL stop auto-one.automount auto-bad.automount
check_eq "leaves nothing mounted" "" "$(mounted /auto/one)$(mounted /auto/bad)$(mounted /auto/slow)"
check_eq "the unit is inactive" inactive "$($CTL is-active auto-one.automount)"
check "started again" $CTL start auto-one.automount
umount /auto/one
until_true 5 sh -c "[ \"\$($CTL is-active auto-one.automount)\" = failed ]"
check_eq "unmounted by somebody else it has failed" unmounted "$(prop auto-one.automount Result)"

if [ $KIND = vm ]; then
	check_eq "Debian's own automount waits" waiting "$(prop proc-sys-fs-binfmt_misc.automount SubState)"
	check "and serves" test -e /proc/sys/fs/binfmt_misc/status
	check_eq "with its file system" binfmt_misc "$(mounted /proc/sys/fs/binfmt_misc)"
fi
