/* queue.c - see queue.h */
#include "queue/place.h"
#include "queue/queue.h"

struct queue {
	struct places places;
	struct queue_event *ready_first[N_GRADES], *ready_last[N_GRADES];
	struct queue_event *oldest, *newest;
	uint64_t order;
	size_t counts[QUEUE_TAKEN + 1], edges;
};

enum queue_grade queue_grade_of(const struct uevent *u)
{
	static const struct { const char *subsystem; enum queue_grade grade; } rows[] = {
		{ "module", GRADE_FIRST }, { "block", GRADE_FIRST }, { "nvme", GRADE_FIRST }, { "scsi", GRADE_FIRST }, { "virtio", GRADE_FIRST },
		{ "tpmrm", GRADE_SOON }, { "net", GRADE_SOON }, { "tty", GRADE_SOON }, { "input", GRADE_SOON }, { "drm", GRADE_SOON },
		{ "pci", GRADE_SOON }, { "usb", GRADE_SOON },
		{ "cpu", GRADE_LAST }, { "memory", GRADE_LAST }, { "vc", GRADE_LAST }, { "drivers", GRADE_LAST }, { "workqueue", GRADE_LAST },
		{ "queues", GRADE_LAST }, { "clockevents", GRADE_LAST }, { "event_source", GRADE_LAST },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (streq(rows[i].subsystem, u->subsystem))
			return rows[i].grade;
	return GRADE_NORMAL;
}

int queue_new(struct queue **ret)
{
	*ret = calloc(1, sizeof(**ret));
	return *ret ? 0 : -ENOMEM;
}

size_t queue_count(const struct queue *q, enum queue_state state) { return q->counts[state]; }
size_t queue_size(const struct queue *q) { return q->counts[QUEUE_BLOCKED] + q->counts[QUEUE_READY] + q->counts[QUEUE_TAKEN]; }
struct queue_event *queue_oldest(const struct queue *q) { return q->oldest; }
size_t queue_waits(const struct queue *q) { return q->edges; }

/* ---- who is free to go ---- */

static void ready_insert(struct queue *q, struct queue_event *e)
{
	struct queue_event *after = q->ready_last[e->grade];

	while (after && after->order > e->order)
		after = after->prev;
	e->prev = after;
	e->next = after ? after->next : q->ready_first[e->grade];
	*(e->prev ? &e->prev->next : &q->ready_first[e->grade]) = e;
	*(e->next ? &e->next->prev : &q->ready_last[e->grade]) = e;
}

static void ready_remove(struct queue *q, struct queue_event *e)
{
	*(e->prev ? &e->prev->next : &q->ready_first[e->grade]) = e->next;
	*(e->next ? &e->next->prev : &q->ready_last[e->grade]) = e->prev;
	e->prev = e->next = NULL;
}

static void move(struct queue *q, struct queue_event *e, enum queue_state to)
{
	if (e->state == QUEUE_READY)
		ready_remove(q, e);
	q->counts[e->state]--;
	q->counts[to]++;
	e->state = to;
	if (to == QUEUE_READY)
		ready_insert(q, e);
}

/* ---- who waits for whom ---- */

static int wait_for(struct queue *q, struct queue_event *e, struct queue_event *blocker)
{
	if (blocker == e || (blocker->n_blocks > 0 && blocker->blocks[blocker->n_blocks - 1] == e))
		return 0;
	if (blocker->n_blocks == blocker->cap_blocks) {
		size_t cap = MAX(blocker->cap_blocks * 2, (size_t)4);
		struct queue_event **v = realloc(blocker->blocks, cap * sizeof(struct queue_event *));

		if (!v)
			return -ENOMEM;
		blocker->blocks = v;
		blocker->cap_blocks = cap;
	}
	blocker->blocks[blocker->n_blocks++] = e;
	e->blockers++;
	q->edges++;
	return 0;
}

/*
 * All events at places above each other touch one another, so the latest of those at or above @at is behind all the others, and
 * behind everything below @at that came before it. What came after it, below @at, is looked for in branches that have such.
 */
static int find_blockers(struct queue *q, struct queue_event *e, struct place *at)
{
	struct queue_event *latest = NULL;
	uint64_t order;
	int r;

	for (struct place *up = at; up; up = up->up)
		if (up->last && (!latest || up->last->order > latest->order))
			latest = up->last;
	order = latest ? latest->order : 0;
	r = latest ? wait_for(q, e, latest) : 0;
	for (struct place *p = place_below(at, at, order); p && r == 0; p = place_below(at, p, order))
		if (p->last && p->last->order > order)
			r = wait_for(q, e, p->last);
	return r;
}

static void unwait(struct queue *q, struct queue_event *e)
{
	for (struct queue_event *o = q->newest; o && e->blockers > 0; o = o->older) {
		if (o->n_blocks > 0 && o->blocks[o->n_blocks - 1] == e) {
			o->n_blocks--;
			e->blockers--;
		}
	}
}

static void leave(struct queue *q, struct queue_event *e)
{
	for (size_t i = 0; i < QUEUE_PLACES; i++) {
		struct place *at = e->places[i];

		if (at && at->last == e)
			at->last = NULL;
		place_put(&q->places, at);
		e->places[i] = NULL;
	}
}

static int enter(struct queue *q, struct queue_event *e)
{
	const struct uevent *u = &e->uevent;
	char id[512];
	int r = 0;

	e->places[0] = place_get_path(&q->places, u->devpath);
	e->places[1] = u->devpath_old ? place_get_path(&q->places, u->devpath_old) : NULL;
	e->places[2] = uevent_id(u, id, sizeof(id)) == 0 ? place_get_name(&q->places, 'i', id) : NULL;
	e->places[3] = u->devname ? place_get_name(&q->places, 'n', u->devname) : NULL;
	if (!e->places[0] || (u->devpath_old && !e->places[1]))
		return -ENOMEM;
	for (size_t i = 0; i < QUEUE_PLACES && r == 0; i++)
		if (e->places[i])
			r = find_blockers(q, e, e->places[i]);
	return r;
}

static void settle_in(struct queue_event *e)
{
	for (size_t i = 0; i < QUEUE_PLACES; i++) {
		if (e->places[i])
			e->places[i]->last = e;
		for (struct place *at = e->places[i]; at; at = at->up)
			at->newest = e->order;
	}
}

int queue_add(struct queue *q, struct queue_event *e, const struct uevent *u)
{
	int r;

	e->uevent = *u;
	e->grade = queue_grade_of(u);
	e->order = q->order + 1;
	r = enter(q, e);
	if (r < 0) {
		unwait(q, e);
		leave(q, e);
		return r;
	}
	q->order++;
	settle_in(e);
	e->older = q->newest;
	*(q->newest ? &q->newest->newer : &q->oldest) = e;
	q->newest = e;
	e->state = QUEUE_BLOCKED;
	q->counts[QUEUE_BLOCKED]++;
	if (e->blockers == 0)
		move(q, e, QUEUE_READY);
	return 0;
}

struct queue_event *queue_take(struct queue *q)
{
	for (size_t i = 0; i < N_GRADES; i++) {
		struct queue_event *e = q->ready_first[i];

		if (!e)
			continue;
		move(q, e, QUEUE_TAKEN);
		return e;
	}
	return NULL;
}

void queue_give_back(struct queue *q, struct queue_event *e) { move(q, e, QUEUE_READY); }

void queue_done(struct queue *q, struct queue_event *e)
{
	if (e->state == QUEUE_READY)
		ready_remove(q, e);
	for (size_t i = 0; i < e->n_blocks; i++)
		if (--e->blocks[i]->blockers == 0)
			move(q, e->blocks[i], QUEUE_READY);
	free(e->blocks);
	e->blocks = NULL;
	e->n_blocks = e->cap_blocks = 0;
	leave(q, e);
	*(e->older ? &e->older->newer : &q->oldest) = e->newer;
	*(e->newer ? &e->newer->older : &q->newest) = e->older;
	q->counts[e->state]--;
}

void queue_free(struct queue *q)
{
	if (!q)
		return;
	while (q->oldest) {
		struct queue_event *e = q->oldest;

		queue_done(q, e);
	}
	free(q->places.buckets);
	free(q);
}
