/* job.c - one job: how it comes, runs and ends; its types are in job-type.c */
#include "job/job.h"
#include "log.h"

struct jobs {
	struct unit_set *set;
	struct loop *loop;
	struct jobs_hooks hooks;
	struct job *first, *last;
	size_t count;
	uint64_t next_id;
	struct job *run_first, *run_last;
	struct job *doomed_first, *doomed_last;         /* their dependency failed: to be finished, one after the other */
	bool finishing;
	struct deferred run;
	struct { uint64_t id; char *unit; uint8_t type, result; } *finished;            /* ring, allocated with the first */
	size_t n_finished;
};

static int run_queue(struct deferred *d);
static void finish(struct job *j, enum ipc_job_result result, bool recursive);

/* ---- the set of jobs ---- */

int jobs_new(struct jobs **ret, struct unit_set *set, struct loop *l, const struct jobs_hooks *hooks)
{
	struct jobs *js = calloc(1, sizeof(*js));

	if (!js)
		return -ENOMEM;
	js->set = set;
	js->loop = l;
	js->hooks = *hooks;
	js->next_id = 1;
	*ret = js;
	return 0;
}

static void unlink_job(struct job *j)
{
	struct jobs *js = j->jobs;
	struct job **slot = j->type == IPC_JOB_TYPE_NOP ? &j->unit->nop_job : &j->unit->job;

	if (*slot == j)
		*slot = NULL;
	timer_del(&j->timer);
	if (j->prev)
		j->prev->next = j->next;
	else
		js->first = j->next;
	if (j->next)
		j->next->prev = j->prev;
	else
		js->last = j->prev;
	js->count--;
	if (j->in_run_queue) {
		struct job **p = &js->run_first, *before = NULL;

		for (; *p != j; p = &(*p)->run_next)
			before = *p;
		*p = j->run_next;
		if (js->run_last == j)
			js->run_last = before;
	}
	if (j->doomed) {
		struct job **p = &js->doomed_first, *before = NULL;

		for (; *p != j; p = &(*p)->doomed_next)
			before = *p;
		*p = j->doomed_next;
		if (js->doomed_last == j)
			js->doomed_last = before;
	}
	free(j);
}

void jobs_free(struct jobs *js)
{
	if (!js)
		return;
	while (js->first)
		unlink_job(js->first);
	defer_del(&js->run);
	for (size_t i = 0; js->finished && i < JOBS_FINISHED; i++)
		free(js->finished[i].unit);
	free(js->finished);
	free(js);
}

struct job *jobs_first(struct jobs *js) { return js->first; }
size_t jobs_count(const struct jobs *js) { return js->count; }
uint64_t jobs_next_id(const struct jobs *js) { return js->next_id; }
void jobs_set_next_id(struct jobs *js, uint64_t id) { js->next_id = MAX(id, UINT64_C(1)); }

struct job *jobs_get(struct jobs *js, uint64_t id)
{
	struct job *j = js->first;

	while (j && j->id != id)
		j = j->next;
	return j;
}

void jobs_remember(struct jobs *js, const struct ipc_job_info *info)
{
	if (!js->finished)
		js->finished = calloc(JOBS_FINISHED, sizeof(*js->finished));
	if (!js->finished)
		return;
	__typeof__(js->finished) f = &js->finished[js->n_finished++ % JOBS_FINISHED];

	free(f->unit);
	f->unit = strdup(info->unit);
	f->id = f->unit ? info->id : 0;
	f->type = (uint8_t)info->type;
	f->result = (uint8_t)info->result;
}

bool jobs_finished(const struct jobs *js, uint64_t id, struct ipc_job_info *ret)
{
	for (size_t i = 0; js->finished && i < MIN(js->n_finished, (size_t)JOBS_FINISHED); i++)
		if (js->finished[i].id == id && id) {
			*ret = (struct ipc_job_info){ .id = id, .unit = js->finished[i].unit, .type = js->finished[i].type,
						      .state = IPC_JOB_STATE_FINISHED, .result = js->finished[i].result };
			return true;
		}
	return false;
}

