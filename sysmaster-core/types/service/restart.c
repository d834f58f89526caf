/* restart.c - whether, when and how a service that has ended is started again; systemd.service(5), of RestartSteps= that of version 254 */
#include <sys/wait.h>
#include "core.ipc.h"
#include "log.h"
#include "types/service/steps.h"

bool service_shall_restart(const struct service *s)
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

static double power(double x, unsigned n)
{
	double r = 1;

	for (; n; n >>= 1, x *= x)
		if (n & 1)
			r *= x;
	return r;
}

/* the number >= 1 whose power @n is @x >= 1, by halving: core does without the library that has pow(3) */
static double root(double x, unsigned n)
{
	double low = 1, high = x;

	for (int i = 0; i < 100; i++) {
		double mid = (low + high) / 2;

		*(power(mid, n) < x ? &low : &high) = mid;
	}
	return low;
}

uint64_t service_restart_delay(const struct service *s)
{
	uint64_t first = s->restart_usec == USEC_INFINITY ? 0 : s->restart_usec, last = s->restart_max_usec;

	if (!s->restart_steps || last == USEC_INFINITY || !first || first >= last || s->restarts == 0)
		return first;
	if (s->restarts >= s->restart_steps)
		return last;
	/* each step multiplies by the same: FIRST at step 0, LAST at RestartSteps= */
	return (uint64_t)(0.5 + (double)first * power(root((double)last / (double)first, s->restart_steps), s->restarts));
}

void service_restart_now(struct service *s)
{
	s->restarts++;
	log_event(LOG_INFO, "SERVICE_RESTART", "scheduled restart", F_STR("UNIT", s->u.id), F_U64("RESTARTS", s->restarts));
	int r = unit_host(&s->u)->submit(&s->u, IPC_JOB_TYPE_RESTART, IPC_JOB_MODE_REPLACE);

	if (r < 0) {
		log_event(LOG_WARNING, "SERVICE_RESTART", "restart cannot be queued", F_STR("UNIT", s->u.id), F_ERRNO(r));
		service_enter_dead(s, SVC_RES_RESOURCES, false);
	}
}

static int restart_soon(struct deferred *d)
{
	struct service *s = container_of(d, struct service, restart_soon);

	service_restart_now(s);
	return 0;
}

/* Without a pause the restart comes before any job that our end has just brought about: what is bound to us is not stopped, it restarts too. */
void service_wait_for_restart(struct service *s)
{
	uint64_t delay = service_restart_delay(s);

	service_arm(s, delay ? now_usec(CLOCK_BOOTTIME) + delay : 0);
	if (!delay) {
		s->due_usec = now_usec(CLOCK_BOOTTIME); /* without a timer, which would be too early: for the next core, if this one dies before */
		defer(unit_host(&s->u)->loop, &s->restart_soon, restart_soon);
	}
	service_set_state(s, SVC_AUTO_RESTART);
}
