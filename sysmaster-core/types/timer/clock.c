/* clock.c - when somebody sets the clock or changes the time zone: timerfd_create(2), inotify(7) */
#include <limits.h>
#include <sys/inotify.h>
#include <sys/timerfd.h>
#include <time.h>
#include "log.h"
#include "types/timer/timer.h"

static struct { struct source set, zone; void (*fn)(bool zone); } watch = { .set = { .fd = -1 }, .zone = { .fd = -1 } };

/* it is cancelled when the clock is set, and that is all it is for: it elapses in some far future */
static int arm(int fd)
{
	struct itimerspec far = { .it_value.tv_sec = (time_t)(INT64_MAX / 1000000000 / 2) };

	return timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &far, NULL) < 0 ? -errno : 0;
}

static int clock_set(struct source *s, uint32_t events)
{
	uint64_t n;

	if (read(s->fd, &n, sizeof(n)) >= 0 || errno != ECANCELED)
		return 0;
	log_event(LOG_INFO, "CLOCK_SET", "the clock was set, timers look at it anew");
	if (arm(s->fd) < 0)
		source_del(s);
	watch.fn(false);
	return 0;
}

static int zone_changed(struct source *s, uint32_t events)
{
	_Alignas(struct inotify_event) char mem[4096];
	ssize_t n = read(s->fd, mem, sizeof(mem));
	bool ours = false;

	for (ssize_t i = 0; i < n;) {
		const struct inotify_event *e = (const struct inotify_event *)(mem + i);

		ours |= e->len > 0 && streq(e->name, "localtime");
		i += (ssize_t)(sizeof(*e) + e->len);
	}
	if (!ours)
		return 0;
	tzset();
	watch.fn(true);
	return 0;
}

void clock_tell(bool zone)
{
	if (watch.fn)
		watch.fn(zone);
}

int clock_watch(struct loop *l, void (*fn)(bool zone))
{
	int r;

	if (watch.fn)
		return 0;
	watch.fn = fn;
	watch.set.fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	r = watch.set.fd < 0 ? -errno : arm(watch.set.fd);
	if (r >= 0)
		r = source_add(l, &watch.set, watch.set.fd, EPOLLIN, clock_set);
	watch.zone.fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (watch.zone.fd >= 0 && inotify_add_watch(watch.zone.fd, "/etc", IN_MOVED_TO | IN_CREATE | IN_CLOSE_WRITE | IN_ONLYDIR) >= 0)
		source_add(l, &watch.zone, watch.zone.fd, EPOLLIN, zone_changed);
	return r;
}

void clock_unwatch(void)
{
	source_del(&watch.set);
	source_del(&watch.zone);
	closep(&watch.set.fd);
	closep(&watch.zone.fd);
	watch.fn = NULL;
}

int alarm_set(struct loop *l, struct source *s, uint64_t usec, int (*fire)(struct source *, uint32_t))
{
	struct itimerspec at = { .it_value = { .tv_sec = (time_t)(usec / USEC_PER_SEC), .tv_nsec = (long)(usec % USEC_PER_SEC * NSEC_PER_USEC) } };
	int r;

	if (usec == USEC_INFINITY) {
		alarm_del(s);
		return 0;
	}
	if (s->fd < 0) {
		s->fd = timerfd_create(CLOCK_BOOTTIME_ALARM, TFD_CLOEXEC | TFD_NONBLOCK);
		r = s->fd < 0 ? -errno : source_add(l, s, s->fd, EPOLLIN, fire);
		if (r < 0) {
			closep(&s->fd);
			return r;
		}
	}
	return timerfd_settime(s->fd, TFD_TIMER_ABSTIME, &at, NULL) < 0 ? -errno : 0;
}

void alarm_del(struct source *s)
{
	if (s->fd < 0)
		return;
	source_del(s);
	closep(&s->fd);
}
