/* socket.c - the state machine of a socket unit, and the type's vtable; systemd.socket(5) */
#include <stdio.h>
#include "cgroup/cgroup.h"
#include "core.ipc.h"
#include "log.h"
#include "types/socket/socket.h"

#define RECHECK_USEC (1 * USEC_PER_SEC)

/*
 * One row a state: what is done on entering it (act, then a list of commands, or a signal), and where it goes from there when that
 * went well, badly, or took too long. act and signals answer >0: wait for the end of a process; 0: go on; <0: it failed.
 */
static int act_open(struct socket_unit *s);
static int act_listen(struct socket_unit *s);
static int act_run(struct socket_unit *s);
static int act_unwatch(struct socket_unit *s);
static int act_close(struct socket_unit *s);
static int act_term(struct socket_unit *s) { return control_kill(&s->control, &s->kill, false); }
static int act_kill(struct socket_unit *s) { return control_kill(&s->control, &s->kill, true); }

static const struct step {
	const char *name;
	enum unit_active_state active;
	int (*act)(struct socket_unit *s);
	int list;                       /* enum socket_list; -1 */
	bool stays;                     /* nothing to wait for: only an event leads on */
	enum socket_state ok, bad, late;
} steps[N_SOCK_STATES] = {
	[SOCK_DEAD] = { "dead", UNIT_INACTIVE, NULL, -1, true, 0, 0, 0 },
	[SOCK_START_PRE] = { "start-pre", UNIT_ACTIVATING, NULL, SOCK_LIST_START_PRE, false, SOCK_START_CHOWN, SOCK_FINAL_SIGTERM, SOCK_FINAL_SIGTERM },
	[SOCK_START_CHOWN] = { "start-chown", UNIT_ACTIVATING, act_open, -1, false, SOCK_START_POST, SOCK_STOP_PRE, SOCK_STOP_PRE },
	[SOCK_START_POST] = { "start-post", UNIT_ACTIVATING, NULL, SOCK_LIST_START_POST, false, SOCK_LISTENING, SOCK_STOP_PRE, SOCK_STOP_PRE },
	[SOCK_LISTENING] = { "listening", UNIT_ACTIVE, act_listen, -1, true, SOCK_LISTENING, SOCK_STOP_PRE, SOCK_LISTENING },
	[SOCK_RUNNING] = { "running", UNIT_ACTIVE, act_run, -1, true, SOCK_RUNNING, SOCK_STOP_PRE, SOCK_RUNNING },
	[SOCK_STOP_PRE] = { "stop-pre", UNIT_DEACTIVATING, act_unwatch, SOCK_LIST_STOP_PRE, false, SOCK_STOP_POST, SOCK_STOP_POST, SOCK_STOP_PRE_SIGTERM },
	[SOCK_STOP_PRE_SIGTERM] = { "stop-pre-sigterm", UNIT_DEACTIVATING, act_term, -1, false, SOCK_STOP_POST, SOCK_STOP_POST, SOCK_STOP_PRE_SIGKILL },
	[SOCK_STOP_PRE_SIGKILL] = { "stop-pre-sigkill", UNIT_DEACTIVATING, act_kill, -1, false, SOCK_STOP_POST, SOCK_STOP_POST, SOCK_STOP_POST },
	[SOCK_STOP_POST] = { "stop-post", UNIT_DEACTIVATING, act_close, SOCK_LIST_STOP_POST, false, SOCK_FINAL_SIGTERM, SOCK_FINAL_SIGTERM, SOCK_FINAL_SIGTERM },
	[SOCK_FINAL_SIGTERM] = { "final-sigterm", UNIT_DEACTIVATING, act_term, -1, false, SOCK_DEAD, SOCK_DEAD, SOCK_FINAL_SIGKILL },
	[SOCK_FINAL_SIGKILL] = { "final-sigkill", UNIT_DEACTIVATING, act_kill, -1, false, SOCK_DEAD, SOCK_DEAD, SOCK_DEAD },
	[SOCK_FAILED] = { "failed", UNIT_FAILED, NULL, -1, true, 0, 0, 0 },
};

