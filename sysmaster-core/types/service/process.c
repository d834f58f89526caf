/* process.c - starts, watches and signals the processes of a service */
#include <dirent.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include "log.h"
#include "proc.h"
#include "exec/peer.h"
#include "types/service/service.h"

/* ---- starting ---- */

struct env { char **v; };

static void env_add(struct env *e, const char *fmt, ...) _printf_(2, 3);
static void env_add(struct env *e, const char *fmt, ...)
{
	_cleanup_(freep) char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	if (text)
		strv_add(&e->v, text);
}

static void env_result(const struct service *s, struct env *e, const char *prefix)
{
	static const char *const codes[] = { [CLD_EXITED] = "exited", [CLD_KILLED] = "killed", [CLD_DUMPED] = "dumped" };
	const struct command *m = &s->main_run;

	env_add(e, "%sSERVICE_RESULT=%s", prefix, service_result_names[s->result]);
	if (m->code < 1 || m->code > CLD_DUMPED)
		return;
	env_add(e, "%sEXIT_CODE=%s", prefix, codes[m->code]);
	if (m->code == CLD_EXITED)
		env_add(e, "%sEXIT_STATUS=%d", prefix, m->status);
	else
		env_add(e, "%sEXIT_STATUS=%s", prefix, startswith(signal_name(m->status) ?: "", "SIG") ? signal_name(m->status) + 3 : "?");
}

/* how the service ended whose OnFailure= or OnSuccess= this is; nothing when several name it. systemd.exec(5) MONITOR_* */
static void env_monitor(const struct service *s, struct env *e)
{
	const uint64_t kinds = DEP_BIT(DEP_ON_FAILURE_OF) | DEP_BIT(DEP_ON_SUCCESS_OF);
	const struct dep *d = unit_next_dep_mask(&s->u, kinds, NULL);
	char id[33];

	if (!d || unit_next_dep_mask(&s->u, kinds, (struct dep *)d) || d->other->type != s->u.type)
		return;
	env_result(SERVICE(d->other), e, "MONITOR_");
	if (unit_invocation_text(d->other, id))
		env_add(e, "MONITOR_INVOCATION_ID=%s", id);
	env_add(e, "MONITOR_UNIT=%s", d->other->id);
}

/* of a timer or path unit: systemd.exec(5) TRIGGER_* */
static void env_trigger(const struct service *s, struct env *e)
{
	for (const char *l = s->u.triggered_by; l && *l;) {
		size_t n = strcspn(l, "\n");

		env_add(e, "%.*s", (int)n, l);
		l += n + (l[n] == '\n');
	}
}

static void env_remote(const struct service *s, struct env *e)
{
	char host[INET6_ADDRSTRLEN];
	unsigned port;

	if (peer_host_and_port(s->connection_fd, PEER_REMOTE, host, &port) < 0)
		return;
	env_add(e, "REMOTE_ADDR=%s", host);
	env_add(e, "REMOTE_PORT=%u", port);
}

/* A socket that is standard input or output is not passed beside that: the connection, or the one that is listened on. */
static int take_stdio(const struct service *s, struct service_passed *p)
{
	const __typeof__(s->exec.s) *c = &s->exec.s;

	if (!p->n || (c->std_input != IPC_EXEC_INPUT_SOCKET && c->std_output != IPC_EXEC_OUTPUT_SOCKET && c->std_error != IPC_EXEC_OUTPUT_SOCKET))
		return -1;
	p->n--;
	int fd = p->fds[0];

	memmove(p->fds, p->fds + 1, p->n * sizeof(p->fds[0]));
	memmove(p->names, p->names + 1, p->n * sizeof(p->names[0]));
	return fd;
}

static bool notify_wanted(const struct service *s, bool is_main)
{
	switch (s->notify_access) {
	case NOTIFY_NONE:
		return false;
	case NOTIFY_MAIN:
		return is_main;
	default:
		return true;
	}
}

static char **environment(const struct service *s, enum service_list list, bool is_main)
{
	struct env env = { NULL };

	if (s->main_pid > 0 && !is_main)
		env_add(&env, "MAINPID=%d", (int)s->main_pid);
	if (list == LIST_STOP || list == LIST_STOP_POST)
		env_result(s, &env, "");
	if (list == LIST_CONDITION || list == LIST_START_PRE || list == LIST_START)
		env_monitor(s, &env);
	if (s->connection_fd >= 0 && is_main)
		env_remote(s, &env);
	env_trigger(s, &env);
	return env.v;
}

