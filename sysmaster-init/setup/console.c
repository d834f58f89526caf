/* console.c - see console.h */
#include <fcntl.h>
#include <linux/kd.h>
#include <net/if.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include "log.h"
#include "setup/console.h"

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

void console_prepare(void)
{
	_cleanup_(closep) int tty = open("/dev/console", O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	_cleanup_(closep) int keyboard = open("/dev/tty0", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);

	if (tty >= 0)
		sane_lines(tty);
	if (keyboard >= 0)
		ioctl(keyboard, KDSIGACCEPT, SIGWINCH);
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
