/* shutdown.c - see shutdown.h */
#include <dirent.h>
#include <fcntl.h>
#include <linux/reboot.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include "conf.h"
#include "console.h"
#include "container.h"
#include "log.h"
#include "shutdown.h"
#include "sys.h"
#include "table.h"
#include "watchdog.h"

#define ROUNDS 5                        /* of unmounting: each frees what the next can reach */
#define SYNC_USEC (60 * USEC_PER_SEC)

static void step(const char *what)
{
	log_event(LOG_INFO, "SHUTDOWN_STEP", what);
	console_say("sysmaster: %s", what);
	watchdog_feed();
}

/* wait for SIGCHLD (blocked since the start) until @due; false when time is up */
static bool wait_child(uint64_t due)
{
	uint64_t now = now_usec(CLOCK_BOOTTIME), left = due > now ? due - now : 0;
	struct timespec ts;
	sigset_t set;

	if (left == 0)
		return false;
	left = MIN(left, USEC_PER_SEC);         /* look again, and feed the watchdog, each second */
	ts = (struct timespec){ (time_t)(left / USEC_PER_SEC), (long)(left % USEC_PER_SEC * 1000) };
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigtimedwait(&set, NULL, &ts);
	watchdog_feed();
	return true;
}

/* reap until nobody is left (true) or @due */
static bool wait_all(uint64_t due)
{
	do {
		pid_t pid;

		while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
			continue;
		if (pid < 0 && errno == ECHILD)
			return true;
	} while (wait_child(due));
	return false;
}

/* every process but us; a subreaper may touch only what came from it, whose orphans become its children in turn */
static void signal_all(int signo)
{
	char path[64], text[16384], *p = text, *end;
	_cleanup_(closep) int fd = -1;
	ssize_t n;

	if (getpid() == 1) {
		sys->kill_all(signo);
		return;
	}
	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	text[MAX(n, 0)] = '\0';
	for (long pid; (pid = strtol(p, &end, 10)) > 0 && end != p; p = end)
		kill((pid_t)pid, signo);
}

void shutdown_kill(uint64_t term_usec, uint64_t kill_usec)
{
	uint64_t due = now_usec(CLOCK_BOOTTIME) + term_usec;

	if (wait_all(0))
		return;
	step("sending SIGTERM to all processes");
	signal_all(SIGTERM);
	signal_all(SIGCONT);
	signal_all(SIGHUP);     /* login shells ignore SIGTERM */
	if (wait_all(due))
		return;
	step("sending SIGKILL to the rest");
	due = now_usec(CLOCK_BOOTTIME) + kill_usec;
	for (int i = 0; i < 32; i++) {          /* a subreaper meets each generation in turn */
		uint64_t soon = now_usec(CLOCK_BOOTTIME) + 100 * USEC_PER_MSEC;

		signal_all(SIGKILL);
		if (wait_all(getpid() == 1 ? due : MIN(soon, due)) || getpid() == 1)
			return;
	}
}

/* run fn(arg) in a child for at most @usec: 0, its negative errno, or -ETIMEDOUT */
static int bounded(int (*fn)(const char *arg), const char *arg, uint64_t usec)
{
	uint64_t due = now_usec(CLOCK_BOOTTIME) + usec;
	pid_t pid = fork(), got;
	int status = 0;

	if (pid < 0)
		return fn(arg);
	if (pid == 0)
		_exit(MIN(-fn(arg), 255));
	do {
		got = waitpid(pid, &status, WNOHANG);
	} while (got == 0 && wait_child(due));
	if (got == 0) {
		kill(pid, SIGKILL);
		return -ETIMEDOUT;
	}
	return got == pid && WIFEXITED(status) ? -WEXITSTATUS(status) : -EIO;
}

static int do_sync(const char *arg)
{
	(void)arg;
	sys->sync();
	return 0;
}

static int do_swapoff(const char *what) { return sys->swapoff(what); }
static int do_umount(const char *where) { return sys->umount(where, UMOUNT_NOFOLLOW); }
static int do_detach(const char *where) { return sys->umount(where, MNT_DETACH | UMOUNT_NOFOLLOW); }
static int do_readonly(const char *where) { return sys->mount(NULL, where, NULL, MS_REMOUNT | MS_RDONLY, NULL); }

/* "\040" and its like; proc(5) */
static void unescape(char *s)
{
	char *to = s;

	for (; *s; s++)
		if (*s == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] && s[3]) {
			*to++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
			s += 3;
		} else {
			*to++ = *s;
		}
	*to = '\0';
}

