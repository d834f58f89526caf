/*
 * gen-syscalls.c - prints the numbers of all system calls that libseccomp knows, for the architectures of run/seccomp.c, as C rows
 * sorted by architecture and name: a service's start then needs no library for them
 */
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALL_MAX 1023

static const uint32_t archs[] = {
#if defined(__x86_64__)
	SCMP_ARCH_X86_64, SCMP_ARCH_X86,
#elif defined(__aarch64__)
	SCMP_ARCH_AARCH64, SCMP_ARCH_ARM,
#elif defined(__riscv)
	SCMP_ARCH_RISCV64,
#elif defined(__s390x__)
	SCMP_ARCH_S390X, SCMP_ARCH_S390,
#elif defined(__powerpc64__)
	SCMP_ARCH_PPC64LE,
#endif
};

struct call { char *name; int nr; };

static int by_name(const void *a, const void *b) { return strcmp(((const struct call *)a)->name, ((const struct call *)b)->name); }

int main(void)
{
	struct call calls[CALL_MAX + 1];

	for (size_t i = 0; i < sizeof(archs) / sizeof(*archs); i++) {
		size_t n = 0;

		for (int nr = 0; nr <= CALL_MAX; nr++) {
			char *name = seccomp_syscall_resolve_num_arch(archs[i], nr);

			if (name)
				calls[n++] = (struct call){ name, nr };
		}
		if (n < 200)
			return 1;               /* no table of an architecture is that short */
		qsort(calls, n, sizeof(*calls), by_name);
		for (size_t j = 0; j < n; j++) {
			printf("{ %#xu, %d, \"%s\" },\n", archs[i], calls[j].nr, calls[j].name);
			free(calls[j].name);
		}
	}
	return 0;
}
