/* attributes.c - settings as the kernel's files; Documentation/admin-guide/cgroup-v2.rst */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/sysmacros.h>
#include "cgroup/tree.h"
#include "log.h"

#define PERIOD_USEC 100000
#define PERIOD_MIN 1000
#define PERIOD_MAX 1000000

/* one line for each controller of the machine, however many units want it */
void cgroup_report_missing(struct cgroup_tree *t, const struct unit *u, unsigned wanted)
{
	/* accounting alone is nothing to complain about */
	const struct cgroup_context *c = cgroup_context_of(u);
	struct cgroup_context plain = *c;

	plain.memory_accounting = plain.tasks_accounting = plain.io_accounting = false;
	plain.delegate_controllers = 0;
	wanted &= cgroup_context_mask(&plain) & ~t->missing;
	for (size_t i = 0; cgroup_controllers[i]; i++) {
		if (!(wanted & 1u << i))
			continue;
		t->missing |= 1u << i;
		log_event(LOG_NOTICE, "CGROUP_NO_CONTROLLER", "limits are not available without this controller", F_STR("CONTROLLER", cgroup_controllers[i]), F_STR("UNIT", u->id));
	}
}

static void put(struct cgroup_tree *t, const struct unit *u, unsigned controller, const char *file, const char *text)
{
	int r;

	if (!(t->available & controller))
		return;
	r = cgroup_write(t, u->cgroup_path, file, text);
	/* the root group has none of these files, and a controller may not have been enabled above us */
	if (r < 0 && r != -ENOENT)
		log_event(LOG_WARNING, "CGROUP_ATTRIBUTE", "a limit cannot be set", F_STR("UNIT", u->id), F_STR("ATTRIBUTE", file), F_STR("VALUE", text), F_ERRNO(r));
}

static void put_u64(struct cgroup_tree *t, const struct unit *u, unsigned controller, const char *file, uint64_t v)
{
	char text[32];

	if (v == UINT64_MAX)
		snprintf(text, sizeof(text), "max");
	else
		snprintf(text, sizeof(text), "%llu", (unsigned long long)v);
	put(t, u, controller, file, text);
}

static uint64_t read_u64(const char *path)
{
	char text[32];
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (n <= 0)
		return UINT64_MAX;
	text[n] = 0;
	return strtoull(text, NULL, 10);
}

static uint64_t total_tasks(void)
{
	static uint64_t total;

	if (!total)
		total = MIN(read_u64("/proc/sys/kernel/pid_max"), read_u64("/proc/sys/kernel/threads-max"));
	return total;
}

static uint64_t total_memory(void)
{
	static uint64_t total;
	struct sysinfo si;

	if (!total && sysinfo(&si) == 0)
		total = (uint64_t)si.totalram * si.mem_unit;
	return total ? total : UINT64_MAX;
}

/* a share of memory is whole pages */
uint64_t cgroup_amount_bytes(const struct cgroup_amount *a)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), total = total_memory();

	if (!a->percent || total == UINT64_MAX)
		return a->value;
	return (uint64_t)((unsigned __int128)(total / page) * a->percent / 10000) * page;
}

uint64_t cgroup_amount_tasks(const struct cgroup_amount *a)
{
	uint64_t total = total_tasks();
	uint32_t percent = a->set ? a->percent : a->standard;

	if (!percent || total == UINT64_MAX)
		return a->set ? a->value : UINT64_MAX;
	return (uint64_t)((unsigned __int128)total * percent / 10000);
}

