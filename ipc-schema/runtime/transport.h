/*
 * transport.h - a daemon's two listening sockets, SP REP for requests and SP PUB for events, driven by its loop; private to server.c
 *
 * Why not libnng, which the wire format is of: in 1.5.2 the thread that takes closed connections apart waits for ever when a peer
 * leaves at the wrong moment (a task that was prepared is never run; nng issues 1236, 1543, 1813). Measured with its own cooked REP
 * socket and a peer that sends a few requests and leaves: from one of the first of 20,000 such visits on, every connection's fd leaked. Any user could
 * so shut the door of core within a second. Its fourteen threads and its connections that never shake hands, which we could neither
 * see nor count, go with it. A stock libnng client is served as before; test-sp.c asks one.
 *
 * Bounds: SERVER_MAX_PIPES connections of each kind, an eighth of them for one user, an eighth kept for root, from the moment they are
 * accepted; five seconds to shake hands. A connection is read no further while a request of its waits, or while it does not take its
 * answers: who floods waits for himself. A subscriber who does not read loses events.
 */
#pragma once
#include "server.h"
#include "sp.h"

struct conn;
struct transport;

/** on_request() - one request: its body borrowed until the return, no SP header. Answer by transport_reply(), now or never. */
typedef void (*transport_request)(void *arg, struct conn *c, const void *body, size_t n);

/** transport_new() - of @config (copied) the limits, the uid that counts as root and the socket to keep */
int transport_new(struct transport **ret, const struct server_config *config, transport_request on_request, void *arg);
void transport_free(struct transport *t);       /* removes the socket files that are still its own */
DEFINE_CLEANUP(struct transport *, transport_free);

/**
 * transport_listen() - as SP_REP or SP_PUB, mode 0666
 * A stale socket file is replaced in one step: whoever connects meets the old one, dead, or this one, alive.
 * Return: 0; -EADDRINUSE when a process listens there; -ENAMETOOLONG; -errno.
 */
int transport_listen(struct transport *t, struct loop *l, const char *path, enum sp_proto proto);

const struct peer *transport_peer(const struct conn *c);
void transport_reply(struct conn *c, const void *p, size_t n);          /* to the request that is being served */
void transport_hang_up(struct conn *c);
void transport_publish(struct transport *t, const void *p, size_t n);   /* to every subscriber that has room for it */

/** transport_hold() - from now on what is written waits; transport_flush() lets go of what there is */
void transport_hold(struct transport *t, bool on);
void transport_flush(struct transport *t);
