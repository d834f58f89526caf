/*
 * stdio.c - standard input, output and error; systemd.exec(5) "Logging and Standard Input/Output"
 *
 * "journal" and "kmsg" connect to a log collector at /run/systemd/journal/stdout where one listens, with the stream header that
 * journald reads. Where none does, the stream is the kernel log itself: one record for each write(2), level and facility taken
 * from a leading "<N>", so it reaches rsyslog's kernel log input and is not lost before a syslog daemon runs. What the kernel
 * log cannot do for us, it cannot: records carry no name, and one write of over 1,023 bytes is refused by the kernel.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include "run.h"

#define COLLECTOR "/run/systemd/journal/stdout"
#define UNITS "/run/systemd/units"

static int move_fd(int from, int to)
{
	if (from < 0)
		return from;
	if (from == to)
		return fcntl(to, F_SETFD, 0) < 0 ? -errno : 0;
	if (dup2(from, to) < 0)
		return -errno;
	close(from);
	return 0;
}

static int copy_fd(int from, int to) { return dup2(from, to) < 0 ? -errno : 0; }

static int open_null(int flags, int to)
{
	int fd = open("/dev/null", flags | O_CLOEXEC | O_NOCTTY);

	return move_fd(fd < 0 ? -errno : fd, to);
}

/* the passed fd of a role, or of a name */
static int passed(const struct run *r, enum ipc_exec_fd_role role, const char *name)
{
	for (size_t i = 0; i < r->p.n_fds; i++)
		if (r->p.fds[i].role == role && (!name || streq(r->p.fds[i].name, name)))
			return FIRST_FD + (int)i;
	return -1;
}

static int copy_named(const struct run *r, const char *name, const char *fallback, int to)
{
	int fd = passed(r, IPC_EXEC_FD_ROLE_LISTEN, name ? name : fallback);

	return fd < 0 ? -EBADF : copy_fd(fd, to);
}

/* a path may also be a socket to connect to */
static int open_path(const struct run *r, const char *path, int flags, int to)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	_cleanup_(closep) int sock = -1;
	mode_t old;
	int fd;

	old = umask(r->s->umask);
	fd = open(path, flags | O_CLOEXEC | O_NOCTTY, 0666);
	umask(old);
	if (fd >= 0)
		return move_fd(fd, to);
	if (errno != ENXIO || strlen(path) >= sizeof(sa.sun_path))
		return -errno;
	memcpy(sa.sun_path, path, strlen(path));
	sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (sock < 0 || connect(sock, (struct sockaddr *)&sa, sizeof(sa)) < 0)
		return -errno;
	if ((flags & O_ACCMODE) == O_RDONLY)
		shutdown(sock, SHUT_WR);
	else if ((flags & O_ACCMODE) == O_WRONLY)
		shutdown(sock, SHUT_RD);
	return move_fd(TAKE_FD(sock), to);
}

/* ---- input ---- */

static enum ipc_exec_input real_input(const struct run *r)
{
	enum ipc_exec_input i = r->s->std_input;

	if (input_is_terminal(i) && !r->p.tty_apply)
		return IPC_EXEC_INPUT_NULL;
	if (i == IPC_EXEC_INPUT_SOCKET && passed(r, IPC_EXEC_FD_ROLE_STDIN, NULL) < 0)
		return IPC_EXEC_INPUT_NULL;
	if (i == IPC_EXEC_INPUT_DATA && !r->s->input_data.len)
		return IPC_EXEC_INPUT_NULL;
	return i;
}

