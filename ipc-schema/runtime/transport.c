/* transport.c - see transport.h */
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include "buf.h"
#include "listen.h"
#include "log.h"
#include "transport.h"

#define BACKLOG 512
#define ACCEPT_ROUND 32                 /* connections accepted in one turn */
#define SERVE_ROUND 32                  /* requests served in one turn, of as many connections */
#define READ_BYTES 4096
#define OUT_BYTES (256u << 10)          /* answers or events kept for one peer who does not read, plus one of any size */
#define MAX_HOPS 8                      /* SP request ids: a device on the way adds one; nng's own limit */
#define HANDSHAKE_USEC (5 * USEC_PER_SEC)
#define PAUSE_USEC (100 * USEC_PER_MSEC)

/* A ring: empty when it points to itself. */
struct ring { struct ring *next, *prev; };

struct listener {
	struct source src;
	struct transport *t;
	enum sp_proto proto;            /* SP_REP or SP_PUB; 0: not used */
	int fd;
	bool kept;                      /* across an execve() */
	char path[108];
	dev_t dev;                      /* of the socket file, to know it again */
	ino_t ino;
	struct ring conns;
	size_t n_conns;
	struct timer pause;             /* no fds left: listen again later */
};

struct conn {
	struct ring all, ready, dirty;  /* of its listener; waiting to be served; holding what may be sent at the next flush */
	struct source src;
	struct timer deadline;          /* of the handshake */
	struct listener *l;
	struct peer peer;
	int fd;
	bool shaken, dead;
	struct buf in, out;
	size_t in_at, out_at;           /* bytes of them that are done with */
	size_t released;                /* bytes of out that may be sent */
	uint8_t route[4 * MAX_HOPS];    /* SP header of the request that is being served */
	size_t n_route;
	bool used;                      /* of a fixed set */
};

struct transport {
	struct loop *loop;
	struct listener listeners[2];
	struct server_config config;
	size_t unsent;                  /* bytes kept for one peer who does not read, plus one answer or event */
	struct conn *fixed;             /* all there can be, and the memory behind their buffers; NULL: each is allocated */
	uint8_t *memory;
	transport_request on_request;
	void *arg;
	struct ring ready, dirty, dead;
	struct deferred serve, reap;
	bool hold;
};

static void ring_init(struct ring *r) { r->next = r->prev = r; }
static bool ring_empty(const struct ring *r) { return r->next == r; }

static void ring_add(struct ring *head, struct ring *r)
{
	*r = (struct ring){ .next = head, .prev = head->prev };
	r->prev->next = r;
	head->prev = r;
}

static void ring_del(struct ring *r)
{
	r->prev->next = r->next;
	r->next->prev = r->prev;
	ring_init(r);
}

/* -- a connection's end */

static void conn_free(struct conn *c, bool fixed)
{
	buf_finish(&c->in);
	buf_finish(&c->out);
	c->used = false;
	if (!fixed)
		free(c);
}

static int reap_fire(struct deferred *d)
{
	struct transport *t = container_of(d, struct transport, reap);

	while (!ring_empty(&t->dead)) {
		struct conn *c = container_of(t->dead.next, struct conn, all);

		ring_del(&c->all);
		conn_free(c, t->fixed != NULL);
	}
	return 0;
}

/* Its fd goes now, its memory at the end of the turn: somebody further up may be holding it. */
static void conn_kill(struct conn *c)
{
	struct transport *t = c->l->t;

	if (c->dead)
		return;
	c->dead = true;
	source_del(&c->src);
	timer_del(&c->deadline);
	closep(&c->fd);
	ring_del(&c->ready);
	ring_del(&c->dirty);
	ring_del(&c->all);
	ring_add(&t->dead, &c->all);
	c->l->n_conns--;
	defer(t->loop, &t->reap, reap_fire);
}

void transport_hang_up(struct conn *c) { conn_kill(c); }
const struct peer *transport_peer(const struct conn *c) { return &c->peer; }

/* -- out */

static size_t pending_out(const struct conn *c) { return c->out.len - c->out_at; }

/* What to wait for: more to read unless a request waits or answers are not taken, room to write when there is something to say. */
static void conn_arm(struct conn *c)
{
	bool in = ring_empty(&c->ready) && (c->l->proto == SP_PUB || pending_out(c) < c->l->t->unsent);
	bool out = c->released > c->out_at;

	if (!c->dead && source_mod(&c->src, (in ? (uint32_t)EPOLLIN : 0) | (out ? (uint32_t)EPOLLOUT : 0)) < 0)
		conn_kill(c);
}

