/*
 * run.h - `sctl run`: a command as a transient service, scope, or service with a trigger; systemd-run(1)
 *
 * run.c reads the command line and asks core, run-unit.c says it in settings of units, run-wait.c waits for the end and tells how
 * it was, run-pty.c is the terminal between ours and the service's.
 */
#pragma once
#include "verb.h"
#include "wait.h"

enum run_stdio { RUN_STDIO_NONE, RUN_STDIO_PTY, RUN_STDIO_PIPE };
enum run_trigger { RUN_NO_TRIGGER, RUN_TIMER, RUN_PATH, RUN_SOCKET };

struct run_options {
	bool help, version, scope, slice_inherit, remain, send_sighup, same_dir, user, pty, pipe, quiet, no_block, wait, collect, shell;
	const char *unit, *description, *slice, *service_type, *uid, *gid, *nice, *working_directory;
	char **properties, **environment;                       /* as given */
	char **timer, **timer_extra, **path, **socket;          /* settings of the trigger: KEY=VALUE */
};

struct run {
	struct sctl *s;
	struct run_options o;
	char **command;                 /* NULL-terminated; [0] becomes the path of the program */
	enum run_stdio stdio;
	enum run_trigger trigger;
	char *name, *trigger_name;      /* of the service or scope; of what triggers it */
	char *description;
	char **settings, **trigger_settings;
	char *tty;                      /* the service's end of the terminal */
	uint64_t streams;               /* cookie under which core has our standard streams; 0: none */
};

extern const struct option_set run_options_set;

/** run_main() - `sysmaster-run ...` and `sctl run ...`: @argv[0] is the name of the command. Exit status */
int run_main(struct sctl *s, int argc, char **argv);
int verb_run(struct sctl *s, const struct verb *v, char **words, size_t n);

/* run-unit.c: 0 or negative errno, printed */
int run_names(struct run *r);
int run_settings(struct run *r);
void run_quote(const char *word, struct buf *out);      /* as a word of a unit file */

/* run-wait.c */
/** run_wait() - until the unit is down; @tick (may be NULL) is called in between and waits itself. Exit status of it all */
int run_wait(struct run *r, struct waiter *w, int (*tick)(void *arg, bool over), void *arg);
void run_release(struct run *r);

/* run-pty.c */
struct run_pty;
int run_pty_new(struct run_pty **ret, char **ret_tty);  /* 0 or negative errno; *ret_tty: "/dev/pts/7" */
void run_pty_free(struct run_pty *p);                   /* gives our terminal its modes back */
DEFINE_CLEANUP(struct run_pty *, run_pty_free);
void run_pty_begin(struct run_pty *p);                  /* raw mode, if we have a terminal */
/** run_pty_tick() - copies what there is, waits at most a second. 0; -ECANCELED: the person left */
int run_pty_tick(void *arg, bool over);
