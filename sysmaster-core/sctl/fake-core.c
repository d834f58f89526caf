/* fake-core.c - see fake-core.h */
#include <fnmatch.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include "core.ipc.h"
#include "fake-core.h"
#include "init.ipc.h"
#include "server.h"

#define PROPERTIES 24
#define JOBS 64

struct fake_unit {
	const char *id, *description, *load, *active, *sub;
	const char *properties[PROPERTIES][2];
};

static struct fake_unit units[] = {
	{ "web.service", "A web server with a description that goes on for quite a while", "loaded", "active", "running", {
		{ "FragmentPath", "/lib/systemd/system/web.service" }, { "DropInPaths", "/etc/systemd/system/web.service.d/a.conf /etc/systemd/system/web.service.d/b.conf" },
		{ "MainPID", "1" }, { "ActiveEnterTimestamp", "1700000000000000" }, { "Documentation", "man:web(8) https://example.org/" },
		{ "ExecStartPre", "{ path=/bin/true ; argv[]=/bin/true -x ; ignore_errors=no ; pid=77 ; code=exited ; status=0 }" },
		{ "StatusText", "serving" }, { "MemoryCurrent", "3565158" }, { "UnitFileState", "enabled" }, { "UnitFilePreset", "enabled" },
		{ "CPUUsageNSec", "1234567890" }, { "TriggeredBy", "web.socket" }, { "Wants", "db.service" }, { "Requires", "system.slice basic.target" },
		{ "Empty", "" }, { "NRestarts", "0" } } },
	{ "db.service", "Database", "loaded", "failed", "failed", {
		{ "ExecStart", "{ path=/bin/db ; argv[]=/bin/db -d ${X} ; ls } ; ignore_errors=no ; pid=0 ; code=(null) ; status=0/0 }" },
		{ "Result", "exit-code" }, { "ExecMainPID", "78" }, { "ExecMainCode", "1" }, { "ExecMainStatus", "3" }, { "FragmentPath", "/etc/systemd/system/db.service" } } },
	{ "unmet.service", "Unmet", "loaded", "inactive", "dead", {
		{ "ConditionResult", "no" }, { "ConditionTimestamp", "Tue 2023-11-14 22:13:20 UTC" },
		{ "Conditions", "{ type=ConditionPathExists; trigger=no; negate=yes; parameter=/a; b; state=failed }" } } },
	{ "idle.service", "Idle", "loaded", "inactive", "dead", { { "PIDFile", "/proc/self/stat" } } },
	{ "quiet.service", "Quiet", "loaded", "inactive", "dead", { { NULL } } },
	{ "lost.service", "lost.service", "not-found", "inactive", "dead", { { NULL } } },
	{ "slow.service", "Slow", "loaded", "activating", "start", { { NULL } } },
	{ "crash.service", "Crash", "loaded", "inactive", "dead", { { NULL } } },
	{ "fail.service", "Fail", "loaded", "failed", "failed", { { "Result", "exit-code" } } },
	{ "late.service", "Late", "loaded", "failed", "failed", { { "Result", "timeout" } } },
	{ "ran.service", "Ran", "loaded", "inactive", "dead", {
		{ "Result", "exit-code" }, { "ExecMainCode", "1" }, { "ExecMainStatus", "7" }, { "InactiveExitTimestampMonotonic", "1000000" },
		{ "InactiveEnterTimestampMonotonic", "2234000" }, { "CPUUsageNSec", "912000" }, { "IPIngressBytes", "[no data]" }, { "IOReadBytes", "2048" } } },
	{ "shot.service", "Shot", "loaded", "inactive", "dead", { { "Result", "signal" }, { "ExecMainCode", "2" }, { "ExecMainStatus", "9" } } },
	{ "fine.service", "Fine", "loaded", "inactive", "dead", { { "Result", "success" }, { "ExecMainCode", "1" }, { "ExecMainStatus", "3" } } },
	{ "web.socket", "Web socket", "loaded", "active", "listening", {
		{ "Listen", "[::]:80 (Stream)\n/run/web.sock (Datagram)" }, { "Triggers", "web.service" } } },
	{ "basic.target", "Basic", "loaded", "active", "active", { { "Wants", "idle.service" } } },
	{ "default.target", "Default", "loaded", "active", "active", { { "Requires", "basic.target" }, { "Wants", "web.service default.target" } } },
	{ "system.slice", "System Slice", "loaded", "active", "active", { { NULL } } },
	{ "-.mount", "Root", "loaded", "active", "mounted", { { "Where", "/" } } },
};

static struct fake_job { struct ipc_job_info info; struct timer timer; char unit[256]; } jobs[JOBS];
static size_t n_jobs;
static struct server *server;
static struct loop *loop;
static struct timer comeback;
static const char *run_dir;

