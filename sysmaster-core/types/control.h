/*
 * control.h - the one command that a socket, mount or swap has running, its time-out, and the signals that end it
 *
 * The owner keeps a struct control in its object. A command is asked for by control_spawn(); what init says of it goes through
 * control_child(), which tells when it has ended. The pid, token and due time are the owner's to save and to put back.
 */
#pragma once
#include "exec/context.h"
#include "exec/exec.h"
#include "unit/unit.h"

/* Result=: the first ones are common, each type adds its own behind them */
enum control_result {
	RESULT_SUCCESS, RESULT_RESOURCES, RESULT_TIMEOUT, RESULT_EXIT_CODE, RESULT_SIGNAL, RESULT_CORE_DUMP, RESULT_START_LIMIT_HIT,
	RESULT_PROTOCOL, N_CONTROL_RESULTS
};
const char *control_result_name(unsigned r);            /* of the common ones; NULL */

struct control {
	struct unit *unit;
	struct command *command;        /* what runs: a member of the unit's settings, borrowed; NULL: a helper, or not known */
	uint64_t token;                 /* 0: nothing runs */
	pid_t pid;                      /* 0: not yet known */
	uint64_t due_usec;              /* CLOCK_BOOTTIME of the time-out, 0: none */
	struct timer timer;
	void (*late)(struct unit *u);   /* the time-out */
};

void control_init(struct control *c, struct unit *u, void (*late)(struct unit *u));
/**
 * control_spawn() - ask for @command in the unit's cgroup
 * @env: additional environment, may be NULL
 *
 * Return: 0 and token is set; negative errno.
 */
int control_spawn(struct control *c, unsigned role, const struct exec_context *context, struct command *command, char *const *env);
/** control_chown() - the same for the helper that gives @paths to @user and @group */
int control_chown(struct control *c, unsigned role, char *const *paths, const char *user, const char *group);

/** control_helper() - a helper that does @action (enum ipc_exec_action) at @path, see exec_helper_blob(), outside of the unit's cgroup; @fd: given to it, or -1 */
int control_helper(struct control *c, unsigned role, int action, const char *path, char *const *words, int fd);

/**
 * control_child() - take in what init says
 * Return: true when the command has ended; *ret: RESULT_SUCCESS (also for commands whose failure is to be ignored) or what went wrong.
 */
bool control_child(struct control *c, const struct ipc_child *child, unsigned *ret);

void control_arm(struct control *c, uint64_t due_usec);         /* 0 or USEC_INFINITY: no time-out */
void control_arm_in(struct control *c, uint64_t timeout_usec);  /* from now; 0 or USEC_INFINITY: none */
void control_finish(struct control *c);                         /* stops the timer; a command that runs still is no longer awaited */
/** control_clean() - remove what RuntimeDirectory= and PrivateTmp= of @context leave behind, by a helper nobody waits for */
void control_clean(struct control *c, unsigned role, const struct exec_context *context);

/**
 * control_kill() - signal what runs of the unit, as KillMode= and SendSIGKILL= say
 * @hard: the last word (FinalKillSignal=) instead of the first
 * Return: >0: there is somebody whose end is to be awaited; 0: nobody; negative errno.
 */
int control_kill(struct control *c, const struct kill_context *k, bool hard);
/** what type->kill() is for such units */
int control_kill_request(struct control *c, const char *who, int signo);
bool control_busy(const struct control *c);             /* a command runs or a process is left in the cgroup */
