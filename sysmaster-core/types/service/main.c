/* main.c - the service type as a plug-in: defaults, what follows from the settings, properties, the table */
#include <signal.h>
#include <stdio.h>
#include "log.h"
#include "types/common.h"
#include "types/service/service.h"
#include "unit/name.h"
#include "unit/scope.h"

static void init(struct unit *u)
{
	struct service *s = SERVICE(u);
	struct unit_host *h = unit_host(u);

	exec_context_init(&s->exec);
	if (!scope_is_user())
		s->exec.s.keyring_mode = IPC_KEYRING_MODE_PRIVATE;
	kill_context_init(&s->kill);
	cgroup_context_init(&s->cgroup);
	s->timeout_start_usec = h->default_timeout_start_usec;
	s->timeout_stop_usec = s->timeout_abort_usec = h->default_timeout_stop_usec;
	s->restart_usec = h->default_restart_usec;
	s->restart_max_usec = USEC_INFINITY;
	s->restart_steps = 0;
	s->reload_signal = SIGHUP;
	s->runtime_max_usec = USEC_INFINITY;
	s->type = SVC_SIMPLE;
	s->notify_access = s->oom_policy = -1;
	s->guess_main_pid = true;
	s->type_set = s->timeout_start_set = s->timeout_abort_set = false;
	if (u->reloading)
		return;
	s->connection_fd = s->pid_watch_fd = s->control_list = -1;
	s->streams[0] = s->streams[1] = s->streams[2] = -1;
}

static void done(struct unit *u)
{
	struct service *s = SERVICE(u);

	timer_del(&s->timer);
	timer_del(&s->watchdog_timer);
	defer_del(&s->restart_soon);
	service_unwatch_pid_file(s);
	closep(&s->connection_fd);
	for (int i = 0; i < 3; i++)
		closep(&s->streams[i]);
	while (s->fds) {                                /* only our copies: what is stored stays stored */
		struct service_fd *f = s->fds;

		s->fds = f->next;
		source_del(&f->source);
		close(f->source.fd);
		free(f->key);
		free(f->name);
		free(f);
	}
	free(s->status_text);
	free(s->accept_socket);
	exec_context_done(&s->exec);
	cgroup_context_done(&s->cgroup);
}

/* ---- what follows from the settings ---- */

static bool no_command(const struct service *s) { return !s->lists[LIST_START] && !s->lists[LIST_STOP] && !s->u.success_action; }
static bool not_oneshot_without_start(const struct service *s) { return s->type != SVC_ONESHOT && !s->lists[LIST_START]; }
static bool nothing_left(const struct service *s) { return !s->remain_after_exit && !s->lists[LIST_START] && !s->u.success_action; }
static bool many_starts(const struct service *s) { return s->type != SVC_ONESHOT && command_count(s->lists[LIST_START]) > 1; }
static bool oneshot_restarts(const struct service *s)
{
	return s->type == SVC_ONESHOT && (s->restart == RESTART_ALWAYS || s->restart == RESTART_ON_SUCCESS);
}
static bool oneshot_exit_type(const struct service *s) { return s->type == SVC_ONESHOT && s->exit_type; }
static bool dbus_without_name(const struct service *s) { return s->type == SVC_DBUS && !s->bus_name; }

static const struct { bool (*wrong)(const struct service *s); const char *text; } checks[] = {
	{ no_command, "service has no ExecStart=, ExecStop= or SuccessAction=: refused" },
	{ not_oneshot_without_start, "service has no ExecStart=, which only Type=oneshot may lack: refused" },
	{ nothing_left, "service has neither ExecStart= nor RemainAfterExit=yes: refused" },
	{ many_starts, "more than one ExecStart= is only allowed with Type=oneshot: refused" },
	{ oneshot_restarts, "Restart=always and on-success are not allowed with Type=oneshot: refused" },
	{ oneshot_exit_type, "ExitType=cgroup is not allowed with Type=oneshot: refused" },
	{ dbus_without_name, "Type=dbus needs BusName=: refused" },
};

static int verify(struct service *s, const struct key_place *at)
{
	for (size_t i = 0; i < ARRAY_SIZE(checks); i++)
		if (checks[i].wrong(s))
			return type_bad(at, checks[i].text);
	return 0;
}

/* what has no effect is said, and the service loads: systemd 254 does so too */
static void check_steps(struct service *s, const struct key_place *at)
{
	if (s->restart_steps && s->restart_max_usec == USEC_INFINITY)
		type_note(at, "RestartSteps= has no effect without RestartMaxDelaySec=");
	else if (!s->restart_steps && s->restart_max_usec != USEC_INFINITY)
		type_note(at, "RestartMaxDelaySec= has no effect without RestartSteps=");
	else if (s->restart_steps && s->restart_max_usec < s->restart_usec)
		type_note(at, "RestartMaxDelaySec= is less than RestartSec= and has no effect");
}

