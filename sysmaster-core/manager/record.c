/*
 * record.c - the state store: what each turn writes, and how a new core takes everything up again
 *
 * Keys: "m" manager, "u:ID" unit, "j:ID" job, "c:TOKEN" child, "a:SLOT" answer, "f:SLOT" ended job,
 * "t:ID" file of a transient unit.
 */
#include <stdio.h>
#include "exec/shared.h"
#include "exec/traffic.h"
#include "log.h"
#include "manager/manager.h"
#include "state/mark.h"

#define RECORD_ARENA (8u << 20)

/* ---- writing ---- */

static struct ipc_state_times times_of(const struct unit_times *t)
{
	return (struct ipc_state_times){ .realtime = t->realtime, .monotonic = t->monotonic };
}

static void write_unit(struct manager *m, struct unit *u)
{
	_cleanup_(buf_finish) struct buf type_state = { .data = NULL };
	char key[320];
	void *own = u->type->state_desc ? calloc(1, u->type->state_desc->size) : NULL;
	int r = 0;

	if (own && u->type->save) {
		u->type->save(u, own);
		r = msg_encode(u->type->state_desc, own, &type_state);
	}
	free(own);
	struct ipc_unit_state rec = {
		.id = u->id, .names = (const char **)u->names, .n_names = strv_len(u->names),
		.invocation_id = { u->invocation_id, sizeof(u->invocation_id) },
		.inactive_exit = times_of(&u->inactive_exit), .active_enter = times_of(&u->active_enter),
		.active_exit = times_of(&u->active_exit), .inactive_enter = times_of(&u->inactive_enter),
		.state_change = times_of(&u->state_change), .condition_time = times_of(&u->condition_time),
		.condition_result = u->condition_result, .assert_result = u->assert_result,
		.has_start_begin_usec = true, .start_begin_usec = u->starts.begin_usec, .has_start_count = true, .start_count = u->starts.n,
		.has_start_limit_hit = true, .start_limit_hit = u->start_limit_hit,
		.transient = u->transient, .has_hold_usec = u->hold_usec, .hold_usec = u->hold_usec,
		.has_cpu_used_usec = u->cpu_used_usec != UINT64_MAX, .cpu_used_usec = u->cpu_used_usec, .cgroup_path = u->cgroup_path,
		.type_state = { type_state.data, type_state.len },
		.private_tmp = u->shared && *u->shared->tmp ? u->shared->tmp : NULL,
		.triggered_by = u->triggered_by,
		.has_traffic_run = u->traffic, .traffic_run = { u->traffic ? u->traffic->run : NULL, u->traffic ? sizeof(u->traffic->run) : 0 },
		.has_namespaces = u->shared, .namespaces = exec_shared_kinds(u),
	};
	snprintf(key, sizeof(key), "u:%s", u->id);
	if (r >= 0)
		r = store_put(m->store, key, &ipc_unit_state_desc, &rec);
	if (r < 0)
		log_event(LOG_ERR, "STATE_UNIT", "unit state not stored", F_STR("UNIT", u->id), F_ERRNO(r));
}

void record_forget_unit(struct manager *m, const struct unit *u)
{
	char key[320];

	snprintf(key, sizeof(key), "u:%s", u->id);
	store_delete(m->store, key);
}

static const char *job_key(char out[64], uint64_t id)
{
	snprintf(out, 64, "j:%020llu", (unsigned long long)id);
	return out;
}

void record_job(struct manager *m, const struct job *j)
{
	char key[64];
	struct ipc_job_record rec = { .id = j->id, .unit = j->unit->id, .type = j->type, .state = j->state, .irreversible = j->irreversible,
				      .ignore_order = j->ignore_order, .begin_usec = j->begin_usec, .run_usec = j->run_usec };

	store_put(m->store, job_key(key, j->id), &ipc_job_record_desc, &rec);
	m->state.next_job = jobs_next_id(m->jobs);
	m->state_dirty = true;
}

void record_job_gone(struct manager *m, const struct job *j, const struct ipc_job_info *info)
{
	char key[64];
	struct ipc_finished_record rec = { .info = *info, .order = j->id };

	store_delete(m->store, job_key(key, j->id));
	snprintf(key, sizeof(key), "f:%04llu", (unsigned long long)(j->id % JOBS_FINISHED));
	store_put(m->store, key, &ipc_finished_record_desc, &rec);
}

static const char *child_key(char out[64], uint64_t token)
{
	snprintf(out, 64, "c:%020llu", (unsigned long long)token);
	return out;
}

