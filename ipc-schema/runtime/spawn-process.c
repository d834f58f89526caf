/* spawn-process.c - see spawn-process.h */
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include "exec.ipc.h"
#include "spawn-process.h"

#define CLOSE_AT_MOST 1024      /* where close_range(2) is missing */

static struct rlimit child_nofile;      /* rlim_max 0: leave it */

void spawn_raise_nofile(uint64_t soft, uint64_t hard)
{
	struct rlimit now, want = { hard, hard };

	if (getrlimit(RLIMIT_NOFILE, &now) < 0)
		return;
	if (setrlimit(RLIMIT_NOFILE, &want) < 0) {
		want = (struct rlimit){ now.rlim_max, now.rlim_max };
		if (setrlimit(RLIMIT_NOFILE, &want) < 0)
			return;
	}
	child_nofile = (struct rlimit){ MIN((rlim_t)soft, want.rlim_max), want.rlim_max };
}

/* -- in the child: system calls only, nothing of the parent's memory is written -- */

/* fds[i] becomes 3 + i. First all move out of the way, then each goes to its place. */
static int place_fds(const struct spawn *s)
{
	int from[SPAWN_MAX_FDS], end = 3 + (int)s->n_fds;

	for (size_t i = 0; i < s->n_fds; i++)
		from[i] = fcntl(s->fds[i], F_DUPFD, end);
	for (int i = 0; s->stdio && i < 3; i++)
		if (s->stdio[i] != i && dup2(s->stdio[i], i) < 0)
			return -errno;
	for (size_t i = 0; i < s->n_fds; i++)
		if (from[i] < 0 || dup2(from[i], 3 + (int)i) < 0)
			return -errno;
	if (syscall(SYS_close_range, (unsigned)end, ~0U, 0) < 0)
		for (int fd = end; fd < CLOSE_AT_MOST; fd++)
			close(fd);
	return 0;
}

static int enter_cgroup(int dir)
{
	_cleanup_(closep) int fd = openat(dir, "cgroup.procs", O_WRONLY | O_CLOEXEC);

	return fd < 0 || write(fd, "0", 1) != 1 ? -errno : 0;
}

__attribute__((noreturn)) static void fail_with(int report_fd, uint32_t stage, int32_t error)
{
	struct spawn_report report = { stage, error };

	if (report_fd > 0 && write(report_fd, &report, sizeof(report)) < 0)
		_exit(IPC_EXEC_STAGE_FDS);
	_exit((int)stage);
}

/* @cgroup_fd 0: it was born in it */
__attribute__((noreturn)) static void child(const struct spawn *s, int cgroup_fd)
{
	int here = s->report_fd > 0 ? s->fds[s->report_fd - 3] : 0;
	int r = cgroup_fd > 0 ? enter_cgroup(cgroup_fd) : 0;
	sigset_t none;

	if (r < 0)
		fail_with(here, IPC_EXEC_STAGE_CGROUP, r);
	if (s->own_group)
		setpgid(0, 0);
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	r = place_fds(s);
	if (r < 0)
		fail_with(here, IPC_EXEC_STAGE_FDS, r);
	if (child_nofile.rlim_max)
		setrlimit(RLIMIT_NOFILE, &child_nofile);
	execve(s->path, (char *const *)(uintptr_t)s->argv, s->envp);
	fail_with(s->report_fd, IPC_EXEC_STAGE_EXEC, -errno);
}

int spawn_process(const struct spawn *s, uint32_t *pid)
{
	struct clone_args args = {
		.flags = CLONE_PARENT_SETTID | CLONE_CLEAR_SIGHAND | (s->cgroup_fd > 0 ? CLONE_INTO_CGROUP : 0),
		.parent_tid = (uint64_t)(uintptr_t)pid,
		.exit_signal = SIGCHLD,
		.cgroup = (uint64_t)s->cgroup_fd,
	};
	int enter = 0;
	long r;

	if (s->n_fds > SPAWN_MAX_FDS)
		return -E2BIG;
	r = syscall(SYS_clone3, &args, sizeof(args));
	if (r < 0 && (errno == ENOSYS || errno == EPERM)) {
		enter = s->cgroup_fd;
		r = fork();     /* handlers last until the exec */
	}
	if (r < 0)
		return -errno;
	if (r == 0)
		child(s, enter);
	*pid = (uint32_t)r;
	return 0;
}
