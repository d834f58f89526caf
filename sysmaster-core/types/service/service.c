/*
 * service.c - the state machine of a service
 *
 *   dead -> condition -> start-pre -> start -> start-post -> running -> stop -> stop-sigterm -> stop-post -> final-sigterm -> dead
 *
 * with reload beside running, exited in its place where there is no process, watchdog and SIGKILL steps beside the SIGTERM ones,
 * and auto-restart between dead and the next start. service_set_state() is the only writer of the state. Each enter_*() begins one
 * step: it starts or signals processes, and where there is nothing to wait for goes on to the next. What follows from the end of a
 * process is in ended.c.
 */
#include <signal.h>
#include <sys/wait.h>
#include "core.ipc.h"
#include "log.h"
#include "types/service/steps.h"


const char *const service_state_names[N_SVC_STATES] = {
	[SVC_DEAD] = "dead", [SVC_CONDITION] = "condition", [SVC_START_PRE] = "start-pre", [SVC_START] = "start",
	[SVC_START_POST] = "start-post", [SVC_RUNNING] = "running", [SVC_EXITED] = "exited", [SVC_RELOAD] = "reload",
	[SVC_STOP] = "stop", [SVC_STOP_WATCHDOG] = "stop-watchdog", [SVC_STOP_SIGTERM] = "stop-sigterm",
	[SVC_STOP_SIGKILL] = "stop-sigkill", [SVC_STOP_POST] = "stop-post", [SVC_FINAL_WATCHDOG] = "final-watchdog",
	[SVC_FINAL_SIGTERM] = "final-sigterm", [SVC_FINAL_SIGKILL] = "final-sigkill", [SVC_FAILED] = "failed",
	[SVC_AUTO_RESTART] = "auto-restart", [SVC_RELOAD_SIGNAL] = "reload-signal", [SVC_RELOAD_NOTIFY] = "reload-notify",
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
	[SVC_AUTO_RESTART] = UNIT_ACTIVATING, [SVC_RELOAD_SIGNAL] = UNIT_RELOADING, [SVC_RELOAD_NOTIFY] = UNIT_RELOADING,
};

enum unit_active_state service_active(const struct unit *u)
{
	const struct service *s = SERVICE(u);

	/* nothing may wait for an idle service, or the boot would wait for itself */
	if (s->type == SVC_IDLE && (s->state == SVC_START || s->state == SVC_START_POST))
		return UNIT_ACTIVE;
	return active_of[s->state];
}


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
	if (to != SVC_AUTO_RESTART)
		defer_del(&s->restart_soon);
	service_arm_watchdog(s);
	if (from != to)
		log_event(LOG_DEBUG, "SERVICE_STATE", "state changed", F_STR("UNIT", s->u.id), F_STR("OLD", service_state_names[from]),
			  F_STR("NEW", service_state_names[to]));
	unit_changed(&s->u, s->reload_result != SVC_OK);
}

void service_note_result(struct service *s, enum service_result f)
{
	if (s->result == SVC_OK)
		s->result = f;
}

uint64_t service_due(uint64_t span)
{
	uint64_t now = now_usec(CLOCK_BOOTTIME);

	return span == USEC_INFINITY || !span || span > UINT64_MAX - now ? 0 : now + span;
}

/* the next command of a list runs as control process; true: it does */
bool service_run_control(struct service *s, enum service_list list, unsigned index, enum service_state st, uint64_t timeout, enum service_result *f)
{
	if (!command_nth(s->lists[list], index))
		return false;
	service_unwatch_control(s);
	if (service_spawn(s, list, index, ROLE_CONTROL) < 0) {
		*f = SVC_RES_RESOURCES;
		return false;
	}
	service_arm(s, service_due(timeout));
	service_set_state(s, st);
	return true;
}

/* ---- down ---- */

static void tell_failure(const struct service *s)
{
	if (s->result == SVC_OK || s->result == SVC_RES_EXEC_CONDITION)
		log_event(LOG_DEBUG, "UNIT_SUCCESS", "deactivated", F_STR("UNIT", s->u.id));
	else
		log_event(LOG_WARNING, "UNIT_FAILED", "failed", F_STR("UNIT", s->u.id), F_STR("RESULT", service_result_names[s->result]));
}

void service_enter_dead(struct service *s, enum service_result f, bool may_restart)
{
	bool ok, restart;

	service_note_result(s, f);
	ok = s->result == SVC_OK || s->result == SVC_RES_EXEC_CONDITION;
	restart = may_restart && service_shall_restart(s);
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
		service_wait_for_restart(s);
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

		service_note_result(s, f);
		if (service_send_signal(s, to) > 0) {
			service_arm(s, service_due(abort && s->timeout_abort_set ? s->timeout_abort_usec : s->timeout_stop_usec));
			service_set_state(s, to);
			return;
		}
		if ((to == SVC_STOP_SIGTERM || to == SVC_STOP_WATCHDOG) && s->kill.send_sigkill)
			to = SVC_STOP_SIGKILL;
		else if (stop) {
			service_enter_stop_post(s, SVC_OK);
			return;
		} else if (to != SVC_FINAL_SIGKILL && s->kill.send_sigkill) {
			to = SVC_FINAL_SIGKILL;
		} else {
			service_enter_dead(s, SVC_OK, true);
			return;
		}
		f = SVC_OK;
	}
}

