/* mount-dev.c - PrivateDevices=: a /dev with the pseudo devices only */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include "mounts.h"

#define BUILD "/run/sysmaster/dev-build"        /* in this namespace only, while it is put together */

static const struct { const char *name; unsigned major, minor; } nodes[] = {
	{ "null", 1, 3 }, { "zero", 1, 5 }, { "full", 1, 7 }, { "random", 1, 8 }, { "urandom", 1, 9 }, { "tty", 5, 0 }, { "ptmx", 5, 2 },
};
static const struct { const char *name, *target; } links[] = {
	{ "fd", "/proc/self/fd" }, { "stdin", "/proc/self/fd/0" }, { "stdout", "/proc/self/fd/1" }, { "stderr", "/proc/self/fd/2" },
	{ "core", "/proc/kcore" },
};
static const char *const dirs[] = { "pts", "shm", "mqueue", "hugepages" };

/* a device is also found by its number */
static int by_number(const char *name, unsigned major, unsigned minor)
{
	char path[64], target[32];

	snprintf(path, sizeof(path), BUILD "/char/%u:%u", major, minor);
	snprintf(target, sizeof(target), "../%s", name);
	return symlink(target, path) < 0 ? -errno : 0;
}

/* a device cannot be made in every container; then the host's is shown */
static int node(const char *name, unsigned major, unsigned minor)
{
	char *path = path_join(BUILD, name), *host = path_join("/dev", name);
	int e;

	if (mknod(path, S_IFCHR | 0666, makedev(major, minor)) == 0)
		return 0;
	if (errno != EPERM)
		return -errno;
	e = make_target(path, false);
	return e < 0 ? e : mount(host, path, NULL, MS_BIND, NULL) < 0 ? -errno : 0;
}

/* /dev/log: a link is copied, a socket shown */
static int log_socket(void)
{
	char link[4096];
	struct stat st;
	ssize_t n;
	int e;

	if (lstat("/dev/log", &st) < 0)
		return 0;
	if (S_ISLNK(st.st_mode)) {
		n = readlink("/dev/log", link, sizeof(link) - 1);
		if (n < 0)
			return -errno;
		link[n] = 0;
		return symlink(link, BUILD "/log") < 0 ? -errno : 0;
	}
	e = make_target(BUILD "/log", false);
	return e < 0 ? e : mount("/dev/log", BUILD "/log", NULL, MS_BIND, NULL) < 0 ? -errno : 0;
}

int dev_mount(const char *target)
{
	int e = make_target(BUILD, true);
	mode_t old;

	if (e < 0)
		return e;
	if (mount("tmpfs", BUILD, "tmpfs", MS_NOSUID | MS_STRICTATIME, "mode=0755,size=4m,nr_inodes=64k") < 0)
		return -errno;
	old = umask(0);
	e = mkdir(BUILD "/char", 0755) < 0 ? -errno : 0;
	for (size_t i = 0; i < ARRAY_SIZE(nodes) && e == 0; i++)
		if ((e = node(nodes[i].name, nodes[i].major, nodes[i].minor)) == 0)
			e = by_number(nodes[i].name, nodes[i].major, nodes[i].minor);
	for (size_t i = 0; i < ARRAY_SIZE(links) && e == 0; i++)
		if (!streq(links[i].name, "core") || access(links[i].target, F_OK) == 0)
			e = symlink(links[i].target, path_join(BUILD, links[i].name)) < 0 ? -errno : 0;
	for (size_t i = 0; i < ARRAY_SIZE(dirs) && e == 0; i++) {
		char *path = path_join(BUILD, dirs[i]), *host = path_join("/dev", dirs[i]);

		if (mkdir(path, 0755) < 0)
			e = -errno;
		else if (access(host, F_OK) == 0)
			e = mount(host, path, NULL, MS_BIND | MS_REC, NULL) < 0 ? -errno : 0;
	}
	if (e == 0)
		e = log_socket();
	umask(old);
	if (e == 0 && mount(BUILD, target, NULL, MS_MOVE, NULL) < 0)
		e = -errno;
	if (e < 0)
		umount2(BUILD, MNT_DETACH);
	rmdir(BUILD);
	return e;
}