void record_child(struct manager *m, const struct child *c)
{
	char key[64];
	struct ipc_child_record rec = { .token = c->token, .unit = c->unit ? c->unit->id : "", .role = c->role, .pending = c->pending,
					.watched = c->watched, .pid = (uint32_t)c->pid };

	store_put(m->store, child_key(key, c->token), &ipc_child_record_desc, &rec);
}

void record_child_gone(struct manager *m, uint64_t token)
{
	char key[64];

	store_delete(m->store, child_key(key, token));
}

void record_answer(void *user, uint64_t id, uint32_t uid, const void *answer, size_t n)
{
	struct manager *m = user;
	static uint64_t order;
	char key[64];
	struct ipc_answer_record rec = { .id = id, .uid = uid, .answer = { answer, n }, .order = ++order };

	snprintf(key, sizeof(key), "a:%03llu", (unsigned long long)(order % SERVER_DEDUP));
	store_put(m->store, key, &ipc_answer_record_desc, &rec);
}

static void write_manager(struct manager *m)
{
	m->state.next_job = jobs_next_id(m->jobs);
	m->state.event_seq = m->server ? server_event_seq(m->server) : 0;
	m->state.environment = (const char **)m->environment;
	m->state.n_environment = strv_len(m->environment);
	m->state.working_on = "";
	m->state.log_level = (uint32_t)log_level();
	store_put(m->store, "m", &ipc_manager_state_desc, &m->state);
	m->state_dirty = false;
}

int record_commit(struct manager *m)
{
	struct unit *u;
	bool wrote = false;

	if (!m->store)
		return 0;
	while ((u = unit_take_dirty(m->set))) {
		write_unit(m, u);
		wrote = true;
	}
	if (m->state_dirty || wrote)
		write_manager(m);
	int r = store_commit(m->store);

	if (r < 0)
		log_event(LOG_CRIT, "STATE_COMMIT", "this turn could not be stored: a crash of the manager now would lose it", F_ERRNO(r));
	return 0;
}

/* ---- reading ---- */

struct reader { struct manager *m; struct arena arena; unsigned units, jobs, bad; char quarantine[256]; };

static int decode(struct reader *r, const struct msg_desc *d, const char *key, const void *data, size_t n, void *rec)
{
	char why[MSG_WHY] = "";
	int e = msg_decode(d, data, n, &r->arena, rec, why);

	if (e < 0) {
		r->bad++;
		log_event(LOG_ERR, "STATE_RECORD", "a stored record cannot be read", F_STR("KEY", key), F_STR("WHY", why), F_ERRNO(e));
	}
	return e;
}

static void times_back(struct unit_times *t, const struct ipc_state_times *rec)
{
	*t = (struct unit_times){ .realtime = rec->realtime, .monotonic = rec->monotonic };
}

static void restore_type(struct reader *r, struct unit *u, const struct msg_bytes *bytes)
{
	const struct msg_desc *d = u->type->state_desc;
	void *rec = d ? arena_alloc(&r->arena, d->size, 16) : NULL;

	if (!rec || !u->type->restore || !bytes->len)
		return;
	if (decode(r, d, u->id, bytes->data, bytes->len, rec) >= 0 && u->type->restore(u, rec) < 0) {
		r->bad++;
		log_event(LOG_ERR, "STATE_RECORD", "a unit does not accept its stored state", F_STR("UNIT", u->id));
	}
}

static int read_unit(void *arg, const char *key, const void *data, size_t n)
{
	struct reader *r = arg;
	struct ipc_unit_state rec;
	struct unit *u;

	if (decode(r, &ipc_unit_state_desc, key, data, n, &rec) >= 0 && !streq(rec.id, r->quarantine) &&
	    unit_load(r->m->set, rec.id, &u) >= 0) {
		mark_set(u->id);
		if (rec.invocation_id.len == sizeof(u->invocation_id))
			memcpy(u->invocation_id, rec.invocation_id.data, sizeof(u->invocation_id));
		times_back(&u->inactive_exit, &rec.inactive_exit);
		times_back(&u->active_enter, &rec.active_enter);
		times_back(&u->active_exit, &rec.active_exit);
		times_back(&u->inactive_enter, &rec.inactive_enter);
		times_back(&u->state_change, &rec.state_change);
		times_back(&u->condition_time, &rec.condition_time);
		u->condition_result = rec.condition_result;
		u->assert_result = rec.assert_result;
		u->starts.begin_usec = rec.has_start_begin_usec ? rec.start_begin_usec : rec.n_start_times ? rec.start_times[0] : 0;
		u->starts.n = rec.has_start_count ? rec.start_count : (unsigned)rec.n_start_times;
		u->start_limit_hit = u->start_limit_told = rec.has_start_limit_hit && rec.start_limit_hit;
		u->transient = rec.transient;
		u->cpu_used_usec = rec.has_cpu_used_usec ? rec.cpu_used_usec : UINT64_MAX;
		u->hold_usec = rec.has_hold_usec ? rec.hold_usec : 0;
		free(u->cgroup_path);
		u->cgroup_path = rec.cgroup_path ? strdup(rec.cgroup_path) : NULL;
		if (rec.triggered_by)
			unit_set_trigger(u, rec.triggered_by);
		if (rec.has_namespaces)
			exec_shared_restore(u, rec.private_tmp, rec.namespaces);
		if (rec.has_traffic_run)
			exec_traffic_restore(u, rec.traffic_run.data, rec.traffic_run.len);
		restore_type(r, u, &rec.type_state);
		u->last_active = unit_active(u);
		r->units++;
		mark_set(NULL);
	}
	arena_reset(&r->arena);
	return 0;
}

