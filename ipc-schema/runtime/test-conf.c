/* test-conf.c - the grammar of unit files: what a text becomes, and where each problem is said to be; systemd.syntax(7) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "buf.h"
#include "conf.h"

struct trace {
	struct conf_handler h;
	struct diag_sink sink;
	struct buf out;
};

static void on_problem(struct diag_sink *s, enum diag_level level, const char *file, unsigned line, unsigned column, const char *text)
{
	buf_addf(&container_of(s, struct trace, sink)->out, "!%u:%u %s\n", line, column, text);
}

static bool on_section(struct conf_handler *h, const char *file, const char *section, unsigned line)
{
	buf_addf(&container_of(h, struct trace, h)->out, "[%s]%u\n", section, line);
	return !startswith(section, "Not");
}

static int on_assign(struct conf_handler *h, const char *file, const char *section, const char *key, const char *value, unsigned line, unsigned column)
{
	buf_addf(&container_of(h, struct trace, h)->out, "%s.%s=%s @%u:%u\n", section, key, value, line, column);
	return 0;
}

static int parse(const char *text, size_t n, struct trace *t)
{
	*t = (struct trace){ .h = { on_assign, on_section, &t->sink }, .sink = { on_problem } };
	return conf_parse("f", text, n, &t->h);
}

struct row { const char *in, *out; };
static void conf_row(void **state)
{
	const struct row *row = *state;
	struct trace t;

	assert_int_equal(parse(row->in, strlen(row->in), &t), 0);
	assert_string_equal(buf_str(&t.out), row->out);
	buf_finish(&t.out);
}

static void zero_byte(void **state)
{
	struct trace t;

	assert_int_equal(parse("[A]\nb=1\0002\nc=3", 13, &t), 0);
	assert_string_equal(buf_str(&t.out), "[A]1\n!2:1 line is not valid UTF-8 text, ignored\nA.c=3 @3:3\n");
	buf_finish(&t.out);
}

static void long_line(void **state)
{
	size_t n = CONF_MAX_LINE + 100;
	char *text = malloc(n + 64), *p = text;
	struct trace t;

	p += sprintf(p, "[A]\nb=");
	memset(p, 'x', n);
	p += n;
	p += sprintf(p, "\nc=3\n");
	assert_int_equal(parse(text, (size_t)(p - text), &t), 0);
	assert_non_null(strstr(buf_str(&t.out), "!2:0 line is longer"));
	assert_non_null(strstr(buf_str(&t.out), "A.c=3 @3:3"));
	buf_finish(&t.out);
	free(text);
}

static void long_file(void **state)
{
	char *text = calloc(1, CONF_MAX_BYTES + 1);
	struct trace t;

	assert_int_equal(parse(text, CONF_MAX_BYTES + 1, &t), -EFBIG);
	assert_non_null(strstr(buf_str(&t.out), "file is larger"));
	buf_finish(&t.out);
	free(text);
}

static void not_a_file(void **state)
{
	struct trace t;

	parse("", 0, &t);
	assert_int_equal(conf_parse_file("/nonexistent", &t.h), -ENOENT);
	assert_int_equal(conf_parse_file("/", &t.h), -EISDIR);
	assert_int_equal(conf_parse_file("/dev/null", &t.h), 0);
	assert_int_equal(conf_parse_file("/dev/zero", &t.h), 0);        /* a device is never read */
	buf_finish(&t.out);
}

#define ROW(i, o) { i, conf_row, NULL, NULL, &(struct row){ i, o } }
static const struct CMUnitTest tests[] = {
	ROW("[A]\nb=c\n", "[A]1\nA.b=c @2:3\n"),
	ROW("[A]\n  b  =  c d \t\n", "[A]1\nA.b=c d @2:9\n"),
	ROW("[A]\nb=c", "[A]1\nA.b=c @2:3\n"),
	ROW("[A]\nb=\n", "[A]1\nA.b= @2:3\n"),
	ROW("[A]\nb=x=y\n", "[A]1\nA.b=x=y @2:3\n"),
	ROW("\xef\xbb\xbf[A]\nb=1", "[A]1\nA.b=1 @2:3\n"),
	ROW("[A]\r\nb=1\r\n", "[A]1\nA.b=1 @2:3\n"),
	ROW("# x\n; y\n\n[A]\n # z\nb=1 # no comment\n", "[A]4\nA.b=1 # no comment @6:3\n"),
	ROW("[A]\nb=1 \\\n  2\\\n3\n", "[A]1\nA.b=1    2 3 @2:3\n"),
	ROW("[A]\nb=\\\n  v\n", "[A]1\nA.b=v @3:3\n"),
	ROW("[A]\nb=1\\\n# in between\n;again\n 2\nc=3\n", "[A]1\nA.b=1  2 @2:3\nA.c=3 @6:3\n"),
	ROW("[A]\nb=1\\\n\nc=3\n", "[A]1\nA.b=1 @2:3\nA.c=3 @4:3\n"),
	ROW("[A]\nb=1\\\\\nc=3\n", "[A]1\nA.b=1\\\\ @2:3\nA.c=3 @3:3\n"),
	ROW("[A]\nb=1\\", "[A]1\nA.b=1 @2:3\n"),
	ROW("[Not]\nb=1\n[A]\nc=2\n", "[Not]1\n[A]3\nA.c=2 @4:3\n"),
	ROW("b=1\n[A]\n", "!1:1 assignment outside of a section, ignored\n[A]2\n"),
	ROW("[A]\nb\nc=1\n", "[A]1\n!2:1 '=' is missing, line ignored\nA.c=1 @3:3\n"),
	ROW("[A]\n  =1\n", "[A]1\n!2:3 a key is missing before '=', line ignored\n"),
	ROW("[A\nb=1\n[B]\nc=1\n", "!1:1 section header does not end with ']'\n[B]3\nB.c=1 @4:3\n"),
	ROW("[A]\nb=1\n[]\nc=1\n", "[A]1\nA.b=1 @2:3\n!3:1 section header does not end with ']'\n"),
	ROW("[A]\nb=\xff\nc=\xc3\xa4\n", "[A]1\n!2:1 line is not valid UTF-8 text, ignored\nA.c=\xc3\xa4 @3:3\n"),
	ROW("[A]\nb=\xc0\xaf\nc=\xed\xa0\x80\n", "[A]1\n!2:1 line is not valid UTF-8 text, ignored\n!3:1 line is not valid UTF-8 text, ignored\n"),
	ROW("", ""), ROW("\n\n", ""), ROW("[A]\n\\\n", "[A]1\n"),
	cmocka_unit_test(zero_byte), cmocka_unit_test(long_line), cmocka_unit_test(long_file), cmocka_unit_test(not_a_file),
};

int main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
