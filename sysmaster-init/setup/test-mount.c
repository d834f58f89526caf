/* test-mount.c - the rows of the API file systems, and what of mountinfo is unmounted at the end */
#include "test.h"
#include "common/sys.h"
#include "leave/mounts.h"
#include "setup/mount.h"

static void parents_come_first(void **state)
{
	(void)state;
	for (size_t i = 0; i < mount_n_rows; i++)
		for (size_t j = 0; j < i; j++) {
			size_t n = strlen(mount_rows[i].where);

			assert_string_not_equal(mount_rows[i].where, mount_rows[j].where);
			assert_false(strncmp(mount_rows[j].where, mount_rows[i].where, n) == 0 && mount_rows[j].where[n] == '/');
		}
}

static void nothing_needs_trust(void **state)
{
	(void)state;
	for (size_t i = 0; i < mount_n_rows; i++)
		assert_true(mount_rows[i].flags & 2 /* MS_NOSUID */);
}

static void mount_points(void **state)
{
	(void)state;
	assert_int_equal(mount_point("/proc"), 1);
	assert_int_equal(mount_point("/"), 1);
	assert_int_equal(mount_point("/usr/bin"), 0);
	assert_int_equal(mount_point("/no/such/path"), -ENOENT);
}

static char asked[1024];
static bool note(const char *where)
{
	strcat(asked, where);
	strcat(asked, "|");
	return !streq(where, "/busy");
}

static void mounts_in_reverse(void **state)
{
	char text[] = "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n"
		      "23 22 0:21 / /proc rw - proc proc rw\n"
		      "24 22 0:22 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
		      "25 22 0:23 / /run rw - tmpfs tmpfs rw\n"
		      "26 22 254:1 / /home rw - ext4 /dev/vdb rw\n"
		      "27 26 254:2 / /home/my\\040data rw - ext4 /dev/vdc rw\n"
		      "28 25 0:30 / /run/user/0 rw - tmpfs tmpfs rw\n"
		      "29 22 0:31 / /device rw - tmpfs tmpfs rw\n"
		      "30 22 0:32 / /busy rw - tmpfs tmpfs rw\n"
		      "broken line\n";

	(void)state;
	asked[0] = '\0';
	assert_int_equal(mounts_walk(text, note), 1);
	assert_string_equal(asked, "/busy|/device|/run/user/0|/home/my data|/home|");
	asked[0] = '\0';
	assert_int_equal(mounts_walk((char[]){ "" }, note), 0);
	assert_int_equal(mounts_walk((char[]){ "1 2 3 4 /only - x" }, note), 0);
	assert_string_equal(asked, "/only|");
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(parents_come_first), cmocka_unit_test(nothing_needs_trust), cmocka_unit_test(mount_points), cmocka_unit_test(mounts_in_reverse),
};

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
