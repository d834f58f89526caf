/* endpoint.c - see endpoint.h */
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include "endpoint.h"
#include "log.h"
#include "method.h"
#include "sp.h"
#include "table.h"

#define ACCEPTS_PER_ROUND 8
#define ID_WORDS_MAX 8                  /* request ids that devices between may have stacked up */

struct peer {
	struct source src;
	uint32_t uid;
	bool used, greeted;
	uint64_t seen_usec;
	size_t in_len, out_len, out_sent;
	uint8_t in[ENDPOINT_IN], out[ENDPOINT_OUT];
};

static struct loop *loop;
static struct source listener;
static struct peer peers[ENDPOINT_PEERS];

unsigned endpoint_count(void)
{
	unsigned n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(peers); i++)
		n += peers[i].used;
	return n;
}

static void drop(struct peer *p)
{
	source_del(&p->src);
	close(p->src.fd);
	p->used = false;
}

/* send what is left of the answer; -EAGAIN while the peer does not take it */
static int flush(struct peer *p)
{
	while (p->out_sent < p->out_len) {
		ssize_t n = send(p->src.fd, p->out + p->out_sent, p->out_len - p->out_sent, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0)
			return errno == EINTR ? -EAGAIN : -errno;
		p->out_sent += (size_t)n;
	}
	p->out_len = p->out_sent = 0;
	return 0;
}

/* [p, p+n) is a whole payload: request ids, the last with its top bit set, then the request */
static int answer(struct peer *p, const uint8_t *in, size_t n)
{
	struct buf b = { .data = p->out, .cap = sizeof(p->out), .fixed = true };
	size_t ids = 0;
	bool last = false;

	while (!last && ids < ID_WORDS_MAX && (ids + 1) * 4 <= n)
		last = in[4 * ids++] & 0x80;
	if (!last)
		return -EPROTO;
	b.len = SP_HEADER_SIZE;
	buf_add(&b, in, ids * 4);
	method_call(p->uid, in + ids * 4, n - ids * 4, &b);
	if (buf_error(&b) < 0)
		return -EPROTO;
	sp_header(p->out, b.len - SP_HEADER_SIZE);
	p->out_len = b.len;
	p->out_sent = 0;
	return flush(p);
}

static void consume(struct peer *p, size_t n)
{
	p->in_len -= n;
	memmove(p->in, p->in + n, p->in_len);
}

/* all that the buffer holds, as long as the answers are taken */
static int work(struct peer *p)
{
	int r;

	if (!p->greeted) {
		if (p->in_len < SP_HANDSHAKE_SIZE)
			return 0;
		r = sp_handshake_check(p->in, SP_REQ);
		if (r < 0)
			return r;
		p->greeted = true;
		consume(p, SP_HANDSHAKE_SIZE);
	}
	for (;;) {
		ssize_t n = sp_frame(p->in, p->in_len, sizeof(p->in) - SP_HEADER_SIZE);
		uint8_t *payload = p->in + SP_HEADER_SIZE;

		if (n <= 0)
			return (int)n;
		r = answer(p, payload, (size_t)n - SP_HEADER_SIZE);
		consume(p, (size_t)n);
		if (r < 0)
			return r;
	}
}

static int peer_read(struct peer *p)
{
	ssize_t n = recv(p->src.fd, p->in + p->in_len, sizeof(p->in) - p->in_len, MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (n == 0)
		return -ECONNRESET;
	p->in_len += (size_t)n;
	p->seen_usec = now_usec(CLOCK_BOOTTIME);
	return work(p);
}

static int peer_fire(struct source *s, uint32_t got)
{
	struct peer *p = container_of(s, struct peer, src);
	int r = 0;

	if (got & EPOLLOUT) {
		r = flush(p);
		if (r == 0)
			r = work(p);
	}
	if (r == 0 && (got & EPOLLIN))
		r = peer_read(p);
	if (r == 0 && (got & (EPOLLHUP | EPOLLERR)) && !(got & EPOLLIN))
		r = -ECONNRESET;
	if (r == 0)
		r = source_mod(s, EPOLLIN);
	else if (r == -EAGAIN)
		r = source_mod(s, EPOLLOUT);
	if (r < 0)
		drop(p);
	return 0;
}

/* the quietest peer, of one user or of all, root's last */
static struct peer *quietest(bool any, uint32_t uid)
{
	struct peer *found = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(peers); i++) {
		struct peer *p = &peers[i];

		if (!p->used || (!any && p->uid != uid))
			continue;
		if (!found || (found->uid == 0 && p->uid != 0) || ((found->uid == 0) == (p->uid == 0) && p->seen_usec < found->seen_usec))
			found = p;
	}
	return found;
}

static struct peer *place_for(uint32_t uid)
{
	struct peer *empty = NULL;
	unsigned same = 0;

	for (size_t i = 0; i < ARRAY_SIZE(peers); i++) {
		same += peers[i].used && peers[i].uid == uid;
		if (!peers[i].used)
			empty = &peers[i];
	}
	if (uid != 0 && same >= ENDPOINT_PER_UID)
		empty = quietest(false, uid);
	else if (!empty)
		empty = quietest(true, 0);
	if (empty->used)
		drop(empty);
	return empty;
}

static void welcome(int fd)
{
	uint8_t hello[SP_HANDSHAKE_SIZE];
	struct ucred cred;
	socklen_t len = sizeof(cred);
	struct peer *p;

	sp_handshake(hello, SP_REP);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0 || send(fd, hello, sizeof(hello), MSG_DONTWAIT | MSG_NOSIGNAL) != sizeof(hello)) {
		close(fd);
		return;
	}
	p = place_for(cred.uid);
	p->uid = cred.uid;
	p->greeted = false;
	p->in_len = p->out_len = p->out_sent = 0;
	p->seen_usec = now_usec(CLOCK_BOOTTIME);
	p->used = source_add(loop, &p->src, fd, EPOLLIN, peer_fire) == 0;
	if (!p->used)
		close(fd);
}

static int listener_fire(struct source *s, uint32_t got)
{
	(void)got;
	for (int i = 0; i < ACCEPTS_PER_ROUND; i++) {
		int fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd < 0)
			break;
		welcome(fd);
	}
	return 0;
}

static int listen_at(const char *run_dir)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd, r;

	if (snprintf(sa.sun_path, sizeof(sa.sun_path), "%s/init.sock", run_dir) >= (int)sizeof(sa.sun_path))
		return -ENAMETOOLONG;
	if (mkdir(run_dir, 0755) < 0 && errno != EEXIST)
		return -errno;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);   /* no SOCK_CLOEXEC: see table.h */
	if (fd < 0)
		return -errno;
	unlink(sa.sun_path);
	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0 || chmod(sa.sun_path, 0666) < 0 || listen(fd, 128) < 0) {
		r = -errno;
		close(fd);
		return r;
	}
	return fd;
}

int endpoint_setup(struct loop *l, const char *run_dir)
{
	int fd = table->s.listen_fd;

	loop = l;
	if (fd < 0)
		fd = listen_at(run_dir);
	if (fd < 0)
		return fd;
	table->s.listen_fd = fd;
	return source_add(l, &listener, fd, EPOLLIN, listener_fire);
}
