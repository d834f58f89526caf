/* watch.c - see devctl.h; inotify(7), and a look now and then for what it cannot see */
#include <limits.h>
#include <poll.h>
#include <sys/inotify.h>
#include "devctl.h"

#define LOOK_MSEC 200
#define DIRS_MAX 64

struct watch { int fd; const char *dirs[DIRS_MAX]; bool there[DIRS_MAX]; size_t n; };

int watch_new(struct watch **ret)
{
	struct watch *w = calloc(1, sizeof(*w));

	if (!w)
		return -ENOMEM;
	w->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);        /* none left: the clock does it alone */
	*ret = w;
	return 0;
}

void watch_free(struct watch *w)
{
	if (!w)
		return;
	closep(&w->fd);
	free(w);
}

static void look_for(struct watch *w)
{
	for (size_t i = 0; w->fd >= 0 && i < w->n; i++)
		if (!w->there[i])
			w->there[i] = inotify_add_watch(w->fd, w->dirs[i], IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM | IN_ATTRIB | IN_ONLYDIR) >= 0;
}

int watch_add(struct watch *w, const char *dir)
{
	if (w->n == DIRS_MAX)
		return -E2BIG;
	w->dirs[w->n++] = dir;
	return 0;
}

uint64_t watch_deadline(uint64_t span_usec)
{
	uint64_t now = now_usec(CLOCK_MONOTONIC);

	return span_usec >= USEC_INFINITY - now ? USEC_INFINITY : now + span_usec;
}

int watch_wait(struct watch *w, uint64_t deadline_usec, int (*done)(void *arg), void *arg)
{
	for (;;) {
		struct pollfd p = { w->fd, POLLIN, 0 };
		char events[4096];
		uint64_t now;
		int r;

		look_for(w);
		r = done(arg);
		now = now_usec(CLOCK_MONOTONIC);
		if (r != 0 || now >= deadline_usec)
			return r == 0 ? -ETIMEDOUT : r;
		poll(&p, 1, (int)MIN((uint64_t)LOOK_MSEC, (deadline_usec - now) / USEC_PER_MSEC + 1));
		while (w->fd >= 0 && read(w->fd, events, sizeof(events)) > 0)
			;
	}
}