static void conn_send(struct conn *c)
{
	while (!c->dead && c->released > c->out_at) {
		ssize_t n = send(c->fd, c->out.data + c->out_at, c->released - c->out_at, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN)
			conn_kill(c);
		if (n < 0)
			return;
		c->out_at += (size_t)n;
	}
	if (c->out_at == c->out.len) {          /* idle connections keep no memory */
		buf_finish(&c->out);
		c->out_at = c->released = 0;
	}
}

/* Puts one frame behind what is waiting: all of it or, without memory, nothing and the end of the connection. */
static void conn_write(struct conn *c, const void *head, size_t n_head, const void *p, size_t n)
{
	uint8_t frame[SP_HEADER_SIZE];

	if (c->dead)
		return;
	if (c->out_at > c->l->t->unsent && !c->l->t->hold) {
		buf_drop_front(&c->out, c->out_at);
		c->released -= c->out_at;
		c->out_at = 0;
	}
	sp_header(frame, n_head + n);
	buf_add(&c->out, frame, sizeof(frame));
	buf_add(&c->out, head, n_head);
	buf_add(&c->out, p, n);
	if (buf_error(&c->out) < 0) {
		conn_kill(c);
	} else if (c->l->t->hold) {
		if (ring_empty(&c->dirty))
			ring_add(&c->l->t->dirty, &c->dirty);
	} else {
		c->released = c->out.len;
		conn_send(c);
		conn_arm(c);
	}
}

void transport_reply(struct conn *c, const void *p, size_t n) { conn_write(c, c->route, c->n_route, p, n); }

void transport_publish(struct transport *t, const void *p, size_t n)
{
	for (size_t i = 0; i < ARRAY_SIZE(t->listeners); i++) {
		struct listener *l = &t->listeners[i];

		for (struct ring *r = l->conns.next, *next; l->proto == SP_PUB && r != &l->conns; r = next) {
			struct conn *c = container_of(r, struct conn, all);

			next = r->next;
			if (c->shaken && pending_out(c) < t->unsent)
				conn_write(c, NULL, 0, p, n);
		}
	}
}

void transport_hold(struct transport *t, bool on)
{
	t->hold = on;
	if (!on)
		transport_flush(t);
}

void transport_flush(struct transport *t)
{
	while (!ring_empty(&t->dirty)) {
		struct conn *c = container_of(t->dirty.next, struct conn, dirty);

		ring_del(&c->dirty);
		c->released = c->out.len;
		conn_send(c);
		conn_arm(c);
	}
}

/* -- in */

/* Is a whole request at the front? 1, 0, or a negative fault of the peer's. */
static ssize_t next_request(const struct conn *c)
{
	return sp_frame(c->in.data ? c->in.data + c->in_at : NULL, c->in.len - c->in_at, c->l->t->config.limits.request);
}

static void forget_read(struct conn *c)
{
	if (c->in_at == c->in.len)
		buf_finish(&c->in);
	else if (c->in_at > READ_BYTES)
		buf_drop_front(&c->in, c->in_at);
	else
		return;
	c->in_at = 0;
}

/* The request ids of SP stand in front of the body; the last has its top bit set. */
static bool take_route(struct conn *c, const uint8_t **p, size_t *n)
{
	for (c->n_route = 0; *n >= 4 && c->n_route < sizeof(c->route);) {
		memcpy(c->route + c->n_route, *p, 4);
		c->n_route += 4;
		*n -= 4;
		*p += 4;
		if (c->route[c->n_route - 4] & 0x80)
			return true;
	}
	return false;
}

static int serve_fire(struct deferred *d);

/* After bytes have come or a request has been served: wait to be served, wait for more, or leave. */
static void conn_settle(struct conn *c)
{
	struct transport *t = c->l->t;
	ssize_t r;

	if (c->dead)
		return;
	forget_read(c);
	r = next_request(c);
	if (r < 0) {
		conn_kill(c);
		return;
	}
	if (r > 0 && ring_empty(&c->ready) && pending_out(c) < t->unsent) {
		ring_add(&t->ready, &c->ready);
		defer(t->loop, &t->serve, serve_fire);
	}
	conn_arm(c);
}

static void serve_one(struct conn *c)
{
	struct transport *t = c->l->t;
	size_t n = (size_t)next_request(c) - SP_HEADER_SIZE;    /* conn_settle() saw it whole */
	const uint8_t *p = c->in.data + c->in_at + SP_HEADER_SIZE;

	c->in_at += SP_HEADER_SIZE + n;
	if (take_route(c, &p, &n))
		t->on_request(t->arg, c, p, n);
	else
		conn_kill(c);
	conn_settle(c);
}

