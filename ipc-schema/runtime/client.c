/* client.c - see client.h; every wait is a poll(2) against one deadline */
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include "client.h"
#include "sp.h"

#define MESSAGE_MAX ((16u << 20) + 64)  /* bytes of one answer or event */
#define RETRY_MSEC 10
#define BROKEN_MAX 3                    /* a request over which the daemon goes away so often may be the reason */

/* One connection: the socket and what has been read from it. */
struct link {
	int fd;
	struct sockaddr_un addr;
	enum sp_proto proto, peer;
	struct buf in;
	size_t consumed;                /* of in: the frame handed out last */
};

struct client {
	struct link link;
	int timeout_msec;
	uint32_t sp_id;
	unsigned broken;                /* how often the daemon went away over this request */
	struct buf out;
};

struct subscriber { struct link link; };

/* @timeout_msec < 0: for ever */
static uint64_t deadline_after(int timeout_msec)
{
	return timeout_msec < 0 ? USEC_INFINITY : now_usec(CLOCK_MONOTONIC) + (uint64_t)timeout_msec * USEC_PER_MSEC;
}

static int wait_fd(int fd, short events, uint64_t deadline)
{
	uint64_t now = now_usec(CLOCK_MONOTONIC);
	struct pollfd pfd = { .fd = fd, .events = events };
	uint64_t left_msec = deadline > now ? (deadline - now + USEC_PER_MSEC - 1) / USEC_PER_MSEC : 0;
	int r;

	r = poll(&pfd, 1, deadline == USEC_INFINITY ? -1 : (int)MIN(left_msec, (uint64_t)INT32_MAX));
	if (r < 0)
		return errno == EINTR ? 0 : -errno;
	return r == 0 && now >= deadline ? -ETIMEDOUT : 0;
}

static int link_init(struct link *l, const char *path, enum sp_proto proto, enum sp_proto peer)
{
	*l = (struct link){ .fd = -1, .addr.sun_family = AF_UNIX, .proto = proto, .peer = peer };
	if (strlen(path) >= sizeof(l->addr.sun_path))
		return -ENAMETOOLONG;
	strcpy(l->addr.sun_path, path);
	return 0;
}

static void link_close(struct link *l)
{
	closep(&l->fd);
	buf_reset(&l->in);
	l->consumed = 0;
}

static void link_finish(struct link *l)
{
	link_close(l);
	buf_finish(&l->in);
}

static int send_all(struct link *l, const void *p, size_t n, uint64_t deadline)
{
	while (n > 0) {
		ssize_t done = send(l->fd, p, n, MSG_NOSIGNAL);
		int r = 0;

		if (done >= 0) {
			p = (const char *)p + done;
			n -= (size_t)done;
		} else if (errno == EAGAIN) {
			r = wait_fd(l->fd, POLLOUT, deadline);
		} else if (errno != EINTR) {
			r = -errno;
		}
		if (r < 0)
			return r;
	}
	return 0;
}

/* Reads until @want bytes are in l->in. -EPIPE: the peer went. */
static int fill(struct link *l, size_t want, uint64_t deadline)
{
	while (l->in.len < want) {
		ssize_t n;
		int r = buf_reserve(&l->in, MAX(want - l->in.len, (size_t)4096));

		if (r < 0)
			return r;
		n = recv(l->fd, l->in.data + l->in.len, l->in.cap - l->in.len, 0);
		if (n > 0)
			l->in.len += (size_t)n;
		else if (n == 0)
			return -EPIPE;
		else if (errno == EAGAIN)
			r = wait_fd(l->fd, POLLIN, deadline);
		else if (errno != EINTR)
			r = -errno;
		if (r < 0)
			return r;
	}
	return 0;
}

static int shake_hands(struct link *l, uint64_t deadline)
{
	uint8_t hello[SP_HANDSHAKE_SIZE];
	int r;

	sp_handshake(hello, l->proto);
	r = send_all(l, hello, sizeof(hello), deadline);
	if (r == 0)
		r = fill(l, sizeof(hello), deadline);
	if (r == 0)
		r = sp_handshake_check(l->in.data, l->peer);
	buf_drop_front(&l->in, sizeof(hello));
	return r;
}

/* A full backlog gives EAGAIN on a Unix socket, and there is nothing to poll for: ask again a little later. */
static int link_open(struct link *l, uint64_t deadline)
{
	int r = -EAGAIN;

	link_close(l);
	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->fd < 0)
		return -errno;
	while (r == -EAGAIN) {
		r = connect(l->fd, (struct sockaddr *)&l->addr, sizeof(l->addr)) < 0 ? -errno : 0;
		if (r == -EAGAIN && now_usec(CLOCK_MONOTONIC) >= deadline)
			r = -ETIMEDOUT;
		else if (r == -EAGAIN)
			poll(NULL, 0, RETRY_MSEC);
	}
	if (r == 0)
		r = shake_hands(l, deadline);
	if (r < 0)
		link_close(l);
	return r;
}

