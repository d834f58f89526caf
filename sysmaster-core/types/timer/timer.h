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
	uint64_t next_usec;             /* when it comes, without the random delay; of the clock it goes by, see next_...; 0: not known */
};

struct timer_unit {
	struct unit u;

	/* settings */
	struct timer_value *values;
	uint64_t accuracy_usec, random_delay_usec;
	bool fixed_random_delay, on_clock_change, on_timezone_change, persistent, remain_after_elapse, wake_system;
	char *unit;

	/* run time, in the state store */
	enum timer_state state;
	unsigned result;                /* control_result */
	struct unit_times last;         /* when it last elapsed */
	/* what it waits for, 0: neither; the latter is of CLOCK_MONOTONIC, with WakeSystem= of CLOCK_BOOTTIME */
	uint64_t next_realtime_usec, next_monotonic_usec;
	uint64_t delay_usec;            /* random, in force until it elapses */

	/* not kept */
	char *unit_name;                /* unit= or what follows from the name */
	char *stamp_path;               /* Persistent=; NULL: none */
	struct timer timer, recheck;
	struct source alarm;            /* WakeSystem= */
	bool no_alarm;                  /* it is not possible, and was said */
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
void clock_tell(bool zone);                             /* as if it had happened */

/** alarm_set() - wake the machine at CLOCK_BOOTTIME @usec; USEC_INFINITY: no more. @fire: as of any source. -EPERM: without CAP_WAKE_ALARM */
int alarm_set(struct loop *l, struct source *s, uint64_t usec, int (*fire)(struct source *, uint32_t));
void alarm_del(struct source *s);
