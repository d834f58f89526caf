/* fds.c - descriptors of a service: the fd store, the accepted connection, streams that a request brought */
#include <stdio.h>
#include "log.h"
#include "types/service/service.h"

void service_pass_fds(struct service *s, struct service_passed *p)
{
	static char connection[] = "connection";

	if (s->connection_fd >= 0) {                    /* of Accept=yes: that alone, and what is stored */
		p->fds[0] = s->connection_fd;
		p->names[p->n++] = connection;
	}
	for (struct dep *d = NULL; s->connection_fd < 0 && (d = unit_next_dep(&s->u, DEP_TRIGGERED_BY, d));) {
		const int *fds;
		char *const *names;
		int n = d->other->type->collect_fds ? d->other->type->collect_fds(d->other, &fds, &names) : 0;

		for (int i = 0; i < n && p->n < ARRAY_SIZE(p->fds); i++, p->n++) {
			p->fds[p->n] = fds[i];
			p->names[p->n] = names[i];
		}
	}
	for (struct service_fd *f = s->fds; f && p->n < ARRAY_SIZE(p->fds); f = f->next, p->n++) {
		p->fds[p->n] = f->source.fd;
		p->names[p->n] = f->name;
	}
}

const char *const service_stream_names[3] = { "stdin", "stdout", "stderr" };

int service_give_streams(struct unit *u, int fds[3])
{
	struct service *s = SERVICE(u);
	int r = 0;

	service_close_streams(s);
	for (int i = 0; i < 3; i++) {
		s->streams[i] = TAKE_FD(fds[i]);
		r = r < 0 ? r : unit_host(u)->store_fd(u, service_stream_names[i], s->streams[i]);
	}
	if (r < 0)
		service_close_streams(s);
	unit_dirty(u);
	return MIN(r, 0);
}

void service_close_streams(struct service *s)
{
	if (s->streams[0] < 0)
		return;
	for (int i = 0; i < 3; i++) {
		closep(&s->streams[i]);
		unit_host(&s->u)->drop_fd(&s->u, service_stream_names[i]);
	}
	unit_dirty(&s->u);
}

void service_close_connection(struct service *s)
{
	if (s->connection_fd < 0 && !s->accept_socket)
		return;
	closep(&s->connection_fd);
	unit_host(&s->u)->drop_fd(&s->u, "connection");
	struct unit *socket = s->accept_socket ? unit_get(s->u.set, s->accept_socket) : NULL;

	if (socket && socket->type->connection_closed)
		socket->type->connection_closed(socket);
	free(s->accept_socket);
	s->accept_socket = NULL;
	unit_dirty(&s->u);
}

static void drop_fd(struct service *s, struct service_fd **at)
{
	struct service_fd *f = *at;

	*at = f->next;
	source_del(&f->source);
	close(f->source.fd);
	unit_host(&s->u)->drop_fd(&s->u, f->key);
	free(f->key);
	free(f->name);
	free(f);
	s->n_fds--;
	unit_dirty(&s->u);
}

static int fd_hung_up(struct source *src, uint32_t events)
{
	struct service *s = container_of(src, struct service_fd, source)->service;

	for (struct service_fd **p = &s->fds; *p; p = &(*p)->next)
		if (&(*p)->source == src) {
			drop_fd(s, p);
			break;
		}
	return 0;
}

void service_watch_fd(struct service_fd *f)
{
	source_add(unit_host(&f->service->u)->loop, &f->source, f->source.fd, 0, fd_hung_up);   /* regular files cannot be watched: fine */
}

int service_store_fd(struct service *s, const char *name, int fd)
{
	_cleanup_(closep) int own = fd;
	struct service_fd *f;
	int r;

	if (s->n_fds >= s->fdstore_max)
		return -EXFULL;
	f = calloc(1, sizeof(*f));
	if (!f || asprintf(&f->key, "fdstore.%u", s->next_fd) < 0) {
		free(f);
		return -ENOMEM;
	}
	f->name = strdup(name && *name ? name : "stored");
	f->service = s;
	f->source.fd = own;
	r = f->name ? unit_host(&s->u)->store_fd(&s->u, f->key, own) : -ENOMEM;
	if (r < 0) {
		free(f->key);
		free(f->name);
		free(f);
		return r;
	}
	TAKE_FD(own);
	s->next_fd++;
	s->n_fds++;
	f->next = s->fds;
	s->fds = f;
	service_watch_fd(f);
	unit_dirty(&s->u);
	return 0;
}

void service_drop_fds(struct service *s, const char *name)
{
	for (struct service_fd **p = &s->fds; *p;)
		if (!name || streq((*p)->name, name))
			drop_fd(s, p);
		else
			p = &(*p)->next;
}
