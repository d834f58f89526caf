/*
 * service.c - the state machine of a service
 *
 *   dead -> condition -> start-pre -> start -> start-post -> running -> stop -> stop-sigterm -> stop-post -> final-sigterm -> dead
 *
 * with reload beside running, exited in its place where there is no process, watchdog and SIGKILL steps beside the SIGTERM ones,
 * and auto-restart between dead and the next start. service_set_state() is the only writer of the state. Each enter_*() begins one
 * step: it starts or signals processes, and where there is nothing to wait for goes on to the next.
 */
#include <signal.h>
#include <sys/wait.h>
#include "core.ipc.h"
#include "log.h"
#include "types/service/service.h"

static void enter_dead(struct service *s, enum service_result f, bool may_restart);
void service_enter_stop(struct service *s, enum service_result f);
static void enter_stop_post(struct service *s, enum service_result f);
static void enter_start(struct service *s);
static void enter_start_pre(struct service *s);

const char *const service_state_names[N_SVC_STATES] = {
	[SVC_DEAD] = "dead", [SVC_CONDITION] = "condition", [SVC_START_PRE] = "start-pre", [SVC_START] = "start",
	[SVC_START_POST] = "start-post", [SVC_RUNNING] = "running", [SVC_EXITED] = "exited", [SVC_RELOAD] = "reload",
	[SVC_STOP] = "stop", [SVC_STOP_WATCHDOG] = "stop-watchdog", [SVC_STOP_SIGTERM] = "stop-sigterm",
	[SVC_STOP_SIGKILL] = "stop-sigkill", [SVC_STOP_POST] = "stop-post", [SVC_FINAL_WATCHDOG] = "final-watchdog",
	[SVC_FINAL_SIGTERM] = "final-sigterm", [SVC_FINAL_SIGKILL] = "final-sigkill", [SVC_FAILED] = "failed",
	[SVC_AUTO_RESTART] = "auto-restart",
};

const char *const service_result_names[N_SVC_RESULTS] = {
	[SVC_OK] = "success", [SVC_RES_RESOURCES] = "resources", [SVC_RES_PROTOCOL] = "protocol", [SVC_RES_TIMEOUT] = "timeout",
	[SVC_RES_EXIT_CODE] = "exit-code", [SVC_RES_SIGNAL] = "signal", [SVC_RES_CORE_DUMP] = "core-dump", [SVC_RES_WATCHDOG] = "watchdog",
	[SVC_RES_START_LIMIT_HIT] = "start-limit-hit", [SVC_RES_OOM_KILL] = "oom-kill", [SVC_RES_EXEC_CONDITION] = "exec-condition",
};

/* ---- the state ---- */

static const enum unit_active_state active_of[N_SVC_STATES] = {
	[SVC_DEAD] = UNIT_INACTIVE, [SVC_CONDITION] = UNIT_ACTIVATING, [SVC_START_PRE] = UNIT_ACTIVATING, [SVC_START] = UNIT_ACTIVATING,
	[SVC_START_POST] = UNIT_ACTIVATING, [SVC_RUNNING] = UNIT_ACTIVE, [SVC_EXITED] = UNIT_ACTIVE, [SVC_RELOAD] = UNIT_RELOADING,
	[SVC_STOP] = UNIT_DEACTIVATING, [SVC_STOP_WATCHDOG] = UNIT_DEACTIVATING, [SVC_STOP_SIGTERM] = UNIT_DEACTIVATING,
	[SVC_STOP_SIGKILL] = UNIT_DEACTIVATING, [SVC_STOP_POST] = UNIT_DEACTIVATING, [SVC_FINAL_WATCHDOG] = UNIT_DEACTIVATING,
	[SVC_FINAL_SIGTERM] = UNIT_DEACTIVATING, [SVC_FINAL_SIGKILL] = UNIT_DEACTIVATING, [SVC_FAILED] = UNIT_FAILED,
	[SVC_AUTO_RESTART] = UNIT_ACTIVATING,
};

enum unit_active_state service_active(const struct unit *u)
{
	const struct service *s = SERVICE(u);

