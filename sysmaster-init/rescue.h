/* rescue.h - when core cannot be kept up: sysmaster-rescue opens a shell on the console, and another try comes after it */
#pragma once
#include <signal.h>
#include "loop.h"

void rescue_setup(struct loop *l, void (*over)(void));   /* @over: the shell has ended, or the wait where there is no console */
/** rescue_open() - say @why (and @error, 0: none) and open the shell; fine while one is open */
void rescue_open(const char *why, int error);
bool rescue_exited(const siginfo_t *si);                /* false: it is not the shell */
