/* spawn.c - a program of PROGRAM or IMPORT in a child, its output read until it ends or its time is over */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include "event.h"

#define ARGV_MAX 256
static const char *const folders[] = { "/usr/lib/udev", "/usr/lib/sysmaster/udev" };    /* of programs without a path */

char **event_environ(struct event *e)
{
	struct device *d = e->dev;
	char **env = device_finish_properties(d) < 0 ? NULL : arena_alloc(e->arena, (d->n_props + 1) * sizeof(*env), _Alignof(char *));
	size_t n = 0;

	for (size_t i = 0; env && i < d->n_props; i++) {
		const struct property *p = &d->props[i];
		char *s;

		if (p->key[0] == '.')
			continue;
		s = arena_alloc(e->arena, strlen(p->key) + strlen(p->value) + 2, 1);
		if (!s)
			return NULL;
		sprintf(s, "%s=%s", p->key, p->value);
		env[n++] = s;
	}
	return env;
}

/* udev's own folder first; an image without its programs has ours. What is in neither is reported as missing from the first */
int event_program(const char *name, char *path, size_t size)
{
	for (size_t i = 0; name[0] != '/' && i < ARRAY_SIZE(folders); i++)
		if ((size_t)snprintf(path, size, "%s/%s", folders[i], name) < size && access(path, X_OK) == 0)
			return 0;
	return (size_t)snprintf(path, size, "%s%s%s", name[0] == '/' ? "" : folders[0], name[0] == '/' ? "" : "/", name) < size ? 0 : -ENAMETOOLONG;
}

void event_output(struct buf *out, const char *p, size_t n)
{
	size_t room = out->cap - out->len;

	if (out->err)
		return;
	buf_add(out, p, MIN(n, room));
	if (n > room)
		out->err = -E2BIG;
}

/* 0 when the other end is closed; -ETIMEDOUT */
static int drain(int fd, struct buf *out, uint64_t deadline)
{
	char text[4096];

	for (;;) {
		struct pollfd p = { fd, POLLIN, 0 };
		uint64_t now = now_usec(CLOCK_MONOTONIC);
		ssize_t n;

		if (now >= deadline)
			return -ETIMEDOUT;
		if (poll(&p, 1, (int)MIN((deadline - now) / USEC_PER_MSEC + 1, (uint64_t)60000)) < 0 && errno != EINTR)
			return -errno;
		if (!p.revents)
			continue;
		n = read(fd, text, sizeof(text));
		if (n == 0)
			return 0;
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
		if (n > 0)
			event_output(out, text, (size_t)n);
	}
}

/* exit status; -ETIMEDOUT after it was killed; -ECANCELED when a signal ended it */
static int collect(pid_t pid, int status, uint64_t deadline)
{
	int ws = 0;

	while (status == 0) {
		pid_t got = waitpid(pid, &ws, WNOHANG);

		if (got == pid)
			return WIFEXITED(ws) ? WEXITSTATUS(ws) : -ECANCELED;
		if (got < 0 && errno != EINTR)
			return -errno;
		if (now_usec(CLOCK_MONOTONIC) >= deadline)
			status = -ETIMEDOUT;
		else
			usleep(500);
	}
	kill(-pid, SIGKILL);                            /* it leads a group of its own */
	waitpid(pid, NULL, 0);
	return status;
}

int event_spawn(pid_t *pid, const char *path, char *const *argv, char *const *env, int out)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none;
	int r = posix_spawn_file_actions_init(&files);

	if (r != 0)
		return -r;
	posix_spawnattr_init(&attr);
	sigemptyset(&none);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDWR, 0);
	posix_spawn_file_actions_adddup2(&files, out >= 0 ? out : STDIN_FILENO, STDOUT_FILENO);
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
	r = posix_spawn(pid, path, &files, &attr, argv, env);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return -r;
}

static int run_child(struct event *e, const char *command, struct buf *out)
{
	char text[EVENT_LINE_BYTES], path[EVENT_LINE_BYTES + 64], *argv[ARGV_MAX];
	_cleanup_(closep) int from = -1;
	uint64_t deadline = now_usec(CLOCK_MONOTONIC) + e->timeout_usec;
	char **env = event_environ(e);
	int fds[2], r;
	pid_t pid;

	snprintf(text, sizeof(text), "%s", command);
	r = event_words(text, argv, ARRAY_SIZE(argv));
	if (r <= 0 || !env)
		return r == 0 ? -EINVAL : r < 0 ? r : -ENOMEM;
	r = event_program(argv[0], path, sizeof(path));
	if (r < 0)
		return r;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	from = fds[0];
	r = event_spawn(&pid, path, argv, env, fds[1]);
	close(fds[1]);
	if (r < 0)
		return r;
	return collect(pid, drain(from, out, deadline), deadline);
}
const struct event_host event_host_child = { run_child, NULL };
