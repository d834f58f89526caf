/* main.c - from a command line to a verb */
#include <limits.h>
#include <stdio.h>
#include <strings.h>
#include <sys/ioctl.h>
#include "core.ipc.h"
#include "lines.h"
#include "run.h"
#include "text.h"
#include "unit/scope.h"
#include "verb.h"

#ifndef SYSMASTER_VERSION
#define SYSMASTER_VERSION "0.1"
#endif

static const char *const unit_types[] = {
	"service", "mount", "swap", "socket", "target", "device", "automount", "timer", "path", "slice", "scope",
};
static const char *const load_states[] = { "stub", "loaded", "not-found", "bad-setting", "error", "merged", "masked" };
static const char *const active_states[] = { "active", "reloading", "inactive", "failed", "activating", "deactivating", "maintenance" };

/* no variable: a console, where UTF-8 is the rule today; else what it says */
static bool locale_is_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *v = getenv(names[i]);

		if (v && *v)
			return strcasestr(v, "utf-8") || strcasestr(v, "utf8");
	}
	return true;
}

static bool want_colors(FILE *out)
{
	const char *v = getenv("SYSTEMD_COLORS"), *term = getenv("TERM");
	bool on;

	if (v && value_bool(v, &on) >= 0)
		return on;
	return fileno(out) >= 0 && isatty(fileno(out)) && !getenv("NO_COLOR") && term && !streq(term, "dumb");
}

static unsigned want_columns(FILE *out)
{
	const char *v = getenv("COLUMNS");
	struct winsize w;
	uint64_t n;

	if (fileno(out) < 0 || !isatty(fileno(out)))
		return 0;
	if (v && value_unsigned(v, 10000, &n) >= 0 && n > 0)
		return (unsigned)n;
	return ioctl(fileno(out), TIOCGWINSZ, &w) == 0 && w.ws_col > 0 ? w.ws_col : 80;
}

void sctl_init(struct sctl *s, const char *program, FILE *out, FILE *err)
{
	memset(s, 0, sizeof(*s));
	s->o.legend = true;
	s->o.lines = 10;
	s->o.iterations = 1;
	s->o.signal = 15;
	s->out = out;
	s->err = err;
	s->program = program;
	s->colors = want_colors(out);
	s->columns = want_columns(out);
	s->utf8 = locale_is_utf8();
	s->arena = (struct arena)ARENA_HEAP(256u << 20);
}

void sctl_done(struct sctl *s)
{
	client_free(s->core);
	client_free(s->init);
	arena_reset(&s->arena);
	enable_done(s);
	strv_free(s->o.types);
	strv_free(s->o.states);
	strv_free(s->o.what);
	strv_free(s->o.properties);
	strv_free(s->o.only_values);
}

static bool among(const char *const *list, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (streq(list[i], word))
			return true;
	return false;
}

static void print_all(FILE *out, const char *title, const char *const *list, size_t n)
{
	fprintf(out, "%s:\n", title);
	for (size_t i = 0; i < n; i++)
		fprintf(out, "%s\n", list[i]);
}

/* -t takes load states as well, as systemctl does; 1: help was printed */
static int check_types(struct sctl *s)
{
	char **kept = NULL;
	int r = 0;

	for (size_t i = 0; s->o.types && s->o.types[i] && r >= 0; i++) {
		const char *t = s->o.types[i];

		if (streq(t, "help")) {
			print_all(s->out, "Available unit types", unit_types, ARRAY_SIZE(unit_types));
			r = 1;
			break;
		}
		if (among(unit_types, ARRAY_SIZE(unit_types), t))
			r = strv_add(&kept, t);
		else if (among(load_states, ARRAY_SIZE(load_states), t))
			r = strv_add(&s->o.states, t);
		else {
			fprintf(s->err, "Unknown unit type or load state '%s'.\nUse -t help to see a list of allowed values.\n", t);
			r = -EINVAL;
		}
	}
	strv_free(s->o.types);
	s->o.types = kept;
	return r;
}

static int check_signal(struct sctl *s)
{
	bool list = s->o.signal_name && streq(s->o.signal_name, "list");

	if (!s->o.signal_name)
		return 0;
	if (list || streq(s->o.signal_name, "help")) {
		for (int i = 1; i <= 64; i++) {
			const char *name = signal_name(i);

			if (name && list)
				fprintf(s->out, "%6d %s\n", i, name);
			else if (name)
				fprintf(s->out, "%s\n", name + strlen("SIG"));
		}
		return 1;
	}
	if (value_signal(s->o.signal_name, &s->o.signal) >= 0)
		return 0;
	fprintf(s->err, "'%s' is not a signal; -s help lists them.\n", s->o.signal_name);
	return -EINVAL;
}

