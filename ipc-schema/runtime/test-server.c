/* test-server.c - the server under polite, rude and silent peers; it runs in a thread of its own, the peers in the test's */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include "client.h"
#include "sample.ipc.h"
#include "server.h"
#include "sp.h"

#define OTHER_UID 65534
#define POLITE_USEC (100 * USEC_PER_MSEC)       /* an answer takes no longer, whatever others do */

static char dir[] = "/tmp/test-server.XXXXXX", path[64], events_path[64];

/* What the method "point" does for its x; y is the argument. */
enum { PLAIN, PUBLISH = 1, HOLD = 3, FAIL = 4, BAD_ANSWER = 5 };

struct remembered { uint64_t id; uint32_t uid; uint8_t answer[64]; size_t n; };

static struct daemon {
	struct server *server;
	struct loop *loop;
	struct source stop;
	struct timer release;
	pthread_t thread;
	int stop_fd;
	atomic_int added;               /* calls of "add" that acted */
	uint32_t uid_root;
	struct remembered remembered[8];
	size_t n_remembered;
} d = { .stop_fd = -1 };

static int echo(struct server_call *c, const void *req, void *rep)
{
	memcpy(rep, req, sizeof(struct ipc_sample));
	return 0;
}

static int add(struct server_call *c, const void *req, void *rep)
{
	struct ipc_point *out = rep;

	out->x = ++d.added;
	return 0;
}

static int hello(struct server_call *c, const void *req, void *rep) { return 0; }

static int release_fire(struct timer *t)
{
	server_hold_replies(d.server, false);
	return 0;
}

static int point(struct server_call *c, const void *req, void *rep)
{
	const struct ipc_point *in = req;
	struct ipc_point *out = rep, event = { 0 };

	*out = (struct ipc_point){ (int32_t)c->peer.uid, in->y };
	switch (in->x) {
	case PUBLISH:
		for (int i = 0; i < 1000 * in->y; i++) {
			event.x = i;
			if (server_publish(c->server, IPC_SAMPLE_EV_MOVED, &event) < 0)
				return -EIO;
		}
		break;
	case HOLD:
		server_hold_replies(c->server, true);
		return timer_set(d.loop, &d.release, now_usec(CLOCK_BOOTTIME) + 80 * USEC_PER_MSEC, release_fire);
	case FAIL:
		c->error = "as you wish";
		return -EBUSY;
	case BAD_ANSWER:
		out->y = 99;
		break;
	}
	return 0;
}

static const struct server_method methods[] = {
	{ IPC_SAMPLE_POINT, point }, { IPC_SAMPLE_ECHO, echo }, { IPC_SAMPLE_ADD, add }, { IPC_SAMPLE_HELLO, hello },
};

static void remember(void *user, uint64_t id, uint32_t uid, const void *answer, size_t n)
{
	struct remembered *r = &d.remembered[d.n_remembered];

	if (d.n_remembered == ARRAY_SIZE(d.remembered) || n > sizeof(r->answer))
		return;
	*r = (struct remembered){ .id = id, .uid = uid, .n = n };
	memcpy(r->answer, answer, n);
	d.n_remembered++;
}

static int stop_fire(struct source *s, uint32_t events)
{
	loop_exit(s->loop, 0);
	return 0;
}

static void *run(void *arg)
{
	loop_run(d.loop);
	return NULL;
}

static void daemon_start(void)
{
	struct server_config config = { .socket = &ipc_sample_socket, .path = path, .events_path = events_path, .methods = methods,
					.n_methods = ARRAY_SIZE(methods), .remember = remember, .uid_root = d.uid_root };

	assert_int_equal(loop_new(&d.loop, 4, false), 0);
	d.stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	d.stop = (struct source){ 0 };
	assert_int_equal(source_add(d.loop, &d.stop, d.stop_fd, EPOLLIN, stop_fire), 0);
	assert_int_equal(server_new(&d.server, &config), 0);
	for (size_t i = 0; i < d.n_remembered; i++)
		assert_int_equal(server_recall(d.server, d.remembered[i].id, d.remembered[i].uid, d.remembered[i].answer, d.remembered[i].n), 0);
	assert_int_equal(server_start(d.server, d.loop), 0);
	assert_int_equal(pthread_create(&d.thread, NULL, run, NULL), 0);
}

static void daemon_stop(void)
{
	eventfd_write(d.stop_fd, 1);
	pthread_join(d.thread, NULL);
	timer_del(&d.release);
	source_del(&d.stop);
	server_free(d.server);
	loop_free(d.loop);
	closep(&d.stop_fd);
}

