/* leave.c - see leave.h */
#include <stdio.h>
#include <sys/stat.h>
#include "core.h"
#include "crash.h"
#include "end.h"
#include "leave.h"
#include "log.h"
#include "table.h"

static struct loop *loop;
static struct timer wish_timer;

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

void leave_setup(struct loop *l)
{
	loop = l;
	if (table->s.ask_power && !leave_begun())
		timer_set(loop, &wish_timer, table->s.power_due_usec, wish_fire);
}

void leave_step(void)
{
	struct table_state *s = &table->s;
	int r;

	if (s->leaving == TABLE_REEXEC) {
		s->leaving = TABLE_STAY;
		crash_become("sysmaster-begin");        /* which reads init.conf again, and comes back */
		r = crash_reexec();
		log_event(LOG_ERR, "INIT_REEXEC", "cannot execute init again; going on", F_ERRNO(r));
	}
	if (!leave_begun())
		return;
	core_stop();            /* nobody decides any more, and no descriptor of ours keeps a file system busy */
	table_drop_fds();
	closep(&s->listen_fd);
	r = crash_become("sysmaster-leave");
	log_event(LOG_CRIT, "LEAVE_EXEC", "the program that leaves cannot be executed", F_ERRNO(r));
	end_alone();
}