int service_spawn(struct service *s, enum service_list list, unsigned index, unsigned role)
{
	struct unit_host *host = unit_host(&s->u);
	struct command *cmd = command_nth(s->lists[list], index);
	bool is_main = role == ROLE_MAIN, start_only = s->permissions_start_only && list != LIST_START;
	struct unit_spawn spawn = { .role = role, .in_cgroup = true };
	struct service_passed passed = { .n = 0 };
	_cleanup_(strv_freep) char **env = NULL;
	int r;

	if (!cmd)
		return -ENOENT;
	r = host->cgroup_realize(&s->u);
	if (r < 0)
		return r;
	if (is_main)
		service_pass_fds(s, &passed);
	int stdio = take_stdio(s, &passed);

	env = environment(s, list, is_main);

	struct exec_run run = {
		.unit = &s->u, .context = &s->exec, .command = cmd, .extra_env = env,
		.notify_path = notify_wanted(s, is_main) ? host->notify_path : NULL,
		.watchdog_usec = is_main ? s->watchdog_now_usec : 0,
		.listen_fds = passed.fds, .listen_names = passed.names, .n_listen = passed.n,
		.stdio_fd = stdio, .streams = is_main && s->streams[0] >= 0 ? s->streams : NULL,
		.apply_sandbox = !(cmd->flags & CMD_FULL_PRIVILEGES) && !start_only,
		.apply_user = !(cmd->flags & (CMD_FULL_PRIVILEGES | CMD_NO_SETUID)) && !start_only,
		.is_control = !is_main, .tty_apply = list == LIST_START, .confirm_idle = s->type == SVC_IDLE && is_main,
		.delegate = s->cgroup.delegate, .non_blocking = s->non_blocking,
		.open_files = is_main ? s->open_files.v : NULL, .n_open_files = is_main ? s->open_files.n : 0,
		.no_root = s->root_directory_start_only && list != LIST_START,
	};
	r = exec_blob(&run, &spawn);
	if (r >= 0)
		r = host->spawn(&s->u, &spawn, is_main ? &s->main_token : &s->control_token);
	if (r < 0) {
		log_event(LOG_WARNING, "SERVICE_SPAWN", "cannot start a process", F_STR("UNIT", s->u.id), F_STR("COMMAND", cmd->path), F_ERRNO(r));
		return r;
	}
	cmd->pid = 0;
	cmd->start_usec = now_usec(CLOCK_REALTIME);
	cmd->exit_usec = 0;
	cmd->code = cmd->status = 0;
	if (is_main) {
		s->main_run = (struct command){ .start_usec = cmd->start_usec };
		s->main_pid = 0;
		s->main_known = true;
		s->main_gone = s->main_watched = s->execed = false;
		s->main_index = index;
	} else {
		s->control_pid = 0;
		s->control_list = list;
		s->control_index = index;
	}
	unit_dirty(&s->u);
	return 0;
}

void service_clean(struct service *s, bool restarting)
{
	struct unit_spawn spawn = { .role = ROLE_CLEAN };
	int r;

	if (s->clean_token)
		return;
	r = exec_clean_blob(&s->u, &s->exec, &(struct exec_end){ restarting, s->main_run.pid, s->main_run.code, s->main_run.status }, &spawn);
	if (r > 0)
		r = unit_host(&s->u)->spawn(&s->u, &spawn, &s->clean_token);
	if (r < 0)
		log_event(LOG_WARNING, "SERVICE_CLEAN", "directories of the last run cannot be removed", F_STR("UNIT", s->u.id), F_ERRNO(r));
	unit_dirty(&s->u);
}

/* ---- who is there ---- */

bool service_main_good(const struct service *s) { return s->main_known && !s->main_gone && s->main_token != 0; }
bool service_control_good(const struct service *s) { return s->control_token != 0; }

void service_unwatch_main(struct service *s)
{
	if (s->main_token)
		unit_host(&s->u)->forget(&s->u, s->main_token);
	s->main_token = 0;
	s->main_pid = 0;
	s->main_known = s->main_watched = false;
}

void service_unwatch_control(struct service *s)
{
	if (s->control_token)
		unit_host(&s->u)->forget(&s->u, s->control_token);
	s->control_token = 0;
	s->control_pid = 0;
	s->control_list = -1;
}

