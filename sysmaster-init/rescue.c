/* rescue.c - see rescue.h */
#include <fcntl.h>
#include "conf.h"
#include "console.h"
#include "leave.h"
#include "log.h"
#include "rescue.h"
#include "spawn.h"
#include "table.h"

#define WAIT_USEC (10 * USEC_PER_SEC)   /* before another try where no shell can be opened, or it ended at once */
#define SHORT_USEC (1 * USEC_PER_SEC)

static struct loop *loop;
static void (*over)(void);
static struct timer timer;
static uint64_t opened_usec;

static int timer_fire(struct timer *t)
{
	(void)t;
	if (!leave_begun())
		over();
	return 0;
}

static void wait_a_while(void) { timer_set(loop, &timer, now_usec(CLOCK_BOOTTIME) + WAIT_USEC, timer_fire); }

void rescue_setup(struct loop *l, void (*fn)(void))
{
	loop = l;
	over = fn;
}

static bool has_console(void)
{
	_cleanup_(closep) int fd = open("/dev/console", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);

	return table->s.mode != IPC_INIT_MODE_SUBREAPER && fd >= 0 && isatty(fd);
}

static int run_shell(void)
{
	extern char **environ;
	const char *const shells[] = { conf.rescue_shell, "/usr/sbin/sulogin", "/sbin/sulogin", "/bin/sh", "/bin/busybox" };
	const char *const sulogin[] = { "sulogin", "--force", NULL }, *const sh[] = { "sh", NULL };

	for (size_t i = 0; i < ARRAY_SIZE(shells); i++)
		if (*shells[i] && access(shells[i], X_OK) == 0)
			return spawn_process(&(struct spawn){ .path = shells[i], .argv = endswith(shells[i], "sulogin") ? sulogin : sh,
					     .envp = environ, .report_fd = -1, .cgroup_fd = -1, .tty = SPAWN_TTY_CONSOLE }, &table->s.rescue_pid);
	return -ENOENT;
}

void rescue_open(const char *why, int error)
{
	int r = -ENXIO;

	if (table->s.rescue_pid != 0 || leave_begun())
		return;
	log_event(LOG_CRIT, "INIT_RESCUE", why, F_ERRNO(error));
	if (has_console()) {
		console_shout("sysmaster: %s. What runs goes on running.\nsysmaster: a rescue shell follows; leave it to try again.", why);
		r = run_shell();
	}
	opened_usec = now_usec(CLOCK_BOOTTIME);
	if (r >= 0)
		return;
	table->s.rescue_pid = 0;
	log_event(LOG_ERR, "INIT_RESCUE_SHELL", "no rescue shell can be opened; waiting before another try", F_ERRNO(r));
	wait_a_while();
}

bool rescue_exited(const siginfo_t *si)
{
	if (table->s.rescue_pid == 0 || (uint32_t)si->si_pid != table->s.rescue_pid)
		return false;
	table->s.rescue_pid = 0;
	if (leave_begun())
		return true;
	if (now_usec(CLOCK_BOOTTIME) - opened_usec < SHORT_USEC)
		wait_a_while();
	else
		over();
	return true;
}
