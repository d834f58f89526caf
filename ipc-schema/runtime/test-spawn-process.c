/* test-spawn-process.c - what a child is born with: descriptors in their places, a group, a signal mask, and how it says that it failed */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include "exec.ipc.h"
#include "spawn-process.h"

static char *const no_env[] = { NULL };

static int status_of(uint32_t pid)
{
	int status;

	assert_int_equal(waitpid((pid_t)pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* what a shell says of itself */
static void born_well(void **state)
{
	static const char *const argv[] = {
		"sh", "-c", "read a <&3; read b <&4; read c; read -r x x x x g x </proc/$$/stat; [ $g = $$ ] && echo \"$a$b$c\"; [ -e /proc/$$/fd/5 ] || echo none;"
		" grep SigBlk /proc/self/status", NULL,
	};
	int in[3][2], out[2];
	char text[256] = "";
	sigset_t all, before;
	uint32_t pid = 0;
	size_t n = 0;
	ssize_t r;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_true(pipe2(in[i], O_CLOEXEC) == 0 && write(in[i][1], &"a\nb\nc\n"[2 * i], 2) == 2);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	assert_int_equal(spawn_process(&(struct spawn){ .path = "/bin/sh", .argv = argv, .envp = no_env, .own_group = true,
				       .stdio = (int[]){ in[2][0], out[1], STDERR_FILENO }, .fds = (int[]){ in[0][0], in[1][0] }, .n_fds = 2 }, &pid), 0);
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(out[1]);
	while ((r = read(out[0], text + n, sizeof(text) - 1 - n)) > 0)
		n += (size_t)r;
	assert_int_equal(status_of(pid), 0);
	assert_string_equal(text, "abc\nnone\nSigBlk:\t0000000000000000\n");
	close(out[0]);
	for (int i = 0; i < 3; i++)
		for (int k = 0; k < 2; k++)
			close(in[i][k]);
}

static void fails(void **state)
{
	static const char *const argv[] = { "none", NULL };
	struct spawn_report report = { 0 };
	uint32_t pid = 0;
	int ends[2];

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(spawn_process(&(struct spawn){ .path = "/no/such/program", .argv = argv, .envp = no_env, .fds = &ends[1], .n_fds = 1,
				       .report_fd = 3 }, &pid), 0);
	assert_int_equal(status_of(pid), IPC_EXEC_STAGE_EXEC);
	assert_int_equal(read(ends[0], &report, sizeof(report)), sizeof(report));
	assert_int_equal(report.stage, IPC_EXEC_STAGE_EXEC);
	assert_int_equal(report.error, -ENOENT);
	assert_int_equal(spawn_process(&(struct spawn){ .n_fds = SPAWN_MAX_FDS + 1 }, &pid), -E2BIG);
	close(ends[0]);
	close(ends[1]);
}

static const struct CMUnitTest tests[] = { cmocka_unit_test(born_well), cmocka_unit_test(fails) };

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
