/*
 * sctl.h - one invocation of the CLI: its options, its streams, its connection
 *
 * Verbs get a struct sctl and their words, print to .out and .err, and return an exit status (>= 0) or a negative errno after
 * they have printed the reason. Nothing is global, so a test runs a command line in-process.
 */
#pragma once
#include <stdio.h>
#include "client.h"
#include "option.h"
#include "unit/key.h"

/* systemctl(1) "Exit status" and LSB's init script actions */
enum sctl_exit {
	SCTL_OK = 0,
	SCTL_FAILURE = 1,
	SCTL_DEAD_PIDFILE = 1,          /* status: dead, and its PID file is there */
	SCTL_NOT_RUNNING = 3,           /* status, is-active */
	SCTL_UNKNOWN = 4,               /* status, is-active: no such unit */
	SCTL_UNSUPPORTED = 3,           /* start ...: not for this unit */
	SCTL_NOT_PERMITTED = 4,         /* start ...: not allowed */
	SCTL_NOT_FOUND = 5,             /* start ...: no such unit */
	SCTL_NOT_CONFIGURED = 6,        /* start ...: its file is bad */
};

enum escape_action { ESCAPE_DO, ESCAPE_UNDO, ESCAPE_MANGLE };
enum json_mode { JSON_OFF, JSON_SHORT, JSON_PRETTY };

struct options {
	bool help, version, help_markdown, man;
	bool all, failed, full, value, quiet, wait, no_block, now, no_wall, no_reload, plain, runtime, dry_run;
	bool reverse, before, after, show_types, show_transaction, path, instance, fail, user, global, strict, from_stdin;
	bool legend;
	unsigned force, lines, iterations;
	int escape;                     /* enum escape_action */
	int json;                       /* enum json_mode */
	int output;                     /* index of the style of log lines, see lines.h */
	int job_mode;                   /* enum ipc_job_mode; 0: the verb's own */
	int signal;                     /* number, from signal_name */
	int timestamp;                  /* enum stamp_style */
	int preset_mode;                /* enum files_preset */
	const char *signal_name, *kill_whom, *root, *message, *reboot_argument, *suffix, *template, *base_time, *drop_in;
	char **types, **states, **what, **properties, **only_values;   /* the last: -P */
};

struct lookup;
struct install_index;
struct sctl {
	struct options o;
	FILE *out, *err;
	bool colors, utf8;
	unsigned columns;               /* of the terminal; 0: no terminal, never cut a line */
	const char *program;
	struct client *core, *init;     /* NULL until used */
	struct arena arena;             /* answers of the daemons */
	struct lookup *files;           /* unit files, below --root=; NULL until used */
	struct install_index *index;
};

struct verb;
int sctl_use_user_manager(struct sctl *s);      /* --user: from now on it is the calling user's that is asked */
int sctl_main(int argc, char **argv, FILE *out, FILE *err);
/** sctl_run() - words[0] is the verb. The exit status. */
int sctl_run(struct sctl *s, char **words, size_t n);
void sctl_init(struct sctl *s, const char *program, FILE *out, FILE *err);
void sctl_done(struct sctl *s);
extern const struct option_set sctl_options, escape_options;    /* `sctl escape` has its own: there -p is --path */
