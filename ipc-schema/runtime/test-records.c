/* test-records.c - records over an exec's worth of forgetting, over a change of layout, and what is no such file */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include <fcntl.h>
#include <sys/mman.h>
#include "records.h"

/* today's program, and a later one: an area more to the record, more records, other offsets */
struct one { struct records_head head; struct { uint64_t id; char name[8]; } list[4]; uint32_t count; };
struct two { struct records_head head; uint32_t count; struct { uint64_t id; char name[8]; uint64_t more; } list[8]; };

static const struct records_head head_one = {
	.magic = 77, .version = 1, .n_areas = 2, .areas = { RECORDS_AREA(struct one, list, 4), RECORDS_AREA(struct one, count, 1) },
};
static const struct records_head head_two = {
	.magic = 77, .version = 2, .n_areas = 2, .areas = { RECORDS_AREA(struct two, list, 8), RECORDS_AREA(struct two, count, 1) },
};

static int fill(struct one **ret)
{
	void *p;
	int fd = records_new("one", &head_one, sizeof(**ret), &p);

	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
	*ret = p;
	(*ret)->list[2].id = 9;
	strcpy((*ret)->list[2].name, "nine");
	(*ret)->count = 5;
	return fd;
}

static void same_layout(void **state)
{
	struct one *o;
	int fd = fill(&o), before = fd;
	void *p;

	(void)state;
	munmap(o, sizeof(*o));
	assert_int_equal(records_adopt(&fd, "one", &head_one, sizeof(*o), &p), 0);
	assert_int_equal(fd, before);
	o = p;
	assert_int_equal(o->list[2].id, 9);
	assert_int_equal(o->count, 5);
	munmap(o, sizeof(*o));
	close(fd);
}

static void there_and_back(void **state)
{
	struct one *o;
	struct two *t;
	int fd = fill(&o);
	void *p;

	(void)state;
	assert_int_equal(records_adopt(&fd, "two", &head_two, sizeof(*t), &p), 1);
	t = p;
	assert_string_equal(t->list[2].name, "nine");
	assert_int_equal(t->list[2].more, 0);
	assert_int_equal(t->count, 5);
	t->list[7].id = 1;      /* the older program has no room for it */
	t->list[1].id = 3;
	assert_int_equal(records_adopt(&fd, "one", &head_one, sizeof(*o), &p), 1);
	o = p;
	assert_int_equal(o->list[1].id, 3);
	assert_int_equal(o->list[2].id, 9);
	assert_int_equal(o->count, 5);
	close(fd);
}

static void no_such_file(void **state)
{
	struct records_head other = head_one;
	struct one *o;
	int fd = fill(&o), before = fd;
	void *p = NULL;

	(void)state;
	other.magic = 78;
	assert_int_equal(records_adopt(&fd, "one", &other, sizeof(*o), &p), -EBADMSG);
	o->head.areas[0].count = 1u << 30;
	assert_int_equal(records_adopt(&fd, "one", &head_one, sizeof(*o), &p), -EBADMSG);
	o->head.check = records_check(&o->head);        /* well sealed, and far beyond the end */
	assert_int_equal(records_adopt(&fd, "one", &head_one, sizeof(*o), &p), -EBADMSG);
	assert_int_equal(ftruncate(fd, 8), 0);
	assert_int_equal(records_adopt(&fd, "one", &head_one, sizeof(*o), &p), -EBADMSG);
	assert_int_equal(fd, before);
	assert_null(p);
	close(fd);
	fd = -1;
	assert_int_equal(records_adopt(&fd, "one", &head_one, sizeof(*o), &p), -EBADF);
}

static const struct CMUnitTest tests[] = { cmocka_unit_test(same_layout), cmocka_unit_test(there_and_back), cmocka_unit_test(no_such_file) };

int main(void) { return cmocka_run_group_tests(tests, NULL, NULL); }
