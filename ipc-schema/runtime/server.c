/* server.c - from a request to its answer: who asks, which method, is it asked again, decode, call, encode */
#include "dedup.h"
#include "log.h"
#include "transport.h"

struct server {
	struct server_config config;
	struct transport *transport;
	struct dedup *dedup;
	struct arena arena;
	struct buf out;
	char *memory;                   /* of both, where it is fixed */
	uint64_t seq;
};

static void handle(void *arg, struct conn *conn, const void *body, size_t n);

static int check_config(const struct server_config *c)
{
	for (size_t i = 0; i < c->n_methods; i++)
		if (!msg_method_by_id(c->socket, c->methods[i].id))
			return -EINVAL;
	return c->socket->path || c->path ? 0 : -EINVAL;
}

/* fills in the limits that were not said */
static int take_memory(struct server *s, struct server_limits *l)
{
	l->pipes = l->pipes ?: SERVER_MAX_PIPES;
	l->request = l->request ?: SERVER_MAX_REQUEST;
	l->answer = l->answer ?: SERVER_MAX_ANSWER;
	l->memory = l->memory ?: SERVER_MAX_MEMORY;
	s->arena = (struct arena)ARENA_HEAP(l->memory);
	s->out.max = l->answer;
	if (!l->fixed)
		return 0;
	s->memory = malloc(l->memory + l->answer);
	if (!s->memory)
		return -ENOMEM;
	s->arena = (struct arena){ .mem = s->memory, .len = l->memory };
	s->out = (struct buf){ .data = (uint8_t *)s->memory + l->memory, .cap = l->answer, .fixed = true };
	return 0;
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
	r = take_memory(s, &s->config.limits);
	if (r == 0)
		r = dedup_new(&s->dedup, config->answers ? config->n_answers : SERVER_DEDUP, config->answers);
	if (r == 0)
		r = transport_new(&s->transport, &s->config, handle, s);
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
	transport_free(s->transport);
	dedup_free(s->dedup);
	arena_reset(&s->arena);
	buf_finish(&s->out);
	free(s->memory);
	free(s);
}

void server_hold_replies(struct server *s, bool on) { transport_hold(s->transport, on); }
void server_flush(struct server *s) { transport_flush(s->transport); }

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

static void refuse(struct server *s, struct conn *conn, uint64_t id, int result, const char *error)
{
	if (encode_answer(s, id, result, error, NULL, NULL) == 0)
		transport_reply(conn, s->out.data, s->out.len);
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

static void call_handler(struct server *s, struct conn *conn, const struct msg_request *msg, const struct msg_method *m,
			 server_handler fn)
{
	struct server_call c = { .server = s, .peer = *transport_peer(conn), .id = msg->id, .method = m, .arena = &s->arena, .user = s->config.user };
	void *in = arena_alloc(&s->arena, m->req->size, sizeof(uint64_t)), *out = arena_alloc(&s->arena, m->rep->size, sizeof(uint64_t));
	char why[MSG_WHY] = "";
	int r = in && out ? msg_decode(m->req, msg->body, msg->body_len, &s->arena, in, why) : -ENOMEM;

	if (r < 0) {
		refuse(s, conn, msg->id, r, why);
		return;
	}
	r = fn(&c, in, out);
	if (encode_answer(s, msg->id, MIN(r, 0), r < 0 ? c.error : NULL, m, r < 0 ? NULL : out) < 0)
		return;                 /* no memory even for an error: the caller will ask again */
	if (m->dedup)
		remember(s, msg->id, c.peer.uid);
	transport_reply(conn, s->out.data, s->out.len);
}

static void handle(void *arg, struct conn *conn, const void *body, size_t n_body)
{
	const struct peer *peer = transport_peer(conn);
	struct server *s = arg;
	const struct msg_method *m;
	struct msg_request msg;
	server_handler fn;
	const void *answer;
	size_t n;

	if (msg_request_decode(body, n_body, &msg) < 0) {
		log_event(LOG_DEBUG, "SERVER_PEER_GARBAGE", "a peer sent what is no request; hanging up",
			  F_I64("PEER_PID", peer->pid), F_U64("PEER_UID", peer->uid));
		transport_hang_up(conn);
		return;
	}
	m = msg_method_by_id(s->config.socket, msg.method);
	fn = m ? find_handler(s, msg.method) : NULL;
	if (!fn) {
		refuse(s, conn, msg.id, -ENOSYS, m ? "this daemon does not offer the method" : "unknown method");
	} else if (!may_call(s, peer, m)) {
		refuse(s, conn, msg.id, -EPERM, "only root may call this method");
	} else if (m->dedup && (answer = dedup_find(s->dedup, msg.id, peer->uid, &n))) {
		transport_reply(conn, answer, n);
	} else {
		call_handler(s, conn, &msg, m, fn);
	}
	arena_reset(&s->arena);
}

int server_start(struct server *s, struct loop *l)
{
	const struct msg_socket *socket = s->config.socket;
	const char *events_path = s->config.events_path ? s->config.events_path : socket->events_path;
	int r = socket->n_events > 0 ? transport_listen(s->transport, l, events_path, SP_PUB) : 0;

	if (r == 0)                     /* last: who finds it may call, and may expect events */
		r = transport_listen(s->transport, l, s->config.path ? s->config.path : socket->path, SP_REP);
	return r;
}

/* -- events */

int server_publish(struct server *s, uint32_t event, const void *body)
{
	const struct msg_event *e = msg_event_by_id(s->config.socket, event);
	int r;

	if (!e)
		return -EINVAL;
	buf_reset(&s->out);
	r = msg_event_encode(s->seq + 1, e, body, &s->out);
	if (r < 0)
		return r;
	s->seq++;                       /* from here on a loss shows as a gap */
	transport_publish(s->transport, s->out.data, s->out.len);
	return 0;
}

uint64_t server_event_seq(const struct server *s) { return s->seq; }
void server_set_event_seq(struct server *s, uint64_t seq) { s->seq = seq; }
