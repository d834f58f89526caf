/* keepalive.h - is core still turning its loop? a ping now and then, and patience with a bound */
#pragma once
#include "loop.h"

struct keepalive_ops {
	int (*ping)(uint64_t n);        /* send one; a full channel counts as no answer */
	void (*hung)(void);             /* too many were not answered */
};

void keepalive_start(struct loop *l, const struct keepalive_ops *ops, uint64_t interval_usec, uint64_t misses); /* 0: never */
void keepalive_pong(uint64_t n);
void keepalive_stop(void);
