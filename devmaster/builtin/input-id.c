/* input-id.c - ID_INPUT...: what kind of input device it is; of its event node, how large its surface is */
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include "builtins.h"
#include "input-bits.h"
#include "tool.h"

/* the device with the capabilities: of "eventN" one above */
static struct device *input_of(struct device *d)
{
	while (d && !device_attr(d, "capabilities/ev"))
		d = device_parent(d);
	return d;
}

static void read_bits(struct device *d, struct input_bits *b)
{
	const struct { const char *attr; uint64_t *bits; size_t n; } masks[] = {
		{ "capabilities/ev", b->ev, ARRAY_SIZE(b->ev) }, { "capabilities/abs", b->abs, ARRAY_SIZE(b->abs) }, { "capabilities/rel", b->rel, ARRAY_SIZE(b->rel) },
		{ "capabilities/key", b->key, ARRAY_SIZE(b->key) }, { "properties", b->prop, ARRAY_SIZE(b->prop) },
	};
	uint64_t bus = 0;

	for (size_t i = 0; i < ARRAY_SIZE(masks); i++) {
		const char *text = device_attr(d, masks[i].attr);

		input_mask(text ? text : "", sizeof(long) * 8, masks[i].bits, masks[i].n);
	}
	attr_number(d, "id/bustype", 16, UINT16_MAX, &bus);
	b->bus = (unsigned)bus;
}

/* in millimetres, when the kernel knows how many steps make one */
static int put_size(struct event *e)
{
	_cleanup_(closep) int fd = open(e->dev->devname, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct input_absinfo x, y;
	int r;

	if (fd < 0 || ioctl(fd, EVIOCGABS(ABS_X), &x) < 0 || ioctl(fd, EVIOCGABS(ABS_Y), &y) < 0 || x.resolution <= 0 || y.resolution <= 0)
		return 0;
	r = putf(e, "ID_INPUT_WIDTH_MM", "%lld", ((long long)x.maximum - x.minimum) / x.resolution);
	return r < 0 ? r : putf(e, "ID_INPUT_HEIGHT_MM", "%lld", ((long long)y.maximum - y.minimum) / y.resolution);
}

int builtin_input_id(struct event *e, int argc, char **argv)
{
	struct device *d = input_of(e->dev);
	struct input_bits bits;
	unsigned kinds;
	int r = 0;

	if (d) {
		read_bits(d, &bits);
		kinds = input_kinds(&bits);
		r = put(e, "ID_INPUT", "1");
		for (size_t i = 0; i < n_input_names && r == 0; i++)
			if (kinds & input_names[i].kind)
				r = put(e, input_names[i].property, "1");
	}
	return r == 0 && e->dev->devname && startswith(e->dev->sysname, "event") ? put_size(e) : r;
}
