/*
 * test-service.c - scripts against the state machine of services: after each word the sub-state; then the same once more with
 * core killed and started again before every word, which must make no difference
 *
 * Words: start stop reload; up (the last spawn runs); ok, N or sigN (it ended so); ready, reloading, stopping, status (notify);
 * answer, stale (RELOADING=1 with the time of now, of long ago);
 * late (the state's time-out is due); oom (a process was killed for want of memory); empty (the cgroup lost its last process). A spawn is noted as its command.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/wait.h>
#include <cmocka.h>
#include "core.ipc.h"
#include "log.h"
#include "types/service/service.h"
#include "types/test-host.h"

extern const struct unit_type unit_type_real_service, unit_type_target, unit_type_slice;
static const struct unit_type *const types[] = { &unit_type_real_service, &unit_type_target, &unit_type_slice, NULL };

struct row { const char *settings, *script, *states, *spawns, *result; };

static char states[1024], spawns[1024];

static void add(char *to, const char *word)
{
	size_t n = strlen(to);

	snprintf(to + n, 1024 - n, "%s%s", n ? " " : "", word);
}

static void say(struct unit *u, const char *line)
{
	char copy[64];
	char *lines[] = { copy, NULL };

	snprintf(copy, sizeof(copy), "%s", line);
	u->type->notify(u, SERVICE(u)->main_pid, lines, NULL, 0);
}

static void say_when(struct unit *u, uint64_t usec)
{
	char first[] = "RELOADING=1", second[64], *lines[] = { first, second, NULL };

	snprintf(second, sizeof(second), "MONOTONIC_USEC=%llu", (unsigned long long)usec);
	u->type->notify(u, SERVICE(u)->main_pid, lines, NULL, 0);
}

static void end(struct unit *u, int code, int status)
{
	fake.populated = 0;
	fake_child(u, fake_last_token(), code, status);
}

static void word(struct unit *u, const char *w)
{
	struct service *s = SERVICE(u);

	if (streq(w, "start")) {
		fake.populated = 1;
		u->type->start(u);
	} else if (streq(w, "stop")) {
		u->type->stop(u);
	} else if (streq(w, "reload")) {
		u->type->reload(u);
	} else if (streq(w, "up")) {
		fake_child(u, fake_last_token(), 0, 0);
	} else if (streq(w, "ok")) {
		end(u, CLD_EXITED, 0);
	} else if (startswith(w, "sig")) {
		end(u, CLD_KILLED, atoi(w + 3));
	} else if (streq(w, "ready")) {
		say(u, "READY=1");
	} else if (streq(w, "reloading")) {
		say(u, "RELOADING=1");
	} else if (streq(w, "answer")) {
		say_when(u, now_usec(CLOCK_MONOTONIC));
	} else if (streq(w, "stale")) {
		say_when(u, 1);
	} else if (streq(w, "stopping")) {
		say(u, "STOPPING=1");
	} else if (streq(w, "late")) {
		assert_true(s->due_usec > 0);
		service_timeout(&s->timer);
	} else if (streq(w, "oom")) {
		fake.oom_kills++;
		u->type->oom(u);
	} else if (streq(w, "oomgone")) {       /* nobody is left when it is heard of, the exit of the main process is on its way */
		fake.oom_kills++;
		fake.populated = 0;
		u->type->oom(u);
	} else if (streq(w, "oomless")) {       /* the group has news of another kind */
		u->type->oom(u);
	} else if (streq(w, "oomsig9")) {       /* the exit is heard of first */
		fake.oom_kills++;
		end(u, CLD_KILLED, 9);
	} else if (streq(w, "empty")) {
		fake.populated = 0;
		u->type->cgroup_empty(u);
	} else {
		assert_true(w[0] >= '0' && w[0] <= '9');
		end(u, CLD_EXITED, atoi(w));
	}
}

