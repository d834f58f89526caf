/*
 * test-scope.c - scripts against the state machine of scopes: after each word the sub-state; then the same once more with core
 * killed and started again before every word, which must make no difference
 *
 * Words: take (processes are given), ask (the same, with a controller), start, stop, abandon, late (the state's time-out comes),
 * empty (the last process left), left (the same, while core was away), reset, adopt,
 * oom (a process was killed for want of memory), oomless (the group has other news), oomempty (all were, the end is heard of first).
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include "log.h"
#include "types/test-host.h"

extern const struct unit_type unit_type_scope, unit_type_target, unit_type_slice;
static const struct unit_type *const types[] = { &unit_type_scope, &unit_type_target, &unit_type_slice, NULL };

struct row { const char *settings, *script, *states, *result; unsigned moved, asked; int signal; };

static char states[1024];

static void take(struct unit *u, bool controller)
{
	struct unit_process pids[3], me;

	assert_int_equal(unit_process_get(getpid(), &me), 0);
	pids[0] = pids[1] = pids[2] = me;
	pids[1].start_ticks++;          /* a number that has been given to another process since */
	assert_int_equal(u->type->take_pids(u, pids, 3, controller ? &me : NULL), 0);
}

static void late(struct unit *u)
{
	const char *before = unit_sub(u);

	for (int i = 0; i < 100 && streq(unit_sub(u), before); i++)
		fake_turn(100);
	assert_string_not_equal(unit_sub(u), before);
}

static struct unit *word(struct unit *u, const char *w)
{
	if (streq(w, "take") || streq(w, "ask")) {
		take(u, streq(w, "ask"));
	} else if (streq(w, "start")) {
		u->type->start(u);
	} else if (streq(w, "stop")) {
		u->type->stop(u);
	} else if (streq(w, "abandon")) {
		assert_int_equal(u->type->abandon(u), unit_active(u) == UNIT_ACTIVE ? 0 : -ESTALE);
	} else if (streq(w, "reset")) {
		u->type->reset_failed(u);
	} else if (streq(w, "adopt")) {
		fake.populated = 1;
		u->type->adopt(u, 0, NULL);
	} else if (streq(w, "empty")) {
		fake.populated = 0;
		u->type->cgroup_empty(u);
	} else if (streq(w, "oom")) {
		fake.oom_kills++;
		u->type->oom(u);
	} else if (streq(w, "oomless")) {
		u->type->oom(u);
	} else if (streq(w, "oomempty")) {
		fake.oom_kills++;
		fake.populated = 0;
		u->type->cgroup_empty(u);
	} else if (streq(w, "left")) {
		fake.populated = 0;
		u = fake_crash(u);
	} else {
		assert_string_equal(w, "late");
		late(u);
	}
	return u;
}

static char result[64];
static void put(void *arg, const char *name, const char *value)
{
	if (streq(name, "Result"))
		snprintf(result, sizeof(result), "%s", value);
}

