/*
 * test-transaction.c - transactions and jobs over units of a fake type
 *
 * A row: unit files, which units are up before, the wish, the mode, and what then happens, in order: "+a" start asked, "-a" stop
 * asked, "~a" reload asked, "a:result" the end of a job. Each ask succeeds at once in the next turn, but for units called fail*.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <cmocka.h>
#include "job/transaction.h"
#include "log.h"
#include "unit/path.h"
#include "unit/types.h"

struct fake { struct unit u; enum unit_active_state state, next; struct deferred step; };

static struct loop *loop;
static struct jobs *jobs;
static struct unit_set *set;
static char events[2048];

static struct fake *FAKE(const struct unit *u) { return (struct fake *)u; }

static void note(const char *fmt, ...) _printf_(1, 2);
static void note(const char *fmt, ...)
{
	size_t n = strlen(events);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(events + n, sizeof(events) - n, fmt, ap);
	va_end(ap);
}

static const char *bare(const char *id)
{
	static char name[64];

	snprintf(name, sizeof(name), "%.*s", (int)(strrchr(id, '.') - id), id);
	return name;
}

static int step(struct deferred *d)
{
	struct fake *f = container_of(d, struct fake, step);

	f->state = f->next;
	unit_changed(&f->u, false);
	return 0;
}

static int begin(struct unit *u, char sign, enum unit_active_state during, enum unit_active_state after)
{
	note("%s%c%s", *events ? " " : "", sign, bare(u->id));
	FAKE(u)->state = during;
	FAKE(u)->next = after;
	unit_changed(u, false);
	defer(loop, &FAKE(u)->step, step);
	return 0;
}

static int fake_start(struct unit *u) { return begin(u, '+', UNIT_ACTIVATING, startswith(u->id, "fail") ? UNIT_FAILED : UNIT_ACTIVE); }
static int fake_stop(struct unit *u) { return begin(u, '-', UNIT_DEACTIVATING, UNIT_INACTIVE); }
static int fake_reload(struct unit *u) { return begin(u, '~', UNIT_RELOADING, UNIT_ACTIVE); }
static enum unit_active_state fake_active(const struct unit *u) { return FAKE(u)->state; }
static const char *fake_sub(const struct unit *u) { return "fake"; }

static const struct unit_type fake = {
	.abi = UNIT_TYPE_ABI, .name = "service", .section = "Service", .size = sizeof(struct fake), .can_reload = true,
	.active = fake_active, .sub = fake_sub, .start = fake_start, .stop = fake_stop, .reload = fake_reload,
};

static void host_changed(struct unit *u, enum unit_active_state old, enum unit_active_state now, bool failed_reload)
{
	if (jobs)
		jobs_unit_changed(jobs, u, now, failed_reload);
}

static void ignore(void *user, const struct job *j) { }
static void removed(void *user, const struct job *j, enum ipc_job_result result)
{
	if (result != IPC_JOB_RESULT_DONE)
		note("%s%s:%s", *events ? " " : "", bare(j->unit->id), msg_enum_name(&ipc_job_result_enum, (int32_t)result));
}

static void quiet(struct diag_sink *s, enum diag_level level, const char *file, unsigned line, unsigned column, const char *text)
{
	print_message("%s:%u:%u: %s\n", file, line, column, text);
}

struct row {
	const char *files;              /* "a: Requires=b After=b; b:" */
	const char *up;                 /* "b c" */
	const char *wish;               /* "start a" */
	enum ipc_job_mode mode;
	int r;
	const char *events, *or_events;   /* of a cycle either one may go without its order */
};

static void write_files(const char *dir, const char *files)
{
	char text[1024], path[256], *save = NULL;

	snprintf(text, sizeof(text), "%s", files);
	for (char *f = strtok_r(text, ";", &save); f; f = strtok_r(NULL, ";", &save)) {
		char *colon = strchr(f, ':'), *name = f + strspn(f, " "), *word, *save2 = NULL;

		*colon = 0;
		snprintf(path, sizeof(path), "%s/%s.service", dir, name);
		FILE *out = fopen(path, "we");

		assert_non_null(out);
		fprintf(out, "[Unit]\nAllowIsolate=yes\n");
		for (word = strtok_r(colon + 1, " ", &save2); word; word = strtok_r(NULL, " ", &save2)) {
			char *eq = strchr(word, '=');

			fprintf(out, "%.*s=%s%s\n", (int)(eq - word), word, eq + 1, strchr(eq, '/') || strchr("0123456789yn", eq[1]) ? "" : ".service");
		}
		fclose(out);
	}
}

