/* test-rules.c - devctl test-rules: an event without a kernel */
#include <grp.h>
#include <pwd.h>
#include <sys/sysmacros.h>
#include "builtin/builtin.h"
#include "devctl.h"
#include "node/node.h"
#include "value.h"

#define EVENT_BYTES_MAX (32u << 20)

#define AT(f) offsetof(struct devctl, f)
static const struct option_row rows[] = {
	{ "rules", 0, OPTION_LIST, "FILE", AT(rules), "", .doc = "a rules file instead of those of the search path; more may follow" },
	{ "root", 0, OPTION_STRING, "DIR", AT(root), .doc = "a folder that stands for / when rules files are looked for" },
	{ "action", 'a', OPTION_STRING, "ACTION", AT(action), .doc = "of the event: add (default), change, remove, ..." },
	{ "apply", 0, OPTION_FLAG, NULL, AT(apply), .doc = "make and remove nodes and links below --devdir" },
	{ "timeout", 0, OPTION_UNSIGNED, "SECONDS", AT(timeout_sec), .doc = "for one program of PROGRAM or IMPORT (180)" },
	{ "no-index", 0, OPTION_FLAG, NULL, AT(no_index), .doc = "look at every line, as a check of the index" },
};
const struct option_set test_rules_options = { rows, ARRAY_SIZE(rows) };

static struct buf *writes;              /* NULL: nobody asks; of the one event of this run: "PATH=VALUE" as JSON strings */

static int note_write(struct event *e, const char *path, const char *value)
{
	if (!writes)
		return 0;
	if (writes->len)
		buf_adds(writes, ", ");
	buf_addc(writes, '{');
	json_key(writes, "path");
	json_string(writes, path);
	json_key(writes, "value");
	json_string(writes, value);
	buf_addc(writes, '}');
	return 0;
}

static int program(struct event *e, const char *command, struct buf *out) { return event_host_child.program(e, command, out); }
static const struct event_host devctl_host = { program, note_write };

static void user_name(struct buf *out, int64_t id, bool group)
{
	struct passwd *pw = group ? NULL : getpwuid((uid_t)id);
	struct group *gr = group ? getgrgid((gid_t)id) : NULL;
	const char *name = pw ? pw->pw_name : gr ? gr->gr_name : NULL;

	if (name)
		json_string(out, name);
	else
		buf_addf(out, "\"%lld\"", (long long)id);
}

static void show_node(struct buf *out, struct event *e)
{
	struct device *d = e->dev;
	bool has = d->devnum && d->devname;

	json_key(out, "node");
	if (has)
		json_string(out, d->devname);
	else
		buf_adds(out, "null");
	json_words(out, "symlinks", d->links.v, d->links.n, strlen("/dev/"));
	json_key(out, "mode");
	buf_addf(out, has ? "\"%04o\"" : "null", (unsigned)e->mode);
	json_key(out, "owner");
	if (has)
		user_name(out, e->uid, false);
	else
		buf_adds(out, "null");
	json_key(out, "group");
	if (has)
		user_name(out, e->gid, true);
	else
		buf_adds(out, "null");
	json_key(out, "major");
	buf_addf(out, "%u", major(d->devnum));
	json_key(out, "minor");
	buf_addf(out, "%u", minor(d->devnum));
}

static void show_properties(struct buf *out, struct device *d)
{
	json_key(out, "properties");
	buf_addc(out, '{');
	for (size_t i = 0; i < d->n_props; i++) {
		json_key(out, d->props[i].key);
		json_string(out, d->props[i].value);
	}
	buf_addc(out, '}');
}

static void show_run(struct buf *out, struct event *e)
{
	json_key(out, "run");
	buf_addc(out, '[');
	for (struct event_run *r = e->run; r; r = r->next) {
		buf_adds(out, r == e->run ? "" : ", ");
		json_string(out, r->command);
	}
	buf_addc(out, ']');
	json_key(out, "run_types");                     /* one for each of "run" */
	buf_addc(out, '[');
	for (struct event_run *r = e->run; r; r = r->next)
		buf_addf(out, "%s\"%s\"", r == e->run ? "" : ", ", r->builtin < 0 ? "program" : "builtin");
	buf_addc(out, ']');
}

