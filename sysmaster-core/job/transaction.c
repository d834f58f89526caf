/* transaction.c - from a wish to a set of jobs that can all be done, in an order that exists */
#include <stdarg.h>
#include <stdio.h>
#include "job/transaction-priv.h"
#include "log.h"

static int because(struct tr *t, int r, const char *fmt, ...) _printf_(3, 4);
static int because(struct tr *t, int r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(t->why, TRANSACTION_WHY, fmt, ap);
	va_end(ap);
	return r;
}

/* ---- the table of jobs by unit ---- */

static size_t slot_of(const struct tr *t, const struct unit *u)
{
	size_t i = ((uintptr_t)u >> 4) * 0x9E3779B97F4A7C15ULL >> 20 & (t->n_slots - 1);

	while (t->slots[i] && t->slots[i]->unit != u)
		i = (i + 1) & (t->n_slots - 1);
	return i;
}

static struct tr_job *chain(const struct tr *t, const struct unit *u)
{
	return t->n_slots ? t->slots[slot_of(t, u)] : NULL;
}

/* first job of the unit that is not dropped */
struct tr_job *tr_live(const struct tr *t, const struct unit *u)
{
	struct tr_job *j = chain(t, u);

	while (j && j->gone)
		j = j->next_same;
	return j;
}

static struct tr_job *next_live(struct tr_job *j)
{
	do
		j = j->next_same;
	while (j && j->gone);
	return j;
}

static int grow(struct tr *t)
{
	struct tr_job **old = t->slots;
	size_t n = t->n_slots;

	if (t->n_units * 2 < t->n_slots)
		return 0;
	t->n_slots = n ? n * 2 : 256;
	t->slots = calloc(t->n_slots, sizeof(struct tr_job *));
	if (!t->slots) {
		t->slots = old;
		t->n_slots = n;
		return -ENOMEM;
	}
	for (size_t i = 0; i < n; i++)
		if (old[i])
			t->slots[slot_of(t, old[i]->unit)] = old[i];
	free(old);
	return 0;
}

static int get_job(struct tr *t, struct unit *u, enum ipc_job_type type, struct tr_job **ret, bool *is_new)
{
	struct tr_job *j, **slot;
	int r = grow(t);

	if (r < 0)
		return r;
	slot = &t->slots[slot_of(t, u)];
	for (j = *slot; j; j = j->next_same)
		if (j->type == type && !j->gone) {
			*is_new = false;
			*ret = j;
			return 0;
		}
	j = arena_alloc(&t->arena, sizeof(*j), _Alignof(struct tr_job));
	if (!j)
		return -ENOMEM;
	j->unit = u;
	j->type = type;
	if (!*slot)
		t->n_units++;
	j->next_same = *slot;
	*slot = j;
	if (t->last)
		t->last->next = j;
	else
		t->first = j;
	t->last = j;
	*is_new = true;
	*ret = j;
	return 0;
}

static int link_jobs(struct tr *t, struct tr_job *from, struct tr_job *to, bool matters, bool conflicts)
{
	struct tr_link *l;

	if (!from) {
		to->anchor = true;
		return 0;
	}
	l = arena_alloc(&t->arena, sizeof(*l), _Alignof(struct tr_link));
	if (!l)
		return -ENOMEM;
	*l = (struct tr_link){ from, to, matters, conflicts, from->links_from, to->links_to };
	from->links_from = to->links_to = l;
	return 0;
}

/* ---- what a job pulls in: one table ---- */

