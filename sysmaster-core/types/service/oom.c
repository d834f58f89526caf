/* oom.c - OOMPolicy=: what follows when the kernel has killed a process of the service; systemd.service(5) */
#include "log.h"
#include "types/service/service.h"

bool service_oom_news(struct service *s)
{
	return oom_news(&s->u, &s->oom_kills);
}

void service_oom(struct unit *u)
{
	struct service *s = SERVICE(u);
	bool kill = s->oom_policy == OOM_KILL;

	if (!service_oom_news(s))
		return;
	log_event(LOG_NOTICE, "SERVICE_OOM", "the kernel killed a process for want of memory", F_STR("UNIT", u->id));
	if (s->oom_policy == OOM_CONTINUE)
		return;
	switch (s->state) {
	case SVC_CONDITION: case SVC_START_PRE: case SVC_START: case SVC_START_POST: case SVC_STOP:
		service_enter_signal(s, kill ? SVC_FINAL_SIGKILL : SVC_STOP_SIGTERM, SVC_RES_OOM_KILL);
		break;
	case SVC_RUNNING: case SVC_EXITED: case SVC_RELOAD: case SVC_RELOAD_SIGNAL: case SVC_RELOAD_NOTIFY:
		if (kill)
			service_enter_signal(s, SVC_FINAL_SIGKILL, SVC_RES_OOM_KILL);
		else
			service_enter_stop(s, SVC_RES_OOM_KILL);
		break;
	case SVC_STOP_WATCHDOG: case SVC_STOP_SIGTERM:
		service_enter_signal(s, SVC_STOP_SIGKILL, SVC_RES_OOM_KILL);
		break;
	case SVC_STOP_POST: case SVC_FINAL_WATCHDOG: case SVC_FINAL_SIGTERM:
		service_enter_signal(s, SVC_FINAL_SIGKILL, SVC_RES_OOM_KILL);
		break;
	case SVC_STOP_SIGKILL: case SVC_FINAL_SIGKILL:
		if (s->result == SVC_OK)
			s->result = SVC_RES_OOM_KILL;
		break;
	case SVC_DEAD: case SVC_FAILED: case SVC_AUTO_RESTART: case N_SVC_STATES:
		break;
	}
}
