/* link.c - the channel to init */
#include <fcntl.h>
#include <sys/socket.h>
#include "log.h"
#include "manager/link.h"

#define LINK_PACKET 65536
#define LINK_FDS 253

struct packet {
	struct packet *next;
	size_t len, n_fds;
	int fds[LINK_FDS];
	uint8_t data[];
};

struct link {
	struct source source;
	struct loop *loop;
	struct link_handler h;
	struct packet *first, **last;
	struct arena arena;
	uint64_t seq;
};

/* ---- out ---- */

static void packet_free(struct packet *p)
{
	for (size_t i = 0; i < p->n_fds; i++)
		close(p->fds[i]);
	free(p);
}

static int packet_new(struct link *k, uint32_t event, const void *body, const int *fds, size_t n_fds, struct packet **ret)
{
	_cleanup_(buf_finish) struct buf b = { .max = LINK_PACKET };
	const struct msg_event *e = msg_event_by_id(&ipc_channel_to_init_socket, event);
	int r = e ? msg_event_encode(++k->seq, e, body, &b) : -EINVAL;

	if (r < 0)
		return r;
	if (n_fds > LINK_FDS)
		return -E2BIG;
	struct packet *p = malloc(sizeof(*p) + b.len);

	if (!p)
		return -ENOMEM;
	p->next = NULL;
	p->len = b.len;
	p->n_fds = 0;
	memcpy(p->data, b.data, b.len);
	for (size_t i = 0; i < n_fds; i++) {
		p->fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 3);
		if (p->fds[i] < 0) {
			r = -errno;
			packet_free(p);
			return r;
		}
		p->n_fds++;
	}
	*ret = p;
	return 0;
}

static void enqueue(struct link *k, struct packet *p)
{
	*k->last = p;
	k->last = &p->next;
}

int link_send(struct link *k, uint32_t event, const void *body, const int *fds, size_t n_fds)
{
	struct packet *p;
	int r = packet_new(k, event, body, fds, n_fds, &p);

	if (r >= 0)
		enqueue(k, p);
	return r;
}

static int send_packet(struct link *k, const struct packet *p)
{
	union { struct cmsghdr h; char space[CMSG_SPACE(sizeof(int) * LINK_FDS)]; } control;
	struct iovec iov = { (void *)p->data, p->len };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (p->n_fds) {
		m.msg_control = &control;
		m.msg_controllen = CMSG_SPACE(sizeof(int) * p->n_fds);
		struct cmsghdr *c = CMSG_FIRSTHDR(&m);

		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * p->n_fds);
		memcpy(CMSG_DATA(c), p->fds, sizeof(int) * p->n_fds);
	}
	return sendmsg(k->source.fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno : 0;
}

int link_send_now(struct link *k, uint32_t event, const void *body, const int *fds, size_t n_fds)
{
	struct packet *p;
	int r = packet_new(k, event, body, fds, n_fds, &p);

	if (r < 0)
		return r;
	if (send_packet(k, p) < 0)
		enqueue(k, p);
	else
		packet_free(p);
	return 0;
}

