/* builtins.c - devctl builtins, test-builtin */
#include "builtin/builtin.h"
#include "database/database.h"
#include "devctl.h"
#include "event/event.h"

static const struct option_row rows[] = {
	{ "action", 'a', OPTION_STRING, "ACTION", offsetof(struct devctl, action), .doc = "of the event: add (default), change, remove, ...; help lists them" },
};
const struct option_set test_builtin_options = { rows, ARRAY_SIZE(rows) };

int verb_builtins(struct devctl *c, char **words, size_t n)
{
	for (size_t i = 0; i < n_builtins; i++)
		fprintf(c->out, "%-16s %s%s\n", builtins[i].name, builtins[i].help, builtins[i].run ? "" : " (not available yet)");
	return 0;
}

/* what the builtin set: a property that is new, or has another value than before (each is a copy of its own) */
static void print_set(FILE *out, const struct device *d, const struct property *before, size_t n)
{
	for (size_t i = 0; i < d->n_props; i++) {
		bool had = false;

		for (size_t j = 0; j < n && !had; j++)
			had = before[j].value == d->props[i].value;
		if (!had)
			fprintf(out, "%s=%s\n", d->props[i].key, d->props[i].value);
	}
}

static int run(struct devctl *c, struct arena *a, int index, char *command, const char *path)
{
	struct database db = { c->run };
	struct property *before;
	struct device *d;
	struct event e;
	char *argv[32];
	size_t n;
	int r = device_open(&d, a, c->sysfs, path);

	if (r == 0)
		r = database_read(&db, d);              /* names of interfaces come of what was known */
	before = r == 0 ? arena_alloc(a, (d->n_props + 1) * sizeof(*before), _Alignof(struct property)) : NULL;
	if (r < 0 || !before)
		return r < 0 ? r : -ENOMEM;
	n = d->n_props;
	memcpy(before, d->props, n * sizeof(*before));
	event_init(&e, a, d, c->action);
	e.db = &db;
	e.sink = &c->sink;
	r = event_words(command, argv, ARRAY_SIZE(argv));
	r = r < 0 ? r : builtin_run(index, &e, r, argv);
	if (r >= 0)
		print_set(c->out, d, before, n);
	return r;
}

int verb_test_builtin(struct devctl *c, char **words, size_t n)
{
	struct arena arena = ARENA_HEAP(DEVICE_BYTES_MAX);
	int r, index = builtin_find(words[0]);

	if (index < 0) {
		fprintf(c->err, "devctl: there is no builtin \"%s\"\n", words[0]);
		return 2;
	}
	r = run(c, &arena, index, words[0], words[1]);
	arena_reset(&arena);
	if (r < 0)
		fprintf(c->err, "devctl: %s: %s\n", words[1], r == -EOPNOTSUPP ? "not possible here" : r == -ENOENT || r == -ENODATA ? "the builtin has nothing to say" : strerror(-r));
	return r < 0;
}
