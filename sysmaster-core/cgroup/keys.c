/* keys.c - the rows of systemd.resource-control(5) */
#include <ctype.h>
#include <stdio.h>
#include "cgroup/context.h"
#include "cgroup/kinds.h"
#include "unit/name.h"

/* why rows of kind_unsupported are that */
#define NO_OOMD (intptr_t)"there is no out-of-memory daemon; MemoryHigh=, MemoryMax= and OOMPolicy= are the kernel's own means"

const char *const cgroup_controllers[] = { "cpu", "cpuset", "io", "memory", "pids", NULL };

#define F(field) offsetof(struct cgroup_context, field)

/* ---- weights: 1..10000, "idle" where the row's arg says so ---- */

static int parse_weight(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	uint64_t v = 0;

	if (*value && k->arg && streq(value, "idle"))
		v = CGROUP_IDLE;
	else if (*value && (value_unsigned(value, 10000, &v) < 0 || v == 0))
		return key_bad(at, "\"%s\" is no weight between 1 and 10000", value);
	*(unsigned *)field = (unsigned)v;
	return 0;
}

static void format_weight(const struct key *k, const void *field, struct buf *out)
{
	unsigned v = *(const unsigned *)field;

	if (v == CGROUP_IDLE)
		buf_adds(out, "idle");
	else if (v)
		buf_addf(out, "%u", v);
	else
		buf_adds(out, "[not set]");
}

static const struct key_kind kind_weight = { "1 to 10000", parse_weight, format_weight, NULL };

/* ---- shares and weights of the old hierarchy; arg: the lowest and the highest, LEGACY() ---- */

#define LEGACY(low, high) ((intptr_t)(low) << 20 | (high))

static int parse_legacy(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	uint64_t v = 0, low = (uint64_t)k->arg >> 20, high = (uint64_t)k->arg & 0xfffff;

	if (*value && (value_unsigned(value, high, &v) < 0 || v < low))
		return key_bad(at, "\"%s\" is no number from %u to %u", value, (unsigned)low, (unsigned)high);
	*(unsigned *)field = (unsigned)v;
	return 0;
}

static const struct key_kind kind_legacy = { "number", parse_legacy, format_weight, NULL };

/* ---- "20%" of one processor, as microseconds in each second ---- */

/* "12.34%" -> 1234 */
static int percent(const char *s, uint64_t max, uint64_t *ret)
{
	uint64_t v = 0;
	unsigned digits = 0;
	bool any = false;

	for (; isdigit((unsigned char)*s) && v <= max; s++, any = true)
		v = v * 10 + (uint64_t)(*s - '0');
	if (*s == '.')
		for (s++; isdigit((unsigned char)*s) && digits < 2; s++, digits++)
			v = v * 10 + (uint64_t)(*s - '0');
	for (; digits < 2; digits++)
		v *= 10;
	if (!any || !streq(s, "%") || v > max * 100)
		return -EINVAL;
	*ret = v;
	return 0;
}

static int parse_quota(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	uint64_t v;

	if (!*value) {
		*(uint64_t *)field = UINT64_MAX;
		return 0;
	}
	if (percent(value, 1000000, &v) < 0 || v == 0)
		return key_bad(at, "\"%s\" is no percentage above 0", value);
	*(uint64_t *)field = v * (USEC_PER_SEC / 10000);
	return 0;
}

static void format_quota(const struct key *k, const void *field, struct buf *out) { value_format_sec(*(const uint64_t *)field, out); }

static const struct key_kind kind_quota = { "percentage of one processor", parse_quota, format_quota, NULL };

static int parse_period(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	uint64_t v = UINT64_MAX;

	if (*value && value_sec(value, USEC_PER_SEC, &v) < 0)
		return key_bad(at, "\"%s\" is no time span", value);
	*(uint64_t *)field = v;
	return 0;
}

static const struct key_kind kind_period = { "time span", parse_period, format_quota, NULL };