void link_flush(struct link *k)
{
	while (k->first) {
		struct packet *p = k->first;
		int r = send_packet(k, p);

		if (r == -EAGAIN || r == -ENOBUFS || r == -EINTR || r == -ETOOMANYREFS)
			break;
		if (r < 0)
			log_event(LOG_ERR, "LINK_SEND", "frame to init lost", F_ERRNO(r));
		k->first = p->next;
		if (!k->first)
			k->last = &k->first;
		packet_free(p);
	}
	source_mod(&k->source, k->first ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

/* ---- in ---- */

struct in { struct link *k; const struct msg_event_frame *f; int *fds; size_t n_fds; };

static int on_welcome(struct in *in, const void *body)
{
	in->k->h.welcome(in->k->h.user, body);
	return 0;
}

static int on_child(struct in *in, const void *body)
{
	in->k->h.child(in->k->h.user, body);
	return 0;
}

static int on_stored_fd(struct in *in, const void *body)
{
	const struct ipc_stored_fd *m = body;

	if (in->n_fds != 1)
		return -EBADMSG;
	in->k->h.stored_fd(in->k->h.user, m->name, TAKE_FD(in->fds[0]));
	return 0;
}

static int on_synced(struct in *in, const void *body)
{
	in->k->h.synced(in->k->h.user);
	return 0;
}

static int on_ping(struct in *in, const void *body)
{
	return link_send(in->k, IPC_CHANNEL_TO_INIT_EV_PONG, body, NULL, 0);
}

static int on_signal(struct in *in, const void *body)
{
	in->k->h.signal(in->k->h.user, ((const struct ipc_signal_seen *)body)->signo);
	return 0;
}

static int on_power(struct in *in, const void *body)
{
	in->k->h.power(in->k->h.user, body);
	return 0;
}

static const struct { uint32_t event; int (*fn)(struct in *in, const void *body); } frames[] = {
	{ IPC_CHANNEL_TO_CORE_EV_WELCOME, on_welcome },         { IPC_CHANNEL_TO_CORE_EV_CHILD, on_child },
	{ IPC_CHANNEL_TO_CORE_EV_STORED_FD, on_stored_fd },     { IPC_CHANNEL_TO_CORE_EV_SYNCED, on_synced },
	{ IPC_CHANNEL_TO_CORE_EV_PING, on_ping },               { IPC_CHANNEL_TO_CORE_EV_SIGNAL, on_signal },
	{ IPC_CHANNEL_TO_CORE_EV_POWER, on_power },
};

static int dispatch(struct link *k, const uint8_t *p, size_t n, int *fds, size_t n_fds)
{
	struct msg_event_frame f;
	char why[MSG_WHY] = "";
	int r = msg_event_decode(p, n, &f);
	const struct msg_event *e = r < 0 ? NULL : msg_event_by_id(&ipc_channel_to_core_socket, f.event);
	void *body = e ? arena_alloc(&k->arena, e->body->size ?: 1, 16) : NULL;

	if (!e)
		r = r < 0 ? r : 0;                      /* a newer init's frame: not for us */
	else
		r = body ? msg_decode(e->body, f.body, f.body_len, &k->arena, body, why) : -ENOMEM;
	if (e && r >= 0) {
		struct in in = { k, &f, fds, n_fds };

		for (size_t i = 0; i < ARRAY_SIZE(frames); i++)
			if (frames[i].event == f.event)
				r = frames[i].fn(&in, body);
	}
	arena_reset(&k->arena);
	if (r < 0)
		log_event(LOG_ERR, "LINK_FRAME", "bad frame from init", F_STR("WHY", why), F_ERRNO(r));
	return 0;
}

static int read_one(struct link *k)
{
	static uint8_t data[LINK_PACKET];
	union { struct cmsghdr h; char space[CMSG_SPACE(sizeof(int) * LINK_FDS)]; } control;
	struct iovec iov = { data, sizeof(data) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(k->source.fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	int fds[LINK_FDS];
	size_t n_fds = 0;

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (n == 0)
		return -EPIPE;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) {
			n_fds = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
			memcpy(fds, CMSG_DATA(c), n_fds * sizeof(int));
		}
	if (!(m.msg_flags & MSG_TRUNC))
		dispatch(k, data, (size_t)n, fds, n_fds);
	for (size_t i = 0; i < n_fds; i++)
		closep(&fds[i]);
	return 1;
}

/* at most so many frames a turn, so that a storm of exits is committed in portions */
#define LINK_FRAMES_A_TURN 256

static int fire(struct source *src, uint32_t events)
{
	struct link *k = container_of(src, struct link, source);
	int r = 1;

	for (int i = 0; r > 0 && i < LINK_FRAMES_A_TURN; i++)
		r = read_one(k);
	/* EPOLLOUT only wakes: the end of the turn flushes, after the commit */
	return r == -EPIPE || r == -ECONNRESET ? -EPIPE : MIN(r, 0);    /* without init there is no core */
}

int link_new(struct link **ret, struct loop *l, int fd, const struct link_handler *h)
{
	_cleanup_(link_freep) struct link *k = calloc(1, sizeof(*k));

	if (!k)
		return -ENOMEM;
	k->loop = l;
	k->h = *h;
	k->last = &k->first;
	k->arena = (struct arena)ARENA_HEAP(4u << 20);
	int r = source_add(l, &k->source, fd, EPOLLIN, fire);

	if (r < 0)
		return r;
	*ret = TAKE_PTR(k);
	return 0;
}

void link_free(struct link *k)
{
	if (!k)
		return;
	while (k->first) {
		struct packet *p = k->first;

		k->first = p->next;
		packet_free(p);
	}
	if (k->source.loop) {
		int fd = k->source.fd;

		source_del(&k->source);
		close(fd);
	}
	arena_reset(&k->arena);
	free(k);
}