static const char *const own_results[] = { "trigger-limit-hit", "service-start-limit-hit" };

static const char *result_name(unsigned r)
{
	return r < N_CONTROL_RESULTS ? control_result_name(r) : r < N_SOCK_RESULTS ? own_results[r - N_CONTROL_RESULTS] : "?";
}

static void enter(struct socket_unit *s, enum socket_state to, unsigned f);
static int traffic(struct source *src, uint32_t events);
static int recheck_fire(struct timer *t);

/* ---- what is done in a state ---- */

static int act_open(struct socket_unit *s)
{
	_cleanup_(strv_freep) char **nodes = NULL;
	int r = socket_open(s, traffic);

	if (r < 0 || (!s->user && !s->group))
		return r;
	nodes = socket_node_paths(s);
	if (!nodes)
		return 0;
	r = control_chown(&s->control, SOCK_ROLE_CONTROL, nodes, s->user, s->group);
	return r < 0 ? r : 1;
}

static int act_listen(struct socket_unit *s)
{
	socket_set_blocking(s, false);
	return socket_watch(s, WATCH_ALL);
}

/* While the service runs, its sockets are its business; those that are accepted from here go on. */
static int act_run(struct socket_unit *s) { return socket_watch(s, WATCH_ACCEPTED); }
static int act_unwatch(struct socket_unit *s) { return socket_watch(s, WATCH_NONE); }

static int act_close(struct socket_unit *s)
{
	socket_close(s);
	return 0;
}

static int run_command(struct socket_unit *s, int list, unsigned index)
{
	struct command *c = command_nth(s->lists[list], index);
	int r;

	if (!c)
		return 0;
	r = control_spawn(&s->control, SOCK_ROLE_CONTROL, &s->exec, c, NULL);
	if (r < 0)
		return r;
	s->list = list;
	s->list_index = index;
	return 1;
}

/* the only writer of ->state */
static void set_state(struct socket_unit *s, enum socket_state to)
{
	enum socket_state from = s->state;

	if (from == to)
		return;
	s->state = to;
	log_event(LOG_DEBUG, "UNIT_STATE", "changed state", F_STR("UNIT", s->u.id), F_STR("FROM", steps[from].name), F_STR("TO", steps[to].name));
	unit_changed(&s->u, false);
}

static enum socket_state die(struct socket_unit *s)
{
	control_finish(&s->control);
	timer_del(&s->recheck);
	control_clean(&s->control, SOCK_ROLE_CLEAN, &s->exec);
	if (s->result == RESULT_SUCCESS)
		return SOCK_DEAD;
	log_event(LOG_WARNING, "UNIT_FAILED", "failed", F_STR("UNIT", s->u.id), F_STR("RESULT", result_name(s->result)));
	return SOCK_FAILED;
}

/* Go to @to, and on from there until something is to be waited for. @f: what went wrong on the way; the first fault counts. */
static void enter(struct socket_unit *s, enum socket_state to, unsigned f)
{
	for (;;) {
		const struct step *step = &steps[to];
		int r = 0;

		if (s->result == RESULT_SUCCESS)
			s->result = f;
		s->list = -1;
		if (to == SOCK_DEAD)
			to = die(s);
		if (step->act)
			r = step->act(s);
		if (r == 0 && step->list >= 0)
			r = run_command(s, step->list, 0);
		if (r < 0)
			log_event(LOG_WARNING, "SOCKET_STEP", "a step failed", F_STR("UNIT", s->u.id), F_STR("STATE", step->name), F_ERRNO(r));
		if (r > 0 || (r == 0 && step->stays)) {
			control_arm_in(&s->control, step->stays ? 0 : s->timeout_usec);
			set_state(s, to);
			return;
		}
		f = r < 0 ? RESULT_RESOURCES : RESULT_SUCCESS;
		to = r < 0 ? step->bad : step->ok;
	}
}