static int pid_file_absolute(struct service *s)
{
	char *abs;

	if (!s->pid_file)
		return 0;
	if (*s->pid_file == '/') {
		path_without_var_run(s->pid_file);
		return 0;
	}
	if (asprintf(&abs, "%s/%s", scope_dir(SCOPE_RUNTIME), s->pid_file) < 0)
		return -ENOMEM;
	free(s->pid_file);
	s->pid_file = abs;
	return 0;
}

static int settle(struct service *s, const struct key_place *at)
{
	if (!s->type_set)
		s->type = s->bus_name ? SVC_DBUS : s->lists[LIST_START] ? SVC_SIMPLE : SVC_ONESHOT;
	if (!s->timeout_abort_set)
		s->timeout_abort_usec = s->timeout_stop_usec;
	if (s->type == SVC_ONESHOT && !s->timeout_start_set)
		s->timeout_start_usec = USEC_INFINITY;
	if (s->notify_access < 0 || (s->notify_access == NOTIFY_NONE && (service_notifies(s) || s->watchdog_usec || s->fdstore_max)))
		s->notify_access = service_notifies(s) || s->watchdog_usec || s->fdstore_max ? NOTIFY_MAIN : NOTIFY_NONE;
	if (s->oom_policy < 0)
		s->oom_policy = s->cgroup.delegate ? OOM_CONTINUE : OOM_STOP;
	s->cgroup.oom_group = s->oom_policy == OOM_KILL;
	return pid_file_absolute(s);
}

static int add_default_deps(struct unit *u)
{
	int r;

	if (!u->default_dependencies)
		return 0;
	r = scope_is_user() ? type_dep(u, DEP_REQUIRES, "basic.target", DEP_DEFAULT) : type_early_deps(u);
	if (r >= 0)
		r = type_dep(u, DEP_AFTER, "basic.target", DEP_DEFAULT);
	return r >= 0 ? type_shutdown_deps(u) : r;
}

static int add_socket_deps(struct service *s)
{
	for (char **n = s->sockets; n && *n; n++) {
		int r = type_two_deps(&s->u, DEP_AFTER, DEP_WANTS, *n, DEP_FILE);

		if (r >= 0)
			r = type_dep(&s->u, DEP_TRIGGERED_BY, *n, DEP_FILE);
		if (r < 0)
			return r;
	}
	return 0;
}

static int load(struct unit *u, const struct key_place *at)
{
	struct service *s = SERVICE(u);
	int r = settle(s, at);

	if (r >= 0)
		r = verify(s, at);
	if (r >= 0)
		check_steps(s, at);
	if (r >= 0)
		r = type_contexts(u, &s->exec, &s->cgroup, true);
	if (r >= 0)
		r = add_socket_deps(s);
	if (r >= 0 && s->type == SVC_DBUS)
		r = type_two_deps(u, DEP_AFTER, DEP_REQUIRES, "dbus.socket", DEP_IMPLICIT);
	return r >= 0 ? add_default_deps(u) : r;
}

/* ---- the rest of the table ---- */

static const char *sub(const struct unit *u) { return service_state_names[SERVICE(u)->state]; }
static pid_t main_pid(const struct unit *u) { return SERVICE(u)->main_pid; }
static pid_t control_pid(const struct unit *u) { return SERVICE(u)->control_pid; }

static bool may_gc(const struct unit *u)
{
	const struct service *s = SERVICE(u);

	return !s->main_token && !s->control_token && !s->fds;
}

static int give_connection(struct unit *u, struct unit *socket, int fd)
{
	struct service *s = SERVICE(u);
	_cleanup_(closep) int own = fd;
	int r;

	if (s->state != SVC_DEAD || s->connection_fd >= 0)
		return -EAGAIN;
	s->accept_socket = strdup(socket->id);
	if (!s->accept_socket)
		return -ENOMEM;
	r = unit_host(u)->store_fd(u, "connection", own);
	if (r < 0)
		log_event(LOG_WARNING, "SERVICE_CONNECTION", "connection cannot be stored: it would not survive the manager", F_STR("UNIT", u->id), F_ERRNO(r));
	s->connection_fd = TAKE_FD(own);
	unit_dirty(u);
	return 0;
}

