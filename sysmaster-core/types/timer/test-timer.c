/* test-timer.c - timer units and calendar events; the expected times are what systemd-analyze(1) of systemd 252 answers */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <utime.h>
#include <cmocka.h>
#include "core.ipc.h"
#include "types/test-host.h"
#include "types/timer/when.h"

extern const struct unit_type unit_type_timer, unit_type_target;
static const struct unit_type *const types[] = { &unit_type_timer, &unit_type_target, &unit_type_service, NULL };

static int setup(void **state)
{
	static char dir[128];

	fake_new(types);
	snprintf(dir, sizeof(dir), "%s/stamps", fake.root);
	setenv("SYSMASTER_STAMP_DIR", dir, 1);
	fake_file("a.service", "[Service]\nExecStart=/bin/true\n");
	return 0;
}
static int teardown(void **state)
{
	timer_clock = now_usec;
	fake_free();
	return 0;
}

static struct timer_unit *load(const char *lines)
{
	char text[1024];

	snprintf(text, sizeof(text), "[Unit]\nDefaultDependencies=no\n[Timer]\nAccuracySec=1us\n%s", lines);
	fake_file("a.timer", text);
	return TIMER(fake_load("a.timer"));
}

static void start(struct timer_unit *t) { assert_int_equal(t->u.type->start(&t->u), 0); }

/* ---- the state machine ---- */

static void elapses_and_waits_for_its_unit(void **state)
{
	struct timer_unit *t = load("OnActiveSec=1ms\nOnUnitInactiveSec=1h\n");
	struct unit *a = fake_load("a.service");

	start(t);
	assert_int_equal(t->state, TIMER_WAITING);
	fake_turn(1000);
	assert_int_equal(t->state, TIMER_RUNNING);
	assert_int_equal(fake.n_submits, 1);
	assert_ptr_equal(fake.submits[0].unit, a);
	assert_int_equal(fake.submits[0].type, IPC_JOB_TYPE_START);
	assert_non_null(strstr(a->triggered_by, "TRIGGER_UNIT=a.timer\n"));
	assert_non_null(strstr(a->triggered_by, "TRIGGER_TIMER_REALTIME_USEC="));
	fake_service_set(a, UNIT_ACTIVE);
	assert_non_null(a->triggered_by);
	assert_int_equal(t->state, TIMER_RUNNING);
	t = TIMER(fake_crash(&t->u));
	a = fake_load("a.service");
	fake_service_set(a, UNIT_ACTIVE);
	assert_int_equal(t->state, TIMER_RUNNING);
	fake_service_set(a, UNIT_INACTIVE);
	assert_null(a->triggered_by);
	assert_int_equal(t->state, TIMER_WAITING);      /* for the hour after the unit's end */
	assert_true(t->next_monotonic_usec > now_usec(CLOCK_MONOTONIC) + 3500 * USEC_PER_SEC);
	assert_int_equal(t->u.type->stop(&t->u), 0);
	assert_int_equal(t->state, TIMER_DEAD);
	assert_int_equal(t->u.type->stop(&t->u), -EALREADY);
}

static void single_shot(void **state)
{
	struct timer_unit *t = load("OnActiveSec=1ms\n");

	start(t);
	assert_int_equal(t->u.type->start(&t->u), -EALREADY);
	fake_turn(1000);
	fake_service_set(fake_load("a.service"), UNIT_ACTIVE);
	fake_service_set(fake_load("a.service"), UNIT_INACTIVE);
	assert_int_equal(t->state, TIMER_ELAPSED);
	assert_int_equal(unit_active(&t->u), UNIT_ACTIVE);
	t = TIMER(fake_crash(&t->u));
	assert_int_equal(t->state, TIMER_ELAPSED);
	assert_int_equal(fake.n_submits, 1);
}

static void does_not_remain(void **state)
{
	struct timer_unit *t = load("OnActiveSec=1ms\nRemainAfterElapse=no\n");

	start(t);
	fake_turn(1000);
	fake_service_set(fake_load("a.service"), UNIT_ACTIVE);
	fake_service_set(fake_load("a.service"), UNIT_FAILED);
	assert_int_equal(t->state, TIMER_DEAD);
}