static bool stays(const char *where)
{
	static const char *const trees[] = { "/proc", "/sys", "/dev" };

	for (size_t i = 0; i < ARRAY_SIZE(trees); i++) {
		size_t n = strlen(trees[i]);

		if (strncmp(where, trees[i], n) == 0 && (where[n] == '\0' || where[n] == '/'))
			return true;
	}
	return streq(where, "/") || streq(where, "/run");
}

unsigned shutdown_mounts(char *text, bool (*fn)(const char *where))
{
	unsigned left = 0;
	size_t n = strlen(text);

	while (n > 0) {
		char *line, *where;

		if (text[n - 1] == '\n')
			text[--n] = '\0';
		while (n > 0 && text[n - 1] != '\n')
			n--;
		line = text + n;
		for (int field = 1; field < 5 && line; field++)
			strsep(&line, " ");
		where = strsep(&line, " ");
		if (!where)
			continue;
		unescape(where);
		if (!stays(where) && !fn(where))
			left++;
	}
	return left;
}

static char *read_whole(const char *path)
{
	static char text[4u << 20];     /* some ten thousand mounts; pages are touched as needed */
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t n = 0;
	ssize_t r;

	while (fd >= 0 && n < sizeof(text) - 1 && (r = read(fd, text + n, sizeof(text) - 1 - n)) > 0)
		n += (size_t)r;
	text[n] = '\0';
	return text;
}

static bool umount_one(const char *where)
{
	int r = bounded(do_umount, where, conf.kill_usec);

	log_event(r < 0 ? LOG_INFO : LOG_DEBUG, "SHUTDOWN_UMOUNT", r < 0 ? "not unmounted yet" : "unmounted", F_STR("WHERE", where), F_ERRNO(r));
	if (r < 0)
		bounded(do_readonly, where, conf.kill_usec);    /* clean at least */
	return r == 0 || r == -EINVAL;  /* EINVAL: gone together with its parent */
}

static bool detach_one(const char *where)
{
	int r = bounded(do_detach, where, conf.kill_usec);

	log_event(LOG_WARNING, "SHUTDOWN_DETACH", "still busy; detached", F_STR("WHERE", where), F_ERRNO(r));
	return r == 0;
}

static void swap_off(void)
{
	char *text = read_whole("/proc/swaps"), *line;

	strsep(&text, "\n");    /* the heading */
	while ((line = strsep(&text, "\n"))) {
		char *what = strsep(&line, " \t");
		int r;

		if (*what != '/')
			continue;
		unescape(what);
		r = bounded(do_swapoff, what, SYNC_USEC);
		log_event(r < 0 ? LOG_WARNING : LOG_DEBUG, "SHUTDOWN_SWAPOFF", "swapoff", F_STR("WHAT", what), F_ERRNO(r));
	}
}

static int clear_loop(const char *name, const char *attribute)
{
	char device[300];

	(void)attribute;
	snprintf(device, sizeof(device), "/dev/%s", name);
	return sys->loop_clear(device);
}

static int remove_dm(const char *name, const char *attribute)
{
	(void)name;
	return sys->dm_remove(attribute);
}

/* each /sys/block/PREFIX* that has the attribute file: loop/backing_file, dm/name */
static unsigned block_devices(const char *prefix, const char *attribute, int (*fn)(const char *name, const char *attribute))
{
	DIR *dir = opendir("/sys/block");
	unsigned done = 0;

	for (struct dirent *d; dir && (d = readdir(dir));) {
		char path[512], value[256];
		_cleanup_(closep) int fd = -1;
		ssize_t n;
		int r;

		if (!startswith(d->d_name, prefix))
			continue;
		snprintf(path, sizeof(path), "/sys/block/%s/%s", d->d_name, attribute);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		n = fd < 0 ? -1 : read(fd, value, sizeof(value) - 1);
		if (n <= 0)
			continue;
		value[n] = '\0';
		value[strcspn(value, "\n")] = '\0';
		r = fn(d->d_name, value);
		log_event(LOG_INFO, "SHUTDOWN_BLOCK", r < 0 ? "block device not detached" : "block device detached", F_STR("DEVICE", d->d_name), F_ERRNO(r));
		done += r == 0;
	}
	if (dir)
		closedir(dir);
	return done;
}

