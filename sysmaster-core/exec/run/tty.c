/* tty.c - terminals: TTYPath= and its company, the controlling terminal, utmp */
#include <ctype.h>
#include <fcntl.h>
#include <linux/kd.h>
#include <linux/vt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <utmpx.h>
#include "run.h"

#define OPEN_TRIES 20                   /* while a hang-up is under way open(2) gives EIO */
#define OPEN_PAUSE_USEC 50000

const char *tty_path(const struct run *r) { return r->s->tty_path ? r->s->tty_path : "/dev/console"; }

bool input_is_terminal(enum ipc_exec_input i)
{
	return i == IPC_EXEC_INPUT_TTY || i == IPC_EXEC_INPUT_TTY_FORCE || i == IPC_EXEC_INPUT_TTY_FAIL;
}

int tty_open(const char *path, int flags)
{
	for (int i = 0; ; i++) {
		int fd = open(path, flags | O_NOCTTY | O_CLOEXEC);

		if (fd >= 0) {
			if (isatty(fd))
				return fd;
			close(fd);
			return -ENOTTY;
		}
		if (errno != EIO || i == OPEN_TRIES)
			return -errno;
		usleep(OPEN_PAUSE_USEC);
	}
}

/*
 * The session is new and has no terminal. One that another session owns is taken away from it (force), is an error (fail), or is
 * waited for: whoever closes it may have been the owner.
 */
int tty_acquire(const char *path, enum ipc_exec_input mode)
{
	_cleanup_(closep) int notify = -1;
	char event[4096];

	if (mode == IPC_EXEC_INPUT_TTY) {
		notify = inotify_init1(IN_CLOEXEC);
		if (notify < 0 || inotify_add_watch(notify, path, IN_CLOSE) < 0)
			return -errno;
	}
	for (;;) {
		_cleanup_(closep) int fd = tty_open(path, O_RDWR);
		void (*old)(int);
		int e;

		if (fd < 0)
			return fd;
		old = signal(SIGHUP, SIG_IGN);  /* taking it from ourselves hangs us up */
		e = ioctl(fd, TIOCSCTTY, mode == IPC_EXEC_INPUT_TTY_FORCE) < 0 ? -errno : 0;
		signal(SIGHUP, old);
		if (e == 0)
			return TAKE_FD(fd);
		if (e != -EPERM || notify < 0)
			return e;
		closep(&fd);
		if (read(notify, event, sizeof(event)) < 0 && errno != EINTR)
			return -errno;
	}
}

static void sane(int fd)
{
	struct termios t;

	ioctl(fd, TIOCNXCL);
	ioctl(fd, KDSETMODE, KD_TEXT);
	ioctl(fd, KDSKBMODE, K_UNICODE);
	if (tcgetattr(fd, &t) < 0)
		return;
	t.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | ISTRIP | INLCR | IGNCR | IUCLC);
	t.c_iflag |= ICRNL | IMAXBEL | IUTF8;
	t.c_oflag |= ONLCR | OPOST;
	t.c_cflag |= CREAD;
	t.c_lflag = ISIG | ICANON | IEXTEN | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE;
	t.c_cc[VINTR] = 03;
	t.c_cc[VQUIT] = 034;
	t.c_cc[VERASE] = 0177;
	t.c_cc[VKILL] = 025;
	t.c_cc[VEOF] = 04;
	t.c_cc[VSTART] = 021;
	t.c_cc[VSTOP] = 023;
	t.c_cc[VSUSP] = 032;
	t.c_cc[VLNEXT] = 026;
	t.c_cc[VWERASE] = 027;
	t.c_cc[VREPRINT] = 022;
	t.c_cc[VEOL] = t.c_cc[VEOL2] = 0;
	t.c_cc[VTIME] = 0;
	t.c_cc[VMIN] = 1;
	tcsetattr(fd, TCSANOW, &t);
	tcflush(fd, TCIOFLUSH);
}

/* a virtual terminal that nobody has open loses its buffer altogether; any other terminal is cleared by escape codes */
static void disallocate(const char *path)
{
	static const char clear_vt[] = "\033[r\033[H\033[3J\033c", clear_other[] = "\033[r\033[H\033[2J";
	_cleanup_(closep) int fd = -1;
	bool vt = startswith(path, "/dev/tty") && isdigit((unsigned char)path[8]);
	ssize_t n;

	if (vt) {
		_cleanup_(closep) int any = open("/dev/tty0", O_RDWR | O_NOCTTY | O_CLOEXEC);

		if (any >= 0 && ioctl(any, VT_DISALLOCATE, atoi(path + 8)) == 0)
			return;
	}
	fd = tty_open(path, O_WRONLY | O_NONBLOCK);
	if (fd < 0)
		return;
	n = vt ? write(fd, clear_vt, sizeof(clear_vt) - 1) : write(fd, clear_other, sizeof(clear_other) - 1);
	(void)n;                /* best effort: the terminal may be stopped */
}

