/* loop.c - epoll for sources, one timerfd under a heap of timers, two queues for deferred work */
#include <sys/timerfd.h>
#include <time.h>
#include "loop.h"

#define ROUND 64                        /* sources served in one turn */

struct loop {
	int epoll_fd, timer_fd;
	struct epoll_event events[ROUND];
	size_t at, n_events;            /* of the round that is being served */
	struct timer **heap;            /* earliest first; timer.index says where it is */
	size_t n_timers, max_timers;
	bool fixed;
	uint64_t armed_usec;            /* what timer_fd is set to; 0: nothing */
	bool timer_fired;
	struct deferred queued, running;        /* ring heads */
	int (*turn_end)(void *arg);
	void *turn_end_arg;
	bool exiting;
	int exit_code;
};

static int loop_init(struct loop *l, size_t max_timers)
{
	struct epoll_event timer_event = { .events = EPOLLIN, .data.ptr = NULL };       /* no source: the timers */

	l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	l->timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (l->epoll_fd < 0 || l->timer_fd < 0 || epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, l->timer_fd, &timer_event) < 0)
		return -errno;
	l->heap = calloc(MAX(max_timers, (size_t)1), sizeof(struct timer *));
	return l->heap ? 0 : -ENOMEM;
}

int loop_new(struct loop **ret, size_t max_timers, bool fixed)
{
	_cleanup_(loop_freep) struct loop *l = calloc(1, sizeof(*l));
	int r;

	if (!l)
		return -ENOMEM;
	l->epoll_fd = l->timer_fd = -1;
	l->queued.next = l->queued.prev = &l->queued;
	l->running.next = l->running.prev = &l->running;
	l->fixed = fixed;
	l->max_timers = MAX(max_timers, (size_t)1);
	r = loop_init(l, max_timers);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(l);
	return 0;
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->n_timers; i++)
		l->heap[i]->loop = NULL;
	while (l->queued.next != &l->queued)
		defer_del(l->queued.next);
	while (l->running.next != &l->running)
		defer_del(l->running.next);
	closep(&l->timer_fd);
	closep(&l->epoll_fd);
	free(l->heap);
	free(l);
}

/* -- sources */

int source_add(struct loop *l, struct source *s, int fd, uint32_t mask, int (*fire)(struct source *, uint32_t))
{
	struct epoll_event ev = { .events = mask, .data.ptr = s };

	if (s->loop)
		return -EBUSY;
	if (epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, fd, &ev) < 0)
		return -errno;
	*s = (struct source){ .fd = fd, .mask = mask, .fire = fire, .loop = l };
	return 0;
}

int source_mod(struct source *s, uint32_t mask)
{
	struct epoll_event ev = { .events = mask, .data.ptr = s };

	if (!s->loop)
		return -EBADF;
	if (s->mask == mask)
		return 0;
	if (epoll_ctl(s->loop->epoll_fd, EPOLL_CTL_MOD, s->fd, &ev) < 0)
		return -errno;
	s->mask = mask;
	return 0;
}

void source_del(struct source *s)
{
	struct loop *l = s->loop;

	if (!l)
		return;
	epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, s->fd, NULL);
	for (size_t i = l->at; i < l->n_events; i++)    /* its event may be further down in this round */
		if (l->events[i].data.ptr == s)
			l->events[i].events = 0;
	s->loop = NULL;
}

/* -- timers: a binary heap */

static void place(struct loop *l, struct timer *t, size_t i)
{
	l->heap[i] = t;
	t->index = i;
}

static void sift_up(struct loop *l, struct timer *t, size_t i)
{
	for (; i > 0 && l->heap[(i - 1) / 2]->due_usec > t->due_usec; i = (i - 1) / 2)
		place(l, l->heap[(i - 1) / 2], i);
	place(l, t, i);
}

static void sift_down(struct loop *l, struct timer *t, size_t i)
{
	for (size_t child = 2 * i + 1; child < l->n_timers; child = 2 * i + 1) {
		if (child + 1 < l->n_timers && l->heap[child + 1]->due_usec < l->heap[child]->due_usec)
			child++;
		if (l->heap[child]->due_usec >= t->due_usec)
			break;
		place(l, l->heap[child], i);
		i = child;
	}
	place(l, t, i);
}

static void settle(struct loop *l, struct timer *t, size_t i)
{
	sift_up(l, t, i);
	sift_down(l, t, t->index);
}

static int grow_heap(struct loop *l)
{
	struct timer **heap;

	if (l->n_timers < l->max_timers)
		return 0;
	if (l->fixed)
		return -ENOSPC;
	heap = reallocarray(l->heap, l->max_timers * 2, sizeof(struct timer *));
	if (!heap)
		return -ENOMEM;
	l->heap = heap;
	l->max_timers *= 2;
	return 0;
}

int timer_set(struct loop *l, struct timer *t, uint64_t due_usec, int (*fire)(struct timer *))
{
	int r = t->loop ? 0 : grow_heap(l);

	if (r < 0)
		return r;
	if (!t->loop) {
		t->loop = l;
		t->index = l->n_timers++;
	}
	t->due_usec = due_usec;
	t->fire = fire;
	settle(l, t, t->index);
	return 0;
}

