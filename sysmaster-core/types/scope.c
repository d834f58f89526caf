/*
 * scope.c - a group of processes that somebody else started and put under our care; systemd.scope(5)
 *
 * A scope is made by a request only (start_transient), with the processes that are to be moved into its control group. It ends
 * when the group is empty. Nobody's exit is waited for: the group is all there is.
 */
#include <signal.h>
#include <stdio.h>
#include "cgroup/context.h"
#include "log.h"
#include "state.ipc.h"
#include "types/common.h"
#include "types/control.h"
#include "types/oom.h"

enum scope_state { SCOPE_DEAD, SCOPE_RUNNING, SCOPE_ABANDONED, SCOPE_STOP_SIGTERM, SCOPE_STOP_SIGKILL, SCOPE_FAILED, N_SCOPE_STATES };
enum { RESULT_OOM_KILL = N_CONTROL_RESULTS, N_SCOPE_RESULTS };

struct scope {
	struct unit u;
	struct kill_context kill;
	struct cgroup_context cgroup;

	/* settings */
	uint64_t timeout_stop_usec, runtime_max_usec, runtime_extra_usec;
	int oom_policy;                 /* enum unit_oom; -1: not given */

	/* run time: written to the state store */
	enum scope_state state;
	unsigned result;                /* enum control_result, or RESULT_OOM_KILL */
	uint64_t oom_kills;             /* as last seen */
	struct control control;         /* its timer and signals; no command ever runs */
	struct unit_process controller; /* pid 0: none */
	struct unit_process *pids; size_t n_pids;       /* to be moved in when it starts */
};

static struct scope *SCOPE(const struct unit *u) { return (struct scope *)u; }

static const struct { const char *name; enum unit_active_state active; } states[N_SCOPE_STATES] = {
	[SCOPE_DEAD] = { "dead", UNIT_INACTIVE },
	[SCOPE_RUNNING] = { "running", UNIT_ACTIVE },
	[SCOPE_ABANDONED] = { "abandoned", UNIT_ACTIVE },
	[SCOPE_STOP_SIGTERM] = { "stop-sigterm", UNIT_DEACTIVATING },
	[SCOPE_STOP_SIGKILL] = { "stop-sigkill", UNIT_DEACTIVATING },
	[SCOPE_FAILED] = { "failed", UNIT_FAILED },
};

#define F(field) offsetof(struct scope, field)
static const struct key rows[] = {
	{ "OOMPolicy", &kind_enum, F(oom_policy), (intptr_t)oom_policies, NULL,
	  "What follows when the kernel killed a process of the scope for want of memory. As systemd 253; 252 always stops it." },
	{ "RuntimeMaxSec", &kind_sec_zero_inf, F(runtime_max_usec), 0, "RuntimeMaxUSec", "How long the scope may be active before it is stopped." },
	{ "RuntimeRandomizedExtraSec", &kind_sec, F(runtime_extra_usec), 0, "RuntimeRandomizedExtraUSec", "RuntimeMaxSec= is longer by up to this, at random." },
	{ "TimeoutStopSec", &kind_sec_zero_inf, F(timeout_stop_usec), 0, "TimeoutStopUSec", "How long the processes may take to end before they are killed." },
};

static const struct key_group groups[] = {
	{ .section = "Scope", .rows = rows, .n_rows = ARRAY_SIZE(rows) },
	{ .section = "Scope", .rows = kill_keys, .n_rows_at = &n_kill_keys, .base = F(kill) },
	{ .section = "Scope", .rows = cgroup_keys, .n_rows_at = &n_cgroup_keys, .base = F(cgroup) },
};

static void enter_signal(struct scope *s, enum scope_state to, unsigned result);

static const char *result_name(unsigned r) { return r == RESULT_OOM_KILL ? "oom-kill" : control_result_name(r); }

/* ---- the state ---- */

