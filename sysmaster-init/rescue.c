/* rescue.c - see rescue.h */
#include "helper.h"
#include "leave.h"
#include "log.h"
#include "rescue.h"
#include "table.h"

#define WAIT_USEC (10 * USEC_PER_SEC)   /* before another try where the program is missing or ended at once */
#define SHORT_USEC (1 * USEC_PER_SEC)

static struct loop *loop;
static void (*over)(void);
static struct timer timer;
static uint64_t opened_usec;

static int timer_fire(struct timer *t)
{
	(void)t;
	if (!leave_begun())
		over();
	return 0;
}

static void over_after(uint64_t usec) { timer_set(loop, &timer, now_usec(CLOCK_BOOTTIME) + usec, timer_fire); }

void rescue_setup(struct loop *l, void (*fn)(void))
{
	loop = l;
	over = fn;
}

void rescue_open(const char *why, int error)
{
	const char *const argv[] = { "sysmaster-rescue", why, table->set.rescue_shell, NULL };

	if (table->s.rescue_pid != 0 || leave_begun())
		return;
	log_event(LOG_CRIT, "INIT_RESCUE", why, F_ERRNO(error));
	opened_usec = now_usec(CLOCK_BOOTTIME);
	if (helper_spawn(argv, NULL, 0, &table->s.rescue_pid) < 0)
		over_after(WAIT_USEC);
}

bool rescue_exited(const siginfo_t *si)
{
	if (table->s.rescue_pid == 0 || (uint32_t)si->si_pid != table->s.rescue_pid)
		return false;
	table->s.rescue_pid = 0;
	over_after(now_usec(CLOCK_BOOTTIME) - opened_usec < SHORT_USEC ? WAIT_USEC : 0);
	return true;
}