/* The next frame's payload; borrowed until the next call. */
static int next_frame(struct link *l, uint64_t deadline, const uint8_t **payload, size_t *n)
{
	buf_drop_front(&l->in, l->consumed);
	l->consumed = 0;
	for (;;) {
		ssize_t size = sp_frame(l->in.data, l->in.len, MESSAGE_MAX);
		int r;

		if (size < 0)
			return (int)size;
		if (size > 0) {
			*payload = l->in.data + SP_HEADER_SIZE;
			*n = (size_t)size - SP_HEADER_SIZE;
			l->consumed = (size_t)size;
			return 0;
		}
		r = fill(l, l->in.len + 1, deadline);
		if (r < 0)
			return r;
	}
}

int client_open(struct client **ret, const char *path, int timeout_msec)
{
	_cleanup_(client_freep) struct client *c = calloc(1, sizeof(*c));
	int r;

	if (!c)
		return -ENOMEM;
	c->timeout_msec = timeout_msec;
	r = link_init(&c->link, path, SP_REQ, SP_REP);
	if (r == 0)
		r = link_open(&c->link, deadline_after(timeout_msec));
	if (r < 0)
		return r;
	*ret = TAKE_PTR(c);
	return 0;
}

void client_free(struct client *c)
{
	if (!c)
		return;
	link_finish(&c->link);
	buf_finish(&c->out);
	free(c);
}

static void put_be32(uint8_t out[4], uint32_t v)
{
	for (int i = 0; i < 4; i++)
		out[i] = (uint8_t)(v >> (24 - 8 * i));
}

static int compose(struct client *c, const struct msg_method *m, const void *req, uint64_t id)
{
	uint8_t space[SP_HEADER_SIZE + 4] = { 0 };
	int r;

	buf_reset(&c->out);
	buf_add(&c->out, space, sizeof(space));
	r = msg_request_encode(id, m, req, &c->out);
	if (r < 0)
		return r;
	sp_header(c->out.data, c->out.len - SP_HEADER_SIZE);
	put_be32(c->out.data + SP_HEADER_SIZE, ++c->sp_id | 0x80000000u);
	return 0;
}

/* Sends what compose() made and waits for the answer with the same SP id. */
static int exchange(struct client *c, uint64_t deadline, const uint8_t **answer, size_t *n)
{
	const uint8_t *sent_id = c->out.data + SP_HEADER_SIZE;
	int r = c->link.fd < 0 ? link_open(&c->link, deadline) : 0;
	bool sent;

	if (r == 0)
		r = send_all(&c->link, c->out.data, c->out.len, deadline);
	sent = r == 0;
	while (r == 0) {
		r = next_frame(&c->link, deadline, answer, n);
		if (r == 0 && *n >= 4 && memcmp(*answer, sent_id, 4) == 0) {
			*answer += 4;
			*n -= 4;
			return 0;
		}
	}
	c->broken += sent;
	link_close(&c->link);
	return r;
}

/* The daemon is away for a moment: being replaced, or its socket file is. */
static bool is_away(int r)
{
	return r == -EPIPE || r == -ECONNRESET || r == -ECONNREFUSED || r == -ENOENT;
}

static int open_answer(const uint8_t *answer, size_t n, uint64_t id, const struct msg_method *m, void *rep, struct arena *a,
		       const char **error)
{
	struct msg_reply reply;
	int r = msg_reply_decode(answer, n, a, &reply);

	if (r < 0 || reply.id != id)
		return r == -ENOMEM ? r : -EBADMSG;
	if (error)
		*error = reply.error;
	if (reply.result < 0 || !rep)
		return reply.result;
	return reply.body ? msg_decode(m->rep, reply.body, reply.body_len, a, rep, NULL) : -EBADMSG;
}

int client_call(struct client *c, const struct msg_method *m, const void *req, void *rep, struct arena *a, const char **error)
{
	uint64_t deadline = deadline_after(c->timeout_msec), id;
	const uint8_t *answer = NULL;
	size_t n = 0;
	int r;

	if (error)
		*error = "";
	random_bytes(&id, sizeof(id));
	c->broken = 0;
	r = compose(c, m, req, id);
	if (r < 0)
		return r;
	for (;;) {
		r = exchange(c, deadline, &answer, &n);
		if (!is_away(r))
			break;
		if (now_usec(CLOCK_MONOTONIC) >= deadline || c->broken >= BROKEN_MAX)
			return r;
		poll(NULL, 0, RETRY_MSEC);
	}
	return r < 0 ? r : open_answer(answer, n, id, m, rep, a, error);
}

int subscriber_open(struct subscriber **ret, const char *path, int timeout_msec)
{
	_cleanup_(subscriber_freep) struct subscriber *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return -ENOMEM;
	r = link_init(&s->link, path, SP_SUB, SP_PUB);
	if (r == 0)
		r = link_open(&s->link, deadline_after(timeout_msec));
	if (r < 0)
		return r;
	*ret = TAKE_PTR(s);
	return 0;
}

int subscriber_next(struct subscriber *s, int timeout_msec, struct msg_event_frame *ret)
{
	const uint8_t *payload;
	size_t n;
	int r = next_frame(&s->link, deadline_after(timeout_msec), &payload, &n);

	return r < 0 ? r : msg_event_decode(payload, n, ret);
}

int subscriber_fd(const struct subscriber *s) { return s->link.fd; }

void subscriber_free(struct subscriber *s)
{
	if (!s)
		return;
	link_finish(&s->link);
	free(s);
}