void job_info(const struct job *j, struct ipc_job_info *ret)
{
	*ret = (struct ipc_job_info){ .id = j->id, .unit = j->unit->id, .type = j->type, .state = j->state, .result = IPC_JOB_RESULT_NONE };
}

static void queue_run(struct job *j)
{
	struct jobs *js = j->jobs;

	if (j->in_run_queue)
		return;
	j->in_run_queue = true;
	j->run_next = NULL;
	if (js->run_last)
		js->run_last->run_next = j;
	else
		js->run_first = j;
	js->run_last = j;
	defer(js->loop, &js->run, run_queue);
}

/* ---- time-outs ---- */

static int timeout_fire(struct timer *t)
{
	struct job *j = container_of(t, struct job, timer);
	struct jobs *js = j->jobs;

	log_event(LOG_WARNING, "JOB_TIMEOUT", "job timed out", F_STR("UNIT", j->unit->id), F_STR("TYPE", job_type_name(j->type)), F_U64("JOB", j->id));
	js->hooks.timed_out(js->hooks.user, j);
	finish(j, IPC_JOB_RESULT_TIMEOUT, true);
	return 0;
}

/* the earlier of JobTimeoutSec= since the job came and JobRunningTimeoutSec= since it ran */
static void arm_timeout(struct job *j)
{
	uint64_t due = UINT64_MAX;

	if (j->unit->job_timeout_usec != USEC_INFINITY)
		due = j->begin_usec + j->unit->job_timeout_usec;
	if (j->run_usec && j->unit->job_running_timeout_usec != USEC_INFINITY)
		due = MIN(due, j->run_usec + j->unit->job_running_timeout_usec);
	if (due == UINT64_MAX)
		timer_del(&j->timer);
	else
		timer_set(j->jobs->loop, &j->timer, due, timeout_fire);
}

/* ---- coming ---- */

static struct job *job_new(struct jobs *js, uint64_t id, struct unit *u, enum ipc_job_type type)
{
	struct job *j = calloc(1, sizeof(*j));

	if (!j)
		return NULL;
	j->jobs = js;
	j->id = id;
	j->unit = u;
	j->type = type;
	j->state = IPC_JOB_STATE_WAITING;
	j->begin_usec = now_usec(CLOCK_BOOTTIME);
	j->prev = js->last;
	if (js->last)
		js->last->next = j;
	else
		js->first = j;
	js->last = j;
	js->count++;
	*(type == IPC_JOB_TYPE_NOP ? &u->nop_job : &u->job) = j;
	return j;
}

static void run_again(struct job *j)
{
	j->state = IPC_JOB_STATE_WAITING;
	j->run_usec = 0;
	queue_run(j);
}

int job_install(struct jobs *js, struct unit *u, enum ipc_job_type type, bool irreversible, bool ignore_order, struct job **ret)
{
	struct job *old = type == IPC_JOB_TYPE_NOP ? u->nop_job : u->job;

	if (old) {
		enum ipc_job_type merged;

		if (job_merge_types(old->type, type, u, &merged) < 0) {
			finish(old, IPC_JOB_RESULT_CANCELED, false);
		} else {
			/* a running restart or reload begins anew; what runs and is already what was asked stays */
			if (old->state == IPC_JOB_STATE_RUNNING && (merged != old->type || merged == IPC_JOB_TYPE_RELOAD))
				run_again(old);
			old->type = merged;
			old->irreversible |= irreversible;
			js->hooks.changed(js->hooks.user, old);
			*ret = old;
			return 0;
		}
	}
	struct job *j = job_new(js, js->next_id, u, type);

	if (!j)
		return -ENOMEM;
	js->next_id++;
	j->irreversible = irreversible;
	j->ignore_order = ignore_order;
	arm_timeout(j);
	queue_run(j);
	js->hooks.added(js->hooks.user, j);
	*ret = j;
	return 0;
}

