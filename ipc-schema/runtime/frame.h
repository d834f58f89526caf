/*
 * frame.h - one event frame a packet over a Unix SEQPACKET socket, file descriptors beside it: what PID 1 and core say to each other
 *
 * Never blocks, allocates nothing but what the arena does. Frames: schema/channel.ipc; msg.h.
 */
#pragma once
#include <sys/socket.h>
#include "msg.h"

#define FRAME_FDS 253                   /* SCM_MAX_FD of the kernel */

struct frame {
	const struct msg_event *event;
	const void *body;               /* decoded; lives in the arena */
	int fds[FRAME_FDS];             /* close-on-exec; who keeps one puts -1 in its place */
	size_t n_fds;
	void *user;                     /* whose end it is, for the row that takes it */
};

/** what may come, and one row for each event, in the place of its number; a negative return is logged */
struct frame_reader {
	const struct msg_socket *socket;
	int (*const *takes)(struct frame *f);
	size_t n_takes;
	const char *from;               /* who sends, for the log */
};

/** frame_send() - 0; -EAGAIN or -ENOBUFS: no room now; -errno */
int frame_send(int sock, const void *p, size_t n, const int *fds, size_t n_fds);

/**
 * frame_receive() - one packet into @p and f->fds; @flags: MSG_PEEK or 0
 * Return: its bytes; 0: the other end is gone; -EAGAIN; -EMSGSIZE: more bytes or descriptors than there is room for (f->fds are there); -errno
 */
ssize_t frame_receive(int sock, int flags, void *p, size_t size, struct frame *f);

/** frame_decode() - f->event and f->body of a packet; @s lists what may come. 0; -EBADMSG with @why (MSG_WHY); -ENOENT: an event that @s has not; -ENOMEM */
int frame_decode(const struct msg_socket *s, const void *p, size_t n, struct arena *a, struct frame *f, char *why);

/** frame_handle() - decode, hand to its row, close what nobody has kept. @n: as frame_receive() gave it; a negative one is logged, too */
void frame_handle(const struct frame_reader *r, const void *p, ssize_t n, struct arena *a, struct frame *f);

void frame_close_fds(struct frame *f);  /* those that nobody has kept */
