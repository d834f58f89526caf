/* spawn.c - see spawn.h */
#include <fcntl.h>
#include <limits.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include "exec.ipc.h"
#include "names.h"
#include "spawn.h"

#define NOFILE_SOFT 1024
#define NOFILE_HARD 524288

static char self[PATH_MAX];
static struct rlimit child_nofile;      /* rlim_max 0: leave it */

void spawn_raise_nofile(void)
{
	struct rlimit now, want = { NOFILE_HARD, NOFILE_HARD };

	if (getrlimit(RLIMIT_NOFILE, &now) < 0)
		return;
	if (setrlimit(RLIMIT_NOFILE, &want) < 0) {
		want = (struct rlimit){ now.rlim_max, now.rlim_max };
		if (setrlimit(RLIMIT_NOFILE, &want) < 0)
			return;
	}
	child_nofile = (struct rlimit){ MIN((rlim_t)NOFILE_SOFT, want.rlim_max), want.rlim_max };
}

/* -- in the child: system calls only, nothing of init's memory is written -- */

/* fds[i] becomes 3 + i. First all move out of the way, then each goes to its place. */
static int place_fds(const struct spawn *s)
{
	int from[SPAWN_MAX_FDS], end = 3 + (int)s->n_fds;

	for (size_t i = 0; i < s->n_fds; i++)
		from[i] = fcntl(s->fds[i], F_DUPFD, end);
	for (size_t i = 0; i < s->n_fds; i++)
		if (from[i] < 0 || dup2(from[i], 3 + (int)i) < 0)
			return -errno;
	if (syscall(SYS_close_range, (unsigned)end, ~0U, 0) < 0)
		for (int fd = end; fd < NOFILE_SOFT; fd++)
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
	struct { uint32_t stage; int32_t error; } report = { stage, error };

	if (report_fd >= 0 && write(report_fd, &report, sizeof(report)) < 0)
		_exit(IPC_EXEC_STAGE_FDS);
	_exit((int)stage);
}

__attribute__((noreturn)) static void child(const struct spawn *s, bool forked)
{
	int here = s->report_fd >= 0 ? s->fds[s->report_fd - 3] : -1, r;
	sigset_t none;

	if (forked) {   /* what CLONE_CLEAR_SIGHAND and CLONE_INTO_CGROUP would have done */
		for (int signo = 1; signo < NSIG; signo++)
			signal(signo, SIG_DFL);
		r = s->cgroup_fd >= 0 ? enter_cgroup(s->cgroup_fd) : 0;
		if (r < 0)
			fail_with(here, IPC_EXEC_STAGE_CGROUP, r);
	}
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);  /* with main()'s defaults this is the clean start that sysmaster-exec counts on */
	r = place_fds(s);
	if (r < 0)
		fail_with(here, IPC_EXEC_STAGE_FDS, r);
	if (child_nofile.rlim_max)
		setrlimit(RLIMIT_NOFILE, &child_nofile);
	prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0);          /* ours alone, see main() */
	execve(s->path, (char *const *)(uintptr_t)s->argv, s->envp);
	fail_with(s->report_fd, IPC_EXEC_STAGE_EXEC, -errno);
}

int spawn_process(const struct spawn *s, uint32_t *pid)
{
	struct clone_args args = {
		.flags = CLONE_PARENT_SETTID | CLONE_CLEAR_SIGHAND | (s->cgroup_fd >= 0 ? CLONE_INTO_CGROUP : 0),
		.parent_tid = (uint64_t)(uintptr_t)pid,
		.exit_signal = SIGCHLD,
		.cgroup = s->cgroup_fd >= 0 ? (uint64_t)s->cgroup_fd : 0,
	};
	bool forked = false;
	long r;

	if (s->n_fds > SPAWN_MAX_FDS)
		return -E2BIG;
	r = syscall(SYS_clone3, &args, sizeof(args));
	if (r < 0 && (errno == ENOSYS || errno == EPERM)) {
		forked = true;
		r = fork();
	}
	if (r < 0)
		return -errno;
	if (r == 0)
		child(s, forked);
	*pid = (uint32_t)r;
	return 0;
}

void spawn_find_self(void)
{
	if (!realpath((const char *)getauxval(AT_EXECFN), self))        /* /proc is not mounted yet */
		strcpy(self, INIT_DEFAULT_PATH);
}

const char *spawn_self(void) { return self; }

void spawn_beside(char *to, size_t size, const char *name)
{
	const char *slash = strrchr(self, '/');

	snprintf(to, size, "%.*s/%s", (int)(slash - self), self, name);
}

int spawn_helper(const char *const *argv, const int *fds, size_t n_fds, uint32_t *pid)
{
	extern char **environ;
	char path[4096];

	spawn_beside(path, sizeof(path), argv[0]);
	return spawn_process(&(struct spawn){ .path = path, .argv = argv, .envp = environ, .fds = fds, .n_fds = n_fds,
			     .report_fd = -1, .cgroup_fd = -1 }, pid);
}
