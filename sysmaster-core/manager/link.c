/* link.c - the channel to init */
#include <fcntl.h>
#include "frame.h"
#include "log.h"
#include "manager/link.h"

#define LINK_PACKET 65536

struct packet {
	struct packet *next;
	size_t len, n_fds;
	int fds[FRAME_FDS];
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
	if (n_fds > FRAME_FDS)
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

static int send_packet(struct link *k, const struct packet *p) { return frame_send(k->source.fd, p->data, p->len, p->fds, p->n_fds); }

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

static int on_welcome(struct frame *f)
{
	struct link *k = f->user;

	k->h.welcome(k->h.user, f->body);
	return 0;
}

static int on_child(struct frame *f)
{
	struct link *k = f->user;

	k->h.child(k->h.user, f->body);
	return 0;
}

static int on_stored_fd(struct frame *f)
{
	const struct ipc_stored_fd *m = f->body;
	struct link *k = f->user;

	if (f->n_fds != 1)
		return -EBADMSG;
	k->h.stored_fd(k->h.user, m->name, TAKE_FD(f->fds[0]));
	return 0;
}

static int on_synced(struct frame *f)
{
	struct link *k = f->user;

	k->h.synced(k->h.user);
	return 0;
}

static int on_ping(struct frame *f)
{
	return link_send(f->user, IPC_CHANNEL_TO_INIT_EV_PONG, f->body, NULL, 0);
}

static int on_signal(struct frame *f)
{
	struct link *k = f->user;

	k->h.signal(k->h.user, ((const struct ipc_signal_seen *)f->body)->signo);
	return 0;
}

static int on_power(struct frame *f)
{
	struct link *k = f->user;

	k->h.power(k->h.user, f->body);
	return 0;
}

static int (*const takes[])(struct frame *f) = {
	[IPC_CHANNEL_TO_CORE_EV_WELCOME] = on_welcome,
	[IPC_CHANNEL_TO_CORE_EV_CHILD] = on_child,
	[IPC_CHANNEL_TO_CORE_EV_STORED_FD] = on_stored_fd,
	[IPC_CHANNEL_TO_CORE_EV_SYNCED] = on_synced,
	[IPC_CHANNEL_TO_CORE_EV_PING] = on_ping,
	[IPC_CHANNEL_TO_CORE_EV_SIGNAL] = on_signal,
	[IPC_CHANNEL_TO_CORE_EV_POWER] = on_power,
};

static const struct frame_reader reader = { &ipc_channel_to_core_socket, takes, ARRAY_SIZE(takes), "init" };

static int read_one(struct link *k)
{
	static uint8_t data[LINK_PACKET];
	static struct frame f;
	ssize_t n = frame_receive(k->source.fd, 0, data, sizeof(data), &f);

	if (n == -EAGAIN)
		return 0;
	if (n == 0)
		return -EPIPE;
	if (n < 0 && n != -EMSGSIZE)
		return (int)n;
	f.user = k;
	frame_handle(&reader, data, n, &k->arena, &f);
	arena_reset(&k->arena);
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
