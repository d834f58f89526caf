/* control.c - the one command that a socket, mount or swap has running, its time-out, and the signals that end it */
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include "log.h"
#include "types/control.h"

static const char *const result_names[] = {
	[RESULT_SUCCESS] = "success", [RESULT_RESOURCES] = "resources", [RESULT_TIMEOUT] = "timeout", [RESULT_EXIT_CODE] = "exit-code",
	[RESULT_SIGNAL] = "signal", [RESULT_CORE_DUMP] = "core-dump", [RESULT_START_LIMIT_HIT] = "start-limit-hit",
	[RESULT_PROTOCOL] = "protocol",
};

const char *control_result_name(unsigned r) { return r < ARRAY_SIZE(result_names) ? result_names[r] : NULL; }

void control_init(struct control *c, struct unit *u, void (*late)(struct unit *u))
{
	c->unit = u;
	c->late = late;
}

static int ask(struct control *c, unsigned role, bool in_cgroup, struct unit_spawn *s)
{
	s->role = role;
	s->in_cgroup = in_cgroup;
	c->pid = 0;
	return unit_host(c->unit)->spawn(c->unit, s, &c->token);
}

int control_spawn(struct control *c, unsigned role, const struct exec_context *context, struct command *command, char *const *env)
{
	struct exec_run run = {
		.unit = c->unit, .context = context, .command = command, .extra_env = env, .stdio_fd = -1, .is_control = true,
		.apply_sandbox = !(command->flags & CMD_FULL_PRIVILEGES),
		.apply_user = !(command->flags & (CMD_FULL_PRIVILEGES | CMD_NO_SETUID)),
	};
	struct unit_spawn *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return -ENOMEM;
	r = unit_host(c->unit)->cgroup_realize(c->unit);
	if (r >= 0)
		r = exec_blob(&run, s);
	if (r >= 0)
		r = ask(c, role, true, s);
	buf_finish(&s->blob);
	free(s);
	if (r < 0)
		return r;
	c->command = command;
	command->pid = 0;
	command->start_usec = now_usec(CLOCK_REALTIME);
	command->exit_usec = 0;
	command->code = command->status = command->fail_error = 0;
	command->fail_stage = 0;
	return 0;
}

int control_chown(struct control *c, unsigned role, char *const *paths, const char *user, const char *group)
{
	struct unit_spawn *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return -ENOMEM;
	r = unit_host(c->unit)->cgroup_realize(c->unit);
	if (r >= 0)
		r = exec_chown_blob(c->unit, paths, user, group, s);
	if (r >= 0)
		r = ask(c, role, true, s);
	buf_finish(&s->blob);
	free(s);
	c->command = NULL;
	return MIN(r, 0);
}

int control_helper(struct control *c, unsigned role, int action, const char *path, char *const *words, int fd)
{
	struct unit_spawn *s = calloc(1, sizeof(*s));
	int r = 0;

	if (!s)
		return -ENOMEM;
	if (fd >= 0) {
		s->fds[0] = fcntl(fd, F_DUPFD_CLOEXEC, 3);
		r = s->fds[0] < 0 ? -errno : 0;
		s->n_fds = r == 0;
	}
	if (r >= 0)
		r = exec_helper_blob(c->unit, action, path, words, s);
	if (r >= 0)
		r = ask(c, role, false, s);
	else if (s->n_fds)
		close(s->fds[0]);
	buf_finish(&s->blob);
	free(s);
	c->command = NULL;
	return MIN(r, 0);
}

static unsigned judge(const struct control *c, const struct ipc_child *child)
{
	if (child->phase == IPC_CHILD_PHASE_FAILED)
		return RESULT_RESOURCES;
	if (exec_clean_exit(child->code, child->status, false, NULL) || (c->command && c->command->flags & CMD_IGNORE_FAILURE))
		return RESULT_SUCCESS;
	return child->code == CLD_EXITED ? RESULT_EXIT_CODE : child->code == CLD_DUMPED ? RESULT_CORE_DUMP : RESULT_SIGNAL;
}

static void say_how_it_ended(const struct control *c, const struct ipc_child *child, unsigned result)
{
	struct buf b = { 0 };

	if (child->stage) {
		log_event(LOG_WARNING, "UNIT_COMMAND_NOT_RUN", "a command could not be run", F_STR("UNIT", c->unit->id),
			  F_STR("COMMAND", c->command ? c->command->path : "(helper)"), F_STR("STAGE", exec_stage_name(child->stage)),
			  F_ERRNO(child->error));
		return;
	}
	exec_format_exit(child->code, child->status, &b);
	log_event(result == RESULT_SUCCESS ? LOG_DEBUG : LOG_WARNING, "UNIT_COMMAND_ENDED", "a command ended", F_STR("UNIT", c->unit->id),
		  F_STR("COMMAND", c->command ? c->command->path : "(helper)"), F_STR("HOW", buf_str(&b) ?: "?"));
	buf_finish(&b);
}

