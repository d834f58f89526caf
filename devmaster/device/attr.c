/* attr.c - sysfs attributes, read once a device; "[subsystem/kernel]attribute" */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include "device.h"

#define ATTR_BYTES_MAX 65536            /* a sysfs attribute is one page at most; a few binary ones are larger */

#define PAGE_BYTES 4096u

struct attr { struct attr *next; const char *name, *value; };

static const char *read_link(struct arena *a, const char *path, const char *name)
{
	char target[PATH_MAX];
	ssize_t n;

	if (!streq(name, "driver") && !streq(name, "subsystem") && !streq(name, "module"))
		return NULL;
	n = readlink(path, target, sizeof(target) - 1);
	if (n <= 0)
		return NULL;
	target[n] = '\0';
	return arena_strndup(a, strrchr(target, '/') ? strrchr(target, '/') + 1 : target, strlen(strrchr(target, '/') ? strrchr(target, '/') + 1 : target));
}

/* a sysfs attribute comes with one read; only what fills whole pages may go on */
static ssize_t read_value(int fd, char *value, size_t size)
{
	size_t n = 0;
	ssize_t k;

	do {
		k = read(fd, value + n, size - n);
		n += (size_t)MAX(k, (ssize_t)0);
	} while ((k < 0 && errno == EINTR) || (k > 0 && n % PAGE_BYTES == 0 && n < size));
	return k < 0 ? -errno : (ssize_t)n;
}

static const char *read_attr(struct device *d, const char *name)
{
	char path[PATH_MAX], value[ATTR_BYTES_MAX];
	_cleanup_(closep) int fd = -1;
	struct stat st;
	ssize_t n;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", d->path, name) >= sizeof(path))
		return NULL;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return errno == ELOOP ? read_link(d->arena, path, name) : NULL;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || !(st.st_mode & S_IRUSR))
		return NULL;
	n = read_value(fd, value, sizeof(value) - 1);
	if (n < 0)
		return NULL;
	value[n] = '\0';
	n = (ssize_t)strnlen(value, (size_t)n);
	while (n > 0 && (value[n - 1] == '\n' || value[n - 1] == '\r'))
		n--;
	return arena_strndup(d->arena, value, (size_t)n);
}

const char *device_attr(struct device *d, const char *name)
{
	struct attr *at;

	for (at = d->attrs; at; at = at->next)
		if (streq(at->name, name))
			return at->value;
	at = arena_alloc(d->arena, sizeof(*at), _Alignof(struct attr));
	if (!at)
		return NULL;
	*at = (struct attr){ d->attrs, arena_strndup(d->arena, name, strlen(name)), read_attr(d, name) };
	if (at->name)
		d->attrs = at;
	return at->value;
}

static int by_text(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

static int list_attrs(struct device *d, int at, const char *below, struct words *names)
{
	int r = 0, fd = openat(at, *below ? below : d->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (!dir && fd >= 0)
		close(fd);
	while (dir && r >= 0 && (e = readdir(dir))) {
		char name[PATH_MAX], uevent[NAME_MAX + 8];
		struct stat st;

		if (streq(e->d_name, ".") || streq(e->d_name, "..") || fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if ((size_t)snprintf(name, sizeof(name), "%s%s%s", below, *below ? "/" : "", e->d_name) >= sizeof(name))
			continue;
		snprintf(uevent, sizeof(uevent), "%s/uevent", e->d_name);
		if (!S_ISDIR(st.st_mode) && (st.st_mode & (S_IRUSR | S_IWUSR)))
			r = words_add(d->arena, names, name);
		else if (S_ISDIR(st.st_mode) && faccessat(fd, uevent, F_OK, 0) < 0)
			r = list_attrs(d, at, name, names);
	}
	if (dir)
		closedir(dir);
	return MIN(r, 0);
}

int device_attr_names(struct device *d, struct words *names)
{
	_cleanup_(closep) int at = open(d->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = at < 0 ? 0 : list_attrs(d, at, "", names);

	if (names->n)
		qsort(names->v, names->n, sizeof(*names->v), by_text);
	return r;
}

int sysfs_resolve(struct arena *a, const char *sysfs, const char *text, bool read, const char **ret)
{
	char subsystem[NAME_MAX + 1], name[NAME_MAX + 1];
	const char *slash, *close, *attr;
	struct device *d;
	size_t n;
	char *path;
	int r;

	if (text[0] != '[' || !(close = strchr(text, ']')) || !(slash = memchr(text, '/', (size_t)(close - text))))
		return -EINVAL;
	n = (size_t)(slash - text) - 1;
	if (n == 0 || n > NAME_MAX || close - slash - 1 <= 0 || close - slash - 1 > NAME_MAX)
		return -EINVAL;
	memcpy(subsystem, text + 1, n);
	subsystem[n] = '\0';
	n = (size_t)(close - slash) - 1;
	memcpy(name, slash + 1, n);
	name[n] = '\0';
	attr = close + 1;
	attr += *attr == '/';
	if (read && !*attr)
		return -EINVAL;
	r = device_open_name(&d, a, sysfs, subsystem, name);
	if (r < 0)
		return r;
	if (read) {
		const char *value = device_attr(d, attr);

		*ret = value ? value : "";
		return 0;
	}
	path = arena_alloc(a, strlen(d->path) + strlen(attr) + 2, 1);
	if (!path)
		return -ENOMEM;
	sprintf(path, "%s%s%s", d->path, *attr ? "/" : "", attr);
	*ret = path;
	return 0;
}
