/* within.h - something that may take long, in a process of its own that is killed when the time is over */
#pragma once
#include <stdint.h>

/**
 * within() - @fn(@arg) in a child of ours
 * @usec: as long as it may take; UINT64_MAX: for ever
 *
 * Return: what @fn returns, when that is 0 or a negative errno; -ETIME when it was killed; -EIO when it died otherwise; -errno of fork(2).
 */
int within(uint64_t usec, int (*fn)(void *arg), void *arg);
