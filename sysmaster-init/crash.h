/*
 * crash.h - PID 1 comes back from its own crash
 *
 * SIGSEGV, SIGBUS, SIGABRT, SIGILL and SIGFPE land, on a stack of their own (so that a stack overflow lands too), in a handler that
 * notes what happened in the table and does nothing but execve() of init with the table's memfd. An upgrade takes the same way.
 */
#pragma once
#include "util.h"

/** crash_arm() - install the handlers; needs the table (self, memfd) */
void crash_arm(void);

/** crash_reexec() - execve() of init from its file, else of the running image; returns only when both fail: -errno */
int crash_reexec(void);

/** crash_report() - in the new image: log what the handler noted; true when init crashes too often */
bool crash_report(uint64_t limit);
