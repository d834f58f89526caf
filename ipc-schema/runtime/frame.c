/* frame.c - see frame.h */
#include "frame.h"
#include "log.h"

union control { struct cmsghdr align; char bytes[CMSG_SPACE(FRAME_FDS * sizeof(int))]; };

int frame_send(int sock, const void *p, size_t n, const int *fds, size_t n_fds)
{
	struct iovec iov = { (void *)(uintptr_t)p, n };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };
	union control control;

	if (n_fds > FRAME_FDS)
		return -E2BIG;
	if (n_fds > 0) {
		mh.msg_control = &control;
		mh.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
		*CMSG_FIRSTHDR(&mh) = (struct cmsghdr){ .cmsg_len = CMSG_LEN(n_fds * sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(&mh)), fds, n_fds * sizeof(int));
	}
	return sendmsg(sock, &mh, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static void copy_fds(struct msghdr *mh, struct frame *f)
{
	f->n_fds = 0;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(mh); c; c = CMSG_NXTHDR(mh, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) {
			size_t n = MIN((c->cmsg_len - CMSG_LEN(0)) / sizeof(int), FRAME_FDS - f->n_fds);

			memcpy(f->fds + f->n_fds, CMSG_DATA(c), n * sizeof(int));
			f->n_fds += n;
		}
}

ssize_t frame_receive(int sock, int flags, void *p, size_t size, struct frame *f)
{
	union control control;
	struct iovec iov = { p, size };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(sock, &mh, flags | MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	f->n_fds = 0;
	if (n < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	copy_fds(&mh, f);
	return mh.msg_flags & (MSG_TRUNC | MSG_CTRUNC) ? -EMSGSIZE : n;
}

int frame_decode(const struct msg_socket *s, const void *p, size_t n, struct arena *a, struct frame *f, char *why)
{
	struct msg_event_frame e;
	void *body;

	if (msg_event_decode(p, n, &e) < 0) {
		strcpy(why, "it is no frame");
		return -EBADMSG;
	}
	f->event = msg_event_by_id(s, e.event);
	if (!f->event)
		return -ENOENT;
	f->body = body = arena_alloc(a, MAX(f->event->body->size, (size_t)1), sizeof(uint64_t));
	return body ? msg_decode(f->event->body, e.body, e.body_len, a, body, why) : -ENOMEM;
}

void frame_close_fds(struct frame *f)
{
	for (size_t i = 0; i < f->n_fds; i++)
		closep(&f->fds[i]);
	f->n_fds = 0;
}

void frame_handle(const struct frame_reader *h, const void *p, ssize_t n, struct arena *a, struct frame *f)
{
	char why[MSG_WHY] = "";
	int r = n < 0 ? (int)n : frame_decode(h->socket, p, (size_t)n, a, f, why);

	if (r == 0)
		r = f->event->id < h->n_takes && h->takes[f->event->id] ? h->takes[f->event->id](f) : -ENOENT;
	if (r < 0)      /* a newer peer may know more events than we */
		log_event(r == -ENOENT ? LOG_WARNING : LOG_ERR, "CHANNEL_FRAME", "a frame that makes no sense here", F_STR("FROM", h->from),
			  F_STR("WHY", why), F_ERRNO(r));
	frame_close_fds(f);
}
