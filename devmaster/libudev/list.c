/* list.c - lists of names and values, in one array: an entry is followed by the next until one that ends it */
#include "internal.h"

struct udev_list_entry { char *name, *value; struct list *list; };

void list_finish(struct list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->v[i].name);
		free(l->v[i].value);
	}
	free(l->v);
	*l = (struct list){ .unique = l->unique };
}

int list_add(struct list *l, const char *name, const char *value)
{
	struct udev_list_entry *e;

	if (l->n == l->cap) {
		size_t cap = MAX(l->cap * 2, (size_t)16);

		e = reallocarray(l->v, cap, sizeof(*e));
		if (!e)
			return -ENOMEM;
		l->v = e;
		l->cap = cap;
	}
	e = &l->v[l->n];
	*e = (struct udev_list_entry){ strdup(name), value ? strdup(value) : NULL, l };
	l->n++;
	return e->name && (!value || e->value) ? 0 : -ENOMEM;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct udev_list_entry *)a)->name, ((const struct udev_list_entry *)b)->name);
}

struct udev_list_entry *list_first(struct list *l)
{
	if (l->n == 0)
		return fail(ENODATA);
	if (l->unique)
		qsort(l->v, l->n, sizeof(*l->v), by_name);
	return l->v;
}

struct udev_list_entry *udev_list_entry_get_next(struct udev_list_entry *e)
{
	return e && e + 1 < e->list->v + e->list->n ? e + 1 : NULL;
}

struct udev_list_entry *udev_list_entry_get_by_name(struct udev_list_entry *e, const char *name)
{
	if (!e || !name || !e->list->unique)
		return NULL;
	for (size_t i = 0; i < e->list->n; i++)
		if (streq(e->list->v[i].name, name))
			return &e->list->v[i];
	return NULL;
}

const char *udev_list_entry_get_name(struct udev_list_entry *e) { return e ? e->name : NULL; }
const char *udev_list_entry_get_value(struct udev_list_entry *e) { return e ? e->value : NULL; }