enum { ON_START = 1, ON_STOP = 2, ON_RESTART = 4, ON_RELOAD = 8 };
static const struct pull {
	enum dep_kind kind;
	unsigned when;                  /* the job's type */
	enum ipc_job_type type;         /* of the job it pulls in */
	bool matters, conflicts;        /* the puller fails without it; it is there because of a conflict */
	bool optional;                  /* an error in pulling it in is only noted */
} pulls[] = {
	{ DEP_REQUIRES,             ON_START | ON_RESTART, IPC_JOB_TYPE_START,         true,  false, false },
	{ DEP_BINDS_TO,             ON_START | ON_RESTART, IPC_JOB_TYPE_START,         true,  false, false },
	{ DEP_WANTS,                ON_START | ON_RESTART, IPC_JOB_TYPE_START,         false, false, true },
	{ DEP_UPHOLDS,              ON_START | ON_RESTART, IPC_JOB_TYPE_START,         false, false, true },
	{ DEP_REQUISITE,            ON_START | ON_RESTART, IPC_JOB_TYPE_VERIFY_ACTIVE, true,  false, false },
	{ DEP_CONFLICTS,            ON_START | ON_RESTART, IPC_JOB_TYPE_STOP,          true,  true,  false },
	{ DEP_CONFLICTED_BY,        ON_START | ON_RESTART, IPC_JOB_TYPE_STOP,          false, false, true },
	{ DEP_REQUIRED_BY,          ON_STOP,               IPC_JOB_TYPE_STOP,          true,  false, false },
	{ DEP_REQUISITE_OF,         ON_STOP,               IPC_JOB_TYPE_STOP,          true,  false, false },
	{ DEP_BOUND_BY,             ON_STOP,               IPC_JOB_TYPE_STOP,          true,  false, false },
	{ DEP_CONSISTS_OF,          ON_STOP,               IPC_JOB_TYPE_STOP,          true,  false, false },
	{ DEP_PROPAGATES_STOP_TO,   ON_STOP,               IPC_JOB_TYPE_STOP,          true,  false, false },
	{ DEP_REQUIRED_BY,          ON_RESTART,            IPC_JOB_TYPE_TRY_RESTART,   true,  false, false },
	{ DEP_REQUISITE_OF,         ON_RESTART,            IPC_JOB_TYPE_TRY_RESTART,   true,  false, false },
	{ DEP_BOUND_BY,             ON_RESTART,            IPC_JOB_TYPE_TRY_RESTART,   true,  false, false },
	{ DEP_CONSISTS_OF,          ON_RESTART,            IPC_JOB_TYPE_TRY_RESTART,   true,  false, false },
	{ DEP_PROPAGATES_RELOAD_TO, ON_RELOAD,             IPC_JOB_TYPE_RELOAD,        false, false, true },
};

static unsigned when_of(enum ipc_job_type t)
{
	switch (t) {
	case IPC_JOB_TYPE_START: return ON_START;
	case IPC_JOB_TYPE_STOP: return ON_STOP;
	case IPC_JOB_TYPE_RESTART: return ON_RESTART;
	case IPC_JOB_TYPE_RELOAD: return ON_RELOAD;
	default: return 0;
	}
}

/* may there be a job of this type for the unit at all? */
static int check_unit(struct tr *t, struct unit *u, enum ipc_job_type type)
{
	static const struct { enum unit_load_state s; int r; const char *text; } states[] = {
		{ UNIT_NOT_FOUND, -ENOENT, "Unit %s not found." },
		{ UNIT_BAD_SETTING, -ENOEXEC, "Unit %s has a bad unit file setting." },
		{ UNIT_LOAD_ERROR, -EADDRNOTAVAIL, "Unit %s could not be loaded." },
		{ UNIT_MASKED, -ERFKILL, "Unit %s is masked." },
	};

	if (type != IPC_JOB_TYPE_STOP && type != IPC_JOB_TYPE_NOP)
		for (size_t i = 0; i < ARRAY_SIZE(states); i++)
			if (states[i].s == u->load_state) {
				snprintf(t->why, TRANSACTION_WHY, states[i].text, u->id);
				return states[i].r;
			}
	if ((type == IPC_JOB_TYPE_RELOAD && !job_can_reload(u)) ||
	    (type == IPC_JOB_TYPE_START && !u->type->start) ||
	    ((type == IPC_JOB_TYPE_STOP || type == IPC_JOB_TYPE_RESTART) && u->perpetual))
		return because(t, -EOPNOTSUPP, "Job type %s is not applicable for unit %s.", job_type_name(type), u->id);
	return 0;
}

/* One job; what it pulls in is added later by expand(), from the list of all jobs: no recursion along the unit graph. */
static int add_job(struct tr *t, struct unit *u, enum ipc_job_type type, struct tr_job *by, bool matters, bool conflicts,
		   enum ipc_job_mode mode, struct tr_job **ret)
{
	struct tr_job *j;
	bool is_new;
	int r;

	type = job_collapse(type, u);
	r = check_unit(t, u, type);
	if (r < 0)
		return r;
	r = get_job(t, u, type, &j, &is_new);
	if (r < 0)
		return r;
	j->ignore_order |= mode == IPC_JOB_MODE_IGNORE_DEPENDENCIES;
	j->irreversible |= mode == IPC_JOB_MODE_REPLACE_IRREVERSIBLY;
	if (ret)
		*ret = j;
	return link_jobs(t, by, j, matters, conflicts);
}

