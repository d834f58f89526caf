/* context.h - the settings behind cgroup_keys[]: systemd.resource-control(5) */
#pragma once
#include "cgroup/cgroup.h"

/* Controllers that the tree enables; the names are in cgroup_controllers[] (NULL at the end, index = bit). */
enum { CG_CPU = 1, CG_CPUSET = 2, CG_IO = 4, CG_MEMORY = 8, CG_PIDS = 16 };
extern const char *const cgroup_controllers[];

/* IPAddressAllow=, IPAddressDeny=: an address of 4 or 16 bytes and the bits of it that count */
struct cgroup_prefix { uint8_t address[16]; uint8_t len, bits; };
struct cgroup_prefixes { struct cgroup_prefix *v; size_t n; };
struct cgroup_interfaces { char **names; bool allow; };        /* RestrictNetworkInterfaces= */
enum cgroup_device_policy { CGROUP_DEVICE_AUTO, CGROUP_DEVICE_CLOSED, CGROUP_DEVICE_STRICT };

/* An amount that may be relative: UINT64_MAX is "infinity"; @percent counts hundredths of a percent of the system's total. */
struct cgroup_amount { uint64_t value; uint32_t percent, standard; bool set; };        /* standard: percent that counts where none is set */

struct cgroup_context {
	char *slice;                            /* Slice=; NULL: the default */
	bool cpu_accounting, memory_accounting, tasks_accounting, io_accounting, ip_accounting;
	unsigned cpu_weight, startup_cpu_weight, io_weight, startup_io_weight;  /* 1..10000; 0: unset; CGROUP_IDLE */
	uint64_t cpu_quota_usec;                /* CPU time within each second; UINT64_MAX: none */
	uint64_t cpu_quota_period_usec;         /* UINT64_MAX: 100 ms */
	char *allowed_cpus, *startup_allowed_cpus, *allowed_nodes, *startup_allowed_nodes;      /* lists as the kernel reads them */
	struct cgroup_amount memory_min, memory_low, memory_high, memory_max, memory_swap_max, tasks_max, default_memory_low, default_memory_min;
	char **io_devices[6];                   /* "PATH VALUE" each; enum cgroup_io */
	bool delegate;
	bool oom_group;                         /* OOMPolicy=kill: all or nothing */
	int device_policy;                      /* enum cgroup_device_policy */
	char **device_allow;                    /* "SPECIFIER ACCESS" each */
	struct cgroup_prefixes address_allow, address_deny;
	/* CPUShares= and BlockIO*= of older files, used where nothing of the new names is set; systemd.resource-control(5) "Deprecated options" */
	unsigned cpu_shares, startup_cpu_shares, blockio_weight, startup_blockio_weight;        /* 0: unset */
	char **blockio_devices[3];              /* enum cgroup_io: RBPS, WBPS; WEIGHT is the third */
	bool blockio_accounting;
	char **bind_allow, **bind_deny;         /* as in the unit file */
	struct cgroup_interfaces interfaces;
	char **ingress_paths, **egress_paths, **programs;
	unsigned delegate_controllers, disable_controllers;     /* CG_* */
};
#define CGROUP_IDLE 10001u
enum cgroup_io { CGROUP_IO_RBPS, CGROUP_IO_WBPS, CGROUP_IO_RIOPS, CGROUP_IO_WIOPS, CGROUP_IO_WEIGHT, CGROUP_IO_LATENCY, CGROUP_BLOCKIO_WEIGHT };

/** the context within the unit's object, found by the row group of its type; NULL: the type has none */
const struct cgroup_context *cgroup_context_of(const struct unit *u);
/** controllers that these settings need (CG_*) */
unsigned cgroup_context_mask(const struct cgroup_context *c);
/** what counts in the end: legacy settings converted; 0: not set */
unsigned cgroup_cpu_weight(const struct cgroup_context *c, bool startup);
unsigned cgroup_io_weight(const struct cgroup_context *c, bool startup);
bool cgroup_has_io(const struct cgroup_context *c);     /* anything of the new names: then BlockIO*= do not count */
/** an amount in bytes or tasks: percentages are of the machine's memory, or of its tasks */
uint64_t cgroup_amount_bytes(const struct cgroup_amount *a);
uint64_t cgroup_amount_tasks(const struct cgroup_amount *a);
/** devices, addresses ...: what a program attached to the group does; those of the slices above count where they are inherited */
bool cgroup_has_filters(const struct unit *u);
/** "PATH VALUE" of an I/O setting: the number behind the path, in the kernel's unit. -EINVAL */
int cgroup_io_value(enum cgroup_io kind, const char *line, uint64_t *ret);
