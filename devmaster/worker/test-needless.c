/* test-needless.c - when systemd-sysctl need not be started for an interface, and whenever it must be */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "devctl/test-tree.h"
#include "worker/needless.h"

#define COMMAND "/lib/systemd/systemd-sysctl --prefix=/net/ipv4/conf/eth0 --prefix=/net/ipv6/conf/eth0"

struct row { const char *text; bool needless; };

static void row(void **state)
{
	const struct row *r = *state;

	tree_write("etc/sysctl.d/10-x.conf", r->text);
	assert_int_equal(needless(COMMAND, tree_path("")), r->needless);
}

static void commands(void **state)
{
	tree_write("etc/sysctl.d/10-x.conf", "");
	assert_true(needless(COMMAND, tree_path("")));
	assert_true(needless("/usr/lib/systemd/systemd-sysctl --prefix=/net/ipv4/conf/x", tree_path("")));
	assert_false(needless("/lib/systemd/systemd-sysctl", tree_path("")));
	assert_false(needless("/lib/systemd/systemd-sysctl ", tree_path("")));
	assert_false(needless("/lib/systemd/systemd-sysctl --prefix=/kernel", tree_path("")));
	assert_false(needless("/lib/systemd/systemd-sysctl --prefix=/net/x /etc/file", tree_path("")));
	assert_false(needless("/lib/systemd/systemd-sysctl-more --prefix=/net/x", tree_path("")));
	assert_false(needless("/bin/true --prefix=/net/x", tree_path("")));
	tree_write("run/sysctl.d/a.conf", "net.ipv4.conf.eth0.forwarding=1\n");
	assert_false(needless(COMMAND, tree_path("")));
	tree_write("run/sysctl.d/a.conf", "");
}

static const struct row rows[] = {
	{ "", true }, { "# net.ipv4.ip_forward=1\n; net.x=1\n\n", true }, { "kernel.pid_max = 4194304\n", true }, { "fs.protected_links=1\nkernel/sysrq=1", true },
	{ "net.ipv4.conf.all.rp_filter=1\n", false }, { "kernel.sysrq=1\n  net/ipv6/conf/eth0/mtu = 1280", false }, { "-net.ipv4.conf.eth0.x=1\n", false },
	{ "- net.ipv4.x=1\n", false }, { "*.ipv4.conf.*.rp_filter=1\n", false }, { "n?t.x=1\n", false }, { "/net/ipv4/x=1\n", false }, { "-net.ipv4.conf.eth0.x\n", false },
};

int main(void)
{
	struct CMUnitTest tests[ARRAY_SIZE(rows) + 1];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		tests[i] = (struct CMUnitTest){ rows[i].text, row, NULL, NULL, (void *)(uintptr_t)&rows[i] };
	tests[ARRAY_SIZE(rows)] = (struct CMUnitTest)cmocka_unit_test(commands);
	return _cmocka_run_group_tests("needless", tests, ARRAY_SIZE(tests), tree_make, tree_remove);
}
