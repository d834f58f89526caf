/* test-journal.c - entries outlive their writer, killed at any instant; a damaged or full journal is no crash */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/wait.h>
#include <cmocka.h>
#include "queue/journal.h"

static char path[64];
#define BYTES (1u << 20)

static struct journal *open_it(bool expect)
{
	struct journal *j;
	bool found;

	assert_int_equal(journal_open(&j, path, BYTES, &found), 0);
	assert_int_equal(found, expect);
	return j;
}

static int make(void **state)
{
	snprintf(path, sizeof(path), "/tmp/test-journal-%d", (int)getpid());
	unlink(path);
	return 0;
}

static int clean(void **state)
{
	unlink(path);
	return 0;
}

static struct journal_entry *put(struct journal *j, const char *text)
{
	char *room = journal_room(j, 8192);

	if (!room)
		return NULL;
	strcpy(room, text);
	return journal_commit(j, strlen(text) + 1);
}

static void stays(void **state)
{
	struct journal *j = open_it(false), *other;
	struct journal_entry *a = put(j, "a"), *b, *c;
	bool found;

	b = put(j, "bb");
	c = put(j, "ccc");
	assert_int_equal(journal_open(&other, path, BYTES, &found), -EBUSY);
	journal_done(j, b);
	journal_free(j);
	j = open_it(true);
	a = journal_next(j, NULL);
	assert_string_equal(a->text, "a");
	c = journal_next(j, a);
	assert_string_equal(c->text, "ccc");
	assert_null(journal_next(j, c));
	journal_done(j, c);
	journal_done(j, a);
	assert_int_equal(journal_used(j), 0);
	journal_free(j);
	j = open_it(true);
	assert_null(journal_next(j, NULL));
	journal_free(j);
}

/* many times round, done in any order; what is left is what was put and not done */
static void round_and_round(void **state)
{
	struct journal *j = open_it(true);
	struct { struct journal_entry *e; unsigned number; } live[64] = { 0 };
	uint32_t seed = 1;

	for (unsigned i = 0; i < 40000; i++) {
		seed = seed * 1664525u + 1013904223u;
		unsigned k = (seed >> 8) % 64;

		if (live[k].e) {
			char want[32];

			snprintf(want, sizeof(want), "event %u", live[k].number);
			assert_memory_equal(live[k].e->text, want, strlen(want));
			journal_done(j, live[k].e);
			live[k].e = NULL;
		} else {
			char text[2048];

			memset(text, 'x', sizeof(text));
			text[snprintf(text, sizeof(text), "event %u", i)] = ' ';
			text[64 + (seed >> 16) % 1900] = '\0';
			live[k].e = put(j, text);
			assert_non_null(live[k].e);
			live[k].number = i;
		}
	}
	unsigned n = 0, seen = 0;

	for (unsigned k = 0; k < 64; k++)
		n += live[k].e != NULL;
	for (struct journal_entry *e = journal_next(j, NULL); e; e = journal_next(j, e))
		seen++;
	assert_int_equal(seen, n);
	for (unsigned k = 0; k < 64; k++)
		if (live[k].e)
			journal_done(j, live[k].e);
	journal_free(j);
}

static void full(void **state)
{
	struct journal *j = open_it(true);
	struct journal_entry *first = put(j, "x");
	char text[4000];
	int n = 0;

	memset(text, 'y', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	while (put(j, text))
		n++;
	assert_in_range(n, BYTES / 4100 - 8, BYTES / 4000);
	journal_done(j, first);
	for (struct journal_entry *e; (e = journal_next(j, NULL));)
		journal_done(j, e);
	assert_non_null(put(j, text));
	journal_done(j, journal_next(j, NULL));
	journal_free(j);
}

/* the writer says by a pipe what it has put and what is done before the next step; killed, all of that must be so */
static void killed(void **state)
{
	for (int round = 0; round < 20; round++) {
		unsigned numbers[2] = { 0 }, got[2], left = 0, first = 0;
		int fds[2];
		pid_t pid;

		assert_int_equal(pipe(fds), 0);
		pid = fork();
		if (pid == 0) {
			struct journal *j = open_it(true);
			struct journal_entry *e[4] = { 0 };
			char text[32];

			for (unsigned i = 0;; i++) {
				if (e[i % 4]) {
					journal_done(j, e[i % 4]);
					numbers[1]++;
				}
				snprintf(text, sizeof(text), "%u", i);
				e[i % 4] = put(j, text);
				numbers[0]++;
				if (write(fds[1], numbers, sizeof(numbers)) < 0)
					_exit(1);
			}
		}
		close(fds[1]);
		for (int i = 0; i < 50 + round * 13; i++)
			assert_int_equal(read(fds[0], got, sizeof(got)), sizeof(got));
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		while (read(fds[0], got, sizeof(got)) == sizeof(got))
			;
		close(fds[0]);
		struct journal *j = open_it(true);

		for (struct journal_entry *e = journal_next(j, NULL); e; e = journal_next(j, e))
			if (left++ == 0)
				first = (unsigned)atoi(e->text);
		assert_in_range(left, 3, 4);            /* the step that was not told yet may have begun */
		assert_in_range(first, got[1], got[1] + 1);
		while (left-- > 0)
			journal_done(j, journal_next(j, NULL));
		journal_free(j);
	}
}

static void damaged(void **state)
{
	struct journal *j = open_it(true);
	uint32_t seed = 5;

	put(j, "one");
	put(j, "two");
	journal_free(j);
	for (int i = 0; i < 300; i++) {
		int fd = open(path, O_RDWR);
		unsigned char junk;
		bool found;

		seed = seed * 1664525u + 1013904223u;
		junk = (unsigned char)(seed >> 24);
		assert_int_equal(pwrite(fd, &junk, 1, i % 3 ? (seed >> 8) % 64 : 4096 + (seed >> 8) % 256), 1);
		close(fd);
		assert_int_equal(journal_open(&j, path, BYTES, &found), 0);
		for (struct journal_entry *e = journal_next(j, NULL); e; e = journal_next(j, e))
			assert_true(e->len <= e->bytes);
		if (i % 10 == 0)
			put(j, "more");
		journal_free(j);
	}
	assert_int_equal(truncate(path, 100), 0);
	journal_free(open_it(false));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(stays), cmocka_unit_test(round_and_round), cmocka_unit_test(full), cmocka_unit_test(killed), cmocka_unit_test(damaged),
	};

	return cmocka_run_group_tests(tests, make, clean);
}
