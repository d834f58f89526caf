/* btrfs.c - "btrfs ready NODE": tells the kernel of a device of a file system of many; are all of them there? */
#include <fcntl.h>
#include <linux/btrfs.h>
#include <sys/ioctl.h>
#include <stdio.h>
#include "builtins.h"
#include "tool.h"

int builtin_btrfs(struct event *e, int argc, char **argv)
{
	struct btrfs_ioctl_vol_args args = { 0 };
	_cleanup_(closep) int fd = -1;
	int r;

	if (argc != 3 || !streq(argv[1], "ready") || strlen(argv[2]) >= sizeof(args.name))
		return -EINVAL;
	if (e->dry)
		return -EOPNOTSUPP;
	fd = open("/dev/btrfs-control", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return errno == ENOENT || errno == ENODEV || errno == ENXIO ? putf(e, "ID_BTRFS_READY", "0") : -errno;  /* no such module: not ready */
	strcpy(args.name, argv[2]);
	r = ioctl(fd, BTRFS_IOC_DEVICES_READY, &args);
	return r < 0 ? -errno : putf(e, "ID_BTRFS_READY", "%d", r == 0);
}
