/*
 * stream.h - connections of services' standard output and error
 *
 * A line stays in its socket until it has been written: bytes are looked at, written, and only then taken out. The socket itself is kept by
 * the service manager (FDSTORE=), and what its head said in DIR, so that a collector that is killed loses no line; one may come twice.
 */
#pragma once
#include "loop.h"

#define STREAM_LINE_MAX 48000           /* a longer line is cut */
#define STREAM_STORED_MAX 200           /* so many connections are kept; lines of others end with the collector */

/** stream_open() - @dir: where the streams' heads are kept; @limits: /run/systemd/units, where LogLevelMax= and LogRateLimit*= of units stand */
int stream_open(struct loop *l, const char *dir, const char *limits);
/** stream_accept() - take in one connection; @fd is taken over */
int stream_accept(int fd);
/** stream_resume() - one that the manager kept; @fd is taken over */
int stream_resume(int fd);
/** stream_forget_others() - heads of streams that did not come back */
void stream_forget_others(void);
size_t stream_count(void);
