/*
 * main-leave.c - sysmaster-leave: takes PID 1's place when nothing is started any more
 *
 * PID 1 executes it with its table. It crashes and comes back as init does (crash.h); where things stand is in the table. A child does
 * the dangerous work: sysmaster-shutdown ends processes, undoes mounts and calls reboot(2), sysmaster-switch-root empties the initramfs
 * of processes. Meanwhile children are reaped and the watchdog is fed. The child shows that it lives by SIGALRM now and then; one that is
 * silent for long is killed, one that fails is tried once more; after that comes the last resort of end.h. A switch of root that fails
 * executes init again, with the table.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "child.h"
#include "common/recovery.h"
#include "common/watchdog-open.h"
#include "crash.h"
#include "end.h"
#include "helper.h"
#include "log.h"
#include "signal-source.h"
#include "watchdog.h"

#define SILENCE_USEC (10 * USEC_PER_SEC)        /* a helper says something each second */
#define TRIES 2

static struct loop *loop;
static struct timer silence_timer;
static struct signal_source signals;

/* -- the child that does the work */

static int silence_fire(struct timer *t)
{
	if (table->s.leave_killed)      /* not even SIGKILL ends it: it hangs in the kernel */
		end_alone();
	log_event(LOG_ERR, "LEAVE_HUNG", "the program that shuts down has gone silent; killing it", F_U64("PID", table->s.leave_pid));
	table->s.leave_killed = 1;
	kill((pid_t)table->s.leave_pid, SIGKILL);
	return timer_set(loop, t, now_usec(CLOCK_BOOTTIME) + END_USEC, silence_fire);
}

static void alive(void)
{
	if (table->s.leave_pid != 0 && !table->s.leave_killed)
		timer_set(loop, &silence_timer, now_usec(CLOCK_BOOTTIME) + SILENCE_USEC, silence_fire);
}

static void run(void)
{
	struct table_state *s = &table->s;
	bool switching = s->leaving == TABLE_SWITCH_ROOT;
	char order[160];
	const char *const argv[] = {
		switching ? "sysmaster-switch-root" : "sysmaster-shutdown", order, switching ? s->new_root : s->power_argument, NULL,
	};
	int r;

	snprintf(order, sizeof(order), "%d %u %u %llu %llu %u %u", (int)getpid(), s->power_verb, table->set.mode,
		 (unsigned long long)table->set.term_usec, (unsigned long long)table->set.kill_usec, s->show_status, s->log_level);
	s->leave_tries++;
	s->leave_killed = s->leave_done = 0;
	r = helper_spawn(argv, NULL, 0, &s->leave_pid);
	if (r < 0)
		log_event(LOG_ERR, "LEAVE_SPAWN", "cannot spawn", F_STR("PROGRAM", argv[0]), F_ERRNO(r));
	alive();
}

static void worker_exited(const siginfo_t *si)
{
	struct table_state *s = &table->s;

	s->leave_done = si->si_code == CLD_EXITED && si->si_status == EXIT_SUCCESS;
	if (!s->leave_done)
		log_event(LOG_ERR, "LEAVE_FAILED", "the program that shuts down has failed", F_I64("CODE", si->si_code), F_I64("STATUS", si->si_status));
	timer_del(&silence_timer);
	s->leave_pid = 0;
}

/* recorded first, reaped second; children of core's: a switch of root that fails goes on with them */
static void reap(void)
{
	struct table_state *s = &table->s;

	for (siginfo_t si = { 0 }; waitid(P_ALL, 0, &si, WEXITED | WNOHANG | WNOWAIT) == 0 && si.si_pid != 0; si.si_pid = 0) {
		if (s->leave_pid == (uint32_t)si.si_pid)
			worker_exited(&si);
		else if (s->core_pid == (uint32_t)si.si_pid)
			s->core_pid = 0;
		else if (s->rescue_pid == (uint32_t)si.si_pid)
			s->rescue_pid = 0;
		else
			child_exited(&si);
		if (waitid(P_PID, (id_t)si.si_pid, NULL, WEXITED | WNOHANG) < 0)
			return;
	}
}

static void take_signal(int signo)
{
	if (signo == SIGCHLD)
		reap();
	else if (signo == SIGALRM)
		alive();
}

/* -- the end */

/* what the helper has left for us: the new root goes over the old one */
static int enter_new_root(void)
{
	static const char *inits[] = { "", "/usr/lib/sysmaster/sysmaster-init", "/sbin/init", "/etc/init", "/bin/init", "/bin/sh" };
	sigset_t none;

	if (chdir(table->s.new_root) < 0 || mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0 || chdir("/") < 0)
		return -errno;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	syscall(SYS_close_range, 3U, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */);
	inits[0] = table->s.new_init;
	for (size_t i = 0; i < ARRAY_SIZE(inits); i++)
		if (*inits[i])
			execve(inits[i], (char *[]){ (char *)(uintptr_t)inits[i], NULL }, environ);
	return -ENOEXEC;
}

static void switched(void)
{
	int r = table->s.leave_done ? enter_new_root() : -EINVAL;

	log_event(LOG_CRIT, "SWITCH_ROOT_FAILED", "cannot switch root", F_STR("ROOT", table->s.new_root), F_ERRNO(r));
	table->s.leaving = TABLE_STAY;
	table->s.leave_tries = 0;
	r = crash_become("sysmaster-init");
	log_event(LOG_CRIT, "LEAVE_NO_WAY_BACK", "init cannot be executed again", F_ERRNO(r));
	end_alone();
}

/* at the end of each turn */
static int step(void *arg)
{
	struct table_state *s = &table->s;

	(void)arg;
	while (s->leave_pid == 0) {
		if (s->leave_tries > 0 && s->leaving == TABLE_SWITCH_ROOT)
			switched();
		if (s->leave_done || s->leave_tries >= TRIES)
			end_alone();
		run();
	}
	return 0;
}

static int begin(void)
{
	int r = loop_new(&loop, 4, true);

	if (r == 0)
		r = signal_source_add(loop, &signals, crash_others(), take_signal);
	if (r < 0)
		return r;
	loop_set_turn_end(loop, step, NULL);
	if (table->s.leaving != TABLE_SWITCH_ROOT)
		watchdog_open(table->set.reboot_watchdog_usec);
	watchdog_setup(loop);
	reap();
	alive();
	return step(NULL);
}

int main(int argc, char **argv)
{
	int fd = crash_table_fd(argc, argv), r;

	helper_find_self();
	log_open("sysmaster-leave", LOG_TO_STDERR, NULL);
	if (fd < 3 || table_adopt(fd) < 0) {
		fputs("sysmaster-leave: PID 1 becomes this; `sctl poweroff` asks it to\n", stderr);
		return 2;
	}
	recovery_check();
	crash_arm(argv, "sysmaster-leave");
	if (table->set.mode == IPC_INIT_MODE_MACHINE)
		log_open("sysmaster-leave", LOG_TO_KMSG, NULL);
	log_set_level((int)table->s.log_level);
	r = recovery_report(table->set.crashes) ? -ELOOP : begin();
	if (r == 0)
		r = loop_run(loop);
	log_event(LOG_CRIT, "LEAVE_LOOP", "the loop ended", F_ERRNO(r));
	end_alone();
}
