/*
 * processes.h - the end of all processes but PID 1 and us
 *
 * As a child of PID 1 we may signal everybody (kill(2) spares PID 1 and the caller). As a child of a subreaper only what came from it
 * is ended: its children, and as their orphans become its children in turn, generation after generation.
 */
#pragma once
#include "leave/work.h"

/** processes_end() - SIGTERM (with SIGHUP for shells), wait, SIGKILL, wait; our parent reaps, unless it is us (order.of) */
void processes_end(const struct order *o);