static void write_quota(struct cgroup_tree *t, const struct unit *u, const struct cgroup_context *c, bool all)
{
	uint64_t period = c->cpu_quota_period_usec == UINT64_MAX ? PERIOD_USEC : c->cpu_quota_period_usec, quota;
	char text[64];

	if (c->cpu_quota_usec == UINT64_MAX) {
		if (all)
			put(t, u, CG_CPU, "cpu.max", "max 100000");
		return;
	}
	period = MAX(period, (uint64_t)PERIOD_MIN);
	period = MIN(period, (uint64_t)PERIOD_MAX);
	/* both must be at least a millisecond: a small share is counted over a longer time */
	if (c->cpu_quota_usec * period / USEC_PER_SEC < PERIOD_MIN)
		period = MIN((uint64_t)PERIOD_MIN * USEC_PER_SEC / c->cpu_quota_usec, (uint64_t)PERIOD_MAX);
	quota = MAX(c->cpu_quota_usec * period / USEC_PER_SEC, (uint64_t)PERIOD_MIN);
	snprintf(text, sizeof(text), "%llu %llu", (unsigned long long)quota, (unsigned long long)period);
	put(t, u, CG_CPU, "cpu.max", text);
}

static void write_cpu(struct cgroup_tree *t, const struct unit *u, const struct cgroup_context *c, bool all)
{
	unsigned weight = cgroup_cpu_weight(c, t->startup);

	if (weight == CGROUP_IDLE) {
		put(t, u, CG_CPU, "cpu.idle", "1");
	} else if (weight || c->startup_cpu_weight || c->startup_cpu_shares || all) {
		put(t, u, CG_CPU, "cpu.idle", "0");
		put_u64(t, u, CG_CPU, "cpu.weight", weight ? weight : 100);
	}
	write_quota(t, u, c, all);
}

static void write_cpuset(struct cgroup_tree *t, const struct unit *u, const struct cgroup_context *c, bool all)
{
	const char *cpus = t->startup && c->startup_allowed_cpus ? c->startup_allowed_cpus : c->allowed_cpus;
	const char *nodes = t->startup && c->startup_allowed_nodes ? c->startup_allowed_nodes : c->allowed_nodes;

	if (cpus || c->startup_allowed_cpus || all)
		put(t, u, CG_CPUSET, "cpuset.cpus", cpus ? cpus : "\n");
	if (nodes || c->startup_allowed_nodes || all)
		put(t, u, CG_CPUSET, "cpuset.mems", nodes ? nodes : "\n");
}

/* MemoryLow= or MemoryMin= of the unit, or what the nearest slice above says that its units get */
static const struct cgroup_amount *inherited(const struct unit *u, const struct cgroup_amount *own, size_t off)
{
	for (const struct unit *s = unit_slice(u); s && !own->set; s = unit_slice(s)) {
		const struct cgroup_context *c = cgroup_context_of(s);
		const struct cgroup_amount *a = c ? (const struct cgroup_amount *)((const char *)c + off) : NULL;

		if (a && a->set)
			return a;
	}
	return own;
}

static void write_memory(struct cgroup_tree *t, const struct unit *u, const struct cgroup_context *c, bool all)
{
	const struct { const char *file; const struct cgroup_amount *a; uint64_t standard; } rows[] = {
		{ "memory.min", inherited(u, &c->memory_min, offsetof(struct cgroup_context, default_memory_min)), 0 },
		{ "memory.low", inherited(u, &c->memory_low, offsetof(struct cgroup_context, default_memory_low)), 0 }, { "memory.high", &c->memory_high, UINT64_MAX },
		{ "memory.max", &c->memory_max, UINT64_MAX }, { "memory.swap.max", &c->memory_swap_max, UINT64_MAX },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].a->set || all)
			put_u64(t, u, CG_MEMORY, rows[i].file, rows[i].a->set ? cgroup_amount_bytes(rows[i].a) : rows[i].standard);
	if (c->oom_group || all)
		put_u64(t, u, CG_MEMORY, "memory.oom.group", c->oom_group);
}

static void write_tasks(struct cgroup_tree *t, const struct unit *u, const struct cgroup_context *c, bool all)
{
	if (c->tasks_max.set || c->tasks_max.standard || all)
		put_u64(t, u, CG_PIDS, "pids.max", cgroup_amount_tasks(&c->tasks_max));
}

/* the block device at or, for other files, below a path; a partition's limits are its disk's business and the kernel says so */
static int device_of(const char *line, dev_t *ret)
{
	_cleanup_(freep) char *path = strndup(line, (size_t)(strrchr(line, ' ') - line));
	struct stat st;

	if (!path)
		return -ENOMEM;
	if (stat(path, &st) < 0)
		return -errno;
	*ret = S_ISBLK(st.st_mode) ? st.st_rdev : st.st_dev;
	return major(*ret) == 0 ? -ENODEV : 0;
}