int job_restore(struct jobs *js, uint64_t id, struct unit *u, enum ipc_job_type type, enum ipc_job_state state, bool irreversible,
		bool ignore_order, uint64_t begin_usec, uint64_t run_usec)
{
	if (type == IPC_JOB_TYPE_NOP ? u->nop_job : u->job)
		return -EEXIST;
	struct job *j = job_new(js, id, u, type);

	if (!j)
		return -ENOMEM;
	j->state = state;
	j->irreversible = irreversible;
	j->ignore_order = ignore_order;
	j->begin_usec = begin_usec;
	j->run_usec = run_usec;
	js->next_id = MAX(js->next_id, id + 1);
	return 0;
}

void jobs_coldplug(struct jobs *js)
{
	for (struct job *j = js->first, *next; j; j = next) {
		next = j->next;
		arm_timeout(j);
		if (j->state == IPC_JOB_STATE_WAITING)
			queue_run(j);
		else
			jobs_unit_changed(js, j->unit, unit_active(j->unit), false);
	}
}

void jobs_flush_all(struct jobs *js)
{
	while (js->first) {
		js->hooks.removed(js->hooks.user, js->first, IPC_JOB_RESULT_CANCELED);
		unlink_job(js->first);
	}
}

void job_cancel(struct job *j)
{
	finish(j, IPC_JOB_RESULT_CANCELED, true);
}

/* ---- running ---- */

#define ORDER_KINDS (DEP_BIT(DEP_BEFORE) | DEP_BIT(DEP_AFTER))

static bool runnable(const struct job *j)
{
	if (j->ignore_order || j->type == IPC_JOB_TYPE_NOP)
		return true;
	for (struct dep *d = NULL; (d = unit_next_dep_mask(j->unit, ORDER_KINDS, d));)
		if (d->other->job && job_must_wait(j->type, d, d->other->job->type))
			return false;
	return true;
}

static int verify_bound(const struct unit *u)
{
	for (struct dep *d = NULL; (d = unit_next_dep(u, DEP_BINDS_TO, d));)
		if (unit_has_dep(u, DEP_AFTER, d->other) && !unit_is_active_or_reloading(d->other)) {
			log_event(LOG_NOTICE, "UNIT_BOUND_INACTIVE", "not started: a unit it is bound to is not active",
				  F_STR("UNIT", u->id), F_STR("BOUND_TO", d->other->id));
			return -ENOLINK;
		}
	return 0;
}

static int start_unit(struct unit *u)
{
	enum unit_active_state s = unit_active(u);
	int r;

	if (s == UNIT_ACTIVE || s == UNIT_RELOADING)
		return -EALREADY;
	if (s == UNIT_MAINTENANCE)
		return -EAGAIN;
	if (u->load_state != UNIT_LOADED)
		return -EINVAL;
	if (!u->type->start)
		return -EOPNOTSUPP;
	if (s != UNIT_ACTIVATING) {
		r = unit_test_conditions(u);
		if (r <= 0)
			return r < 0 ? r : -ECOMM;
		r = verify_bound(u);
		if (r < 0)
			return r;
	}
	return u->type->start(u);
}

static int stop_unit(struct unit *u, bool restart)
{
	u->stop_is_restart = restart;
	if (unit_is_inactive_or_failed(u))
		return -EALREADY;
	if (u->type->stop && unit_host(u) && unit_host(u)->cgroup_thaw)
		unit_host(u)->cgroup_thaw(u);
	return u->type->stop ? u->type->stop(u) : -EOPNOTSUPP;
}

static int reload_unit(struct unit *u)
{
	enum unit_active_state s = unit_active(u);

	if (!job_can_reload(u))
		return -EOPNOTSUPP;
	if (s == UNIT_RELOADING)
		return -EAGAIN;
	if (!u->type->can_reload)
		return -EALREADY;
	return s == UNIT_ACTIVE ? u->type->reload(u) : -ENOEXEC;
}

static int act(struct job *j)
{
	struct unit *u = j->unit;

	switch (j->type) {
	case IPC_JOB_TYPE_START:
		return start_unit(u);
	case IPC_JOB_TYPE_STOP:
	case IPC_JOB_TYPE_RESTART:
		return stop_unit(u, j->type == IPC_JOB_TYPE_RESTART);
	case IPC_JOB_TYPE_RELOAD:
		return reload_unit(u);
	case IPC_JOB_TYPE_VERIFY_ACTIVE:
		return unit_is_active_or_reloading(u) ? -EALREADY : unit_active(u) == UNIT_ACTIVATING ? -EAGAIN : -EBADR;
	default:
		return -EALREADY;
	}
}