static int expand(struct tr *t, struct tr_job *j, enum ipc_job_mode mode)
{
	char why[TRANSACTION_WHY];

	for (size_t i = 0; i < ARRAY_SIZE(pulls); i++) {
		const struct pull *p = &pulls[i];

		if (!(p->when & when_of(j->type)))
			continue;
		for (struct dep *d = NULL; (d = unit_next_dep(j->unit, p->kind, d));) {
			memcpy(why, t->why, sizeof(why));
			int r = add_job(t, d->other, p->type, j, p->matters, p->conflicts, mode, NULL);

			if (r == -ENOMEM)
				return r;
			if (r >= 0 || r == -EOPNOTSUPP) {
				memcpy(t->why, why, sizeof(why));       /* a unit that cannot do it has nothing to say here */
				continue;
			}
			if (!p->optional)
				return r;
			log_event(r == -ERFKILL || r == -ENOENT ? LOG_DEBUG : LOG_WARNING, "JOB_DEPENDENCY_SKIPPED", t->why,
				  F_STR("UNIT", j->unit->id), F_STR("DEPENDENCY", d->other->id));
			memcpy(t->why, why, sizeof(why));
		}
	}
	return 0;
}

/* isolate: everything else stops */
static int add_isolate(struct tr *t)
{
	struct tr_job *first = t->first;

	for (struct unit *u = unit_set_first(first->unit->set); u; u = u->set_next) {
		bool kept = u->ignore_on_isolate || chain(t, u) || u->load_state == UNIT_MERGED;

		if (kept || (unit_is_inactive_or_failed(u) && !u->job) || u->perpetual)
			continue;
		for (struct dep *d = NULL; !kept && (d = unit_next_dep(u, DEP_TRIGGERED_BY, d));)
			kept = chain(t, d->other) && tr_live(t, d->other)->type != IPC_JOB_TYPE_STOP;
		if (kept)
			continue;
		int r = add_job(t, u, IPC_JOB_TYPE_STOP, first, true, false, IPC_JOB_MODE_REPLACE, NULL);

		if (r < 0 && r != -EOPNOTSUPP)
			return r;
	}
	return 0;
}

/*
 * A required dependency that cannot be loaded fails the wish; one that was only wanted takes just its own branch down. So each
 * expansion that fails is undone up to the nearest "wants" edge: the job is dropped and whoever needs it is, transitively.
 */
void tr_drop(struct tr_job *j)
{
	j->gone = true;
}

static int fail_branch(struct tr_job *j)
{
	struct tr_job *stack[64];
	size_t n = 0;

	stack[n++] = j;
	while (n) {
		j = stack[--n];
		if (j->gone)
			continue;
		if (j->anchor)
			return -ECANCELED;
		tr_drop(j);
		for (struct tr_link *l = j->links_to; l; l = l->next_of_to)
			if (l->matters && !l->from->gone) {
				if (n == ARRAY_SIZE(stack))
					return -ECANCELED;      /* deeper than any sane chain of requirements */
				stack[n++] = l->from;
			}
	}
	return 0;
}

/* @j and all jobs after it in the list, those that this adds included */
static int expand_from(struct tr *t, struct tr_job *j, enum ipc_job_mode mode)
{
	for (; j; j = j->next) {
		int r = j->gone ? 0 : expand(t, j, mode);

		if (r == -ENOMEM)
			return r;
		if (r < 0 && fail_branch(j) < 0)
			return r;
		if (r < 0) {
			log_event(LOG_WARNING, "JOB_DEPENDENCY_SKIPPED", t->why, F_STR("UNIT", j->unit->id));
			t->why[0] = 0;
		}
	}
	return 0;
}

static int build(struct tr *t, const struct transaction_wish *w, size_t n, enum ipc_job_mode mode)
{
	for (size_t i = 0; i < n; i++) {
		int r = add_job(t, w[i].unit, w[i].type, NULL, true, false, mode, NULL);

		if (r < 0)
			return r;
	}
	if (mode == IPC_JOB_MODE_IGNORE_DEPENDENCIES || mode == IPC_JOB_MODE_IGNORE_REQUIREMENTS)
		return 0;
	int r = expand_from(t, t->first, mode);

	if (r < 0 || mode != IPC_JOB_MODE_ISOLATE)
		return r;
	struct tr_job *last = t->last;

	r = add_isolate(t);
	return r < 0 ? r : expand_from(t, last->next, IPC_JOB_MODE_REPLACE);
}

