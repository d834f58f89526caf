/* sandbox.c - see sandbox.h; libseccomp makes the filter */
#include <linux/auto_fs.h>
#include <linux/capability.h>
#include <linux/random.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include "log.h"
#include "sandbox.h"

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define WITH_ASAN 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define WITH_ASAN 1
#endif
#ifndef WITH_ASAN
#define WITH_ASAN 0
#endif
#ifndef SYSMASTER_TEST
#define SYSMASTER_TEST 0
#endif

/* The process itself: memory (never executable), its own ids, random bytes. */
const char *const sandbox_memory[] = {
	"brk", "mmap", "mprotect", "munmap", "mremap", "madvise", "msync", "mincore",
	"getpid", "getppid", "gettid", "getuid", "geteuid", "getgid", "getegid", "getrandom", "uname", "sysinfo", "getrusage",
	"getrlimit", "prlimit64", NULL,
};
const char *const sandbox_files[] = {
	"open", "openat", "close", "close_range", "read", "readv", "pread64", "preadv", "write", "writev", "pwrite64", "pwritev", "lseek",
	"stat", "fstat", "lstat", "newfstatat", "statx", "statfs", "fstatfs", "access", "faccessat", "faccessat2", "readlink", "readlinkat",
	"getdents64", "getcwd", "fcntl", "flock", "dup", "dup2", "dup3", "pipe2", "memfd_create", "ioctl:tty",
	"ftruncate", "fallocate", "fsync", "fdatasync", "mkdir", "mkdirat", "rmdir", "unlink", "unlinkat", "rename", "renameat", "renameat2",
	"link", "linkat", "symlink", "symlinkat", "chmod", "fchmod", "fchmodat", "umask", "utimensat", NULL,
};
const char *const sandbox_time[] = { "clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday", "time", NULL };
const char *const sandbox_poll[] = {
	"epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2", "poll", "ppoll", "select", "pselect6",
	"eventfd2", "timerfd_create", "timerfd_settime", "timerfd_gettime", "signalfd4", NULL,
};
const char *const sandbox_sockets[] = {
	"socket:unix", "socketpair", "bind", "listen", "accept", "accept4", "connect", "shutdown", "getsockopt", "setsockopt",
	"getsockname", "getpeername", "sendto", "sendmsg", "recvfrom", "recvmsg", NULL,
};
/* Threads that run already; none can be started. One that libnng has just started may still be about to name itself. */
const char *const sandbox_threads[] = {
	"futex", "set_robust_list", "get_robust_list", "rseq", "membarrier", "sched_yield", "sched_getaffinity", "prctl:name", NULL,
};
const char *const sandbox_signals[] = {
	"rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigpending", "rt_sigtimedwait", "sigaltstack", "tgkill:self", "restart_syscall",
	NULL,
};
const char *const sandbox_exit[] = { "exit", "exit_group", NULL };

/* What ASan's run-time and its leak check at exit (a tracer thread) call. */
static const char *const asan_calls[] = {
	"clone", "clone3", "ptrace", "wait4", "prctl", "personality", "tgkill", "kill", "tkill", "process_vm_readv", "sigaltstack",
	"getdents", "getdents64", "set_tid_address", "prlimit64", "mmap:exec", "readlink", "dup", "dup2", "rt_sigtimedwait", "sched_setaffinity", NULL,
};

/* Names that mean a call with one argument checked: (argument & mask) == value. The first word before ':' is the call. */
struct narrow { const char *name, *call; unsigned arg; uint64_t mask, value; };
#define SELF UINT64_MAX                 /* as value: our own pid */
static const struct narrow narrows[] = {
	{ "mmap", "mmap", 2, PROT_EXEC, 0 },
	{ "mprotect", "mprotect", 2, PROT_EXEC, 0 },
	{ "mmap:exec", "mmap", 2, 0, 0 },
	{ "mprotect:exec", "mprotect", 2, 0, 0 },
	{ "socket:unix", "socket", 0, UINT32_MAX, AF_UNIX },
	{ "socket:netlink", "socket", 0, UINT32_MAX, AF_NETLINK },
	{ "ioctl:tty", "ioctl", 1, UINT32_MAX, TCGETS },
	{ "ioctl:autofs", "ioctl", 1, 0xff00, AUTOFS_IOCTL << 8 },      /* whatever the direction and size: the kernel's type of number */
	{ "ioctl:random", "ioctl", 1, UINT32_MAX, RNDADDENTROPY },
	{ "prctl:name", "prctl", 0, UINT32_MAX, PR_SET_NAME },
	{ "tgkill:self", "tgkill", 0, UINT32_MAX, SELF },
};

