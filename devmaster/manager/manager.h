/*
 * manager.h - the listener's process: events from the kernel's socket through journal and queue to workers, and what came of them
 *
 * It parses messages of the kernel and of its clients and does nothing to devices. events.c owns events from their arrival to their
 * end; methods.c and the control socket are ways to ask for the same things (requests below).
 */
#pragma once
#include "control/server.h"
#include "devmaster.ipc.h"
#include "server.h"
#include "queue/journal.h"
#include "queue/queue.h"
#include "settings/settings.h"
#include "uevent/listener.h"
#include "watch/watch.h"
#include "worker/pool.h"

#define SLOW_LINES 32

enum job_kind { JOB_EVENT, JOB_CHORE };
struct job { enum job_kind kind; };

struct manager;
struct work {
	struct job job;
	struct queue_event e;
	struct journal_entry *entry;
	struct manager *manager;
	struct timer again;             /* a disk that somebody has: when it is tried next */
	uint64_t locked_since_usec;     /* 0: it was not */
};

/* what workers do besides: a watched disk that was written, a repair */
struct chore { struct job job; struct chore *next; enum order_verb verb; char id[64]; };

struct slow { char place[PLACE_BYTES]; uint64_t runs, usec; };

struct manager {
	struct loop *loop;
	struct settings settings;
	struct listener *listener;
	struct journal *journal;
	struct queue *queue;
	struct pool *pool;
	struct control *control;
	struct server *server;
	struct watch watch;
	struct source inotify;
	int monitor;                    /* to tell of events that failed */
	const char *sysfs, *run, *dev;

	struct chore *chores, **chores_tail;
	size_t n_chores;                /* waiting or at work */
	struct deferred dispatch;
	struct timer idle, watchdog;
	uint64_t watchdog_usec;
	bool stopped, exiting, announced;       /* announced: /run/udev/queue is there */
	bool repair;                    /* wanted, when the queue is empty */
	uint64_t signature, looked_usec;        /* of what rules are made of: changes.c */

	char **properties;              /* KEY=VALUE of set_properties */
	struct buf properties_text;     /* the same with NULs, as orders carry them */

	uint64_t done, failed, retried, overruns, crashed, resumed, seqnum, busy_usec, rules_lines;
	struct slow slow[SLOW_LINES];
	size_t n_slow;
};

/* events.c */
extern const struct listener_hooks manager_listener_hooks;
extern const struct pool_hooks manager_pool_hooks;
int events_resume(struct manager *m);   /* what an earlier daemon left in the journal */
void events_free(struct manager *m);    /* the journal keeps those that are not done */
void events_wake(struct manager *m);    /* at the end of this turn: give out what can be given */
bool events_left(const struct manager *m);
void events_settle(struct manager *m);  /* the queue file as it must be; idle is told */
int events_chore(struct manager *m, enum order_verb verb, const char *id);
/* chores.c */
int inotify_fire(struct source *s, uint32_t events);

/* requests.c: what can be asked for, by whatever way */
void request_reload(struct manager *m);
void request_stop(struct manager *m, bool stop);
void request_exit(struct manager *m);
void request_repair(struct manager *m);
int request_property(struct manager *m, const char *text);      /* KEY=VALUE; KEY= takes it away. -EINVAL; -ENOMEM; -E2BIG */
void request_log_level(struct manager *m, int level);
void request_children(struct manager *m, unsigned n);
extern const struct control_hooks manager_control_hooks;

/* methods.c */
int methods_open(struct manager *m);
void methods_idle(struct manager *m);
void slow_add(struct manager *m, const struct outcome *o);

/* changes.c */
/** changes_look() - have rules, .link files, the hardware database changed since the last look? looks every three seconds at most */
bool changes_look(struct manager *m);
