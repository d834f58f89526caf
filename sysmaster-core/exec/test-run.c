/*
 * test-run.c - whole runs: keys of a unit file -> exec_context -> exec_blob() -> sysmaster-exec -> a probe that tells what it found
 *
 * Each row is a list of settings, a command line for Exec*=, and lines that the probe must (or, after '!', must not) print.
 * Everything happens in a mount namespace of its own with empty /run, /tmp, /var/lib ...: nothing of this machine changes.
 */
#include <fcntl.h>
#include <grp.h>
#include <linux/bpf.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <cmocka.h>
#include "cgroup/context.h"
#include "exec/context.h"
#include "exec/shared.h"
#include "exec/traffic.h"

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
struct thing { struct unit u; struct cgroup_context cgroup; };
static const struct key_group groups[] = { { .section = "Service", .rows = cgroup_keys, .n_rows_at = &n_cgroup_keys, .base = offsetof(struct thing, cgroup) } };
static const struct unit_type type = { .abi = UNIT_TYPE_ABI, .name = "service", .groups = groups, .n_groups = 1 };
static struct thing thing = { .u = { .type = &type, .id = (char *)"probe.service", .invocation_id = { 0xab, 0xcd } } };

static const struct key *row_of(const struct key *rows, size_t n_rows, const char *name, size_t n)
{
	for (size_t i = 0; i < n_rows; i++)
		if (strlen(rows[i].name) == n && strncmp(rows[i].name, name, n) == 0)
			return &rows[i];
	return NULL;
}

static void set_key(struct exec_context *c, const char *line)
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

struct outcome { char text[65536]; uint32_t stage; int32_t error; int status; bool exec_seen; };

static void must(bool ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "test-run: %s: %m\n", what);
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
static int test_out;                    /* what the test reads, for helpers in the private world */

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

static void start(const struct unit_spawn *s, void (*before)(void), struct outcome *o)
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

static bool has_line(const char *text, const char *line)
{
	size_t n = strlen(line);
	bool prefix = line[n - 1] == '*';

	for (const char *p = text; p && *p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL)
		if (strncmp(p, line, n - prefix) == 0 && (prefix || p[n] == '\n' || !p[n]))
			return true;
	return false;
}

struct row { const char *keys[12]; const char *command; const char *want[16]; uint32_t stage; int error; void (*before)(void); unsigned run_flags; };
enum { RUN_LISTEN = 1, RUN_TTY = 2, RUN_CONTROL = 4, RUN_CONNECTION = 8, RUN_GROUP = 16, RUN_DELEGATE = 32, RUN_OPEN = 64, RUN_MISSING = 128, RUN_STAY = 256 /* the group is there already and stays */ };

static void make_command(const char *line, struct command **ret)
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

static bool group_begin(void)
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

static void group_end(void)
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

static void run_row(void **state)
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

/* ---- preparations, inside the private world ---- */

static void put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	must(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text), path);
	close(fd);
}

static void env_file(void)
{
	put("/run/env", "# comment\nONE='one' two\nTWO=\"a \\\"b\\\" $c\"\n; other\nTHREE=x\\\n y  \nBAD NAME=1\nEMPTY=\nonly text\nFOUR=a\\ b # not a comment\n");
	put("/run/env2", "ONE=later");
}

static void old_state(void)
{
	must(mkdir("/var/lib/probe", 0700) == 0, "mkdir");
	put("/var/lib/probe/file", "x");
}

static void credential(void)
{
	must(mkdir("/run/credentials", 0755) == 0 && mkdir("/run/credentials/@system", 0755) == 0, "mkdir");
	put("/run/credentials/@system/given", "secret\n");
}

/* made by systemd-creds(1) of systemd 252: under a host key of 4,096 times 'A', the third not valid after 2020; and with a null key */
#define CREDENTIAL_ONE "Whxqht+dQJax1aZeCGLxmiAAAAABAAAADAAAABAAAADdFpWXiZ0EJckdRYMAAAAAQX0MCIln383K5DYaTw0U3YKL+7Dt8itt4Hp27lYNeJ7cfhZ1URZQW/NrTuFYabG4zZJu1g=="
#define CREDENTIAL_ANY "Whxqht+dQJax1aZeCGLxmiAAAAABAAAADAAAABAAAABIm9HjonK9kOKeh4EAAAAA18Sl/LywqXk9DahCqjVI+FZCk6C8YBXs29LBQ0nFbHk1+KALq8JW3+FZdmM7zLa6iJGPYw=="
#define CREDENTIAL_LATE "Whxqht+dQJax1aZeCGLxmiAAAAABAAAADAAAABAAAAAZi10MYf7HfqxdxHgAAAAA5UUNWzr22HtBrnRoTmh4b0GBZ3BPSTb21bBFBhO+KutVzCnY80Ww5NcyUAGgvvfNiuLbBQ=="
#define CREDENTIAL_TWO "BYRp2vb1QySABUnaD46i+yAAAAABAAAADAAAABAAAAANCEdX1ZhIykvSCncAAAAAH32hNiYwj7DzhxPkYT3uHogYbCbXAOrRUUSjso17P9CLE0SRVb03RdCpE17FfAeejfk="
/* the first, its head changed to say that it is sealed to a TPM2; the first, a bit changed */
#define CREDENTIAL_TPM "DHzAexF2RZGcSwvqCLwg/iAAAAABAAAADAAAABAAAADdFpWXiZ0EJckdRYMAAAAAQX0MCIln383K5DYaTw0U3YKL+7Dt8itt4Hp27lYNeJ7cfhZ1URZQW/NrTuFYabG4zZJu1g=="
#define CREDENTIAL_BAD "Whxqht+dQJax1aZeCGLxmiAAAAABAAAADAAAABAAAADdFpWXiZ0EJckdRYMAAAAAQX0MCIln383K5DYaTg0U3YKL+7Dt8itt4Hp27lYNeJ7cfhZ1URZQW/NrTuFYabG4zZJu1g=="

static void encrypted(void)
{
	char secret[16 + 4096 + 1] = "................";

	memset(secret + 16, 'A', 4096);
	must(mkdir("/var/lib/systemd", 0755) == 0 && mkdir("/run/credstore.encrypted", 0755) == 0, "mkdir");
	put("/var/lib/systemd/credential.secret", secret);
	put("/run/one", CREDENTIAL_ONE "\n");
	put("/run/late", CREDENTIAL_LATE "\n");
	put("/run/text", "plain text\n");
	put("/run/credstore.encrypted/any", CREDENTIAL_ANY);
}

static void tree(void)
{
	must(mkdir("/mnt/a", 0755) == 0 && mkdir("/mnt/a/b", 0755) == 0 && mkdir("/mnt/c", 0755) == 0, "mkdir");
	put("/mnt/a/file", "content\n");
	put("/mnt/c/other", "other\n");
}

static void other_databases(void)
{
	put("/etc/nsswitch.conf", "passwd: files nosuchmodule\ngroup: files [NOTFOUND=return] nosuchmodule\n");
}

static void pam_service(void)
{
	must(mkdir("/etc/pam.d", 0755) == 0, "mkdir");
	put("/etc/pam.d/probe", "account required pam_permit.so\nsession required pam_permit.so\nsession required pam_env.so conffile=/etc/pam-env\n");
	put("/etc/pam.d/closed", "account required pam_deny.so\n");
	put("/etc/pam-env", "FROM_PAM DEFAULT=yes\n");
}