static int setup(void **state)
{
	d.n_remembered = 0;
	d.added = 0;
	daemon_start();
	return 0;
}

static int teardown(void **state)
{
	daemon_stop();
	return 0;
}

/* -- peers */

static const struct msg_method *method(const char *name) { return msg_method_by_name(&ipc_sample_socket, name); }

/* One call of "point"; the time it took. */
static uint64_t ask(struct client *c, int32_t x, int32_t y, int r, struct ipc_point *rep)
{
	struct ipc_point req = { x, y }, unused;
	struct arena a = ARENA_HEAP(1 << 16);
	uint64_t start = now_usec(CLOCK_MONOTONIC);

	assert_int_equal(client_call(c, method("point"), &req, rep ? rep : &unused, &a, NULL), r);
	arena_reset(&a);
	return now_usec(CLOCK_MONOTONIC) - start;
}

/* is there an answer in time? A busy machine may delay one; who is kept waiting by the server is so each time */
static bool polite(struct client *c)
{
	for (int i = 0; i < 3; i++)
		if (ask(c, PLAIN, 1, 0, NULL) < POLITE_USEC)
			return true;
	return false;
}

static struct client *connected(void)
{
	struct client *c = NULL;

	assert_int_equal(client_open(&c, path, 5000), 0);
	return c;
}

/* A connection by hand; with @proto its handshake is done. */
static int raw_connect(const char *where, int proto)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	uint8_t mine[SP_HANDSHAKE_SIZE], theirs[SP_HANDSHAKE_SIZE];
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(addr.sun_path, where);
	if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return -errno;
	if (!proto)
		return fd;
	sp_handshake(mine, (enum sp_proto)proto);
	if (send(fd, mine, sizeof(mine), MSG_NOSIGNAL) != sizeof(mine) || recv(fd, theirs, sizeof(theirs), MSG_WAITALL) != sizeof(theirs)) {
		close(fd);
		return -EPIPE;
	}
	return fd;
}

/* A request with ids of our choice, framed. */
static void compose(struct buf *b, uint32_t sp_id, uint64_t id, const char *name, const struct ipc_point *req)
{
	uint8_t head[SP_HEADER_SIZE + 4] = { 0 };
	size_t at = b->len;

	buf_add(b, head, sizeof(head));
	assert_int_equal(msg_request_encode(id, method(name), req, b), 0);
	sp_header(b->data + at, b->len - at - SP_HEADER_SIZE);
	b->data[at + SP_HEADER_SIZE] = 0x80;
	b->data[at + SP_HEADER_SIZE + 3] = (uint8_t)sp_id;
}

/* Sends one request by hand and gives back its answer without the frame. */
static size_t exchange(int fd, uint64_t id, const char *name, const struct ipc_point *req, uint8_t *answer, size_t max)
{
	_cleanup_(buf_finish) struct buf b = { 0 };
	uint8_t in[512];
	ssize_t frame = 0;
	size_t n = 0;

	compose(&b, 7, id, name, req);
	assert_int_equal(send(fd, b.data, b.len, MSG_NOSIGNAL), b.len);
	while (frame == 0) {
		ssize_t got = recv(fd, in + n, sizeof(in) - n, 0);

		assert_true(got > 0);
		n += (size_t)got;
		frame = sp_frame(in, n, sizeof(in));
	}
	assert_true(frame > SP_HEADER_SIZE + 4);
	assert_memory_equal(in + SP_HEADER_SIZE, b.data + SP_HEADER_SIZE, 4);
	n = (size_t)frame - SP_HEADER_SIZE - 4;
	assert_true(n <= max);
	memcpy(answer, in + SP_HEADER_SIZE + 4, n);
	return n;
}

/* The kernel takes the connecting thread's own ids for SO_PEERCRED, so one thread can be somebody else for a moment. */
static bool become(uid_t uid) { return syscall(SYS_setresuid, -1, uid, -1) == 0; }

static bool hung_up(int fd, int timeout_msec)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char c;

	return poll(&p, 1, timeout_msec) == 1 && recv(fd, &c, 1, MSG_DONTWAIT) <= 0;
}

static int open_fds(void)
{
	DIR *dir_fds = opendir("/proc/self/fd");
	int n = 0;

	assert_non_null(dir_fds);
	while (readdir(dir_fds))
		n++;
	closedir(dir_fds);
	return n;
}

