/* test-value.c - values of keys; rows are facts of systemd.time(7), systemd.syntax(7) and answers of systemd-analyze(1) 252 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "unit/key.h"

#define SEC USEC_PER_SEC

struct num { int (*fn)(const char *, uint64_t *); const char *in; int r; uint64_t out; };
static void num_row(void **state)
{
	const struct num *row = *state;
	uint64_t v = 7;                         /* an error must leave it alone */

	assert_int_equal(row->fn(row->in, &v), row->r);
	assert_int_equal(v, row->r ? 7 : row->out);
}

static int sec(const char *s, uint64_t *ret) { return value_sec(s, USEC_PER_SEC, ret); }
static int num(const char *s, uint64_t *ret) { return value_unsigned(s, 1000, ret); }

struct format { uint64_t usec; const char *out; };
static void format_row(void **state)
{
	const struct format *row = *state;
	struct buf b = { 0 };

	value_format_sec(row->usec, &b);
	assert_string_equal(buf_str(&b), row->out);
	buf_finish(&b);
}

struct boolean { const char *in; int r; bool out; };
static void bool_row(void **state)
{
	const struct boolean *row = *state;
	bool b = false;

	assert_int_equal(value_bool(row->in, &b), row->r);
	assert_int_equal(b, row->out);
}

struct sig { const char *in; int r, out; };
static void signal_row(void **state)
{
	const struct sig *row = *state;
	int v = 7;

	assert_int_equal(value_signal(row->in, &v), row->r);
	assert_int_equal(v, row->r ? 7 : row->out);
}

/* @words: each in <>, then ! and the offset of the fault when there is one */
struct words { bool unescape; const char *in, *words; };
static void words_row(void **state)
{
	const struct words *row = *state;
	const char *p = row->in;
	struct buf b = { 0 };
	int r;

	for (;;) {
		_cleanup_(freep) char *w = NULL;

		r = value_word(&p, row->unescape, &w);
		if (r <= 0)
			break;
		buf_addf(&b, "<%s>", w);
	}
	if (r < 0)
		buf_addf(&b, "!%d", (int)(p - row->in));
	assert_string_equal(buf_str(&b), row->words);
	buf_finish(&b);
}

static void signal_names(void **state)
{
	assert_string_equal(signal_name(SIGTERM), "SIGTERM");
	assert_string_equal(signal_name(37), "SIGRTMIN+3");
	assert_null(signal_name(0));
	assert_null(signal_name(65));
	for (int i = 1; i <= 64; i++) {
		int back = 0;

		if (!signal_name(i))
			continue;
		assert_int_equal(value_signal(signal_name(i), &back), 0);
		assert_int_equal(back, i);
	}
}

static void exit_names(void **state)
{
	int v = 0;

	assert_string_equal(exit_status_name(203), "EXEC");
	assert_null(exit_status_name(199));
	assert_int_equal(exit_status_value("TEMPFAIL", &v), 0);
	assert_int_equal(v, 75);
}

static void vectors(void **state)
{
	char **v = NULL, **c;
	int r = 0;

	assert_int_equal(strv_len(NULL), 0);
	assert_int_equal(strv_add(&v, "a"), 0);
	assert_int_equal(strv_add(&v, "b"), 0);
	c = strv_copy(v);
	assert_int_equal(strv_len(c), 2);
	assert_true(strv_has(c, "b"));
	assert_false(strv_has(c, "c"));
	assert_int_equal(strv_consume(&v, NULL), -ENOMEM);
	for (int i = 0; i < 20000 && r == 0; i++)
		r = strv_add(&v, "x");
	assert_int_equal(r, -E2BIG);            /* a file cannot make it grow for ever */
	strv_free(v);
	strv_free(c);
	c = strv_copy(NULL);
	assert_null(c);
}

static void environments(void **state)
{
	char **env = NULL;

	assert_true(environ_valid("A_1=x=y z"));
	assert_true(environ_valid("A="));
	assert_false(environ_valid("1A=x"));
	assert_false(environ_valid("=x"));
	assert_false(environ_valid("A"));
	assert_false(environ_valid("A-B=x"));
	assert_false(environ_valid("A=\x01"));
	environ_put(&env, strdup("A=1"));
	environ_put(&env, strdup("AB=2"));
	environ_put(&env, strdup("A=3"));
	assert_int_equal(strv_len(env), 2);
	assert_string_equal(env[0], "A=3");
	strv_free(env);
}

#define NUM(f, i, ...) { #f " " i, num_row, NULL, NULL, &(struct num){ f, i, __VA_ARGS__ } }
#define FMT(u, o) { "format " o, format_row, NULL, NULL, &(struct format){ u, o } }
#define BOOL(i, ...) { "bool " i, bool_row, NULL, NULL, &(struct boolean){ i, __VA_ARGS__ } }
#define SIG(i, ...) { "signal " i, signal_row, NULL, NULL, &(struct sig){ i, __VA_ARGS__ } }
#define WORDS(u, i, o) { "words " i, words_row, NULL, NULL, &(struct words){ u, i, o } }