/* a log collector that prints what it is sent */
static void collector(void)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX, .sun_path = "/run/systemd/journal/stdout" };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), conn;
	char mem[4096];
	ssize_t n;

	must(mkdir("/run/systemd", 0755) == 0 && mkdir("/run/systemd/journal", 0755) == 0, "mkdir");
	must(bind(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0 && listen(fd, 1) == 0, "bind");
	if (fork() != 0) {
		close(fd);
		return;
	}
	alarm(20);                                      /* nobody comes when the run fails early */
	conn = accept(fd, NULL, NULL);
	while ((n = read(conn, mem, sizeof(mem))) > 0)
		must(write(test_out, mem, (size_t)n) == n, "write");
	_exit(0);
}

#define ROW(name_, ...) { name_, run_row, NULL, NULL, &(struct row){ __VA_ARGS__ } }
#define KEYS(...) .keys = { __VA_ARGS__ }
#define WANT(...) .want = { __VA_ARGS__ }
#define FAILS(st, e) .stage = IPC_EXEC_STAGE_##st, .error = -(e)
#define CALL(...) .command = "PROBE " __VA_ARGS__
#define NOBODY "User=nobody"

/* ---- terminals ---- */

static void terminal(void **state)
{
	static const char *const inputs[] = { "tty", "tty-force", "tty-fail" };

	for (size_t i = 0; i < ARRAY_SIZE(inputs); i++) {
		_cleanup_(closep) int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
		char path[64], input[64], mem[65536] = "", want[96];
		struct row row = { .keys = { path, input, "TTYReset=yes", "TTYVHangup=yes", "TTYVTDisallocate=yes", "TTYRows=7", "TTYColumns=33", "UtmpIdentifier=p1" },
			.command = "/bin/sh -c 'tty; stty size; : </dev/tty && echo controlling $TERM'", .run_flags = RUN_TTY };
		void *arg = &row;
		ssize_t n;

		assert_true(master >= 0);
		assert_return_code(unlockpt(master), errno);
		snprintf(path, sizeof(path), "TTYPath=%s", ptsname(master));
		snprintf(input, sizeof(input), "StandardInput=%s", inputs[i]);
		snprintf(want, sizeof(want), "%s\r", ptsname(master));
		run_row(&arg);
		for (size_t len = 0; !strstr(mem, "controlling") && (n = read(master, mem + len, sizeof(mem) - 1 - len)) > 0;)
			len += (size_t)n;       /* it comes in pieces on a busy machine; EIO at its end */
		if (!strstr(mem, want) || !strstr(mem, "7 33\r") || !strstr(mem, "controlling vt220"))
			fail_msg("%s: %s", inputs[i], mem);
	}
}

/* ---- actions that are no commands ---- */

static void actions_world(void)
{
	must(mkdir("/run/dir", 0755) == 0 && mkdir("/run/dir/sub", 0755) == 0 && mkdir("/run/outside", 0755) == 0, "mkdir");
	put("/run/dir/sub/file", "x");
	put("/run/outside/file", "x");
	must(symlink("/run/outside", "/run/dir/link") == 0, "symlink");
	put("/run/socket", "");
	must(symlink("/run/outside/file", "/run/socket-link") == 0, "symlink");
}

/* the outcome has to be looked at within the private world: so a child of it stays behind the action */
static void look_after(void)
{
	pid_t self = getpid();
	struct stat st;

	actions_world();
	if (fork() != 0)
		return;
	while (kill(self, 0) == 0 && getppid() == self)
		usleep(1000);
	dprintf(test_out, "dir=%s\n", access("/run/dir", F_OK) == 0 ? "there" : "gone");
	dprintf(test_out, "outside=%s\n", access("/run/outside/file", F_OK) == 0 ? "there" : "gone");
	if (stat("/run/socket", &st) == 0)
		dprintf(test_out, "socket=%u:%u\n", st.st_uid, st.st_gid);
	if (stat("/run/outside/file", &st) == 0)
		dprintf(test_out, "target=%u:%u\n", st.st_uid, st.st_gid);
	_exit(0);
}

static void act(int r, struct unit_spawn *s, struct outcome *o)
{
	assert_return_code(r, -r);
	start(s, look_after, o);
	buf_finish(&s->blob);
}

static void actions(void **state)
{
	struct unit_spawn *s = calloc(1, sizeof(*s));
	struct outcome *o = calloc(1, sizeof(*o));
	char *paths[] = { (char *)"/run/socket", (char *)"/run/socket-link", NULL };
	struct exec_context c;

	assert_non_null(s);
	assert_non_null(o);
	act(exec_chown_blob(&thing.u, paths, "nobody", "daemon", s), s, o);
	assert_int_equal(o->stage, 0);
	assert_true(has_line(o->text, "socket=65534:1"));
	assert_true(has_line(o->text, "target=0:0"));           /* a link is given away itself */
	act(exec_chown_blob(&thing.u, paths, "nosuchuser", NULL, s), s, o);
	assert_int_equal(o->stage, IPC_EXEC_STAGE_USER);
	act(exec_chown_blob(&thing.u, paths, NULL, "nosuchgroup", s), s, o);
	assert_int_equal(o->stage, IPC_EXEC_STAGE_GROUP);

	exec_context_init(&c);
	assert_int_equal(exec_clean_blob(&thing.u, &c, &(struct exec_end){ .pid = 0 }, s), 0);      /* nothing to do */
	set_key(&c, "RuntimeDirectory=dir");
	act(exec_clean_blob(&thing.u, &c, &(struct exec_end){ .pid = 0 }, s), s, o);
	assert_true(has_line(o->text, "dir=gone"));
	assert_true(has_line(o->text, "outside=there"));
	set_key(&c, "RuntimeDirectoryPreserve=restart");
	assert_int_equal(exec_clean_blob(&thing.u, &c, &(struct exec_end){ .restarting = true }, s), 0);
	act(exec_clean_blob(&thing.u, &c, &(struct exec_end){ .pid = 0 }, s), s, o);
	assert_true(has_line(o->text, "dir=gone"));
	set_key(&c, "RuntimeDirectoryPreserve=yes");
	assert_int_equal(exec_clean_blob(&thing.u, &c, &(struct exec_end){ .pid = 0 }, s), 0);
	exec_context_done(&c);

	/* two commands of a run share a directory; cleaning takes exactly that one */
	exec_context_init(&c);
	set_key(&c, "PrivateTmp=yes");
	assert_return_code(exec_shared_acquire(&thing.u, &c), 0);
	assert_int_equal(exec_clean_blob(&thing.u, &c, &(struct exec_end){ .pid = 0 }, s), 1);
	assert_non_null(memmem(s->blob.data, s->blob.len, "/var/tmp/systemd-private-", 25));
	assert_non_null(memmem(s->blob.data, s->blob.len, "-probe.service-abcd00", 21));
	buf_finish(&s->blob);
	assert_null(thing.u.shared);
	exec_context_done(&c);
	free(s);
	free(o);
}

/* ---- commands of one run, and of a unit that joins it, are in the same namespaces; those of the next run are not ---- */

