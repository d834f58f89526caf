/* test-database.c - records there and back, tags, and who gets a link */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <cmocka.h>
#include "database.h"
#include "devctl/test-tree.h"

#define NULLDEV "/devices/virtual/mem/null"
#define SDA "/devices/pci0000:00/0000:00:1f.2/block/sda"

static struct arena arena = ARENA_HEAP(8u << 20);
static struct database db;

static struct device *open_device(const char *path)
{
	struct device *d;
	static char run[sizeof(tree_root) + 8];

	snprintf(run, sizeof(run), "%s/run", tree_root);
	db.run = run;
	assert_int_equal(device_open(&d, &arena, tree_path("sys"), path), 0);
	return d;
}

static int clean(void **state)
{
	arena_reset(&arena);
	tree_clean();
	return 0;
}

static void same_file(const char *below, const char *text)
{
	char *got = tree_read(below);

	assert_non_null(got);
	assert_string_equal(got, text);
	free(got);
}

static void round_trip(void **state)
{
	static const char text[] = "S:disk/by-id/x\nS:two\nL:-5\nI:123456\nE:A=x y\nE:B=1=2\nG:t1\nG:t2\nQ:t2\nV:1\n";
	struct device *d = open_device(SDA);

	tree_write("run/data/b8:0", text);
	assert_int_equal(database_read(&db, d), 0);
	assert_string_equal(device_property(d, "B"), "1=2");
	assert_int_equal(d->link_priority, -5);
	assert_int_equal(d->initialized_usec, 123456);
	assert_true(words_has(&d->links, "/dev/disk/by-id/x"));
	assert_true(words_has(&d->tags, "t1") && !words_has(&d->current_tags, "t1"));
	assert_int_equal(database_delete(&db, d), 0);
	assert_null(tree_read("run/data/b8:0"));
	assert_int_equal(database_write(&db, d, NULL), 0);
	same_file("run/data/b8:0", text);
}

static void what_is_stored(void **state)
{
	struct device *d = open_device(NULLDEV), *n = open_device("/devices/virtual/net/lo"), *p = open_device("/devices/pci0000:00/0000:00:1f.2");
	struct stat st;

	assert_int_equal(database_write(&db, d, NULL), 0);
	same_file("run/data/c1:3", "");                 /* a node that was seen, and nothing to say */
	assert_int_equal(device_set(d, ".SECRET", "x", true), 0);
	assert_int_equal(device_set(d, "ACTION", "add", false), 0);
	assert_int_equal(device_set(d, "EMPTY", "", true), 0);
	d->db_persist = true;
	assert_int_equal(database_write(&db, d, NULL), 0);
	same_file("run/data/c1:3", "E:EMPTY=\nV:1\n");
	assert_int_equal(stat(tree_path("run/data/c1:3"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 01644);
	assert_int_equal(device_set(n, "A", "1", true) | database_write(&db, n, NULL), 0);
	same_file("run/data/n1", "E:A=1\nV:1\n");
	assert_int_equal(device_set(p, "A", "1", true) | database_write(&db, p, NULL), 0);
	same_file("run/data/+pci:0000:00:1f.2", "E:A=1\nV:1\n");
	assert_int_equal(device_set(p, "A", NULL, true) | database_write(&db, p, NULL), 0);
	assert_null(tree_read("run/data/+pci:0000:00:1f.2"));
}

static void odd_records(void **state)
{
	static const char text[] = "\nS\nS:\nS:../x\nS:ok\nE:nothing\nE:=x\nE:EMPTY=\nX:y\nL:abc\nG:old\nE:LAST=no newline";
	struct device *d = open_device(SDA);

	assert_int_equal(database_parse(d, text, sizeof(text) - 1), 0);
	assert_int_equal(d->links.n, 1);
	assert_null(device_property(d, "EMPTY"));
	assert_string_equal(device_property(d, "LAST"), "no newline");
	assert_true(words_has(&d->current_tags, "old"));        /* no V: of an older udev, where all are current */
}

static void no_current_tags(void **state)
{
	struct device *d = open_device(SDA);

	tree_write("run/data/b8:0", "G:once\nV:1\n");
	assert_int_equal(database_read(&db, d), 0);
	assert_true(words_has(&d->tags, "once") && d->current_tags.n == 0);
}

static void tags(void **state)
{
	struct device *d = open_device(SDA);
	struct words before = { 0 }, now = { 0 };

	assert_int_equal(words_add(&arena, &before, "a") + words_add(&arena, &before, "b") + words_add(&arena, &now, "b"), 3);
	assert_int_equal(database_tags(&db, d, NULL, &before), 0);
	same_file("run/tags/a/b8:0", "");
	assert_int_equal(database_tags(&db, d, &before, &now), 0);
	assert_null(tree_read("run/tags/a/b8:0"));
	same_file("run/tags/b/b8:0", "");
}

static void winner(void **state)
{
	struct device *a = open_device(SDA), *b = open_device(SDA "/sda1");
	char node[64];

	assert_int_equal(database_winner(&db, a, "/dev/x/y", node, sizeof(node)), -ENOENT);
	assert_int_equal(database_stack(&db, a, "/dev/x//y", true), 0);
	assert_int_equal(database_stack(&db, b, "/dev/x/y", true), 0);
	assert_int_equal(database_winner(&db, a, "/dev/x/y", node, sizeof(node)), 0);
	assert_string_equal(node, "/dev/sda");          /* equals: who asks */
	assert_int_equal(database_winner(&db, b, "/dev/x/y", node, sizeof(node)), 0);
	assert_string_equal(node, "/dev/sda1");
	b->link_priority = -1;
	assert_int_equal(database_stack(&db, b, "/dev/x/y", true), 0);
	assert_int_equal(database_winner(&db, b, "/dev/x/y", node, sizeof(node)), 0);
	assert_string_equal(node, "/dev/sda");
	assert_int_equal(database_stack(&db, a, "/dev/x/y", false), 0);
	assert_int_equal(database_winner(&db, NULL, "/dev/x/y", node, sizeof(node)), 0);
	assert_string_equal(node, "/dev/sda1");
	assert_int_equal(database_stack(&db, b, "/dev/x/y", false), 0);
	assert_int_equal(access(tree_path("run/links/x\\x2fy"), F_OK), -1);
}

static void link_paths(void **state)
{
	char out[32];

	assert_int_equal(database_link_path("/dev/a//b/./c/", out, sizeof(out)), 0);
	assert_string_equal(out, "/dev/a/b/c");
	assert_int_equal(database_link_path("/dev/a/../b", out, sizeof(out)), -EINVAL);
	assert_int_equal(database_link_path("/etc/a", out, sizeof(out)), -EINVAL);
	assert_int_equal(database_link_path("/dev//", out, sizeof(out)), -EINVAL);
	assert_int_equal(database_link_path("/dev/abcdefghijklmnopqrstuvwxyzabcdefgh", out, sizeof(out)), -ENAMETOOLONG);
}

#define T(f) cmocka_unit_test_setup_teardown(f, clean, clean)
int main(void)
{
	static const struct CMUnitTest all[] = { T(round_trip), T(what_is_stored), T(odd_records), T(no_current_tags), T(tags), T(winner), T(link_paths) };

	return cmocka_run_group_tests(all, tree_make, tree_remove);
}
