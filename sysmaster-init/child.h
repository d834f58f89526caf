/*
 * child.h - core's processes: spawned, watched while they become what they are to be, reaped, remembered until core forgets them
 *
 * sysmaster-exec gets fd 3: the command blob, fd 4: a pipe on which it says {u32 stage, i32 -errno} when it fails and whose closing
 * by a successful exec says that the command runs, fd 5...: what core added.
 */
#pragma once
#include <signal.h>
#include "frame.h"
#include "loop.h"
#include "table.h"

/** child_setup() - @exec: path of sysmaster-exec (borrowed); picks up the records of an earlier image */
void child_setup(struct loop *l, const char *exec);

/*
 * What core asks for (channel.ipc); each bears being asked again. 0, or -EBADMSG when the parts of the frame do not fit; what fails
 * besides is told in the record.
 */
int child_spawn(struct frame *f);
int child_watch(struct frame *f);
int child_forget(struct frame *f);

/** child_abandon() - what was about to be spawned when its packet was given up becomes a failure that core is told */
void child_abandon(void);

/** child_exited() - @si of waitid(2), not yet reaped; false: nobody knows this pid */
bool child_exited(const siginfo_t *si);

/** child_tell() - offer the records whose latest state has not been told to @tell, which marks them, until it returns a negative value; 0 or that value */
int child_tell(int (*tell)(struct table_child *c));
void child_tell_all(void);              /* none has been told, from here on */

/** child_fill() - the record as a message; strings are borrowed from the table */
void child_fill(const struct table_child *c, struct ipc_child *ret);