static void write_io_device(struct cgroup_tree *t, const struct unit *u, enum cgroup_io kind, const char *line)
{
	static const struct { const char *file, *key; } rows[] = {
		[CGROUP_IO_RBPS] = { "io.max", "rbps=" }, [CGROUP_IO_WBPS] = { "io.max", "wbps=" }, [CGROUP_IO_RIOPS] = { "io.max", "riops=" },
		[CGROUP_IO_WIOPS] = { "io.max", "wiops=" }, [CGROUP_IO_WEIGHT] = { "io.weight", "" }, [CGROUP_IO_LATENCY] = { "io.latency", "target=" },
		[CGROUP_BLOCKIO_WEIGHT] = { "io.weight", "" },
	};
	char text[128], value[32] = "max";
	uint64_t v = 0;
	dev_t dev = 0;
	int r = device_of(line, &dev);

	if (r == 0)
		r = cgroup_io_value(kind, line, &v);
	if (r < 0) {
		log_event(LOG_WARNING, "CGROUP_DEVICE", "an I/O limit names no block device", F_STR("UNIT", u->id), F_STR("VALUE", line), F_ERRNO(r));
		return;
	}
	if (v != UINT64_MAX)
		snprintf(value, sizeof(value), "%llu", (unsigned long long)v);
	snprintf(text, sizeof(text), "%u:%u %s%s", major(dev), minor(dev), rows[kind].key, value);
	put(t, u, CG_IO, rows[kind].file, text);
}

/* what the file says of devices goes back to the kernel's default */
static void reset_devices(struct cgroup_tree *t, const struct unit *u, const char *file, const char *standard)
{
	char text[8192], line[128], *save = NULL;

	if (cgroup_read(t, u->cgroup_path, file, text, sizeof(text)) <= 0)
		return;
	for (char *l = strtok_r(text, "\n", &save); l; l = strtok_r(NULL, "\n", &save)) {
		unsigned maj, min;

		if (sscanf(l, "%u:%u", &maj, &min) != 2)
			continue;
		snprintf(line, sizeof(line), "%u:%u %s", maj, min, standard);
		put(t, u, CG_IO, file, line);
	}
}

static void write_io(struct cgroup_tree *t, const struct unit *u, const struct cgroup_context *c, bool all)
{
	unsigned weight = cgroup_io_weight(c, t->startup);

	if (weight || c->startup_io_weight || c->startup_blockio_weight || all)
		put_u64(t, u, CG_IO, "io.weight", weight ? weight : 100);
	if (all && t->available & CG_IO) {
		reset_devices(t, u, "io.max", "rbps=max wbps=max riops=max wiops=max");
		reset_devices(t, u, "io.weight", "default");
		reset_devices(t, u, "io.latency", "target=0");
	}
	for (size_t i = 0; i < ARRAY_SIZE(c->io_devices); i++)
		for (size_t j = 0; c->io_devices[i] && c->io_devices[i][j]; j++)
			write_io_device(t, u, (enum cgroup_io)i, c->io_devices[i][j]);
	for (size_t i = 0; i < ARRAY_SIZE(c->blockio_devices) && !cgroup_has_io(c); i++)
		for (size_t j = 0; c->blockio_devices[i] && c->blockio_devices[i][j]; j++)
			write_io_device(t, u, i == 2 ? CGROUP_BLOCKIO_WEIGHT : (enum cgroup_io)i, c->blockio_devices[i][j]);
}

void cgroup_write_attributes(struct cgroup_tree *t, const struct unit *u, const struct cgroup_context *c, bool all)
{
	if (!t->available || streq(u->cgroup_path, "/"))
		return;
	write_cpu(t, u, c, all);
	write_cpuset(t, u, c, all);
	write_memory(t, u, c, all);
	write_tasks(t, u, c, all);
	write_io(t, u, c, all);
}
