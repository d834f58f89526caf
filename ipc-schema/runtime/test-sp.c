/* test-sp.c - the wire format, and libnng's opinion of it: its clients ask our server, our client asks its server */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include <nng/nng.h>
#include <nng/protocol/pubsub0/pub.h>
#include <nng/protocol/pubsub0/sub.h>
#include <nng/protocol/reqrep0/rep.h>
#include <nng/protocol/reqrep0/req.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include "client.h"
#include "sample.ipc.h"
#include "server.h"
#include "sp.h"

static char dir[] = "/tmp/test-sp.XXXXXX", path[64], events_path[64], url[80], events_url[80];

static void handshake(void **state)
{
	uint8_t hello[SP_HANDSHAKE_SIZE];

	sp_handshake(hello, SP_REP);
	assert_memory_equal(hello, "\0SP\0\0\x31\0\0", 8);
	assert_int_equal(sp_handshake_check(hello, SP_REP), 0);
	assert_int_equal(sp_handshake_check(hello, SP_REQ), -EPROTO);
	for (size_t i = 0; i < sizeof(hello); i++) {
		hello[i] ^= 4;
		assert_int_equal(sp_handshake_check(hello, SP_REP), -EPROTO);
		hello[i] ^= 4;
	}
}

struct row { const char *in; size_t n; size_t max; ssize_t r; };
static void frame_row(void **state)
{
	const struct row *row = *state;

	assert_int_equal(sp_frame((const uint8_t *)row->in, row->n, row->max), row->r);
}
#define ROW(s, max, r) { "frame " #s " max " #max, frame_row, NULL, NULL, &(struct row){ s, sizeof(s) - 1, max, r } }

static void header(void **state)
{
	uint8_t head[SP_HEADER_SIZE];

	sp_header(head, 0x0102030405060708u);
	assert_memory_equal(head, "\1\1\2\3\4\5\6\7\x08", 9);
}

/* -- a server that dies of a request: it hangs up on each, and says how many there were */

__attribute__((noreturn)) static void hang_up_on_each(int fd, int count_fd)
{
	for (;;) {
		char hello[SP_HANDSHAKE_SIZE], request[512];
		int c = accept(fd, NULL, NULL);

		if (c < 0 || recv(c, hello, sizeof(hello), MSG_WAITALL) != sizeof(hello))
			_exit(1);
		sp_handshake((uint8_t *)hello, SP_REP);
		if (write(c, hello, sizeof(hello)) < 0 || (read(c, request, sizeof(request)) > 0 && write(count_fd, ".", 1) < 0))
			_exit(2);
		close(c);
	}
}

static void gives_up(void **state)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct arena a = ARENA_HEAP(4096);
	struct ipc_point req = { 1, 1 }, rep;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), counts[2], r;
	struct client *c;
	char text[64];
	pid_t pid;

	(void)state;
	assert_int_equal(pipe2(counts, O_NONBLOCK | O_CLOEXEC), 0);
	strcpy(addr.sun_path, path);
	assert_true(bind(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0 && listen(fd, 8) == 0);
	pid = fork();
	if (pid == 0)
		hang_up_on_each(fd, counts[1]);
	close(fd);
	assert_int_equal(client_open(&c, path, 60000), 0);
	r = client_call(c, msg_method_by_id(&ipc_sample_socket, IPC_SAMPLE_POINT), &req, &rep, &a, NULL);
	assert_true(r == -EPIPE || r == -ECONNRESET);
	assert_int_equal(read(counts[0], text, sizeof(text)), 3);
	client_free(c);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(counts[0]);
	close(counts[1]);
	unlink(path);
}

/* -- our server, libnng's clients */

static int point(struct server_call *c, const void *req, void *rep)
{
	const struct ipc_point *in = req;

	*(struct ipc_point *)rep = (struct ipc_point){ in->x + 1, in->y };
	return in->y == 10 ? server_publish(c->server, IPC_SAMPLE_EV_MOVED, in) : 0;
}

static int stop_fire(struct source *s, uint32_t events)
{
	loop_exit(s->loop, 0);
	return 0;
}

