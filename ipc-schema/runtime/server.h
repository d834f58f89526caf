/*
 * server.h - a daemon's public face: SP REP and PUB over ipc://, driven from its own loop, for libnng clients and ours
 *
 * No thread of its own: handlers run on the loop's. A peer that does not read its answers is not read any further and blocks nobody.
 * Bounds: SERVER_MAX_PIPES connections of each kind, an eighth of that per non-root uid, an eighth kept for root; one request of each
 * connection handled per round. Why it is not libnng that listens: transport.h.
 */
#pragma once
#include "loop.h"
#include "msg.h"

#define SERVER_MAX_PIPES 1024
#define SERVER_MAX_REQUEST (1u << 20)
#define SERVER_MAX_ANSWER (16u << 20)
#define SERVER_MAX_MEMORY (32u << 20)   /* that one request and its answer may take */
#define SERVER_DEDUP 256                /* remembered answers of methods marked dedup */

/** what a daemon may hold for its peers; zero: SERVER_MAX_* */
struct server_limits {
	size_t pipes, request, answer, memory;
	bool fixed;                     /* all of it is taken by server_new() and nothing later, but for the remembered answers; one answer a peer */
};

struct peer { uint32_t uid, gid; int32_t pid; };

struct dedup_slot;                      /* dedup.h */
struct server;
struct server_call {
	struct server *server;
	struct peer peer;
	uint64_t id;
	const struct msg_method *method;
	struct arena *arena;            /* for the reply's strings; lives until the answer is sent */
	void *user;
	const char *error;              /* set together with a negative return: one sentence for the person */
};

/** handler: @req and @rep are the method's structs (rep zeroed). Return 0 or -errno; see .error. Must not block. */
typedef int (*server_handler)(struct server_call *c, const void *req, void *rep);
struct server_method { uint32_t id; server_handler fn; };

struct server_config {
	const struct msg_socket *socket;
	const char *path, *events_path; /* NULL: those of the schema (tests give others) */
	const struct server_method *methods; size_t n_methods;  /* any order; a method of the schema without a row is refused with ENOSYS */
	void *user;
	/* de-duplication across a restart of the daemon (may be NULL): called after each answer of a dedup method */
	void (*remember)(void *user, uint64_t id, uint32_t uid, const void *answer, size_t n);
	/* the same where memory of the daemon outlives its image (may be NULL): the answers are kept there, and found there by the next one */
	struct dedup_slot *answers; size_t n_answers;
	uint32_t uid_root;              /* uid that counts as root beside 0 (a user manager's own); 0 otherwise */
	struct server_limits limits;
	/* the listening REP socket across an execve() of the daemon (may be NULL): -1, or the one of the earlier image; becomes the one that
	 * is listened at, without FD_CLOEXEC, and is not closed by server_free() */
	int32_t *listen_fd;
};

int server_new(struct server **ret, const struct server_config *config);       /* -EINVAL: a row for a method that the schema has not */
/** server_recall() - put a remembered answer back after a restart, before server_start() */
int server_recall(struct server *s, uint64_t id, uint32_t uid, const void *answer, size_t n);
/** server_start() - listen, mode 0666; replaces a stale socket file in one step. -EADDRINUSE: somebody listens there */
int server_start(struct server *s, struct loop *l);
void server_free(struct server *s);
DEFINE_CLEANUP(struct server *, server_free);

/** server_hold_replies() / server_flush() - with holding on, answers and events queue until server_flush(): core flushes after its commit */
void server_hold_replies(struct server *s, bool on);
void server_flush(struct server *s);

/** server_publish() - to every subscriber; slow ones lose events, which they see by the gap in seq */
int server_publish(struct server *s, uint32_t event, const void *body);
uint64_t server_event_seq(const struct server *s);
void server_set_event_seq(struct server *s, uint64_t seq);      /* continue the count after a restart */
