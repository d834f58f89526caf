/* test-crash.c - real faults, a stack overflow among them: the next image finds the table and what happened in it */
#include "test.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include "common/recovery.h"
#include "crash.h"
#include "helper.h"
#include "log.h"
#include "table.h"

#define NO_SANITIZER __attribute__((noinline, no_sanitize("address", "undefined")))

struct row { const char *what; void (*fault)(void); int signo; };

static volatile int zero;

NO_SANITIZER static int deeper(volatile char *above)
{
	volatile char here[4096];

	here[0] = above ? above[0] : 0;
	return zero == 0 ? deeper(here) + here[1] : 0;  /* it always is */
}

NO_SANITIZER static void stack_overflow(void) { zero = deeper(NULL); }
NO_SANITIZER static void wild_pointer(void) { *(volatile int *)(uintptr_t)(16 + zero) = 1; }
NO_SANITIZER static void division(void) { zero = (int)getpid() / zero; }
NO_SANITIZER static void bad_instruction(void) { __builtin_trap(); }

NO_SANITIZER static void truncated_file(void)
{
	int fd = memfd_create("short", MFD_CLOEXEC);
	volatile char *p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);

	zero = p[0];
}

static void row(void **state)
{
	const struct row *r = *state;
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		struct rlimit small = { 1 << 20, 1 << 20 };

		setrlimit(RLIMIT_STACK, &small);
		helper_find_self();
		if (table_new() < 0)
			_exit(97);
		table->s.core_starts = 77;
		crash_arm((char *[]){ (char *)"test-crash", (char *)"word", NULL }, "test-crash");
		r->fault();
		_exit(96);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), r->signo);
}

/* the image after the crash: the signal as status; 95 when the table is not what it was */
static int after(const char *arg, const char *word)
{
	sigset_t set;
	int signo;

	if (!word || !streq(word, "word"))
		return 92;
	sigprocmask(SIG_SETMASK, NULL, &set);
	if (!sigismember(&set, SIGSEGV))        /* nothing may come in before the handlers are there again */
		return 94;
	if (table_adopt(atoi(arg)) != 0 || table->s.core_starts != 77)
		return 95;
	log_set_level(LOG_EMERG);
	signo = table->s.crash_signo;
	table->s.crashes = (struct rate){ now_usec(CLOCK_BOOTTIME), 1 };
	if (recovery_report(1) != true || recovery_report(1) != false)        /* the second; and told once */
		return 93;
	return signo;
}

static const struct CMUnitTest tests[] = {
	ROW(row, "wild pointer", wild_pointer, SIGSEGV),
	ROW(row, "stack overflow", stack_overflow, SIGSEGV),
	ROW(row, "truncated file", truncated_file, SIGBUS),
	ROW(row, "abort", abort, SIGABRT),
#if defined(__x86_64__)
	ROW(row, "division", division, SIGFPE),
	ROW(row, "bad instruction", bad_instruction, SIGILL),
#endif
};

int main(int argc, char **argv)
{
	if (argc > 1 && startswith(argv[1], CRASH_TABLE_ARG))
		return after(argv[1] + 8, argv[2]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
