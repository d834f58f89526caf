/* keepalive.c - see keepalive.h */
#include "keepalive.h"

static struct loop *loop;
static const struct keepalive_ops *ops;
static struct timer timer;
static uint64_t interval, allowed, sent, unanswered;

static int fire(struct timer *t)
{
	if (unanswered >= allowed) {
		ops->hung();
		return 0;
	}
	unanswered++;
	ops->ping(++sent);
	return timer_set(loop, t, now_usec(CLOCK_BOOTTIME) + interval, fire);
}

void keepalive_start(struct loop *l, const struct keepalive_ops *o, uint64_t interval_usec, uint64_t misses)
{
	keepalive_stop();
	if (interval_usec == 0)
		return;
	loop = l;
	ops = o;
	interval = interval_usec;
	allowed = misses;
	timer_set(loop, &timer, now_usec(CLOCK_BOOTTIME) + interval, fire);
}

void keepalive_pong(uint64_t n)
{
	if (n <= sent)
		unanswered = 0;
}

void keepalive_stop(void)
{
	timer_del(&timer);
	unanswered = 0;
}
