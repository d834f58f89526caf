/* test-keys.c - values of exec_keys[] and kill_keys[]: what is taken, how it is shown, what is refused; and hostile blobs */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <cmocka.h>
#include "exec/kinds.h"

static unsigned n_reported;
static void report(struct diag_sink *s, enum diag_level level, const char *file, unsigned line, unsigned column, const char *text) { n_reported++; }
static struct diag_sink sink = { report };
static struct unit unit = { .id = (char *)"probe.service" };

static const struct key *find(const char *name)
{
	for (size_t i = 0; i < n_exec_keys; i++)
		if (streq(exec_keys[i].name, name))
			return &exec_keys[i];
	return NULL;
}

/* assignments of one key in order, separated by newlines; then what it is shown as; bad: how many problems were reported */
struct row { const char *key, *values, *shown; unsigned bad; };

static void key_row(void **state)
{
	const struct row *row = *state;
	const struct key *k = find(row->key);
	struct key_place at = { .unit = &unit, .sink = &sink, .file = "test", .section = "Service", .key = row->key, .line = 1, .column = 1 };
	struct exec_context c;
	struct buf b = { 0 };
	char *copy = strdup(row->values), *rest = copy, *value;

	assert_non_null(k);
	assert_non_null(copy);
	n_reported = 0;
	exec_context_init(&c);
	while ((value = strsep(&rest, "\n")))
		k->kind->parse(&at, k, value, (char *)&c + k->off);
	k->kind->format(k, (char *)&c + k->off, &b);
	assert_string_equal(buf_str(&b), row->shown);
	assert_int_equal(n_reported, row->bad);
	buf_finish(&b);
	free(copy);
	exec_context_done(&c);
	exec_context_done(&c);          /* twice is fine */
}

static void sorted(void **state)
{
	for (size_t i = 1; i < n_exec_keys; i++)
		assert_true(strcmp(exec_keys[i - 1].name, exec_keys[i].name) < 0);
	for (size_t i = 1; i < n_kill_keys; i++)
		assert_true(strcmp(kill_keys[i - 1].name, kill_keys[i].name) < 0);
	for (size_t i = 0; i < n_exec_keys; i++) {
		assert_non_null(exec_keys[i].doc);
		assert_non_null(exec_keys[i].kind);
	}
}

/* every value must survive being garbage: no crash, nothing leaked */
static void garbage(void **state)
{
	static const char *const values[] = { "", " ", "~", "-", "+", ":", "::", "\"", "'", "\\", "%", "%Z", "a:b:c:d", "-1", "99999999999999999999999", "infinity", "0x10", "/",
		"/../..", "-+/", "~~", "yes no", "@", "@@x", ";", "=", "A=", "=A", "\\x", "\xff\xfe", "a\tb", "1-", "1-0", "0-99999999", "a:9999999999", "file:", "fd:", "fd:a:b", "tty:x",
		"shared slave", "CAP_X", "~CAP_CHOWN", "AF_", "kill:", "chroot:", "chroot:EX", ":EPERM" };

	for (size_t i = 0; i < n_exec_keys; i++) {
		const struct key *k = &exec_keys[i];
		struct key_place at = { .unit = &unit, .sink = &sink, .file = "test", .section = "Service", .key = k->name, .line = 1, .column = 1 };
		struct exec_context c;
		struct buf b = { 0 };

		exec_context_init(&c);
		for (size_t j = 0; j < ARRAY_SIZE(values); j++) {
			k->kind->parse(&at, k, values[j], (char *)&c + k->off);
			if (k->kind->format)
				k->kind->format(k, (char *)&c + k->off, &b);
		}
		buf_finish(&b);
		exec_context_done(&c);
	}
}

/* ---- no key is kept in silence: set alone, each changes what sysmaster-exec is told, in the blob of a command or of the clean-up ---- */

