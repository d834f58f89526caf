# base.sh - what images stand on: Debian roots, its cloud kernel, an initramfs for virtual machines (sourced after common.sh)
#
#   build_base [PACKAGE...]	CACHE/base-KEY: debootstrap, once for each set of packages. Sets BASE
#   build_kernel		CACHE/kernel-VER: modules, vmlinuz. Sets KERNEL, KVER; CACHE/vmlinuz
#   build_initrd		CACHE/initrd.cpio: loads virtio and ext4, mounts root=, becomes init=
# SYSMASTER_MIRROR overrides the package mirror that apt uses.

PACKAGES=systemd,systemd-sysv,udev,dbus,openssh-server,nginx-light,cron,rsyslog,ifupdown,iproute2,procps,kmod,login,passwd,\
less,busybox-static,util-linux,e2fsprogs,libnng1,libmsgpackc2,libseccomp2,liblmdb0,libcap2,libnl-3-200,libnl-route-3-200
MODULES="virtio_pci virtio_blk virtio_net ext4"	# what the initramfs loads, with what they need

mirror() {
	local m=${SYSMASTER_MIRROR:-}
	[ -n "$m" ] || m=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' "Codename: $SUITE" | head -1)
	[ -n "$m" ] || die "apt knows no Debian $SUITE mirror: set SYSMASTER_MIRROR"
	echo "$m"
}

build_base() { # [PACKAGE...] - the stock and these; sets BASE
	local packages=$PACKAGES${1:+,$(echo "$@" | tr ' ' ',')}
	BASE=$CACHE/base-$(echo "$SUITE $packages 2" | sha256sum | cut -c1-12)
	[ ! -e "$BASE/.complete" ] || return 0
	local t=$BASE.new log=$CACHE/debootstrap.log
	note "building the Debian root (once; about a minute)"
	rm -rf "$t"
	debootstrap --variant=minbase --include="$packages" "$SUITE" "$t" "$(mirror)" >"$log" 2>&1 || { tail -5 "$log" >&2; die "debootstrap failed: $log"; }
	echo root:root | chroot "$t" chpasswd
	rm -rf "$t"/var/cache/apt/* "$t"/var/lib/apt/lists/* "$t"/etc/machine-id "$t"/usr/share/doc "$t"/usr/share/man "$t"/usr/share/locale
	od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$t/etc/machine-id"; echo >>"$t/etc/machine-id"
	rm -f "$t/etc/resolv.conf"
	touch "$t/.complete"
	mv "$t" "$BASE"
}

build_kernel() { # sets KERNEL, KVER; the kernel is fetched and unpacked, never installed
	local pkg log=$CACHE/kernel.log k
	k=$(ls -d "$CACHE"/kernel-[0-9]*/.complete 2>/dev/null | tail -1)
	if [ -z "$k" ]; then
		note "fetching a kernel"
		pkg=$(kernel_package)
		[ -n "$pkg" ] || { apt-get -q update >"$log" 2>&1 || :; pkg=$(kernel_package); }
		[ -n "$pkg" ] || die "apt knows no linux-image-cloud-amd64"
		KVER=${pkg#linux-image-}
		KERNEL=$CACHE/kernel-$KVER
		rm -rf "$KERNEL"; mkdir -p "$KERNEL/fetch" "$KERNEL/layer/usr"
		chmod 777 "$KERNEL/fetch"
		(cd "$KERNEL/fetch" && { apt-get -q download "$pkg" || { apt-get -q update && apt-get -q download "$pkg"; }; } &&
			dpkg -x "$pkg"_*.deb .) >>"$log" 2>&1 || { tail -5 "$log" >&2; die "cannot fetch $pkg: $log"; }
		mv "$KERNEL/fetch/lib" "$KERNEL/layer/usr/lib"
		mv "$KERNEL/fetch/boot/vmlinuz-$KVER" "$KERNEL/vmlinuz"
		ln -s usr/lib "$KERNEL/layer/lib"
		depmod -b "$KERNEL/layer" "$KVER"
		rm -r "$KERNEL/fetch" "$KERNEL/layer/lib"
		rm -f "$KERNEL/layer/usr/lib/modules/$KVER/build" "$KERNEL/layer/usr/lib/modules/$KVER/source"
		touch "$KERNEL/.complete"
	fi
	KERNEL=$(ls -d "$CACHE"/kernel-[0-9]*/.complete | tail -1); KERNEL=${KERNEL%/.complete}
	KVER=${KERNEL##*/kernel-}
	ln -sfn "$KERNEL/vmlinuz" "$CACHE/vmlinuz"
}
kernel_package() { apt-cache depends linux-image-cloud-amd64 2>/dev/null | sed -n 's/.*Depends: \(linux-image-.*\)/\1/p' | head -1; }

build_initrd() {
	local d mods m
	ln -sfn "$KERNEL/initrd.cpio" "$CACHE/initrd.cpio"	# it holds modules of this kernel
	[ "$KERNEL/initrd.cpio" -nt "$INT/vm/initrd.c" ] && [ "$KERNEL/initrd.cpio" -nt "$KERNEL/.complete" ] && return 0
	d=$(mktemp -d "$CACHE/initrd.XXXXXX")
	mkdir -p "$d/dev" "$d/lib"
	mknod -m 600 "$d/dev/console" c 5 1
	gcc -O2 -static -Wall -Wextra -o "$d/init" "$INT/vm/initrd.c"
	ln -s "$KERNEL/layer/usr/lib/modules" "$d/lib/modules"
	mods=$(modprobe -d "$d" -S "$KVER" -a --show-depends $MODULES | awk '$1 == "insmod" && !seen[$2]++ { print $2 }')
	for m in $mods; do
		cp "$m" "$d/"
		echo "/${m##*/}" >>"$d/modules"
	done
	rm -r "$d/lib"
	(cd "$d" && find . -mindepth 1 | cpio -o -H newc --quiet) >"$KERNEL/initrd.cpio.new"
	mv "$KERNEL/initrd.cpio.new" "$KERNEL/initrd.cpio"
	rm -rf "$d"
}
