/* watchdog.h - the hardware watchdog, fed while the loop turns; common/watchdog-open.h has opened it */
#pragma once
#include "loop.h"

void watchdog_setup(struct loop *l);            /* from here on it is fed, twice within its time-out */
void watchdog_disarm(void);                     /* we leave, but the machine goes on */
int watchdog_seconds(void);                     /* its time-out; -1: there is none */
