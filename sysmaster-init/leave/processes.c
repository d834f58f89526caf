/* processes.c - see processes.h */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include "channel.ipc.h"
#include "common/sys.h"
#include "leave/processes.h"
#include "log.h"
#include "proc.h"

#define LOOK_USEC (20 * USEC_PER_MSEC)
#define GENERATION_USEC (100 * USEC_PER_MSEC)

/* how many children @of has beside us; each gets @signo unless that is 0. Who is orphaned there becomes its child. */
static unsigned children(pid_t of, int signo)
{
	bool ours = of == getpid() || of == getppid();  /* else it has died, and whoever adopted us is none of our business */
	DIR *dir = ours ? opendir("/proc") : NULL;
	unsigned n = 0;

	for (struct dirent *d; dir && (d = readdir(dir));) {
		pid_t pid = (pid_t)strtol(d->d_name, NULL, 10);
		uint32_t parent;

		if (pid <= 0 || pid == getpid() || proc_stat((uint32_t)pid, &parent) == 0 || parent != (uint32_t)of)
			continue;
		n++;
		if (signo)
			kill(pid, signo);
	}
	if (dir)
		closedir(dir);
	return n;
}

static void signal_all(const struct order *o, int signo)
{
	if (o->mode == IPC_INIT_MODE_SUBREAPER)
		children(o->of, signo);
	else
		sys->kill_all(signo);
}

static void reap(void)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		continue;
}

/* until nobody is left (true) or @due */
static bool wait_all(const struct order *o, uint64_t due)
{
	while (reap(), children(o->of, 0) > 0) {
		if (now_usec(CLOCK_BOOTTIME) >= due)
			return false;
		work_nap(LOOK_USEC);
	}
	return true;
}

void processes_end(const struct order *o)
{
	uint64_t due = now_usec(CLOCK_BOOTTIME) + o->term_usec;

	if (wait_all(o, 0))
		return;
	work_step("sending SIGTERM to all processes");
	signal_all(o, SIGTERM);
	signal_all(o, SIGCONT);
	signal_all(o, SIGHUP);          /* login shells ignore SIGTERM */
	if (wait_all(o, due))
		return;
	work_step("sending SIGKILL to the rest");
	due = now_usec(CLOCK_BOOTTIME) + o->kill_usec;
	do {                            /* a subreaper meets each generation in turn */
		signal_all(o, SIGKILL);
	} while (!wait_all(o, MIN(now_usec(CLOCK_BOOTTIME) + GENERATION_USEC, due)) && now_usec(CLOCK_BOOTTIME) < due);
}
