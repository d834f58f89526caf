/* channel.c - see channel.h */
#include <sys/socket.h>
#include <fcntl.h>
#include "channel.h"
#include "channel.ipc.h"
#include "log.h"
#include "table.h"

#define FRAMES_PER_ROUND 16             /* others want their turn too */
#define POISON_LIMIT 2

static struct loop *loop;
static struct source source;
static const struct channel_ops *ops;
static uint64_t seq;

static int fire(struct source *s, uint32_t got);

static int listen_to(int fd)
{
	return source_add(loop, &source, fd, EPOLLIN, fire);
}

void channel_setup(struct loop *l, const struct channel_ops *o)
{
	loop = l;
	ops = o;
	if (table->s.channel_fd >= 0 && listen_to(table->s.channel_fd) < 0)
		channel_close();
}

int channel_open(int *peer)
{
	int pair[2], r;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	fcntl(pair[0], F_SETFD, 0);     /* ours outlives our exec: see table.h */
	fcntl(pair[0], F_SETFL, O_NONBLOCK);
	table->s.channel_fd = pair[0];
	table->s.poison = 0;
	r = listen_to(pair[0]);
	if (r < 0) {
		channel_close();
		close(pair[1]);
		return r;
	}
	*peer = pair[1];
	return 0;
}

void channel_close(void)
{
	int fd = table->s.channel_fd;

	source_del(&source);
	table->s.channel_fd = -1;
	if (fd >= 0)
		close(fd);
}

static void take_off(void)
{
	char c;

	if (recv(table->s.channel_fd, &c, sizeof(c), MSG_DONTWAIT) < 0 && errno != EAGAIN)
		log_event(LOG_WARNING, "INIT_CHANNEL_RECV", "cannot take a packet off the channel", F_ERRNO(-errno));
	table->s.poison = 0;
}

static void copy_fds(struct msghdr *mh, struct channel_frame *f)
{
	f->n_fds = 0;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(mh); c; c = CMSG_NXTHDR(mh, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) {
			size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

			memcpy(f->fds + f->n_fds, CMSG_DATA(c), MIN(n, CHANNEL_MAX_FDS - f->n_fds) * sizeof(int));
			f->n_fds += MIN(n, CHANNEL_MAX_FDS - f->n_fds);
		}
}

/* 1: one packet was handled; 0: none is there; -EPIPE: none will come */
static int receive(void)
{
	static uint8_t bytes[CHANNEL_MAX_BYTES];
	static union { struct cmsghdr align; char bytes[CMSG_SPACE(CHANNEL_MAX_FDS * sizeof(int))]; } control;
	static struct channel_frame f;
	struct iovec iov = { bytes, sizeof(bytes) };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };
	ssize_t n;

	if (table->s.channel_fd < 0)
		return 0;
	if (table->s.poison >= POISON_LIMIT) {
		log_event(LOG_ERR, "INIT_CHANNEL_POISON", "a packet of core brought init down twice and is given up");
		take_off();
		ops->poisoned();
	}
	n = recvmsg(table->s.channel_fd, &mh, MSG_PEEK | MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -EPIPE;
	if (n == 0)     /* no frame is empty */
		return -EPIPE;
	table->s.poison++;
	copy_fds(&mh, &f);
	if (mh.msg_flags & (MSG_TRUNC | MSG_CTRUNC))
		log_event(LOG_ERR, "INIT_CHANNEL_FRAME", "core sent a packet that is too long", F_I64("BYTES", n));
	else if (msg_event_decode(bytes, (size_t)n, &f.event) < 0)
		log_event(LOG_ERR, "INIT_CHANNEL_FRAME", "core sent a packet that is no frame", F_I64("BYTES", n));
	else
		ops->frame(&f);
	for (size_t i = 0; i < f.n_fds; i++)
		if (f.fds[i] >= 0)
			close(f.fds[i]);
	if (table->s.channel_fd >= 0)
		take_off();
	return 1;
}

void channel_drain(void)
{
	while (receive() > 0)
		continue;
}

static int fire(struct source *s, uint32_t got)
{
	int r = 1;

	if (got & EPOLLOUT) {
		source_mod(s, EPOLLIN);
		ops->writable();
	}
	if (got & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
		for (int i = 0; i < FRAMES_PER_ROUND && r > 0; i++)
			r = receive();
		if (r == -EPIPE && table->s.channel_fd >= 0)
			ops->closed();
	}
	return 0;
}

int channel_send(uint32_t event, const void *body, int fd)
{
	static uint8_t bytes[CHANNEL_MAX_BYTES];
	struct buf b = BUF_FIXED(bytes);
	union { struct cmsghdr align; char bytes[CMSG_SPACE(sizeof(int))]; } control = { 0 };
	struct iovec iov = { bytes, 0 };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };
	int r;

	if (table->s.channel_fd < 0)
		return -EPIPE;
	r = msg_event_encode(++seq, msg_event_by_id(&ipc_channel_to_core_socket, event), body, &b);
	if (r < 0)
		return r;
	iov.iov_len = b.len;
	if (fd >= 0) {
		mh.msg_control = &control;
		mh.msg_controllen = sizeof(control);
		*CMSG_FIRSTHDR(&mh) = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(&mh)), &fd, sizeof(fd));
	}
	if (sendmsg(table->s.channel_fd, &mh, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
		return 0;
	if (errno != EAGAIN && errno != ENOBUFS)
		return -errno;
	source_mod(&source, EPOLLIN | EPOLLOUT);
	return -EAGAIN;
}
