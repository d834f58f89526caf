/* info.c - devctl info, builtins, test-builtin */
#include "builtin/builtin.h"
#include "devctl.h"
#include "event/event.h"

#define DEVICE_BYTES_MAX (16u << 20)

static void print_all(FILE *out, struct device *d)
{
	fprintf(out, "P: %s\n", d->devpath);
	if (d->devname)
		fprintf(out, "N: %s\n", d->devname + strlen("/dev/"));
	fprintf(out, "L: %d\n", d->link_priority);
	for (size_t i = 0; i < d->links.n; i++)
		fprintf(out, "S: %s\n", d->links.v[i] + strlen("/dev/"));
	for (size_t i = 0; i < d->n_props; i++)
		fprintf(out, "E: %s=%s\n", d->props[i].key, d->props[i].value);
	fputc('\n', out);
}

static void print_properties(FILE *out, struct device *d)
{
	for (size_t i = 0; i < d->n_props; i++)
		fprintf(out, "%s=%s\n", d->props[i].key, d->props[i].value);
}

static void print_links(FILE *out, struct device *d)
{
	for (size_t i = 0; i < d->links.n; i++)
		fprintf(out, "%s%s", i ? " " : "", d->links.v[i] + strlen("/dev/"));
	fputc('\n', out);
}

static void print_path(FILE *out, struct device *d) { fprintf(out, "%s\n", d->devpath); }
static void print_name(FILE *out, struct device *d) { fprintf(out, "%s\n", d->devname ? d->devname + strlen("/dev/") : d->sysname); }

static const struct query { const char *name; void (*print)(FILE *out, struct device *d); } queries[] = {
	{ "all", print_all }, { "property", print_properties }, { "symlink", print_links }, { "path", print_path }, { "name", print_name },
};

static int info(struct devctl *c, const struct query *q, const char *path)
{
	struct arena arena = ARENA_HEAP(DEVICE_BYTES_MAX);
	struct database db = { c->run };
	struct device *d;
	int r = device_open(&d, &arena, c->sysfs, path);

	if (r == 0)
		r = database_read(&db, d);
	if (r == 0)
		r = device_finish_properties(d);
	if (r == 0)
		q->print(c->out, d);
	else
		fprintf(c->err, "devctl: %s: %s\n", path, r == -ENODEV ? "no such device" : strerror(-r));
	arena_reset(&arena);
	return r;
}

int verb_info(struct devctl *c, char **words, size_t n)
{
	const struct query *q = NULL;
	int status = 0;

	for (size_t i = 0; i < ARRAY_SIZE(queries); i++)
		if (streq(queries[i].name, c->query))
			q = &queries[i];
	if (!q) {
		fprintf(c->err, "devctl: --query=%s: expected all, property, symlink, path or name\n", c->query);
		return 2;
	}
	for (size_t i = 0; i < n; i++)
		status |= info(c, q, words[i]) < 0;
	return status;
}

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