static void waits_on_after_a_crash(void **state)
{
	struct timer_unit *t = load("OnActiveSec=2h\nOnCalendar=*-*-* 12:00:00\nRandomizedDelaySec=1h\n");
	uint64_t boot, real, delay;

	start(t);
	boot = t->next_monotonic_usec;
	real = t->next_realtime_usec;
	delay = t->delay_usec;
	assert_true(boot && real && delay < 3600 * USEC_PER_SEC);
	t = TIMER(fake_crash(&t->u));
	assert_int_equal(t->state, TIMER_WAITING);
	assert_int_equal(t->next_monotonic_usec, boot);
	assert_int_equal(t->next_realtime_usec, real);
	assert_int_equal(t->delay_usec, delay);
	assert_non_null(t->timer.loop);
}

static void came_due_while_core_was_away(void **state)
{
	struct timer_unit *t = load("OnActiveSec=50ms\n");

	start(t);
	usleep(60000);
	t = TIMER(fake_crash(&t->u));
	fake_turn(100);
	assert_int_equal(t->state, TIMER_RUNNING);
	assert_int_equal(fake.n_submits, 1);
}

static void catches_up(void **state)
{
	struct timer_unit *t = load("OnCalendar=daily\nPersistent=yes\n");
	struct utimbuf old = { .actime = 1000000000, .modtime = 1000000000 };
	struct stat st;

	start(t);                                       /* the first time: nothing was missed */
	assert_int_equal(t->state, TIMER_WAITING);
	assert_true(t->next_realtime_usec > now_usec(CLOCK_REALTIME));
	assert_int_equal(stat(t->stamp_path, &st), 0);
	assert_int_equal(t->u.type->stop(&t->u), 0);
	assert_int_equal(utime(t->stamp_path, &old), 0);
	start(t);
	fake_turn(1000);
	assert_int_equal(t->state, TIMER_RUNNING);
	assert_int_equal(stat(t->stamp_path, &st), 0);
	assert_true(st.st_mtim.tv_sec > 1700000000);
}

static void fixed_delay(void **state)
{
	struct timer_unit *t = load("OnActiveSec=1h\nRandomizedDelaySec=1h\nFixedRandomDelay=yes\n");
	uint64_t delay;

	start(t);
	delay = t->delay_usec;
	assert_int_equal(t->u.type->stop(&t->u), 0);
	start(t);
	assert_int_equal(t->delay_usec, delay);
}

/* asked of systemd 252: NextElapseUSecMonotonic less 29min 12.344083s + 15min, of t1.timer with RandomizedDelaySec=1h on this machine id */
static void fixed_delay_is_systemds(void **state)
{
	static const uint8_t machine[16] = { 0x63, 0x05, 0x85, 0xb2, 0xd6, 0x15, 0xf8, 0xc0, 0x63, 0xb4, 0x2b, 0xf2, 0x37, 0xa2, 0x68, 0x3c };

	assert_int_equal(when_fixed(machine, true, 0, "t1.timer") % (3600 * USEC_PER_SEC), 645712715);
}

/* ---- clocks ---- */

static int64_t turned_by;
static uint64_t turned_clock(int clock) { return now_usec(clock) + (clock == CLOCK_REALTIME ? (uint64_t)turned_by : 0); }
static void turn(int64_t sec)
{
	turned_by = sec * (int64_t)USEC_PER_SEC;
	timer_clock = turned_clock;
	clock_tell(false);
}

static void clock_is_put_forward(void **state)
{
	struct timer_unit *t = load("OnCalendar=daily\n"), *span = TIMER(fake_load("a.timer"));

	start(t);
	assert_ptr_equal(span, t);
	fake_turn(20);
	assert_int_equal(fake.n_submits, 0);
	turn(86400);                                    /* past midnight at once */
	fake_turn(1000);
	assert_int_equal(t->state, TIMER_RUNNING);
	assert_int_equal(fake.n_submits, 1);
}

