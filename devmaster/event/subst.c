/* subst.c - $name{attribute} and %x{attribute}; udev(7), last part of "Rules files" */
#include <stdio.h>
#include <sys/sysmacros.h>
#include "event.h"

#define BLANKS " \t\n\r"
#define INPUT_ALLOWED "/ $%?,"                  /* what values from outside may hold besides */

struct subst { struct event *e; const char *attr; char *out; size_t size; };    /* attr "": none */
typedef int subst_fn(const struct subst *s);    /* 0; -E2BIG; -EINVAL: not like that */

static int put(const struct subst *s, const char *text)
{
	size_t n = strlen(text ? text : "");

	if (n >= s->size)
		return -E2BIG;
	memcpy(s->out, text ? text : "", n + 1);
	return 0;
}

static const char *without_dev(const char *name) { return name && startswith(name, "/dev/") ? name + 5 : name; }

static int put_kernel(const struct subst *s) { return put(s, s->e->dev->sysname); }
static int put_number(const struct subst *s) { return put(s, s->e->dev->sysnum); }
static int put_devpath(const struct subst *s) { return put(s, s->e->dev->devpath); }
static int put_id(const struct subst *s) { return put(s, s->e->matched ? s->e->matched->sysname : NULL); }
static int put_driver(const struct subst *s) { return put(s, s->e->matched ? device_driver(s->e->matched) : NULL); }
static int put_devnode(const struct subst *s) { return put(s, s->e->dev->devname); }
static int put_root(const struct subst *s) { return put(s, "/dev"); }
static int put_sys(const struct subst *s) { return put(s, s->e->dev->sysfs); }

static int put_unsigned(const struct subst *s, unsigned v)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", v);
	return put(s, text);
}
static int put_major(const struct subst *s) { return put_unsigned(s, major(s->e->dev->devnum)); }
static int put_minor(const struct subst *s) { return put_unsigned(s, minor(s->e->dev->devnum)); }

static int put_parent(const struct subst *s)
{
	struct device *parent = device_parent(s->e->dev);

	return put(s, parent ? without_dev(parent->devname) : NULL);
}

static int put_name(const struct subst *s)
{
	const struct device *d = s->e->dev;

	return put(s, s->e->name ? s->e->name : d->devname ? without_dev(d->devname) : d->sysname);
}

static int put_links(const struct subst *s)
{
	const struct words *w = &s->e->dev->links;
	size_t at = 0;

	s->out[0] = '\0';
	for (size_t i = 0; i < w->n; i++) {
		int n = snprintf(s->out + at, s->size - at, "%s%s", i ? " " : "", without_dev(w->v[i]));

		if ((size_t)n >= s->size - at)
			return -E2BIG;
		at += (size_t)n;
	}
	return 0;
}

static int put_env(const struct subst *s)
{
	return *s->attr ? put(s, device_property(s->e->dev, s->attr)) : -EINVAL;
}

static int put_attr(const struct subst *s)
{
	struct event *e = s->e;
	char text[EVENT_NAME_BYTES];
	const char *value = NULL;

	if (!*s->attr)
		return -EINVAL;
	if (sysfs_resolve(e->arena, e->dev->sysfs, s->attr, true, &value) < 0)
		value = device_attr(e->dev, s->attr);
	if (!value && e->matched && e->matched != e->dev)
		value = device_attr(e->matched, s->attr);
	if (!value)
		return put(s, NULL);
	if ((size_t)snprintf(text, sizeof(text), "%s", value) >= sizeof(text))
		return -E2BIG;
	text_strip_end(text);
	text_replace(text, INPUT_ALLOWED);
	return put(s, text);
}

/* %c{2}: the second word; %c{2+}: it and all behind */
static int put_result(const struct subst *s)
{
	const char *p = s->e->result;
	char *end, word[EVENT_LINE_BYTES];
	unsigned long want;

	if (!p || !*s->attr)
		return put(s, p);
	want = strtoul(s->attr, &end, 10);
	if (end == s->attr || (*end && !streq(end, "+")))
		return -EINVAL;
	if (want == 0)
		return put(s, p);
	p += strspn(p, BLANKS);
	for (unsigned long i = 1; i < want && *p; i++) {
		p += strcspn(p, BLANKS);
		p += strspn(p, BLANKS);
	}
	if (*end)
		return put(s, p);
	snprintf(word, sizeof(word), "%.*s", (int)strcspn(p, BLANKS), p);
	return put(s, word);
}

