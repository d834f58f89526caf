/*
 * test-start.c - what sysmaster-exec costs a plain service: system calls from its own exec to the command's, counted by ptrace(2),
 * and the time of both, which is printed and not judged (machines differ)
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <cmocka.h>
#include "exec/context.h"

#define CALLS_MAX 46                    /* with those of the C library before main() */
#define RUNS 200

static char program[4096];
static struct diag_sink sink;
static char *manager_env[] = { (char *)"PATH=/usr/sbin:/usr/bin:/sbin:/bin", (char *)"LANG=C.UTF-8", NULL };
static struct unit_host host = { .environment = manager_env };
static struct unit unit = { .id = (char *)"plain.service", .invocation_id = { 1 } };

static void plain(struct unit_spawn *s)
{
	static char *argv[] = { (char *)"/bin/true", NULL };
	struct command cmd = { .path = argv[0], .argv = argv };
	struct exec_context c;
	struct exec_run run = { .unit = &unit, .context = &c, .command = &cmd, .stdio_fd = -1, .apply_sandbox = true, .apply_user = true };

	exec_context_init(&c);
	assert_return_code(exec_context_load(&unit, &c, true), 0);
	assert_return_code(exec_blob(&run, s), 0);
	exec_context_done(&c);
}

/* the child stops itself when it is @traced; *report: the end of its pipe, which the command's exec closes */
static pid_t begin(const struct unit_spawn *s, bool traced, int *report)
{
	int rep[2], blob = memfd_create("blob", MFD_CLOEXEC);
	pid_t pid;

	assert_true(blob >= 0);
	assert_int_equal(write(blob, s->blob.data, s->blob.len), (ssize_t)s->blob.len);
	assert_return_code(pipe2(rep, O_CLOEXEC), errno);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		int b = fcntl(blob, F_DUPFD, 100), w = fcntl(rep[1], F_DUPFD, 101);

		dup2(b, 3);
		dup2(w, 4);
		syscall(SYS_close_range, 5, ~0u, 0);
		if (traced)
			ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		execle(program, "sysmaster-exec", (char *)NULL, (char *[]){ (char *)"PATH=/usr/bin:/bin", NULL });
		_exit(98);
	}
	close(blob);
	close(rep[1]);
	*report = rep[0];
	return pid;
}

static void calls(void **state)
{
	struct unit_spawn *s = calloc(1, sizeof(*s));
	int status, report, stops = 0, execs = 0;
	pid_t pid;

	assert_non_null(s);
	plain(s);
	pid = begin(s, true, &report);
	while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status)) {
		if (WSTOPSIG(status) == SIGTRAP && execs++ == 0) {
			ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL);
		} else if (execs >= 2) {
			break;          /* the command is there */
		}
		stops += WSTOPSIG(status) == (SIGTRAP | 0x80);
		ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
	}
	assert_int_equal(execs, 2);
	ptrace(PTRACE_KILL, pid, NULL, NULL);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	close(report);
	printf("figure - system calls from the exec of sysmaster-exec to the command's: %d\n", (stops + 1) / 2);
#ifndef __SANITIZE_ADDRESS__
	assert_true((stops + 1) / 2 <= CALLS_MAX);
#endif
	buf_finish(&s->blob);
	free(s);
}

static int by_size(const void *a, const void *b) { return *(const uint64_t *)a < *(const uint64_t *)b ? -1 : *(const uint64_t *)a > *(const uint64_t *)b; }

static void pace(void **state)
{
	struct unit_spawn *s = calloc(1, sizeof(*s));
	uint64_t usec[RUNS];
	int status, report;
	char byte;

	assert_non_null(s);
	plain(s);
	for (size_t i = 0; i < RUNS; i++) {
		uint64_t t0 = now_usec(CLOCK_MONOTONIC);
		pid_t pid = begin(s, false, &report);

		assert_int_equal(read(report, &byte, 1), 0);
		usec[i] = now_usec(CLOCK_MONOTONIC) - t0;
		close(report);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
	}
	qsort(usec, RUNS, sizeof(*usec), by_size);
	printf("figure - fork to the command's exec, microseconds: median %llu, best %llu\n", (unsigned long long)usec[RUNS / 2], (unsigned long long)usec[0]);
	buf_finish(&s->blob);
	free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(calls), cmocka_unit_test(pace) };
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 32);
	int failed;

	if (n < 0)
		return 1;
	program[n] = 0;
	strcpy(strrchr(program, '/') + 1, "sysmaster-exec");
	if (unit_set_new(&unit.set, NULL, &host, &sink) < 0)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unit_set_free(unit.set);
	return failed;
}
