/* spawn-process.h - one clone and one exec: how every process of the system begins */
#pragma once
#include "util.h"

#define SPAWN_MAX_FDS 242               /* two of our own and what core may add (channel.ipc) */

struct spawn {
	const char *path;
	const char *const *argv;
	char *const *envp;
	const int *stdio;               /* three that become 0, 1, 2; NULL: ours */
	const int *fds;                 /* become 3, 4, ... ; nothing else stays open */
	size_t n_fds;
	int report_fd;                  /* where a failure is told by a struct spawn_report, as numbered in the child; 0: nowhere */
	int cgroup_fd;                  /* directory of cgroup v2 to be born in; 0: ours */
	bool own_group;                 /* it leads a process group */
};

/** what a child says on its report_fd when it gets no further: enum exec_stage of exec.ipc, and a negative errno */
struct spawn_report { uint32_t stage; int32_t error; };

/**
 * spawn_process() - clone3(2) and execve(2)
 * @pid: gets the pid before the child can run or we can return: the kernel stores it, so a crash in between loses no child
 *
 * No pidfd is asked for: whoever is spawned here stays a zombie until we reap it, so its pid cannot be reused behind our back.
 * Signal handlers and mask are reset, and SIGPIPE. Where clone3 is missing (some containers' filters), fork(2) and a write to cgroup.procs
 * do the same. Return: 0 or -errno of the clone; a failure of what follows makes the child exit with its stage (203: the exec).
 */
int spawn_process(const struct spawn *s, uint32_t *pid);

/** spawn_raise_nofile() - room for as many fds as there may be; what is spawned from here on gets @soft and at most @hard */
void spawn_raise_nofile(uint64_t soft, uint64_t hard);
