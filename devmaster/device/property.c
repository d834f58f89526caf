/* property.c - properties, links and tags of a device */
#include <stdio.h>
#include "buf.h"
#include "device.h"

bool words_has(const struct words *w, const char *s)
{
	for (size_t i = 0; i < w->n; i++)
		if (streq(w->v[i], s))
			return true;
	return false;
}

int words_add(struct arena *a, struct words *w, const char *s)
{
	const char *copy;

	if (words_has(w, s))
		return 0;
	if (w->n >= w->cap) {
		size_t cap = MAX(w->cap * 2, (size_t)8);
		const char **v = arena_alloc(a, cap * sizeof(*v), _Alignof(char *));

		if (!v)
			return -ENOMEM;
		if (w->n)
			memcpy(v, w->v, w->n * sizeof(*v));
		w->v = v;
		w->cap = cap;
	}
	copy = arena_strndup(a, s, strlen(s));
	if (!copy)
		return -ENOMEM;
	w->v[w->n++] = copy;
	return 1;
}

void words_remove(struct words *w, const char *s)
{
	for (size_t i = 0; i < w->n; i++) {
		if (streq(w->v[i], s)) {
			memmove(w->v + i, w->v + i + 1, (w->n - i - 1) * sizeof(*w->v));
			w->n--;
			return;
		}
	}
}

static struct property *find(const struct device *d, const char *key)
{
	for (size_t i = 0; i < d->n_props; i++)
		if (streq(d->props[i].key, key))
			return &d->props[i];
	return NULL;
}

const char *device_property(const struct device *d, const char *key)
{
	const struct property *p = find(d, key);

	return p ? p->value : NULL;
}

static int add(struct device *d, const char *key, const char *value, bool stored)
{
	if (d->n_props == d->cap_props) {
		size_t cap = MAX(d->cap_props * 2, (size_t)32);
		struct property *v = arena_alloc(d->arena, cap * sizeof(*v), _Alignof(struct property));

		if (!v)
			return -ENOMEM;
		if (d->n_props)
			memcpy(v, d->props, d->n_props * sizeof(*v));
		d->props = v;
		d->cap_props = cap;
	}
	key = arena_strndup(d->arena, key, strlen(key));
	if (!key)
		return -ENOMEM;
	d->props[d->n_props++] = (struct property){ key, value, stored };
	return 0;
}

int device_set_copy(struct device *d, const char *key, const char *value, size_t n, bool stored)
{
	struct property *p = find(d, key);

	if (!value) {
		if (p) {
			memmove(p, p + 1, (size_t)(d->props + d->n_props - p - 1) * sizeof(*p));
			d->n_props--;
		}
		return 0;
	}
	value = arena_strndup(d->arena, value, n);
	if (!value)
		return -ENOMEM;
	stored = stored && key[0] != '.';
	if (!p)
		return add(d, key, value, stored);
	p->value = value;
	p->stored |= stored;
	return 0;
}

int device_set(struct device *d, const char *key, const char *value, bool stored)
{
	return device_set_copy(d, key, value, value ? strlen(value) : 0, stored);
}

static int set_joined(struct device *d, const char *key, const struct words *w, const char *before, const char *between, const char *behind)
{
	struct buf text = { 0 };
	int r;

	if (w->n == 0)
		return device_set(d, key, NULL, false);
	buf_adds(&text, before);
	for (size_t i = 0; i < w->n; i++) {
		buf_adds(&text, i ? between : "");
		buf_adds(&text, w->v[i]);
	}
	buf_adds(&text, behind);
	r = buf_str(&text) ? device_set(d, key, buf_str(&text), false) : -ENOMEM;
	buf_finish(&text);
	return r;
}

int device_finish_properties(struct device *d)
{
	char usec[32];
	int r = set_joined(d, "DEVLINKS", &d->links, "", " ", "");

	if (r == 0)
		r = set_joined(d, "TAGS", &d->tags, ":", ":", ":");
	if (r == 0 && !d->old_record)
		r = set_joined(d, "CURRENT_TAGS", &d->current_tags, ":", ":", ":");
	if (r < 0 || d->initialized_usec == 0)
		return r;
	snprintf(usec, sizeof(usec), "%llu", (unsigned long long)d->initialized_usec);
	return device_set(d, "USEC_INITIALIZED", usec, false);
}