static void where(struct unit *u, const struct exec_context *c, char out[65536])
{
	struct command *cmd = NULL;
	struct unit_spawn *s = calloc(1, sizeof(*s));
	struct outcome *o = calloc(1, sizeof(*o));
	struct exec_run run = { .unit = u, .context = c, .stdio_fd = -1, .apply_sandbox = true, .apply_user = true };

	assert_non_null(s);
	assert_non_null(o);
	make_command("/bin/sh -c 'readlink /proc/self/ns/net /proc/self/ns/ipc; cat /sys/class/net/lo/operstate'", &cmd);
	run.command = cmd;
	assert_return_code(exec_blob(&run, s), 0);
	start(s, NULL, o);
	assert_int_equal(o->stage, 0);
	strcpy(out, o->text);
	for (size_t i = 0; i < s->n_fds; i++)
		close(s->fds[i]);
	buf_finish(&s->blob);
	free(s);
	free(o);
	command_list_free(cmd);
}

static void shared(void **state)
{
	static struct thing other = { .u = { .type = &type, .id = (char *)"other.service", .invocation_id = { 0x12 } } };
	static char first[65536], second[65536];
	int kept[2 * N_UNIT_SHARED_NS];
	struct exec_context c;

	other.u.set = thing.u.set;
	exec_context_init(&c);
	cgroup_context_init(&thing.cgroup);
	cgroup_context_init(&other.cgroup);
	set_key(&c, "PrivateNetwork=yes");
	set_key(&c, "PrivateIPC=yes");
	set_key(&c, "PrivateTmp=yes");
	where(&thing.u, &c, first);
	where(&thing.u, &c, second);
	assert_string_equal(first, second);
	where(&other.u, &c, second);                    /* has nothing to do with it */
	assert_string_not_equal(first, second);
	assert_string_not_equal(thing.u.shared->tmp, other.u.shared->tmp);
	exec_shared_release(&other.u);
	assert_return_code(unit_add_dep(&other.u, DEP_JOINS_NAMESPACE_OF, &thing.u, DEP_FILE), 0);
	where(&other.u, &c, second);
	assert_string_equal(first, second);
	assert_string_equal(thing.u.shared->tmp, other.u.shared->tmp);
	assert_true(exec_shared_tmp_in_use(&thing.u));
	exec_shared_release(&thing.u);                  /* the one that joined keeps it, and is joined in turn */
	where(&thing.u, &c, second);
	assert_string_equal(first, second);
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)   /* or the kernel might give their numbers to the next ones */
		kept[i] = fcntl(thing.u.shared->ns[i / 2][i % 2], F_DUPFD_CLOEXEC, 5);
	exec_shared_release(&thing.u);
	exec_shared_release(&other.u);
	where(&thing.u, &c, second);
	assert_string_not_equal(first, second);
	exec_shared_release(&thing.u);
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		close(kept[i]);
	unit_drop_deps(&other.u, DEP_FILE);
	free(other.u.deps);
	free(thing.u.deps);
	thing.u.deps = other.u.deps = NULL;
	thing.u.n_deps = thing.u.cap_deps = 0;
	while (unit_take_dirty(thing.u.set))
		;
	exec_context_done(&c);
	cgroup_context_done(&thing.cgroup);
	cgroup_context_done(&other.cgroup);
}

/* ---- file systems, where the kernel has bpf among its security modules ---- */

static void security_fs(void)
{
	if (access("/sys/kernel/security/lsm", F_OK) < 0)
		must(mount("securityfs", "/sys/kernel/security", "securityfs", 0, NULL) == 0, "securityfs");
}

/* without a function to hook in it is refused in any case, but not for want of rights */
static bool may_load(void)
{
	struct bpf_insn code[] = { { .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = 1 }, { .code = BPF_JMP | BPF_EXIT } };
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_LSM;
	attr.expected_attach_type = BPF_LSM_CGROUP;
	attr.insns = (uint64_t)(uintptr_t)code;
	attr.insn_cnt = ARRAY_SIZE(code);
	attr.license = (uint64_t)(uintptr_t)"Dual MIT/GPL";
	return syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr)) >= 0 || errno != EPERM;
}

static bool have_bpf_module(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		char text[512] = "";
		int fd;

		if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
			_exit(1);
		if (access("/sys/kernel/security/lsm", F_OK) < 0 && mount("securityfs", "/sys/kernel/security", "securityfs", 0, NULL) < 0)
			_exit(1);
		fd = open("/sys/kernel/security/lsm", O_RDONLY | O_CLOEXEC);
		_exit(fd < 0 || read(fd, text, sizeof(text) - 1) <= 0 || !strstr(text, "bpf"));
	}
	return waitpid(pid, &status, 0) == pid && status == 0 && access("/sys/kernel/btf/vmlinux", R_OK) == 0 && may_load();
}

static void file_systems(void **state)
{
	static struct row rows[] = {
		{ KEYS("RestrictFileSystems=~proc"), CALL("open:/proc/self/status open:/etc/passwd open:/dev/null"), .before = security_fs, .run_flags = RUN_GROUP,
		  WANT("open:/proc/self/status=EPERM", "open:/etc/passwd=ok", "open:/dev/null=ok") },
		{ KEYS("RestrictFileSystems=@known", "RestrictFileSystems=~sysfs"), CALL("open:/sys/kernel/mm open:/proc/self/status"), .before = security_fs, .run_flags = RUN_GROUP,
		  WANT("open:/sys/kernel/mm=EPERM", "open:/proc/self/status=ok") },
		{ KEYS("RestrictFileSystems=@known", "RestrictFileSystems=~sysfs", NOBODY), CALL("open:/sys/kernel/mm open:/proc/self/status"), .before = security_fs,
		  .run_flags = RUN_GROUP, WANT("open:/sys/kernel/mm=EPERM", "open:/proc/self/status=ok") },
		{ KEYS("RestrictFileSystems=sysfs"), .before = security_fs, .run_flags = RUN_GROUP, FAILS(EXEC, EPERM) },
		{ KEYS("RestrictFileSystems=~proc"), .command = "+PROBE open:/proc/self/status", .before = security_fs, .run_flags = RUN_GROUP, WANT("open:/proc/self/status=ok") },
	};
	void *arg;

	if (!have_bpf_module()) {
		print_message("skipped: no \"bpf\" among the security modules, or no programs for it\n");
		skip();
	}
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		arg = &rows[i];
		run_row(&arg);
	}
}

/* ---- traffic is counted from the first command of a run to its last, and anew in the next ---- */

static void echo_run(void)
{
	struct row row = { KEYS("IPAccounting=yes"), CALL("echo:127.0.0.1"), WANT("echo:127.0.0.1=ok"), .run_flags = RUN_GROUP | RUN_STAY };
	void *arg = &row;

	run_row(&arg);
}

