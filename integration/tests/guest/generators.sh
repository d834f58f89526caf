# generators.sh - systemd's generators and ours: run at boot and at reload, with their environment, time-outs, and a core that dies meanwhile
G=/etc/systemd/system-generators
mkdir -p $G /etc/systemd/system-environment-generators
generator() { cat >"$G/$1"; chmod 755 "$G/$1"; }

# what there is already: Debian's own
check_eq "Debian's getty generator has run at boot" console-getty.service "$(ls /run/systemd/generator/getty.target.wants 2>/dev/null | grep -x console-getty.service || ls -R /run/systemd)"
if [ "$CTL" = sctl ]; then
	check_eq "systemd's fstab generator was not" "" "$(ls /run/systemd/generator/*.mount 2>/dev/null)"
	check_eq "the unit that ran them ended well" success "$(prop sysmaster-generators.service Result)"
fi

generator 10-facts <<-'EOF'
	#!/bin/sh
	echo "$SYSTEMD_SCOPE $SYSTEMD_IN_INITRD $SYSTEMD_FIRST_BOOT ${SYSTEMD_VIRTUALIZATION%%:*} $SYSTEMD_ARCHITECTURE $# ${1##*/} ${2##*/} ${3##*/} $(pwd) $(umask) $FROM_ENV" >/run/facts
	mkdir -p "$1/multi-user.target.wants"
	printf '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n' >"$1/generated.service"
	ln -s ../generated.service "$1/multi-user.target.wants/"
	printf '[Service]\nExecStart=/bin/true\n' >"$3/late.service"
	printf '[Service]\nExecStart=/bin/early\n' >"$2/early.service"
EOF
generator 20-fails <<-'EOF'
	#!/bin/sh
	exit 3
EOF
printf '#!/bin/sh\necho FROM_ENV=yes\necho "SPACED=\\"two words\\""\n' >/etc/systemd/system-environment-generators/10-test
chmod 755 /etc/systemd/system-environment-generators/10-test
printf '[Service]\nExecStart=/bin/etc\n' >/etc/systemd/system/early.service
check "a reload" $CTL daemon-reload
check_eq "the facts that a generator is told" "system 0 0 container x86-64 3 generator generator.early generator.late / 0022 yes" "$(cat /run/facts)"
check_eq "the unit it made is there when the reload is done" loaded "$(prop generated.service LoadState)"
check_eq "and wanted" multi-user.target "$(prop generated.service WantedBy)"
check_eq "from its directory" /run/systemd/generator/generated.service "$(prop generated.service FragmentPath)"
check_eq "what is early goes before /etc" /run/systemd/generator.early/early.service "$(prop early.service FragmentPath)"
check_eq "what is late is found, too" loaded "$(prop late.service LoadState)"
check "it starts" $CTL start generated.service
check_eq "the environment generator's words are the manager's" "FROM_ENV=yes" "$($CTL show-environment | grep FROM_ENV)"
check_eq "quotes and all" "two words" "$($CTL show-environment | sed -n "s/^SPACED=//p" | tr -d "\"'\$")"
check "a person's word" $CTL set-environment SPACED=mine
$CTL daemon-reload
check_eq "goes before the generator's" "SPACED=mine" "$($CTL show-environment | grep SPACED)"
rm /etc/systemd/system-environment-generators/10-test
$CTL daemon-reload
check_eq "without its generator a word goes" "" "$($CTL show-environment | grep FROM_ENV)"

ln -sf /dev/null $G/10-facts
$CTL daemon-reload
check_eq "masked it makes nothing, and what it made is gone" "" "$(ls -d /run/systemd/generator/generated.service 2>/dev/null)"
check_eq "the unit runs on" active "$($CTL is-active generated.service)"
rm $G/10-facts

if [ "$CTL" = sctl ]; then
	generator 30-slow <<-'EOF'
		#!/bin/sh
		sleep 2
		printf '[Service]\nExecStart=/bin/true\n' >"$1/slow-made.service"
	EOF
	(sctl daemon-reload; echo $? >/run/reload.rc) &
	sleep 0.7
	check "core answers while generators run" timeout 1 sctl is-active ssh.service
	for i in 1 2; do kill -9 "$(core_pid)"; until_true 20 $CTL is-active -q ssh.service; sleep 0.2; done
	wait
	check_eq "a reload during which core was killed twice ends well" 0 "$(cat /run/reload.rc)"
	check_eq "with what the slow generator made" loaded "$(prop slow-made.service LoadState)"
	rm $G/30-slow
	ms=$(now_ms); $CTL daemon-reload; ms=$(($(now_ms) - ms))
	echo "figure - daemon-reload with generators: $ms ms; $(sctl status sysmaster-generators.service 2>/dev/null | grep -o 'CPU: .*'); reload itself $(sed -n 's/.*RELOADED.*USEC=\([0-9]*\).*/\1/p' /run/sysmaster/core.log | tail -1) us"
fi
