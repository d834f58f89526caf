/* spawn.h - one clone and one exec: how every process of the system begins */
#pragma once
#include "util.h"

struct spawn {
	const char *path;
	const char *const *argv;
	char *const *envp;
	const int *fds;                 /* become 3, 4, ... ; nothing else stays open but stdio */
	size_t n_fds;
	int report_fd;                  /* where a failed exec is told (8 bytes, see child.h), as numbered in the child; -1: nowhere */
	int cgroup_fd;                  /* directory of cgroup v2 to be born in; -1: ours */
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

void spawn_find_self(void);             /* first of all */
const char *spawn_self(void);           /* the file init was executed from, resolved; borrowed */
void spawn_beside(char *to, size_t size, const char *name);     /* the path of a program that lies beside it */

/** spawn_helper() - the program argv[0] that lies beside init, with our environment; 0 or -errno */
int spawn_helper(const char *const *argv, const int *fds, size_t n_fds, uint32_t *pid);

/** spawn_raise_nofile() - room for the fds of a whole system in PID 1; what children get: soft 1024, hard 524288 */
void spawn_raise_nofile(void);
