# vm.sh - the QEMU side of machine.sh: a private copy of the image, software emulation, user-mode network

vm_start() { # VARIANT [KERNEL-ARGUMENT...]
	local variant=$1; shift
	cp --sparse=always "$OUT/$variant.ext4" "$DIR/root.ext4"
	tied qemu-system-x86_64 -name "sysmaster-$variant" -accel "$VM_ACCEL" -machine q35 -cpu qemu64,+rdrand,-svm \
		-smp "$VM_CPUS" -m "$VM_MEM" -nodefaults -no-user-config -display none -no-reboot \
		-kernel "$CACHE/vmlinuz" -initrd "$CACHE/initrd.cpio" \
		-append "console=ttyS0 net.ifnames=0 rw panic=-1 init=$INIT $*" \
		-drive "file=$DIR/root.ext4,if=virtio,format=raw,cache=unsafe" \
		-netdev "user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:$SSH_PORT-:22,hostfwd=tcp:127.0.0.1:$HTTP_PORT-:80" -device virtio-net-pci,netdev=net,romfile= \
		-chardev "socket,id=console,path=$DIR/console.sock,server=on,wait=off,logfile=$CONSOLE_LOG" -serial chardev:console \
		$VM_QEMU_ARGS >"$DIR/qemu.log" 2>&1 </dev/null &
	MACHINE_PID=$!
	sleep 0.3
	machine_alive || { cat "$DIR/qemu.log" >&2; die "QEMU did not start"; }
}

vm_kill() { stop_pid "$MACHINE_PID"; }
