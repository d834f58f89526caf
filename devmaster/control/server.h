/* server.h - udev's control socket, served: what `udevadm control` and `udevadm settle` of systemd 252 say to the daemon */
#pragma once
#include "control/wire.h"
#include "loop.h"

struct control;
struct control_hooks {
	/** message() - do it; CONTROL_END and CONTROL_PING: all that came before must be known by now */
	void (*message)(void *user, const struct control_message *m);
};

/** control_new() - @fd: the listening socket as it was handed over; -1: make one at @path (-EADDRINUSE: somebody listens there) */
int control_new(struct control **ret, struct loop *l, int fd, const char *path, const struct control_hooks *hooks, void *user);
void control_free(struct control *c);   /* clients see the hang-up now: they wait for an exit until then */
DEFINE_CLEANUP(struct control *, control_free);