static void late(struct unit *u)
{
	struct socket_unit *s = SOCKET(u);

	if (steps[s->state].stays)
		return;
	log_event(LOG_WARNING, "UNIT_TIMEOUT", "timed out", F_STR("UNIT", u->id), F_STR("STATE", steps[s->state].name));
	enter(s, steps[s->state].late, RESULT_TIMEOUT);
}

/* ---- processes ---- */

static bool is_final(const struct socket_unit *s) { return s->state == SOCK_FINAL_SIGTERM || s->state == SOCK_FINAL_SIGKILL; }

static int thaw(struct socket_unit *s)
{
	int r = s->to_fetch ? socket_fetch(s, traffic) : 0;

	if (s->control.token && !s->control.command && s->list >= 0)
		s->control.command = command_nth(s->lists[s->list], s->list_index);
	return r;
}

static void socket_child(struct unit *u, unsigned role, const struct ipc_child *c)
{
	struct socket_unit *s = SOCKET(u);
	unsigned f;
	int r = 0;

	thaw(s);
	if (!control_child(&s->control, c, &f) || steps[s->state].stays)
		return;
	if (is_final(s) && control_busy(&s->control))
		return;                                 /* the rest of the cgroup is still to go */
	if (f == RESULT_SUCCESS && s->list >= 0)
		r = run_command(s, s->list, s->list_index + 1);
	if (r > 0) {
		control_arm_in(&s->control, s->timeout_usec);
		return;
	}
	if (r < 0)
		f = RESULT_RESOURCES;
	enter(s, f == RESULT_SUCCESS ? steps[s->state].ok : steps[s->state].bad, f);
}

static void socket_respawn(struct unit *u, unsigned role)
{
	struct socket_unit *s = SOCKET(u);
	int r;

	if (role != SOCK_ROLE_CONTROL || steps[s->state].stays)
		return;
	r = thaw(s);
	if (r >= 0)
		r = s->list >= 0 ? run_command(s, s->list, s->list_index) : s->state == SOCK_START_CHOWN ? act_open(s) : 0;
	if (r <= 0)
		enter(s, r < 0 ? steps[s->state].bad : steps[s->state].ok, r < 0 ? RESULT_RESOURCES : RESULT_SUCCESS);
}

static void socket_cgroup_empty(struct unit *u)
{
	struct socket_unit *s = SOCKET(u);

	if (is_final(s) && !s->control.token)
		enter(s, SOCK_DEAD, RESULT_SUCCESS);
}

/* ---- traffic ---- */

static struct unit *service_of(const struct socket_unit *s)
{
	return s->service_name ? unit_get(s->u.set, s->service_name) : NULL;
}

static bool is_down(const struct unit *service)
{
	return unit_is_inactive_or_failed(service) || streq(unit_sub(service), "auto-restart");
}

/* 2 s of 20 or 200 activations by default: more would mean that the service does not take what starts it */
static bool trigger_allowed(struct socket_unit *s)
{
	unit_dirty(&s->u);
	return rate_below(&s->triggers, now_usec(CLOCK_BOOTTIME), s->trigger_interval_usec, s->trigger_burst);
}

static void look_again_soon(struct socket_unit *s)
{
	if (timer_set(unit_host(&s->u)->loop, &s->recheck, now_usec(CLOCK_BOOTTIME) + RECHECK_USEC, recheck_fire) < 0)
		log_event(LOG_ERR, "UNIT_TIMER", "no memory for a timer", F_STR("UNIT", s->u.id));
}

static void activate(struct socket_unit *s)
{
	struct unit *service = service_of(s);
	int r = service ? 0 : -ENOENT;

	if (service && !unit_is_active_or_activating(service) && !(unit_is_inactive_or_failed(service) && service->job))
		r = unit_host(&s->u)->submit(service, IPC_JOB_TYPE_START, IPC_JOB_MODE_REPLACE);
	if (r < 0) {
		log_event(LOG_WARNING, "SOCKET_ACTIVATE", "cannot start the service", F_STR("UNIT", s->u.id), F_STR("SERVICE", service ? service->id : "(none)"),
			  F_ERRNO(r));
		enter(s, SOCK_STOP_PRE, RESULT_RESOURCES);
		return;
	}
	enter(s, SOCK_RUNNING, RESULT_SUCCESS);
}

