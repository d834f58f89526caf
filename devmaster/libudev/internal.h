/*
 * internal.h - what the files of libudev share: references, lists, where things are
 *
 * /sys and /run/udev are fixed here as they are in every libudev; tests put their own there by a mount namespace.
 */
#pragma once
#include "libudev.h"
#include "util.h"

#define SYSFS "/sys"
#define RUN "/run/udev"

/* list.c */
struct list { struct udev_list_entry *v; size_t n, cap; bool unique; };
void list_finish(struct list *l);                       /* empty again; its entries are gone */
int list_add(struct list *l, const char *name, const char *value);      /* copies; value NULL: none. -ENOMEM */
/** list_first() - sorts a unique one. NULL: empty, errno is ENODATA */
struct udev_list_entry *list_first(struct list *l);

/* device.c */
struct uevent;
/** device_of_event() - a message of a monitor; @known: it comes from the device manager. NULL with errno */
struct udev_device *device_of_event(struct udev *udev, const struct uevent *u, bool known);

/** fail() - errno for an answer that has no room for it */
static inline void *fail(int r)
{
	errno = r < 0 ? -r : r;
	return NULL;
}

/* the three functions of every counted type; TYPE needs .refs and .udev, and NAME_free() */
#define DEFINE_REFS(type) \
	struct type *type##_ref(struct type *o) \
	{ \
		if (o) \
			o->refs++; \
		return o; \
	} \
	struct type *type##_unref(struct type *o) \
	{ \
		if (o && --o->refs == 0) \
			type##_free(o); \
		return NULL; \
	}
#define DEFINE_GET_UDEV(type) \
	struct udev *type##_get_udev(struct type *o) { return o ? o->udev : fail(EINVAL); }
