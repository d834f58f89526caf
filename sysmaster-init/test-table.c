/* test-table.c - the table over a crash, over an upgrade in both directions, and when it is damaged */
#include "test.h"
#include <fcntl.h>
#include <sys/mman.h>
#include "common/recovery.h"
#include "log.h"
#include "table.h"

static int fresh(void **state)
{
	(void)state;
	return table_new();
}

static struct table_child *publish(uint64_t token, const char *name, uint32_t pid)
{
	struct table_child *c = table_add_child(token, name);

	assert_non_null(c);
	c->pid = pid;
	c->phase = IPC_CHILD_PHASE_EXECED;
	return c;
}

static unsigned count_children(void)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < table->s.n_children; i++)
		n += table->children[i].phase != 0;
	return n;
}

static unsigned count_fds(void)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < table->s.n_fds; i++)
		n += table->fds[i].fd1 != 0;
	return n;
}

static void children(void **state)
{
	struct table_child *a, *b;

	(void)state;
	a = publish(7, "a.service", 100);
	b = publish(8, "b.service", 101);
	assert_ptr_equal(table_child_by_token(8), b);
	assert_ptr_equal(table_child_by_pid(100), a);
	assert_null(table_child_by_pid(5));
	a->phase = IPC_CHILD_PHASE_EXITED;
	assert_null(table_child_by_pid(100));           /* the pid may be somebody else's by now */
	assert_ptr_equal(table_child_by_token(7), a);
	a->phase = 0;
	assert_null(table_child_by_token(7));
	assert_int_equal(count_children(), 1);
	assert_ptr_equal(publish(9, "c.service", 102), a);      /* its place is used again */
}

static void full(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < TABLE_CHILDREN; i++)
		publish(i, "x", (uint32_t)i + 2);
	assert_null(table_add_child(1, "one too many"));
	assert_int_equal(count_children(), TABLE_CHILDREN);
	for (int i = 0; i < TABLE_FDS; i++) {
		char name[16];

		snprintf(name, sizeof(name), "fd%d", i);
		assert_int_equal(table_store_fd(name, fcntl(0, F_DUPFD, 10)), 0);
	}
	assert_int_equal(table_store_fd("one too many", 0), -ENOSPC);
	assert_int_equal(table_store_fd("fd5", fcntl(0, F_DUPFD, 10)), 0);      /* a name there already is replaced */
	for (int i = 0; i < TABLE_FDS; i++) {
		char name[16];

		snprintf(name, sizeof(name), "fd%d", i);
		assert_int_equal(table_drop_fd(name), 0);
	}
	assert_int_equal(count_fds(), 0);
}

