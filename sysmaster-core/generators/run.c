/* run.c - run programs side by side or one after the other */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "buf.h"
#include "exec.ipc.h"
#include "exec/envfile.h"
#include "generators/run.h"
#include "spawn-process.h"
#include "unit/key.h"

#define OUTPUT_MAX (1u << 20)           /* of one environment generator */

static pid_t spawn(const struct generator *g, char *const *words, int out)
{
	const char *argv[8] = { g->path };
	const int stdio[] = { STDIN_FILENO, out, STDERR_FILENO };
	uint32_t pid;
	int r;

	for (size_t i = 0; words && words[i] && i + 2 < ARRAY_SIZE(argv); i++)
		argv[i + 1] = words[i];
	r = spawn_process(&(struct spawn){ .path = g->path, .argv = argv, .envp = environ, .stdio = stdio, .own_group = true }, &pid);
	if (r < 0)
		fprintf(stderr, "%s: cannot be run: %s\n", g->path, strerror(-r));
	return r < 0 ? r : (pid_t)pid;
}

/* 0: it ended well. A child's own children go with it. */
static int await(const struct generator *g, pid_t pid, uint64_t deadline_usec)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0), status, ended = 0;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint64_t now;

	do {
		now = now_usec(CLOCK_BOOTTIME);
		ended = fd < 0 ? 1 : poll(&p, 1, now < deadline_usec ? (int)MIN((deadline_usec - now) / USEC_PER_MSEC + 1, 60000ULL) : 0);
	} while (ended <= 0 && now < deadline_usec);
	closep(&fd);
	if (ended <= 0) {
		fprintf(stderr, "%s: takes too long, killed\n", g->path);
		if (kill(-pid, SIGKILL) < 0)
			kill(pid, SIGKILL);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == IPC_EXEC_STAGE_EXEC)
		fprintf(stderr, "%s: cannot be run\n", g->path);
	else if (ended > 0)
		fprintf(stderr, WIFEXITED(status) ? "%s: ended with status %d\n" : "%s: ended by signal %d\n", g->path,
			WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	return -EIO;
}

unsigned run_all(const struct plan *p, char *const *words, uint64_t deadline_usec)
{
	_cleanup_(freep) pid_t *pids = calloc(p->n + 1, sizeof(*pids));
	unsigned bad = 0;

	if (!pids)
		return (unsigned)p->n;
	for (size_t i = 0; i < p->n; i++)
		pids[i] = p->v[i].skip ? 0 : spawn(&p->v[i], words, STDOUT_FILENO);
	for (size_t i = 0; i < p->n; i++)
		if (pids[i])
			bad += pids[i] < 0 || await(&p->v[i], pids[i], deadline_usec) < 0;
	return bad;
}

/* ---- environment ---- */

static int read_output(int fd, uint64_t deadline_usec, struct buf *b)
{
	for (;;) {
		uint64_t now = now_usec(CLOCK_BOOTTIME);
		struct pollfd p = { .fd = fd, .events = POLLIN };
		ssize_t n;

		if (now >= deadline_usec || b->len >= OUTPUT_MAX)
			return 0;
		if (poll(&p, 1, (int)MIN((deadline_usec - now) / USEC_PER_MSEC + 1, 60000ULL)) <= 0)
			continue;
		if (buf_reserve(b, 4096) < 0)
			return -ENOMEM;
		n = read(fd, b->data + b->len, 4096);
		if (n <= 0)
			return n < 0 && errno != EINTR ? -errno : 0;
		b->len += (size_t)n;
	}
}

static int take(void *arg, char *assignment)
{
	char *eq = strchr(assignment, '=');

	*eq = '\0';
	setenv(assignment, eq + 1, true);
	*eq = '=';
	return environ_put(arg, assignment);
}

int run_environment(const struct plan *p, uint64_t deadline_usec, char ***env)
{
	int bad = 0;

	for (size_t i = 0; i < p->n; i++) {
		_cleanup_(buf_finish) struct buf b = { 0 };
		int fds[2], r;
		pid_t pid;

		if (p->v[i].skip)
			continue;
		if (pipe2(fds, O_CLOEXEC) < 0)
			return -errno;
		pid = spawn(&p->v[i], NULL, fds[1]);
		close(fds[1]);
		r = pid < 0 ? -EIO : read_output(fds[0], deadline_usec, &b);
		close(fds[0]);
		if (pid > 0 && (await(&p->v[i], pid, deadline_usec) < 0 || r < 0))
			r = r < 0 ? r : -EIO;
		bad += r < 0;
		if (r >= 0 && b.len)
			r = envfile_parse((const char *)b.data, b.len, take, env);
		if (r == -ENOMEM)
			return r;
	}
	return bad;
}
