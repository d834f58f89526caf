/* hwdb.c - udev_hwdb: hwdb/hwdb.h as a list */
#include <limits.h>
#include "hwdb/hwdb.h"
#include "internal.h"

struct udev_hwdb { unsigned refs; struct hwdb *h; struct list list; };

static void udev_hwdb_free(struct udev_hwdb *u)
{
	list_finish(&u->list);
	hwdb_close(u->h);
	free(u);
}
DEFINE_REFS(udev_hwdb)

struct udev_hwdb *udev_hwdb_new(struct udev *udev)
{
	struct udev_hwdb *u;
	char path[PATH_MAX];
	int r;

	if (!hwdb_find("", path, sizeof(path)))
		return fail(ENOENT);
	u = calloc(1, sizeof(*u));
	if (!u)
		return fail(ENOMEM);
	u->refs = 1;
	u->list.unique = true;
	r = hwdb_open(&u->h, path);
	if (r == 0)
		return u;
	free(u);
	return fail(r == -EBADMSG ? EINVAL : r);
}

struct udev_list_entry *udev_hwdb_get_properties_list_entry(struct udev_hwdb *u, const char *modalias, unsigned flags)
{
	struct hwdb_answer a = { 0 };
	int r;

	if (!u || !modalias)
		return fail(EINVAL);
	list_finish(&u->list);
	r = hwdb_query(u->h, modalias, &a);
	for (size_t i = 0; i < a.n && r == 0; i++)
		r = list_add(&u->list, a.v[i].key, a.v[i].value);
	hwdb_answer_finish(&a);
	return r < 0 ? fail(r) : list_first(&u->list);
}
