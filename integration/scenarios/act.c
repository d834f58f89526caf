/*
 * act.c - the daemon that every scenario's units run: it does what its arguments say, word by word
 *
 *   NAME=VALUE...        sd_notify(3) with this line; lines joined by "," words in between go out as one datagram
 *   fd NAME              store a descriptor with the service manager (FDSTORE=1, FDNAME=NAME)
 *   log FILE TEXT        append a line to FILE
 *   +MSEC                sleep so long
 *   stay                 wait for signals, for ever
 *   exit STATUS          end
 *   die SIGNAL           end by that signal
 *   ignore SIGNAL        from now on
 *   on SIGNAL FILE       when it comes: append "SIGNAL" to FILE and go on waiting
 *   quit SIGNAL STATUS   when it comes: end with STATUS
 *   reloads SIGNAL MSEC  when it comes: RELOADING=1 with MONOTONIC_USEC=, so much later READY=1; MSEC negative: without MONOTONIC_USEC=
 *   fork                 go on as a child; the parent ends with 0
 *   twin                 a child that only sleeps (killed by SIGTERM) stays beside
 *   setsid               a session of its own
 *   pidfile FILE         own process id
 *   fds FILE             append a description of each descriptor passed by socket activation or the fd store
 *   take FILE            serve fd 3 once: accept (if it listens), read a line, append "got LINE", answer "done"
 *   serve FILE           the same for ever, on all passed descriptors
 *   send KIND ADDRESS TEXT   client: KIND stream, dgram, seqpacket, tcp, tcp6, udp, fifo, mq; says what comes back within 5 s
 *   hold KIND ADDRESS    client: connect and keep the connection
 *   runs FILE N          append a line to FILE; skip the words up to "else" from the Nth run on (count of lines before >= N)
 *   else                 (target of runs) nothing by itself
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define MAX_SIGNALS 65
static const char *on_file[MAX_SIGNALS];
static int quit_status[MAX_SIGNALS];
static int reload_msec[MAX_SIGNALS];     /* 0: it does not reload */
static void reload(int msec);
static const char *const names[] = { [SIGHUP] = "HUP", [SIGINT] = "INT", [SIGQUIT] = "QUIT", [SIGABRT] = "ABRT", [SIGKILL] = "KILL",
				     [SIGUSR1] = "USR1", [SIGSEGV] = "SEGV", [SIGUSR2] = "USR2", [SIGPIPE] = "PIPE", [SIGALRM] = "ALRM",
				     [SIGTERM] = "TERM", [SIGCONT] = "CONT", [SIGWINCH] = "WINCH" };

static void fail(const char *what)
{
	fprintf(stderr, "act: %s: %s\n", what, strerror(errno));
	exit(111);
}

static int signal_of(const char *name)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i] && strcmp(names[i], name) == 0)
			return (int)i;
	errno = EINVAL;
	fail(name);
	return 0;
}

/* one write: lines of several processes do not mix */
static void append(const char *file, const char *text)
{
	char line[600];
	int n = snprintf(line, sizeof(line), "%s\n", text), fd = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);

	if (fd < 0 || write(fd, line, (size_t)n) != n)
		fail(file);
	close(fd);
}

static void handler(int signo)
{
	char line[32];
	int n = snprintf(line, sizeof(line), "%s\n", names[signo]), fd;

	if (on_file[signo]) {
		fd = open(on_file[signo], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
		if (fd < 0 || write(fd, line, (size_t)n) != n)
			_exit(112);
		close(fd);
	}
	if (reload_msec[signo])
		reload(reload_msec[signo]);
	if (quit_status[signo] >= 0)
		_exit(quit_status[signo]);
}

static void handle(int signo)
{
	struct sigaction sa = { .sa_handler = handler, .sa_flags = SA_RESTART };

	sigaction(signo, &sa, NULL);
}

/* ---- sd_notify ---- */

static void notify(const char *text, int fd)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	struct iovec iov = { .iov_base = (char *)(uintptr_t)text, .iov_len = strlen(text) };
	union { struct cmsghdr h; char space[CMSG_SPACE(sizeof(int))]; } c = { .h = { .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS } };
	struct msghdr m = { .msg_name = &sa, .msg_iov = &iov, .msg_iovlen = 1 };
	int s;

	if (!path || strlen(path) >= sizeof(sa.sun_path))
		return;
	strcpy(sa.sun_path, path);
	m.msg_namelen = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
	if (*path == '@')
		sa.sun_path[0] = 0;
	if (fd >= 0) {
		m.msg_control = &c;
		m.msg_controllen = sizeof(c);
		memcpy(CMSG_DATA(&c.h), &fd, sizeof(fd));
	}
	s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s < 0 || sendmsg(s, &m, MSG_NOSIGNAL) < 0)
		fail("sd_notify");
	close(s);
}

