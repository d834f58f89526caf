# sandbox.sh - runs the services of sandbox-cases and prints what their probes found, a line "NAME: LINE" each
# KIND container: all but those that need a VM; KIND vm: those only. Lines are compared, so nothing may depend on time or pids.
D=/run/sandbox
mkdir -p $D/out $D/cases $D/dir/sub $D/bin $D/bin2 $D/target $D/root $D/extension/usr/lib/extension-release.d
for d in proc sys dev run tmp var/tmp usr/lib/sysmaster-test usr/lib64 usr/bin usr/sbin etc home root seen efi boot srv mnt; do mkdir -p $D/root/$d; done
for d in bin sbin lib lib64; do ln -sfn usr/$d $D/root/$d; done
cp $T/probe $D/root/usr/lib/sysmaster-test/
cp /bin/true $D/bin/; cp /bin/true $D/bin2/
echo "in root" >$D/root/in-root
cp /etc/os-release $D/root/etc/
echo text >$D/file
echo secret >$D/hidden
echo a >$D/dir/a
printf 'FROM_FILE=one\nGONE=x\nA="3 4"\n' >$D/env
echo 'MORE=1' >$D/env-more
echo "in extension" >$D/extension/usr/lib/sb-extension
sed -n 's/^ID=/ID=/p;s/^VERSION_ID=/VERSION_ID=/p' /etc/os-release >$D/extension/usr/lib/extension-release.d/extension-release.extension
chmod 1777 $D/out
for n in cgroup ipc mnt net pid user uts; do echo "$n $(readlink /proc/1/ns/$n)"; done >$D/ns
unit=/run/systemd/system
mkdir -p $unit
# a machine without a log collector gets one that says nothing: what matters here is where the streams lead
if [ ! -e /run/systemd/journal/stdout ]; then
	mkdir -p /run/systemd/journal
	printf '[Socket]\nListenStream=/run/systemd/journal/stdout\nService=sb-collector.service\nTriggerLimitBurst=0\n' >$unit/sb-collector.socket
	printf '[Service]\nExecStart=/bin/sleep 1000\n' >$unit/sb-collector.service
	$CTL daemon-reload; $CTL start sb-collector.socket
fi
printf '[Socket]\nListenFIFO=%s/fifo\nFileDescriptorName=sbname\nService=sb-named.service\n' $D >$unit/sb-named.socket
printf '[Service]\nExecStart=/bin/sleep 1000\n' >$unit/sb-named.service
printf '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sh -c "echo shared >/tmp/sb-shared; ip link set lo down; %s/probe call:msgget"\nPrivateTmp=yes\nPrivateNetwork=yes\nPrivateIPC=yes\n' $T >$unit/sb-joined.service

awk -v kind=$KIND -v unit=$unit -v D=$D -v T=$T '
function flush() {
	if (name == "") return
	if ((vm != "") == (kind == "vm")) {
		file = unit "/sb-" name ".service"
		if (keys !~ /\nStandardOutput=/) keys = keys "StandardOutput=append:" D "/out/" name "\n"
		printf "[Unit]\n%s[Service]\nType=oneshot\nTimeoutStartSec=20\nEnvironment=PROBE_NS=%s/ns\nExecStart=%s/probe %s%s", units, D, T, words, keys >file
		close(file)
		if (before != "") print before >(D "/cases/" name ".before")
		if (after != "") print after >(D "/cases/" name ".after")
		close(D "/cases/" name ".before"); close(D "/cases/" name ".after")
		print name
	}
	name = ""
}
{ gsub(/@P/, T "/probe"); gsub(/@D/, D) }
/^\[/ {
	flush()
	name = substr($1, 2, length($1) - 2)
	words = $0; sub(/^[^ ]* */, "", words)
	keys = "\n"; units = before = after = vm = ""
	gsub(/@O/, D "/out/" name, words)
	next
}
/^(#|$)/ { next }
/^before: / { before = substr($0, 9); next }
/^after: / { after = substr($0, 8); next }
/^unit: / { units = units substr($0, 7) "\n"; next }
/^vm: / { vm = $0; next }
{ keys = keys $0 "\n" }
END { flush() }' $T/sandbox-cases >$D/names
$CTL daemon-reload

# what differs from run to run
plain() {
	sed -e 's/\(INVOCATION_ID\|JOURNAL_STREAM\|SYSTEMD_EXEC_PID\|LISTEN_PID\|WATCHDOG_PID\|NOTIFY_SOCKET\)=..*/\1=SET/' -e 's/\(socket\|pipe\):\[[0-9]*\]/\1/' \
		-e 's|/dev/pts/[0-9]*|/dev/pts/N|' -e 's/^env.TERM=.*/env.TERM=SET/' -e 's/\b6[1-5][0-9][0-9][0-9]\b/DYNAMIC/g' -e "s/^/$1: /" | tr -d '\000-\010\016-\037'
}
while read -r name; do
	exec 3<&0 </dev/null
	[ ! -e $D/cases/$name.before ] || . $D/cases/$name.before >/dev/null 2>&1
	: >$D/out/$name; chmod 666 $D/out/$name
	$CTL start sb-$name.service >/dev/null 2>&1
	echo "start=$?" | plain $name
	$CTL show -p Result -p ExecMainCode -p ExecMainStatus sb-$name.service | sort -r | sed "/=success/q" | plain $name
	plain $name <$D/out/$name
	[ ! -e $D/cases/$name.after ] || (. $D/cases/$name.after) 2>&1 | plain $name
	$CTL reset-failed sb-$name.service >/dev/null 2>&1
	exec 0<&3 3<&-
done <$D/names
echo "end"
