/*
 * channel.h - the private line to core: one frame a packet, file descriptors beside it
 *
 * Nothing that was sent is lost when init crashes while it works on it: a packet is looked at (MSG_PEEK), acted upon, and only then
 * taken off the queue; what acts must bear being called again. A packet that brought init down twice is taken off unread.
 */
#pragma once
#include "frame.h"
#include "loop.h"

#define CHANNEL_MAX_BYTES 12288         /* the largest frame either side may send */

struct channel_ops {
	const struct frame_reader *reader;
	void (*writable)(void);         /* there is room again */
	void (*closed)(void);           /* the other end went away */
	void (*poisoned)(void);         /* a packet was given up */
};

void channel_setup(struct loop *l, const struct channel_ops *ops);      /* also picks up the channel of an earlier image */
/** channel_open() - a new pair; @peer: core's end, close-on-exec, the caller closes it. 0 or -errno */
int channel_open(int *peer);
void channel_drain(void);               /* handle all that was sent before the other end went away */
void channel_close(void);               /* fine when closed */

/** channel_send() - one frame; @fd -1: none. 0; -EAGAIN: wait for .writable; -EPIPE: gone or closed; -errno */
int channel_send(uint32_t event, const void *body, int fd);