static int traffic(struct source *src, uint32_t events)
{
	struct listener *l = container_of(src, struct listener, source);
	struct socket_unit *s = l->socket;
	int r;

	if (s->state != SOCK_LISTENING && !(s->state == SOCK_RUNNING && listener_is_accepted(l)))
		return 0;
	if (s->u.job) {                                 /* about to stop: nobody is started any more */
		socket_flush(s);
		return 0;
	}
	if ((events & EPOLLHUP) && !(events & EPOLLIN)) {
		log_event(LOG_ERR, "SOCKET_HANGUP", "a listening socket was hung up", F_STR("UNIT", s->u.id), F_STR("ADDRESS", l->text));
		enter(s, SOCK_STOP_PRE, RESULT_RESOURCES);
		return 0;
	}
	if (!trigger_allowed(s)) {
		log_event(LOG_ERR, "SOCKET_TRIGGER_LIMIT", "activated too often, giving up", F_STR("UNIT", s->u.id), F_STR("ADDRESS", l->text));
		enter(s, SOCK_STOP_PRE, SOCK_RES_TRIGGER_LIMIT_HIT);
		return 0;
	}
	if (!listener_is_accepted(l)) {
		activate(s);
		return 0;
	}
	r = socket_take(l);
	if (r == -EAGAIN) {                             /* no descriptor or memory left: let others go first */
		socket_watch(s, WATCH_NONE);
		look_again_soon(s);
	} else if (r < 0) {
		enter(s, SOCK_STOP_PRE, RESULT_RESOURCES);
	}
	return 0;
}

static void follow_service(struct socket_unit *s)
{
	struct unit *service = service_of(s);

	if ((s->state != SOCK_RUNNING && s->state != SOCK_LISTENING) || !service)
		return;
	if (!is_down(service)) {
		timer_del(&s->recheck);
		if (s->state == SOCK_LISTENING && unit_active(service) == UNIT_ACTIVE)
			enter(s, SOCK_RUNNING, RESULT_SUCCESS); /* started by somebody else: it has the sockets */
		return;
	}
	if (s->state != SOCK_RUNNING)
		return;
	if (service->job)                               /* on its way up, or not: its end is told */
		return;
	if (service->start_limit_hit) {
		enter(s, SOCK_STOP_PRE, SOCK_RES_SERVICE_START_LIMIT_HIT);
		return;
	}
	if (s->flush_pending) {
		socket_set_blocking(s, false);
		socket_flush(s);
	}
	enter(s, SOCK_LISTENING, RESULT_SUCCESS);
}

static int recheck_fire(struct timer *t)
{
	struct socket_unit *s = container_of(t, struct socket_unit, recheck);

	if ((s->state == SOCK_LISTENING || s->state == SOCK_RUNNING) && steps[s->state].act(s) < 0)
		look_again_soon(s);
	follow_service(s);
	return 0;
}

static void socket_trigger_notify(struct unit *u, struct unit *other)
{
	if (other == service_of(SOCKET(u)))
		follow_service(SOCKET(u));
	else
		socket_sweep(SOCKET(u));
}

static void socket_connection_closed(struct unit *u) { socket_sweep(SOCKET(u)); }

/* ---- wishes ---- */

/* A service that runs already would not get the sockets. */
static int check_service(const struct socket_unit *s)
{
	const struct unit *service = service_of(s);

	if (!socket_needs_service(s))
		return 0;
	if (!service || service->load_state != UNIT_LOADED) {
		log_event(LOG_ERR, "SOCKET_SERVICE", "the service to be started does not exist", F_STR("UNIT", s->u.id), F_STR("SERVICE", service ? service->id : "(none)"));
		return -ENOENT;
	}
	if (!is_down(service)) {
		log_event(LOG_ERR, "SOCKET_SERVICE", "the service to be started is active already", F_STR("UNIT", s->u.id), F_STR("SERVICE", service->id));
		return -EBUSY;
	}
	return 0;
}