void service_enter_stop_post(struct service *s, enum service_result f)
{
	service_note_result(s, f);
	f = SVC_OK;
	if (!service_run_control(s, LIST_STOP_POST, 0, SVC_STOP_POST, s->timeout_stop_usec, &f))
		service_enter_signal(s, SVC_FINAL_SIGTERM, f);
}

void service_enter_stop(struct service *s, enum service_result f)
{
	service_note_result(s, f);
	f = SVC_OK;
	if (!service_run_control(s, LIST_STOP, 0, SVC_STOP, s->timeout_stop_usec, &f))
		service_enter_signal(s, SVC_STOP_SIGTERM, f);
}

void service_enter_stop_by_notify(struct service *s)
{
	service_arm(s, service_due(s->timeout_stop_usec));
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
	service_note_result(s, f);
	if (f != SVC_OK) {
		service_enter_signal(s, SVC_STOP_SIGTERM, f);
	} else if (alive(s)) {
		if (s->said == SAID_RELOADING) {
			service_enter_reload_by_notify(s);
		} else if (s->said == SAID_STOPPING) {
			service_enter_stop_by_notify(s);
		} else {
			uint64_t since = s->u.active_enter.monotonic && IN(s, RELOADING_STATES) ? s->u.active_enter.monotonic : 0;
			uint64_t run = s->runtime_max_usec, gone = since ? now_usec(CLOCK_MONOTONIC) - since : 0;

			if (!since)
				draw_extra(s);
			run = run == USEC_INFINITY || !run ? 0 : run + s->runtime_extra_usec;

			service_arm(s, !run ? 0 : service_due(run > gone ? run - gone : 1));
			service_set_state(s, SVC_RUNNING);
		}
	} else if (s->remain_after_exit) {
		service_set_state(s, SVC_EXITED);
	} else {
		service_enter_stop(s, SVC_OK);
	}
}

void service_enter_start_post(struct service *s)
{
	enum service_result f = SVC_OK;

	s->watchdog_last_usec = now_usec(CLOCK_BOOTTIME);
	if (!service_run_control(s, LIST_START_POST, 0, SVC_START_POST, s->timeout_start_usec, &f)) {
		if (f != SVC_OK)
			service_enter_signal(s, SVC_STOP_SIGTERM, f);
		else
			service_enter_running(s, SVC_OK);
	}
}

void service_start_failed(struct service *s, int r)
{
	log_event(LOG_WARNING, "SERVICE_START", "cannot start", F_STR("UNIT", s->u.id), F_ERRNO(r));
	service_enter_signal(s, SVC_STOP_SIGTERM, SVC_RES_RESOURCES);
}

void service_enter_start(struct service *s)
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
		service_start_failed(s, r);
		return;
	}
	service_arm(s, service_due(s->timeout_start_usec));
	service_set_state(s, SVC_START);
}

void service_enter_start_pre(struct service *s)
{
	enum service_result f = SVC_OK;

	if (!service_run_control(s, LIST_START_PRE, 0, SVC_START_PRE, s->timeout_start_usec, &f)) {
		if (f != SVC_OK)
			service_start_failed(s, -EIO);
		else
			service_enter_start(s);
	}
}

static void enter_condition(struct service *s)
{
	enum service_result f = SVC_OK;

	if (!service_run_control(s, LIST_CONDITION, 0, SVC_CONDITION, s->timeout_start_usec, &f)) {
		if (f != SVC_OK)
			service_start_failed(s, -EIO);
		else
			service_enter_start_pre(s);
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
		service_note_result(s, SVC_RES_START_LIMIT_HIT);
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
	if (IN(s, STARTING_STATES | RELOADING_STATES))
		service_enter_signal(s, SVC_STOP_SIGTERM, SVC_OK);
	else
		service_enter_stop(s, SVC_OK);
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
		service_enter_stop_post(s, SVC_RES_TIMEOUT);
	else if (to == SVC_FINAL_SIGKILL && !s->kill.send_sigkill)
		service_enter_dead(s, SVC_RES_TIMEOUT, false);
	else
		service_enter_signal(s, to, SVC_RES_TIMEOUT);
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
	case SVC_RELOAD_SIGNAL:
	case SVC_RELOAD_NOTIFY:
		service_reload_timed_out(s);
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
		service_enter_dead(s, SVC_RES_TIMEOUT, true);
		break;
	case SVC_AUTO_RESTART:
		service_restart_now(s);
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