/* -- the tests */

static void echoes(void **state)
{
	_cleanup_(client_freep) struct client *c = connected();
	const char *word = "w";
	struct ipc_sample in = { .yes = true, .port = 1, .name = "name", .tint = IPC_COLOUR_RED, .raw = { "\1", 1 }, .words = &word,
				 .n_words = 1, .has_count = true, .count = 3 }, out;
	struct arena a = ARENA_HEAP(1 << 16);
	const char *error;

	assert_int_equal(client_call(c, method("echo"), &in, &out, &a, &error), 0);
	assert_string_equal(error, "");
	assert_string_equal(out.words[0], "w");
	assert_true(out.has_count && out.count == 3 && !out.has_maybe);
	in.port = 0;
	assert_int_equal(client_call(c, method("echo"), &in, &out, &a, &error), -EINVAL);       /* not sent at all */
	arena_reset(&a);
}

static void refusals(void **state)
{
	_cleanup_(client_freep) struct client *c = connected();
	struct arena a = ARENA_HEAP(1 << 16);
	struct ipc_nothing nothing = { 0 };
	struct ipc_point p = { FAIL, 0 };
	struct msg_method odd = *method("hello");
	const char *error;

	assert_int_equal(client_call(c, method("point"), &p, &p, &a, &error), -EBUSY);
	assert_string_equal(error, "as you wish");
	assert_int_equal(client_call(c, method("silent"), &nothing, &nothing, &a, &error), -ENOSYS);
	assert_string_equal(error, "this daemon does not offer the method");
	odd.id = 77;
	assert_int_equal(client_call(c, &odd, &nothing, &nothing, &a, &error), -ENOSYS);
	assert_string_equal(error, "unknown method");
	odd.id = IPC_SAMPLE_POINT;
	assert_int_equal(client_call(c, &odd, &nothing, &nothing, &a, &error), -EBADMSG);
	assert_string_equal(error, "field x: missing");
	p = (struct ipc_point){ BAD_ANSWER, 0 };
	assert_int_equal(client_call(c, method("point"), &p, &p, &a, &error), -EINVAL);
	assert_string_equal(error, "the answer does not fit the schema");
	assert_true(polite(c));
	arena_reset(&a);
}

static void many_clients(void **state)
{
	struct client *c[200];
	struct ipc_point rep;

	for (size_t i = 0; i < ARRAY_SIZE(c); i++)
		c[i] = connected();
	for (int round = 0; round < 5; round++)
		for (size_t i = 0; i < ARRAY_SIZE(c); i++) {
			ask(c[i], PLAIN, (int32_t)(i % 10), 0, &rep);
			assert_int_equal(rep.y, i % 10);
		}
	for (size_t i = 0; i < ARRAY_SIZE(c); i++)
		client_free(c[i]);
}

static void permission(void **state)
{
	struct client *other = NULL;
	struct ipc_point p = { 1, 1 };
	struct arena a = ARENA_HEAP(1 << 16);
	struct ipc_point rep;
	const char *error;

	if (!become(OTHER_UID))
		skip();
	assert_int_equal(client_open(&other, path, 5000), 0);
	assert_true(become(0));
	assert_int_equal(client_call(other, method("add"), &p, &rep, &a, &error), -EPERM);
	assert_string_equal(error, "only root may call this method");
	assert_int_equal(d.added, 0);
	ask(other, PLAIN, 1, 0, &rep);
	assert_int_equal(rep.x, OTHER_UID);
	client_free(other);
	daemon_stop();
	d.uid_root = OTHER_UID;         /* a user's own manager */
	daemon_start();
	d.uid_root = 0;
	assert_true(become(OTHER_UID));
	assert_int_equal(client_open(&other, path, 5000), 0);
	assert_true(become(0));
	assert_int_equal(client_call(other, method("add"), &p, &rep, &a, &error), 0);
	client_free(other);
	arena_reset(&a);
}

