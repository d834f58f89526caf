/* listen.c - opens, sets up and closes what a socket unit listens on */
#include <fcntl.h>
#include <limits.h>
#include <mqueue.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include "log.h"
#include "types/socket/socket.h"

#ifndef IPV6_FREEBIND
#define IPV6_FREEBIND 78                /* linux/in6.h, which does not go with netinet/in.h */
#endif

/* ---- options ---- */

static void complain(const struct listener *l, const char *option, int r)
{
	log_event(LOG_WARNING, "SOCKET_OPTION", "an option of a socket cannot be set", F_STR("UNIT", l->socket->u.id), F_STR("ADDRESS", l->text),
		  F_STR("OPTION", option), F_ERRNO(r));
}

static void set_int(const struct listener *l, int fd, int level, int option, const char *name, int value)
{
	if (setsockopt(fd, level, option, &value, sizeof(value)) < 0)
		complain(l, name, -errno);
}
#define SET_INT(l, fd, level, option, value) set_int(l, fd, level, option, #option, value)

static int seconds(uint64_t usec) { return (int)MIN((usec + USEC_PER_SEC - 1) / USEC_PER_SEC, (uint64_t)INT_MAX); }

static void set_buffer(const struct listener *l, int fd, int forced, int plain, const char *name, uint64_t bytes)
{
	int v = (int)MIN(bytes, (uint64_t)INT_MAX);

	if (setsockopt(fd, SOL_SOCKET, forced, &v, sizeof(v)) < 0)      /* beyond the sysctl's limit only with CAP_NET_ADMIN */
		set_int(l, fd, SOL_SOCKET, plain, name, v);
}

static void set_tcp_options(const struct listener *l, int fd)
{
	const struct socket_options *o = &l->socket->o;

	if (o->keep_alive)
		SET_INT(l, fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	if (o->keep_alive_usec)
		SET_INT(l, fd, IPPROTO_TCP, TCP_KEEPIDLE, seconds(o->keep_alive_usec));
	if (o->keep_alive_interval_usec)
		SET_INT(l, fd, IPPROTO_TCP, TCP_KEEPINTVL, seconds(o->keep_alive_interval_usec));
	if (o->keep_alive_probes)
		SET_INT(l, fd, IPPROTO_TCP, TCP_KEEPCNT, (int)MIN(o->keep_alive_probes, (unsigned)INT_MAX));
	if (o->defer_accept_usec)
		SET_INT(l, fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, seconds(o->defer_accept_usec));
	if (o->no_delay)
		SET_INT(l, fd, IPPROTO_TCP, TCP_NODELAY, 1);
	if (o->tcp_congestion && setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, o->tcp_congestion, (socklen_t)strlen(o->tcp_congestion)) < 0)
		complain(l, "TCP_CONGESTION", -errno);
}

/* IP_* and IPV6_* pairs: an IPv6 socket may carry IPv4 too, so the first is tried on both */
static void set_ip(const struct listener *l, int fd, int family, int v4, int v6, const char *name, int value)
{
	int a = setsockopt(fd, IPPROTO_IP, v4, &value, sizeof(value)), ra = -errno, b = 0, rb = 0;

	if (family == AF_INET6 && v6) {
		b = setsockopt(fd, IPPROTO_IPV6, v6, &value, sizeof(value));
		rb = -errno;
	}
	if (family == AF_INET6 && v6 ? b < 0 : a < 0)
		complain(l, name, family == AF_INET6 && v6 ? rb : ra);
}

