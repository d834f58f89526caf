/* work.c - see work.h */
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <syslog.h>
#include "channel.ipc.h"
#include "common/ns.h"
#include "log.h"
#include "work.h"

#define NUMBERS 7

static pid_t ordered_by;
static bool show;

/* a machine's or a container's PID 1 may end everybody, a subreaper never */
static bool makes_sense(const struct order *o)
{
	if (o->of != getppid() || (o->mode == IPC_INIT_MODE_SUBREAPER) != (o->of != 1))
		return false;
	return o->mode == IPC_INIT_MODE_SUBREAPER || (o->mode == IPC_INIT_MODE_MACHINE) == ns_is_first("pid");
}

int work_begin(struct order *ret, int argc, char **argv)
{
	uint64_t numbers[NUMBERS];
	const char *at;
	sigset_t set;

	log_open(program_invocation_short_name, LOG_TO_STDERR, NULL);
	if (argc != 3)
		return -EINVAL;
	at = argv[1];
	for (size_t i = 0; i < NUMBERS; i++) {
		char *end;

		numbers[i] = strtoull(at, &end, 10);
		if (*end != (i + 1 < NUMBERS ? ' ' : '\0') || end == at)
			return -EINVAL;
		at = end + 1;
	}
	*ret = (struct order){
		.of = (pid_t)numbers[0], .verb = (uint32_t)numbers[1], .mode = (uint32_t)numbers[2], .term_usec = numbers[3], .kill_usec = numbers[4],
		.show = numbers[5] != 0, .argument = argv[2],
	};
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!makes_sense(ret))
		return -EINVAL;
	ordered_by = ret->of;
	show = ret->show;
	if (ret->mode == IPC_INIT_MODE_MACHINE)
		log_open(program_invocation_short_name, LOG_TO_KMSG, NULL);
	log_set_level((int)numbers[6]);
	sigfillset(&set);       /* SIGCHLD is waited for, others are for those who are about to end */
	sigprocmask(SIG_SETMASK, &set, NULL);
	return 0;
}

void work_alive(void)
{
	if (ordered_by > 0 && ordered_by == getppid())  /* not in a child of ours, not for whoever has its pid later */
		kill(ordered_by, SIGALRM);
}

void work_step(const char *what)
{
	log_event(LOG_INFO, "SHUTDOWN_STEP", what);
	if (show)
		dprintf(STDOUT_FILENO, "sysmaster: %s\n", what);
	work_alive();
}

void work_nap(uint64_t usec)
{
	uint64_t n = MIN(usec, USEC_PER_SEC);
	struct timespec ts = { (time_t)(n / USEC_PER_SEC), (long)(n % USEC_PER_SEC * NSEC_PER_USEC) };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigtimedwait(&set, NULL, &ts);
	work_alive();
}

int work_bounded(int (*fn)(const char *arg), const char *arg, uint64_t usec)
{
	uint64_t due = now_usec(CLOCK_BOOTTIME) + usec, now;
	pid_t pid = fork(), got;
	int status = 0;

	if (pid < 0)
		return fn(arg);
	if (pid == 0)
		_exit(MIN(-fn(arg), 255));
	while ((got = waitpid(pid, &status, WNOHANG)) == 0 && (now = now_usec(CLOCK_BOOTTIME)) < due)
		work_nap(due - now);
	if (got == 0) {
		kill(pid, SIGKILL);
		return -ETIMEDOUT;
	}
	return got == pid && WIFEXITED(status) ? -WEXITSTATUS(status) : -EIO;
}
