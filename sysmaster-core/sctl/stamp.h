/* stamp.h - a point in time that a person typed; systemd.time(7) "Parsing Timestamps" */
#pragma once
#include <stdint.h>

/**
 * stamp_read() - "2026-03-29 02:30:00 Europe/Berlin", "Mon 10:00", "tomorrow", "+5min", "2h ago", "@1796000000.5" ...
 * @now: CLOCK_REALTIME usec, what relative times count from
 * Return: 0 with CLOCK_REALTIME usec; -EINVAL.
 */
int stamp_read(const char *text, uint64_t now, uint64_t *ret);