static const struct narrow *find_narrow(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(narrows); i++)
		if (streq(narrows[i].name, name))
			return &narrows[i];
	return NULL;
}

static int allow(scmp_filter_ctx ctx, const char *name)
{
	const struct narrow *n = find_narrow(name);
	int nr = seccomp_syscall_resolve_name(n ? n->call : name);
	uint64_t value = n && n->value == SELF ? (uint64_t)getpid() : n ? n->value : 0;
	int r;

	if (nr == __NR_SCMP_ERROR)
		return -ENOENT;
	r = n ? seccomp_rule_add(ctx, SCMP_ACT_ALLOW, nr, 1, SCMP_CMP64(n->arg, SCMP_CMP_MASKED_EQ, n->mask, value))
	      : seccomp_rule_add(ctx, SCMP_ACT_ALLOW, nr, 0);
	return r == -EEXIST ? 0 : r;    /* two groups may name the same call */
}

static int allow_all(scmp_filter_ctx ctx, const char *program, const char *purpose, const char *const *names)
{
	for (; *names; names++) {
		int r = allow(ctx, *names);

		if (r == 0)
			continue;
		log_event(LOG_ERR, "SANDBOX_CALL_UNKNOWN", "a call on the sandbox's list cannot be allowed",
			  F_STR("PROGRAM", program), F_STR("PURPOSE", purpose), F_STR("CALL", *names), F_ERRNO(r));
		return r;
	}
	return 0;
}

static bool has_sys_admin(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { 0 } };

	return syscall(SYS_capget, &head, data) == 0 && (data[0].effective & (1u << CAP_SYS_ADMIN)) != 0;
}

/* no_new_privs would be inherited by what a child of ours starts, so it is set only where the kernel asks for it: seccomp(2). */
static int set_attributes(scmp_filter_ctx ctx)
{
	static const struct { enum scmp_filter_attr attr; uint32_t value; } attrs[] = {
		{ SCMP_FLTATR_CTL_TSYNC, 1 },
		{ SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS },
		{ SCMP_FLTATR_CTL_OPTIMIZE, 2 },        /* a binary tree: few steps for each call */
	};
	int r = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_NNP, !has_sys_admin());

	for (size_t i = 0; i < ARRAY_SIZE(attrs) && r == 0; i++)
		r = seccomp_attr_set(ctx, attrs[i].attr, attrs[i].value);
	return r;
}

static uint32_t default_action(void)
{
	const char *mode = SYSMASTER_TEST ? getenv("SYSMASTER_SANDBOX") : NULL;

	return mode && streq(mode, "log") ? SCMP_ACT_LOG : SCMP_ACT_KILL_PROCESS;
}

static int fill(scmp_filter_ctx ctx, const struct sandbox_list *list)
{
	int r = set_attributes(ctx);

	for (size_t i = 0; i < list->n_groups && r == 0; i++)
		r = allow_all(ctx, list->program, list->groups[i].purpose, list->groups[i].syscalls);
	if (r == 0 && WITH_ASAN)
		r = allow_all(ctx, list->program, "ASan", asan_calls);
	return r;
}

int sandbox_check(const struct sandbox_list *list)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int r = ctx ? fill(ctx, list) : -ENOMEM;

	seccomp_release(ctx);
	return r;
}

static int load(const struct sandbox_list *list, scmp_filter_ctx ctx, int r)
{
	if (r == 0)
		r = seccomp_load(ctx);
	seccomp_release(ctx);
	if (r < 0)
		log_event(LOG_ERR, "SANDBOX_FAILED", "the sandbox could not be entered", F_STR("PROGRAM", list->program), F_ERRNO(r));
	return r;
}

int sandbox_enter(const struct sandbox_list *list)
{
	scmp_filter_ctx ctx = seccomp_init(default_action());

	return load(list, ctx, ctx ? fill(ctx, list) : -ENOMEM);
}

int sandbox_refuse(const struct sandbox_list *list, int error)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	int r = ctx ? set_attributes(ctx) : -ENOMEM;

	for (size_t i = 0; i < list->n_groups && r == 0; i++) {
		for (const char *const *name = list->groups[i].syscalls; *name && r == 0; name++) {
			int nr = seccomp_syscall_resolve_name(*name);

			r = nr < 0 ? 0 : seccomp_rule_add(ctx, SCMP_ACT_ERRNO((uint32_t)error), nr, 0);
		}
	}
	return load(list, ctx, r);
}
