/*
 * main.c - sysmaster-busname owned|lost NAME: wait until that name is owned on the system bus, or no longer is, and end with 0
 *
 * Core, which may wait for nobody, has one of these beside each Type=dbus service. While there is no bus it waits for one. A name of
 * which nothing can be learnt (the bus refuses it) ends with 1. It has its own user, no privileges and a list of system calls.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include "dbus.h"
#include "log.h"
#include "sandbox.h"

#define BUS "/run/dbus/system_bus_socket"
#define RETRY_NSEC (200L * 1000 * 1000)

enum { HELLO = 1, ADD_MATCH, HAS_OWNER };

struct bus { int fd; struct buf in; const char *name; bool wanted; };

static const struct sandbox_group groups[] = {
	{ "memory", sandbox_memory }, { "reading and writing", (const char *const[]){ "read", "write", "close", "exit", "exit_group", NULL } },
	{ "the bus", (const char *const[]){ "socket:unix", "connect", "sendto", "recvfrom", NULL } },
	{ "waiting for it", (const char *const[]){ "clock_nanosleep", "nanosleep", "clock_gettime", "restart_syscall", NULL } },
};
static const struct sandbox_list list = { "sysmaster-busname", groups, ARRAY_SIZE(groups) };

static int send_all(int fd, const void *data, size_t n)
{
	for (size_t done = 0; done < n;) {
		ssize_t k = send(fd, (const char *)data + done, n - done, MSG_NOSIGNAL);

		if (k < 0 && errno != EINTR)
			return -errno;
		done += k > 0 ? (size_t)k : 0;
	}
	return 0;
}

/* more bytes of the bus. 0 or -errno; -ECONNRESET: it is gone */
static int receive(struct bus *b)
{
	char some[4096];
	ssize_t n = recv(b->fd, some, sizeof(some), 0);

	if (n <= 0)
		return n == 0 ? -ECONNRESET : errno == EINTR ? 0 : -errno;
	if (b->in.len > DBUS_MESSAGE_MAX)
		return -EMSGSIZE;
	buf_add(&b->in, some, (size_t)n);
	return buf_error(&b->in);
}

static int authenticate(struct bus *b)
{
	char digits[16], line[64] = "AUTH EXTERNAL ";
	const uint8_t *end;
	int r;

	snprintf(digits, sizeof(digits), "%u", (unsigned)getuid());
	for (const char *d = digits; *d; d++)
		snprintf(line + strlen(line), sizeof(line) - strlen(line), "%02x", (unsigned char)*d);
	strcat(line, "\r\n");
	r = send_all(b->fd, "", 1);
	if (r == 0)
		r = send_all(b->fd, line, strlen(line));
	while (r == 0 && !(end = b->in.len ? memchr(b->in.data, '\n', b->in.len) : NULL))
		r = receive(b);
	if (r < 0)
		return r;
	if (b->in.len < 3 || memcmp(b->in.data, "OK ", 3) != 0)
		return -EACCES;
	buf_drop_front(&b->in, (size_t)(end - b->in.data) + 1);
	return send_all(b->fd, "BEGIN\r\n", 7);
}

static int ask(struct bus *b)
{
	_cleanup_(buf_finish) struct buf out = { 0 };
	char rule[512];

	snprintf(rule, sizeof(rule), "type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',"
		 "member='NameOwnerChanged',path='/org/freedesktop/DBus',arg0='%s'", b->name);
	dbus_call(&out, HELLO, "Hello", NULL);
	dbus_call(&out, ADD_MATCH, "AddMatch", rule);
	dbus_call(&out, HAS_OWNER, "NameHasOwner", b->name);
	return buf_error(&out) < 0 ? buf_error(&out) : send_all(b->fd, out.data, out.len);
}

/* 1: it is as wanted; 0: not yet */
static int judge(struct bus *b, const struct dbus_message *m)
{
	bool owned;

	if (m->type == DBUS_ERROR && m->reply_serial >= HELLO && m->reply_serial <= HAS_OWNER)
		return -EINVAL;
	if (m->type == DBUS_RETURN && m->reply_serial == HAS_OWNER)
		return dbus_body_bool(m, &owned) < 0 ? -EBADMSG : owned == b->wanted;
	if (m->type == DBUS_SIGNAL && strcmp(m->member, "NameOwnerChanged") == 0) {
		const char *name = dbus_body_string(m, 0), *owner = dbus_body_string(m, 2);

		if (!name || !owner)
			return -EBADMSG;
		return strcmp(name, b->name) == 0 && (*owner != 0) == b->wanted;
	}
	return 0;
}

static int talk(struct bus *b)
{
	int r = authenticate(b);

	if (r == 0)
		r = ask(b);
	while (r == 0) {
		struct dbus_message m;
		ssize_t n = dbus_parse(b->in.data, b->in.len, &m);

		if (n < 0)
			return (int)n;
		r = n ? judge(b, &m) : receive(b);
		if (n)
			buf_drop_front(&b->in, (size_t)n);
	}
	return r;
}

static int once(struct bus *b)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX, .sun_path = BUS };
	int r;

	b->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (b->fd < 0)
		return -errno;
	r = connect(b->fd, (struct sockaddr *)&sa, sizeof(sa)) < 0 ? -errno : talk(b);
	close(b->fd);
	buf_finish(&b->in);
	return r;
}

int main(int argc, char **argv)
{
	struct bus b = { .fd = -1, .name = argc == 3 ? argv[2] : NULL, .wanted = argc == 3 && streq(argv[1], "owned") };
	int r;

	if (argc != 3 || (!b.wanted && !streq(argv[1], "lost")) || strpbrk(b.name, "'\\") || strlen(b.name) > 255) {
		fprintf(stderr, "usage: sysmaster-busname owned|lost NAME\n");
		return 2;
	}
	log_open("sysmaster-busname", LOG_TO_STDERR, NULL);
	r = sandbox_enter(&list);
	if (r < 0) {
		fprintf(stderr, "sysmaster-busname: sandbox: %s\n", strerror(-r));
		return 1;
	}
	while ((r = once(&b)) <= 0) {
		if (r == -EINVAL || r == -EBADMSG || r == -EACCES)
			return 1;
		nanosleep(&(struct timespec){ .tv_nsec = RETRY_NSEC }, NULL);   /* no bus, or it went away */
	}
	return 0;
}