static void traffic(void **state)
{
	uint64_t one[N_TRAFFIC], two[N_TRAFFIC];

	if (!group_begin())
		skip();
	echo_run();
	if (!exec_traffic_read(&thing.u, one)) {
		print_message("skipped: no programs for control groups here\n");
		skip();
	}
	assert_int_equal(one[TRAFFIC_OUT_BYTES], 128);          /* with the heads of IP and UDP */
	assert_int_equal(one[TRAFFIC_OUT_PACKETS], 1);
	assert_int_equal(one[TRAFFIC_IN_BYTES], 128);
	assert_int_equal(one[TRAFFIC_IN_PACKETS], 1);
	echo_run();                                      /* the next command of the same run */
	assert_true(exec_traffic_read(&thing.u, two));
	for (size_t i = 0; i < N_TRAFFIC; i++)
		assert_int_equal(two[i], 2 * one[i]);
	thing.u.invocation_id[0]++;
	echo_run();                                      /* another run, in the same group */
	assert_true(exec_traffic_read(&thing.u, two));
	assert_memory_equal(one, two, sizeof(one));
	thing.u.invocation_id[0]--;
	exec_traffic_release(&thing.u);
	assert_false(exec_traffic_read(&thing.u, two));
	while (unit_take_dirty(thing.u.set))
		;
	group_end();
}