static void script(const struct row *row, bool crash)
{
	char text[1024], *save = NULL;
	struct unit *u;

	fake_new(types);
	snprintf(text, sizeof(text), "[Unit]\nDefaultDependencies=no\n[Service]\n");
	for (const char *p = row->settings; *p;) {
		size_t n = strcspn(p, ";");

		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%.*s\n", (int)n, p);
		p += n + (p[n] == ';');
	}
	fake_file("a.service", text);
	u = fake_load("a.service");
	assert_int_equal(u->load_state, UNIT_LOADED);
	states[0] = spawns[0] = 0;
	snprintf(text, sizeof(text), "%s", row->script);
	for (char *w = strtok_r(text, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
		unsigned n = fake.n_spawns;

		if (crash)
			u = fake_crash(u);
		word(u, w);
		add(states, unit_sub(u));
		for (; n < fake.n_spawns; n++)
			add(spawns, fake.spawns[n].words);
	}
	assert_string_equal(states, row->states);
	assert_string_equal(spawns, row->spawns);
	assert_string_equal(service_result_names[SERVICE(u)->result], row->result);
	fake_free();
}

static void service_row(void **state)
{
	script(*state, false);
	script(*state, true);
}

#define ROW(...) { #__VA_ARGS__, service_row, NULL, NULL, &(struct row){ __VA_ARGS__ } }
static const struct CMUnitTest tests[] = {
	/* how each type comes up */
	ROW("ExecStart=/m", "start up stop ok", "start running stop-sigterm dead", "/m", "success"),
	ROW("ExecStart=/m", "start up ok", "start running dead", "/m", "success"),
	ROW("ExecStart=/m", "start up 3", "start running failed", "/m", "exit-code"),
	ROW("ExecStart=/m", "start up sig9", "start running failed", "/m", "signal"),
	ROW("ExecStart=/m", "start up sig15", "start running dead", "/m", "success"),
	ROW("Type=exec;ExecStart=/m", "start up stop ok", "start running stop-sigterm dead", "/m", "success"),
	ROW("Type=exec;ExecStart=/m", "start 203", "start failed", "/m", "exit-code"),
	ROW("Type=oneshot;ExecStart=/m", "start up ok", "start start dead", "/m", "success"),
	ROW("Type=oneshot;ExecStart=/m;RemainAfterExit=yes", "start ok stop", "start exited dead", "/m", "success"),
	ROW("Type=oneshot;ExecStart=/m;ExecStart=/n", "start ok ok", "start start dead", "/m /n", "success"),
	ROW("Type=oneshot;ExecStart=/m;ExecStart=/n", "start 1", "start failed", "/m", "exit-code"),
	ROW("Type=oneshot;ExecStart=-/m;ExecStart=/n", "start 1 ok", "start start dead", "/m /n", "success"),
	ROW("Type=notify;ExecStart=/m", "start up ready stop ok", "start start running stop-sigterm dead", "/m", "success"),
	ROW("Type=notify;ExecStart=/m", "start up ok", "start start failed", "/m", "protocol"),
	ROW("Type=notify;ExecStart=/m", "start up late ok", "start start stop-sigterm failed", "/m", "timeout"),
	ROW("Type=notify;ExecStart=/m", "start up ready reloading ready stopping ok", "start start running reload running stop-sigterm dead", "/m", "success"),
	/* the last spawn is the helper that waits for the name: it is owned, it is lost */
#define OWNED "/usr/lib/sysmaster/sysmaster-busname owned a.b"
#define LOST "/usr/lib/sysmaster/sysmaster-busname lost a.b"
	ROW("Type=dbus;BusName=a.b;ExecStart=/m", "start up ok", "start start running", "/m " OWNED " " LOST, "success"),
	ROW("Type=dbus;BusName=a.b;ExecStart=/m", "start up ok up ok", "start start running running stop-sigterm", "/m " OWNED " " LOST, "success"),
	ROW("Type=dbus;BusName=a.b;ExecStart=/m", "start up late", "start start stop-sigterm", "/m " OWNED, "timeout"),
	ROW("Type=dbus;BusName=a.b;ExecStart=/m", "start up 1", "start start stop-sigterm", "/m " OWNED, "resources"),
	ROW("Type=dbus;BusName=a.b;ExecStart=/m", "start up sig9", "start start start", "/m " OWNED " " OWNED, "success"),
	ROW("Type=idle;ExecStart=/m", "start up stop ok", "start running stop-sigterm dead", "/m", "success"),
	ROW("Type=forking;GuessMainPID=no;ExecStart=/m", "start up 1", "start start failed", "/m", "exit-code"),
	/* the commands around */
	ROW("ExecStartPre=/p;ExecStart=/m;ExecStartPost=/q", "start ok up ok up", "start-pre start start-post running running", "/p /m /q", "success"),
	ROW("ExecStartPre=/p;ExecStart=/m;ExecStopPost=/z", "start 1 ok", "start-pre stop-post failed", "/p /z", "exit-code"),
	ROW("ExecStartPre=/p;ExecStartPre=/r;ExecStart=/m", "start ok ok up", "start-pre start-pre start running", "/p /r /m", "success"),
	ROW("ExecCondition=/c;ExecStart=/m", "start 1", "condition dead", "/c", "exec-condition"),
	ROW("ExecCondition=/c;ExecStart=/m", "start 255", "condition failed", "/c", "exit-code"),
	ROW("ExecCondition=/c;ExecStart=/m", "start ok up", "condition start running", "/c /m", "success"),
	ROW("ExecStart=/m;ExecStop=/s;ExecStopPost=/z", "start up ok ok ok", "start running stop stop-post dead", "/m /s /z", "success"),
	ROW("ExecStart=/m;ExecReload=/l", "start up reload ok", "start running reload running", "/m /l", "success"),
	ROW("ExecStart=/m;ExecReload=/l", "start up reload 1", "start running reload running", "/m /l", "success"),
	/* a reload by signal */
	ROW("Type=notify-reload;ExecStart=/m", "start up ready reload answer ready stop ok", "start start running reload-signal reload-notify running stop-sigterm dead", "/m", "success"),
	ROW("Type=notify-reload;ExecStart=/m", "start up ready reload reloading stale ready late", "start start running reload-signal reload-signal reload-signal reload-signal running", "/m", "success"),
	ROW("Type=notify-reload;ExecStart=/m", "start up ready reload answer late", "start start running reload-signal reload-notify running", "/m", "success"),
	ROW("Type=notify-reload;ExecStart=/m", "start up ready reloading ready", "start start running reload-notify running", "/m", "success"),
	ROW("Type=notify-reload;ExecStart=/m", "start up ready reload sig9", "start start running reload-signal failed", "/m", "signal"),
	ROW("Type=notify-reload;ExecStart=/m", "start up ready reload answer stopping ok", "start start running reload-signal reload-notify stop-sigterm dead", "/m", "success"),
	ROW("Type=notify-reload;ExecStart=/m", "start up ok", "start start failed", "/m", "protocol"),
	ROW("Type=notify-reload;ExecStart=/m;ExecReload=/l", "start up ready reload answer ok ready", "start start running reload reload reload-notify running", "/m /l", "success"),
	ROW("Type=notify-reload;ExecStart=/m;ExecReload=/l", "start up ready reload ok", "start start running reload running", "/m /l", "success"),
	/* time-outs on the way down */
	ROW("ExecStart=/m", "start up stop late sig9", "start running stop-sigterm stop-sigkill failed", "/m", "timeout"),
	ROW("ExecStart=/m;SendSIGKILL=no", "start up stop late late", "start running stop-sigterm final-sigterm failed", "/m", "timeout"),
	ROW("ExecStart=/m;TimeoutStopFailureMode=abort", "start up stop late late sig9", "start running stop-sigterm stop-watchdog stop-sigkill failed", "/m", "timeout"),
	ROW("ExecStart=/m;TimeoutStopFailureMode=kill", "start up stop late sig9", "start running stop-sigterm stop-sigkill failed", "/m", "timeout"),
	ROW("ExecStart=/m;ExecStop=/s;TimeoutStopFailureMode=kill", "start up stop late sig9", "start running stop stop-sigkill stop-sigkill", "/m /s", "timeout"),
	ROW("Type=notify;ExecStart=/m;TimeoutStartFailureMode=kill;SendSIGKILL=no;ExecStopPost=/z", "start up late ok", "start start stop-post final-sigterm", "/m /z", "timeout"),
	ROW("ExecStart=/m;ExecStop=/s;RuntimeMaxSec=10", "start up late ok", "start running stop stop-sigterm", "/m /s", "timeout"),
	ROW("ExecStart=/m;ExecStop=/s;ExecStop=/t", "start up stop late ok", "start running stop stop-sigterm stop-sigterm", "/m /s /t", "timeout"),
	ROW("ExecStart=/m;RuntimeMaxSec=10", "start up late ok", "start running stop-sigterm failed", "/m", "timeout"),
	/* want of memory */
	ROW("ExecStart=/m", "start up oom ok", "start running stop-sigterm failed", "/m", "oom-kill"),
	ROW("ExecStart=/m;ExecStop=/s", "start up oom ok", "start running stop stop-sigterm", "/m /s", "oom-kill"),
	ROW("ExecStart=/m", "start up oomless", "start running running", "/m", "success"),
	ROW("ExecStart=/m", "start up oomsig9", "start running failed", "/m", "oom-kill"),
	ROW("ExecStart=/m;OOMPolicy=continue", "start up oom oomless ok", "start running running running dead", "/m", "success"),
	ROW("ExecStart=/m;OOMPolicy=continue", "start up oomsig9", "start running failed", "/m", "signal"),
	ROW("ExecStart=/m;OOMPolicy=kill", "start up oom sig9", "start running final-sigkill failed", "/m", "oom-kill"),
	ROW("ExecStart=/m;OOMPolicy=kill", "start up oomgone sig9", "start running final-sigkill failed", "/m", "oom-kill"),
	ROW("ExecStart=/m;Delegate=yes", "start up oom", "start running running", "/m", "success"),
	ROW("Type=oneshot;ExecStart=/m", "start up oom ok", "start start stop-sigterm failed", "/m", "oom-kill"),
	ROW("ExecStart=/m;ExecStopPost=/z", "start up oomsig9 oom", "start running stop-post final-sigkill", "/m /z", "oom-kill"),
	/* restarts: the pause, then the manager's job */
	ROW("ExecStart=/m;Restart=always", "start up ok", "start running auto-restart", "/m", "success"),
	ROW("ExecStart=/m;Restart=always", "start up stop ok", "start running stop-sigterm dead", "/m", "success"),
	ROW("ExecStart=/m;Restart=always", "start up ok stop", "start running auto-restart dead", "/m", "success"),
	ROW("ExecStart=/m;Restart=on-failure", "start up ok", "start running dead", "/m", "success"),
	ROW("ExecStart=/m;Restart=on-failure", "start up 1", "start running auto-restart", "/m", "exit-code"),
	ROW("ExecStart=/m;Restart=on-success", "start up ok", "start running auto-restart", "/m", "success"),
	ROW("ExecStart=/m;Restart=on-success", "start up 1", "start running failed", "/m", "exit-code"),
	ROW("ExecStart=/m;Restart=on-abort", "start up sig11", "start running auto-restart", "/m", "signal"),
	ROW("ExecStart=/m;Restart=on-abort", "start up 1", "start running failed", "/m", "exit-code"),
	ROW("ExecStart=/m;Restart=on-abnormal", "start up sig11", "start running auto-restart", "/m", "signal"),
	ROW("ExecStart=/m;Restart=always;RestartPreventExitStatus=7", "start up 7", "start running failed", "/m", "exit-code"),
	ROW("ExecStart=/m;Restart=no;RestartForceExitStatus=7", "start up 7", "start running auto-restart", "/m", "exit-code"),
	ROW("ExecStart=/m;SuccessExitStatus=7", "start up 7", "start running dead", "/m", "success"),
	ROW("ExecStart=/m;Restart=on-failure;SuccessExitStatus=7", "start up 7", "start running dead", "/m", "success"),
};

static void bad_files(void **state)
{
	static const char *const bad[] = {
		"", "ExecStop=/s", "ExecStart=/m\nExecStart=/n", "Type=oneshot\nRestart=always\nExecStart=/m", "Type=dbus\nExecStart=/m",
		"Type=oneshot\nExitType=cgroup\nExecStart=/m",
	};
	char text[256];

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		fake_new(types);
		snprintf(text, sizeof(text), "[Service]\n%s\n", bad[i]);
		fake_file("a.service", text);
		struct unit *u = fake_load("a.service");

		print_message("%s: %s\n", bad[i], fake.last_diag);
		assert_int_equal(u->load_state, UNIT_BAD_SETTING);
		fake_free();
	}
}

