# leave.sh - what makes leaving hard: a fed watchdog, a file system in a loop device with somebody in it, swap, a user of /tmp
modprobe softdog
mkdir -p /etc/sysmaster
echo 'WatchdogSec=5' >/etc/sysmaster/init.conf
check "init is executed anew with a watchdog" sctl ipc init reexec
check "it has opened the device" until_true 10 sh -c 'sctl ipc init status | grep -q "watchdog_sec: *5"'
modprobe loop
dd if=/dev/zero of=/var/tmp/img bs=1M count=8 2>/dev/null && mkfs.ext4 -q /var/tmp/img
mkdir -p /mnt/loop
check "a loop device is mounted" mount -o loop /var/tmp/img /mnt/loop
check "its mount is a unit" until_true 10 sctl is-active -q mnt-loop.mount
dd if=/dev/zero of=/var/tmp/swap bs=1M count=8 2>/dev/null && chmod 600 /var/tmp/swap && mkswap -q /var/tmp/swap
check "swap is on" swapon /var/tmp/swap
(cd /mnt/loop && exec setsid sleep 1000 </dev/null >/dev/null 2>&1 &)
(cd /tmp && exec setsid sleep 1000 </dev/null >/dev/null 2>&1 &)
echo data >/mnt/loop/file
sleep 8
check "the watchdog of 5 s has been fed for longer" sctl is-active -q ssh.service