static void set_options(const struct listener *l, int fd, int family)
{
	const struct socket_options *o = &l->socket->o;
	bool ip = family == AF_INET || family == AF_INET6;

	if (o->broadcast)
		SET_INT(l, fd, SOL_SOCKET, SO_BROADCAST, 1);
	if (o->pass_credentials && (family == AF_UNIX || family == AF_NETLINK))
		SET_INT(l, fd, SOL_SOCKET, SO_PASSCRED, 1);
	if (o->pass_security)
		SET_INT(l, fd, SOL_SOCKET, SO_PASSSEC, 1);
	if (o->priority >= 0)
		SET_INT(l, fd, SOL_SOCKET, SO_PRIORITY, o->priority);
	if (o->mark >= 0)
		SET_INT(l, fd, SOL_SOCKET, SO_MARK, o->mark);
	if (o->timestamping)
		set_int(l, fd, SOL_SOCKET, o->timestamping == 1 ? SO_TIMESTAMP : SO_TIMESTAMPNS, "SO_TIMESTAMP", 1);
	if (o->receive_buffer)
		set_buffer(l, fd, SO_RCVBUFFORCE, SO_RCVBUF, "SO_RCVBUF", o->receive_buffer);
	if (o->send_buffer)
		set_buffer(l, fd, SO_SNDBUFFORCE, SO_SNDBUF, "SO_SNDBUF", o->send_buffer);
	if (o->pass_packet_info && ip)
		set_ip(l, fd, family, IP_PKTINFO, IPV6_RECVPKTINFO, "IP_PKTINFO", 1);
	if (o->pass_packet_info && family == AF_NETLINK)
		SET_INT(l, fd, SOL_NETLINK, NETLINK_PKTINFO, 1);
	if (o->iptos >= 0 && ip)
		set_ip(l, fd, family, IP_TOS, 0, "IP_TOS", o->iptos);
	if (o->ipttl >= 0 && ip)
		set_ip(l, fd, family, IP_TTL, IPV6_UNICAST_HOPS, "IP_TTL", o->ipttl);
	if (ip && l->kind == PORT_STREAM)
		set_tcp_options(l, fd);
}

/* those that decide over bind(2): failure is failure */
static int set_bind_options(const struct listener *l, int fd, int family)
{
	const struct socket_options *o = &l->socket->o;
	static const int one = 1;
	int v6only = o->bind_ipv6_only == 2;
	bool ip = family == AF_INET || family == AF_INET6;

	if (family == AF_INET6 && o->bind_ipv6_only && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6only, sizeof(v6only)) < 0)
		return -errno;
	if (ip && o->bind_to_device &&
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, o->bind_to_device, (socklen_t)strlen(o->bind_to_device) + 1) < 0)
		return -errno;
	if (o->reuse_port && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one)) < 0)
		complain(l, "SO_REUSEPORT", -errno);
	if (o->free_bind && ip)
		set_ip(l, fd, family, IP_FREEBIND, IPV6_FREEBIND, "IP_FREEBIND", 1);
	if (o->transparent && ip)
		set_ip(l, fd, family, IP_TRANSPARENT, IPV6_TRANSPARENT, "IP_TRANSPARENT", 1);
	return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ? -errno : 0;
}

/* ---- opening ---- */

