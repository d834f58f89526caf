/* builtins.c - devctl builtins, test-builtin */
#include "builtin/builtin.h"
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

int verb_test_builtin(struct devctl *c, char **words, size_t n)
{
	struct arena arena = ARENA_HEAP(DEVICE_BYTES_MAX);
	struct device *d;
	struct event e;
	char *argv[32];
	int r, index = builtin_find(words[0]);

	if (index < 0) {
		fprintf(c->err, "devctl: there is no builtin \"%s\"\n", words[0]);
		return 2;
	}
	r = device_open(&d, &arena, c->sysfs, words[1]);
	if (r == 0) {
		struct database db = { c->run };
		size_t had = d->n_props;

		event_init(&e, &arena, d, c->action);
		e.db = &db;
		r = event_words(words[0], argv, ARRAY_SIZE(argv));
		r = r < 0 ? r : builtin_run(index, &e, r, argv);
		for (size_t i = had; r >= 0 && i < d->n_props; i++)
			fprintf(c->out, "%s=%s\n", d->props[i].key, d->props[i].value);
	}
	arena_reset(&arena);
	if (r < 0)
		fprintf(c->err, "devctl: %s: %s\n", words[1], r == -EOPNOTSUPP ? "this builtin is not available yet" : strerror(-r));
	return r < 0;
}
