/* test-watch.c - watches and what /run/udev/watch says of them, byte for byte as udev 252 has it */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/sysmacros.h>
#include <cmocka.h>
#include "devctl/test-tree.h"
#include "watch/watch.h"

static struct arena arena = ARENA_HEAP(1u << 20);

static struct device disk(unsigned minor_number, const char *node)
{
	return (struct device){ .arena = &arena, .devname = tree_path(node), .devnum = makedev(8, minor_number), .is_block = true, .subsystem = "block",
				.sysname = "sd", .devpath = "/devices/x", .path = "/sys/devices/x" };
}

static const char *says(const char *name)
{
	static char text[2][128];
	static unsigned turn;
	char path[256];
	ssize_t n;

	snprintf(path, sizeof(path), "%s/%s", tree_path("run/watch"), name);
	n = readlink(path, text[++turn % 2], 127);
	text[turn % 2][n < 0 ? 0 : n] = '\0';
	return text[turn % 2];
}

static void begin_end(void **state)
{
	struct watch w = { inotify_init1(IN_NONBLOCK | IN_CLOEXEC), tree_path("run") };
	struct device a, b;
	char id[64];
	int wd;

	tree_write("dev/a", "");
	tree_write("dev/b", "");
	a = disk(0, "dev/a");
	b = disk(1, "dev/b");
	assert_int_equal(watch_begin(&w, &a), 0);
	assert_int_equal(watch_begin(&w, &b), 0);
	wd = atoi(says("b8:0"));
	assert_true(wd > 0);
	assert_string_equal(says(says("b8:0")), "b8:0");
	assert_string_equal(says(says("b8:1")), "b8:1");
	assert_int_equal(watch_device(&w, wd, id, sizeof(id)), 0);
	assert_string_equal(id, "b8:0");
	assert_int_equal(watch_begin(&w, &a), 0);        /* again: the same */
	assert_int_equal(atoi(says("b8:0")), wd);
	assert_int_equal(watch_end(&w, &a), 0);
	assert_string_equal(says("b8:0"), "");
	assert_int_equal(watch_device(&w, wd, id, sizeof(id)), -ENOENT);
	assert_string_equal(says(says("b8:1")), "b8:1");
	assert_int_equal(watch_end(&w, &a), 0);
	watch_forget(&w, atoi(says("b8:1")));
	assert_string_equal(says("b8:1"), "");
	close(w.inotify);
}

static void hears(void **state)
{
	struct watch w = { inotify_init1(IN_NONBLOCK | IN_CLOEXEC), tree_path("run") };
	union { struct inotify_event e; char room[4096]; } got;
	struct device a;

	tree_write("dev/a", "");
	a = disk(0, "dev/a");
	assert_int_equal(watch_begin(&w, &a), 0);
	tree_write("dev/a", "x");                       /* a writer closes */
	assert_true(read(w.inotify, &got, sizeof(got)) > 0);
	assert_true(got.e.mask & IN_CLOSE_WRITE);
	assert_int_equal(got.e.wd, atoi(says("b8:0")));
	assert_int_equal(watch_end(&w, &a), 0);
	close(w.inotify);
	/* without inotify, and of what has no node: nothing, and no error */
	w.inotify = -1;
	assert_int_equal(watch_begin(&w, &a), 0);
	assert_int_equal(watch_end(&w, &a), 0);
	assert_int_equal(watch_change(tree_path("sys"), "../../etc"), -EINVAL);
	assert_int_equal(watch_change(tree_path("sys"), "b8/0"), -EINVAL);
}

static int end(void **state)
{
	arena_reset(&arena);
	return tree_remove(state);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(begin_end), cmocka_unit_test(hears) };

	return cmocka_run_group_tests(tests, tree_make, end);
}
