/* filter.c - see filter.h */
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/syscall.h>
#include "setup/filter.h"

#if defined(__x86_64__)
#define NATIVE_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE_ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv)
#define NATIVE_ARCH AUDIT_ARCH_RISCV64
#else
#error "name the audit architecture of this machine"
#endif

#define X32_BIT 0x40000000U     /* __X32_SYSCALL_BIT */
#define NOT_THERE (SECCOMP_RET_ERRNO | ENOSYS)

/* By number, since the C library of today does not name the oldest any more; Source: syscalls(2), the kernel's syscall_64.tbl. */
static const uint32_t obsolete_calls[] = {
#if defined(__x86_64__)
	134,    /* uselib */
	136,    /* ustat */
	139,    /* sysfs */
	156,    /* _sysctl */
	174,    /* create_module */
	177,    /* get_kernel_syms */
	178,    /* query_module */
	180,    /* nfsservctl */
	181,    /* getpmsg */
	182,    /* putpmsg */
	183,    /* afs_syscall */
	184,    /* tuxcall */
	185,    /* security */
	212,    /* lookup_dcookie */
	214,    /* epoll_ctl_old */
	215,    /* epoll_wait_old */
	236,    /* vserver */
#elif defined(SYS_nfsservctl)
	SYS_nfsservctl,
#endif
};

size_t filter_build(struct sock_filter *prog, bool obsolete, bool native_only)
{
	size_t n = 0, calls = obsolete ? ARRAY_SIZE(obsolete_calls) : 0;

	if (!obsolete && !native_only)
		return 0;
	prog[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
	prog[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE_ARCH, 1, 0);
	prog[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, native_only ? NOT_THERE : SECCOMP_RET_ALLOW);
	prog[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	if (native_only && NATIVE_ARCH == AUDIT_ARCH_X86_64) {
		prog[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1);
		prog[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, NOT_THERE);
	}
	for (size_t i = 0; i < calls; i++)      /* on a match jump over the rest and the "allow" */
		prog[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, obsolete_calls[i], (uint8_t)(calls - i), 0);
	prog[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	prog[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, NOT_THERE);
	return n;
}