static void deduplication(void **state)
{
	_cleanup_(closep) int fd = raw_connect(path, SP_REQ);
	struct ipc_point p = { 0, 0 };
	uint8_t first[64], again[64];
	size_t n, m;

	n = exchange(fd, 1234, "add", &p, first, sizeof(first));
	m = exchange(fd, 1234, "add", &p, again, sizeof(again));
	assert_int_equal(n, m);
	assert_memory_equal(first, again, n);
	assert_int_equal(d.added, 1);
	closep(&fd);
	fd = raw_connect(path, SP_REQ);         /* as nng does after a reconnect */
	assert_int_equal(exchange(fd, 1234, "add", &p, again, sizeof(again)), n);
	assert_int_equal(d.added, 1);
	exchange(fd, 1235, "add", &p, again, sizeof(again));
	assert_int_equal(d.added, 2);
	assert_int_equal(d.n_remembered, 2);
	closep(&fd);
	daemon_stop();
	daemon_start();                         /* with what was remembered */
	fd = raw_connect(path, SP_REQ);
	assert_int_equal(exchange(fd, 1234, "add", &p, again, sizeof(again)), n);
	assert_memory_equal(first, again, n);
	assert_int_equal(d.added, 2);
	for (uint64_t id = 1; id <= SERVER_DEDUP; id++)         /* the oldest make room */
		exchange(fd, id, "add", &p, again, sizeof(again));
	exchange(fd, 1234, "add", &p, again, sizeof(again));
	assert_int_equal(d.added, 2 + SERVER_DEDUP + 1);
}

/* Somebody else's id is not answered with root's answer. */
static void dedup_by_uid(void **state)
{
	_cleanup_(closep) int fd = raw_connect(path, SP_REQ), other = -1;
	struct ipc_point p = { 0, 0 };
	uint8_t answer[64], refusal[128];
	size_t n;
	struct msg_reply rep;
	struct arena a = ARENA_HEAP(4096);

	exchange(fd, 99, "add", &p, answer, sizeof(answer));
	if (!become(OTHER_UID))
		skip();
	other = raw_connect(path, SP_REQ);
	assert_true(become(0));
	n = exchange(other, 99, "add", &p, refusal, sizeof(refusal));
	assert_int_equal(msg_reply_decode(refusal, n, &a, &rep), 0);
	assert_int_equal(rep.result, -EPERM);
	arena_reset(&a);
}

struct flood { int fd, sent; bool reads; atomic_bool stop; };

/* Sends as fast as it is taken; the answers are thrown away, or not even read. */
static void *flood(void *arg)
{
	struct flood *f = arg;
	_cleanup_(buf_finish) struct buf b = { 0 };
	struct ipc_point p = { PLAIN, 0 };
	char unread[65536];

	compose(&b, 1, 1, "point", &p);
	while (!f->stop) {
		struct pollfd pfd = { .fd = f->fd, .events = POLLOUT | (f->reads ? POLLIN : 0) };

		if (poll(&pfd, 1, 20) == 1 && (pfd.revents & POLLOUT) && send(f->fd, b.data, b.len, MSG_NOSIGNAL) == (ssize_t)b.len)
			f->sent++;
		if (f->reads && recv(f->fd, unread, sizeof(unread), MSG_DONTWAIT) == 0)
			break;
	}
	return NULL;
}

static void flood_disturbs_nobody(void **state)
{
	_cleanup_(client_freep) struct client *c = connected();
	struct flood f[4] = { { .reads = true }, { .reads = false }, { .reads = true }, { .reads = false } };
	pthread_t threads[ARRAY_SIZE(f)];
	uint64_t worst = 0;
	int slow = 0;

	for (size_t i = 0; i < ARRAY_SIZE(f); i++) {
		f[i].fd = raw_connect(path, SP_REQ);
		assert_true(f[i].fd >= 0);
		assert_int_equal(pthread_create(&threads[i], NULL, flood, &f[i]), 0);
	}
	for (int i = 0; i < 3000; i++) {
		uint64_t took = ask(c, PLAIN, 1, 0, NULL);

		worst = MAX(worst, took);
		slow += took >= POLITE_USEC;
	}
	for (size_t i = 0; i < ARRAY_SIZE(f); i++) {
		f[i].stop = true;
		pthread_join(threads[i], NULL);
		close(f[i].fd);
		assert_true(f[i].sent > 100);
	}
	print_message("floods of %d, %d and %d, %d unread: the slowest of 3000 other calls took %llu us\n", f[0].sent, f[2].sent, f[1].sent,
		      f[3].sent, (unsigned long long)worst);
	assert_true(slow <= 3);                 /* who is starved is so hundreds of times; a busy machine delays a few */
}

