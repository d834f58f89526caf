/* test-child.c - spawn, exec, exit and watch with real children of this test; sysmaster-exec is the core double's */
#include "test.h"
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "child.h"
#include "exec.ipc.h"
#include "log.h"
#include "proc.h"

static struct loop *loop;
static char exec_path[4096];

/* as main() does it */
static void reap_all(void)
{
	for (siginfo_t si = { 0 }; waitid(P_ALL, 0, &si, WEXITED | WNOHANG | WNOWAIT) == 0 && si.si_pid != 0; si.si_pid = 0) {
		child_exited(&si);
		waitid(P_PID, (id_t)si.si_pid, NULL, WEXITED | WNOHANG);
	}
}

static int setup(void **state)
{
	ssize_t n = readlink("/proc/self/exe", exec_path, sizeof(exec_path) - 32);

	(void)state;
	if (n < 0 || table_new() < 0 || loop_new(&loop, 4, true) < 0)
		return -1;
	exec_path[n] = '\0';
	strcpy(strrchr(exec_path, '/'), "/sysmaster-exec");
	log_set_level(LOG_EMERG);
	child_setup(loop, exec_path);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	loop_free(loop);
	return 0;
}

static int blob(const char *text)
{
	int fd = memfd_create("command", MFD_CLOEXEC);

	assert_true(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static void ask_spawn(uint64_t token, const char *name, bool has_cgroup, const int *fds, size_t n)
{
	struct ipc_spawn m = { .token = token, .name = name, .has_cgroup = has_cgroup, .n_fds = (uint32_t)n - 1 - has_cgroup };
	struct frame f = { .body = &m, .n_fds = n };

	memcpy(f.fds, fds, n * sizeof(int));
	assert_int_equal(child_spawn(&f), 0);
}

static void ask_watch(uint64_t token, uint32_t pid, uint64_t start_ticks, const char *name)
{
	struct ipc_watch m = { .token = token, .pid = pid, .start_ticks = start_ticks, .name = name };

	assert_int_equal(child_watch(&(struct frame){ .body = &m }), 0);
}

static void ask_forget(uint64_t token) { assert_int_equal(child_forget(&(struct frame){ .body = &(struct ipc_token){ token } }), 0); }

static struct table_child *spawn(uint64_t token, const char *command)
{
	int fd = blob(command);

	ask_spawn(token, "test", false, &fd, 1);
	close(fd);
	return table_child_by_token(token);
}

static bool turn_until(const struct table_child *c, uint8_t phase)
{
	for (int i = 0; i < 500 && c->phase != phase; i++) {
		loop_turn(loop, 10);
		reap_all();
	}
	return c->phase == phase;
}

static void lives(void **state)
{
	struct table_child *c = spawn(1, "read x </dev/tty 2>/dev/null; sleep 0.2; exit 9");

	(void)state;
	assert_int_equal(c->phase, IPC_CHILD_PHASE_SPAWNED);
	assert_true(c->pid > 0);
	assert_true(c->start_ticks > 0);
	assert_int_equal(c->start_ticks, proc_stat(c->pid, NULL));
	assert_true(turn_until(c, IPC_CHILD_PHASE_EXECED));
	assert_true(c->exec_usec >= c->spawn_usec && c->spawn_usec > 0);
	assert_true(turn_until(c, IPC_CHILD_PHASE_EXITED));
	assert_int_equal(c->code, CLD_EXITED);
	assert_int_equal(c->status, 9);
	assert_true(c->exit_usec > 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void asked_twice(void **state)
{
	struct table_child *c = spawn(1, "exit 3");
	uint32_t pid = c->pid;

	(void)state;
	assert_ptr_equal(spawn(1, "exit 4"), c);        /* the packet is seen again after a crash of ours */
	assert_int_equal(c->pid, pid);
	assert_true(turn_until(c, IPC_CHILD_PHASE_EXITED));
	assert_int_equal(c->status, 3);
	c->pid = 0;                                     /* a crash before the clone: nobody was born, so it is done again */
	c->phase = IPC_CHILD_PHASE_SPAWNED;
	c = spawn(1, "exit 5");
	assert_true(turn_until(c, IPC_CHILD_PHASE_EXITED));
	assert_int_equal(c->status, 5);
}

static void fails(void **state)
{
	struct table_child *c = spawn(1, "!");
	int fd = blob("");

	(void)state;
	assert_true(turn_until(c, IPC_CHILD_PHASE_EXITED));
	assert_int_equal(c->stage, 200);
	assert_int_equal(c->error, -ENOENT);
	assert_int_equal(c->status, 200);
	child_setup(loop, "/no/such/sysmaster-exec");
	c = spawn(2, "");
	assert_true(turn_until(c, IPC_CHILD_PHASE_EXITED));
	assert_int_equal(c->stage, 203);
	assert_int_equal(c->error, -ENOENT);
	ask_spawn(3, "no cgroup", true, (int[]){ fd, fd }, 2);        /* a file is no cgroup */
	c = table_child_by_token(3);
	assert_int_equal(c->phase, IPC_CHILD_PHASE_FAILED);
	assert_int_equal(c->error, -EBADF);
	assert_int_equal(c->pid, 0);
	close(fd);
}

/* what core adds arrives as 5, 6, 7 in its order, however the numbers lie here */
static void fds_keep_their_order(void **state)
{
	int fds[4] = { blob("cat <&5 >&8; cat <&6 >&8; cat <&7 >&8; exit $(ls /proc/self/fd | wc -l)") }, ends[2];
	char text[16] = "";
	struct table_child *c;

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	for (int i = 1; i < 4; i++) {
		int fd = blob((const char *[]){ "", "a", "b", "c" }[i]), to = 9 - i;   /* where others are to go */

		fds[i] = fcntl(to, F_GETFD) < 0 ? dup2(fd, to) : fcntl(fd, F_DUPFD, 20);
		if (fds[i] != fd)
			close(fd);
		lseek(fds[i], 0, SEEK_SET);
	}
	ask_spawn(1, "test", false, (int[]){ fds[0], fds[1], fds[2], fds[3], ends[1] }, 5);
	close(ends[1]);
	c = table_child_by_token(1);
	assert_true(turn_until(c, IPC_CHILD_PHASE_EXITED));
	assert_int_equal(read(ends[0], text, sizeof(text)), 3);
	assert_string_equal(text, "abc");
	assert_int_equal(c->status, 3 + 4 + 1);         /* stdio, ours, and ls's own: not even the blob and the report pipe */
	close(ends[0]);
	for (int i = 0; i < 4; i++)
		close(fds[i]);
}

static void recorded_before_reaped(void **state)
{
	struct table_child *c = spawn(1, "exit 6");
	siginfo_t si = { 0 };

	(void)state;
	assert_int_equal(waitid(P_PID, c->pid, &si, WEXITED | WNOWAIT), 0);
	assert_true(child_exited(&si));                 /* ... and a crash here ... */
	assert_int_equal(c->phase, IPC_CHILD_PHASE_EXITED);
	assert_false(child_exited(&si));                /* ... is harmless: the next image meets the zombie again */
	reap_all();
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(c->status, 6);
	ask_forget(1);
	ask_forget(1);
	assert_null(table_child_by_token(1));
}

static void watches(void **state)
{
	struct table_child *c;
	uint32_t ppid = 0;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		usleep(100000);
		_exit(12);
	}
	assert_true(proc_stat((uint32_t)pid, &ppid) > 0);
	assert_int_equal(ppid, getpid());
	ask_watch(5, (uint32_t)pid, 0, "watched");
	c = table_child_by_token(5);
	assert_int_equal(c->phase, IPC_CHILD_PHASE_EXECED);
	assert_true(turn_until(c, IPC_CHILD_PHASE_EXITED));
	assert_int_equal(c->status, 12);
	ask_watch(6, (uint32_t)getpid(), 1, "another process of that pid");
	assert_int_equal(table_child_by_token(6)->phase, IPC_CHILD_PHASE_EXITED);
	assert_int_equal(table_child_by_token(6)->code, 0);
}

/* not our child, and it never becomes one: its end is seen all the same */
static void watches_a_stranger(void **state)
{
	struct table_child *c;
	int ends[2];
	pid_t pid, stranger = 0;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		stranger = fork();
		if (stranger == 0) {
			usleep(200000);
			_exit(1);
		}
		if (write(ends[1], &stranger, sizeof(stranger)) < 0)
			_exit(2);
		waitpid(stranger, NULL, 0);
		_exit(0);
	}
	assert_int_equal(read(ends[0], &stranger, sizeof(stranger)), sizeof(stranger));
	ask_watch(7, (uint32_t)stranger, 0, "stranger");
	c = table_child_by_token(7);
	assert_int_equal(c->phase, IPC_CHILD_PHASE_EXECED);
	assert_true(turn_until(c, IPC_CHILD_PHASE_EXITED));
	assert_int_equal(c->code, 0);
	waitpid(pid, NULL, 0);
	close(ends[0]);
	close(ends[1]);
}

/* where a container's filter knows no clone3, fork does; a cgroup that cannot be entered is told then too */
static void without_clone3(void **state)
{
	struct sock_filter prog[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog fprog = { ARRAY_SIZE(prog), prog };
	pid_t pid = fork();
	int status;

	(void)state;
	if (pid == 0) {
		struct table_child *c;
		int fd = blob(""), dir = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &fprog) < 0)
			_exit(1);
		c = spawn(1, "exit 8");
		if (!turn_until(c, IPC_CHILD_PHASE_EXITED) || c->status != 8 || c->pid == 0)
			_exit(2);
		ask_spawn(2, "no cgroup", true, (int[]){ fd, dir }, 2);
		c = table_child_by_token(2);
		if (!turn_until(c, IPC_CHILD_PHASE_EXITED) || c->stage != IPC_EXEC_STAGE_CGROUP || c->error == 0)
			_exit(3);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static int refuse_after;
static int count_told(struct table_child *c)
{
	c->told = refuse_after-- > 0;
	return c->told ? 0 : -EAGAIN;
}

static void tells_until_told(void **state)
{
	(void)state;
	for (uint64_t i = 1; i <= 3; i++)
		turn_until(spawn(i, "exit 0"), IPC_CHILD_PHASE_EXITED);
	refuse_after = 2;
	assert_int_equal(child_tell(count_told), -EAGAIN);
	refuse_after = 1;
	assert_int_equal(child_tell(count_told), 0);    /* only the one that was left */
	assert_int_equal(child_tell(count_told), 0);
	child_tell_all();
	refuse_after = 3;
	assert_int_equal(child_tell(count_told), 0);
	assert_int_equal(refuse_after, 0);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
static const struct CMUnitTest tests[] = {
	T(lives), T(asked_twice), T(fails), T(fds_keep_their_order), T(recorded_before_reaped), T(watches), T(watches_a_stranger), T(without_clone3), T(tells_until_told),
};

int main(void)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