static void settled(void **state)
{
	struct service *s;

	fake_new(types);
	fake_file("a.service", "[Service]\nType=forking\nExecStart=/bin/a\nPIDFile=/var/run/a.pid\nTimeoutStopSec=7\n");
	fake_file("b.service", "[Service]\nExecStart=/bin/b\nPIDFile=b.pid\nTimeoutStopSec=7\nTimeoutAbortSec=3\n");
	s = SERVICE(fake_load("a.service"));
	assert_string_equal(s->pid_file, "/run/a.pid");
	assert_int_equal(s->timeout_abort_usec, 7 * USEC_PER_SEC);
	assert_int_equal(s->exec.s.keyring_mode, IPC_KEYRING_MODE_PRIVATE);
	s = SERVICE(fake_load("b.service"));
	assert_string_equal(s->pid_file, "/run/b.pid");
	assert_int_equal(s->timeout_abort_usec, 3 * USEC_PER_SEC);
	fake_free();
}

/* settings; restarts so far; the pause in microseconds */
static void delays(void **state)
{
	static const struct { const char *settings; unsigned restarts; uint64_t usec; } rows[] = {
		{ "RestartSec=1s", 7, 1000000 },
		{ "RestartSec=1s\nRestartSteps=2", 7, 1000000 },
		{ "RestartSec=1s\nRestartMaxDelaySec=9s", 7, 1000000 },
		{ "RestartSec=1s\nRestartSteps=2\nRestartMaxDelaySec=500ms", 7, 1000000 },
		{ "RestartSec=0\nRestartSteps=2\nRestartMaxDelaySec=9s", 1, 0 },
		{ "RestartSec=1s\nRestartSteps=2\nRestartMaxDelaySec=9s", 0, 1000000 },
		{ "RestartSec=1s\nRestartSteps=2\nRestartMaxDelaySec=9s", 1, 3000000 },
		{ "RestartSec=1s\nRestartSteps=2\nRestartMaxDelaySec=9s", 2, 9000000 },
		{ "RestartSec=1s\nRestartSteps=2\nRestartMaxDelaySec=9s", 3, 9000000 },
		{ "RestartSec=100ms\nRestartSteps=3\nRestartMaxDelaySec=2700ms", 2, 900000 },
		{ "RestartSec=100ms\nRestartSteps=4000000000\nRestartMaxDelaySec=10year", 1, 100000 },
		{ "RestartSec=1us\nRestartSteps=1\nRestartMaxDelaySec=100year", 5, 3155760000 * USEC_PER_SEC },
	};
	char text[256];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		fake_new(types);
		snprintf(text, sizeof(text), "[Service]\nExecStart=/m\n%s\n", rows[i].settings);
		fake_file("a.service", text);
		struct service *s = SERVICE(fake_load("a.service"));

		s->restarts = rows[i].restarts;
		assert_int_equal(service_restart_delay(s), rows[i].usec);
		assert_int_equal(fake.n_diags, i >= 1 && i <= 3);
		fake_free();
	}
}

