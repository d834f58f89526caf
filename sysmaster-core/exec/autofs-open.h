/* autofs-open.h - the way to an autofs that something may be mounted upon; for core and sysmaster-exec */
#pragma once
#include <linux/auto_dev-ioctl.h>
#include <linux/auto_fs.h>
#include <sys/ioctl.h>
#include "util.h"

/** autofs_open() - @device: /dev/autofs; @dev: the number of the autofs, by which the kernel finds it below others. Its fd for ioctls or -errno */
static inline int autofs_open(int device, const char *where, uint32_t dev)
{
	size_t len = strlen(where) + 1, n = sizeof(struct autofs_dev_ioctl) + len;
	_cleanup_(freep) struct autofs_dev_ioctl *p = calloc(1, n);

	if (!p)
		return -ENOMEM;
	init_autofs_dev_ioctl(p);
	p->size = (uint32_t)n;
	p->openmount.devid = dev;
	memcpy(p->path, where, len);
	return ioctl(device, AUTOFS_DEV_IOCTL_OPENMOUNT, p) < 0 ? -errno : p->ioctlfd;
}