static struct { struct loop *loop; struct server *server; struct source stop; pthread_t thread; int stop_fd; } d;

static void *run(void *arg)
{
	loop_run(d.loop);
	return NULL;
}

static int start(void **state)
{
	static const struct server_method methods[] = { { IPC_SAMPLE_POINT, point } };
	struct server_config config = { .socket = &ipc_sample_socket, .path = path, .events_path = events_path, .methods = methods,
					.n_methods = 1 };

	d.stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	d.stop = (struct source){ 0 };
	if (loop_new(&d.loop, 4, false) < 0 || source_add(d.loop, &d.stop, d.stop_fd, EPOLLIN, stop_fire) < 0 ||
	    server_new(&d.server, &config) < 0 || server_start(d.server, d.loop) < 0)
		return -1;
	return pthread_create(&d.thread, NULL, run, NULL);
}

static int stop(void **state)
{
	eventfd_write(d.stop_fd, 1);
	pthread_join(d.thread, NULL);
	source_del(&d.stop);
	server_free(d.server);
	loop_free(d.loop);
	closep(&d.stop_fd);
	return 0;
}

/* libnng leaves threads and, at times, a stuck one behind: its side lives in a child that ends by _exit(2). */
static void in_child(int (*fn)(void))
{
	int status;
	pid_t pid;

	poll(NULL, 0, 200);     /* a thread that is still beginning may hold a lock of the allocator, for ever in the child */
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		alarm(30);
		_exit(fn());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fail_msg("libnng's side ended with wait status %#x", status);
}

#define CHECK(e) do { if (!(e)) { fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #e); return 1; } } while (0)

static int nng_requests(void)
{
	const struct msg_method *m = msg_method_by_id(&ipc_sample_socket, IPC_SAMPLE_POINT);
	nng_socket s;

	CHECK(nng_req0_open(&s) == 0 && nng_dial(s, url, NULL, 0) == 0);
	CHECK(nng_socket_set_ms(s, NNG_OPT_RECVTIMEO, 5000) == 0);
	for (int i = 0; i < 500; i++) {
		struct ipc_point req = { i, 1 }, rep;
		struct arena a = ARENA_HEAP(4096);
		struct buf b = { 0 };
		struct msg_reply reply;
		size_t n;
		void *answer;

		CHECK(msg_request_encode((uint64_t)i, m, &req, &b) == 0);
		CHECK(nng_send(s, b.data, b.len, 0) == 0);
		CHECK(nng_recv(s, &answer, &n, NNG_FLAG_ALLOC) == 0);
		CHECK(msg_reply_decode(answer, n, &a, &reply) == 0 && reply.id == (uint64_t)i && reply.result == 0);
		CHECK(ipc_point_decode(reply.body, reply.body_len, &a, &rep, NULL) == 0 && rep.x == i + 1);
		nng_free(answer, n);
		buf_finish(&b);
		arena_reset(&a);
	}
	return 0;
}

static int nng_subscribes(void)
{
	struct ipc_point req = { 5, 10 }, rep, seen;
	struct arena a = ARENA_HEAP(4096);
	struct msg_event_frame e;
	struct client *c;
	nng_socket s;
	size_t n;
	void *event;

	CHECK(nng_sub0_open(&s) == 0 && nng_socket_set(s, NNG_OPT_SUB_SUBSCRIBE, "", 0) == 0 && nng_dial(s, events_url, NULL, 0) == 0);
	CHECK(nng_socket_set_ms(s, NNG_OPT_RECVTIMEO, 5000) == 0);
	poll(NULL, 0, 100);
	CHECK(client_open(&c, path, 5000) == 0);
	for (uint64_t i = 1; i <= 50; i++) {
		CHECK(client_call(c, msg_method_by_id(&ipc_sample_socket, IPC_SAMPLE_POINT), &req, &rep, &a, NULL) == 0);
		CHECK(nng_recv(s, &event, &n, NNG_FLAG_ALLOC) == 0);
		CHECK(msg_event_decode(event, n, &e) == 0 && e.seq == i && e.event == IPC_SAMPLE_EV_MOVED);
		CHECK(ipc_point_decode(e.body, e.body_len, &a, &seen, NULL) == 0 && seen.x == 5);
		nng_free(event, n);
		arena_reset(&a);
	}
	return 0;
}

