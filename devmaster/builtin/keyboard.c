/*
 * keyboard.c - what properties say about a keyboard, touchpad or pointing stick is told to the kernel
 *
 *   KEYBOARD_KEY_<scan code, hex>=<key>    "!" in front: the key is never said to be let go (force_release of the AT keyboard)
 *   EVDEV_ABS_<axis, hex>=<min>:<max>:<resolution>:<fuzz>:<flat>    what is empty stays
 *   POINTINGSTICK_SENSITIVITY=<0..255>
 */
#include <fcntl.h>
#include <limits.h>
#include <linux/input.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include "absinfo.h"
#include "builtins.h"
#include "keys.h"
#include "tool.h"

struct keyboard { struct event *e; int fd; int axes; struct buf release; };     /* axes: -1 not asked yet */

static void complain(struct keyboard *k, const struct property *p, const char *what)
{
	diag(k->e->sink, DIAG_WARNING, k->e->dev->devpath, 0, 0, "%s=%s: %s", p->key, p->value, what);
}

static int open_node(struct keyboard *k)
{
	if (k->fd < 0)
		k->fd = open(k->e->dev->devname, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	return k->fd < 0 ? -errno : 0;
}

static int set_key(struct keyboard *k, const struct property *p, const char *code)
{
	const char *name = p->value;
	unsigned map[2];
	uint64_t scan, number;
	int r;

	if (!text_number(code, 16, UINT32_MAX, &scan)) {
		complain(k, p, "expected a scan code as a hexadecimal number");
		return 0;
	}
	if (*name == '!') {
		buf_addf(&k->release, ",%u", (unsigned)scan);
		if (!*++name)
			return 0;
	}
	r = open_node(k);
	if (r < 0)
		return r;
	number = (uint64_t)MAX(key_number(name), 0);
	if (number == 0 && !streq(name, "reserved") && !text_number(name, 0, KEY_MAX, &number)) {
		complain(k, p, "expected the name or the number of a key");
		return 0;
	}
	map[0] = (unsigned)scan;
	map[1] = (unsigned)number;
	if (!k->e->dry && ioctl(k->fd, EVIOCSKEYCODE, map) < 0)
		complain(k, p, strerror(errno));
	return 0;
}

static int set_axis(struct keyboard *k, const struct property *p, const char *code)
{
	struct input_absinfo info;
	unsigned long bits = 0;
	uint64_t axis;
	int r;

	if (!text_number(code, 16, ABS_MAX, &axis)) {
		complain(k, p, "expected an axis as a hexadecimal number");
		return 0;
	}
	r = open_node(k);
	if (r < 0)
		return r;
	if (k->axes < 0) {
		if (ioctl(k->fd, EVIOCGBIT(0, sizeof(bits)), &bits) < 0)
			return -errno;
		k->axes = bits >> EV_ABS & 1;
	}
	if (!k->axes || ioctl(k->fd, EVIOCGABS(axis), &info) < 0)
		complain(k, p, "the device has no such axis");
	else if (absinfo_override(p->value, &info) < 0)
		complain(k, p, "expected min:max:resolution:fuzz:flat");
	else if (!k->e->dry && ioctl(k->fd, EVIOCSABS(axis), &info) < 0)
		complain(k, p, strerror(errno));
	return 0;
}

static int write_attr(struct keyboard *k, struct device *d, const char *name, const char *value)
{
	char path[PATH_MAX];

	if (k->e->dry)
		return 0;
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", d->path, name) >= sizeof(path))
		return -ENAMETOOLONG;
	return k->e->host->write ? k->e->host->write(k->e, path, value) : -EOPNOTSUPP;
}

static int set_stick(struct keyboard *k, const struct property *p, const char *rest)
{
	struct device *serio = parent_of(k->e->dev, "serio", NULL);
	uint64_t n;
	int r;

	if (!serio || !text_number(p->value, 10, 255, &n)) {
		complain(k, p, serio ? "expected a number up to 255" : "the device hangs on no serio port");
		return 0;
	}
	r = write_attr(k, serio, "sensitivity", p->value);
	if (r < 0)
		complain(k, p, strerror(-r));
	return 0;
}

static int set_release(struct keyboard *k)
{
	struct device *serio = parent_of(k->e->dev, "serio", NULL);
	const char *had = serio ? device_attr(serio, "force_release") : NULL;
	struct buf all = { 0 };
	int r = -ENOENT;

	if (k->release.len == 0)
		return 0;
	if (had && buf_str(&k->release)) {
		buf_adds(&all, had);
		buf_adds(&all, buf_str(&k->release));
		r = buf_str(&all) ? write_attr(k, serio, "force_release", buf_str(&all)) : -ENOMEM;
	}
	if (r < 0)
		diag(k->e->sink, DIAG_WARNING, k->e->dev->devpath, 0, 0, "cannot add to force_release of the keyboard: %s", strerror(-r));
	buf_finish(&all);
	return 0;
}

static const struct setting { const char *prefix; bool whole; int (*set)(struct keyboard *k, const struct property *p, const char *rest); } settings[] = {
	{ "KEYBOARD_KEY_", false, set_key }, { "EVDEV_ABS_", false, set_axis }, { "POINTINGSTICK_SENSITIVITY", true, set_stick },
};

int builtin_keyboard(struct event *e, int argc, char **argv)
{
	struct keyboard k = { .e = e, .fd = -1, .axes = -1 };
	int r = e->dev->devname ? 0 : -ENOENT;

	for (size_t i = 0; i < e->dev->n_props && r == 0; i++) {
		const struct property *p = &e->dev->props[i];

		for (size_t j = 0; j < ARRAY_SIZE(settings) && r == 0; j++)
			if (settings[j].whole ? streq(p->key, settings[j].prefix) : startswith(p->key, settings[j].prefix))
				r = settings[j].set(&k, p, p->key + strlen(settings[j].prefix));
	}
	if (r == 0)
		r = set_release(&k);
	closep(&k.fd);
	buf_finish(&k.release);
	return r;
}
