/* saved.c - a service in the state store, and how it goes on in the next core */
#include <stdio.h>
#include "core.ipc.h"
#include "types/service/service.h"
#include "unit/name.h"

/* the record borrows: one static list is enough, since a record is encoded before the next is made */
static struct ipc_stored_fd_name fd_names[1024];

void service_save(const struct unit *u, void *rec)
{
	const struct service *s = SERVICE(u);
	const struct command *cmd = command_nth(s->lists[LIST_START], s->main_index);
	struct ipc_service_state *r = rec;
	size_t n = 0;

	for (struct service_fd *f = s->fds; f && n < ARRAY_SIZE(fd_names); f = f->next, n++)
		fd_names[n] = (struct ipc_stored_fd_name){ .key = f->key, .name = f->name };
	*r = (struct ipc_service_state){
		.state = s->state, .result = s->result, .reload_result = s->reload_result,
		.main_token = s->main_token, .main_pid = (uint32_t)s->main_pid,
		.control_token = s->control_token, .control_pid = (uint32_t)s->control_pid,
		.control_list = s->control_token ? s->control_list : -1, .control_index = s->control_index, .main_index = s->main_index,
		.restarts = s->restarts, .forbid_restart = s->forbid_restart, .main_known = s->main_known,
		.status_text = s->status_text, .status_errno = s->status_errno,
		.watchdog_usec = s->watchdog_now_usec, .watchdog_last_usec = s->watchdog_last_usec, .due_usec = s->due_usec,
		.main_code = s->main_run.code, .main_status = s->main_run.status,
		.main_start_usec = s->main_run.start_usec, .main_exit_usec = s->main_run.exit_usec,
		.fds = fd_names, .n_fds = n, .execed = s->execed, .notify_ready = s->said == SAID_READY,
		.notify_stopping = s->said == SAID_STOPPING, .main_gone = s->main_gone, .has_connection = s->connection_fd >= 0,
		.has_has_streams = s->streams[0] >= 0, .has_streams = s->streams[0] >= 0,
		.accept_socket = s->accept_socket, .notify_state = s->said, .extend_until_usec = s->extend_until_usec,
		.main_watched = s->main_watched, .has_clean_token = s->clean_token, .clean_token = s->clean_token, .has_exec_error_stage = cmd && cmd->fail_stage,
		.exec_error_stage = cmd ? cmd->fail_stage : 0, .has_exec_error = cmd && cmd->fail_error, .exec_error = cmd ? cmd->fail_error : 0,
		.has_flush_restarts = s->flush_restarts, .flush_restarts = s->flush_restarts,
		.has_bus_token = s->bus_token, .bus_token = s->bus_token, .has_bus_pid = s->bus_pid, .bus_pid = (uint32_t)s->bus_pid,
		.has_bus_owned = s->bus_owned, .bus_owned = s->bus_owned,
		.has_oom_kills = s->oom_kills, .oom_kills = s->oom_kills,
		.has_reload_begin_usec = s->reload_begin_usec, .reload_begin_usec = s->reload_begin_usec,
		.has_runtime_extra_usec = s->runtime_extra_usec, .runtime_extra_usec = s->runtime_extra_usec,
	};
}

