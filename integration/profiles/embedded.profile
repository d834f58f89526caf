# embedded.profile - a board, a rescue system, a VM of a few megabytes: BusyBox, one initramfs, nothing of Debian
Base=busybox
Link=static
Components=sysmaster-init sysmaster-core
Programs=sysmaster-init sysmaster-begin sysmaster-setup sysmaster-leave sysmaster-shutdown sysmaster-rescue sysmaster-command sysmaster-core sysmaster-exec sctl
UnitTypes=service target
Units=base console-shell
SystemCalls=native obsolete
Format=initramfs
