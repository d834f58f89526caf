/* test-log.c - what programs send, where it goes, and streams that lose nothing to a new collector */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <cmocka.h>
#include "log/cgroup.h"
#include "log/parse.h"
#include "log/sink.h"
#include "log/stream.h"

static char root[64], ring[96], kmsg[96], sock[96], heads[96];
static struct loop *loop;
static int daemon_fd = -1;

static int setup(void **state)
{
	static struct sink_config config;

	strcpy(root, "/tmp/test-log-XXXXXX");
	assert_non_null(mkdtemp(root));
	snprintf(ring, sizeof(ring), "%s/ring", root);
	snprintf(kmsg, sizeof(kmsg), "%s/kmsg", root);
	snprintf(sock, sizeof(sock), "%s/syslog", root);
	snprintf(heads, sizeof(heads), "%s/heads", root);
	close(open(kmsg, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	config = (struct sink_config){ ring, sock, kmsg };
	assert_int_equal(sink_open(&config), 0);
	assert_int_equal(loop_new(&loop, 4, false), 0);
	assert_int_equal(stream_open(loop, heads, root), 0);
	return 0;
}

static int teardown(void **state)
{
	char cmd[128];

	closep(&daemon_fd);
	sink_close();
	loop_free(loop);
	snprintf(cmd, sizeof(cmd), "rm -rf %s", root);
	return system(cmd);
}

static const char *text_of(const char *path)
{
	static char text[65536];
	FILE *f = fopen(path, "re");
	size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;

	text[n] = '\0';
	if (f)
		fclose(f);
	return text;
}

static void listen_as_daemon(void)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };

	strcpy(sa.sun_path, sock);
	daemon_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(daemon_fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
}

/* ---- readers ---- */

#define HEAD "prog\na.service\n30\n1\n0\n0\n0\n"

static void head(void **state)
{
	struct head h;

	assert_int_equal(head_parse(HEAD "text", strlen(HEAD) + 4, &h), strlen(HEAD));
	assert_string_equal(h.ident, "prog");
	assert_string_equal(h.unit, "a.service");
	assert_int_equal(h.priority, 30);
	assert_true(h.level_prefix);
	assert_false(h.to_console);
	for (size_t i = 0; i < strlen(HEAD); i++)
		assert_int_equal(head_parse(HEAD, i, &h), 0);
	assert_int_equal(head_parse("a\nb\n999\n1\n0\n0\n0\n", 17, &h), -EBADMSG);
	assert_int_equal(head_parse("a\nb\n3\n2\n0\n0\n0\n", 15, &h), -EBADMSG);
	assert_int_equal(head_parse("a b\x01\n\n3\n0\n0\n0\n1\n", 16, &h), 16);
	assert_string_equal(h.ident, "a_b_");
}

static void syslog_lines(void **state)
{
	static const struct { const char *in; unsigned priority; const char *ident; unsigned pid; const char *text; } rows[] = {
		{ "<38>Nov 30 18:01:02 sshd[12]: hello", 38, "sshd", 12, "hello" }, { "<38>Nov  3 18:01:02 cron: a: b\n", 38, "cron", 0, "a: b" },
		{ "<13>su: text", 13, "su", 0, "text" }, { "no head at all", 14, "", 0, "no head at all" }, { "<999>x", 14, "", 0, "<999>x" },
		{ "<13>a[b]: c", 13, "", 0, "a[b]: c" }, { "", 14, "", 0, "" }, { "<13>:", 13, "", 0, ":" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct message m;

		syslog_parse(rows[i].in, strlen(rows[i].in), &m);
		assert_int_equal(m.priority, rows[i].priority);
		assert_string_equal(m.ident, rows[i].ident);
		assert_int_equal(m.pid, rows[i].pid);
		assert_int_equal(m.len, strlen(rows[i].text));
		assert_memory_equal(m.text, rows[i].text, m.len);
	}
}

static void native(void **state)
{
	static const char binary[] = "PRIORITY=3\nMESSAGE\n\x05\0\0\0\0\0\0\0a\nb\nc\nSYSLOG_IDENTIFIER=x\n";
	struct message m;

	assert_int_equal(native_parse(binary, sizeof(binary) - 1, &m), 0);
	assert_int_equal(m.len, 5);
	assert_memory_equal(m.text, "a\nb\nc", 5);
	assert_int_equal(m.priority, LOG_USER | 3);
	assert_string_equal(m.ident, "x");
	assert_int_equal(native_parse("MESSAGE=x\nSYSLOG_FACILITY=3\n", 28, &m), 0);
	assert_int_equal(m.priority, 3 << 3 | LOG_INFO);
	assert_int_equal(native_parse("A=b\n", 4, &m), -EBADMSG);
	assert_int_equal(native_parse("MESSAGE\n\xff\xff\xff\xff\xff\xff\xff\xffx", 17, &m), -EBADMSG);
}

static void groups(void **state)
{
	static const struct { const char *in, *unit; } rows[] = {
		{ "0::/system.slice/a.service\n", "a.service" }, { "1:name=x:/\n0::/user.slice/user-1.slice/user@1.service/app.slice/b.service\n", "user@1.service" },
		{ "0::/\n", NULL }, { "1:cpu:/a.service\n", NULL }, { "0::/system.slice/a.service/sub", "a.service" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char text[128], unit[64] = "";

		strcpy(text, rows[i].in);
		assert_int_equal(cgroup_unit_of_path(text, unit, sizeof(unit)), rows[i].unit ? 0 : -ENOENT);
		assert_string_equal(unit, rows[i].unit ?: "");
	}
}

/* ---- sinks ---- */

static void put(const char *unit, const char *text)
{
	sink_write(&(struct entry){ .unit = unit, .ident = "prog", .pid = 7, .priority = 30, .text = text, .len = strlen(text) });
}

static void to_kernel(void **state)
{
	char longer[3000];

	put("a.service", "hello\x01");
	assert_string_equal(text_of(kmsg), "<30>prog[7]: hello?\n");
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(truncate(kmsg, 0), 0);
	put("a.service", longer);                       /* four records below the kernel's limit, each with the name */
	assert_int_equal(strlen(text_of(kmsg)), 2999 + 4 * strlen("<30>prog[7]: \n"));
}

static void to_daemon(void **state)
{
	char got[512];
	ssize_t n;

	listen_as_daemon();
	put("a.service", "hello");
	n = recv(daemon_fd, got, sizeof(got) - 1, 0);
	assert_true(n > 0);
	got[n] = '\0';
	assert_true(strncmp(got, "<30>", 4) == 0);
	assert_string_equal(got + 4 + 16, "prog[7]: hello");
	assert_string_equal(text_of(kmsg), "");
}

static void rings(void **state)
{
	char path[160], old[160];
	struct stat st;

	snprintf(path, sizeof(path), "%s/a.service", ring);
	snprintf(old, sizeof(old), "%s/a.service.old", ring);
	put("a.service", "first");
	assert_non_null(strstr(text_of(path), " 30 prog 7 first\n"));
	for (int i = 0; i < 4000; i++)
		put("a.service", "again and again");
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size <= RING_FILE + 3000);
	assert_int_equal(stat(old, &st), 0);
	put("../x", "y");
	put(NULL, "y");
	snprintf(path, sizeof(path), "%s/x", root);
	assert_int_equal(access(path, F_OK), -1);
}

/* ---- streams ---- */

static void turns(void)
{
	for (int i = 0; i < 6; i++)
		assert_int_equal(loop_turn(loop, 0), 0);
}

static void send_text(int fd, const char *text) { assert_int_equal(write(fd, text, strlen(text)), strlen(text)); }

static void lines_of_a_stream(void **state)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	assert_int_equal(stream_accept(fds[0]), 0);
	send_text(fds[1], "prog\na.ser");
	turns();
	send_text(fds[1], "vice\n30\n1\n0\n0\n0\none\n<3>two\nthr");
	turns();
	assert_non_null(strstr(text_of(kmsg), "one\n<27>prog["));
	assert_null(strstr(text_of(kmsg), "thr"));
	send_text(fds[1], "ee\n\n   \nlast");
	turns();
	assert_non_null(strstr(text_of(kmsg), "three"));
	assert_null(strstr(text_of(kmsg), "last"));
	close(fds[1]);
	turns();
	assert_non_null(strstr(text_of(kmsg), "last"));
	assert_int_equal(stream_count(), 0);
}

/* a second collector gets the same socket: nothing is lost, the head is known */
static void next_collector(void **state)
{
	int fds[2], again;
	char path[160];
	struct stat st;
	FILE *f;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	again = fcntl(fds[0], F_DUPFD_CLOEXEC, 3);
	assert_int_equal(fstat(again, &st), 0);
	mkdir(heads, 0700);
	snprintf(path, sizeof(path), "%s/s%llu", heads, (unsigned long long)st.st_ino);
	f = fopen(path, "we");
	fputs(HEAD, f);
	fclose(f);
	send_text(fds[1], HEAD "before\nhalf of ");      /* kept, and not yet taken out */
	assert_int_equal(stream_resume(fds[0]), 0);
	turns();
	assert_non_null(strstr(text_of(kmsg), "before"));
	assert_null(strstr(text_of(kmsg), "a.service"));
	send_text(fds[1], "a line\n");
	turns();
	assert_non_null(strstr(text_of(kmsg), "half of a line"));
	stream_forget_others();
	assert_int_equal(access(path, F_OK), 0);
	close(fds[1]);
	turns();
	assert_int_equal(access(path, F_OK), -1);
	close(again);
}

static void limits(void **state)
{
	static const struct { const char *name, *value; } links[] = { { "log-level-max", "5" }, { "log-rate-limit-interval", "60000000" }, { "log-rate-limit-burst", "3" } };
	char path[160];
	int fds[2];

	for (size_t i = 0; i < ARRAY_SIZE(links); i++) {
		snprintf(path, sizeof(path), "%s/%s:a.service", root, links[i].name);
		assert_int_equal(symlink(links[i].value, path), 0);
	}
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	assert_int_equal(stream_accept(fds[0]), 0);
	send_text(fds[1], HEAD "info\n<5>notice\n<7>debug\n<4>w1\n<4>w2\n<4>w3\n");
	turns();
	close(fds[1]);
	turns();
	if (getuid() != 0)
		return;                                 /* its word about the unit does not count */
	assert_null(strstr(text_of(kmsg), "info"));
	assert_null(strstr(text_of(kmsg), "debug"));
	assert_non_null(strstr(text_of(kmsg), "notice"));
	assert_non_null(strstr(text_of(kmsg), "w2"));
	assert_null(strstr(text_of(kmsg), "w3"));
}

static void no_stream(void **state)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	assert_int_equal(stream_accept(fds[0]), 0);
	send_text(fds[1], "a\nb\nnonsense\n1\n1\n1\n1\n");
	turns();
	assert_int_equal(stream_count(), 0);
	close(fds[1]);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(head), TEST(syslog_lines), TEST(native), TEST(groups), TEST(to_kernel), TEST(to_daemon), TEST(rings), TEST(lines_of_a_stream),
		TEST(next_collector), TEST(limits), TEST(no_stream),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
