/* enumerate.c - where devices are looked for, and their order; filters: filter.c */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include "filter.h"

#define FOUND_BYTES_MAX (256u << 20)
#define DEVICE_BYTES_MAX (4u << 20)

struct found { const char *path /* sysfs + devpath */, *devpath, *subsystem; };
struct enumerate {
	struct arena arena;             /* names of filters */
	struct arena paths;             /* of what was found */
	struct filter filter;
	const char *sysfs;
	struct database db;
	struct words first;
	struct found *found;
	size_t n, cap;
	const char **list;
	bool sorted;
};

int enumerate_new(struct enumerate **ret, const char *sysfs, const char *run)
{
	struct enumerate *e = calloc(1, sizeof(*e));

	if (!e)
		return -ENOMEM;
	e->arena = (struct arena)ARENA_HEAP(FOUND_BYTES_MAX);
	e->paths = (struct arena)ARENA_HEAP(FOUND_BYTES_MAX);
	e->sysfs = arena_strndup(&e->arena, sysfs, strlen(sysfs));
	e->db.run = arena_strndup(&e->arena, run, strlen(run));
	if (!e->sysfs || !e->db.run) {
		enumerate_free(e);
		return -ENOMEM;
	}
	*ret = e;
	return 0;
}

void enumerate_free(struct enumerate *e)
{
	if (!e)
		return;
	arena_reset(&e->arena);
	arena_reset(&e->paths);
	free(e->found);
	free(e->list);
	free(e);
}

void enumerate_forget(struct enumerate *e)
{
	e->n = 0;
	e->sorted = false;
	arena_reset(&e->paths);
}

int enumerate_match(struct enumerate *e, enum enumerate_kind kind, const char *key, const char *value)
{
	return filter_add(&e->filter, &e->arena, kind, key, value);
}

void enumerate_initialized(struct enumerate *e, enum enumerate_initialized which) { e->filter.initialized = which; }

int enumerate_first(struct enumerate *e, const char *subsystem)
{
	e->sorted = false;
	return MIN(words_add(&e->arena, &e->first, subsystem), 0);
}

static int keep(struct enumerate *e, struct device *d)
{
	size_t n = strlen(e->sysfs), total = n + strlen(d->devpath) + 1;
	char *path;

	if (e->n == e->cap) {
		size_t cap = MAX(e->cap * 2, (size_t)256);
		struct found *f = reallocarray(e->found, cap, sizeof(*f));

		if (!f)
			return -ENOMEM;
		e->found = f;
		e->cap = cap;
	}
	path = arena_alloc(&e->paths, total, 1);
	if (!path)
		return -ENOMEM;
	sprintf(path, "%s%s", e->sysfs, d->devpath);
	e->found[e->n] = (struct found){ path, path + n, NULL };
	if (d->subsystem && !(e->found[e->n].subsystem = arena_strndup(&e->paths, d->subsystem, strlen(d->subsystem))))
		return -ENOMEM;
	e->n++;
	e->sorted = false;
	return 0;
}

/* parents are devices, too, be they in no folder of a class or bus */
static int keep_parents(struct enumerate *e, struct device *d)
{
	int r = 0;

	while (r == 0 && (d = device_parent(d)))
		if (filter_pass(&e->filter, d, d->sysname, &e->db))
			r = keep(e, d);
	return r;
}

enum { FILTERED = 1, PARENTS = 2 /* of one that passes */, BY_ID = 4 };

/* one device; @name: of its folder, NULL: as the device has it. 0 also when it does not pass */
static int consider(struct enumerate *e, const char *path, const char *name, unsigned how)
{
	struct arena arena = ARENA_HEAP(DEVICE_BYTES_MAX);
	struct device *d;
	int r = how & BY_ID ? device_open_id(&d, &arena, e->sysfs, path) : device_open(&d, &arena, e->sysfs, path);

	if (r == 0 && (!(how & FILTERED) || filter_pass(&e->filter, d, name ? name : d->sysname, &e->db))) {
		r = keep(e, d);
		if (r == 0 && (how & PARENTS))
			r = keep_parents(e, d);
	}
	arena_reset(&arena);
	return r == -ENOMEM || !(how & FILTERED) ? r : 0;
}

int enumerate_add(struct enumerate *e, const char *path)
{
	return consider(e, path, NULL, 0);
}

typedef int (*each_fn)(struct enumerate *e, const char *path, const char *name);

/* each entry of sysfs + @below that has no dot in front */
static int each(struct enumerate *e, const char *top, const char *below, each_fn fn)
{
	char path[PATH_MAX];
	struct dirent *entry;
	int r = 0;
	DIR *dir;

	if ((size_t)snprintf(path, sizeof(path), "%s%s", top, below) >= sizeof(path) || !(dir = opendir(path)))
		return 0;
	while (r == 0 && (entry = readdir(dir))) {
		char full[PATH_MAX];

		if (entry->d_name[0] != '.' && (size_t)snprintf(full, sizeof(full), "%s/%s", path, entry->d_name) < sizeof(full))
			r = fn(e, full, entry->d_name);
	}
	closedir(dir);
	return r;
}

static int take_entry(struct enumerate *e, const char *path, const char *name)
{
	return filter_name(&e->filter, name) ? consider(e, path, name, FILTERED | PARENTS) : 0;
}