static const struct { int r; enum ipc_job_result result; } outcomes[] = {
	{ -EALREADY, IPC_JOB_RESULT_DONE },     { -ECOMM, IPC_JOB_RESULT_DONE /* a condition: not a failure */ },
	{ -EBADR, IPC_JOB_RESULT_SKIPPED },     { -ENOEXEC, IPC_JOB_RESULT_INVALID },
	{ -EPROTO, IPC_JOB_RESULT_ASSERT },     { -EOPNOTSUPP, IPC_JOB_RESULT_UNSUPPORTED },
	{ -ENOLINK, IPC_JOB_RESULT_DEPENDENCY }, { -ESTALE, IPC_JOB_RESULT_ONCE },
};

static void run(struct job *j)
{
	struct jobs *js = j->jobs;
	uint64_t id = j->id;

	if (j->state != IPC_JOB_STATE_WAITING || !runnable(j))
		return;
	j->state = IPC_JOB_STATE_RUNNING;
	j->run_usec = now_usec(CLOCK_BOOTTIME);
	arm_timeout(j);
	js->hooks.changed(js->hooks.user, j);

	struct unit *u = j->unit;
	bool nop = j->type == IPC_JOB_TYPE_NOP;
	int r = act(j);

	j = nop ? u->nop_job : u->job;                  /* the unit may have finished it meanwhile */
	if (!j || j->id != id)
		return;
	if (r == -EAGAIN) {                             /* taken up again when the unit's state changes */
		j->state = IPC_JOB_STATE_WAITING;
		j->run_usec = 0;
		js->hooks.changed(js->hooks.user, j);
		return;
	}
	if (r >= 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(outcomes); i++)
		if (outcomes[i].r == r) {
			finish(j, outcomes[i].result, true);
			return;
		}
	finish(j, IPC_JOB_RESULT_FAILED, true);
}

static int run_queue(struct deferred *d)
{
	struct jobs *js = container_of(d, struct jobs, run);
	struct job *j;

	while ((j = js->run_first)) {
		js->run_first = j->run_next;
		if (!js->run_first)
			js->run_last = NULL;
		j->in_run_queue = false;
		run(j);
	}
	return 0;
}

/* ---- the end ---- */

/* Whose start fails when this unit's start failed, and whose when its stop failed. */
#define START_FAILURE_KINDS (DEP_BIT(DEP_REQUIRED_BY) | DEP_BIT(DEP_REQUISITE_OF) | DEP_BIT(DEP_BOUND_BY))
#define STOP_FAILURE_KINDS (DEP_BIT(DEP_CONFLICTED_BY) | DEP_BIT(DEP_CONFLICTS))

static void doom_dependents(struct unit *u, uint64_t kinds)
{
	for (struct dep *d = NULL; (d = unit_next_dep_mask(u, kinds, d));) {
		struct job *o = d->other->job;

		if (!o || o->doomed || (o->type != IPC_JOB_TYPE_START && o->type != IPC_JOB_TYPE_VERIFY_ACTIVE))
			continue;
		o->doomed = true;
		o->doomed_next = NULL;
		if (o->jobs->doomed_last)
			o->jobs->doomed_last->doomed_next = o;
		else
			o->jobs->doomed_first = o;
		o->jobs->doomed_last = o;
	}
}

static struct job *take_doomed(struct jobs *js)
{
	struct job *j = js->doomed_first;

	if (j) {
		js->doomed_first = j->doomed_next;
		if (!js->doomed_first)
			js->doomed_last = NULL;
		j->doomed = false;
	}
	return j;
}

static void queue_neighbours(struct unit *u)
{
	for (struct dep *d = NULL; (d = unit_next_dep_mask(u, ORDER_KINDS, d));)
		if (d->other->job)
			queue_run(d->other->job);
}

