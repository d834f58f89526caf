/* pool.c - see pool.h */
#include <signal.h>
#include <stdio.h>
#include "log.h"
#include "worker/pool.h"

#define GROW_USEC (8 * USEC_PER_MSEC)
#define TICK_USEC USEC_PER_SEC

struct worker {
	struct source source;
	struct pool *pool;
	struct worker *next, *next_idle;
	uint32_t token;
	void *job;                      /* NULL: idle */
	uint64_t since_usec;            /* of the job, CLOCK_BOOTTIME */
	bool stale, warned, timed_out, ending;
};

struct pool {
	struct loop *loop;
	const struct settings *settings;
	const struct pool_hooks *hooks;
	void *user;
	struct source lead;
	struct worker *workers, *idle;  /* idle: who worked last is first */
	size_t n, n_idle, n_ending, wanted, busy;
	uint32_t token;
	unsigned cpus;
	uint64_t done, done_before;     /* jobs, when growth was last thought of */
	struct timer grow, tick;
};

size_t pool_size(const struct pool *p) { return p->n; }
size_t pool_idle(const struct pool *p) { return p->n_idle; }
size_t pool_busy(const struct pool *p) { return p->busy; }
bool pool_ready(const struct pool *p) { return p->idle != NULL; }

static int lead(struct pool *p, struct lead l, int fd)
{
	int r;

	l.log_level = log_level();
	r = frame_send(p->lead.fd, &l, sizeof(l), &fd, fd >= 0);
	if (r < 0)
		log_event(LOG_ERR, "DEVICE_RUNNER_DEAF", "the runner cannot be told", F_ERRNO(r));
	return r;
}

/* ---- one worker ---- */

static void idle_add(struct worker *w)
{
	w->next_idle = w->pool->idle;
	w->pool->idle = w;
	w->pool->n_idle++;
}

static void idle_remove(struct worker *w)
{
	for (struct worker **link = &w->pool->idle; *link; link = &(*link)->next_idle) {
		if (*link != w)
			continue;
		*link = w->next_idle;
		w->pool->n_idle--;
		return;
	}
}

