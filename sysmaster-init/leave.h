/*
 * leave.h - how it ends: first core stops its units, within a bound; then a child of ours does the dangerous work
 *
 * sysmaster-shutdown ends processes, undoes mounts and calls reboot(2); sysmaster-switch-root empties the initramfs of processes. While
 * they work the loop goes on turning: children are reaped, the watchdog is fed. The child shows that it lives by SIGALRM now and then; one
 * that is silent for long is killed, one that fails is tried once more. After that PID 1 ends the machine by itself: it kills all, lets
 * the kernel write its caches, makes the root file system read-only and calls reboot(2). Where things stand is in the table: a crash of
 * PID 1 at any moment changes nothing.
 */
#pragma once
#include <signal.h>
#include "init.ipc.h"
#include "loop.h"

void leave_setup(struct loop *l);       /* picks up what an earlier image was told or had begun */

/** leave_request() - ask core to stop units and come back by leave_power(); at once when @force or core is out of reach. 0, -EINVAL, -EBUSY */
int leave_request(const struct ipc_power *p, bool force);
/** leave_power() - units are stopped, or need not be: shut down from the end of this turn on */
int leave_power(const struct ipc_power *p);
int leave_switch_root(const struct ipc_switch_root *m);         /* from the end of this turn on; -EINVAL for a root that is no directory */
/** leave_now() - @verb by force: what a signal asks for */
void leave_now(enum ipc_power_verb verb);
/** leave_fill() - the wish as a message; the argument is borrowed from the table */
void leave_fill(struct ipc_power *ret);

void leave_alive(void);                 /* the child has shown that it lives */
bool leave_begun(void);                 /* nothing is started any more */
/** leave_exited() - @si of waitid(2), not yet reaped; false: it is not the child that does the work */
bool leave_exited(const siginfo_t *si);
/** leave_step() - at the end of each turn: do what the table's .leaving says */
void leave_step(void);
/** leave_end() - the machine ends here and now, by ourselves */
__attribute__((noreturn)) void leave_end(void);
