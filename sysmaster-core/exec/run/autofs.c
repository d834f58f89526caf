/* autofs.c - what an automount unit asks for that would block core or needs mount(2); the kernel's Documentation/filesystems/autofs.rst */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include "exec/autofs-open.h"
#include "run.h"

#define MOST_MOUNTS 1024                /* one above the other */

static bool is_mount_point(const char *path)
{
	struct statx st;

	return statx(AT_FDCWD, path, AT_NO_AUTOMOUNT | AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &st) == 0 && (st.stx_attributes & STATX_ATTR_MOUNT_ROOT);
}

int action_autofs_mount(struct run *r)
{
	const char *where = r->p.n_paths ? r->p.paths[0] : NULL;
	unsigned mode;
	char *options;
	int e;

	if (!where || r->p.n_argv != 2 || r->p.n_fds != 1 || sscanf(r->p.argv[1], "%o", &mode) != 1)
		return -EBADMSG;
	if (is_mount_point(where))
		return -EEXIST;
	e = mkdir_parents(where, (mode_t)mode);
	if (e == 0 && mkdir(where, (mode_t)mode) < 0 && errno != EEXIST)
		e = -errno;
	if (e < 0 && e != -EROFS)       /* what is there already needs no making */
		return e;
	must_alloc(asprintf(&options, "fd=%d,%s", FIRST_FD, r->p.argv[0]) < 0 ? NULL : options);
	return mount("systemd-1", where, "autofs", 0, options) < 0 ? -errno : 0;
}

/* Each look waits until core has unmounted what was found; then the next one, until nothing is idle. */
int action_autofs_expire(struct run *r)
{
	_cleanup_(closep) int device = open("/dev/autofs", O_RDONLY | O_CLOEXEC);
	_cleanup_(closep) int mount = -1;
	struct autofs_dev_ioctl p;
	unsigned long long seconds;
	uint32_t dev;

	if (device < 0)
		return -errno;
	if (!r->p.n_paths || r->p.n_argv != 2 || sscanf(r->p.argv[0], "%u", &dev) != 1 || sscanf(r->p.argv[1], "%llu", &seconds) != 1)
		return -EBADMSG;
	mount = autofs_open(device, r->p.paths[0], dev);
	if (mount < 0)
		return mount;
	init_autofs_dev_ioctl(&p);
	p.ioctlfd = mount;
	p.timeout.timeout = seconds;
	if (ioctl(device, AUTOFS_DEV_IOCTL_TIMEOUT, &p) < 0)
		return -errno;
	do {
		init_autofs_dev_ioctl(&p);
		p.ioctlfd = mount;
	} while (ioctl(device, AUTOFS_DEV_IOCTL_EXPIRE, &p) == 0);
	return errno == EAGAIN ? 0 : -errno;
}

int action_detach(struct run *r)
{
	if (!r->p.n_paths)
		return -EBADMSG;
	for (int i = 0; i < MOST_MOUNTS; i++)
		if (umount2(r->p.paths[0], MNT_DETACH | UMOUNT_NOFOLLOW) < 0)
			return errno == EINVAL || errno == ENOENT ? 0 : -errno;
	return -EBUSY;
}
