# devices.sh - device units as udev shows them, and what hangs on them: waits, mounts, swaps, wishes of rules, aliases, removal
mkdir -p /run/test /run/udev/rules.d /run/systemd/system /mnt/late /mnt/gone
say() { echo "$*"; }
states() { for u in "$@"; do echo "$u $(prop "$u" LoadState) $(prop "$u" ActiveState) $(prop "$u" SubState)"; done; }
state_is() { [ "$(prop "$1" ActiveState)" = "$2" ]; }
wait_state() { until_true 20 state_is "$1" "$2" && echo "$1 becomes $2" || echo "$1 is $(prop "$1" ActiveState) and not $2"; }
settle() { udevadm settle --timeout=20; }
mount_deps() { for p in BindsTo Requires After StopPropagatedFrom; do prop mnt-late.mount $p | tr ' ' '\n' | grep -E 'dev-' | sort | sed "s/^/$p /"; done; }
unit() { cat >"/run/systemd/system/$1"; }

echo "# what the boot has"
states dev-vda.device sys-subsystem-net-devices-eth0.device dev-ttyS0.device
# the sysfs unit that a name leads to, and what is known of it
prop dev-vda.device SysFSPath
prop dev-vda.device Id
prop dev-vda.device Names | tr ' ' '\n' | grep -E '^dev-(vda|disk)' | grep -v uuid | sort
prop sys-subsystem-net-devices-eth0.device Following | grep -c .
prop sys-subsystem-net-devices-eth0.device SysFSPath
prop sys-subsystem-net-devices-eth0.device Description

echo "# a network interface comes and goes"
cat >/run/udev/rules.d/99-test.rules <<'R'
SUBSYSTEM=="net", KERNEL=="dummy7", TAG+="systemd", ENV{SYSTEMD_ALIAS}+="/sys/devices/virtual/alias-of-dummy", ENV{SYSTEMD_WANTS}+="wished.service wished@.service"
SUBSYSTEM=="net", KERNEL=="dummy8", TAG+="systemd", ENV{SYSTEMD_READY}="0"
R
udevadm control --reload
unit wished.service <<'U'
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/true
U
unit wished@.service <<'U'
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'echo %I >/run/test/wished'
U
unit bound.service <<'U'
[Unit]
BindsTo=sys-subsystem-net-devices-dummy7.device
After=sys-subsystem-net-devices-dummy7.device
[Service]
ExecStart=/bin/sleep 1000
U
$CTL daemon-reload
$CTL start --no-block bound.service
sleep 1
states bound.service
$CTL list-jobs --no-legend --plain | awk '/dummy7|bound/ { print $2, $3, $4 }' | sort
ip link add dummy7 type dummy
settle
wait_state sys-subsystem-net-devices-dummy7.device active
wait_state bound.service active
wait_state wished.service active
until_true 10 test -s /run/test/wished; cat /run/test/wished
states sys-subsystem-net-devices-dummy7.device sys-devices-virtual-net-dummy7.device sys-devices-virtual-alias\\x2dof\\x2ddummy.device
prop sys-subsystem-net-devices-dummy7.device Wants | tr ' ' '\n' | sort
ip link del dummy7
settle
wait_state sys-subsystem-net-devices-dummy7.device inactive
wait_state bound.service inactive
states wished.service
ip link add dummy8 type dummy
settle
sleep 1
states sys-subsystem-net-devices-dummy8.device
ip link set dummy8 name dummy9
settle
wait_state sys-subsystem-net-devices-dummy9.device active
states sys-subsystem-net-devices-dummy8.device
ip link del dummy9

echo "# a file system on a device that comes late"
truncate -s 16M /run/test/disk
mkfs.ext4 -q -L latecomer /run/test/disk
echo 'LABEL=latecomer /mnt/late ext4 noauto,x-systemd.device-timeout=30s 0 0' >>/etc/fstab
$CTL daemon-reload
$CTL start --no-block mnt-late.mount
sleep 1
states mnt-late.mount dev-disk-by\\x2dlabel-latecomer.device
mount_deps
loop=$(losetup -f --show /run/test/disk)
settle
wait_state dev-disk-by\\x2dlabel-latecomer.device active
wait_state mnt-late.mount active
mountpoint -q /mnt/late && say "it is mounted"
mount_deps
prop mnt-late.mount Result
losetup -d "$loop"      # in use: goes with the last user
settle
states mnt-late.mount
$CTL stop mnt-late.mount
settle
wait_state dev-disk-by\\x2dlabel-latecomer.device inactive

echo "# a device that never comes"
echo 'LABEL=nevercomes /mnt/gone ext4 noauto,x-systemd.device-timeout=2s 0 0' >>/etc/fstab
$CTL daemon-reload
$CTL start mnt-gone.mount 2>/dev/null; say "start says $?"
states mnt-gone.mount dev-disk-by\\x2dlabel-nevercomes.device
prop mnt-gone.mount Result

echo "# swap on a device"
truncate -s 16M /run/test/swap
mkswap -q -L swaphere /run/test/swap >/dev/null 2>&1
sloop=$(losetup -f --show /run/test/swap)
settle
echo 'LABEL=swaphere none swap noauto 0 0' >>/etc/fstab
$CTL daemon-reload
$CTL start dev-disk-by\\x2dlabel-swaphere.swap; say "start says $?"
states dev-disk-by\\x2dlabel-swaphere.swap
wc -l </proc/swaps
$CTL stop dev-disk-by\\x2dlabel-swaphere.swap; say "stop says $?"
wc -l </proc/swaps
losetup -d "$sloop"
sed -i '/latecomer\|nevercomes\|swaphere/d' /etc/fstab
