/*
 * link.h - core's end of the private channel to init: frames in, frames out after the commit, descriptors beside them
 *
 * Frames and their meaning: ipc-schema/schema/channel.ipc.
 */
#pragma once
#include "channel.ipc.h"
#include "loop.h"

struct link;
/** What arrives. Bodies are borrowed for the call. A returned negative errno ends the loop. */
struct link_handler {
	void (*welcome)(void *user, const struct ipc_welcome *w);
	void (*child)(void *user, const struct ipc_child *c);
	void (*stored_fd)(void *user, const char *name, int fd);        /* takes fd */
	void (*synced)(void *user);
	void (*signal)(void *user, uint32_t signo);
	void (*power)(void *user, const struct ipc_power *p);
	void *user;
};

/** @fd: the SEQPACKET socket, taken over. Pings are answered here. */
int link_new(struct link **ret, struct loop *l, int fd, const struct link_handler *h);
void link_free(struct link *k);
DEFINE_CLEANUP(struct link *, link_free);

/**
 * link_send() - queue one frame (event number of channel_to_init); @fds are duplicated; sent by link_flush()
 * Return: 0, -ENOMEM, -E2BIG.
 */
int link_send(struct link *k, uint32_t event, const void *body, const int *fds, size_t n_fds);
/** link_send_now() - the same past the queue and before the commit; queued after all when init takes nothing now */
int link_send_now(struct link *k, uint32_t event, const void *body, const int *fds, size_t n_fds);
/** link_flush() - send what is queued, as far as init takes it now; the rest goes when it takes more */
void link_flush(struct link *k);
