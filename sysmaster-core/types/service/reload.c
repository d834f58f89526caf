/*
 * reload.c - a running service reads its configuration again: ExecReload=, RELOADING=1 of the daemon itself, Type=notify-reload
 *
 * Of Type=notify-reload (systemd.service(5) of version 253) the main process gets ReloadSignal= and answers with RELOADING=1 and the
 * monotonic time of its answer, which tells it from one to an earlier signal; READY=1 ends the reload.
 *
 *   running -> (reload, with ExecReload=) -> reload-signal -> reload-notify -> running
 */
#include <signal.h>
#include "log.h"
#include "types/service/steps.h"

bool service_may_reload(const struct unit *u) { return SERVICE(u)->lists[LIST_RELOAD] || SERVICE(u)->type == SVC_NOTIFY_RELOAD; }

static int send_reload_signal(struct service *s)
{
	if (s->type != SVC_NOTIFY_RELOAD || !service_main_good(s) || s->main_pid <= 1)
		return 0;
	s->reload_begin_usec = now_usec(CLOCK_MONOTONIC);
	if (kill(s->main_pid, s->reload_signal) < 0 && errno != ESRCH)  /* one that is gone: its exit is on the way and says more */
		return -errno;
	kill(s->main_pid, SIGCONT);
	return 1;
}

static int reload_failed(struct service *s, enum service_result f)
{
	s->reload_result = f == SVC_OK ? SVC_RES_RESOURCES : f;
	service_set_state(s, s->state);
	return -EIO;
}

int service_reload(struct unit *u)
{
	struct service *s = SERVICE(u);
	enum service_result f = SVC_OK;
	int sent = send_reload_signal(s);

	s->reload_result = SVC_OK;
	if (sent < 0)
		log_event(LOG_WARNING, "SERVICE_RELOAD", "ReloadSignal= cannot be sent", F_STR("UNIT", u->id), F_ERRNO(sent));
	if (sent >= 0 && service_run_control(s, LIST_RELOAD, 0, SVC_RELOAD, s->timeout_start_usec, &f))
		return 0;
	if (sent <= 0 || f != SVC_OK)
		return reload_failed(s, f);
	service_arm(s, service_due(s->timeout_start_usec));
	service_set_state(s, SVC_RELOAD_SIGNAL);
	return 0;
}

void service_enter_reload_by_notify(struct service *s)
{
	service_arm(s, service_due(s->timeout_start_usec));
	service_set_state(s, s->type == SVC_NOTIFY_RELOAD ? SVC_RELOAD_NOTIFY : SVC_RELOAD);
}

void service_reload_said(struct service *s, const char *monotonic)
{
	uint64_t usec;

	if (s->state == SVC_RELOAD_SIGNAL && (!monotonic || value_unsigned(monotonic, UINT64_MAX, &usec) < 0 || usec < s->reload_begin_usec)) {
		log_event(LOG_WARNING, "NOTIFY_BAD", "RELOADING=1 without the MONOTONIC_USEC= of an answer to the signal", F_STR("UNIT", s->u.id),
			  F_STR("VALUE", monotonic ?: ""));
		return;
	}
	s->said = SAID_RELOADING;
	if (s->state == SVC_RUNNING || s->state == SVC_RELOAD_SIGNAL)
		service_enter_reload_by_notify(s);
}

void service_reload_command_ended(struct service *s, enum service_result f)
{
	if (f == SVC_OK && s->pid_file)
		service_load_pid_file(s);
	s->reload_result = f;
	if (s->type == SVC_NOTIFY_RELOAD && s->said == SAID_RELOADING) {        /* the signal's answer was quicker than the command */
		service_enter_reload_by_notify(s);
		return;
	}
	s->said = s->said == SAID_RELOADING ? SAID_READY : s->said;
	service_enter_running(s, SVC_OK);
}

void service_reload_timed_out(struct service *s)
{
	if (s->control_pid > 1)
		kill(s->control_pid, SIGKILL);
	service_unwatch_control(s);
	s->reload_result = SVC_RES_TIMEOUT;
	if (s->type == SVC_NOTIFY_RELOAD && s->said == SAID_RELOADING)
		s->said = SAID_READY;                   /* or the reload would begin once more, for ever */
	service_enter_running(s, SVC_OK);
}
