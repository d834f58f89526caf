/* client.c - the client's side of udev's control socket */
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include "control/wire.h"

int control_connect(const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	_cleanup_(closep) int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	if (strlen(path) >= sizeof(sa.sun_path))
		return -ENAMETOOLONG;
	strcpy(sa.sun_path, path);
	return connect(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0 ? -errno : TAKE_FD(fd);
}

int control_send(int fd, const struct control_message *m)
{
	struct control_wire w;
	int r = control_encode(m, &w);

	if (r < 0)
		return r;
	return send(fd, &w, sizeof(w), MSG_NOSIGNAL) < 0 ? -errno : 0;
}

int control_wait(int fd, uint64_t timeout_usec)
{
	uint64_t now = now_usec(CLOCK_MONOTONIC), end = timeout_usec > USEC_INFINITY - now ? USEC_INFINITY : now + timeout_usec;
	int r = control_send(fd, &(struct control_message){ .verb = CONTROL_END });

	while (r == 0 && timeout_usec > 0) {
		struct pollfd p = { fd, POLLIN, 0 };
		char c;

		now = now_usec(CLOCK_MONOTONIC);
		if (now >= end)
			return -ETIMEDOUT;
		if (poll(&p, 1, (int)MIN((end - now) / USEC_PER_MSEC + 1, (uint64_t)60000)) < 0 && errno != EINTR)
			return -errno;
		if (p.revents && recv(fd, &c, 1, MSG_DONTWAIT) <= 0 && errno != EAGAIN && errno != EINTR)
			return 0;
	}
	return r;
}