	/* nothing may wait for an idle service, or the boot would wait for itself */
	if (s->type == SVC_IDLE && (s->state == SVC_START || s->state == SVC_START_POST))
		return UNIT_ACTIVE;
	return active_of[s->state];
}

#define BIT(st) (1u << (st))
#define TIMED_STATES (BIT(SVC_CONDITION) | BIT(SVC_START_PRE) | BIT(SVC_START) | BIT(SVC_START_POST) | BIT(SVC_RUNNING) | BIT(SVC_RELOAD) | \
		      BIT(SVC_STOP) | BIT(SVC_STOP_WATCHDOG) | BIT(SVC_STOP_SIGTERM) | BIT(SVC_STOP_SIGKILL) | BIT(SVC_STOP_POST) | \
		      BIT(SVC_FINAL_WATCHDOG) | BIT(SVC_FINAL_SIGTERM) | BIT(SVC_FINAL_SIGKILL) | BIT(SVC_AUTO_RESTART))
#define DOWN_STATES (BIT(SVC_DEAD) | BIT(SVC_FAILED) | BIT(SVC_AUTO_RESTART))
#define STOPPING_STATES (BIT(SVC_STOP) | BIT(SVC_STOP_WATCHDOG) | BIT(SVC_STOP_SIGTERM) | BIT(SVC_STOP_SIGKILL) | BIT(SVC_STOP_POST) | \
			 BIT(SVC_FINAL_WATCHDOG) | BIT(SVC_FINAL_SIGTERM) | BIT(SVC_FINAL_SIGKILL))
#define STARTING_STATES (BIT(SVC_CONDITION) | BIT(SVC_START_PRE) | BIT(SVC_START) | BIT(SVC_START_POST))
#define IN(s, set) ((BIT((s)->state) & (set)) != 0)

bool service_state_has_timeout(enum service_state st) { return BIT(st) & TIMED_STATES; }

void service_set_state(struct service *s, enum service_state to)
{
	enum service_state from = s->state;

	s->state = to;
	if (!(BIT(to) & TIMED_STATES))
		service_arm(s, 0);
	if (BIT(to) & DOWN_STATES) {
		service_unwatch_main(s);
		service_unwatch_control(s);
		service_unwatch_pid_file(s);
		service_unwatch_bus_name(s);
		service_close_connection(s);
	}
	service_arm_watchdog(s);
	if (from != to)
		log_event(LOG_DEBUG, "SERVICE_STATE", "state changed", F_STR("UNIT", s->u.id), F_STR("OLD", service_state_names[from]),
			  F_STR("NEW", service_state_names[to]));
	unit_changed(&s->u, s->reload_result != SVC_OK);
}

static void note_result(struct service *s, enum service_result f)
{
	if (s->result == SVC_OK)
		s->result = f;
}

static uint64_t in(uint64_t span)
{
	uint64_t now = now_usec(CLOCK_BOOTTIME);

	return span == USEC_INFINITY || !span || span > UINT64_MAX - now ? 0 : now + span;
}

/* the next command of a list runs as control process; true: it does */
static bool run_control(struct service *s, enum service_list list, unsigned index, enum service_state st, uint64_t timeout, enum service_result *f)
{
	if (!command_nth(s->lists[list], index))
		return false;
	service_unwatch_control(s);
	if (service_spawn(s, list, index, ROLE_CONTROL) < 0) {
		*f = SVC_RES_RESOURCES;
		return false;
	}
	service_arm(s, in(timeout));
	service_set_state(s, st);
	return true;
}

/* ---- down ---- */

