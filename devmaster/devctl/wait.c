/* wait.c - devctl wait: until devices are there, known to the database, or gone; udevadm(8) "wait" */
#include <limits.h>
#include "devctl.h"
#include "value.h"

#define AT(f) offsetof(struct devctl, f)
static const struct option_row rows[] = {
	{ "timeout", 't', OPTION_STRING, "SECONDS", AT(timeout), .doc = "at most so long (for ever)" },
	{ "initialized", 0, OPTION_BOOL, "BOOL", AT(wait.initialized), .doc = "no: it is enough that they are there" },
	{ "removed", 0, OPTION_FLAG, NULL, AT(wait.removed), .doc = "until they are gone" },
	{ "settle", 0, OPTION_FLAG, NULL, AT(wait.settle), .doc = "and no event is pending" },
};
const struct option_set wait_options = { rows, ARRAY_SIZE(rows) };

struct awaited { struct devctl *c; char **words; size_t n; };

/* 1: as wished; 0: not yet */
static int one(struct devctl *c, const char *word)
{
	struct arena arena = ARENA_HEAP(DEVICE_BYTES_MAX);
	struct database db = { c->run };
	struct device *d;
	int r = find_device(c, &arena, word, &d);
	bool there = r == 0;

	if (there && !c->wait.removed && c->wait.initialized)
		there = database_read(&db, d) == 0 && d->recorded;
	arena_reset(&arena);
	return r == -ENOMEM ? r : there != c->wait.removed;
}

static int done(void *arg)
{
	const struct awaited *a = arg;
	int r = !a->c->wait.settle || devctl_queue_empty(a->c);

	for (size_t i = 0; i < a->n && r > 0; i++)
		r = one(a->c, a->words[i]);
	return r;
}

static bool below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 && path[n] == '/';
}

int verb_wait(struct devctl *c, char **words, size_t n)
{
	_cleanup_(watch_freep) struct watch *w = NULL;
	struct awaited awaited = { c, words, n };
	uint64_t span = USEC_INFINITY;
	char data[PATH_MAX];
	int r = devctl_span(c, &span);

	for (size_t i = 0; i < n && r == 0; i++)
		if (!below(words[i], c->devdir) && !below(words[i], c->sysfs)) {
			fprintf(c->err, "%s: wait: '%s': expected a path below %s or %s\n", c->program, words[i], c->devdir, c->sysfs);
			r = devctl_usage(c);
		}
	if (r)
		return r;
	snprintf(data, sizeof(data), "%s/data", c->run);
	r = watch_new(&w);
	if (r == 0)
		r = watch_add(w, data);
	if (r == 0)
		r = watch_add(w, c->run);
	if (r == 0)
		r = watch_add(w, c->devdir);
	if (r == 0)
		r = watch_wait(w, watch_deadline(span), done, &awaited);
	return r < 0 ? devctl_fail(c, "wait", r) : 0;
}