static const struct sample { const char *key, *value; } samples[] = {
	{ "AmbientCapabilities", "CAP_KILL" }, { "AppArmorProfile", "x" }, { "BindPaths", "/a" }, { "BindReadOnlyPaths", "/a" }, { "CPUAffinity", "0" },
	{ "CPUSchedulingPolicy", "batch" }, { "CPUSchedulingPriority", "3" }, { "CapabilityBoundingSet", "CAP_KILL" }, { "CoredumpFilter", "all" },
	{ "Environment", "A=1" }, { "EnvironmentFile", "/a" }, { "ExecSearchPath", "/a" }, { "Group", "daemon" }, { "IOSchedulingClass", "idle" }, { "IOSchedulingPriority", "3" },
	{ "ExtensionDirectories", "/a" }, { "ExtensionImages", "/a" }, { "MountImages", "/a:/b" }, { "RootImage", "/a" }, { "RootImageOptions", "ro" }, { "RootHash", "00" },
	{ "IPCNamespacePath", "/a" }, { "IgnoreSIGPIPE", "no" }, { "KeyringMode", "inherit" }, { "LimitRTTIME", "5" }, { "LoadCredential", "a:/b" }, { "LoadCredentialEncrypted", "a:/b" }, { "LogLevelMax", "err" }, { "LogRateLimitBurst", "5" }, { "LogRateLimitIntervalSec", "5" }, { "MountAPIVFS", "no" },
	{ "MountFlags", "slave" }, { "NUMAMask", "0" }, { "NUMAPolicy", "bind" }, { "NetworkNamespacePath", "/a" }, { "Nice", "1" }, { "OOMScoreAdjust", "1" }, { "PAMName", "x" },
	{ "PassEnvironment", "PATH" }, { "Personality", "x86-64" }, { "ProcSubset", "pid" }, { "ProtectHome", "yes" }, { "ProtectProc", "invisible" }, { "ProtectSystem", "yes" },
	{ "RestrictAddressFamilies", "none" }, { "RestrictFileSystems", "ext4" }, { "RestrictNamespaces", "yes" }, { "RootDirectory", "/a" }, { "RuntimeDirectoryPreserve", "yes" }, { "SELinuxContext", "x" },
	{ "SecureBits", "noroot" }, { "SetCredential", "a:b" }, { "SetCredentialEncrypted", "a:YQ==" }, { "SmackProcessLabel", "x" }, { "StandardError", "null" }, { "StandardInput", "tty" }, { "StandardInputData", "YQ==" },
	{ "StandardInputText", "a" }, { "StandardOutput", "tty" }, { "SupplementaryGroups", "daemon" }, { "SyslogFacility", "mail" }, { "SyslogIdentifier", "x" }, { "SyslogLevel", "err" },
	{ "SyslogLevelPrefix", "no" }, { "SystemCallArchitectures", "native" }, { "SystemCallErrorNumber", "EPERM" }, { "SystemCallFilter", "@mount" }, { "SystemCallLog", "@mount" },
	{ "TTYColumns", "1" }, { "TTYPath", "/a" }, { "TTYRows", "1" }, { "TemporaryFileSystem", "/a" }, { "TimerSlackNSec", "1" }, { "UMask", "0077" }, { "UnsetEnvironment", "A" },
	{ "User", "daemon" }, { "UtmpIdentifier", "x" }, { "UtmpMode", "user" }, { "WorkingDirectory", "/a" },
};

/* what the rest of the keys take; of directories only the mode, which needs one to be of use */
static const char *sample_of(const struct key *k)
{
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++)
		if (streq(samples[i].key, k->name))
			return samples[i].value;
	return k->kind == &kind_limit ? "7" : k->kind == &kind_dir ? "a" : k->kind == &kind_prefixed_paths ? "/a" : k->kind == &kind_mode ? "0711" : NULL;
}

static void assign(struct exec_context *c, const struct key *k, const char *value)
{
	struct key_place at = { .unit = &unit, .sink = &sink, .file = "test", .section = "Service", .key = k->name, .line = 1, .column = 1 };

	assert_int_equal(k->kind->parse(&at, k, value, (char *)c + k->off), 0);
}

/* both blobs one behind the other */
static void told(struct exec_context *c, struct buf *out)
{
	static char *argv[] = { (char *)"x", NULL };
	struct command cmd = { .path = (char *)"/x", .argv = argv };
	struct exec_run run = { .unit = &unit, .context = c, .command = &cmd, .stdio_fd = -1, .apply_sandbox = true, .apply_user = true };
	struct unit_spawn *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	assert_return_code(exec_blob(&run, s), 0);
	buf_add(out, s->blob.data, s->blob.len);
	buf_finish(&s->blob);
	for (size_t i = 0; i < s->n_fds; i++)
		close(s->fds[i]);
	if (exec_clean_blob(&unit, c, &(struct exec_end){ .pid = 1 }, s) > 0)
		buf_add(out, s->blob.data, s->blob.len);
	buf_finish(&s->blob);
	free(s);
}

