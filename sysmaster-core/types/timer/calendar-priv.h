/* calendar-priv.h - what calendar.c (reading, printing) and calendar-next.c (searching) share */
#pragma once
#include "types/timer/calendar.h"

#define CALENDAR_YEAR_MIN 1970
#define CALENDAR_YEAR_MAX 2199

enum calendar_field { YEAR, MONTH, DAY, HOUR, MINUTE, SECOND /* microseconds of the minute */, N_FIELDS };

/* START, START..STOP/REPEAT, START/REPEAT */
struct calendar_range { int64_t start, stop, repeat; };                 /* stop -1: none; repeat 0: none */
struct calendar_component { struct calendar_range *ranges; size_t n; }; /* n 0: any */

struct calendar {
	struct calendar_component fields[N_FIELDS];
	unsigned weekdays;              /* bit 0: Monday; 0: any */
	bool from_month_end;            /* days count backwards from the last */
	bool utc;
	int dst;                        /* "CET" or "CEST" where the machine is in Berlin: 0 or 1; -1: not said */
	char *zone;                     /* name of the zone database; NULL: local time */
};
