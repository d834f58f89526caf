/*
 * signals.h - what a signal to init means
 *
 * Source: systemd(1) "Signals", signal(7). As PID 1: SIGTERM executes init again; SIGINT is Ctrl-Alt-Del (seven within two seconds:
 * reboot at once); SIGRTMIN+13 to +16 halt, power off, reboot, kexec without asking core; the others are core's business, and where
 * core is out of reach init does what it can of them. As subreaper SIGTERM and SIGINT end the suite, the
 * second one without core.
 */
#pragma once
#include "loop.h"

/** signals_setup() - from here on signals arrive in the loop; @child: for SIGCHLD. 0 or -errno */
int signals_setup(struct loop *l, void (*child)(void));

/** signals_take() - act on one, as if it had arrived */
void signals_take(int signo);