static int open_server(void);

static struct fake_unit *find(const char *id)
{
	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (streq(units[i].id, id))
			return &units[i];
	return NULL;
}

static int job_over(struct timer *t)
{
	struct fake_job *j = container_of(t, struct fake_job, timer);

	j->info.state = IPC_JOB_STATE_FINISHED;
	j->info.result = streq(j->unit, "fail.service") ? IPC_JOB_RESULT_FAILED : streq(j->unit, "late.service") ? IPC_JOB_RESULT_TIMEOUT : IPC_JOB_RESULT_DONE;
	if (streq(j->unit, "slow.service"))
		find("slow.service")->active = "inactive";
	return server ? server_publish(server, IPC_CORE_EV_JOB_REMOVED, &j->info) : 0;
}

static int back(struct timer *t) { return open_server(); }

static int go_away(struct deferred *d)
{
	server_free(server);
	server = NULL;
	return timer_set(loop, &comeback, now_usec(CLOCK_BOOTTIME) + 150 * USEC_PER_MSEC, back);
}

static int submit(struct server_call *c, const void *req, void *rep)
{
	static struct deferred away;
	const struct ipc_submit_request *q = req;
	struct ipc_submit_reply *p = rep;

	p->jobs = arena_alloc(c->arena, q->n_units * sizeof(*p->jobs), 8);
	for (size_t i = 0; i < q->n_units; i++) {
		struct fake_job *j = &jobs[n_jobs % JOBS];
		uint64_t wait = streq(q->units[i], "slow.service") || streq(q->units[i], "crash.service") ? 150 : 5;

		if (streq(q->units[i], "gone.service")) {
			c->error = "Unit gone.service not found.";
			return -ENOENT;
		}
		if (streq(q->units[i], "denied.service"))
			return -EACCES;
		n_jobs++;
		snprintf(j->unit, sizeof(j->unit), "%s", q->units[i]);
		j->info = (struct ipc_job_info){ .id = n_jobs, .unit = j->unit, .type = q->type, .state = IPC_JOB_STATE_RUNNING };
		p->jobs[p->n_jobs++] = j->info;
		timer_set(loop, &j->timer, now_usec(CLOCK_BOOTTIME) + wait * USEC_PER_MSEC, job_over);
		if (streq(j->unit, "crash.service"))
			defer(loop, &away, go_away);
	}
	return 0;
}

static int get_job(struct server_call *c, const void *req, void *rep)
{
	uint64_t id = ((const struct ipc_job_request *)req)->id;

	if (id == 0 || id > n_jobs)
		return -ENOENT;
	*(struct ipc_job_info *)rep = jobs[(id - 1) % JOBS].info;
	return 0;
}

static int list_jobs(struct server_call *c, const void *req, void *rep)
{
	static struct ipc_job_info list[] = {
		{ 12, "web.service", IPC_JOB_TYPE_START, IPC_JOB_STATE_RUNNING, 0 }, { 7, "db.service", IPC_JOB_TYPE_VERIFY_ACTIVE, IPC_JOB_STATE_WAITING, 0 },
	};
	struct ipc_submit_reply *p = rep;

	p->jobs = list;
	p->n_jobs = ARRAY_SIZE(list);
	return 0;
}

static int cancel_job(struct server_call *c, const void *req, void *rep)
{
	return ((const struct ipc_job_request *)req)->id == 12 || ((const struct ipc_job_request *)req)->id == 7 ? 0 : -ENOENT;
}

static bool any(const char **list, size_t n, const char *a, const char *b, const char *c)
{
	for (size_t i = 0; i < n; i++)
		if (fnmatch(list[i], a, 0) == 0 || streq(list[i], b) || streq(list[i], c))
			return true;
	return n == 0;
}

/* two at a time: pages are part of what is tested */
static int list_units(struct server_call *c, const void *req, void *rep)
{
	const struct ipc_list_units_request *q = req;
	struct ipc_list_units_reply *p = rep;
	bool begun = !q->after || !*q->after;

	p->units = arena_alloc(c->arena, 2 * sizeof(*p->units), 8);
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		struct fake_unit *u = &units[i];

		if (!begun) {
			begun = streq(u->id, q->after);
			continue;
		}
		if (!any(q->patterns, q->n_patterns, u->id, u->id, u->id) || !any(q->states, q->n_states, u->load, u->active, u->sub) ||
		    (q->n_types && !any(q->types, q->n_types, strrchr(u->id, '.') + 1, "", "")))
			continue;
		if (p->n_units == 2) {
			p->more = true;
			return 0;
		}
		p->units[p->n_units++] = (struct ipc_unit_info){ u->id, u->description, u->load, u->active, u->sub, .following = "" };
	}
	return 0;
}

