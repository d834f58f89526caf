/* zone.h - time zones by name: the C library knows only one at a time, so it is switched and switched back */
#pragma once
#include "util.h"

bool zone_valid(const char *name);              /* "UTC", or a name of the zone database: "Europe/Berlin" */

/** zone_enter() - local time is @name's until zone_leave() with the same *old. 0; -ENOMEM: nothing is changed */
int zone_enter(const char *name, char **ret_old);
void zone_leave(char *old);                     /* takes it */