static void set_state(struct scope *s, enum scope_state to)
{
	enum scope_state from = s->state;

	s->state = to;
	if (to == SCOPE_DEAD || to == SCOPE_FAILED) {
		control_arm(&s->control, 0);
		s->controller = (struct unit_process){ 0 };
	}
	if (from != to)
		log_event(LOG_DEBUG, "UNIT_STATE", "changed state", F_STR("UNIT", s->u.id), F_STR("FROM", states[from].name), F_STR("TO", states[to].name));
	unit_changed(&s->u, false);
}

static void enter_dead(struct scope *s, unsigned result)
{
	if (s->result == RESULT_SUCCESS)
		s->result = result;
	if (s->result != RESULT_SUCCESS)
		log_event(LOG_WARNING, "UNIT_FAILED", "failed", F_STR("UNIT", s->u.id), F_STR("RESULT", result_name(s->result)));
	set_state(s, s->result == RESULT_SUCCESS ? SCOPE_DEAD : SCOPE_FAILED);
}

static bool ask_controller(struct scope *s)
{
	if (!s->controller.pid || !unit_process_there(&s->controller) || !unit_host(&s->u)->request_stop)
		return false;
	unit_host(&s->u)->request_stop(&s->u);
	return true;
}

/* the controller is asked first; without one, or when it does not, the processes are signalled. Nobody there: straight on */
static void enter_signal(struct scope *s, enum scope_state to, unsigned result)
{
	int r;

	if (s->result == RESULT_SUCCESS)
		s->result = result;
	if (to == SCOPE_STOP_SIGTERM && ask_controller(s))
		r = 1;
	else
		r = control_kill(&s->control, &s->kill, to == SCOPE_STOP_SIGKILL);
	if (r < 0)
		log_event(LOG_WARNING, "SCOPE_KILL", "processes cannot be signalled", F_STR("UNIT", s->u.id), F_ERRNO(r));
	if (r > 0) {
		control_arm_in(&s->control, s->timeout_stop_usec);
		set_state(s, to);
	} else if (r == 0 && to == SCOPE_STOP_SIGTERM) {
		enter_signal(s, SCOPE_STOP_SIGKILL, RESULT_SUCCESS);
	} else {
		enter_dead(s, r < 0 ? RESULT_RESOURCES : RESULT_SUCCESS);
	}
}

static void late(struct unit *u)
{
	struct scope *s = SCOPE(u);

	log_event(LOG_WARNING, "SCOPE_TIMEOUT", "timed out", F_STR("UNIT", u->id), F_STR("STATE", states[s->state].name));
	switch (s->state) {
	case SCOPE_RUNNING: case SCOPE_ABANDONED:
		enter_signal(s, SCOPE_STOP_SIGTERM, RESULT_TIMEOUT);
		break;
	case SCOPE_STOP_SIGTERM:
		if (s->kill.send_sigkill)
			enter_signal(s, SCOPE_STOP_SIGKILL, RESULT_TIMEOUT);
		else
			enter_dead(s, RESULT_TIMEOUT);
		break;
	case SCOPE_STOP_SIGKILL:                        /* not even that: the kernel holds it; go on without it */
		enter_dead(s, RESULT_TIMEOUT);
		break;
	case SCOPE_DEAD: case SCOPE_FAILED: case N_SCOPE_STATES:
		break;
	}
}

static void oom(struct unit *u)
{
	struct scope *s = SCOPE(u);

	if (!oom_news(u, &s->oom_kills) || u->perpetual)
		return;
	log_event(LOG_NOTICE, "SCOPE_OOM", "the kernel killed a process for want of memory", F_STR("UNIT", u->id));
	if (s->oom_policy == OOM_CONTINUE)
		return;
	switch (s->state) {
	case SCOPE_RUNNING: case SCOPE_ABANDONED:
		enter_signal(s, s->oom_policy == OOM_KILL ? SCOPE_STOP_SIGKILL : SCOPE_STOP_SIGTERM, RESULT_OOM_KILL);
		break;
	case SCOPE_STOP_SIGTERM:
		enter_signal(s, SCOPE_STOP_SIGKILL, RESULT_OOM_KILL);
		break;
	case SCOPE_STOP_SIGKILL:
		if (s->result == RESULT_SUCCESS)
			s->result = RESULT_OOM_KILL;
		break;
	case SCOPE_DEAD: case SCOPE_FAILED: case N_SCOPE_STATES:
		break;
	}
}

