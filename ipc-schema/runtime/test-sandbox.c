/* test-sandbox.c - every group enters, what is not listed kills, and a whole daemon (libnng, LMDB, log, loop) lives inside */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include <fcntl.h>
#include <lmdb.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include "client.h"
#include "log.h"
#include "sample.ipc.h"
#include "sandbox.h"
#include "server.h"

static char dir[] = "/tmp/test-sandbox.XXXXXX";

static const struct sandbox_group groups[] = {
	{ "memory, ids, random bytes", sandbox_memory }, { "files", sandbox_files },     { "time", sandbox_time },
	{ "waiting", sandbox_poll },                     { "sockets", sandbox_sockets }, { "threads", sandbox_threads },
	{ "signals", sandbox_signals },                  { "exit", sandbox_exit },
};
static const struct sandbox_list daemon_list = { "test-daemon", groups, ARRAY_SIZE(groups) };

/* Runs fn in a child; its wait status. */
static int in_child(int (*fn)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(fn());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void every_group_is_known(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		struct sandbox_list one = { "test", &groups[i], 1 };

		assert_int_equal(sandbox_check(&one), 0);
	}
	assert_int_equal(sandbox_check(&daemon_list), 0);
}

static const struct sandbox_group *current;
static int enter_one(void)
{
	struct sandbox_group two[] = { *current, { "exit", sandbox_exit } };
	struct sandbox_list list = { "test", two, 2 };

	return sandbox_enter(&list) == 0 ? 7 : 1;
}

static void every_group_enters(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		int status;

		current = &groups[i];
		status = in_child(enter_one);
		if (!WIFEXITED(status) || WEXITSTATUS(status) != 7)
			fail_msg("group \"%s\": wait status %#x", groups[i].purpose, status);
	}
}

static void unknown_name(void **state)
{
	static const char *const names[] = { "read", "no_such_call", NULL };
	static const struct sandbox_group bad = { "bad", names };
	static const struct sandbox_list list = { "test", &bad, 1 };

	assert_int_equal(sandbox_check(&list), -ENOENT);
	assert_int_equal(sandbox_enter(&list), -ENOENT);        /* and nothing has been entered: */
	assert_true(chroot("/nowhere") < 0);
}

/* -- forbidden calls */

static void do_execve(void)
{
	char *const args[] = { (char *)(uintptr_t)"true", NULL };

	execve("/bin/true", args, args);
}
static void do_inet(void) { socket(AF_INET, SOCK_STREAM, 0); }
static void do_mount(void) { mount("x", "/nowhere", "tmpfs", 0, NULL); }
static void do_chroot(void) { chroot("/nowhere") < 0 ? (void)0 : (void)1; }
static void do_setuid(void) { setuid(getuid()) < 0 ? (void)0 : (void)1; }
static void do_mknod(void) { mknod("/nowhere/x", S_IFIFO, 0); }
#ifndef __SANITIZE_ADDRESS__            /* ASan's own run-time needs these, see sandbox.c */
static void do_kill(void) { kill(getppid(), 0); }
static void do_ptrace(void) { ptrace(PTRACE_TRACEME, 0, NULL, NULL); }
static void do_fork(void)
{
	if (fork() == 0)
		_exit(0);
}
static void do_exec_memory(void) { mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }
static void do_exec_protect(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	mprotect(p, 4096, PROT_READ | PROT_EXEC);
}
#endif

static const struct forbidden { const char *name; void (*fn)(void); } forbidden[] = {
	{ "execve", do_execve }, { "socket(AF_INET)", do_inet }, { "mount", do_mount }, { "chroot", do_chroot }, { "setuid", do_setuid },
	{ "mknod", do_mknod },
#ifndef __SANITIZE_ADDRESS__
	{ "kill", do_kill }, { "ptrace", do_ptrace }, { "fork", do_fork }, { "mmap(PROT_EXEC)", do_exec_memory },
	{ "mprotect(PROT_EXEC)", do_exec_protect },
#endif
};

static const struct forbidden *attempt;
static int attempt_inside(void)
{
	if (sandbox_enter(&daemon_list) < 0)
		return 1;
	attempt->fn();
	return 2;
}

static void forbidden_call_kills(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(forbidden); i++) {
		int status;

		attempt = &forbidden[i];
		status = in_child(attempt_inside);
		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
			fail_msg("%s: wait status %#x, expected death by SIGSYS", attempt->name, status);
	}
}

/* A thread that ran before the sandbox was entered is inside as well, and takes the whole process with it. */
static int gate[2];
static void *late_thread(void *arg)
{
	char c;

	if (read(gate[0], &c, 1) == 1)
		do_mount();
	return NULL;
}

static int thread_inside(void)
{
	pthread_t t;

	if (pipe2(gate, O_CLOEXEC) < 0 || pthread_create(&t, NULL, late_thread, NULL) != 0 || sandbox_enter(&daemon_list) < 0)
		return 1;
	if (write(gate[1], "x", 1) != 1)
		return 1;
	pthread_join(t, NULL);
	return 2;
}

static void threads_are_inside(void **state)
{
	int status = in_child(thread_inside);

	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
}

/* -- a daemon as the suite has them */

struct house {
	struct loop *loop;
	struct server *server;
	struct source signals;
	MDB_env *env;
};

