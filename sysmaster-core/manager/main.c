/*
 * main.c - sysmaster-core: decides what runs
 *
 * Started by sysmaster-init with its end of the channel as fd 3. Order: log, channel, endpoint, sandbox, then
 * what init tells, then unit files and state. Nothing foreign is read before the sandbox stands.
 */
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include "log.h"
#include "manager/manager.h"
#include "version.h"
#include "sandbox.h"
#include "osfile.h"
#include "unit/scope.h"
#include "virt.h"

#define CHANNEL_FD 3

/* ---- problems of unit files: the log, and the last of them for `sctl` ---- */

static void report(struct diag_sink *s, enum diag_level level, const char *file, unsigned line, unsigned column, const char *text)
{
	struct manager *m = container_of(s, struct manager, sink);
	static const int levels[] = { [DIAG_ERROR] = LOG_ERR, [DIAG_WARNING] = LOG_WARNING, [DIAG_UNSUPPORTED] = LOG_NOTICE };
	struct problem *p;
	char where[400];

	snprintf(where, sizeof(where), "%s:%u:%u", file ?: "?", line, column);
	log_event(levels[level], level == DIAG_UNSUPPORTED ? "UNIT_KEY_UNSUPPORTED" : "UNIT_FILE", text, F_STR("AT", where));
	/* whoever asks for a reload is told what is wrong; what is right and not honoured here stands in the log */
	if (level == DIAG_UNSUPPORTED || m->n_problems >= MANAGER_PROBLEMS || !(p = calloc(1, sizeof(*p))))
		return;
	snprintf(p->text, sizeof(p->text), "%s: %s", where, text);
	struct problem **at = &m->problems;

	while (*at)
		at = &(*at)->next;
	*at = p;
	m->n_problems++;
}

/* ---- jobs to the outside ---- */

static void job_added(void *user, const struct job *j)
{
	struct manager *m = user;
	struct ipc_job_info info;

	record_job(m, j);
	job_info(j, &info);
	server_publish(m->server, IPC_CORE_EV_JOB_NEW, &info);
}

static void job_changed(void *user, const struct job *j)
{
	record_job(user, j);
}

static void job_removed(void *user, const struct job *j, enum ipc_job_result result)
{
	struct manager *m = user;
	struct ipc_job_info info;

	job_info(j, &info);
	info.state = IPC_JOB_STATE_FINISHED;
	info.result = result;
	record_job_gone(m, j, &info);
	generators_job_gone(m, j->id);
	server_publish(m->server, IPC_CORE_EV_JOB_REMOVED, &info);
	status_job(m, j, result);
	if (result != IPC_JOB_RESULT_DONE && result != IPC_JOB_RESULT_CANCELED)
		log_event(LOG_WARNING, "JOB_FAILED", "job ended without success", F_STR("UNIT", j->unit->id), F_STR("TYPE", job_type_name(j->type)),
			  F_STR("RESULT", msg_enum_name(&ipc_job_result_enum, (int32_t)result)));
	if (result == IPC_JOB_RESULT_TIMEOUT || result == IPC_JOB_RESULT_DEPENDENCY)
		react_job_failed(m, j);
	if (j->unit->start_limit_hit && !j->unit->start_limit_told)
		react_action(m, j->unit, j->unit->start_limit_action, j->unit->reboot_arg, "start limit hit: StartLimitAction=");
	j->unit->start_limit_told = true;
	react_job_ended(m, j->unit);
	if (j->unit->transient)
		collect_transient_soon(m);
}

static void job_timed_out(void *user, const struct job *j)
{
	react_action(user, j->unit, j->unit->job_timeout_action, j->unit->job_timeout_reboot_arg, "job timed out: JobTimeoutAction=");
}

/* ---- what init tells ---- */

static void on_welcome(void *user, const struct ipc_welcome *w)
{
	struct manager *m = user;

	m->init.mode = w->mode;
	m->init.starts = w->core_starts;
	m->init.trust = w->trust;
	m->init.show_status = w->show_status;
	m->init.boot_usec = w->boot_usec;
	snprintf(m->init.boot_unit, sizeof(m->init.boot_unit), "%s", w->boot_unit);
	snprintf(m->init.container, sizeof(m->init.container), "%s", w->container);
	snprintf(m->init.cgroup_root, sizeof(m->init.cgroup_root), "%s", w->cgroup_root);
	m->host.cgroup_root = m->init.cgroup_root;
	virt_know_container(m->init.container);
	log_set_level((int)w->log_level);
	m->welcomed = true;
}

