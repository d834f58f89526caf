/*
 * test-cgroup.c - keys, paths and the tree itself
 *
 * Paths and values need no kernel. The tree is tried below a directory made for the test in this machine's cgroup v2 hierarchy,
 * never in its root, and attribute files below an ordinary directory, where what is written can be read back.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <cmocka.h>
#include "cgroup/tree.h"
#include "unit/types.h"

/* ---- units ---- */

struct thing { struct unit u; struct cgroup_context c; };
static const struct key_group groups[] = { { .section = "Service", .rows = cgroup_keys, .n_rows_at = &n_cgroup_keys, .base = offsetof(struct thing, c) } };

static void thing_init(struct unit *u) { cgroup_context_init(&((struct thing *)u)->c); }
static enum unit_active_state thing_active(const struct unit *u) { return UNIT_INACTIVE; }
static const char *thing_sub(const struct unit *u) { return "dead"; }
#define TYPE(n) { .abi = UNIT_TYPE_ABI, .name = n, .section = "Service", .size = sizeof(struct thing), .groups = groups, .n_groups = 1, .no_files = true, \
	.init = thing_init, .active = thing_active, .sub = thing_sub }
const struct unit_type unit_type_service = TYPE("service");
const struct unit_type unit_type_slice = TYPE("slice");

static unsigned n_reported;
static void report(struct diag_sink *s, enum diag_level level, const char *file, unsigned line, unsigned column, const char *text) { n_reported++; }
static struct diag_sink sink = { report };
static struct unit_host host;
static struct unit_set *set;

static struct unit *unit_of(const char *name)
{
	struct unit *u = unit_get(set, name);

	if (!u)
		assert_return_code(unit_stub(set, name, &u), 0);
	return u;
}

static struct cgroup_context *context_of(struct unit *u) { return &((struct thing *)u)->c; }

static struct unit *placed(const char *name, const char *slice)
{
	struct unit *u = unit_of(name);

	cgroup_context_done(context_of(u));
	cgroup_context_init(context_of(u));
	if (slice)
		context_of(u)->slice = strdup(slice);
	assert_return_code(cgroup_context_load(u, context_of(u)), 0);
	return u;
}

static void set_key(struct cgroup_context *c, const char *name, const char *value, bool good)
{
	for (size_t i = 0; i < n_cgroup_keys; i++) {
		const struct key *k = &cgroup_keys[i];
		struct key_place at = { .unit = unit_of("a.service"), .sink = &sink, .file = "test", .section = "Service", .key = name, .line = 1, .column = 1 };

		if (!streq(k->name, name))
			continue;
		n_reported = 0;
		k->kind->parse(&at, k, value, (char *)c + k->off);
		assert_int_equal(n_reported == 0, good);
		return;
	}
	fail_msg("no key %s", name);
}

static void get_key(const struct cgroup_context *c, const char *name, const char *want)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < n_cgroup_keys; i++)
		if (streq(cgroup_keys[i].name, name))
			cgroup_keys[i].kind->format(&cgroup_keys[i], (const char *)c + cgroup_keys[i].off, &b);
	assert_string_equal(buf_str(&b), want);
	buf_finish(&b);
}

