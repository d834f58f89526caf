/*
 * crash.h - PID 1 comes back from its own crash
 *
 * SIGSEGV, SIGBUS, SIGABRT, SIGILL and SIGFPE land, on a stack of their own (so that a stack overflow lands too), in a handler that
 * notes what happened in the table and does nothing but execve() with the table's memfd: of sysmaster-begin, which looks the table over and
 * executes init; where that cannot be, of the same program. An upgrade takes the same way.
 */
#pragma once
#include <signal.h>
#include "util.h"

#define CRASH_TABLE_ARG "--table="       /* what the next image is told before all else: where its table is */

int crash_table_fd(int argc, char **argv);        /* what this image was told: where the table is; -1: nothing */

/** crash_arm() - install the handlers, which execute @program; needs the table's memfd. @argv of main(): what follows goes to the next image, too */
void crash_arm(char **argv, const char *program);
const char *const *crash_args(void);    /* argv without that */

/** crash_become() - execve() of another program that lies beside init, with the table; returns only when that fails: -errno */
int crash_become(const char *program);

const sigset_t *crash_others(void);     /* all signals but those of a crash; blocked from crash_arm() on */

/** crash_reexec() - execve() of the same program from its file, else of the running image; returns only when both fail: -errno */
int crash_reexec(void);
