/* accept.c - Accept=yes: takes connections and gives each to an instance of the service */
#include <stdio.h>
#include <time.h>
#include "core.ipc.h"
#include "log.h"
#include "types/socket/socket.h"
#include "unit/name.h"

void connection_free(struct connection *c)
{
	free(c->unit);
	free(c->peer);
	free(c);
}

#define FRESH_USEC (10 * USEC_PER_SEC)

/* An instance lives as long as it is up or a job is to bring it up; the job of a new one comes in its own time. */
static bool is_alive(struct unit_set *set, struct connection *c)
{
	const struct unit *u = unit_get(set, c->unit);

	if (u && (u->job || !unit_is_inactive_or_failed(u))) {
		c->fresh_until_usec = 0;
		return true;
	}
	return u && c->fresh_until_usec > now_usec(CLOCK_BOOTTIME);
}

void socket_sweep(struct socket_unit *s)
{
	for (struct connection **p = &s->connections; *p;) {
		struct connection *c = *p;

		if (is_alive(s->u.set, c)) {
			p = &c->next;
			continue;
		}
		*p = c->next;
		connection_free(c);
		unit_dirty(&s->u);
	}
}

unsigned socket_n_connections(const struct socket_unit *s)
{
	unsigned n = 0;

	for (const struct connection *c = s->connections; c; c = c->next)
		n++;
	return n;
}

static bool may_have_another(struct socket_unit *s, const char *peer)
{
	unsigned n = 0, from_peer = 0;

	socket_sweep(s);
	for (const struct connection *c = s->connections; c; c = c->next) {
		n++;
		from_peer += streq(c->peer, peer);
	}
	if (n >= s->max_connections) {
		log_event(LOG_WARNING, "SOCKET_MAX_CONNECTIONS", "too many connections, refusing one", F_STR("UNIT", s->u.id), F_U64("CONNECTIONS", n));
		return false;
	}
	if (s->max_connections_per_source && peer[0] && from_peer >= s->max_connections_per_source) {
		log_event(LOG_WARNING, "SOCKET_MAX_PER_SOURCE", "too many connections of one source, refusing one", F_STR("UNIT", s->u.id),
			  F_STR("PEER", peer), F_U64("CONNECTIONS", from_peer));
		return false;
	}
	return true;
}

static int connection_new(struct connection **ret, char **peer)
{
	struct connection *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->peer = TAKE_PTR(*peer);
	c->fresh_until_usec = now_usec(CLOCK_BOOTTIME) + FRESH_USEC;
	*ret = c;
	return 0;
}

/* "echo.socket" and "3-101-0" make "echo@3-101-0.service" */
static int load_instance(struct socket_unit *s, const char *instance, struct unit **ret)
{
	_cleanup_(freep) char *prefix = NULL, *name = NULL;
	struct unit *u;
	int r = name_prefix(s->u.id, &prefix);

	if (r < 0)
		return r;
	if (asprintf(&name, "%s@%s.service", prefix, instance) < 0)
		return -ENOMEM;
	r = unit_load(s->u.set, name, &u);
	if (r < 0)
		return r;
	if (u->load_state != UNIT_LOADED)
		return u->load_error < 0 ? u->load_error : -ENOENT;
	r = unit_add_dep(&s->u, DEP_BEFORE, u, DEP_DYNAMIC);
	if (r >= 0)
		r = unit_add_dep(&s->u, DEP_TRIGGERS, u, DEP_DYNAMIC);
	*ret = u;
	return r;
}

static int start_instance(struct socket_unit *s, const char *instance, int *fd, struct connection *c)
{
	struct unit *u = NULL;
	int r = load_instance(s, instance, &u);

	if (r < 0)
		return r;
	if (!u->type->give_connection)
		return -EOPNOTSUPP;
	c->unit = strdup(u->id);
	if (!c->unit)
		return -ENOMEM;
	r = u->type->give_connection(u, &s->u, TAKE_FD(*fd));
	return r < 0 ? r : unit_host(&s->u)->submit(u, IPC_JOB_TYPE_START, IPC_JOB_MODE_REPLACE);
}

int socket_take(struct listener *l)
{
	struct socket_unit *s = l->socket;
	_cleanup_(freep) char *instance = NULL, *peer = NULL;
	struct connection *c = NULL;
	_cleanup_(closep) int fd = accept4(l->source.fd, NULL, NULL, SOCK_CLOEXEC);
	int r;

	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			return -EAGAIN;
		return errno == EBADF || errno == EINVAL || errno == ENOTSOCK || errno == EOPNOTSUPP ? -errno : 0;      /* else the peer's affair */
	}
	r = address_instance(fd, s->n_accepted, &instance, &peer);
	if (r == -ENOTCONN || r == -ECONNRESET)
		return 0;
	if (r >= 0 && !may_have_another(s, peer)) {
		s->n_refused++;
		unit_dirty(&s->u);
		return 0;
	}
	if (r >= 0)
		r = connection_new(&c, &peer);
	if (r >= 0)
		r = start_instance(s, instance, &fd, c);
	if (r < 0) {
		log_event(LOG_WARNING, "SOCKET_INSTANCE", "cannot start an instance for a connection", F_STR("UNIT", s->u.id),
			  F_STR("INSTANCE", instance ?: ""), F_ERRNO(r));
		if (c)
			connection_free(c);
		return 0;
	}
	c->next = s->connections;
	s->connections = c;
	s->n_accepted++;
	unit_dirty(&s->u);
	return 0;
}
