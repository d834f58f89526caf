/*
 * lines.h - the last log lines of a unit: of our log collector, from the kernel log and, where a syslog daemon runs, from the ends of its files
 *
 * Bounded effort: at most LINES_KMSG records and LINES_FILE bytes of each file are looked at. A line belongs to the unit when its pid is one
 * of the unit's, when its identifier is the unit's, or when core says UNIT=<name> in it.
 */
#pragma once
#include "sctl.h"

#define LINES_KMSG 65536
#define LINES_FILE (512u << 10)

enum line_style { LINES_SHORT, LINES_SHORT_FULL, LINES_SHORT_ISO, LINES_SHORT_ISO_PRECISE, LINES_SHORT_PRECISE, LINES_SHORT_MONOTONIC, LINES_SHORT_UNIX, LINES_CAT, LINES_JSON, LINES_JSON_PRETTY };

struct line_filter {
	const char *unit, *identifier;  /* identifier: "" or NULL when the unit has none */
	const pid_t *pids; size_t n_pids;
	uint64_t since_usec;            /* CLOCK_REALTIME; older lines do not count */
	unsigned count;                 /* lines wanted */
	const char *kmsg, *file, *rings;        /* NULL: /dev/kmsg, the usual files in /var/log, /run/sysmaster/log (a test gives others) */
};
/** lines_print() - oldest first. Return: how many were printed */
int lines_print(struct sctl *s, const struct line_filter *f);
