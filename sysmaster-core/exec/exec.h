/*
 * exec.h - the execution context of a service, socket, mount or swap, and how it becomes the command blob of sysmaster-exec
 *
 * Settings (systemd.exec(5)) are rows of exec_keys[]; exec_blob() writes them with one command, its environment and the roles
 * of its file descriptors as an `exec_params` message (schema exec.ipc); sysmaster-exec decodes it and becomes the command.
 */
#pragma once
#include "exec/command.h"
#include "unit/unit.h"

struct exec_context;                    /* complete in exec/context.h, which rows and types include */

extern const struct key exec_keys[];    /* rows with offsets into struct exec_context; usable in any section */
extern const size_t n_exec_keys;
extern const struct key kill_keys[];    /* systemd.kill(5), into struct kill_context */
extern const size_t n_kill_keys;

void exec_context_init(struct exec_context *c);         /* defaults of the man page */
void exec_context_done(struct exec_context *c);
/** implicit dependencies and checks: RequiresMountsFor of directories, slices, journald's socket ...; none unless the unit @runs commands */
int exec_context_load(struct unit *u, struct exec_context *c, bool runs);
void kill_context_init(struct kill_context *k);         /* control-group, SIGTERM, SIGKILL, send SIGKILL */

enum exec_fd_role { EXEC_FD_LISTEN = 1, EXEC_FD_STDIN, EXEC_FD_STDOUT, EXEC_FD_STDERR };
struct exec_run {
	struct unit *unit;
	const struct exec_context *context;
	const struct command *command;
	char *const *extra_env;                 /* MAINPID=..., SERVICE_RESULT=... */
	char *const *main_argv_env;             /* unused words of the command are expanded with these too; may be NULL */
	const char *notify_path;                /* NULL: no NOTIFY_SOCKET */
	uint64_t watchdog_usec;                 /* 0: none */
	const int *listen_fds; char *const *listen_names; size_t n_listen;      /* LISTEN_FDS, in order; borrowed, duplicated into the spawn */
	const int *streams;                     /* three: standard input, output and error are these, whatever the settings say; NULL */
	int stdio_fd;                           /* accepted connection for StandardInput=socket; -1 */
	bool apply_sandbox, apply_user;         /* false for + and !, PermissionsStartOnly */
	bool is_control;                        /* ExecStartPre, ExecStop ...: no tty takeover */
	bool tty_apply;                         /* TTYPath, TTYReset for this command */
	int confirm_idle;                       /* Type=idle: delay until /run/sysmaster/idle is there, at most 5 s */
	bool delegate;                          /* Delegate=: the cgroup is given to the unit's user */
	bool non_blocking;                      /* NonBlocking= */
	const struct ipc_exec_open_file *open_files; size_t n_open_files;       /* OpenFile=; borrowed */
	bool no_root;                           /* RootDirectoryStartOnly= of a command that it is not for */
};
/** exec_blob() - fills @s->blob, @s->fds; role and in_cgroup are the caller's. 0 or -errno */
int exec_blob(const struct exec_run *run, struct unit_spawn *s);
/* how a run ended; pid 0: there was no main process, or nothing is known */
struct exec_end { bool restarting; pid_t pid; int code, status; };
/**
 * exec_clean_blob() - a helper run that removes what a run leaves behind: RuntimeDirectory= (unless preserved), PrivateTmp='s
 * directories (unless a joined unit has them), IPC objects (RemoveIPC=), the utmp entry. To be spawned when the unit has become
 * inactive or failed; needs no cgroup and its exit needs no attention. What the run shared is given up.
 * Return: 1 with @s filled; 0: nothing to remove, @s untouched; negative errno.
 */
int exec_clean_blob(struct unit *u, const struct exec_context *c, const struct exec_end *end, struct unit_spawn *s);
/** exec_chown_blob() - a helper run: chown paths of a socket to user and group by name (NSS is not core's business) */
int exec_chown_blob(struct unit *u, char *const *paths, const char *user, const char *group, struct unit_spawn *s);
/** exec_helper_blob() - a helper run that does @action (enum ipc_exec_action, not run) at @path with @words (may be NULL) */
int exec_helper_blob(const struct unit *u, int action, const char *path, char *const *words, struct unit_spawn *s);
/** exec_filters_blob() - a helper run that attaches what the unit's settings say of devices and addresses to its group, anew */
int exec_filters_blob(struct unit *u, struct unit_spawn *s);
const char *exec_stage_name(uint32_t stage);            /* "user", "chdir", "exec" ... for messages */
int exec_stage_status(uint32_t stage);                  /* the exit status systemd uses for it: systemd.exec(5) "Process Exit Codes" */
bool exec_may_touch_console(const struct exec_context *c);
/** how a process ended, in words: "exited, status=1/FAILURE", "killed, signal=KILL" */
void exec_format_exit(int code, int status, struct buf *out);
/** is this a clean end? @success: SuccessExitStatus; daemons may also end by SIGHUP SIGINT SIGTERM SIGPIPE */
bool exec_clean_exit(int code, int status, bool daemon, const struct exit_set *success);