int service_set_main_pid(struct service *s, pid_t pid, bool ours)
{
	uint64_t token;

	if (pid <= 1 || pid == getpid())
		return -EINVAL;
	if (service_main_good(s) && s->main_pid == pid)
		return 0;
	int r = unit_host(&s->u)->watch_pid(&s->u, ROLE_MAIN, pid, &token);

	if (r < 0)
		return r;
	service_unwatch_main(s);
	s->main_token = token;
	s->main_pid = pid;
	s->main_known = true;
	s->main_watched = !ours;
	s->main_gone = false;
	s->main_run = (struct command){ .pid = pid, .start_usec = now_usec(CLOCK_REALTIME) };
	unit_dirty(&s->u);
	return 0;
}

void service_guess_main(struct service *s)
{
	struct unit_host *host = unit_host(&s->u);
	_cleanup_(freep) char *path = NULL;
	pid_t found = 0;
	uint32_t parent;
	int pid;

	if (!s->guess_main_pid || s->main_known || !s->u.cgroup_path || !*host->cgroup_root ||
	    asprintf(&path, "%s%s/cgroup.procs", host->cgroup_root, s->u.cgroup_path) < 0)
		return;
	FILE *f = fopen(path, "re");

	while (f && fscanf(f, "%d", &pid) == 1) {
		if (proc_stat((uint32_t)pid, &parent) == 0 || parent != (uint32_t)getppid())        /* init is our parent as it is theirs */
			continue;
		if (found) {                            /* two of them: no guess is a good one */
			found = 0;
			break;
		}
		found = pid;
	}
	if (f)
		fclose(f);
	if (found)
		service_set_main_pid(s, found, false);
}

/* ---- signals ---- */

static int signal_for(const struct service *s, enum service_state to)
{
	const struct kill_context *k = &s->kill;

	switch (to) {
	case SVC_STOP_WATCHDOG:
	case SVC_FINAL_WATCHDOG:
		return k->watchdog_signal;
	case SVC_STOP_SIGKILL:
	case SVC_FINAL_SIGKILL:
		return k->final_kill_signal;
	default:
		return s->u.stop_is_restart ? kill_context_restart_signal(k) : k->kill_signal;
	}
}

/* 1: its end is to be awaited, also when it is over already: then we are about to hear of it, and how it came */
static int send_one(pid_t pid, int signo, bool hup)
{
	if (pid <= 1)
		return 0;
	if (kill(pid, signo) < 0)
		return errno == ESRCH;
	if (signo != SIGKILL && signo != SIGCONT)
		kill(pid, SIGCONT);
	if (hup)
		kill(pid, SIGHUP);
	return 1;
}

int service_send_signal(struct service *s, enum service_state to)
{
	const struct kill_context *k = &s->kill;
	int signo = signal_for(s, to), n = 0, r;
	bool final = to == SVC_STOP_SIGKILL || to == SVC_FINAL_SIGKILL, hup = k->send_sighup && !final;

	if (k->kill_mode == KILL_NONE)
		return 0;
	if (service_main_good(s))
		n += s->main_pid ? send_one(s->main_pid, signo, hup) : 1;       /* asked for but not seen yet: wait for it */
	if (service_control_good(s))
		n += s->control_pid ? send_one(s->control_pid, signo, hup) : 1;
	if (k->kill_mode == KILL_CONTROL_GROUP || (k->kill_mode == KILL_MIXED && final)) {
		r = unit_host(&s->u)->kill_cgroup(&s->u, signo, s->main_pid, s->control_pid);
		if (r > 0 && hup)
			unit_host(&s->u)->kill_cgroup(&s->u, SIGHUP, s->main_pid, s->control_pid);
		n += MAX(r, 0);
	}
	return n;
}

/* ---- time ---- */

void service_arm(struct service *s, uint64_t due)
{
	s->due_usec = due;
	if (due && due != USEC_INFINITY)
		timer_set(unit_host(&s->u)->loop, &s->timer, due, service_timeout);
	else
		timer_del(&s->timer);
	unit_dirty(&s->u);
}

void service_arm_watchdog(struct service *s)
{
	bool on = s->watchdog_now_usec && s->watchdog_now_usec != USEC_INFINITY &&
		  (s->state == SVC_START_POST || s->state == SVC_RUNNING || s->state == SVC_RELOAD || s->state == SVC_RELOAD_SIGNAL || s->state == SVC_RELOAD_NOTIFY);

	if (on)
		timer_set(unit_host(&s->u)->loop, &s->watchdog_timer, s->watchdog_last_usec + s->watchdog_now_usec, service_watchdog_fired);
	else
		timer_del(&s->watchdog_timer);
}
