/* sys.c - see sys.h */
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <linux/loop.h>
#include <linux/reboot.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include "common/sys.h"

int mount_point(const char *path)
{
	struct statx sx;

	if (statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, 0, &sx) < 0)
		return -errno;
	return (sx.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;        /* since Linux 5.8 */
}

static int real_reboot(unsigned cmd, const char *argument)
{
	return syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, cmd, argument) < 0 ? -errno : 0;
}

static int real_kill_all(int signo)
{
	if (getpid() != 1 && getppid() != 1)    /* anybody else's kill(-1) reaches far beyond what PID 1 started */
		return -EPERM;
	return kill(-1, signo) < 0 && errno != ESRCH ? -errno : 0;
}

static int real_mount(const char *what, const char *where, const char *type, unsigned long flags, const char *options)
{
	return mount(what, where, type, flags, options) < 0 ? -errno : 0;
}

static int real_umount(const char *where, int flags) { return umount2(where, flags) < 0 ? -errno : 0; }

static int real_swapoff(const char *what) { return swapoff(what) < 0 ? -errno : 0; }

static int real_loop_clear(const char *device)
{
	_cleanup_(closep) int fd = open(device, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	return fd < 0 || ioctl(fd, LOOP_CLR_FD, 0) < 0 ? -errno : 0;
}

static int real_dm_remove(const char *name)
{
	_cleanup_(closep) int fd = open("/dev/mapper/control", O_RDWR | O_CLOEXEC);
	struct dm_ioctl arg = {
		.version = { DM_VERSION_MAJOR, 0, 0 }, .data_size = sizeof(arg), .data_start = sizeof(arg),
	};

	if (fd < 0)
		return -errno;
	if (strlen(name) >= sizeof(arg.name))
		return -ENAMETOOLONG;
	strcpy(arg.name, name);
	return ioctl(fd, DM_DEV_REMOVE, &arg) < 0 ? -errno : 0;
}

static const struct sys real = {
	.reboot = real_reboot,
	.kill_all = real_kill_all,
	.mount = real_mount,
	.umount = real_umount,
	.swapoff = real_swapoff,
	.loop_clear = real_loop_clear,
	.dm_remove = real_dm_remove,
	.sync = sync,
};

const struct sys *sys = &real;