static void show_labels(struct buf *out, struct event *e)
{
	json_key(out, "labels");
	buf_addc(out, '{');
	for (struct event_label *l = e->labels; l; l = l->next) {
		json_key(out, l->module);
		json_string(out, l->label);
	}
	buf_addc(out, '}');
}

static void show(struct devctl *c, struct event *e)
{
	struct device *d = e->dev;
	struct buf out = { 0 };

	buf_addc(&out, '{');
	show_node(&out, e);
	show_properties(&out, d);
	json_words(&out, "tags", d->current_tags.v, d->current_tags.n, 0);
	json_key(&out, "link_priority");
	buf_addf(&out, "%d", d->link_priority);
	show_run(&out, e);
	json_key(&out, "name");
	if (e->name)
		json_string(&out, e->name);
	else
		buf_adds(&out, "null");
	json_key(&out, "watch");
	buf_adds(&out, e->watch < 0 ? "null" : e->watch ? "true" : "false");
	json_key(&out, "db_persist");
	buf_adds(&out, d->db_persist ? "true" : "false");
	show_labels(&out, e);
	json_key(&out, "writes");
	buf_addf(&out, "[%s]}", buf_str(writes));
	if (buf_str(&out))
		fprintf(c->out, "%s\n", buf_str(&out));
	buf_finish(&out);
}

static int load(struct devctl *c, struct rules *rules)
{
	int r = 0;

	if (!c->rules)
		return rules_add_path(rules, c->root);
	for (char **p = c->rules; *p && r == 0; p++)
		r = rules_add_file(rules, *p);
	return r;
}

int devctl_event(struct devctl *c, const struct node_place *place, struct rules *rules, struct device *d, struct event *e)
{
	int r;

	event_init(e, d->arena, d, c->action);
	e->sink = &c->sink;
	e->proc = c->proc;
	e->dry = true;
	e->timeout_usec = c->timeout_sec * USEC_PER_SEC;
	e->host = &devctl_host;
	r = node_process(place, rules, e);
	return r < 0 ? r : device_finish_properties(d);
}

static int process(struct devctl *c, struct arena *a, struct rules *rules, const char *path)
{
	struct database db = { c->run };
	struct node_place place = { &db, c->devdir, c->apply };
	struct device *d;
	struct event e;
	int r = device_open(&d, a, c->sysfs, path);

	if (r == 0)
		r = devctl_event(c, &place, rules, d, &e);
	if (r == 0)
		show(c, &e);
	return r;
}

int verb_test_rules(struct devctl *c, char **words, size_t n)
{
	_cleanup_(rules_freep) struct rules *rules = NULL;
	struct arena arena = ARENA_HEAP(EVENT_BYTES_MAX);
	struct buf noted = { 0 };
	int r = rules_new(&rules, &c->sink, NULL);

	writes = &noted;
	if (n > 1 && !c->rules) {
		fprintf(c->err, "devctl: files in front of DEVPATH belong to --rules, expected that option\n");
		r = -EINVAL;
	}
	for (size_t i = 0; i + 1 < n && r == 0; i++)    /* --rules A B C DEVPATH */
		r = strv_add(&c->rules, words[i]);
	if (r == 0)
		r = load(c, rules);
	if (r == 0) {
		rules_use_index(rules, !c->no_index);
		r = process(c, &arena, rules, words[n - 1]);
	}
	arena_reset(&arena);
	buf_finish(&noted);
	if (r < 0)
		fprintf(c->err, "devctl: %s: %s\n", words[n - 1], r == -ENODEV ? "no such device" : strerror(-r));
	return r < 0;
}
