/* listener.c - see listener.h */
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include "log.h"
#include "monitor/monitor.h"
#include "uevent/listener.h"

#define A_TURN 256                      /* messages in a row, then others get their turn */

struct listener {
	struct nl_sock *sock;
	struct source source;
	const struct listener_hooks *hooks;
	void *user;
	bool full;
	uint64_t forged;
};

static int make(struct listener *l, int fd)
{
	int r;

	l->sock = nl_socket_alloc();
	if (!l->sock)
		return -ENOMEM;
	nl_socket_disable_seq_check(l->sock);
	if (fd >= 0)
		r = nl_socket_set_fd(l->sock, NETLINK_KOBJECT_UEVENT, fd);
	else {
		nl_join_groups(l->sock, MONITOR_KERNEL);
		r = nl_connect(l->sock, NETLINK_KOBJECT_UEVENT);
	}
	if (r >= 0)
		r = nl_socket_set_nonblocking(l->sock);
	if (r >= 0)
		r = nl_socket_set_passcred(l->sock, 1);
	if (r < 0) {
		log_event(LOG_ERR, "DEVICE_NETLINK", nl_geterror(r));
		return -EIO;
	}
	r = monitor_set_buffer(nl_socket_get_fd(l->sock), LISTENER_BUFFER);     /* libnl knows no SO_RCVBUFFORCE */
	if (r < 0)
		log_event(LOG_WARNING, "DEVICE_NETLINK_BUFFER", "the kernel's buffer stays small", F_ERRNO(r));
	return 0;
}

int listener_new(struct listener **ret, int fd, const struct listener_hooks *hooks, void *user)
{
	struct listener *l = calloc(1, sizeof(*l));
	int r;

	if (!l)
		return -ENOMEM;
	l->hooks = hooks;
	l->user = user;
	r = make(l, fd);
	if (r < 0) {
		listener_free(l);
		return r;
	}
	*ret = l;
	return 0;
}

void listener_free(struct listener *l)
{
	if (!l)
		return;
	source_del(&l->source);
	if (l->sock)
		nl_socket_free(l->sock);
	free(l);
}

int listener_fd(const struct listener *l) { return nl_socket_get_fd(l->sock); }

static void refuse(struct listener *l, const char *why, int r)
{
	l->forged++;
	log_event(LOG_WARNING, "DEVICE_MESSAGE", why, F_U64("REFUSED", l->forged), F_ERRNO(r));
}

/* 1: one was taken or refused; 0: nothing there, or no room */
static int take(struct listener *l)
{
	char *room = l->hooks->room(l->user);
	int group = 0, r;
	struct uevent u;
	ssize_t n;

	if (!room) {
		l->full = true;
		source_mod(&l->source, 0);
		return 0;
	}
	n = monitor_receive(listener_fd(l), room, LISTENER_MESSAGE, &group);
	if (n == -EAGAIN)
		return 0;
	if (n == -ENOBUFS) {
		l->hooks->overrun(l->user);
		return 1;
	}
	if (n < 0 || group != MONITOR_KERNEL) {
		refuse(l, "a message that is not the kernel's is left out", n < 0 ? (int)n : -EPERM);
		return n == -EPERM || n == -EMSGSIZE || n >= 0;
	}
	r = uevent_kernel(room, (size_t)n, &u);
	if (r < 0)
		refuse(l, "a message of the kernel cannot be read", r);
	else
		l->hooks->event(l->user, &u, (size_t)n);
	return 1;
}

static int fire(struct source *s, uint32_t events)
{
	struct listener *l = container_of(s, struct listener, source);

	for (int i = 0; i < A_TURN && take(l) > 0; i++)
		;
	return 0;
}

void listener_drain(struct listener *l)
{
	while (take(l) > 0)
		;
}

void listener_resume(struct listener *l)
{
	if (!l->full)
		return;
	l->full = false;
	source_mod(&l->source, EPOLLIN);
}

int listener_start(struct listener *l, struct loop *loop) { return source_add(loop, &l->source, listener_fd(l), EPOLLIN, fire); }
