/*
 * child.h - core's processes: spawned, watched while they become what they are to be, reaped, remembered until core forgets them
 *
 * sysmaster-exec gets fd 3: the command blob, fd 4: a pipe on which it says {u32 stage, i32 -errno} when it fails and whose closing
 * by a successful exec says that the command runs, fd 5...: what core added.
 */
#pragma once
#include <signal.h>
#include "loop.h"
#include "table.h"

/** child_setup() - @exec: path of sysmaster-exec (borrowed); picks up the records of an earlier image */
void child_setup(struct loop *l, const char *exec);

/** child_spawn() - as core asked. @fds: blob, cgroup directory when @has_cgroup, others; borrowed. What fails is told in the record. */
void child_spawn(uint64_t token, const char *name, bool has_cgroup, const int *fds, size_t n_fds);

/** child_watch() - keep a record of a process that core did not spawn; start_ticks 0: any process of that pid */
void child_watch(uint64_t token, uint32_t pid, uint64_t start_ticks, const char *name);

void child_forget(uint64_t token);

/** child_abandon() - what was about to be spawned when its packet was given up becomes a failure that core is told */
void child_abandon(void);

/** child_exited() - @si of waitid(2), not yet reaped; false: nobody knows this pid */
bool child_exited(const siginfo_t *si);

/** child_untold() - is there a record whose latest state core has not been sent? child_tell_all(): there is, every one */
bool child_untold(void);
void child_tell_all(void);
/** child_tell() - offer untold records to @send until it returns a negative value; 0 or that value */
int child_tell(int (*send)(const struct table_child *c));

/** child_fill() - the record as a message; strings are borrowed from the table */
void child_fill(const struct table_child *c, struct ipc_child *ret);
