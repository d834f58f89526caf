/* power.h - the wish to end: first core stops its units, within a bound; then init leaves */
#pragma once
#include "init.ipc.h"
#include "loop.h"

void power_setup(struct loop *l);       /* picks up a wish an earlier image was told */

/** power_request() - ask core to stop units and come back by power_leave(); at once when @force or core is out of reach. 0, -EINVAL, -EBUSY */
int power_request(const struct ipc_power *p, bool force);
/** power_leave() - units are stopped, or need not be: init shuts down at the end of this turn */
int power_leave(const struct ipc_power *p);
int power_switch_root(const struct ipc_switch_root *m);         /* at the end of this turn; -EINVAL for a root that is no directory */
/** power_now() - @verb by force: what a signal asks for */
void power_now(enum ipc_power_verb verb);
/** power_fill() - the wish as a message; the argument is borrowed from the table */
void power_fill(struct ipc_power *ret);
