/* info.c - devctl info: one device after another; udevadm(8) "info" */
#include <limits.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include "devctl.h"
#include "value.h"

enum what { WHAT_ALL, WHAT_NAME, WHAT_SYMLINK, WHAT_PATH, WHAT_PROPERTY, WHAT_WALK, WHAT_TREE, WHAT_DB, WHAT_CLEANUP };
static const struct key_enum queries[] = {
	{ "name", WHAT_NAME }, { "symlink", WHAT_SYMLINK }, { "path", WHAT_PATH }, { "property", WHAT_PROPERTY }, { "all", WHAT_ALL }, { NULL, 0 },
};

#define AT(f) offsetof(struct devctl, f)
static const struct option_row rows[] = {
	{ "query", 'q', OPTION_ENUM, "TYPE", AT(info.what), queries, .doc = "name, symlink, path, property or all (default)" },
	{ "property", 0, OPTION_WORDS, "NAME", AT(info.properties), .doc = "of the properties only these, separated by commas" },
	{ "value", 0, OPTION_FLAG, NULL, AT(info.value), .doc = "of the properties the values alone" },
	{ "path", 'p', OPTION_LIST, "SYSPATH", AT(info.devices), "p", .doc = "a device by its path in /sys" },
	{ "name", 'n', OPTION_LIST, "NAME", AT(info.devices), "n", .doc = "a device by its node or a link to it" },
	{ "root", 'r', OPTION_FLAG, NULL, AT(info.root), .doc = "nodes and links with /dev in front" },
	{ "attribute-walk", 'a', OPTION_CONST, NULL, AT(info.what), NULL, WHAT_WALK, .doc = "what rules can match of the device and its parents" },
	{ "tree", 't', OPTION_CONST, NULL, AT(info.what), NULL, WHAT_TREE, .doc = "devices as a tree" },
	{ "device-id-of-file", 'd', OPTION_STRING, "FILE", AT(info.file), .doc = "MAJOR:MINOR of the device that holds this file" },
	{ "export", 'x', OPTION_FLAG, NULL, AT(info.export), .doc = "properties as KEY='VALUE'" },
	{ "export-prefix", 'P', OPTION_STRING, "NAME", AT(info.prefix), .doc = "the same, with this in front of each key" },
	{ "export-db", 'e', OPTION_CONST, NULL, AT(info.what), NULL, WHAT_DB, .doc = "all devices" },
	{ "cleanup-db", 'c', OPTION_CONST, NULL, AT(info.what), NULL, WHAT_CLEANUP, .doc = "remove all records but those that are to persist" },
	{ "wait-for-initialization", 'w', OPTION_STRING, "[SECONDS]", AT(info.wait), .doc = "until the device has a record" },
	{ "no-pager", 0, OPTION_ACCEPTED, .doc = "there is none" },
	{ "json", 0, OPTION_FLAG, NULL, AT(json), .doc = "all or properties as JSON, an object on a line" },
};
const struct option_set info_options = { rows, ARRAY_SIZE(rows) };

static void print_properties(struct devctl *c, struct device *d)
{
	bool export = c->info.export || c->info.prefix;

	for (size_t i = 0; i < d->n_props; i++) {
		const struct property *p = &d->props[i];

		if (c->info.properties && !strv_has(c->info.properties, p->key))
			continue;
		if (export)
			fprintf(c->out, "%s%s='%s'\n", c->info.prefix ? c->info.prefix : "", p->key, p->value);
		else if (c->info.value)
			fprintf(c->out, "%s\n", p->value);
		else
			fprintf(c->out, "%s=%s\n", p->key, p->value);
	}
}

static void json_properties(struct devctl *c, struct device *d)
{
	struct buf b = { 0 };

	buf_addc(&b, '{');
	for (size_t i = 0; i < d->n_props; i++) {
		if (c->info.properties && !strv_has(c->info.properties, d->props[i].key))
			continue;
		json_key(&b, d->props[i].key);
		json_string(&b, d->props[i].value);
	}
	fprintf(c->out, "%s}\n", buf_str(&b) ? buf_str(&b) : "");
	buf_finish(&b);
}

static int print_name(struct devctl *c, struct device *d)
{
	if (!d->devname) {
		fprintf(c->err, "%s: %s has no node\n", c->program, d->devpath);
		return 1;
	}
	fprintf(c->out, "%s\n", d->devname + (c->info.root ? 0 : strlen("/dev/")));
	return 0;
}

