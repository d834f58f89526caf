/* leave.c - see leave.h */
#include <linux/reboot.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include "core.h"
#include "crash.h"
#include "helper.h"
#include "leave.h"
#include "log.h"
#include "table.h"
#include "watchdog.h"

#define SILENCE_USEC (10 * USEC_PER_SEC)        /* a helper says something each second */
#define TRIES 2
#define LAST_USEC (10 * USEC_PER_SEC)           /* for the last sync, when no helper works */

static struct loop *loop;
static struct timer wish_timer, silence_timer;

/* -- the wish */

void leave_fill(struct ipc_power *ret)
{
	*ret = (struct ipc_power){
		.verb = table->s.power_verb, .argument = table->s.power_argument[0] ? table->s.power_argument : NULL,
		.exit_status = (uint8_t)table->s.power_exit, .has_exit_status = true,
	};
}

static void note(const struct ipc_power *p)
{
	table->s.power_verb = p->verb;
	table->s.power_exit = p->has_exit_status ? p->exit_status : 0;
	if (p->argument != table->s.power_argument)
		snprintf(table->s.power_argument, sizeof(table->s.power_argument), "%s", p->argument ? p->argument : "");
}

bool leave_begun(void) { return table->s.leaving != TABLE_STAY && table->s.leaving != TABLE_REEXEC; }

int leave_power(const struct ipc_power *p)
{
	if (leave_begun())
		return -EBUSY;
	note(p);
	table->s.leaving = TABLE_SHUT_DOWN;
	return 0;
}

void leave_now(enum ipc_power_verb verb) { leave_power(&(struct ipc_power){ .verb = verb }); }

static int wish_fire(struct timer *t)
{
	(void)t;
	if (leave_begun())
		return 0;
	log_event(LOG_ERR, "POWER_TIMEOUT", "core did not stop the units in time; shutting down without it");
	table->s.leaving = TABLE_SHUT_DOWN;
	return 0;
}

int leave_request(const struct ipc_power *p, bool force)
{
	if (force || !core_reachable() || leave_begun())
		return leave_power(p);
	note(p);
	table->s.power_due_usec = now_usec(CLOCK_BOOTTIME) + table->set.power_usec;
	table->s.power_told = 0;
	table->s.ask_power = 1;
	return timer_set(loop, &wish_timer, table->s.power_due_usec, wish_fire);
}

int leave_switch_root(const struct ipc_switch_root *m)
{
	struct stat st;

	if (*m->root != '/' || stat(m->root, &st) < 0 || !S_ISDIR(st.st_mode))
		return -EINVAL;
	if (leave_begun())
		return -EBUSY;
	snprintf(table->s.new_root, sizeof(table->s.new_root), "%s", m->root);
	snprintf(table->s.new_init, sizeof(table->s.new_init), "%s", m->init);
	table->s.leaving = TABLE_SWITCH_ROOT;
	return 0;
}

/* -- the child that does the work */

static int silence_fire(struct timer *t)
{
	if (table->s.leave_killed)      /* not even SIGKILL ends it: it hangs in the kernel */
		leave_end();
	log_event(LOG_ERR, "LEAVE_HUNG", "the program that shuts down has gone silent; killing it", F_U64("PID", table->s.leave_pid));
	table->s.leave_killed = 1;
	kill((pid_t)table->s.leave_pid, SIGKILL);
	return timer_set(loop, t, now_usec(CLOCK_BOOTTIME) + LAST_USEC, silence_fire);
}

void leave_alive(void)
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
	leave_alive();
}

bool leave_exited(const siginfo_t *si)
{
	struct table_state *s = &table->s;

	if (s->leave_pid == 0 || (uint32_t)si->si_pid != s->leave_pid)
		return false;
	s->leave_done = si->si_code == CLD_EXITED && si->si_status == EXIT_SUCCESS;
	if (!s->leave_done)
		log_event(LOG_ERR, "LEAVE_FAILED", "the program that shuts down has failed", F_I64("CODE", si->si_code), F_I64("STATUS", si->si_status));
	timer_del(&silence_timer);
	s->leave_pid = 0;
	return true;
}

void leave_setup(struct loop *l)
{
	loop = l;
	if (table->s.ask_power && !leave_begun())
		timer_set(loop, &wish_timer, table->s.power_due_usec, wish_fire);
	leave_alive();
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
	core_try_again();
}

void leave_end(void)
{
	static const unsigned commands[] = {
		[IPC_POWER_VERB_REBOOT] = LINUX_REBOOT_CMD_RESTART, [IPC_POWER_VERB_HALT] = LINUX_REBOOT_CMD_HALT,
		[IPC_POWER_VERB_KEXEC] = LINUX_REBOOT_CMD_KEXEC,
	};
	uint32_t verb = table->s.power_verb;
	unsigned command = verb < ARRAY_SIZE(commands) && commands[verb] ? commands[verb] : LINUX_REBOOT_CMD_POWER_OFF;

	if (table->set.mode != IPC_INIT_MODE_MACHINE || getpid() != 1) {
		watchdog_disarm();
		exit((int)table->s.power_exit);
	}
	log_event(LOG_CRIT, "LEAVE_ALONE", "init ends the machine by itself");
	kill(-1, SIGKILL);
	if (fork() != 0) {      /* what the child does may hang in the kernel: whoever is first calls reboot(2) */
		sleep(LAST_USEC / USEC_PER_SEC);
	} else {
		sync();
		while (mount(NULL, "/", NULL, MS_REMOUNT | MS_RDONLY, NULL) < 0)
			usleep(100 * USEC_PER_MSEC);    /* somebody is still dying */
		sync();
	}
	syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, command, NULL);
	syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_RESTART, NULL);
	for (;;)
		pause();
}

/* the first step: nobody decides any more, and no descriptor of ours keeps a file system busy */
static void begin(void)
{
	core_stop();
	table_drop_fds();
	if (table->s.leaving == TABLE_SHUTTING_DOWN)
		watchdog_shutdown(table->set.reboot_watchdog_usec);
}

void leave_step(void)
{
	struct table_state *s = &table->s;
	int r;

	if (s->leaving == TABLE_REEXEC || s->leaving == TABLE_SHUT_DOWN) {
		/* a shutdown too begins with a fresh image, which holds no replaced file of the root file system open */
		s->leaving = s->leaving == TABLE_REEXEC ? TABLE_STAY : TABLE_SHUTTING_DOWN;
		r = crash_reexec();
		log_event(LOG_ERR, "INIT_REEXEC", "cannot execute init again; going on", F_ERRNO(r));
	}
	while (s->leaving != TABLE_STAY && s->leave_pid == 0) {
		if (s->leave_tries == 0)
			begin();
		else if (s->leaving == TABLE_SWITCH_ROOT)
			return switched();
		else if (s->leave_done || s->leave_tries >= TRIES)
			leave_end();
		run();
	}
}
