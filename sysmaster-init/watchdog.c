/* watchdog.c - see watchdog.h */
#include <linux/watchdog.h>
#include <sys/ioctl.h>
#include "table.h"
#include "watchdog.h"

static struct loop *loop;
static struct timer timer;

static int fire(struct timer *t)
{
	ioctl(table->s.watchdog_fd, WDIOC_KEEPALIVE, 0);
	return timer_set(loop, t, now_usec(CLOCK_BOOTTIME) + MAX(table->s.watchdog_sec, 1U) * USEC_PER_SEC / 2, fire);
}

void watchdog_setup(struct loop *l)
{
	loop = l;
	if (table->s.watchdog_fd >= 0)
		fire(&timer);
}

void watchdog_disarm(void)
{
	if (table->s.watchdog_fd >= 0 && write(table->s.watchdog_fd, "V", 1) == 1)      /* the magic close */
		close(table->s.watchdog_fd);
}

int watchdog_seconds(void) { return table->s.watchdog_fd >= 0 ? table->s.watchdog_sec : -1; }