/* ---- clean-up steps ---- */

/* What no anchor leads to any more is dropped; what an anchor needs by "matters" links alone is marked. */
static void mark_from(struct tr *t, bool matters_only)
{
	bool again = true;

	for (struct tr_job *j = t->first; j; j = j->next)
		j->mark = j->anchor && !j->gone;
	while (again) {
		again = false;
		for (struct tr_job *j = t->first; j; j = j->next) {
			if (!j->mark)
				continue;
			for (struct tr_link *l = j->links_from; l; l = l->next_of_from)
				if (!l->to->mark && !l->to->gone && (l->matters || !matters_only)) {
					l->to->mark = true;
					again = true;
				}
		}
	}
}

void tr_collect(struct tr *t)
{
	mark_from(t, false);
	for (struct tr_job *j = t->first; j; j = j->next)
		if (!j->mark)
			tr_drop(j);
	mark_from(t, true);
	for (struct tr_job *j = t->first; j; j = j->next)
		j->matters = j->mark && !j->gone;
}

static bool conflicts_existing(const struct tr_job *j)
{
	enum ipc_job_type m;

	return j->unit->job && j->type != IPC_JOB_TYPE_NOP && job_merge_types(j->unit->job->type, j->type, j->unit, &m) < 0;
}

static void drop_redundant(struct tr *t)
{
	for (struct tr_job *j = t->first; j; j = j->next)
		if (!j->gone && !j->anchor && job_redundant(j->type, unit_active(j->unit)) && !next_live(tr_live(t, j->unit)) &&
		    !conflicts_existing(j) && !(j->unit->job && j->type == IPC_JOB_TYPE_STOP))
			tr_drop(j);
}

/* --job-mode=fail: what nobody asked for may not stop anything or push a job aside */
static void minimise(struct tr *t)
{
	for (struct tr_job *j = t->first; j; j = j->next) {
		bool stops = j->type == IPC_JOB_TYPE_STOP && unit_is_active_or_activating(j->unit);

		if (!j->gone && !j->matters && (stops || conflicts_existing(j)))
			tr_drop(j);
	}
	tr_collect(t);
}

static bool pulled_by_conflict(const struct tr_job *j)
{
	for (struct tr_link *l = j->links_to; l; l = l->next_of_to)
		if (l->conflicts && !l->from->gone)
			return true;
	return false;
}

/* two jobs of one unit that exclude each other: which one goes? NULL: neither may */
static struct tr_job *lesser(struct tr_job *a, struct tr_job *b)
{
	struct tr_job *stop = a->type == IPC_JOB_TYPE_STOP ? a : b, *other = stop == a ? b : a;

	if (a->matters && b->matters)
		return NULL;
	if (a->matters != b->matters)
		return a->matters ? b : a;
	return pulled_by_conflict(stop) ? other : stop;
}

static int merge_one_unit(struct tr *t, struct tr_job *keep)
{
	struct tr_job *j;

	while ((j = next_live(keep))) {
		enum ipc_job_type m;

		if (job_merge_types(keep->type, j->type, keep->unit, &m) < 0) {
			struct tr_job *d = lesser(keep, j);

			if (!d)
				return because(t, -EEXIST, "Transaction contains conflicting jobs '%s' and '%s' for %s.",
					       job_type_name(keep->type), job_type_name(j->type), keep->unit->id);
			log_event(LOG_INFO, "JOB_CONFLICT_DROPPED", "conflicting jobs in a transaction, one dropped",
				  F_STR("UNIT", keep->unit->id), F_STR("DROPPED", job_type_name(d->type)));
			tr_drop(d);
			return 1;                       /* begin anew: what hung on it goes too */
		}
		/* one job with both types' links */
		keep->type = m;
		keep->anchor |= j->anchor;
		keep->matters |= j->matters;
		keep->irreversible |= j->irreversible;
		keep->ignore_order |= j->ignore_order;
		for (struct tr_link *l = j->links_to, *n; l; l = n) {
			n = l->next_of_to;
			l->to = keep;
			l->next_of_to = keep->links_to;
			keep->links_to = l;
		}
		for (struct tr_link *l = j->links_from, *n; l; l = n) {
			n = l->next_of_from;
			l->from = keep;
			l->next_of_from = keep->links_from;
			keep->links_from = l;
		}
		j->links_to = j->links_from = NULL;
		tr_drop(j);
	}
	return 0;
}

