/* pair.c - a descriptor that lies in a socket pair */
#include <sys/socket.h>
#include "pair.h"

bool pair_find(const struct run *r, enum ipc_exec_fd_role role, int ends[2])
{
	size_t n = 0;

	for (size_t i = 0; i < r->p.n_fds && n < 2; i++)
		if (r->p.fds[i].role == role)
			ends[n++] = FIRST_FD + (int)i;
	return n == 2;
}

int pair_put(int end, int fd)
{
	union { struct cmsghdr h; char room[CMSG_SPACE(sizeof(int))]; } c = { .h = { .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS } };
	struct msghdr m = { .msg_iov = &(struct iovec){ (char *)"n", 1 }, .msg_iovlen = 1, .msg_control = &c, .msg_controllen = sizeof(c) };

	memcpy(CMSG_DATA(&c.h), &fd, sizeof(fd));
	return sendmsg(end, &m, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno : 0;
}

int pair_get(int end, bool leave)
{
	union { struct cmsghdr h; char room[CMSG_SPACE(sizeof(int))]; } c = { .h = { .cmsg_len = 0 } };
	char byte;
	struct msghdr m = { .msg_iov = &(struct iovec){ &byte, 1 }, .msg_iovlen = 1, .msg_control = &c, .msg_controllen = sizeof(c) };
	int fd;

	if (recvmsg(end, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC | (leave ? MSG_PEEK : 0)) < 0)
		return -errno;
	if (c.h.cmsg_len != CMSG_LEN(sizeof(int)) || c.h.cmsg_type != SCM_RIGHTS)
		return -EBADMSG;
	memcpy(&fd, CMSG_DATA(&c.h), sizeof(fd));
	return fd;
}
