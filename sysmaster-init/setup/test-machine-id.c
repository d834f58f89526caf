/* test-machine-id.c - who gets an id, from where, and where it is kept */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include <fcntl.h>
#include <sys/stat.h>
#include "common/sys.h"
#include "osfile.h"
#include "setup/machine-id.h"

static char root[] = "/tmp/test-machine-id.XXXXXX";
static int mounts;
static int count_mount(const char *what, const char *where, const char *type, unsigned long flags, const char *options)
{
	mounts++;
	return 0;
}
static const struct sys doubles = { .mount = count_mount };

static void path_of(char *to, const char *name) { snprintf(to, 256, "%s%s", root, name); }
static void put(const char *text)
{
	char path[256];
	int fd;

	path_of(path, "/etc/machine-id");
	unlink(path);
	if (!text)
		return;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}
static void get(const char *name, char text[64])
{
	char path[256];

	path_of(path, name);
	if (osfile_read(path, text, 64) < 0)
		*text = '\0';
}
static bool marked(void)
{
	char path[256];
	bool there;

	path_of(path, "/run/sysmaster/first-boot");
	there = access(path, F_OK) == 0;
	unlink(path);
	return there;
}
static bool is_id(const char *s) { return strlen(s) == 33 && strspn(s, "0123456789abcdef") == 32 && s[32] == '\n'; }

static void who_gets_one(void **state)
{
	static const struct { const char *file; int r; bool first; } rows[] = {
		{ "0123456789abcdef0123456789abcdef\n", 0, false }, { "0123456789ABCDEF0123456789ABCDEF", 0, false },
		{ NULL, 1, true }, { "uninitialized\n", 1, true }, { "", 1, false }, { "0123\n", 1, false },
		{ "00000000000000000000000000000000\n", 1, false }, { "0123456789abcdef0123456789abcdef0\n", 1, false }, { "x123456789abcdef0123456789abcdef\n", 1, false },
	};
	char text[64], before[64];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		put(rows[i].file);
		assert_int_equal(machine_id_settle(root), rows[i].r);
		assert_int_equal(marked(), rows[i].first);
		get("/etc/machine-id", text);
		if (rows[i].r == 0) {
			assert_string_equal(text, rows[i].file);
			continue;
		}
		assert_true(is_id(text));
		assert_int_equal(machine_id_settle(root), 0);           /* and keeps it */
		get("/etc/machine-id", before);
		assert_string_equal(text, before);
	}
	assert_int_equal(mounts, 0);
}

static void a_container_is_told(void **state)
{
	char text[64];

	setenv("container_uuid", "F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6", 1);
	put("uninitialized");
	assert_int_equal(machine_id_settle(root), 1);
	get("/etc/machine-id", text);
	assert_string_equal(text, "f81d4fae7dec11d0a76500a0c91e6bf6\n");
	unsetenv("container_uuid");
	marked();
}

static void no_way_to_write(void **state)
{
	char etc[256];

	path_of(etc, "/etc/machine-id");
	put(NULL);
	assert_int_equal(mkdir(etc, 0755), 0);
	assert_int_equal(machine_id_settle(root), -EISDIR);
	assert_int_equal(rmdir(etc), 0);
	marked();
}

static int begin(void **state)
{
	char path[256];

	assert_non_null(mkdtemp(root));
	path_of(path, "/etc");
	mkdir(path, 0755);
	path_of(path, "/run");
	mkdir(path, 0755);
	sys = &doubles;
	return 0;
}
static int end(void **state)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf '%s'", root);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(who_gets_one), cmocka_unit_test(a_container_is_told), cmocka_unit_test(no_way_to_write) };

	return cmocka_run_group_tests(tests, begin, end);
}
