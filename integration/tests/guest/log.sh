# log.sh - the log collector: names and numbers of services' lines, long ones, killed in mid-stream, syslog(3), rings for status
mkdir -p /run/test
U=/run/systemd/system; mkdir -p $U
unit() { cat >"$U/$1"; }
log_pid() { prop systemd-journald.service MainPID; }
count() { cat /var/log/syslog /var/log/daemon.log /var/log/user.log 2>/dev/null | grep -c -- "$1"; }	# lines that the syslog daemon wrote, each once in a file
seen() { grep -q -- "$1" /var/log/syslog 2>/dev/null; }

check_eq "the collector runs" active "$($CTL is-active systemd-journald.service)"
check_eq "under its own name, too" active "$($CTL is-active sysmaster-log.service)"
check_eq "in its own sandbox" 2 "$(sed -n 's/^Seccomp:[[:space:]]*//p' /proc/$(log_pid)/status)"
check_eq "without any capability" 0000000000000000 "$(sed -n 's/^CapEff:[[:space:]]*//p' /proc/$(log_pid)/status)"

unit says.service <<-'EOF'
	[Service]
	Type=oneshot
	ExecStart=/bin/sh -c 'echo plain-line; echo "<3>error-line"; echo on-stderr >&2; printf "no-end"; printf "%%05000d-long\n" 7'
EOF
$CTL daemon-reload
check "a service that says something" $CTL start says.service
check "its line reaches the syslog daemon" until_true 20 seen plain-line
check_eq "with its name and number" 1 "$(grep -c ' sh\[[0-9]*\]: plain-line$' /var/log/syslog)"
check_eq "that of standard error, too" 1 "$(grep -c ' sh\[[0-9]*\]: on-stderr$' /var/log/syslog)"
check_eq "a level prefix is taken off" 1 "$(grep -c ' sh\[[0-9]*\]: error-line$' /var/log/syslog)"
check_eq "a line of 5,000 bytes is whole" 1 "$(grep -c 'no-end0\{4999\}7-long$' /var/log/syslog)"
check "status shows its lines" sh -c "$CTL status says.service | grep -q plain-line"
check_eq "the ring has them" 4 "$(wc -l </run/sysmaster/log/says.service)"

unit counts.service <<-'EOF'
	[Service]
	ExecStart=/bin/sh -c 'i=0; while [ $i -lt 300 ]; do echo count-$i; i=$((i + 1)); sleep 0.01; done; touch /run/test/counted; exec sleep 1000'
EOF
$CTL daemon-reload
check "a service that counts" $CTL start counts.service
pid=$(prop counts.service MainPID)
for i in 1 2 3 4 5 6; do sleep 0.3; p=$(log_pid); [ "$p" -gt 1 ] && kill -9 "$p"; done
check "it counts to its end while the collector is killed six times" until_true 150 test -e /run/test/counted
check "all is there" until_true 60 seen count-299
sleep 0.5
i=0 missing=
while [ $i -lt 300 ]; do grep -q "count-$i\$" /var/log/syslog || missing="$missing $i"; i=$((i + 1)); done
check_eq "no line is lost" "" "$missing"
check_eq "the service is the one it was" "$pid" "$(prop counts.service MainPID)"
check_eq "the collector was started again" active "$($CTL is-active systemd-journald.service)"
check_eq "stop it, and its stream is forgotten" 0 "$($CTL stop counts.service; sleep 0.5; ls /run/sysmaster/log/.streams | wc -l | awk -v n="$(ls /proc/$(log_pid)/fd | wc -l)" '{ print ($1 > n) }')"

unit picky.service <<-'EOF'
	[Service]
	Type=oneshot
	LogLevelMax=notice
	LogRateLimitIntervalSec=1min
	LogRateLimitBurst=2
	ExecStart=/bin/sh -c 'echo picky-info; echo "<5>picky-notice"; echo "<4>picky-warning"; echo "<3>picky-error"'
EOF
$CTL daemon-reload
$CTL start picky.service
check "LogLevelMax= lets pass what is important" until_true 20 seen picky-warning
sleep 0.3
check_eq "and nothing less; LogRateLimitBurst= no more than so many" "picky-notice picky-warning" "$(echo $(grep -o 'picky-[a-z]*$' /var/log/syslog))"

check "core is killed" kill -9 "$(core_pid)"
until_true 20 $CTL is-active -q ssh.service
$CTL restart says.service
check "and lines still come" until_true 20 sh -c '[ "$(grep -c " sh\[[0-9]*\]: plain-line$" /var/log/syslog)" -ge 2 ]'

# without a syslog daemon
if [ -e /dev/kmsg ]; then
	$CTL stop rsyslog.service syslog.socket 2>/dev/null
	$CTL restart says.service
	check "without a syslog daemon the kernel log has them, by name" until_true 10 sh -c 'dmesg | grep -q "sh\[[0-9]*\]: plain-line"'
	zeros() { dmesg | sed -n 's/.* sh\[[0-9]*\]: \(no-end\|0\)/\1/p' | grep 000000 | tr -dc "$1" | wc -c; }
	check "a long one in pieces, to its last byte" until_true 10 sh -c 'dmesg | grep -q "sh\[[0-9]*\]: 0*7-long\$"'
	check_eq "which are six" 6 "$(zeros '\n')"
	check_eq "and the whole line" 4999 "$(zeros 0)"
	$CTL start rsyslog.service
fi
printf 'MESSAGE=native-line\nPRIORITY=4\nSYSLOG_IDENTIFIER=nat\n' | perl -MSocket -e 'socket($s, AF_UNIX, SOCK_DGRAM, 0); local $/; send($s, <STDIN>, 0, sockaddr_un("/run/systemd/journal/socket")) or die'
check "a native datagram is taken" until_true 20 sh -c 'grep -q " nat\[[0-9]*\]: native-line" /var/log/syslog || grep -q native-line /run/sysmaster/log/*'
echo "figure - at boot: $(dmesg 2>/dev/null | sed -n 's/.*\(<.>\)\{0,1\}\([0-9]* generators run in [0-9]* ms\).*/\2/p' | head -1); collector: $(sed -n 's/^Private_Dirty: *//p' /proc/$(log_pid)/smaps_rollup)"
