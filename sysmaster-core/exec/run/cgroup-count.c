/* cgroup-count.c - IPAccounting=: programs of the unit's group that count its packets in a map, which core reads (exec/traffic.h) */
#include <unistd.h>
#include "cgroup-prog.h"
#include "exec/traffic-map.h"
#include "pair.h"

static void add_to(struct code *c, int16_t off)         /* *(r1 + off) += r2, while others do the same */
{
	emit(c, BPF_STX | BPF_DW | BPF_ATOMIC, 1, 2, off, BPF_ADD);
}

static int counter_add(struct hooks *h, int map, enum bpf_attach_type where, enum traffic bytes, enum traffic packets)
{
	struct code c = { NULL };

	MOV_REG(&c, 6, 1);
	emit(&c, BPF_LD | BPF_DW | BPF_IMM, 1, BPF_PSEUDO_MAP_VALUE, 0, map);
	emit(&c, 0, 0, 0, 0, 0);
	LOAD_WORD(&c, 2, 6, offsetof(struct __sk_buff, len));
	add_to(&c, (int16_t)(bytes * sizeof(uint64_t)));
	MOV_IMM(&c, 2, 1);
	add_to(&c, (int16_t)(packets * sizeof(uint64_t)));
	verdict(&c, 1);
	return hooks_load(h, &c, BPF_PROG_TYPE_CGROUP_SKB, where);
}

/* the map of this run; made by the first who looks, whose programs then take the place of those of an earlier run */
static int find_map(struct hooks *h, const int ends[2])
{
	int map = pair_get(ends[0], true), e;

	if (map != -EAGAIN)
		return map;
	map = map_array(N_TRAFFIC * sizeof(uint64_t));
	e = map < 0 ? map : pair_put(ends[1], map);
	if (e < 0) {
		closep(&map);
		return e;
	}
	h->fresh = true;
	return map;
}

int traffic_add(const struct run *r, struct hooks *h)
{
	_cleanup_(closep) int map = -1;
	int ends[2], e;

	if (!pair_find(r, IPC_EXEC_FD_ROLE_TRAFFIC, ends))
		return 0;
	if (lockf(ends[0], F_LOCK, 0) < 0)
		return -errno;
	map = find_map(h, ends);
	e = map;
	if (e >= 0)
		e = counter_add(h, map, BPF_CGROUP_INET_INGRESS, TRAFFIC_IN_BYTES, TRAFFIC_IN_PACKETS);
	if (e >= 0)
		e = counter_add(h, map, BPF_CGROUP_INET_EGRESS, TRAFFIC_OUT_BYTES, TRAFFIC_OUT_PACKETS);
	if (lockf(ends[0], F_ULOCK, 0) < 0)
		return -errno;
	return MIN(e, 0);
}
