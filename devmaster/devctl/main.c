/* main.c - from a command line to a verb; options and verbs are rows, --help prints them */
#include "devctl.h"
#include "enumerate/enumerate.h"
#include "troff.h"
#include "value.h"

#define AT(f) offsetof(struct devctl, f)
#define ROWS_MAX 64
/* of every verb; the first two are all that udevadm has of them */
static const struct option_row common[] = {
	{ "help", 'h', OPTION_FLAG, NULL, AT(help), .doc = "show this" },
	{ "version", 'V', OPTION_FLAG, NULL, AT(version), .doc = "show the version" },
	{ "sysfs", 0, OPTION_STRING, "DIR", AT(sysfs), .doc = "a tree that stands for /sys" },
	{ "devdir", 0, OPTION_STRING, "DIR", AT(devdir), .doc = "a folder that stands for /dev" },
	{ "run", 0, OPTION_STRING, "DIR", AT(run), .doc = "a folder that stands for /run/udev" },
	{ "proc", 0, OPTION_STRING, "DIR", AT(proc), .doc = "a folder that stands for /proc" },
};
#define UDEVADM_COMMON 2
static const struct option_row page = { "man", 0, OPTION_FLAG, NULL, AT(man) };      /* for the build; not in the help */
static const struct option_row debug = { "debug", 'd', OPTION_FLAG, NULL, AT(debug), .doc = "say more on standard error" };

const struct verb devctl_verbs[] = {
	{ "info", "[DEVICE...]", 0, ANY_NUMBER, verb_info, "what sysfs and the database know about devices", &info_options, true },
	{ "trigger", "[DEVICE...]", 0, ANY_NUMBER, verb_trigger, "ask the kernel for events", &trigger_options, true },
	{ "settle", "", 0, ANY_NUMBER, verb_settle, "wait until no event is pending", &settle_options, true },
	{ "control", "", 0, 0, verb_control, "steer the daemon", &control_options, true },
	{ "monitor", "", 0, ANY_NUMBER, verb_monitor, "show events as they come", &monitor_options, true },
	{ "verify", "[FILE|DIR...]", 0, ANY_NUMBER, verb_verify, "read rules and .link files (all of the search path) and name every fault: file:line:column", &verify_options },
	{ "test", "DEVICE", 0, 1, verb_test, "what the rules would make of an event; nothing is changed", &test_options, true },
	{ "test-rules", "[FILE...] DEVPATH", 1, ANY_NUMBER, verb_test_rules, "apply rules to a device as an event would; one JSON object on one line", &test_rules_options },
	{ "test-builtin", "COMMAND DEVICE", 2, 2, verb_test_builtin, "run a builtin and print the properties it sets", &test_builtin_options, true },
	{ "wait", "DEVICE...", 1, ANY_NUMBER, verb_wait, "wait until devices are there, or gone", &wait_options, true },
	{ "lock", "COMMAND...", 0, ANY_NUMBER, verb_lock, "run a command while block devices are locked", &lock_options, true },
	{ "stat", "", 0, 0, verb_stat, "what the daemon has done and has to do: queue, workers, the slowest rules", &stat_options },
	{ "cat", "[NAME|FILE...]", 0, ANY_NUMBER, verb_cat, "print rules files, or the configuration", &cat_options },
	{ "hwdb", "[MODALIAS...]", 0, ANY_NUMBER, verb_hwdb, "build the hardware database, ask it (-: modaliases of the standard input)", &hwdb_options, true },
	{ "builtins", "", 0, 0, verb_builtins, "the builtins and which of them are available" },
};
const size_t n_devctl_verbs = ARRAY_SIZE(devctl_verbs);

int devctl_usage(const struct devctl *c) { return c->udevadm ? 1 : 2; }

int devctl_fail(struct devctl *c, const char *what, int r)
{
	fprintf(c->err, "%s: %s: %s\n", c->program, what, r == -ENODEV ? "no such device" : strerror(-r));
	return 1;
}

static bool is_there(const struct devctl *c, const struct verb *v) { return v->udevadm || !c->udevadm; }

static void show_rows(FILE *out, const struct option_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct option_row *row = &rows[i];
		char left[64], letter[4] = "";

		if (row->letter)
			snprintf(letter, sizeof(letter), "-%c ", row->letter);
		snprintf(left, sizeof(left), "%s%s%s%s%s", letter[0] || !row->name ? letter : "   ", row->name ? "--" : "", row->name ? row->name : "", row->arg ? row->arg[0] == '[' ? "" : "=" : "",
			 row->arg ? row->arg : "");
		if (row->doc)
			fprintf(out, "  %-32s %s\n", left, row->doc);
	}
}

static void help(struct devctl *c, FILE *out)
{
	fprintf(out, "%s [--help] [--version] [--debug] COMMAND [OPTIONS] [WORDS]\n\nAsk and steer the device manager.\n\nCommands:\n", c->program);
	for (size_t i = 0; i < n_devctl_verbs; i++)
		if (is_there(c, &devctl_verbs[i]))
			fprintf(out, "  %-13s %s\n", devctl_verbs[i].name, devctl_verbs[i].doc);
	fprintf(out, "\nOptions:\n");
	show_rows(out, common, c->udevadm ? UDEVADM_COMMON : ARRAY_SIZE(common));
	show_rows(out, &debug, 1);
}

static void verb_help(struct devctl *c, const struct verb *v)
{
	fprintf(c->out, "%s %s [OPTIONS] %s\n\n%c%s\n\n", c->program, v->name, v->args, v->doc[0] & ~0x20, v->doc + 1);
	show_rows(c->out, common, UDEVADM_COMMON);
	if (v->options)
		show_rows(c->out, v->options->rows, v->options->n);
}