/* ---- amounts of memory (arg 0) or tasks (arg 1) ---- */

static int parse_amount(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	struct cgroup_amount a = { .set = *value, .standard = ((const struct cgroup_amount *)field)->standard };
	uint64_t v = 0;

	if (streq(value, "infinity")) {
		a.value = UINT64_MAX;
	} else if (endswith(value, "%")) {
		if (percent(value, 100, &v) < 0)
			return key_bad(at, "\"%s\" is no percentage up to 100%%", value);
		a.percent = (uint32_t)v;
	} else if (*value) {
		int r = k->arg ? value_unsigned(value, UINT64_MAX - 1, &a.value) : value_size(value, &a.value);

		if (r < 0 || (k->arg && a.value == 0))
			return key_bad(at, "\"%s\" is no %s", value, k->arg ? "number of tasks above 0" : "size");
	}
	*(struct cgroup_amount *)field = a;
	return 0;
}

/* what is unset protects nothing and limits nothing */
static bool protects(const struct key *k)
{
	return k->off == F(memory_low) || k->off == F(memory_min) || k->off == F(default_memory_low) || k->off == F(default_memory_min);
}

static void format_amount(const struct key *k, const void *field, struct buf *out)
{
	const struct cgroup_amount *a = field;
	uint64_t v = k->arg ? cgroup_amount_tasks(a) : a->set ? cgroup_amount_bytes(a) : UINT64_MAX;

	if (v != UINT64_MAX)
		buf_addf(out, "%llu", (unsigned long long)v);
	else
		buf_adds(out, a->set || !protects(k) ? "infinity" : "0");
}

static const struct key_kind kind_amount = { "amount, percentage or \"infinity\"", parse_amount, format_amount, NULL };

/* ---- lists of processors and nodes ---- */

static int parse_list(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	struct buf b = { 0 };
	char *s;

	if (*value && *(char **)field)                  /* a further assignment adds to the earlier ones */
		buf_addf(&b, "%s,", *(char **)field);
	for (const char *p = value; *p; p++) {
		if (!isdigit((unsigned char)*p) && *p != '-' && *p != ',' && !isspace((unsigned char)*p)) {
			buf_finish(&b);
			return key_bad_at(at, (unsigned)(p - value), "\"%s\" is no list of numbers and ranges", value);
		}
		if (isdigit((unsigned char)*p) || *p == '-')
			buf_addc(&b, *p);
		else if (b.len && b.data[b.len - 1] != ',')
			buf_addc(&b, ',');
	}
	s = buf_take_str(&b);
	if (!s)
		return -ENOMEM;
	free(*(char **)field);
	*(char **)field = *s ? s : (free(s), NULL);
	return 0;
}

static void format_list(const struct key *k, const void *field, struct buf *out)
{
	const char *s = *(const char *const *)field;

	for (; s && *s; s++)
		buf_addc(out, *s == ',' ? ' ' : *s);
}

static void clear_list(const struct key *k, void *field)
{
	char **s = field;

	free(*s);
	*s = NULL;
}

static const struct key_kind kind_list = { "numbers and ranges", parse_list, format_list, clear_list, .merges = true };

/* ---- "PATH VALUE" of block devices ---- */

