/* methods.c - what one may ask of core over /run/sysmaster/core.sock; meanings stand in ipc-schema/schema/core.ipc */
#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include "log.h"
#include "manager/manager.h"
#include "manager/methods.h"
#include "version.h"
#include "unit/name.h"

static struct manager *M(struct server_call *c) { return c->user; }

int method_refuse(struct server_call *c, int r, const char *fmt, ...)
{
	char text[TRANSACTION_WHY];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	c->error = arena_strndup(c->arena, text, strlen(text));
	return r;
}

void *method_list(struct server_call *c, size_t n, size_t size)
{
	return arena_alloc(c->arena, MAX(n, (size_t)1) * size, 16);
}

const char *method_keep(struct server_call *c, const char *s) { return arena_strndup(c->arena, s, strlen(s)) ?: ""; }

/* a name in memory or, with @load, on disk */
int method_find_unit(struct server_call *c, const char *name, bool load, struct unit **ret)
{
	struct unit *u = unit_get(M(c)->set, name);
	int r;

	if (!u && load) {
		r = unit_load(M(c)->set, name, &u);
		if (r == -ENOTSUP)
			return method_refuse(c, r, "Unit %s is of a type that this image does not have.", name);
		if (r < 0)
			return method_refuse(c, r, "Unit name %s is not valid.", name);
	}
	if (!u)
		return method_refuse(c, -ENOENT, "Unit %s not loaded.", name);
	unit_load_pending(M(c)->set);
	*ret = u;
	return 0;
}

/* ---- jobs ---- */

static int check_manual(struct server_call *c, const struct unit *u, enum ipc_job_type t)
{
	bool start = t == IPC_JOB_TYPE_START || t == IPC_JOB_TYPE_RESTART || t == IPC_JOB_TYPE_TRY_RESTART || t == IPC_JOB_TYPE_RELOAD_OR_RESTART;
	bool stop = t == IPC_JOB_TYPE_STOP || t == IPC_JOB_TYPE_RESTART || t == IPC_JOB_TYPE_TRY_RESTART;

	if ((start && u->refuse_manual_start) || (stop && u->refuse_manual_stop))
		return method_refuse(c, -EPERM, "Operation refused, unit %s may be requested by dependency only (it is configured to refuse manual start/stop).", u->id);
	if (start && u->type->once_only && u->load_state == UNIT_LOADED)
		return method_refuse(c, -EOPNOTSUPP, "Unit %s cannot be started by hand.", u->id);
	return 0;
}

/* there is nothing to stop, or to start again if it runs, of a unit that never was */
static int check_there(struct server_call *c, const struct unit *u, enum ipc_job_type t)
{
	bool absent = u->load_state == UNIT_STUB || u->load_state == UNIT_NOT_FOUND;
	bool broken = u->load_state == UNIT_LOAD_ERROR || u->load_state == UNIT_BAD_SETTING;
	bool tries = t == IPC_JOB_TYPE_TRY_RESTART || t == IPC_JOB_TYPE_TRY_RELOAD_OR_RESTART, down = unit_active(u) == UNIT_INACTIVE;

	if (tries && broken && down)
		return method_refuse(c, -ENOEXEC, "Unit %s has a bad unit file setting.", u->id);
	return (t == IPC_JOB_TYPE_STOP || tries) && (absent || (broken && !tries)) && down ? method_refuse(c, -ENOENT, "Unit %s not loaded.", u->id) : 0;
}

static int submit(struct server_call *c, const void *req, void *rep)
{
	const struct ipc_submit_request *q = req;
	struct ipc_submit_reply *a = rep;
	struct transaction_wish *w = method_list(c, q->n_units, sizeof(*w));
	struct job **jobs = method_list(c, q->n_units, sizeof(struct job *));
	char why[TRANSACTION_WHY] = "";

	a->jobs = method_list(c, q->n_units, sizeof(*a->jobs));
	if (!w || !jobs || !a->jobs)
		return -ENOMEM;
	if (!q->n_units)
		return method_refuse(c, -EINVAL, "No unit was named.");
	for (size_t i = 0; i < q->n_units; i++) {
		int r = method_find_unit(c, q->units[i], true, &w[i].unit);

		if (r >= 0)
			r = check_manual(c, w[i].unit, q->type);
		if (r >= 0)
			r = check_there(c, w[i].unit, q->type);
		if (r < 0)
			return r;
		w[i].type = q->type;
	}
	int r = transaction_submit(M(c)->jobs, w, q->n_units, q->mode, jobs, why);

	if (r < 0)
		return method_refuse(c, r, "%s", why);
	for (size_t i = 0; i < q->n_units; i++)
		if (jobs[i])
			job_info(jobs[i], &a->jobs[a->n_jobs++]);
	return 0;
}