/* without a pause it is asked for once, at the end of the turn, and by the next core if this one dies before */
static void at_once(void **state)
{
	for (int crash = 0; crash < 2; crash++) {
		fake_new(types);
		fake_file("a.service", "[Unit]\nDefaultDependencies=no\n[Service]\nExecStart=/m\nRestart=always\nRestartSec=0\n");
		struct unit *u = fake_load("a.service");

		word(u, "start");
		word(u, "up");
		word(u, "sig9");
		assert_string_equal(unit_sub(u), "auto-restart");
		assert_int_equal(fake.n_submits, 0);
		if (crash)
			u = fake_crash(u);
		for (int i = 0; i < 3; i++)
			fake_turn(50);
		assert_int_equal(fake.n_submits, 1);
		assert_int_equal(SERVICE(u)->restarts, 1);
		fake_free();
	}
}

/* OpenFile= -> as it is shown, "" and a diagnosis where it is wrong */
static void open_files(void **state)
{
	static const struct { const char *value, *shown; } rows[] = {
		{ "/a/b", "/a/b" }, { "/a/b:b", "/a/b" }, { "/a/b:c", "/a/b:c" }, { "/a/b::read-only", "/a/b::read-only" },
		{ "/a/b:c:graceful,append", "/a/b:c:append,graceful" }, { "/a/b:c:truncate", "/a/b:c:truncate" }, { "/a/b:c:", "/a/b:c" },
		{ "/a\\:b\\x5cc\\x3a:d", "/a\\:b\\\\c\\::d" },
		{ "b", "" }, { ":x", "" }, { "/a:b:c", "" }, { "/a:b:read-only,append", "" }, { "/a:b:append,append", "" },
		{ "/a:b:graceful,graceful", "" }, { "/a:b:append:d", "" }, { "/", "" }, { "/a\\q", "" },
	};
	char text[256];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(buf_finish) struct buf b = { 0 };

		fake_new(types);
		snprintf(text, sizeof(text), "[Service]\nExecStart=/m\nOpenFile=%s\n", rows[i].value);
		fake_file("a.service", text);
		struct service *s = SERVICE(fake_load("a.service"));

		kind_open_file.format(NULL, &s->open_files, &b);
		assert_string_equal(buf_str(&b) ?: "", rows[i].shown);
		assert_int_equal(fake.n_diags, !*rows[i].shown);
		fake_free();
	}
}

static void rows(void **state) { check_rows(&unit_type_real_service); }

int main(void)
{
	static const struct CMUnitTest others[] = { cmocka_unit_test(bad_files), cmocka_unit_test(settled), cmocka_unit_test(rows), cmocka_unit_test(delays), cmocka_unit_test(at_once), cmocka_unit_test(open_files) };

	log_open("test-service", LOG_TO_STDERR, NULL);
	log_set_level(LOG_EMERG);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	return failed + cmocka_run_group_tests(others, NULL, NULL);
}
