/* test-parts.c - the pieces that need no core: formats, tables, log lines, process trees, times of a shutdown */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include "core.ipc.h"
#include "lines.h"
#include "link.h"
#include "procs.h"
#include "schedule.h"
#include "stamp.h"
#include "table.h"
#include "within.h"

static char dir[] = "/tmp/test-sctl-parts-XXXXXX";

static int forget(const char *path, const struct stat *st, int type, struct FTW *ftw) { return remove(path); }

static int set_up(void **state)
{
	setenv("TZ", "UTC", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	if (!mkdtemp(dir) || chdir(dir) < 0)
		return -1;
	return setenv("SYSMASTER_RUN_DIR", dir, 1);
}

static int tear_down(void **state) { return chdir("/") < 0 ? -1 : nftw(dir, forget, 8, FTW_DEPTH | FTW_PHYS); }

static void put_file(const char *name, const char *text)
{
	FILE *f = fopen(name, "we");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* ---- formats ---- */

struct ago { uint64_t d; const char *text; };
static void ago_row(void **state)
{
	const struct ago *row = *state;
	_cleanup_(buf_finish) struct buf b = { 0 };

	ago_format(10000000000000000, 10000000000000000 + row->d, &b);
	assert_string_equal(buf_str(&b), row->text);
}

#define NOW 1774732200123456ULL         /* Sat 2026-03-28 21:10:00.123456 UTC */
struct stamp { const char *in; int r; uint64_t usec; };
static void stamp_row(void **state)
{
	const struct stamp *row = *state;
	uint64_t v = 7;

	assert_int_equal(stamp_read(row->in, NOW, &v), row->r);
	assert_int_equal(v, row->r ? 7 : row->usec);
}
#define STAMP(...) { #__VA_ARGS__, stamp_row, NULL, NULL, &(struct stamp){ __VA_ARGS__ } }

struct bytes { uint64_t n; const char *text; };
static void bytes_row(void **state)
{
	const struct bytes *row = *state;
	_cleanup_(buf_finish) struct buf b = { 0 };

	bytes_format(row->n, &b);
	assert_string_equal(buf_str(&b), row->text);
}

struct span { uint64_t usec; const char *text; };
static void span_row(void **state)
{
	const struct span *row = *state;
	_cleanup_(buf_finish) struct buf b = { 0 };

	span_format(row->usec, USEC_PER_MSEC, &b);
	assert_string_equal(buf_str(&b), row->text);
}

static void stamps(void **state)
{
	static const struct { enum stamp_style style; const char *text; } rows[] = {
		{ STAMP_PRETTY, "Tue 2023-11-14 22:13:20 UTC" }, { STAMP_UNIX, "@1700000000" }, { STAMP_US, "Tue 2023-11-14 22:13:20.000123 UTC" },
		{ STAMP_UTC, "Tue 2023-11-14 22:13:20 UTC" }, { STAMP_US_UTC, "Tue 2023-11-14 22:13:20.000123 UTC" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(buf_finish) struct buf b = { 0 };

		stamp_format(1700000000000123, rows[i].style, &b);
		assert_string_equal(buf_str(&b), rows[i].text);
		if (rows[i].style != STAMP_US && rows[i].style != STAMP_US_UTC)
			assert_int_equal(stamp_parse(rows[i].text), 1700000000000000);
	}
	assert_int_equal(stamp_parse("1700000000000123"), 1700000000000123);
	assert_int_equal(stamp_parse("soon"), 0);
	assert_int_equal(stamp_parse(""), 0);
}

static void widths(void **state)
{
	struct sctl s;
	char *cut;

	sctl_init(&s, "sctl", stdout, stderr);
	s.utf8 = true;
	assert_int_equal(text_width("ab\x1b[0;1;31mcäö\x1b[0m"), 5);
	cut = text_cut(&s, "abcdefgh", 5);
	assert_string_equal(cut, "abcd…");
	free(cut);
	cut = text_cut(&s, "äöü", 3);
	assert_string_equal(cut, "äöü");
	free(cut);
	s.utf8 = false;
	cut = text_cut(&s, "abcdefgh", 5);
	assert_string_equal(cut, "ab...");
	free(cut);
	sctl_done(&s);
}

static void words(void **state)
{
	char text[] = "plain \"two words\"  a\"\\\\x2d\"b \"\\$x\"";
	static const char *const want[] = { "plain", "two words", "a\\x2db", "$x" };
	char *rest = text, none[] = " ", *nothing = none;

	for (size_t i = 0; i < ARRAY_SIZE(want); i++)
		assert_string_equal(text_word(&rest), want[i]);
	assert_null(text_word(&rest));
	assert_null(text_word(&nothing));
}

static void quotes(void **state)
{
	static const struct { const char *in, *out; } rows[] = { { "plain-1", "plain-1" }, { "two words", "\"two words\"" }, { "", "\"\"" }, { "a\"$\x01", "\"a\\\"\\$\\001\"" } };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(buf_finish) struct buf b = { 0 };

		value_format_word(rows[i].in, strlen(rows[i].in), &b);
		assert_string_equal(buf_str(&b), rows[i].out);
	}
}

static void table_is_cut_and_coloured(void **state)
{
	static const struct table_column columns[] = { { .header = "" }, { .header = "N", .number = true, .right = true }, { .header = "LONG NAME" } };
	_cleanup_(table_freep) struct table *t = NULL;
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);
	struct sctl s;

	sctl_init(&s, "sctl", out, stderr);
	s.columns = 16;
	s.utf8 = true;
	s.colors = true;
	assert_int_equal(table_new(&t, columns, ARRAY_SIZE(columns)), 0);
	assert_int_equal(table_row(t, (const char *const[]){ "●", "1", "something long" }), 0);
	table_color(t, 0, COLOR_RED);
	assert_int_equal(table_row(t, (const char *const[]){ NULL, "22", NULL }), 0);
	table_print(t, &s);
	fflush(out);
	assert_string_equal(text, "   N LONG NAME\n\x1b[0;1;31m●\x1b[0m  1 something …\n  22 \n");
	rewind(out);
	s.o.json = JSON_SHORT;
	table_print(t, &s);
	fclose(out);
	assert_string_equal(text, "[{\"n\":1,\"long_name\":\"something long\"},{\"n\":22,\"long_name\":null}]\n");
	free(text);
	sctl_done(&s);
}

/* ---- exit statuses ---- */

static void exit_statuses(void **state)
{
	static const struct { int r, status; } rows[] = {
		{ -EACCES, 4 }, { -EPERM, 4 }, { -EBUSY, 4 }, { -ENOENT, 5 }, { -EOPNOTSUPP, 3 }, { -ENOEXEC, 1 }, { -EADDRNOTAVAIL, 6 }, { -ERFKILL, 1 }, { -EIO, 1 }, { -ETIMEDOUT, 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(link_exit_status(rows[i].r), rows[i].status);
}

/* no core, no init: said at once, not after a time-out */
static void nobody_there(void **state)
{
	static const struct { const char *verb, *word; int status; const char *out; } rows[] = {
		{ "start", "x", 1, "" }, { "is-active", "x", 1, "" }, { "is-system-running", NULL, 1, "offline\n" }, { "status", NULL, 1, "" }, { "poweroff", NULL, 1, "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *argv[] = { (char *)"sctl", (char *)"--no-wall", (char *)rows[i].verb, (char *)rows[i].word, NULL }, *text = NULL, *error = NULL;
		uint64_t begin = now_usec(CLOCK_MONOTONIC);
		size_t n, m;
		FILE *out = open_memstream(&text, &n), *err = open_memstream(&error, &m);

		assert_int_equal(sctl_main(rows[i].word ? 4 : 3, argv, out, err), rows[i].status);
		fclose(out);
		fclose(err);
		assert_string_equal(text, rows[i].out);
		if (!*rows[i].out)
			assert_non_null(strstr(error, "no service manager of sysmaster"));
		assert_true(now_usec(CLOCK_MONOTONIC) - begin < 2 * USEC_PER_SEC);
		free(text);
		free(error);
	}
}

/* ---- log lines ---- */

static char *print_lines(struct line_filter f, int style, int *ret)
{
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);
	struct sctl s;

	sctl_init(&s, "sctl", out, stderr);
	s.o.output = style;
	f.kmsg = "/dev/null";
	f.file = "syslog";
	*ret = lines_print(&s, &f);
	fclose(out);
	sctl_done(&s);
	return text;
}

static void syslog_lines(void **state)
{
	static const pid_t pids[] = { 42 };
	struct line_filter f = { .unit = "web.service", .identifier = "web", .pids = pids, .n_pids = 1, .count = 10 };
	char *text;
	int n;

	put_file("syslog", "2023-11-14T22:13:20.500000+00:00 host web[7]: by identifier\n"
			   "2023-11-14T23:13:21+01:00 host helper[42]: by pid \x1b[31mred\n"
			   "2023-11-14T22:13:22+00:00 host other[8]: of another\n"
			   "2023-11-14T22:13:22+00:00 host webby[9]: a longer identifier\n"
			   "2023-11-14T22:13:23+00:00 host sysmaster-core: started [UNIT_STARTED UNIT=web.service]\n"
			   "2023-11-14T22:13:24+00:00 host sysmaster-core: started [UNIT_STARTED UNIT=web.service2]\n"
			   "not a line\n\n2023-11-14T22:13:25+00:00\n2023-11-14T22:13:25+00:00 host web\n"
			   "2023-11-14T22:13:25+00:00 host kernel: web[7]: copied\n");
	text = print_lines(f, LINES_CAT, &n);
	assert_string_equal(text, "by identifier\nby pid \\x1b[31mred\nstarted [UNIT_STARTED UNIT=web.service]\n");
	assert_int_equal(n, 3);
	free(text);
	f.count = 1;
	f.since_usec = 1700000000ULL * USEC_PER_SEC + 600000;
	text = print_lines(f, LINES_SHORT_UNIX, &n);
	assert_int_equal(n, 1);
	assert_non_null(strstr(text, "1700000003.000000 "));
	assert_non_null(strstr(text, " sysmaster-core: started"));
	free(text);
	put_file("syslog", "Jan  2 03:04:05 host web[7]: the old form\n");
	f.since_usec = 0;
	text = print_lines(f, LINES_SHORT, &n);
	assert_true(startswith(text, "Jan 02 03:04:05 "));
	free(text);
}

/* one record a read, as /dev/kmsg gives them: a pipe in packet mode does the same; pipe(2) O_DIRECT */
static void kmsg_records(void **state)
{
	static const char *const records[] = {
		"6,1,1000000,-;web[7]: hello\n SUBSYSTEM=none\n", "3,2,2000000,-;helper[42]: oops\n", "6,3,3000000,-;usb 1-1: new device\n",
		"12,9,4500000,-,caller=T42;said plainly\n", "garbage", "6,x,y;web[7]: no number\n", "6,4,4000000,-;no tag UNIT=web.service here\n", "",
	};
	struct line_filter f = { .unit = "web.service", .identifier = "web", .pids = (pid_t[]){ 42 }, .n_pids = 1, .count = 10, .file = "/nonexistent" };
	int fds[2], n;
	char path[64], *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct sctl s;

	assert_int_equal(pipe2(fds, O_DIRECT | O_CLOEXEC), 0);
	for (size_t i = 0; i < ARRAY_SIZE(records); i++)
		assert_int_equal(write(fds[1], records[i], strlen(records[i])), strlen(records[i]));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fds[0]);
	f.kmsg = path;
	sctl_init(&s, "sctl", out, stderr);
	s.o.output = LINES_SHORT_MONOTONIC;
	s.colors = true;
	n = lines_print(&s, &f);
	fclose(out);
	sctl_done(&s);
	assert_int_equal(n, 4);
	assert_true(startswith(text, "[    1.000000] "));
	assert_non_null(strstr(text, " web[7]: hello\n\x1b[0;1;31m[    2.000000] "));
	assert_non_null(strstr(text, " helper[42]: oops\x1b[0m\n"));
	assert_non_null(strstr(text, " web[42]: said plainly"));
	assert_non_null(strstr(text, " kernel: no tag UNIT=web.service here\n"));
	free(text);
	close(fds[0]);
	close(fds[1]);
}

static void syslog_tail_is_bounded(void **state)
{
	struct line_filter f = { .unit = "web.service", .identifier = "web", .count = 3 };
	FILE *out = fopen("syslog", "we");
	char *text;
	int n;

	assert_non_null(out);
	for (int i = 0; i < 40000; i++)
		fprintf(out, "2023-11-14T22:13:20+00:00 host web[7]: line %d\n", i);
	fclose(out);
	text = print_lines(f, LINES_CAT, &n);
	assert_string_equal(text, "line 39997\nline 39998\nline 39999\n");
	free(text);
}

/* ---- processes ---- */

static void process_tree(void **state)
{
	char *text = NULL, procs[64], want[256];
	size_t n, n_pids;
	FILE *out = open_memstream(&text, &n);
	pid_t child = fork(), *pids = NULL;
	struct sctl s;

	if (child == 0) {
		execl("/bin/sleep", "sleep", "600", NULL);
		_exit(1);
	}
	for (int i = 0; i < 200; i++) {
		_cleanup_(buf_finish) struct buf b = { 0 };

		procs_command(child, &b);
		if (streq(buf_str(&b), "sleep 600"))
			break;
		usleep(10000);
	}
	assert_int_equal(mkdir("group", 0755) + mkdir("group/sub", 0755) + mkdir("group/empty", 0755), 0);
	snprintf(procs, sizeof(procs), "%d\n0\n", (int)child);
	put_file("group/cgroup.procs", procs);
	put_file("group/sub/cgroup.procs", procs);
	put_file("group/empty/cgroup.procs", "");
	sctl_init(&s, "sctl", out, stderr);
	s.utf8 = true;
	assert_int_equal(procs_print(&s, "group", "  ", true), 2);
	fclose(out);
	snprintf(want, sizeof(want), "  ├─%d sleep 600\n  └─sub\n    └─%d sleep 600\n", (int)child, (int)child);
	assert_string_equal(text, want);
	assert_int_equal(procs_pids("group", &pids, &n_pids), 0);
	assert_int_equal(n_pids, 2);
	assert_int_equal(procs_pids("nowhere", &pids, &n_pids), -ENOENT);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	free(pids);
	free(text);
	sctl_done(&s);
}

/* ---- shutdown later ---- */

#define NOON (1699963200ULL * USEC_PER_SEC)             /* Tue 2023-11-14 12:00:00 UTC */
struct when { const char *word; int r; uint64_t minutes; };
static void when_row(void **state)
{
	const struct when *row = *state;
	uint64_t usec = 7;

	assert_int_equal(schedule_time(row->word, NOON, &usec), row->r);
	assert_int_equal(usec, row->r < 0 ? 7 : row->minutes ? NOON + row->minutes * 60 * USEC_PER_SEC : 0);
}

static void schedule_and_cancel(void **state)
{
	uint64_t usec = now_usec(CLOCK_REALTIME) + 36000 * USEC_PER_SEC;
	struct schedule d;
	char *text = NULL;
	size_t n;
	FILE *err = open_memstream(&text, &n);
	struct sctl s;
	int status;

	if (geteuid() != 0)
		skip();
	sctl_init(&s, "shutdown", stdout, err);
	s.o.no_wall = true;
	assert_int_equal(schedule_read(&d), -ENOENT);
	assert_int_equal(schedule_start(&s, IPC_POWER_VERB_REBOOT, usec, NULL), 0);
	fclose(err);
	assert_non_null(strstr(text, "Reboot scheduled for "));
	assert_int_equal(schedule_read(&d), 0);
	assert_int_equal(d.usec, usec);
	assert_int_equal(d.verb, IPC_POWER_VERB_REBOOT);
	assert_int_equal(schedule_cancel(), 0);
	assert_int_equal(waitpid(d.pid, &status, 0), d.pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(schedule_read(&d), -ENOENT);
	assert_int_equal(schedule_cancel(), -ENOENT);
	free(text);
	sctl_done(&s);
}

#define AGO(...) { "ago: " #__VA_ARGS__, ago_row, NULL, NULL, &(struct ago){ __VA_ARGS__ } }
#define BYTES(...) { "bytes: " #__VA_ARGS__, bytes_row, NULL, NULL, &(struct bytes){ __VA_ARGS__ } }
#define SPAN(...) { "span: " #__VA_ARGS__, span_row, NULL, NULL, &(struct span){ __VA_ARGS__ } }
#define WHEN(...) { "when: " #__VA_ARGS__, when_row, NULL, NULL, &(struct when){ __VA_ARGS__ } }
/* ---- time limits ---- */

static int forever(void *arg)
{
	while (pause() < 0)
		;
	return 0;
}
static int answers(void *arg) { return *(int *)arg; }
static int dies(void *arg) { return raise(SIGKILL); }

static void limits(void **state)
{
	int ok = 0, no = -ENOENT;

	assert_int_equal(within(UINT64_MAX, answers, &ok), 0);
	assert_int_equal(within(60 * USEC_PER_SEC, answers, &no), -ENOENT);
	assert_int_equal(within(50000, forever, NULL), -ETIME);
	assert_int_equal(within(UINT64_MAX, dies, NULL), -EIO);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(limits),
		STAMP("now", 0, NOW), STAMP("+5min", 0, NOW + 300000000), STAMP("5min left", 0, NOW + 300000000), STAMP("1h ago", 0, NOW - 3600000000),
		STAMP("-1h", 0, NOW - 3600000000), STAMP("@1.5", 0, 1500000), STAMP("today", 0, 1774656000000000), STAMP("tomorrow", 0, 1774742400000000),
		STAMP("yesterday", 0, 1774569600000000), STAMP("21:11", 0, 1774732260000000), STAMP("21:11:01.25", 0, 1774732261250000),
		STAMP("2026-03-29", 0, 1774742400000000), STAMP("26-03-29 00:00", 0, 1774742400000000), STAMP("Sun 2026-03-29", 0, 1774742400000000),
		STAMP("Mon 2026-03-29", -EINVAL, 0), STAMP("2026-03-29 02:30:00 Europe/Berlin", 0, 1774747800000000),
		STAMP("2026-03-30 02:30:00 Europe/Berlin", 0, 1774830600000000), STAMP("2026-03-29 Nowhere/City", -EINVAL, 0), STAMP("2026-03-29 utc", 0, 1774742400000000),
		STAMP("soon", -EINVAL, 0), STAMP("", -EINVAL, 0), STAMP("2026-13-01", -EINVAL, 0), STAMP("1 ago", 0, NOW - 1000000), STAMP("x ago", -EINVAL, 0),
	AGO(0, "now"), AGO(5000, "5ms ago"), AGO(1500000, "1s ago"), AGO(63000000, "1min 3s ago"), AGO(3660000000, "1h 1min ago"),
	AGO(86400000000, "24h ago"), AGO(90000000000, "1 day 1h ago"), AGO(21599000000, "5h 59min ago"), AGO(21601000000, "6h ago"),
	AGO(299000000, "4min 59s ago"), AGO(301000000, "5min ago"), AGO(2 * 86400000000, "2 days ago"), AGO(8 * 86400000000, "1 week 1 day ago"),
	AGO(40 * 86400000000, "1 month 9 days ago"), AGO(400 * 86400000000, "1 year 1 month ago"),
	BYTES(0, "0B"), BYTES(1023, "1023B"), BYTES(1024, "1.0K"), BYTES(663552, "648.0K"), BYTES(3565158, "3.3M"), BYTES(1610612736, "1.5G"),
	SPAN(0, "0"), SPAN(500, "0ms"), SPAN(35000, "35ms"), SPAN(1234567, "1.234s"), SPAN(62345678, "1min 2.345s"),
	cmocka_unit_test(stamps), cmocka_unit_test(widths), cmocka_unit_test(quotes), cmocka_unit_test(words), cmocka_unit_test(table_is_cut_and_coloured),
	cmocka_unit_test(exit_statuses), cmocka_unit_test(nobody_there), cmocka_unit_test(syslog_lines),
	cmocka_unit_test(kmsg_records), cmocka_unit_test(syslog_tail_is_bounded), cmocka_unit_test(process_tree),
	WHEN("now", 0, 0), WHEN("+0", 0, 0), WHEN("+5", 0, 5), WHEN("13:30", 0, 90), WHEN("11:59", 0, 24 * 60 - 1), WHEN("12:00", 0, 24 * 60),
	WHEN("24:00", -EINVAL, 0), WHEN("12:60", -EINVAL, 0), WHEN("12", -EINVAL, 0), WHEN("+x", -EINVAL, 0), WHEN("-1:00", -EINVAL, 0), WHEN("", -EINVAL, 0),
	cmocka_unit_test(schedule_and_cancel),
};

int main(void) { return cmocka_run_group_tests(tests, set_up, tear_down); }
