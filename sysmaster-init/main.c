/*
 * main.c - PID 1 of the suite: how it begins, how it begins again, and its one loop
 *
 * Read table.h first (what must not be forgotten), then core.c (what core asks and is told), child.c (processes), crash.c and leave.c.
 * The first image has the machine set up (begin.h); each later one (crash, upgrade) finds the table and goes on.
 */
#include <sys/syscall.h>
#include <sys/wait.h>
#include "begin.h"
#include "child.h"
#include "console.h"
#include "core.h"
#include "crash.h"
#include "end.h"
#include "helper.h"
#include "leave.h"
#include "log.h"
#include "method.h"
#include "rescue.h"
#include "signals.h"
#include "spawn-process.h"
#include "table.h"
#include "watchdog.h"

#define MAX_TIMERS (16 + METHOD_PEERS)
#define NOFILE_SOFT 1024        /* of who asks for nothing */
#define NOFILE_HARD 524288
#define DEFAULT_CRASHES 100     /* as long as init.conf has not been read */

static struct loop *loop;
static bool up;         /* core and endpoint are served; not while a shell follows a row of crashes */

static bool known(const siginfo_t *si) { return child_exited(si) || core_exited(si) || rescue_exited(si); }

/*
 * No zombie stays: record first, reap second. A crash between the two shows the same child again to the next image, which is why each of
 * known() bears that. Whom nobody knows is an orphan of orphans.
 */
static void reap(void)
{
	for (siginfo_t si = { 0 }; waitid(P_ALL, 0, &si, WEXITED | WNOHANG | WNOWAIT) == 0 && si.si_pid != 0; si.si_pid = 0) {
		if (!known(&si))
			log_event(LOG_DEBUG, "INIT_REAPED_ORPHAN", "reaped an orphan", F_I64("PID", si.si_pid), F_I64("STATUS", si.si_status));
		if (waitid(P_PID, (id_t)si.si_pid, NULL, WEXITED | WNOHANG) < 0)
			return;
	}
}

static int turn_end(void *arg)
{
	(void)arg;
	leave_step();
	if (up)
		core_flush();
	if (table->set.mode == IPC_INIT_MODE_CONTAINER)
		console_revive();
	return 0;
}

static void bring_up(void)
{
	int r;

	up = true;
	child_setup(loop, table->set.exec);
	r = method_setup(loop);
	if (r < 0)
		log_event(LOG_ERR, "INIT_ENDPOINT", "init.sock cannot be served", F_STR("DIR", table->set.run_dir), F_ERRNO(r));
	core_setup(loop);
	reap();
}

static void rescue_over(void)
{
	if (up)
		core_try_again();
	else
		bring_up();
}

static int serve(bool crashed_too_often)
{
	int r = loop_new(&loop, MAX_TIMERS, true);

	if (r >= 0)
		r = signals_setup(loop, reap);
	if (r < 0)
		return r;
	spawn_raise_nofile(NOFILE_SOFT, NOFILE_HARD);
	loop_set_turn_end(loop, turn_end, NULL);
	leave_setup(loop);
	rescue_setup(loop, rescue_over);
	watchdog_setup(loop);
	if (crashed_too_often && leave_begun())
		end_alone();
	if (crashed_too_often)
		rescue_open("init crashes too often", 0);
	else
		bring_up();
	turn_end(NULL);
	return loop_run(loop);
}

/* the table of an earlier image, or a new one; true when it is the earlier one */
static bool take_up(int fd)
{
	unsigned dropped;

	if (fd < 3 || table_adopt(fd) < 0) {
		if (fd >= 0)
			syscall(SYS_close_range, 3U, ~0U, 0);
		if (table_new() < 0)
			return false;
		if (fd >= 0)
			log_event(LOG_CRIT, "INIT_TABLE_BAD", "the table of the earlier image cannot be read; starting over");
		return false;
	}
	table->s.reexecs++;
	dropped = table_check();
	if (dropped > 0)
		log_event(LOG_ERR, "INIT_TABLE_RECORDS", "records of the table that contradict themselves were dropped", F_U64("COUNT", dropped));
	return true;
}

/* /sbin/init typed by a person: the old way to change the run level. `init -- COMMAND`: another program of ours does that. */
static void be_another(char **argv)
{
	static char path[4096];

	if (getpid() != 1 && streq(program_invocation_short_name, "init")) {
		argv[0] = (char *)"telinit";
		execv("/usr/bin/sctl", argv);
		exit(EXIT_FAILURE);
	}
	for (int i = 1; argv[i]; i++)
		if (streq(argv[i], "--") && argv[i + 1]) {
			helper_path(path, sizeof(path), "sysmaster-command");
			execv(path, argv);
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

int main(int argc, char **argv)
{
	bool earlier, crashed, crashed_too_often;
	int r;

	console_fill();
	helper_find_self();
	be_another(argv);
	log_open("sysmaster-init", LOG_TO_STDERR, NULL);
	default_signals();
	earlier = take_up(argc > 1 && startswith(argv[1], CRASH_TABLE_ARG) ? atoi(argv[1] + strlen(CRASH_TABLE_ARG)) : -1);
	if (!table)
		return EXIT_FAILURE;
	crash_arm(argv);
	crashed = table->s.crash_signo != 0;
	crashed_too_often = crash_report(table->set.crashes ?: DEFAULT_CRASHES);
	begin(crash_args(), earlier && !crashed && !leave_begun(), crashed_too_often);
	if (crashed_too_often)
		table->s.crashes.n = 0;
	r = serve(crashed_too_often);
	log_event(LOG_CRIT, "INIT_LOOP", "the loop ended; executing init again", F_ERRNO(r));
	if (getpid() == 1)
		crash_reexec();
	return EXIT_FAILURE;
}