static void man_rows(FILE *out, const struct option_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char head[80], letter[8] = "";

		if (!rows[i].doc)
			continue;
		if (rows[i].letter)
			snprintf(letter, sizeof(letter), "-%c%s", rows[i].letter, rows[i].name ? ", " : "");
		snprintf(head, sizeof(head), "%s%s%s%s%s", letter, rows[i].name ? "--" : "", rows[i].name ? rows[i].name : "", rows[i].arg && rows[i].arg[0] != '[' ? "=" : "", rows[i].arg ? rows[i].arg : "");
		troff_item(out, head, rows[i].doc);
	}
}

/* devctl(8), as troff */
static void man(struct devctl *c)
{
	troff_title(c->out, "devctl", 8, "ask and steer the device manager");
	troff_section(c->out, "description");
	troff_text(c->out, "Called by the name of udevadm it has the commands and options of that program of systemd 252 alone, with its output and exit statuses.");
	fputc('\n', c->out);
	for (size_t i = 0; i < n_devctl_verbs; i++) {
		const struct verb *v = &devctl_verbs[i];
		char head[80];

		snprintf(head, sizeof(head), "%s %s", v->name, v->args);
		troff_section(c->out, head);
		troff_text(c->out, v->doc);
		fputs(".\n", c->out);
		if (v->options)
			man_rows(c->out, v->options->rows, v->options->n);
	}
	troff_section(c->out, "options of all commands");
	man_rows(c->out, common, ARRAY_SIZE(common));
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

static int show_version(struct devctl *c)
{
	fprintf(c->out, "%s\n", c->udevadm ? UDEVADM_VERSION : "devctl of sysmaster");
	return 0;
}

/* @argv[0] is the verb */
static int run_verb(struct devctl *c, const struct verb *v, int argc, char **argv)
{
	struct option_row rows[ROWS_MAX];
	struct option_set set = { rows, 0, c->program, v->options && v->options->first_word_ends };
	size_t n_common = c->udevadm ? UDEVADM_COMMON : ARRAY_SIZE(common), words;
	int first, r;

	for (size_t i = 0; v->options && i < v->options->n; i++)
		rows[set.n++] = v->options->rows[i];
	for (size_t i = 0; i < n_common; i++)
		rows[set.n++] = common[i];
	r = options_parse(&set, c, argc, argv, &first, c->out, c->err);
	if (r != 0)
		return r < 0 ? devctl_usage(c) : 0;
	if (c->help) {
		verb_help(c, v);
		return 0;
	}
	if (c->version)
		return show_version(c);
	words = (size_t)(argc - first);
	if (words < v->min || words > v->max) {
		fprintf(c->err, "%s: expected: %s %s\n", c->program, v->name, v->args);
		return devctl_usage(c);
	}
	return v->run(c, argv + first, words);
}

static int dispatch(struct devctl *c, int argc, char **argv)
{
	for (size_t i = 0; i < n_devctl_verbs; i++)
		if (streq(devctl_verbs[i].name, argv[0]) && is_there(c, &devctl_verbs[i]))
			return run_verb(c, &devctl_verbs[i], argc, argv);
	fprintf(c->err, "%s: unknown verb '%s', expected one of:", c->program, argv[0]);
	for (size_t i = 0; i < n_devctl_verbs; i++)
		if (is_there(c, &devctl_verbs[i]))
			fprintf(c->err, " %s", devctl_verbs[i].name);
	fputc('\n', c->err);
	return devctl_usage(c);
}

static void finish(struct devctl *c)
{
	strv_free(c->rules);
	strv_free(c->info.devices);
	strv_free(c->info.properties);
	strv_free(c->trigger.filters);
	strv_free(c->trigger.first);
	strv_free(c->control.properties);
	strv_free(c->monitor.subsystems);
	strv_free(c->monitor.tags);
	strv_free(c->lock.devices);
}

int devctl_main(int argc, char **argv, FILE *out, FILE *err)
{
	const char *name = argc > 0 && strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argc > 0 ? argv[0] : "";
	struct devctl c = { .out = out, .err = err, .sysfs = "/sys", .devdir = "/dev", .run = "/run/udev", .proc = "/proc", .root = "", .action = "add", .trigger = { .action = "change", .type = ENUMERATE_DEVICES }, .wait = { .initialized = true },
			    .program = "devctl", .timeout_sec = 180, .sink = { report } };
	struct option_row rows[ARRAY_SIZE(common) + 2] = { debug };
	struct option_set set = { rows, ARRAY_SIZE(rows), "devctl", true };
	int first, r;

	c.udevadm = streq(name, "udevadm");
	if (c.udevadm)
		set = (struct option_set){ rows, 1 + UDEVADM_COMMON, c.program = "udevadm", true };
	memcpy(rows + 1, common, sizeof(common));
	rows[ARRAY_SIZE(rows) - 1] = page;
	r = options_parse(&set, &c, argc, argv, &first, out, err);
	if (r != 0)
		r = r < 0 ? devctl_usage(&c) : 0;
	else if (c.man)
		man(&c);
	else if (c.help || (first >= argc && !c.version)) {
		help(&c, c.help ? out : err);
		r = c.help ? 0 : devctl_usage(&c);
	} else if (c.version)
		r = show_version(&c);
	else
		r = dispatch(&c, argc - first, argv + first);
	finish(&c);
	return r;
}