static void script(const struct row *row, bool crash)
{
	char text[1024], *save = NULL;
	struct unit *u;

	fake_new(types);
	snprintf(text, sizeof(text), "[Unit]\nDefaultDependencies=no\n[Scope]\n%s\n", row->settings);
	fake_file("/run/sysmaster/transient/a.scope", text);
	u = fake_load("a.scope");
	assert_int_equal(u->load_state, UNIT_LOADED);
	assert_true(u->transient);
	states[0] = 0;
	snprintf(text, sizeof(text), "%s", row->script);
	for (char *w = strtok_r(text, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
		size_t n = strlen(states);

		if (crash)
			u = fake_crash(u);
		u = word(u, w);
		snprintf(states + n, sizeof(states) - n, "%s%s", n ? " " : "", unit_sub(u));
	}
	assert_string_equal(states, row->states);
	u->type->properties(u, put, NULL);
	assert_string_equal(result, row->result);
	assert_int_equal(fake.n_added, row->moved);
	assert_int_equal(fake.n_asked, row->asked);
	assert_int_equal(fake.last_signal, row->signal);
	fake_free();
}

static void scope_row(void **state)
{
	script(*state, false);
	script(*state, true);
}

#define ROW(...) { #__VA_ARGS__, scope_row, NULL, NULL, &(struct row){ __VA_ARGS__ } }
static const struct CMUnitTest tests[] = {
	ROW("", "take start empty", "dead running dead", "success", 2, 0, 0),
	ROW("", "take start left", "dead running dead", "success", 2, 0, 0),
	ROW("", "start", "failed", "resources", 0, 0, 0),                /* nobody in it */
	ROW("", "start reset", "failed dead", "success", 0, 0, 0),
	ROW("", "take start start", "dead running running", "success", 2, 0, 0),
	ROW("", "take start stop empty", "dead running stop-sigterm dead", "success", 2, 0, SIGTERM),
	ROW("", "take start stop stop empty", "dead running stop-sigterm stop-sigterm dead", "success", 2, 0, SIGTERM),
	ROW("KillSignal=SIGHUP", "take start stop empty", "dead running stop-sigterm dead", "success", 2, 0, SIGHUP),
	ROW("KillMode=none", "take start stop", "dead running dead", "success", 2, 0, 0),
	ROW("TimeoutStopSec=30ms", "take start stop late empty", "dead running stop-sigterm stop-sigkill failed", "timeout", 2, 0, SIGKILL),
	ROW("TimeoutStopSec=30ms", "take start stop late late", "dead running stop-sigterm stop-sigkill failed", "timeout", 2, 0, SIGKILL),
	ROW("TimeoutStopSec=30ms\nSendSIGKILL=no", "take start stop late", "dead running stop-sigterm failed", "timeout", 2, 0, SIGTERM),
	ROW("RuntimeMaxSec=30ms", "take start late empty", "dead running stop-sigterm failed", "timeout", 2, 0, SIGTERM),
	ROW("RuntimeMaxSec=30ms\nRuntimeRandomizedExtraSec=30ms", "take start late empty", "dead running stop-sigterm failed", "timeout", 2, 0, SIGTERM),
	/* abandoned */
	ROW("", "abandon take start abandon abandon empty", "dead dead running abandoned abandoned dead", "success", 2, 0, 0),
	ROW("", "take start abandon stop empty", "dead running abandoned stop-sigterm dead", "success", 2, 0, SIGTERM),
	ROW("", "take start stop abandon", "dead running stop-sigterm stop-sigterm", "success", 2, 0, SIGTERM),
	/* a controller is asked first, and only killed for not answering */
	ROW("TimeoutStopSec=30ms", "ask start stop empty", "dead running stop-sigterm dead", "success", 2, 1, 0),
	ROW("TimeoutStopSec=30ms", "ask start stop late empty", "dead running stop-sigterm stop-sigkill failed", "timeout", 2, 1, SIGKILL),
	ROW("", "ask start abandon stop empty", "dead running abandoned stop-sigterm dead", "success", 2, 0, SIGTERM),
	/* want of memory */
	ROW("", "take start oom empty", "dead running stop-sigterm failed", "oom-kill", 2, 0, SIGTERM),
	ROW("", "take start oomless empty", "dead running running dead", "success", 2, 0, 0),
	ROW("", "take start oomempty", "dead running failed", "oom-kill", 2, 0, 0),
	ROW("", "take start stop oom empty", "dead running stop-sigterm stop-sigkill failed", "oom-kill", 2, 0, SIGKILL),
	ROW("OOMPolicy=kill", "take start abandon oom empty", "dead running abandoned stop-sigkill failed", "oom-kill", 2, 0, SIGKILL),
	ROW("OOMPolicy=continue", "take start oom oomempty", "dead running running dead", "success", 2, 0, 0),
	ROW("Delegate=yes", "take start oom", "dead running running", "success", 2, 0, 0),
	/* without a record */
	ROW("", "adopt empty", "running dead", "success", 0, 0, 0),
};

/* a file that no request made is no scope */
static void not_from_a_file(void **state)
{
	fake_new(types);
	fake_file("a.scope", "[Scope]\n");
	assert_int_equal(fake_load("a.scope")->load_state, UNIT_NOT_FOUND);
	fake_free();
}

/* nobody execs in it: a helper sets its filters */
static void filters(void **state)
{
	struct unit *u;

	fake_new(types);
	fake_file("/run/sysmaster/transient/a.scope", "[Scope]\nIPAddressDeny=any\n");
	fake_file("/run/sysmaster/transient/b.scope", "[Scope]\nMemoryMax=1G\n");
	u = fake_load("a.scope");
	word(word(u, "take"), "start");
	assert_int_equal(fake.n_filters, 1);
	u = fake_load("b.scope");
	word(word(u, "take"), "start");
	assert_int_equal(fake.n_filters, 1);
	fake_free();
}

static void init_scope(void **state)
{
	struct unit *u;

	fake_new(types);
	assert_int_equal(unit_type_scope.enumerate(fake.set), 0);
	u = fake_load("init.scope");
	assert_int_equal(u->load_state, UNIT_LOADED);
	assert_int_equal(unit_active(u), UNIT_ACTIVE);
	assert_int_equal(u->type->stop(u), -EPERM);
	u = fake_crash(u);
	assert_int_equal(unit_active(u), UNIT_ACTIVE);
	fake_free();
}

static void rows(void **state) { check_rows(&unit_type_scope); }

int main(void)
{
	static const struct CMUnitTest others[] = { cmocka_unit_test(not_from_a_file), cmocka_unit_test(init_scope), cmocka_unit_test(filters), cmocka_unit_test(rows) };

	log_open("test-scope", LOG_TO_STDERR, NULL);
	log_set_level(LOG_EMERG);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	return failed + cmocka_run_group_tests(others, NULL, NULL);
}