static void put(struct ipc_properties_reply *p, const struct ipc_unit_request *q, const char *name, const char *value)
{
	bool wanted = q->n_properties == 0;

	for (size_t i = 0; i < q->n_properties; i++)
		wanted |= streq(q->properties[i], name);
	if (wanted && value)
		p->properties[p->n_properties++] = (struct ipc_property){ name, value };
}

static int get_unit(struct server_call *c, const void *req, void *rep)
{
	const struct ipc_unit_request *q = req;
	struct ipc_properties_reply *p = rep;
	const struct fake_unit *u = find(q->unit);
	static const struct fake_unit none = { "none", "none", "not-found", "inactive", "dead", { { NULL } } };

	p->properties = arena_alloc(c->arena, (PROPERTIES + 8) * sizeof(*p->properties), 8);
	if (!*q->unit) {
		put(p, q, "Version", "test");
		put(p, q, "SystemState", "running");
		return 0;
	}
	u = u ? u : &none;
	put(p, q, "Id", u == &none ? q->unit : u->id);
	put(p, q, "Description", u->description);
	put(p, q, "LoadState", u->load);
	put(p, q, "ActiveState", u->active);
	put(p, q, "SubState", u->sub);
	for (size_t i = 0; i < PROPERTIES && u->properties[i][0]; i++)
		put(p, q, u->properties[i][0], u->properties[i][1]);
	return 0;
}

static int kill_unit(struct server_call *c, const void *req, void *rep)
{
	const struct ipc_kill_request *q = req;

	c->error = "no such process";
	return q->signo == 1 && streq(q->who, "main") && streq(q->unit, "web.service") ? 0 : -ESRCH;
}

static int reset_failed(struct server_call *c, const void *req, void *rep)
{
	const struct ipc_reset_failed_request *q = req;

	return !q->unit || find(q->unit) ? 0 : -ENOENT;
}

/* not at once: the generators run for two more questions */
static int reload(struct server_call *c, const void *req, void *rep)
{
	struct ipc_reload_reply *p = rep;

	p->has_pending = true;
	p->pending = 7;
	return 0;
}

static int get_reload(struct server_call *c, const void *req, void *rep)
{
	static const char *problems[] = { "/a.service:3:1: Unit.Foo: unknown key" };
	static int asked;
	struct ipc_reload_reply *p = rep;

	if (((const struct ipc_reload_query *)req)->id != 7)
		return -ENOENT;
	if (asked++ < 2)
		return reload(c, NULL, rep);
	asked = 0;
	p->units = 42;
	p->usec = 5000;
	p->problems = problems;
	p->n_problems = 1;
	return 0;
}

static int status(struct server_call *c, const void *req, void *rep)
{
	static const char *environment[] = { "PATH=/bin:/usr/bin", "GREETING=it's me\n" };

	*(struct ipc_manager_status *)rep = (struct ipc_manager_status){
		.version = "test", .state = "degraded", .units = 14, .jobs = 2, .failed_units = 1, .pid = 4711, .starts = 1, .boot_usec = 1,
		.cgroup_root = "", .log_level = 6, .environment = environment, .n_environment = 2, .recovery = "",
	};
	return 0;
}

static int set_environment(struct server_call *c, const void *req, void *rep)
{
	const struct ipc_environment_request *q = req;

	return (q->n_set == 1 && streq(q->set[0], "A=b c") && q->n_unset == 0) || (q->n_unset == 1 && streq(q->unset[0], "A")) ? 0 : -EINVAL;
}

static int set_log_level(struct server_call *c, const void *req, void *rep) { return ((const struct ipc_log_level_request *)req)->level == 7 ? 0 : -EINVAL; }

static int power(struct server_call *c, const void *req, void *rep)
{
	const struct ipc_power_target_request *q = req;

	c->error = "power seen";
	return q->verb == IPC_POWER_VERB_REBOOT && q->argument && streq(q->argument, "recovery") ? 0 :
	       q->verb == IPC_POWER_VERB_EXIT && q->has_exit_status && q->exit_status == 7 ? 0 : -ENOLINK;
}

static void describe(struct buf *b, const struct ipc_transient_unit *u)
{
	buf_addf(b, "[%s]", u->name);
	for (size_t i = 0; i < u->n_settings; i++)
		buf_addf(b, "%s|", u->settings[i]);
}

