/*
 * worker.h - one process that handles one event after the other
 *
 * It has the rules since it was forked, a socket to the listener, one to the runner and one of netlink; sandboxed (worker.c).
 */
#pragma once
#include "rules/rules.h"
#include "watch/watch.h"

struct worker_config {
	int orders, runner;
	struct watch watch;
	struct rules *rules;
	const char *sysfs, *dev;
};
int worker_main(const struct worker_config *config);    /* exit status */

struct event;
struct worker;
/* program.c */
int program_run(struct event *e, const char *command, struct buf *out);        /* event_host: by the runner. @out NULL: not asked for */
/* host.c: what the event is allowed to do outside */
int host_write(struct event *e, const char *path, const char *value);
int host_rename(struct event *e);       /* NAME=, after the rules */
/** host_lock() - hold the disk of @e, shared, until *@ret_fd is closed; -1: needs none. -EAGAIN: somebody has it for himself */
int host_lock(struct event *e, int *ret_fd);
int host_read_only(struct event *e);    /* udev.blockdev_read_only */
/* run.c */
int run_all(struct event *e, uint64_t delay_usec);      /* RUN; 0, or -errno of the last that failed: reported */
/* broadcast.c */
int broadcast_device(int fd, struct event *e, struct buf *out);
/* repair.c */
int repair_all(const char *sysfs, const char *run);     /* make an event of every device, drop records of those that are gone */

/** what is at hand while an event is worked on: event_host functions have no other argument */
struct worker_context { int runner; const struct node_place *place; };
extern struct worker_context worker_context;
