/* sdnotify.c - sd_notify(3) to the service manager */
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include "sdnotify.h"

#define WAIT_SEC 5      /* a manager that is being replaced reads again within milliseconds; for one that hangs nobody waits for ever */

static int sock = -1;
static struct sockaddr_un sa = { .sun_family = AF_UNIX };
static socklen_t sa_len;

int sdnotify_open(void)
{
	const char *path = getenv("NOTIFY_SOCKET");

	if (!path || (*path != '/' && *path != '@') || strlen(path) >= sizeof(sa.sun_path))
		return 0;
	strcpy(sa.sun_path, path);
	sa_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
	if (*path == '@')
		sa.sun_path[0] = '\0';
	sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (sock < 0)
		return -errno;
	return setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &(struct timeval){ .tv_sec = WAIT_SEC }, sizeof(struct timeval)) < 0 ? -errno : 0;
}

int sdnotify_send(const char *text, int fd)
{
	union { struct cmsghdr h; char space[CMSG_SPACE(sizeof(int))]; } control = { .h = { .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS } };
	struct iovec iov = { (void *)(uintptr_t)text, strlen(text) };
	struct msghdr m = { .msg_name = &sa, .msg_namelen = sa_len, .msg_iov = &iov, .msg_iovlen = 1 };

	if (sock < 0)
		return -ENOTCONN;
	if (fd >= 0) {
		memcpy(CMSG_DATA(&control.h), &fd, sizeof(fd));
		m.msg_control = &control;
		m.msg_controllen = sizeof(control.space);
	}
	return sendmsg(sock, &m, MSG_NOSIGNAL) < 0 ? -errno : 0;
}
