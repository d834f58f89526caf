/*
 * react.c - what follows when a unit's state changed: its job, the units that depend on it, its actions
 *
 * Wishes that arise here are queued and submitted at the end of the turn, after the change itself has settled.
 */
#include <stdio.h>
#include "log.h"
#include "manager/manager.h"
#include "state/mark.h"

int manager_submit(struct manager *m, struct unit *u, enum ipc_job_type type, enum ipc_job_mode mode, struct job **ret, char *why)
{
	struct transaction_wish w = { u, type };

	unit_load_pending(m->set);
	return transaction_submit(m->jobs, &w, 1, mode, ret, why);
}

/* ---- wishes ---- */

static int run_wishes(struct deferred *d)
{
	struct manager *m = container_of(d, struct manager, wishes_run);
	char why[TRANSACTION_WHY];

	while (m->wishes) {
		struct wish *w = m->wishes;
		int r = manager_submit(m, w->unit, w->type, w->mode, NULL, why);

		if (r < 0)
			log_event(LOG_WARNING, "JOB_REFUSED", why, F_STR("UNIT", w->unit->id), F_STR("BECAUSE", w->why), F_ERRNO(r));
		m->wishes = w->next;
		if (!m->wishes)
			m->wishes_last = &m->wishes;
		free(w);
	}
	return 0;
}

void react_wish(struct manager *m, struct unit *u, enum ipc_job_type type, enum ipc_job_mode mode, const char *why)
{
	struct wish *w = calloc(1, sizeof(*w));

	if (!w) {
		log_event(LOG_ERR, "JOB_REFUSED", "no memory for a job", F_STR("UNIT", u->id));
		return;
	}
	*w = (struct wish){ .unit = u, .type = type, .mode = mode, .why = why };
	*m->wishes_last = w;
	m->wishes_last = &w->next;
	defer(m->loop, &m->wishes_run, run_wishes);
}

/* ---- changes that no job asked for ---- */

static bool going_down(enum unit_active_state s) { return s == UNIT_INACTIVE || s == UNIT_FAILED || s == UNIT_DEACTIVATING; }
static bool is_down(enum unit_active_state s) { return s == UNIT_INACTIVE || s == UNIT_FAILED; }

#define RETRO_START (DEP_BIT(DEP_REQUIRES) | DEP_BIT(DEP_BINDS_TO) | DEP_BIT(DEP_WANTS) | DEP_BIT(DEP_UPHOLDS))

static void started_by_itself(struct manager *m, struct unit *u)
{
	for (struct dep *d = NULL; (d = unit_next_dep_mask(u, RETRO_START, d));)
		if (!unit_has_dep(u, DEP_AFTER, d->other) && !unit_is_active_or_activating(d->other)) {
			bool hard = d->kinds & (DEP_BIT(DEP_REQUIRES) | DEP_BIT(DEP_BINDS_TO));

			react_wish(m, d->other, IPC_JOB_TYPE_START, hard ? IPC_JOB_MODE_REPLACE : IPC_JOB_MODE_FAIL, "a unit that needs it became active");
		}
	for (struct dep *d = NULL; (d = unit_next_dep_mask(u, DEP_BIT(DEP_CONFLICTS) | DEP_BIT(DEP_CONFLICTED_BY), d));)
		if (!unit_is_inactive_or_failed(d->other))
			react_wish(m, d->other, IPC_JOB_TYPE_STOP, IPC_JOB_MODE_REPLACE, "a unit in conflict with it became active");
}

static void stopped_by_itself(struct manager *m, struct unit *u)
{
	for (struct dep *d = NULL; (d = unit_next_dep_mask(u, DEP_BIT(DEP_BOUND_BY) | DEP_BIT(DEP_PROPAGATES_STOP_TO), d));)
		if (!unit_is_inactive_or_failed(d->other))
			react_wish(m, d->other, IPC_JOB_TYPE_STOP, IPC_JOB_MODE_REPLACE, "the unit that it stops with went down");
}

/* ---- StopWhenUnneeded=, BindsTo=, Upholds= ---- */

#define NEEDED_BY (DEP_BIT(DEP_REQUIRED_BY) | DEP_BIT(DEP_REQUISITE_OF) | DEP_BIT(DEP_WANTED_BY) | DEP_BIT(DEP_BOUND_BY) | DEP_BIT(DEP_UPHELD_BY))
#define NEEDS (DEP_BIT(DEP_REQUIRES) | DEP_BIT(DEP_REQUISITE) | DEP_BIT(DEP_WANTS) | DEP_BIT(DEP_BINDS_TO) | DEP_BIT(DEP_UPHOLDS))