/* @value in a context that needs something else as well: a directory for its mode, a user for his IPC objects */
static void told_with(const struct key *k, const char *value, struct buf *out)
{
	struct exec_context c;
	char dir[64];

	exec_context_init(&c);
	snprintf(dir, sizeof(dir), "%s", k->name);
	if (endswith(dir, "DirectoryMode")) {
		dir[strlen(dir) - 4] = 0;
		assign(&c, find(dir), "a");
	}
	if (streq(k->name, "RemoveIPC"))
		assign(&c, find("User"), "daemon");
	if (streq(k->name, "RuntimeDirectoryPreserve"))
		assign(&c, find("RuntimeDirectory"), "a");
	if (value)
		assign(&c, k, value);
	told(&c, out);
	exec_context_done(&c);
	while (unit_take_dirty(unit.set))
		;
}

static void each_key_counts(void **state)
{
	for (size_t i = 0; i < n_exec_keys; i++) {
		const struct key *k = &exec_keys[i];
		struct buf without = { 0 }, with = { 0 }, other = { 0 };
		const char *value = sample_of(k);

		if (k->kind == &kind_unsupported || k->kind == &kind_obsolete)
			continue;               /* says so itself */
		if (streq(k->name, "TimeoutCleanSec"))
			continue;               /* sctl asks for it */
		told_with(k, NULL, &without);
		told_with(k, value ?: "yes", &with);
		if (!value)
			told_with(k, "no", &other);     /* a boolean: whichever is not its default */
		if (with.len == without.len && memcmp(with.data, without.data, with.len) == 0 &&
		    (value || (other.len == without.len && memcmp(other.data, without.data, other.len) == 0)))
			fail_msg("%s=%s tells sysmaster-exec nothing", k->name, value ?: "yes");
		buf_finish(&without);
		buf_finish(&with);
		buf_finish(&other);
	}
}

static void file_systems(void **state)
{
	static const struct { const char *lines[4], *shown; } rows_[] = {
		{ { "ext4 tmpfs", "ext2 ext4" }, "ext2 ext4 tmpfs" }, { { "ext4 tmpfs", "~ext4" }, "tmpfs" }, { { "~ext4 tmpfs", "ext4" }, "~tmpfs" },
		{ { "@temporary", "~ramfs" }, "tmpfs" }, { { "~@basic-api" }, "~cgroup cgroup2 devpts devtmpfs mqueue proc sysfs" }, { { "ext4", "", "~xfs" }, "~xfs" },
		{ { "ext4", "~@known" }, "" }, { { "nosuchfs ext4" }, "ext4" },
	};
	const struct key *k = exec_keys;

	while (!streq(k->name, "RestrictFileSystems"))
		k++;
	for (size_t i = 0; i < ARRAY_SIZE(rows_); i++) {
		_cleanup_(buf_finish) struct buf b = { 0 };
		struct key_place at = { .unit = &unit, .sink = &sink, .file = "test", .section = "Service", .key = k->name, .line = 1, .column = 1 };
		struct exec_context c;

		exec_context_init(&c);
		for (size_t j = 0; rows_[i].lines[j]; j++)
			k->kind->parse(&at, k, rows_[i].lines[j], (char *)&c + k->off);
		k->kind->format(k, (char *)&c + k->off, &b);
		assert_string_equal(buf_str(&b) ?: "", rows_[i].shown);
		exec_context_done(&c);
	}
}

static void capability_names(void **state)
{
	for (unsigned i = 0; i < cap_known(); i++)
		assert_int_equal(cap_by_name(cap_name(i)), (int)i);
	assert_int_equal(cap_by_name("cap_sys_admin"), 21);
	assert_int_equal(cap_by_name("41"), 41);
	assert_int_equal(cap_by_name("63"), -EINVAL);
	assert_int_equal(cap_by_name(""), -EINVAL);
	assert_int_equal(cap_by_name("-1"), -EINVAL);
	assert_null(cap_name(99));
}

/* ---- blobs that nobody should have written ---- */

static char program[4096];