int cgroup_io_value(enum cgroup_io kind, const char *line, uint64_t *ret)
{
	const char *s = strrchr(line, ' ');
	uint64_t v = 0;
	int r = -EINVAL;
	char *end;

	if (!s)
		return r;
	s++;
	switch (kind) {
	case CGROUP_IO_WEIGHT:
		r = value_unsigned(s, 10000, &v);
		if (r == 0 && v == 0)
			r = -EINVAL;
		break;
	case CGROUP_BLOCKIO_WEIGHT:                     /* told as a weight of today */
		r = value_unsigned(s, 1000, &v);
		if (r == 0 && v < 10)
			r = -EINVAL;
		v = MAX(v * 100 / 500, (uint64_t)1);
		break;
	case CGROUP_IO_LATENCY:
		r = value_sec(s, USEC_PER_SEC, &v);
		break;
	case CGROUP_IO_RBPS: case CGROUP_IO_WBPS: case CGROUP_IO_RIOPS: case CGROUP_IO_WIOPS:
		if (streq(s, "infinity")) {
			*ret = UINT64_MAX;
			return 0;
		}
		if (!isdigit((unsigned char)*s))
			return -EINVAL;
		errno = 0;
		v = strtoull(s, &end, 10);
		for (const char *p = "KMGT"; *p && *end; p++) {         /* these count in thousands */
			if (__builtin_mul_overflow(v, 1000, &v))
				return -ERANGE;
			if (*end == *p) {
				end++;
				break;
			}
		}
		r = errno || *end || v == 0 ? -EINVAL : 0;
		break;
	}
	if (r == 0)
		*ret = v;
	return r;
}

static int parse_io(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	char ***v = field;
	_cleanup_(freep) char *path = NULL, *amount = NULL;
	const char *p = value;
	char *line;
	uint64_t n;
	int r;

	if (!*value) {
		strv_free(*v);
		*v = NULL;
		return 0;
	}
	r = key_next_word(at, value, &p, true, &path);
	if (r > 0)
		r = key_next_word(at, value, &p, true, &amount);
	if (r < 0)
		return r;
	if (!amount || *path != '/')
		return key_bad(at, "\"%s\" is not an absolute path and a value", value);
	if (asprintf(&line, "%s %s", path, amount) < 0)
		return -ENOMEM;
	if (cgroup_io_value((enum cgroup_io)k->arg, line, &n) < 0) {
		free(line);
		return key_bad(at, "\"%s\" is out of range or no value of this setting", amount);
	}
	return strv_consume(v, line);
}

/* words in their order */
void kind_list_format(const struct key *k, const void *field, struct buf *out)
{
	char *const *const *v = field;

	for (size_t i = 0; *v && (*v)[i]; i++)
		buf_addf(out, "%s%s", i ? " " : "", (*v)[i]);
}

/* the last line first, as systemctl shows them */
void kind_lines_format(const struct key *k, const void *field, struct buf *out)
{
	char *const *const *v = field;

	for (size_t i = strv_len(*v); i--; )
		buf_addf(out, "%s%s", (*v)[i], i ? "\n" : "");
}

static void format_io(const struct key *k, const void *field, struct buf *out)
{
	char *const *const *v = field;

	for (size_t i = strv_len(*v); i--; ) {
		const char *line = (*v)[i];
		uint64_t n = 0;

		cgroup_io_value((enum cgroup_io)k->arg, line, &n);
		buf_add(out, line, (size_t)(strrchr(line, ' ') - line) + 1);
		if (k->arg == CGROUP_BLOCKIO_WEIGHT)    /* by its old scale */
			buf_adds(out, strrchr(line, ' ') + 1);
		else if (k->arg == CGROUP_IO_LATENCY || n == UINT64_MAX)
			value_format_sec(n, out);
		else
			buf_addf(out, "%llu", (unsigned long long)n);
		buf_adds(out, i ? "\n" : "");
	}
}

void kind_list_clear(const struct key *k, void *field)
{
	char ***v = field;

	strv_free(*v);
	*v = NULL;
}

static const struct key_kind kind_io = { "device and value", parse_io, format_io, kind_list_clear, .adds_up = true };

/* ---- controllers ---- */

