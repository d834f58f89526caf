/* test-loop.c - sources, timers and deferred work: order, removal from inside a callback, fixed size, ends of turns */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include <sys/eventfd.h>
#include <time.h>
#include "loop.h"

struct probe {
	struct source src;
	struct timer timer;
	struct deferred deferred;
	int fd, fired, result;
	struct probe *victim;           /* removed and spoiled when this one fires */
	bool again;
};

static char order[64];
static size_t n_order;

static void note(char c)
{
	if (n_order < sizeof(order) - 1)
		order[n_order++] = c;
	order[n_order] = '\0';
}

static int setup(void **state)
{
	n_order = 0;
	order[0] = '\0';
	return loop_new((struct loop **)state, 4, true);
}

static int teardown(void **state)
{
	loop_free(*state);
	return 0;
}

static int probe_fire(struct source *s, uint32_t events)
{
	struct probe *p = container_of(s, struct probe, src);
	uint64_t n;

	assert_true(events & EPOLLIN);
	p->fired++;
	if (!p->again)
		assert_int_equal(read(p->fd, &n, sizeof(n)), sizeof(n));
	if (p->victim) {
		source_del(&p->victim->src);
		close(p->victim->fd);
		memset(p->victim, 0xaa, sizeof(*p->victim));    /* freed, so to speak */
		p->victim = NULL;
	}
	return p->result;
}

static void probe_open(struct loop *l, struct probe *p)
{
	*p = (struct probe){ .fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK) };
	assert_true(p->fd >= 0);
	assert_int_equal(source_add(l, &p->src, p->fd, EPOLLIN, probe_fire), 0);
}

static void probe_close(struct probe *p)
{
	source_del(&p->src);
	close(p->fd);
}

static void source_fires(void **state)
{
	struct loop *l = *state;
	struct probe p;

	probe_open(l, &p);
	assert_int_equal(source_add(l, &p.src, p.fd, EPOLLIN, probe_fire), -EBUSY);
	assert_int_equal(loop_turn(l, 1000), 0);
	assert_int_equal(p.fired, 1);
	assert_int_equal(loop_turn(l, 0), 0);
	assert_int_equal(p.fired, 1);
	assert_int_equal(source_mod(&p.src, 0), 0);
	eventfd_write(p.fd, 1);
	assert_int_equal(loop_turn(l, 0), 0);
	assert_int_equal(p.fired, 1);
	assert_int_equal(source_mod(&p.src, EPOLLIN), 0);
	assert_int_equal(loop_turn(l, 0), 0);
	assert_int_equal(p.fired, 2);
	probe_close(&p);
	source_del(&p.src);             /* twice is fine */
	assert_int_equal(source_mod(&p.src, EPOLLIN), -EBADF);
}

/* Whoever fires first removes the other, whose event is already in this round. */
static void removed_in_round(void **state)
{
	struct loop *l = *state;
	struct probe a, b, a_before, b_before;

	probe_open(l, &a);
	probe_open(l, &b);
	a.victim = &b;
	b.victim = &a;
	a_before = a;
	b_before = b;
	assert_int_equal(loop_turn(l, 1000), 0);
	if (memcmp(&a.fd, &(int){ (int)0xaaaaaaaa }, sizeof(int)) == 0) {
		assert_int_equal(b.fired, 1);
		probe_close(&b);
	} else {
		assert_int_equal(a.fired, 1);
		probe_close(&a);
	}
	assert_int_not_equal(a_before.fd, b_before.fd);
	assert_int_equal(loop_turn(l, 0), 0);
}

static void own_fault_ends(void **state)
{
	struct probe p;

	probe_open(*state, &p);
	p.result = -EIO;
	assert_int_equal(loop_run(*state), -EIO);
	probe_close(&p);
}

static int fire_a(struct timer *t) { note('a'); return 0; }
static int fire_b(struct timer *t) { note('b'); return 0; }
static int fire_c(struct timer *t) { note('c'); return 0; }

static void timers_in_order(void **state)
{
	struct loop *l = *state;
	struct timer a = { 0 }, b = { 0 }, c = { 0 }, d = { 0 }, e = { 0 };
	uint64_t now = now_usec(CLOCK_BOOTTIME);

	assert_int_equal(timer_set(l, &c, now + 3000, fire_c), 0);
	assert_int_equal(timer_set(l, &a, now + 1000, fire_a), 0);
	assert_int_equal(timer_set(l, &b, now + 2000, fire_b), 0);
	assert_int_equal(timer_set(l, &d, now + 1, fire_b), 0);
	assert_int_equal(timer_set(l, &e, now, fire_b), -ENOSPC);       /* four, and fixed */
	assert_null(e.loop);
	timer_del(&d);
	timer_del(&d);
	assert_int_equal(timer_set(l, &c, now + 1500, fire_c), 0);      /* moved forward */
	while (n_order < 3)
		assert_int_equal(loop_turn(l, 1000), 0);
	assert_true(now_usec(CLOCK_BOOTTIME) >= now + 2000);
	assert_string_equal(order, "acb");
	assert_int_equal(timer_set(l, &a, USEC_INFINITY, fire_a), 0);
	assert_int_equal(timer_set(l, &b, 0, fire_b), 0);
	assert_int_equal(loop_turn(l, 1000), 0);
	assert_string_equal(order, "acbb");
	assert_int_equal(loop_turn(l, 5), 0);
	assert_string_equal(order, "acbb");
	timer_del(&a);
}

