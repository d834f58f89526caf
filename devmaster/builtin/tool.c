/* tool.c - see tool.h */
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include "tool.h"

int put(struct event *e, const char *key, const char *value)
{
	return value && *value ? device_set(e->dev, key, value, true) : 0;
}

int putf(struct event *e, const char *key, const char *fmt, ...)
{
	char text[PROPERTY_BYTES];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return n < 0 || (size_t)n >= sizeof(text) ? -E2BIG : put(e, key, text);
}

bool is_of(const struct device *d, const char *subsystem, const char *devtype)
{
	return d && streq0(d->subsystem, subsystem) && (!devtype || streq0(d->devtype, devtype));
}

struct device *parent_of(struct device *d, const char *subsystem, const char *devtype)
{
	for (d = device_parent(d); d && !is_of(d, subsystem, devtype);)
		d = device_parent(d);
	return d;
}

struct device *topmost_of(struct device *d, const char *subsystem)
{
	struct device *above = d;

	while ((above = device_parent(above)) && is_of(above, subsystem, NULL))
		d = above;
	return d;
}

int device_child(struct device **ret, struct device *d, const char *below)
{
	char path[PATH_MAX];

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", d->devpath, below) >= sizeof(path))
		return -ENAMETOOLONG;
	return device_open(ret, d->arena, d->sysfs, path);
}

bool text_number(const char *s, int base, uint64_t max, uint64_t *ret)
{
	char *end;
	unsigned long long v;

	s += strspn(s, " \t");
	if (*s == '-' || !*s)
		return false;
	errno = 0;
	v = strtoull(s, &end, base);
	if (errno || end == s || *end || v > max)
		return false;
	*ret = v;
	return true;
}

bool attr_number(struct device *d, const char *name, int base, uint64_t max, uint64_t *ret)
{
	const char *s = device_attr(d, name);

	return s && text_number(s, base, max, ret);
}

void fit(char *out, size_t size, const char *s)
{
	char text[PROPERTY_BYTES];

	snprintf(text, sizeof(text), "%s", s);
	text_underscores(text);
	snprintf(out, size, "%s", text);
	text_replace(out, NULL);
}

int tool_options(struct event *e, const struct option_set *set, void *base, int argc, char **argv, int *first)
{
	_cleanup_(freep) char *text = NULL;
	size_t n = 0;
	FILE *err = open_memstream(&text, &n);
	int r = err ? options_parse(set, base, argc, argv, first, err, err) : -ENOMEM;

	if (err)
		fclose(err);
	if (r == -EINVAL)
		diag(e->sink, DIAG_WARNING, e->dev->devpath, 0, 0, "%.*s", (int)strcspn(text, "\n"), text);
	return r > 0 ? -EINVAL : r;
}
