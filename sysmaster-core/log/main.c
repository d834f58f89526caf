/*
 * main.c - sysmaster-log: writes what services say, with their names, to where logs go
 *
 * Sockets come from systemd-journald.socket, told apart by their addresses: streams at .../stdout, journald's native datagrams at
 * .../socket, syslog(3) at any other. Read stream.h next. State: the streams' sockets with the manager, their heads and the rings in
 * /run/sysmaster/log; a kill at any instant loses no line.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include "log.h"
#include "log/cgroup.h"
#include "sdnotify.h"
#include "log/parse.h"
#include "log/sink.h"
#include "log/stream.h"
#include "sandbox.h"
#include "version.h"

#define RING_DIR "/run/sysmaster/log"
#define DATAGRAM_MAX (256u << 10)
#define A_TURN 64                       /* connections or datagrams of one socket in a row */

struct door { struct source source; void (*take)(int fd); };

static struct door doors[8];
static unsigned n_doors;
static struct timer watchdog;
static uint64_t watchdog_usec;
static struct loop *loop;

/* ---- the doors ---- */

static void take_stream(int fd)
{
	for (int i = 0; i < A_TURN; i++) {
		int c = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (c < 0)
			return;
		if (stream_accept(c) < 0)
			log_event(LOG_WARNING, "LOG_STREAM", "a stream cannot be taken in");
	}
}

/* a message too long for a datagram comes as a sealed memfd */
static ssize_t read_memfd(int fd, char *text, size_t size)
{
	int seals = fcntl(fd, F_GET_SEALS);

	if (seals < 0 || !(seals & F_SEAL_WRITE) || !(seals & F_SEAL_SHRINK))
		return -1;                              /* its sender could change it under us, or it is no file of that kind */
	return pread(fd, text, size, 0);
}

static ssize_t receive(int fd, char *text, size_t size, struct ucred *sender)
{
	union { struct cmsghdr h; char space[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(sizeof(int) * 8)]; } control;
	struct iovec iov = { text, size };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	*sender = (struct ucred){ 0 };
	for (struct cmsghdr *c = n < 0 ? NULL : CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		if (c->cmsg_level != SOL_SOCKET)
			continue;
		if (c->cmsg_type == SCM_CREDENTIALS && c->cmsg_len >= CMSG_LEN(sizeof(*sender)))
			memcpy(sender, CMSG_DATA(c), sizeof(*sender));
		for (size_t i = 0; c->cmsg_type == SCM_RIGHTS && i < (c->cmsg_len - CMSG_LEN(0)) / sizeof(int); i++) {
			int passed;

			memcpy(&passed, CMSG_DATA(c) + i * sizeof(int), sizeof(passed));
			if (n == 0 && i == 0)
				n = MAX(read_memfd(passed, text, size), (ssize_t)0);
			close(passed);
		}
	}
	return n;
}

static void take_datagrams(int fd, bool native)
{
	static char text[DATAGRAM_MAX];
	struct ucred sender;
	ssize_t n;

	for (int i = 0; i < A_TURN && (n = receive(fd, text, sizeof(text), &sender)) >= 0; i++) {
		char unit[PARSE_UNIT_MAX] = "";
		struct message m;

		if (n == 0 || (native ? native_parse(text, (size_t)n, &m) : (syslog_parse(text, (size_t)n, &m), 0)) < 0)
			continue;
		cgroup_unit((uint32_t)sender.pid, unit, sizeof(unit));
		if (sender.uid != 0 && (m.priority >> 3) == 0)
			m.priority |= 1u << 3;          /* the kernel's facility is the kernel's */
		/* text of several lines is several entries */
		for (const char *p = m.text, *end = m.text + m.len; p < end;) {
			const char *eol = memchr(p, '\n', (size_t)(end - p)) ?: end;

			sink_write(&(struct entry){ .unit = unit, .ident = m.ident, .pid = (uint32_t)sender.pid ?: m.pid, .priority = m.priority, .text = p, .len = (size_t)(eol - p) });
			p = eol + 1;
		}
	}
}
static void take_native(int fd) { take_datagrams(fd, true); }
static void take_syslog(int fd) { take_datagrams(fd, false); }