static void unmount_all(void)
{
	unsigned left = 0, last, freed = 0;

	for (int i = 0; i < ROUNDS; i++) {
		last = left;
		left = shutdown_mounts(read_whole("/proc/self/mountinfo"), umount_one);
		freed = block_devices("loop", "loop/backing_file", clear_loop);
		freed += block_devices("dm-", "dm/name", remove_dm);
		if ((left == 0 || (i > 0 && left == last)) && freed == 0)
			break;
	}
	if (left > 0)
		shutdown_mounts(read_whole("/proc/self/mountinfo"), detach_one);
}

static const struct { const char *what; unsigned cmd; } ends[] = {
	[IPC_POWER_VERB_POWEROFF] = { "powering off", LINUX_REBOOT_CMD_POWER_OFF },
	[IPC_POWER_VERB_REBOOT] = { "rebooting", LINUX_REBOOT_CMD_RESTART },
	[IPC_POWER_VERB_HALT] = { "halting", LINUX_REBOOT_CMD_HALT },
	[IPC_POWER_VERB_KEXEC] = { "starting the new kernel", LINUX_REBOOT_CMD_KEXEC },
	[IPC_POWER_VERB_EXIT] = { "leaving", 0 },
};

/* reboot(2) "Behavior inside PID namespaces": the parent of the container's PID 1 sees it killed by SIGHUP or SIGINT */
__attribute__((noreturn)) static void end_container(uint32_t verb)
{
	bool restart = verb == IPC_POWER_VERB_REBOOT || verb == IPC_POWER_VERB_KEXEC;
	int r = -EPERM;

	if (verb != IPC_POWER_VERB_EXIT && getpid() == 1 && !container_first_ns("pid"))
		r = sys->reboot(restart ? LINUX_REBOOT_CMD_RESTART : ends[verb].cmd, NULL);
	if (r < 0 && verb != IPC_POWER_VERB_EXIT)
		log_event(LOG_DEBUG, "SHUTDOWN_REBOOT", "the container may not call reboot; leaving", F_ERRNO(r));
	watchdog_disarm();
	exit((int)table->s.power_exit);
}

__attribute__((noreturn)) static void end_machine(uint32_t verb)
{
	const char *argument = table->s.power_argument;
	int r;

	if (verb == IPC_POWER_VERB_REBOOT && *argument) {
		r = sys->reboot(LINUX_REBOOT_CMD_RESTART2, argument);
		log_event(LOG_WARNING, "SHUTDOWN_REBOOT", "reboot with an argument failed; without it", F_STR("ARGUMENT", argument), F_ERRNO(r));
	}
	r = sys->reboot(ends[verb].cmd, NULL);
	log_event(LOG_ERR, "SHUTDOWN_REBOOT", "the kernel refused", F_STR("WHAT", ends[verb].what), F_ERRNO(r));
	sys->reboot(LINUX_REBOOT_CMD_RESTART, NULL);    /* the one that always works */
	for (;;)
		pause();
}

void shutdown_end(void)
{
	uint32_t verb = table->s.power_verb;

	if (verb == 0 || verb >= ARRAY_SIZE(ends))
		verb = IPC_POWER_VERB_POWEROFF;
	if (verb == IPC_POWER_VERB_EXIT && table->s.mode == IPC_INIT_MODE_MACHINE)
		verb = IPC_POWER_VERB_POWEROFF;         /* a machine's PID 1 cannot leave */
	step(ends[verb].what);
	if (table->s.mode == IPC_INIT_MODE_MACHINE)
		end_machine(verb);
	end_container(verb);
}

void shutdown_run(void)
{
	watchdog_shutdown(conf.reboot_watchdog_usec);
	if (table->s.core_pid != 0)
		kill((pid_t)table->s.core_pid, SIGKILL);        /* it is made for that (DESIGN D4) and would go on deciding things */
	shutdown_kill(conf.term_usec, conf.kill_usec);
	if (table->s.mode != IPC_INIT_MODE_MACHINE)
		shutdown_end();
	step("writing what is cached to disk");
	bounded(do_sync, NULL, SYNC_USEC);
	step("turning swap off and unmounting file systems");
	swap_off();
	unmount_all();
	step("mounting the root file system read-only");
	if (bounded(do_readonly, "/", conf.kill_usec) < 0)
		log_event(LOG_ERR, "SHUTDOWN_ROOT", "the root file system could not be mounted read-only");
	bounded(do_sync, NULL, SYNC_USEC);
	shutdown_end();
}
