/* proc.h - what /proc tells of a process that is not our own */
#pragma once
#include "util.h"

/** proc_stat() - field 22 of /proc/@pid/stat: when it started, in clock ticks since boot; @ppid may be NULL. 0: no such process */
uint64_t proc_stat(uint32_t pid, uint32_t *ppid);