static int get_job(struct server_call *c, const void *req, void *rep)
{
	const struct ipc_job_request *q = req;
	struct job *j = jobs_get(M(c)->jobs, q->id);

	if (j)
		job_info(j, rep);
	else if (!jobs_finished(M(c)->jobs, q->id, rep))
		return method_refuse(c, -ENOENT, "Job %llu does not exist.", (unsigned long long)q->id);
	return 0;
}

static int list_jobs(struct server_call *c, const void *req, void *rep)
{
	struct ipc_submit_reply *a = rep;
	size_t n = MIN(jobs_count(M(c)->jobs), (size_t)1024);

	a->jobs = method_list(c, n, sizeof(*a->jobs));
	if (!a->jobs)
		return -ENOMEM;
	for (struct job *j = jobs_first(M(c)->jobs); j && a->n_jobs < n; j = j->next)
		job_info(j, &a->jobs[a->n_jobs++]);
	return 0;
}

static int cancel_job(struct server_call *c, const void *req, void *rep)
{
	const struct ipc_job_request *q = req;
	struct job *j = jobs_get(M(c)->jobs, q->id);

	if (!j)
		return method_refuse(c, -ENOENT, "Job %llu does not exist.", (unsigned long long)q->id);
	job_cancel(j);
	return 0;
}

/* ---- units ---- */

static bool any_of(const char *const *list, size_t n, const char *s)
{
	for (size_t i = 0; i < n; i++)
		if (streq(list[i], s))
			return true;
	return n == 0;
}

static bool wanted(const struct ipc_list_units_request *q, const struct unit *u)
{
	bool ok = q->n_patterns == 0, state;

	if (u->load_state == UNIT_MERGED)
		return false;
	for (size_t i = 0; i < q->n_patterns && !ok; i++)
		for (char **n = u->names; n && *n && !ok; n++)
			ok = fnmatch(q->patterns[i], *n, FNM_NOESCAPE) == 0;
	state = q->n_states == 0 || any_of((const char *const *)q->states, q->n_states, unit_load_state_name(u->load_state)) ||
		any_of((const char *const *)q->states, q->n_states, unit_active_state_name(unit_active(u))) ||
		any_of((const char *const *)q->states, q->n_states, unit_sub(u));
	return ok && state && any_of((const char *const *)q->types, q->n_types, u->type->name);
}

static int by_id(const void *a, const void *b)
{
	return strcmp((*(struct unit *const *)a)->id, (*(struct unit *const *)b)->id);
}

#define UNITS_A_PAGE 512
static int list_units(struct server_call *c, const void *req, void *rep)
{
	const struct ipc_list_units_request *q = req;
	struct ipc_list_units_reply *a = rep;
	_cleanup_(freep) struct unit **all = calloc(unit_set_count(M(c)->set) + 1, sizeof(*all));
	size_t n = 0;

	if (!all)
		return -ENOMEM;
	for (struct unit *u = unit_set_first(M(c)->set); u; u = u->set_next)
		if (wanted(q, u) && (!q->after || strcmp(u->id, q->after) > 0))
			all[n++] = u;
	qsort(all, n, sizeof(*all), by_id);
	a->more = n > UNITS_A_PAGE;
	n = MIN(n, (size_t)UNITS_A_PAGE);
	a->units = method_list(c, n, sizeof(*a->units));
	if (!a->units)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		struct unit *u = all[i];

		a->units[a->n_units++] = (struct ipc_unit_info){
			.id = u->id, .description = unit_description(u), .load = unit_load_state_name(u->load_state),
			.active = unit_active_state_name(unit_active(u)), .sub = unit_sub(u), .job_id = u->job ? u->job->id : 0,
			.has_job_type = u->job, .job_type = u->job ? u->job->type : IPC_JOB_TYPE_NOP, .following = "",
		};
	}
	return 0;
}

#define PROPERTIES_MAX 2048
struct putting { struct server_call *c; const struct ipc_unit_request *q; struct ipc_properties_reply *a; };

static void put(void *arg, const char *name, const char *value)
{
	struct putting *p = arg;

	if (p->a->n_properties == PROPERTIES_MAX || !any_of((const char *const *)p->q->properties, p->q->n_properties, name))
		return;
	p->a->properties[p->a->n_properties++] = (struct ipc_property){ .name = method_keep(p->c, name), .value = method_keep(p->c, value) };
}

