/* spawn.h - one clone and one exec: how every process of the system begins */
#pragma once
#include "util.h"

/** where a process finds its terminal */
enum spawn_tty {
	SPAWN_TTY_KEEP,                 /* session, process group and stdio are ours */
	SPAWN_TTY_CONSOLE,              /* a session of its own with /dev/console as its terminal */
	SPAWN_TTY_FOREGROUND,           /* a process group of its own, in the foreground of the terminal on stdin, if there is one */
};

struct spawn {
	const char *path;
	const char *const *argv;
	char *const *envp;
	const int *fds;                 /* become 3, 4, ... ; nothing else stays open but stdio */
	size_t n_fds;
	int report_fd;                  /* where a failed exec is told (8 bytes, see child.h), as numbered in the child; -1: nowhere */
	int cgroup_fd;                  /* directory of cgroup v2 to be born in; -1: ours */
	enum spawn_tty tty;
};

#define SPAWN_MAX_FDS 242               /* the command blob, the report pipe and what core may add */

/**
 * spawn_process() - clone3(2) and execve(2)
 * @pid: gets the pid before the child can run or we can return: the kernel stores it, so a crash in between loses no child
 *
 * No pidfd is asked for: whoever is spawned here stays a zombie until we reap it, so its pid cannot be reused behind our back.
 * Signal handlers and mask are reset, RLIMIT_NOFILE is the one init was started with. Where clone3 is missing (some containers'
 * filters), fork(2) and a write to cgroup.procs do the same.
 * Return: 0 or -errno of the clone; exec's own failure makes the child exit with 203.
 */
int spawn_process(const struct spawn *s, uint32_t *pid);

/** spawn_helper() - the program argv[0] that lies beside ours, with our environment; 0 or -errno */
int spawn_helper(const char *const *argv, const int *fds, size_t n_fds, uint32_t *pid);

/** spawn_raise_nofile() - room for the fds of a whole system in PID 1; what children get: soft 1024, hard 524288 */
void spawn_raise_nofile(void);
