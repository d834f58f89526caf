/*
 * pool.h - the listener's side of workers: how many there are, what each does, how long it may
 *
 * Workers are made by the runner (runner.h). There are as many as there are processors at first; more come when those there are all
 * hang in what they do and nothing gets done for GROW_USEC, so what blocks holds up nobody, and few are made where the work is short.
 */
#pragma once
#include "loop.h"
#include "settings/settings.h"
#include "worker/channel.h"

struct pool;
struct pool_hooks {
	void (*done)(void *user, void *job, const struct outcome *o);
	void (*lost)(void *user, void *job, int status, bool timed_out);        /* its worker ended: status of waitpid(2); 0: could not be made */
	void (*idle)(void *user);       /* somebody has nothing to do */
	void (*rules)(void *user, uint64_t lines);
	void (*broken)(void *user);     /* the runner is gone: nothing can go on */
};

int pool_new(struct pool **ret, struct loop *l, int lead, const struct settings *s, const struct pool_hooks *hooks, void *user);
void pool_free(struct pool *p);
DEFINE_CLEANUP(struct pool *, pool_free);

bool pool_ready(const struct pool *p);  /* pool_give() will find somebody */
/** pool_give() - to an idle worker. 0; -EAGAIN: none is; other errors: this order cannot be given */
int pool_give(struct pool *p, const struct order *o, const char *text, const char *properties, void *job);
void pool_want(struct pool *p, size_t waiting); /* so many jobs could be given now and nobody is idle: perhaps more workers */
void pool_renew(struct pool *p);        /* read rules again; every worker ends after what it does, new ones have the new rules */
void pool_retire(struct pool *p);       /* the idle ones end */
size_t pool_size(const struct pool *p);
size_t pool_idle(const struct pool *p);
size_t pool_busy(const struct pool *p);
