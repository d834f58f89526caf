/* test-parse.c - rules text -> lines and complaints with their places; udev(7) "Rules files" */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "buf.h"
#include "rules.h"

struct trace { struct diag_sink sink; struct buf out; };

static void note(struct diag_sink *s, enum diag_level level, const char *file, unsigned line, unsigned column, const char *text)
{
	buf_addf(&container_of(s, struct trace, sink)->out, "%s%u:%u ", level == DIAG_ERROR ? "E" : "W", line, column);
}

static int nobody(const char *name, uint32_t *ret)
{
	if (!streq(name, "root") && !streq(name, "disk"))
		return -ESRCH;
	*ret = streq(name, "disk") ? 6 : 0;
	return 0;
}
static const struct rules_names names = { nobody, nobody };

struct row { const char *in; size_t lines; const char *out; };

static void parse_row(void **state)
{
	const struct row *row = *state;
	struct trace t = { { note } };
	struct rules *r;

	assert_int_equal(rules_new(&r, &t.sink, &names), 0);
	assert_int_equal(rules_add_text(r, "f", row->in, strlen(row->in)), 0);
	assert_string_equal(buf_str(&t.out), row->out);
	assert_int_equal(rules_lines(r), row->lines);
	rules_free(r);
	buf_finish(&t.out);
}
#define ROW(...) { #__VA_ARGS__, parse_row, NULL, NULL, &(struct row){ __VA_ARGS__ } }