static void reload(int msec)
{
	struct timespec now, pause = { abs(msec) / 1000, abs(msec) % 1000 * 1000000L };
	char text[80] = "RELOADING=1";

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (msec > 0)
		snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%lld", now.tv_sec * 1000000LL + now.tv_nsec / 1000);
	notify(text, -1);
	while (nanosleep(&pause, &pause) < 0 && errno == EINTR)
		;
	notify("READY=1", -1);
}

static void store_fd(const char *name)
{
	char text[300];
	int p[2];

	/* a pipe whose other end stays open here and is gone with this process; a memfd never hangs up */
	p[0] = memfd_create(name, MFD_CLOEXEC);
	snprintf(text, sizeof(text), "FDSTORE=1\nFDNAME=%s", name);
	notify(text, p[0]);
	close(p[0]);
}

/* ---- passed descriptors ---- */

static int passed(void) { return getenv("LISTEN_FDS") ? atoi(getenv("LISTEN_FDS")) : 0; }

static void describe_socket(int fd, char *out, size_t size)
{
	static const char *const types[] = { [SOCK_STREAM] = "stream", [SOCK_DGRAM] = "dgram", [SOCK_RAW] = "raw", [SOCK_SEQPACKET] = "seqpacket" };
	struct sockaddr_storage sa = { 0 };
	socklen_t n = sizeof(sa), i = sizeof(int);
	int type = 0, listening = 0, cred = 0, keep = 0, sec = 0;
	char where[160] = "";

	getsockname(fd, (struct sockaddr *)&sa, &n);
	getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &i); i = sizeof(int);
	getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &i); i = sizeof(int);
	getsockopt(fd, SOL_SOCKET, SO_PASSCRED, &cred, &i); i = sizeof(int);
	getsockopt(fd, SOL_SOCKET, SO_PASSSEC, &sec, &i); i = sizeof(int);
	getsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &keep, &i);
	if (sa.ss_family == AF_UNIX) {
		struct sockaddr_un *un = (struct sockaddr_un *)&sa;

		snprintf(where, sizeof(where), "%s%.100s", n > 2 && !un->sun_path[0] ? "@" : "", n > 2 ? un->sun_path + !un->sun_path[0] : "");
	} else if (sa.ss_family == AF_INET) {
		snprintf(where, sizeof(where), ":%d", ntohs(((struct sockaddr_in *)&sa)->sin_port));
	} else if (sa.ss_family == AF_INET6) {
		int only = 0;

		i = sizeof(int);
		getsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, &i);
		snprintf(where, sizeof(where), "[]:%d%s", ntohs(((struct sockaddr_in6 *)&sa)->sin6_port), only ? " v6only" : "");
	}
	snprintf(out, size, "socket family=%d %s %s%s%s%s%s", sa.ss_family, type < 6 && types[type] ? types[type] : "other", where,
		 listening ? " listening" : "", cred ? " passcred" : "", sec ? " passsec" : "", keep ? " keepalive" : "");
}

static void describe_fds(const char *file)
{
	char line[600], what[400], path[64], target[256];
	char *names_env = getenv("LISTEN_FDNAMES") ? strdup(getenv("LISTEN_FDNAMES")) : NULL, *rest = names_env;
	struct stat st;

	snprintf(line, sizeof(line), "%d passed%s", passed(), getenv("LISTEN_PID") && atoi(getenv("LISTEN_PID")) == getpid() ? "" : passed() ? ", LISTEN_PID is not mine" : "");
	append(file, line);
	for (int fd = 3; fd < 3 + passed(); fd++) {
		const char *name = rest ? strsep(&rest, ":") : "(no name)";
		int flags = fcntl(fd, F_GETFL), fdflags = fcntl(fd, F_GETFD);

		what[0] = 0;
		if (fstat(fd, &st) < 0)
			snprintf(what, sizeof(what), "not open");
		else if (S_ISSOCK(st.st_mode))
			describe_socket(fd, what, sizeof(what));
		else {
			ssize_t n;

			snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
			n = readlink(path, target, sizeof(target) - 1);
			target[n > 0 ? n : 0] = 0;
			snprintf(what, sizeof(what), "%s %s", S_ISFIFO(st.st_mode) ? "fifo" : S_ISREG(st.st_mode) ? "file" : S_ISCHR(st.st_mode) ? "char" : "other", target);
		}
		snprintf(line, sizeof(line), "%d %s: %s%s%s%s", fd, name, what, flags & O_NONBLOCK ? " nonblock" : "",
			 fdflags & FD_CLOEXEC ? " cloexec" : "", (flags & O_ACCMODE) == O_RDWR ? " rw" : (flags & O_ACCMODE) == O_WRONLY ? " wo" : " ro");
		append(file, line);
	}
	free(names_env);
}

