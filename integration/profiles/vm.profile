# vm.profile - a virtual machine
Base=debian
Link=dynamic
Components=sysmaster-init sysmaster-core random-seed
SystemCalls=native obsolete
Format=ext4
