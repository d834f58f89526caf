/*
 * run.h - the state of one sysmaster-exec: what it was asked for and what it has found out so far
 *
 * sysmaster-exec runs a table of steps (main.c); each is a function of this struct that returns 0 or a negative errno and whose
 * failure is reported under the step's enum ipc_exec_stage. Nothing is freed on the way: the process execs or exits.
 */
#pragma once
#include "exec/below.h"
#include <sys/types.h>
#include "exec.ipc.h"
#include "unit/scope.h"

#define FIRST_FD 5                      /* where init puts the run's own fds */

/* as in exec/command.h */
enum { RUN_IGNORE_FAILURE = 1, RUN_NO_ENV = 2, RUN_FULL_PRIVILEGES = 4, RUN_NO_SETUID = 8, RUN_AMBIENT_MAGIC = 16 };

struct run {
	struct ipc_exec_params p;
	struct ipc_exec_settings *s;    /* &p.settings */
	uint32_t stage;                 /* a step may set a more precise one than its row's */

	/* identity; (uid_t)-1: not asked for */
	uid_t uid;
	gid_t gid;
	const char *user_name, *home, *shell;
	gid_t *groups; size_t n_groups; bool groups_set;
	bool dynamic;                   /* the user was made up */

	bool journal_stream;            /* stdout or stderr goes to a log collector */
	unsigned long long journal_dev, journal_ino;
	char **file_env;                /* of EnvironmentFile= */
	char **pam_env;
	char **env;                     /* the command's environment */
	char **argv;
	char *path;                     /* of the program, found */
	const char *credentials_dir;
	int files_group;                /* of RestrictFileSystems=: the group's directory, or -errno */
	int *opened; size_t n_opened;   /* descriptors of OpenFile= that are there, and their rows */
	const char **opened_names;
};

/** step_warn() - to the kernel log: something that does not keep the service from running */
void step_warn(const struct run *r, const char *what, int error);

/* main.c's helpers */
void report_close(void);                                        /* in a child that stays */
int write_file(const char *path, const char *text);             /* one write(2): 0 or -errno */
char *path_join(const char *a, const char *b);                  /* with one slash; exits the process without memory */
void *must_alloc(void *p);                                      /* p, or exits as stage memory */

static inline const char *dir_prefix(enum ipc_exec_dir_kind k) { return scope_dir((enum scope_dir)(k - 1)); }

/* vectors; these exit the process without memory */
void vec_add(char ***v, const char *s);
size_t vec_len(char *const *v);
void env_put(char ***env, const char *assignment);              /* replaces the variable */
const char *env_get(char *const *env, const char *name, size_t n);

/* steps, in the order of the table */
int step_signals(struct run *r);                /* signals.c */
int step_session(struct run *r);
int step_env_files(struct run *r);              /* env.c */
int step_file_systems_prepare(struct run *r);   /* cgroup-files.c */
int step_file_systems(struct run *r);
int step_open_files(struct run *r);             /* openfile.c */
int step_tty_prepare(struct run *r);            /* tty.c */
int step_idle(struct run *r);
int step_user(struct run *r);                   /* identity.c */
int step_group(struct run *r);
int step_stdin(struct run *r);                  /* stdio.c */
int step_stdout(struct run *r);
int step_stderr(struct run *r);
int step_delegate(struct run *r);               /* attrs.c */
int step_cgroup_bpf(struct run *r);             /* cgroup-bpf.c */
int action_filters(struct run *r);
int step_oom(struct run *r);
int step_coredump(struct run *r);
int step_nice(struct run *r);
int step_scheduler(struct run *r);
int step_affinity(struct run *r);
int step_numa(struct run *r);
int step_ioprio(struct run *r);
int step_timerslack(struct run *r);
int step_personality(struct run *r);
int step_utmp(struct run *r);                   /* tty.c */
int step_directories(struct run *r);            /* dirs.c */
int step_credentials(struct run *r);            /* credentials.c */
int step_env(struct run *r);                    /* env.c */
int step_keyring(struct run *r);                /* attrs.c */
int step_rlimits(struct run *r);
int step_smack(struct run *r);                  /* lsm.c */
int step_pam(struct run *r);                    /* pam.c */
int step_network(struct run *r);                /* namespaces.c */
int step_ipc(struct run *r);
int step_uts(struct run *r);
int step_user_namespace(struct run *r);
int step_mounts(struct run *r);                 /* mounts.c */
int step_setgroups(struct run *r);              /* identity.c */
int step_bounding(struct run *r);               /* caps.c */
int step_setuid(struct run *r);
int step_ambient(struct run *r);
int step_chroot(struct run *r);                 /* main.c */
int step_chdir(struct run *r);
int step_find(struct run *r);
int step_fds(struct run *r);
int step_selinux(struct run *r);                /* lsm.c */
int step_apparmor(struct run *r);
int step_securebits(struct run *r);             /* caps.c */
int step_nnp(struct run *r);
int step_seccomp(struct run *r);                /* seccomp.c */
int step_words(struct run *r);                  /* words.c */

bool wants_images(const struct ipc_exec_settings *s);   /* images.c: are loop devices needed? */
void ipc_remove(uid_t uid, gid_t gid);                 /* ipc.c: RemoveIPC=: what belongs to either; root's is left alone */
void utmp_ended(struct run *r);                         /* tty.c: the main process of the unit is gone */

/** lean.c, full.c: must this be left to sysmaster-exec-full, which may load libraries? */
bool full_is_needed(const struct run *r);

/* the other actions: paths.c, autofs.c */
int action_chown(struct run *r);
int action_remove(struct run *r);
int action_autofs_mount(struct run *r);
int action_autofs_expire(struct run *r);
int action_detach(struct run *r);

int user_find(struct run *r, const char *name);         /* identity.c: fills uid, gid, user_name, home, shell */
int group_find(const char *name, gid_t *ret);
int mkdir_parents(const char *path, mode_t mode);       /* the directories above the last part */
bool caps_have(unsigned cap);                           /* caps.c: in the effective set */
bool needs_user(const struct run *r);                   /* are credentials to be changed at all? */
const char *tty_path(const struct run *r);              /* tty.c */
bool input_is_terminal(enum ipc_exec_input i);
int tty_acquire(const char *path, enum ipc_exec_input mode);    /* a terminal as the controlling one; fd or -errno */
int tty_open(const char *path, int flags);
int split_words(const char *s, char ***v);              /* words.c: at white space, quotes respected and removed */
