/*
 * work.h - what both programs of leaving share: PID 1's order, the sign of life, and work that may hang in the kernel
 *
 * PID 1 runs such a program as its child and waits. While all is well it gets SIGALRM from it at least once a second; when none comes
 * for long, PID 1 kills the program, tries it once more, and then ends the machine by itself (leave.h).
 */
#pragma once
#include "util.h"

struct order {
	uint32_t verb, mode;            /* enum ipc_power_verb, ipc_init_mode */
	pid_t of;                       /* whose children are to end: our parent's, or our own */
	uint64_t term_usec, kill_usec;  /* wait so long after SIGTERM, after SIGKILL and for each file system */
	bool show;                      /* progress on the console */
	const char *argument;           /* of reboot(2), or the new root; borrowed */
};

/**
 * work_begin() - read the order from PROGRAM "PARENT VERB MODE TERM KILL SHOW LOG_LEVEL" ARGUMENT; opens the log, blocks signals
 * PARENT is the pid of who gives the order. When it is not our parent we were orphaned before we began, and everybody else's processes
 * would be taken for its: -EINVAL, as for an order that makes no sense here. When it dies later, so do we.
 */
int work_begin(struct order *ret, int argc, char **argv);

void work_alive(void);                  /* the sign of life */
void work_step(const char *what);       /* a line in the log and on the console */
void work_nap(uint64_t usec);           /* until a child of ours ends, at most so long (a second at most) */

/** work_bounded() - fn(arg) in a child for at most @usec: 0, its negative errno, or -ETIMEDOUT: the child is left behind */
int work_bounded(int (*fn)(const char *arg), const char *arg, uint64_t usec);