static int door_fire(struct source *s, uint32_t events)
{
	container_of(s, struct door, source)->take(s->fd);
	return 0;
}

static int open_door(int fd)
{
	struct sockaddr_un sa = { .sun_family = AF_UNSPEC };
	socklen_t len = sizeof(sa);
	int type = 0, on = 1;
	socklen_t type_len = sizeof(type);

	if (n_doors == ARRAY_SIZE(doors) || getsockname(fd, (struct sockaddr *)&sa, &len) < 0 || getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_len) < 0)
		return -EBADF;
	struct door *d = &doors[n_doors++];

	fcntl(fd, F_SETFL, O_NONBLOCK);
	setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
	d->take = type == SOCK_STREAM ? take_stream : endswith(sa.sun_path, "/socket") ? take_native : take_syslog;
	return source_add(loop, &d->source, fd, EPOLLIN, door_fire);
}

/* what the manager hands over: doors, and streams that it kept */
static int take_fds(void)
{
	const char *n_text = getenv("LISTEN_FDS"), *pid = getenv("LISTEN_PID"), *names = getenv("LISTEN_FDNAMES");
	int n = n_text && pid && atoi(pid) == (int)getpid() ? atoi(n_text) : 0;
	_cleanup_(freep) char *copy = strdup(names ?: "");
	char *rest = copy;

	for (int i = 0; i < n; i++) {
		const char *name = rest ? strsep(&rest, ":") : "";
		struct stat st;
		int r;

		if (fstat(3 + i, &st) < 0)
			continue;
		fcntl(3 + i, F_SETFD, FD_CLOEXEC);
		r = name[0] == 's' && name[1] && strspn(name + 1, "0123456789") == strlen(name + 1) ? stream_resume(3 + i) : open_door(3 + i);
		if (r < 0)
			log_event(LOG_WARNING, "LOG_FD", "a descriptor from the manager is of no use", F_STR("NAME", name), F_ERRNO(r));
	}
	stream_forget_others();
	return n_doors ? 0 : -ENOTCONN;
}

/* ---- life ---- */

static int feed(struct timer *t)
{
	sdnotify_send("WATCHDOG=1", -1);
	return timer_set(loop, t, now_usec(CLOCK_BOOTTIME) + watchdog_usec / 2, feed);
}

static const struct sandbox_group groups[] = {
	{ "memory", sandbox_memory }, { "files", sandbox_files }, { "time", sandbox_time }, { "waiting", sandbox_poll },
	{ "sockets", sandbox_sockets }, { "locks of libc", sandbox_threads }, { "signals", sandbox_signals }, { "leaving", sandbox_exit },
};
static const struct sandbox_list list = { "sysmaster-log", groups, ARRAY_SIZE(groups) };

static int run(void)
{
	static const struct sink_config sinks = { RING_DIR, "/dev/log", "/dev/kmsg" };
	const char *w = getenv("WATCHDOG_USEC");
	int r = loop_new(&loop, 4, false);

	if (r >= 0)
		r = sdnotify_open();
	if (r >= 0)
		r = sink_open(&sinks);
	if (r >= 0)
		r = stream_open(loop, RING_DIR "/.streams", "/run/systemd/units");
	if (r >= 0)
		r = sandbox_enter(&list);               /* what is read next is foreign */
	if (r >= 0)
		r = take_fds();
	if (r < 0)
		return r;
	watchdog_usec = w ? strtoull(w, NULL, 10) : 0;
	if (watchdog_usec)
		feed(&watchdog);
	sdnotify_send("READY=1\nSTATUS=Collecting.", -1);
	return loop_run(loop);
}

int main(int argc, char **argv)
{
	int r;

	if (argc > 1) {
		printf("sysmaster-log %s: the log collector, started by sysmaster-core\n", SYSMASTER_VERSION);
		return streq(argv[1], "--help") || streq(argv[1], "--version") ? 0 : 2;
	}
	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	umask(0022);
	tzset();
	log_open("sysmaster-log", access("/dev/kmsg", W_OK) == 0 ? LOG_TO_KMSG : LOG_TO_STDERR, NULL);
	r = run();
	log_event(LOG_ERR, "LOG_ENDED", r == -ENOTCONN ? "no socket came from the service manager" : "cannot go on", F_ERRNO(r));
	return 1;
}