static int parse_controllers(const struct key_place *at, const char *value, unsigned *mask)
{
	/* of the old hierarchy, or without a controller of the new one */
	static const struct { const char *name; unsigned mask; } others[] = { { "cpuacct", CG_CPU }, { "blkio", CG_IO }, { "devices", 0 }, { "bpf-firewall", 0 }, { "bpf-devices", 0 } };
	const char *p = value;
	char *word;
	int r;

	while ((r = key_next_word(at, value, &p, false, &word)) > 0) {
		_cleanup_(freep) char *own _unused_ = word;
		bool known = false;

		for (size_t i = 0; cgroup_controllers[i]; i++)
			if (streq(cgroup_controllers[i], word)) {
				*mask |= 1u << i;
				known = true;
			}
		for (size_t i = 0; i < ARRAY_SIZE(others) && !known; i++)
			if (streq(others[i].name, word)) {
				*mask |= others[i].mask;
				known = true;
			}
		if (!known)
			key_bad(at, "\"%s\" is no controller", word);
	}
	return r;
}

static int parse_delegate(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	struct cgroup_context *c = field;
	bool b;
	int r;

	if (value_bool(value, &b) == 0) {
		c->delegate = b;
		c->delegate_controllers = b ? CG_CPU | CG_CPUSET | CG_IO | CG_MEMORY | CG_PIDS : 0;
		return 0;
	}
	if (!*value)
		c->delegate_controllers = 0;
	r = parse_controllers(at, value, &c->delegate_controllers);
	if (r == 0)
		c->delegate = true;
	return r;
}

static void format_delegate(const struct key *k, const void *field, struct buf *out)
{
	buf_adds(out, ((const struct cgroup_context *)field)->delegate ? "yes" : "no");
}

static int parse_disable(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	if (!*value)
		*(unsigned *)field = 0;
	return parse_controllers(at, value, field);
}

static void format_disable(const struct key *k, const void *field, struct buf *out)
{
	const char *sep = "";

	for (size_t i = 0; cgroup_controllers[i]; i++) {
		if (!(*(const unsigned *)field & 1u << i))
			continue;
		buf_addf(out, "%s%s", sep, cgroup_controllers[i]);
		sep = " ";
	}
}

static const struct key_kind kind_delegate = { "boolean or controllers", parse_delegate, format_delegate, NULL };
static const struct key_kind kind_disable = { "controllers", parse_disable, format_disable, NULL };

static const struct key_enum device_policies[] = { { "auto", CGROUP_DEVICE_AUTO }, { "closed", CGROUP_DEVICE_CLOSED }, { "strict", CGROUP_DEVICE_STRICT }, { NULL, 0 } };

/* ---- the slice: a dependency, made by cgroup_context_load() ---- */

static int parse_slice(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	_cleanup_(freep) char *name = NULL;
	int r;

	if (*value) {
		r = key_expand(at, value, 0, &name);
		if (r < 0)
			return r;
		if (!name_valid(name, NAME_PLAIN) || !endswith(name, ".slice"))
			return key_bad(at, "\"%s\" is no slice", name);
	}
	free(*(char **)field);
	*(char **)field = TAKE_PTR(name);
	return 0;
}

static void format_slice(const struct key *k, const void *field, struct buf *out)
{
	const char *s = *(const char *const *)field;

	buf_adds(out, s ? s : "");
}

static const struct key_kind kind_slice = { "slice unit", parse_slice, format_slice, clear_list };

