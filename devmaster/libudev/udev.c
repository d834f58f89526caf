/* udev.c - the library object, and the encoding of names */
#include <syslog.h>
#include "event/event.h"
#include "internal.h"

struct udev { unsigned refs; int priority; void *userdata; };

struct udev *udev_new(void)
{
	struct udev *u = calloc(1, sizeof(*u));

	if (!u)
		return fail(ENOMEM);
	*u = (struct udev){ .refs = 1, .priority = LOG_INFO };
	return u;
}

struct udev *udev_ref(struct udev *udev)
{
	if (udev)
		udev->refs++;
	return udev;
}

/* of all types this one hands itself back while others hold it */
struct udev *udev_unref(struct udev *udev)
{
	if (!udev || --udev->refs > 0)
		return udev;
	free(udev);
	return NULL;
}

void *udev_get_userdata(struct udev *udev) { return udev ? udev->userdata : fail(EINVAL); }

void udev_set_userdata(struct udev *udev, void *userdata)
{
	if (udev)
		udev->userdata = userdata;
}

void udev_set_log_fn(struct udev *udev, void (*log_fn)(struct udev *udev, int priority, const char *file, int line, const char *fn, const char *format, va_list args)) { }
int udev_get_log_priority(struct udev *udev) { return udev ? udev->priority : LOG_INFO; }

void udev_set_log_priority(struct udev *udev, int priority)
{
	if (udev)
		udev->priority = priority;
}

int udev_util_encode_string(const char *str, char *str_enc, size_t len)
{
	if (!str || !str_enc || len == 0)
		return -EINVAL;
	return text_encode(str, str_enc, len) < 0 ? -EINVAL : 0;
}
