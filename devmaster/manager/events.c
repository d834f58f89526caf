/* events.c - an event from its arrival to its end; see manager.h */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include "log.h"
#include "manager/manager.h"
#include "monitor/monitor.h"

#define AGAIN_USEC (200 * USEC_PER_MSEC)        /* a disk that somebody has is tried so often ... */
#define LOCKED_MAX_USEC (180 * USEC_PER_SEC)    /* ... and so long (both as systemd-udevd) */
#define IDLE_USEC (3 * USEC_PER_SEC)            /* then workers end */
#define TRIES 2                                 /* with workers that crash */

/* ---- the file that says that there is something to do ---- */

bool events_left(const struct manager *m) { return queue_size(m->queue) > 0 || m->n_chores > 0 || m->repair; }

static void announce(struct manager *m)
{
	char path[256];
	int fd;

	if (m->announced)
		return;
	snprintf(path, sizeof(path), "%s/queue", m->run);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0444);
	if (fd < 0)
		log_event(LOG_WARNING, "DEVICE_QUEUE_FILE", "who waits for events cannot be told", F_STR("PATH", path), F_ERRNO(-errno));
	closep(&fd);
	m->announced = true;
}

static int get_idle(struct timer *t)
{
	struct manager *m = container_of(t, struct manager, idle);

	if (!events_left(m))
		pool_retire(m->pool);
	return 0;
}

void events_settle(struct manager *m)
{
	char path[256];

	if (events_left(m) || !m->announced)
		return;
	snprintf(path, sizeof(path), "%s/queue", m->run);
	unlink(path);
	m->announced = false;
	methods_idle(m);
	timer_set(m->loop, &m->idle, now_usec(CLOCK_BOOTTIME) + IDLE_USEC, get_idle);
}

/* ---- arrival ---- */

static int enqueue(struct manager *m, const struct uevent *u, struct journal_entry *entry)
{
	struct work *w = calloc(1, sizeof(*w));
	int r = w ? queue_add(m->queue, &w->e, u) : -ENOMEM;

	if (r < 0) {
		log_event(LOG_ERR, "DEVICE_EVENT_LOST", "no memory for an event, every device is triggered again later", F_STR("DEVICE", u->devpath), F_ERRNO(r));
		m->repair = true;
		free(w);
		journal_done(m->journal, entry);
		return r;
	}
	w->job.kind = JOB_EVENT;
	w->entry = entry;
	w->manager = m;
	m->seqnum = MAX(m->seqnum, u->seqnum);
	announce(m);
	events_wake(m);
	return 0;
}

static char *room(void *user) { return journal_room(((struct manager *)user)->journal, LISTENER_MESSAGE); }

static void arrive(void *user, const struct uevent *u, size_t n)
{
	struct manager *m = user;

	enqueue(m, u, journal_commit(m->journal, n));
}

static void overrun(void *user)
{
	struct manager *m = user;

	m->overruns++;
	log_event(LOG_ERR, "DEVICE_OVERRUN", "messages of the kernel were lost, every device is triggered again when the others are done", F_U64("OVERRUNS", m->overruns));
	request_repair(m);
}
const struct listener_hooks manager_listener_hooks = { room, arrive, overrun };

int events_resume(struct manager *m)
{
	struct journal_entry *next;

	for (struct journal_entry *e = journal_next(m->journal, NULL); e; e = next) {
		struct uevent u;

		next = journal_next(m->journal, e);
		if (uevent_kernel(e->text, e->len, &u) < 0)
			journal_done(m->journal, e);
		else if (enqueue(m, &u, e) == 0)
			m->resumed++;
	}
	if (m->resumed > 0)
		log_event(LOG_NOTICE, "DEVICE_RESUMED", "events that an earlier daemon had begun or not yet are taken up", F_U64("EVENTS", m->resumed));
	return 0;
}

/* ---- the end ---- */

