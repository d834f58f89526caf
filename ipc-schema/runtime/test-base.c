/* test-base.c - buf, arena and log: bounds, errors that stay, what a line looks like, floods */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include "arena.h"
#include "buf.h"
#include "log.h"
#include "rate.h"
#include "sdnotify.h"

static void buf_grows(void **state)
{
	_cleanup_(buf_finish) struct buf b = { .max = 100 };
	char *s;

	assert_string_equal(buf_str(&b), "");
	buf_addf(&b, "%s-%d", "x", 5);
	buf_adds(&b, "yz");
	assert_string_equal(buf_str(&b), "x-5yz");
	assert_int_equal(b.len, 5);
	buf_drop_front(&b, 2);
	assert_string_equal(buf_str(&b), "5yz");
	buf_drop_front(&b, 99);
	assert_int_equal(b.len, 0);
	for (int i = 0; i < 99; i++)
		buf_addc(&b, 'a');
	s = buf_take_str(&b);
	assert_int_equal(strlen(s), 99);
	free(s);
	buf_add(&b, "0123456789", 10);
	assert_int_equal(buf_reserve(&b, 91), -E2BIG);
	buf_addc(&b, 'x');                      /* nothing happens any more */
	assert_int_equal(b.len, 10);
	assert_int_equal(buf_error(&b), -E2BIG);
	assert_null(buf_str(&b));
	buf_reset(&b);
	assert_int_equal(buf_error(&b), 0);
	assert_int_equal(buf_reserve(&b, SIZE_MAX), -E2BIG);
}

static void buf_fixed(void **state)
{
	char mem[4];
	struct buf b = BUF_FIXED(mem);

	buf_add(&b, "abcd", 4);
	assert_int_equal(buf_error(&b), 0);
	assert_null(buf_str(&b));               /* no room for the NUL */
	buf_reset(&b);
	buf_addf(&b, "%d", 123);
	assert_string_equal(buf_str(&b), "123");
	buf_addc(&b, '4');
	buf_addc(&b, '5');
	assert_int_equal(buf_error(&b), -E2BIG);
	buf_finish(&b);                         /* the memory is not ours to free */
}

static void rates(void **state)
{
	struct rate r = { 0 };

	(void)state;
	for (uint64_t i = 0; i < 3; i++)
		assert_true(rate_below(&r, 1000 + i, 100, 3));
	assert_false(rate_below(&r, 1003, 100, 3));
	assert_true(rate_below(&r, 5000, 100, 3));      /* another window */
	assert_true(rate_below(&r, 10, 100, 3));        /* a clock that went back begins one */
	for (int i = 0; i < 9; i++)
		assert_true(rate_below(&r, 11, 100, 0) && rate_below(&r, 11, 0, 1));    /* no limit */
}

static void arena_bounds(void **state)
{
	_Alignas(16) char mem[64];
	struct arena fixed = ARENA_FIXED(mem), heap = ARENA_HEAP(10000);
	uint64_t *aligned;
	size_t total = 0;

	memset(mem, 0xff, sizeof(mem));
	assert_non_null(arena_alloc(&fixed, 1, 1));
	aligned = arena_alloc(&fixed, 8, 8);
	assert_int_equal((uintptr_t)aligned % 8, 0);
	assert_true(*aligned == 0);
	assert_null(arena_alloc(&fixed, 49, 1));
	assert_non_null(arena_alloc(&fixed, 48, 1));
	assert_null(arena_alloc(&fixed, 1, 1));
	assert_null(arena_alloc(&fixed, SIZE_MAX, 1));
	arena_reset(&fixed);
	assert_non_null(arena_alloc(&fixed, 64, 1));
	while (arena_alloc(&heap, 100, 8))
		total += 100;
	assert_true(total > 9000 && total <= 10000);
	arena_reset(&heap);
	assert_null(arena_alloc(&heap, 10001, 1));
	assert_string_equal(arena_strndup(&heap, "abcdef", 3), "abc");
	assert_null(arena_alloc(&heap, SIZE_MAX - 8, 8));
	arena_reset(&heap);
}

/* -- log: into a file, read back */

static char path[] = "/tmp/test-base.XXXXXX";

static int log_setup(void **state)
{
	if (truncate(path, 0) < 0)
		return -1;
	log_open("prog", LOG_TO_FILE, path);
	log_set_level(LOG_INFO);
	return 0;
}

static int log_teardown(void **state)
{
	log_open("prog", LOG_TO_STDERR, NULL);
	return 0;
}

static size_t read_log(char *text, size_t size)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, text, size - 1);

	assert_true(n >= 0);
	text[n] = '\0';
	return (size_t)n;
}

