/* options.c - see options.h */
#include "names.h"
#include "version.h"
#include "setup/conf.h"
#include "setup/options.h"

static const struct option_row { const char *name; size_t off; const char *doc; } option_rows[] = {
	{ "--core", offsetof(struct options, core), "PATH  program to run as core (default: sysmaster-core beside this program)" },
	{ "--conf", offsetof(struct options, conf), "PATH  configuration (default " INIT_DEFAULT_CONF ")" },
	{ "--run-dir", offsetof(struct options, run_dir), "DIR   where init.sock lies (default " INIT_DEFAULT_RUN ")" },
};

static void print_usage(FILE *out)
{
	fputs("Usage: sysmaster-init [OPTION...] [-- COMMAND...]\n"
	      "The init of the suite. As PID 1 it runs a machine or a container, else it is a subreaper. With a COMMAND it runs that alone\n"
	      "and leaves with its status.\n\n  --help, --version\n  --help-conf   an init.conf with every key explained\n", out);
	for (size_t i = 0; i < ARRAY_SIZE(option_rows); i++)
		fprintf(out, "  %s %s\n", option_rows[i].name, option_rows[i].doc);
}

static bool take_option(struct options *o, int argc, char **argv, int *i)
{
	for (size_t k = 0; k < ARRAY_SIZE(option_rows); k++) {
		size_t n = strlen(option_rows[k].name);
		const char **field = (const char **)((char *)o + option_rows[k].off);

		if (!startswith(argv[*i], option_rows[k].name))
			continue;
		if (argv[*i][n] == '=') {
			*field = argv[*i] + n + 1;
			return true;
		}
		if (argv[*i][n] == '\0' && *i + 1 < argc) {
			*field = argv[++*i];
			return true;
		}
	}
	return false;
}

int options_parse(struct options *o, int argc, char **argv, bool lenient)
{
	*o = (struct options){ .words = argv + 1 };
	for (int i = 1; i < argc; i++) {
		if (streq(argv[i], "--")) {
			o->command = argv[i + 1] ? argv + i + 1 : NULL;
			break;
		}
		if (take_option(o, argc, argv, &i))
			continue;
		o->n_words = i;
		if (lenient)
			continue;
		if (streq(argv[i], "--help"))
			print_usage(stdout);
		else if (streq(argv[i], "--version"))
			puts("sysmaster-init " SYSMASTER_VERSION);
		else if (streq(argv[i], "--help-conf"))
			conf_print_help(stdout);
		else {
			fprintf(stderr, "sysmaster-init: unknown argument: %s\n", argv[i]);
			print_usage(stderr);
			return -EINVAL;
		}
		return 1;
	}
	return 0;
}
