/* timer.h - a timer unit: the object and what its files share; systemd.timer(5) */
#pragma once
#include "state.ipc.h"
#include "types/control.h"
#include "types/timer/calendar.h"

enum timer_state { TIMER_DEAD, TIMER_WAITING, TIMER_RUNNING, TIMER_ELAPSED, TIMER_FAILED, N_TIMER_STATES };
enum timer_base { TIMER_ACTIVE, TIMER_BOOT, TIMER_STARTUP, TIMER_UNIT_ACTIVE, TIMER_UNIT_INACTIVE, TIMER_CALENDAR, N_TIMER_BASES };
extern const char *const timer_base_names[N_TIMER_BASES];       /* "OnActiveUSec" ... as `show` prints them */

struct timer_value {                    /* one On...= line */
	struct timer_value *next;
	enum timer_base base;
	uint64_t span_usec;
	struct calendar *calendar;
	bool disabled;                  /* a single shot that is over */
};

struct timer_unit {
	struct unit u;

	/* settings */
	struct timer_value *values;
	uint64_t accuracy_usec, random_delay_usec;
	bool fixed_random_delay, on_clock_change, on_timezone_change, persistent, remain_after_elapse;
	char *unit;

	/* run time, in the state store */
	enum timer_state state;
	unsigned result;                /* control_result */
	struct unit_times last;         /* when it last elapsed */
	uint64_t next_realtime_usec, next_boottime_usec;        /* what it waits for; 0: neither */
	uint64_t delay_usec;            /* random, in force until it elapses */

	/* not kept */
	char *unit_name;                /* unit= or what follows from the name */
	char *stamp_path;               /* Persistent=; NULL: none */
	struct timer timer, recheck;
	struct timer_unit *next;        /* all of the process: a clock change concerns each */
};

static inline struct timer_unit *TIMER(const struct unit *u) { return (struct timer_unit *)u; }

/* keys.c */
#define N_TIMER_GROUPS 1
extern const struct key_group timer_groups[N_TIMER_GROUPS];
void timer_unit_init(struct unit *u);
int timer_unit_load(struct unit *u, const struct key_place *at);

/* clock.c */
/** call @fn for every timer unit when somebody sets the clock (@zone false) or changes the time zone (@zone true) */
int clock_watch(struct loop *l, void (*fn)(bool zone));
void clock_unwatch(void);
