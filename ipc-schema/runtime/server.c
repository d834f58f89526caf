/* server.c - from a request to its answer: who asks, which method, is it asked again, decode, call, encode */
#include "dedup.h"
#include "log.h"
#include "transport.h"

#define ARENA_MAX (32u << 20)           /* bytes that one request and its answer may take in memory */
#define ANSWER_MAX (16u << 20)

/* An answer or event that is held until server_flush(). */
struct held { struct held *next; nng_msg *m; bool event; };

struct request { nng_msg *m; struct peer peer; int pipe; };

struct server {
	struct server_config config;
	struct transport *transport;
	struct dedup *dedup;
	struct source source;
	struct deferred again;          /* requests are left over from this round */
	struct request pending[TRANSPORT_INBOX];
	size_t n_pending;
	struct arena arena;
	struct buf out;
	bool hold;
	struct held *held, **last_held;
	uint64_t seq;
};

static int check_config(const struct server_config *c)
{
	for (size_t i = 0; i < c->n_methods; i++)
		if (!msg_method_by_id(c->socket, c->methods[i].id))
			return -EINVAL;
	return c->socket->path || c->path ? 0 : -EINVAL;
}

int server_new(struct server **ret, const struct server_config *config)
{
	_cleanup_(server_freep) struct server *s = calloc(1, sizeof(*s));
	int r = check_config(config);

	if (r < 0)
		return r;
	if (!s)
		return -ENOMEM;
	s->config = *config;
	s->arena = (struct arena)ARENA_HEAP(ARENA_MAX);
	s->out.max = ANSWER_MAX;
	s->last_held = &s->held;
	r = dedup_new(&s->dedup, SERVER_DEDUP);
	if (r == 0)
		r = transport_new(&s->transport, config->socket->n_events > 0, config->uid_root);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(s);
	return 0;
}

int server_recall(struct server *s, uint64_t id, uint32_t uid, const void *answer, size_t n)
{
	return dedup_add(s->dedup, id, uid, answer, n);
}

void server_free(struct server *s)
{
	if (!s)
		return;
	source_del(&s->source);
	defer_del(&s->again);
	while (s->held) {
		struct held *h = s->held;

		s->held = h->next;
		nng_msg_free(h->m);
		free(h);
	}
	while (s->n_pending > 0)
		nng_msg_free(s->pending[--s->n_pending].m);
	transport_free(s->transport);
	dedup_free(s->dedup);
	arena_reset(&s->arena);
	buf_finish(&s->out);
	free(s);
}

/* -- answers and events on their way out */

static int post(struct server *s, nng_msg *m, bool event)
{
	struct held *h;

	if (!s->hold) {
		transport_send(s->transport, m, event);
		return 0;
	}
	h = calloc(1, sizeof(*h));
	if (!h) {
		nng_msg_free(m);
		return -ENOMEM;
	}
	*h = (struct held){ .m = m, .event = event };
	*s->last_held = h;
	s->last_held = &h->next;
	return 0;
}

void server_hold_replies(struct server *s, bool on)
{
	s->hold = on;
	if (!on)
		server_flush(s);
}

void server_flush(struct server *s)
{
	while (s->held) {
		struct held *h = s->held;

		s->held = h->next;
		transport_send(s->transport, h->m, h->event);
		free(h);
	}
	s->last_held = &s->held;
}

/* The request's own message carries the answer back: its header is the way. */
static void answer_bytes(struct server *s, struct request *req, const void *p, size_t n)
{
	nng_msg_clear(req->m);
	if (nng_msg_append(req->m, p, n) == 0)
		post(s, TAKE_PTR(req->m), false);
}

static int encode_answer(struct server *s, uint64_t id, int result, const char *error, const struct msg_method *m, const void *rep)
{
	int r;

	buf_reset(&s->out);
	r = msg_reply_encode(id, result, error, m ? m->rep : NULL, rep, &s->out);
	if (r == 0)
		return 0;
	log_event(LOG_ERR, "SERVER_ANSWER_INVALID", "an answer does not fit its own schema and was replaced by an error",
		  F_STR("METHOD", m ? m->name : ""), F_ERRNO(r));
	buf_reset(&s->out);
	return msg_reply_encode(id, r, "the answer does not fit the schema", NULL, NULL, &s->out);
}

static void refuse(struct server *s, struct request *req, uint64_t id, int result, const char *error)
{
	if (encode_answer(s, id, result, error, NULL, NULL) == 0)
		answer_bytes(s, req, s->out.data, s->out.len);
}

/* -- one request */

static server_handler find_handler(const struct server *s, uint32_t id)
{
	for (size_t i = 0; i < s->config.n_methods; i++)
		if (s->config.methods[i].id == id)
			return s->config.methods[i].fn;
	return NULL;
}

static bool may_call(const struct server *s, const struct peer *peer, const struct msg_method *m)
{
	return m->who == MSG_ANY || peer->uid == 0 || (s->config.uid_root != 0 && peer->uid == s->config.uid_root);
}

static void remember(struct server *s, uint64_t id, uint32_t uid)
{
	if (dedup_add(s->dedup, id, uid, s->out.data, s->out.len) < 0)
		log_event(LOG_WARNING, "SERVER_DEDUP_NO_MEMORY", "an answer could not be remembered; sent again, it would act again");
	if (s->config.remember)
		s->config.remember(s->config.user, id, uid, s->out.data, s->out.len);
}