static void keys(void **state)
{
	static const struct { const char *name, *value, *shown; bool good; } rows[] = {
		{ "CPUWeight", "200", "200", true }, { "CPUWeight", "idle", "idle", true }, { "CPUWeight", "0", "[not set]", false }, { "CPUWeight", "10001", "[not set]", false },
		{ "IOWeight", "idle", "[not set]", false }, { "CPUQuota", "20%", "200ms", true }, { "CPUQuota", "250%", "2.500000s", true }, { "CPUQuota", "20", "infinity", false }, { "CPUQuota", "0%", "infinity", false },
		{ "MemoryMax", "1G", "1073741824", true }, { "MemoryMax", "infinity", "infinity", true }, { "MemoryMax", "101%", "infinity", false }, { "MemoryMax", "x", "infinity", false },
		{ "MemoryLow", "", "0", true }, { "TasksMax", "100", "100", true }, { "TasksMax", "infinity", "infinity", true },
		{ "AllowedCPUs", "0-3 5,7", "0-3 5 7", true }, { "AllowedCPUs", "a", "", false }, { "IOReadBandwidthMax", "/dev/sda 5M", "/dev/sda 5000000", true }, { "IOReadBandwidthMax", "sda 5M", "", false },
		{ "IOReadBandwidthMax", "/dev/sda", "", false }, { "IODeviceWeight", "/dev/sda 0", "", false }, { "IODeviceLatencyTargetSec", "/dev/sda 25ms", "/dev/sda 25ms", true },
		{ "Delegate", "yes", "yes", true }, { "Delegate", "cpu memory", "yes", true }, { "Delegate", "no", "no", true }, { "DisableControllers", "cpu io", "cpu io", true },
		{ "Delegate", "warp", "yes", false }, { "DeviceAllow", "/dev/null rw", "/dev/null rw", true }, { "DeviceAllow", "char-pts", "char-pts rwm", true }, { "DeviceAllow", "/etc/x r", "", false }, { "DeviceAllow", "/dev/x rx", "", false },
		{ "DevicePolicy", "closed", "closed", true }, { "IPAddressDeny", "any", "0.0.0.0/0 ::/0", true }, { "IPAddressAllow", "localhost 10.1.2.3/12", "127.0.0.0/8 ::1/128 10.0.0.0/12", true },
		{ "IPAddressAllow", "fe80::1", "fe80::1/128", true }, { "IPAddressAllow", "1.2.3.4/33", "", false }, { "IPAddressAllow", "host", "", false },
		{ "MemoryMin", "", "0", true }, { "DefaultMemoryLow", "10M", "10485760", true }, { "DefaultMemoryMin", "", "0", true },
		{ "CPUShares", "2048", "2048", true }, { "CPUShares", "", "[not set]", true }, { "CPUShares", "1", "[not set]", false }, { "CPUShares", "262145", "[not set]", false },
		{ "BlockIOWeight", "700", "700", true }, { "BlockIOWeight", "9", "[not set]", false }, { "BlockIOWeight", "1001", "[not set]", false },
		{ "BlockIODeviceWeight", "/dev/sda 100", "/dev/sda 100", true }, { "BlockIODeviceWeight", "/dev/sda 5", "", false }, { "BlockIOReadBandwidth", "/tmp 5M", "/tmp 5000000", true },
		{ "SocketBindAllow", "any", "any", true }, { "SocketBindAllow", "ipv4:tcp:8080", "ipv4:tcp:8080", true }, { "SocketBindAllow", "udp:1-100", "udp:1-100", true },
		{ "SocketBindAllow", "ipv6:any", "ipv6:any", true }, { "SocketBindAllow", "ipv6:", "", false }, { "SocketBindAllow", "bogus", "", false }, { "SocketBindAllow", "70000", "", false },
		{ "SocketBindDeny", "100-1", "", false }, { "SocketBindDeny", "tcp:0", "", false }, { "SocketBindDeny", "tcp:ipv4:1", "", false }, { "SocketBindDeny", "1-2x", "", false },
		{ "RestrictNetworkInterfaces", "lo eth0", "lo eth0", true }, { "RestrictNetworkInterfaces", "~lo eth0", "~lo eth0", true }, { "RestrictNetworkInterfaces", "lo bad/name", "lo", false },
		{ "RestrictNetworkInterfaces", "averyveryverylongname", "", false }, { "IPIngressFilterPath", "/sys/fs/bpf/x", "/sys/fs/bpf/x", true }, { "IPIngressFilterPath", "rel", "", false },
		{ "BPFProgram", "bind4:/sys/fs/bpf/p", "bind4:/sys/fs/bpf/p", true }, { "BPFProgram", "foo:/x", "", false }, { "BPFProgram", "bind4", "", false }, { "BPFProgram", "bind4:x", "", false },
		{ "Slice", "a.service", "", false }, { "Slice", "a-b.slice", "a-b.slice", true },
	};

	for (size_t i = 1; i < n_cgroup_keys; i++)
		assert_true(strcmp(cgroup_keys[i - 1].name, cgroup_keys[i].name) < 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct cgroup_context c;

		cgroup_context_init(&c);
		print_message("%s=%s\n", rows[i].name, rows[i].value);
		set_key(&c, rows[i].name, rows[i].value, rows[i].good);
		if (!streq(rows[i].name, "CPUQuota") || !rows[i].good)
			get_key(&c, rows[i].name, rows[i].shown);
		cgroup_context_done(&c);
		cgroup_context_done(&c);
	}
}

