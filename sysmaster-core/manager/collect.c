/*
 * collect.c - units that nobody needs any more are dropped from memory and store
 *
 * Kept: what is up, has a job, failed (until reset-failed, unless CollectMode= says otherwise), is perpetual, or whose type
 * vetoes, and everything that those name in their dependencies.
 */
#include "log.h"
#include "exec/traffic.h"
#include "manager/manager.h"

/*
 * A sweep follows at once: whether a unit is still in memory shows, in its result and its start limit. But the next one waits ten
 * times as long as the last one took, so that not more than a tenth of the time goes into it, however many units there are.
 */
#define COLLECT_SHARE 10

#define HOLD_USEC (60 * USEC_PER_SEC)   /* for whoever asked for a transient unit, to see how it ended */

/* of a unit that is down */
static bool held(struct unit *u)
{
	uint64_t now = now_usec(CLOCK_BOOTTIME);

	if (u->hold_usec == USEC_INFINITY) {
		u->hold_usec = now + HOLD_USEC;
		unit_dirty(u);
	}
	return u->hold_usec > now;
}

static bool is_root(struct unit *u)
{
	enum unit_active_state s = unit_active(u);

	return u->job || u->nop_job || u->perpetual || (s != UNIT_INACTIVE && (s != UNIT_FAILED || u->collect_mode == UNIT_COLLECT_INACTIVE)) ||
	       (u->type->may_gc && !u->type->may_gc(u)) || held(u);
}

/* false: it has to stay for now */
static bool drop(struct manager *m, struct unit *u)
{
	cgroup_release(m->cgroups, u);
	if (u->cgroup)                                  /* somebody is still in it: the unit is where that is watched */
		return false;
	exec_traffic_release(u);
	record_forget_unit(m, u);
	if (u->transient)
		transient_forget(m, u->id);
	child_drop_unit(m, u);
	unit_free(u);
	return true;
}

/* ---- transient units: they go as soon as they can ---- */

static bool is_named(const struct unit *u)
{
	for (size_t i = 0; i < u->n_deps; i++)
		if (u->deps[i].inverse_origin)
			return true;
	return false;
}

void collect_transient(struct manager *m)
{
	bool again = !m->wishes && !m->ended;   /* those point at units */

	while (again) {                                 /* with a timer goes what kept its service */
		again = false;
		for (struct unit *u = unit_set_first(m->set), *next; u; u = next) {
			next = u->set_next;
			if (u->transient && !u->perpetual && u->load_state != UNIT_MERGED && !is_root(u) && !is_named(u))
				again |= drop(m, u);
		}
	}
}

static int run_transient(struct deferred *d)
{
	struct manager *m = container_of(d, struct manager, collect_run);

	collect_transient(m);
	collect_soon(m);                                /* what stays for a while, and slices */
	return 0;
}

void collect_transient_soon(struct manager *m) { defer(m->loop, &m->collect_run, run_transient); }

void collect_unmake(struct manager *m, struct unit *u)
{
	u->hold_usec = 0;
	if (!is_named(u)) {
		drop(m, u);
		return;
	}
	transient_forget(m, u->id);
	lookup_refresh(m->lookup);
	u->transient = false;
	unit_reload(u);
	unit_load_pending(m->set);
}

/* ---- all others ---- */

/* a unit that is about to start because of @d->other will be told how that ended */
static bool is_told_of(const struct unit *u, const struct dep *d)
{
	return u->job && d->kinds & (DEP_BIT(DEP_ON_FAILURE_OF) | DEP_BIT(DEP_ON_SUCCESS_OF));
}

static int collect(struct timer *t)
{
	struct manager *m = container_of(t, struct manager, collect_timer);
	static unsigned generation;
	struct unit *list = NULL;
	uint64_t begin = now_usec(CLOCK_MONOTONIC);
	unsigned n = 0;
	uint64_t hold = 0;              /* when the first held unit may go */

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
			if (u->hold_usec && unit_is_inactive_or_failed(u) && (!hold || u->hold_usec < hold))
				hold = u->hold_usec;
		}
	while (list) {                                  /* what a kept unit names is kept, too */
		struct unit *u = list;

		list = u->gc_next;
		for (size_t i = 0; i < u->n_deps; i++) {
			struct unit *o = u->deps[i].other;

			if ((u->deps[i].origin || is_told_of(u, &u->deps[i])) && o->gc_mark != generation) {
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
		n += drop(m, u);
	}
	m->collect_cost_usec = now_usec(CLOCK_MONOTONIC) - begin;
	if (hold && !m->collect_timer.loop)
		timer_set(m->loop, &m->collect_timer, hold, collect);
	if (n)
		log_event(LOG_DEBUG, "UNITS_COLLECTED", "units that nobody needs were dropped", F_U64("COUNT", n));
	return 0;
}

void collect_soon(struct manager *m)
{
	uint64_t due = now_usec(CLOCK_BOOTTIME) + COLLECT_SHARE * m->collect_cost_usec;

	if (!m->collect_timer.loop || m->collect_timer.due_usec > due)
		timer_set(m->loop, &m->collect_timer, due, collect);
}
