/*
 * notify.c - sd_notify(3): one datagram a turn, peeked at first and consumed after the commit
 *
 * So a message that was being worked on when core died is read again by the next core. The socket itself is kept by init.
 */
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include "log.h"
#include "manager/manager.h"
#include "unit/scope.h"
#include "state/mark.h"

#define NOTIFY_MAX 4096
#define NOTIFY_FDS 253
#define NOTIFY_STORED "core:notify"

#define STREAMS "SYSMASTER_STREAMS="
#define STREAMS_USEC (30 * USEC_PER_SEC)        /* whoever sends them asks for a unit at once */

struct datagram { char text[NOTIFY_MAX + 1]; pid_t pid; uid_t uid; int fds[NOTIFY_FDS]; size_t n_fds; bool cut; };

static int peek(int fd, struct datagram *d)
{
	union { struct cmsghdr h; char space[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(sizeof(int) * NOTIFY_FDS)]; } control;
	struct iovec iov = { d->text, NOTIFY_MAX };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(fd, &m, MSG_PEEK | MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n < 0)
		return -errno;
	d->text[n] = 0;
	d->cut = m.msg_flags & (MSG_TRUNC | MSG_CTRUNC) || memchr(d->text, 0, (size_t)n);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		if (c->cmsg_level != SOL_SOCKET)
			continue;
		if (c->cmsg_type == SCM_CREDENTIALS && c->cmsg_len == CMSG_LEN(sizeof(struct ucred))) {
			struct ucred u;

			memcpy(&u, CMSG_DATA(c), sizeof(u));
			d->pid = u.pid;
			d->uid = u.uid;
		} else if (c->cmsg_type == SCM_RIGHTS) {
			d->n_fds = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
			memcpy(d->fds, CMSG_DATA(c), d->n_fds * sizeof(int));
		}
	}
	return 0;
}

/* ---- standard streams for a transient service: they cannot come with the request, which carries no descriptors ---- */

static void streams_close(struct streams *s)
{
	for (int i = 0; i < 3 && s->since_usec; i++)
		closep(&s->fds[i]);
	s->since_usec = 0;
}

static struct streams *streams_find(struct manager *m, uint64_t cookie)
{
	for (size_t i = 0; i < ARRAY_SIZE(m->streams); i++)
		if (m->streams[i].since_usec && m->streams[i].cookie == cookie)
			return &m->streams[i];
	return NULL;
}

static void keep_streams(struct manager *m, struct datagram *d)
{
	uint64_t now = now_usec(CLOCK_BOOTTIME), cookie = 0;
	struct streams *s, *oldest = &m->streams[0];

	if ((d->uid != 0 && d->uid != getuid()) || d->n_fds != 3 || value_unsigned(d->text + strlen(STREAMS), UINT64_MAX, &cookie) < 0) {
		log_event(LOG_WARNING, "NOTIFY_STREAMS", "standard streams not taken", F_I64("PID", d->pid), F_U64("UID", d->uid));
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(m->streams); i++) {
		if (m->streams[i].since_usec && now - m->streams[i].since_usec > STREAMS_USEC)
			streams_close(&m->streams[i]);
		if (m->streams[i].since_usec < oldest->since_usec)
			oldest = &m->streams[i];
	}
	s = streams_find(m, cookie) ?: oldest;
	streams_close(s);
	*s = (struct streams){ .cookie = cookie, .since_usec = now };
	for (int i = 0; i < 3; i++)
		s->fds[i] = TAKE_FD(d->fds[i]);
}

int notify_take_streams(struct manager *m, uint64_t cookie, int fds[3])
{
	struct streams *s = streams_find(m, cookie);

	if (!s)
		return -EAGAIN;
	memcpy(fds, s->fds, sizeof(s->fds));
	s->since_usec = 0;
	return 0;
}

static void deliver(struct manager *m, struct datagram *d)
{
	struct unit *u = child_unit_of_pid(m, d->pid) ?: cgroup_unit_of_pid(m->cgroups, m->set, d->pid);
	char *lines[65] = { NULL }, *save = NULL;
	size_t n = 0;

	if (!u || !u->type->notify) {
		log_event(LOG_DEBUG, "NOTIFY_UNKNOWN", "message from a process that belongs to no unit", F_I64("PID", d->pid));
		return;
	}
	for (char *l = strtok_r(d->text, "\n", &save); l && n < ARRAY_SIZE(lines) - 1; l = strtok_r(NULL, "\n", &save))
		lines[n++] = l;
	mark_set(u->id);
	u->type->notify(u, d->pid, lines, d->fds, d->n_fds);
	mark_set(NULL);
}

static int fire(struct source *src, uint32_t events)
{
	struct manager *m = container_of(src, struct manager, notify.source);
	struct datagram d = { .pid = 0 };

	if (m->notify.consume || !m->recovered)
		return 0;
	int r = peek(src->fd, &d);

	if (r < 0)
		return r == -EAGAIN || r == -EINTR ? 0 : r;
	m->notify.consume = true;
	if (d.cut || d.pid <= 0)
		log_event(LOG_WARNING, "NOTIFY_BAD", "message too long, with a NUL in it, or without credentials: dropped", F_I64("PID", d.pid));
	else if (startswith(d.text, STREAMS))
		keep_streams(m, &d);
	else
		deliver(m, &d);
	for (size_t i = 0; i < d.n_fds; i++)
		closep(&d.fds[i]);
	return 0;
}

void notify_consume(struct manager *m)
{
	char byte;

	if (!m->notify.consume)
		return;
	m->notify.consume = false;
	if (recv(m->notify.fd, &byte, 1, MSG_DONTWAIT | MSG_TRUNC) < 0 && errno != EAGAIN)
		log_event(LOG_WARNING, "NOTIFY_BAD", "message cannot be consumed", F_ERRNO(-errno));
}

static int make_socket(const char *path)
{
	_cleanup_(closep) int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int on = 1, size = 8 << 20;

	if (fd < 0)
		return -errno;
	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", path);
	unlink(path);
	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0 || chmod(path, 0777) < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	return TAKE_FD(fd);
}

int notify_open(struct manager *m)
{
	int fd = host_take_fd(m, NOTIFY_STORED);

	if (fd < 0) {
		struct ipc_stored_fd msg = { .name = NOTIFY_STORED };

		fd = make_socket(m->host.notify_path);
		if (fd < 0)
			return fd;
		link_send(m->link, IPC_CHANNEL_TO_INIT_EV_STORE_FD, &msg, &fd, 1);
	} else if (m->init.trust > 0) {         /* the message at the head may be what killed core */
		char byte;

		recv(fd, &byte, 1, MSG_DONTWAIT | MSG_TRUNC);
	}
	m->notify.fd = fd;
	return source_add(m->loop, &m->notify.source, fd, EPOLLIN, fire);
}

void notify_supervisor(const char *text)
{
	const char *path = scope_is_user() ? getenv("NOTIFY_SOCKET") : NULL;
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	_cleanup_(closep) int fd = -1;

	if (!path || strlen(path) >= sizeof(sa.sun_path) || (*path != '/' && *path != '@'))
		return;
	strcpy(sa.sun_path, path);
	if (*path == '@')
		sa.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || sendto(fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&sa, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path))) < 0)
		log_event(LOG_WARNING, "NOTIFY_SUPERVISOR", "who started this manager cannot be told", F_STR("TEXT", text), F_ERRNO(-errno));
}
