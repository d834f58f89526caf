/* ended.c - what follows when a process of a service came up or ended, or its cgroup is empty */
#include <signal.h>
#include <sys/wait.h>
#include "core.ipc.h"
#include "log.h"
#include "types/service/steps.h"

static enum service_result judge(const struct service *s, const struct command *cmd, int code, int status, bool daemon)
{
	if (!code)                                      /* gone while nobody could see: not held against it */
		return SVC_OK;
	if (exec_clean_exit(code, status, daemon, &s->success_status) || (cmd && cmd->flags & CMD_IGNORE_FAILURE))
		return SVC_OK;
	return code == CLD_EXITED ? SVC_RES_EXIT_CODE : code == CLD_DUMPED ? SVC_RES_CORE_DUMP : SVC_RES_SIGNAL;
}

/* systemd reads environment files and opens files before it forks: without them there has been no process */
static bool never_was(const struct ipc_child *c) { return c->code == CLD_EXITED && (c->stage == IPC_EXEC_STAGE_ENVIRONMENT || c->stage == IPC_EXEC_STAGE_FDS); }

/* the end may be heard of before its cause */
static bool killed_for_memory(struct service *s, const struct ipc_child *c)
{
	return c->code == CLD_KILLED && c->status == SIGKILL && s->oom_policy != OOM_CONTINUE && service_oom_news(s);
}

static void main_ended_starting(struct service *s, enum service_result f)
{
	if (s->type == SVC_ONESHOT) {
		if (f == SVC_OK)
			service_enter_start_post(s);
		else
			service_enter_signal(s, SVC_STOP_SIGTERM, f);
	} else if (service_notifies(s)) {
		service_enter_signal(s, SVC_STOP_SIGTERM, f == SVC_OK ? SVC_RES_PROTOCOL : f);
	} else {
		service_enter_running(s, f);
	}
}

static void main_ended(struct service *s, enum service_result f)
{
	bool control = service_control_good(s);

	switch (s->state) {
	case SVC_START_POST:
	case SVC_RELOAD:
	case SVC_RELOAD_SIGNAL:
	case SVC_RELOAD_NOTIFY:
	case SVC_STOP:
		if (!control)
			service_enter_stop(s, f);
		else
			service_note_result(s, f);
		break;
	case SVC_START:
		main_ended_starting(s, f);
		break;
	case SVC_RUNNING:
		service_enter_running(s, f);
		break;
	case SVC_STOP_WATCHDOG:
	case SVC_STOP_SIGTERM:
	case SVC_STOP_SIGKILL:
		service_note_result(s, f);
		if (!control)
			service_enter_stop_post(s, f);
		break;
	case SVC_STOP_POST:
		service_note_result(s, f);
		if (!control)
			service_enter_signal(s, SVC_FINAL_SIGTERM, f);
		break;
	case SVC_FINAL_WATCHDOG:
	case SVC_FINAL_SIGTERM:
	case SVC_FINAL_SIGKILL:
		service_note_result(s, f);
		if (!control)
			service_enter_dead(s, f, true);
		break;
	default:
		break;
	}
}

static void main_exited(struct service *s, const struct ipc_child *c)
{
	struct command *cmd = command_nth(s->lists[LIST_START], s->main_index);
	enum service_result f = never_was(c) ? SVC_RES_RESOURCES : killed_for_memory(s, c) ? SVC_RES_OOM_KILL : judge(s, s->main_watched ? NULL : cmd, c->code, c->status, s->type != SVC_ONESHOT);
	bool more = s->type == SVC_ONESHOT && s->state == SVC_START && f == SVC_OK && command_nth(s->lists[LIST_START], s->main_index + 1);

	s->main_run.exit_usec = c->exit_usec;
	s->main_run.code = never_was(c) ? 0 : c->code;
	s->main_run.status = never_was(c) ? 0 : c->status;
	s->main_run.pid = (pid_t)c->pid ?: s->main_pid;
	if (cmd && !s->main_watched) {
		cmd->code = c->code;
		cmd->status = c->status;
		cmd->exit_usec = c->exit_usec;
	}
	s->main_gone = true;
	s->main_token = 0;              /* the manager forgets a child that has ended */
	s->main_pid = 0;
	unit_dirty(&s->u);
	log_event(f == SVC_OK ? LOG_DEBUG : LOG_NOTICE, "SERVICE_MAIN_EXIT", "main process ended", F_STR("UNIT", s->u.id), F_I64("PID", c->pid),
		  F_STR("CODE", c->code == CLD_EXITED ? "exited" : "killed"), F_I64("STATUS", c->status));
	if (!more && s->exit_type && unit_host(&s->u)->cgroup_populated(&s->u)) {
		service_note_result(s, f);                      /* ExitType=cgroup: the others go on without it */
		if (s->state == SVC_START && s->type == SVC_EXEC && !c->error)
			service_enter_start_post(s);    /* so short that its exec was not told */
		return;
	}
	if (!more) {
		main_ended(s, f);
		return;
	}
	int r = service_spawn(s, LIST_START, s->main_index + 1, ROLE_MAIN);

	if (r < 0)
		service_start_failed(s, r);
	else
		service_arm(s, service_due(s->timeout_start_usec));      /* it counts for each command */
}