static void end(struct worker *w)
{
	struct order o = { .verb = ORDER_END };

	if (w->ending)
		return;
	idle_remove(w);
	w->ending = true;
	w->pool->n_ending++;
	send(w->source.fd, &o, sizeof(o), MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void worker_free(struct worker *w)
{
	struct worker **link = &w->pool->workers;

	while (*link != w)
		link = &(*link)->next;
	*link = w->next;
	idle_remove(w);
	w->pool->n--;
	w->pool->n_ending -= w->ending;
	source_del(&w->source);
	close(w->source.fd);
	free(w);
}

static void finish(struct worker *w, const struct outcome *o)
{
	struct pool *p = w->pool;
	void *job = w->job;

	w->job = NULL;
	w->warned = w->timed_out = false;
	p->busy--;
	p->done++;
	if (w->stale)
		end(w);
	else
		idle_add(w);
	p->hooks->done(p->user, job, o);
}

/* 0: nothing more to read now (@once: one is all there can be); -ECONNRESET: it is gone */
static int take_outcomes(struct worker *w, bool once)
{
	do {
		struct outcome o;
		ssize_t n = recv(w->source.fd, &o, sizeof(o), MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -ECONNRESET;
		if (n != sizeof(o) || !w->job)
			return -ECONNRESET;
		o.slow_place[sizeof(o.slow_place) - 1] = '\0';
		finish(w, &o);
	} while (!once);
	return 0;
}

static int worker_fire(struct source *s, uint32_t events)
{
	struct worker *w = container_of(s, struct worker, source);
	struct pool *p = w->pool;

	if (take_outcomes(w, true) < 0) {
		source_del(s);                          /* how it ended the runner will say */
		idle_remove(w);
	}
	p->hooks->idle(p->user);
	return 0;
}

static int spawn(struct pool *p)
{
	struct worker *w = calloc(1, sizeof(*w));
	int pair[2], r;

	if (!w)
		return -ENOMEM;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		free(w);
		return -errno;
	}
	w->pool = p;
	w->token = ++p->token;
	r = source_add(p->loop, &w->source, pair[0], EPOLLIN, worker_fire);
	if (r == 0)
		r = lead(p, (struct lead){ .verb = LEAD_SPAWN, .token = w->token }, pair[1]);
	close(pair[1]);
	if (r < 0) {
		source_del(&w->source);
		close(pair[0]);
		free(w);
		return r;
	}
	w->next = p->workers;
	p->workers = w;
	p->n++;
	idle_add(w);
	return 0;
}

int pool_give(struct pool *p, const struct order *o, const char *text, const char *properties, void *job)
{
	struct worker *w = p->idle;
	struct iovec iov[3] = { { (void *)(uintptr_t)o, sizeof(*o) }, { (void *)(uintptr_t)text, o->message_bytes },
				{ (void *)(uintptr_t)properties, o->properties_bytes } };
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = 3 };

	if (!w)
		return -EAGAIN;
	if (sendmsg(w->source.fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
		if (errno == EMSGSIZE)
			return -errno;
		idle_remove(w);                         /* it died idle; the next one may live */
		return pool_give(p, o, text, properties, job);
	}
	idle_remove(w);
	w->job = job;
	w->since_usec = now_usec(CLOCK_BOOTTIME);
	p->busy++;
	if (!p->tick.loop)
		return timer_set(p->loop, &p->tick, w->since_usec + TICK_USEC, p->tick.fire);
	return 0;
}

/* ---- how many ---- */

static size_t most(const struct pool *p) { return MAX((size_t)settings_children(p->settings), (size_t)1); }

static void add_workers(struct pool *p, size_t n)
{
	while (n-- > 0 && p->n - p->n_ending < most(p)) {
		int r = spawn(p);

		if (r < 0) {
			log_event(LOG_WARNING, "DEVICE_WORKER", "no more workers can be made", F_I64("WORKERS", (int64_t)p->n), F_ERRNO(r));
			return;
		}
	}
}

static int grow(struct timer *t)
{
	struct pool *p = container_of(t, struct pool, grow);

	if (p->wanted > 0 && p->n_idle == 0 && p->done == p->done_before) {
		add_workers(p, MIN(p->wanted, p->n / 2 + 1));
		p->hooks->idle(p->user);
	} else if (p->wanted > 0 && p->n_idle == 0)
		pool_want(p, p->wanted);
	return 0;
}

void pool_want(struct pool *p, size_t waiting)
{
	size_t live = p->n - p->n_ending, base = MIN((size_t)p->cpus, most(p));

	p->wanted = waiting;
	if (live < base) {
		add_workers(p, MIN(waiting, base - live));
		return;
	}
	if (p->grow.loop || live >= most(p))
		return;
	p->done_before = p->done;
	timer_set(p->loop, &p->grow, now_usec(CLOCK_BOOTTIME) + GROW_USEC, grow);
}

void pool_retire(struct pool *p)
{
	p->wanted = 0;
	while (p->idle)
		end(p->idle);
}

void pool_renew(struct pool *p)
{
	lead(p, (struct lead){ .verb = LEAD_RELOAD }, -1);
	for (struct worker *w = p->workers; w; w = w->next)
		w->stale = true;
	while (p->idle)
		end(p->idle);
	p->hooks->idle(p->user);
}

/* ---- how long ---- */

static void judge(struct worker *w, uint64_t now)
{
	uint64_t limit = w->pool->settings->event_timeout_usec, took = now - w->since_usec;

	if (w->timed_out && took > limit + 10 * USEC_PER_SEC)
		lead(w->pool, (struct lead){ .verb = LEAD_KILL, .token = w->token, .signo = SIGKILL }, -1);
	else if (!w->timed_out && took > limit) {
		w->timed_out = true;
		log_event(LOG_ERR, "DEVICE_TIMEOUT", "an event takes too long, its worker is killed", F_U64("USEC", took));
		lead(w->pool, (struct lead){ .verb = LEAD_KILL, .token = w->token, .signo = w->pool->settings->timeout_signal }, -1);
	} else if (!w->warned && took > limit / 3) {
		w->warned = true;
		log_event(LOG_WARNING, "DEVICE_SLOW", "an event takes long", F_U64("USEC", took));
	}
}

static int tick(struct timer *t)
{
	struct pool *p = container_of(t, struct pool, tick);
	uint64_t now = now_usec(CLOCK_BOOTTIME);

	for (struct worker *w = p->workers; w; w = w->next)
		if (w->job)
			judge(w, now);
	return p->busy ? timer_set(p->loop, t, now + TICK_USEC, tick) : 0;
}

/* ---- news of the runner ---- */

static void ended(struct pool *p, const struct news *n)
{
	struct worker *w = p->workers;
	void *job;
	bool late;

	while (w && w->token != n->token)
		w = w->next;
	if (!w)
		return;
	take_outcomes(w, false);                        /* what it said before its end counts */
	job = w->job;
	late = w->timed_out;
	if (job)
		p->busy--;
	if (!w->ending)
		log_event(LOG_ERR, "DEVICE_WORKER_LOST", n->verb == NEWS_NO_WORKER ? "a worker cannot be made" : "a worker ended unasked",
			  F_I64("STATUS", n->status), F_ERRNO(n->error));
	worker_free(w);
	if (job)
		p->hooks->lost(p->user, job, n->status, late);
	p->hooks->idle(p->user);
}

static int hear(struct source *s, uint32_t events)
{
	struct pool *p = container_of(s, struct pool, lead);
	struct news n;
	ssize_t len;

	while ((len = recv(s->fd, &n, sizeof(n), MSG_DONTWAIT)) == sizeof(n)) {
		if (n.verb == NEWS_RULES)
			p->hooks->rules(p->user, n.lines);
		else
			ended(p, &n);
	}
	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	source_del(s);
	p->hooks->broken(p->user);
	return 0;
}

int pool_new(struct pool **ret, struct loop *l, int lead_fd, const struct settings *s, const struct pool_hooks *hooks, void *user)
{
	struct pool *p = calloc(1, sizeof(*p));
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	int r;

	if (!p)
		return -ENOMEM;
	*p = (struct pool){ .loop = l, .settings = s, .hooks = hooks, .user = user, .cpus = (unsigned)MAX(cpus, 1L) };
	p->tick.fire = tick;
	r = source_add(l, &p->lead, lead_fd, EPOLLIN, hear);
	if (r < 0) {
		free(p);
		return r;
	}
	*ret = p;
	return 0;
}

void pool_free(struct pool *p)
{
	if (!p)
		return;
	while (p->workers)
		worker_free(p->workers);
	timer_del(&p->grow);
	timer_del(&p->tick);
	source_del(&p->lead);
	closep(&p->lead.fd);                            /* the runner ends when it sees that */
	free(p);
}
