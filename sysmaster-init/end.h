/* end.h - the last resort: when no helper can shut down, PID 1 ends the machine by itself */
#pragma once
#include "util.h"

#define END_USEC (10 * USEC_PER_SEC)    /* for the last sync */

/**
 * end_alone() - what the table's power_verb says, here and now
 * A machine: kills all, lets the kernel write its caches, makes the root file system read-only and calls reboot(2). Else: exits.
 */
__attribute__((noreturn)) void end_alone(void);
