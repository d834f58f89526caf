/*
 * sandbox.h - a process's own seccomp list, grouped by purpose, readable as a page
 *
 * Default action: kill the process. Entered for all threads at once (TSYNC), before the first foreign byte is read; in a program that
 * uses libnng, after its first nng_*_open(), which starts its threads.
 */
#pragma once
#include "util.h"

/*
 * A list names calls as the kernel's manual does. Some names allow a call with one kind of argument only: "mmap" and "mprotect" (never
 * PROT_EXEC; "mmap:exec" and "mprotect:exec" lift that, for who loads plug-ins), "socket:unix", "socket:netlink", "ioctl:tty" (TCGETS),
 * "ioctl:random" (RNDADDENTROPY), "prctl:name" (PR_SET_NAME), "tgkill:self".
 */
struct sandbox_group { const char *purpose; const char *const *syscalls; };     /* names; NULL ends the list */
struct sandbox_list { const char *program; const struct sandbox_group *groups; size_t n_groups; };

/* What every daemon of the suite needs, by purpose. */
extern const char *const sandbox_memory[];      /* brk mmap munmap ...; own ids; random bytes */
extern const char *const sandbox_files[];       /* openat read write fstat statx lseek ... */
extern const char *const sandbox_time[];
extern const char *const sandbox_poll[];        /* epoll_* ppoll eventfd2 timerfd_* */
extern const char *const sandbox_sockets[];
extern const char *const sandbox_threads[];     /* what libnng's running threads need */
extern const char *const sandbox_signals[];
extern const char *const sandbox_exit[];

/**
 * sandbox_enter() - from here on only the listed calls
 * Sets no_new_privs only when the process lacks CAP_SYS_ADMIN. In builds with ASan the calls its run-time needs are added.
 * SYSMASTER_SANDBOX=log in the environment of a test build turns killing into logging. Unknown names on this kernel's ABI are
 * an error at build time of the list (test-sandbox walks every list). Return: 0 or -errno.
 */
int sandbox_enter(const struct sandbox_list *list);
/** sandbox_check() - the same without entering: 0, or -errno for a list that could not be entered (tests) */
int sandbox_check(const struct sandbox_list *list);
/**
 * sandbox_refuse() - from here on all but the listed calls, which give @error (EPERM): for who runs foreign programs, that inherit it
 * Calls of a foreign ABI kill. Names that this machine's ABI does not have are left out. 0 or -errno.
 */
int sandbox_refuse(const struct sandbox_list *list, int error);
