/* recovery.h - what an image finds of an earlier one: is the table in order, and did that one crash? */
#pragma once
#include "util.h"

unsigned recovery_check(void);          /* drop records that contradict themselves, forget fds that are not open; returns how many records */

/** recovery_report() - log what the handler of crash.h noted; true when that happens more than @limit times in a minute (0: no limit) */
bool recovery_report(uint64_t limit);