static const struct subst_row { const char *name; char letter; subst_fn *put; enum { ARG_NO, ARG_MAY, ARG_MUST } arg; } rows[] = {
	{ "devnode", 'N', put_devnode }, { "tempnode", 'N', put_devnode },     /* the first name that fits counts */
	{ "attr", 's', put_attr, ARG_MUST }, { "sysfs", 's', put_attr, ARG_MUST },
	{ "env", 'E', put_env, ARG_MUST },
	{ "kernel", 'k', put_kernel }, { "number", 'n', put_number }, { "driver", 'd', put_driver },
	{ "devpath", 'p', put_devpath }, { "id", 'b', put_id },
	{ "major", 'M', put_major }, { "minor", 'm', put_minor },
	{ "result", 'c', put_result, ARG_MAY },
	{ "parent", 'P', put_parent }, { "name", 'D', put_name }, { "links", 'L', put_links },
	{ "root", 'r', put_root }, { "sys", 'S', put_sys },
};

/* A substitution at @*p: its row with *p behind it and its attribute; NULL: none here (-EINVAL in *@r: one without its end) */
static const struct subst_row *next(const char **p, char attr[EVENT_PATH_BYTES], int *r)
{
	const struct subst_row *row = NULL;
	const char *s = *p, *close;

	*r = 0;
	attr[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(rows) && !row; i++)
		if (*s == '$' ? startswith(s + 1, rows[i].name) : s[1] == rows[i].letter)
			row = &rows[i];
	if (!row)
		return NULL;
	s += *s == '$' ? strlen(row->name) + 1 : 2;
	if (*s == '{') {
		close = strchr(++s, '}');
		if (!close || close == s || close - s >= EVENT_PATH_BYTES) {
			*r = -EINVAL;
			return NULL;
		}
		memcpy(attr, s, (size_t)(close - s));
		attr[close - s] = '\0';
		s = close + 1;
	}
	*p = s;
	return row;
}

int subst_check(const char *s, size_t *offset, const char **why)
{
	const char *begin = s;
	char attr[EVENT_PATH_BYTES];

	while (*s) {
		const char *at = s;
		const struct subst_row *row;
		int r;

		if (*s != '$' && *s != '%') {
			s++;
			continue;
		}
		*offset = (size_t)(at - begin);
		if (s[1] == s[0]) {
			s += 2;
			continue;
		}
		row = next(&s, attr, &r);
		*why = !row ? r < 0 ? "an attribute in {} is not whole" : "no such substitution" :
		       row->arg == ARG_MUST && !*attr ? "this substitution needs an {attribute}" : NULL;
		if (row && row->put == put_result && *attr && strspn(attr, "0123456789") + (endswith(attr, "+") ? 1 : 0) != strlen(attr))
			*why = "expected a number of a word in {}";
		if (*why)
			return -EINVAL;
	}
	return 0;
}

int event_format(struct event *e, const char *text, char *out, size_t size, bool underscores)
{
	char attr[EVENT_PATH_BYTES];

	while (*text) {
		const struct subst_row *row = NULL;
		int r = 0;

		if (size < 2)
			return -E2BIG;
		if (*text == '$' || *text == '%') {
			if (text[1] == text[0])
				text++;
			else
				row = next(&text, attr, &r);
		}
		if (r < 0)
			break;                          /* udevd keeps what it has up to here, too */
		if (!row) {
			*out++ = *text++;
			size--;
			continue;
		}
		r = row->put(&(struct subst){ e, attr, out, size });
		if (r == -E2BIG)
			return r;
		if (r < 0)
			break;
		if (underscores && row->put != put_result)
			text_underscores(out);
		size -= strlen(out);
		out += strlen(out);
	}
	*out = '\0';
	return 0;
}
