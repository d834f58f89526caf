/* enumerate.c - udev_enumerate: enumerate/enumerate.h as a list */
#include "enumerate/enumerate.h"
#include "internal.h"

struct udev_enumerate {
	unsigned refs;
	struct udev *udev;
	struct enumerate *e;
	struct list list;
	bool listed;                    /* the list stays as it is until something is added; so it is in every libudev */
	unsigned scanned;               /* what, since the last filter; 0: not, and then nothing is listed */
};

static void udev_enumerate_free(struct udev_enumerate *u)
{
	list_finish(&u->list);
	enumerate_free(u->e);
	free(u);
}
DEFINE_REFS(udev_enumerate)
DEFINE_GET_UDEV(udev_enumerate)

struct udev_enumerate *udev_enumerate_new(struct udev *udev)
{
	struct udev_enumerate *u = calloc(1, sizeof(*u));

	if (!u || enumerate_new(&u->e, SYSFS, RUN) < 0) {
		free(u);
		return fail(ENOMEM);
	}
	u->refs = 1;
	u->udev = udev;
	return u;
}

/* an empty key matches everything: nothing to add */
static int add(struct udev_enumerate *u, enum enumerate_kind kind, const char *key, const char *value)
{
	if (!u)
		return -EINVAL;
	if (!key)
		return 0;
	u->listed = false;
	u->scanned = 0;
	return enumerate_match(u->e, kind, key, value);
}

int udev_enumerate_add_match_subsystem(struct udev_enumerate *u, const char *subsystem) { return add(u, ENUMERATE_SUBSYSTEM, subsystem, NULL); }
int udev_enumerate_add_nomatch_subsystem(struct udev_enumerate *u, const char *subsystem) { return add(u, ENUMERATE_NO_SUBSYSTEM, subsystem, NULL); }
int udev_enumerate_add_match_sysattr(struct udev_enumerate *u, const char *sysattr, const char *value) { return add(u, ENUMERATE_ATTR, sysattr, value); }
int udev_enumerate_add_nomatch_sysattr(struct udev_enumerate *u, const char *sysattr, const char *value) { return add(u, ENUMERATE_NO_ATTR, sysattr, value); }
int udev_enumerate_add_match_property(struct udev_enumerate *u, const char *property, const char *value) { return add(u, ENUMERATE_PROPERTY, property, value); }
int udev_enumerate_add_match_sysname(struct udev_enumerate *u, const char *sysname) { return add(u, ENUMERATE_NAME, sysname, NULL); }
int udev_enumerate_add_match_tag(struct udev_enumerate *u, const char *tag) { return add(u, ENUMERATE_TAG, tag, NULL); }

int udev_enumerate_add_match_parent(struct udev_enumerate *u, struct udev_device *parent)
{
	return add(u, ENUMERATE_PARENT, parent ? udev_device_get_syspath(parent) : NULL, NULL);
}

int udev_enumerate_add_match_is_initialized(struct udev_enumerate *u)
{
	if (!u)
		return -EINVAL;
	u->listed = false;
	u->scanned = 0;
	enumerate_initialized(u->e, ENUMERATE_READY);
	return 0;
}

int udev_enumerate_add_syspath(struct udev_enumerate *u, const char *syspath)
{
	if (!u)
		return -EINVAL;
	if (!syspath)
		return 0;
	if (!startswith(syspath, SYSFS "/"))
		return -EINVAL;
	u->listed = false;
	return enumerate_add(u->e, syspath);
}

static int scan(struct udev_enumerate *u, unsigned what)
{
	if (!u)
		return -EINVAL;
	if (u->scanned == what)
		return 0;
	u->scanned = what;
	enumerate_forget(u->e);
	return enumerate_scan(u->e, what);
}

int udev_enumerate_scan_devices(struct udev_enumerate *u) { return scan(u, ENUMERATE_DEVICES); }
int udev_enumerate_scan_subsystems(struct udev_enumerate *u) { return scan(u, ENUMERATE_SUBSYSTEMS); }

struct udev_list_entry *udev_enumerate_get_list_entry(struct udev_enumerate *u)
{
	const char *const *paths;
	size_t n;

	if (!u)
		return fail(EINVAL);
	if (u->listed)
		return list_first(&u->list);
	list_finish(&u->list);
	paths = enumerate_paths(u->e, &n);
	for (size_t i = u->scanned ? 0 : n; i < n; i++)
		if (!paths || list_add(&u->list, paths[i], NULL) < 0)
			return fail(ENOMEM);
	u->listed = true;
	return list_first(&u->list);
}