static const struct CMUnitTest tests[] = {
	/* words and environment */
	ROW("arguments", CALL("one 'two three' $$X"), WANT("argv.1=one", "argv.2=two three", "argv.3=$X")),
	ROW("argv[0]", .command = "@PROBE other name", WANT("argv.0=other", "argv.1=name")),
	ROW("variables", KEYS("Environment=\"ONE=one\" 'TWO=two two'"), CALL("x $ONE $TWO ${TWO} a${ONE}b $NONE ${NONE} x$ONE"),
	    WANT("argv.2=one", "argv.3=two", "argv.4=two", "argv.5=two two", "argv.6=aoneb", "argv.7=", "argv.8=x$ONE", "!argv.9*")),
	ROW("quotes in values", KEYS("Environment=ONE='one' \"TWO='two two' too\" THREE="), CALL("x $ONE $TWO $THREE ${ONE} ${TWO} ${THREE}"),
	    WANT("argv.2=one", "argv.3=two two", "argv.4=too", "argv.5=one", "argv.6='two two' too", "argv.7=", "!argv.8*")),
	ROW("no variables", KEYS("Environment=ONE=1"), .command = ":PROBE $ONE ${ONE} $$", WANT("argv.1=$ONE", "argv.2=${ONE}", "argv.3=$$")),
	ROW("environment", WANT("env.PATH=/usr/bin:/bin", "env.LANG=C.UTF-8", "env.MAINPID=42", "env.NOTIFY_SOCKET=/run/sysmaster/notify", "env.WATCHDOG_USEC=5000000",
				"env.INVOCATION_ID=abcd0000000000000000000000000000", "exec_pid_env=yes", "!env.USER=*", "!env.HOME=*", "!env.LISTEN_FDS=*", "!env.TERM=*")),
	ROW("later wins", KEYS("Environment=LANG=C A=1", "Environment=A=2"), WANT("env.LANG=C", "env.A=2", "!env.A=1", "!env.LANG=C.UTF-8")),
	ROW("environment file", KEYS("EnvironmentFile=/run/env", "EnvironmentFile=-/run/none", "Environment=ONE=unit"), .before = env_file,
	    WANT("env.ONE=one two", "env.TWO=a \"b\" $c", "env.THREE=x y", "env.EMPTY=", "env.FOUR=a b # not a comment", "!env.BAD*", "!env.only*")),
	ROW("environment files by glob", KEYS("EnvironmentFile=/run/env*"), .before = env_file, WANT("env.ONE=later")),
	ROW("missing environment file", KEYS("EnvironmentFile=/run/none"), FAILS(ENVIRONMENT, ENOENT)),
	ROW("unset", KEYS("UnsetEnvironment=LANG A=2 B=1", "Environment=A=1 B=1"), WANT("!env.LANG*", "env.A=1", "!env.B*")),
	ROW("search path", KEYS("ExecSearchPath=/opt/x:/usr/bin"), WANT("env.PATH=/opt/x:/usr/bin")),
	ROW("user's variables", KEYS(NOBODY), WANT("env.USER=nobody", "env.LOGNAME=nobody", "!env.SHELL*")),
	ROW("root's variables", KEYS("User=root"), WANT("env.USER=root", "env.HOME=/root", "env.SHELL=/bin/*")),

	/* the program */
	ROW("no such program", .command = "/nonexistent/program", FAILS(EXEC, ENOENT)),
	ROW("no such name", .command = "no-such-program-here", FAILS(EXEC, ENOENT)),
	ROW("name is looked up", .command = "cat /proc/self/comm", WANT("cat")),
	ROW("not executable", .command = "/etc/passwd", FAILS(EXEC, EACCES)),

	/* identity */
	ROW("user", KEYS(NOBODY), WANT("status.Uid:\t65534\t65534\t65534\t65534", "status.Gid:\t65534\t65534\t65534\t65534", "status.CapEff:\t0000000000000000")),
	ROW("user by number", KEYS("User=65534"), WANT("status.Uid:\t65534\t65534\t65534\t65534", "env.USER=nobody")),
	ROW("a number that is nobody's", KEYS("User=4711"), FAILS(USER, ESRCH)),
	ROW("a group that is nobody's", KEYS("Group=4711"), FAILS(GROUP, ESRCH)),
	ROW("group", KEYS("Group=daemon"), WANT("status.Uid:\t0\t0\t0\t0", "status.Gid:\t1\t1\t1\t1")),
	ROW("groups", KEYS(NOBODY, "SupplementaryGroups=daemon adm"), WANT("status.Groups:\t1 4 65534 ")),
	ROW("no such user", KEYS("User=nosuchuser"), FAILS(USER, ESRCH)),
	ROW("no such group", KEYS("Group=nosuchgroup"), FAILS(GROUP, ESRCH)),
	ROW("full privileges", KEYS(NOBODY, "NoNewPrivileges=yes", "CapabilityBoundingSet=CAP_CHOWN"), .command = "+PROBE",
	    WANT("status.Uid:\t0\t0\t0\t0", "status.NoNewPrivs:\t0", "env.USER=nobody")),
	ROW("no setuid", KEYS(NOBODY, "NoNewPrivileges=yes"), .command = "!PROBE", WANT("status.Uid:\t0\t0\t0\t0", "status.NoNewPrivs:\t1")),
	ROW("dynamic user", KEYS("DynamicUser=yes", "User=madeup"), WANT("!status.Uid:\t0*", "env.USER=madeup", "status.NoNewPrivs:\t1")),

	/* capabilities */
	ROW("bounding set", KEYS("CapabilityBoundingSet=CAP_CHOWN CAP_KILL"), WANT("status.CapBnd:\t0000000000000021", "status.CapEff:\t0000000000000021")),
	ROW("bounding set but", KEYS("CapabilityBoundingSet=~CAP_CHOWN"), WANT("!status.CapBnd:\t0000000000000001", "!status.CapEff:\t*ff")),
	ROW("ambient", KEYS(NOBODY, "AmbientCapabilities=CAP_NET_BIND_SERVICE"),
	    WANT("status.CapAmb:\t0000000000000400", "status.CapEff:\t0000000000000400", "status.CapPrm:\t0000000000000400", "status.Uid:\t65534*")),
	ROW("ambient of root", KEYS("AmbientCapabilities=CAP_CHOWN", "CapabilityBoundingSet=CAP_CHOWN CAP_KILL"), WANT("status.CapAmb:\t0000000000000001", "status.CapEff:\t0000000000000021")),
	ROW("secure bits", KEYS("SecureBits=noroot noroot-locked"), WANT("securebits=3", "status.CapEff:\t0000000000000000")),
	ROW("no new privileges", KEYS("NoNewPrivileges=yes"), WANT("status.NoNewPrivs:\t1")),

	/* attributes */
	ROW("plain", WANT("session=own", "umask=022", "cwd=/", "sigpipe=ignored", "status.SigBlk:\t0000000000000000", "fd.0=/dev/null", "!fd.3*", "!fd.4*", "!fd.5*")),
	ROW("sigpipe", KEYS("IgnoreSIGPIPE=no"), WANT("sigpipe=default", "status.SigIgn:\t0000000000000000")),
	ROW("umask", KEYS("UMask=0077"), WANT("umask=077")),
	ROW("limits", KEYS("LimitNOFILE=512:1000", "LimitCORE=0", "LimitCPU=2min"),
	    WANT("limit.NOFILE=512:1000", "limit.CORE=0:0", "limit.CPU=120:120")),
	ROW("nice", KEYS("Nice=5"), WANT("nice=5")),
	ROW("oom", KEYS("OOMScoreAdjust=300"), WANT("oom=300")),
	ROW("scheduler", KEYS("CPUSchedulingPolicy=batch"), WANT("sched=3:0")),
	ROW("real time", KEYS("CPUSchedulingPolicy=rr", "CPUSchedulingPriority=3", "CPUSchedulingResetOnFork=yes"), WANT("sched=1073741826:3")),
	ROW("io class", KEYS("IOSchedulingClass=idle"), WANT("ioprio=24580")),
	ROW("io priority", KEYS("IOSchedulingPriority=2"), WANT("ioprio=16386")),
	ROW("timer slack", KEYS("TimerSlackNSec=1ms"), WANT("timerslack=1000000")),
	ROW("personality", KEYS("Personality=x86"), WANT("personality=8")),
	ROW("affinity", KEYS("CPUAffinity=0"), WANT("status.Cpus_allowed_list:\t0")),
	ROW("core dump filter", KEYS("CoredumpFilter=private-anonymous elf-headers"), WANT("coredump=00000011")),

	/* directories */
	ROW("working directory", KEYS("WorkingDirectory=/usr"), WANT("cwd=/usr")),
	ROW("home as working directory", KEYS("User=root", "WorkingDirectory=~"), WANT("cwd=/root")),
	ROW("missing working directory", KEYS("WorkingDirectory=/nonexistent"), FAILS(CHDIR, ENOENT)),
	ROW("optional working directory", KEYS("WorkingDirectory=-/nonexistent"), WANT("cwd=/")),
	ROW("root directory", KEYS("RootDirectory=/usr/bin"), .command = "/sh -c :", FAILS(EXEC, ENOENT)),
	ROW("missing root directory", KEYS("RootDirectory=/nonexistent"), FAILS(NAMESPACE, ENOENT)),
	ROW("missing root directory without mounts", KEYS("RootDirectory=/nonexistent", "MountAPIVFS=no"), FAILS(CHROOT, ENOENT)),
	ROW("runtime directory", KEYS(NOBODY, "RuntimeDirectory=probe probe/deep/er", "RuntimeDirectoryMode=0750"), CALL("stat:/run/probe stat:/run/probe/deep stat:/run/probe/deep/er"),
	    WANT("stat:/run/probe=65534:65534:0750", "stat:/run/probe/deep=0:0:0755", "stat:/run/probe/deep/er=65534:65534:0750")),
	ROW("directory variables", KEYS("RuntimeDirectory=probe other", "StateDirectory=s", "CacheDirectory=c", "LogsDirectory=l", "ConfigurationDirectory=e"),
	    WANT("env.RUNTIME_DIRECTORY=/run/probe:/run/other", "env.STATE_DIRECTORY=/var/lib/s", "env.CACHE_DIRECTORY=/var/cache/c", "env.LOGS_DIRECTORY=/var/log/l",
		 "env.CONFIGURATION_DIRECTORY=/etc/e")),
	ROW("state directory is given away", KEYS(NOBODY, "StateDirectory=probe"), .before = old_state, CALL("stat:/var/lib/probe stat:/var/lib/probe/file"),
	    WANT("stat:/var/lib/probe=65534:65534:0755", "stat:/var/lib/probe/file=65534:65534:0644")),
	ROW("directory link", KEYS("StateDirectory=probe:other/link"), CALL("open:/var/lib/other/link"), WANT("open:/var/lib/other/link=ok")),
	ROW("dynamic state directory", KEYS("DynamicUser=yes", "User=madeup", "StateDirectory=probe"), CALL("write:/var/lib/probe/x list:/var/lib/private write:/var/lib/y"),
	    WANT("write:/var/lib/probe/x=ok", "write:/var/lib/y=EROFS")),
	ROW("credentials", KEYS(NOBODY, "LoadCredential=given", "LoadCredential=none", "SetCredential=own:value%%\\x21", "SetCredential=given:hidden"), .before = credential,
	    CALL("cat:/run/credentials/probe.service/given cat:/run/credentials/probe.service/own stat:/run/credentials/probe.service open:/run/credentials/probe.service/none"),
	    WANT("cat:/run/credentials/probe.service/givensecret", "cat:/run/credentials/probe.service/ownvalue%%!", "stat:/run/credentials/probe.service=65534:0:0500",
		 "open:/run/credentials/probe.service/none=ENOENT")),
	ROW("encrypted credentials", KEYS(NOBODY, "LoadCredentialEncrypted=one:/run/one", "LoadCredentialEncrypted=any", "LoadCredentialEncrypted=none", "SetCredentialEncrypted=two: " CREDENTIAL_TWO),
	    .before = encrypted, CALL("cat:/run/credentials/probe.service/one cat:/run/credentials/probe.service/two cat:/run/credentials/probe.service/any"),
	    WANT("cat:/run/credentials/probe.service/onehello-secret", "cat:/run/credentials/probe.service/twohello-null", "cat:/run/credentials/probe.service/anyhello-secret")),
	ROW("a credential of another name", KEYS("LoadCredentialEncrypted=two:/run/one"), .before = encrypted, FAILS(CREDENTIALS, EREMOTE)),
	ROW("a credential that is too old", KEYS("LoadCredentialEncrypted=late:/run/late"), .before = encrypted, FAILS(CREDENTIALS, ESTALE)),
	ROW("a credential that is none", KEYS("LoadCredentialEncrypted=text:/run/text"), .before = encrypted, FAILS(CREDENTIALS, EBADMSG)),
	ROW("a credential that was changed", KEYS("SetCredentialEncrypted=one:" CREDENTIAL_BAD), .before = encrypted, FAILS(CREDENTIALS, EBADMSG)),
	ROW("a credential for a TPM2", KEYS("SetCredentialEncrypted=one:" CREDENTIAL_TPM), .before = encrypted, FAILS(CREDENTIALS, EOPNOTSUPP)),
	ROW("no key to decrypt with", KEYS("SetCredentialEncrypted=one:" CREDENTIAL_ONE), FAILS(CREDENTIALS, ENOENT)),
	ROW("missing credential", KEYS("LoadCredential=x:/nonexistent"), FAILS(CREDENTIALS, ENOENT)),

	/* streams */
	ROW("null", KEYS("StandardOutput=null"), WANT("!uid*", "!cwd*")),
	ROW("file", KEYS("StandardError=truncate:/run/err"), .command = "/bin/sh -c 'echo oops >&2; cat /run/err'", WANT("oops")),
	ROW("append", KEYS("StandardError=append:/run/env2"), .before = env_file, .command = "/bin/sh -c 'echo oops >&2; cat /run/env2'", WANT("ONE=lateroops")),
	ROW("input file", KEYS("StandardInput=file:/run/env2"), .before = env_file, .command = "/bin/cat", WANT("ONE=later")),
	ROW("missing input file", KEYS("StandardInput=file:/run/none"), FAILS(STDIN, ENOENT)),
	ROW("input text", KEYS("StandardInputText=one\\ttwo", "StandardInputData=dGhyZWUK"), .command = "/bin/cat", WANT("one\ttwo", "three")),
	ROW("output directory missing", KEYS("StandardOutput=file:/run/no/file"), FAILS(STDOUT, ENOENT)),
	ROW("error directory missing", KEYS("StandardError=file:/run/no/file"), FAILS(STDERR, ENOENT)),
	ROW("sockets", .run_flags = RUN_LISTEN, WANT("fd.3=socket*", "fd.4=socket*", "!fd.5*", "env.LISTEN_FDS=2", "env.LISTEN_FDNAMES=web:admin", "pid_env=yes")),
	ROW("open files", .run_flags = RUN_LISTEN | RUN_OPEN, KEYS(NOBODY), .before = env_file,
	    WANT("fd.3=socket*", "fd.4=socket*", "fd.5=/run/env2", "flags.5=rw", "fd.6=/run/env2", "flags.6=rw append", "fd.7=/run/env", "fd.8=/etc/passwd", "flags.8=r",
		 "!fd.9*", "env.LISTEN_FDS=6", "env.LISTEN_FDNAMES=web:admin:both:end:cut:read")),
	ROW("open files without sockets", .run_flags = RUN_OPEN, .before = env_file, WANT("fd.3=/run/env2", "fd.6=/etc/passwd", "!fd.7*", "env.LISTEN_FDS=4")),
	ROW("missing file to open", .run_flags = RUN_MISSING, .before = env_file, FAILS(FDS, ENOENT)),
	ROW("socket by name", .run_flags = RUN_LISTEN, KEYS("StandardInput=fd:admin", "StandardOutput=null", "StandardError=truncate:/run/err"),
	    .command = "/bin/sh -c 'readlink /proc/self/fd/0 >&2'"),
	ROW("no socket of that name", .run_flags = RUN_LISTEN, KEYS("StandardInput=fd:other"), FAILS(STDIN, EBADF)),
	ROW("connection", .run_flags = RUN_CONNECTION, KEYS("StandardInput=socket", "StandardOutput=inherit"), WANT("!cwd*")),
	ROW("no terminal", .run_flags = RUN_TTY, KEYS("StandardInput=tty", "TTYPath=/dev/null"), FAILS(STDIN, ENOTTY)),

	ROW("log collector", KEYS("StandardOutput=journal", "SyslogIdentifier=id", "SyslogLevel=notice", "SyslogLevelPrefix=no"), .before = collector, .command = "/bin/echo hello",
	    WANT("id", "probe.service", "29", "0", "hello")),
	ROW("log collector's variable", KEYS("StandardOutput=journal"), .before = collector, WANT("env.JOURNAL_STREAM=*", "test-exec-probe")),

	/* PAM */
	ROW("PAM session", KEYS(NOBODY, "PAMName=probe"), .before = pam_service, WANT("env.FROM_PAM=yes", "status.Uid:\t65534*", "!fd.3*")),
	ROW("PAM says no", KEYS(NOBODY, "PAMName=closed"), .before = pam_service, FAILS(PAM, EACCES)),
	ROW("PAM only with a user", KEYS("PAMName=closed"), .before = pam_service, WANT("status.Uid:\t0*")),

	/* a user database beside files is the dynamic program's business */
	ROW("other user databases", KEYS(NOBODY), .before = other_databases, WANT("status.Uid:\t65534*", "env.USER=nobody")),
	ROW("no user anywhere", KEYS("User=nosuchuser"), .before = other_databases, FAILS(USER, ESRCH)),

	/* mounts */
	ROW("private tmp", KEYS("PrivateTmp=yes"), CALL("write:/tmp/x list:/tmp stat:/tmp stat:/var/tmp"), WANT("write:/tmp/x=ok", "list:/tmp/x", "!list:/tmp/systemd-private*", "stat:/tmp=0:0:1777", "stat:/var/tmp=0:0:1777")),
	ROW("protect system", KEYS("ProtectSystem=yes"), CALL("write:/usr/x write:/etc/x"), WANT("write:/usr/x=EROFS", "write:/etc/x=ok")),
	ROW("protect system full", KEYS("ProtectSystem=full"), CALL("write:/usr/x write:/etc/x write:/var/lib/x"), WANT("write:/usr/x=EROFS", "write:/etc/x=EROFS", "write:/var/lib/x=ok")),
	ROW("protect system strict", KEYS("ProtectSystem=strict", "ReadWritePaths=/var/log", "RuntimeDirectory=probe"),
	    CALL("write:/usr/x write:/var/lib/x write:/var/log/x write:/run/x write:/run/probe/x write:/dev/null"),
	    WANT("write:/usr/x=EROFS", "write:/var/lib/x=EROFS", "write:/var/log/x=ok", "write:/run/x=EROFS", "write:/run/probe/x=ok", "write:/dev/null=ok")),
	ROW("protect home", KEYS("ProtectHome=yes"), CALL("list:/root list:/home write:/root/x stat:/root"), WANT("write:/root/x=EROFS", "stat:/root=0:0:0000")),
	ROW("protect home read-only", KEYS("ProtectHome=read-only"), CALL("list:/root write:/root/x"), WANT("list:/root=ok", "write:/root/x=EROFS")),
	ROW("protect home tmpfs", KEYS("ProtectHome=tmpfs"), CALL("list:/root write:/root/x"), WANT("list:/root=ok", "!list:/root/*", "write:/root/x=EROFS")),
	ROW("read-only and read-write paths", KEYS("ReadOnlyPaths=/mnt/a -/nonexistent", "ReadWritePaths=/mnt/a/b"), .before = tree, CALL("write:/mnt/a/x write:/mnt/a/b/x cat:/mnt/a/file"),
	    WANT("write:/mnt/a/x=EROFS", "write:/mnt/a/b/x=ok", "cat:/mnt/a/filecontent")),
	ROW("missing path", KEYS("ReadOnlyPaths=/nonexistent"), FAILS(NAMESPACE, ENOENT)),
	ROW("inaccessible paths", KEYS("InaccessiblePaths=/mnt/a/file /mnt/c"), .before = tree, CALL("cat:/mnt/a/file list:/mnt/c"), WANT("!cat:/mnt/a/filecontent", "!list:/mnt/c/*")),
	ROW("inaccessible for others", KEYS(NOBODY, "InaccessiblePaths=/mnt/a/file /mnt/c"), .before = tree, CALL("open:/mnt/a/file list:/mnt/c"), WANT("open:/mnt/a/file=EACCES", "list:/mnt/c=EACCES")),
	ROW("bind paths", KEYS("BindPaths=/mnt/a:/mnt/c", "BindReadOnlyPaths=/mnt/a/file:/mnt/new/file -/nonexistent"), .before = tree,
	    CALL("cat:/mnt/c/file write:/mnt/c/x cat:/mnt/new/file write:/mnt/new/file"), WANT("cat:/mnt/c/filecontent", "write:/mnt/c/x=ok", "cat:/mnt/new/filecontent", "write:/mnt/new/file=EROFS")),
	ROW("missing bind source", KEYS("BindPaths=/nonexistent"), FAILS(NAMESPACE, ENOENT)),
	ROW("temporary file system", KEYS("TemporaryFileSystem=/mnt/a:ro", "BindReadOnlyPaths=/mnt/c:/mnt/a/c"), .before = tree, CALL("list:/mnt/a write:/mnt/a/x cat:/mnt/a/c/other"),
	    WANT("!list:/mnt/a/file", "list:/mnt/a/c", "write:/mnt/a/x=EROFS", "cat:/mnt/a/c/otherother")),
	ROW("no exec paths", KEYS("NoExecPaths=/", "ExecPaths=/usr /lib /lib64 /bin /srv"), CALL("exec:/etc/passwd exec:/bin/sh"), WANT("exec:/bin/sh=ok")),
	ROW("private devices", KEYS("PrivateDevices=yes"), CALL("write:/dev/null open:/dev/urandom open:/dev/kmsg open:/dev/mem list:/dev"),
	    WANT("write:/dev/null=ok", "open:/dev/urandom=ok", "open:/dev/kmsg=ENOENT", "open:/dev/mem=ENOENT", "list:/dev/shm", "list:/dev/pts", "!list:/dev/loop0", "!list:/dev/vda")),
	ROW("kernel tunables", KEYS("ProtectKernelTunables=yes"), CALL("write:/proc/sys/kernel/hostname write:/sys/kernel/profiling open:/proc/sys/kernel/hostname"),
	    WANT("write:/proc/sys/kernel/hostname=EROFS", "open:/proc/sys/kernel/hostname=ok")),
	ROW("kernel modules", KEYS("ProtectKernelModules=yes"), WANT("!status.CapBnd:\t000001ffffffffff")),
	ROW("control groups", KEYS("ProtectControlGroups=yes"), CALL("write:/sys/fs/cgroup/x"), WANT("write:/sys/fs/cgroup/x=EROFS")),
	ROW("proc subset", KEYS("ProcSubset=pid"), CALL("open:/proc/cpuinfo open:/proc/self/status"), WANT("open:/proc/cpuinfo=ENOENT", "open:/proc/self/status=ok")),
	ROW("protect proc", KEYS("ProtectProc=invisible", NOBODY), CALL("open:/proc/1/status open:/proc/self/status"), WANT("open:/proc/1/status=ENOENT", "open:/proc/self/status=ok")),
	ROW("root directory with mounts", KEYS("RootDirectory=/mnt/a", "MountAPIVFS=yes", "BindReadOnlyPaths=/usr /bin /lib /lib64", "TemporaryFileSystem=/run"), .before = tree,
	    .command = "/bin/sh -c 'cat /file; ls / ; ls /proc/self/comm; cat /mnt/c/other'", WANT("content", "proc", "/proc/self/comm", "!other")),

	ROW("root directory with devices of its own", KEYS("RootDirectory=/mnt/a", "PrivateDevices=yes", "BindReadOnlyPaths=/usr /bin /lib /lib64"), .before = tree,
	    .command = "/bin/sh -c 'ls /dev; : >/dev/null && echo written'", WANT("null", "written", "!loop-control", "!kmsg", "!mem", "!vda")),

	/* system calls */
	ROW("deny list", KEYS("SystemCallFilter=~@mount chroot", "SystemCallErrorNumber=EBUSY"), CALL("call:mount call:chroot call:getppid"), WANT("call:mount=EBUSY", "call:chroot=EBUSY", "call:getppid=ok")),
	ROW("deny with an error", KEYS("SystemCallFilter=~chroot:ENOANO @swap", "SystemCallErrorNumber=EBUSY"), CALL("call:chroot call:swapoff"), WANT("call:chroot=ENOANO", "call:swapoff=EBUSY")),
	ROW("allow list", KEYS("SystemCallFilter=@system-service", "SystemCallErrorNumber=EPERM"), CALL("call:mount call:chroot call:kexec call:getppid"),
	    WANT("call:mount=EPERM", "call:chroot=EPERM", "call:kexec=EPERM", "call:getppid=ok")),
	ROW("allow list less some", KEYS("SystemCallFilter=@system-service chroot", "SystemCallFilter=~personality", "SystemCallErrorNumber=EPERM"), CALL("call:chroot call:personality"),
	    WANT("call:chroot=ok", "call:personality=EPERM")),
	ROW("killed by the filter", KEYS("SystemCallFilter=~chroot"), CALL("call:getppid call:chroot call:getppid"), WANT("call:getppid=ok", "!call:chroot*")),
	ROW("filters of a user imply no new privileges", KEYS(NOBODY, "SystemCallFilter=~@mount"), WANT("status.NoNewPrivs:\t1", "status.Seccomp:\t2")),
	ROW("filters of root do not", KEYS("SystemCallFilter=~@mount"), WANT("status.NoNewPrivs:\t0", "status.Seccomp:\t2")),
	ROW("not for full privileges", KEYS("SystemCallFilter=~@mount", "RestrictRealtime=yes"), .command = "+PROBE", WANT("status.Seccomp:\t0")),
	ROW("architectures", KEYS("SystemCallArchitectures=native"), CALL("call:getppid call:int80"), WANT("call:getppid=ok", "!call:int80*")),
	ROW("address families", KEYS("RestrictAddressFamilies=AF_UNIX AF_INET", "RestrictAddressFamilies=~AF_INET"), CALL("socket:1 socket:2 socket:10"),
	    WANT("socket:1=ok", "socket:2=EAFNOSUPPORT", "socket:10=EAFNOSUPPORT")),
	ROW("no address family", KEYS("RestrictAddressFamilies=none"), CALL("socket:1 socket:2"), WANT("socket:1=EAFNOSUPPORT", "socket:2=EAFNOSUPPORT")),
	ROW("but some address families", KEYS("RestrictAddressFamilies=~AF_INET AF_INET6"), CALL("socket:1 socket:2 socket:10"), WANT("socket:1=ok", "socket:2=EAFNOSUPPORT", "socket:10=EAFNOSUPPORT")),
	ROW("no namespaces", KEYS("RestrictNamespaces=yes"), CALL("call:unshare-mount call:clone-net"), WANT("call:unshare-mount=EPERM", "call:clone-net=EPERM")),
	ROW("one namespace", KEYS("RestrictNamespaces=mnt"), CALL("call:unshare-mount call:clone-net call:unshare-user"), WANT("call:unshare-mount=ok", "call:clone-net=EPERM", "call:unshare-user=EPERM")),
	ROW("real time", KEYS("RestrictRealtime=yes"), CALL("call:rt"), WANT("call:rt=EPERM")),
	ROW("set-user-ID", KEYS("RestrictSUIDSGID=yes"), CALL("call:suid write:/tmp/x"), WANT("call:suid=EPERM", "write:/tmp/x=ok")),
	ROW("writable and executable memory", KEYS("MemoryDenyWriteExecute=yes"), CALL("call:wx call:mprotect-exec"), WANT("call:wx=EPERM", "call:mprotect-exec=EPERM")),
	ROW("locked personality", KEYS("LockPersonality=yes"), CALL("call:personality"), WANT("call:personality=EPERM")),
	ROW("clock", KEYS("ProtectClock=yes"), CALL("call:adjtime"), WANT("call:adjtime=EPERM")),
	ROW("module calls", KEYS("ProtectKernelModules=yes"), CALL("call:init-module"), WANT("call:init-module=EPERM")),
	ROW("kernel log", KEYS("ProtectKernelLogs=yes"), CALL("call:syslog cat:/dev/kmsg"), WANT("call:syslog=EPERM")),
	ROW("logged calls pass", KEYS("SystemCallLog=chroot"), CALL("call:chroot"), WANT("call:chroot=ok")),

	/* what hangs on the group */
	ROW("device policy", .run_flags = RUN_GROUP, KEYS("DevicePolicy=closed"), CALL("open:/dev/null write:/dev/zero open:/dev/urandom open:/dev/kmsg"),
	    WANT("open:/dev/null=ok", "write:/dev/zero=ok", "open:/dev/urandom=ok", "open:/dev/kmsg=EPERM")),
	ROW("strict device policy", .run_flags = RUN_GROUP, KEYS("DevicePolicy=strict", "DeviceAllow=/dev/null rw", "DeviceAllow=/dev/zero r"), CALL("write:/dev/null open:/dev/zero write:/dev/zero open:/dev/urandom"),
	    WANT("write:/dev/null=ok", "open:/dev/zero=ok", "write:/dev/zero=EPERM", "open:/dev/urandom=EPERM")),
	ROW("devices by group", .run_flags = RUN_GROUP, KEYS("DevicePolicy=strict", "DeviceAllow=char-m?m rw"), CALL("write:/dev/null open:/dev/urandom open:/dev/tty"),
	    WANT("write:/dev/null=ok", "open:/dev/urandom=ok", "open:/dev/tty=EPERM")),
	ROW("all devices of a kind", .run_flags = RUN_GROUP, KEYS("DevicePolicy=strict", "DeviceAllow=char-* rwm"), CALL("open:/dev/urandom open:/dev/zero"), WANT("open:/dev/urandom=ok", "open:/dev/zero=ok")),
	ROW("addresses", .run_flags = RUN_GROUP, KEYS("IPAddressDeny=any"), CALL("udp:127.0.0.1 udp:::1"), WANT("udp:127.0.0.1=EPERM", "udp:::1=EPERM")),
	ROW("addresses that may be used", .run_flags = RUN_GROUP, KEYS("IPAddressDeny=any", "IPAddressAllow=127.0.0.1/32", "IPAddressAllow=::1"), CALL("udp:127.0.0.1 udp:127.0.0.2 udp:::1"),
	    WANT("udp:127.0.0.1=ok", "udp:127.0.0.2=EPERM", "udp:::1=ok")),
	ROW("one address denied", .run_flags = RUN_GROUP, KEYS("IPAddressDeny=127.0.0.2"), CALL("udp:127.0.0.1 udp:127.0.0.2"), WANT("udp:127.0.0.1=ok", "udp:127.0.0.2=EPERM")),
	ROW("no socket is bound", .run_flags = RUN_GROUP, KEYS("SocketBindDeny=any"), CALL("call:bind79"), WANT("call:bind79=EPERM")),
	ROW("a socket that may be bound", .run_flags = RUN_GROUP, KEYS("SocketBindDeny=any", "SocketBindAllow=ipv6:any", "SocketBindAllow=tcp:79"), CALL("call:bind79"), WANT("call:bind79=ok")),
	ROW("a range that may not be bound", .run_flags = RUN_GROUP, KEYS("SocketBindDeny=70-80"), CALL("call:bind79"), WANT("call:bind79=EPERM")),
	ROW("another range", .run_flags = RUN_GROUP, KEYS("SocketBindDeny=80-90", "SocketBindDeny=udp:79"), CALL("call:bind79"), WANT("call:bind79=ok")),
	ROW("one interface denied", .run_flags = RUN_GROUP, KEYS("RestrictNetworkInterfaces=~lo"), CALL("udp:127.0.0.1 udp:::1"), WANT("udp:127.0.0.1=EPERM", "udp:::1=EPERM")),
	ROW("one interface allowed", .run_flags = RUN_GROUP, KEYS("RestrictNetworkInterfaces=lo"), CALL("udp:127.0.0.1"), WANT("udp:127.0.0.1=ok")),
	ROW("another interface allowed", .run_flags = RUN_GROUP, KEYS("RestrictNetworkInterfaces=no-such"), CALL("udp:127.0.0.1"), WANT("udp:127.0.0.1=EPERM")),
	ROW("addresses and interfaces", .run_flags = RUN_GROUP, KEYS("RestrictNetworkInterfaces=lo", "IPAddressDeny=127.0.0.2"), CALL("udp:127.0.0.1 udp:127.0.0.2"), WANT("udp:127.0.0.1=ok", "udp:127.0.0.2=EPERM")),
	ROW("a filter that is not there", .run_flags = RUN_GROUP, KEYS("IPEgressFilterPath=/sys/fs/bpf/no-such"), FAILS(BPF, ENOENT)),
	ROW("a program that is not there", .run_flags = RUN_GROUP, KEYS("BPFProgram=bind4:/sys/fs/bpf/no-such"), CALL("udp:127.0.0.1"), WANT("udp:127.0.0.1=ok")),
	ROW("no group, no filter", KEYS("DevicePolicy=strict"), CALL("open:/dev/null"), WANT("open:/dev/null=ok")),
	ROW("delegated group", .run_flags = RUN_GROUP | RUN_DELEGATE, KEYS(NOBODY), .command = "/bin/sh -c 'stat -c %%u:%%n /sys/fs/cgroup/*/test-exec-*/*.service/cgroup.procs /sys/fs/cgroup/test-exec-*/*.service/cgroup.procs 2>/dev/null | cut -d: -f1'",
	    WANT("65534")),

	/* other namespaces */
	ROW("private network", KEYS("PrivateNetwork=yes"), .command = "/bin/sh -c 'ls /sys/class/net; cat /proc/net/dev'", WANT("    lo:*")),
	ROW("hostname", KEYS("ProtectHostname=yes"), CALL("call:hostname"), WANT("call:hostname=EPERM")),
	ROW("private users", KEYS("PrivateUsers=yes", NOBODY), .command = "/bin/cat /proc/self/uid_map", WANT("         0          0          1", "     65534      65534          1")),
	{ "terminal", terminal, NULL, NULL, NULL },
	{ "chown and remove", actions, NULL, NULL, NULL },
	{ "shared namespaces", shared, NULL, NULL, NULL },
	{ "traffic", traffic, NULL, NULL, NULL },
	{ "file systems", file_systems, NULL, NULL, NULL },
};

int main(void)
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
		fprintf(stderr, "test-run: skipped: needs root and mount namespaces\n");
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
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	unit_set_free(thing.u.set);
	if (*group_root)
		rmdir(group_root);
	return failed;
}