static uint64_t runtime(const struct scope *s)
{
	uint64_t extra = 0;

	if (s->runtime_max_usec == 0 || s->runtime_max_usec == USEC_INFINITY)
		return 0;
	if (s->runtime_extra_usec) {
		random_bytes(&extra, sizeof(extra));
		extra %= s->runtime_extra_usec;
	}
	return extra > USEC_INFINITY - s->runtime_max_usec ? 0 : s->runtime_max_usec + extra;
}

/* ---- made, loaded, gone ---- */

static bool is_init(const struct unit *u) { return streq(u->id, "init.scope"); }

static void init(struct unit *u)
{
	struct scope *s = SCOPE(u);

	kill_context_init(&s->kill);
	cgroup_context_init(&s->cgroup);
	s->timeout_stop_usec = unit_host(u) ? unit_host(u)->default_timeout_stop_usec : 90 * USEC_PER_SEC;
	s->runtime_max_usec = USEC_INFINITY;
	s->oom_policy = -1;
	u->perpetual = is_init(u);
	if (u->perpetual) {
		u->transient = true;
		u->ignore_on_isolate = true;
		s->state = SCOPE_RUNNING;
	}
	if (!u->reloading)
		control_init(&s->control, u, late);
}

static void done(struct unit *u)
{
	struct scope *s = SCOPE(u);

	control_finish(&s->control);
	free(s->pids);
	cgroup_context_done(&s->cgroup);
}

static int load(struct unit *u, const struct key_place *at)
{
	struct scope *s = SCOPE(u);
	int r;

	if (!u->transient)
		return -ENOENT;                 /* a file alone is no scope: nothing says whose processes */
	if (is_init(u)) {
		u->default_dependencies = false;
		if (!u->description)
			u->description = strdup("System and Service Manager");
		r = type_dep(u, DEP_IN_SLICE, "-.slice", DEP_IMPLICIT);
		return r < 0 ? r : type_two_deps(u, DEP_AFTER, DEP_REQUIRES, "-.slice", DEP_IMPLICIT);
	}
	if (s->oom_policy < 0)
		s->oom_policy = s->cgroup.delegate ? OOM_CONTINUE : OOM_STOP;
	s->cgroup.oom_group = s->oom_policy == OOM_KILL;
	r = cgroup_context_load(u, &s->cgroup);
	return r >= 0 && u->default_dependencies ? type_shutdown_deps(u) : r;
}

static int enumerate(struct unit_set *set)
{
	struct unit *u;
	int r = unit_stub(set, "init.scope", &u);

	return MIN(r, 0);
}

static int take_pids(struct unit *u, const struct unit_process *pids, size_t n, const struct unit_process *controller)
{
	struct scope *s = SCOPE(u);
	struct unit_process *copy = reallocarray(NULL, MAX(n, (size_t)1), sizeof(*copy));

	if (!copy)
		return -ENOMEM;
	if (n)
		memcpy(copy, pids, n * sizeof(*copy));
	free(s->pids);
	s->pids = copy;
	s->n_pids = n;
	s->controller = controller ? *controller : (struct unit_process){ 0 };
	unit_dirty(u);
	return 0;
}

/* ---- asked by jobs and people ---- */

static size_t move_in(struct scope *s)
{
	size_t moved = 0;

	for (size_t i = 0; i < s->n_pids; i++) {
		int r = unit_process_there(&s->pids[i]) ? unit_host(&s->u)->cgroup_add(&s->u, NULL, s->pids[i].pid) : -ESRCH;

		if (r >= 0)
			moved++;
		else
			log_event(LOG_WARNING, "SCOPE_PROCESS", "a process cannot be put into the scope", F_STR("UNIT", s->u.id), F_I64("PID", s->pids[i].pid), F_ERRNO(r));
	}
	free(TAKE_PTR(s->pids));
	s->n_pids = 0;
	return moved;
}