static int print(struct devctl *c, struct device *d)
{
	switch ((enum what)c->info.what) {
	case WHAT_ALL:
		if (c->json)
			return show_json(c->out, d) < 0;
		show_record(c->out, d, "");
		fputc('\n', c->out);
		return 0;
	case WHAT_NAME:
		return print_name(c, d);
	case WHAT_SYMLINK:
		for (size_t i = 0; i < d->links.n; i++)
			fprintf(c->out, "%s%s", i ? " " : "", d->links.v[i] + (c->info.root ? 0 : strlen("/dev/")));
		fputc('\n', c->out);
		return 0;
	case WHAT_PATH:
		fprintf(c->out, "%s\n", d->devpath);
		return 0;
	case WHAT_PROPERTY:
		if (c->json)
			json_properties(c, d);
		else
			print_properties(c, d);
		return 0;
	case WHAT_WALK:
		show_walk(c->out, d);
		return 0;
	case WHAT_TREE:
		return show_tree(c, d->path);
	case WHAT_DB:
	case WHAT_CLEANUP:
		break;
	}
	return 1;
}

static bool is_node(struct devctl *c, const char *word)
{
	return startswith(word, c->devdir) || (startswith(word, "dev-") && endswith(word, ".device"));
}

struct awaited { struct devctl *c; const char *word; };
static int recorded(void *arg)
{
	struct awaited *w = arg;
	struct arena arena = ARENA_HEAP(DEVICE_BYTES_MAX);
	struct database db = { w->c->run };
	struct device *d;
	int r = find_device(w->c, &arena, w->word, &d);

	if (r == 0)
		r = database_read(&db, d);
	if (r == 0)
		r = d->recorded;
	arena_reset(&arena);
	return r;
}

static int await(struct devctl *c, const char *word)
{
	_cleanup_(watch_freep) struct watch *w = NULL;
	struct awaited awaited = { c, word };
	uint64_t span = USEC_INFINITY;
	char data[PATH_MAX];
	int r;

	if (c->info.wait[0] && (r = value_sec(c->info.wait, USEC_PER_SEC, &span)) < 0)
		return r;
	snprintf(data, sizeof(data), "%s/data", c->run);
	r = watch_new(&w);
	if (r == 0)
		r = watch_add(w, data);
	return r < 0 ? r : MIN(watch_wait(w, watch_deadline(span), recorded, &awaited), 0);
}

static int one(struct devctl *c, const char *word)
{
	struct arena arena = ARENA_HEAP(DEVICE_BYTES_MAX);
	bool all = c->info.what == WHAT_ALL;
	struct device *d;
	int status = 0, r = find_device(c, &arena, word, &d);

	if (r == 0 && c->info.wait)
		r = await(c, word);
	if (r == 0 && c->info.what != WHAT_WALK)
		r = show_prepare(c, d, all && !is_node(c, word), all);
	if (r == 0)
		status = print(c, d);
	arena_reset(&arena);
	if (r == -EINVAL)
		fprintf(c->err, "%s: '%s': expected a path in %s or %s, or the name of a device unit\n", c->program, word, c->devdir, c->sysfs);
	else if (r < 0)
		devctl_fail(c, word, r);
	return r < 0 ? 1 : status;
}

static int id_of_file(struct devctl *c)
{
	const char *prefix = c->info.prefix ? c->info.prefix : "INFO_";
	struct stat st;

	if (stat(c->info.file, &st) < 0)
		return devctl_fail(c, c->info.file, -errno);
	if (c->info.export || c->info.prefix)
		fprintf(c->out, "%sMAJOR=%u\n%sMINOR=%u\n", prefix, major(st.st_dev), prefix, minor(st.st_dev));
	else
		fprintf(c->out, "%u:%u\n", major(st.st_dev), minor(st.st_dev));
	return 0;
}

static int check(struct devctl *c)
{
	const char *why = NULL;

	if (c->info.value && (c->info.export || c->info.prefix))
		why = "--value does not go with --export and --export-prefix";
	else if (c->json && c->info.what != WHAT_ALL && c->info.what != WHAT_PROPERTY && c->info.what != WHAT_DB)
		why = "--json goes with --query=all, --query=property and --export-db";
	if (why)
		fprintf(c->err, "%s: %s\n", c->program, why);
	return why ? devctl_usage(c) : 0;
}

int verb_info(struct devctl *c, char **words, size_t n)
{
	int status = check(c);

	if (status)
		return status;
	if (c->info.what == WHAT_DB)
		return show_db(c);
	if (c->info.what == WHAT_CLEANUP) {
		int r = cleanup_db(c->run);

		return r < 0 ? devctl_fail(c, c->run, r) : 0;
	}
	if (c->info.file)
		return id_of_file(c);
	if (!c->info.devices && n == 0) {
		if (c->info.what == WHAT_TREE)
			return show_tree(c, NULL);
		fprintf(c->err, "%s: info: a device is needed: its path or its node\n", c->program);
		return devctl_usage(c);
	}
	for (char **p = c->info.devices; p && *p; p++) {
		_cleanup_(freep) char *path = find_path(**p == 'p' ? c->sysfs : c->devdir, *p + 1);

		status |= path ? one(c, path) : 1;
	}
	for (size_t i = 0; i < n; i++)
		status |= one(c, words[i]);
	return status;
}
