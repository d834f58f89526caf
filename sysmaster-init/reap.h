/* reap.h - no zombie stays: record first, reap second */
#pragma once
#include <signal.h>
#include <stdbool.h>

/**
 * reap_all() - look at each ended child (waitid(2), WNOWAIT), let @known record it, and only then reap it
 * A crash between the two shows the same child again to the next image, so @known must bear that. Children that nobody knows are
 * reaped silently: orphans of orphans.
 */
void reap_all(bool (*known)(const siginfo_t *si));
