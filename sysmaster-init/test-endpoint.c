/* test-endpoint.c - a stock libnng client talks to init.sock as served by hand; methods, permissions, pages, bounds */
#include "test.h"
#include <nng/nng.h>
#include <nng/protocol/reqrep0/req.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include "endpoint.h"
#include "init.ipc.h"
#include "log.h"
#include "method.h"
#include "table.h"

#define N_CHILDREN 200
#define N_FDS 100

static char run_dir[] = "/tmp/test-endpoint.XXXXXX";
static char url[128], path[108];
static pid_t server;

__attribute__((noreturn)) static void serve(void)
{
	struct loop *loop;

	if (table_new() < 0 || loop_new(&loop, 4, true) < 0)
		_exit(90);
	log_set_level(LOG_EMERG);
	table->set.mode = IPC_INIT_MODE_MACHINE;
	for (uint64_t i = 0; i < N_CHILDREN; i++)
		table_add_child(i, "0123456789012345678901234567890123456789.service")->phase = IPC_CHILD_PHASE_EXECED;
	for (int i = 0; i < N_FDS; i++) {
		char name[256];

		snprintf(name, sizeof(name), "%0250d", i);
		table_store_fd(name, dup(0));
	}
	if (endpoint_setup(loop, run_dir) < 0)
		_exit(91);
	loop_run(loop);
	_exit(92);
}

static int start(void **state)
{
	(void)state;
	if (!mkdtemp(run_dir))
		return -1;
	snprintf(path, sizeof(path), "%s/init.sock", run_dir);
	snprintf(url, sizeof(url), "ipc://%s", path);
	server = fork();
	if (server == 0)
		serve();
	for (int i = 0; i < 200 && access(path, F_OK) < 0; i++)
		usleep(10000);
	return access(path, F_OK);
}

static int stop(void **state)
{
	(void)state;
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	unlink(path);
	return rmdir(run_dir);
}

/* one call through libnng; the reply's body goes to *rep */
static int call(nng_socket s, uint64_t id, uint32_t method, const void *req, void *rep, struct arena *a)
{
	const struct msg_method *m = msg_method_by_id(&ipc_init_socket, method);
	uint8_t bytes[8192];
	struct buf b = BUF_FIXED(bytes);
	struct msg_reply answer;
	void *data;
	size_t n;

	assert_int_equal(msg_request_encode(id, m, req, &b), 0);
	assert_int_equal(nng_send(s, b.data, b.len, 0), 0);
	assert_int_equal(nng_recv(s, &data, &n, NNG_FLAG_ALLOC), 0);
	assert_int_equal(msg_reply_decode(data, n, a, &answer), 0);
	assert_int_equal(answer.id, id);
	if (answer.result == 0)
		assert_int_equal(msg_decode(m->rep, answer.body, answer.body_len, a, rep, NULL), 0);
	else
		assert_true(strlen(answer.error) > 0);
	nng_free(data, n);
	return answer.result;
}

static nng_socket dial(void)
{
	nng_socket s;

	assert_int_equal(nng_req0_open(&s), 0);
	nng_socket_set_ms(s, NNG_OPT_RECVTIMEO, 5000);
	assert_int_equal(nng_dial(s, url, NULL, 0), 0);
	return s;
}

static void stock_client(void **state)
{
	struct arena a = ARENA_HEAP(1 << 20);
	struct ipc_init_status st;
	nng_socket s = dial();

	(void)state;
	for (uint64_t i = 1; i < 500; i++) {
		assert_int_equal(call(s, i, IPC_INIT_STATUS, &(struct ipc_empty){ 0 }, &st, &a), 0);
		assert_int_equal(st.children, N_CHILDREN);
		assert_int_equal(st.pid, server);
		arena_reset(&a);
	}
	nng_close(s);
}

static void pages(void **state)
{
	struct arena a = ARENA_HEAP(1 << 22);
	struct ipc_list_request rq = { .has_skip = true };
	struct ipc_child_list children;
	struct ipc_fd_list fds;
	nng_socket s = dial();

	(void)state;
	do {
		assert_int_equal(call(s, 1000 + rq.skip, IPC_INIT_LIST_CHILDREN, &rq, &children, &a), 0);
		for (size_t i = 0; i < children.n_children; i++)
			assert_int_equal(children.children[i].token, rq.skip + i);
		rq.skip += (uint32_t)children.n_children;
	} while (children.more);
	assert_int_equal(rq.skip, N_CHILDREN);
	rq.skip = 0;
	do {
		assert_int_equal(call(s, 2000 + rq.skip, IPC_INIT_LIST_FDS, &rq, &fds, &a), 0);
		for (size_t i = 0; i < fds.n_names; i++)
			assert_int_equal(strtoul(fds.names[i], NULL, 10), rq.skip + i);
		rq.skip += (uint32_t)fds.n_names;
	} while (fds.more);
	assert_int_equal(rq.skip, N_FDS);
	rq.skip = 1 << 20;
	assert_int_equal(call(s, 3000, IPC_INIT_LIST_CHILDREN, &rq, &children, &a), 0);
	assert_int_equal(children.n_children, 0);
	arena_reset(&a);
	nng_close(s);
}

