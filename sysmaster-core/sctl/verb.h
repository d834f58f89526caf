/* verb.h - the table of what sctl can do: dispatch, help and man page read it */
#pragma once
#include "sctl.h"

enum verb_group { GROUP_UNITS, GROUP_FILES, GROUP_JOBS, GROUP_ENVIRONMENT, GROUP_MANAGER, GROUP_SYSTEM, GROUP_TOOLS, N_VERB_GROUPS };
enum files_op { FILES_ENABLE, FILES_DISABLE, FILES_REENABLE, FILES_PRESET, FILES_PRESET_ALL, FILES_MASK, FILES_UNMASK, FILES_LINK, FILES_REVERT, FILES_ADD_WANTS, FILES_ADD_REQUIRES };
enum files_preset { FILES_PRESET_FULL, FILES_PRESET_ENABLE_ONLY, FILES_PRESET_DISABLE_ONLY };
#define ANY_NUMBER SIZE_MAX

struct verb {
	const char *name;
	const char *args;               /* "UNIT..." */
	size_t min, max;                /* words after the name */
	enum verb_group group;
	int (*run)(struct sctl *s, const struct verb *v, char **words, size_t n);
	int arg;                        /* what run() makes of it: a job type, a power verb ... */
	const char *doc;                /* one line; NULL: not in the help */
	bool root;                      /* --root= makes sense */
};
extern const struct verb verbs[];
extern const size_t n_verbs;
extern const char *const verb_group_titles[N_VERB_GROUPS];

extern const struct verb_refusal { const char *name, *why; } verbs_refused[];   /* verbs that systemctl has */
extern const size_t n_verbs_refused;

const struct verb *verb_find(const char *name);
/** verb_refused() - why a verb that systemctl has is not here; NULL: nobody has it */
const char *verb_refused(const char *name);

void help_print(struct sctl *s);                /* --help */
void help_man(struct sctl *s);                  /* the man page, troff man(7) */
void help_markdown(struct sctl *s);
int help_run(struct sctl *s);                   /* run --help */

/* jobs.c; verbs with a job type in .arg */
int verb_submit(struct sctl *s, const struct verb *v, char **words, size_t n);
int verb_isolate_to(struct sctl *s, const struct verb *v, char **words, size_t n);      /* to NAME.target; .arg: job mode */
int verb_cancel(struct sctl *s, const struct verb *v, char **words, size_t n);
int verb_list_jobs(struct sctl *s, const struct verb *v, char **words, size_t n);
/** jobs_submit() - for other verbs (enable --now); @names are unit names. Exit status */
int jobs_submit(struct sctl *s, char **names, int type, int mode, const char *verb);

struct ipc_job_info;
int jobs_done(void *arg, const struct ipc_job_info *job);       /* for waiter_run(); @arg: the struct sctl */

/* list.c */
int verb_list_units(struct sctl *s, const struct verb *v, char **words, size_t n);

/* list-places.c; .arg 0: sockets; 1: paths; 2: automounts */
int verb_list_places(struct sctl *s, const struct verb *v, char **words, size_t n);

/* list-times.c */
int verb_list_timers(struct sctl *s, const struct verb *v, char **words, size_t n);

/* deps.c */
int verb_list_dependencies(struct sctl *s, const struct verb *v, char **words, size_t n);

/* show.c */
int verb_show(struct sctl *s, const struct verb *v, char **words, size_t n);
int verb_is_active(struct sctl *s, const struct verb *v, char **words, size_t n);       /* .arg 1: is-failed */
int verb_is_system_running(struct sctl *s, const struct verb *v, char **words, size_t n);

/* status.c */
int verb_status(struct sctl *s, const struct verb *v, char **words, size_t n);

/* files.c */
int verb_cat(struct sctl *s, const struct verb *v, char **words, size_t n);
int verb_help_unit(struct sctl *s, const struct verb *v, char **words, size_t n);

/* enable.c */
int verb_list_unit_files(struct sctl *s, const struct verb *v, char **words, size_t n);
int verb_is_enabled(struct sctl *s, const struct verb *v, char **words, size_t n);
int verb_install(struct sctl *s, const struct verb *v, char **words, size_t n);
int verb_get_default(struct sctl *s, const struct verb *v, char **words, size_t n);
int verb_set_default(struct sctl *s, const struct verb *v, char **words, size_t n);
/** files_state() - enablement and preset of a unit, from the files; static strings, "" when unknown */
void files_state(struct sctl *s, const char *unit, const char **ret_state, const char **ret_preset);
bool preset_matters(const char *state);         /* is it worth a word in this state of a unit file? */
unsigned files_scope(const struct sctl *s);     /* INSTALL_GLOBAL or 0 */
int files_open(struct sctl *s);                 /* ->files and ->index, once. 0 or negative errno */
int files_reload(struct sctl *s);               /* the manager reads the files again, when there is one. Exit status */
const char *files_preset(struct sctl *s, const char *unit);     /* what the preset files say, also where nothing can be enabled */
void enable_done(struct sctl *s);

/* resources.c */
int verb_clean(struct sctl *s, const struct verb *v, char **words, size_t n);
int verb_freeze(struct sctl *s, const struct verb *v, char **words, size_t n);          /* .arg 1: freeze; 0: thaw */

/* edit.c */
int verb_edit(struct sctl *s, const struct verb *v, char **words, size_t n);

/* manage.c */
int verb_kill(struct sctl *s, const struct verb *v, char **words, size_t n);
int verb_set_property(struct sctl *s, const struct verb *v, char **words, size_t n);
int verb_reset_failed(struct sctl *s, const struct verb *v, char **words, size_t n);
int verb_daemon_reload(struct sctl *s, const struct verb *v, char **words, size_t n);
int verb_daemon_reexec(struct sctl *s, const struct verb *v, char **words, size_t n);
int verb_show_environment(struct sctl *s, const struct verb *v, char **words, size_t n);
int verb_set_environment(struct sctl *s, const struct verb *v, char **words, size_t n); /* .arg 1: unset; 2: import */
int verb_fixed(struct sctl *s, const struct verb *v, char **words, size_t n);           /* log-target, service-watchdogs */
int verb_log_level(struct sctl *s, const struct verb *v, char **words, size_t n);
int verb_ipc(struct sctl *s, const struct verb *v, char **words, size_t n);

/* dump.c */
int verb_dump(struct sctl *s, const struct verb *v, char **words, size_t n);

/* verify.c */
int verb_verify(struct sctl *s, const struct verb *v, char **words, size_t n);

/* power.c */
int verb_power(struct sctl *s, const struct verb *v, char **words, size_t n);           /* .arg: enum ipc_power_verb */
int verb_switch_root(struct sctl *s, const struct verb *v, char **words, size_t n);
/** power_request() - ask core, then init, then (force >= 2) the kernel. Exit status */
int power_request(struct sctl *s, int verb, unsigned force, const char *argument, int exit_status);
void power_wall(struct sctl *s, const char *what, const char *message);

/* tools.c */
int verb_escape(struct sctl *s, const struct verb *v, char **words, size_t n);

/* times.c */
int verb_calendar(struct sctl *s, const struct verb *v, char **words, size_t n);
int verb_timestamp(struct sctl *s, const struct verb *v, char **words, size_t n);
int verb_timespan(struct sctl *s, const struct verb *v, char **words, size_t n);

/** compat_main() - called as poweroff, shutdown, telinit ...; -ENOENT: not one of those names */
int compat_main(const char *name, int argc, char **argv, FILE *out, FILE *err);
