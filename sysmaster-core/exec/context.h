/*
 * context.h - the settings behind exec_keys[] and kill_keys[]: systemd.exec(5), systemd.kill(5)
 *
 * The settings that sysmaster-exec needs are the message struct itself (schema exec.ipc), filled by the rows. In a context the
 * lists in it are NULL-terminated vectors and their n_ members are unset; exec_blob() counts them in a copy. All strings and
 * vectors are owned by the context and freed by exec_context_done().
 */
#pragma once
#include "exec.ipc.h"
#include "exec/exec.h"

#define EXEC_N_LIMITS 16                /* RLIMIT_CPU ... RLIMIT_RTTIME */
#define EXEC_N_DIRS 5                   /* enum ipc_exec_dir_kind, less one */

struct exec_limit { uint64_t soft, hard; bool set; };   /* UINT64_MAX: infinity */
struct exec_dir { char **paths; mode_t mode; };

struct exec_context {
	struct ipc_exec_settings s;
	struct exec_limit limits[EXEC_N_LIMITS];
	struct exec_dir dirs[EXEC_N_DIRS];
	struct ipc_exec_credential *credentials; size_t n_credentials;
	char **pass_environment;
	char **restrict_file_systems;           /* words, "~" in front of each that its line denies */
	bool remove_ipc;                        /* RemoveIPC= */
	uint64_t timeout_clean_usec;            /* TimeoutCleanSec=, which sctl asks for */
	int log_level_max;                      /* -1: not set */
	uint64_t log_rate_interval_usec; unsigned log_rate_burst;       /* 0: not set */
	bool nnp_set;                           /* NoNewPrivileges= was given */
	bool bounding_touched, ambient_touched; /* the first list of capabilities replaces the default, later ones merge */
};

/** a resource limit as set, or as the unit gets it when it is not: of a row of kind_limit */
struct exec_limit exec_limit_of(const struct key *k, const void *field);
void exec_limit_format(uint64_t v, struct buf *out);    /* "infinity" for UINT64_MAX */
extern const struct key_kind kind_limit;                /* struct exec_limit; arg: RLIMIT_* */

/* KillMode= */
enum kill_mode { KILL_CONTROL_GROUP, KILL_MIXED, KILL_PROCESS, KILL_NONE };

struct kill_context {
	int kill_mode;                          /* enum kill_mode */
	int kill_signal;                        /* SIGTERM */
	int restart_kill_signal;                /* 0: as kill_signal */
	int final_kill_signal;                  /* SIGKILL */
	int watchdog_signal;                    /* SIGABRT */
	bool send_sighup, send_sigkill;
};
static inline int kill_context_restart_signal(const struct kill_context *k) { return k->restart_kill_signal ? k->restart_kill_signal : k->kill_signal; }

/** manager settings DefaultStandardOutput= and DefaultStandardError=, once at start, before units are loaded; values of ipc_exec_output */
void exec_set_default_output(enum ipc_exec_output out, enum ipc_exec_output err);