static void clock_is_put_back(void **state)
{
	struct timer_unit *t = load("OnCalendar=daily\nOnActiveSec=1h\n");
	uint64_t span, real = now_usec(CLOCK_REALTIME);

	start(t);
	span = t->next_monotonic_usec;
	turn(86400);
	fake_turn(1000);
	assert_int_equal(t->state, TIMER_RUNNING);
	fake_service_set(fake_load("a.service"), UNIT_ACTIVE);
	fake_service_set(fake_load("a.service"), UNIT_INACTIVE);
	assert_int_equal(t->state, TIMER_WAITING);
	assert_true(t->next_realtime_usec > real + 86400 * USEC_PER_SEC);
	turn(0);                                        /* what comes until tomorrow comes once more */
	assert_int_equal(t->state, TIMER_WAITING);
	assert_true(t->next_realtime_usec <= real + 86401 * USEC_PER_SEC);
	assert_true(t->next_monotonic_usec - span < USEC_PER_SEC);
	assert_int_equal(fake.n_submits, 1);
}

static void elapses_on_changes(void **state)
{
	struct timer_unit *t = load("OnClockChange=yes\n");

	start(t);
	assert_int_equal(t->state, TIMER_WAITING);
	clock_tell(true);
	assert_int_equal(fake.n_submits, 0);
	clock_tell(false);
	assert_int_equal(t->state, TIMER_RUNNING);
	assert_int_equal(fake.n_submits, 1);
	clock_tell(false);                              /* its unit is being started as it is */
	assert_int_equal(fake.n_submits, 1);
}

static void elapses_on_another_zone(void **state)
{
	struct timer_unit *t = load("OnTimezoneChange=yes\n");

	start(t);
	clock_tell(false);
	assert_int_equal(fake.n_submits, 0);
	clock_tell(true);
	assert_int_equal(t->state, TIMER_RUNNING);
	assert_int_equal(fake.n_submits, 1);
}

static void wakes_the_machine(void **state)
{
	struct timer_unit *t = load("OnActiveSec=50ms\nWakeSystem=yes\n");

	start(t);
	assert_int_equal(t->state, TIMER_WAITING);      /* with an alarm, or without one where that is not allowed */
	assert_true((t->alarm.fd >= 0) != t->no_alarm);
	fake_turn(1000);
	assert_int_equal(t->state, TIMER_RUNNING);
	assert_int_equal(t->alarm.fd, -1);
}

static void stays_for_its_unit(void **state)
{
	struct timer_unit *t = load("OnUnitInactiveSec=1h\nRemainAfterElapse=no\n");
	struct unit *a = fake_load("a.service");

	start(t);
	assert_int_equal(t->state, TIMER_ELAPSED);      /* nothing to count from yet, and yet it is not over */
	fake_service_set(a, UNIT_ACTIVE);
	fake_service_set(a, UNIT_INACTIVE);
	a->inactive_enter.monotonic = now_usec(CLOCK_MONOTONIC);
	t->u.type->trigger_notify(&t->u, a);
	assert_int_equal(t->state, TIMER_WAITING);
}

static void within_accuracy(void **state)
{
	struct timer_unit *t = load("OnActiveSec=1h\n");
	struct timer_now now = { .realtime = 1774732200 * USEC_PER_SEC, .monotonic = 100 * USEC_PER_SEC, .boottime = 150 * USEC_PER_SEC };
	uint64_t at, again;

	t->next_monotonic_usec = 3600 * USEC_PER_SEC;
	assert_int_equal(when_wake(t, &now), 3650 * USEC_PER_SEC);
	t->accuracy_usec = 60 * USEC_PER_SEC;
	at = when_wake(t, &now);
	assert_true(at >= 3650 * USEC_PER_SEC && at <= 3710 * USEC_PER_SEC);
	t->next_monotonic_usec += at - 3650 * USEC_PER_SEC;     /* another timer, due when that wakes up: the same moment serves it */
	again = when_wake(t, &now);
	assert_true(again == at || again == at + 60 * USEC_PER_SEC);
	t->next_realtime_usec = now.realtime - 1;
	t->accuracy_usec = 1;
	assert_int_equal(when_wake(t, &now), now.boottime);
	t->next_realtime_usec = t->next_monotonic_usec = 0;
	assert_int_equal(when_wake(t, &now), USEC_INFINITY);
}

