/* message.c - devices from messages instead of sysfs */
#include <limits.h>
#include <stdio.h>
#include "device.h"
#include "uevent/uevent.h"

static int take_names(struct device *d, const struct uevent *u)
{
	const char *name = strrchr(u->devpath, '/') + 1;
	char *copy = arena_strndup(d->arena, name, strlen(name));
	size_t n = strlen(name);

	if (!copy)
		return -ENOMEM;
	for (char *p = copy; *p; p++)
		if (*p == '!')
			*p = '/';
	d->sysname = copy;
	while (n > 0 && copy[n - 1] >= '0' && copy[n - 1] <= '9')
		n--;
	d->sysnum = n > 0 && copy[n] ? copy + n : NULL;
	return 0;
}

static int take_subsystem(struct device *d, const struct uevent *u)
{
	const char *end = streq(u->subsystem, "drivers") ? strstr(u->devpath, "/drivers/") : NULL, *from = end;

	d->subsystem = arena_strndup(d->arena, u->subsystem, strlen(u->subsystem));
	d->is_block = u->is_block;
	while (from && from > u->devpath && from[-1] != '/')
		from--;
	if (end)
		d->driver_subsystem = arena_strndup(d->arena, from, (size_t)(end - from));
	return d->subsystem && (!end || d->driver_subsystem) ? 0 : -ENOMEM;
}

int device_from_uevent(struct device **ret, struct arena *a, const char *sysfs, const struct uevent *u)
{
	size_t root = strlen(sysfs), n = strlen(u->devpath);
	struct device *d = arena_alloc(a, sizeof(*d), _Alignof(struct device));
	const char *p = NULL, *line;
	char *path;

	if (!d)
		return -ENOMEM;
	*d = (struct device){ .arena = a, .sysfs = sysfs, .devmode = -1, .devuid = -1, .devgid = -1 };
	path = arena_alloc(a, root + n + 1, 1);
	if (!path)
		return -ENOMEM;
	memcpy(path, sysfs, root);
	memcpy(path + root, u->devpath, n + 1);
	d->path = path;
	d->devpath = path + root;
	if (take_names(d, u) < 0 || take_subsystem(d, u) < 0)
		return -ENOMEM;
	while ((line = uevent_next(u, &p)))
		if (device_uevent(d, line, strlen(line)) < 0)
			return -ENOMEM;
	*ret = d;
	return 0;
}

/* what a message says of the event and not of the device */
static bool of_event(const char *key)
{
	return streq(key, "ACTION") || streq(key, "SEQNUM") || streq(key, "DEVPATH_OLD") || startswith(key, "SYNTH_");
}

struct device *device_shadow(const struct device *d)
{
	struct device *s = arena_alloc(d->arena, sizeof(*s), _Alignof(struct device));

	if (!s)
		return NULL;
	*s = (struct device){ .arena = d->arena, .sysfs = d->sysfs, .path = d->path, .devpath = d->devpath, .sysname = d->sysname, .sysnum = d->sysnum,
			      .subsystem = d->subsystem, .driver_subsystem = d->driver_subsystem, .devtype = d->devtype, .devname = d->devname,
			      .devnum = d->devnum, .ifindex = d->ifindex, .devmode = d->devmode, .devuid = d->devuid, .devgid = d->devgid,
			      .is_block = d->is_block };
	for (size_t i = 0; i < d->n_props; i++)
		if (!of_event(d->props[i].key) && device_set(s, d->props[i].key, d->props[i].value, false) < 0)
			return NULL;
	return s;
}