static int read_job(void *arg, const char *key, const void *data, size_t n)
{
	struct reader *r = arg;
	struct ipc_job_record rec;
	struct unit *u;

	if (decode(r, &ipc_job_record_desc, key, data, n, &rec) >= 0 && unit_load(r->m->set, rec.unit, &u) >= 0 &&
	    job_restore(r->m->jobs, rec.id, u, rec.type, rec.state, rec.irreversible, rec.ignore_order, rec.begin_usec, rec.run_usec) >= 0)
		r->jobs++;
	arena_reset(&r->arena);
	return 0;
}

static int read_child(void *arg, const char *key, const void *data, size_t n)
{
	struct reader *r = arg;
	struct ipc_child_record rec;
	struct unit *u = NULL;

	if (decode(r, &ipc_child_record_desc, key, data, n, &rec) >= 0 && !child_find(r->m, rec.token)) {
		if (*rec.unit)
			u = unit_get(r->m->set, rec.unit);
		struct child *c = child_add(r->m, rec.token, u, rec.role, rec.watched);

		if (c) {
			c->pending = rec.pending;
			c->pid = (pid_t)rec.pid;
		}
	}
	arena_reset(&r->arena);
	return 0;
}

static int read_answer(void *arg, const char *key, const void *data, size_t n)
{
	struct reader *r = arg;
	struct ipc_answer_record rec;

	if (decode(r, &ipc_answer_record_desc, key, data, n, &rec) >= 0)
		server_recall(r->m->server, rec.id, rec.uid, rec.answer.data, rec.answer.len);
	arena_reset(&r->arena);
	return 0;
}

static int read_finished(void *arg, const char *key, const void *data, size_t n)
{
	struct reader *r = arg;
	struct ipc_finished_record rec;

	if (decode(r, &ipc_finished_record_desc, key, data, n, &rec) >= 0)
		jobs_remember(r->m->jobs, &rec.info);
	arena_reset(&r->arena);
	return 0;
}

static int read_manager(void *arg, const char *key, const void *data, size_t n)
{
	struct reader *r = arg;
	struct manager *m = r->m;
	struct ipc_manager_state rec;

	if (decode(r, &ipc_manager_state_desc, key, data, n, &rec) < 0)
		return -EBADMSG;
	strv_free(m->environment);                      /* the record has all of it, without what was unset since */
	m->environment = NULL;
	for (size_t i = 0; i < rec.n_environment; i++)
		strv_add(&m->environment, rec.environment[i]);
	m->host.environment = m->environment;
	m->state = rec;
	m->state.environment = NULL;
	m->state.n_environment = 0;
	m->state.working_on = "";
	if (rec.power_argument) {
		snprintf(m->power_argument, sizeof(m->power_argument), "%s", rec.power_argument);
		m->state.power_argument = m->power_argument;
	}
	jobs_set_next_id(m->jobs, rec.next_job);
	server_set_event_seq(m->server, rec.event_seq + 1000);  /* some may have gone out after the last commit */
	log_set_level((int)rec.log_level);
	arena_reset(&r->arena);
	return 0;
}

/* ---- recovery ---- */