/* Commits to the store, publishes, and answers with the kernel's word on the sandbox. */
static int point(struct server_call *c, const void *req, void *rep)
{
	struct house *h = c->user;
	struct ipc_point *out = rep;
	char status[4096] = "";
	_cleanup_(closep) int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	MDB_val key = { 3, (void *)(uintptr_t)"key" }, value = { 5, (void *)(uintptr_t)"value" };
	MDB_txn *txn;
	MDB_dbi dbi;

	if (mdb_txn_begin(h->env, NULL, 0, &txn) != 0 || mdb_dbi_open(txn, NULL, 0, &dbi) != 0 ||
	    mdb_put(txn, dbi, &key, &value, 0) != 0 || mdb_txn_commit(txn) != 0)
		return -EIO;
	if (fd < 0 || read(fd, status, sizeof(status) - 1) <= 0)
		return -errno;
	log_event(LOG_INFO, "TEST_POINT", "a point came", F_I64("X", ((const struct ipc_point *)req)->x));
	server_publish(c->server, IPC_SAMPLE_EV_MOVED, req);
	out->x = strstr(status, "Seccomp:\t2") != NULL;
	out->y = strstr(status, "NoNewPrivs:\t1") != NULL;
	return 0;
}

static int on_signal(struct source *s, uint32_t events)
{
	struct signalfd_siginfo info;

	if (read(s->fd, &info, sizeof(info)) == sizeof(info))
		loop_exit(s->loop, 0);
	return 0;
}

static char path[80], events_path[80];

static int house_init(struct house *h, int signal_fd)
{
	static const struct server_method methods[] = { { IPC_SAMPLE_POINT, point } };
	struct server_config config = { .socket = &ipc_sample_socket, .path = path, .events_path = events_path, .methods = methods,
					.n_methods = 1, .user = h };
	char name[80];

	snprintf(name, sizeof(name), "%s/log", dir);
	log_open("test-daemon", LOG_TO_FILE, name);
	snprintf(name, sizeof(name), "%s/store", dir);
	if (mdb_env_create(&h->env) != 0 || mdb_env_open(h->env, name, MDB_NOSUBDIR | MDB_NOTLS, 0600) != 0)
		return -EIO;
	if (loop_new(&h->loop, 4, false) < 0 || source_add(h->loop, &h->signals, signal_fd, EPOLLIN, on_signal) < 0)
		return -EIO;
	return server_new(&h->server, &config);
}

/* Listens inside: nothing that needs more comes after the first libnng socket is open. */
static int daemon_main(int ready_fd)
{
	struct house h = { 0 };
	sigset_t set;
	int fd, r;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0 || house_init(&h, fd) < 0 || sandbox_enter(&daemon_list) < 0 || server_start(h.server, h.loop) < 0)
		return 1;
	if (write(ready_fd, "x", 1) != 1)
		return 1;
	r = loop_run(h.loop);
	source_del(&h.signals);
	server_free(h.server);
	loop_free(h.loop);
	mdb_env_close(h.env);
	close(fd);
	close(ready_fd);
	return r == 0 ? 0 : 1;
}

static void talk(void)
{
	_cleanup_(client_freep) struct client *c = NULL;
	_cleanup_(subscriber_freep) struct subscriber *s = NULL;
	const struct msg_method *m = msg_method_by_name(&ipc_sample_socket, "point");
	struct ipc_point p = { 4, 4 };
	struct msg_event_frame e;

	assert_int_equal(subscriber_open(&s, events_path, 3000), 0);
	poll(NULL, 0, 50);
	for (int i = 0; i < 300; i++) {
		struct arena a = ARENA_HEAP(4096);
		struct client *passing = NULL;

		if (!c)
			assert_int_equal(client_open(&c, path, 5000), 0);
		assert_int_equal(client_open(&passing, path, 5000), 0);
		client_free(passing);
		assert_int_equal(client_call(c, m, &p, &p, &a, NULL), 0);
		assert_int_equal(p.x, 1);       /* the kernel says: filtered */
		assert_int_equal(p.y, geteuid() != 0);
		arena_reset(&a);
	}
	assert_int_equal(subscriber_next(s, 2000, &e), 0);
}

static void daemon_lives_inside(void **state)
{
	int ready[2], status;
	pid_t pid;
	char c;

	snprintf(path, sizeof(path), "%s/sock", dir);
	snprintf(events_path, sizeof(events_path), "%s/events", dir);
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		exit(daemon_main(ready[1]));    /* by exit(3), so that leak checks and destructors run inside too */
	close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
	talk();
	assert_int_equal(kill(pid, SIGTERM), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fail_msg("the daemon ended with wait status %#x", status);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(every_group_is_known), cmocka_unit_test(every_group_enters), cmocka_unit_test(unknown_name),
	cmocka_unit_test(forbidden_call_kills), cmocka_unit_test(threads_are_inside), cmocka_unit_test(daemon_lives_inside),
};

int main(void)
{
	static const char *const files[] = { "sock", "events", "log", "store", "store-lock" };
	char name[80];
	int r;

	if (!mkdtemp(dir))
		return 1;
	r = cmocka_run_group_tests(tests, NULL, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(name, sizeof(name), "%s/%s", dir, files[i]);
		unlink(name);
	}
	rmdir(dir);
	return r;
}
