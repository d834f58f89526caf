/* change.c - what is done when the writer of a watched device has closed it; see watch.h */
#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include "watch/watch.h"

static int trigger(const char *folder)
{
	_cleanup_(closep) int fd = -1;
	char path[PATH_MAX];

	if ((size_t)snprintf(path, sizeof(path), "%s/uevent", folder) >= sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd < 0 || write(fd, "change", 6) != 6 ? -errno : 0;
}

/* the folders of the partitions of @d; with @act events are made. How many */
static int partitions(struct device *d, bool act)
{
	char path[PATH_MAX + NAME_MAX + 2], file[PATH_MAX + 2 * NAME_MAX];
	DIR *dir = opendir(d->path);
	struct dirent *e;
	int n = 0;

	while (dir && (e = readdir(dir))) {
		if (e->d_type != DT_DIR || e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", d->path, e->d_name);
		snprintf(file, sizeof(file), "%s/partition", path);
		if (access(file, F_OK) < 0)
			continue;
		n++;
		if (act)
			trigger(path);
	}
	if (dir)
		closedir(dir);
	return n;
}

/* true: the kernel has read the table, and so made events of what it found */
static bool table_read(struct device *d)
{
	_cleanup_(closep) int fd = open(d->devname, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0)
		return false;
	return ioctl(fd, BLKRRPART, 0) == 0;
}

int watch_change(const char *sysfs, const char *id)
{
	struct arena a = ARENA_HEAP(1u << 20);
	char path[PATH_MAX];
	struct device *d;
	bool disk, done = false;
	int r;

	if (id[0] != 'b' || strchr(id, '/'))
		return -EINVAL;
	snprintf(path, sizeof(path), "/dev/block/%s", id + 1);
	r = device_open(&d, &a, sysfs, path);
	if (r == 0 && d->devname) {
		disk = streq0(d->devtype, "disk") && !startswith(d->sysname, "dm-");
		if (disk)
			done = table_read(d) && partitions(d, false) > 0;
		if (!done)
			r = trigger(d->path);
		if (!done && disk)
			partitions(d, true);
	}
	arena_reset(&a);
	return r;
}
