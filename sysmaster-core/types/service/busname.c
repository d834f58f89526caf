/*
 * busname.c - BusName= of a Type=dbus service: a helper, sysmaster-busname, waits for the next change and ends
 *
 * It runs outside of the service's cgroup, so that it is neither one of its processes nor killed with them.
 */
#include <signal.h>
#include "exec/context.h"
#include "log.h"
#include "types/service/service.h"

#define PROGRAM "/usr/lib/sysmaster/sysmaster-busname"

int service_watch_bus_name(struct service *s)
{
	char program[] = PROGRAM, owned[] = "owned", lost[] = "lost";
	char *argv[] = { program, s->bus_owned ? lost : owned, s->bus_name, NULL };
	struct command command = { .path = program, .argv = argv };
	struct unit_spawn spawn = { .role = ROLE_BUS };
	struct exec_context context = { 0 };
	struct exec_run run = {
		.unit = &s->u, .context = &context, .command = &command, .stdio_fd = -1, .apply_sandbox = true, .apply_user = true, .is_control = true,
	};
	int r;

	if (s->bus_token)
		return 0;
	exec_context_init(&context);
	context.s.user = "nobody";
	r = exec_blob(&run, &spawn);
	if (r >= 0)
		r = unit_host(&s->u)->spawn(&s->u, &spawn, &s->bus_token);
	context.s.user = NULL;                          /* a row's field: not for exec_context_done() */
	exec_context_done(&context);
	s->bus_pid = 0;
	unit_dirty(&s->u);
	if (r < 0)
		log_event(LOG_WARNING, "SERVICE_BUS_NAME", "nobody can wait for the bus name", F_STR("UNIT", s->u.id), F_STR("NAME", s->bus_name), F_ERRNO(r));
	return r;
}

void service_unwatch_bus_name(struct service *s)
{
	if (!s->bus_token)
		return;
	if (s->bus_pid > 1)
		kill(s->bus_pid, SIGKILL);
	unit_host(&s->u)->forget(&s->u, s->bus_token);
	s->bus_token = 0;
	s->bus_pid = 0;
	unit_dirty(&s->u);
}

void service_bus_child(struct service *s, const struct ipc_child *c)
{
	if (c->token != s->bus_token) {
		if (c->phase == IPC_CHILD_PHASE_SPAWNED && c->pid > 1)
			kill((pid_t)c->pid, SIGKILL);   /* given up before it was there */
		return;
	}
	if (c->phase != IPC_CHILD_PHASE_EXITED && c->pid) {
		s->bus_pid = (pid_t)c->pid;
		unit_dirty(&s->u);
		return;
	}
	s->bus_token = 0;
	s->bus_pid = 0;
	unit_dirty(&s->u);
	if (c->code == CLD_EXITED && c->status == 0 && !c->error) {
		service_bus_name_changed(s, !s->bus_owned);
	} else if (c->code == CLD_KILLED) {             /* not its own doing: another takes its place */
		log_event(LOG_WARNING, "SERVICE_BUS_NAME", "who waited for the bus name was killed", F_STR("UNIT", s->u.id));
		if (service_watch_bus_name(s) < 0)
			service_bus_name_unknown(s);
	} else {
		log_event(LOG_ERR, "SERVICE_BUS_NAME", "nothing can be learnt of the bus name", F_STR("UNIT", s->u.id), F_STR("NAME", s->bus_name),
			  F_I64("STATUS", c->status), F_ERRNO(c->error));
		service_bus_name_unknown(s);
	}
}
