/* watchdog-open.h - the hardware watchdog as PID 1 finds it when it begins and when it leaves; watchdog-api of the kernel's documentation */
#pragma once
#include "util.h"

/** watchdog_open() - opens it where one is configured; @usec: its time-out. What comes of it is in the table, for watchdog.h */
void watchdog_open(uint64_t usec);