static void stored_fds(void **state)
{
	int a[2], first;
	char long_name[300];

	(void)state;
	assert_int_equal(pipe2(a, O_CLOEXEC), 0);
	assert_int_equal(table_store_fd("reader", a[0]), 0);
	assert_int_equal(fcntl(a[0], F_GETFD), 0);      /* it must outlive our exec */
	assert_int_equal(table_store_fd("", a[1]), -EINVAL);
	memset(long_name, 'x', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	assert_int_equal(table_store_fd(long_name, a[1]), -ENAMETOOLONG);
	first = a[0];
	assert_int_equal(table_store_fd("reader", a[1]), 0);
	assert_int_equal(fcntl(first, F_GETFD), -1);
	assert_int_equal(count_fds(), 1);
	assert_int_equal(table_drop_fd("reader"), 0);
	assert_int_equal(table_drop_fd("reader"), -ENOENT);
	assert_int_equal(fcntl(a[1], F_GETFD), -1);
}

static void same_layout(void **state)
{
	int fd = table_memfd();

	(void)state;
	publish(42, "kept.service", 77)->status = 5;
	table->s.core_starts = 9;
	munmap(table, sizeof(*table));
	table = NULL;
	assert_int_equal(table_adopt(fd), 0);
	assert_int_equal(recovery_check(), 0);
	assert_int_equal(table->s.core_starts, 9);
	assert_int_equal(table_child_by_token(42)->status, 5);
}

static void seal(struct records_head *h) { h->check = records_check(h); }

/* the table of today as another version lays it out: @more bytes (or less) a record, fewer records, areas in another order */
static int other_version(int more_state, int more_child)
{
	struct records_head h = table->head;
	uint32_t off = 4096;
	int fd = memfd_create("other", 0);

	h.version = 99;
	for (int i = RECORDS_AREAS - 1; i >= 0; i--) {
		struct records_area *a = &h.areas[i];

		a->size = (uint32_t)((int)a->size + (i == 0 ? more_state : i == RECORDS_AREAS - 1 ? more_child : 0));
		a->count = MIN(a->count, 16U);
		a->off = off;
		off += a->size * a->count + 64;
	}
	seal(&h);
	assert_int_equal(ftruncate(fd, off), 0);
	assert_int_equal(pwrite(fd, &h, sizeof(h), 0), sizeof(h));
	for (int i = 0; i < RECORDS_AREAS; i++)
		for (uint32_t n = 0; n < h.areas[i].count; n++)
			assert_true(pwrite(fd, (char *)table + table->head.areas[i].off + (size_t)n * table->head.areas[i].size,
					   MIN(h.areas[i].size, table->head.areas[i].size), h.areas[i].off + (off_t)n * h.areas[i].size) > 0);
	return fd;
}

static void other_layout(void **state)
{
	const int *more = *state;
	int kept = fcntl(0, F_DUPFD, 10);

	publish(42, "kept.service", 77)->status = 5;
	publish(43, "too.service", 78);
	table_store_fd("x", kept);
	table->s.core_starts = 9;
	table->set = (struct settings){ .version = SETTINGS_VERSION, .crashes = 77 };
	table->set.check = settings_check(&table->set);
	assert_int_equal(table_adopt(other_version(more[0], more[1])), 1);
	assert_int_equal(recovery_check(), 0);
	assert_int_equal(table->s.core_starts, 9);
	assert_int_equal(table->head.version, 1);
	assert_true(settings_right(&table->set));
	assert_int_equal(table->set.crashes, 77);
	assert_int_equal(count_children(), 2);
	assert_int_equal(table_child_by_token(42)->status, 5);
	assert_string_equal(table_child_by_token(43)->name, "too.service");
	assert_int_equal(count_fds(), 1);
}

static void damaged_head(void **state)
{
	static const size_t spots[] = { offsetof(struct records_head, magic), offsetof(struct records_head, version), offsetof(struct records_head, areas), offsetof(struct records_head, check) };
	struct table *before = table;
	struct records_head h;
	int fd;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(spots); i++) {
		fd = memfd_create("bad", 0);
		assert_int_equal(ftruncate(fd, sizeof(struct table)), 0);
		h = table->head;
		((uint8_t *)&h)[spots[i]] ^= 0x10;
		assert_int_equal(pwrite(fd, &h, sizeof(h), 0), sizeof(h));
		assert_int_equal(table_adopt(fd), -EBADMSG);
		close(fd);
	}
	h = table->head;
	h.areas[RECORDS_AREAS - 1].count = 0x7fffffff;                  /* well sealed, and far beyond the end of the file */
	seal(&h);
	fd = memfd_create("bad", 0);
	assert_int_equal(ftruncate(fd, sizeof(struct table)), 0);
	assert_int_equal(pwrite(fd, &h, sizeof(h), 0), sizeof(h));
	assert_int_equal(table_adopt(fd), -EBADMSG);
	assert_int_equal(ftruncate(fd, 10), 0);
	assert_int_equal(table_adopt(fd), -EBADMSG);
	close(fd);
	fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	assert_int_equal(table_adopt(fd), -EBADMSG);
	close(fd);
	assert_int_equal(table_adopt(-1), -EBADF);
	assert_ptr_equal(table, before);
}

static void damaged_records(void **state)
{
	struct table_child *a, *b, *c;

	(void)state;
	a = publish(1, "good", 10);
	b = publish(2, "name overwritten", 11);
	c = publish(3, "phase overwritten", 12);
	b->name[3] = 'X';
	c->phase = 77;
	table_store_fd("gone", fcntl(0, F_DUPFD, 10));
	close(table->fds[0].fd1 - 1);
	table->s.n_children = 1 << 30;
	memset(table->s.core_status, 'x', sizeof(table->s.core_status));
	assert_int_equal(recovery_check(), 3);
	assert_int_equal(a->phase, IPC_CHILD_PHASE_EXECED);
	assert_int_equal(count_children(), 1);
	assert_int_equal(strlen(table->s.core_status), sizeof(table->s.core_status) - 1);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test_setup(children, fresh),
	cmocka_unit_test_setup(full, fresh),
	cmocka_unit_test_setup(stored_fds, fresh),
	cmocka_unit_test_setup(same_layout, fresh),
	{ "a newer layout", other_layout, fresh, NULL, (int[]){ 64, 32 } },
	{ "an older layout", other_layout, fresh, NULL, (int[]){ -64, 0 } },
	cmocka_unit_test_setup(damaged_head, fresh),
	cmocka_unit_test_setup(damaged_records, fresh),
};

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