static int make_parents(const char *path, mode_t mode)
{
	_cleanup_(freep) char *p = strdup(path);

	if (!p)
		return -ENOMEM;
	for (char *slash = strchr(p + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(p, mode) < 0 && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return 0;
}

/* a number or a name; if_nametoindex(3) would need ioctl(2), which core may not use */
static int resolve_interface(struct address *a)
{
	_cleanup_(freep) char *path = NULL;
	_cleanup_(closep) int fd = -1;
	char text[16];
	uint64_t index;
	ssize_t n;

	if (!a->interface)
		return 0;
	if (value_unsigned(a->interface, UINT32_MAX, &index) >= 0) {
		a->in6.sin6_scope_id = (uint32_t)index;
		return 0;
	}
	if (strchr(a->interface, '/') || a->interface[0] == '.')
		return -ENODEV;
	if (asprintf(&path, "/sys/class/net/%s/ifindex", a->interface) < 0)
		return -ENOMEM;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return -ENODEV;
	text[n] = '\0';
	a->in6.sin6_scope_id = (uint32_t)strtoul(text, NULL, 10);
	return 0;
}

/* A kernel without IPv6 still serves a bare port number, by IPv4. */
static void without_ipv6(struct address *a)
{
	in_port_t port = a->in6.sin6_port;

	memset(&a->in6, 0, sizeof(a->in6));
	a->in.sin_family = AF_INET;
	a->in.sin_port = port;
	a->len = sizeof(a->in);
}

static int bind_node(int fd, const struct address *a, mode_t mode)
{
	mode_t old = umask(~mode & 0777);
	int r = bind(fd, &a->sa, a->len) < 0 ? -errno : 0;

	if (r == -EADDRINUSE && a->un.sun_path[0]) {    /* left behind by an earlier one */
		struct stat st;

		if (lstat(a->un.sun_path, &st) == 0 && S_ISSOCK(st.st_mode) && unlink(a->un.sun_path) == 0)
			r = bind(fd, &a->sa, a->len) < 0 ? -errno : 0;
	}
	umask(old);
	return r;
}

static int open_socket(struct listener *l, int *ret)
{
	const struct socket_options *o = &l->socket->o;
	struct address a;
	_cleanup_(closep) int fd = -1;
	int r = address_parse(l->kind, l->text, &a);

	if (r < 0)
		return r;
	if (!a.protocol && (a.sa.sa_family == AF_INET || a.sa.sa_family == AF_INET6))
		a.protocol = o->protocol;
	r = resolve_interface(&a);
	if (r < 0)
		return r;
	fd = socket(a.sa.sa_family, a.type | SOCK_CLOEXEC | SOCK_NONBLOCK, a.protocol);
	if (fd < 0 && errno == EAFNOSUPPORT && a.sa.sa_family == AF_INET6 && !strchr(l->text, ':')) {
		without_ipv6(&a);
		fd = socket(AF_INET, a.type | SOCK_CLOEXEC | SOCK_NONBLOCK, a.protocol);
	}
	if (fd < 0)
		return -errno;
	r = set_bind_options(l, fd, a.sa.sa_family);
	if (r >= 0 && a.sa.sa_family == AF_UNIX && a.un.sun_path[0]) {
		r = make_parents(a.un.sun_path, o->directory_mode);
		if (r >= 0)
			r = bind_node(fd, &a, o->socket_mode);
	} else if (r >= 0) {
		r = bind(fd, &a.sa, a.len) < 0 ? -errno : 0;
	}
	if (r >= 0 && address_can_accept(l->kind) && listen(fd, (int)MIN(o->backlog, (uint64_t)INT_MAX)) < 0)
		r = -errno;
	if (r < 0)
		return r;
	set_options(l, fd, a.sa.sa_family);
	*ret = TAKE_FD(fd);
	return 0;
}

static int open_fifo(struct listener *l, int *ret)
{
	const struct socket_options *o = &l->socket->o;
	_cleanup_(closep) int fd = -1;
	struct stat st;
	int r = make_parents(l->text, o->directory_mode);
	mode_t old;

	if (r < 0)
		return r;
	old = umask(~o->socket_mode & 0777);
	r = mkfifo(l->text, o->socket_mode) < 0 && errno != EEXIST ? -errno : 0;
	umask(old);
	if (r < 0)
		return r;
	fd = open(l->text, O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISFIFO(st.st_mode) || st.st_uid != geteuid())
		return -EEXIST;                         /* somebody else's */
	if ((st.st_mode & 0777) != (o->socket_mode & 0777) && fchmod(fd, o->socket_mode & 0777) < 0)
		return -errno;
	if (o->pipe_size && fcntl(fd, F_SETPIPE_SZ, (int)MIN(o->pipe_size, (uint64_t)INT_MAX)) < 0)
		complain(l, "F_SETPIPE_SZ", -errno);
	*ret = TAKE_FD(fd);
	return 0;
}

static int open_special(struct listener *l, int *ret)
{
	_cleanup_(closep) int fd = open(l->text, (l->socket->o.writable ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) && !S_ISCHR(st.st_mode))
		return -EEXIST;
	*ret = TAKE_FD(fd);
	return 0;
}

static int open_mqueue(struct listener *l, int *ret)
{
	const struct socket_options *o = &l->socket->o;
	struct mq_attr attr = { .mq_maxmsg = (long)o->mq_max_messages, .mq_msgsize = (long)o->mq_message_size };
	mode_t old = umask(~o->socket_mode & 0777);
	int fd = mq_open(l->text, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_CREAT, o->socket_mode, attr.mq_maxmsg ? &attr : NULL);
	int r = fd < 0 ? -errno : 0;

	umask(old);
	if (r >= 0)
		*ret = fd;
	return r;
}

static int (*const openers[N_PORT_KINDS])(struct listener *l, int *ret) = {
	[PORT_STREAM] = open_socket, [PORT_DATAGRAM] = open_socket, [PORT_SEQPACKET] = open_socket, [PORT_NETLINK] = open_socket,
	[PORT_FIFO] = open_fifo, [PORT_SPECIAL] = open_special, [PORT_MQUEUE] = open_mqueue,
};

static void link_nodes(struct socket_unit *s)
{
	const char *target = NULL;

	for (struct port *p = s->ports; p && !target; p = p->next)
		target = p->kind == PORT_SPECIAL ? NULL : address_path(p->kind, p->text);
	for (char **l = s->symlinks; target && l && *l; l++) {
		struct stat st;
		int r = make_parents(*l, s->o.directory_mode);

		if (r >= 0 && lstat(*l, &st) == 0 && S_ISLNK(st.st_mode))
			unlink(*l);
		if (r >= 0 && symlink(target, *l) < 0)
			r = -errno;
		if (r < 0)
			log_event(LOG_WARNING, "SOCKET_SYMLINK", "a symbolic link to a socket cannot be made", F_STR("UNIT", s->u.id),
				  F_STR("PATH", *l), F_ERRNO(r));
	}
}

static void stored_name(unsigned index, char out[static 32]) { snprintf(out, 32, "listen.%u", index); }

static struct listener *listener_new(struct socket_unit *s, const char *text, enum port_kind kind, unsigned index, int (*fire)(struct source *, uint32_t))
{
	struct listener *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->text = strdup(text);
	if (!l->text) {
		free(l);
		return NULL;
	}
	l->socket = s;
	l->kind = kind;
	l->index = index;
	l->source.fd = -1;
	l->source.fire = fire;
	return l;
}

void listener_free(struct listener *l)
{
	source_del(&l->source);
	closep(&l->source.fd);
	free(l->text);
	free(l);
}

/* appended, so that the order of the file is kept */
static int open_one(struct socket_unit *s, const char *text, enum port_kind kind, unsigned index, int (*fire)(struct source *, uint32_t))
{
	struct listener *l = listener_new(s, text, kind, index, fire), **end = &s->listeners;
	char name[32];
	int r;

	if (!l)
		return -ENOMEM;
	r = openers[kind](l, &l->source.fd);
	stored_name(index, name);
	if (r >= 0)
		r = unit_host(&s->u)->store_fd(&s->u, name, l->source.fd);
	if (r < 0) {
		log_event(LOG_ERR, "SOCKET_LISTEN", "cannot listen", F_STR("UNIT", s->u.id), F_STR("ADDRESS", text), F_ERRNO(r));
		listener_free(l);
		return r;
	}
	while (*end)
		end = &(*end)->next;
	*end = l;
	unit_dirty(&s->u);
	return 0;
}

static bool is_open(const struct socket_unit *s, const struct port *p)
{
	for (const struct listener *l = s->listeners; l; l = l->next)
		if (l->kind == p->kind && streq(l->text, p->text))
			return true;
	return false;
}

int socket_open(struct socket_unit *s, int (*fire)(struct source *, uint32_t))
{
	unsigned next = 0;

	for (struct listener *l = s->listeners; l; l = l->next)
		next = MAX(next, l->index + 1);
	for (struct port *p = s->ports; p; p = p->next) {
		int r = is_open(s, p) ? 0 : open_one(s, p->text, p->kind, next++, fire);

		if (r < 0)
			return r;
	}
	link_nodes(s);
	return 0;
}

int socket_fetch(struct socket_unit *s, int (*fire)(struct source *, uint32_t))
{
	struct unit_host *host = unit_host(&s->u);
	struct listener **end = &s->listeners;
	int r = 0;

	while (*end)
		end = &(*end)->next;
	for (struct listener *l; (l = s->to_fetch);) {
		char name[32];
		int fd;

		s->to_fetch = l->next;
		l->next = NULL;
		stored_name(l->index, name);
		fd = host->fetch_fd(&s->u, name);
		if (fd < 0) {                           /* a node that is still there is bound anew */
			log_event(LOG_WARNING, "SOCKET_LOST", "a listening socket was lost, opening it again", F_STR("UNIT", s->u.id), F_STR("ADDRESS", l->text));
			r = openers[l->kind](l, &l->source.fd);
			if (r >= 0)
				r = host->store_fd(&s->u, name, l->source.fd);
			if (r < 0) {
				listener_free(l);
				return r;
			}
		} else {
			l->source.fd = fd;
		}
		l->source.fire = fire;
		*end = l;
		end = &l->next;
	}
	return 0;
}

/* ---- closing ---- */

static void remove_node(const struct listener *l)
{
	const char *path = l->kind == PORT_SPECIAL ? NULL : address_path(l->kind, l->text);

	if (path)
		unlink(path);
	else if (l->kind == PORT_MQUEUE)
		mq_unlink(l->text);
}

void socket_close(struct socket_unit *s)
{
	for (struct listener *l; (l = s->listeners);) {
		char name[32];

		s->listeners = l->next;
		if (s->remove_on_stop)
			remove_node(l);
		stored_name(l->index, name);
		unit_host(&s->u)->drop_fd(&s->u, name);
		listener_free(l);
	}
	for (char **l = s->symlinks; s->remove_on_stop && l && *l; l++)
		unlink(*l);
	unit_dirty(&s->u);
}

bool listener_is_accepted(const struct listener *l) { return l->socket->accept && address_can_accept(l->kind); }

int socket_watch(struct socket_unit *s, enum socket_watching which)
{
	for (struct listener *l = s->listeners; l; l = l->next) {
		int r = 0;

		if (which == WATCH_NONE || (which == WATCH_ACCEPTED && !listener_is_accepted(l)))
			source_del(&l->source);
		else if (!l->source.loop)
			r = source_add(unit_host(&s->u)->loop, &l->source, l->source.fd, EPOLLIN, l->source.fire);
		if (r == -EPERM)
			log_event(LOG_ERR, "SOCKET_WATCH", "a file that cannot be polled cannot start the service", F_STR("UNIT", s->u.id),
				  F_STR("ADDRESS", l->text));
		if (r < 0)
			return r;
	}
	return 0;
}

void socket_set_blocking(struct socket_unit *s, bool on)
{
	for (struct listener *l = s->listeners; l; l = l->next) {
		int flags = listener_is_accepted(l) ? -1 : fcntl(l->source.fd, F_GETFL), want = on ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;

		if (flags >= 0 && flags != want && fcntl(l->source.fd, F_SETFL, want) < 0)
			complain(l, "O_NONBLOCK", -errno);
	}
}

static void flush_one(const struct listener *l)
{
	struct pollfd p = { .fd = l->source.fd, .events = POLLIN };
	char buf[4096];

	for (unsigned i = 0; i < 1024 && poll(&p, 1, 0) > 0 && (p.revents & POLLIN); i++) {
		if (address_can_accept(l->kind)) {
			int fd = accept4(l->source.fd, NULL, NULL, SOCK_CLOEXEC);

			if (fd < 0 && errno != ECONNABORTED && errno != EINTR)
				return;
			closep(&fd);
		} else if (l->kind == PORT_MQUEUE) {
			_cleanup_(freep) char *message = NULL;
			struct mq_attr attr;

			if (mq_getattr(l->source.fd, &attr) < 0 || !(message = malloc((size_t)attr.mq_msgsize)) ||
			    mq_receive(l->source.fd, message, (size_t)attr.mq_msgsize, NULL) < 0)
				return;
		} else if (read(l->source.fd, buf, sizeof(buf)) <= 0) {
			return;
		}
	}
}

void socket_flush(struct socket_unit *s)
{
	for (struct listener *l = s->listeners; l; l = l->next)
		flush_one(l);
}

char **socket_node_paths(const struct socket_unit *s)
{
	_cleanup_(strv_freep) char **v = NULL;

	for (struct listener *l = s->listeners; l; l = l->next) {
		const char *path = l->kind == PORT_SPECIAL ? NULL : address_path(l->kind, l->text);

		if (path && strv_add(&v, path) < 0)
			return NULL;
	}
	return TAKE_PTR(v);
}
