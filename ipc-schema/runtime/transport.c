/* transport.c - see transport.h */
#include <nng/nng.h>
#include <nng/protocol/pubsub0/pub.h>
#include <nng/protocol/reqrep0/rep.h>
#include <nng/transport/ipc/ipc.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include "transport.h"

#define SEND_QUEUE 1024                 /* messages that libnng takes before it asks us to wait */
#define EVENT_QUEUE 256                 /* events kept for one slow subscriber */
#define HANDSHAKES 4096                 /* fds on top of the pipes: connections that have not shaken hands yet (libnng gives them 10 s) */

/* Connections of one socket; a slot with pipe 0 is free. */
struct pipes {
	struct transport *t;
	struct { int pipe; struct peer peer; } slots[SERVER_MAX_PIPES];
	size_t n;
};

/* An answer or event on its way to libnng. */
struct parcel { struct parcel *next; nng_msg *m; bool event; };

struct transport {
	nng_socket rep, pub;
	bool have_rep, have_pub, closing;
	nng_aio *recv_aio, *send_aio;
	int wake_fd;
	uint32_t uid_root;
	pthread_mutex_t lock;           /* guards all up to the next blank line */
	struct pipes rep_pipes, pub_pipes;
	nng_msg *inbox[TRANSPORT_INBOX];
	size_t first, n_inbox;
	bool receiving, sending;

	struct parcel *parcels, **last_parcel;  /* the loop's thread only */
};

