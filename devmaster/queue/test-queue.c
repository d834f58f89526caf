/*
 * test-queue.c - the queue beside a model that compares every pair of events
 *
 * Random events on a small tree of devices arrive, are taken and end in random order; after every step exactly those that no earlier
 * one touches may be free to go.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/sysmacros.h>
#include <cmocka.h>
#include "queue/queue.h"

#define EVENTS 96

struct made { struct queue_event e; char path[64], old[64], node[32]; bool live; };

static uint32_t seed;
static unsigned rnd(unsigned below) { seed = seed * 1664525u + 1013904223u; return (seed >> 8) % below; }

static void random_path(char out[64])
{
	static const char *const names[] = { "a", "b", "ab", "c" };
	unsigned depth = 1 + rnd(4);
	size_t n = 0;

	for (unsigned i = 0; i < depth; i++)
		n += (size_t)sprintf(out + n, "/%s", names[rnd(4)]);
}

static void random_event(struct made *m, uint64_t seqnum)
{
	struct uevent u = { .action = "change", .devpath = m->path, .subsystem = rnd(2) ? "block" : "mem", .seqnum = seqnum };

	*m = (struct made){ .live = true };
	random_path(m->path);
	if (rnd(5) == 0) {
		random_path(m->old);
		u.devpath_old = m->old;
	}
	if (rnd(3) == 0)
		u.devnum = makedev(8, rnd(6));
	else if (rnd(4) == 0)
		u.ifindex = 1 + (int)rnd(4);
	if (rnd(6) == 0) {
		sprintf(m->node, "n%u", rnd(4));
		u.devname = m->node;
	}
	u.is_block = streq(u.subsystem, "block");
	m->e.uevent = u;
}

static bool above(const char *a, const char *b) { return startswith(b, a) && (b[strlen(a)] == '/' || !b[strlen(a)]); }
static bool near(const char *a, const char *b) { return a && b && (above(a, b) || above(b, a)); }

static bool touch(const struct uevent *a, const struct uevent *b)
{
	char x[128], y[128];

	uevent_id(a, x, sizeof(x));
	uevent_id(b, y, sizeof(y));
	return streq(x, y) || (a->devname && streq0(a->devname, b->devname)) || near(a->devpath, b->devpath) || near(a->devpath_old, b->devpath) ||
	       near(a->devpath, b->devpath_old) || near(a->devpath_old, b->devpath_old);
}

static void compare(struct made *all, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool blocked = false;

		if (!all[i].live)
			continue;
		for (size_t k = 0; k < n && !blocked; k++)
			blocked = all[k].live && all[k].e.order < all[i].e.order && touch(&all[k].e.uevent, &all[i].e.uevent);
		if (blocked != (all[i].e.state == QUEUE_BLOCKED))
			fail_msg("seed %u: %s is %s", seed, all[i].path, blocked ? "free and should wait" : "held back by nobody");
	}
}

static void finish_one(struct queue *q, struct made *all, size_t n)
{
	size_t at = rnd((unsigned)n);

	for (size_t i = 0; i < n; i++, at = (at + 1) % n) {
		if (!all[at].live || all[at].e.state != QUEUE_TAKEN)
			continue;
		if (rnd(8) == 0) {
			queue_give_back(q, &all[at].e);
			return;
		}
		queue_done(q, &all[at].e);
		all[at].live = false;
		return;
	}
}

static void take_one(struct queue *q, struct made *all, size_t n)
{
	struct queue_event *e = queue_take(q);

	for (size_t i = 0; e && i < n; i++)             /* none more urgent, none earlier of the same grade was free */
		if (all[i].live && &all[i].e != e && all[i].e.state == QUEUE_READY)
			assert_true(all[i].e.grade > e->grade || (all[i].e.grade == e->grade && all[i].e.order > e->order));
}

static void run(uint32_t begin)
{
	static struct made all[EVENTS];
	struct queue *q;
	size_t n = 0;

	seed = begin;
	assert_int_equal(queue_new(&q), 0);
	while (n < EVENTS || queue_size(q) > 0) {
		unsigned what = rnd(3);

		if (what == 0 && n < EVENTS) {
			random_event(&all[n], n + 1);
			struct uevent u = all[n].e.uevent;

			all[n].e = (struct queue_event){ 0 };
			u.devpath = all[n].path;
			assert_int_equal(queue_add(q, &all[n].e, &u), 0);
			n++;
		} else if (what == 1)
			take_one(q, all, n);
		else if (n > 0)
			finish_one(q, all, n);
		compare(all, n);
	}
	assert_null(queue_take(q));
	assert_null(queue_oldest(q));
	queue_free(q);
}

static void like_the_model(void **state)
{
	for (uint32_t i = 1; i <= 400; i++)
		run(i * 7919);
}

/* a parent's event after those of many children, again and again; one device again and again; many that have nothing in common */
static void few_edges(void **state)
{
	enum { N = 30000 };
	static struct queue_event e[N];
	static char path[N][40];
	struct queue *q;

	assert_int_equal(queue_new(&q), 0);
	for (int i = 0; i < N; i++) {
		struct uevent u = { .action = "add", .devpath = path[i], .subsystem = "x", .seqnum = (uint64_t)i + 1 };

		if (i % 3 == 0)
			sprintf(path[i], "/devices/p");
		else if (i % 3 == 1)
			sprintf(path[i], "/devices/p/child%d", i % 1000);
		else
			sprintf(path[i], "/devices/o/other%d", i);
		e[i] = (struct queue_event){ 0 };
		assert_int_equal(queue_add(q, &e[i], &u), 0);
	}
	assert_true(queue_waits(q) < 3 * N);
	assert_int_equal(queue_count(q, QUEUE_READY), 1 + N / 3);
	for (int i = 0; i < N; i++) {
		struct queue_event *x = queue_take(q);

		assert_non_null(x);
		queue_done(q, x);
	}
	assert_int_equal(queue_size(q), 0);
	queue_free(q);
}

static void grades(void **state)
{
	static const char *const subsystems[] = { "vc", "mem", "net", "block" };
	static char path[4][16];
	struct queue_event e[4] = { 0 };
	struct queue *q;

	assert_int_equal(queue_new(&q), 0);
	for (int i = 0; i < 4; i++) {
		sprintf(path[i], "/devices/%d", i);
		assert_int_equal(queue_add(q, &e[i], &(struct uevent){ .action = "add", .devpath = path[i], .subsystem = subsystems[i], .seqnum = 1 }), 0);
	}
	for (int i = 3; i >= 0; i--)
		assert_ptr_equal(queue_take(q), &e[i]);
	queue_free(q);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(like_the_model), cmocka_unit_test(few_edges), cmocka_unit_test(grades) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
