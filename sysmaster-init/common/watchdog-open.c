/* watchdog-open.c - see watchdog-open.h */
#include <fcntl.h>
#include <linux/watchdog.h>
#include <sys/ioctl.h>
#include "common/watchdog-open.h"
#include "log.h"
#include "table.h"

void watchdog_open(uint64_t usec)
{
	struct table_state *s = &table->s;
	int sec = (int)((usec + USEC_PER_SEC - 1) / USEC_PER_SEC);

	if (usec == 0 || (s->watchdog_fd < 0 && table->set.watchdog_usec == 0))
		return;
	if (s->watchdog_fd < 0)
		s->watchdog_fd = open(table->set.watchdog_device, O_WRONLY | O_CLOEXEC);
	if (s->watchdog_fd < 0) {
		log_event(LOG_WARNING, "WATCHDOG_OPEN", "cannot open the watchdog", F_STR("DEVICE", table->set.watchdog_device), F_ERRNO(-errno));
		return;
	}
	fcntl(s->watchdog_fd, F_SETFD, 0);      /* see table.h */
	/* the driver may round it */
	if ((ioctl(s->watchdog_fd, WDIOC_SETTIMEOUT, &sec) < 0 && ioctl(s->watchdog_fd, WDIOC_GETTIMEOUT, &sec) < 0) || sec < 1)
		log_event(LOG_WARNING, "WATCHDOG_TIMEOUT", "the watchdog tells no time-out", F_STR("DEVICE", table->set.watchdog_device), F_ERRNO(-errno));
	else
		s->watchdog_sec = (uint16_t)MIN(sec, UINT16_MAX);
}