/* a failed exec is followed by the exit of the process, if there was one */
static bool has_ended(const struct ipc_child *child)
{
	return child->phase == IPC_CHILD_PHASE_EXITED || (child->phase == IPC_CHILD_PHASE_FAILED && !child->pid);
}

bool control_child(struct control *c, const struct ipc_child *child, unsigned *ret)
{
	struct command *k = c->command;

	if (child->token != c->token) {                 /* one that was given up, or a helper nobody waits for */
		if (has_ended(child))
			unit_host(c->unit)->forget(c->unit, child->token);
		return false;
	}
	if (child->pid && !c->pid) {
		c->pid = (pid_t)child->pid;
		unit_dirty(c->unit);
	}
	if (k) {
		k->pid = (pid_t)child->pid;
		k->fail_stage = child->stage;
		k->fail_error = child->error;
	}
	if (!has_ended(child))
		return false;
	*ret = judge(c, child);
	say_how_it_ended(c, child, *ret);
	if (k) {
		k->exit_usec = child->exit_usec;
		k->code = child->code;
		k->status = child->status;
	}
	unit_host(c->unit)->forget(c->unit, c->token);
	c->token = 0;
	c->pid = 0;
	c->command = NULL;
	unit_dirty(c->unit);
	return true;
}

static int timer_fire(struct timer *t)
{
	struct control *c = container_of(t, struct control, timer);

	c->due_usec = 0;
	c->late(c->unit);
	return 0;
}

void control_arm(struct control *c, uint64_t due_usec)
{
	timer_del(&c->timer);
	c->due_usec = due_usec == USEC_INFINITY ? 0 : due_usec;
	if (c->due_usec && timer_set(unit_host(c->unit)->loop, &c->timer, c->due_usec, timer_fire) < 0)
		log_event(LOG_ERR, "UNIT_TIMER", "no memory for a time-out", F_STR("UNIT", c->unit->id));
	unit_dirty(c->unit);
}

void control_arm_in(struct control *c, uint64_t timeout_usec)
{
	uint64_t now = now_usec(CLOCK_BOOTTIME);

	control_arm(c, timeout_usec == 0 || timeout_usec >= USEC_INFINITY - now ? 0 : now + timeout_usec);
}

void control_finish(struct control *c)
{
	timer_del(&c->timer);
	c->due_usec = 0;
	c->token = 0;                                   /* its exit will be forgotten by control_child() */
	c->pid = 0;
	c->command = NULL;
}

void control_clean(struct control *c, unsigned role, const struct exec_context *context)
{
	struct unit_spawn *s = calloc(1, sizeof(*s));
	uint64_t token;
	int r;

	if (!s)
		return;
	r = exec_clean_blob(c->unit, context, &(struct exec_end){ .pid = 0 }, s);
	if (r > 0) {
		s->role = role;
		r = unit_host(c->unit)->spawn(c->unit, s, &token);
	}
	if (r < 0)
		log_event(LOG_WARNING, "UNIT_CLEAN", "directories cannot be removed", F_STR("UNIT", c->unit->id), F_ERRNO(r));
	buf_finish(&s->blob);
	free(s);
}

int control_kill(struct control *c, const struct kill_context *k, bool hard)
{
	const struct unit_host *host = unit_host(c->unit);
	int signo = hard ? k->final_kill_signal : k->kill_signal, sent = 0, r;

	if (hard && !k->send_sigkill)
		return 0;
	if (k->kill_mode == KILL_NONE)
		return c->token ? 1 : 0;
	if (k->kill_mode == KILL_CONTROL_GROUP || (k->kill_mode == KILL_MIXED && hard)) {
		r = host->kill_cgroup(c->unit, signo, 0, 0);
		if (r < 0)
			return r;
		sent = r;
		if (!hard && sent && k->send_sighup)
			host->kill_cgroup(c->unit, SIGHUP, 0, 0);
	}
	if (c->pid > 0 && !sent) {
		if (kill(c->pid, signo) < 0 && errno != ESRCH)
			return -errno;
		if (!hard && k->send_sighup)
			kill(c->pid, SIGHUP);
	}
	return c->token ? 1 : MIN(sent, 1);             /* a command whose pid is not known yet is awaited as well */
}

int control_kill_request(struct control *c, const char *who, int signo)
{
	int r = 0;

	if (streq(who, "main"))
		return -ESRCH;
	if (streq(who, "all")) {
		r = unit_host(c->unit)->kill_cgroup(c->unit, signo, 0, 0);
		if (r != 0)
			return r;
	}
	if (c->pid <= 0)
		return -ESRCH;
	return kill(c->pid, signo) < 0 ? -errno : 1;
}

bool control_busy(const struct control *c)
{
	return c->token || (c->unit->cgroup_path && unit_host(c->unit)->cgroup_populated(c->unit));
}