/* shown as what they come to on this machine; TasksMax= has a percentage for its default */
static void percents(void **state)
{
	static const struct { const char *name, *value; double share; bool memory; } rows[] = {
		{ "MemoryMax", "50%", 0.5, true }, { "MemoryHigh", "12.5%", 0.125, true }, { "TasksMax", "12.5%", 0.125, false }, { "TasksMax", "0", 0.15, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		unsigned long long total, pids, unit = rows[i].memory ? (unsigned long long)sysconf(_SC_PAGESIZE) : 1;
		struct cgroup_context c;
		struct sysinfo si;
		char want[32];
		FILE *f = fopen("/proc/sys/kernel/threads-max", "re"), *g = fopen("/proc/sys/kernel/pid_max", "re");

		assert_non_null(f);
		assert_non_null(g);
		assert_int_equal(fscanf(f, "%llu", &total), 1);
		assert_int_equal(fscanf(g, "%llu", &pids), 1);
		fclose(f);
		fclose(g);
		assert_int_equal(sysinfo(&si), 0);
		total = rows[i].memory ? (unsigned long long)si.totalram * si.mem_unit : MIN(total, pids);
		snprintf(want, sizeof(want), "%llu", (unsigned long long)((unsigned __int128)total * (unsigned)(rows[i].share * 10000) / 10000 / unit * unit));
		cgroup_context_init(&c);
		set_key(&c, rows[i].name, rows[i].value, !streq(rows[i].value, "0"));
		get_key(&c, rows[i].name, want);
		cgroup_context_done(&c);
	}
}

/* further assignments */
static void again(void **state)
{
	static const struct { const char *name, *first, *second, *shown; } rows[] = {
		{ "AllowedCPUs", "0", "2-3", "0 2-3" }, { "AllowedCPUs", "0", "", "" }, { "SocketBindAllow", "any", "any", "any" }, { "SocketBindAllow", "1", "tcp:2", "tcp:2\n1" },
		{ "SocketBindAllow", "1", "", "" }, { "RestrictNetworkInterfaces", "lo eth0", "~eth0", "lo" }, { "RestrictNetworkInterfaces", "lo", "eth0", "lo eth0" },
		{ "RestrictNetworkInterfaces", "~lo", "", "" }, { "BPFProgram", "bind4:/a", "bind6:/b", "bind6:/b\nbind4:/a" }, { "IPEgressFilterPath", "/a", "/b", "/a /b" },
		{ "DeviceAllow", "/dev/null r", "char-pts", "char-pts rwm\n/dev/null r" }, { "CPUWeight", "5", "", "[not set]" }, { "MemoryMax", "5", "", "infinity" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct cgroup_context c;

		cgroup_context_init(&c);
		set_key(&c, rows[i].name, rows[i].first, true);
		set_key(&c, rows[i].name, rows[i].second, true);
		get_key(&c, rows[i].name, rows[i].shown);
		cgroup_context_done(&c);
	}
}

static void sandbox(void **state)
{
	struct cgroup_context c;

	cgroup_context_init(&c);
	assert_int_equal(cgroup_context_restrict(&c, false, true), 0);
	get_key(&c, "DevicePolicy", "auto");
	get_key(&c, "DeviceAllow", "");
	assert_int_equal(cgroup_context_restrict(&c, true, true), 0);
	get_key(&c, "DevicePolicy", "closed");
	get_key(&c, "DeviceAllow", "char-rtc r");
	cgroup_context_done(&c);
}

/* what the settings of older files come to; figures of systemd 252 */
static void legacy(void **state)
{
	struct cgroup_context c;

	cgroup_context_init(&c);
	assert_int_equal(cgroup_cpu_weight(&c, false), 0);
	set_key(&c, "CPUShares", "2048", true);
	set_key(&c, "StartupCPUShares", "2", true);
	assert_int_equal(cgroup_cpu_weight(&c, false), 200);
	assert_int_equal(cgroup_cpu_weight(&c, true), 1);
	set_key(&c, "CPUShares", "262144", true);
	assert_int_equal(cgroup_cpu_weight(&c, false), 10000);
	set_key(&c, "StartupCPUWeight", "30", true);            /* of the new names: the old count no longer */
	assert_int_equal(cgroup_cpu_weight(&c, false), 0);
	assert_int_equal(cgroup_cpu_weight(&c, true), 30);
	set_key(&c, "BlockIOWeight", "700", true);
	assert_int_equal(cgroup_io_weight(&c, false), 140);
	assert_true(cgroup_context_mask(&c) & CG_IO);
	set_key(&c, "IOReadIOPSMax", "/dev/sda 5", true);
	assert_int_equal(cgroup_io_weight(&c, false), 0);
	cgroup_context_done(&c);
}

static void filters(void **state)
{
	static const char *const names[] = { "DevicePolicy=closed", "DeviceAllow=/dev/null", "IPAddressDeny=any", "SocketBindDeny=any", "RestrictNetworkInterfaces=lo", "BPFProgram=bind4:/a", "IPEgressFilterPath=/a" };
	struct unit *slice = unit_of("flt.slice"), *u;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_cleanup_(freep) char *name = strdup(names[i]);
		char *eq = strchr(name, '=');

		*eq = 0;
		u = placed("flt.service", "flt.slice");
		assert_false(cgroup_has_filters(u));
		set_key(context_of(u), name, eq + 1, true);
		assert_true(cgroup_has_filters(u));
	}
	u = placed("flt.service", "flt.slice");
	set_key(context_of(slice), "IPAddressDeny", "any", true);       /* holds for all below */
	assert_true(cgroup_has_filters(u));
}

static void masks(void **state)
{
	struct cgroup_context c;

	cgroup_context_init(&c);
	assert_int_equal(cgroup_context_mask(&c), CG_MEMORY | CG_PIDS);
	c.memory_accounting = c.tasks_accounting = false;
	assert_int_equal(cgroup_context_mask(&c), 0);
	set_key(&c, "CPUQuota", "50%", true);
	assert_int_equal(cgroup_context_mask(&c), CG_CPU);
	set_key(&c, "Delegate", "io", true);
	assert_int_equal(cgroup_context_mask(&c), CG_CPU | CG_IO);
	cgroup_context_done(&c);
}

static void paths(void **state)
{
	static const struct { const char *unit, *slice, *path; } rows[] = {
		{ "a.service", NULL, "/system.slice/a.service" }, { "getty@tty1.service", NULL, "/system.slice/system-getty.slice/getty@tty1.service" },
		{ "serial-getty@x.service", NULL, "/system.slice/system-serial\\x2dgetty.slice/serial-getty@x.service" },
		{ "b.service", "-.slice", "/b.service" }, { "c.service", "x-y-z.slice", "/x.slice/x-y.slice/x-y-z.slice/c.service" },
		{ "-.slice", NULL, "/" }, { "system.slice", "-.slice", "/system.slice" }, { "x-y.slice", "x.slice", "/x.slice/x-y.slice" },
		{ "_a.service", NULL, "/system.slice/__a.service" }, { "cgroup.service", NULL, "/system.slice/_cgroup.service" }, { "memory.service", NULL, "/system.slice/_memory.service" },
		{ "memoryd.service", NULL, "/system.slice/memoryd.service" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct unit *u = placed(rows[i].unit, rows[i].slice);
		char *path;

		assert_return_code(cgroup_unit_path(u, &path), 0);
		assert_string_equal(path, rows[i].path);
		free(path);
	}
	assert_non_null(unit_slice(unit_of("a.service")));
	assert_true(unit_has_dep(unit_of("a.service"), DEP_AFTER, unit_of("system.slice")));
	assert_true(unit_has_dep(unit_of("a.service"), DEP_REQUIRES, unit_of("system.slice")));
}

/* ---- a directory that only looks like a group: what is written can be read ---- */

static char fake[] = "/tmp/test-cgroup-XXXXXX";

static void make_file(const char *dir, const char *name, const char *text)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s%s/%s", fake, dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void assert_file(const char *dir, const char *name, const char *want)
{
	char path[512], text[256] = "";
	int fd;

	snprintf(path, sizeof(path), "%s%s/%s", fake, dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_true(read(fd, text, sizeof(text) - 1) >= 0);
	close(fd);
	assert_string_equal(text, want);
}

static void attributes(void **state)
{
	static const char *const files[] = { "cpu.weight", "cpu.idle", "cpu.max", "cpuset.cpus", "memory.low", "memory.max", "memory.high", "pids.max", "io.weight", "cgroup.subtree_control", "cgroup.events" };
	_cleanup_(loop_freep) struct loop *l = NULL;
	struct cgroup_tree *t;
	struct unit *u = placed("fake.service", "-.slice");
	struct cgroup_context *c = context_of(u);
	char path[512];

	assert_non_null(mkdtemp(fake));
	snprintf(path, sizeof(path), "%s/fake.service", fake);
	assert_return_code(mkdir(path, 0755), errno);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		make_file("/fake.service", files[i], "");
	make_file("", "cgroup.controllers", "cpuset cpu io memory pids\n");
	make_file("", "cgroup.subtree_control", "cpu memory\n");
	assert_return_code(loop_new(&l, 4, false), 0);
	assert_return_code(cgroup_tree_new(&t, fake, l, NULL, NULL), 0);
	assert_int_equal(t->available, CG_CPU | CG_CPUSET | CG_IO | CG_MEMORY | CG_PIDS);
	assert_int_equal(t->enabled, CG_CPU | CG_MEMORY);
	set_key(c, "CPUWeight", "300", true);
	set_key(c, "StartupCPUWeight", "700", true);
	set_key(c, "CPUQuota", "20%", true);
	set_key(c, "AllowedCPUs", "0 1", true);
	set_key(c, "MemoryLow", "4K", true);
	set_key(c, "MemoryMax", "infinity", true);
	set_key(c, "TasksMax", "77", true);
	assert_return_code(cgroup_realize(t, u), 0);
	assert_string_equal(u->cgroup_path, "/fake.service");
	assert_file("/fake.service", "cpu.weight", "300");
	assert_file("/fake.service", "cpu.max", "20000 100000");
	assert_file("/fake.service", "cpuset.cpus", "0,1");
	assert_file("/fake.service", "memory.low", "4096");
	assert_file("/fake.service", "memory.max", "max");
	assert_file("/fake.service", "memory.high", "");
	assert_file("/fake.service", "pids.max", "77");
	assert_int_equal(t->enabled, CG_CPU | CG_CPUSET | CG_MEMORY | CG_PIDS);
	cgroup_tree_set_startup(t, set, true);
	assert_file("/fake.service", "cpu.weight", "700");
	/* set-property: what is no longer set goes back to the kernel's default */
	set_key(c, "CPUWeight", "", true);
	set_key(c, "StartupCPUWeight", "", true);
	set_key(c, "CPUQuota", "", true);
	set_key(c, "MemoryLow", "", true);
	set_key(c, "AllowedCPUs", "", true);
	set_key(context_of(unit_of("-.slice")), "DefaultMemoryLow", "8K", true);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)         /* an ordinary file keeps the end of a longer text */
		make_file("/fake.service", files[i], "");
	assert_return_code(cgroup_apply(t, u), 0);
	assert_file("/fake.service", "cpu.weight", "100");
	assert_file("/fake.service", "cpu.max", "max 100000");
	assert_file("/fake.service", "memory.low", "8192");
	assert_file("/fake.service", "memory.high", "max");
	assert_file("/fake.service", "cpuset.cpus", "\n");
	cgroup_tree_free(t);
	free(u->cgroup_path);
	u->cgroup_path = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), "%s/fake.service/%s", fake, files[i]);
		unlink(path);
	}
	snprintf(path, sizeof(path), "rm -r %s", fake);
	assert_int_equal(system(path), 0);
}

