/* test.c - devctl test: what the rules would make of an event, and nothing is changed; udevadm(8) "test" */
#include "builtin/builtin.h"
#include "devctl.h"
#include "node/node.h"
#include "value.h"

#define EVENT_BYTES_MAX (32u << 20)
#define AT(f) offsetof(struct devctl, f)
enum { NAMES_EARLY, NAMES_LATE, NAMES_NEVER };
static const struct key_enum when[] = { { "early", NAMES_EARLY }, { "late", NAMES_LATE }, { "never", NAMES_NEVER }, { NULL, 0 } };
static const struct option_row rows[] = {
	{ "action", 'a', OPTION_STRING, "ACTION", AT(action), .doc = "of the event: add (default), change, remove, ...; help lists them" },
	{ "resolve-names", 'N', OPTION_ENUM, "WHEN", AT(test.names), when, .doc = "names of users and groups: early (default), late (the same here) or never (root)" },
};
const struct option_set test_options = { rows, ARRAY_SIZE(rows) };

static int nobody(const char *name, uint32_t *ret)
{
	*ret = 0;
	return 0;
}
static const struct rules_names names_never = { nobody, nobody };

static void show(struct devctl *c, struct event *e)
{
	struct device *d = e->dev;

	for (size_t i = 0; i < d->n_props; i++)
		fprintf(c->out, "%s=%s\n", d->props[i].key, d->props[i].value);
	for (struct event_run *r = e->run; r; r = r->next)
		fprintf(c->out, "run: '%s'\n", r->command);
	if (c->udevadm)
		return;
	if (d->devnum && d->devname)
		fprintf(c->out, "node: %s mode %04o uid %lld gid %lld\n", d->devname, (unsigned)e->mode, (long long)e->uid, (long long)e->gid);
	for (size_t i = 0; i < d->links.n; i++)
		fprintf(c->out, "link: %s\n", d->links.v[i]);
	if (e->name)
		fprintf(c->out, "name: %s\n", e->name);
}

static int evaluate(struct devctl *c, struct rules *rules, struct arena *a, const char *word)
{
	struct database db = { c->run };
	struct node_place place = { .db = &db, .dev = c->devdir, .dry = true };
	struct device *d;
	struct event e;
	int r = find_device(c, a, word, &d);

	if (r == 0)
		r = devctl_event(c, &place, rules, d, &e);
	if (r == 0)
		show(c, &e);
	return r;
}

int verb_test(struct devctl *c, char **words, size_t n)
{
	_cleanup_(rules_freep) struct rules *rules = NULL;
	struct arena arena = ARENA_HEAP(EVENT_BYTES_MAX);
	int status, r;

	if (!find_action(c, c->action, &status))
		return status;
	if (n == 0) {
		fprintf(c->err, "%s: expected: test DEVICE\n", c->program);
		return devctl_usage(c);
	}
	r = rules_new(&rules, &c->sink, c->test.names == NAMES_NEVER ? &names_never : NULL);
	if (r == 0)
		r = rules_add_path(rules, c->root);
	if (r == 0)
		r = evaluate(c, rules, &arena, words[0]);
	arena_reset(&arena);
	return r < 0 ? devctl_fail(c, words[0], r) : 0;
}