/* many sockets, most of them silent: the bound holds and who speaks is served */
static void bounds(void **state)
{
	struct arena a = ARENA_HEAP(1 << 20);
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	struct ipc_init_status st;
	int fds[3 * ENDPOINT_PEERS];
	nng_socket s;

	(void)state;
	strcpy(sa.sun_path, path);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		fds[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		assert_int_equal(connect(fds[i], (struct sockaddr *)&sa, sizeof(sa)), 0);
	}
	s = dial();
	assert_int_equal(call(s, 4000, IPC_INIT_STATUS, &(struct ipc_empty){ 0 }, &st, &a), 0);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		close(fds[i]);
	arena_reset(&a);
	nng_close(s);
}

/* -- without a socket: who may do what -- */

static int direct(uint32_t uid, uint64_t id, uint32_t method, const void *req)
{
	static uint8_t in[8192], out[16384];
	static char memory[4096];
	struct arena a = ARENA_FIXED(memory);
	struct buf rq = BUF_FIXED(in), rp = BUF_FIXED(out);
	struct msg_reply answer;

	assert_int_equal(msg_request_encode(id, msg_method_by_id(&ipc_init_socket, method), req, &rq), 0);
	method_call(uid, rq.data, rq.len, &rp);
	assert_int_equal(msg_reply_decode(rp.data, rp.len, &a, &answer), 0);
	return answer.result;
}

static void permissions(void **state)
{
	const struct ipc_power_request force = { .verb = IPC_POWER_VERB_REBOOT, .has_force = true, .force = true };

	(void)state;
	assert_int_equal(table_new(), 0);
	table->set.mode = IPC_INIT_MODE_MACHINE;
	assert_int_equal(direct(1000, 1, IPC_INIT_STATUS, &(struct ipc_empty){ 0 }), 0);
	assert_int_equal(direct(1000, 2, IPC_INIT_POWER, &force), -EPERM);
	assert_int_equal(direct(1000, 3, IPC_INIT_REEXEC, &(struct ipc_empty){ 0 }), -EPERM);
	assert_int_equal(direct(1000, 4, IPC_INIT_SET_KEEPALIVE, &(struct ipc_keepalive_request){ true }), -EPERM);
	assert_int_equal(table->s.leaving, TABLE_STAY);
	assert_int_equal(direct(0, 5, IPC_INIT_RESTART_CORE, &(struct ipc_empty){ 0 }), -ESRCH);
	assert_int_equal(direct(0, 6, IPC_INIT_SWITCH_ROOT, &(struct ipc_switch_root){ .root = "/no/such", .init = "" }), -EINVAL);
	assert_int_equal(direct(0, 7, IPC_INIT_POWER, &force), 0);
	assert_int_equal(table->s.leaving, TABLE_SHUT_DOWN);
	table->s.leaving = TABLE_STAY;
	assert_int_equal(direct(0, 7, IPC_INIT_POWER, &force), 0);     /* the same request again: answered, not done */
	assert_int_equal(table->s.leaving, TABLE_STAY);
	assert_int_equal(direct(0, 8, IPC_INIT_POWER, &force), 0);
	assert_int_equal(table->s.leaving, TABLE_SHUT_DOWN);
}

static void garbage(void **state)
{
	static const uint8_t junk[][8] = { "", "\x93", "\x93\x01", "\xff\xff", "\x93\x01\xce\x00", "\x93\x01\x7f\x80", "\x93\x01\x01\xc0", "\x94\x01\x01\x80" };
	uint8_t out[1024];

	(void)state;
	assert_int_equal(table_new(), 0);
	for (size_t i = 0; i < ARRAY_SIZE(junk); i++) {
		struct arena a = ARENA_HEAP(4096);
		struct buf b = BUF_FIXED(out);
		struct msg_reply answer;

		method_call(0, junk[i], strlen((const char *)junk[i]), &b);
		assert_int_equal(buf_error(&b), 0);
		assert_int_equal(msg_reply_decode(b.data, b.len, &a, &answer), 0);
		assert_true(answer.result < 0);
		arena_reset(&a);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(stock_client), cmocka_unit_test(pages), cmocka_unit_test(bounds), cmocka_unit_test(permissions), cmocka_unit_test(garbage),
};

int main(void) { return cmocka_run_group_tests(tests, start, stop); }
