/* crash.c - see crash.h */
#include <stdio.h>
#include "crash.h"
#include "helper.h"
#include "table.h"

#define STACK_BYTES 16384
#define MAX_ARGS 64     /* the kernel hands over 32 */

static const int signals[] = { SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE };
static pid_t self;
static sigset_t others;
static char arg_table[32], first[4096]; /* made while all is well, as is args */
static const char *args[MAX_ARGS] = { "sysmaster-init", arg_table };

const char *const *crash_args(void) { return args + 1; }        /* in the place of argv[0] */
const sigset_t *crash_others(void) { return &others; }

int crash_reexec(void)
{
	execve(helper_self(), (char *const *)(uintptr_t)args, environ);
	execve("/proc/self/exe", (char *const *)(uintptr_t)args, environ);
	return -errno;
}

int crash_become(const char *program)
{
	sigset_t all;
	int r;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);   /* what comes in between waits for the new image, as after a crash */
	args[0] = program;
	r = helper_exec(program, args);
	sigprocmask(SIG_SETMASK, &others, NULL);
	return r;
}

static void handler(int signo, siginfo_t *si, void *context)
{
	static const char last[] = "<0>sysmaster-init: crashed and cannot execute itself again; frozen\n";

	(void)context;
	if (getpid() != self)   /* a child of ours on its way to somewhere else */
		_exit(128 + signo);
	table->s.crash_code = si->si_code;
	table->s.crash_addr = si->si_code > 0 ? (uint64_t)(uintptr_t)si->si_addr : (uint64_t)si->si_pid;
	table->s.crash_signo = signo;
	execve(first, (char *const *)(uintptr_t)args, environ);
	crash_reexec();
	if (write(STDERR_FILENO, last + 3, sizeof(last) - 4) < 0 || getpid() != 1)
		_exit(128 + signo);
	for (;;)        /* PID 1 that ends is a kernel panic: what runs goes on running */
		pause();
}

int crash_table_fd(int argc, char **argv)
{
	return argc > 1 && startswith(argv[1], CRASH_TABLE_ARG) ? atoi(argv[1] + strlen(CRASH_TABLE_ARG)) : -1;
}

void crash_arm(char **argv, const char *program)
{
	static _Alignas(16) char stack[STACK_BYTES];
	stack_t ss = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction sa = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK };

	self = getpid();
	helper_path(first, sizeof(first), program);
	snprintf(arg_table, sizeof(arg_table), CRASH_TABLE_ARG "%d", table_memfd());
	argv += argv[0] && argv[1] && startswith(argv[1], CRASH_TABLE_ARG) ? 2 : argv[0] != NULL;
	for (int i = 2; i < MAX_ARGS - 1 && *argv; i++)
		args[i] = *argv++;
	sigaltstack(&ss, NULL);
	sigfillset(&sa.sa_mask);        /* a second signal waits for the new image */
	sigfillset(&others);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		sigaction(signals[i], &sa, NULL);
		sigdelset(&others, signals[i]);
	}
	sigprocmask(SIG_SETMASK, &others, NULL);
}
