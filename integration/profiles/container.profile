# container.profile - PID 1 of a container that runs several daemons: no devices, no mounts, no entropy of its own
Base=debian
Link=dynamic
Components=sysmaster-init sysmaster-core
UnitTypes=service target socket timer path slice scope mount
Mask=systemd-udevd.service systemd-udev-trigger.service systemd-udev-settle.service systemd-modules-load.service systemd-sysctl.service systemd-remount-fs.service networking.service ifupdown-pre.service getty.target e2scrub_reap.service fstrim.timer systemd-random-seed.service rsyslog.service
SystemCalls=native obsolete
Format=oci
