/*
 * main.c - sysmaster-exec: becomes one command of one unit
 *
 * PID 1 clones it into the unit's cgroup and execs it with fd 3 = the blob (memfd, exec.ipc), fd 4 = the report pipe, fd 5... =
 * what the blob lists. It walks the table of steps below and execs the command. A step that fails is reported as 8 bytes on the
 * pipe, {u32 stage, i32 -errno} in native order, and by the exit status that systemd.exec(5) gives to the stage; an exec closes
 * the pipe with nothing written. Everything here is short-lived: memory is never freed.
 */
#include <fcntl.h>
#include <linux/close_range.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include "run.h"

#define BLOB_FD 3
#define REPORT_FD 4
#define BLOB_MAX (64u << 20)

static int report_fd = -1;

static _Noreturn void fail(uint32_t stage, int error)
{
	struct { uint32_t stage; int32_t error; } rec = { stage, error };

	if (report_fd >= 0 && write(report_fd, &rec, sizeof(rec)) < 0)
		fprintf(stderr, "sysmaster-exec: %s: %s\n", msg_enum_name(&ipc_exec_stage_enum, (int32_t)stage), strerror(-error));
	_exit((int)stage);
}

void report_close(void) { closep(&report_fd); }

void *must_alloc(void *p)
{
	if (!p)
		fail(IPC_EXEC_STAGE_MEMORY, -ENOMEM);
	return p;
}

void step_warn(const struct run *r, const char *what, int error)
{
	char line[512];
	int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC | O_NOCTTY);
	int n = snprintf(line, sizeof(line), "<4>sysmaster-exec[%d]: %s: %s [EXEC_SETTING UNIT=%s ERRNO=%d]\n", (int)getpid(), what, strerror(-error), r->p.unit, -error);

	if (fd >= 0 && write(fd, line, MIN((size_t)n, sizeof(line) - 1)) < 0)
		n = 0;
	closep(&fd);
}

int write_file(const char *path, const char *text)
{
	_cleanup_(closep) int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return -errno;
	return write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

char *path_join(const char *a, const char *b)
{
	size_t n = strlen(a);
	char *s;

	while (n && a[n - 1] == '/')
		n--;
	while (*b == '/')
		b++;
	must_alloc(asprintf(&s, "%.*s/%s", (int)n, a, b) < 0 ? NULL : s);
	return s;
}

/* ---- steps that are too small for a file ---- */

static int set_blocking(int fd, bool non_blocking)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0)
		return -1;
	return !(flags & O_NONBLOCK) == !non_blocking ? 0 : fcntl(fd, F_SETFL, flags ^ O_NONBLOCK);
}

static int pass_fd(const struct run *r, int fd, int to)
{
	if (dup3(fd, to, O_CLOEXEC) < 0 || fcntl(to, F_SETFD, 0) < 0 || set_blocking(to, r->p.has_non_blocking && r->p.non_blocking) < 0)
		return -errno;
	return 0;
}

/*
 * Sockets go to 3, 4 ... in their order, which is ascending, so that none is overwritten before it has moved; behind
 * them what has been opened, which lies above all of these. All others get CLOEXEC: what fails later can still be reported.
 */
int step_fds(struct run *r)
{
	int next = 3, e = 0;

	for (size_t i = 0; i < r->p.n_fds && e == 0; i++)
		if (r->p.fds[i].role == IPC_EXEC_FD_ROLE_LISTEN)
			e = pass_fd(r, FIRST_FD + (int)i, next++);
	for (size_t i = 0; i < r->n_opened && e == 0; i++)
		e = pass_fd(r, r->opened[i], next++);
	if (e < 0)
		return e;
	if (syscall(SYS_close_range, next, ~0u, CLOSE_RANGE_CLOEXEC) < 0)
		return -errno;
	return 0;
}

int step_chroot(struct run *r)
{
	if (!r->s->root_directory || r->p.command_flags & RUN_FULL_PRIVILEGES)
		return 0;
	/* with a mount namespace step_mounts() has made it the root already */
	return chroot(r->s->root_directory) < 0 || chdir("/") < 0 ? -errno : 0;
}

int step_chdir(struct run *r)
{
	const char *dir = r->s->working_directory;
	bool optional = dir && *dir == '-';

	if (!dir)
		dir = "/";
	dir += optional;
	if (streq(dir, "~")) {
		dir = r->home;
		if (!dir && (r->uid == (uid_t)-1 || r->uid == 0))
			dir = "/root";
		if (!dir)
			return -ENXIO;
	}
	if (chdir(dir) == 0)
		return 0;
	return optional && chdir("/") == 0 ? 0 : -errno;
}

