/*
 * loop.h - the one event loop of a process: epoll, timers, work for the end of a turn
 *
 * Sources, timers and deferred work live inside their owners and allocate nothing. A callback may remove any source or timer,
 * its own included, and free what holds it: removed ones are not called again in this round (pending events are dropped by
 * pointer). A negative return of a callback is a fault of our own and ends loop_run() with it; a peer's fault is handled in
 * the callback by closing the peer.
 */
#pragma once
#include <sys/epoll.h>
#include "util.h"

struct loop;
struct source {
	int fd;                         /* owned by whoever holds the source; closed by them, after source_del() */
	uint32_t mask;                  /* EPOLLIN ... as armed */
	int (*fire)(struct source *s, uint32_t events);
	struct loop *loop;              /* NULL: not added */
};

struct timer {
	uint64_t due_usec;              /* CLOCK_BOOTTIME */
	int (*fire)(struct timer *t);   /* one shot: re-arm it with timer_set() */
	struct loop *loop;              /* NULL: not armed */
	size_t index;
};

struct deferred {
	int (*fire)(struct deferred *d);
	struct deferred *next, *prev;
	struct loop *loop;
};

/** loop_new() - @max_timers is what is reserved up front; the heap grows beyond it unless @fixed (then timer_set() gives -ENOSPC) */
int loop_new(struct loop **ret, size_t max_timers, bool fixed);
void loop_free(struct loop *l);
DEFINE_CLEANUP(struct loop *, loop_free);

int loop_run(struct loop *l);                           /* until loop_exit() (its code >= 0) or a negative return of a callback */
int loop_turn(struct loop *l, int timeout_msec);        /* one round; -1: wait for ever */
void loop_exit(struct loop *l, int code);

int source_add(struct loop *l, struct source *s, int fd, uint32_t mask, int (*fire)(struct source *, uint32_t));
int source_mod(struct source *s, uint32_t mask);
void source_del(struct source *s);                      /* fine when not added */

int timer_set(struct loop *l, struct timer *t, uint64_t due_usec, int (*fire)(struct timer *)); /* (re)arms */
void timer_del(struct timer *t);                        /* fine when not armed */

/** defer() - call @fire once, at the end of this turn (before the next wait); again while queued: nothing. In order of queueing. */
void defer(struct loop *l, struct deferred *d, int (*fire)(struct deferred *));
void defer_del(struct deferred *d);

/** loop_set_turn_end() - called once at the end of each turn, after all deferred work: where core commits its state */
void loop_set_turn_end(struct loop *l, int (*fn)(void *arg), void *arg);
