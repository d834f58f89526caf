/* test-filter.c - the system-wide filter, run by a small interpreter for every ABI, and for real in a child */
#include "test.h"
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "setup/filter.h"

struct row { bool obsolete, native; uint32_t arch, nr; bool denied; };

static uint32_t interpret(const struct sock_filter *p, size_t n, const struct seccomp_data *d)
{
	uint32_t a = 0;

	for (size_t i = 0; i < n; i++)
		switch (p[i].code) {
		case BPF_LD | BPF_W | BPF_ABS:
			memcpy(&a, (const char *)d + p[i].k, sizeof(a));
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			i += a == p[i].k ? p[i].jt : p[i].jf;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			i += a >= p[i].k ? p[i].jt : p[i].jf;
			break;
		case BPF_RET | BPF_K:
			return p[i].k;
		default:
			fail();
		}
	fail();
	return 0;
}

static void row(void **state)
{
	const struct row *r = *state;
	struct sock_filter prog[SETTINGS_FILTER];
	size_t n = filter_build(prog, r->obsolete, r->native);

	assert_in_range(n, 1, SETTINGS_FILTER);
	assert_int_equal(interpret(prog, n, &(struct seccomp_data){ .arch = r->arch, .nr = (int)r->nr }),
			 r->denied ? (SECCOMP_RET_ERRNO | ENOSYS) : SECCOMP_RET_ALLOW);
}

static void for_real(void **state)
{
	struct sock_filter prog[SETTINGS_FILTER];
	int status;
	pid_t pid;

	(void)state;
	assert_int_equal(filter_build(prog, false, false), 0);
	if (geteuid() != 0)
		skip();
	pid = fork();
	if (pid == 0) {
		struct sock_fprog fprog = { .filter = prog, .len = (unsigned short)filter_build(prog, true, true) };

		if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &fprog) < 0)
			_exit(1);
#ifdef __x86_64__
		if (syscall(139, 1, "x") != -1 || errno != ENOSYS)     /* sysfs(2) */
			_exit(2);
#endif
		_exit(getppid() > 0 ? 0 : 3);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static const struct CMUnitTest tests[] = {
#ifdef __x86_64__
	ROW(row, true, false, AUDIT_ARCH_X86_64, SYS_read, false),
	ROW(row, true, false, AUDIT_ARCH_X86_64, 134, true),
	ROW(row, true, false, AUDIT_ARCH_X86_64, 236, true),
	ROW(row, true, false, AUDIT_ARCH_X86_64, 450, false),
	ROW(row, true, false, AUDIT_ARCH_I386, 134, false),
	ROW(row, true, true, AUDIT_ARCH_I386, 3, true),
	ROW(row, true, false, AUDIT_ARCH_X86_64, 0x40000000, false),
	ROW(row, true, true, AUDIT_ARCH_X86_64, 0x40000000, true),
	ROW(row, false, true, AUDIT_ARCH_X86_64, 134, false),
	ROW(row, false, true, AUDIT_ARCH_X86_64, 0x40000001, true),
#endif
	cmocka_unit_test(for_real),
};

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