static struct loop *past_loop;
static int fire_again(struct timer *t)
{
	note('x');
	return timer_set(past_loop, t, 0, fire_again);
}

/* A timer that arms itself for the past must not keep the turn to itself. */
static void timer_in_the_past(void **state)
{
	struct timer t = { 0 };

	past_loop = *state;
	assert_int_equal(timer_set(past_loop, &t, 0, fire_again), 0);
	assert_int_equal(loop_turn(past_loop, 1000), 0);
	assert_string_equal(order, "x");
	assert_int_equal(loop_turn(past_loop, 1000), 0);
	assert_string_equal(order, "xx");
	timer_del(&t);
}

/* Many timers, set, moved and deleted at random: they fire in order, each once. */
static uint64_t last_due;
static size_t n_fired;
static int fire_ordered(struct timer *t)
{
	assert_true(t->due_usec >= last_due);
	last_due = t->due_usec;
	n_fired++;
	return 0;
}

static void heap_order(void **state)
{
	enum { N = 500 };
	static struct timer timers[N];
	_cleanup_(loop_freep) struct loop *l = NULL;
	uint64_t now = now_usec(CLOCK_BOOTTIME);
	size_t armed = 0;

	memset(timers, 0, sizeof(timers));
	last_due = n_fired = 0;
	assert_int_equal(loop_new(&l, 1, false), 0);
	srand(7);
	for (int i = 0; i < 20 * N; i++) {
		struct timer *t = &timers[rand() % N];

		if (rand() % 4 == 0)
			timer_del(t);
		else
			assert_int_equal(timer_set(l, t, now - (uint64_t)(rand() % 1000000), fire_ordered), 0);
	}
	for (int i = 0; i < N; i++)
		armed += timers[i].loop != NULL;
	assert_int_equal(loop_turn(l, 1000), 0);
	assert_int_equal(n_fired, armed);
}

static int deferred_fire(struct deferred *d)
{
	struct probe *p = container_of(d, struct probe, deferred);

	p->fired++;
	note((char)('0' + p->result));
	if (p->victim)
		defer_del(&p->victim->deferred);
	if (p->again)
		defer(p->src.loop, d, deferred_fire);
	return 0;
}

static int turn_end(void *arg)
{
	note('|');
	return 0;
}

static void deferred_order(void **state)
{
	struct loop *l = *state;
	struct probe a = { .result = 1 }, b = { .result = 2 }, c = { .result = 3 }, d = { .result = 4 };

	loop_set_turn_end(l, turn_end, NULL);
	a.again = true;
	a.src.loop = l;
	b.victim = &c;
	defer(l, &a.deferred, deferred_fire);
	defer(l, &b.deferred, deferred_fire);
	defer(l, &c.deferred, deferred_fire);
	defer(l, &d.deferred, deferred_fire);
	defer(l, &d.deferred, deferred_fire);   /* queued already */
	assert_int_equal(loop_turn(l, -1), 0);
	assert_string_equal(order, "124|");
	a.again = false;
	assert_int_equal(loop_turn(l, -1), 0);  /* does not wait: a has queued itself */
	assert_string_equal(order, "124|1|");
	assert_int_equal(loop_turn(l, 0), 0);
	assert_string_equal(order, "124|1||");
	loop_set_turn_end(l, NULL, NULL);
}

static int exit_fire(struct deferred *d)
{
	loop_exit(container_of(d, struct probe, deferred)->src.loop, 42);
	return 0;
}

static void exit_code(void **state)
{
	struct probe p = { .src.loop = *state };

	defer(*state, &p.deferred, exit_fire);
	assert_int_equal(loop_run(*state), 42);
	loop_exit(*state, 3);           /* before the run: it ends at once */
	assert_int_equal(loop_run(*state), 3);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
static const struct CMUnitTest tests[] = {
	TEST(source_fires), TEST(removed_in_round), TEST(own_fault_ends), TEST(timers_in_order), TEST(timer_in_the_past),
	TEST(heap_order), TEST(deferred_order), TEST(exit_code),
};
int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