static bool runnable(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* a bare name is looked up in ExecSearchPath= or in a fixed list, not in the service's PATH; systemd.service(5) */
int step_find(struct run *r)
{
	static const char *const fixed[] = { "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin" };
	size_t n = r->s->n_exec_search_path ? r->s->n_exec_search_path : ARRAY_SIZE(fixed);

	r->path = must_alloc(strdup(r->p.path));
	if (*r->path == '/')            /* looked at now: a filter may keep a later failure from being told */
		return access(r->path, X_OK) < 0 ? -errno : 0;
	for (size_t i = 0; i < n; i++) {
		r->path = path_join(r->s->n_exec_search_path ? r->s->exec_search_path[i] : fixed[i], r->p.path);
		if (runnable(r->path))
			return 0;
	}
	return -ENOENT;
}

static int step_umask(struct run *r)
{
	umask(r->s->umask);
	return 0;
}

static int step_exec(struct run *r)
{
	execve(r->path, r->argv, r->env);
	return -errno;
}

#define ROW(stage_, fn) { IPC_EXEC_STAGE_##stage_, fn }
static const struct step { uint32_t stage; int (*fn)(struct run *r); } steps[] = {
	ROW(SIGNAL_MASK, step_signals),
	ROW(SETSID, step_session),
	ROW(ENVIRONMENT, step_env_files),
	ROW(FDS, step_open_files),
	ROW(STDIN, step_tty_prepare),
	ROW(CONFIRM, step_idle),
	ROW(USER, step_user),
	ROW(GROUP, step_group),
	ROW(STDIN, step_stdin),
	ROW(STDOUT, step_stdout),
	ROW(STDERR, step_stderr),
	ROW(CGROUP, step_delegate),
	ROW(BPF, step_cgroup_bpf),
	ROW(BPF, step_file_systems_prepare),
	ROW(OOM_ADJUST, step_oom),
	ROW(LIMITS, step_coredump),
	ROW(NICE, step_nice),
	ROW(SETSCHEDULER, step_scheduler),
	ROW(CPUAFFINITY, step_affinity),
	ROW(NUMA_POLICY, step_numa),
	ROW(IOPRIO, step_ioprio),
	ROW(TIMERSLACK, step_timerslack),
	ROW(PERSONALITY, step_personality),
	ROW(STDIN, step_utmp),
	ROW(RUNTIME_DIRECTORY, step_directories),       /* sets the stage of each kind */
	ROW(CREDENTIALS, step_credentials),
	ROW(KEYRING, step_keyring),
	ROW(LIMITS, step_rlimits),
	ROW(SMACK_PROCESS_LABEL, step_smack),
	ROW(PAM, step_pam),
	ROW(MEMORY, step_env),
	ROW(NETWORK, step_network),
	ROW(NAMESPACE, step_ipc),
	ROW(NAMESPACE, step_mounts),
	ROW(NAMESPACE, step_uts),
	ROW(GROUP, step_setgroups),
	ROW(USER, step_user_namespace),
	ROW(CHROOT, step_chroot),
	ROW(BPF, step_file_systems),
	ROW(EXEC, step_find),
	ROW(FDS, step_fds),
	ROW(CAPABILITIES, step_bounding),
	ROW(USER, step_setuid),
	ROW(CAPABILITIES, step_ambient),
	ROW(CHDIR, step_chdir),
	ROW(SELINUX_CONTEXT, step_selinux),
	ROW(APPARMOR_PROFILE, step_apparmor),
	ROW(SECUREBITS, step_securebits),
	ROW(NO_NEW_PRIVILEGES, step_nnp),
	ROW(MEMORY, step_words),
	ROW(SIGNAL_MASK, step_umask),
	ROW(SECCOMP, step_seccomp),             /* nothing but the exec may come after it */
	ROW(EXEC, step_exec),
};

/* ---- the blob ---- */

static int blob_read(struct run *r)
{
	static struct arena arena = ARENA_HEAP(BLOB_MAX);
	static char small[8192];        /* for nearly all */
	ssize_t n = pread(BLOB_FD, small, sizeof(small), 0);
	const void *blob = small;
	char why[MSG_WHY];
	struct stat st;
	int e;

	if (n == (ssize_t)sizeof(small)) {
		if (fstat(BLOB_FD, &st) < 0)
			return -errno;
		if (st.st_size > BLOB_MAX)
			return -EBADMSG;
		n = (ssize_t)st.st_size;
		blob = mmap(NULL, (size_t)n, PROT_READ, MAP_PRIVATE, BLOB_FD, 0);
	}
	if (n < 0 || blob == MAP_FAILED)
		return -errno;
	e = msg_decode(&ipc_exec_params_desc, blob, (size_t)n, &arena, &r->p, why);
	r->s = &r->p.settings;
	if (e < 0)
		return e;
	return r->p.action == IPC_EXEC_ACTION_RUN && (!r->p.path || !*r->p.path || !r->p.n_argv) ? -EBADMSG : 0;
}

/* the same once more in a program that can load libraries; it finds all descriptors as we did */
static int become_full(void)
{
	char path[4096 + 8], *const argv[] = { (char *)"sysmaster-exec", NULL };
	ssize_t n = readlink("/proc/self/exe", path, 4096);

	if (n < 0)
		return -errno;
	strcpy(path + n, "-full");
	fcntl(REPORT_FD, F_SETFD, 0);
	execve(path, argv, environ);
	fcntl(REPORT_FD, F_SETFD, FD_CLOEXEC);
	return -errno;
}

/* 0, 1 and 2 are always something, so that no file of ours lands there */
static void fill_stdio(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	while (fd >= 0 && fd < 3 && fcntl(fd, F_SETFD, 0) == 0);
	closep(&fd);
}

/* nothing beyond the listed fds may get through, and the pipe must not be where sockets will go */
static int fds_check(const struct run *r)
{
	int last = FIRST_FD + (int)r->p.n_fds + (r->p.has_open_files ? (int)r->p.open_files.n_files : 0) - 1;

	for (size_t i = 0; i < r->p.n_fds; i++)
		if (fcntl(FIRST_FD + (int)i, F_SETFD, FD_CLOEXEC) < 0)
			return -errno;
	report_fd = fcntl(REPORT_FD, F_DUPFD_CLOEXEC, last + 1);
	if (report_fd < 0)
		return -errno;
	close(REPORT_FD);
	syscall(SYS_close_range, report_fd + 1, ~0u, 0);
	return 0;
}

/* ---- what is done instead of becoming a command ---- */

static const struct { int (*fn)(struct run *r); uint32_t stage; } actions[] = {
	[IPC_EXEC_ACTION_CHOWN] = { action_chown, IPC_EXEC_STAGE_CHOWN },
	[IPC_EXEC_ACTION_REMOVE] = { action_remove, 0 },        /* its failure is only told by the exit status */
	[IPC_EXEC_ACTION_AUTOFS_MOUNT] = { action_autofs_mount, IPC_EXEC_STAGE_EXEC },
	[IPC_EXEC_ACTION_AUTOFS_EXPIRE] = { action_autofs_expire, 0 },
	[IPC_EXEC_ACTION_FILTERS] = { action_filters, IPC_EXEC_STAGE_BPF },
	[IPC_EXEC_ACTION_DETACH] = { action_detach, IPC_EXEC_STAGE_EXEC },
};

static _Noreturn void help(struct run *r)
{
	int e = (size_t)r->p.action < ARRAY_SIZE(actions) && actions[r->p.action].fn ? actions[r->p.action].fn(r) : -EBADMSG;

	if (e < 0 && actions[r->p.action].stage)
		fail(r->stage ? r->stage : actions[r->p.action].stage, e);
	_exit(e < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}

int main(void)
{
	struct run run = { .uid = (uid_t)-1, .gid = (gid_t)-1 };
	int r;

	fcntl(REPORT_FD, F_SETFD, FD_CLOEXEC);
	report_fd = REPORT_FD;
	fill_stdio();
	r = blob_read(&run);
	if (r < 0)
		fail(IPC_EXEC_STAGE_PARAMS, r);
	if (full_is_needed(&run))
		fail(IPC_EXEC_STAGE_PAM, become_full());
	close(BLOB_FD);
	r = fds_check(&run);
	if (r < 0)
		fail(IPC_EXEC_STAGE_FDS, r);
	if (run.p.action != IPC_EXEC_ACTION_RUN)
		help(&run);
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		run.stage = steps[i].stage;
		r = steps[i].fn(&run);
		if (r < 0)
			fail(run.stage, r);
	}
	return EXIT_FAILURE;
}
