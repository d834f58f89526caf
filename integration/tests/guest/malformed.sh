# malformed.sh - bad unit files are named with place and column; all the rest runs
reports=$(cat /run/boot-log /run/sysmaster/core.log 2>/dev/null)
for u in bad-header.service:1 bad-assignment.service:5 bad-outside.service:1 bad-key.service:5 bad-value.service:4 bad-value.service:6 \
	bad-exec.service:4 bad-socket.socket:2 bad-nul.service:2 cron.service.d/50-bad.conf:1; do
	check_eq "${u%:*}, line ${u#*:}, is reported with a column" 1 "$(echo "$reports" | grep -cE "/etc/systemd/system/$u:[1-9][0-9]*" | awk '{ print ($1 > 0) }')"
done
again=$(sctl daemon-reload 2>&1)
check_eq "daemon-reload names them to who asked for it" 1 "$(echo "$again" | grep -c '/etc/systemd/system/bad-value.service:4:6: .')"
check "bad-empty-exec.service is refused for what it lacks" sh -c 'sctl start bad-empty-exec.service 2>&1 | grep -qi exec; ! sctl is-active -q bad-empty-exec.service'
for s in ssh nginx cron rsyslog dbus; do check_eq "$s.service is active all the same" active "$(sctl is-active $s.service)"; done
check_eq "a cycle is named" 1 "$(echo "$reports" | grep -ciE 'cycle.*cycle-[abc]' | awk '{ print ($1 > 0) }')"
for i in a b c; do sctl is-active -q cycle-$i.service && echo $i; done >/run/cycle
check_le "and broken at one place: units of it left out" 1 $((3 - $(wc -l </run/cycle)))
check "the units are still listed" sh -c 'sctl list-units --all | grep -q bad-value.service'
core=$(core_pid)
for f in /etc/systemd/system/bad-*; do sctl status "$(basename "$f")"; sctl start "$(basename "$f")"; sctl cat "$(basename "$f")"; done >/dev/null 2>&1
check_eq "core survived all of them" "$core" "$(core_pid)"
