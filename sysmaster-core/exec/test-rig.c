/* test-rig.c - whole runs: the private world, the probe, rows */
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "exec/shared.h"
#include "test-rig.h"

static char program[4096], probe[4096];

/* ---- a unit with settings ---- */

static char reported[4096];

static void report(struct diag_sink *s, enum diag_level level, const char *file, unsigned line, unsigned column, const char *text)
{
	snprintf(reported, sizeof(reported), "%s", text);
}

static char *manager_env[] = { (char *)"PATH=/usr/bin:/bin", (char *)"LANG=C.UTF-8", NULL };
static struct diag_sink sink = { report };
static struct unit_host host = { .environment = manager_env };
static const struct key_group groups[] = { { .section = "Service", .rows = cgroup_keys, .n_rows_at = &n_cgroup_keys, .base = offsetof(struct thing, cgroup) } };
const struct unit_type thing_type = { .abi = UNIT_TYPE_ABI, .name = "service", .groups = groups, .n_groups = 1 };
struct thing thing = { .u = { .type = &thing_type, .id = (char *)"probe.service", .invocation_id = { 0xab, 0xcd } } };

static const struct key *row_of(const struct key *rows, size_t n_rows, const char *name, size_t n)
{
	for (size_t i = 0; i < n_rows; i++)
		if (strlen(rows[i].name) == n && strncmp(rows[i].name, name, n) == 0)
			return &rows[i];
	return NULL;
}

void set_key(struct exec_context *c, const char *line)
{
	size_t n = strcspn(line, "=");
	const struct key *k = row_of(exec_keys, n_exec_keys, line, n);
	char *base = k ? (char *)c : (char *)&thing.cgroup;
	struct key_place at = { .unit = &thing.u, .sink = &sink, .file = "test", .section = "Service", .key = "?", .line = 1, .column = 1 };

	if (!k)
		k = row_of(cgroup_keys, n_cgroup_keys, line, n);
	if (!k)
		fail_msg("no key %s", line);
	if (k->kind->parse(&at, k, line + n + 1, base + k->off) < 0)
		fail_msg("%s: %s", line, reported);
}

/* ---- a run ---- */

void must(bool ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "test: %s: %m\n", what);
		_exit(99);
	}
}

static void copy_file(const char *from, const char *to)
{
	char mem[65536];
	int in = open(from, O_RDONLY | O_CLOEXEC), out = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	ssize_t n = in < 0 ? 0 : read(in, mem, sizeof(mem));

	must(out >= 0 && (n <= 0 || write(out, mem, (size_t)n) == n), to);
	close(out);
	if (in >= 0)
		close(in);
}

/* empty directories where the machine's own files would be touched */
int test_out;                    /* what the test reads, for helpers in the private world */

static void private_world(void)
{
	static const char *const empty[] = { "/run", "/var/lib", "/var/cache", "/var/log", "/tmp", "/var/tmp", "/mnt" };
	static const char *const files[] = { "passwd", "group", "nsswitch.conf" };
	char from[64], to[64];

	must(unshare(CLONE_NEWNS) == 0, "unshare");
	must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "private");
	must(mount("tmpfs", "/mnt", "tmpfs", 0, "mode=0755") == 0, "mnt");
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(from, sizeof(from), "/etc/%s", files[i]);
		snprintf(to, sizeof(to), "/mnt/%s", files[i]);
		copy_file(from, to);
	}
	must(mount("/mnt", "/etc", NULL, MS_BIND, NULL) == 0, "etc");
	for (size_t i = 0; i < ARRAY_SIZE(empty); i++)
		must(mount("tmpfs", empty[i], "tmpfs", 0, strstr(empty[i], "tmp") ? "mode=1777" : "mode=0755") == 0, empty[i]);
}

/* what init does between the clone and the exec */
static void become(const struct unit_spawn *s, int report_pipe, int out)
{
	static const unsigned long dfl[4];      /* the kernel's sigaction: handler, flags, restorer, mask, all nothing */
	int blob = memfd_create("blob", 0), n = 0, high[256];

	must(blob >= 0 && write(blob, s->blob.data, s->blob.len) == (ssize_t)s->blob.len, "blob");
	blob = fcntl(blob, F_DUPFD, 600);
	report_pipe = fcntl(report_pipe, F_DUPFD, 601);
	out = fcntl(out, F_DUPFD, 602);
	for (size_t i = 0; i < s->n_fds; i++)
		high[n++] = fcntl(s->fds[i], F_DUPFD, 610);
	must(dup2(out, 1) == 1 && dup2(out, 2) == 2 && dup2(blob, 3) == 3 && dup2(report_pipe, 4) == 4, "dup");
	for (int i = 0; i < n; i++)
		must(dup2(high[i], 5 + i) == 5 + i, "dup");
	syscall(SYS_close_range, 5 + n, ~0u, 0);
	for (int i = 1; i < NSIG; i++)          /* the C library refuses the two that it keeps */
		syscall(SYS_rt_sigaction, i, dfl, NULL, 8);
	execle(program, "sysmaster-exec", (char *)NULL, (char *[]){ (char *)"TERM=dumb", (char *)"ASAN_OPTIONS=detect_leaks=0", NULL });
	_exit(98);
}