/* units named seen-* are refused with all that was asked for; a unit that has ended is there already */
static int start_transient(struct server_call *c, const void *req, void *rep)
{
	static const char *remarks[] = { "known and not honoured" };
	const struct ipc_transient_request *q = req;
	struct ipc_transient_reply *p = rep;
	struct fake_job *j = &jobs[n_jobs % JOBS];
	_cleanup_(buf_finish) struct buf b = { .data = NULL };

	describe(&b, &q->unit);
	for (size_t i = 0; i < q->n_others; i++)
		describe(&b, &q->others[i]);
	buf_addf(&b, "mode=%d hold=%d streams=%d pids=%zu", (int)q->mode, q->has_hold && q->hold, q->has_streams, q->n_pids);
	c->error = arena_strndup(c->arena, buf_str(&b), b.len);
	if (startswith(q->unit.name, "seen-"))
		return -ENOLINK;
	c->error = "Unknown assignment: Foo=1";
	if (q->unit.n_settings > 1 && streq(q->unit.settings[1], "Foo=1"))
		return -ENOENT;
	if (q->unit.n_settings > 1 && streq(q->unit.settings[1], "Bar=1")) {
		p->remarks = remarks;
		p->n_remarks = 1;
	}
	n_jobs++;
	snprintf(j->unit, sizeof(j->unit), "%s", q->unit.name);
	j->info = (struct ipc_job_info){ .id = n_jobs, .unit = j->unit, .type = IPC_JOB_TYPE_START, .state = IPC_JOB_STATE_RUNNING };
	p->jobs = &j->info;
	p->n_jobs = 1;
	return timer_set(loop, &j->timer, now_usec(CLOCK_BOOTTIME) + 5 * USEC_PER_MSEC, job_over);
}

static int set_properties(struct server_call *c, const void *req, void *rep)
{
	const struct ipc_set_properties_request *q = req;

	if (streq(q->settings[0], "Foo=1")) {
		c->error = "Unknown assignment: Foo=1";
		return -ENOENT;
	}
	c->error = "seen";
	return streq(q->unit, "web.service") && q->n_settings == 2 && streq(q->settings[0], "CPUWeight=20") && q->has_runtime && q->runtime ? 0 : -ENOLINK;
}

static int release_unit(struct server_call *c, const void *req, void *rep) { return 0; }

static const struct server_method methods[] = {
	{ IPC_CORE_START_TRANSIENT, start_transient }, { IPC_CORE_RELEASE_UNIT, release_unit }, { IPC_CORE_SET_PROPERTIES, set_properties },
	{ IPC_CORE_SUBMIT, submit }, { IPC_CORE_GET_JOB, get_job }, { IPC_CORE_LIST_JOBS, list_jobs }, { IPC_CORE_CANCEL_JOB, cancel_job },
	{ IPC_CORE_LIST_UNITS, list_units }, { IPC_CORE_GET_UNIT, get_unit }, { IPC_CORE_KILL_UNIT, kill_unit },
	{ IPC_CORE_RESET_FAILED, reset_failed }, { IPC_CORE_RELOAD, reload }, { IPC_CORE_GET_RELOAD, get_reload }, { IPC_CORE_STATUS, status },
	{ IPC_CORE_SET_ENVIRONMENT, set_environment }, { IPC_CORE_SET_LOG_LEVEL, set_log_level }, { IPC_CORE_POWER, power },
};

static int open_server(void)
{
	static char path[PATH_MAX], events[PATH_MAX];
	struct server_config config = { .socket = &ipc_core_socket, .path = path, .events_path = events, .methods = methods, .n_methods = ARRAY_SIZE(methods) };
	int r;

	snprintf(path, sizeof(path), "%s/core.sock", run_dir);
	snprintf(events, sizeof(events), "%s/core-events.sock", run_dir);
	r = server_new(&server, &config);
	return r < 0 ? r : server_start(server, loop);
}

static int serve(int ready)
{
	char init[PATH_MAX];
	FILE *f;
	int r;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* only its name is looked at: init is there, so core will come back */
	snprintf(init, sizeof(init), "%s/init.sock", run_dir);
	f = fopen(init, "we");
	if (f)
		fclose(f);
	r = loop_new(&loop, 16, false);
	if (r >= 0)
		r = open_server();
	if (r < 0 || write(ready, "1", 1) != 1)
		return 1;
	loop_run(loop);
	return 1;
}

pid_t fake_core_start(const char *dir)
{
	int fds[2];
	pid_t pid;
	char c;

	if (pipe(fds) < 0)
		return -errno;
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		run_dir = dir;
		_exit(serve(fds[1]));
	}
	close(fds[1]);
	if (pid > 0 && read(fds[0], &c, 1) != 1)
		pid = -EIO;
	close(fds[0]);
	return pid;
}

void fake_core_stop(pid_t pid)
{
	if (pid > 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
}
