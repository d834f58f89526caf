/* context.h - the settings behind cgroup_keys[]: systemd.resource-control(5) */
#pragma once
#include "cgroup/cgroup.h"

/* Controllers that the tree enables; the names are in cgroup_controllers[] (NULL at the end, index = bit). */
enum { CG_CPU = 1, CG_CPUSET = 2, CG_IO = 4, CG_MEMORY = 8, CG_PIDS = 16 };
extern const char *const cgroup_controllers[];

/* IPAddressAllow=, IPAddressDeny=: an address of 4 or 16 bytes and the bits of it that count */
struct cgroup_prefix { uint8_t address[16]; uint8_t len, bits; };
struct cgroup_prefixes { struct cgroup_prefix *v; size_t n; };
enum cgroup_device_policy { CGROUP_DEVICE_AUTO, CGROUP_DEVICE_CLOSED, CGROUP_DEVICE_STRICT };

/* An amount that may be relative: UINT64_MAX is "infinity"; @percent counts hundredths of a percent of the system's total. */
struct cgroup_amount { uint64_t value; uint32_t percent; bool set; };

struct cgroup_context {
	char *slice;                            /* Slice=; NULL: the default */
	bool cpu_accounting, memory_accounting, tasks_accounting, io_accounting;
	unsigned cpu_weight, startup_cpu_weight, io_weight, startup_io_weight;  /* 1..10000; 0: unset; CGROUP_IDLE */
	uint64_t cpu_quota_usec;                /* CPU time within each second; UINT64_MAX: none */
	uint64_t cpu_quota_period_usec;         /* UINT64_MAX: 100 ms */
	char *allowed_cpus, *startup_allowed_cpus, *allowed_nodes, *startup_allowed_nodes;      /* lists as the kernel reads them */
	struct cgroup_amount memory_min, memory_low, memory_high, memory_max, memory_swap_max, tasks_max;
	char **io_devices[6];                   /* "PATH VALUE" each; enum cgroup_io */
	bool delegate;
	bool oom_group;                         /* OOMPolicy=kill: all or nothing */
	int device_policy;                      /* enum cgroup_device_policy */
	char **device_allow;                    /* "SPECIFIER ACCESS" each */
	struct cgroup_prefixes address_allow, address_deny;
	unsigned delegate_controllers, disable_controllers;     /* CG_* */
};
#define CGROUP_IDLE 10001u
enum cgroup_io { CGROUP_IO_RBPS, CGROUP_IO_WBPS, CGROUP_IO_RIOPS, CGROUP_IO_WIOPS, CGROUP_IO_WEIGHT, CGROUP_IO_LATENCY };

/** the context within the unit's object, found by the row group of its type; NULL: the type has none */
const struct cgroup_context *cgroup_context_of(const struct unit *u);
/** controllers that these settings need (CG_*) */
unsigned cgroup_context_mask(const struct cgroup_context *c);
/** bytes, or tasks, that an amount means on this machine; unset: no limit, or 15 % of the system's tasks */
uint64_t cgroup_memory(const struct cgroup_amount *a);
uint64_t cgroup_tasks(const struct cgroup_amount *a);
/** "PATH VALUE" of an I/O setting: the number behind the path, in the kernel's unit. -EINVAL */
int cgroup_io_value(enum cgroup_io kind, const char *line, uint64_t *ret);
