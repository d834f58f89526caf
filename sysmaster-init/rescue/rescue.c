/*
 * rescue.c - sysmaster-rescue WHY SHELL: becomes a shell on the console, when core cannot be kept up
 *
 * SHELL "": sulogin, else /bin/sh. Where there is no console to open one on, it waits a while; when it ends, PID 1 tries core again.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include "log.h"
#include "stdio-fds.h"

#define WAIT_SEC 10

/* PID 1's own terminal: a subreaper is somebody's program among others */
static int take_console(void)
{
	int fd = getppid() == 1 ? open("/dev/console", O_RDWR | O_NOCTTY | O_NONBLOCK) : -1;

	if (fd < 0 || !isatty(fd))
		return -ENXIO;
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
	setsid();
	ioctl(fd, TIOCSCTTY, 1);
	stdio_become(fd, STDIN_FILENO, STDERR_FILENO);
	return 0;
}

int main(int argc, char **argv)
{
	const char *const shells[] = { argc > 2 ? argv[2] : "", "/usr/sbin/sulogin", "/sbin/sulogin", "/bin/sh", "/bin/busybox" };
	int r = take_console();

	if (r == 0)
		printf("sysmaster: %s. What runs goes on running.\nsysmaster: a rescue shell follows; leave it to try again.\n", argc > 1 ? argv[1] : "help");
	fflush(stdout);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(shells); i++)
		if (*shells[i]) {
			if (endswith(shells[i], "sulogin"))
				execl(shells[i], "sulogin", "--force", NULL);
			else
				execl(shells[i], "sh", NULL);
		}
	log_open("sysmaster-rescue", LOG_TO_STDERR, NULL);
	log_event(LOG_ERR, "INIT_RESCUE_SHELL", "no rescue shell can be opened; waiting before another try", F_ERRNO(r < 0 ? r : -ENOENT));
	sleep(WAIT_SEC);
	return EXIT_FAILURE;
}
