/*
 * sink.h - where lines go: to the syslog daemon's socket when one listens there, else to the kernel log, and into the unit's ring
 *
 * A ring is a file of RING_FILE bytes at most, and the one before it: DIR/UNIT and DIR/UNIT.old, a line each
 * "USEC PRIORITY IDENT PID TEXT" (CLOCK_REALTIME). `sctl status` reads them.
 */
#pragma once
#include "util.h"

#define RING_FILE (16u << 10)

struct entry {
	const char *unit;               /* NULL: of no unit */
	const char *ident;              /* "": the name of nobody */
	uint32_t pid;                   /* 0: not known */
	unsigned priority;
	const char *text; size_t len;   /* a line without its end */
};

struct sink_config {
	const char *ring_dir;           /* "/run/sysmaster/log" */
	const char *syslog;             /* "/dev/log": a socket is a daemon's own; a link leads to one that waits for a daemon, or to us */
	const char *kmsg;               /* "/dev/kmsg" */
};
/** sink_open() - what is borrowed from @c must stay. 0, also without a kernel log; -errno */
int sink_open(const struct sink_config *c);
void sink_write(const struct entry *e);
void sink_close(void);
