/* power.c - see power.h */
#include <stdio.h>
#include <sys/stat.h>
#include "conf.h"
#include "console.h"
#include "core.h"
#include "log.h"
#include "power.h"
#include "table.h"

static struct loop *loop;
static struct timer timer;

void power_fill(struct ipc_power *ret)
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

int power_leave(const struct ipc_power *p)
{
	note(p);
	table->s.leaving = TABLE_SHUT_DOWN;
	return 0;
}

void power_now(enum ipc_power_verb verb) { power_leave(&(struct ipc_power){ .verb = verb }); }

static int timer_fire(struct timer *t)
{
	(void)t;
	log_event(LOG_WARNING, "POWER_TIMEOUT", "core did not stop the units in time; shutting down without it");
	console_say("sysmaster: core did not stop the units in time; shutting down without it");
	table->s.leaving = TABLE_SHUT_DOWN;
	return 0;
}

int power_request(const struct ipc_power *p, bool force)
{
	if (table->s.leaving == TABLE_SHUT_DOWN || table->s.leaving == TABLE_SWITCH_ROOT)
		return -EBUSY;
	if (force || !core_reachable())
		return power_leave(p);
	note(p);
	table->s.power_due_usec = now_usec(CLOCK_BOOTTIME) + conf.power_usec;
	table->s.power_told = 0;
	table->s.ask_power = 1;
	return timer_set(loop, &timer, table->s.power_due_usec, timer_fire);
}

int power_switch_root(const struct ipc_switch_root *m)
{
	struct stat st;

	if (*m->root != '/' || stat(m->root, &st) < 0 || !S_ISDIR(st.st_mode))
		return -EINVAL;
	snprintf(table->s.new_root, sizeof(table->s.new_root), "%s", m->root);
	snprintf(table->s.new_init, sizeof(table->s.new_init), "%s", m->init);
	table->s.leaving = TABLE_SWITCH_ROOT;
	return 0;
}

void power_setup(struct loop *l)
{
	loop = l;
	if (table->s.ask_power)
		timer_set(loop, &timer, table->s.power_due_usec, timer_fire);
}