static bool shall_restart(const struct service *s)
{
	const struct command *m = &s->main_run;
	bool exited = m->code == CLD_EXITED, killed = m->code > CLD_EXITED;     /* 0: it has not ended */
	bool ok = s->result == SVC_OK || s->result == SVC_RES_EXEC_CONDITION;

	if (s->forbid_restart)
		return false;
	if ((exited && exit_set_has(s->restart_prevent.status, (unsigned)m->status)) ||
	    (killed && exit_set_has(s->restart_prevent.signals, (unsigned)m->status)))
		return false;
	if ((exited && exit_set_has(s->restart_force.status, (unsigned)m->status)) ||
	    (killed && exit_set_has(s->restart_force.signals, (unsigned)m->status)))
		return true;
	switch ((enum service_restart)s->restart) {
	case RESTART_NO:
		return false;
	case RESTART_ALWAYS:
		return s->result != SVC_RES_EXEC_CONDITION;
	case RESTART_ON_SUCCESS:
		return s->result == SVC_OK;
	case RESTART_ON_FAILURE:
		return !ok;
	case RESTART_ON_ABNORMAL:
		return !ok && s->result != SVC_RES_EXIT_CODE;
	case RESTART_ON_WATCHDOG:
		return s->result == SVC_RES_WATCHDOG;
	case RESTART_ON_ABORT:
		return s->result == SVC_RES_SIGNAL || s->result == SVC_RES_CORE_DUMP;
	}
	return false;
}

static void tell_failure(const struct service *s)
{
	if (s->result == SVC_OK || s->result == SVC_RES_EXEC_CONDITION)
		log_event(LOG_DEBUG, "UNIT_SUCCESS", "deactivated", F_STR("UNIT", s->u.id));
	else
		log_event(LOG_WARNING, "UNIT_FAILED", "failed", F_STR("UNIT", s->u.id), F_STR("RESULT", service_result_names[s->result]));
}

static void enter_dead(struct service *s, enum service_result f, bool may_restart)
{
	bool ok, restart;

	note_result(s, f);
	ok = s->result == SVC_OK || s->result == SVC_RES_EXEC_CONDITION;
	restart = may_restart && shall_restart(s);
	tell_failure(s);
	s->u.restart_pending = restart;
	service_set_state(s, ok ? SVC_DEAD : SVC_FAILED);
	s->u.restart_pending = false;
	s->said = SAID_NOTHING;
	s->extend_until_usec = 0;
	if (s->pid_file)
		unlink(s->pid_file);                    /* nobody is to take it for the next run's */
	service_clean(s, restart || s->u.stop_is_restart);
	if (restart && (s->state == SVC_DEAD || s->state == SVC_FAILED)) {
		service_arm(s, now_usec(CLOCK_BOOTTIME) + (s->restart_usec == USEC_INFINITY ? 0 : s->restart_usec));
		service_set_state(s, SVC_AUTO_RESTART);
	} else {
		s->forbid_restart = false;
		s->flush_restarts = true;               /* shown until then */
		if (!s->u.stop_is_restart) {            /* stored fds outlive a restart, whoever asked for it */
			service_drop_fds(s, NULL);
			service_close_streams(s);
		}
	}
}

/* @to is one of the signal steps. Nobody there to be signalled: straight on. */
void service_enter_signal(struct service *s, enum service_state to, enum service_result f)
{
	for (;;) {
		bool abort = to == SVC_STOP_WATCHDOG || to == SVC_FINAL_WATCHDOG, stop = BIT(to) & (BIT(SVC_STOP_WATCHDOG) | BIT(SVC_STOP_SIGTERM) | BIT(SVC_STOP_SIGKILL));

		note_result(s, f);
		if (service_send_signal(s, to) > 0) {
			service_arm(s, in(abort && s->timeout_abort_set ? s->timeout_abort_usec : s->timeout_stop_usec));
			service_set_state(s, to);
			return;
		}
		if ((to == SVC_STOP_SIGTERM || to == SVC_STOP_WATCHDOG) && s->kill.send_sigkill)
			to = SVC_STOP_SIGKILL;
		else if (stop) {
			enter_stop_post(s, SVC_OK);
			return;
		} else if (to != SVC_FINAL_SIGKILL && s->kill.send_sigkill) {
			to = SVC_FINAL_SIGKILL;
		} else {
			enter_dead(s, SVC_OK, true);
			return;
		}
		f = SVC_OK;
	}
}

static void enter_stop_post(struct service *s, enum service_result f)
{
	note_result(s, f);
	f = SVC_OK;
	if (!run_control(s, LIST_STOP_POST, 0, SVC_STOP_POST, s->timeout_stop_usec, &f))
		service_enter_signal(s, SVC_FINAL_SIGTERM, f);
}

