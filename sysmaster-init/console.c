/* console.c - see console.h */
#include <fcntl.h>
#include <termios.h>
#include "console.h"
#include "util.h"

#define CONSOLE_FLAGS (O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)

void console_fill(void)
{
	int fd;

	do {                    /* each takes the lowest free number; "/" is there before /dev is */
		fd = open("/dev/null", O_RDWR);
		if (fd < 0)
			fd = open("/", O_RDONLY | O_DIRECTORY);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

static void become(int fd, int first, int last)
{
	for (int i = first; fd >= 0 && i <= last; i++)
		dup2(fd, i);
	if (fd >= 0)
		close(fd);
}

void console_open(void)
{
	become(open("/dev/null", O_RDWR | O_CLOEXEC), STDIN_FILENO, STDERR_FILENO);
	become(open("/dev/console", CONSOLE_FLAGS), STDOUT_FILENO, STDERR_FILENO);
}

void console_revive(void)
{
	struct termios t;

	if (tcgetattr(STDERR_FILENO, &t) < 0 && errno == EIO)
		become(open("/dev/console", CONSOLE_FLAGS), STDOUT_FILENO, STDERR_FILENO);
}
