/* calendar.h - calendar events: when the clock on the wall matches; systemd.time(7) "Calendar Events" */
#pragma once
#include "buf.h"

struct calendar;

/**
 * calendar_parse() - read an expression such as "Mon..Fri *-*-* 08:00" or "weekly"
 * Return: 0 with *ret for calendar_free(); -EINVAL; -ENOMEM.
 */
int calendar_parse(const char *text, struct calendar **ret);
void calendar_free(struct calendar *c);
DEFINE_CLEANUP(struct calendar *, calendar_free);

/**
 * calendar_next() - the first match after @after_usec (CLOCK_REALTIME, microseconds)
 * A local time that the clock skips counts as the next one that exists. *ret_usec is always later than @after_usec.
 * Return: 0; -ENOENT: there is none any more; -EDEADLK: none was found within a thousand steps.
 */
int calendar_next(const struct calendar *c, uint64_t after_usec, uint64_t *ret_usec);

/** calendar_format() - in normalised form, as `systemd-analyze calendar` prints it */
void calendar_format(const struct calendar *c, struct buf *out);
