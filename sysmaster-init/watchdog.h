/* watchdog.h - the hardware watchdog, fed while the loop turns; watchdog-api of the kernel's documentation */
#pragma once
#include "loop.h"

void watchdog_setup(struct loop *l);            /* opens it when configured; keeps the one an earlier image had open */
void watchdog_shutdown(uint64_t timeout_usec);  /* another time-out for the last steps */
void watchdog_feed(void);
void watchdog_disarm(void);                     /* we leave, but the machine goes on */
int watchdog_seconds(void);                     /* its time-out; -1: there is none */