static int kill_service(struct unit *u, const char *who, int signo)
{
	struct service *s = SERVICE(u);
	bool all = streq(who, "all"), found = false;
	int n = 0;

	if ((all || streq(who, "main")) && s->main_pid > 1) {
		found = true;
		n += kill(s->main_pid, signo) == 0;
	}
	if ((all || streq(who, "control")) && s->control_pid > 1) {
		found = true;
		n += kill(s->control_pid, signo) == 0;
	}
	if (all) {
		int r = unit_host(u)->kill_cgroup(u, signo, s->main_pid, s->control_pid);

		n += MAX(r, 0);
	}
	return n > 0 ? 0 : found || all ? -ESRCH : -ENXIO;
}

typedef void (*put_fn)(void *arg, const char *name, const char *value);

static void put_num(put_fn put, void *arg, const char *name, int64_t v)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld", (long long)v);
	put(arg, name, text);
}

/* a wall-clock time, which sctl makes readable, and the same on the monotonic clock */
static void put_stamp(put_fn put, void *arg, const char *name, uint64_t usec)
{
	uint64_t ago = now_usec(CLOCK_REALTIME) - usec, mono = now_usec(CLOCK_MONOTONIC);
	char text[32], mono_name[80];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)usec);
	put(arg, name, usec ? text : "");
	snprintf(mono_name, sizeof(mono_name), "%sMonotonic", name);
	put_num(put, arg, mono_name, usec && ago < mono ? (int64_t)(mono - ago) : 0);
}

static void put_span(put_fn put, void *arg, const char *name, uint64_t usec)
{
	_cleanup_(buf_finish) struct buf b = { 0 };

	value_format_sec(usec, &b);
	put(arg, name, buf_str(&b) ?: "");
}

static void properties(const struct unit *u, put_fn put, void *arg)
{
	const struct service *s = SERVICE(u);
	const struct command *cmd = command_nth(s->lists[LIST_START], s->main_index);

	put_num(put, arg, "MainPID", s->main_pid);
	put_num(put, arg, "ControlPID", s->control_pid);
	put(arg, "Result", service_result_names[s->result]);
	put(arg, "ReloadResult", service_result_names[s->reload_result]);
	put(arg, "CleanResult", "success");
	put(arg, "StatusText", s->status_text ?: "");
	put_num(put, arg, "StatusErrno", s->status_errno);
	put_num(put, arg, "NRestarts", s->restarts);
	put_num(put, arg, "NFileDescriptorStore", s->n_fds);
	put_span(put, arg, "RestartUSecNext", service_restart_delay(s));
	put_stamp(put, arg, "ExecMainStartTimestamp", s->main_run.start_usec);
	put_stamp(put, arg, "ExecMainExitTimestamp", s->main_run.exit_usec);
	put_num(put, arg, "ExecMainPID", s->main_run.pid);
	put_num(put, arg, "ExecMainCode", s->main_run.code);
	put_num(put, arg, "ExecMainStatus", s->main_run.status);
	put_span(put, arg, "TimeoutAbortUSec", s->timeout_abort_set ? s->timeout_abort_usec : s->timeout_stop_usec);
	put_span(put, arg, "WatchdogUSec", u->inactive_exit.monotonic ? s->watchdog_now_usec : s->watchdog_usec);
	put_stamp(put, arg, "WatchdogTimestamp", s->watchdog_now_usec ? s->watchdog_last_usec : 0);
	if (cmd && cmd->fail_stage) {
		put(arg, "ExecFailedStage", exec_stage_name(cmd->fail_stage));
		put(arg, "ExecFailedError", strerror(-cmd->fail_error));
	}
}

__attribute__((visibility("default"))) extern const struct unit_type unit_type_service;
const struct unit_type unit_type_service = {
	.abi = UNIT_TYPE_ABI, .name = "service", .section = "Service", .size = sizeof(struct service),
	.groups = service_groups, .n_groups = N_SERVICE_GROUPS, .can_reload = true, .can_transient = true, .give_streams = service_give_streams,
	.init = init, .load = load, .done = done, .active = service_active, .sub = sub,
	.start = service_start, .stop = service_stop, .reload = service_reload, .may_reload = service_may_reload,
	.child = service_child, .respawn = service_respawn, .adopt = service_adopt, .adopt_fds = service_adopt_fds, .notify = service_notify, .cgroup_empty = service_cgroup_empty, .may_gc = may_gc,
	.reset_failed = service_reset_failed, .kill = kill_service, .main_pid = main_pid, .control_pid = control_pid,
	.state_desc = &ipc_service_state_desc, .save = service_save, .restore = service_restore, .coldplug = service_coldplug,
	.properties = properties, .oom = service_oom, .give_connection = give_connection,
};