/* One request of each connection; what one has sent besides comes behind everybody else's. */
static int serve_fire(struct deferred *d)
{
	struct transport *t = container_of(d, struct transport, serve);
	struct ring *last = t->ready.prev;

	for (int i = 0; i < SERVE_ROUND && !ring_empty(&t->ready); i++) {
		struct conn *c = container_of(t->ready.next, struct conn, ready);
		bool is_last = &c->ready == last;

		ring_del(&c->ready);
		serve_one(c);
		if (is_last)
			break;
	}
	if (!ring_empty(&t->ready))
		defer(t->loop, &t->serve, serve_fire);
	return 0;
}

static void shake_hands(struct conn *c)
{
	enum sp_proto wanted = c->l->proto == SP_REP ? SP_REQ : SP_SUB;

	if (c->in.len < SP_HANDSHAKE_SIZE)
		return;
	if (sp_handshake_check(c->in.data, wanted) < 0) {
		conn_kill(c);
		return;
	}
	timer_del(&c->deadline);
	c->shaken = true;
	c->in_at = SP_HANDSHAKE_SIZE;
}

/* One read a turn. 0 bytes: the peer has left, and nobody waits for its answers. */
static void conn_read(struct conn *c)
{
	ssize_t n;

	if (buf_reserve(&c->in, READ_BYTES) < 0) {
		conn_kill(c);
		return;
	}
	n = recv(c->fd, c->in.data + c->in.len, c->in.cap - c->in.len, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		conn_kill(c);
		return;
	}
	c->in.len += (size_t)n;
	if (!c->shaken)
		shake_hands(c);
	if (c->l->proto == SP_PUB && c->shaken && c->in.len > SP_HANDSHAKE_SIZE)
		conn_kill(c);           /* a subscriber has nothing to say */
	else if (c->shaken)
		conn_settle(c);
}

static int conn_fire(struct source *s, uint32_t events)
{
	struct conn *c = container_of(s, struct conn, src);

	if (events & EPOLLOUT) {
		conn_send(c);
		if (!c->dead && c->shaken && c->l->proto == SP_REP)
			conn_settle(c); /* a request may have waited for room */
		else
			conn_arm(c);
	}
	if (!c->dead && (events & EPOLLIN))
		conn_read(c);
	else if (!c->dead && (events & (EPOLLHUP | EPOLLERR)))
		conn_kill(c);
	return 0;
}

static int deadline_fire(struct timer *t)
{
	conn_kill(container_of(t, struct conn, deadline));
	return 0;
}

/* -- a connection's beginning */

static bool peer_of(int fd, struct peer *ret)
{
	struct ucred cred;
	socklen_t n = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &n) < 0)
		return false;
	*ret = (struct peer){ .uid = cred.uid, .gid = cred.gid, .pid = cred.pid };
	return true;
}

static bool may_connect(const struct listener *l, uint32_t uid)
{
	size_t of_uid = 0, most = l->t->config.limits.pipes;

	if (uid == 0 || (l->t->config.uid_root != 0 && uid == l->t->config.uid_root))
		return l->n_conns < most;
	for (const struct ring *r = l->conns.next; r != &l->conns; r = r->next)
		of_uid += container_of(r, const struct conn, all)->peer.uid == uid;
	return of_uid < most / 8 && l->n_conns < most - most / 8;
}

static int conn_start(struct conn *c)
{
	uint8_t hello[SP_HANDSHAKE_SIZE];
	int r = source_add(c->l->t->loop, &c->src, c->fd, EPOLLIN, conn_fire);

	if (r == 0)
		r = timer_set(c->l->t->loop, &c->deadline, now_usec(CLOCK_BOOTTIME) + HANDSHAKE_USEC, deadline_fire);
	sp_handshake(hello, c->l->proto);
	/* the first bytes of a new connection always fit */
	if (r == 0 && send(c->fd, hello, sizeof(hello), MSG_NOSIGNAL | MSG_DONTWAIT) != sizeof(hello))
		r = -EPIPE;
	return r;
}

/* the most that the buffers of a connection ever hold */
static size_t in_bytes(const struct server_limits *l) { return l->request + SP_HEADER_SIZE + 2 * READ_BYTES; }
static size_t out_bytes(const struct server_limits *l) { return l->answer + SP_HEADER_SIZE + 4 * MAX_HOPS + 2; }

static struct conn *conn_alloc(struct transport *t)
{
	const struct server_limits *l = &t->config.limits;
	size_t in = in_bytes(l), out = out_bytes(l);

	if (!t->fixed)
		return calloc(1, sizeof(struct conn));
	for (size_t i = 0; i < l->pipes; i++) {
		uint8_t *p = t->memory + i * (in + out);

		if (t->fixed[i].used)
			continue;
		t->fixed[i] = (struct conn){
			.used = true, .in = { .data = p, .cap = in, .fixed = true }, .out = { .data = p + in, .cap = out, .fixed = true },
		};
		return &t->fixed[i];
	}
	return NULL;
}

