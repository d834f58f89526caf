/* hwdb.c - devctl hwdb: build and ask the hardware database, as systemd-hwdb and udevadm hwdb do */
#include <limits.h>
#include "devctl.h"
#include "hwdb/build.h"
#include "hwdb/hwdb.h"

#define AT(f) offsetof(struct devctl, f)
static const struct option_row rows[] = {
	{ "update", 'u', OPTION_FLAG, NULL, AT(update), .doc = "build /etc/udev/hwdb.bin of the *.hwdb files" },
	{ "usr", 0, OPTION_FLAG, NULL, AT(usr), .doc = "build /usr/lib/udev/hwdb.bin" },
	{ "strict", 's', OPTION_FLAG, NULL, AT(strict), .doc = "errors make --update fail" },
	{ "test", 't', OPTION_STRING, "MODALIAS", AT(modalias), .doc = "ask for it" },
	{ "root", 'r', OPTION_STRING, "DIR", AT(root), .doc = "a folder that stands for /" },
	{ "quiet", 0, OPTION_FLAG, NULL, AT(quiet), .doc = "no summary" },
};
const struct option_set hwdb_options = { rows, ARRAY_SIZE(rows) };

static int update(struct devctl *c)
{
	_cleanup_(hwdb_build_freep) struct hwdb_build *b = NULL;
	char path[PATH_MAX];
	int r = hwdb_build_new(&b, &c->sink), files = 0;

	if (r == 0)
		r = files = hwdb_build_path(b, c->root);
	snprintf(path, sizeof(path), "%s%s/hwdb.bin", c->root, c->usr ? "/usr/lib/udev" : "/etc/udev");
	if (files > 0)
		r = hwdb_build_write(b, path);
	if (r < 0) {
		fprintf(c->err, "%s: %s: %s\n", c->program, path, strerror(-r));
		return 1;
	}
	if (files == 0)
		fprintf(c->err, "devctl: no *.hwdb below %s/etc/udev/hwdb.d and %s/usr/lib/udev/hwdb.d: nothing written\n", c->root, c->root);
	else if (!c->quiet && !c->udevadm)
		fprintf(c->out, "%s: %d files, %zu nodes, %u errors\n", path, files, hwdb_build_nodes(b), c->errors);
	return c->strict && c->errors;
}

static int query(struct devctl *c, struct hwdb *h, const char *modalias)
{
	struct hwdb_answer a = { 0 };
	int r = hwdb_query(h, modalias, &a);

	for (size_t i = 0; i < a.n && r == 0; i++)
		fprintf(c->out, "%s=%s\n", a.v[i].key, a.v[i].value);
	hwdb_answer_finish(&a);
	return r;
}

/* modaliases of words, or with "-" one a line; an empty line behind each answer then */
static int ask(struct devctl *c, char **words, size_t n)
{
	_cleanup_(hwdb_closep) struct hwdb *h = NULL;
	char path[PATH_MAX] = "hwdb.bin", line[4096];
	int r = hwdb_find(c->root, path, sizeof(path)) ? hwdb_open(&h, path) : -ENOENT;

	for (size_t i = 0; i < n && r == 0; i++) {
		if (!streq(words[i], "-")) {
			r = query(c, h, words[i]);
			continue;
		}
		while (r == 0 && fgets(line, sizeof(line), stdin)) {
			line[strcspn(line, "\n")] = '\0';
			r = query(c, h, line);
			fputc('\n', c->out);
		}
	}
	if (r < 0)
		fprintf(c->err, "%s: %s: %s\n", c->program, path, strerror(-r));
	return r < 0;
}

int verb_hwdb(struct devctl *c, char **words, size_t n)
{
	int r = 0;

	if (!c->update && !c->modalias && n == 0) {
		fprintf(c->err, "%s: hwdb: expected --update or MODALIAS...\n", c->program);
		return devctl_usage(c);
	}
	if (c->update)
		r = update(c);
	if (r == 0 && c->modalias)
		r = ask(c, (char **)&c->modalias, 1);
	return r == 0 && n > 0 ? ask(c, words, n) : r;
}