void service_enter_stop(struct service *s, enum service_result f)
{
	note_result(s, f);
	f = SVC_OK;
	if (!run_control(s, LIST_STOP, 0, SVC_STOP, s->timeout_stop_usec, &f))
		service_enter_signal(s, SVC_STOP_SIGTERM, f);
}

void service_enter_stop_by_notify(struct service *s)
{
	service_arm(s, in(s->timeout_stop_usec));
	service_set_state(s, SVC_STOP_SIGTERM);         /* it goes down by itself; the time-out helps */
}

/* ---- up ---- */

/* is what the service is still there? */
static bool alive(struct service *s)
{
	if (s->type == SVC_DBUS && !s->bus_owned)
		return false;
	if (s->exit_type)
		return unit_host(&s->u)->cgroup_populated(&s->u);
	if (s->main_known || s->main_gone)
		return service_main_good(s);
	return s->type == SVC_FORKING && unit_host(&s->u)->cgroup_populated(&s->u);
}

/* RuntimeRandomizedExtraSec= */
static void draw_extra(struct service *s)
{
	uint64_t random;

	s->runtime_extra_usec = 0;
	if (s->runtime_extra_max_usec == 0 || s->runtime_extra_max_usec == USEC_INFINITY)
		return;
	random_bytes(&random, sizeof(random));
	s->runtime_extra_usec = random % (s->runtime_extra_max_usec + 1);
}

void service_enter_running(struct service *s, enum service_result f)
{
	service_unwatch_control(s);
	note_result(s, f);
	if (f != SVC_OK) {
		service_enter_signal(s, SVC_STOP_SIGTERM, f);
	} else if (alive(s)) {
		if (s->said == SAID_RELOADING) {
			service_enter_reload_by_notify(s);
		} else if (s->said == SAID_STOPPING) {
			service_enter_stop_by_notify(s);
		} else {
			uint64_t since = s->u.active_enter.monotonic && s->state == SVC_RELOAD ? s->u.active_enter.monotonic : 0;
			uint64_t run = s->runtime_max_usec, gone = since ? now_usec(CLOCK_MONOTONIC) - since : 0;

			if (!since)
				draw_extra(s);
			run = run == USEC_INFINITY || !run ? 0 : run + s->runtime_extra_usec;

			service_arm(s, !run ? 0 : in(run > gone ? run - gone : 1));
			service_set_state(s, SVC_RUNNING);
		}
	} else if (s->remain_after_exit) {
		service_set_state(s, SVC_EXITED);
	} else {
		service_enter_stop(s, SVC_OK);
	}
}

void service_enter_reload_by_notify(struct service *s)
{
	service_arm(s, in(s->timeout_start_usec));
	service_set_state(s, SVC_RELOAD);
}

void service_enter_start_post(struct service *s)
{
	enum service_result f = SVC_OK;

	s->watchdog_last_usec = now_usec(CLOCK_BOOTTIME);
	if (!run_control(s, LIST_START_POST, 0, SVC_START_POST, s->timeout_start_usec, &f)) {
		if (f != SVC_OK)
			service_enter_signal(s, SVC_STOP_SIGTERM, f);
		else
			service_enter_running(s, SVC_OK);
	}
}

static void start_failed(struct service *s, int r)
{
	log_event(LOG_WARNING, "SERVICE_START", "cannot start", F_STR("UNIT", s->u.id), F_ERRNO(r));
	service_enter_signal(s, SVC_STOP_SIGTERM, SVC_RES_RESOURCES);
}

static void enter_start(struct service *s)
{
	bool forking = s->type == SVC_FORKING;
	int r;

	service_unwatch_control(s);
	service_unwatch_main(s);
	s->main_gone = s->bus_owned = false;
	s->main_run = (struct command){ 0 };
	if (!s->lists[LIST_START]) {                    /* a oneshot that only stops; seen to start, for SuccessAction= and the like */
		service_set_state(s, SVC_START);
		service_enter_start_post(s);
		return;
	}
	r = service_spawn(s, LIST_START, 0, forking ? ROLE_CONTROL : ROLE_MAIN);
	if (r >= 0 && s->type == SVC_DBUS)
		r = service_watch_bus_name(s);
	if (r < 0) {
		start_failed(s, r);
		return;
	}
	service_arm(s, in(s->timeout_start_usec));
	service_set_state(s, SVC_START);
}