static void run_blob(const void *p, size_t n, uint32_t *stage, int *status)
{
	struct { uint32_t stage; int32_t error; } rec = { 0, 0 };
	int rep[2], blob = memfd_create("blob", MFD_CLOEXEC);
	pid_t pid;

	assert_true(blob >= 0);
	assert_int_equal(write(blob, p, n), (ssize_t)n);
	assert_return_code(pipe2(rep, O_CLOEXEC), errno);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		int b = fcntl(blob, F_DUPFD, 100), w = fcntl(rep[1], F_DUPFD, 101);

		dup2(b, 3);
		dup2(w, 4);
		syscall(SYS_close_range, 5, ~0u, 0);
		execle(program, "sysmaster-exec", (char *)NULL, (char *[]){ (char *)"ASAN_OPTIONS=detect_leaks=0", NULL });
		_exit(98);
	}
	close(blob);
	close(rep[1]);
	if (read(rep[0], &rec, sizeof(rec)) < 0)
		rec.stage = UINT32_MAX;
	close(rep[0]);
	assert_int_equal(waitpid(pid, status, 0), pid);
	*stage = rec.stage;
}

static int make_blob(struct unit_spawn *s, const char *path)
{
	char *argv[] = { (char *)path, NULL };
	struct command cmd = { .path = (char *)path, .argv = argv };
	static char *env[] = { NULL };
	struct exec_context c;
	struct exec_run run = { .unit = &unit, .context = &c, .command = &cmd, .stdio_fd = -1, .extra_env = env };
	int r;

	exec_context_init(&c);
	r = exec_blob(&run, s);
	exec_context_done(&c);
	return r;
}

static void hostile_blobs(void **state)
{
	struct unit_spawn *s = calloc(1, sizeof(*s));
	uint32_t stage;
	int status;

	assert_non_null(s);
	assert_return_code(make_blob(s, "/bin/true"), 0);
	run_blob(s->blob.data, s->blob.len, &stage, &status);
	assert_int_equal(stage, 0);
	assert_int_equal(status, 0);
	run_blob("", 0, &stage, &status);
	assert_int_equal(stage, IPC_EXEC_STAGE_PARAMS);
	assert_int_equal(WEXITSTATUS(status), IPC_EXEC_STAGE_PARAMS);
	run_blob(s->blob.data, s->blob.len - 1, &stage, &status);       /* cut off */
	assert_int_equal(stage, IPC_EXEC_STAGE_PARAMS);
	buf_addc(&s->blob, 0);                                          /* something left over */
	run_blob(s->blob.data, s->blob.len, &stage, &status);
	assert_int_equal(stage, IPC_EXEC_STAGE_PARAMS);
	s->blob.len--;
	for (size_t i = 0; i < s->blob.len && i < 24; i++) {            /* a byte turned: refused, or still a run that ends by itself */
		uint8_t old = s->blob.data[i];

		s->blob.data[i] ^= 0xff;
		run_blob(s->blob.data, s->blob.len, &stage, &status);
		assert_true(WIFEXITED(status));
		s->blob.data[i] = old;
	}
	buf_finish(&s->blob);
	free(s);
}