static void log_line_shape(void **state)
{
	char text[4096];
	unsigned year, month, day, h, m, s, usec;
	int n = 0;

	errno = EXDEV;
	log_event(LOG_WARNING, "TEST_SHAPE", "it\nhappened", F_STR("A", "two words"), F_STR("B", "a\x1b\"\n"), F_STR("C", NULL), F_I64("D", -5),
		  F_U64("E", UINT64_MAX), F_ERRNO(-ENOENT));
	assert_int_equal(errno, EXDEV);
	log_event(LOG_DEBUG, "TEST_QUIET", "not to be seen");
	read_log(text, sizeof(text));
	assert_int_equal(sscanf(text, "%4u-%2u-%2uT%2u:%2u:%2u.%6uZ %n", &year, &month, &day, &h, &m, &s, &usec, &n), 7);
	assert_true(year >= 2024 && month >= 1 && month <= 12 && day >= 1 && day <= 31 && h < 24 && m < 60 && s < 61);
	assert_string_equal(text + n, "prog: it happened [TEST_SHAPE A=\"two words\" B=\"a\\x1b\\\"\\x0a\" C=\"\" D=-5 E=18446744073709551615 "
				      "ERRNO=ENOENT]\n");
}

static void log_long_line(void **state)
{
	char text[8192], big[6000];

	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	log_event(LOG_ERR, "TEST_LONG", big, F_STR("A", big));
	log_line(LOG_ERR, "%s", big);
	assert_true(read_log(text, sizeof(text)) <= 2 * 2048);
	assert_int_equal(text[strlen(text) - 1], '\n');
}

static void log_flood(void **state)
{
	static char text[1 << 20];
	size_t lines = 0;

	for (int i = 0; i < 10 * LOG_BURST; i++)
		log_event(LOG_INFO, "TEST_FLOOD", "again");
	log_event(LOG_INFO, "TEST_OTHER", "something else");
	read_log(text, sizeof(text));
	for (char *p = text; (p = strstr(p, "[TEST_FLOOD]")); p++)
		lines++;
	assert_int_equal(lines, LOG_BURST);
	assert_non_null(strstr(text, "[TEST_OTHER]"));
}

/* A pipe that nobody reads costs lines, not time; one that nobody holds costs no life. */
static void log_never_blocks(void **state)
{
	int fds[2], saved = dup(STDERR_FILENO);

	log_open("prog", LOG_TO_STDERR, NULL);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	dup2(fds[1], STDERR_FILENO);
	alarm(20);
	for (int i = 0; i < 5000; i++)
		log_line(LOG_ERR, "%0100d", i);
	alarm(0);
	close(fds[0]);
	log_line(LOG_ERR, "nobody is there");
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(fds[1]);
}

static void log_levels(void **state)
{
	int level = 99;

	assert_int_equal(log_level_parse("warning", &level), 0);
	assert_int_equal(level, LOG_WARNING);
	assert_int_equal(log_level_parse("7", &level), 0);
	assert_int_equal(level, LOG_DEBUG);
	assert_int_equal(log_level_parse("8", &level), -EINVAL);
	assert_int_equal(log_level_parse("", &level), -EINVAL);
	assert_int_equal(log_level_parse("infos", &level), -EINVAL);
	assert_int_equal(level, LOG_DEBUG);
}

/* in place of the C library's: a kernel whose pool is not ready, and too old for GRND_INSECURE */
static unsigned random_flags_seen;
static bool random_ready;
ssize_t getrandom(void *p, size_t n, unsigned flags);
ssize_t getrandom(void *p, size_t n, unsigned flags)
{
	assert_true(flags != 0);                /* 0 waits for the pool */
	random_flags_seen |= flags;
	if (random_ready && flags == 4) {
		memset(p, 0x55, n);
		return (ssize_t)n;
	}
	errno = flags == 4 ? EINVAL : EAGAIN;
	return -1;
}

static void random_never_waits(void **state)
{
	uint64_t a = 0, b = 0;

	random_ready = false;
	random_bytes(&a, sizeof(a));
	random_bytes(&b, sizeof(b));
	assert_true(a != 0 && b != 0 && a != b);
	assert_int_equal(random_flags_seen, 4 | 1);
	random_ready = true;
	random_bytes(&a, sizeof(a));
	assert_true(a == 0x5555555555555555u);
}

/* a service manager that hangs does not hang whom it manages */
static void notify_has_an_end(void **state)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), r = 0;

	snprintf(sa.sun_path, sizeof(sa.sun_path), "/tmp/test-base.notify.%d", (int)getpid());
	assert_return_code(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), errno);
	assert_int_equal(sdnotify_send("READY=1", -1), -ENOTCONN);
	setenv("NOTIFY_SOCKET", sa.sun_path, 1);
	assert_return_code(sdnotify_open(), 0);
	for (int i = 0; i < 100000 && r == 0; i++)
		r = sdnotify_send("WATCHDOG=1", -1);
	assert_int_equal(r, -EAGAIN);
	unsetenv("NOTIFY_SOCKET");
	unlink(sa.sun_path);
	close(fd);
}

#define LOG(f) cmocka_unit_test_setup_teardown(f, log_setup, log_teardown)
static const struct CMUnitTest tests[] = {
	cmocka_unit_test(buf_grows), cmocka_unit_test(buf_fixed), cmocka_unit_test(arena_bounds), cmocka_unit_test(rates), cmocka_unit_test(random_never_waits), cmocka_unit_test(notify_has_an_end),
	cmocka_unit_test(log_levels),
	LOG(log_line_shape), LOG(log_long_line), LOG(log_flood), LOG(log_never_blocks),
};

int main(void)
{
	int fd = mkostemp(path, O_CLOEXEC), r;

	if (fd < 0)
		return 1;
	close(fd);
	r = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return r;
}