static void enter_start_pre(struct service *s)
{
	enum service_result f = SVC_OK;

	if (!run_control(s, LIST_START_PRE, 0, SVC_START_PRE, s->timeout_start_usec, &f)) {
		if (f != SVC_OK)
			start_failed(s, -EIO);
		else
			enter_start(s);
	}
}

static void enter_condition(struct service *s)
{
	enum service_result f = SVC_OK;

	if (!run_control(s, LIST_CONDITION, 0, SVC_CONDITION, s->timeout_start_usec, &f)) {
		if (f != SVC_OK)
			start_failed(s, -EIO);
		else
			enter_start_pre(s);
	}
}

/* ---- asked by jobs ---- */

int service_start(struct unit *u)
{
	struct service *s = SERVICE(u);

	if (IN(s, STOPPING_STATES) || s->state == SVC_AUTO_RESTART || s->clean_token)
		return -EAGAIN;                         /* the restart timer's own job comes as a restart: stop first */
	if (IN(s, STARTING_STATES))
		return 0;
	if (unit_start_limit_hit(u)) {
		note_result(s, SVC_RES_START_LIMIT_HIT);
		tell_failure(s);
		service_set_state(s, SVC_FAILED);
		return -ECANCELED;
	}
	unit_new_invocation(u);
	u->stop_is_restart = false;
	if (s->flush_restarts)
		s->restarts = 0;
	s->flush_restarts = false;
	s->result = s->reload_result = SVC_OK;
	s->main_known = s->main_gone = s->main_watched = s->forbid_restart = s->execed = false;
	s->said = SAID_NOTHING;
	s->extend_until_usec = 0;
	s->watchdog_now_usec = s->watchdog_usec;
	free(s->status_text);
	s->status_text = NULL;
	s->status_errno = 0;
	for (struct command *c = s->lists[LIST_START]; c; c = c->next)
		c->fail_stage = 0, c->fail_error = 0;
	enter_condition(s);
	return 0;
}

int service_stop(struct unit *u)
{
	struct service *s = SERVICE(u);

	s->forbid_restart = true;
	if (IN(s, STOPPING_STATES))
		return 0;
	if (s->state == SVC_AUTO_RESTART) {
		service_set_state(s, SVC_DEAD);
		if (!u->stop_is_restart)
			service_drop_fds(s, NULL);
		return 0;
	}
	if (s->state == SVC_CONDITION || s->state == SVC_START_PRE || s->state == SVC_START || s->state == SVC_START_POST ||
	    s->state == SVC_RELOAD)
		service_enter_signal(s, SVC_STOP_SIGTERM, SVC_OK);
	else
		service_enter_stop(s, SVC_OK);
	return 0;
}

int service_reload(struct unit *u)
{
	struct service *s = SERVICE(u);
	enum service_result f = SVC_OK;

	s->reload_result = SVC_OK;
	if (!run_control(s, LIST_RELOAD, 0, SVC_RELOAD, s->timeout_start_usec, &f)) {
		s->reload_result = f == SVC_OK ? SVC_RES_RESOURCES : f;
		service_set_state(s, s->state);
		return -EIO;
	}
	return 0;
}

void service_reset_failed(struct unit *u)
{
	struct service *s = SERVICE(u);

	if (s->state == SVC_FAILED)
		service_set_state(s, SVC_DEAD);
	s->result = s->reload_result = SVC_OK;
	s->restarts = 0;
	unit_dirty(u);
}

/* ---- what processes did ---- */

static enum service_result judge(const struct service *s, const struct command *cmd, int code, int status, bool daemon)
{
	if (!code)                                      /* gone while nobody could see: not held against it */
		return SVC_OK;
	if (exec_clean_exit(code, status, daemon, &s->success_status) || (cmd && cmd->flags & CMD_IGNORE_FAILURE))
		return SVC_OK;
	return code == CLD_EXITED ? SVC_RES_EXIT_CODE : code == CLD_DUMPED ? SVC_RES_CORE_DUMP : SVC_RES_SIGNAL;
}