/* what options mean to each other. 1: done, nothing to run */
/* what a user's manager has not: power, other roots, presets; edit works in /etc */
static bool is_systems(const struct verb *v)
{
	return (v->run == verb_power && v->arg != IPC_POWER_VERB_EXIT) || v->run == verb_switch_root || startswith(v->name, "preset") || streq(v->name, "edit") || streq(v->name, "rescue") || streq(v->name, "emergency");
}

/* all else looks at the environment, see unit/scope.h */
int sctl_use_user_manager(struct sctl *s)
{
	_cleanup_(freep) char *dir = NULL;

	setenv("SYSMASTER_SCOPE", "user", true);
	if (s->o.root || getenv("SYSMASTER_RUN_DIR"))
		return 0;
	if (asprintf(&dir, "%s/sysmaster", scope_dir(SCOPE_RUNTIME)) < 0)
		return -ENOMEM;
	setenv("SYSMASTER_RUN_DIR", dir, true);
	return 0;
}

static int check_options(struct sctl *s)
{
	int r;

	for (size_t i = 0; s->o.only_values && s->o.only_values[i]; i++) {
		s->o.value = true;
		r = strv_add(&s->o.properties, s->o.only_values[i]);
		if (r < 0)
			return r;
	}
	if (s->o.states && strv_has(s->o.states, "help")) {
		print_all(s->out, "Available unit load states", load_states, ARRAY_SIZE(load_states));
		print_all(s->out, "\nAvailable unit active states", active_states, ARRAY_SIZE(active_states));
		return 1;
	}
	if (s->o.failed && (r = strv_add(&s->o.states, "failed")) < 0)
		return r;
	if (s->o.output == LINES_JSON || s->o.output == LINES_JSON_PRETTY)
		s->o.json = s->o.output == LINES_JSON ? JSON_SHORT : JSON_PRETTY;
	if (s->o.quiet)
		s->o.legend = false;
	r = check_types(s);
	return r ? r : check_signal(s);
}

int sctl_run(struct sctl *s, char **words, size_t n)
{
	const char *name = n ? words[0] : "list-units", *why;
	const struct verb *v = verb_find(name);
	size_t given = n ? n - 1 : 0;
	int r;

	if (!v) {
		why = verb_refused(name);
		if (why)
			fprintf(s->err, "%s: the verb %s of systemctl is not available: %s\n", s->program, name, why);
		else
			fprintf(s->err, "Unknown command verb %s.\n", name);
		return SCTL_FAILURE;
	}
	if (s->o.root && !v->root) {
		fprintf(s->err, "%s works on the running system: it does not go with --root=.\n", name);
		return SCTL_FAILURE;
	}
	if (s->o.user && is_systems(v)) {
		fprintf(s->err, "%s: option --user does not go with %s: that is the system's\n", s->program, name);
		return SCTL_FAILURE;
	}
	if (s->o.global && v->group != GROUP_FILES) {
		fprintf(s->err, "%s: --global is about unit files: it does not go with %s.\n", s->program, name);
		return SCTL_FAILURE;
	}
	if (s->o.user && (r = sctl_use_user_manager(s)) < 0)
		return SCTL_FAILURE;
	if (given < v->min || (v->max != ANY_NUMBER && given > v->max)) {
		fprintf(s->err, given < v->min ? "Too few arguments.\n" : "Too many arguments.\n");
		fprintf(s->err, "Usage: %s %s%s%s\n", s->program, v->name, v->args ? " " : "", v->args ? v->args : "");
		return SCTL_FAILURE;
	}
	r = v->run(s, v, words + (n ? 1 : 0), given);
	return r < 0 ? SCTL_FAILURE : r;
}

int sctl_main(int argc, char **argv, FILE *out, FILE *err)
{
	const char *name = argc > 0 && strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argc > 0 ? argv[0] : "sctl";
	int first = 1, r = compat_main(name, argc, argv, out, err), status = SCTL_OK;
	struct sctl s;

	if (r != -ENOENT)
		return r < 0 ? SCTL_FAILURE : r;
	sctl_init(&s, "sctl", out, err);
	if (streq(name, "sysmaster-run") || streq(name, "systemd-run") || (argc > 1 && streq(argv[1], "run"))) {
		bool own = !streq(name, "sysmaster-run") && !streq(name, "systemd-run");

		status = run_main(&s, argc - own, argv + own);
		sctl_done(&s);
		return status;
	}
	r = options_parse(argc > 1 && streq(argv[1], "escape") ? &escape_options : &sctl_options, &s.o, argc, argv, &first, out, err);
	if (r == 0)
		r = check_options(&s);
	if (r < 0)
		status = SCTL_FAILURE;
	else if (r > 0)
		status = SCTL_OK;
	else if (s.o.help)
		help_print(&s);
	else if (s.o.help_markdown)
		help_markdown(&s);
	else if (s.o.version)
		fprintf(out, "sysmaster %s\n", SYSMASTER_VERSION);
	else
		status = sctl_run(&s, argv + first, (size_t)(argc - first));
	sctl_done(&s);
	return status;
}