int service_restore(struct unit *u, const void *rec)
{
	struct service *s = SERVICE(u);
	const struct ipc_service_state *r = rec;
	struct command *cmd;

	if (r->state >= N_SVC_STATES || r->result >= N_SVC_RESULTS || r->reload_result >= N_SVC_RESULTS || r->notify_state > SAID_STOPPING)
		return -EBADMSG;
	s->state = (enum service_state)r->state;
	s->result = (enum service_result)r->result;
	s->reload_result = (enum service_result)r->reload_result;
	s->main_token = r->main_token;
	s->clean_token = r->has_clean_token ? r->clean_token : 0;
	s->oom_kills = r->has_oom_kills ? r->oom_kills : 0;
	s->runtime_extra_usec = r->has_runtime_extra_usec ? r->runtime_extra_usec : 0;
	s->reload_begin_usec = r->has_reload_begin_usec ? r->reload_begin_usec : 0;
	s->flush_restarts = r->has_flush_restarts && r->flush_restarts;
	s->bus_token = r->has_bus_token ? r->bus_token : 0;
	s->bus_pid = r->has_bus_pid ? (pid_t)r->bus_pid : 0;
	s->bus_owned = r->has_bus_owned && r->bus_owned;
	s->main_pid = (pid_t)r->main_pid;
	s->control_token = r->control_token;
	s->control_pid = (pid_t)r->control_pid;
	s->control_list = r->control_list >= N_LISTS ? -1 : r->control_list;
	s->control_index = r->control_index;
	s->main_index = r->main_index;
	s->restarts = r->restarts;
	s->forbid_restart = r->forbid_restart;
	s->main_known = r->main_known;
	s->main_gone = r->main_gone;
	s->main_watched = r->main_watched;
	s->execed = r->execed;
	s->status_text = r->status_text ? strdup(r->status_text) : NULL;
	s->status_errno = r->status_errno;
	s->watchdog_now_usec = r->watchdog_usec;
	s->watchdog_last_usec = r->watchdog_last_usec;
	s->due_usec = r->due_usec;
	s->extend_until_usec = r->extend_until_usec;
	s->said = (enum service_said)r->notify_state;
	s->main_run = (struct command){ .pid = s->main_pid, .code = r->main_code, .status = r->main_status,
					.start_usec = r->main_start_usec, .exit_usec = r->main_exit_usec };
	s->accept_socket = r->accept_socket ? strdup(r->accept_socket) : NULL;
	cmd = command_nth(s->lists[LIST_START], s->main_index);
	if (cmd) {
		cmd->fail_stage = r->has_exec_error_stage ? r->exec_error_stage : 0;
		cmd->fail_error = r->has_exec_error ? r->exec_error : 0;
	}
	for (size_t i = 0; i < r->n_fds; i++) {
		int fd = unit_host(u)->fetch_fd(u, r->fds[i].key);

		if (fd < 0)
			continue;
		struct service_fd *f = calloc(1, sizeof(*f));

		if (!f)
			return -ENOMEM;
		f->key = strdup(r->fds[i].key);
		f->name = strdup(r->fds[i].name);
		f->service = s;
		f->source.fd = fd;
		f->next = s->fds;
		s->fds = f;
		s->n_fds++;
		unsigned k;

		if (f->key && sscanf(f->key, "fdstore.%u", &k) == 1)
			s->next_fd = MAX(s->next_fd, k + 1);
	}
	for (int i = 0; i < 3 && r->has_has_streams && r->has_streams; i++)
		s->streams[i] = unit_host(u)->fetch_fd(u, service_stream_names[i]);
	if (s->streams[0] < 0 || s->streams[1] < 0 || s->streams[2] < 0)       /* lost by init: then as if there had been none */
		for (int i = 0; i < 3; i++)
			closep(&s->streams[i]);
	if (r->has_connection)
		s->connection_fd = unit_host(u)->fetch_fd(u, "connection");
	return 0;
}

int service_coldplug(struct unit *u)
{
	struct service *s = SERVICE(u);

	for (struct service_fd *f = s->fds; f; f = f->next)
		service_watch_fd(f);
	if (service_state_has_timeout(s->state) && s->due_usec)
		service_arm(s, s->due_usec);
	service_arm_watchdog(s);
	/* a daemon that has forked and whose PID file had not come yet */
	if (s->state == SVC_START && s->type == SVC_FORKING && s->pid_file && !service_control_good(s)) {
		if (service_load_pid_file(s) >= 0)
			service_pid_file_came(s);
		else
			service_watch_pid_file(s);
	}
	return 0;
}

void service_respawn(struct unit *u, unsigned role)
{
	struct service *s = SERVICE(u);
	int r;

	if (role == ROLE_MAIN)
		r = service_spawn(s, LIST_START, s->main_index, ROLE_MAIN);
	else if (role == ROLE_CLEAN) {
		s->clean_token = 0;
		service_clean(s, false);
		return;
	} else if (role == ROLE_BUS) {
		s->bus_token = 0;
		r = service_watch_bus_name(s);
	} else if (s->control_list >= 0)
		r = service_spawn(s, (enum service_list)s->control_list, s->control_index, ROLE_CONTROL);
	else
		return;
	if (r < 0)
		service_enter_signal(s, SVC_STOP_SIGTERM, SVC_RES_RESOURCES);
}

void service_adopt(struct unit *u, unsigned role, const struct ipc_child *c)
{
	struct service *s = SERVICE(u);

	if (role != ROLE_MAIN || s->state != SVC_DEAD)
		return;
	s->main_token = c->token;
	s->main_pid = (pid_t)c->pid;
	s->main_known = true;
	s->execed = true;
	s->main_run = (struct command){ .pid = s->main_pid };
	service_set_state(s, SVC_RUNNING);
}

/* an accepted connection whose instance was never recorded: "echo@3-101-0.service" belongs to "echo.socket" */
void service_adopt_fds(struct unit *u)
{
	struct service *s = SERVICE(u);
	_cleanup_(freep) char *prefix = NULL, *socket = NULL;

	if (!u->instance || s->state != SVC_DEAD || name_prefix(u->id, &prefix) < 0 || asprintf(&socket, "%s.socket", prefix) < 0)
		return;
	s->connection_fd = unit_host(u)->fetch_fd(u, "connection");
	if (s->connection_fd < 0)
		return;
	s->accept_socket = TAKE_PTR(socket);
	unit_dirty(u);
	if (unit_host(u)->submit(u, IPC_JOB_TYPE_START, IPC_JOB_MODE_REPLACE) < 0)
		service_close_connection(s);
}