static void finish(struct work *w)
{
	struct manager *m = w->manager;

	queue_done(m->queue, &w->e);
	journal_done(m->journal, w->entry);
	timer_del(&w->again);
	free(w);
	listener_resume(m->listener);
}

void events_free(struct manager *m)
{
	struct queue_event *e;

	while (m->queue && (e = queue_oldest(m->queue))) {
		struct work *w = container_of(e, struct work, e);

		queue_done(m->queue, e);
		timer_del(&w->again);
		free(w);
	}
	while (m->chores) {
		struct chore *c = m->chores;

		m->chores = c->next;
		free(c);
	}
}

/* who waits for the event is told what the kernel said, and that it went wrong */
static void tell_failure(struct manager *m, const struct work *w, int error, int status)
{
	const struct uevent *u = &w->e.uevent;
	struct buf text = { 0 }, message = { 0 };

	buf_add(&text, u->properties, u->len);
	buf_addf(&text, "UDEV_WORKER_FAILED=1%c", 0);
	if (error < 0)
		buf_addf(&text, "UDEV_WORKER_ERRNO=%d%c", -error, 0);
	else if (WIFSIGNALED(status))
		buf_addf(&text, "UDEV_WORKER_SIGNAL=%d%c", WTERMSIG(status), 0);
	else
		buf_addf(&text, "UDEV_WORKER_EXIT_STATUS=%d%c", WEXITSTATUS(status), 0);
	if (buf_error(&text) == 0 && monitor_encode(&message, (const char *)text.data, text.len) == 0)
		monitor_send(m->monitor, message.data, message.len);
	buf_finish(&message);
	buf_finish(&text);
}

static void fail(struct work *w, const char *why, int error, int status)
{
	struct manager *m = w->manager;

	m->failed++;
	log_event(LOG_ERR, "DEVICE_EVENT_FAILED", why, F_STR("ACTION", w->e.uevent.action), F_STR("DEVICE", w->e.uevent.devpath),
		  F_U64("SEQNUM", w->e.uevent.seqnum), F_I64("STATUS", status), F_ERRNO(error));
	tell_failure(m, w, error, status);
	finish(w);
}

static int try_again(struct timer *t)
{
	struct work *w = container_of(t, struct work, again);

	queue_give_back(w->manager->queue, &w->e);
	events_wake(w->manager);
	return 0;
}

static void wait_for_lock(struct work *w)
{
	uint64_t now = now_usec(CLOCK_BOOTTIME);

	w->locked_since_usec = w->locked_since_usec ? w->locked_since_usec : now;
	if (now - w->locked_since_usec > LOCKED_MAX_USEC)
		fail(w, "somebody has had the disk for himself for too long", -EBUSY, 0);
	else
		timer_set(w->manager->loop, &w->again, now + AGAIN_USEC, try_again);
}

static void chore_done(struct manager *m, struct chore *c)
{
	m->n_chores--;
	free(c);
}

static void done(void *user, void *job, const struct outcome *o)
{
	struct manager *m = user;
	struct work *w = job;

	m->busy_usec += o->usec;
	if (((struct job *)job)->kind == JOB_CHORE)
		chore_done(m, job);
	else if (o->verb == OUTCOME_LOCKED)
		wait_for_lock(w);
	else if (o->verb == OUTCOME_FAILED)
		fail(w, "an event failed", o->error, 0);
	else {
		m->done++;
		slow_add(m, o);
		finish(w);
	}
	events_wake(m);
}

static void lost(void *user, void *job, int status, bool timed_out)
{
	struct manager *m = user;
	struct work *w = job;

	m->crashed++;
	if (((struct job *)job)->kind == JOB_CHORE)
		chore_done(m, job);
	else if (!timed_out && ++w->entry->tries < TRIES) {
		m->retried++;
		log_event(LOG_WARNING, "DEVICE_EVENT_AGAIN", "an event lost its worker and is tried again", F_STR("DEVICE", w->e.uevent.devpath), F_I64("STATUS", status));
		queue_give_back(m->queue, &w->e);
	} else
		fail(w, timed_out ? "an event took too long" : "an event loses its workers", 0, status);
	events_wake(m);
}