/* systemd reads environment files before it forks: without them there has been no process */
static bool never_was(const struct ipc_child *c) { return c->code == CLD_EXITED && c->stage == IPC_EXEC_STAGE_ENVIRONMENT; }

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
	} else if (s->type == SVC_NOTIFY) {
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
	case SVC_STOP:
		if (!control)
			service_enter_stop(s, f);
		else
			note_result(s, f);
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
		note_result(s, f);
		if (!control)
			enter_stop_post(s, f);
		break;
	case SVC_STOP_POST:
		note_result(s, f);
		if (!control)
			service_enter_signal(s, SVC_FINAL_SIGTERM, f);
		break;
	case SVC_FINAL_WATCHDOG:
	case SVC_FINAL_SIGTERM:
	case SVC_FINAL_SIGKILL:
		note_result(s, f);
		if (!control)
			enter_dead(s, f, true);
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
		note_result(s, f);                      /* ExitType=cgroup: the others go on without it */
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
		start_failed(s, r);
	else
		service_arm(s, in(s->timeout_start_usec));      /* it counts for each command */
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
		enter_start_pre(s);
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
			enter_start(s);
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
		if (f == SVC_OK && s->pid_file)
			service_load_pid_file(s);
		s->reload_result = f;
		s->said = s->said == SAID_RELOADING ? SAID_READY : s->said;
		service_enter_running(s, SVC_OK);
		break;
	case SVC_STOP:
		service_enter_signal(s, SVC_STOP_SIGTERM, f);
		break;
	case SVC_STOP_WATCHDOG:
	case SVC_STOP_SIGTERM:
	case SVC_STOP_SIGKILL:
		if (!main_good)
			enter_stop_post(s, f);
		break;
	case SVC_STOP_POST:
		service_enter_signal(s, SVC_FINAL_SIGTERM, f);
		break;
	case SVC_FINAL_WATCHDOG:
	case SVC_FINAL_SIGTERM:
	case SVC_FINAL_SIGKILL:
		if (!main_good)
			enter_dead(s, f, true);
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

		if (run_control(s, (enum service_list)list, index + 1, s->state, list_timeout(s, (enum service_list)list), &failed))
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
		if (s->type == SVC_NOTIFY)              /* a PID file may still come: until the time-out */
			service_enter_signal(s, SVC_STOP_SIGTERM, SVC_RES_PROTOCOL);
		else if (s->exit_type)
			service_enter_start_post(s);
		break;
	case SVC_RUNNING:
		service_enter_running(s, SVC_OK);
		break;
	case SVC_STOP_WATCHDOG:
	case SVC_STOP_SIGTERM:
	case SVC_STOP_SIGKILL:
		enter_stop_post(s, SVC_OK);
		break;
	case SVC_FINAL_WATCHDOG:
	case SVC_FINAL_SIGTERM:
	case SVC_FINAL_SIGKILL:
		enter_dead(s, SVC_OK, true);
		break;
	default:
		break;
	}
}

/* ---- time ---- */

/* The next step after one took too long, for each TimeoutStartFailureMode= or TimeoutStopFailureMode= */
static const enum service_state after_timeout[N_SVC_STATES][3] = {
	[SVC_CONDITION] = { SVC_STOP_SIGTERM, SVC_STOP_WATCHDOG, SVC_STOP_SIGKILL },
	[SVC_START_PRE] = { SVC_STOP_SIGTERM, SVC_STOP_WATCHDOG, SVC_STOP_SIGKILL },
	[SVC_START] = { SVC_STOP_SIGTERM, SVC_STOP_WATCHDOG, SVC_STOP_SIGKILL },
	[SVC_START_POST] = { SVC_STOP_SIGTERM, SVC_STOP_WATCHDOG, SVC_STOP_SIGKILL },
	[SVC_STOP] = { SVC_STOP_SIGTERM, SVC_STOP_WATCHDOG, SVC_STOP_SIGKILL },
	[SVC_STOP_WATCHDOG] = { SVC_STOP_SIGKILL, SVC_STOP_SIGKILL, SVC_STOP_SIGKILL },
	[SVC_STOP_SIGTERM] = { SVC_STOP_SIGKILL, SVC_STOP_WATCHDOG, SVC_STOP_SIGKILL },
	[SVC_STOP_SIGKILL] = { SVC_STOP_POST, SVC_STOP_POST, SVC_STOP_POST },   /* not even that: the kernel holds it; go on without it */
	[SVC_STOP_POST] = { SVC_FINAL_SIGTERM, SVC_FINAL_WATCHDOG, SVC_FINAL_SIGKILL },
	[SVC_FINAL_WATCHDOG] = { SVC_FINAL_SIGKILL, SVC_FINAL_SIGKILL, SVC_FINAL_SIGKILL },
	[SVC_FINAL_SIGTERM] = { SVC_FINAL_SIGKILL, SVC_FINAL_WATCHDOG, SVC_FINAL_SIGKILL },
};

