/*
 * traffic.h - IPAccounting=: how many bytes and packets the processes of a unit's run have sent and received
 *
 * The counters lie in an eBPF map. Whoever sets up the unit's group first makes it and puts its descriptor into a socket pair, as with
 * shared namespaces (shared.h); core has no bpf(2), it looks at the descriptor in the pair and maps the memory. Init keeps both
 * ends, so the counters outlive core. They stay readable after the run, until the next one begins.
 */
#pragma once
#include "exec/exec.h"
#include "exec/traffic-map.h"

/** exec_traffic_acquire() - u->traffic for this run; given up where IPAccounting= is no. 0 or -errno */
int exec_traffic_acquire(struct unit *u);
void exec_traffic_release(struct unit *u);
/** exec_traffic_read() - false: nothing is counted */
bool exec_traffic_read(struct unit *u, uint64_t ret[N_TRAFFIC]);
void exec_traffic_restore(struct unit *u, const void *run, size_t n);   /* of the state store: the run it belongs to */
