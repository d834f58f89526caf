/*
 * rate.h - how often within a span: StartLimitIntervalSec= and StartLimitBurst=, TriggerLimitIntervalSec= and TriggerLimitBurst=
 *
 * A window opens with the first event and lasts for the span; the burst is counted within it, and the first event behind it opens
 * the next. So two numbers are enough for any burst.
 */
#pragma once
#include "util.h"

struct rate { uint64_t begin_usec; unsigned n; };       /* CLOCK_BOOTTIME; zeroed: nothing yet */

/**
 * rate_below() - count one event at @now
 * @interval_usec, @burst: no limit when either is 0; the window never ends when it is USEC_INFINITY
 *
 * Return: true when it is within the limit; what is over it is not counted.
 */
static inline bool rate_below(struct rate *r, uint64_t now, uint64_t interval_usec, unsigned burst)
{
	if (!interval_usec || !burst)
		return true;
	if (!r->begin_usec || (interval_usec != USEC_INFINITY && now - r->begin_usec > interval_usec))
		*r = (struct rate){ .begin_usec = now };
	if (r->n >= burst)
		return false;
	r->n++;
	return true;
}