static int start(struct unit *u)
{
	struct scope *s = SCOPE(u);
	int r;

	if (s->state == SCOPE_RUNNING || s->state == SCOPE_ABANDONED)
		return -EALREADY;
	if (s->state == SCOPE_STOP_SIGTERM || s->state == SCOPE_STOP_SIGKILL)
		return -EAGAIN;
	if (!u->transient)
		return -ENOENT;
	unit_new_invocation(u);
	s->result = RESULT_SUCCESS;
	r = unit_host(u)->cgroup_realize(u);
	if (r < 0 || move_in(s) == 0) {
		log_event(LOG_WARNING, "SCOPE_EMPTY", "no process could be put into the scope", F_STR("UNIT", u->id), F_ERRNO(r));
		enter_dead(s, RESULT_RESOURCES);
		return r < 0 ? r : -ECHILD;
	}
	r = cgroup_has_filters(u) ? unit_host(u)->apply_filters(u) : 0;
	if (r < 0)
		log_event(LOG_WARNING, "SCOPE_FILTERS", "filters of devices and addresses cannot be set", F_STR("UNIT", u->id), F_ERRNO(r));
	control_arm_in(&s->control, runtime(s));
	set_state(s, SCOPE_RUNNING);
	return 0;
}

static int stop(struct unit *u)
{
	struct scope *s = SCOPE(u);

	if (u->perpetual)
		return -EPERM;
	if (s->state == SCOPE_STOP_SIGTERM || s->state == SCOPE_STOP_SIGKILL)
		return 0;
	if (s->state != SCOPE_RUNNING && s->state != SCOPE_ABANDONED)
		return -EALREADY;
	enter_signal(s, SCOPE_STOP_SIGTERM, RESULT_SUCCESS);
	return 0;
}

static int abandon(struct unit *u)
{
	struct scope *s = SCOPE(u);

	if (u->perpetual || (s->state != SCOPE_RUNNING && s->state != SCOPE_ABANDONED))
		return -ESTALE;
	s->controller = (struct unit_process){ 0 };
	set_state(s, SCOPE_ABANDONED);
	return 0;
}

static void reset_failed(struct unit *u)
{
	struct scope *s = SCOPE(u);

	s->result = RESULT_SUCCESS;
	if (s->state == SCOPE_FAILED)
		set_state(s, SCOPE_DEAD);
}

static void cgroup_empty(struct unit *u)
{
	struct scope *s = SCOPE(u);

	if (u->perpetual || s->state == SCOPE_DEAD || s->state == SCOPE_FAILED)
		return;
	enter_dead(s, oom_news(u, &s->oom_kills) && s->oom_policy != OOM_CONTINUE ? RESULT_OOM_KILL : RESULT_SUCCESS);  /* the end may be heard of before its cause */
}

static int kill_scope(struct unit *u, const char *who, int signo)
{
	if (!streq(who, "all"))
		return -ENXIO;
	if (u->perpetual)
		return kill(1, signo) < 0 ? -errno : 0;
	return control_kill_request(&SCOPE(u)->control, who, signo);
}

static enum unit_active_state active(const struct unit *u) { return states[SCOPE(u)->state].active; }
static const char *sub(const struct unit *u) { return states[SCOPE(u)->state].name; }

static void properties(const struct unit *u, void (*put)(void *arg, const char *name, const char *value), void *arg)
{
	const struct scope *s = SCOPE(u);
	char text[32] = "";

	put(arg, "Result", result_name(s->result));
	if (s->controller.pid)
		snprintf(text, sizeof(text), "%d", (int)s->controller.pid);
	put(arg, "Controller", text);
}

