/*
 * test-core.c - a core that only speaks the channel: the whole-process tests give it to init as --core
 *
 * It writes what init tells, one line a packet, to the file $TEST_CORE_LOG (appending), and takes orders, one word line each, from
 * the datagram socket $TEST_CORE_SOCKET: "spawn TOKEN NAME COMMAND", "forget TOKEN", "watch TOKEN PID TICKS", "store NAME",
 * "drop NAME", "power VERB", "switch ROOT", "replace", "deaf" (answers no ping any more), "crash", "garbage". It says "ready" after "synced"
 * unless $TEST_CORE_SILENT is set. The orders in the file $TEST_CORE_SCRIPT are obeyed at the first start; "sleep MSEC" waits.
 * The program doubles as sysmaster-exec (by its name): the command blob is then a line for /bin/sh.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include "channel.ipc.h"
#include "util.h"

#define CHANNEL 3

static FILE *out;
static bool deaf, first_start;

static void obey_script(void);

static void send_frame(uint32_t event, const void *body, const int *fds, size_t n)
{
	static uint64_t seq;
	uint8_t bytes[16384];
	struct buf b = BUF_FIXED(bytes);
	union { struct cmsghdr align; char bytes[CMSG_SPACE(8 * sizeof(int))]; } control = { 0 };
	struct iovec iov;
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (msg_event_encode(++seq, msg_event_by_id(&ipc_channel_to_init_socket, event), body, &b) < 0)
		abort();
	iov = (struct iovec){ bytes, b.len };
	if (n > 0) {
		mh.msg_control = &control;
		mh.msg_controllen = CMSG_SPACE(n * sizeof(int));
		*CMSG_FIRSTHDR(&mh) = (struct cmsghdr){ .cmsg_len = CMSG_LEN(n * sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(&mh)), fds, n * sizeof(int));
	}
	if (sendmsg(CHANNEL, &mh, MSG_NOSIGNAL) < 0)
		fprintf(out, "error sendmsg %d\n", errno);
}

static int blob(const char *text)
{
	int fd = memfd_create("command", MFD_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		abort();
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static void told_child(const void *p, size_t n)
{
	static char memory[4096];
	struct arena a = ARENA_FIXED(memory);
	struct ipc_child c;

	if (ipc_child_decode(p, n, &a, &c, NULL) < 0)
		abort();
	fprintf(out, "child %llu %s pid=%u phase=%d stage=%u error=%d code=%d status=%d ticks=%llu\n", (unsigned long long)c.token, c.name, c.pid,
		c.phase, c.stage, c.error, c.code, c.status, (unsigned long long)c.start_ticks);
}

static void told_fd(const void *p, size_t n, int fd)
{
	static char memory[4096];
	struct arena a = ARENA_FIXED(memory);
	struct ipc_stored_fd f;
	char text[64] = "";

	if (ipc_stored_fd_decode(p, n, &a, &f, NULL) < 0)
		abort();
	if (pread(fd, text, sizeof(text) - 1, 0) < 0)
		snprintf(text, sizeof(text), "unreadable");
	fprintf(out, "fd %s %s\n", f.name, text);
}

static void told(const struct msg_event_frame *e, int fd)
{
	static char memory[8192];
	struct arena a = ARENA_FIXED(memory);
	struct ipc_welcome w;
	struct ipc_ping ping;
	struct ipc_signal_seen sig;

	switch (e->event) {
	case IPC_CHANNEL_TO_CORE_EV_WELCOME:
		if (ipc_welcome_decode(e->body, e->body_len, &a, &w, NULL) < 0)
			abort();
		first_start = w.core_starts == 1;
		fprintf(out, "welcome mode=%d starts=%u trust=%u unit=%s cgroup=%s pid=%d\n", w.mode, w.core_starts, w.trust, w.boot_unit,
			w.cgroup_root, (int)getpid());
		break;
	case IPC_CHANNEL_TO_CORE_EV_CHILD:
		told_child(e->body, e->body_len);
		break;
	case IPC_CHANNEL_TO_CORE_EV_STORED_FD:
		told_fd(e->body, e->body_len, fd);
		break;
	case IPC_CHANNEL_TO_CORE_EV_SYNCED:
		fputs("synced\n", out);
		if (!getenv("TEST_CORE_SILENT"))
			send_frame(IPC_CHANNEL_TO_INIT_EV_READY, &(struct ipc_ready){ .status = "testing" }, NULL, 0);
		obey_script();
		break;
	case IPC_CHANNEL_TO_CORE_EV_PING:
		if (!deaf && ipc_ping_decode(e->body, e->body_len, &a, &ping, NULL) == 0)
			send_frame(IPC_CHANNEL_TO_INIT_EV_PONG, &ping, NULL, 0);
		break;
	case IPC_CHANNEL_TO_CORE_EV_SIGNAL:
		if (ipc_signal_seen_decode(e->body, e->body_len, &a, &sig, NULL) == 0)
			fprintf(out, "signal %u\n", sig.signo);
		break;
	case IPC_CHANNEL_TO_CORE_EV_POWER:
		fputs("power\n", out);
		break;
	default:
		fprintf(out, "unknown %u\n", e->event);
	}
}

static void read_channel(void)
{
	static uint8_t bytes[16384];
	union { struct cmsghdr align; char bytes[CMSG_SPACE(sizeof(int))]; } control;
	struct iovec iov = { bytes, sizeof(bytes) };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(CHANNEL, &mh, MSG_CMSG_CLOEXEC);
	struct msg_event_frame e;
	int fd = -1;

	if (n <= 0) {
		fputs("init went away\n", out);
		exit(1);
	}
	if (CMSG_FIRSTHDR(&mh))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&mh)), sizeof(fd));
	if (msg_event_decode(bytes, (size_t)n, &e) < 0)
		abort();
	told(&e, fd);
	if (fd >= 0)
		close(fd);
}

static void order_spawn(char *rest)
{
	char *token = strsep(&rest, " "), *name = strsep(&rest, " ");
	const char *cgroup = getenv("TEST_CORE_CGROUP");
	int fds[2] = { blob(rest ? rest : ""), cgroup ? open(cgroup, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1 };

	send_frame(IPC_CHANNEL_TO_INIT_EV_SPAWN, &(struct ipc_spawn){ .token = strtoull(token, NULL, 10), .name = name, .has_cgroup = fds[1] >= 0 },
		   fds, fds[1] >= 0 ? 2 : 1);
	close(fds[0]);
	if (fds[1] >= 0)
		close(fds[1]);
}

static void order_watch(char *rest)
{
	char *token = strsep(&rest, " "), *pid = strsep(&rest, " ");

	send_frame(IPC_CHANNEL_TO_INIT_EV_WATCH, &(struct ipc_watch){ .token = strtoull(token, NULL, 10), .pid = (uint32_t)strtoul(pid, NULL, 10),
		   .start_ticks = rest ? strtoull(rest, NULL, 10) : 0, .name = "watched" }, NULL, 0);
}

static void order_store(const char *name)
{
	int fd = blob(name);

	send_frame(IPC_CHANNEL_TO_INIT_EV_STORE_FD, &(struct ipc_stored_fd){ .name = name }, &fd, 1);
	close(fd);
}

static void obey(char *line)
{
	char *word = strsep(&line, " ");

	if (streq(word, "spawn"))
		order_spawn(line);
	else if (streq(word, "forget"))
		send_frame(IPC_CHANNEL_TO_INIT_EV_FORGET, &(struct ipc_token){ .token = strtoull(line, NULL, 10) }, NULL, 0);
	else if (streq(word, "watch"))
		order_watch(line);
	else if (streq(word, "store"))
		order_store(line);
	else if (streq(word, "drop"))
		send_frame(IPC_CHANNEL_TO_INIT_EV_DROP_FD, &(struct ipc_stored_fd){ .name = line }, NULL, 0);
	else if (streq(word, "power"))
		send_frame(IPC_CHANNEL_TO_INIT_EV_POWER, &(struct ipc_power){ .verb = (enum ipc_power_verb)strtoul(line, &line, 10),
			   .exit_status = (uint8_t)strtoul(line, NULL, 10), .has_exit_status = true }, NULL, 0);
	else if (streq(word, "switch"))
		send_frame(IPC_CHANNEL_TO_INIT_EV_SWITCH_ROOT, &(struct ipc_switch_root){ .root = line, .init = "" }, NULL, 0);
	else if (streq(word, "replace")) {
		send_frame(IPC_CHANNEL_TO_INIT_EV_REPLACE, &(struct ipc_empty){ 0 }, NULL, 0);
		exit(0);
	} else if (streq(word, "sleep"))
		poll(NULL, 0, atoi(line));
	else if (streq(word, "garbage"))
		send(CHANNEL, "\xff\xfe garbage", 10, MSG_NOSIGNAL);
	else if (streq(word, "deaf"))
		deaf = true;
	else if (streq(word, "crash"))
		abort();
	else
		fputs("error unknown order\n", out);
	fprintf(out, "obeyed %s\n", word);
}

static void obey_script(void)
{
	const char *path = getenv("TEST_CORE_SCRIPT");
	FILE *f = path && first_start ? fopen(path, "re") : NULL;
	char line[1024];

	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (*line)
			obey(line);
	}
	if (f)
		fclose(f);
}

/* as sysmaster-exec: fd 3 the command, fd 4 the report; "!STAGE" reports a failure */
static int be_exec(void)
{
	char text[4096];
	ssize_t n = read(3, text, sizeof(text) - 1);
	struct { uint32_t stage; int32_t error; } report = { 200, -ENOENT };

	if (n < 0)
		return 99;
	text[n] = '\0';
	fcntl(3, F_SETFD, FD_CLOEXEC);
	fcntl(4, F_SETFD, FD_CLOEXEC);
	if (text[0] == '!')
		return write(4, &report, sizeof(report)) == sizeof(report) ? 200 : 98;
	execl("/bin/sh", "sh", "-c", text, NULL);
	return 97;
}

int main(int argc, char **argv)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	const char *path = getenv("TEST_CORE_SOCKET"), *log = getenv("TEST_CORE_LOG");
	struct pollfd fds[2] = { { CHANNEL, POLLIN, 0 }, { -1, POLLIN, 0 } };

	if (argc > 0 && endswith(argv[0], "sysmaster-exec"))
		return be_exec();
	out = log ? fopen(log, "ae") : stderr;
	if (!out)
		return 1;
	setvbuf(out, NULL, _IOLBF, 0);
	if (path) {
		snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", path);
		unlink(path);
		fds[1].fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		if (bind(fds[1].fd, (struct sockaddr *)&sa, sizeof(sa)) < 0)
			return 1;
	}
	for (;;) {
		char line[4096];
		ssize_t n;

		if (poll(fds, path ? 2 : 1, -1) < 0)
			continue;
		if (fds[0].revents)
			read_channel();
		if (path && fds[1].revents && (n = recv(fds[1].fd, line, sizeof(line) - 1, 0)) >= 0) {
			line[n] = '\0';
			obey(line);
		}
	}
}
