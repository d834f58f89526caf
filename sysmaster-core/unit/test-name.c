/* test-name.c - unit names; each row is a fact of systemd.unit(5) or an answer of systemd-escape(1) 252 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "unit/name.h"

struct valid { const char *name; int kind; };
static void valid_row(void **state)
{
	const struct valid *row = *state;

	for (int kind = NAME_PLAIN; kind <= NAME_INSTANCE; kind <<= 1)
		assert_int_equal(name_valid(row->name, kind), kind == row->kind);
}

struct text { char *(*fn)(const char *); const char *in, *out; };
static void text_row(void **state)
{
	const struct text *row = *state;
	_cleanup_(freep) char *got = row->fn(row->in);

	if (row->out)
		assert_string_equal(got, row->out);
	else
		assert_null(got);
}

static char *simplified(const char *s)
{
	return path_simplify(strdup(s));
}

struct conv { int (*fn)(const char *, char **); const char *in; int r; const char *out; };
static void conv_row(void **state)
{
	const struct conv *row = *state;
	_cleanup_(freep) char *got = NULL;

	assert_int_equal(row->fn(row->in, &got), row->r);
	if (row->out)
		assert_string_equal(got, row->out);
	else
		assert_null(got);
}

static int mangle(const char *s, char **ret) { return name_mangle(s, "service", ret); }
static int name_mangle_literal_(const char *s, char **ret) { return name_mangle_literal(s, ".service", ret); }
static int mangle_mount(const char *s, char **ret) { return name_from_path(s, "mount", ret); }
static int as_socket(const char *s, char **ret) { return name_change_suffix(s, "socket", ret); }
static int with_x(const char *s, char **ret) { return name_replace_instance(s, "x", ret); }

#define VALID(n, k) { "valid " n, valid_row, NULL, NULL, &(struct valid){ n, k } }
#define TEXT(f, i, o) { #f " " i, text_row, NULL, NULL, &(struct text){ f, i, o } }
#define CONV(f, i, r, o) { #f " " i, conv_row, NULL, NULL, &(struct conv){ f, i, r, o } }
#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct CMUnitTest tests[] = {
	VALID("a.service", NAME_PLAIN), VALID("-.slice", NAME_PLAIN), VALID("dev-sda\\x2d1.device", NAME_PLAIN), VALID("a:b_c.d.target", NAME_PLAIN),
	VALID("a@.service", NAME_TEMPLATE), VALID("a@b.service", NAME_INSTANCE), VALID("a@b@c.service", NAME_INSTANCE),
	VALID("a@b.c.service", NAME_INSTANCE), VALID("", 0), VALID("a", 0), VALID(".service", 0), VALID("a.", 0), VALID("a.srvice", 0),
	VALID("@.service", 0), VALID("@b.service", 0), VALID("a b.service", 0), VALID("a/b.service", 0), VALID("\xc3\xa4.service", 0),
	VALID(A64 A64 A64 A64 ".service", 0), VALID(A64 A64 A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.service", NAME_PLAIN),
	TEXT(name_escape, "/foo//bar/", "-foo--bar-"), TEXT(name_escape, ".foo", "\\x2efoo"), TEXT(name_escape, "a-b c@d", "a\\x2db\\x20c\\x40d"),
	TEXT(name_escape, "", ""), TEXT(name_escape, "a.b", "a.b"), TEXT(name_escape, "\xc3\xa4", "\\xc3\\xa4"),
	TEXT(name_unescape, "a-b\\x2dc", "a/b-c"), TEXT(name_unescape, "a\\b", NULL), TEXT(name_unescape, "a\\x0", NULL), TEXT(name_unescape, "\\x00", NULL),
	TEXT(name_escape_path, "/foo//bar/", "foo-bar"), TEXT(name_escape_path, "/", "-"), TEXT(name_escape_path, "", "-"),
	TEXT(name_escape_path, "/a/./b", "a-b"), TEXT(name_escape_path, "/a/../b", NULL), TEXT(name_escape_path, "/.x", "\\x2ex"),
	TEXT(name_unescape_path, "-", "/"), TEXT(name_unescape_path, "foo-bar", "/foo/bar"), TEXT(name_unescape_path, "foo-bar-", NULL),
	TEXT(name_unescape_path, "-foo", NULL), TEXT(name_unescape_path, "a--b", NULL), TEXT(name_unescape_path, "a-..-b", NULL),
	TEXT(name_unescape_path, "a-.-b", NULL), TEXT(name_unescape_path, "", NULL),
	TEXT(simplified, "//a///b/./c/", "/a/b/c"), TEXT(simplified, "/", "/"), TEXT(simplified, "///", "/"), TEXT(simplified, "/.", "/"),
	TEXT(simplified, "a/./b/", "a/b"), TEXT(simplified, ".", "."), TEXT(simplified, "", ""), TEXT(simplified, "/..a/.b", "/..a/.b"),
	CONV(name_template, "a@b.service", 0, "a@.service"), CONV(name_template, "a.service", -EINVAL, NULL), CONV(name_template, "a@.service", -EINVAL, NULL),
	CONV(name_instance, "a@b@c.service", 0, "b@c"), CONV(name_instance, "a@.service", 0, ""), CONV(name_instance, "a.service", 0, NULL),
	CONV(name_instance, "x", -EINVAL, NULL), CONV(name_prefix, "a-b@c.service", 0, "a-b"), CONV(name_prefix, "a.b.service", 0, "a.b"),
	CONV(with_x, "a@.service", 0, "a@x.service"), CONV(with_x, "a@b.service", 0, "a@x.service"), CONV(with_x, "a.service", -EINVAL, NULL),
	CONV(as_socket, "a@b.service", 0, "a@b.socket"), CONV(as_socket, "x", -EINVAL, NULL),
	CONV(mangle_mount, "/var/tmp", 0, "var-tmp.mount"), CONV(mangle_mount, "/", 0, "-.mount"), CONV(mangle_mount, "/a/..", -EINVAL, NULL),
	CONV(mangle_mount, "/" A64 A64 "/" A64 A64, -ENAMETOOLONG, NULL), CONV(mangle_mount, "/" A64 A64 A64 A64, -EINVAL, NULL),
	CONV(name_to_path, "var-tmp.mount", 0, "/var/tmp"), CONV(name_to_path, "-.mount", 0, "/"), CONV(name_to_path, "a--b.mount", -EINVAL, NULL),
	CONV(mangle, "foo", 0, "foo.service"), CONV(mangle, "foo.socket", 0, "foo.socket"), CONV(mangle, "foo@b.service", 0, "foo@b.service"),
	CONV(mangle, "/dev/sda", 0, "dev-sda.device"), CONV(mangle, "/home", 0, "home.mount"), CONV(mangle, "foo bar", 0, "foo\\x20bar.service"),
	CONV(mangle, "/a/../b", 0, "-a-..-b.service"), CONV(mangle, ".socket", 0, ".socket.service"), CONV(name_mangle_literal_, "a*", 0, "a\\x2a.service"),
	CONV(mangle, "a/b", 0, "a-b.service"), CONV(mangle, "x.service/y", 0, "x.service-y.service"), CONV(mangle, "a*", 0, "a*"),
	CONV(mangle, "", -EINVAL, NULL), CONV(mangle, "@x", -EINVAL, NULL),
};

int main(void)
{
	return cmocka_run_group_tests(tests, NULL, NULL);
}
