/* test-enumerate.c - filters and order, a row each, on a small sysfs */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include "devctl/test-tree.h"
#include "enumerate.h"
#include "value.h"

struct row {
	struct { enum enumerate_kind kind; const char *key, *value; } match[3];
	const char *first;              /* subsystems that come first, separated by commas */
	enum enumerate_initialized initialized;
	const char *want;               /* names of the last elements, in order */
};

static void add(const char *name, const char *uevent, const char *subsystem, const char *record, const char *id)
{
	char path[128], target[160];

	snprintf(path, sizeof(path), "sys/devices/virtual/%s/%s/uevent", subsystem, name);
	tree_write(path, uevent);
	snprintf(path, sizeof(path), "sys/devices/virtual/%s/%s/subsystem", subsystem, name);
	snprintf(target, sizeof(target), "../../../../class/%s", subsystem);
	if (symlink(target, tree_path(path)) < 0)
		fail();
	snprintf(path, sizeof(path), "sys/class/%s/%s", subsystem, name);
	snprintf(target, sizeof(target), "../../devices/virtual/%s/%s", subsystem, name);
	if (symlink(target, tree_path(path)) < 0)
		fail();
	snprintf(path, sizeof(path), "run/data/%s", id);
	if (record)
		tree_write(path, record);
}

static int make(void **state)
{
	int r = tree_make(state);

	if (r < 0)
		return r;
	add("dm-0", "MAJOR=253\nMINOR=0\nDEVNAME=dm-0\n", "block", "E:A=1\nG:t\nQ:t\nV:1\n", "b253:0");
	add("md0", "MAJOR=9\nMINOR=0\nDEVNAME=md0\n", "block", NULL, NULL);
	add("zz", "MAJOR=7\nMINOR=0\nDEVNAME=zz\n", "block", "E:A=2\nV:1\n", "b7:0");
	tree_write("run/tags/t/b253:0", "");
	tree_write("sys/dev/block/.keep", "");
	if (symlink("../../devices/virtual/block/dm-0", tree_path("sys/dev/block/253:0")) < 0)
		return -1;
	return 0;
}

static void row(void **state)
{
	const struct row *t = *state;
	struct enumerate *e;
	const char *const *paths;
	char sysfs[128], run[128], got[512] = "", first[64];
	size_t n;

	snprintf(sysfs, sizeof(sysfs), "%s/sys", tree_root);
	snprintf(run, sizeof(run), "%s/run", tree_root);
	assert_int_equal(enumerate_new(&e, sysfs, run), 0);
	for (size_t i = 0; i < ARRAY_SIZE(t->match) && t->match[i].key; i++)
		assert_int_equal(enumerate_match(e, t->match[i].kind, t->match[i].key, t->match[i].value), 0);
	snprintf(first, sizeof(first), "%s", t->first ? t->first : "");
	for (char *save = NULL, *word = strtok_r(first, ",", &save); word; word = strtok_r(NULL, ",", &save))
		assert_int_equal(enumerate_first(e, word), 0);
	enumerate_initialized(e, t->initialized);
	assert_int_equal(enumerate_scan(e, ENUMERATE_DEVICES), 0);
	paths = enumerate_paths(e, &n);
	assert_non_null(paths);
	for (size_t i = 0; i < n; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%s", i ? " " : "", strrchr(paths[i], '/') + 1);
	assert_string_equal(got, t->want);
	enumerate_forget(e);
	assert_int_equal(enumerate_add(e, "/nope"), -ENODEV);
	assert_int_equal(enumerate_add(e, "/class/net/lo"), 0);
	assert_int_equal(enumerate_add(e, "/class/net/lo"), 0);
	paths = enumerate_paths(e, &n);
	assert_int_equal(n, 1);
	assert_true(endswith(paths[0], "/devices/virtual/net/lo"));
	enumerate_free(e);
}

#define ROW(...) { #__VA_ARGS__, row, NULL, NULL, &(struct row){ __VA_ARGS__ } }
static const struct CMUnitTest tests[] = {
	ROW({ { 0 } }, NULL, ENUMERATE_ANY, "0000:00:1f.2 sda zz null lo dm-0 md0"),
	ROW({ { 0 } }, "net,block", ENUMERATE_ANY, "lo 0000:00:1f.2 sda zz dm-0 md0 null"),
	ROW({ { ENUMERATE_SUBSYSTEM, "b*", NULL } }, NULL, ENUMERATE_ANY, "sda zz dm-0 md0"),
	ROW({ { ENUMERATE_SUBSYSTEM, "mem", NULL }, { ENUMERATE_SUBSYSTEM, "net", NULL } }, NULL, ENUMERATE_ANY, "null lo"),
	ROW({ { ENUMERATE_NO_SUBSYSTEM, "block", NULL }, { ENUMERATE_NO_SUBSYSTEM, "pci", NULL } }, NULL, ENUMERATE_ANY, "null lo"),
	ROW({ { ENUMERATE_ATTR, "model", NULL } }, NULL, ENUMERATE_ANY, "sda"),
	ROW({ { ENUMERATE_ATTR, "size", "2*" }, { ENUMERATE_NO_ATTR, "model", NULL } }, NULL, ENUMERATE_ANY, ""),
	ROW({ { ENUMERATE_PROPERTY, "A", "*" } }, NULL, ENUMERATE_ANY, "zz dm-0"),
	ROW({ { ENUMERATE_PROPERTY, "A", NULL } }, NULL, ENUMERATE_ANY, ""),
	ROW({ { ENUMERATE_NAME, "md*", NULL }, { ENUMERATE_NAME, "lo", NULL } }, NULL, ENUMERATE_ANY, "lo md0"),
	ROW({ { ENUMERATE_TAG, "t", NULL } }, NULL, ENUMERATE_ANY, "dm-0"),
	ROW({ { ENUMERATE_TAG, "nope", NULL } }, NULL, ENUMERATE_ANY, ""),
	ROW({ { ENUMERATE_SUBSYSTEM, "block", NULL } }, NULL, ENUMERATE_INITIALIZED, "zz dm-0"),
	ROW({ { ENUMERATE_SUBSYSTEM, "block", NULL } }, NULL, ENUMERATE_UNINITIALIZED, "sda md0"),
	ROW({ { ENUMERATE_SUBSYSTEM, "[bp]*", NULL } }, NULL, ENUMERATE_READY, "zz dm-0"),
};

int main(void) { return cmocka_run_group_tests(tests, make, tree_remove); }
