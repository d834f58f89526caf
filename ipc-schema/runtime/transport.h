/*
 * transport.h - a daemon's two libnng sockets, REP for requests and PUB for events, seen from its own loop; private to server.c
 *
 * Threads: libnng calls back on threads of its own. These callbacks touch only what transport.c guards with its mutex: the table of
 * connections and the inbox. Everything else happens on the loop's thread.
 *
 * Facts of libnng 1.5.2, tried by test-server.c: in raw REP mode the header of a received message is the pipe's id and the request id;
 * sent back unchanged it routes the answer. An answer for a pipe whose queue is full, or that is gone, is dropped there. Each pipe
 * has one request at a time in line before the inbox, so that a peer who floods waits in line with everybody else.
 */
#pragma once
#include <nng/nng.h>
#include "server.h"

#define TRANSPORT_INBOX 16              /* requests taken from libnng and not yet from us */

struct transport;
/** transport_new() - opens the sockets, which starts libnng's threads. @uid_root: counts as root beside 0 where limits are concerned */
int transport_new(struct transport **ret, bool events, uint32_t uid_root);
void transport_free(struct transport *t);
DEFINE_CLEANUP(struct transport *, transport_free);

/** transport_listen() - mode 0666; a stale socket file is replaced. -EADDRINUSE when another process listens. */
int transport_listen(struct transport *t, const char *path, const char *events_path);
int transport_fd(const struct transport *t);            /* an eventfd: readable when transport_take() or _resume() has work */
void transport_drain(struct transport *t);              /* make it quiet, before taking */

/** transport_take() - the next request, whose peer and pipe are filled in; NULL: none. The caller owns it (nng_msg_free()). */
nng_msg *transport_take(struct transport *t, struct peer *peer, int *pipe);
void transport_hang_up(struct transport *t, int pipe);  /* close one connection */

/** transport_send() - hand over an answer (or an event when @event); never blocks. What libnng cannot take now waits in order. */
void transport_send(struct transport *t, nng_msg *m, bool event);
void transport_resume(struct transport *t);             /* go on with what waits */

int transport_errno(int nng_error);                     /* libnng's error as a negative errno */