static const struct CMUnitTest tests[] = {
	NUM(sec, "90", 0, 90 * SEC), NUM(sec, "1min 30s", 0, 90 * SEC), NUM(sec, "1min30s", 0, 90 * SEC), NUM(sec, " 5 s ", 0, 5 * SEC), NUM(sec, "1.5s", 0, 1500000),
	NUM(sec, "2h", 0, 7200 * SEC), NUM(sec, "1month", 0, 2629800 * SEC), NUM(sec, "1M", 0, 2629800 * SEC), NUM(sec, "1m", 0, 60 * SEC),
	NUM(sec, "1y", 0, 31557600 * SEC), NUM(sec, "1ms500us", 0, 1500), NUM(sec, "3\xc2\xb5s", 0, 3), NUM(sec, "3\xce\xbcs", 0, 3), NUM(sec, "0", 0, 0),
	NUM(sec, "infinity", 0, USEC_INFINITY), NUM(sec, " infinity ", 0, USEC_INFINITY), NUM(sec, "1w 2d 3hr 4sec", 0, (604800 + 172800 + 10800 + 4) * SEC),
	NUM(sec, "soon", -EINVAL), NUM(sec, "", -EINVAL), NUM(sec, "5 parsecs", -EINVAL), NUM(sec, "1.s", -EINVAL), NUM(sec, "-1", -ERANGE),
	NUM(sec, "99999999999999999999", -ERANGE), NUM(sec, "18446744073709551615us", -ERANGE), NUM(sec, "1000000y", -ERANGE), NUM(sec, "infinity 1", -EINVAL),
	NUM(sec, "53.509018898 minute", 0, 3210541128), NUM(sec, "1h.5", 0, 3600500000), NUM(sec, "5 +6", 0, 11 * SEC), NUM(sec, "5+6", -EINVAL, 0),
	NUM(sec, "1.5.5", -EINVAL, 0), NUM(sec, "9223372036854775807us", 0, 9223372036854775807), NUM(sec, "9223372036854775808us", -ERANGE, 0),
	NUM(sec, "0.0000001s", 0, 0), NUM(sec, "3.5m", 0, 210 * SEC),
	NUM(value_size, "1K", 0, 1024), NUM(value_size, "1.5G", 0, 1610612736), NUM(value_size, "1G 500M", 0, (1024ULL + 500) << 20), NUM(value_size, "12", 0, 12),
	NUM(value_size, "12B", 0, 12), NUM(value_size, "infinity", 0, UINT64_MAX), NUM(value_size, "16E", -ERANGE), NUM(value_size, "1X", -EINVAL), NUM(value_size, "5MB", -EINVAL),
	NUM(num, "0x10", 0, 16), NUM(num, "010", 0, 8), NUM(num, "0b11", 0, 3), NUM(num, "0o17", 0, 15), NUM(num, "1000", 0, 1000), NUM(num, "1001", -ERANGE),
	NUM(num, "-1", -EINVAL), NUM(num, "1a", -EINVAL), NUM(num, "", -EINVAL), NUM(num, "+1", -EINVAL), NUM(num, "09", -EINVAL),
	FMT(0, "0"), FMT(90 * SEC, "1min 30s"), FMT(1500000, "1.500000s"), FMT(1500, "1.500ms"), FMT(100, "100us"), FMT(61500000, "1min 1.500000s"),
	FMT(1000100, "1.000100s"), FMT(USEC_INFINITY, "infinity"), FMT(5259600 * SEC, "2month"), FMT(100000, "100ms"), FMT(86400 * SEC + 1, "1d 1us"),
	BOOL("yes", 0, true), BOOL("On", 0, true), BOOL("1", 0, true), BOOL("t", 0, true), BOOL("Y", 0, true), BOOL("no", 0, false), BOOL("FALSE", 0, false),
	BOOL("", -EINVAL, false), BOOL("2", -EINVAL, false), BOOL("yess", -EINVAL, false),
	SIG("SIGTERM", 0, SIGTERM), SIG("TERM", 0, SIGTERM), SIG("9", 0, 9), SIG("SIGRTMIN+3", 0, 37), SIG("RTMIN", 0, 34), SIG("RTMAX-1", 0, 63), SIG("RTMAX", 0, 64),
	SIG("65", -EINVAL), SIG("0", -EINVAL), SIG("SIGFOO", -EINVAL), SIG("RTMAX-99", -EINVAL), SIG("", -EINVAL),
	WORDS(true, "a b  c", "<a><b><c>"), WORDS(true, "\"a b\" 'c \"d'", "<a b><c \"d>"), WORDS(true, "a\"b c\"d", "<ab cd>"), WORDS(true, "''", "<>"),
	WORDS(true, "\\x41\\t\\101\\u00e4\\s", "<A\tA\xc3\xa4 >"), WORDS(true, "a \\q", "<a>!2"), WORDS(true, "a \"b", "<a>!2"), WORDS(true, "\\x00", "!0"),
	WORDS(true, "\\ud800", "!0"), WORDS(true, "\\U0010ffff", "<\xf4\x8f\xbf\xbf>"), WORDS(true, "\\777", "!0"), WORDS(true, "a\\", "!1"), WORDS(true, "\"a\\\"b\"", "<a\"b>"),
	WORDS(false, "a\\x2db \\", "<a\\x2db><\\>"), WORDS(false, "", ""), WORDS(false, "  ", ""),
	cmocka_unit_test(signal_names), cmocka_unit_test(exit_names), cmocka_unit_test(vectors), cmocka_unit_test(environments),
};

int main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