static int data_input(const struct run *r)
{
	int fd = memfd_create("stdin", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	size_t done = 0;

	while (fd >= 0 && done < r->s->input_data.len) {
		ssize_t n = write(fd, (const char *)r->s->input_data.data + done, r->s->input_data.len - done);

		if (n < 0)
			return -errno;
		done += (size_t)n;
	}
	if (fd < 0 || lseek(fd, 0, SEEK_SET) < 0 || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0)
		return -errno;
	return move_fd(fd, STDIN_FILENO);
}

/* one open file for both when input and output name the same path */
static bool same_file(const struct run *r, enum ipc_exec_output o, const char *path)
{
	return r->s->std_input == IPC_EXEC_INPUT_FILE && o == IPC_EXEC_OUTPUT_FILE && path && streq(path, r->s->input_path);
}

/* all three streams came with the request for a transient service; they go before what the settings say */
static int handed_over(const struct run *r, enum ipc_exec_fd_role role)
{
	return passed(r, IPC_EXEC_FD_ROLE_STDERR, NULL) < 0 ? -1 : passed(r, role, NULL);
}

int step_stdin(struct run *r)
{
	int handed = handed_over(r, IPC_EXEC_FD_ROLE_STDIN);
	bool rw;

	if (handed >= 0)
		return copy_fd(handed, STDIN_FILENO);
	switch (real_input(r)) {
	case IPC_EXEC_INPUT_NULL:
		return open_null(O_RDONLY, STDIN_FILENO);
	case IPC_EXEC_INPUT_TTY: case IPC_EXEC_INPUT_TTY_FORCE: case IPC_EXEC_INPUT_TTY_FAIL:
		return move_fd(tty_acquire(tty_path(r), r->s->std_input), STDIN_FILENO);
	case IPC_EXEC_INPUT_SOCKET:
		return copy_fd(passed(r, IPC_EXEC_FD_ROLE_STDIN, NULL), STDIN_FILENO);
	case IPC_EXEC_INPUT_NAMED_FD:
		return copy_named(r, r->s->input_fd_name, "stdin", STDIN_FILENO);
	case IPC_EXEC_INPUT_DATA:
		return data_input(r);
	case IPC_EXEC_INPUT_FILE:
		rw = same_file(r, r->s->std_output, r->s->output_path) || same_file(r, r->s->std_error, r->s->error_path);
		return open_path(r, r->s->input_path, rw ? O_RDWR | O_CREAT : O_RDONLY, STDIN_FILENO);
	}
	return -EBADMSG;
}

/* ---- output ---- */

static const char *identifier(const struct run *r)
{
	const char *base = strrchr(r->p.path, '/');

	return r->s->syslog_identifier ? r->s->syslog_identifier : base ? base + 1 : r->p.path;
}

/* what the unit says of its lines, where journald, too, would look: links whose targets are numbers */
static void tell_limits(const struct run *r)
{
	const struct { const char *name; bool set; uint64_t value; } rows[] = {
		{ "log-level-max", r->s->has_log_level_max, r->s->log_level_max },
		{ "log-rate-limit-interval", r->s->has_log_rate_interval_usec, r->s->log_rate_interval_usec },
		{ "log-rate-limit-burst", r->s->has_log_rate_burst, r->s->log_rate_burst },
	};
	bool any = rows[0].set || rows[1].set || rows[2].set;
	char path[400], number[24];

	if (geteuid() != 0 || (any && mkdir_parents(UNITS "/x", 0755) < 0) || (!any && access(UNITS, F_OK) < 0))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		snprintf(path, sizeof(path), UNITS "/%s:%s", rows[i].name, r->p.unit);
		snprintf(number, sizeof(number), "%llu", (unsigned long long)rows[i].value);
		unlink(path);
		if (rows[i].set && symlink(number, path) < 0)
			step_warn(r, path, -errno);
	}
}

static int collector(struct run *r, enum ipc_exec_output o, int to)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX, .sun_path = COLLECTOR };
	_cleanup_(closep) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool console = o == IPC_EXEC_OUTPUT_JOURNAL_CONSOLE || o == IPC_EXEC_OUTPUT_KMSG_CONSOLE;
	bool kmsg = o == IPC_EXEC_OUTPUT_KMSG || o == IPC_EXEC_OUTPUT_KMSG_CONSOLE;
	struct stat st;

	if (fd < 0 || connect(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0)
		return -errno;
	if (shutdown(fd, SHUT_RD) < 0)
		return -errno;
	if (dprintf(fd, "%s\n%s\n%u\n%d\n0\n%d\n%d\n", identifier(r), r->p.unit, r->s->syslog_facility | r->s->syslog_level, r->s->syslog_level_prefix, kmsg, console) < 0)
		return -errno;
	if (fstat(fd, &st) == 0) {
		r->journal_stream = true;
		r->journal_dev = st.st_dev;
		r->journal_ino = st.st_ino;
	}
	return move_fd(TAKE_FD(fd), to);
}

static int logger(struct run *r, enum ipc_exec_output o, int to)
{
	int fd;

	tell_limits(r);
	if (collector(r, o, to) == 0)
		return 0;
	fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return getppid() != 1 ? 0 : open_null(O_WRONLY, to);    /* a user's manager: what it has itself; else it is nobody's */
	return move_fd(fd, to);
}

