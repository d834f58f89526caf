/* watch.c - see watch.h */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include "database/database.h"
#include "watch/watch.h"

static void link_path(const struct watch *w, const char *name, char path[PATH_MAX]) { snprintf(path, PATH_MAX, "%s/watch/%s", w->run, name); }

static int read_link(const struct watch *w, const char *name, char *out, size_t size)
{
	char path[PATH_MAX];
	ssize_t n;

	link_path(w, name, path);
	n = readlink(path, out, size - 1);
	if (n < 0)
		return -errno;
	out[n] = '\0';
	return 0;
}

static int put_link(const struct watch *w, const char *name, const char *to)
{
	char path[PATH_MAX];

	link_path(w, name, path);
	if (symlink(to, path) == 0)
		return 0;
	if (errno == ENOENT) {
		int r = database_mkdir_parents(path);

		if (r < 0)
			return r;
	} else if (errno == EEXIST)
		unlink(path);
	return symlink(to, path) < 0 ? -errno : 0;
}

static void drop_link(const struct watch *w, const char *name)
{
	char path[PATH_MAX];

	link_path(w, name, path);
	unlink(path);
}

int watch_begin(const struct watch *w, struct device *d)
{
	const char *id = device_id(d);
	char number[16], old[NAME_MAX + 1];
	int wd, r;

	if (w->inotify < 0 || !d->devname || !id)
		return 0;
	wd = inotify_add_watch(w->inotify, d->devname, IN_CLOSE_WRITE);
	if (wd < 0)
		return -errno;
	snprintf(number, sizeof(number), "%d", wd);
	if (read_link(w, id, old, sizeof(old)) == 0 && !streq(old, number))
		drop_link(w, old);
	r = put_link(w, number, id);
	return r < 0 ? r : put_link(w, id, number);
}

int watch_end(const struct watch *w, struct device *d)
{
	const char *id = device_id(d);
	char number[NAME_MAX + 1], owner[NAME_MAX + 1];

	if (w->inotify < 0 || !d->devnum || !id || read_link(w, id, number, sizeof(number)) < 0)
		return 0;
	if (read_link(w, number, owner, sizeof(owner)) == 0 && streq(owner, id)) {
		inotify_rm_watch(w->inotify, atoi(number));
		drop_link(w, number);
	}
	drop_link(w, id);
	return 0;
}

int watch_device(const struct watch *w, int wd, char *id, size_t size)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", wd);
	return read_link(w, number, id, size);
}

void watch_forget(const struct watch *w, int wd)
{
	char number[16], id[NAME_MAX + 1], back[NAME_MAX + 1];

	snprintf(number, sizeof(number), "%d", wd);
	if (read_link(w, number, id, sizeof(id)) < 0)
		return;
	drop_link(w, number);
	if (read_link(w, id, back, sizeof(back)) == 0 && streq(back, number))
		drop_link(w, id);
}

/* "b8:0" -> the block device in sysfs */
static int open_id(struct device **ret, struct arena *a, const char *sysfs, const char *id)
{
	char path[PATH_MAX];

	if (id[0] != 'b' || strchr(id, '/'))
		return -ENODEV;
	snprintf(path, sizeof(path), "/dev/block/%s", id + 1);
	return device_open(ret, a, sysfs, path);
}

int watch_restore(const struct watch *w, const char *sysfs)
{
	char path[PATH_MAX], id[64][NAME_MAX + 1];
	size_t n = 0;
	struct dirent *e;
	int count = 0;
	DIR *d;

	link_path(w, "", path);
	do {                                            /* 64 at a time: the numbers are those of an inotify that is gone */
		n = 0;
		d = opendir(path);
		if (!d)
			return errno == ENOENT ? count : -errno;
		while ((e = readdir(d)) && n < ARRAY_SIZE(id)) {
			if (e->d_name[0] == '.')
				continue;
			if (e->d_name[0] == 'b')
				snprintf(id[n++], sizeof(id[0]), "%s", e->d_name);
			drop_link(w, e->d_name);
		}
		closedir(d);
		for (size_t i = 0; i < n; i++) {
			struct arena a = ARENA_HEAP(1u << 20);
			struct device *dev;

			if (open_id(&dev, &a, sysfs, id[i]) == 0 && watch_begin(w, dev) == 0)
				count++;
			arena_reset(&a);
		}
	} while (n == ARRAY_SIZE(id));
	return count;
}
