/* main.c - from a command line to a verb; options and verbs are rows, --help prints them */
#include "devctl.h"
#include "value.h"

#define AT(f) offsetof(struct devctl, f)
static const struct option_row rows[] = {
	{ "help", 'h', OPTION_FLAG, NULL, AT(help), .doc = "show this" },
	{ "version", 0, OPTION_FLAG, NULL, AT(version), .doc = "show the version" },
	{ "rules", 0, OPTION_LIST, "FILE", AT(rules), "", .doc = "test-rules: a rules file instead of those of the search path; more may follow" },
	{ "sysfs", 0, OPTION_STRING, "DIR", AT(sysfs), .doc = "a tree that stands for /sys" },
	{ "devdir", 0, OPTION_STRING, "DIR", AT(devdir), .doc = "a folder that stands for /dev" },
	{ "run", 0, OPTION_STRING, "DIR", AT(run), .doc = "a folder that stands for /run/udev (the database)" },
	{ "proc", 0, OPTION_STRING, "DIR", AT(proc), .doc = "a folder that stands for /proc" },
	{ "root", 0, OPTION_STRING, "DIR", AT(root), .doc = "a folder that stands for / when rules files are looked for" },
	{ "action", 'a', OPTION_STRING, "ACTION", AT(action), .doc = "of the event: add (default), change, remove, ..." },
	{ "apply", 0, OPTION_FLAG, NULL, AT(apply), .doc = "test-rules: make and remove nodes and links below --devdir" },
	{ "timeout", 0, OPTION_UNSIGNED, "SECONDS", AT(timeout_sec), .doc = "for one program of PROGRAM or IMPORT (180)" },
	{ "query", 'q', OPTION_STRING, "WHAT", AT(query), .doc = "info: property, symlink, path, name or all (default)" },
	{ "no-index", 0, OPTION_FLAG, NULL, AT(no_index), .doc = "test-rules: look at every line, as a check of the index" },
	{ "update", 'u', OPTION_FLAG, NULL, AT(update), .doc = "hwdb: build /etc/udev/hwdb.bin of the *.hwdb files" },
	{ "usr", 0, OPTION_FLAG, NULL, AT(usr), .doc = "hwdb --update: build /usr/lib/udev/hwdb.bin" },
	{ "strict", 0, OPTION_FLAG, NULL, AT(strict), .doc = "verify: warnings make it fail, too; hwdb --update: errors do" },
	{ "quiet", 0, OPTION_FLAG, NULL, AT(quiet), .doc = "verify: no summary" },
};
const struct option_set devctl_options = { rows, ARRAY_SIZE(rows), "devctl" };

const struct verb devctl_verbs[] = {
	{ "verify", "[FILE|DIR...]", 0, ANY_NUMBER, verb_verify, "read rules files (all of the search path) and name every fault: file:line:column" },
	{ "test-rules", "[FILE...] DEVPATH", 1, ANY_NUMBER, verb_test_rules, "apply rules to a device as an event would; one JSON object on one line" },
	{ "info", "DEVPATH...", 1, ANY_NUMBER, verb_info, "what the database knows about devices" },
	{ "builtins", "", 0, 0, verb_builtins, "the builtins and which of them are available" },
	{ "hwdb", "[--update] [MODALIAS...]", 0, ANY_NUMBER, verb_hwdb, "build the hardware database, ask it (-: modaliases of the standard input)" },
	{ "test-builtin", "COMMAND DEVPATH", 2, 2, verb_test_builtin, "run a builtin and print the properties it sets" },
};
const size_t n_devctl_verbs = ARRAY_SIZE(devctl_verbs);

static void help(FILE *out)
{
	fprintf(out, "devctl [OPTIONS...] VERB [WORDS...]\n\nVerbs:\n");
	for (size_t i = 0; i < n_devctl_verbs; i++)
		fprintf(out, "  %-12s %-17s %s\n", devctl_verbs[i].name, devctl_verbs[i].args, devctl_verbs[i].doc);
	fprintf(out, "\nOptions:\n");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		fprintf(out, "  --%-9s %-18s %s\n", rows[i].name, rows[i].arg ? rows[i].arg : "", rows[i].doc);
}

static void report(struct diag_sink *s, enum diag_level level, const char *file, unsigned line, unsigned column, const char *text)
{
	struct devctl *c = container_of(s, struct devctl, sink);

	if (level == DIAG_ERROR)
		c->errors++;
	else
		c->warnings++;
	if (line)
		fprintf(c->err, "%s:%u:%u: %s%s\n", file, line, column, level == DIAG_ERROR ? "" : "warning: ", text);
	else
		fprintf(c->err, "%s: %s%s\n", file, level == DIAG_ERROR ? "" : "warning: ", text);
}

static int run_verb(struct devctl *c, char **words, size_t n)
{
	for (size_t i = 0; i < n_devctl_verbs; i++) {
		const struct verb *v = &devctl_verbs[i];

		if (!streq(v->name, words[0]))
			continue;
		if (n - 1 < v->min || n - 1 > v->max) {
			fprintf(c->err, "devctl: expected: %s %s\n", v->name, v->args);
			return 2;
		}
		return v->run(c, words + 1, n - 1);
	}
	fprintf(c->err, "devctl: unknown verb '%s', expected one of:", words[0]);
	for (size_t i = 0; i < n_devctl_verbs; i++)
		fprintf(c->err, " %s", devctl_verbs[i].name);
	fputc('\n', c->err);
	return 2;
}

int devctl_main(int argc, char **argv, FILE *out, FILE *err)
{
	struct devctl c = { .out = out, .err = err, .sysfs = "/sys", .devdir = "/dev", .run = "/run/udev", .proc = "/proc", .root = "",
			    .action = "add", .query = "all", .timeout_sec = 180, .sink = { report } };
	int first, r = options_parse(&devctl_options, &c, argc, argv, &first, out, err);

	if (r != 0)
		r = r < 0 ? 2 : 0;
	else if (c.help || first >= argc) {
		help(c.help ? out : err);
		r = c.help ? 0 : 2;
	} else if (c.version)
		fprintf(out, "devctl of sysmaster\n");
	else
		r = run_verb(&c, argv + first, (size_t)(argc - first));
	strv_free(c.rules);
	return r;
}
