/*
 * generators.c - generators before the first transaction and before each reload; systemd.generator(7)
 *
 * They are run by a unit of ours, so that time-out, log, state store and recovery are those of any service. What is to follow its job
 * stands in the manager's record: a core that is killed meanwhile goes on with it. An image without the unit does without generators.
 */
#include <fcntl.h>
#include <stdio.h>
#include "log.h"
#include "manager/manager.h"
#include "osfile.h"

#define UNIT "sysmaster-generators.service"
#define ENVIRONMENT_MAX (1u << 20)

/* ---- the environment that environment generators made ---- */

static int read_list(const char *path, char ***ret)
{
	_cleanup_(freep) char *text = malloc(ENVIRONMENT_MAX);
	int n = text ? osfile_read(path, text, ENVIRONMENT_MAX) : -ENOMEM;

	for (int i = 0; i < n; i += (int)strlen(text + i) + 1)
		if (strchr(text + i, '=') && strv_add(ret, text + i) < 0)
			return -ENOMEM;
	return n == -ENOENT ? 0 : MIN(n, 0);
}

static bool has_name(char *const *v, const char *assignment)
{
	size_t n = strcspn(assignment, "=") + 1;

	for (; v && *v; v++)
		if (strncmp(*v, assignment, n) == 0)
			return true;
	return false;
}

/* What they made before goes, unless somebody has changed it since; what somebody has set stays. */
static int take_environment(struct manager *m)
{
	_cleanup_(strv_freep) char **before = NULL, **now = NULL;
	char made[4096], taken[4096];
	int r;

	snprintf(made, sizeof(made), "%s/generators.environment", m->run_dir);
	snprintf(taken, sizeof(taken), "%s/generators.environment.taken", m->run_dir);
	r = read_list(taken, &before);
	if (r >= 0)
		r = read_list(made, &now);
	for (size_t i = 0; r >= 0 && before && before[i]; i++)
		if (strv_has(m->environment, before[i]))
			env_drop(m->environment, before[i]);
	for (size_t i = 0; r >= 0 && now && now[i]; i++)
		if (!has_name(m->environment, now[i]))
			r = strv_add(&m->environment, now[i]);
	if (r < 0)
		return r;
	if (now ? rename(made, taken) < 0 : unlink(taken) < 0 && errno != ENOENT)
		r = -errno;
	m->host.environment = m->environment;
	m->state_dirty = true;
	return r;
}

/* ---- before and after ---- */

static int done(struct deferred *d)
{
	struct manager *m = container_of(d, struct manager, generators_done);
	uint32_t then = m->state.generators_for;
	int r = take_environment(m);

	if (r < 0)
		log_event(LOG_WARNING, "GENERATORS", "the environment they made cannot be taken over", F_ERRNO(r));
	m->state.has_generators_for = m->state.has_generators_job = false;
	m->state.generators_for = 0;
	m->state.generators_job = 0;
	m->state_dirty = true;
	if (then & GENERATORS_RELOAD || lookup_stale(m->lookup))
		boot_reload_now(m);
	if (then & GENERATORS_RELOAD) {
		m->state.has_reload_done = true;
		m->state.reload_done = m->state.reload_id;
	}
	if (then & GENERATORS_BOOT)
		boot_target(m);
	return 0;
}

bool generators_begin(struct manager *m, uint32_t then)
{
	char why[TRANSACTION_WHY] = "";
	struct job *j = NULL;
	struct unit *u;
	int r;

	if (!m->state.generators_for) {
		r = unit_load(m->set, UNIT, &u);
		if (r < 0 || u->load_state != UNIT_LOADED)
			return false;
		r = manager_submit(m, u, IPC_JOB_TYPE_START, IPC_JOB_MODE_REPLACE, &j, why);
		if (r < 0 || !j) {
			log_event(LOG_WARNING, "GENERATORS", *why ? why : "the generators cannot be run", F_ERRNO(r));
			return false;
		}
		m->state.has_generators_job = true;
		m->state.generators_job = j->id;
	}
	m->state.has_generators_for = true;
	m->state.generators_for |= then;
	if (then & GENERATORS_RELOAD) {
		m->state.has_reload_id = true;
		m->state.reload_id++;
	}
	m->state_dirty = true;
	return true;
}

void generators_job_gone(struct manager *m, uint64_t job)
{
	if (m->state.generators_for && m->state.generators_job == job)
		defer(m->loop, &m->generators_done, done);
}

void generators_coldplug(struct manager *m)
{
	if (m->state.generators_for && !jobs_get(m->jobs, m->state.generators_job))
		defer(m->loop, &m->generators_done, done);
}
