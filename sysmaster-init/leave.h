/*
 * leave.h - how it ends: first core stops its units, within a bound; then PID 1 becomes sysmaster-leave
 *
 * Where things stand is in the table, which goes along: a crash at any moment changes nothing. Where that program cannot be executed, PID 1
 * ends the machine by itself (end.h).
 */
#pragma once
#include <signal.h>
#include "init.ipc.h"
#include "loop.h"

void leave_setup(struct loop *l);       /* picks up what an earlier image was told */

/** leave_request() - ask core to stop units and come back by leave_power(); at once when @force or core is out of reach. 0, -EINVAL, -EBUSY */
int leave_request(const struct ipc_power *p, bool force);
/** leave_power() - units are stopped, or need not be: shut down from the end of this turn on */
int leave_power(const struct ipc_power *p);
int leave_switch_root(const struct ipc_switch_root *m);         /* from the end of this turn on; -EINVAL for a root that is no directory */
/** leave_now() - @verb by force: what a signal asks for */
void leave_now(enum ipc_power_verb verb);
/** leave_fill() - the wish as a message; the argument is borrowed from the table */
void leave_fill(struct ipc_power *ret);

bool leave_begun(void);                 /* nothing is started any more */
/** leave_step() - at the end of each turn: do what the table's .leaving says */
void leave_step(void);