void timer_del(struct timer *t)
{
	struct loop *l = t->loop;
	struct timer *last;

	if (!l)
		return;
	last = l->heap[--l->n_timers];
	if (last != t)
		settle(l, last, t->index);
	t->loop = NULL;
}

/* The timerfd is set only when the earliest time has changed; infinity stands for "never". */
static int arm(struct loop *l)
{
	uint64_t due = l->n_timers && l->heap[0]->due_usec != USEC_INFINITY ? MAX(l->heap[0]->due_usec, UINT64_C(1)) : 0;
	struct itimerspec when = { 0 };

	if (due == l->armed_usec)
		return 0;
	when.it_value.tv_sec = (time_t)MIN(due / USEC_PER_SEC, (uint64_t)INT32_MAX * 1000);     /* the kernel refuses absurd seconds */
	when.it_value.tv_nsec = (long)(due % USEC_PER_SEC * NSEC_PER_USEC);
	if (timerfd_settime(l->timer_fd, TFD_TIMER_ABSTIME, &when, NULL) < 0)
		return -errno;
	l->armed_usec = due;
	return 0;
}

/* Makes the timerfd quiet; arm() sets it anew. It fails where the fd was set meanwhile, which is quiet too. */
static void drain_timer_fd(struct loop *l)
{
	uint64_t times;

	if (read(l->timer_fd, &times, sizeof(times)) < 0)
		times = 0;
	l->armed_usec = 0;
	l->timer_fired = false;
}

static int fire_timers(struct loop *l)
{
	size_t most = l->n_timers;      /* a timer that arms itself for the past waits for the next turn */
	uint64_t now = most ? now_usec(CLOCK_BOOTTIME) : 0;
	int r = 0;

	while (most-- > 0 && r >= 0 && l->n_timers && l->heap[0]->due_usec <= now) {
		struct timer *t = l->heap[0];

		timer_del(t);
		r = t->fire(t);
	}
	return MIN(r, 0);
}

/* -- deferred work */

void defer(struct loop *l, struct deferred *d, int (*fire)(struct deferred *))
{
	if (d->loop)
		return;
	*d = (struct deferred){ .fire = fire, .next = &l->queued, .prev = l->queued.prev, .loop = l };
	d->prev->next = d;
	l->queued.prev = d;
}

void defer_del(struct deferred *d)
{
	if (!d->loop)
		return;
	d->prev->next = d->next;
	d->next->prev = d->prev;
	*d = (struct deferred){ 0 };
}

/* What is queued now; what these queue comes in the next turn, which then does not wait. */
static int run_deferred(struct loop *l)
{
	int r = 0;

	if (l->queued.next != &l->queued && l->running.next == &l->running) {
		l->running.next = l->queued.next;
		l->running.prev = l->queued.prev;
		l->running.next->prev = l->running.prev->next = &l->running;
		l->queued.next = l->queued.prev = &l->queued;
	}
	while (l->running.next != &l->running && r >= 0) {
		struct deferred *d = l->running.next;
		int (*fire)(struct deferred *) = d->fire;

		defer_del(d);
		r = fire(d);
	}
	return MIN(r, 0);
}

/* -- the turn */

static int fire_sources(struct loop *l)
{
	int r = 0;

	for (l->at = 0; l->at < l->n_events && r >= 0;) {
		struct epoll_event *ev = &l->events[l->at++];
		struct source *s = ev->data.ptr;

		if (!s)
			l->timer_fired = true;
		else if (ev->events)
			r = s->fire(s, ev->events);
	}
	l->n_events = 0;
	return MIN(r, 0);
}

int loop_turn(struct loop *l, int timeout_msec)
{
	int n, r;

	if (l->queued.next != &l->queued || l->running.next != &l->running)
		timeout_msec = 0;
	r = arm(l);
	if (r < 0)
		return r;
	n = epoll_wait(l->epoll_fd, l->events, ROUND, timeout_msec);
	if (n < 0 && errno != EINTR)
		return -errno;
	l->n_events = n > 0 ? (size_t)n : 0;
	r = fire_sources(l);
	if (l->timer_fired)
		drain_timer_fd(l);
	if (r == 0)
		r = fire_timers(l);
	if (r == 0)
		r = run_deferred(l);
	if (r == 0 && l->turn_end)
		r = MIN(l->turn_end(l->turn_end_arg), 0);
	return r;
}

int loop_run(struct loop *l)
{
	int r = 0;

	while (!l->exiting && r == 0)
		r = loop_turn(l, -1);
	l->exiting = false;
	return r < 0 ? r : l->exit_code;
}

void loop_exit(struct loop *l, int code)
{
	l->exiting = true;
	l->exit_code = code;
}

void loop_set_turn_end(struct loop *l, int (*fn)(void *arg), void *arg)
{
	l->turn_end = fn;
	l->turn_end_arg = arg;
}
