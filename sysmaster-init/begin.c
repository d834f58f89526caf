/* begin.c - see begin.h */
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "begin.h"
#include "common/ns.h"
#include "console.h"
#include "helper.h"
#include "log.h"
#include "names.h"
#include "table.h"

#define BEGIN_USEC (15 * USEC_PER_SEC)  /* it takes some milliseconds */
#define ANEW_USEC (5 * USEC_PER_SEC)    /* a file to read, while core waits */
#define MAX_ARGS 64
#define TRIES 2

/* it is written at once, into a pipe that is large enough */
static bool receive(int fd, uint64_t usec)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct settings got;

	if (poll(&p, 1, (int)(usec / USEC_PER_MSEC)) <= 0 || read(fd, &got, sizeof(got)) != sizeof(got) || !settings_right(&got))
		return false;
	table->set = got;
	return true;
}

static bool ask_setup(const char *const *args, const char *how, uint64_t usec)
{
	char pid[24];
	const char *argv[MAX_ARGS] = { "sysmaster-setup", how, pid };
	int ends[2];
	siginfo_t si;
	bool right;

	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	for (int i = 1; args[i] && i < MAX_ARGS - 3; i++)
		argv[i + 2] = args[i];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return false;
	if (table->s.setup_pid != 0)    /* of an image that crashed beside it */
		kill((pid_t)table->s.setup_pid, SIGKILL);
	helper_spawn(argv, &ends[1], 1, &table->s.setup_pid);
	close(ends[1]);
	right = receive(ends[0], usec);
	close(ends[0]);
	if (!right && table->s.setup_pid != 0)
		kill((pid_t)table->s.setup_pid, SIGKILL);
	if (!right && getpid() != 1 && waitid(P_PID, table->s.setup_pid, &si, WEXITED) == 0 && si.si_code == CLD_EXITED)
		exit(si.si_status);     /* somebody asked for help, or for what makes no sense, and has been answered */
	table->s.setup_pid = 0;         /* who is left is reaped with the orphans */
	return right;
}

static void use_defaults(void)
{
	struct settings *s = &table->set;

	if (getpid() == 1 && access("/proc/self", F_OK) < 0)    /* which tells a machine from a container */
		mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	*s = (struct settings){
		.version = SETTINGS_VERSION,
		.mode = getpid() != 1 ? IPC_INIT_MODE_SUBREAPER : ns_is_first("pid") ? IPC_INIT_MODE_MACHINE : IPC_INIT_MODE_CONTAINER,
		.keepalive_usec = USEC_PER_SEC, .keepalive_misses = 5, .core_start_usec = 90 * USEC_PER_SEC, .core_deaths = 10, .crashes = 100,
		.power_usec = 300 * USEC_PER_SEC, .term_usec = 10 * USEC_PER_SEC, .kill_usec = 5 * USEC_PER_SEC, .log_level = LOG_INFO, .show_status = 1,
		.run_dir = INIT_DEFAULT_RUN,
	};
	helper_path(s->core, sizeof(s->core), "sysmaster-core");
	helper_path(s->exec, sizeof(s->exec), "sysmaster-exec");
	mkdir(s->run_dir, 0755);
	s->check = settings_check(s);
}

static void ask(const char *const *args, bool first)
{
	for (int tries = 0; tries < TRIES; tries++)
		if (ask_setup(args, first ? "begin" : "again", first ? BEGIN_USEC : ANEW_USEC))
			return;
	log_event(LOG_CRIT, "INIT_SETUP", "sysmaster-setup has failed; going on without what it would have told");
}

static void prepare(void)
{
	table->s.boot_usec = now_usec(CLOCK_BOOTTIME);
	umask(022);
	if (getpid() != 1 && prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		log_event(LOG_ERR, "INIT_SUBREAPER", "cannot become a subreaper", F_ERRNO(-errno));
	if (getpid() == 1 && (chdir("/") < 0 || setsid() < 0))
		log_event(LOG_DEBUG, "INIT_SESSION", "no session of our own, or not in /", F_ERRNO(-errno));
}

/* once: not again after a crash or a switch of root */
static void enter_filter(void)
{
	struct sock_fprog filter = { .len = (unsigned short)table->set.n_filter, .filter = table->set.filter };

	if (filter.len > 0 && prctl(PR_GET_SECCOMP) == 0 && syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) < 0)
		log_event(LOG_WARNING, "INIT_FILTER", "cannot set up the system-wide denials of system calls", F_ERRNO(-errno));
}

void begin(const char *const *args, bool anew, bool alone)
{
	struct table_state *s = &table->s;
	bool first = !s->begun;

	if (first)
		prepare();
	if (!alone && (first || anew || !settings_right(&table->set)))
		ask(args, first);
	if (!settings_right(&table->set))
		use_defaults();
	if (first) {
		s->log_level = table->set.log_level;
		s->show_status = table->set.show_status != 0;
		s->keepalive = table->set.keepalive_usec > 0;
		s->begun = 1;
	}
	if (table->set.mode == IPC_INIT_MODE_MACHINE) {
		console_open();
		log_open("sysmaster-init", LOG_TO_KMSG, NULL);
		enter_filter();
	}
	log_set_level((int)s->log_level);
	for (char *p = table->set.environment; *p; p += strlen(p) + 1)
		putenv(p);
}
