/* device.c - identity: path, names, subsystem, driver, parent; the uevent */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include "device.h"
#include "osfile.h"
#include "value.h"

#define UEVENT_BYTES_MAX 16384

static char *copy(struct arena *a, const char *s) { return arena_strndup(a, s, strlen(s)); }

/* last element of where a link points to; NULL: no link */
static const char *link_name(struct arena *a, const char *dir, const char *name)
{
	char path[PATH_MAX], target[PATH_MAX];
	ssize_t n;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, name) >= sizeof(path))
		return NULL;
	n = readlink(path, target, sizeof(target) - 1);
	if (n <= 0)
		return NULL;
	target[n] = '\0';
	return copy(a, strrchr(target, '/') ? strrchr(target, '/') + 1 : target);
}

static int set_names(struct device *d)
{
	char *name = copy(d->arena, strrchr(d->devpath, '/') + 1);
	size_t n;

	if (!name)
		return -ENOMEM;
	for (char *p = name; *p; p++)
		if (*p == '!')
			*p = '/';
	d->sysname = name;
	n = strlen(name);
	while (n > 0 && name[n - 1] >= '0' && name[n - 1] <= '9')
		n--;
	d->sysnum = n > 0 && name[n] ? name + n : NULL;
	return 0;
}

static void set_subsystem(struct device *d)
{
	const char *p = strstr(d->devpath, "/drivers/");

	if (!p && endswith(d->devpath, "/drivers"))             /* the folder itself is one, too */
		p = d->devpath + strlen(d->devpath) - strlen("/drivers");

	d->subsystem = link_name(d->arena, d->path, "subsystem");
	if (d->subsystem)
		return;
	if (startswith(d->devpath, "/module/"))
		d->subsystem = "module";
	else if (p) {
		const char *from = p;

		while (from > d->devpath && from[-1] != '/')
			from--;
		d->driver_subsystem = arena_strndup(d->arena, from, (size_t)(p - from));
		d->subsystem = "drivers";
	} else if (startswith(d->devpath, "/subsystem/") || startswith(d->devpath, "/class/") || startswith(d->devpath, "/bus/"))
		d->subsystem = "subsystem";
}

static int64_t number(const char *s, int base)
{
	char *end;
	long long v = strtoll(s, &end, base);

	return *s && !*end && v >= 0 && v <= UINT32_MAX ? v : -1;
}

static void take_known(struct device *d, const char *key, const char *value, unsigned *major_number, unsigned *minor_number)
{
	if (streq(key, "MAJOR"))
		*major_number = (unsigned)MAX(number(value, 10), (int64_t)0);
	else if (streq(key, "MINOR"))
		*minor_number = (unsigned)MAX(number(value, 10), (int64_t)0);
	else if (streq(key, "IFINDEX"))
		d->ifindex = (int)MAX(number(value, 10), (int64_t)0);
	else if (streq(key, "DEVTYPE"))
		d->devtype = value;
	else if (streq(key, "DEVMODE"))
		d->devmode = number(value, 8);
	else if (streq(key, "DEVUID"))
		d->devuid = number(value, 10);
	else if (streq(key, "DEVGID"))
		d->devgid = number(value, 10);
	else if (streq(key, "DEVNAME"))
		d->devname = value;
}

int device_uevent(struct device *d, const char *text, size_t n)
{
	unsigned ma = major(d->devnum), mi = minor(d->devnum);
	bool numbers = false;
	char digits[16];

	while (n > 0) {
		const char *newline = memchr(text, '\n', n), *eq;
		size_t len = newline ? (size_t)(newline - text) : n, whole = len + (newline != NULL);
		char *key, *value;

		eq = memchr(text, '=', len);
		if (eq && eq > text && eq < text + len) {
			key = arena_strndup(d->arena, text, (size_t)(eq - text));
			value = arena_strndup(d->arena, eq + 1, (size_t)(text + len - eq - 1));
			if (!key || !value)
				return -ENOMEM;
			if (streq(key, "DEVNAME") && value[0] != '/') {
				char *full = arena_alloc(d->arena, strlen(value) + 6, 1);

				if (!full)
					return -ENOMEM;
				value = strcat(strcpy(full, "/dev/"), value);
			}
			take_known(d, key, value, &ma, &mi);
			if (streq(key, "MAJOR") || streq(key, "MINOR"))
				numbers = true;                 /* they come last, as sd-device has them */
			else if (device_set(d, key, value, false) < 0)
				return -ENOMEM;
		}
		text += whole;
		n -= whole;
	}
	d->devnum = makedev(ma, mi);
	if (!numbers)
		return 0;
	snprintf(digits, sizeof(digits), "%u", ma);
	if (device_set(d, "MAJOR", digits, false) < 0)
		return -ENOMEM;
	snprintf(digits, sizeof(digits), "%u", mi);
	return device_set(d, "MINOR", digits, false);
}

