/* device.c - udev_device: a device of device/device.h in an arena of its own, its record read when it is first asked for */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include "buf.h"
#include "database/database.h"
#include "internal.h"
#include "uevent/uevent.h"

#define DEVICE_BYTES_MAX (32u << 20)

struct udev_device {
	unsigned refs;
	struct udev *udev;
	struct arena arena;
	struct device *d;
	struct udev_device *parent;
	bool parent_known, finished;
	bool of_event, known;           /* of a message: the database is not asked */
	const char *action;
	uint64_t seqnum;
	struct list properties, links, tags, current_tags, attrs;
};

static void udev_device_free(struct udev_device *u)
{
	udev_device_unref(u->parent);
	list_finish(&u->properties);
	list_finish(&u->links);
	list_finish(&u->tags);
	list_finish(&u->current_tags);
	list_finish(&u->attrs);
	arena_reset(&u->arena);
	free(u);
}
DEFINE_REFS(udev_device)
DEFINE_GET_UDEV(udev_device)

static struct udev_device *device_new(struct udev *udev)
{
	struct udev_device *u = calloc(1, sizeof(*u));

	if (!u)
		return fail(ENOMEM);
	u->refs = 1;
	u->udev = udev;
	u->arena = (struct arena)ARENA_HEAP(DEVICE_BYTES_MAX);
	u->properties.unique = u->links.unique = u->tags.unique = u->current_tags.unique = u->attrs.unique = true;
	return u;
}

/* @r: how opening u->d went */
static struct udev_device *opened(struct udev_device *u, int r)
{
	if (r < 0) {
		udev_device_free(u);
		return fail(r);
	}
	return u;
}

struct udev_device *udev_device_new_from_syspath(struct udev *udev, const char *syspath)
{
	struct udev_device *u;

	if (!syspath || !startswith(syspath, SYSFS))
		return fail(EINVAL);
	u = device_new(udev);
	return u ? opened(u, device_open(&u->d, &u->arena, SYSFS, syspath)) : NULL;
}

struct udev_device *udev_device_new_from_devnum(struct udev *udev, char type, dev_t devnum)
{
	struct udev_device *u;

	if (type != 'b' && type != 'c')
		return fail(EINVAL);
	u = device_new(udev);
	return u ? opened(u, device_open_number(&u->d, &u->arena, SYSFS, type == 'b', devnum)) : NULL;
}

struct udev_device *udev_device_new_from_subsystem_sysname(struct udev *udev, const char *subsystem, const char *sysname)
{
	struct udev_device *u;

	if (!subsystem || !sysname)
		return fail(EINVAL);
	u = device_new(udev);
	return u ? opened(u, device_open_name(&u->d, &u->arena, SYSFS, subsystem, sysname)) : NULL;
}

struct udev_device *udev_device_new_from_device_id(struct udev *udev, const char *id)
{
	struct udev_device *u;

	if (!id)
		return fail(EINVAL);
	u = device_new(udev);
	return u ? opened(u, device_open_id(&u->d, &u->arena, SYSFS, id)) : NULL;
}

/* words of @key between @separators, without @skip in front of each */
static int split(struct udev_device *u, const char *key, const char *separators, struct words *words)
{
	const char *s = device_property(u->d, key);
	int r = 0;

	while (s && *s && r >= 0) {
		size_t n = strcspn(s, separators);
		char *word = n ? arena_strndup(&u->arena, s, n) : NULL;

		if (n)
			r = word ? words_add(&u->arena, words, word) : -ENOMEM;
		s += n + (s[n] != '\0');
	}
	return MIN(r, 0);
}

struct udev_device *device_of_event(struct udev *udev, const struct uevent *e, bool known)
{
	struct udev_device *u = device_new(udev);
	const char *usec;
	int r;

	if (!u)
		return NULL;
	r = device_from_uevent(&u->d, &u->arena, SYSFS, e);
	if (r < 0)
		return opened(u, r);
	u->action = arena_strndup(&u->arena, e->action, strlen(e->action));
	u->seqnum = e->seqnum;
	u->of_event = true;
	u->known = known;
	r = u->action ? split(u, "DEVLINKS", " ", &u->d->links) : -ENOMEM;
	if (r == 0)
		r = split(u, "TAGS", ":", &u->d->tags);
	if (r == 0)
		r = split(u, "CURRENT_TAGS", ":", &u->d->current_tags);
	for (size_t i = 0; r == 0 && !device_property(u->d, "CURRENT_TAGS") && i < u->d->tags.n; i++)   /* of an older udev: all are current */
		r = MIN(words_add(&u->arena, &u->d->current_tags, u->d->tags.v[i]), 0);
	usec = device_property(u->d, "USEC_INITIALIZED");
	if (usec)
		u->d->initialized_usec = strtoull(usec, NULL, 10);
	return opened(u, r);
}