static int socket_start(struct unit *u)
{
	struct socket_unit *s = SOCKET(u);
	int r;

	switch (steps[s->state].active) {
	case UNIT_ACTIVATING:
		return 0;
	case UNIT_DEACTIVATING:
		return -EAGAIN;
	case UNIT_ACTIVE:
		return -EALREADY;
	default:
		break;
	}
	r = check_service(s);
	if (r < 0)
		return r;
	if (unit_start_limit_hit(u)) {
		s->result = RESULT_START_LIMIT_HIT;
		set_state(s, SOCK_FAILED);
		return -ECANCELED;
	}
	s->result = RESULT_SUCCESS;
	s->n_accepted = s->n_refused = 0;
	s->triggers = (struct rate){ 0 };
	unit_new_invocation(u);
	enter(s, SOCK_START_PRE, RESULT_SUCCESS);
	return 0;
}

static int socket_stop(struct unit *u)
{
	struct socket_unit *s = SOCKET(u);

	switch (steps[s->state].active) {
	case UNIT_DEACTIVATING:
		return 0;
	case UNIT_ACTIVATING:                           /* what runs is not waited for */
		enter(s, SOCK_STOP_PRE_SIGTERM, RESULT_SUCCESS);
		return 0;
	case UNIT_ACTIVE:
		enter(s, SOCK_STOP_PRE, RESULT_SUCCESS);
		return 0;
	default:
		return -EALREADY;
	}
}

static void socket_reset_failed(struct unit *u)
{
	struct socket_unit *s = SOCKET(u);

	s->result = RESULT_SUCCESS;
	if (s->state == SOCK_FAILED)
		set_state(s, SOCK_DEAD);
}

static int socket_kill(struct unit *u, const char *who, int signo) { return control_kill_request(&SOCKET(u)->control, who, signo); }

/* ---- queries ---- */

static enum unit_active_state socket_active(const struct unit *u) { return steps[SOCKET(u)->state].active; }
static const char *socket_sub(const struct unit *u) { return steps[SOCKET(u)->state].name; }
static pid_t socket_control_pid(const struct unit *u) { return SOCKET(u)->control.pid; }

static bool socket_may_gc(const struct unit *u) { return !SOCKET(u)->connections && !SOCKET(u)->listeners; }

static int socket_collect_fds(struct unit *u, const int **ret_fds, char *const **ret_names)
{
	struct socket_unit *s = SOCKET(u);
	size_t n = 0, i = 0;

	thaw(s);
	for (struct listener *l = s->listeners; l; l = l->next)
		n++;
	free(TAKE_PTR(s->fds));
	free(TAKE_PTR(s->fd_names));
	s->fds = calloc(n + 1, sizeof(int));
	s->fd_names = calloc(n + 1, sizeof(char *));
	if (!s->fds || !s->fd_names)
		return -ENOMEM;
	for (struct listener *l = s->listeners; l; l = l->next) {
		if (listener_is_accepted(l))
			continue;                       /* instances get their connection only */
		s->fds[i] = l->source.fd;
		s->fd_names[i++] = s->fd_name ?: u->id;
	}
	socket_set_blocking(s, true);
	*ret_fds = s->fds;
	*ret_names = s->fd_names;
	return (int)i;
}

static void socket_properties(const struct unit *u, void (*put)(void *arg, const char *name, const char *value), void *arg)
{
	const struct socket_unit *s = SOCKET(u);
	char n[32];

	put(arg, "FileDescriptorName", s->fd_name ?: u->id);
	put(arg, "Result", result_name(s->result));
	snprintf(n, sizeof(n), "%d", (int)s->control.pid);
	put(arg, "ControlPID", n);
	snprintf(n, sizeof(n), "%u", s->n_accepted);
	put(arg, "NAccepted", n);
	snprintf(n, sizeof(n), "%u", s->n_refused);
	put(arg, "NRefused", n);
	snprintf(n, sizeof(n), "%u", socket_n_connections(s));
	put(arg, "NConnections", n);
}

