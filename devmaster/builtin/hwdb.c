/* hwdb.c - IMPORT{builtin}="hwdb [--filter=GLOB] [--device=ID] [--subsystem=NAME] [--lookup-prefix=TEXT] [MODALIAS]" */
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include "builtins.h"
#include "hwdb.h"
#include "hwdb/hwdb.h"
#include "tool.h"

#define LOOK_AGAIN_USEC (3 * USEC_PER_SEC)

static struct { struct hwdb *h; char path[PATH_MAX]; const char *root; uint64_t looked_usec; } kept = { .root = "" };

void hwdb_use_root(const char *root)
{
	hwdb_close(TAKE_PTR(kept.h));
	kept.root = root;
	kept.looked_usec = 0;
}

static struct hwdb *current(void)
{
	uint64_t now = now_usec(CLOCK_MONOTONIC);
	char path[PATH_MAX];
	const char *found;

	if (kept.looked_usec && now < kept.looked_usec + LOOK_AGAIN_USEC)
		return kept.h;
	kept.looked_usec = now;
	found = hwdb_find(kept.root, path, sizeof(path));
	if (kept.h && (!found || !streq(path, kept.path) || hwdb_changed(kept.h, path)))
		hwdb_close(TAKE_PTR(kept.h));
	if (found && !kept.h && hwdb_open(&kept.h, path) == 0)
		snprintf(kept.path, sizeof(kept.path), "%s", path);
	return kept.h;
}

int hwdb_put(struct event *e, const char *modalias, const char *filter)
{
	struct hwdb_answer a = { 0 };
	struct hwdb *h = current();
	int r = h ? hwdb_query(h, modalias, &a) : -ENOENT, n = 0;

	for (size_t i = 0; i < a.n && r >= 0; i++) {
		if (filter && fnmatch(filter, a.v[i].key, FNM_NOESCAPE) != 0)
			continue;
		r = device_set(e->dev, a.v[i].key, a.v[i].value, true);
		n++;
	}
	hwdb_answer_finish(&a);
	return r < 0 ? r : n;
}

struct request { const char *filter, *device, *subsystem, *prefix; };
#define AT(f) offsetof(struct request, f)
static const struct option_row rows[] = {
	{ "filter", 'f', OPTION_STRING, "GLOB", AT(filter) }, { "device", 'd', OPTION_STRING, "ID", AT(device) },
	{ "subsystem", 's', OPTION_STRING, "NAME", AT(subsystem) }, { "lookup-prefix", 'p', OPTION_STRING, "TEXT", AT(prefix) },
};
static const struct option_set options = { rows, ARRAY_SIZE(rows), "hwdb" };

static int look_up(struct event *e, const struct request *q, const char *modalias)
{
	char text[EVENT_LINE_BYTES];

	if ((size_t)snprintf(text, sizeof(text), "%s%s", q->prefix ? q->prefix : "", modalias) >= sizeof(text))
		return -E2BIG;
	return hwdb_put(e, text, q->filter);
}

/* an USB device has none of its own; "usb:v1D6Bp0002:NAME" */
static const char *usb_modalias(struct device *d, char text[256])
{
	const char *name = device_attr(d, "product");
	uint64_t vendor, product;

	if (!attr_number(d, "idVendor", 16, 0xffff, &vendor) || !attr_number(d, "idProduct", 16, 0xffff, &product))
		return NULL;
	snprintf(text, 256, "usb:v%04Xp%04X:%s", (unsigned)vendor, (unsigned)product, name ? name : "");
	return text;
}

/* the first of the device and its parents that the database knows */
static int search(struct event *e, const struct request *q, struct device *d)
{
	char text[256];

	for (; d; d = device_parent(d)) {
		const char *modalias = device_property(d, "MODALIAS");
		bool usb = is_of(d, "usb", "usb_device");
		int n = 0;

		if (!d->subsystem || (q->subsystem && !streq(d->subsystem, q->subsystem)))
			continue;
		if (usb && !modalias)
			modalias = usb_modalias(d, text);
		if (modalias)
			n = look_up(e, q, modalias);
		if (n != 0)
			return n;
		if (usb)
			break;                          /* above is only the hub */
	}
	return -ENODATA;
}

/* "+pci:0000:00:1f.2", "b8:0", "c1:3", "n2", or a path */
static int open_id(struct event *e, const char *id, struct device **ret)
{
	const char *colon = id[0] == '+' ? strchr(id, ':') : NULL;
	char text[PATH_MAX];

	if (colon) {
		snprintf(text, sizeof(text), "%.*s", (int)(colon - id - 1), id + 1);
		return device_open_name(ret, e->arena, e->dev->sysfs, text, colon + 1);
	}
	if ((id[0] == 'b' || id[0] == 'c') && strchr(id, ':')) {
		snprintf(text, sizeof(text), "/dev/%s/%s", id[0] == 'b' ? "block" : "char", id + 1);
		return device_open(ret, e->arena, e->dev->sysfs, text);
	}
	return id[0] == '/' ? device_open(ret, e->arena, e->dev->sysfs, id) : -EINVAL;
}

int builtin_hwdb(struct event *e, int argc, char **argv)
{
	struct request q = { 0 };
	struct device *d = e->dev;
	int first, r = tool_options(e, &options, &q, argc, argv, &first);

	if (r < 0)
		return r;
	if (first < argc) {
		r = look_up(e, &q, argv[first]);
		return r == 0 ? -ENODATA : r;
	}
	if (q.device) {
		r = open_id(e, q.device, &d);
		if (r < 0)
			return r;
	}
	return search(e, &q, d);
}
