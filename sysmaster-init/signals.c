/* signals.c - see signals.h */
#include "core.h"
#include "crash.h"
#include "leave.h"
#include "log.h"
#include "rescue.h"
#include "signal-source.h"
#include "signals.h"
#include "table.h"

#define CAD_BURST 7
#define CAD_WINDOW_USEC (2 * USEC_PER_SEC)
#define RT(n) (34 + (n))        /* SIGRTMIN of glibc; the kernel's and musl's users count alike in systemd(1) */

static struct signal_source source;
static void (*child_fn)(void);

/* @alone: what init does by itself when core is out of reach; 0: nothing */
struct meaning { int signo; void (*act)(const struct meaning *m); int value; enum ipc_power_verb alone; bool rescue; };

static void forward(const struct meaning *m)
{
	if (core_reachable())
		core_tell_signal(m->signo);
	else if (m->alone)
		leave_now(m->alone);
	else if (m->rescue)
		rescue_open("asked for by a signal", 0);
}

static void force(const struct meaning *m) { leave_now((enum ipc_power_verb)m->value); }

static void reexec(const struct meaning *m)
{
	(void)m;
	if (!leave_begun())
		table->s.leaving = TABLE_REEXEC;
}

static void ctrl_alt_del(const struct meaning *m)
{
	static struct rate burst;

	if (!rate_below(&burst, now_usec(CLOCK_BOOTTIME), CAD_WINDOW_USEC, CAD_BURST - 1) || !core_reachable())
		leave_now(IPC_POWER_VERB_REBOOT);
	else
		core_tell_signal(m->signo);
}

static void set_level(const struct meaning *m)
{
	table->s.log_level = (uint32_t)m->value;
	log_set_level(m->value);
	core_tell_signal(m->signo);
}

static void set_status(const struct meaning *m)
{
	table->s.show_status = (uint8_t)m->value;
	core_tell_signal(m->signo);
}

static const struct meaning meanings[] = {
	{ SIGTERM, reexec },
	{ SIGINT, ctrl_alt_del },
	{ SIGHUP, forward },
	{ SIGUSR1, forward },
	{ SIGUSR2, forward },
	{ SIGWINCH, forward },
	{ SIGPWR, forward, .alone = IPC_POWER_VERB_POWEROFF },
	{ RT(0), forward },
	{ RT(1), forward, .rescue = true },
	{ RT(2), forward, .rescue = true },
	{ RT(3), forward, .alone = IPC_POWER_VERB_HALT },
	{ RT(4), forward, .alone = IPC_POWER_VERB_POWEROFF },
	{ RT(5), forward, .alone = IPC_POWER_VERB_REBOOT },
	{ RT(6), forward, .alone = IPC_POWER_VERB_KEXEC },
	{ RT(13), force, IPC_POWER_VERB_HALT },
	{ RT(14), force, IPC_POWER_VERB_POWEROFF },
	{ RT(15), force, IPC_POWER_VERB_REBOOT },
	{ RT(16), force, IPC_POWER_VERB_KEXEC },
	{ RT(20), set_status, 1 },
	{ RT(21), set_status, 0 },
	{ RT(22), set_level, LOG_DEBUG },
	{ RT(23), set_level, LOG_INFO },
};

void signals_take(int signo)
{
	if (signo == SIGCHLD) {
		child_fn();
		return;
	}
	log_event(LOG_DEBUG, "INIT_SIGNAL", "got a signal", F_I64("SIGNAL", signo));
	if (table->set.mode == IPC_INIT_MODE_SUBREAPER && (signo == SIGTERM || signo == SIGINT)) {
		leave_request(&(struct ipc_power){ .verb = IPC_POWER_VERB_EXIT }, table->s.ask_power);   /* asked twice: by force */
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(meanings); i++)
		if (meanings[i].signo == signo)
			meanings[i].act(&meanings[i]);
}

int signals_setup(struct loop *l, void (*child)(void))
{
	child_fn = child;
	return signal_source_add(l, &source, crash_others(), signals_take);
}
