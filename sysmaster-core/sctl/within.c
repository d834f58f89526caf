/* within.c - something that may take long, in a process of its own that is killed when the time is over */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include "util.h"
#include "within.h"

/* true: it has ended */
static bool await(int pidfd, uint64_t usec)
{
	struct timespec left = { (time_t)(usec / USEC_PER_SEC), (long)(usec % USEC_PER_SEC * NSEC_PER_USEC) };
	struct pollfd p = { .fd = pidfd, .events = POLLIN };

	return ppoll(&p, 1, usec == UINT64_MAX ? NULL : &left, NULL) != 0;
}

int within(uint64_t usec, int (*fn)(void *arg), void *arg)
{
	_cleanup_(closep) int pidfd = -1;
	bool late = false;
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0) {
		int r = fn(arg);

		fflush(NULL);
		_exit(-r & 0xff);
	}
	pidfd = pidfd_open(pid, 0);
	if (pidfd >= 0 && !await(pidfd, usec)) {
		late = true;
		kill(pid, SIGKILL);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return late ? -ETIME : WIFEXITED(status) ? -WEXITSTATUS(status) : -EIO;
}
