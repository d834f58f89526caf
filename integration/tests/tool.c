/*
 * tool.c - what the tests need inside the machine and no shell can do: services that note their starts, an exit at the
 * moment core dies, a socket-activated echo, a stop watch around kill -9, and peers without manners
 *
 * tool core-pid                    print core's pid
 * tool now                         print CLOCK_MONOTONIC in milliseconds
 * tool stamp FILE                  write CLOCK_MONOTONIC in microseconds to FILE
 * tool sleeper FILE                append own pid to FILE, then wait for a signal
 * tool exit-with-core FILE STATUS  create FILE, wait until core has died, exit with STATUS
 * tool echo                        socket activation: serve one connection of fd 3 ("pid: line"), then exit
 * tool kill-core SOCKET CMD...     kill -9 core; meanwhile talk to the echo at SOCKET; repeat CMD until it succeeds;
 *                                  print "MSEC REPLIED" (REPLIED 1 when the echo answered)
 * tool talk SOCKET LINE            send a line, print what comes back within ten seconds
 * tool once SOCKET METHOD           send one request (an empty body) and wait for the answer or the end of the connection;
 *                                  unlike a real client it never sends again, so it may ask a daemon to die
 * tool pty LINK                    a pseudo terminal, LINK leads to it, LINK.pid has the process that reads it; ends after a minute
 * tool rude silent|garbage|flood SOCKET
 *                                  connect; say nothing, or noise, or 100000 requests whose answers are not read; stay until killed
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define FLOOD_REQUESTS 100000

extern char **environ;

static double now_msec(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int read_stat(const char *pid, char comm[32], int *ppid)
{
	char path[64], line[512], *end;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	if (!fgets(line, sizeof(line), f))
		line[0] = '\0';
	fclose(f);
	end = strrchr(line, ')');
	if (!end || sscanf(line, "%*d (%31[^)]", comm) != 1 || sscanf(end + 1, " %*c %d", ppid) != 1)
		return -EBADMSG;
	return 0;
}

/* core is the child of PID 1 that bears its name and is not just being replaced */
static pid_t core_pid(void)
{
	DIR *d = opendir("/proc");
	pid_t pid = 0;
	char comm[32];
	int ppid;

	for (struct dirent *e; d && !pid && (e = readdir(d));)
		if (isdigit((unsigned char)e->d_name[0]) && read_stat(e->d_name, comm, &ppid) == 0 &&
		    ppid == 1 && strcmp(comm, "sysmaster-core") == 0)
			pid = atoi(e->d_name);
	if (d)
		closedir(d);
	return pid;
}

static int do_core_pid(char **argv)
{
	pid_t pid = core_pid();

	(void)argv;
	printf("%d\n", pid);
	return pid ? 0 : 1;
}

static int do_now(char **argv)
{
	(void)argv;
	printf("%.0f\n", now_msec());
	return 0;
}

static int do_stamp(char **argv)
{
	double msec = now_msec();	/* before anything else that takes time */
	FILE *f = fopen(argv[0], "we");

	return f && fprintf(f, "%.0f\n", msec * 1e3) > 0 && fclose(f) == 0 ? 0 : 1;
}

static int do_sleeper(char **argv)
{
	char line[16];
	int n = snprintf(line, sizeof(line), "%d\n", getpid());
	int fd = open(argv[0], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, line, (size_t)n) != n)
		return 1;
	close(fd);
	for (;;)
		pause();
}

static int do_exit_with_core(char **argv)
{
	int core = (int)syscall(SYS_pidfd_open, core_pid(), 0);
	struct pollfd p = { .fd = core, .events = POLLIN };
	int fd;

	if (core < 0)
		return 255;
	fd = open(argv[0], O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0 || poll(&p, 1, -1) != 1)
		return 255;
	return atoi(argv[1]);
}

static int do_echo(char **argv)
{
	char line[256], answer[300];
	int fd = accept4(3, NULL, NULL, SOCK_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, line, sizeof(line) - 1);

	(void)argv;
	if (n < 0)
		return 1;
	line[n] = '\0';
	n = snprintf(answer, sizeof(answer), "%d: %s", getpid(), line);
	return write(fd, answer, (size_t)n) == n ? 0 : 1;
}

static int connect_to(const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0) {
		perror(path);
		exit(1);
	}
	return fd;
}

/* in a child: one line there and back, within ten seconds */
static int talk_to_echo(const char *path)
{
	char line[64];
	int fd = connect_to(path);
	struct pollfd p = { .fd = fd, .events = POLLIN };

	if (write(fd, "hello\n", 6) != 6 || poll(&p, 1, 10000) != 1)
		return 1;
	return read(fd, line, sizeof(line)) > 7 ? 0 : 1;
}

static int do_talk(char **argv)
{
	char line[512];
	int fd = connect_to(argv[0]), n = snprintf(line, sizeof(line), "%s\n", argv[1]);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t got;

	if (write(fd, line, (size_t)n) != n || poll(&p, 1, 10000) != 1)
		return 1;
	got = read(fd, line, sizeof(line));
	return got > 0 && fwrite(line, 1, (size_t)got, stdout) == (size_t)got ? 0 : 1;
}

static int run_quietly(char **cmd)
{
	posix_spawn_file_actions_t fa;
	pid_t pid;
	int status = 1;

	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_addopen(&fa, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&fa, 2, "/dev/null", O_WRONLY, 0);
	if (posix_spawnp(&pid, cmd[0], &fa, NULL, cmd, environ) == 0)
		waitpid(pid, &status, 0);
	posix_spawn_file_actions_destroy(&fa);
	return status;
}