void start(const struct unit_spawn *s, void (*before)(void), struct outcome *o)
{
	int out[2], rep[2];
	struct { uint32_t stage; int32_t error; } rec;
	size_t n = 0;
	ssize_t got;
	pid_t pid;

	*o = (struct outcome){ .stage = 0 };
	assert_return_code(pipe2(out, O_CLOEXEC), errno);
	assert_return_code(pipe2(rep, O_CLOEXEC), errno);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (thing.u.cgroup_path) {
			char path[512];
			int fd;

			snprintf(path, sizeof(path), "%s%s/cgroup.procs", host.cgroup_root, thing.u.cgroup_path);
			fd = open(path, O_WRONLY | O_CLOEXEC);
			must(fd >= 0 && write(fd, "0", 1) == 1, path);
			close(fd);
		}
		private_world();
		test_out = out[1];
		if (before)
			before();
		become(s, rep[1], out[1]);
	}
	close(out[1]);
	close(rep[1]);
	while (n < sizeof(o->text) - 1 && (got = read(out[0], o->text + n, sizeof(o->text) - 1 - n)) > 0)
		n += (size_t)got;
	got = read(rep[0], &rec, sizeof(rec));
	if (got == sizeof(rec)) {
		o->stage = rec.stage;
		o->error = rec.error;
	}
	o->exec_seen = got == 0;
	close(out[0]);
	close(rep[0]);
	assert_int_equal(waitpid(pid, &o->status, 0), pid);
}

bool has_line(const char *text, const char *line)
{
	size_t n = strlen(line);
	bool prefix = line[n - 1] == '*';

	for (const char *p = text; p && *p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL)
		if (strncmp(p, line, n - prefix) == 0 && (prefix || p[n] == '\n' || !p[n]))
			return true;
	return false;
}

void make_command(const char *line, struct command **ret)
{
	static const struct key k = { .name = "ExecStart", .kind = &kind_command };
	struct key_place at = { .unit = &thing.u, .sink = &sink, .file = "test", .section = "Service", .key = "ExecStart", .line = 1, .column = 1 };
	char *full, *at_probe = strstr(line, "PROBE");

	assert_true(asprintf(&full, "%.*s%s%s", at_probe ? (int)(at_probe - line) : 0, line, at_probe ? probe : "", at_probe ? at_probe + 5 : line) >= 0);
	if (kind_command.parse(&at, &k, full, ret) < 0)
		fail_msg("%s: %s", line, reported);
	free(full);
}

/* ---- a group for rows that need one, below a directory of the test's own ---- */

static char group_root[128];

bool group_begin(void)
{
	static unsigned serial;
	char path[256];

	if (!*group_root) {
		print_message("skipped: no cgroup v2 hierarchy is writable here\n");
		return false;
	}
	assert_true(asprintf(&thing.u.cgroup_path, "/%u.service", serial++) > 0);
	host.cgroup_root = group_root;
	snprintf(path, sizeof(path), "%s%s", group_root, thing.u.cgroup_path);
	assert_return_code(mkdir(path, 0755), errno);
	return true;
}

void group_end(void)
{
	char path[256];

	if (!thing.u.cgroup_path)
		return;
	snprintf(path, sizeof(path), "%s%s", group_root, thing.u.cgroup_path);
	for (int i = 0; i < 100 && rmdir(path) < 0 && errno == EBUSY; i++)
		usleep(10000);
	free(thing.u.cgroup_path);
	thing.u.cgroup_path = NULL;
}

