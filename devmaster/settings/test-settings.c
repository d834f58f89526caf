/* test-settings.c - udev.conf, the kernel command line, options: what is taken, what is reported and where */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdint.h>
#include <cmocka.h>
#include "devctl/test-tree.h"
#include "log.h"
#include "settings/settings.h"

static char reported[512];
static void note(struct diag_sink *s, enum diag_level level, const char *file, unsigned line, unsigned column, const char *text)
{
	size_t n = strlen(reported);

	snprintf(reported + n, sizeof(reported) - n, "%u:%u ", line, column);
}
static struct diag_sink sink = { note };

static void file(void **state)
{
	struct settings s;

	settings_init(&s);
	reported[0] = '\0';
	tree_write("udev.conf", "# comment\n\nudev_log=debug\n children_max = 7 \nexec_delay=\"3\"\nevent_timeout='2min'\ntimeout_signal=SIGABRT\nresolve_names=never\n"
				"children_max=many\nsuch=1\nword\nudev_log=\n");
	assert_int_equal(settings_file(&s, tree_path("udev.conf"), &sink), 0);
	assert_int_equal(s.log_level, LOG_DEBUG);
	assert_int_equal(s.children_max, 7);
	assert_int_equal(s.exec_delay_usec, 3 * USEC_PER_SEC);
	assert_int_equal(s.event_timeout_usec, 120 * USEC_PER_SEC);
	assert_int_equal(s.timeout_signal, SIGABRT);
	assert_int_equal(s.names, NAMES_NEVER);
	assert_string_equal(reported, "9:14 10:1 11:1 12:10 ");
	assert_int_equal(settings_file(&s, tree_path("none"), &sink), -ENOENT);
}

static void cmdline(void **state)
{
	struct settings s;

	settings_init(&s);
	reported[0] = '\0';
	settings_cmdline(&s, "root=/dev/x udev.children-max=3 udev.event_timeout=9 rd.udev.exec_delay=5 udev.log_level=err udev.blockdev_read_only udev.such=1", false, &sink);
	assert_int_equal(s.children_max, 3);
	assert_int_equal(s.event_timeout_usec, 9 * USEC_PER_SEC);
	assert_int_equal(s.exec_delay_usec, 0);         /* of an initramfs only */
	assert_int_equal(s.log_level, LOG_ERR);
	assert_true(s.blockdev_read_only);
	assert_string_equal(reported, "0:0 ");
	settings_cmdline(&s, "rd.udev.exec_delay=5 udev.blockdev_read_only=0", true, &sink);
	assert_int_equal(s.exec_delay_usec, 5 * USEC_PER_SEC);
	assert_false(s.blockdev_read_only);
}

static void children(void **state)
{
	struct settings s;

	settings_init(&s);
	settings_machine(&s);
	assert_in_range(settings_children(&s), 10, 100000);
	assert_int_equal(settings_set(&s, "children_max", "1"), 0);
	assert_int_equal(settings_children(&s), 1);
	assert_int_equal(settings_set(&s, "children_max", "-1"), -EINVAL);
	assert_int_equal(settings_set(&s, "nothing", "1"), -ENOENT);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(file), cmocka_unit_test(cmdline), cmocka_unit_test(children) };

	return cmocka_run_group_tests(tests, tree_make, tree_remove);
}
