/*
 * main.c - PID 1 of the suite: how it begins, how it begins again, and its one loop
 *
 * Read table.h first (what must not be forgotten), then core.c (what core asks and is told), child.c (processes), crash.c and leave.c.
 * PID 1 begins as sysmaster-begin (begin/begin.c), which makes the table and executes this; it ends as sysmaster-leave. The first image
 * and each later one (crash, upgrade) find the table and go on.
 */
#include <fcntl.h>
#include <sys/wait.h>
#include <termios.h>
#include "child.h"
#include "core.h"
#include "crash.h"
#include "helper.h"
#include "leave.h"
#include "log.h"
#include "method.h"
#include "names.h"
#include "rescue.h"
#include "signals.h"
#include "spawn-process.h"
#include "stdio-fds.h"
#include "table.h"
#include "watchdog.h"

#define MAX_TIMERS (16 + METHOD_PEERS)
#define NOFILE_SOFT 1024        /* of who asks for nothing */
#define NOFILE_HARD 524288
#define BEGINS 3                /* so often in a row without the settings that we know */

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

/* a getty may have hung it up under us: the kernel spares descriptors of its own console; a container's is a pty like any other */
static void revive_console(void)
{
	struct termios t;

	if (tcgetattr(STDERR_FILENO, &t) < 0 && errno == EIO)
		stdio_become(open("/dev/console", CONSOLE_FLAGS), STDOUT_FILENO, STDERR_FILENO);
}

static int turn_end(void *arg)
{
	(void)arg;
	leave_step();
	if (up)
		core_flush();
	if (table->set.mode == IPC_INIT_MODE_CONTAINER)
		revive_console();
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
	if (!settings_right(&table->set))
		crash_reexec();         /* sysmaster-begin may be there by now */
	else if (up)
		core_try_again();
	else
		bring_up();
}

/* @why: nobody is served before a shell has been left; NULL: all is well */
static int serve(const char *why)
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
	if (why)
		rescue_open(why, 0);
	else
		bring_up();
	turn_end(NULL);
	return loop_run(loop);
}

/* the table that sysmaster-begin has left; without one we become that program first */
static void take_up(int fd, char **argv)
{
	int r;

	if (fd >= 3 && table_adopt(fd) >= 0 && (settings_right(&table->set) || table->s.begins >= BEGINS)) {
		table->s.begins = 0;
		return;
	}
	r = helper_exec("sysmaster-begin", (const char *const *)argv);
	log_event(LOG_CRIT, "INIT_BEGIN", "sysmaster-begin cannot be executed", F_ERRNO(r));
	if (!table)
		table_new();
}

int main(int argc, char **argv)
{
	const char *why = NULL;
	int r;

	stdio_fill();
	helper_find_self();
	log_open("sysmaster-init", LOG_TO_STDERR, NULL);
	take_up(crash_table_fd(argc, argv), argv);
	if (!table)
		return EXIT_FAILURE;
	crash_arm(argv, "sysmaster-begin");
	if (table->s.crashes_often) {
		why = "init crashes too often";
		table->s.crashes.n = table->s.crashes_often = 0;
	}
	if (!settings_right(&table->set))
		why = "sysmaster-begin does not work";
	if (table->set.mode == IPC_INIT_MODE_MACHINE)
		log_open("sysmaster-init", LOG_TO_KMSG, NULL);
	log_set_level((int)table->s.log_level);
	r = serve(why);
	log_event(LOG_CRIT, "INIT_LOOP", "the loop ended; executing init again", F_ERRNO(r));
	if (getpid() == 1)
		crash_reexec();
	return EXIT_FAILURE;
}
