/* watchdog.c - see watchdog.h */
#include <fcntl.h>
#include <linux/watchdog.h>
#include <sys/ioctl.h>
#include "log.h"
#include "table.h"
#include "watchdog.h"

static struct loop *loop;
static struct timer timer;
static int seconds = -1;

static int set_timeout(uint64_t usec)
{
	int want = (int)((usec + USEC_PER_SEC - 1) / USEC_PER_SEC);

	if (ioctl(table->s.watchdog_fd, WDIOC_SETTIMEOUT, &want) < 0 && ioctl(table->s.watchdog_fd, WDIOC_GETTIMEOUT, &want) < 0)
		return -errno;
	seconds = want;         /* the driver may round it */
	return 0;
}

void watchdog_feed(void)
{
	if (table->s.watchdog_fd >= 0)
		ioctl(table->s.watchdog_fd, WDIOC_KEEPALIVE, 0);
}

static int fire(struct timer *t)
{
	watchdog_feed();
	return timer_set(loop, t, now_usec(CLOCK_BOOTTIME) + (uint64_t)seconds * USEC_PER_SEC / 2, fire);
}

void watchdog_setup(struct loop *l)
{
	int r;

	if (table->set.watchdog_usec == 0)
		return;
	loop = l;
	if (table->s.watchdog_fd < 0)
		table->s.watchdog_fd = open(table->set.watchdog_device, O_WRONLY | O_CLOEXEC);
	if (table->s.watchdog_fd < 0) {
		log_event(LOG_WARNING, "WATCHDOG_OPEN", "cannot open the watchdog", F_STR("DEVICE", table->set.watchdog_device), F_ERRNO(-errno));
		return;
	}
	fcntl(table->s.watchdog_fd, F_SETFD, 0);        /* see table.h */
	r = set_timeout(table->set.watchdog_usec);
	if (r < 0 || seconds < 1)
		log_event(LOG_WARNING, "WATCHDOG_TIMEOUT", "the watchdog tells no time-out", F_STR("DEVICE", table->set.watchdog_device), F_ERRNO(r));
	else
		fire(&timer);
}

void watchdog_shutdown(uint64_t timeout_usec)
{
	if (table->s.watchdog_fd >= 0 && timeout_usec > 0)
		set_timeout(timeout_usec);
	watchdog_feed();
}

void watchdog_disarm(void)
{
	if (table->s.watchdog_fd >= 0 && write(table->s.watchdog_fd, "V", 1) == 1)      /* the magic close */
		close(table->s.watchdog_fd);
}

int watchdog_seconds(void) { return seconds; }