static bool listens(int fd)
{
	int v = 0;
	socklen_t n = sizeof(v);

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &v, &n) == 0 && v;
}

static void take(int fd, const char *file)
{
	char text[300] = "got ";
	bool l = listens(fd);
	int c = l ? accept4(fd, NULL, NULL, SOCK_CLOEXEC) : fd;
	struct mq_attr a;
	ssize_t n;

	if (c < 0)
		return;
	if (mq_getattr(c, &a) == 0)
		n = mq_receive(c, text + 4, sizeof(text) - 5 < (size_t)a.mq_msgsize ? (size_t)a.mq_msgsize : sizeof(text) - 5, NULL);
	else
		n = read(c, text + 4, sizeof(text) - 5);
	text[4 + (n > 0 ? n : 0)] = 0;
	text[strcspn(text, "\n")] = 0;
	append(file, text);
	if (l) {
		if (write(c, "done\n", 5) < 0)
			append(file, "peer is gone");
		close(c);
	}
}

static void serve(const char *file)
{
	struct pollfd p[64];
	int n = passed();

	for (int i = 0; i < n && i < 64; i++)
		p[i] = (struct pollfd){ .fd = 3 + i, .events = POLLIN };
	for (;;)
		if (poll(p, (nfds_t)n, -1) > 0)
			for (int i = 0; i < n; i++)
				if (p[i].revents & POLLIN)
					take(p[i].fd, file);
}

/* ---- clients ---- */