struct udev_device *udev_device_new_from_environment(struct udev *udev)
{
	struct udev_device *u = NULL;
	struct buf text = { 0 };
	struct uevent e;
	int r;

	for (char **p = environ; p && *p; p++)
		if (strchr(*p, '='))
			buf_add(&text, *p, strlen(*p) + 1);
	r = buf_error(&text);
	if (r == 0)
		r = uevent_properties((const char *)text.data, text.len, &e);
	if (r == 0)
		u = device_of_event(udev, &e, false);
	else
		errno = r == -EBADMSG ? EINVAL : -r;
	buf_finish(&text);
	return u;
}

/* the record and what is made of it; a failure leaves what is known */
static void finish(struct udev_device *u)
{
	struct database db = { RUN };

	if (u->finished)
		return;
	u->finished = true;
	if (!u->of_event && database_read(&db, u->d) == 0)
		device_finish_properties(u->d);
}

static struct udev_device *adopt(struct udev_device *child, struct device *d)
{
	struct udev_device *u = device_new(child->udev);

	return u ? opened(u, device_open(&u->d, &u->arena, SYSFS, d->path)) : NULL;
}

struct udev_device *udev_device_get_parent(struct udev_device *u)
{
	if (!u)
		return fail(EINVAL);
	if (!u->parent_known) {
		struct device *d = device_parent(u->d);

		u->parent_known = true;
		u->parent = d ? adopt(u, d) : NULL;
	}
	return u->parent ? u->parent : fail(ENOENT);
}

struct udev_device *udev_device_get_parent_with_subsystem_devtype(struct udev_device *u, const char *subsystem, const char *devtype)
{
	if (!u || !subsystem)
		return fail(EINVAL);
	while ((u = udev_device_get_parent(u)))
		if (streq0(u->d->subsystem, subsystem) && (!devtype || streq0(u->d->devtype, devtype)))
			return u;
	return fail(ENOENT);
}

static const char *text_or(const char *s, int error) { return s ? s : fail(error); }

const char *udev_device_get_devpath(struct udev_device *u) { return u ? u->d->devpath : fail(EINVAL); }
const char *udev_device_get_syspath(struct udev_device *u) { return u ? u->d->path : fail(EINVAL); }
const char *udev_device_get_sysname(struct udev_device *u) { return u ? u->d->sysname : fail(EINVAL); }
const char *udev_device_get_sysnum(struct udev_device *u) { return u ? u->d->sysnum : fail(EINVAL); }
const char *udev_device_get_subsystem(struct udev_device *u) { return u ? text_or(u->d->subsystem, ENOENT) : fail(EINVAL); }
const char *udev_device_get_devtype(struct udev_device *u) { return u ? u->d->devtype : fail(EINVAL); }
const char *udev_device_get_devnode(struct udev_device *u) { return u ? text_or(u->d->devname, ENOENT) : fail(EINVAL); }
const char *udev_device_get_action(struct udev_device *u) { return u ? u->action : fail(EINVAL); }
dev_t udev_device_get_devnum(struct udev_device *u) { return u ? u->d->devnum : 0; }
unsigned long long udev_device_get_seqnum(struct udev_device *u) { return u ? u->seqnum : 0; }

const char *udev_device_get_driver(struct udev_device *u)
{
	if (!u)
		return fail(EINVAL);
	if (u->of_event && device_property(u->d, "DRIVER"))
		return device_property(u->d, "DRIVER");
	device_set(u->d, "DRIVER", device_driver(u->d), false); /* what the uevent file says of it is not asked again */
	return text_or(device_driver(u->d), ENOENT);
}

unsigned long long udev_device_get_usec_since_initialized(struct udev_device *u)
{
	uint64_t now = now_usec(CLOCK_MONOTONIC);

	if (!u)
		return 0;
	finish(u);
	return u->d->initialized_usec && u->d->initialized_usec <= now ? now - u->d->initialized_usec : 0;
}

