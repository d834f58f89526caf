/*
 * wait.h - wait until jobs are over
 *
 * Subscribe first, submit then, so that no end is missed; an event only wakes us up, the answer of get_job counts. Core may be
 * replaced meanwhile: the subscription is made anew and every open job asked for again.
 */
#pragma once
#include "link.h"

struct waiter;
int waiter_new(struct waiter **ret, struct sctl *s);            /* subscribes; 0 or negative errno, nothing printed */
void waiter_free(struct waiter *w);
DEFINE_CLEANUP(struct waiter *, waiter_free);
int waiter_add(struct waiter *w, const struct ipc_job_info *job);       /* copied. -ENOMEM */
/**
 * waiter_run() - until every job is over
 * @done: called for each with the result set; its negative return is remembered and given back in the end
 */
int waiter_run(struct waiter *w, int (*done)(void *arg, const struct ipc_job_info *job), void *arg);
/** waiter_event() - until something happened (an event, or @msec passed). 0; negative errno when core stays away */
int waiter_event(struct waiter *w, int msec);