/* ---- the kernel's tree ---- */

static char root[256];
static struct unit *emptied;
static void empty(void *arg, struct unit *u) { emptied = u; }

static const char *find_hierarchy(void)
{
	static const char *const places[] = { "/sys/fs/cgroup/unified", "/sys/fs/cgroup" };
	char path[256];

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		snprintf(path, sizeof(path), "%s/cgroup.controllers", places[i]);
		if (access(path, F_OK) == 0)
			return places[i];
	}
	return NULL;
}

static pid_t child_in(struct cgroup_tree *t, const struct unit *u, const char *sub, bool ignore_term)
{
	char path[512], text[32];
	void (*old)(int) = signal(SIGTERM, ignore_term ? SIG_IGN : SIG_DFL);    /* before the fork: the child is signalled at once */
	pid_t pid = fork();
	int fd;

	assert_true(pid >= 0);
	if (pid == 0) {
		for (;;)
			pause();
	}
	signal(SIGTERM, old);
	snprintf(path, sizeof(path), "%s%s%s/cgroup.procs", t->root, u->cgroup_path, sub);
	snprintf(text, sizeof(text), "%d", (int)pid);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_return_code(write(fd, text, strlen(text)), errno);
	close(fd);
	return pid;
}

static void reap(pid_t pid, int signo)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), signo);
}