static void call_handler(struct server *s, struct request *req, const struct msg_request *msg, const struct msg_method *m,
			 server_handler fn)
{
	struct server_call c = { .server = s, .peer = req->peer, .id = msg->id, .method = m, .arena = &s->arena, .user = s->config.user };
	void *in = arena_alloc(&s->arena, m->req->size, sizeof(uint64_t)), *out = arena_alloc(&s->arena, m->rep->size, sizeof(uint64_t));
	char why[MSG_WHY] = "";
	int r = in && out ? msg_decode(m->req, msg->body, msg->body_len, &s->arena, in, why) : -ENOMEM;

	if (r < 0) {
		refuse(s, req, msg->id, r, why);
		return;
	}
	r = fn(&c, in, out);
	if (encode_answer(s, msg->id, MIN(r, 0), r < 0 ? c.error : NULL, m, r < 0 ? NULL : out) < 0)
		return;                 /* no memory even for an error: the caller will ask again */
	if (m->dedup)
		remember(s, msg->id, req->peer.uid);
	answer_bytes(s, req, s->out.data, s->out.len);
}

static void handle(struct server *s, struct request *req)
{
	const struct msg_method *m;
	struct msg_request msg;
	server_handler fn;
	const void *answer;
	size_t n;

	if (msg_request_decode(nng_msg_body(req->m), nng_msg_len(req->m), &msg) < 0) {
		log_event(LOG_DEBUG, "SERVER_PEER_GARBAGE", "a peer sent what is no request; hanging up",
			  F_I64("PEER_PID", req->peer.pid), F_U64("PEER_UID", req->peer.uid));
		transport_hang_up(s->transport, req->pipe);
		return;
	}
	m = msg_method_by_id(s->config.socket, msg.method);
	fn = m ? find_handler(s, msg.method) : NULL;
	if (!fn) {
		refuse(s, req, msg.id, -ENOSYS, m ? "this daemon does not offer the method" : "unknown method");
	} else if (!may_call(s, &req->peer, m)) {
		refuse(s, req, msg.id, -EPERM, "only root may call this method");
	} else if (m->dedup && (answer = dedup_find(s->dedup, msg.id, req->peer.uid, &n))) {
		answer_bytes(s, req, answer, n);
	} else {
		call_handler(s, req, &msg, m, fn);
	}
}

/* -- rounds */

static int serve_again(struct deferred *d);

static bool served_before(const struct request *reqs, size_t n, int pipe)
{
	for (size_t i = 0; i < n; i++)
		if (reqs[i].pipe == pipe)
			return true;
	return false;
}

static void fill_pending(struct server *s)
{
	while (s->n_pending < ARRAY_SIZE(s->pending)) {
		struct request *req = &s->pending[s->n_pending];

		req->m = transport_take(s->transport, &req->peer, &req->pipe);
		if (!req->m)
			return;
		s->n_pending++;
	}
}

/* One request of each connection; what a connection has sent besides waits for the next round, in its order. */
static void serve_round(struct server *s)
{
	struct request round[TRANSPORT_INBOX];
	size_t n;

	fill_pending(s);
	n = s->n_pending;
	s->n_pending = 0;
	memcpy(round, s->pending, n * sizeof(*round));
	for (size_t i = 0; i < n; i++) {
		if (served_before(round, i, round[i].pipe)) {
			s->pending[s->n_pending++] = round[i];
			continue;
		}
		handle(s, &round[i]);
		nng_msg_free(round[i].m);       /* NULL where it carries the answer */
		arena_reset(&s->arena);
	}
	if (n > 0)
		defer(s->source.loop, &s->again, serve_again);
}

static int serve_again(struct deferred *d)
{
	struct server *s = container_of(d, struct server, again);

	serve_round(s);
	return 0;
}

static int server_fire(struct source *src, uint32_t events)
{
	struct server *s = container_of(src, struct server, source);

	transport_drain(s->transport);
	transport_resume(s->transport);
	if (!s->again.loop)             /* a round is due at the end of this turn already */
		serve_round(s);
	return 0;
}

int server_start(struct server *s, struct loop *l)
{
	const struct msg_socket *socket = s->config.socket;
	int r = source_add(l, &s->source, transport_fd(s->transport), EPOLLIN, server_fire);

	if (r < 0)
		return r;
	r = transport_listen(s->transport, s->config.path ? s->config.path : socket->path,
			     s->config.events_path ? s->config.events_path : socket->events_path);
	if (r < 0)
		source_del(&s->source);
	return r;
}

/* -- events */

int server_publish(struct server *s, uint32_t event, const void *body)
{
	const struct msg_event *e = msg_event_by_id(s->config.socket, event);
	nng_msg *m;
	int r;

	if (!e)
		return -EINVAL;
	buf_reset(&s->out);
	r = msg_event_encode(s->seq + 1, e, body, &s->out);
	if (r < 0)
		return r;
	s->seq++;                       /* from here on a loss shows as a gap */
	if (nng_msg_alloc(&m, 0) != 0)
		return -ENOMEM;
	if (nng_msg_append(m, s->out.data, s->out.len) != 0) {
		nng_msg_free(m);
		return -ENOMEM;
	}
	return post(s, m, true);
}

uint64_t server_event_seq(const struct server *s) { return s->seq; }
void server_set_event_seq(struct server *s, uint64_t seq) { s->seq = seq; }