/* children told by init against the records: new states are dispatched, asked-for ones that never came are asked for again */
static void settle_children(struct manager *m)
{
	uint64_t never[256];
	size_t n;

	for (size_t i = 0; i < m->n_early_children; i++) {
		struct ipc_child told = m->early_children[i];

		told.name = m->early_names + i * 272;
		host_child(m, &told);
	}
	free(m->early_children);
	free(m->early_names);
	m->early_children = NULL;
	m->early_names = NULL;
	m->n_early_children = m->cap_early_children = 0;
	do {
		n = 0;
		for (size_t i = 0; i < MANAGER_CHILD_SLOTS; i++)
			for (struct child *c = m->children[i]; c && n < ARRAY_SIZE(never); c = c->next)
				if (c->unrecovered)
					never[n++] = c->token;
		for (size_t i = 0; i < n; i++) {
			struct child *c = child_find(m, never[i]);
			struct unit *u = c->unit;
			unsigned role = c->role;
			bool asked = c->pending && !c->watched;
			struct ipc_child gone = { .token = c->token, .pid = (uint32_t)c->pid, .phase = IPC_CHILD_PHASE_EXITED, .name = "" };

			c->unrecovered = false;
			if (asked && u && u->type->respawn) {
				child_drop(m, never[i], false);
				u->type->respawn(u, role);
			} else {
				host_child(m, &gone);
			}
		}
	} while (n == ARRAY_SIZE(never));
}

static void coldplug(struct manager *m)
{
	for (struct unit *u = unit_set_first(m->set); u; u = u->set_next) {
		if (u->load_state == UNIT_MERGED)
			continue;
		mark_set(u->id);
		if (u->cgroup_path && cgroup_attach(m->cgroups, u) < 0)
			log_event(LOG_WARNING, "UNIT_CGROUP", "cgroup is gone", F_STR("UNIT", u->id), F_STR("PATH", u->cgroup_path));
		if (u->type->coldplug)
			u->type->coldplug(u);
	}
	mark_set(NULL);
}

static void say_recovered(struct manager *m, const struct reader *r)
{
	static const char *const levels[] = { "everything", "everything but jobs", "everything but jobs and the unit worked on", "only what the kernel shows" };

	snprintf(m->recovery, sizeof(m->recovery), "start %u: took up %s: %u units, %u jobs, %u bad records%s%s", m->init.starts,
		 levels[MIN(m->init.trust, 3u)], r->units, r->jobs, r->bad, *r->quarantine ? ", quarantined " : "", r->quarantine);
	log_event(r->bad || m->init.trust ? LOG_WARNING : LOG_NOTICE, "CORE_RECOVERED", m->recovery);
}

static void quarantine(struct manager *m, const char *name)
{
	struct unit *u;

	if (!*name || unit_load(m->set, name, &u) < 0)
		return;
	u->load_state = UNIT_LOAD_ERROR;
	free(u->load_why);
	u->load_why = strdup("quarantined: the manager died repeatedly while working on this unit; daemon-reload takes it up again");
}

int record_recover(struct manager *m)
{
	struct reader r = { .m = m, .arena = ARENA_HEAP(RECORD_ARENA) };
	char dir[256], path[300];
	bool reset, known;

	snprintf(dir, sizeof(dir), "%s/state", m->run_dir);
	int e = store_open(&m->store, dir, &reset);

	if (e < 0)
		return e;
	snprintf(path, sizeof(path), "%s/mark", dir);
	char last[256] = "";

	if (mark_open(path, last) < 0)
		log_event(LOG_WARNING, "STATE_MARK", "no page for the mark");
	known = store_get(m->store, "m", read_manager, &r) >= 0;
	if (!known && m->init.starts <= 1) {            /* first start of this boot: nothing to recover, but types look at what is there */
		m->recovered = true;
		m->host.running = true;
		coldplug(m);
		return 1;
	}
	transient_recover(m);
	if (m->init.trust >= 2)
		snprintf(r.quarantine, sizeof(r.quarantine), "%s", last);
	if (m->init.trust < 3) {
		store_each(m->store, "u:", read_unit, &r);
		unit_load_pending(m->set);
		store_each(m->store, "c:", read_child, &r);
		store_each(m->store, "a:", read_answer, &r);
		store_each(m->store, "f:", read_finished, &r);
	} else {
		store_clear(m->store, "u:");
		store_clear(m->store, "c:");
	}
	if (m->init.trust < 1)
		store_each(m->store, "j:", read_job, &r);
	else
		store_clear(m->store, "j:");
	quarantine(m, r.quarantine);
	for (size_t i = 0; i < MANAGER_CHILD_SLOTS; i++)
		for (struct child *c = m->children[i]; c; c = c->next)
			c->unrecovered = true;
	m->recovered = true;
	m->host.running = true;
	coldplug(m);
	settle_children(m);
	jobs_coldplug(m->jobs);
	host_adopt_fds(m);
	say_recovered(m, &r);
	arena_reset(&r.arena);
	return known ? 0 : 1;
}
