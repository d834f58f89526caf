/*
 * begin.c - sysmaster-begin: what PID 1 is before it is init, at first, after a crash, and whenever it is asked to execute itself again
 *
 * It makes the table, or takes up the one of an earlier image and looks it over, lets sysmaster-setup find out the settings, and executes init. That program
 * runs as a child, with a deadline: when it is missing, dies or hangs, twice, the settings stay what they were, at first defaults: core
 * starts, and where it cannot, the rescue shell opens. This program comes back from its own crash as init does (crash.h).
 */
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
#include "common/ns.h"
#include "common/recovery.h"
#include "common/watchdog-open.h"
#include "crash.h"
#include "helper.h"
#include "log.h"
#include "names.h"
#include "stdio-fds.h"
#include "table.h"

#define DEFAULT_CRASHES 100     /* as long as init.conf has not been read */
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

static void begin(const char *const *args, bool alone)
{
	struct table_state *s = &table->s;
	bool first = !s->begun;

	if (first)
		prepare();
	if (!alone)
		ask(args, first);
	if (!settings_right(&table->set))
		use_defaults();
	if (first) {
		s->log_level = table->set.log_level;
		s->show_status = table->set.show_status != 0;
		s->keepalive = table->set.keepalive_usec > 0;
		s->begun = 1;
	}
}

/* once: not again after a crash or a switch of root */
static void enter_filter(void)
{
	struct sock_fprog filter = { .len = (unsigned short)table->set.n_filter, .filter = table->set.filter };

	if (filter.len > 0 && prctl(PR_GET_SECCOMP) == 0 && syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) < 0)
		log_event(LOG_WARNING, "INIT_FILTER", "cannot set up the system-wide denials of system calls", F_ERRNO(-errno));
}

/* what init finds as it is: its console, its filter, its environment, its watchdog */
static void apply_settings(void)
{
	if (table->set.mode == IPC_INIT_MODE_MACHINE) {
		stdio_become(open("/dev/null", O_RDWR | O_CLOEXEC), STDIN_FILENO, STDERR_FILENO);
		stdio_become(open("/dev/console", CONSOLE_FLAGS), STDOUT_FILENO, STDERR_FILENO);
		log_open("sysmaster-init", LOG_TO_KMSG, NULL);
		enter_filter();
	}
	log_set_level((int)table->s.log_level);
	for (char *p = table->set.environment; *p; p += strlen(p) + 1)
		putenv(p);
	watchdog_open(table->set.watchdog_usec);
}

/* /sbin/init typed by a person: the old way to change the run level. `init -- COMMAND`: another program of ours does that. */
static void be_another(char **argv)
{
	if (getpid() != 1 && streq(program_invocation_short_name, "init")) {
		argv[0] = (char *)"telinit";
		execv("/usr/bin/sctl", argv);
		exit(EXIT_FAILURE);
	}
	for (int i = 1; argv[i]; i++)
		if (streq(argv[i], "--") && argv[i + 1]) {
			helper_exec("sysmaster-command", (const char *const *)argv);
			exit(126);
		}
}

/* what our own parent ignored we would hand on to all services: the kernel keeps that over fork and exec */
static void default_signals(void)
{
	static const unsigned long dfl[4];      /* the kernel's sigaction: handler, flags, restorer, mask, all nothing */

	for (int i = 1; i < NSIG; i++)          /* the C library refuses the two that it keeps */
		syscall(SYS_rt_sigaction, i, dfl, NULL, 8);
}

/* the table of an earlier image, or a new one */
static int take_up(int fd)
{
	int r;

	if (fd >= 3 && table_adopt(fd) >= 0) {
		table->s.reexecs++;
		recovery_check();
		return 0;
	}
	if (fd >= 0)
		syscall(SYS_close_range, 3U, ~0U, 0);
	r = table_new();
	if (fd >= 0)
		log_event(LOG_CRIT, "INIT_TABLE_BAD", "the table of the earlier image cannot be read; starting over", F_ERRNO(r));
	return r;
}

int main(int argc, char **argv)
{
	bool crashed;
	int r;

	stdio_fill();
	helper_find_self();
	be_another(argv);
	log_open("sysmaster-init", LOG_TO_STDERR, NULL);
	default_signals();
	if (take_up(crash_table_fd(argc, argv)) < 0)
		return EXIT_FAILURE;
	crash_arm(argv, "sysmaster-begin");
	crashed = table->s.crash_signo != 0;
	if (recovery_report(table->set.crashes ?: DEFAULT_CRASHES))
		table->s.crashes_often = 1;
	begin(crash_args(), table->s.crashes_often || (crashed && settings_right(&table->set)));
	apply_settings();
	table->s.begins++;
	do {
		r = crash_become("sysmaster-init");
		log_event(LOG_CRIT, "INIT_EXEC", "init cannot be executed", F_ERRNO(r));
		sleep(1);
	} while (getpid() == 1);
	return EXIT_FAILURE;
}