static int inherited(struct run *r, int to)
{
	enum ipc_exec_input i = real_input(r);

	if (i == IPC_EXEC_INPUT_NULL && input_is_terminal(r->s->std_input))
		return move_fd(tty_open(tty_path(r), O_WRONLY), to);
	if (i != IPC_EXEC_INPUT_NULL && i != IPC_EXEC_INPUT_DATA && i != IPC_EXEC_INPUT_FILE)
		return copy_fd(STDIN_FILENO, to);
	if (getppid() != 1)             /* below a subreaper: what it has */
		return 0;
	return open_null(O_WRONLY, to);
}

struct output { enum ipc_exec_output kind; const char *path, *name, *fallback; int to; };

static int set_output(struct run *r, const struct output *o)
{
	switch (o->kind) {
	case IPC_EXEC_OUTPUT_INHERIT:
		return inherited(r, o->to);
	case IPC_EXEC_OUTPUT_NULL:
		return open_null(O_WRONLY, o->to);
	case IPC_EXEC_OUTPUT_TTY:
		if (input_is_terminal(real_input(r)))
			return copy_fd(STDIN_FILENO, o->to);
		return move_fd(tty_open(tty_path(r), O_WRONLY), o->to);
	case IPC_EXEC_OUTPUT_KMSG: case IPC_EXEC_OUTPUT_KMSG_CONSOLE: case IPC_EXEC_OUTPUT_JOURNAL: case IPC_EXEC_OUTPUT_JOURNAL_CONSOLE:
		return logger(r, o->kind, o->to);
	case IPC_EXEC_OUTPUT_SOCKET:
		return copy_fd(passed(r, IPC_EXEC_FD_ROLE_STDIN, NULL), o->to);
	case IPC_EXEC_OUTPUT_NAMED_FD:
		return copy_named(r, o->name, o->fallback, o->to);
	case IPC_EXEC_OUTPUT_FILE:
		if (same_file(r, o->kind, o->path))
			return copy_fd(STDIN_FILENO, o->to);
		return open_path(r, o->path, O_WRONLY | O_CREAT, o->to);
	case IPC_EXEC_OUTPUT_APPEND:
		return open_path(r, o->path, O_WRONLY | O_CREAT | O_APPEND, o->to);
	case IPC_EXEC_OUTPUT_TRUNCATE:
		return open_path(r, o->path, O_WRONLY | O_CREAT | O_TRUNC, o->to);
	}
	return -EBADMSG;
}

/* without a connection a socket stream is like one that was not configured */
static enum ipc_exec_output real_output(const struct run *r, enum ipc_exec_output o)
{
	return o == IPC_EXEC_OUTPUT_SOCKET && passed(r, IPC_EXEC_FD_ROLE_STDIN, NULL) < 0 ? IPC_EXEC_OUTPUT_INHERIT : o;
}

int step_stdout(struct run *r)
{
	struct output o = { real_output(r, r->s->std_output), r->s->output_path, r->s->output_fd_name, "stdout", STDOUT_FILENO };
	int handed = handed_over(r, IPC_EXEC_FD_ROLE_STDOUT);

	return handed >= 0 ? copy_fd(handed, STDOUT_FILENO) : set_output(r, &o);
}

int step_stderr(struct run *r)
{
	struct output o = { real_output(r, r->s->std_error), r->s->error_path, r->s->error_fd_name, "stderr", STDERR_FILENO };
	enum ipc_exec_output out = real_output(r, r->s->std_output);
	bool same_target = o.kind == out && streq0(o.path, r->s->output_path) && streq0(o.name, r->s->output_fd_name) && o.kind != IPC_EXEC_OUTPUT_NAMED_FD;
	int handed = handed_over(r, IPC_EXEC_FD_ROLE_STDERR);

	if (handed >= 0)
		return copy_fd(handed, STDERR_FILENO);
	if (o.kind == IPC_EXEC_OUTPUT_INHERIT && out == IPC_EXEC_OUTPUT_INHERIT && real_input(r) == IPC_EXEC_INPUT_NULL &&
	    !input_is_terminal(r->s->std_input) && getppid() != 1)
		return 0;
	return o.kind == IPC_EXEC_OUTPUT_INHERIT || same_target ? copy_fd(STDOUT_FILENO, STDERR_FILENO) : set_output(r, &o);
}