static void no_unit(void **state)
{
	struct timer_unit *t = load("OnActiveSec=1h\nUnit=none.service\n");

	assert_int_equal(t->u.type->start(&t->u), -ENOENT);
	assert_int_equal(t->state, TIMER_DEAD);
}

static void loading(void **state)
{
	struct unit *u;

	fake_file("a.timer", "[Timer]\nOnCalendar=daily\nUnit=b.service\n");
	fake_file("bad1.timer", "[Timer]\nPersistent=yes\n");
	fake_file("bad2.timer", "[Timer]\nOnCalendar=never\n");
	fake_file("bad3.timer", "[Timer]\nOnBootSec=1\nOnCalendar=\n");
	u = fake_load("a.timer");
	assert_true(unit_has_dep(u, DEP_TRIGGERS, fake_load("b.service")));
	assert_true(unit_has_dep(u, DEP_BEFORE, fake_load("b.service")));
	assert_true(unit_has_dep(u, DEP_BEFORE, fake_load("timers.target")));
	assert_true(unit_has_dep(u, DEP_AFTER, fake_load("time-sync.target")));
	assert_true(unit_has_dep(u, DEP_REQUIRES, fake_load("sysinit.target")));
	assert_true(unit_has_dep(u, DEP_CONFLICTS, fake_load("shutdown.target")));
	assert_int_equal(fake_load("bad1.timer")->load_state, UNIT_BAD_SETTING);
	assert_int_equal(fake_load("bad2.timer")->load_state, UNIT_BAD_SETTING);
	assert_int_equal(fake_load("bad3.timer")->load_state, UNIT_BAD_SETTING);
	check_rows(&unit_type_timer);
}

/* ---- calendar events: systemd.time(7) ---- */

#define BASE 1774732200ULL              /* 2026-03-28 22:10:00 in Europe/Berlin: the next night has no 02:30 */
struct row { const char *in, *normal; uint64_t next[3]; /* seconds; 0: no more */ };
static void calendar_row(void **state)
{
	const struct row *row = *state;
	struct calendar *c = NULL;
	uint64_t t = BASE * USEC_PER_SEC;
	struct buf b = { 0 };

	setenv("TZ", "Europe/Berlin", 1);
	tzset();
	if (!row->normal) {
		assert_int_equal(calendar_parse(row->in, &c), -EINVAL);
		return;
	}
	assert_int_equal(calendar_parse(row->in, &c), 0);
	calendar_format(c, &b);
	assert_string_equal(buf_str(&b), row->normal);
	for (int i = 0; i < 3; i++) {
		if (row->next[i])
			assert_int_equal(calendar_next(c, t, &t), 0);
		else if (calendar_next(c, t, &t) >= 0)
			fail_msg("goes on with %llu", (unsigned long long)t);
		if (!row->next[i])
			break;
		assert_int_equal(t / USEC_PER_SEC, row->next[i]);
	}
	buf_finish(&b);
	calendar_free(c);
}
#define ROW(...) { #__VA_ARGS__, calendar_row, NULL, NULL, &(struct row){ __VA_ARGS__ } }
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(elapses_and_waits_for_its_unit), T(single_shot), T(does_not_remain), T(waits_on_after_a_crash), T(came_due_while_core_was_away),
		T(catches_up), T(fixed_delay), T(fixed_delay_is_systemds), T(clock_is_put_forward), T(clock_is_put_back), T(elapses_on_changes),
		T(elapses_on_another_zone), T(wakes_the_machine), T(stays_for_its_unit), T(within_accuracy), T(no_unit), T(loading),
#include "types/timer/calendar-rows.h"
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