static const struct CMUnitTest tests[] = {
	/* lines */
	ROW("", 0, ""), ROW("\n # c\n\t\n", 0, ""),
	ROW("ENV{A}=\"x\"", 1, ""), ROW("ENV{A}=\"x\"\r\nENV{A}=\"y\"\n", 2, ""),
	ROW("ENV{A}=\"x\", \\\n# between\n ENV{B}=\"y\"\n", 1, ""),
	ROW("KERNEL==\"a\", \\\n  FOO=\"y\"\n", 0, "E2:3 "),           /* the place is that of the physical line */
	ROW("ENV{A}=\"x\" \\", 0, "E1:1 "),
	/* operators of each family */
	ROW("ACTION==\"a\", ACTION!=\"b\", ENV{A}=\"x\"", 1, ""), ROW("ACTION=\"a\"", 0, "E1:7 "), ROW("DEVPATH+=\"a\"", 0, "E1:8 "),
	ROW("KERNEL:=\"a\"", 0, "E1:7 "), ROW("SUBSYSTEM-=\"a\"", 0, "E1:10 "), ROW("KERNEL==\"a\"", 0, "W1:1 "),
	ROW("ENV{A}+=\"x\"", 1, ""), ROW("ENV{A}:=\"x\"", 1, "W1:7 "), ROW("ENV{A}-=\"x\"", 0, "E1:7 "), ROW("ENV{A}=\"\"", 1, ""),
	ROW("TAG-=\"x\"", 1, ""), ROW("TAG:=\"x\"", 1, "W1:4 "), ROW("TAG==\"x\",TAG+=\"y\"", 1, ""),
	ROW("SYMLINK-=\"x\"", 0, "E1:8 "), ROW("SYMLINK:=\"x\"", 1, ""), ROW("SYMLINK!=\"x\",SYMLINK+=\"x\"", 1, ""),
	ROW("ATTR{a}+=\"x\"", 1, "W1:8 "), ROW("ATTR{a}-=\"x\"", 0, "E1:8 "), ROW("ATTRS{a}=\"x\"", 0, "E1:9 "), ROW("SYSCTL{a}:=\"x\"", 1, "W1:10 "),
	ROW("MODE==\"1\"", 0, "E1:5 "), ROW("MODE+=\"1\"", 1, "W1:5 "), ROW("OWNER:=\"root\"", 1, ""), ROW("GROUP-=\"root\"", 0, "E1:6 "),
	ROW("PROGRAM=\"x\"", 1, ""), ROW("PROGRAM-=\"x\"", 0, "E1:8 "), ROW("IMPORT{db}+=\"x\"", 1, ""), ROW("RESULT=\"x\"", 0, "E1:7 "),
	ROW("RUN==\"x\"", 0, "E1:4 "), ROW("RUN:=\"x\"", 1, ""), ROW("GOTO+=\"x\"", 0, "E1:5 "), ROW("OPTIONS==\"watch\"", 0, "E1:8 "),
	ROW("KERNELS==\"x\",SUBSYSTEMS==\"x\",DRIVERS==\"x\",TAGS==\"x\",DRIVER==\"x\",ENV{A}=\"1\"", 1, ""),
	/* attributes in braces */
	ROW("ENV==\"x\"", 0, "E1:4 "), ROW("ENV{}==\"x\"", 0, "E1:5 "), ROW("KERNEL{x}==\"x\"", 0, "E1:8 "), ROW("ENV{A=\"x\"", 0, "E1:4 "),
	ROW("TEST{0444}==\"x\",ENV{A}=\"1\"", 1, ""), ROW("TEST{9}==\"x\",ENV{A}=\"1\"", 0, "E1:6 "), ROW("CONST{arch}==\"x\",ENV{A}=\"1\"", 1, ""),
	ROW("CONST{cvm}==\"x\"", 0, "E1:7 "), ROW("SECLABEL{selinux}=\"x\"", 1, ""), ROW("SECLABEL=\"x\"", 0, "E1:9 "),
	ROW("IMPORT{nope}==\"x\"", 0, "E1:8 "), ROW("RUN{nope}+=\"x\"", 0, "E1:5 "), ROW("ENV{DEVNAME}=\"x\"", 0, "E1:5 "),
	ROW("IMPORT{builtin}=\"path_id\"", 1, ""), ROW("IMPORT{builtin}=\"nope\"", 0, "E1:17 "), ROW("RUN{builtin}+=\"kmod load\"", 1, ""),
	/* values */
	ROW("ENV{A}=x", 0, "E1:8 "), ROW("ENV{A}=\"x", 0, "E1:8 "), ROW("ENV{A}=\"a\\\"b\"", 1, ""), ROW("ENV{A}==e\"\\x41\\n\",ENV{B}=\"1\"", 1, ""),
	ROW("ENV{A}=e\"\\q\"", 0, "E1:10 "), ROW("ENV{A}=e\"\\0\"", 0, "E1:10 "), ROW("KERNEL==i\"X\",ENV{A}=\"1\"", 1, ""),
	ROW("KERNEL==ie\"X\",ENV{A}=\"1\"", 1, ""), ROW("ENV{A}=i\"X\"", 0, "E1:8 "), ROW("KERNEL==ii\"X\"", 0, "E1:10 "),
	ROW("ENV{A}=\"x\" ENV{B}=\"y\",,ENV{C}=\"z\",", 1, ""), ROW("FOO==\"x\"", 0, "E1:1 "), ROW("KERNEL", 0, "E1:7 "), ROW("KERNEL ~ \"x\"", 0, "E1:8 "),
	/* doubtful ones stay */
	ROW("SUBSYSTEM==\"bus\",ENV{A}=\"1\"", 1, "W1:12 "), ROW("ATTRS{device/x}==\"1\",ENV{A}=\"1\"", 1, "W1:7 "), ROW("ENV{A}=\"$nope\"", 1, "W1:8 "),
	ROW("ENV{A}=\"50%\"", 1, "W1:8 "), ROW("ENV{A}=\"%c{x}\"", 1, "W1:8 "), ROW("OWNER=\"who\",ENV{A}=\"1\"", 1, "W1:7 "), ROW("MODE=\"rw\"", 1, "W1:6 "),
	ROW("NAME=\"%k\"", 0, "E1:6 "), ROW("NAME=\"\"", 0, "E1:6 "), ROW("NAME+=\"x\"", 1, "W1:5 "), ROW("NAME==\"\",ENV{A}=\"1\"", 1, ""),
	/* OPTIONS */
	ROW("OPTIONS=\"watch\"", 1, ""), ROW("OPTIONS+=\"nowatch\",OPTIONS+=\"db_persist\",OPTIONS+=\"dump\"", 1, ""),
	ROW("OPTIONS=\"string_escape=none\",OPTIONS=\"string_escape=replace\"", 1, ""), ROW("OPTIONS=\"link_priority=-100\"", 1, ""),
	ROW("OPTIONS=\"link_priority=x\"", 0, "E1:9 "), ROW("OPTIONS=\"log_level=debug\",OPTIONS=\"log_level=reset\"", 1, ""),
	ROW("OPTIONS=\"log_level=x\"", 0, "E1:9 "), ROW("OPTIONS=\"static_node=snd/seq\"", 1, ""), ROW("ENV{A}=\"1\",OPTIONS=\"x\"", 1, "W1:20 "),
	/* GOTO */
	ROW("GOTO=\"e\"\nENV{A}=\"1\"\nLABEL=\"e\"\n", 3, ""), ROW("LABEL=\"e\"\nENV{A}=\"1\",GOTO=\"e\"\n", 2, "E2:12 "),
	ROW("GOTO=\"a\",GOTO=\"b\"\nLABEL=\"a\"\n", 2, "W1:10 "), ROW("GOTO=\"e\"\n", 1, "E1:1 "),
};

static void long_line(void **state)
{
	struct trace t = { { note } };
	struct buf text = { 0 };
	struct rules *r;

	assert_int_equal(rules_new(&r, &t.sink, &names), 0);
	buf_adds(&text, "ENV{A}=\"");
	for (int i = 0; i < 20000; i++)
		buf_addc(&text, 'x');
	buf_adds(&text, "\"\nENV{B}=\"1\"\n");
	assert_int_equal(rules_add_text(r, "f", buf_str(&text), text.len), 0);
	assert_string_equal(buf_str(&t.out), "E1:1 ");
	assert_int_equal(rules_lines(r), 1);
	assert_int_equal(rules_add_text(r, "g", "ENV{A}=\"1\0\"\nENV{B}=\"2\"", 22), 0);
	assert_string_equal(buf_str(&t.out), "E1:1 E1:10 ");
	assert_int_equal(rules_lines(r), 2);
	rules_free(r);
	buf_finish(&text);
	buf_finish(&t.out);
}

int main(void)
{
	static const struct CMUnitTest more[] = { cmocka_unit_test(long_line) };

	return cmocka_run_group_tests(tests, NULL, NULL) | cmocka_run_group_tests(more, NULL, NULL);
}
