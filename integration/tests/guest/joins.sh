# joins.sh - the namespaces of a run lie with PID 1: kill -9 of core, and no process of the owner left, change nothing for who joins it
D=/run/joins; mkdir -p /run/systemd/system $D
look='readlink /proc/self/ns/net /proc/self/ns/ipc'
keys='PrivateTmp=yes\nPrivateNetwork=yes\nPrivateIPC=yes\nType=oneshot'
printf "[Service]\n$keys\nRemainAfterExit=yes\nExecStart=/bin/sh -c 'echo shared >/tmp/word; $look >$D/owner'\n" >/run/systemd/system/owner.service
printf "[Unit]\nJoinsNamespaceOf=owner.service\n[Service]\n$keys\nExecStart=/bin/sh -c '$look >$D/joiner; cat /tmp/word >>$D/joiner'\n" >/run/systemd/system/joiner.service
crash() {
	_p=$(core_pid)
	kill -9 $_p
	until_true 20 sh -c "p=\$($T/tool core-pid) && [ \"\$p\" != $_p ]" && until_true 20 $CTL is-active -q owner.service
}
$CTL daemon-reload
check "the owner starts and ends" $CTL start owner.service
for i in 1 2; do
	check "core is killed and comes back ($i)" crash
	check "a unit that joins starts ($i)" $CTL start joiner.service
	check_eq "it is in the owner's namespaces and sees its /tmp ($i)" "$(cat $D/owner; echo shared)" "$(cat $D/joiner)"
done
check "the owner's directories are there" sh -c 'ls -d /tmp/systemd-private-*-owner.service-*'
check "the owner stops" $CTL stop owner.service
check "its directories go" until_true 20 sh -c '! ls -d /tmp/systemd-private-*-owner.service-* /var/tmp/systemd-private-*-owner.service-* 2>/dev/null'
check_eq "init keeps nothing for it" "" "$(sctl ipc init list_fds | grep owner.service)"
