/* test-method.c - a stock libnng client talks to init.sock; methods, permissions, pages, bounds, and the answers that outlive an image */
#include "test.h"
#include <nng/nng.h>
#include <nng/protocol/reqrep0/req.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include "client.h"
#include "init.ipc.h"
#include "log.h"
#include "method.h"
#include "table.h"

#define N_CHILDREN 200
#define N_FDS 100

static char run_dir[] = "/tmp/test-method.XXXXXX";
static char url[128], path[108];
static pid_t server;

__attribute__((noreturn)) static void serve(void)
{
	struct loop *loop;

	if (loop_new(&loop, 4 + METHOD_PEERS, true) < 0)
		_exit(90);
	log_set_level(LOG_EMERG);
	if (method_setup(loop) < 0)
		_exit(91);
	loop_run(loop);
	_exit(92);
}

static void fill(void)
{
	table->set.mode = IPC_INIT_MODE_MACHINE;
	strcpy(table->set.run_dir, run_dir);
	for (uint64_t i = 0; i < N_CHILDREN; i++)
		table_add_child(i, "0123456789012345678901234567890123456789.service")->phase = IPC_CHILD_PHASE_EXECED;
	for (int i = 0; i < N_FDS; i++) {
		char name[256];

		snprintf(name, sizeof(name), "%0250d", i);
		table_store_fd(name, dup(0));
	}
}

/* the table is shared with the server's process, as it is with the next image of init */
static void start_server(void)
{
	server = fork();
	if (server == 0)
		serve();
	for (int i = 0; i < 200 && access(path, F_OK) < 0; i++)
		usleep(10000);
}

static void stop_server(void)
{
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	unlink(path);
	table->s.listen_fd = -1;        /* went with it */
}

static int start(void **state)
{
	(void)state;
	if (!mkdtemp(run_dir) || chmod(run_dir, 0755) < 0 || table_new() < 0)
		return -1;
	snprintf(path, sizeof(path), "%s/init.sock", run_dir);
	snprintf(url, sizeof(url), "ipc://%s", path);
	fill();
	start_server();
	return access(path, F_OK);
}

static int stop(void **state)
{
	(void)state;
	stop_server();
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

static unsigned server_fds(void)
{
	char name[64];
	struct stat st;
	unsigned n = 0;

	for (int fd = 0; fd < 4096; fd++) {
		snprintf(name, sizeof(name), "/proc/%d/fd/%d", (int)server, fd);
		n += lstat(name, &st) == 0;
	}
	return n;
}

static int ask(struct client *c, uint32_t method, const void *req)
{
	static struct ipc_init_status rep;
	struct arena a = ARENA_HEAP(1 << 16);
	int r = client_call(c, msg_method_by_id(&ipc_init_socket, method), req, &rep, &a, NULL);

	arena_reset(&a);
	return r;
}

/* many sockets, all of them silent: the bound holds, and who comes when they have had their time is served */
static void bounds(void **state)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	unsigned before = server_fds();
	struct client *c = NULL;
	int fds[3 * METHOD_PEERS];

	(void)state;
	strcpy(sa.sun_path, path);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		fds[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		assert_int_equal(connect(fds[i], (struct sockaddr *)&sa, sizeof(sa)), 0);
	}
	usleep(300000);
	assert_in_range(server_fds(), before + 1, before + METHOD_PEERS);
	for (int i = 0; i < 200 && client_open(&c, path, 1000) < 0; i++)
		usleep(100000);
	assert_non_null(c);
	assert_int_equal(ask(c, IPC_INIT_STATUS, &(struct ipc_empty){ 0 }), 0);
	client_free(c);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		close(fds[i]);
}

static const struct ipc_power_request force = { .verb = IPC_POWER_VERB_REBOOT, .has_force = true, .force = true };

/* the first that is wrong; 0: none */
static int as_nobody(void)
{
	struct client *c;

	if (setresgid(65534, 65534, 65534) < 0 || setresuid(65534, 65534, 65534) < 0 || client_open(&c, path, 5000) < 0)
		return 1;
	if (ask(c, IPC_INIT_STATUS, &(struct ipc_empty){ 0 }) != 0)
		return 2;
	if (ask(c, IPC_INIT_POWER, &force) != -EPERM)
		return 3;
	if (ask(c, IPC_INIT_REEXEC, &(struct ipc_empty){ 0 }) != -EPERM)
		return 4;
	if (ask(c, IPC_INIT_SET_KEEPALIVE, &(struct ipc_keepalive_request){ true }) != -EPERM)
		return 5;
	return 0;
}

static void permissions(void **state)
{
	struct client *c;
	pid_t pid;
	int status;

	(void)state;
	if (geteuid() != 0)
		skip();
	pid = fork();
	if (pid == 0)
		_exit(as_nobody());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(table->s.leaving, TABLE_STAY);
	assert_int_equal(client_open(&c, path, 5000), 0);
	assert_int_equal(ask(c, IPC_INIT_RESTART_CORE, &(struct ipc_empty){ 0 }), -ESRCH);
	assert_int_equal(ask(c, IPC_INIT_SWITCH_ROOT, &(struct ipc_switch_root){ .root = "/no/such", .init = "" }), -EINVAL);
	client_free(c);
}

/* asked again by the same id: answered, not done; also by the next image */
static void once(void **state)
{
	struct arena a = ARENA_HEAP(1 << 20);
	nng_socket s = dial();
	struct ipc_empty rep;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(call(s, 7, IPC_INIT_POWER, &force, &rep, &a), 0);
	assert_int_equal(table->s.leaving, TABLE_SHUT_DOWN);
	table->s.leaving = TABLE_STAY;
	assert_int_equal(call(s, 7, IPC_INIT_POWER, &force, &rep, &a), 0);
	assert_int_equal(table->s.leaving, TABLE_STAY);
	stop_server();
	start_server();
	assert_int_equal(call(s, 7, IPC_INIT_POWER, &force, &rep, &a), 0);
	assert_int_equal(table->s.leaving, TABLE_STAY);
	assert_int_equal(call(s, 8, IPC_INIT_POWER, &force, &rep, &a), 0);
	assert_int_equal(table->s.leaving, TABLE_SHUT_DOWN);
	nng_close(s);
	arena_reset(&a);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(stock_client), cmocka_unit_test(pages), cmocka_unit_test(bounds), cmocka_unit_test(permissions), cmocka_unit_test(once),
};

int main(void) { return cmocka_run_group_tests(tests, start, stop); }