static bool needed(const struct unit *u)
{
	for (struct dep *d = NULL; (d = unit_next_dep_mask(u, NEEDED_BY, d));)
		if (d->other->job || !unit_is_inactive_or_failed(d->other))
			return true;
	return false;
}

static void check_needed(struct manager *m, struct unit *u)
{
	if (u->stop_when_unneeded && !u->job && unit_is_active_or_activating(u) && !needed(u))
		react_wish(m, u, IPC_JOB_TYPE_STOP, IPC_JOB_MODE_FAIL, "nothing needs it any more");
}

/* @u may need less than before */
static void check_what_it_needs(struct manager *m, struct unit *u)
{
	for (struct dep *d = NULL; (d = unit_next_dep_mask(u, NEEDS, d));)
		check_needed(m, d->other);
}

static void check_bound(struct manager *m, struct unit *u)
{
	for (struct dep *d = NULL; (d = unit_next_dep(u, DEP_BINDS_TO, d));)
		if (unit_is_inactive_or_failed(d->other) && !d->other->job && !u->job && unit_is_active_or_reloading(u)) {
			react_wish(m, u, IPC_JOB_TYPE_STOP, IPC_JOB_MODE_REPLACE, "the unit it is bound to is not active");
			return;
		}
}

static void check_upheld(struct manager *m, struct unit *u)
{
	for (struct dep *d = NULL; (d = unit_next_dep(u, DEP_UPHELD_BY, d));)
		if (unit_is_active_or_reloading(d->other) && !u->job && unit_is_inactive_or_failed(u)) {
			react_wish(m, u, IPC_JOB_TYPE_START, IPC_JOB_MODE_FAIL, "an active unit upholds it");
			return;
		}
	for (struct dep *d = NULL; unit_is_active_or_reloading(u) && (d = unit_next_dep(u, DEP_UPHOLDS, d));)
		if (unit_is_inactive_or_failed(d->other) && !d->other->job)
			react_wish(m, d->other, IPC_JOB_TYPE_START, IPC_JOB_MODE_FAIL, "an active unit upholds it");
}

/* ---- the end of a job ---- */

static void notify_triggers(struct unit *u)
{
	for (struct dep *d = NULL; (d = unit_next_dep(u, DEP_TRIGGERED_BY, d));)
		if (d->other->type->trigger_notify)
			d->other->type->trigger_notify(d->other, u);
}

static int tell_ended(struct deferred *d)
{
	struct manager *m = container_of(d, struct manager, ended_run);
	_cleanup_(strv_freep) char **ids = TAKE_PTR(m->ended);

	for (char **id = ids; id && *id; id++) {
		struct unit *u = unit_get(m->set, *id);

		if (u) {
			notify_triggers(u);
			check_needed(m, u);
			check_what_it_needs(m, u);
		}
	}
	return 0;
}

/* A start that came to nothing leaves the unit as it was. Queued: the job is still there, and what follows makes others. */
void react_job_ended(struct manager *m, struct unit *u)
{
	bool look = u->stop_when_unneeded || unit_next_dep(u, DEP_TRIGGERED_BY, NULL);

	for (struct dep *d = NULL; !look && (d = unit_next_dep_mask(u, NEEDS, d));)
		look = d->other->stop_when_unneeded;
	if (look && strv_add(&m->ended, u->id) >= 0)
		defer(m->loop, &m->ended_run, tell_ended);
}

/* ---- OnFailure=, OnSuccess=, actions ---- */

static void trigger(struct manager *m, struct unit *u, enum dep_kind kind, int job_mode, const char *why)
{
	for (struct dep *d = NULL; (d = unit_next_dep(u, kind, d));)
		react_wish(m, d->other, IPC_JOB_TYPE_START, job_mode ? (enum ipc_job_mode)job_mode : IPC_JOB_MODE_REPLACE, why);
}

void react_job_failed(struct manager *m, const struct job *j)
{
	if (j->type == IPC_JOB_TYPE_START)
		trigger(m, j->unit, DEP_ON_FAILURE, j->unit->on_failure_job_mode, "OnFailure= of a unit that could not start");
}