#define ROW(...) { #__VA_ARGS__, key_row, NULL, NULL, &(struct row){ __VA_ARGS__ } }
static const struct CMUnitTest tests[] = {
	ROW("User", "nobody", "nobody"), ROW("User", "a b", "", 1), ROW("User", "a:b", "", 1), ROW("User", "x\n", ""), ROW("User", "%p-x", "probe-x"),
	ROW("SupplementaryGroups", "a b\nc", "a b c"), ROW("SupplementaryGroups", "a\n\nb", "b"),
	ROW("WorkingDirectory", "-/a//b/", "!/a/b"), ROW("WorkingDirectory", "~", "~"), ROW("WorkingDirectory", "rel", "", 1),
	ROW("Environment", "A=1 \"B=two words\"\nC=%p", "A=1 \"B=two words\" C=probe"), ROW("Environment", "1A=x B", "", 2), ROW("Environment", "A=1\n", ""),
	ROW("Environment", "A=1 B=2\nA=3", "A=3 B=2"), ROW("RestrictAddressFamilies", "AF_UNIX AF_LOCAL AF_INET", "AF_INET AF_UNIX"),
	ROW("RestrictAddressFamilies", "~AF_ROUTE AF_ALG", "~AF_ALG AF_NETLINK"), ROW("RuntimeDirectory", "b/ a", "a b"),
	ROW("EnvironmentFile", "-/etc/default/x\n/a b", "/etc/default/x (ignore_errors=yes)\n/a b (ignore_errors=no)"), ROW("EnvironmentFile", "x", "", 1),
	ROW("PassEnvironment", "A B", "A B"), ROW("PassEnvironment", "A=1", "", 1), ROW("UnsetEnvironment", "A B=1", "A B=1"),
	ROW("UMask", "0077", "0077"), ROW("Nice", "-5", "-5"), ROW("Nice", "20", "0", 1), ROW("Nice", "5\n", "0"), ROW("OOMScoreAdjust", "-1000", "-1000"), ROW("OOMScoreAdjust", "1001", "0", 1),
	ROW("CPUSchedulingPolicy", "rr", "2"), ROW("CPUSchedulingPolicy", "best", "0", 1), ROW("IOSchedulingClass", "3", "3"), ROW("IOSchedulingClass", "best-effort", "2"),
	ROW("CPUAffinity", "0-2 5,7", "0-2 5 7"), ROW("CPUAffinity", "0\n1", "0-1"), ROW("CPUAffinity", "3\n\n1", "1"), ROW("CPUAffinity", "1-x", "", 1), ROW("CPUAffinity", "5-2", "", 1),
	ROW("LimitNOFILE", "1024:524288", "524288"), ROW("LimitNOFILE", "infinity", "infinity"), ROW("LimitNOFILE", "5:4", "524288", 1), ROW("LimitCORE", "1M", "1048576"),
	ROW("LimitCPU", "1min", "60"), ROW("LimitRTTIME", "5", "5"), ROW("LimitRTTIME", "5ms", "5000"), ROW("LimitNICE", "-10", "30"), ROW("LimitNICE", "10", "10"), ROW("LimitNICE", "3\n-21", "3", 1),
	ROW("LimitNOFILE", "x", "524288", 1), ROW("LimitNOFILE", "1:", "524288", 1),
	ROW("TimerSlackNSec", "50", "50"), ROW("TimerSlackNSec", "2us", "2000"), ROW("Personality", "x86-64", "x86-64"), ROW("Personality", "vax", "", 1),
	ROW("StandardInput", "tty-force", "tty-force"), ROW("StandardInput", "file:/a", "file:/a"), ROW("StandardInput", "file:a", "null", 1), ROW("StandardInput", "fd", "fd"), ROW("StandardInput", "fd:x", "fd:x"),
	ROW("StandardInput", "null:x", "null", 1), ROW("StandardInput", "journal", "null", 1),
	ROW("StandardOutput", "journal+console", "journal+console"), ROW("StandardOutput", "syslog", "journal"), ROW("StandardOutput", "append:/a/%p", "append"), ROW("StandardOutput", "file", "inherit", 1),
	ROW("StandardError", "truncate:/x\nnull", "null"),
	ROW("StandardInputText", "a\\tb", "YQliCg=="), ROW("StandardInputData", "YQ==\nYg==", "YWI="), ROW("StandardInputData", "Y", "", 1), ROW("StandardInputData", "Y!==", "", 1),
	ROW("SyslogFacility", "local3", "19"), ROW("SyslogLevel", "debug", "7"), ROW("SyslogLevel", "loud", "6", 1),
	ROW("CapabilityBoundingSet", "CAP_CHOWN CAP_KILL", "cap_chown cap_kill"), ROW("CapabilityBoundingSet", "CAP_CHOWN\nCAP_KILL", "cap_chown cap_kill"),
	ROW("CapabilityBoundingSet", "CAP_CHOWN CAP_KILL\n~CAP_KILL", "cap_chown"), ROW("CapabilityBoundingSet", "", ""), ROW("CapabilityBoundingSet", "\nCAP_KILL", "cap_kill"),
	ROW("CapabilityBoundingSet", "CAP_NONE", "", 1), ROW("AmbientCapabilities", "cap_net_raw", "cap_net_raw"),
	ROW("SecureBits", "noroot keep-caps", "17"), ROW("SecureBits", "x", "0", 1), ROW("NoNewPrivileges", "on", "yes"), ROW("NoNewPrivileges", "maybe", "no", 1),
	ROW("RuntimeDirectory", "a b/c d:e", "a b/c d:e"), ROW("RuntimeDirectory", "/a ../b . private/x", "", 4), ROW("StateDirectoryMode", "0700", "0700"),
	ROW("ReadWritePaths", "-/a +/b -+/c//d", "-/a +/b -+/c/d"), ROW("ReadWritePaths", "a /../b", "", 2), ROW("BindPaths", "/a:/b:norbind -/c", "/a:/b:norbind -/c:/c:rbind"), ROW("BindPaths", "a:/b", "", 1),
	ROW("TemporaryFileSystem", "/a:ro,mode=0700 /b", "/a:ro,mode=0700 /b"), ROW("MountFlags", "shared", "shared"), ROW("MountFlags", "x", "", 1),
	ROW("MountImages", "/a:/b:root:ro,noexec -/c:/d", "/a:/b:ro,noexec -/c:/d"), ROW("MountImages", "/a a:/b /a:/b:home:ro", "", 3), ROW("ExtensionImages", "-/a:ro /b", "-/a:ro /b"),
	ROW("RootImageOptions", "root:ro,noatime", "ro,noatime"), ROW("RootImageOptions", "home:ro", "", 1), ROW("ExtensionDirectories", "-/a", "-/a"),
	ROW("ProtectSystem", "strict", "strict"), ROW("ProtectSystem", "on", "yes"), ROW("ProtectSystem", "x", "no", 1), ROW("ProtectHome", "tmpfs", "tmpfs"), ROW("ProcSubset", "pid", "pid"), ROW("ProtectProc", "ptraceable", "ptraceable"),
	ROW("SystemCallFilter", "~@mount chroot:EPERM\nfoo", "~@mount ~chroot:EPERM foo"), ROW("SystemCallFilter", "a/b chroot:EX", "", 2), ROW("SystemCallFilter", "a\n\nb", "b"),
	ROW("SystemCallErrorNumber", "EPERM", "1"), ROW("SystemCallErrorNumber", "5", "5"), ROW("SystemCallErrorNumber", "EPERM\nkill", "2147483646"), ROW("SystemCallErrorNumber", "EX", "2147483646", 1),
	ROW("SystemCallArchitectures", "native x86", "native x86"), ROW("SystemCallArchitectures", "vax", "", 1), ROW("RestrictAddressFamilies", "AF_UNIX", "AF_UNIX"), ROW("RestrictAddressFamilies", "UNIX", "", 1),
	ROW("RestrictNamespaces", "yes", "yes"), ROW("RestrictNamespaces", "no", "no"), ROW("RestrictNamespaces", "net mnt", "net mnt"), ROW("RestrictNamespaces", "~cgroup ipc pid user uts", "net mnt"), ROW("RestrictNamespaces", "x", "no", 1),
	ROW("LoadCredential", "a:/b\nc", "a:/b c:c"), ROW("LoadCredential", "a/b", "", 1), ROW("SetCredential", "a:b c", "a"), ROW("SetCredential", "a", "", 1),
	ROW("KeyringMode", "shared", "shared"), ROW("UtmpMode", "login", "login"), ROW("TTYRows", "24", "24"), ROW("CoredumpFilter", "default", "0x33"), ROW("CoredumpFilter", "all", "0x1ff"), ROW("CoredumpFilter", "zz", "0x33", 1),
	ROW("ExecSearchPath", "/a:/b\n/c", "/a /b /c"), ROW("ExecSearchPath", "a", "", 1),
	{ "rows are sorted and documented", sorted, NULL, NULL, NULL },
	{ "garbage", garbage, NULL, NULL, NULL },
	{ "each key counts", each_key_counts, NULL, NULL, NULL },
	{ "file systems", file_systems, NULL, NULL, NULL },
	{ "capability names", capability_names, NULL, NULL, NULL },
	{ "hostile blobs", hostile_blobs, NULL, NULL, NULL },
};

int main(void)
{
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 32);
	struct unit_host host = { 0 };
	int failed;

	if (n < 0)
		return 1;
	program[n] = 0;
	strcpy(strrchr(program, '/') + 1, "sysmaster-exec");
	if (unit_set_new(&unit.set, NULL, &host, &sink) < 0)
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unit_set_free(unit.set);
	return failed;
}
