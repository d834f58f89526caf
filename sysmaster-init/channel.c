/* channel.c - see channel.h */
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

static int listen_to(int fd) { return source_add(loop, &source, fd, EPOLLIN, fire); }

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
	fcntl(pair[0], F_SETFL, O_NONBLOCK);
	table->s.channel_fd = pair[0];
	fcntl(pair[0], F_SETFD, 0);     /* ours outlives our exec: see table.h */
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
	source_del(&source);
	closep(&table->s.channel_fd);
}

static void take_off(void)
{
	char c;

	if (recv(table->s.channel_fd, &c, sizeof(c), MSG_DONTWAIT) < 0 && errno != EAGAIN)
		log_event(LOG_WARNING, "INIT_CHANNEL_RECV", "cannot take a packet off the channel", F_ERRNO(-errno));
	table->s.poison = 0;
}

/* 1: one packet was handled; 0: none is there; -EPIPE: none will come */
static int receive(void)
{
	static uint8_t bytes[CHANNEL_MAX_BYTES];
	static char memory[CHANNEL_MAX_BYTES + 1024];
	static struct frame f;
	struct arena a = ARENA_FIXED(memory);
	ssize_t n;

	if (table->s.channel_fd < 0)
		return 0;
	if (table->s.poison >= POISON_LIMIT) {
		log_event(LOG_ERR, "INIT_CHANNEL_POISON", "a packet of core brought init down twice and is given up");
		take_off();
		ops->poisoned();
	}
	n = frame_receive(table->s.channel_fd, MSG_PEEK, bytes, sizeof(bytes), &f);
	if (n == -EAGAIN)
		return 0;
	if (n <= 0 && n != -EMSGSIZE)   /* no frame is empty */
		return -EPIPE;
	table->s.poison++;
	frame_handle(ops->reader, bytes, n, &a, &f);
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
	int r;

	if (table->s.channel_fd < 0)
		return -EPIPE;
	r = msg_event_encode(++seq, msg_event_by_id(&ipc_channel_to_core_socket, event), body, &b);
	if (r == 0)
		r = frame_send(table->s.channel_fd, bytes, b.len, &fd, fd >= 0);
	if (r != -EAGAIN && r != -ENOBUFS)
		return r;
	source_mod(&source, EPOLLIN | EPOLLOUT);
	return -EAGAIN;
}