static void remember_early(struct manager *m, const struct ipc_child *c)
{
	if (m->n_early_children == m->cap_early_children) {
		size_t cap = MAX(m->cap_early_children * 2, (size_t)64);
		struct ipc_child *v = realloc(m->early_children, cap * sizeof(*v));

		if (v)
			m->early_children = v;
		char *names = realloc(m->early_names, cap * 272);

		if (names)
			m->early_names = names;
		if (!v || !names)
			return;                         /* init keeps the record: the next core hears of it again */
		m->cap_early_children = cap;
	}
	m->early_children[m->n_early_children] = *c;
	snprintf(m->early_names + m->n_early_children * 272, 272, "%s", c->name);
	m->n_early_children++;
}

static void on_child(void *user, const struct ipc_child *c)
{
	struct manager *m = user;

	if (m->recovered)
		host_child(m, c);
	else
		remember_early(m, c);
}

static void on_stored_fd(void *user, const char *name, int fd) { host_store_early_fd(user, name, fd); }
static void on_synced(void *user) { ((struct manager *)user)->synced = true; }
static void on_signal(void *user, uint32_t signo) { boot_signal(user, signo); }

static void on_power(void *user, const struct ipc_power *p)
{
	char why[TRANSACTION_WHY] = "";
	int r = boot_power(user, p->verb, p->argument, p->has_exit_status ? p->exit_status : 0, false, NULL, why);

	if (r < 0)
		log_event(LOG_ERR, "POWER", why, F_ERRNO(r));
}

/* ---- turns ---- */

static int turn_end(void *arg)
{
	struct manager *m = arg;

	if (!m->recovered)
		return 0;
	boot_check_finished(m);
	record_commit(m);
	link_flush(m->link);
	server_flush(m->server);
	notify_consume(m);
	if (m->exiting && !m->state.has_power)
		loop_exit(m->loop, 0);
	return 0;
}

static void cgroup_is_empty(void *arg, struct unit *u)
{
	if (u->type->cgroup_empty)
		u->type->cgroup_empty(u);
}

/* ---- start ---- */

static int open_all(struct manager *m)
{
	static const struct link_handler handler_template = {
		.welcome = on_welcome, .child = on_child, .stored_fd = on_stored_fd, .synced = on_synced, .signal = on_signal, .power = on_power,
	};
	struct link_handler handler = handler_template;
	int r = loop_new(&m->loop, 64, false);

	if (r < 0)
		return r;
	handler.user = m;
	host_init(m);
	r = link_new(&m->link, m->loop, CHANNEL_FD, &handler);
	if (r >= 0)
		r = methods_open(m);
	if (r >= 0)
		r = sandbox_enter(&core_sandbox);
	return r;
}

static int wait_for_sync(struct manager *m)
{
	uint64_t deadline = now_usec(CLOCK_BOOTTIME) + 30 * USEC_PER_SEC;

	while (!m->synced) {
		int r = loop_turn(m->loop, 1000);

		if (r < 0)
			return r;
		if (now_usec(CLOCK_BOOTTIME) > deadline)
			return -ETIMEDOUT;
	}
	return m->welcomed ? 0 : -EPROTO;
}

static int build_world(struct manager *m)
{
	struct jobs_hooks hooks = { job_added, job_removed, job_changed, job_timed_out, m };
	int r = lookup_new(&m->lookup, scope_is_user() ? LOOKUP_USER : LOOKUP_SYSTEM, "");

	m->sink.report = report;
	if (r >= 0)
		r = cgroup_tree_new(&m->cgroups, m->init.cgroup_root, m->loop, cgroup_is_empty, m);
	if (r >= 0)
		r = unit_set_new(&m->set, m->lookup, &m->host, &m->sink);
	if (r >= 0)
		r = jobs_new(&m->jobs, m->set, m->loop, &hooks);
	return r;
}

static void enumerate_types(struct manager *m)
{
	static const char *const types[] = { "slice", "scope", "mount", "swap", "device" };
	int err;

	/* swap and devices are the system's */
	for (size_t i = 0; i < (scope_is_user() ? 3 : ARRAY_SIZE(types)); i++) {
		const struct unit_type *t = unit_type_find(types[i], &err);

		if (t && t->enumerate)
			t->enumerate(m->set);
	}
}

static int start(struct manager *m)
{
	struct ipc_ready ready = { .status = "running" };
	int r = wait_for_sync(m);

	if (r >= 0)
		r = build_world(m);
	if (r < 0)
		return r;
	enumerate_types(m);
	r = record_recover(m);
	if (r < 0)
		return r;
	m->recovered = true;
	m->host.running = true;
	if (r > 0) {
		m->state.core_usec = now_usec(CLOCK_BOOTTIME);
		for (size_t i = 0; i < m->n_early_children; i++) {      /* children without any record */
			struct ipc_child told = m->early_children[i];

			told.name = m->early_names + i * 272;
			host_child(m, &told);
		}
		boot_first(m);
	} else {
		generators_coldplug(m);
	}
	m->state_dirty = true;
	r = notify_open(m);
	if (r >= 0)
		r = methods_start(m);
	transient_prune(m);
	collect_transient_soon(m);
	host_drop_unclaimed_fds(m);
	cgroup_trim(m->cgroups, m->set);
	link_send(m->link, IPC_CHANNEL_TO_INIT_EV_READY, &ready, NULL, 0);
	return r;
}

