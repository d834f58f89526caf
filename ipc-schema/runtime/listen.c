/* listen.c - see listen.h */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include "listen.h"
#include "log.h"

static bool somebody_listens(const struct sockaddr_un *addr)
{
	_cleanup_(closep) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	return fd >= 0 && (connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) == 0 || errno == EAGAIN);
}

int listen_at(const char *path, mode_t mode, int backlog, struct stat *st)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX }, beside = { .sun_family = AF_UNIX };
	_cleanup_(closep) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	if (snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path) >= (int)sizeof(addr.sun_path) ||
	    snprintf(beside.sun_path, sizeof(beside.sun_path), "%s.new", path) >= (int)sizeof(beside.sun_path))
		return -ENAMETOOLONG;
	if (somebody_listens(&addr))
		return -EADDRINUSE;
	if (unlink(beside.sun_path) < 0 && errno != ENOENT)
		return -errno;
	if (bind(fd, (struct sockaddr *)&beside, sizeof(beside)) < 0)
		return -errno;
	if (chmod(beside.sun_path, mode) < 0 || listen(fd, backlog) < 0 || lstat(beside.sun_path, st) < 0 ||
	    rename(beside.sun_path, path) < 0) {
		int r = -errno;

		unlink(beside.sun_path);
		return r;
	}
	return TAKE_FD(fd);
}

void listen_raise_nofile(size_t wanted)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) < 0 || l.rlim_cur >= wanted)
		return;
	l.rlim_cur = MIN((rlim_t)wanted, l.rlim_max);
	if (setrlimit(RLIMIT_NOFILE, &l) < 0)
		log_event(LOG_WARNING, "SERVER_FD_LIMIT", "the limit of open files stays low", F_ERRNO(-errno));
}
