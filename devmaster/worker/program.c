/* program.c - a worker's side of foreign programs: asks the runner, reads what the program says until it ends or its time is over */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include "event/event.h"
#include "worker/channel.h"
#include "worker/worker.h"

#define ARGV_MAX 256

static int ask(char **argv, size_t argc, const char *path, char **env, int out)
{
	struct buf b = { .max = CHANNEL_BYTES };
	struct program p = { .verb = PROGRAM_RUN, .argc = (uint32_t)argc };
	int r;

	for (; env[p.envc]; p.envc++)
		;
	buf_add(&b, &p, sizeof(p));
	buf_add(&b, path, strlen(path) + 1);
	for (size_t i = 0; i < argc; i++)
		buf_add(&b, argv[i], strlen(argv[i]) + 1);
	for (size_t i = 0; i < p.envc; i++)
		buf_add(&b, env[i], strlen(env[i]) + 1);
	r = buf_error(&b);
	if (r == 0)
		r = frame_send(worker_context.runner, b.data, b.len, &out, out >= 0);
	buf_finish(&b);
	return r;
}

/* what is there now. false: the other end is closed */
static bool drain(int fd, struct buf *out)
{
	char text[4096];
	ssize_t n;

	while ((n = read(fd, text, sizeof(text))) > 0)
		event_output(out, text, (size_t)n);
	return n < 0 && (errno == EAGAIN || errno == EINTR);
}

static int answer(struct result *res)
{
	ssize_t n = recv(worker_context.runner, res, sizeof(*res), 0);

	return n == sizeof(*res) ? 0 : n < 0 ? -errno : -ECONNRESET;
}

/* the program is over when the runner says so; what children of it still hold the pipe for does not count */
static int follow(int *from, struct buf *out, uint64_t deadline, struct result *res)
{
	for (;;) {
		struct pollfd p[2] = { { worker_context.runner, POLLIN, 0 }, { *from, POLLIN, 0 } };
		uint64_t now = now_usec(CLOCK_MONOTONIC);
		int r;

		if (now >= deadline)
			return -ETIMEDOUT;
		if (poll(p, 2, (int)MIN((deadline - now) / USEC_PER_MSEC + 1, (uint64_t)60000)) < 0)
			continue;
		if (p[1].revents && !drain(*from, out))
			closep(from);
		if (!p[0].revents)
			continue;
		r = answer(res);
		if (*from >= 0)
			drain(*from, out);
		return r;
	}
}

static int stop(struct result *res)
{
	struct program p = { .verb = PROGRAM_KILL };
	int r = frame_send(worker_context.runner, &p, sizeof(p), NULL, 0);

	return r < 0 ? r : answer(res);
}

int program_run(struct event *e, const char *command, struct buf *out)
{
	char text[EVENT_LINE_BYTES], path[EVENT_LINE_BYTES + 64], *argv[ARGV_MAX];
	_cleanup_(closep) int from = -1;
	uint64_t deadline = now_usec(CLOCK_MONOTONIC) + e->timeout_usec;
	char **env = event_environ(e);
	int fds[2] = { -1, -1 }, argc, r;
	struct result res;

	snprintf(text, sizeof(text), "%s", command);
	argc = event_words(text, argv, ARRAY_SIZE(argv));
	if (argc <= 0 || !env)
		return argc == 0 ? -EINVAL : argc < 0 ? argc : -ENOMEM;
	r = event_program(argv[0], path, sizeof(path));
	if (r < 0)
		return r;
	if (out && pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	from = fds[0];
	if (from >= 0)
		fcntl(from, F_SETFL, O_NONBLOCK);
	r = ask(argv, (size_t)argc, path, env, fds[1]);
	closep(&fds[1]);
	if (r < 0)
		return r;
	r = follow(&from, out, deadline, &res);
	if (r == -ETIMEDOUT) {
		stop(&res);
		return r;
	}
	if (r < 0 || res.error < 0)
		return r < 0 ? r : res.error;
	return WIFEXITED(res.status) ? WEXITSTATUS(res.status) : -ECANCELED;
}
