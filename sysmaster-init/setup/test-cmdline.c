/* test-cmdline.c - rows are facts of kernel-command-line(7) and of the kernel's quoting */
#include "test.h"
#include "setup/cmdline.h"

struct row { const char *line, *unit; int level, status; const char *core, *unknown; };

static void row(void **state)
{
	const struct row *r = *state;
	struct cmdline c;

	cmdline_init(&c);
	cmdline_parse(&c, r->line, strlen(r->line));
	assert_string_equal(c.unit, r->unit ? r->unit : "");
	assert_string_equal(c.core, r->core ? r->core : "");
	assert_string_equal(c.unknown, r->unknown ? r->unknown : "");
	assert_int_equal(c.log_level, r->level);
	assert_int_equal(c.show_status, r->status);
}

static void bytes_of_any_value(void **state)
{
	static char line[70000];
	struct cmdline c;

	(void)state;
	cmdline_init(&c);
	memset(line, 'x', sizeof(line));
	cmdline_parse(&c, line, sizeof(line));          /* one endless word */
	for (size_t i = 0; i < sizeof(line); i++)
		line[i] = (char)(i * 7);
	cmdline_parse(&c, line, sizeof(line));
	cmdline_parse(&c, line, 0);
	assert_string_equal(c.unit, "");
	memcpy(line, "rescue\0emergency", 16);
	cmdline_parse(&c, line, 16);
	assert_string_equal(c.unit, "emergency.target"); /* NUL parts words too */
}

static const struct CMUnitTest tests[] = {
	ROW(row, "", NULL, -1, -1),
	ROW(row, "root=/dev/vda ro console=ttyS0", NULL, -1, -1),
	ROW(row, "quiet", NULL, -1, 0),
	ROW(row, "debug", NULL, 7, -1),
	ROW(row, "systemd.unit=rescue.target", "rescue.target", -1, -1),
	ROW(row, "sysmaster.unit=a.target systemd.unit=b.target", "b.target", -1, -1),
	ROW(row, "rescue", "rescue.target", -1, -1),
	ROW(row, "single", "rescue.target", -1, -1),
	ROW(row, "s", "rescue.target", -1, -1),
	ROW(row, "S", "rescue.target", -1, -1),
	ROW(row, "1", "rescue.target", -1, -1),
	ROW(row, "3", "multi-user.target", -1, -1),
	ROW(row, "5", "graphical.target", -1, -1),
	ROW(row, "emergency", "emergency.target", -1, -1),
	ROW(row, "-b", "emergency.target", -1, -1),
	ROW(row, "rescued singles", NULL, -1, -1),
	ROW(row, "sysmaster.log_level=debug", NULL, 7, -1),
	ROW(row, "systemd.log_level=3", NULL, 3, -1),
	ROW(row, "sysmaster.log_level=loud", NULL, -1, -1, NULL, "sysmaster.log_level=loud"),
	ROW(row, "sysmaster.core=/opt/core", NULL, -1, -1, "/opt/core"),
	ROW(row, "sysmaster.core=relative", NULL, -1, -1, NULL, "sysmaster.core=relative"),
	ROW(row, "sysmaster.core=\"/opt/my core\" quiet", NULL, -1, 0, "/opt/my core"),
	ROW(row, "\"sysmaster.core=/a b\"", NULL, -1, -1, "/a b"),
	ROW(row, "sysmaster.show_status=no", NULL, -1, 0),
	ROW(row, "quiet systemd.show_status=1", NULL, -1, 1),
	ROW(row, "sysmaster.nosuch=1 sysmaster.other", NULL, -1, -1, NULL, "sysmaster.nosuch=1"),
	ROW(row, "systemd.nosuch=1", NULL, -1, -1),
	ROW(row, "sysmaster.unit=", NULL, -1, -1, NULL, "sysmaster.unit="),
	ROW(row, "a=b -- single", "rescue.target", -1, -1),
	ROW(row, "\t quiet \n", NULL, -1, 0),
	{ "bytes of any value", bytes_of_any_value, NULL, NULL, NULL },
};

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
