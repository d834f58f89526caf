/*
 * endpoint.h - /run/sysmaster/init.sock: nng's REP protocol (SP over IPC) served by hand, with a bound on everything
 *
 * At most ENDPOINT_PEERS connections, ENDPOINT_PER_UID of each user but root; who comes beyond that takes the place of the one that has
 * been quiet longest (nng connects again by itself). A peer has one buffer for what it asks and one for its answer; while the answer
 * is not taken, it is not read from. Nothing is allocated.
 * Messages: msg.h; wire: sp.h; methods: method.h.
 */
#pragma once
#include "loop.h"

#define ENDPOINT_PEERS 32
#define ENDPOINT_PER_UID 8
#define ENDPOINT_IN 9216                /* the largest request with its headers: switch_root */
#define ENDPOINT_OUT 16384

/** endpoint_setup() - serve @run_dir/init.sock; the listening socket of an earlier image is kept. 0 or -errno */
int endpoint_setup(struct loop *l, const char *run_dir);
unsigned endpoint_count(void);          /* connections now */