static int read_uevent(struct device *d)
{
	char path[PATH_MAX], text[UEVENT_BYTES_MAX];
	int n;

	if ((size_t)snprintf(path, sizeof(path), "%s/uevent", d->path) >= sizeof(path))
		return -ENAMETOOLONG;
	n = osfile_read(path, text, sizeof(text));
	if (n < 0)                              /* a subsystem or driver may have one that cannot be read */
		return n == -ENOMEM ? n : 0;
	return device_uevent(d, text, (size_t)n);
}

static int fill(struct device *d)
{
	int r = set_names(d);

	if (r < 0)
		return r;
	set_subsystem(d);
	if (device_set(d, "DEVPATH", d->devpath, false) < 0 || (d->subsystem && device_set(d, "SUBSYSTEM", d->subsystem, false) < 0))
		return -ENOMEM;
	d->is_block = d->subsystem && streq(d->subsystem, "block");
	return read_uevent(d);
}

static int open_real(struct device **ret, struct arena *a, const char *sysfs, const char *real, size_t root_len)
{
	struct device *d;
	int r;

	if (strlen(real) <= root_len || real[root_len] != '/')
		return -ENODEV;
	d = arena_alloc(a, sizeof(*d), _Alignof(struct device));
	if (!d)
		return -ENOMEM;
	*d = (struct device){ .arena = a, .sysfs = sysfs, .devmode = -1, .devuid = -1, .devgid = -1 };
	d->path = copy(a, real);
	if (!d->path)
		return -ENOMEM;
	d->devpath = d->path + root_len;
	r = fill(d);
	if (r == 0)
		*ret = d;
	return r;
}