static void tree(void **state)
{
	_cleanup_(loop_freep) struct loop *l = NULL;
	struct cgroup_tree *t;
	struct unit *u = placed("real@1.service", NULL), *other;
	struct cgroup_usage usage;
	pid_t a, b;
	int fd;

	if (!*root) {
		print_message("skipped: no cgroup v2 hierarchy is writable here\n");
		skip();
	}
	placed("system-real.slice", "system.slice");
	placed("system.slice", "-.slice");
	assert_return_code(loop_new(&l, 4, false), 0);
	assert_return_code(cgroup_tree_new(&t, root, l, empty, NULL), 0);
	assert_return_code(cgroup_realize(t, u), 0);
	assert_string_equal(u->cgroup_path, "/system.slice/system-real.slice/real@1.service");
	assert_string_equal(unit_of("system-real.slice")->cgroup_path, "/system.slice/system-real.slice");
	assert_false(cgroup_populated(t, u));
	assert_int_equal(cgroup_kill(t, u, SIGKILL, 0, 0), 0);
	fd = cgroup_open(t, u, "control");
	assert_true(fd >= 0);
	close(fd);

	a = child_in(t, u, "", false);
	b = child_in(t, u, "/control", true);
	assert_true(cgroup_populated(t, u));
	assert_true(cgroup_has_pid(t, u, a));
	assert_true(cgroup_has_pid(t, u, b));
	assert_false(cgroup_has_pid(t, u, getpid()));
	assert_ptr_equal(cgroup_unit_of_pid(t, set, b), u);
	assert_null(cgroup_unit_of_pid(t, set, getpid()));
	cgroup_usage(t, u, &usage);
	assert_int_not_equal(usage.cpu_usec, UINT64_MAX);
	while (loop_turn(l, 0) > 0)
		;
	emptied = NULL;
	assert_int_equal(cgroup_kill(t, u, SIGTERM, 0, 0), 2);
	reap(a, SIGTERM);
	a = child_in(t, u, "", false);
	assert_int_equal(cgroup_kill(t, u, SIGUSR1, b, 0), 1);          /* all but one */
	reap(a, SIGUSR1);
	assert_true(cgroup_populated(t, u));
	cgroup_release(t, u);           /* somebody is in it: stays */
	assert_non_null(u->cgroup_path);

	/* a new core takes up the old tree */
	cgroup_tree_free(t);
	assert_null(u->cgroup);
	assert_return_code(cgroup_tree_new(&t, root, l, empty, NULL), 0);
	assert_return_code(cgroup_attach(t, u), 0);
	assert_true(cgroup_kill(t, u, SIGKILL, 0, 0) > 0);
	reap(b, SIGKILL);
	for (int i = 0; i < 50 && !emptied; i++)
		loop_turn(l, 100);
	assert_ptr_equal(emptied, u);
	cgroup_release(t, u);
	assert_null(u->cgroup_path);
	assert_null(u->cgroup);

	/* what no unit owns goes, what one owns stays */
	other = placed("keep.service", NULL);
	assert_return_code(cgroup_realize(t, other), 0);
	assert_return_code(mkdirat(t->root_fd, "system.slice/stale.service", 0755), errno);
	assert_return_code(mkdirat(t->root_fd, "foreign", 0755), errno);
	cgroup_trim(t, set);
	assert_int_equal(faccessat(t->root_fd, "system.slice/stale.service", F_OK, 0), -1);
	assert_int_equal(faccessat(t->root_fd, "system.slice/keep.service", F_OK, 0), 0);
	assert_int_equal(faccessat(t->root_fd, "foreign", F_OK, 0), 0);
	assert_return_code(unlinkat(t->root_fd, "foreign", AT_REMOVEDIR), errno);
	cgroup_release(t, other);
	cgroup_release(t, unit_of("system-real.slice"));
	cgroup_release(t, unit_of("system.slice"));
	cgroup_tree_free(t);
}

