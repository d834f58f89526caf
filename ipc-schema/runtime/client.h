/*
 * client.h - a blocking client for CLIs: SP over a plain Unix socket, no libnng, a bound on every wait
 */
#pragma once
#include "msg.h"

struct client;
/** client_open() - connect and shake hands as REQ. @timeout_msec bounds this and each later wait. -ENOENT/-ECONNREFUSED: no daemon */
int client_open(struct client **ret, const char *path, int timeout_msec);
void client_free(struct client *c);
DEFINE_CLEANUP(struct client *, client_free);

/**
 * client_call() - one request, one answer
 * Reconnects and sends again with the same random id (up to the time-out) when the daemon goes away meanwhile: the daemon's
 * de-duplication makes that safe for methods marked dedup and harmless for queries. Not more often than three times when it went
 * with the request in hand: what crashes a daemon must not crash its successors one after the other.
 * @rep: may be NULL. Strings live in @a. @error: the daemon's sentence (in @a), may be NULL.
 * Return: 0; the daemon's negative errno; -ETIMEDOUT; -EBADMSG; -EPIPE, -ECONNRESET and the like: it went away.
 */
int client_call(struct client *c, const struct msg_method *m, const void *req, void *rep, struct arena *a, const char **error);

/** subscriber: the SUB side. subscriber_next() waits up to @timeout_msec (-1: for ever); -ETIMEDOUT, -EPIPE when the daemon went */
struct subscriber;
int subscriber_open(struct subscriber **ret, const char *path, int timeout_msec);
int subscriber_next(struct subscriber *s, int timeout_msec, struct msg_event_frame *ret);       /* body borrowed until the next call */
int subscriber_fd(const struct subscriber *s);
void subscriber_free(struct subscriber *s);
DEFINE_CLEANUP(struct subscriber *, subscriber_free);
