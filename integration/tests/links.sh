#!/bin/sh
# links.sh UDEVADM DEVCTL LINK-STATE - .link files on new interfaces, by both; in namespaces of its own (network, mounts; /run is its own)
# Afterwards /run/udev has nothing to do with it: the builtin is called alone. One line "same: ..." or "differ: ..." for each
set -e
udevadm=$1 devctl=$2 state=$3
mkdir -p /run/systemd/network
try() { # NAME, then the file's text on the standard input
	cat >/run/systemd/network/10-test.link
	for who in systemd ours; do
		ip link add t0 type veth 2>/dev/null || return 0
		ip link set t0 addrgenmode none
		if [ $who = systemd ]; then "$udevadm" test-builtin net_setup_link "/sys/class/net/t0"; else "$devctl" test-builtin net_setup_link "/sys/class/net/t0"; fi >"/run/out.$who" 2>"/run/err.$who" || echo "$who fails" >>"/run/out.$who"
		grep = "/run/out.$who" | sort >"/run/said.$who"
		python3 "$state" t0 >>"/run/said.$who"
		[ "${random:-}" ] && sed -i 's/^address .*/address/' /run/said.$who
		ip link del t0
	done
	if diff -U1 /run/said.systemd /run/said.ours >/run/diff; then echo "same: $1, $(wc -l </run/said.ours) lines"; else echo "differ: $1"; cat /run/diff /run/err.ours; fi
}
try "addresses, MTU, alias" <<E
[Match]
OriginalName=t*
[Link]
MACAddress=02:11:22:33:44:55
MTUBytes=1K
Alias=an alias
TransmitQueueLength=77
AlternativeName=one two
GenericSegmentOffloadMaxBytes=32K
GenericSegmentOffloadMaxSegments=7
E
try "persistent address" <<E
[Match]
OriginalName=*
[Link]
NamePolicy=kernel path
MACAddressPolicy=persistent
E
random=1 try "a name" <<E
[Match]
Kind=veth
[Link]
Name=better0
MACAddressPolicy=none
E
random=1 try "offloads" <<E
[Match]
Driver=veth
[Link]
GenericSegmentationOffload=no
GenericReceiveOffload=no
TCPSegmentationOffload=no
TransmitChecksumOffload=no
E
random=1 try "what the hardware has not" <<E
[Match]
Type=ether
[Link]
WakeOnLan=magic
RxChannels=2
BitsPerSecond=100M
RxCoalesceSec=10us
RxBufferSize=max
RxFlowControl=yes
E
random=1 try "no match" <<E
[Match]
Kind=!veth
[Link]
Name=never
E
try "channels of a veth" <<E
[Match]
Kind=veth
[Link]
RxChannels=1
GenericReceiveOffload=yes
TCPSegmentationOffload=no
MACAddressPolicy=persistent
E