static int get_unit(struct server_call *c, const void *req, void *rep)
{
	struct putting p = { c, req, rep };
	struct unit *u;

	p.a->properties = method_list(c, PROPERTIES_MAX, sizeof(*p.a->properties));
	if (!p.a->properties)
		return -ENOMEM;
	if (!*p.q->unit) {
		property_manager(M(c), put, &p);
		return 0;
	}
	int r = method_find_unit(c, p.q->unit, p.q->has_load && p.q->load, &u);

	if (r >= 0)
		property_unit(M(c), u, put, &p);
	if (r >= 0)
		collect_soon(M(c));
	return r;
}

static int kill_unit(struct server_call *c, const void *req, void *rep)
{
	const struct ipc_kill_request *q = req;
	struct unit *u;
	int r = method_find_unit(c, q->unit, false, &u);

	if (r < 0)
		return r;
	if (!u->type->kill)
		return method_refuse(c, -EOPNOTSUPP, "Unit type %s has no processes to signal.", u->type->name);
	r = u->type->kill(u, q->who, (int)q->signo);
	if (r == -ENXIO)
		return method_refuse(c, r, "No %s process to kill", q->who);
	return r < 0 ? method_refuse(c, r, "Failed to kill unit %s: %s", u->id, strerror(-r)) : 0;
}

static void reset_one(struct unit *u)
{
	if (u->type->reset_failed)
		u->type->reset_failed(u);
	unit_forget_starts(u);
}

static int reset_failed(struct server_call *c, const void *req, void *rep)
{
	const struct ipc_reset_failed_request *q = req;
	struct unit *u;
	int r;

	if (q->unit) {
		r = method_find_unit(c, q->unit, false, &u);
		if (r >= 0)
			reset_one(u);
		return r;
	}
	for (u = unit_set_first(M(c)->set); u; u = u->set_next)
		if (u->load_state != UNIT_MERGED)
			reset_one(u);
	collect_soon(M(c));
	return 0;
}

/* ---- the manager ---- */

static int say_reloaded(struct server_call *c, struct ipc_reload_reply *a)
{
	const struct manager *m = M(c);

	a->units = (uint32_t)unit_set_count(m->set);
	a->usec = m->reload_usec;
	a->problems = method_list(c, m->n_problems, sizeof(*a->problems));
	for (struct problem *p = m->problems; p && a->problems; p = p->next)
		a->problems[a->n_problems++] = method_keep(c, p->text);
	return 0;
}

static int reload(struct server_call *c, const void *req, void *rep)
{
	struct ipc_reload_reply *a = rep;
	int r = boot_reload(M(c));

	if (r < 0)
		return method_refuse(c, r, "Reload failed: %s", strerror(-r));
	a->has_pending = r > 0;
	a->pending = M(c)->state.reload_id;
	return r > 0 ? 0 : say_reloaded(c, a);
}

static int get_reload(struct server_call *c, const void *req, void *rep)
{
	uint64_t id = ((const struct ipc_reload_query *)req)->id;
	struct ipc_reload_reply *a = rep;

	a->has_pending = id > M(c)->state.reload_done;
	a->pending = id;
	return a->has_pending ? 0 : say_reloaded(c, a);
}

static int reexec(struct server_call *c, const void *req, void *rep)
{
	boot_reexec(M(c));
	return 0;
}

static int status(struct server_call *c, const void *req, void *rep)
{
	struct manager *m = M(c);
	struct ipc_manager_status *a = rep;

	*a = (struct ipc_manager_status){
		.version = SYSMASTER_VERSION, .state = boot_state(m), .units = (uint32_t)unit_set_count(m->set), .jobs = (uint32_t)jobs_count(m->jobs),
		.pid = (uint32_t)getpid(), .starts = m->init.starts, .boot_usec = m->init.boot_usec, .core_usec = m->state.core_usec,
		.finish_usec = m->state.finish_usec, .cgroup_root = m->init.cgroup_root, .log_level = (uint32_t)log_level(),
		.environment = (const char **)m->environment, .n_environment = strv_len(m->environment), .recovery = m->recovery,
	};
	for (struct unit *u = unit_set_first(m->set); u; u = u->set_next)
		a->failed_units += unit_active(u) == UNIT_FAILED;
	return 0;
}