const struct key cgroup_keys[] = {
	{ "AllowedCPUs", &kind_list, F(allowed_cpus), 0, NULL, "Processors that the processes may run on." },
	{ "AllowedMemoryNodes", &kind_list, F(allowed_nodes), 0, NULL, "NUMA nodes that memory may come from." },
	{ "BPFProgram", &kind_program, F(programs), 0, NULL, "BPF programs attached to the control group." },
	{ "BlockIOAccounting", &kind_bool, F(blockio_accounting), 0, NULL, "Old name of IOAccounting=." },
	{ "BlockIODeviceWeight", &kind_io, F(blockio_devices[2]), CGROUP_BLOCKIO_WEIGHT, NULL, "Old form of IODeviceWeight=, 10 to 1000." },
	{ "BlockIOReadBandwidth", &kind_io, F(blockio_devices[CGROUP_IO_RBPS]), CGROUP_IO_RBPS, NULL, "Old name of IOReadBandwidthMax=." },
	{ "BlockIOWeight", &kind_legacy, F(blockio_weight), LEGACY(10, 1000), NULL, "Old form of IOWeight=: 500 is its 100." },
	{ "BlockIOWriteBandwidth", &kind_io, F(blockio_devices[CGROUP_IO_WBPS]), CGROUP_IO_WBPS, NULL, "Old name of IOWriteBandwidthMax=." },
	{ "CPUAccounting", &kind_bool, F(cpu_accounting), 0, NULL, "Processor time is counted." },
	{ "CPUQuota", &kind_quota, F(cpu_quota_usec), 0, "CPUQuotaPerSecUSec", "Most processor time that the unit gets, in percent of one processor." },
	{ "CPUQuotaPeriodSec", &kind_period, F(cpu_quota_period_usec), 0, "CPUQuotaPeriodUSec", "Interval that CPUQuota= is measured in." },
	{ "CPUShares", &kind_legacy, F(cpu_shares), LEGACY(2, 262144), NULL, "Old form of CPUWeight=: 1024 is its 100." },
	{ "CPUWeight", &kind_weight, F(cpu_weight), 1, NULL, "Share of processor time against the neighbours in the slice, or \"idle\"." },
	{ "DefaultMemoryLow", &kind_amount, F(default_memory_low), 0, NULL, "MemoryLow= of the units below that do not set it." },
	{ "DefaultMemoryMin", &kind_amount, F(default_memory_min), 0, NULL, "MemoryMin= of the units below that do not set it." },
	{ "Delegate", &kind_delegate, 0, 0, NULL, "The unit manages the control groups below its own itself." },
	{ "DeviceAllow", &kind_device, F(device_allow), 0, NULL, "Device nodes that may be used." },
	{ "DevicePolicy", &kind_enum, F(device_policy), (intptr_t)device_policies, NULL, "Which device nodes may be used when DeviceAllow= does not say." },
	{ "DisableControllers", &kind_disable, F(disable_controllers), 0, NULL, "Controllers that are not enabled for the unit's children." },
	{ "IOAccounting", &kind_bool, F(io_accounting), 0, NULL, "Input and output are counted." },
	{ "IODeviceLatencyTargetSec", &kind_io, F(io_devices[CGROUP_IO_LATENCY]), CGROUP_IO_LATENCY, "IODeviceLatencyTargetUSec", "Latency of a device that the unit is to see on average." },
	{ "IODeviceWeight", &kind_io, F(io_devices[CGROUP_IO_WEIGHT]), CGROUP_IO_WEIGHT, NULL, "Share of a device's time." },
	{ "IOReadBandwidthMax", &kind_io, F(io_devices[CGROUP_IO_RBPS]), CGROUP_IO_RBPS, NULL, "Most bytes read from a device in a second." },
	{ "IOReadIOPSMax", &kind_io, F(io_devices[CGROUP_IO_RIOPS]), CGROUP_IO_RIOPS, NULL, "Most read operations on a device in a second." },
	{ "IOWeight", &kind_weight, F(io_weight), 0, NULL, "Share of devices' time against the neighbours in the slice." },
	{ "IOWriteBandwidthMax", &kind_io, F(io_devices[CGROUP_IO_WBPS]), CGROUP_IO_WBPS, NULL, "Most bytes written to a device in a second." },
	{ "IOWriteIOPSMax", &kind_io, F(io_devices[CGROUP_IO_WIOPS]), CGROUP_IO_WIOPS, NULL, "Most write operations on a device in a second." },
	{ "IPAccounting", &kind_bool, F(ip_accounting), 0, NULL, "Network traffic is counted, by programs of the unit's control group: where the kernel has them, and not for a user's units." },
	{ "IPAddressAllow", &kind_prefixes, F(address_allow), 0, NULL, "Addresses that sockets may talk to." },
	{ "IPAddressDeny", &kind_prefixes, F(address_deny), 0, NULL, "Addresses that sockets may not talk to." },
	{ "IPEgressFilterPath", &kind_filter_path, F(egress_paths), 0, NULL, "BPF filter of outgoing packets, in a BPF file system." },
	{ "IPIngressFilterPath", &kind_filter_path, F(ingress_paths), 0, NULL, "BPF filter of incoming packets, in a BPF file system." },
	{ "ManagedOOMMemoryPressure", &kind_unsupported, 0, NO_OOMD, NULL, "Whether an out-of-memory daemon watches the memory pressure." },
	{ "ManagedOOMMemoryPressureLimit", &kind_unsupported, 0, NO_OOMD, NULL, "Memory pressure at which that daemon acts." },
	{ "ManagedOOMPreference", &kind_unsupported, 0, NO_OOMD, NULL, "Whether that daemon spares the unit." },
	{ "ManagedOOMSwap", &kind_unsupported, 0, NO_OOMD, NULL, "Whether that daemon watches the use of swap." },
	{ "MemoryAccounting", &kind_bool, F(memory_accounting), 0, NULL, "Memory is counted." },
	{ "MemoryHigh", &kind_amount, F(memory_high), 0, NULL, "Memory above which the processes are slowed down." },
	{ "MemoryLimit", &kind_amount, F(memory_max), 0, "", "Old name of MemoryMax=." },
	{ "MemoryLow", &kind_amount, F(memory_low), 0, NULL, "Memory that is not taken away while others have some to give." },
	{ "MemoryMax", &kind_amount, F(memory_max), 0, NULL, "Memory that the unit cannot exceed." },
	{ "MemoryMin", &kind_amount, F(memory_min), 0, NULL, "Memory that is never taken away." },
	{ "MemorySwapMax", &kind_amount, F(memory_swap_max), 0, NULL, "Swap space that the unit cannot exceed." },
	{ "RestrictNetworkInterfaces", &kind_interfaces, F(interfaces), 0, NULL, "Network interfaces that packets may take." },
	{ "Slice", &kind_slice, F(slice), 0, "", "Slice that the unit belongs to." },
	{ "SocketBindAllow", &kind_bind, F(bind_allow), 0, NULL, "Addresses that sockets may be bound to, whatever SocketBindDeny= says." },
	{ "SocketBindDeny", &kind_bind, F(bind_deny), 0, NULL, "Addresses that sockets may not be bound to." },
	{ "StartupAllowedCPUs", &kind_list, F(startup_allowed_cpus), 0, NULL, "AllowedCPUs= while the system starts or shuts down." },
	{ "StartupAllowedMemoryNodes", &kind_list, F(startup_allowed_nodes), 0, NULL, "AllowedMemoryNodes= while the system starts or shuts down." },
	{ "StartupBlockIOWeight", &kind_legacy, F(startup_blockio_weight), LEGACY(10, 1000), NULL, "BlockIOWeight= while the system starts or shuts down." },
	{ "StartupCPUShares", &kind_legacy, F(startup_cpu_shares), LEGACY(2, 262144), NULL, "CPUShares= while the system starts or shuts down." },
	{ "StartupCPUWeight", &kind_weight, F(startup_cpu_weight), 1, NULL, "CPUWeight= while the system starts or shuts down." },
	{ "StartupIOWeight", &kind_weight, F(startup_io_weight), 0, NULL, "IOWeight= while the system starts or shuts down." },
	{ "TasksAccounting", &kind_bool, F(tasks_accounting), 0, NULL, "Tasks are counted." },
	{ "TasksMax", &kind_amount, F(tasks_max), 1, NULL, "Most tasks (processes and threads) at once." },
};
const size_t n_cgroup_keys = ARRAY_SIZE(cgroup_keys);
