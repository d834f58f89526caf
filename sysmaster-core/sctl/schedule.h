/*
 * schedule.h - a shutdown that is to happen later, as shutdown(8) has it
 *
 * A process of its own waits for the time (it moves to PID 1's control group, so that it outlives the login it was asked from),
 * closes the door to new logins five minutes before, tells the users, and then asks core. Its record in the suite's run
 * directory names it, so that `shutdown -c` finds it. Nothing is left to do after a reboot: /run is empty then.
 */
#pragma once
#include "sctl.h"

struct schedule { pid_t pid; uint64_t start, usec; int verb; }; /* start: field 22 of /proc/PID/stat; usec: CLOCK_REALTIME */

/** schedule_time() - "now", "+5", "18:30" (the next time the clock shows it) -> CLOCK_REALTIME usec, 0 for now. -EINVAL */
int schedule_time(const char *word, uint64_t now, uint64_t *ret);
int schedule_read(struct schedule *ret);                /* -ENOENT: none is pending */
int schedule_cancel(void);                              /* 0; -ENOENT */
/** schedule_start() - replaces a pending one. Printed: when, and by which process. Exit status */
int schedule_start(struct sctl *s, int verb, uint64_t usec, const char *message);