void env_drop(char **v, const char *name)
{
	size_t n = strcspn(name, "=");

	for (; v && *v; v++)
		while (*v && strncmp(*v, name, n) == 0 && (*v)[n] == '=') {
			free(*v);
			memmove(v, v + 1, (strv_len(v + 1) + 1) * sizeof(*v));
		}
}

static int set_environment(struct server_call *c, const void *req, void *rep)
{
	const struct ipc_environment_request *q = req;
	struct manager *m = M(c);

	for (size_t i = 0; i < q->n_set; i++)
		if (!strchr(q->set[i], '=') || *q->set[i] == '=')
			return method_refuse(c, -EINVAL, "\"%s\" is no NAME=VALUE.", q->set[i]);
	for (size_t i = 0; i < q->n_unset; i++)
		env_drop(m->environment, q->unset[i]);
	for (size_t i = 0; i < q->n_set; i++) {
		env_drop(m->environment, q->set[i]);
		if (strv_add(&m->environment, q->set[i]) < 0)
			return -ENOMEM;
	}
	m->host.environment = m->environment;
	m->state_dirty = true;
	return 0;
}

static int set_log_level(struct server_call *c, const void *req, void *rep)
{
	log_set_level((int)((const struct ipc_log_level_request *)req)->level);
	M(c)->state_dirty = true;
	return 0;
}

static int power(struct server_call *c, const void *req, void *rep)
{
	const struct ipc_power_target_request *q = req;
	struct ipc_submit_reply *a = rep;
	struct job *j = NULL;
	char why[TRANSACTION_WHY] = "";
	int r = boot_power(M(c), q->verb, q->argument, q->has_exit_status ? q->exit_status : 0, q->has_force && q->force, &j, why);

	if (r < 0)
		return method_refuse(c, r, "%s", why);
	a->jobs = method_list(c, 1, sizeof(*a->jobs));
	if (j && a->jobs)
		job_info(j, &a->jobs[a->n_jobs++]);
	return 0;
}

#ifdef SYSMASTER_TEST
static int debug_execve(struct server_call *c, const void *req, void *rep)
{
	char *const argv[] = { (char *)"/bin/true", NULL };

	execve(argv[0], argv, argv + 1);
	return -errno;                                  /* only without a sandbox */
}

static int debug_crash(struct server_call *c, const void *req, void *rep)
{
	abort();
}
#endif

static const struct server_method methods[] = {
	{ IPC_CORE_SUBMIT, submit },
	{ IPC_CORE_GET_JOB, get_job },
	{ IPC_CORE_LIST_JOBS, list_jobs },
	{ IPC_CORE_CANCEL_JOB, cancel_job },
	{ IPC_CORE_LIST_UNITS, list_units },
	{ IPC_CORE_GET_UNIT, get_unit },
	{ IPC_CORE_KILL_UNIT, kill_unit },
	{ IPC_CORE_RESET_FAILED, reset_failed },
	{ IPC_CORE_RELOAD, reload },
	{ IPC_CORE_GET_RELOAD, get_reload },
	{ IPC_CORE_REEXEC, reexec },
	{ IPC_CORE_STATUS, status },
	{ IPC_CORE_SET_ENVIRONMENT, set_environment },
	{ IPC_CORE_SET_LOG_LEVEL, set_log_level },
	{ IPC_CORE_POWER, power },
	{ IPC_CORE_START_TRANSIENT, method_start_transient },
	{ IPC_CORE_RELEASE_UNIT, method_release_unit },
	{ IPC_CORE_ABANDON_SCOPE, method_abandon_scope },
	{ IPC_CORE_ATTACH_PROCESSES, method_attach_processes },
	{ IPC_CORE_SET_PROPERTIES, method_set_properties },
#ifdef SYSMASTER_TEST
	{ IPC_CORE_DEBUG_EXECVE, debug_execve },
	{ IPC_CORE_DEBUG_CRASH, debug_crash },
#endif
};

int methods_open(struct manager *m)
{
	static char path[4096], events[4096];
	struct server_config config = { .socket = &ipc_core_socket, .methods = methods, .n_methods = ARRAY_SIZE(methods), .user = m, .remember = record_answer };

	snprintf(path, sizeof(path), "%s/core.sock", m->run_dir);
	snprintf(events, sizeof(events), "%s/core-events.sock", m->run_dir);
	config.path = path;
	config.events_path = events;
	config.uid_root = getuid();

	int r = server_new(&m->server, &config);

	if (r >= 0)
		server_hold_replies(m->server, true);
	return r;
}

int methods_start(struct manager *m)
{
	return server_start(m->server, m->loop);
}