static void finish_one(struct job *j, enum ipc_job_result result, bool recursive)
{
	struct jobs *js = j->jobs;
	struct unit *u = j->unit;
	enum ipc_job_type type = j->type;

	if (type == IPC_JOB_TYPE_RESTART && result == IPC_JOB_RESULT_DONE) {    /* stopped: now the second half */
		j->type = IPC_JOB_TYPE_START;
		run_again(j);
		js->hooks.changed(js->hooks.user, j);
		queue_neighbours(u);
		return;
	}
	struct ipc_job_info info;

	job_info(j, &info);
	info.result = result;
	jobs_remember(js, &info);
	js->hooks.removed(js->hooks.user, j, result);
	unlink_job(j);

	if (result != IPC_JOB_RESULT_DONE && recursive) {
		if (type == IPC_JOB_TYPE_START || type == IPC_JOB_TYPE_VERIFY_ACTIVE)
			doom_dependents(u, START_FAILURE_KINDS);
		else if (type == IPC_JOB_TYPE_STOP)
			doom_dependents(u, STOP_FAILURE_KINDS);
	}
	queue_neighbours(u);
}

/* A failed job takes others with it, a long chain perhaps: they queue up here instead of recursing. */
static void finish(struct job *j, enum ipc_job_result result, bool recursive)
{
	struct jobs *js = j->jobs;

	finish_one(j, result, recursive);
	if (js->finishing)
		return;
	js->finishing = true;
	while ((j = take_doomed(js)))
		finish_one(j, IPC_JOB_RESULT_DEPENDENCY, true);
	js->finishing = false;
}

/* What a state means for a running job of each type: reached, still on the way, or lost. */
static bool settle_start(struct job *j, enum unit_active_state now)
{
	if (now == UNIT_ACTIVE || now == UNIT_RELOADING) {
		finish(j, IPC_JOB_RESULT_DONE, true);
	} else if (j->state == IPC_JOB_STATE_RUNNING && now != UNIT_ACTIVATING) {
		bool up = now == UNIT_DEACTIVATING;     /* a oneshot on its way down has done its work */

		if (up)
			return false;
		finish(j, now == UNIT_FAILED ? IPC_JOB_RESULT_FAILED : IPC_JOB_RESULT_DONE, true);
	}
	return false;
}

static bool settle_reload(struct job *j, enum unit_active_state now, bool failed_reload)
{
	if (j->state != IPC_JOB_STATE_RUNNING)
		return true;
	if (now == UNIT_ACTIVE)
		finish(j, failed_reload ? IPC_JOB_RESULT_FAILED : IPC_JOB_RESULT_DONE, true);
	else if (now != UNIT_ACTIVATING && now != UNIT_RELOADING) {
		finish(j, now == UNIT_FAILED ? IPC_JOB_RESULT_FAILED : IPC_JOB_RESULT_DONE, true);
		return true;
	}
	return false;
}

static bool settle_stop(struct job *j, enum unit_active_state now)
{
	if (now == UNIT_INACTIVE || now == UNIT_FAILED) {
		finish(j, IPC_JOB_RESULT_DONE, true);
	} else if (j->state == IPC_JOB_STATE_RUNNING && now != UNIT_DEACTIVATING) {
		finish(j, IPC_JOB_RESULT_FAILED, true);
		return true;
	}
	return false;
}

bool jobs_unit_changed(struct jobs *js, struct unit *u, enum unit_active_state now, bool failed_reload)
{
	struct job *j = u->job;

	if (!j)
		return true;
	if (j->state == IPC_JOB_STATE_WAITING)
		queue_run(j);
	switch (j->type) {
	case IPC_JOB_TYPE_START:
	case IPC_JOB_TYPE_VERIFY_ACTIVE:
		return settle_start(j, now);
	case IPC_JOB_TYPE_RELOAD:
		return settle_reload(j, now, failed_reload);
	case IPC_JOB_TYPE_STOP:
	case IPC_JOB_TYPE_RESTART:
		return settle_stop(j, now);
	default:
		return false;
	}
}