static struct unit *named(const char *name)
{
	char id[80];
	struct unit *u;

	snprintf(id, sizeof(id), "%s.service", name);
	assert_int_equal(unit_load(set, id, &u), 0);
	unit_load_pending(set);
	return u;
}

static void transaction_row(void **state)
{
	const struct row *row = *state;
	char dir[] = "/tmp/test-transaction.XXXXXX", cmd[128], verb[32], name[64], up[128], *save = NULL, why[TRANSACTION_WHY];
	struct lookup *paths;
	struct diag_sink sink = { .report = quiet };
	struct unit_host host = { .changed = host_changed, .running = true, .cgroup_root = "", .default_start_limit_burst = 100 };
	struct jobs_hooks hooks = { ignore, removed, ignore, ignore, NULL };

	assert_non_null(mkdtemp(dir));
	write_files(dir, row->files);
	setenv("SYSMASTER_UNIT_PATH", dir, 1);
	assert_int_equal(loop_new(&loop, 8, false), 0);
	host.loop = loop;
	assert_int_equal(lookup_new(&paths, LOOKUP_SYSTEM, ""), 0);
	assert_int_equal(unit_set_new(&set, paths, &host, &sink), 0);
	assert_int_equal(jobs_new(&jobs, set, loop, &hooks), 0);
	events[0] = 0;
	snprintf(up, sizeof(up), "%s", row->up);
	for (char *u = strtok_r(up, " ", &save); u; u = strtok_r(NULL, " ", &save))
		FAKE(named(u))->state = UNIT_ACTIVE;
	assert_int_equal(sscanf(row->wish, "%31s %63s", verb, name), 2);

	struct transaction_wish w = { named(name), 0 };
	int32_t type;

	assert_int_equal(msg_enum_value(&ipc_job_type_enum, verb, &type), 0);
	w.type = (enum ipc_job_type)type;
	int r = transaction_submit(jobs, &w, 1, row->mode, NULL, why);

	if (r != row->r)
		print_message("why: %s\n", why);
	assert_int_equal(r, row->r);
	if (r < 0)
		assert_true(strlen(why) > 5);
	for (int i = 0; i < 40; i++)
		assert_int_equal(loop_turn(loop, 0), 0);
	if (!row->or_events || strcmp(events, row->or_events) != 0)
		assert_string_equal(events, row->events);
	assert_int_equal(jobs_count(jobs), 0);

	jobs_free(jobs);
	jobs = NULL;
	unit_set_free(set);
	lookup_free(paths);
	loop_free(loop);
	snprintf(cmd, sizeof(cmd), "rm -r %s", dir);
	assert_int_equal(system(cmd), 0);
}