static void nng_client_of_our_server(void **state) { in_child(nng_requests); }
static void nng_subscriber_of_our_server(void **state) { in_child(nng_subscribes); }

/* -- libnng's server, our clients */

static int our_client(void)
{
	const struct msg_method *m = msg_method_by_id(&ipc_sample_socket, IPC_SAMPLE_POINT);
	struct subscriber *sub;
	struct msg_event_frame e;
	struct arena a = ARENA_HEAP(4096);
	struct ipc_point req = { 3, 4 }, rep;
	struct client *c;
	nng_socket rep_socket, pub;
	struct buf b = { 0 };

	CHECK(nng_rep0_open(&rep_socket) == 0 && nng_listen(rep_socket, url, NULL, 0) == 0);
	CHECK(nng_pub0_open(&pub) == 0 && nng_listen(pub, events_url, NULL, 0) == 0);
	CHECK(subscriber_open(&sub, events_path, 3000) == 0 && client_open(&c, path, 3000) == 0);
	poll(NULL, 0, 100);
	CHECK(msg_event_encode(9, msg_event_by_id(&ipc_sample_socket, IPC_SAMPLE_EV_MOVED), &req, &b) == 0);
	CHECK(nng_send(pub, b.data, b.len, 0) == 0);
	CHECK(subscriber_next(sub, 3000, &e) == 0 && e.seq == 9);
	if (fork() == 0) {              /* the peer asks; libnng's threads stay in the parent, which answers */
		alarm(20);
		_exit(client_call(c, m, &req, &rep, &a, NULL) == 0 && rep.x == 77 ? 0 : 1);
	}
	{
		struct msg_request request;
		int status;
		size_t n;
		void *p;

		CHECK(nng_recv(rep_socket, &p, &n, NNG_FLAG_ALLOC) == 0);
		CHECK(msg_request_decode(p, n, &request) == 0 && request.method == IPC_SAMPLE_POINT);
		buf_reset(&b);
		rep = (struct ipc_point){ 77, 1 };
		CHECK(msg_reply_encode(request.id, 0, NULL, &ipc_point_desc, &rep, &b) == 0);
		CHECK(nng_send(rep_socket, b.data, b.len, 0) == 0);
		CHECK(wait(&status) > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
	return 0;
}

static void our_clients_of_nng(void **state) { in_child(our_client); }

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(gives_up), cmocka_unit_test(handshake),
	cmocka_unit_test(header),
	ROW("", 10, 0), ROW("\2", 10, -EPROTO), ROW("\1", 10, 0), ROW("\1\0\0\0\0\0\0\0", 10, 0), ROW("\1\0\0\0\0\0\0\0\0", 10, 9),
	ROW("\1\0\0\0\0\0\0\0\2a", 10, 0), ROW("\1\0\0\0\0\0\0\0\2ab", 10, 11), ROW("\1\0\0\0\0\0\0\0\2abc", 10, 11),
	ROW("\1\0\0\0\0\0\0\0\x0b", 10, -EMSGSIZE), ROW("\1\0\0\0\0\0\0\0\x0a", 10, 0),
	ROW("\1\xff\xff\xff\xff\xff\xff\xff\xff", SIZE_MAX, -EMSGSIZE), ROW("\1\x7f\xff\xff\xff\xff\xff\xff\xff", SIZE_MAX, -EMSGSIZE),
	cmocka_unit_test(our_clients_of_nng),
	cmocka_unit_test_setup_teardown(nng_client_of_our_server, start, stop),
	cmocka_unit_test_setup_teardown(nng_subscriber_of_our_server, start, stop),
};

int main(void)
{
	int r;

	if (!mkdtemp(dir))
		return 1;
	snprintf(path, sizeof(path), "%s/sock", dir);
	snprintf(events_path, sizeof(events_path), "%s/events", dir);
	snprintf(url, sizeof(url), "ipc://%s", path);
	snprintf(events_url, sizeof(events_url), "ipc://%s", events_path);
	r = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	unlink(events_path);
	rmdir(dir);
	return r;
}
