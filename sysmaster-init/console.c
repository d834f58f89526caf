/* console.c - see console.h */
#include <fcntl.h>
#include <linux/kd.h>
#include <net/if.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include "console.h"
#include "log.h"
#include "table.h"

/* what a boot loader or a killed program may have left undone; stty(1) "sane" */
static void sane_lines(int fd)
{
	struct termios t;

	if (tcgetattr(fd, &t) < 0)
		return;
	t.c_iflag = (t.c_iflag | ICRNL | IXON | BRKINT) & ~(tcflag_t)(IGNBRK | INLCR | IGNCR | IXOFF);
	t.c_oflag |= OPOST | ONLCR;
	t.c_lflag |= ISIG | ICANON | ECHO | ECHOE | ECHOK | IEXTEN | ECHOCTL | ECHOKE;
	t.c_cflag |= CREAD;
	tcsetattr(fd, TCSANOW, &t);
}

static void take(int fd, int as)
{
	if (fd == as) {
		fcntl(fd, F_SETFD, 0);
		return;
	}
	dup2(fd, as);
}

/* Alt-Up on a virtual console comes as SIGWINCH; systemd(1) */
static void keyboard_request(void)
{
	_cleanup_(closep) int fd = open("/dev/tty0", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);

	if (fd >= 0)
		ioctl(fd, KDSIGACCEPT, SIGWINCH);
}

void console_open(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), tty = open("/dev/console", O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	if (null < 0)   /* /dev without it: a kernel without devtmpfs. Better closed than somebody's file as stdin */
		return;
	if (tty >= 0)
		sane_lines(tty);
	else
		tty = null;
	take(tty, STDERR_FILENO);
	take(tty, STDOUT_FILENO);
	take(null, STDIN_FILENO);
	keyboard_request();
	if (null > 2)
		close(null);
	if (tty > 2 && tty != null)
		close(tty);
}

void console_keep(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0)    /* the lowest free number: this hole */
			return;
}

static bool hung_up(int fd)
{
	struct termios t;

	return tcgetattr(fd, &t) < 0 && errno == EIO;
}

void console_revive(void)
{
	static bool no_terminal;        /* stderr is a pipe or a file: nobody hangs that up */
	int tty;

	errno = 0;
	if (no_terminal || !hung_up(STDERR_FILENO)) {
		no_terminal = no_terminal || errno == ENOTTY;
		return;
	}
	tty = open("/dev/console", O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (tty < 0)
		return;
	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
		if (hung_up(fd))
			dup2(tty, fd);
	close(tty);
}

static void say(const char *fmt, va_list ap)
{
	char line[512];
	int n = vsnprintf(line, sizeof(line) - 2, fmt, ap);

	if (n < 0)
		return;
	n = MIN(n, (int)sizeof(line) - 3);
	line[n++] = '\n';
	if (write(STDOUT_FILENO, line, (size_t)n) < 0)
		return;         /* nobody is there to see it */
}

void console_say(const char *fmt, ...)
{
	va_list ap;

	if (table && !table->s.show_status)
		return;
	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
}

void console_shout(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
}

void console_kernel_log(void)
{
	_cleanup_(closep) int fd = open("/proc/sys/kernel/printk_devkmsg", O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, "on\n", 3) < 0)        /* fixed by the kernel command line: so be it */
		return;
}

void console_loopback(void)
{
	_cleanup_(closep) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq ifr = { .ifr_name = "lo" };

	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &ifr) < 0)
		return;
	ifr.ifr_flags |= IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &ifr) < 0)
		log_event(LOG_WARNING, "INIT_LOOPBACK", "cannot bring lo up", F_ERRNO(-errno));
}

void console_hostname(void)
{
	_cleanup_(closep) int fd = open("/etc/hostname", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char name[65];
	ssize_t n = fd < 0 ? -1 : read(fd, name, sizeof(name) - 1);
	size_t len;

	if (n <= 0)
		return;
	name[n] = '\0';
	len = strcspn(name, " \t\r\n#");
	if (len > 0 && sethostname(name, len) < 0)
		log_event(LOG_WARNING, "INIT_HOSTNAME", "cannot set the host name", F_ERRNO(-errno));
}