static void harder(struct service *s)
{
	int mode = IN(s, STARTING_STATES) ? s->timeout_start_mode : s->timeout_stop_mode;
	enum service_state to = after_timeout[s->state][mode];

	if (to == SVC_STOP_POST || (to == SVC_STOP_SIGKILL && !s->kill.send_sigkill))
		enter_stop_post(s, SVC_RES_TIMEOUT);
	else if (to == SVC_FINAL_SIGKILL && !s->kill.send_sigkill)
		enter_dead(s, SVC_RES_TIMEOUT, false);
	else
		service_enter_signal(s, to, SVC_RES_TIMEOUT);
}

static void restart_now(struct service *s)
{
	s->restarts++;
	log_event(LOG_INFO, "SERVICE_RESTART", "scheduled restart", F_STR("UNIT", s->u.id), F_U64("RESTARTS", s->restarts));
	int r = unit_host(&s->u)->submit(&s->u, IPC_JOB_TYPE_RESTART, IPC_JOB_MODE_REPLACE);

	if (r < 0) {
		log_event(LOG_WARNING, "SERVICE_RESTART", "restart cannot be queued", F_STR("UNIT", s->u.id), F_ERRNO(r));
		enter_dead(s, SVC_RES_RESOURCES, false);
	}
}

static void on_timeout(struct service *s)
{
	switch (s->state) {
	case SVC_CONDITION:
	case SVC_START_PRE:
	case SVC_START:
	case SVC_START_POST:
		harder(s);
		break;
	case SVC_RUNNING:
		service_enter_stop(s, SVC_RES_TIMEOUT);
		break;
	case SVC_RELOAD:
		if (s->control_pid > 1)
			kill(s->control_pid, SIGKILL);
		service_unwatch_control(s);
		s->reload_result = SVC_RES_TIMEOUT;
		service_enter_running(s, SVC_OK);
		break;
	case SVC_STOP:
	case SVC_STOP_WATCHDOG:
	case SVC_STOP_SIGTERM:
	case SVC_STOP_SIGKILL:
	case SVC_STOP_POST:
	case SVC_FINAL_WATCHDOG:
	case SVC_FINAL_SIGTERM:
		harder(s);
		break;
	case SVC_FINAL_SIGKILL:
		enter_dead(s, SVC_RES_TIMEOUT, true);
		break;
	case SVC_AUTO_RESTART:
		restart_now(s);
		break;
	default:
		break;
	}
}

int service_timeout(struct timer *t)
{
	struct service *s = container_of(t, struct service, timer);

	if (s->extend_until_usec > now_usec(CLOCK_BOOTTIME) && s->state != SVC_AUTO_RESTART) {  /* EXTEND_TIMEOUT_USEC= */
		service_arm(s, s->extend_until_usec);
		return 0;
	}
	if (s->state != SVC_AUTO_RESTART)
		log_event(LOG_WARNING, "SERVICE_TIMEOUT", "timed out", F_STR("UNIT", s->u.id), F_STR("STATE", service_state_names[s->state]));
	on_timeout(s);
	return 0;
}

int service_watchdog_fired(struct timer *t)
{
	struct service *s = container_of(t, struct service, watchdog_timer);

	log_event(LOG_ERR, "SERVICE_WATCHDOG", "watchdog time-out", F_STR("UNIT", s->u.id), F_U64("LIMIT_USEC", s->watchdog_now_usec));
	service_enter_signal(s, SVC_STOP_WATCHDOG, SVC_RES_WATCHDOG);
	return 0;
}
