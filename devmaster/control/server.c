/* server.c - see server.h; a client that says nothing holds up nobody, and there are few of them */
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include "control/server.h"
#include "log.h"

#define CLIENTS_MAX 64

struct client { struct client *next; struct source source; struct control *control; bool waits_for_exit; };

struct control {
	struct source source;
	struct client *clients;
	unsigned n;
	struct loop *loop;
	const struct control_hooks *hooks;
	void *user;
	bool own;
	char path[108];
};

static void drop(struct client *c)
{
	struct client **link = &c->control->clients;

	while (*link != c)
		link = &(*link)->next;
	*link = c->next;
	c->control->n--;
	source_del(&c->source);
	close(c->source.fd);
	free(c);
}

static int hear(struct source *s, uint32_t events)
{
	struct client *c = container_of(s, struct client, source);
	struct control *all = c->control;
	char data[sizeof(struct control_wire) + 1];
	struct control_message m;
	ssize_t n = recv(s->fd, data, sizeof(data), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0 || control_decode(data, (size_t)n, &m) < 0) {
		if (n > 0)
			log_event(LOG_WARNING, "DEVICE_CONTROL", "a control message cannot be read, its sender is sent away");
		drop(c);
		return 0;
	}
	c->waits_for_exit |= m.verb == CONTROL_EXIT;
	if (m.verb == CONTROL_END && c->waits_for_exit)
		return 0;
	all->hooks->message(all->user, &m);
	if (m.verb == CONTROL_END)
		drop(c);
	return 0;
}

static int take_client(struct source *s, uint32_t events)
{
	struct control *all = container_of(s, struct control, source);
	int fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct ucred who = { .uid = (uid_t)-1 };
	socklen_t len = sizeof(who);
	struct client *c;

	if (fd < 0)
		return 0;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) < 0 || who.uid != 0 || all->n >= CLIENTS_MAX || !(c = calloc(1, sizeof(*c)))) {
		close(fd);
		return 0;
	}
	c->control = all;
	c->next = all->clients;
	all->clients = c;
	all->n++;
	if (source_add(all->loop, &c->source, fd, EPOLLIN, hear) < 0)
		drop(c);
	return 0;
}

static int listen_here(const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	_cleanup_(closep) int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	if (snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", path) >= (int)sizeof(sa.sun_path))
		return -ENAMETOOLONG;
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0)
		return -EADDRINUSE;
	unlink(path);
	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0 || chmod(path, 0600) < 0 || listen(fd, 16) < 0)
		return -errno;
	return TAKE_FD(fd);
}

int control_new(struct control **ret, struct loop *l, int fd, const char *path, const struct control_hooks *hooks, void *user)
{
	struct control *c = calloc(1, sizeof(*c));
	int r;

	if (!c)
		return -ENOMEM;
	*c = (struct control){ .loop = l, .hooks = hooks, .user = user, .own = fd < 0 };
	snprintf(c->path, sizeof(c->path), "%s", path);
	r = fd >= 0 ? fd : listen_here(path);
	if (r >= 0)
		r = source_add(l, &c->source, r, EPOLLIN, take_client);
	if (r < 0) {
		free(c);
		return r;
	}
	*ret = c;
	return 0;
}

void control_free(struct control *c)
{
	if (!c)
		return;
	while (c->clients)
		drop(c->clients);
	source_del(&c->source);
	close(c->source.fd);
	if (c->own)
		unlink(c->path);
	free(c);
}