/* ---- the state store ---- */

static struct ipc_scope_process *saved_pids;    /* the record borrows: one list is enough, a record is encoded before the next is made */

static void save(const struct unit *u, void *rec)
{
	const struct scope *s = SCOPE(u);
	struct ipc_scope_state *r = rec;

	*r = (struct ipc_scope_state){ .state = s->state, .result = s->result, .due_usec = s->control.due_usec, .has_oom_kills = s->oom_kills, .oom_kills = s->oom_kills,
				       .has_controller = s->controller.pid,
				       .controller = { (uint32_t)s->controller.pid, s->controller.start_ticks } };
	free(saved_pids);
	saved_pids = s->n_pids ? calloc(s->n_pids, sizeof(*saved_pids)) : NULL;
	for (size_t i = 0; saved_pids && i < s->n_pids; i++)
		saved_pids[r->n_pids++] = (struct ipc_scope_process){ (uint32_t)s->pids[i].pid, s->pids[i].start_ticks };
	r->pids = saved_pids;
}

static int restore(struct unit *u, const void *rec)
{
	const struct ipc_scope_state *r = rec;
	struct scope *s = SCOPE(u);
	_cleanup_(freep) struct unit_process *pids = calloc(r->n_pids + 1, sizeof(*pids));
	struct unit_process controller = { (pid_t)r->controller.pid, r->controller.start_ticks };
	int e;

	if (!pids)
		return -ENOMEM;
	if (r->state >= N_SCOPE_STATES || r->result >= N_SCOPE_RESULTS)
		return -EBADMSG;
	for (size_t i = 0; i < r->n_pids; i++)
		pids[i] = (struct unit_process){ (pid_t)r->pids[i].pid, r->pids[i].start_ticks };
	e = take_pids(u, pids, r->n_pids, r->has_controller ? &controller : NULL);
	if (e < 0)
		return e;
	s->state = u->perpetual ? SCOPE_RUNNING : (enum scope_state)r->state;
	s->result = r->result;
	s->oom_kills = r->has_oom_kills ? r->oom_kills : 0;
	s->control.due_usec = r->due_usec;
	return 0;
}

static int coldplug(struct unit *u)
{
	struct scope *s = SCOPE(u);

	if (u->perpetual) {
		int r = unit_host(u)->cgroup_realize(u);

		u->last_active = UNIT_ACTIVE;
		return r;
	}
	if (s->state == SCOPE_DEAD || s->state == SCOPE_FAILED)
		return 0;
	control_arm(&s->control, s->control.due_usec);
	if (!unit_host(u)->cgroup_populated(u))         /* the last one left while nobody could see */
		enter_dead(s, RESULT_SUCCESS);
	return 0;
}

/* no record, but the group is there and somebody is in it */
static void adopt(struct unit *u, unsigned role, const struct ipc_child *c)
{
	struct scope *s = SCOPE(u);

	if (s->state == SCOPE_DEAD && unit_host(u)->cgroup_realize(u) >= 0 && unit_host(u)->cgroup_populated(u))
		set_state(s, SCOPE_RUNNING);
}

const struct unit_type unit_type_scope = {
	.abi = UNIT_TYPE_ABI,
	.name = "scope",
	.section = "Scope",
	.size = sizeof(struct scope),
	.groups = groups,
	.n_groups = ARRAY_SIZE(groups),
	.no_files = true,
	.once_only = true,
	.can_transient = true,
	.init = init,
	.load = load,
	.done = done,
	.active = active,
	.sub = sub,
	.start = start,
	.stop = stop,
	.adopt = adopt,
	.cgroup_empty = cgroup_empty,
	.reset_failed = reset_failed,
	.kill = kill_scope,
	.state_desc = &ipc_scope_state_desc,
	.save = save,
	.restore = restore,
	.coldplug = coldplug,
	.properties = properties,
	.enumerate = enumerate,
	.take_pids = take_pids,
	.abandon = abandon,
	.oom = oom,
};