void run_row(void **state)
{
	const struct row *row = *state;
	static char *extra[] = { (char *)"MAINPID=42", NULL };
	struct exec_context c;
	struct command *cmd = NULL;
	struct unit_spawn *s = calloc(1, sizeof(*s));
	struct outcome *o = calloc(1, sizeof(*o));
	int pair[2] = { -1, -1 }, listen_fds[2] = { -1, -1 };
	char *names[] = { (char *)"web", (char *)"admin" };
	static const struct ipc_exec_open_file files[] = {
		{ "/run/none", "none", IPC_OPEN_FILE_READ_WRITE, .graceful = true }, { "/run/env2", "both", IPC_OPEN_FILE_READ_WRITE },
		{ "/run/env2", "end", IPC_OPEN_FILE_APPEND }, { "/run/env", "cut", IPC_OPEN_FILE_TRUNCATE }, { "/etc/passwd", "read", IPC_OPEN_FILE_READ_ONLY },
		{ "/run/none", "none", IPC_OPEN_FILE_READ_WRITE },
	};

	assert_non_null(s);
	assert_non_null(o);
	exec_context_init(&c);
	cgroup_context_init(&thing.cgroup);
	if (row->run_flags & RUN_GROUP && !(row->run_flags & RUN_STAY) && !group_begin())
		skip();
	for (size_t i = 0; row->keys[i]; i++)
		set_key(&c, row->keys[i]);
	make_command(row->command ? row->command : "PROBE", &cmd);
	assert_return_code(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), errno);
	listen_fds[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	listen_fds[1] = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	struct exec_run run = {
		.unit = &thing.u, .context = &c, .command = cmd, .extra_env = extra, .notify_path = "/run/sysmaster/notify", .watchdog_usec = 5000000,
		.listen_fds = listen_fds, .listen_names = names, .n_listen = row->run_flags & RUN_LISTEN ? 2 : 0,
		.stdio_fd = row->run_flags & RUN_CONNECTION ? pair[1] : -1,
		.apply_sandbox = !(cmd->flags & CMD_FULL_PRIVILEGES), .apply_user = !(cmd->flags & (CMD_FULL_PRIVILEGES | CMD_NO_SETUID)),
		.open_files = files, .n_open_files = row->run_flags & RUN_MISSING ? 6 : row->run_flags & RUN_OPEN ? 5 : 0,
		.delegate = row->run_flags & RUN_DELEGATE, .is_control = row->run_flags & RUN_CONTROL, .tty_apply = row->run_flags & RUN_TTY,
	};
	assert_return_code(exec_context_load(&thing.u, &c, true), 0);
	assert_return_code(exec_blob(&run, s), 0);
	start(s, row->before, o);
	if (getenv("VERBOSE"))
		fprintf(stderr, "%s", o->text);
	if (o->stage != row->stage || o->error != row->error)
		fail_msg("stage %s, error %d (%s)\n%s", exec_stage_name(o->stage), o->error, strerror(-o->error), o->text);
	if (row->stage)
		assert_int_equal(WEXITSTATUS(o->status), exec_stage_status(row->stage));
	else if (!o->exec_seen)
		fail_msg("no exec and no report, status %#x\n%s", o->status, o->text);
	for (size_t i = 0; row->want[i]; i++) {
		bool no = row->want[i][0] == '!';

		if (has_line(o->text, row->want[i] + no) == no)
			fail_msg("%s line %s in:\n%s", no ? "unwanted" : "no", row->want[i] + no, o->text);
	}
	for (size_t i = 0; i < s->n_fds; i++)
		close(s->fds[i]);
	buf_finish(&s->blob);
	free(s);
	free(o);
	for (int i = 0; i < 2; i++) {
		close(pair[i]);
		close(listen_fds[i]);
	}
	command_list_free(cmd);
	exec_shared_release(&thing.u);
	while (unit_take_dirty(thing.u.set))
		;
	exec_context_done(&c);
	cgroup_context_done(&thing.cgroup);
	if (!(row->run_flags & RUN_STAY))
		group_end();
	strv_free(thing.u.requires_mounts_for);
	thing.u.requires_mounts_for = NULL;
}

void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	must(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text), path);
	close(fd);
}

int rig_main(const struct CMUnitTest *tests, size_t n_tests)
{
	static const char *const hierarchies[] = { "/sys/fs/cgroup/unified", "/sys/fs/cgroup" };
	char *slash;
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program) - 32);

	if (n < 0)
		return 1;
	program[n] = 0;
	slash = strrchr(program, '/');
	*slash = 0;
	if (geteuid() != 0 || unshare(CLONE_NEWNS) < 0) {
		fprintf(stderr, "skipped: needs root and mount namespaces\n");
		return 0;
	}
	/* the programs where no row hides them, wherever the tree lies */
	must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 && mount(program, "/srv", NULL, MS_BIND, NULL) == 0, "programs");
	strcpy(program, "/srv/sysmaster-exec");
	strcpy(probe, "/srv/test-exec-probe");
	for (size_t i = 0; i < ARRAY_SIZE(hierarchies) && !*group_root; i++) {
		snprintf(group_root, sizeof(group_root), "%s/cgroup.controllers", hierarchies[i]);
		if (access(group_root, F_OK) == 0)
			snprintf(group_root, sizeof(group_root), "%s/test-exec-%d", hierarchies[i], (int)getpid());
		if (endswith(group_root, ".controllers") || mkdir(group_root, 0755) < 0)
			*group_root = 0;
	}
	if (unit_set_new(&thing.u.set, NULL, &host, &sink) < 0)
		return 1;
	exec_set_default_output(IPC_EXEC_OUTPUT_INHERIT, IPC_EXEC_OUTPUT_INHERIT);
	int failed = _cmocka_run_group_tests("tests", tests, n_tests, NULL, NULL);

	unit_set_free(thing.u.set);
	if (*group_root)
		rmdir(group_root);
	return failed;
}