/* ---- the state store ---- */

static void socket_save(const struct unit *u, void *rec)
{
	struct socket_unit *s = SOCKET(u);
	struct ipc_socket_state *r = rec;
	size_t n = 0, m = 0;

	for (const struct listener *l = s->listeners ?: s->to_fetch; l; l = l->next)
		n++;
	free(s->saved);
	s->saved = calloc(n + 1, sizeof(*s->saved));
	free(s->saved_connections);
	m = socket_n_connections(s);
	s->saved_connections = calloc(m + 1, sizeof(*s->saved_connections));
	*r = (struct ipc_socket_state){
		.state = s->state, .result = s->result, .control_token = s->control.token, .control_pid = (uint32_t)s->control.pid,
		.control_list = s->list, .control_index = s->list_index, .due_usec = s->control.due_usec, .accepted = s->n_accepted,
		.refused = s->n_refused, .trigger_begin_usec = s->triggers.begin_usec, .trigger_count = s->triggers.n,
		.listeners = s->saved, .connections = s->saved_connections,
	};
	for (const struct listener *l = s->listeners ?: s->to_fetch; l && s->saved; l = l->next)
		s->saved[r->n_listeners++] = (struct ipc_socket_listener){ .index = l->index, .kind = l->kind, .address = l->text };
	for (const struct connection *c = s->connections; c && s->saved_connections; c = c->next)
		s->saved_connections[r->n_connections++] = (struct ipc_socket_connection){ .unit = c->unit, .peer = c->peer };
}

static int restore_listener(struct socket_unit *s, struct listener ***end, const struct ipc_socket_listener *r)
{
	struct listener *l;

	if (r->kind >= N_PORT_KINDS)
		return 0;
	l = calloc(1, sizeof(*l));
	if (!l)
		return -ENOMEM;
	l->socket = s;
	l->kind = (enum port_kind)r->kind;
	l->index = r->index;
	l->source.fd = -1;
	l->text = strdup(r->address);
	**end = l;
	*end = &l->next;
	return l->text ? 0 : -ENOMEM;
}

static int restore_connection(struct socket_unit *s, const struct ipc_socket_connection *r)
{
	struct connection *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->unit = strdup(r->unit);
	c->peer = strdup(r->peer);
	c->next = s->connections;
	s->connections = c;
	return c->unit && c->peer ? 0 : -ENOMEM;
}

static int socket_restore(struct unit *u, const void *rec)
{
	struct socket_unit *s = SOCKET(u);
	const struct ipc_socket_state *r = rec;
	struct listener **end = &s->to_fetch;
	int e = 0;

	if (r->state >= N_SOCK_STATES || r->result >= N_SOCK_RESULTS)
		return -EBADMSG;
	s->state = (enum socket_state)r->state;
	s->result = r->result;
	s->control.token = r->control_token;
	s->control.pid = (pid_t)r->control_pid;
	s->control.due_usec = r->due_usec;
	s->list = r->control_list < N_SOCK_LISTS ? r->control_list : -1;
	s->list_index = r->control_index;
	s->n_accepted = r->accepted;
	s->n_refused = r->refused;
	s->triggers = (struct rate){ r->trigger_begin_usec, r->trigger_count };
	for (size_t i = 0; i < r->n_listeners && e == 0; i++)
		e = restore_listener(s, &end, &r->listeners[i]);
	for (size_t i = r->n_connections; i > 0 && e == 0; i--)
		e = restore_connection(s, &r->connections[i - 1]);
	return e;
}

