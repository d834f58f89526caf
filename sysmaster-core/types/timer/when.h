/* when.h - when a timer elapses: its lines, the random delay, and the moment at which to wake up for it; systemd.timer(5) */
#pragma once
#include "types/timer/timer.h"

struct timer_now { uint64_t realtime, monotonic, boottime; };

/** timer_clock - now_usec(), unless a test turns the clock */
extern uint64_t (*timer_clock)(int clock);
struct timer_now timer_now(void);
uint64_t timer_asleep(void);             /* how long the machine slept since its boot */

/**
 * when_next() - look at each line: sets its ->next_usec, and the unit's ->next_realtime_usec and ->next_monotonic_usec to the first, 0: none;
 * no random delay is in them. A single shot that was fired is put out of action.
 */
void when_next(struct timer_unit *t, const struct timer_now *now);

uint64_t when_delay(const struct timer_unit *t);        /* RandomizedDelaySec=: drawn, or this machine's own with FixedRandomDelay= */
uint64_t when_fixed(const uint8_t machine[16], bool system, uint32_t uid, const char *unit);   /* what systemd computes of these */

bool when_is_due(const struct timer_unit *t, const struct timer_now *now);
/** when_wake() - CLOCK_BOOTTIME; within AccuracySec= at a moment that other timers choose too. USEC_INFINITY: there is no time */
uint64_t when_wake(const struct timer_unit *t, const struct timer_now *now);