/* Who leaves without his answers leaves nothing behind; this is what closes the door of a libnng 1.5.2 server. */
static void visitors_leave_nothing(void **state)
{
	_cleanup_(buf_finish) struct buf b = { 0 };
	struct ipc_point p = { PLAIN, 0 };

	compose(&b, 1, 1, "point", &p);
	for (int i = 0; i < 5000; i++) {
		_cleanup_(closep) int fd = raw_connect(path, SP_REQ);

		assert_true(fd >= 0);
		for (int k = 0; k < i % 7; k++)
			assert_int_equal(send(fd, b.data, b.len, MSG_NOSIGNAL), b.len);
	}
	client_free(connected());
	for (int i = 0; i < 100 && open_fds() > 40; i++)
		poll(NULL, 0, 10);
	assert_true(open_fds() <= 40);
}

static void garbage(void **state)
{
	static const struct { const char *bytes; size_t n; int proto; } rows[] = {
		{ "GET / HTTP/1.1\r\n\r\n", 18, 0 },
		{ "\0SP\0\0\x30\0\1", 8, 0 },                   /* reserved bytes are not zero */
		{ "\0SP\0\0\x21\0\0", 8, 0 },                   /* SUB at a REP socket */
		{ "\2\0\0\0\0\0\0\0\5", 9, SP_REQ },            /* no such frame */
		{ "\1\xff\xff\xff\xff\xff\xff\xff\xff", 9, SP_REQ },
		{ "\1\0\0\0\0\x40\0\0\0", 9, SP_REQ },          /* a gigabyte */
		{ "\1\0\0\0\0\0\0\0\2ab", 11, SP_REQ },         /* no request id */
		{ "\1\0\0\0\0\0\0\0\4\0\0\0\1", 13, SP_REQ },   /* a request id without its top bit, and nothing behind */
		{ "\1\0\0\0\0\0\0\0\4\x80\0\0\1", 13, SP_REQ }, /* an empty request */
		{ "\1\0\0\0\0\0\0\0\5\x80\0\0\1\xc1", 14, SP_REQ },
		{ "\1\0\0\0\0\0\0\0\x0a\x80\0\0\1\xdd\xff\xff\xff\xff\1", 19, SP_REQ },
	};
	_cleanup_(client_freep) struct client *c = connected();

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(closep) int fd = raw_connect(path, rows[i].proto);
		uint8_t hello[SP_HANDSHAKE_SIZE];

		assert_true(fd >= 0);
		if (!rows[i].proto)
			assert_int_equal(recv(fd, hello, sizeof(hello), MSG_WAITALL), sizeof(hello));
		assert_int_equal(send(fd, rows[i].bytes, rows[i].n, MSG_NOSIGNAL), rows[i].n);
		if (!hung_up(fd, 2000))
			fail_msg("row %zu: the garbage was not answered by a hang-up", i);
		assert_true(polite(c));
	}
}

static void silent_peers(void **state)
{
	_cleanup_(client_freep) struct client *c = NULL;
	int fds[600];

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		fds[i] = raw_connect(path, i % 3 == 0 ? SP_REQ : 0);
		assert_true(fds[i] >= 0);
		if (i % 7 == 0)         /* half a frame */
			assert_int_equal(send(fds[i], i % 3 == 0 ? "\1\0\0" : "\0SP", 3, MSG_NOSIGNAL), 3);
	}
	c = connected();
	for (int i = 0; i < 50; i++)
		assert_true(polite(c));
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		close(fds[i]);
}

/* One user has an eighth of the connections, and root comes in even so. */
static void limits(void **state)
{
	_cleanup_(client_freep) struct client *c = NULL;
	int fds[SERVER_MAX_PIPES / 8 + 4];
	size_t open = 0;

	if (!become(OTHER_UID))
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		fds[i] = raw_connect(path, SP_REQ);
	assert_true(become(0));
	for (int i = 0; i < 300 && open != SERVER_MAX_PIPES / 8; i++) { /* any four of them may be the ones too many */
		poll(NULL, 0, 10);
		open = 0;
		for (size_t k = 0; k < ARRAY_SIZE(fds); k++)
			open += fds[k] >= 0 && !hung_up(fds[k], 0);
	}
	assert_int_equal(open, SERVER_MAX_PIPES / 8);
	c = connected();
	assert_true(polite(c));
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		closep(&fds[i]);
	for (int i = 0; i < 200; i++) {         /* who leaves makes room */
		struct ipc_point unused;
		struct client *other = NULL;
		int r;

		assert_true(become(OTHER_UID));
		r = client_open(&other, path, 1000);
		assert_true(become(0));
		if (r == 0) {
			ask(other, PLAIN, 1, 0, &unused);
			client_free(other);
			return;
		}
		poll(NULL, 0, 10);
	}
	fail_msg("no room was made");
}

