/* test-path.c - path units on real directories */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <cmocka.h>
#include "types/test-host.h"

extern const struct unit_type unit_type_path, unit_type_target;
static const struct unit_type *const types[] = { &unit_type_path, &unit_type_target, &unit_type_service, NULL };

static int setup(void **state)
{
	fake_new(types);
	fake_file("a.service", "[Service]\nExecStart=/bin/true\n");
	fake_file("/dir/.keep", "");
	return 0;
}
static int teardown(void **state) { fake_free(); return 0; }

static struct unit *load(const char *lines)
{
	char text[1024], body[900];

	snprintf(body, sizeof(body), lines, fake.root);
	snprintf(text, sizeof(text), "[Unit]\nDefaultDependencies=no\n[Path]\n%s", body);
	fake_file("a.path", text);
	return fake_load("a.path");
}

static void start(struct unit *u) { assert_int_equal(u->type->start(u), 0); }
static const char *sub(const struct unit *u) { return u->type->sub(u); }

static void runs_and_ends(void)
{
	fake_service_set(fake_load("a.service"), UNIT_ACTIVE);
	fake_service_set(fake_load("a.service"), UNIT_INACTIVE);
}

static void remove_file(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s%s", fake.root, name);
	assert_int_equal(unlink(path), 0);
}

static void exists(void **state)
{
	struct unit *u = load("PathExists=%s/dir/deep/er/file\n");

	start(u);
	assert_string_equal(sub(u), "waiting");
	fake_file("/dir/other", "");
	fake_turn(0);
	assert_string_equal(sub(u), "waiting");
	fake_file("/dir/deep/er/file", "");
	for (int i = 0; i < 3; i++)
		fake_turn(0);
	assert_string_equal(sub(u), "running");
	assert_int_equal(fake.n_submits, 1);
	runs_and_ends();                                /* it is still there */
	assert_int_equal(fake.n_submits, 2);
	fake_service_set(fake_load("a.service"), UNIT_ACTIVE);
	remove_file("/dir/deep/er/file");
	fake_service_set(fake_load("a.service"), UNIT_INACTIVE);
	assert_string_equal(sub(u), "waiting");
	assert_int_equal(u->type->stop(u), 0);
	assert_string_equal(sub(u), "dead");
}

static void changed(void **state)
{
	struct unit *u;

	fake_file("/dir/file", "1");
	u = load("PathChanged=%s/dir/file\n");
	start(u);
	assert_string_equal(sub(u), "waiting");         /* that it is there is no change */
	fake_file("/dir/file", "2");
	fake_turn(0);
	assert_string_equal(sub(u), "running");
	runs_and_ends();
	assert_string_equal(sub(u), "waiting");
	remove_file("/dir/file");
	fake_turn(0);
	assert_string_equal(sub(u), "running");
	runs_and_ends();
	fake_file("/dir/file", "3");
	fake_turn(0);
	assert_string_equal(sub(u), "running");
	assert_int_equal(fake.n_submits, 3);
}

static void glob_and_not_empty(void **state)
{
	struct unit *u = load("PathExistsGlob=%1$s/dir/*.txt\nDirectoryNotEmpty=%1$s/spool\nMakeDirectory=yes\n");
	struct stat st;
	char path[256];

	start(u);
	snprintf(path, sizeof(path), "%s/spool", fake.root);
	assert_int_equal(stat(path, &st), 0);
	assert_true(S_ISDIR(st.st_mode));
	fake_file("/dir/a.txt", "");
	fake_turn(0);
	assert_string_equal(sub(u), "running");
	remove_file("/dir/a.txt");
	runs_and_ends();
	assert_string_equal(sub(u), "waiting");
	fake_file("/spool/x", "");
	fake_turn(0);
	assert_string_equal(sub(u), "running");
}

static void crash_while_waiting(void **state)
{
	struct unit *u;

	fake_file("/dir/file", "1");
	u = load("PathChanged=%s/dir/file\n");
	start(u);
	u = fake_crash(u);
	assert_string_equal(sub(u), "waiting");
	fake_file("/dir/file", "2");
	fake_turn(0);
	assert_string_equal(sub(u), "running");
	u = fake_crash(u);
	fake_service_set(fake_load("a.service"), UNIT_ACTIVE);
	assert_string_equal(sub(u), "running");
	fake_service_set(fake_load("a.service"), UNIT_INACTIVE);
	assert_string_equal(sub(u), "waiting");
}

static void trigger_limit(void **state)
{
	struct unit *u = load("PathExists=%s/dir\nTriggerLimitBurst=3\nTriggerLimitIntervalSec=1h\n");

	start(u);
	for (int i = 0; i < 3; i++)
		runs_and_ends();
	assert_string_equal(sub(u), "failed");
	assert_int_equal(fake.n_submits, 3);
	u->type->reset_failed(u);
	assert_string_equal(sub(u), "dead");
}

static void reload_looks_elsewhere(void **state)
{
	struct unit *u = load("PathExists=%s/dir/old\n");
	char text[256];

	start(u);
	fake_file("/dir/new", "");
	fake_turn(0);
	assert_string_equal(sub(u), "waiting");
	snprintf(text, sizeof(text), "[Unit]\nDefaultDependencies=no\n[Path]\nPathExists=%s/dir/new\n", fake.root);
	fake_file("a.path", text);
	assert_int_equal(unit_reload_all(fake.set), 0);
	assert_int_equal(fake.n_submits, 0);            /* not while files are read */
	fake_turn(10);
	assert_string_equal(sub(u), "running");
	assert_true(fake.n_submits >= 1);               /* the double's submit makes no job, so a late event may look and ask again */
}

static void loading(void **state)
{
	struct unit *u;

	fake_file("a.path", "[Path]\nPathExists=/x\nUnit=b.service\n");
	fake_file("bad1.path", "[Path]\nUnit=a.service\n");
	fake_file("bad2.path", "[Path]\nPathExists=x\n");
	u = fake_load("a.path");
	assert_true(unit_has_dep(u, DEP_TRIGGERS, fake_load("b.service")));
	assert_true(unit_has_dep(u, DEP_BEFORE, fake_load("paths.target")));
	assert_true(unit_has_dep(u, DEP_REQUIRES, fake_load("sysinit.target")));
	assert_int_equal(u->type->start(u), -ENOENT);
	assert_int_equal(fake_load("bad1.path")->load_state, UNIT_BAD_SETTING);
	assert_int_equal(fake_load("bad2.path")->load_state, UNIT_BAD_SETTING);
	check_rows(&unit_type_path);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(exists), T(changed), T(glob_and_not_empty), T(crash_while_waiting), T(trigger_limit), T(reload_looks_elsewhere), T(loading),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