static int connect_to(const char *kind, const char *address)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int fd, r;

	if (strcmp(kind, "fifo") == 0)
		return open(address, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (strcmp(kind, "mq") == 0)
		return mq_open(address, O_WRONLY | O_CLOEXEC);
	if (strncmp(kind, "tcp", 3) == 0 || strcmp(kind, "udp") == 0) {
		bool six = strcmp(kind, "tcp6") == 0;

		in.sin_port = in6.sin6_port = htons((uint16_t)atoi(address));
		fd = socket(six ? AF_INET6 : AF_INET, (*kind == 't' ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);
		r = six ? connect(fd, (struct sockaddr *)&in6, sizeof(in6)) : connect(fd, (struct sockaddr *)&in, sizeof(in));
	} else {
		socklen_t n = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(address));

		fd = socket(AF_UNIX, (strcmp(kind, "dgram") == 0 ? SOCK_DGRAM : strcmp(kind, "seqpacket") == 0 ? SOCK_SEQPACKET : SOCK_STREAM) | SOCK_CLOEXEC, 0);
		snprintf(un.sun_path, sizeof(un.sun_path), "%s", address);
		if (*address == '@')
			un.sun_path[0] = 0;
		else
			n++;
		r = connect(fd, (struct sockaddr *)&un, n);
	}
	if (r < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static void client(const char *kind, const char *address, const char *text)
{
	int fd = connect_to(kind, address);
	char line[300];
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t n;

	if (fd < 0) {
		printf("cannot connect: %s\n", strerror(errno));
		return;
	}
	if (strcmp(kind, "mq") == 0)
		n = mq_send(fd, text, strlen(text), 0);
	else
		n = write(fd, text, strlen(text));
	if (n < 0)
		printf("cannot send: %s\n", strerror(errno));
	if (strcmp(kind, "mq") == 0 || strcmp(kind, "fifo") == 0 || strcmp(kind, "udp") == 0 || strcmp(kind, "dgram") == 0) {
		close(fd);
		return;
	}
	n = poll(&p, 1, 5000) == 1 ? read(fd, line, sizeof(line) - 1) : -2;
	if (n == -2)
		printf("no answer\n");
	else if (n < 0)
		printf("cannot read: %s\n", strerror(errno));
	else if (n == 0)
		printf("closed\n");
	else
		printf("%.*s", (int)n, line);
	close(fd);
}

/* ---- the words ---- */

static int count_lines(const char *file)
{
	FILE *f = fopen(file, "re");
	int c, n = 0;

	while (f && (c = getc(f)) != EOF)
		n += c == '\n';
	if (f)
		fclose(f);
	return n;
}

static void sleep_msec(long msec)
{
	struct timespec t = { msec / 1000, msec % 1000 * 1000000 };

	while (nanosleep(&t, &t) < 0 && errno == EINTR)
		continue;
}

static void fork_on(void)
{
	pid_t pid = fork();

	if (pid < 0)
		fail("fork");
	if (pid > 0)
		_exit(0);
}

static void twin(void)
{
	if (fork() == 0) {
		for (int i = 1; i < MAX_SIGNALS; i++)
			signal(i, SIG_DFL);
		for (;;)
			pause();
	}
}

static void write_pid(const char *file)
{
	char text[32];

	snprintf(text, sizeof(text), "%d", getpid());
	unlink(file);
	append(file, text);
}

static char **step(char **w)
{
	const char *a = w[1] ? w[1] : "", *b = w[1] && w[2] ? w[2] : "";
	int s;

	if (w[0][0] == '+')
		return sleep_msec(atol(w[0] + 1)), w;
	if (strcmp(w[0], "stay") == 0)
		for (;;)
			pause();
	if (strcmp(w[0], "else") == 0)
		return w;
	if (strcmp(w[0], "fork") == 0)
		return fork_on(), w;
	if (strcmp(w[0], "twin") == 0)
		return twin(), w;
	if (strcmp(w[0], "setsid") == 0)
		return setsid(), w;
	if (strcmp(w[0], "exit") == 0)
		exit(atoi(a));
	if (strcmp(w[0], "die") == 0) {
		s = signal_of(a);
		signal(s, SIG_DFL);
		kill(getpid(), s);
		for (;;)
			pause();
	}
	if (strcmp(w[0], "ignore") == 0)
		return signal(signal_of(a), SIG_IGN), w + 1;
	if (strcmp(w[0], "pidfile") == 0)
		return write_pid(a), w + 1;
	if (strcmp(w[0], "fd") == 0)
		return store_fd(a), w + 1;
	if (strcmp(w[0], "fds") == 0)
		return describe_fds(a), w + 1;
	if (strcmp(w[0], "take") == 0)
		return take(3, a), w + 1;
	if (strcmp(w[0], "serve") == 0)
		return serve(a), w + 1;
	if (strcmp(w[0], "log") == 0)
		return append(a, b), w + 2;
	if (strcmp(w[0], "hold") == 0)
		return connect_to(a, b) < 0 ? fail("hold") : (void)0, w + 2;
	if (strcmp(w[0], "send") == 0)
		return client(a, b, w[3] ? w[3] : ""), w + 3;
	if (strcmp(w[0], "on") == 0) {
		s = signal_of(a);
		on_file[s] = b;
		return handle(s), w + 2;
	}
	if (strcmp(w[0], "quit") == 0) {
		s = signal_of(a);
		quit_status[s] = atoi(b);
		return handle(s), w + 2;
	}
	if (strcmp(w[0], "reloads") == 0) {
		s = signal_of(a);
		reload_msec[s] = atoi(b);
		return handle(s), w + 2;
	}
	if (strcmp(w[0], "runs") == 0) {
		bool skip = count_lines(a) >= atoi(b);

		append(a, "run");
		w += 2;
		while (skip && w[1] && strcmp(w[1], "else") != 0)
			w++;
		return w;
	}
	if (strchr(w[0], '=')) {
		char text[1000];

		snprintf(text, sizeof(text), "%s", w[0]);
		while (w[1] && w[2] && strcmp(w[1], ",") == 0) {
			w += 2;
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "\n%s", w[0]);
		}
		notify(text, -1);
		return w;
	}
	errno = EINVAL;
	fail(w[0]);
	return w;
}

int main(int argc, char **argv)
{
	for (int i = 0; i < MAX_SIGNALS; i++)
		quit_status[i] = -1;
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (char **w = argv + 1; w < argv + argc; w++)
		w = step(w);
	return 0;
}
