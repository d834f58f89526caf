/* run-pty.c - a terminal for a transient service, and all that is typed and printed carried between it and ours */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include "run.h"

#define LEAVE_KEY 0x1d                  /* ^], three times within a second */
#define LEAVE_TIMES 3
#define TICK_MSEC 200

struct run_pty {
	int master, slave, signals;     /* slave: ours too until the end, so that the terminal does not hang up before the service has it */
	struct termios before;
	bool raw, no_input;
	uint64_t first_key_usec; unsigned keys;
};

static void copy_size(struct run_pty *p)
{
	struct winsize w;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0)
		ioctl(p->master, TIOCSWINSZ, &w);
}

int run_pty_new(struct run_pty **ret, char **ret_tty)
{
	_cleanup_(run_pty_freep) struct run_pty *p = calloc(1, sizeof(*p));
	char path[64];

	if (!p)
		return -ENOMEM;
	p->slave = p->signals = -1;
	p->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (p->master < 0 || grantpt(p->master) < 0 || unlockpt(p->master) < 0 || ptsname_r(p->master, path, sizeof(path)) != 0)
		return -errno;
	p->slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	*ret_tty = p->slave < 0 ? NULL : strdup(path);
	if (!*ret_tty)
		return p->slave < 0 ? -errno : -ENOMEM;
	copy_size(p);
	*ret = TAKE_PTR(p);
	return 0;
}

void run_pty_free(struct run_pty *p)
{
	if (!p)
		return;
	if (p->raw)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &p->before);
	closep(&p->master);
	closep(&p->slave);
	closep(&p->signals);
	free(p);
}

void run_pty_begin(struct run_pty *p)
{
	struct termios raw;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGWINCH);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == 0)
		p->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (tcgetattr(STDIN_FILENO, &p->before) < 0)
		return;
	raw = p->before;
	cfmakeraw(&raw);
	p->raw = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

static int write_all(int fd, const char *mem, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, mem, n);

		if (done < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
		if (done > 0) {
			mem += done;
			n -= (size_t)done;
		}
	}
	return 0;
}

static bool wants_to_leave(struct run_pty *p, const char *mem, size_t n)
{
	uint64_t now = now_usec(CLOCK_MONOTONIC);

	for (size_t i = 0; i < n; i++) {
		if (mem[i] != LEAVE_KEY) {
			p->keys = 0;
			continue;
		}
		if (p->keys == 0 || now - p->first_key_usec > USEC_PER_SEC) {
			p->keys = 0;
			p->first_key_usec = now;
		}
		if (++p->keys == LEAVE_TIMES)
			return true;
	}
	return false;
}

static int typed(struct run_pty *p)
{
	char mem[4096];
	ssize_t n = read(STDIN_FILENO, mem, sizeof(mem));

	if (n <= 0) {                           /* the end of a file is the terminal's ^D */
		p->no_input = true;
		mem[0] = 4;
		n = 1;
	}
	if (p->raw && wants_to_leave(p, mem, (size_t)n))
		return -ECANCELED;
	return write_all(p->master, mem, (size_t)n);
}

/* 0: nothing left */
static ssize_t printed(struct run_pty *p)
{
	char mem[4096];
	ssize_t n = read(p->master, mem, sizeof(mem));

	if (n > 0)
		write_all(STDOUT_FILENO, mem, (size_t)n);
	return MAX(n, (ssize_t)0);
}

static int signalled(struct run_pty *p)
{
	struct signalfd_siginfo si;

	if (read(p->signals, &si, sizeof(si)) != sizeof(si))
		return 0;
	if (si.ssi_signo != SIGWINCH)
		return -ECANCELED;
	copy_size(p);
	return 0;
}

int run_pty_tick(void *arg, bool over)
{
	struct run_pty *p = arg;
	struct pollfd fds[3] = { { p->master, POLLIN, 0 }, { p->no_input ? -1 : STDIN_FILENO, POLLIN, 0 }, { p->signals, POLLIN, 0 } };
	int r = 0;

	if (over) {                             /* without our end open, reading stops where the service did */
		closep(&p->slave);
		while (printed(p) > 0)
			;
		return 0;
	}
	if (poll(fds, ARRAY_SIZE(fds), TICK_MSEC) <= 0)
		return 0;
	if (fds[0].revents & POLLIN)
		printed(p);
	if (fds[1].revents)
		r = typed(p);
	if (r >= 0 && fds[2].revents)
		r = signalled(p);
	return r;
}