#define REPLACE IPC_JOB_MODE_REPLACE
#define ROW(...) { #__VA_ARGS__, transaction_row, NULL, NULL, &(struct row){ __VA_ARGS__ } }
static const struct CMUnitTest tests[] = {
	/* requirement and order */
	ROW("a:", "", "start a", REPLACE, 0, "+a"),
	ROW("a: Requires=b After=b; b:", "", "start a", REPLACE, 0, "+b +a"),
	ROW("a: Requires=b Before=b; b:", "", "start a", REPLACE, 0, "+a +b"),
	ROW("a: Requires=b After=b; b: Requires=c After=c; c:", "", "start a", REPLACE, 0, "+c +b +a"),
	ROW("a: Wants=b After=b; b:", "b", "start a", REPLACE, 0, "+a"),
	ROW("a: Requires=b; b:", "a b", "stop b", REPLACE, 0, "-b -a"),
	ROW("a: Requires=b After=b; b:", "a b", "stop b", REPLACE, 0, "-a -b"),
	ROW("a: Wants=b After=b; b:", "a b", "stop b", REPLACE, 0, "-b"),
	ROW("a: PartOf=b After=b; b:", "a b", "stop b", REPLACE, 0, "-a -b"),
	ROW("a: PartOf=b After=b; b:", "a b", "restart b", REPLACE, 0, "-a -b +b +a"),
	ROW("a: Requires=b After=b; b:", "b", "restart b", REPLACE, 0, "-b +b"),
	/* failures */
	ROW("a: Requires=fail After=fail; fail:", "", "start a", REPLACE, 0, "+fail fail:failed a:dependency"),
	ROW("a: Wants=fail After=fail; fail:", "", "start a", REPLACE, 0, "+fail fail:failed +a"),
	ROW("a: Requisite=b After=b; b:", "", "start a", REPLACE, 0, "b:skipped a:dependency"),
	ROW("a: Requisite=b After=b; b:", "b", "start a", REPLACE, 0, "+a"),
	ROW("a: Requires=missing;", "", "start a", REPLACE, -ENOENT, ""),
	ROW("a: Wants=missing;", "", "start a", REPLACE, 0, "+a"),
	ROW("a: Wants=b; b: Requires=missing;", "", "start a", REPLACE, 0, "+a"),
	ROW("a:", "", "start missing", REPLACE, -ENOENT, ""),
	/* conflicts */
	ROW("a: Conflicts=b; b:", "b", "start a", REPLACE, 0, "+a -b"),
	ROW("a: Conflicts=b After=b; b:", "b", "start a", REPLACE, 0, "-b +a"),
	ROW("a: Conflicts=b After=b; b:", "a", "start b", REPLACE, 0, "-a +b"),
	ROW("a: Requires=b Conflicts=b; b:", "", "start a", REPLACE, -EEXIST, ""),
	ROW("a: Wants=b; b: Conflicts=c; c:", "c", "start a", REPLACE, 0, "+a +b -c"),
	/* cycles: the least needed job goes, or nothing does */
	ROW("a: Wants=b After=b; b: After=a;", "", "start a", REPLACE, 0, "+a"),
	ROW("a: Requires=b After=b; b: After=a;", "", "start a", REPLACE, -EDEADLK, ""),
	ROW("a: Requires=b Wants=c; b: After=c; c: After=a;", "", "start a", REPLACE, 0, "+a +c +b"),
	ROW("a: Requires=b Wants=c; b: After=c; c: After=b;", "", "start a", REPLACE, 0, "+a +b"),
	/* but what is to go down goes down */
	ROW("a: Conflicts=b Conflicts=c; b: After=c; c: After=b;", "b c", "start a", REPLACE, 0, "+a -c -b", "+a -b -c"),
	ROW("a: PartOf=b After=b; b: After=a;", "a b", "stop b", REPLACE, 0, "-a -b", "-b -a"),
	ROW("a:; b: After=c; c: After=b;", "b c", "start a", IPC_JOB_MODE_ISOLATE, 0, "+a -c -b", "+a -b -c"),
	/* modes */
	ROW("a: Requires=b; b:", "", "start a", IPC_JOB_MODE_IGNORE_DEPENDENCIES, 0, "+a"),
	ROW("a: Requires=b Conflicts=c; b:; c:", "c", "start a", IPC_JOB_MODE_IGNORE_REQUIREMENTS, 0, "+a"),
	ROW("a: Wants=b; b: Conflicts=c; c:", "c", "start a", IPC_JOB_MODE_FAIL, 0, "+a +b"),
	ROW("a: Requires=b After=b; b:; c:; d:", "c d", "start a", IPC_JOB_MODE_ISOLATE, 0, "+b -c -d +a"),
	ROW("a:; c: IgnoreOnIsolate=yes; d:", "c d", "start a", IPC_JOB_MODE_ISOLATE, 0, "+a -d"),
	/* what a verb comes down to */
	ROW("a:", "", "try_restart a", REPLACE, 0, ""),
	ROW("a:", "a", "try_restart a", REPLACE, 0, "-a +a"),
	ROW("a:", "a", "reload a", REPLACE, 0, "~a"),
	ROW("a:", "", "reload a", REPLACE, 0, "a:invalid"),
	ROW("a:", "", "reload_or_restart a", REPLACE, 0, "+a"),
	ROW("a:", "a", "reload_or_restart a", REPLACE, 0, "~a"),
	ROW("a: PropagatesReloadTo=b; b:", "a b", "reload a", REPLACE, 0, "~a ~b"),
	ROW("a:", "a", "start a", REPLACE, 0, ""),
	ROW("a:", "", "stop a", REPLACE, 0, ""),
};

int main(void)
{
	log_open("test-transaction", LOG_TO_STDERR, NULL);
	log_set_level(LOG_EMERG);
	unit_type_register(&fake);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