static void held_answers(void **state)
{
	_cleanup_(client_freep) struct client *c = connected(), *other = connected();

	assert_true(ask(c, HOLD, 1, 0, NULL) >= 80 * USEC_PER_MSEC);
	assert_true(polite(other));
}

static void events(void **state)
{
	_cleanup_(client_freep) struct client *c = connected();
	_cleanup_(subscriber_freep) struct subscriber *one = NULL, *two = NULL;
	struct msg_event_frame e;
	struct ipc_point p;
	struct arena a = ARENA_HEAP(4096);
	uint64_t last = 0, got = 0;

	assert_int_equal(subscriber_open(&one, events_path, 2000), 0);
	assert_int_equal(subscriber_open(&two, events_path, 2000), 0);
	assert_int_equal(subscriber_next(one, 10, &e), -ETIMEDOUT);
	poll(NULL, 0, 50);              /* libnng adds a subscriber's pipe on a thread of its own */
	ask(c, PUBLISH, 9, 0, NULL);    /* 9000 events at once: more than a subscriber who does not read is kept */
	while (subscriber_next(one, 300, &e) == 0) {
		assert_int_equal(e.event, IPC_SAMPLE_EV_MOVED);
		assert_int_equal(ipc_point_decode(e.body, e.body_len, &a, &p, NULL), 0);
		assert_int_equal(e.seq, (uint64_t)p.x + 1);
		assert_true(e.seq > last);
		last = e.seq;
		got++;
		arena_reset(&a);
	}
	assert_true(got > 100 && got <= 9000);
	assert_int_equal(subscriber_next(two, 1000, &e), 0);
	assert_int_equal(e.seq, 1);
	assert_int_equal(server_event_seq(d.server), 9000);
	daemon_stop();
	while (subscriber_next(two, 1000, &e) == 0)
		got++;
	assert_int_equal(subscriber_next(two, 100, &e), -EPIPE);
	daemon_start();
}

/* A call that falls into the daemon's restart is sent again by the client. */
static void *restart_later(void *arg)
{
	poll(NULL, 0, 50);
	daemon_start();
	return NULL;
}

static void restart(void **state)
{
	_cleanup_(client_freep) struct client *c = connected();
	struct client *late = NULL;
	pthread_t thread;

	ask(c, PLAIN, 1, 0, NULL);
	daemon_stop();
	assert_int_equal(client_open(&late, path, 100), -ENOENT);
	assert_int_equal(pthread_create(&thread, NULL, restart_later, NULL), 0);
	ask(c, PLAIN, 1, 0, NULL);
	pthread_join(thread, NULL);
}

static void socket_file(void **state)
{
	struct server_config config = { .socket = &ipc_sample_socket, .path = path, .events_path = events_path };
	_cleanup_(server_freep) struct server *second = NULL;
	_cleanup_(closep) int fd = -1;
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0666);
	assert_int_equal(server_new(&second, &config), 0);
	assert_int_equal(server_start(second, d.loop), -EADDRINUSE);
	daemon_stop();
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);    /* what a killed daemon leaves behind */
	strcpy(addr.sun_path, path);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	closep(&fd);
	assert_int_equal(access(path, F_OK), 0);
	daemon_start();
	client_free(connected());
}

static void bad_config(void **state)
{
	static const struct server_method unknown[] = { { 55, hello } };
	struct server_config config = { .socket = &ipc_sample_socket, .path = path, .events_path = events_path, .methods = unknown,
					.n_methods = 1 };
	struct server *s = NULL;

	assert_int_equal(server_new(&s, &config), -EINVAL);
	assert_null(s);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
static const struct CMUnitTest tests[] = {
	TEST(echoes), TEST(refusals), TEST(many_clients), TEST(permission), TEST(deduplication), TEST(dedup_by_uid),
	TEST(flood_disturbs_nobody), TEST(visitors_leave_nothing), TEST(garbage), TEST(silent_peers), TEST(limits), TEST(held_answers), TEST(events), TEST(restart),
	TEST(socket_file), cmocka_unit_test(bad_config),
};

int main(void)
{
	int r;

	if (!mkdtemp(dir) || chmod(dir, 0755) < 0)
		return 1;
	snprintf(path, sizeof(path), "%s/sock", dir);
	snprintf(events_path, sizeof(events_path), "%s/events", dir);
	r = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	unlink(events_path);
	rmdir(dir);
	return r;
}
