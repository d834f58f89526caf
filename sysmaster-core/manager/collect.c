/*
 * collect.c - units that nobody needs any more are dropped from memory and store
 *
 * Kept: what is up, has a job, failed (until reset-failed, unless CollectMode= says otherwise), is perpetual, or whose type
 * vetoes, and everything that those name in their dependencies.
 */
#include "log.h"
#include "manager/manager.h"

/*
 * A sweep follows at once: whether a unit is still in memory shows, in its result and its start limit. But the next one waits ten
 * times as long as the last one took, so that not more than a tenth of the time goes into it, however many units there are.
 */
#define COLLECT_SHARE 10

static bool is_root(const struct unit *u)
{
	enum unit_active_state s = unit_active(u);

	return u->job || u->nop_job || u->perpetual || (s != UNIT_INACTIVE && (s != UNIT_FAILED || u->collect_mode == UNIT_COLLECT_INACTIVE)) ||
	       (u->type->may_gc && !u->type->may_gc(u));
}

static int collect(struct timer *t)
{
	struct manager *m = container_of(t, struct manager, collect_timer);
	static unsigned generation;
	struct unit *list = NULL;
	uint64_t begin = now_usec(CLOCK_MONOTONIC);
	unsigned n = 0;

	if (m->wishes || m->ended) {
		collect_soon(m);
		return 0;
	}
	generation++;
	for (struct unit *u = unit_set_first(m->set); u; u = u->set_next)
		if (u->load_state == UNIT_MERGED || is_root(u)) {
			u->gc_mark = generation;
			u->gc_next = list;
			list = u;
		}
	while (list) {                                  /* what a kept unit names is kept, too */
		struct unit *u = list;

		list = u->gc_next;
		for (size_t i = 0; i < u->n_deps; i++) {
			struct unit *o = u->deps[i].other;

			if (u->deps[i].origin && o->gc_mark != generation) {
				o->gc_mark = generation;
				o->gc_next = list;
				list = o;
			}
		}
	}
	for (struct unit *u = unit_set_first(m->set), *next; u; u = next) {
		next = u->set_next;
		if (u->gc_mark == generation)
			continue;
		cgroup_release(m->cgroups, u);
		if (u->cgroup)                          /* somebody is still in it: the unit is where that is watched */
			continue;
		record_forget_unit(m, u);
		child_drop_unit(m, u);
		unit_free(u);
		n++;
	}
	m->collect_cost_usec = now_usec(CLOCK_MONOTONIC) - begin;
	if (n)
		log_event(LOG_DEBUG, "UNITS_COLLECTED", "units that nobody needs were dropped", F_U64("COUNT", n));
	return 0;
}

void collect_soon(struct manager *m)
{
	if (!m->collect_timer.loop)
		timer_set(m->loop, &m->collect_timer, now_usec(CLOCK_BOOTTIME) + COLLECT_SHARE * m->collect_cost_usec, collect);
}
