/* filter.c - see filter.h */
#include <fnmatch.h>
#include "filter.h"

int filter_add(struct filter *f, struct arena *a, enum enumerate_kind kind, const char *key, const char *value)
{
	struct filter_row *row = arena_alloc(a, sizeof(*row), _Alignof(struct filter_row));

	if (!row)
		return -ENOMEM;
	row->key = arena_strndup(a, key, strlen(key));
	row->value = value ? arena_strndup(a, value, strlen(value)) : NULL;
	if (!row->key || (value && !row->value))
		return -ENOMEM;
	row->next = f->rows[kind];
	f->rows[kind] = row;
	return 0;
}

static bool glob(const char *pattern, const char *text) { return fnmatch(pattern, text, 0) == 0; }

static bool any_key(const struct filter_row *row, const char *text)
{
	for (; row; row = row->next)
		if (glob(row->key, text))
			return true;
	return false;
}

bool filter_subsystem(const struct filter *f, const char *subsystem)
{
	if (f->rows[ENUMERATE_SUBSYSTEM] && (!subsystem || !any_key(f->rows[ENUMERATE_SUBSYSTEM], subsystem)))
		return false;
	return !subsystem || !any_key(f->rows[ENUMERATE_NO_SUBSYSTEM], subsystem);
}

bool filter_name(const struct filter *f, const char *name)
{
	return !f->rows[ENUMERATE_NAME] || any_key(f->rows[ENUMERATE_NAME], name);
}

static bool attr_matches(const struct filter_row *row, struct device *d)
{
	const char *value = device_attr(d, row->key);

	return value && (!row->value || glob(row->value, value));
}

static bool attrs(const struct filter *f, struct device *d)
{
	for (const struct filter_row *row = f->rows[ENUMERATE_ATTR]; row; row = row->next)
		if (!attr_matches(row, d))
			return false;
	for (const struct filter_row *row = f->rows[ENUMERATE_NO_ATTR]; row; row = row->next)
		if (attr_matches(row, d))
			return false;
	return true;
}

static bool property(const struct filter *f, struct device *d)
{
	for (const struct filter_row *row = f->rows[ENUMERATE_PROPERTY]; row; row = row->next)
		for (size_t i = 0; row->value && i < d->n_props; i++)
			if (glob(row->key, d->props[i].key) && glob(row->value, d->props[i].value))
				return true;
	return !f->rows[ENUMERATE_PROPERTY];
}

static bool parent(const struct filter *f, struct device *d)
{
	for (const struct filter_row *row = f->rows[ENUMERATE_PARENT]; row; row = row->next) {
		size_t n = strlen(row->key);

		if (strncmp(d->path, row->key, n) == 0 && (d->path[n] == '/' || !d->path[n]))
			return true;
	}
	return !f->rows[ENUMERATE_PARENT];
}

static bool initialized(const struct filter *f, const struct device *d)
{
	switch (f->initialized) {
	case ENUMERATE_ANY:
		return true;
	case ENUMERATE_READY:
		return d->recorded || (!d->devnum && !d->ifindex);
	case ENUMERATE_INITIALIZED:
		return d->recorded;
	case ENUMERATE_UNINITIALIZED:
		return !d->recorded;
	}
	return true;
}

static bool tagged(const struct filter *f, const struct device *d)
{
	for (const struct filter_row *row = f->rows[ENUMERATE_TAG]; row; row = row->next)
		if (words_has(&d->tags, row->key))
			return true;
	return !f->rows[ENUMERATE_TAG];
}

bool filter_pass(const struct filter *f, struct device *d, const char *name, struct database *db)
{
	if (!d->subsystem || !filter_subsystem(f, d->subsystem) || !filter_name(f, name) || !parent(f, d))
		return false;
	if (f->initialized != ENUMERATE_ANY || f->rows[ENUMERATE_PROPERTY] || f->rows[ENUMERATE_TAG]) {
		if (database_read(db, d) < 0 || device_finish_properties(d) < 0)
			return false;
		if (!initialized(f, d) || !property(f, d) || !tagged(f, d))
			return false;
	}
	return attrs(f, d);
}
