/* tree.c - info --tree: devices, buses, drivers and modules as they lie below each other */
#include <limits.h>
#include "devctl.h"
#include "enumerate/enumerate.h"

struct tree {
	struct devctl *c;
	const char *const *paths;       /* sorted: what lies below a path follows it */
	size_t n, skip;                 /* bytes of sysfs in front */
	const char *below;              /* only what lies above or below this path; NULL: all */
	size_t shown;
	int r;
};

static bool is_below(const char *path, const char *parent)
{
	size_t n = strlen(parent);

	return strncmp(path, parent, n) == 0 && path[n] == '/';
}

static bool wanted(const struct tree *t, const char *path)
{
	return !t->below || streq(path, t->below) || is_below(path, t->below) || is_below(t->below, path);
}

static void show_item(struct tree *t, const char *path, const char *prefix)
{
	struct arena arena = ARENA_HEAP(DEVICE_BYTES_MAX);
	char dotted[PATH_MAX + 8];
	struct device *d;
	int r = device_open(&d, &arena, t->c->sysfs, path);

	if (r == 0)
		r = show_prepare(t->c, d, true, true);
	if (r == 0) {
		snprintf(dotted, sizeof(dotted), "%s\u2506 ", prefix);
		show_record(t->c->out, d, dotted);
		t->shown++;
	}
	arena_reset(&arena);
	if (r == -ENOMEM)
		t->r = r;
}

/* the index behind all that lies below @i */
static size_t behind(const struct tree *t, size_t i)
{
	size_t j = i + 1;

	while (j < t->n && is_below(t->paths[j], t->paths[i]))
		j++;
	return j;
}

static void show_range(struct tree *t, size_t from, size_t to, size_t skip, const char *prefix)
{
	char inner[PATH_MAX];

	for (size_t i = from; i < to && t->r == 0; i = behind(t, i)) {
		size_t next = behind(t, i);
		bool last = true;

		if (!wanted(t, t->paths[i]))
			continue;
		for (size_t j = next; j < to && last; j = behind(t, j))
			last = !wanted(t, t->paths[j]);
		fprintf(t->c->out, "%s%s%s\n", prefix, last ? "\u2514\u2500" : "\u251c\u2500", t->paths[i] + skip);
		if ((size_t)snprintf(inner, sizeof(inner), "%s%s", prefix, last ? "  " : "\u2502 ") >= sizeof(inner))
			return;
		show_item(t, t->paths[i], inner);
		show_range(t, i + 1, next, strlen(t->paths[i]) + 1, inner);
	}
}

int show_tree(struct devctl *c, const char *below)
{
	_cleanup_(enumerate_freep) struct enumerate *e = NULL;
	struct tree t = { .c = c, .below = below, .skip = strlen(c->sysfs) };
	int r = enumerate_new(&e, c->sysfs, c->run);

	if (r == 0)
		r = enumerate_scan(e, ENUMERATE_DEVICES | ENUMERATE_SUBSYSTEMS);
	if (r == 0 && !(t.paths = enumerate_paths(e, &t.n)))
		r = -ENOMEM;
	if (r == 0) {
		show_range(&t, 0, t.n, t.skip, "");
		r = t.r;
	}
	if (r < 0)
		return devctl_fail(c, "devices", r);
	fprintf(c->out, "\n%zu items shown.\n", t.shown);
	return 0;
}
