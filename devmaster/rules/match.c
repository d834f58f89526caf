/* match.c - the match keys that look at the device and the machine; udev(7) "Keys" */
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include "arch.h"
#include "eval.h"
#include "osfile.h"
#include "virt.h"

static bool match_attr(struct event *e, const struct token *t, struct device *d)
{
	char name[EVENT_PATH_BYTES], text[EVENT_PATH_BYTES];
	const char *value = NULL, *attr = t->attr;

	if (t->attr_kind == ATTR_SUBSYS) {
		if (sysfs_resolve(e->arena, d->sysfs, attr, true, &value) < 0)
			return false;
	} else {
		if (t->attr_kind == ATTR_FORMAT) {
			if (event_format(e, attr, name, sizeof(name), false) < 0)
				return false;
			attr = name;
		}
		value = device_attr(d, attr);
		if (!value)
			return false;                   /* "!=" of what is not there does not match, too */
	}
	if (!t->strip)
		return pattern_match(t, value);
	snprintf(text, sizeof(text), "%s", value);
	text_strip_end(text);
	return pattern_match(t, text);
}

/* "==": one of them matches; "!=": none does */
static bool match_words(const struct token *t, const struct words *w, bool links)
{
	for (size_t i = 0; i < w->n; i++) {
		const char *s = w->v[i];

		if (links && startswith(s, "/dev/"))
			s += 5;
		if (pattern_match(t, s) == (t->op == OP_MATCH))
			return t->op == OP_MATCH;
	}
	return t->op == OP_NOMATCH;
}

/* of a device whose record was read (parents, an event "remove"): the tags it has now; else all, those of earlier events included */
static const struct words *tags_of(const struct device *d) { return d->db_read ? &d->current_tags : &d->tags; }

static bool match_const(const struct token *t)
{
	enum virt_class class;

	return pattern_match(t, streq(t->attr, "arch") ? arch_native() : virt_detect(&class));
}

int sysctl_path(struct event *e, const char *name, char path[PATH_MAX])
{
	char text[EVENT_PATH_BYTES];
	char *slash, other;

	if (event_format(e, name, text, sizeof(text), false) < 0)
		return -E2BIG;
	slash = strpbrk(text, "/.");
	other = slash && *slash == '.' ? '/' : '\0';    /* a.b/c: dots separate, a slash stands for a dot (sysctl.d(5)) */
	for (char *p = text; other && *p; p++)
		*p = *p == '.' ? '/' : *p == '/' ? '.' : *p;
	if (strstr(text, "..") || (size_t)snprintf(path, PATH_MAX, "%s/sys/%s", e->proc, text) >= PATH_MAX)
		return -EINVAL;
	return 0;
}

static bool match_sysctl(struct event *e, const struct token *t)
{
	char path[PATH_MAX], value[EVENT_LINE_BYTES * 2];

	int r = sysctl_path(e, t->attr, path);

	if (r == 0)
		r = osfile_read(path, value, sizeof(value));
	if (r == -ENOENT)
		value[0] = '\0';                        /* no such parameter: as one that is empty */
	else if (r < 0)
		return false;
	text_strip_end(value);
	return pattern_match(t, value + strspn(value, " \t\n\r"));
}

/* ".../ * /..." stands for the first folder that has the rest */
int wild_path(char path[PATH_MAX])
{
	const char *star = strstr(path, "/*/");
	char pattern[PATH_MAX];
	glob_t g;
	int r;

	if (!star)
		return 0;
	snprintf(pattern, sizeof(pattern), "%s", path);
	r = glob(pattern, GLOB_NOSORT, NULL, &g);
	if (r == 0) {
		snprintf(path, PATH_MAX, "%s", g.gl_pathv[0]);
		globfree(&g);
	}
	return r == 0 ? 0 : -ENOENT;
}

static bool match_test(struct event *e, const struct token *t)
{
	char text[EVENT_PATH_BYTES], path[PATH_MAX];
	const char *found;
	struct stat st;
	bool match;

	if (event_format(e, t->value, text, sizeof(text), false) < 0)
		return false;
	if (text[0] == '/')
		snprintf(path, sizeof(path), "%s", text);
	else if (sysfs_resolve(e->arena, e->dev->sysfs, text, false, &found) == 0)
		snprintf(path, sizeof(path), "%s", found);
	else if ((size_t)snprintf(path, sizeof(path), "%s/%s", e->dev->path, text) >= sizeof(path))
		return false;
	match = wild_path(path) == 0 && stat(path, &st) == 0;
	if (match && t->resolved)
		match = (st.st_mode & (mode_t)t->number) != 0;
	return match == (t->op == OP_MATCH);
}

static bool match_parent(struct event *e, const struct token *t, struct device *d)
{
	switch ((enum token_kind)t->kind) {
	case M_KERNELS:
		return pattern_match(t, d->sysname);
	case M_SUBSYSTEMS:
		return pattern_match(t, d->subsystem);
	case M_DRIVERS:
		return pattern_match(t, device_driver(d));
	case M_ATTRS:
		return match_attr(e, t, d);
	default:                                        /* M_TAGS */
		if (e->db && d != e->dev)
			database_read(e->db, d);
		return match_words(t, tags_of(d), false);
	}
}

/* all of @n tokens on one device, searched upwards from the event's own */
bool match_parents(struct event *e, const struct token *t, size_t n)
{
	for (e->matched = e->dev; e->matched; e->matched = device_parent(e->matched)) {
		size_t i = 0;

		while (i < n && match_parent(e, &t[i], e->matched))
			i++;
		if (i == n)
			return true;
	}
	return false;
}

bool match_token(struct event *e, const struct token *t)
{
	struct device *d = e->dev;

	switch ((enum token_kind)t->kind) {
	case M_ACTION:
		return pattern_match(t, e->action);
	case M_DEVPATH:
		return pattern_match(t, d->devpath);
	case M_KERNEL:
		return pattern_match(t, d->sysname);
	case M_SYMLINK:
		return match_words(t, &d->links, true);
	case M_NAME:
		return pattern_match(t, e->name);
	case M_ENV:
		return pattern_match(t, device_property(d, t->attr));
	case M_CONST:
		return match_const(t);
	case M_TAG:
		return match_words(t, tags_of(d), false);
	case M_SUBSYSTEM:
		return pattern_match(t, d->subsystem);
	case M_DRIVER:
		return pattern_match(t, device_driver(d));
	case M_ATTR:
		return match_attr(e, t, d);
	case M_SYSCTL:
		return match_sysctl(e, t);
	case M_TEST:
		return match_test(e, t);
	default:                                        /* M_RESULT */
		return pattern_match(t, e->result);
	}
}
