/* traffic-map.h - what the counters of IPAccounting= look like: one value of a mapped eBPF array, written by programs of the unit's group */
#pragma once

enum traffic { TRAFFIC_IN_BYTES, TRAFFIC_IN_PACKETS, TRAFFIC_OUT_BYTES, TRAFFIC_OUT_PACKETS, N_TRAFFIC };     /* uint64_t each */