int transport_errno(int nng_error)
{
	static const struct { int nng, err; } table[] = {
		{ NNG_EINTR, EINTR },          { NNG_ENOMEM, ENOMEM },       { NNG_EINVAL, EINVAL },   { NNG_EBUSY, EBUSY },
		{ NNG_ETIMEDOUT, ETIMEDOUT },  { NNG_ECONNREFUSED, ECONNREFUSED },                     { NNG_ECLOSED, EPIPE },
		{ NNG_EAGAIN, EAGAIN },        { NNG_ENOTSUP, EOPNOTSUPP },  { NNG_EADDRINUSE, EADDRINUSE },
		{ NNG_ENOENT, ENOENT },        { NNG_EPROTO, EPROTO },       { NNG_EADDRINVAL, ENAMETOOLONG },
		{ NNG_EPERM, EPERM },          { NNG_EMSGSIZE, EMSGSIZE },   { NNG_ENOFILES, EMFILE }, { NNG_ENOSPC, ENOSPC },
		{ NNG_EEXIST, EEXIST },        { NNG_EREADONLY, EROFS },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (table[i].nng == nng_error)
			return -table[i].err;
	if (nng_error & NNG_ESYSERR)
		return -(nng_error & ~NNG_ESYSERR);
	return nng_error == 0 ? 0 : -EIO;
}

static void wake(struct transport *t)
{
	uint64_t one = 1;

	if (write(t->wake_fd, &one, sizeof(one)) < 0)
		return;                 /* EAGAIN: it has been woken 2^64 times already */
}

/* -- on libnng's threads */

static bool pipe_peer(nng_pipe p, struct peer *peer)
{
	uint64_t uid, gid, pid;

	if (nng_pipe_get_uint64(p, NNG_OPT_IPC_PEER_UID, &uid) != 0 || nng_pipe_get_uint64(p, NNG_OPT_IPC_PEER_GID, &gid) != 0 ||
	    nng_pipe_get_uint64(p, NNG_OPT_IPC_PEER_PID, &pid) != 0)
		return false;
	*peer = (struct peer){ .uid = (uint32_t)uid, .gid = (uint32_t)gid, .pid = (int32_t)pid };
	return true;
}

/* An eighth of all connections stays for root; one other user has an eighth at most. */
static bool may_connect(const struct pipes *pipes, uint32_t uid, uint32_t uid_root)
{
	size_t of_uid = 0;

	if (uid == 0 || uid == uid_root)
		return pipes->n < SERVER_MAX_PIPES;
	for (size_t i = 0; i < SERVER_MAX_PIPES; i++)
		of_uid += pipes->slots[i].pipe != 0 && pipes->slots[i].peer.uid == uid;
	return of_uid < SERVER_MAX_PIPES / 8 && pipes->n < SERVER_MAX_PIPES - SERVER_MAX_PIPES / 8;
}

static ssize_t find_pipe(const struct pipes *pipes, int pipe)
{
	for (size_t i = 0; i < SERVER_MAX_PIPES; i++)
		if (pipes->slots[i].pipe == pipe)
			return (ssize_t)i;
	return -1;
}

static void pipe_added(nng_pipe p, nng_pipe_ev ev, void *arg)
{
	struct pipes *pipes = arg;
	struct peer peer;
	bool ok = pipe_peer(p, &peer);

	pthread_mutex_lock(&pipes->t->lock);
	ok = ok && may_connect(pipes, peer.uid, pipes->t->uid_root);
	if (ok) {
		ssize_t i = find_pipe(pipes, 0);

		pipes->slots[i].pipe = nng_pipe_id(p);
		pipes->slots[i].peer = peer;
		pipes->n++;
	}
	pthread_mutex_unlock(&pipes->t->lock);
	if (!ok)
		nng_pipe_close(p);
}

static void pipe_removed(nng_pipe p, nng_pipe_ev ev, void *arg)
{
	struct pipes *pipes = arg;
	ssize_t i;

	pthread_mutex_lock(&pipes->t->lock);
	i = find_pipe(pipes, nng_pipe_id(p));
	if (i >= 0) {
		pipes->slots[i].pipe = 0;
		pipes->n--;
	}
	pthread_mutex_unlock(&pipes->t->lock);
}

/* Takes the next request while there is room; otherwise transport_take() starts receiving again. */
static void received(void *arg)
{
	struct transport *t = arg;
	int error = nng_aio_result(t->recv_aio);
	bool more;

	pthread_mutex_lock(&t->lock);
	if (error == 0) {
		t->inbox[(t->first + t->n_inbox++) % TRANSPORT_INBOX] = nng_aio_get_msg(t->recv_aio);
		nng_aio_set_msg(t->recv_aio, NULL);
	}
	more = error == 0 && !t->closing && t->n_inbox < TRANSPORT_INBOX;
	t->receiving = more;
	pthread_mutex_unlock(&t->lock);
	if (error != NNG_ECLOSED && error != NNG_ECANCELED)
		wake(t);
	if (more)
		nng_recv_aio(t->rep, t->recv_aio);
}

static void sent(void *arg)
{
	struct transport *t = arg;

	if (nng_aio_result(t->send_aio) != 0) {
		nng_msg_free(nng_aio_get_msg(t->send_aio));
		nng_aio_set_msg(t->send_aio, NULL);
	}
	pthread_mutex_lock(&t->lock);
	t->sending = false;
	pthread_mutex_unlock(&t->lock);
	wake(t);
}

/* -- on the loop's thread */

/* Every connection is an fd, those that have not shaken hands included: room for them, as far as the hard limit goes. */
static void raise_fd_limit(void)
{
	struct rlimit l;
	rlim_t wanted = 2 * SERVER_MAX_PIPES + HANDSHAKES;

	if (getrlimit(RLIMIT_NOFILE, &l) < 0 || l.rlim_cur >= wanted)
		return;
	l.rlim_cur = MIN(wanted, l.rlim_max);
	setrlimit(RLIMIT_NOFILE, &l);
}

static int watch_pipes(nng_socket s, struct pipes *pipes, struct transport *t)
{
	int e;

	pipes->t = t;
	e = nng_pipe_notify(s, NNG_PIPE_EV_ADD_PRE, pipe_added, pipes);
	return e ? e : nng_pipe_notify(s, NNG_PIPE_EV_REM_POST, pipe_removed, pipes);
}

static int open_sockets(struct transport *t, bool events)
{
	int e = nng_rep0_open_raw(&t->rep);

	t->have_rep = e == 0;
	if (e == 0 && events)
		e = nng_pub0_open(&t->pub);
	t->have_pub = e == 0 && events;
	if (e == 0)
		e = nng_socket_set_size(t->rep, NNG_OPT_RECVMAXSZ, SERVER_MAX_REQUEST);
	if (e == 0)
		e = nng_socket_set_int(t->rep, NNG_OPT_SENDBUF, SEND_QUEUE);
	if (e == 0)
		e = nng_socket_set_int(t->rep, NNG_OPT_RECVBUF, 1);
	if (e == 0)
		e = watch_pipes(t->rep, &t->rep_pipes, t);
	if (e == 0 && events)
		e = nng_socket_set_int(t->pub, NNG_OPT_SENDBUF, EVENT_QUEUE);
	if (e == 0 && events)
		e = watch_pipes(t->pub, &t->pub_pipes, t);
	if (e == 0)
		e = nng_aio_alloc(&t->recv_aio, received, t);
	if (e == 0)
		e = nng_aio_alloc(&t->send_aio, sent, t);
	return transport_errno(e);
}

int transport_new(struct transport **ret, bool events, uint32_t uid_root)
{
	_cleanup_(transport_freep) struct transport *t = calloc(1, sizeof(*t));
	int r;

	if (!t)
		return -ENOMEM;
	pthread_mutex_init(&t->lock, NULL);
	t->last_parcel = &t->parcels;
	t->uid_root = uid_root;
	t->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (t->wake_fd < 0)
		return -errno;
	raise_fd_limit();
	r = open_sockets(t, events);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(t);
	return 0;
}

void transport_free(struct transport *t)
{
	if (!t)
		return;
	pthread_mutex_lock(&t->lock);
	t->closing = true;
	pthread_mutex_unlock(&t->lock);
	if (t->have_rep)
		nng_close(t->rep);
	if (t->have_pub)
		nng_close(t->pub);
	if (t->recv_aio)
		nng_aio_free(t->recv_aio);      /* waits for its callback */
	if (t->send_aio)
		nng_aio_free(t->send_aio);
	while (t->n_inbox-- > 0)
		nng_msg_free(t->inbox[t->first++ % TRANSPORT_INBOX]);
	while (t->parcels) {
		struct parcel *p = t->parcels;

		t->parcels = p->next;
		nng_msg_free(p->m);
		free(p);
	}
	closep(&t->wake_fd);
	pthread_mutex_destroy(&t->lock);
	free(t);
}

static int listen_at(nng_socket s, const char *path)
{
	char url[128 + 8];
	nng_listener l;
	int e;

	if (snprintf(url, sizeof(url), "ipc://%s", path) >= (int)sizeof(url))
		return -ENAMETOOLONG;
	e = nng_listener_create(&l, s, url);
	if (e == 0)
		e = nng_listener_set_int(l, NNG_OPT_IPC_PERMISSIONS, 0666);
	if (e == 0)
		e = nng_listener_start(l, 0);
	return transport_errno(e);
}

/* Called with nothing in flight, or by transport_take() once there is room. */
static void start_receiving(struct transport *t)
{
	bool start;

	pthread_mutex_lock(&t->lock);
	start = !t->receiving && t->n_inbox < TRANSPORT_INBOX;
	t->receiving |= start;
	pthread_mutex_unlock(&t->lock);
	if (start)
		nng_recv_aio(t->rep, t->recv_aio);
}

int transport_listen(struct transport *t, const char *path, const char *events_path)
{
	int r = t->have_pub ? listen_at(t->pub, events_path) : 0;

	if (r == 0)
		r = listen_at(t->rep, path);    /* last: who finds it may call, and may expect events */
	if (r == 0)
		start_receiving(t);
	return r;
}

int transport_fd(const struct transport *t) { return t->wake_fd; }

void transport_drain(struct transport *t)
{
	uint64_t times;

	if (read(t->wake_fd, &times, sizeof(times)) < 0)
		return;                 /* EAGAIN: quiet already */
}

nng_msg *transport_take(struct transport *t, struct peer *peer, int *pipe)
{
	nng_msg *m = NULL;
	ssize_t slot = -1;

	pthread_mutex_lock(&t->lock);
	while (t->n_inbox > 0 && slot < 0) {
		m = t->inbox[t->first];
		t->first = (t->first + 1) % TRANSPORT_INBOX;
		t->n_inbox--;
		*pipe = nng_pipe_id(nng_msg_get_pipe(m));
		slot = *pipe > 0 ? find_pipe(&t->rep_pipes, *pipe) : -1;
		if (slot >= 0)
			*peer = t->rep_pipes.slots[slot].peer;
		else
			nng_msg_free(m);        /* its sender has left: there is nobody to answer */
	}
	pthread_mutex_unlock(&t->lock);
	start_receiving(t);
	return slot < 0 ? NULL : m;
}

void transport_hang_up(struct transport *t, int pipe)
{
	nng_pipe p = { .id = (uint32_t)pipe };

	nng_pipe_close(p);
}

/* 0: libnng has it (or it is lost, as an event may be); -EAGAIN: not now */
static int try_send(struct transport *t, nng_msg *m, bool event)
{
	int e = nng_sendmsg(event ? t->pub : t->rep, m, NNG_FLAG_NONBLOCK);

	if (e == NNG_EAGAIN && !event)
		return -EAGAIN;
	if (e != 0)
		nng_msg_free(m);
	return 0;
}

/* The first that libnng does not take at once goes by the aio, whose end wakes us for the next ones. */
static bool begin_waiting(struct transport *t, nng_msg *m)
{
	bool busy;

	pthread_mutex_lock(&t->lock);
	busy = t->sending;
	t->sending = true;
	pthread_mutex_unlock(&t->lock);
	if (busy)
		return false;
	nng_aio_set_msg(t->send_aio, m);
	nng_send_aio(t->rep, t->send_aio);
	return true;
}

static bool waiting(struct transport *t)
{
	bool busy;

	pthread_mutex_lock(&t->lock);
	busy = t->sending;
	pthread_mutex_unlock(&t->lock);
	return busy;
}

void transport_send(struct transport *t, nng_msg *m, bool event)
{
	struct parcel *p;

	if (!t->parcels && !waiting(t) && (try_send(t, m, event) == 0 || begin_waiting(t, m)))
		return;
	p = calloc(1, sizeof(*p));
	if (!p) {
		nng_msg_free(m);        /* the caller of the method asks again: the answer is remembered where it matters */
		return;
	}
	*p = (struct parcel){ .m = m, .event = event };
	*t->last_parcel = p;
	t->last_parcel = &p->next;
}

void transport_resume(struct transport *t)
{
	while (t->parcels && !waiting(t)) {
		struct parcel *p = t->parcels;

		if (try_send(t, p->m, p->event) < 0 && !begin_waiting(t, p->m))
			return;
		t->parcels = p->next;
		if (!t->parcels)
			t->last_parcel = &t->parcels;
		free(p);
	}
}