static int do_kill_core(char **argv)
{
	pid_t core = core_pid(), peer;
	double t0, t1;
	int status = 1;

	if (!core)
		return 1;
	t0 = now_msec();
	if (kill(core, SIGKILL) < 0)
		return 1;
	peer = fork();
	if (peer == 0)
		_exit(talk_to_echo(argv[0]));
	while (run_quietly(argv + 1) != 0)
		if (now_msec() - t0 > 30000)
			return 1;
	t1 = now_msec();
	waitpid(peer, &status, 0);
	printf("%.1f %d\n", t1 - t0, status == 0);
	return 0;
}

/* SP header, request id, [id, method, {}]: room for the two numbers that differ */
#define FRAME_SIZE (9 + 4 + 12)
static const uint8_t hello[8] = { 0, 'S', 'P', 0, 0, 0x30, 0, 0 };

static void make_frame(uint8_t out[FRAME_SIZE], uint32_t id, uint8_t method)
{
	static const uint8_t form[FRAME_SIZE] = { 1, 0, 0, 0, 0, 0, 0, 0, 16, 0x80, 0, 0, 0, 0x93, 0xcf, 0x80 };

	memcpy(out, form, FRAME_SIZE);
	out[20] = (uint8_t)(id >> 16);
	out[21] = (uint8_t)(id >> 8);
	out[22] = (uint8_t)id;
	out[23] = method;	/* below 128 a number is its own msgpack */
	out[24] = 0x80;
}

static int do_once(char **argv)
{
	uint8_t frame[FRAME_SIZE], answer[512];
	int fd = connect_to(argv[0]);
	struct pollfd p = { .fd = fd, .events = POLLIN };

	make_frame(frame, (uint32_t)getpid(), (uint8_t)atoi(argv[1]));
	if (send(fd, hello, sizeof(hello), MSG_NOSIGNAL) != sizeof(hello) || recv(fd, answer, sizeof(hello), MSG_WAITALL) != sizeof(hello) ||
	    send(fd, frame, sizeof(frame), MSG_NOSIGNAL) != sizeof(frame))
		return 1;
	return poll(&p, 1, 10000) == 1 ? 0 : 1;
}

static void rude_noise(int fd)
{
	uint8_t noise[4096];
	uint32_t x = 2463534242U;

	for (size_t i = 0; i < sizeof(noise); i++) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		noise[i] = (uint8_t)x;
	}
	for (int i = 0; i < 64; i++)
		if (send(fd, noise, sizeof(noise), MSG_NOSIGNAL) < 0)
			return;
}

/* each request is well formed; the answers are left unread */
static int rude_flood(int fd)
{
	uint8_t frame[FRAME_SIZE];
	int sent = 0;

	if (send(fd, hello, sizeof(hello), MSG_NOSIGNAL) != sizeof(hello))
		return 0;
	for (; sent < FLOOD_REQUESTS; sent++) {
		struct pollfd p = { .fd = fd, .events = POLLOUT };

		make_frame(frame, (uint32_t)sent, 1);
		if (poll(&p, 1, 3000) != 1 || (p.revents & (POLLERR | POLLHUP)))
			break;	/* the daemon has stopped taking, or hung up: both are its right */
		if (send(fd, frame, sizeof(frame), MSG_NOSIGNAL) != sizeof(frame))
			break;
	}
	return sent;
}

static int do_rude(char **argv)
{
	int fd = connect_to(argv[1]);

	if (strcmp(argv[0], "garbage") == 0)
		rude_noise(fd);
	else if (strcmp(argv[0], "flood") == 0)
		fprintf(stderr, "sent %d requests\n", rude_flood(fd));
	while (pause() < 0)
		continue;	/* a handled signal does not end it, a fatal one does */
	return 0;
}

static int do_pty(char **argv)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	char path[4096], mem[4096];
	FILE *f;
	pid_t pid;

	if (master < 0 || unlockpt(master) < 0)
		return 1;
	unlink(argv[0]);
	if (symlink(ptsname(master), argv[0]) < 0)
		return 1;
	/* held open here too: else reading ends whenever nobody has it */
	if (open(argv[0], O_RDWR | O_NOCTTY | O_CLOEXEC) < 0 || (pid = fork()) < 0)
		return 1;
	if (pid == 0) {
		alarm(60);
		while (read(master, mem, sizeof(mem)) > 0 || errno == EIO)
			continue;
		_exit(0);
	}
	snprintf(path, sizeof(path), "%s.pid", argv[0]);
	f = fopen(path, "we");
	return f && fprintf(f, "%d\n", pid) > 0 && fclose(f) == 0 ? 0 : 1;
}

static const struct verb {
	const char *name;
	int args;
	int (*run)(char **argv);
} verbs[] = {
	{ "core-pid", 0, do_core_pid },
	{ "now", 0, do_now },
	{ "stamp", 1, do_stamp },
	{ "sleeper", 1, do_sleeper },
	{ "exit-with-core", 2, do_exit_with_core },
	{ "echo", 0, do_echo },
	{ "kill-core", 2, do_kill_core },
	{ "talk", 2, do_talk },
	{ "once", 2, do_once },
	{ "pty", 1, do_pty },
	{ "rude", 2, do_rude },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc >= 2 && i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(argv[1], verbs[i].name) == 0 && argc - 2 >= verbs[i].args)
			return verbs[i].run(argv + 2);
	fprintf(stderr, "usage: tool VERB ARGUMENT...\n");
	return 2;
}