/* D10: without a hierarchy everything succeeds and tracks nothing */
static void no_tree(void **state)
{
	_cleanup_(loop_freep) struct loop *l = NULL;
	_cleanup_(cgroup_tree_freep) struct cgroup_tree *t = NULL;
	struct unit *u = placed("none.service", NULL);
	struct cgroup_usage usage;

	assert_return_code(loop_new(&l, 4, false), 0);
	assert_return_code(cgroup_tree_new(&t, "", l, empty, NULL), 0);
	assert_return_code(cgroup_realize(t, u), 0);
	assert_null(u->cgroup_path);
	assert_false(cgroup_populated(t, u));
	assert_int_equal(cgroup_kill(t, u, SIGKILL, 0, 0), 0);
	assert_int_equal(cgroup_open(t, u, NULL), -ENOENT);
	cgroup_usage(t, u, &usage);
	assert_true(usage.memory == UINT64_MAX && usage.tasks == UINT64_MAX);
	cgroup_trim(t, set);
	cgroup_release(t, u);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(keys), cmocka_unit_test(again), cmocka_unit_test(percents), cmocka_unit_test(sandbox), cmocka_unit_test(legacy), cmocka_unit_test(filters), cmocka_unit_test(masks), cmocka_unit_test(paths), cmocka_unit_test(attributes), cmocka_unit_test(no_tree), cmocka_unit_test(tree),
};

int main(void)
{
	const char *hierarchy = find_hierarchy();
	int failed;

	if (hierarchy) {
		snprintf(root, sizeof(root), "%s/test-cgroup-%d", hierarchy, (int)getpid());
		if (mkdir(root, 0755) < 0)
			*root = 0;
	}
	if (unit_set_new(&set, NULL, &host, &sink) < 0)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unit_set_free(set);
	if (*root)
		rmdir(root);
	return failed;
}
