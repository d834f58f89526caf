/* command.h - `sysmaster-init -- COMMAND...`: one command instead of a core; a container's init, or a subreaper for one process */
#pragma once
#include <signal.h>
#include "loop.h"

/** command_start() - run it in the foreground of our terminal; its pid is in the table. 0 or -errno */
int command_start(char *const *argv);
/** command_setup() - from here on signals go to the command instead of what signals.h says */
int command_setup(struct loop *l, void (*child)(void));
/** command_exited() - leaves with its status (128+n when a signal ended it) after it has ended; false: not the command */
bool command_exited(const siginfo_t *si);