static void forked_parent_ended(struct service *s, enum service_result f)
{
	if (f != SVC_OK) {
		service_enter_signal(s, SVC_STOP_SIGTERM, f);
		return;
	}
	if (s->pid_file) {
		int r = service_load_pid_file(s);

		if (r < 0 && service_watch_pid_file(s) >= 0)
			return;                         /* service_pid_file_came() or the time-out goes on */
		if (r < 0) {
			service_enter_signal(s, SVC_STOP_SIGTERM, SVC_RES_PROTOCOL);
			return;
		}
	} else {
		service_guess_main(s);
	}
	service_enter_start_post(s);
}

void service_pid_file_came(struct service *s)
{
	service_unwatch_pid_file(s);
	if (s->state == SVC_START)
		service_enter_start_post(s);
}

void service_bus_name_changed(struct service *s, bool owned)
{
	s->bus_owned = owned;
	if (IN(s, DOWN_STATES | STOPPING_STATES))
		return;
	if (s->state == SVC_START && owned)
		service_enter_start_post(s);
	else if (s->state == SVC_RUNNING)
		service_enter_running(s, SVC_OK);
	if (!IN(s, DOWN_STATES | STOPPING_STATES))
		service_watch_bus_name(s);              /* without it the next change goes unseen, and was told */
}

void service_bus_name_unknown(struct service *s)
{
	if (s->state == SVC_START)
		service_enter_signal(s, SVC_STOP_SIGTERM, SVC_RES_RESOURCES);
}

static void condition_ended(struct service *s, enum service_result f, const struct ipc_child *c)
{
	if (f == SVC_OK)
		service_enter_start_pre(s);
	else if (f == SVC_RES_EXIT_CODE && c->status < 255)
		service_enter_signal(s, SVC_STOP_SIGTERM, SVC_RES_EXEC_CONDITION);
	else
		service_enter_signal(s, SVC_STOP_SIGTERM, f);
}

static void control_ended(struct service *s, enum service_result f, const struct ipc_child *c)
{
	bool main_good = service_main_good(s);

	switch (s->state) {
	case SVC_CONDITION:
		condition_ended(s, f, c);
		break;
	case SVC_START_PRE:
		if (f == SVC_OK)
			service_enter_start(s);
		else
			service_enter_signal(s, SVC_STOP_SIGTERM, f);
		break;
	case SVC_START:
		forked_parent_ended(s, f);
		break;
	case SVC_START_POST:
		if (f == SVC_OK)
			service_enter_running(s, SVC_OK);
		else
			service_enter_signal(s, SVC_STOP_SIGTERM, f);
		break;
	case SVC_RELOAD:
		service_reload_command_ended(s, f);
		break;
	case SVC_STOP:
		service_enter_signal(s, SVC_STOP_SIGTERM, f);
		break;
	case SVC_STOP_WATCHDOG:
	case SVC_STOP_SIGTERM:
	case SVC_STOP_SIGKILL:
		if (!main_good)
			service_enter_stop_post(s, f);
		break;
	case SVC_STOP_POST:
		service_enter_signal(s, SVC_FINAL_SIGTERM, f);
		break;
	case SVC_FINAL_WATCHDOG:
	case SVC_FINAL_SIGTERM:
	case SVC_FINAL_SIGKILL:
		if (!main_good)
			service_enter_dead(s, f, true);
		break;
	default:
		break;
	}
}

static uint64_t list_timeout(const struct service *s, enum service_list list)
{
	return list == LIST_STOP || list == LIST_STOP_POST ? s->timeout_stop_usec : s->timeout_start_usec;
}

static void control_exited(struct service *s, const struct ipc_child *c)
{
	int list = s->control_list;
	unsigned index = s->control_index;
	struct command *cmd = list >= 0 ? command_nth(s->lists[list], index) : NULL;
	enum service_result f = never_was(c) ? SVC_RES_RESOURCES : killed_for_memory(s, c) ? SVC_RES_OOM_KILL : judge(s, cmd, c->code, c->status, false);

	if (cmd) {
		cmd->code = c->code;
		cmd->status = c->status;
		cmd->exit_usec = c->exit_usec;
		cmd->pid = (pid_t)c->pid;
	}
	s->control_token = 0;
	s->control_pid = 0;
	unit_dirty(&s->u);
	log_event(f == SVC_OK ? LOG_DEBUG : LOG_NOTICE, "SERVICE_CONTROL_EXIT", "control process ended", F_STR("UNIT", s->u.id), F_I64("PID", c->pid),
		  F_STR("COMMAND", cmd ? cmd->path : ""), F_STR("CODE", c->code == CLD_EXITED ? "exited" : "killed"), F_I64("STATUS", c->status));
	if (cmd && f == SVC_OK && list != LIST_START && command_nth(s->lists[list], index + 1)) {
		enum service_result failed = SVC_OK;

		if (service_run_control(s, (enum service_list)list, index + 1, s->state, list_timeout(s, (enum service_list)list), &failed))
			return;
		f = failed;
	}
	control_ended(s, f, c);
}