int udev_device_get_is_initialized(struct udev_device *u)
{
	if (!u)
		return -EINVAL;
	finish(u);
	return u->of_event ? u->known : u->d->recorded;
}

const char *udev_device_get_property_value(struct udev_device *u, const char *key)
{
	if (!u || !key)
		return fail(EINVAL);
	finish(u);
	return text_or(device_property(u->d, key), ENOENT);
}

struct udev_list_entry *udev_device_get_properties_list_entry(struct udev_device *u)
{
	if (!u)
		return fail(EINVAL);
	finish(u);
	if (!device_id(u->d))                           /* of no subsystem: nothing could be known of it */
		return fail(ENOENT);
	for (size_t i = u->properties.n ? u->d->n_props : 0; i < u->d->n_props; i++)
		if (list_add(&u->properties, u->d->props[i].key, u->d->props[i].value) < 0)
			return fail(ENOMEM);
	return list_first(&u->properties);
}

static struct udev_list_entry *list_words(struct list *l, const struct words *w)
{
	for (size_t i = l->n ? w->n : 0; i < w->n; i++)
		if (list_add(l, w->v[i], NULL) < 0)
			return fail(ENOMEM);
	return list_first(l);
}

struct udev_list_entry *udev_device_get_devlinks_list_entry(struct udev_device *u)
{
	if (!u)
		return fail(EINVAL);
	finish(u);
	return list_words(&u->links, &u->d->links);
}

struct udev_list_entry *udev_device_get_tags_list_entry(struct udev_device *u)
{
	if (!u)
		return fail(EINVAL);
	finish(u);
	return list_words(&u->tags, &u->d->tags);
}

struct udev_list_entry *udev_device_get_current_tags_list_entry(struct udev_device *u)
{
	if (!u)
		return fail(EINVAL);
	finish(u);
	return list_words(&u->current_tags, &u->d->current_tags);
}

struct udev_list_entry *udev_device_get_sysattr_list_entry(struct udev_device *u)
{
	struct words names = { 0 };

	if (!u)
		return fail(EINVAL);
	if (u->attrs.n == 0 && device_attr_names(u->d, &names) < 0)
		return fail(ENOMEM);
	return list_words(&u->attrs, &names);
}

int udev_device_has_tag(struct udev_device *u, const char *tag)
{
	if (!u || !tag)
		return 0;
	finish(u);
	return words_has(&u->d->tags, tag);
}

int udev_device_has_current_tag(struct udev_device *u, const char *tag)
{
	if (!u || !tag)
		return 0;
	finish(u);
	return words_has(&u->d->current_tags, tag);
}

static int why_no_attr(struct device *d, const char *name)
{
	char path[PATH_MAX];
	struct stat st;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", d->path, name) >= sizeof(path))
		return ENAMETOOLONG;
	if (lstat(path, &st) < 0)
		return errno;
	return S_ISLNK(st.st_mode) ? EINVAL : S_ISDIR(st.st_mode) ? EISDIR : !(st.st_mode & S_IRUSR) ? EPERM : access(path, R_OK) < 0 ? errno : ENOENT;
}

const char *udev_device_get_sysattr_value(struct udev_device *u, const char *sysattr)
{
	const char *value = u && sysattr ? device_attr(u->d, sysattr) : NULL;

	return value || !u || !sysattr ? text_or(value, EINVAL) : fail(why_no_attr(u->d, sysattr));
}

int udev_device_set_sysattr_value(struct udev_device *u, const char *sysattr, const char *value)
{
	_cleanup_(closep) int fd = -1;
	struct buf text = { 0 };
	char path[PATH_MAX];
	int r;

	if (!u || !sysattr)
		return -EINVAL;
	u->d->attrs = NULL;                             /* they are read anew */
	if (!value)
		return 0;
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", u->d->path, sysattr) >= sizeof(path))
		return -ENAMETOOLONG;
	buf_add(&text, value, strlen(value));
	while (text.len > 0 && strchr("\n\r", text.data[text.len - 1]))
		text.len--;
	buf_addc(&text, '\n');
	r = buf_error(&text);
	fd = r < 0 ? -1 : open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_TRUNC);
	if (r == 0 && (fd < 0 || write(fd, text.data, text.len) != (ssize_t)text.len))
		r = -errno;
	buf_finish(&text);
	return r;
}