static int merge_all(struct tr *t)
{
	for (;;) {
		int r = 0;

		tr_collect(t);
		for (struct tr_job *j = t->first; j && r == 0; j = j->next)
			if (!j->gone && tr_live(t, j->unit) == j && j->type != IPC_JOB_TYPE_NOP)
				r = merge_one_unit(t, j);
		if (r <= 0)
			return r;
	}
}

/* ---- against the jobs that are there ---- */

static int check_destructive(struct tr *t, enum ipc_job_mode mode)
{
	for (struct tr_job *j = t->first; j; j = j->next)
		if (!j->gone && conflicts_existing(j) && (mode == IPC_JOB_MODE_FAIL || j->unit->job->irreversible))
			return because(t, -EBUSY, "Transaction for %s/%s is destructive (%s has '%s' job queued, but '%s' is included in transaction).",
				       t->first->unit->id, job_type_name(t->first->type), j->unit->id, job_type_name(j->unit->job->type),
				       job_type_name(j->type));
	return 0;
}

static void cancel_others(struct tr *t)
{
	for (struct job *j = jobs_first(t->js), *next; j; j = next) {
		next = j->next;
		if (!tr_live(t, j->unit)) {
			job_cancel(j);
			next = jobs_first(t->js);       /* the cancelling may have taken more */
		}
	}
}

static int apply(struct tr *t, const struct transaction_wish *w, size_t n, struct job **ret)
{
	for (struct tr_job *j = t->first; j; j = j->next) {
		struct job *made;

		if (j->gone)
			continue;
		int r = job_install(t->js, j->unit, j->type, j->irreversible, j->ignore_order, &made);

		if (r < 0)
			return r;
	}
	for (size_t i = 0; ret && i < n; i++)
		ret[i] = w[i].unit->job ?: w[i].unit->nop_job;
	return 0;
}

static int settle(struct tr *t, const struct transaction_wish *w, size_t n, enum ipc_job_mode mode, struct job **ret)
{
	int r;

	tr_collect(t);
	if (mode == IPC_JOB_MODE_FAIL)
		minimise(t);
	drop_redundant(t);
	r = tr_check_order(t);
	if (r < 0)
		return r;
	r = merge_all(t);
	if (r < 0)
		return r;
	drop_redundant(t);
	r = check_destructive(t, mode);
	if (r < 0)
		return r;
	if (mode == IPC_JOB_MODE_ISOLATE || mode == IPC_JOB_MODE_FLUSH)
		cancel_others(t);
	return apply(t, w, n, ret);
}

int transaction_submit(struct jobs *js, const struct transaction_wish *wishes, size_t n, enum ipc_job_mode mode, struct job **ret_jobs,
		       char *why)
{
	char own_why[TRANSACTION_WHY];
	struct tr t = { .js = js, .arena = ARENA_HEAP(64u << 20), .why = why ?: own_why };
	int r;

	t.why[0] = 0;
	if (mode == IPC_JOB_MODE_ISOLATE && (n != 1 || wishes[0].type != IPC_JOB_TYPE_START))
		return because(&t, -EINVAL, "Isolate takes exactly one unit to start.");
	if (mode == IPC_JOB_MODE_ISOLATE && !wishes[0].unit->allow_isolate)
		return because(&t, -EPERM, "Operation refused, unit %s may not be isolated.", wishes[0].unit->id);
	r = build(&t, wishes, n, mode);
	if (r >= 0)
		r = settle(&t, wishes, n, mode, ret_jobs);
	arena_reset(&t.arena);
	free(t.slots);
	return r;
}

int transaction_test(struct unit *u, struct transaction_watch *watch, char *why)
{
	struct tr t = { .arena = ARENA_HEAP(64u << 20), .why = why, .watch = watch };
	struct transaction_wish w = { u, IPC_JOB_TYPE_START };
	int r;

	t.why[0] = 0;
	r = build(&t, &w, 1, IPC_JOB_MODE_REPLACE);
	if (r >= 0) {
		tr_collect(&t);
		drop_redundant(&t);
		r = tr_check_order(&t);
	}
	if (r >= 0)
		r = merge_all(&t);
	arena_reset(&t.arena);
	free(t.slots);
	return r;
}