static int take_class(struct enumerate *e, const char *path, const char *name)
{
	return filter_subsystem(&e->filter, name) ? each(e, path, "", take_entry) : 0;
}

static int take_bus(struct enumerate *e, const char *path, const char *name)
{
	return filter_subsystem(&e->filter, name) ? each(e, path, "/devices", take_entry) : 0;
}

static int take_drivers(struct enumerate *e, const char *path, const char *name)
{
	return each(e, path, "/drivers", take_entry);
}

static int take_id(struct enumerate *e, const char *path, const char *name)
{
	return consider(e, name, NULL, BY_ID | FILTERED);
}

/* a parent and what is below it: real folders, for links lead anywhere */
static int take_child(struct enumerate *e, const char *path, const char *name)
{
	struct stat st;
	int r;

	if (lstat(path, &st) < 0 || !S_ISDIR(st.st_mode))
		return 0;
	r = consider(e, path, NULL, FILTERED);
	return r < 0 ? r : each(e, path, "", take_child);
}

static int scan_subsystems(struct enumerate *e)
{
	int r = 0;

	if (filter_subsystem(&e->filter, "module"))
		r = each(e, e->sysfs, "/module", take_entry);
	if (r == 0 && filter_subsystem(&e->filter, "subsystem"))
		r = each(e, e->sysfs, "/bus", take_entry);
	if (r == 0 && filter_subsystem(&e->filter, "drivers"))
		r = each(e, e->sysfs, "/bus", take_drivers);
	return r;
}

static int scan_devices(struct enumerate *e)
{
	const struct filter *f = &e->filter;
	int r = 0;

	for (const struct filter_row *row = f->rows[ENUMERATE_TAG]; row && r == 0; row = row->next) {
		char below[NAME_MAX + 8];

		if ((size_t)snprintf(below, sizeof(below), "/tags/%s", row->key) < sizeof(below))
			r = each(e, e->db.run, below, take_id);
	}
	if (f->rows[ENUMERATE_TAG])
		return r;
	for (const struct filter_row *row = f->rows[ENUMERATE_PARENT]; row && r == 0; row = row->next)
		r = take_child(e, row->key, "");
	if (f->rows[ENUMERATE_PARENT])
		return r;
	r = each(e, e->sysfs, "/bus", take_bus);
	return r < 0 ? r : each(e, e->sysfs, "/class", take_class);
}

int enumerate_scan(struct enumerate *e, unsigned what)
{
	int r = 0;

	if (what & ENUMERATE_DEVICES)
		r = scan_devices(e);
	if (r == 0 && (what & ENUMERATE_SUBSYSTEMS))
		r = scan_subsystems(e);
	return r;
}

static bool is_late(const char *devpath) { return strstr(devpath, "/block/md") || strstr(devpath, "/block/dm-"); }

/* element by element: "/" sorts before everything else */
static int compare_paths(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	if (*a == *b)
		return 0;
	if (!*a || !*b)
		return *a ? 1 : -1;
	if (*a == '/' || *b == '/')
		return *a == '/' ? -1 : 1;
	return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
}

static int compare(const void *x, const void *y)
{
	const struct found *a = x, *b = y;
	int late = is_late(a->devpath) - is_late(b->devpath);

	return late ? late : compare_paths(a->devpath, b->devpath);
}

static bool is_below(const char *devpath, const char *parent)
{
	size_t n = strlen(parent);

	return strncmp(devpath, parent, n) == 0 && (devpath[n] == '/' || !devpath[n]);
}

/* devices of @subsystem and their parents, of those from @from on, to the front of them. How many */
static size_t bring_forward(struct enumerate *e, size_t from, const char *subsystem, struct found *room)
{
	size_t n = 0, rest = 0;

	for (size_t i = from; i < e->n; i++) {
		bool wanted = streq0(e->found[i].subsystem, subsystem);

		for (size_t j = i + 1; !wanted && j < e->n && is_below(e->found[j].devpath, e->found[i].devpath); j++)
			wanted = streq0(e->found[j].subsystem, subsystem);
		if (wanted)
			room[n++] = e->found[i];
		else
			e->found[from + rest++] = e->found[i];
	}
	memmove(e->found + from + n, e->found + from, rest * sizeof(*room));
	if (n)
		memcpy(e->found + from, room, n * sizeof(*room));
	return n;
}

static int sort(struct enumerate *e)
{
	_cleanup_(freep) struct found *room = NULL;
	size_t n = 0, done = 0;

	if (e->n)
		qsort(e->found, e->n, sizeof(*e->found), compare);
	for (size_t i = 0; i < e->n; i++)
		if (n == 0 || !streq(e->found[n - 1].path, e->found[i].path))
			e->found[n++] = e->found[i];
	e->n = n;
	if (e->first.n && !(room = calloc(MAX(n, (size_t)1), sizeof(*room))))
		return -ENOMEM;
	for (size_t i = 0; i < e->first.n; i++)
		done += bring_forward(e, done, e->first.v[i], room);
	free(e->list);
	e->list = calloc(n + 1, sizeof(*e->list));
	if (!e->list)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		e->list[i] = e->found[i].path;
	e->sorted = true;
	return 0;
}

const char *const *enumerate_paths(struct enumerate *e, size_t *n)
{
	int r = e->sorted ? 0 : sort(e);

	*n = e->n;
	return r < 0 ? NULL : e->list;
}
