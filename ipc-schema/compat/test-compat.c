/*
 * test-compat.c - a program built from the older schema (the .ipc files of this folder) and a daemon built from today's
 *
 * Evolution adds optional fields only. When this test says "missing", the new field was not optional; when it says "refused", a type,
 * range or length was made narrower or wider than the older program takes. The copy is renewed with a release, never to please the test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include "core.ipc.h"
#include "fill.h"
#include "server.h"

static char dir[] = "/tmp/test-compat.XXXXXX", old[PATH_MAX], path[64], events_path[64];

/* Runs the older program; its exit status, and what it printed. */
static int run_old(const char *words, char *said, size_t size)
{
	char command[PATH_MAX + 512];
	size_t n;
	FILE *p;
	int status;

	snprintf(command, sizeof(command), "%s %s 2>&1", old, words);
	p = popen(command, "re");
	assert_non_null(p);
	n = fread(said, 1, size - 1, p);
	said[n] = '\0';
	status = pclose(p);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void write_new(const struct msg_desc *d)
{
	_cleanup_(freep) void *v = malloc(d->size);
	_cleanup_(buf_finish) struct buf b = { 0 };
	_cleanup_(closep) int fd = -1;
	struct arena a = ARENA_HEAP(1 << 20);
	char name[256];

	snprintf(name, sizeof(name), "%s/%s.new", dir, d->name);
	assert_int_equal(fill(d, v, true, &a), 0);
	assert_int_equal(msg_encode(d, v, &b), 0);
	fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, b.data, b.len), b.len);
	arena_reset(&a);
}

/* A struct that is new today has no older form. */
static void read_old(const struct msg_desc *d, const char *form)
{
	_cleanup_(freep) void *v = malloc(d->size);
	_cleanup_(closep) int fd = -1;
	struct arena a = ARENA_HEAP(1 << 20);
	char name[256], why[MSG_WHY] = "";
	static char bytes[1 << 16];
	ssize_t n;

	snprintf(name, sizeof(name), "%s/%s.%s", dir, d->name, form);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	n = read(fd, bytes, sizeof(bytes));
	assert_true(n >= 0);
	if (msg_decode(d, bytes, (size_t)n, &a, v, why) < 0)
		fail_msg("struct %s: what the older schema writes (%s) is refused today: %s", d->name, form, why);
	arena_reset(&a);
}

static void every_struct_both_ways(void **state)
{
	char words[128], said[8192];

	for (const struct msg_desc *const *d = msg_descs; *d; d++)
		write_new(*d);
	snprintf(words, sizeof(words), "structs %s", dir);
	if (run_old(words, said, sizeof(said)) != 0)
		fail_msg("%s", said);
	for (const struct msg_desc *const *d = msg_descs; *d; d++) {
		read_old(*d, "short");
		read_old(*d, "long");
	}
}

/* -- a daemon of today's schema */

static int answer(struct server_call *c, const void *req, void *rep)
{
	return fill(c->method->rep, rep, true, c->arena);
}

static int list_units(struct server_call *c, const void *req, void *rep)
{
	const struct ipc_list_units_request *in = req;

	if (in->n_patterns != 1 || !streq(in->patterns[0], "a*"))
		return -EINVAL;
	return answer(c, req, rep);
}

static int refuse(struct server_call *c, const void *req, void *rep)
{
	c->error = "not today";
	return -EBUSY;
}

static const struct server_method methods[] = {
	{ IPC_CORE_STATUS, answer }, { IPC_CORE_SUBMIT, answer }, { IPC_CORE_LIST_UNITS, list_units }, { IPC_CORE_CANCEL_JOB, refuse },
};

static struct { struct loop *loop; struct server *server; struct source stop; pthread_t thread; int stop_fd; } d;

static int stop_fire(struct source *s, uint32_t events)
{
	loop_exit(s->loop, 0);
	return 0;
}

static void *run(void *arg)
{
	loop_run(d.loop);
	return NULL;
}

static int start(void **state)
{
	struct server_config config = { .socket = &ipc_core_socket, .path = path, .events_path = events_path, .methods = methods,
					.n_methods = ARRAY_SIZE(methods) };

	d.stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (loop_new(&d.loop, 4, false) < 0 || source_add(d.loop, &d.stop, d.stop_fd, EPOLLIN, stop_fire) < 0 ||
	    server_new(&d.server, &config) < 0 || server_start(d.server, d.loop) < 0)
		return -1;
	return pthread_create(&d.thread, NULL, run, NULL);
}

static int stop(void **state)
{
	eventfd_write(d.stop_fd, 1);
	pthread_join(d.thread, NULL);
	source_del(&d.stop);
	server_free(d.server);
	loop_free(d.loop);
	closep(&d.stop_fd);
	return 0;
}

static void old_client(void **state)
{
	static const struct { const char *words; int status; const char *part; } rows[] = {
		{ "status", 0, "{\"version\":\"x\",\"state\":\"x\",\"units\":1," },
		{ "submit units=a.service type=start mode=replace", 0, "{\"jobs\":[{\"id\":1,\"unit\":\"x\",\"type\":\"start\"," },
		{ "list_units 'patterns=a*'", 0, "{\"units\":[{\"id\":\"x\"," },
		{ "list_units 'patterns=b'", 1, "core: list_units: Invalid argument" },
		{ "cancel_job id=1", 1, "core: cancel_job: Device or resource busy: not today" },
		{ "reload", 1, "core: reload: Function not implemented: this daemon does not offer the method" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char words[256], said[8192];
		int status;

		snprintf(words, sizeof(words), "call core@%s %s", path, rows[i].words);
		status = run_old(words, said, sizeof(said));
		if (status != rows[i].status || strncmp(said, rows[i].part, strlen(rows[i].part)) != 0)
			fail_msg("%s: status %d: %s", rows[i].words, status, said);
	}
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(every_struct_both_ways),
	cmocka_unit_test_setup_teardown(old_client, start, stop),
};

int main(void)
{
	ssize_t n = readlink("/proc/self/exe", old, sizeof(old) - 16);
	char command[128];
	int r;

	if (n < 0 || !mkdtemp(dir))
		return 1;
	old[n] = '\0';
	strcpy(strrchr(old, '/') + 1, "compat-old");    /* beside the test */
	snprintf(path, sizeof(path), "%s/sock", dir);
	snprintf(events_path, sizeof(events_path), "%s/events", dir);
	r = cmocka_run_group_tests(tests, NULL, NULL);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	return system(command) == 0 ? r : 1;
}
