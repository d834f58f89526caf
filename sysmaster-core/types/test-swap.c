/* test-swap.c - swap units: states, the kernel's table, /etc/fstab */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <cmocka.h>
#include "types/control.h"
#include "types/swap.h"
#include "types/test-host.h"

extern const struct unit_type unit_type_swap, unit_type_target, unit_type_slice;
static const struct unit_type *const types[] = { &unit_type_swap, &unit_type_target, &unit_type_slice, &unit_type_service, NULL };
static char path[128];

#define HEAD "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
#define LINE "/dev/sdq9                               partition\t1048572\t\t0\t\t-2\n"

static int setup(void **state)
{
	fake_new(types);
	snprintf(path, sizeof(path), "%s/swaps", fake.root);
	fake_file("/swaps", HEAD);
	swap_table_use(path);
	setenv("SYSMASTER_FSTAB", "/nonexistent/fstab", 1);
	fake_load("a.target");
	return 0;
}

static int teardown(void **state)
{
	swap_table_close();
	fake_free();
	return 0;
}

static struct unit *load(void)
{
	assert_int_equal(unit_type_swap.enumerate(fake.set), 0);
	fake_file("dev-sdq9.swap", "[Unit]\nDefaultDependencies=no\nStartLimitBurst=0\n[Swap]\nWhat=/dev/sdq9\nPriority=5\nOptions=discard,nofail\n");
	return fake_load("dev-sdq9.swap");
}

static void kernel_says(const char *text)
{
	fake_file("/swaps", text);
	swap_table_read(fake.set);
}

static void is(const struct unit *u, const char *sub) { assert_string_equal(u->type->sub(u), sub); }

static void on_and_off(void **state)
{
	struct unit *u = load();

	assert_int_equal(u->type->start(u), 0);
	is(u, "activating");
	assert_string_equal(fake_last_words(), "/sbin/swapon -o discard -p 5 /dev/sdq9");
	fake_file("/swaps", HEAD LINE);
	fake_child(u, fake_last_token(), CLD_EXITED, 0);
	is(u, "active");
	assert_int_equal(u->type->start(u), -EALREADY);
	assert_int_equal(u->type->stop(u), 0);
	is(u, "deactivating");
	assert_int_equal(u->type->start(u), -EAGAIN);
	assert_string_equal(fake_last_words(), "/sbin/swapoff /dev/sdq9");
	fake_file("/swaps", HEAD);
	fake_child(u, fake_last_token(), CLD_EXITED, 0);
	is(u, "dead");
}

static void fails(void **state)
{
	struct unit *u = load();

	assert_int_equal(u->type->start(u), 0);
	fake_child(u, fake_last_token(), CLD_EXITED, 255);
	is(u, "failed");
	u->type->reset_failed(u);
	assert_int_equal(u->type->start(u), 0);
	fake_child(u, fake_last_token(), CLD_EXITED, 0);        /* ended well, and still nothing there */
	is(u, "failed");
}

static void crashes(void **state)
{
	struct unit *u = load();

	assert_int_equal(u->type->start(u), 0);
	swap_table_close();
	u = fake_crash(u);
	is(u, "activating");
	assert_int_equal(unit_type_swap.enumerate(fake.set), 0);
	fake_file("/swaps", HEAD LINE);
	fake_child(u, fake_last_token(), CLD_EXITED, 0);
	is(u, "active");
	swap_table_close();
	u = fake_crash(u);                              /* before the table was read nothing is known */
	assert_int_equal(unit_type_swap.enumerate(fake.set), 0);
	u->type->coldplug(u);
	is(u, "active");
}

static void comes_and_goes(void **state)
{
	struct unit *u;

	assert_int_equal(unit_type_swap.enumerate(fake.set), 0);
	assert_int_equal(fake_load("dev-sdq9.swap")->load_state, UNIT_NOT_FOUND);
	kernel_says(HEAD LINE "/dev/gone\\040(deleted) file 1 0 -2\n");
	u = fake_load("dev-sdq9.swap");
	assert_int_equal(u->load_state, UNIT_LOADED);
	is(u, "active");
	assert_true(unit_has_dep(u, DEP_BEFORE, fake_load("umount.target")));
	assert_true(unit_has_dep(u, DEP_CONFLICTS, fake_load("umount.target")));
	kernel_says(HEAD);
	is(u, "dead");
}

static void from_fstab(void **state)
{
	static char fstab[128];
	struct unit *u;

	snprintf(fstab, sizeof(fstab), "%s/fstab", fake.root);
	setenv("SYSMASTER_FSTAB", fstab, 1);
	fake_file("/fstab", "UUID=12 none swap sw,pri=3 0 0\n");
	assert_int_equal(unit_type_swap.enumerate(fake.set), 0);
	u = fake_load("dev-disk-by\\x2duuid-12.swap");
	assert_int_equal(u->load_state, UNIT_LOADED);
	assert_true(unit_has_dep(fake_load("swap.target"), DEP_REQUIRES, u));
	assert_true(unit_has_dep(u, DEP_BEFORE, fake_load("swap.target")));
	assert_int_equal(u->type->start(u), 0);
	assert_string_equal(fake_last_words(), "/sbin/swapon -o pri=3 /dev/disk/by-uuid/12");
	check_rows(&unit_type_swap);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = { T(on_and_off), T(fails), T(crashes), T(comes_and_goes), T(from_fstab) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