/* spawned or exec'd: what a simple, idle or exec service's start waits for */
static void came_up(struct service *s, const struct ipc_child *c)
{
	bool ready = s->type == SVC_SIMPLE || s->type == SVC_IDLE || (s->type == SVC_EXEC && c->phase == IPC_CHILD_PHASE_EXECED);

	s->main_pid = (pid_t)c->pid;
	s->main_run.pid = s->main_pid;
	s->execed |= c->phase == IPC_CHILD_PHASE_EXECED;
	unit_dirty(&s->u);
	if (s->state == SVC_START && ready)
		service_enter_start_post(s);
}

static void exec_failed(struct service *s, struct command *cmd, const struct ipc_child *c)
{
	const char *stage = exec_stage_name(c->stage);

	log_event(cmd && cmd->flags & CMD_IGNORE_FAILURE ? LOG_DEBUG : LOG_ERR, "EXEC_FAILED", "a process could not be set up",
		  F_STR("UNIT", s->u.id), F_STR("COMMAND", cmd ? cmd->path : ""), F_STR("STAGE", stage), F_ERRNO(c->error));
	if (cmd) {
		cmd->fail_stage = c->stage;
		cmd->fail_error = c->error;
	}
}

static void clone_failed(struct service *s, unsigned role)
{
	struct ipc_child gone = { .code = CLD_EXITED, .status = 255, .exit_usec = now_usec(CLOCK_REALTIME) };

	if (role == ROLE_MAIN)
		main_exited(s, &gone);
	else
		control_exited(s, &gone);
}

static void cleaned(struct service *s, const struct ipc_child *c)
{
	if (c->token != s->clean_token || (c->phase != IPC_CHILD_PHASE_EXITED && c->pid))
		return;
	s->clean_token = 0;
	unit_changed(&s->u, false);                     /* a start that waits for it may go on */
}

void service_child(struct unit *u, unsigned role, const struct ipc_child *c)
{
	struct service *s = SERVICE(u);
	bool main = role == ROLE_MAIN;
	struct command *cmd;

	if (role == ROLE_CLEAN || role == ROLE_BUS) {
		(role == ROLE_CLEAN ? cleaned : service_bus_child)(s, c);
		return;
	}
	if (c->token != (main ? s->main_token : s->control_token))
		return;                                 /* one that we stopped caring for */
	cmd = main ? command_nth(s->lists[LIST_START], s->main_index) : s->control_list >= 0 ? command_nth(s->lists[s->control_list], s->control_index) : NULL;
	switch (c->phase) {
	case IPC_CHILD_PHASE_SPAWNED:
	case IPC_CHILD_PHASE_EXECED:
		if (cmd)
			cmd->pid = (pid_t)c->pid;
		if (main) {
			came_up(s, c);
		} else {
			s->control_pid = (pid_t)c->pid;
			unit_dirty(u);
		}
		break;
	case IPC_CHILD_PHASE_FAILED:
		exec_failed(s, cmd, c);
		if (main)
			s->main_pid = (pid_t)c->pid;
		else
			s->control_pid = (pid_t)c->pid;
		if (!c->pid)
			clone_failed(s, role);
		break;
	case IPC_CHILD_PHASE_EXITED:
		if (c->error)
			exec_failed(s, cmd, c);
		if (main)
			main_exited(s, c);
		else
			control_exited(s, c);
		break;
	}
}

void service_cgroup_empty(struct unit *u)
{
	struct service *s = SERVICE(u);

	if (service_main_good(s) || service_control_good(s))
		return;                                 /* their exits are on the way and say more */
	switch (s->state) {
	case SVC_START:
		if (service_notifies(s))                /* a PID file may still come: until the time-out */
			service_enter_signal(s, SVC_STOP_SIGTERM, SVC_RES_PROTOCOL);
		else if (s->exit_type)
			service_enter_start_post(s);
		break;
	case SVC_RUNNING:
	case SVC_RELOAD_SIGNAL:
	case SVC_RELOAD_NOTIFY:
		service_enter_running(s, SVC_OK);
		break;
	case SVC_STOP_WATCHDOG:
	case SVC_STOP_SIGTERM:
	case SVC_STOP_SIGKILL:
		service_enter_stop_post(s, SVC_OK);
		break;
	case SVC_FINAL_WATCHDOG:
	case SVC_FINAL_SIGTERM:
	case SVC_FINAL_SIGKILL:
		service_enter_dead(s, SVC_OK, true);
		break;
	default:
		break;
	}
}