/* locale.conf(5); the second is Debian's place for the same */
static void read_locale(struct manager *m)
{
	static const char *const files[] = { "/etc/locale.conf", "/etc/default/locale" };
	static const char *const names[] = { "LANG", "LANGUAGE", "LC_CTYPE", "LC_NUMERIC", "LC_TIME", "LC_COLLATE", "LC_MONETARY", "LC_MESSAGES", "LC_PAPER",
		"LC_NAME", "LC_ADDRESS", "LC_TELEPHONE", "LC_MEASUREMENT", "LC_IDENTIFICATION" };
	const char *file = access(files[0], F_OK) == 0 ? files[0] : files[1];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_cleanup_(freep) char *value = NULL;
		char *s;

		if (osfile_field(file, names[i], &value) < 0 || asprintf(&s, "%s=%s", names[i], value) < 0)
			continue;
		env_drop(m->environment, names[i]);
		strv_consume(&m->environment, s);
	}
}

/* services do not inherit what PID 1 was given by the kernel or by a container's maker: systemd.exec(5), PassEnvironment= asks for that */
/* what PAM and the unit gave a user's manager is for its services, but for what was said to the manager itself */
static void user_environment(struct manager *m)
{
	static const char *const own[] = {
		"SYSMASTER_", "NOTIFY_SOCKET=", "LISTEN_", "MAINPID=", "INVOCATION_ID=", "JOURNAL_STREAM=", "WATCHDOG_", "CREDENTIALS_DIRECTORY=",
		"RUNTIME_DIRECTORY=", "STATE_DIRECTORY=", "CACHE_DIRECTORY=", "LOGS_DIRECTORY=", "CONFIGURATION_DIRECTORY=", "SYSTEMD_EXEC_PID=",
	};

	for (char **e = environ; *e; e++) {
		bool skip = false;

		for (size_t i = 0; i < ARRAY_SIZE(own); i++)
			skip |= startswith(*e, own[i]);
		if (!skip)
			strv_add(&m->environment, *e);
	}
	m->host.environment = m->environment;
}

static void environment(struct manager *m)
{
	static const char *const inherited[] = { "PATH", "LANG" };
	_cleanup_(freep) char *defaults = strdup(getenv("SYSMASTER_DEFAULT_ENVIRONMENT") ?: "");
	char *rest = defaults, *word, *s;

	if (scope_is_user()) {
		user_environment(m);
		return;
	}

	for (size_t i = 0; i < ARRAY_SIZE(inherited); i++)
		if (getenv(inherited[i]) && asprintf(&s, "%s=%s", inherited[i], getenv(inherited[i])) > 0)
			strv_consume(&m->environment, s);
	read_locale(m);
	while ((word = strsep(&rest, " \t")))
		if (strchr(word, '=') && *word != '=') {
			env_drop(m->environment, word);
			strv_add(&m->environment, word);
		}
}

/* the kernel log; a container without one has a file, since a getty's hang-up closes the console under us */
static void open_log(const struct manager *m)
{
	char path[256];

	if (getenv("SYSMASTER_LOG_STDERR")) {
		log_open("sysmaster-core", LOG_TO_STDERR, NULL);
	} else if (access("/dev/kmsg", W_OK) == 0) {
		log_open("sysmaster-core", LOG_TO_KMSG, NULL);
	} else {
		snprintf(path, sizeof(path), "%s/core.log", m->run_dir);
		log_open("sysmaster-core", LOG_TO_FILE, path);
	}
}

int main(int argc, char **argv)
{
	static struct manager m = { .notify = { .fd = -1 } };
	int r;

	if (argc > 1 && (streq(argv[1], "--version") || streq(argv[1], "--help"))) {
		printf("sysmaster-core %s: the service manager, started by sysmaster-init\n", SYSMASTER_VERSION);
		return 0;
	}
	m.run_dir = getenv("SYSMASTER_RUN_DIR") ?: "/run/sysmaster";
	m.wishes_last = &m.wishes;
	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);          /* a huge page under the heap or the store's map would be mostly air */
	umask(0022);
	tzset();
	open_log(&m);
	environment(&m);
	r = open_all(&m);
	if (r >= 0)
		loop_set_turn_end(m.loop, turn_end, &m);
	if (r >= 0)
		r = start(&m);
	if (r >= 0)
		r = turn_end(&m);
	if (r >= 0)
		r = loop_run(m.loop);
	if (r < 0)
		log_event(LOG_CRIT, "CORE_EXIT", "core ends; init starts the next", F_ERRNO(r));
	return r < 0 ? 1 : 0;
}