static void conn_new(struct listener *l, int accepted)
{
	_cleanup_(closep) int fd = accepted;
	struct peer peer;
	struct conn *c;

	if (!peer_of(fd, &peer) || !may_connect(l, peer.uid))
		return;
	c = conn_alloc(l->t);
	if (!c)
		return;
	c->l = l;
	c->peer = peer;
	c->fd = TAKE_FD(fd);
	ring_init(&c->ready);
	ring_init(&c->dirty);
	ring_add(&l->conns, &c->all);
	l->n_conns++;
	if (conn_start(c) < 0)
		conn_kill(c);
}

static int resume_listening(struct timer *timer)
{
	return source_mod(&container_of(timer, struct listener, pause)->src, EPOLLIN);
}

static int listener_fire(struct source *s, uint32_t events)
{
	struct listener *l = container_of(s, struct listener, src);

	for (int i = 0; i < ACCEPT_ROUND; i++) {
		int fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd >= 0) {
			conn_new(l, fd);
		} else if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
			log_event(LOG_WARNING, "SERVER_NO_FDS", "a connection could not be accepted; trying again shortly",
				  F_STR("SOCKET", l->path), F_ERRNO(-errno));
			source_mod(&l->src, 0);
			return timer_set(l->t->loop, &l->pause, now_usec(CLOCK_BOOTTIME) + PAUSE_USEC, resume_listening);
		} else if (errno == EAGAIN) {
			break;
		}
	}
	return 0;
}

/* -- the listening sockets */

/* everything at once; the pages are touched as they are needed */
static int take_memory(struct transport *t, const struct server_limits *l)
{
	t->fixed = calloc(l->pipes, sizeof(struct conn));
	t->memory = calloc(l->pipes, in_bytes(l) + out_bytes(l));
	t->unsent = 1;
	return t->fixed && t->memory ? 0 : -ENOMEM;
}

int transport_new(struct transport **ret, const struct server_config *config, transport_request on_request, void *arg)
{
	_cleanup_(transport_freep) struct transport *t = calloc(1, sizeof(*t));

	if (!t)
		return -ENOMEM;
	t->config = *config;
	t->unsent = OUT_BYTES;
	t->on_request = on_request;
	t->arg = arg;
	ring_init(&t->ready);
	ring_init(&t->dirty);
	ring_init(&t->dead);
	for (size_t i = 0; i < ARRAY_SIZE(t->listeners); i++) {
		t->listeners[i].t = t;
		t->listeners[i].fd = -1;
		ring_init(&t->listeners[i].conns);
	}
	listen_raise_nofile(2 * t->config.limits.pipes + 512);
	if (config->limits.fixed && take_memory(t, &config->limits) < 0)
		return -ENOMEM;
	*ret = TAKE_PTR(t);
	return 0;
}

static void listener_finish(struct listener *l)
{
	struct stat st;

	while (!ring_empty(&l->conns))
		conn_kill(container_of(l->conns.next, struct conn, all));
	timer_del(&l->pause);
	source_del(&l->src);
	if (l->kept)
		return;                 /* the next image goes on with it */
	closep(&l->fd);
	if (l->ino != 0 && lstat(l->path, &st) == 0 && st.st_dev == l->dev && st.st_ino == l->ino)
		unlink(l->path);        /* ours still: nobody has taken over */
}

void transport_free(struct transport *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(t->listeners); i++)
		listener_finish(&t->listeners[i]);
	defer_del(&t->serve);
	defer_del(&t->reap);
	reap_fire(&t->reap);
	free(t->fixed);
	free(t->memory);
	free(t);
}

static int listener_open(struct listener *l, const char *path)
{
	struct stat st;

	if (snprintf(l->path, sizeof(l->path), "%s", path) >= (int)sizeof(l->path))
		return -ENAMETOOLONG;
	l->fd = listen_at(path, 0666, BACKLOG, &st);
	if (l->fd < 0)
		return l->fd;
	l->dev = st.st_dev;
	l->ino = st.st_ino;
	return 0;
}

int transport_listen(struct transport *t, struct loop *loop, const char *path, enum sp_proto proto)
{
	int32_t *keep = proto == SP_REP ? t->config.listen_fd : NULL;
	struct listener *l = &t->listeners[proto == SP_PUB];
	int r;

	t->loop = loop;
	l->proto = proto;
	l->fd = keep ? *keep : -1;
	r = l->fd < 0 ? listener_open(l, path) : 0;
	if (r == 0)
		r = source_add(loop, &l->src, l->fd, EPOLLIN, listener_fire);
	if (r == 0 && keep) {
		l->kept = true;
		*keep = l->fd;
		fcntl(l->fd, F_SETFD, 0);
	}
	return r;
}