int step_tty_prepare(struct run *r)
{
	_cleanup_(closep) int fd = -1;
	bool size = r->s->has_tty_rows || r->s->has_tty_columns;

	if (!r->p.tty_apply || !(r->s->tty_vhangup || r->s->tty_reset || r->s->tty_vt_disallocate || size))
		return 0;
	if (r->s->tty_vhangup) {
		fd = tty_open(tty_path(r), O_RDWR | O_NONBLOCK);
		if (fd >= 0)
			ioctl(fd, TIOCVHANGUP);
		closep(&fd);
	}
	if (r->s->tty_reset || size) {
		fd = tty_open(tty_path(r), O_RDWR | O_NONBLOCK);
		if (fd >= 0 && r->s->tty_reset)
			sane(fd);
		if (fd >= 0 && size) {
			struct winsize w = { 0 };

			ioctl(fd, TIOCGWINSZ, &w);
			w.ws_row = r->s->has_tty_rows ? (unsigned short)r->s->tty_rows : w.ws_row;
			w.ws_col = r->s->has_tty_columns ? (unsigned short)r->s->tty_columns : w.ws_col;
			ioctl(fd, TIOCSWINSZ, &w);
		}
		closep(&fd);
	}
	if (r->s->tty_vt_disallocate)
		disallocate(tty_path(r));
	return 0;
}

/* Type=idle: core makes the marker when its job queue is empty and takes it away when it is not */
int step_idle(struct run *r)
{
	const uint64_t pause = 20 * USEC_PER_MSEC;

	for (uint64_t waited = 0; waited < r->p.idle_usec && access("/run/sysmaster/idle", F_OK) < 0; waited += pause)
		usleep((useconds_t)pause);
	return 0;
}

/* ---- utmp(5): nothing here keeps a login from coming up ---- */

static void utmp_put(struct run *r, short type, const char *line)
{
	struct utmpx u = { .ut_type = type, .ut_pid = getpid(), .ut_session = getsid(0) };
	const char *id = r->s->utmp_identifier;
	size_t n = strlen(id);
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	u.ut_tv.tv_sec = (int32_t)now.tv_sec;
	u.ut_tv.tv_usec = (int32_t)(now.tv_nsec / 1000);
	memcpy(u.ut_id, n > sizeof(u.ut_id) ? id + n - sizeof(u.ut_id) : id, MIN(n, sizeof(u.ut_id)));
	memcpy(u.ut_line, line, MIN(strlen(line), sizeof(u.ut_line)));
	if (type == USER_PROCESS && r->user_name)
		memcpy(u.ut_user, r->user_name, MIN(strlen(r->user_name), sizeof(u.ut_user)));
	setutxent();
	pututxline(&u);
	endutxent();
	updwtmpx("/var/log/wtmp", &u);
}

void utmp_ended(struct run *r)
{
	struct utmpx u = { .ut_type = DEAD_PROCESS }, *found;
	const char *id = r->s->utmp_identifier;
	size_t n = strlen(id);
	struct timespec now;

	memcpy(u.ut_id, n > sizeof(u.ut_id) ? id + n - sizeof(u.ut_id) : id, MIN(n, sizeof(u.ut_id)));
	setutxent();
	found = getutxid(&u);
	if (!found || found->ut_pid != (pid_t)r->p.ended_pid) {
		endutxent();
		return;                 /* never written, or another's by now */
	}
	clock_gettime(CLOCK_REALTIME, &now);
	u = *found;
	u.ut_type = DEAD_PROCESS;
	u.ut_exit.e_termination = (short)r->p.ended_code;
	u.ut_exit.e_exit = (short)r->p.ended_status;
	u.ut_tv.tv_sec = (int32_t)now.tv_sec;
	u.ut_tv.tv_usec = (int32_t)(now.tv_nsec / 1000);
	memset(u.ut_user, 0, sizeof(u.ut_user));
	memset(u.ut_host, 0, sizeof(u.ut_host));
	setutxent();
	pututxline(&u);
	endutxent();
	updwtmpx("/var/log/wtmp", &u);
}

int step_utmp(struct run *r)
{
	const char *line = r->s->tty_path ? r->s->tty_path : "";

	if (input_is_terminal(r->s->std_input) && r->uid != (uid_t)-1 && fchown(STDIN_FILENO, r->uid, (gid_t)-1) == 0)
		fchmod(STDIN_FILENO, 0620);
	if (!r->s->utmp_identifier || r->p.is_control)
		return 0;
	if (startswith(line, "/dev/"))
		line += 5;
	utmp_put(r, INIT_PROCESS, line);
	if (r->s->utmp_mode != IPC_UTMP_MODE_INIT)
		utmp_put(r, LOGIN_PROCESS, line);
	if (r->s->utmp_mode == IPC_UTMP_MODE_USER)
		utmp_put(r, USER_PROCESS, line);
	return 0;
}