static int socket_coldplug(struct unit *u)
{
	struct socket_unit *s = SOCKET(u);
	int r = thaw(s);

	if (r < 0 && steps[s->state].active == UNIT_ACTIVE) {
		enter(s, SOCK_STOP_PRE, RESULT_RESOURCES);
		return 0;
	}
	if (s->control.due_usec && !s->control.timer.loop)
		control_arm(&s->control, s->control.due_usec);
	for (struct connection *c = s->connections; c; c = c->next) {
		struct unit *service = unit_get(u->set, c->unit);

		if (service && service != u && unit_add_dep(u, DEP_BEFORE, service, DEP_DYNAMIC) >= 0)
			unit_add_dep(u, DEP_TRIGGERS, service, DEP_DYNAMIC);
	}
	if ((s->state == SOCK_LISTENING || s->state == SOCK_RUNNING) && steps[s->state].act(s) < 0)
		enter(s, SOCK_STOP_PRE, RESULT_RESOURCES);
	if (s->state == SOCK_RUNNING)                   /* the service is looked at once every unit is back */
		look_again_soon(s);
	return 0;
}

/* recovery without a record: what init keeps is taken to be what the Listen lines name, in their order */
static void socket_adopt_fds(struct unit *u)
{
	struct socket_unit *s = SOCKET(u);
	struct listener **end = &s->to_fetch;
	const struct unit *service = unit_triggered(u);
	unsigned index = 0;
	int r = 0;

	for (const struct port *p = s->ports; p && r == 0; p = p->next) {
		struct ipc_socket_listener l = { .kind = p->kind, .index = index++, .address = p->text };

		r = restore_listener(s, &end, &l);
	}
	if (r == 0)
		r = thaw(s);
	if (r < 0)
		log_event(LOG_WARNING, "SOCKET_ADOPT", "stored sockets cannot be taken up", F_STR("UNIT", u->id), F_ERRNO(r));
	else
		enter(s, !s->accept && service && unit_is_active_or_activating(service) ? SOCK_RUNNING : SOCK_LISTENING, RESULT_SUCCESS);
}

/* ---- the object ---- */

static void init(struct unit *u)
{
	struct socket_unit *s = SOCKET(u);

	if (!s->control.unit)
		s->list = -1;
	control_init(&s->control, u, late);
	s->control.command = NULL;                      /* was a row's; thaw() finds it again */
	socket_init(u);
}

static void done(struct unit *u)
{
	struct socket_unit *s = SOCKET(u);

	timer_del(&s->control.timer);
	timer_del(&s->recheck);
	for (struct listener *l; (l = s->listeners);) {
		s->listeners = l->next;
		listener_free(l);
	}
	for (struct listener *l; (l = s->to_fetch);) {
		s->to_fetch = l->next;
		listener_free(l);
	}
	for (struct connection *c; (c = s->connections);) {
		s->connections = c->next;
		connection_free(c);
	}
	free(s->saved);
	free(s->saved_connections);
	free(s->fds);
	free(s->fd_names);
	free(s->service_name);
	exec_context_done(&s->exec);
	cgroup_context_done(&s->cgroup);
}

const struct unit_type unit_type_socket = {
	.abi = UNIT_TYPE_ABI,
	.name = "socket",
	.can_transient = true,
	.section = "Socket",
	.size = sizeof(struct socket_unit),
	.groups = socket_groups,
	.n_groups = N_SOCKET_GROUPS,
	.init = init,
	.load = socket_load,
	.done = done,
	.active = socket_active,
	.sub = socket_sub,
	.start = socket_start,
	.stop = socket_stop,
	.child = socket_child,
	.respawn = socket_respawn,
	.cgroup_empty = socket_cgroup_empty,
	.trigger_notify = socket_trigger_notify,
	.may_gc = socket_may_gc,
	.reset_failed = socket_reset_failed,
	.kill = socket_kill,
	.control_pid = socket_control_pid,
	.state_desc = &ipc_socket_state_desc,
	.save = socket_save,
	.restore = socket_restore,
	.coldplug = socket_coldplug,
	.adopt_fds = socket_adopt_fds,
	.properties = socket_properties,
	.collect_fds = socket_collect_fds,
	.connection_closed = socket_connection_closed,
};