/* ---- giving out ---- */

static int give_chore(struct manager *m)
{
	struct chore *c = m->chores;
	struct order o = { .verb = c->verb, .log_level = log_level(), .timeout_usec = m->settings.event_timeout_usec, .message_bytes = (uint32_t)strlen(c->id) + 1 };
	int r = pool_give(m->pool, &o, c->id, NULL, c);

	if (r < 0)
		return r;
	m->chores = c->next;
	if (!m->chores)
		m->chores_tail = &m->chores;
	return 0;
}

static int give_event(struct manager *m, struct work *w)
{
	struct order o = { .verb = ORDER_EVENT, .log_level = log_level(), .timeout_usec = m->settings.event_timeout_usec,
			   .exec_delay_usec = m->settings.exec_delay_usec, .blockdev_read_only = m->settings.blockdev_read_only,
			   .message_bytes = w->entry->len, .properties_bytes = (uint32_t)m->properties_text.len };

	return pool_give(m->pool, &o, w->entry->text, (const char *)m->properties_text.data, w);
}

static void give_all(struct manager *m)
{
	while (m->chores && pool_ready(m->pool) && give_chore(m) == 0)
		;
	while (!m->stopped && pool_ready(m->pool)) {
		struct queue_event *e = queue_take(m->queue);
		struct work *w = e ? container_of(e, struct work, e) : NULL;
		int r = w ? give_event(m, w) : 0;

		if (!w)
			return;
		if (r == -EAGAIN) {
			queue_give_back(m->queue, e);
			return;
		}
		if (r < 0)
			fail(w, "an event cannot be given to a worker", r, 0);
	}
}

static bool may_exit(const struct manager *m) { return pool_busy(m->pool) == 0; }

static int dispatch(struct deferred *d)
{
	struct manager *m = container_of(d, struct manager, dispatch);
	size_t waiting;

	if (m->exiting) {
		if (may_exit(m))
			loop_exit(m->loop, 0);
		return 0;
	}
	if (m->repair && queue_size(m->queue) == 0 && events_chore(m, ORDER_REPAIR, "") == 0)
		m->repair = false;
	if ((m->chores || queue_count(m->queue, QUEUE_READY)) && changes_look(m))
		request_reload(m);
	give_all(m);
	waiting = (m->stopped ? 0 : queue_count(m->queue, QUEUE_READY)) + (m->chores != NULL);
	if (waiting > 0 && !pool_ready(m->pool)) {
		pool_want(m->pool, waiting);
		give_all(m);
	}
	events_settle(m);
	return 0;
}

void events_wake(struct manager *m) { defer(m->loop, &m->dispatch, dispatch); }

static void idle(void *user) { events_wake(user); }

static void rules(void *user, uint64_t lines) { ((struct manager *)user)->rules_lines = lines; }

static void broken(void *user)
{
	struct manager *m = user;

	log_event(LOG_ERR, "DEVICE_RUNNER_LOST", "the runner of programs is gone: the service manager has to start us again");
	loop_exit(m->loop, m->exiting ? 0 : 1);
}
const struct pool_hooks manager_pool_hooks = { done, lost, idle, rules, broken };

/* ---- chores ---- */

int events_chore(struct manager *m, enum order_verb verb, const char *id)
{
	struct chore *c;

	for (c = m->chores; c; c = c->next)
		if (c->verb == verb && streq(c->id, id))
			return 0;                       /* it is to be done anyway */
	c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	*c = (struct chore){ .job = { JOB_CHORE }, .verb = verb };
	snprintf(c->id, sizeof(c->id), "%s", id);
	*m->chores_tail = c;
	m->chores_tail = &c->next;
	m->n_chores++;
	announce(m);
	events_wake(m);
	return 0;
}
