/*
 * listener.h - the kernel's messages: the netlink socket, made by libnl or handed over by the service manager
 */
#pragma once
#include "loop.h"
#include "uevent/uevent.h"

#define LISTENER_BUFFER (128 << 20)     /* bytes the kernel may hold for us */
#define LISTENER_MESSAGE 8192           /* of one message; the kernel's own bound is below */

struct listener;
struct listener_hooks {
	char *(*room)(void *user);      /* where LISTENER_MESSAGE bytes fit; NULL: not now, the kernel keeps them */
	void (*event)(void *user, const struct uevent *u, size_t n);    /* what is there now, the whole message of @n bytes */
	void (*overrun)(void *user);    /* messages were lost */
};

/** listener_new() - @fd: the socket as it was handed over, -1: make one. 0 or -errno */
int listener_new(struct listener **ret, int fd, const struct listener_hooks *hooks, void *user);
int listener_start(struct listener *l, struct loop *loop);
void listener_drain(struct listener *l);        /* take all that is there, now */
void listener_resume(struct listener *l);       /* there is room again */
int listener_fd(const struct listener *l);
void listener_free(struct listener *l);
DEFINE_CLEANUP(struct listener *, listener_free);