/* a folder is a device when the kernel put an uevent file there; subsystems, drivers and modules without one count, too */
static bool is_device(const char *path, const char *devpath)
{
	char file[PATH_MAX];
	struct stat st;

	if (startswith(devpath, "/devices/"))
		return (size_t)snprintf(file, sizeof(file), "%s/uevent", path) < sizeof(file) && access(file, F_OK) == 0;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int device_open(struct device **ret, struct arena *a, const char *sysfs, const char *path)
{
	char root[PATH_MAX], full[PATH_MAX], real[PATH_MAX];
	size_t n;

	if (!realpath(sysfs, root))
		return -errno;
	if (startswith(path, sysfs) && (path[strlen(sysfs)] == '/' || !path[strlen(sysfs)]))
		path += strlen(sysfs);
	if ((size_t)snprintf(full, sizeof(full), "%s%s%s", root, path[0] == '/' ? "" : "/", path) >= sizeof(full))
		return -ENAMETOOLONG;
	if (!realpath(full, real))
		return errno == ENOENT ? -ENODEV : -errno;
	n = strlen(root);
	if (strncmp(real, root, n) != 0 || real[n] != '/' || !is_device(real, real + n))
		return -ENODEV;
	return open_real(ret, a, sysfs, real, n);
}

int device_open_number(struct device **ret, struct arena *a, const char *sysfs, bool block, dev_t number)
{
	char path[64];

	snprintf(path, sizeof(path), "/dev/%s/%u:%u", block ? "block" : "char", major(number), minor(number));
	return device_open(ret, a, sysfs, path);
}

/* "b8:0", "c1:3"; true: *@r has the answer */
static bool open_number_id(struct device **ret, struct arena *a, const char *sysfs, const char *id, int *r)
{
	unsigned ma, mi;
	int n = 0;

	if ((id[0] != 'b' && id[0] != 'c') || sscanf(id + 1, "%u:%u%n", &ma, &mi, &n) != 2 || id[1 + n])
		return false;
	*r = device_open_number(ret, a, sysfs, id[0] == 'b', makedev(ma, mi));
	return true;
}

static int open_ifindex(struct device **ret, struct arena *a, const char *sysfs, int ifindex)
{
	char path[PATH_MAX];
	int r = -ENODEV;
	struct dirent *e;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/class/net", sysfs);
	dir = opendir(path);
	while (dir && r != 0 && (e = readdir(dir))) {
		if (e->d_name[0] == '.')
			continue;
		r = device_open_name(ret, a, sysfs, "net", e->d_name);
		if (r == 0 && (*ret)->ifindex != ifindex)
			r = -ENODEV;
	}
	if (dir)
		closedir(dir);
	return r;
}

int device_open_id(struct device **ret, struct arena *a, const char *sysfs, const char *id)
{
	char subsystem[NAME_MAX + 1];
	const char *colon;
	int r;

	if (open_number_id(ret, a, sysfs, id, &r))
		return r;
	if (id[0] == 'n' && number(id + 1, 10) > 0)
		return open_ifindex(ret, a, sysfs, (int)number(id + 1, 10));
	if (id[0] != '+')
		return -EINVAL;
	colon = strchr(id, ':');
	if (!colon || colon == id + 1 || !colon[1] || colon - id > NAME_MAX)
		return -EINVAL;
	snprintf(subsystem, sizeof(subsystem), "%.*s", (int)(colon - id - 1), id + 1);
	return device_open_name(ret, a, sysfs, subsystem, colon + 1);
}

int device_open_name(struct device **ret, struct arena *a, const char *sysfs, const char *subsystem, const char *name)
{
	static const char *const forms[] = { "/bus/%s/devices/%s", "/class/%s/%s", "/firmware/%s/%s" };
	char path[PATH_MAX], fixed[NAME_MAX + 1];
	int r;

	if (strlen(name) > NAME_MAX || strchr(subsystem, '/'))
		return -ENODEV;
	strcpy(fixed, name);
	for (char *p = fixed; *p; p++)
		if (*p == '/')
			*p = '!';
	if (streq(subsystem, "subsystem")) {
		snprintf(path, sizeof(path), "/bus/%s", fixed);
		r = device_open(ret, a, sysfs, path);
		if (r >= 0)
			return r;
		snprintf(path, sizeof(path), "/class/%s", fixed);
		return device_open(ret, a, sysfs, path);
	}
	if (streq(subsystem, "module")) {
		snprintf(path, sizeof(path), "/module/%s", fixed);
		return device_open(ret, a, sysfs, path);
	}
	if (streq(subsystem, "drivers")) {
		char *colon = strchr(fixed, ':');

		if (!colon)
			return -ENODEV;
		*colon = '\0';
		snprintf(path, sizeof(path), "/bus/%s/drivers/%s", fixed, colon + 1);
		return device_open(ret, a, sysfs, path);
	}
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		snprintf(path, sizeof(path), forms[i], subsystem, fixed);
		r = device_open(ret, a, sysfs, path);
		if (r != -ENODEV)
			return r;
	}
	return -ENODEV;
}

struct device *device_parent(struct device *d)
{
	size_t root = (size_t)(d->devpath - d->path);
	char path[PATH_MAX], *slash;

	if (d->parent_known)
		return d->parent;
	d->parent_known = true;
	strcpy(path, d->path);
	while ((slash = strrchr(path + root, '/')) && slash > path + root) {
		*slash = '\0';
		if (streq(path + root, "/devices") || !is_device(path, path + root))
			continue;
		if (open_real(&d->parent, d->arena, d->sysfs, path, root) < 0)
			d->parent = NULL;
		break;
	}
	return d->parent;
}

const char *device_driver(struct device *d)
{
	if (!d->driver_known) {
		d->driver = link_name(d->arena, d->path, "driver");
		d->driver_known = true;
	}
	return d->driver;
}

const char *device_id(struct device *d)
{
	char id[NAME_MAX + 1];
	int n;

	if (major(d->devnum) > 0)
		n = snprintf(id, sizeof(id), "%c%u:%u", d->is_block ? 'b' : 'c', major(d->devnum), minor(d->devnum));
	else if (d->ifindex > 0)
		n = snprintf(id, sizeof(id), "n%d", d->ifindex);
	else if (!d->subsystem)
		return NULL;
	else if (d->driver_subsystem)
		n = snprintf(id, sizeof(id), "+drivers:%s:%s", d->driver_subsystem, strrchr(d->devpath, '/') + 1);
	else
		n = snprintf(id, sizeof(id), "+%s:%s", d->subsystem, strrchr(d->devpath, '/') + 1);
	return n < (int)sizeof(id) ? copy(d->arena, id) : NULL;
}