static const struct { enum ipc_power_verb verb; bool force; } actions[] = {
	[UNIT_ACTION_REBOOT] = { IPC_POWER_VERB_REBOOT, false },     [UNIT_ACTION_REBOOT_FORCE] = { IPC_POWER_VERB_REBOOT, true },
	[UNIT_ACTION_REBOOT_IMMEDIATE] = { IPC_POWER_VERB_REBOOT, true },
	[UNIT_ACTION_POWEROFF] = { IPC_POWER_VERB_POWEROFF, false }, [UNIT_ACTION_POWEROFF_FORCE] = { IPC_POWER_VERB_POWEROFF, true },
	[UNIT_ACTION_POWEROFF_IMMEDIATE] = { IPC_POWER_VERB_POWEROFF, true },
	[UNIT_ACTION_EXIT] = { IPC_POWER_VERB_EXIT, false },         [UNIT_ACTION_EXIT_FORCE] = { IPC_POWER_VERB_EXIT, true },
};

static int run_action(struct deferred *d)
{
	struct manager *m = container_of(d, struct manager, action.run);
	char why[TRANSACTION_WHY] = "";
	int r = boot_power(m, m->action.verb, m->action.argument, m->action.exit_status, m->action.force, NULL, why);

	m->action.queued = false;
	if (r < 0)
		log_event(LOG_ERR, "UNIT_ACTION", why, F_ERRNO(r));
	return 0;
}

/* Queued: it comes out of a job's end or a change of state, and its transaction may end that very job. The first one stands. */
void react_action(struct manager *m, struct unit *u, int action, const char *argument, const char *why)
{
	if (action <= UNIT_ACTION_NONE || (size_t)action >= ARRAY_SIZE(actions) || m->exiting || m->action.queued)
		return;
	log_event(LOG_WARNING, "UNIT_ACTION", why, F_STR("UNIT", u->id), F_I64("ACTION", action));
	int status = u->success_exit_status >= 0 && action == u->success_action ? u->success_exit_status : u->failure_exit_status;

	m->action.queued = true;
	m->action.verb = actions[action].verb;
	m->action.force = actions[action].force;
	m->action.exit_status = MAX(status, 0);
	snprintf(m->action.argument, sizeof(m->action.argument), "%s", argument ?: "");
	defer(m->loop, &m->action.run, run_action);
}

static void ended(struct manager *m, struct unit *u, enum unit_active_state old, enum unit_active_state now)
{
	if (now == UNIT_FAILED && old != UNIT_FAILED) {
		if (!u->restart_pending)
			trigger(m, u, DEP_ON_FAILURE, u->on_failure_job_mode, "OnFailure= of a failed unit");
		react_action(m, u, u->failure_action, u->reboot_arg, "unit failed: FailureAction=");
	} else if (now == UNIT_INACTIVE && !is_down(old)) {
		if (!u->restart_pending)
			trigger(m, u, DEP_ON_SUCCESS, u->on_success_job_mode, "OnSuccess= of a unit that ended");
		react_action(m, u, u->success_action, u->reboot_arg, "unit ended: SuccessAction=");
	}
	if (is_down(now) && !u->restart_pending) {
		cgroup_release(m->cgroups, u);
		collect_soon(m);
		if (u->transient)
			collect_transient_soon(m);
	}
}

static void tell(struct manager *m, const struct unit *u, enum unit_active_state now)
{
	struct ipc_unit_event e = { .id = u->id, .active = unit_active_state_name(now), .sub = unit_sub(u) };

	if (m->server)
		server_publish(m->server, IPC_CORE_EV_UNIT_CHANGED, &e);
}

void react_changed(struct unit *u, enum unit_active_state old, enum unit_active_state now, bool failed_reload)
{
	struct manager *m = manager_of(u);

	unit_dirty(u);
	tell(m, u, now);
	if (!m->host.running)
		return;
	bool unexpected = jobs_unit_changed(m->jobs, u, now, failed_reload);

	if (old == now)
		return;
	if (unexpected && is_down(old) && !going_down(now))
		started_by_itself(m, u);
	else if (unexpected && !going_down(old) && going_down(now))
		stopped_by_itself(m, u);
	notify_triggers(u);
	ended(m, u, old, now);
	if (is_down(now)) {
		check_what_it_needs(m, u);
		for (struct dep *d = NULL; (d = unit_next_dep(u, DEP_BOUND_BY, d));)
			check_bound(m, d->other);
	}
	check_bound(m, u);
	check_upheld(m, u);
	check_needed(m, u);
}
