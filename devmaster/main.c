/*
 * main.c - devmaster: turns the kernel's uevents into nodes, links, names and events, by udev's rules
 *
 * Order of its beginning: settings; the runner is forked (worker/runner.h); sockets, from the service manager or made here; the
 * journal; the sandbox; events that an earlier daemon left; ready. Read manager/manager.h next.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "log.h"
#include "manager/manager.h"
#include "monitor/monitor.h"
#include "option.h"
#include "osfile.h"
#include "sandbox.h"
#include "sdnotify.h"
#include "value.h"
#include "version.h"
#include "worker/runner.h"

#define RUN_DIR "/run/udev"
#define JOURNAL "/run/sysmaster/devmaster.journal"
#define JOURNAL_BYTES (32u << 20)

struct options {
	bool help, version, debug, daemon;
	const char *children_max, *exec_delay, *event_timeout, *timeout_signal, *resolve_names;
};
#define AT(f) offsetof(struct options, f)
static const struct option_row rows[] = {
	{ "help", 'h', OPTION_FLAG, NULL, AT(help), .doc = "show this" },
	{ "version", 'V', OPTION_FLAG, NULL, AT(version), .doc = "show the version" },
	{ "daemon", 'd', OPTION_FLAG, NULL, AT(daemon), .doc = "go to the background when ready" },
	{ "debug", 'D', OPTION_FLAG, NULL, AT(debug), .doc = "say what is done" },
	{ "children-max", 'c', OPTION_STRING, "N", AT(children_max), .doc = "workers at most; 0: as many as suit the machine" },
	{ "exec-delay", 'e', OPTION_STRING, "TIME", AT(exec_delay), .doc = "wait before each program of RUN" },
	{ "event-timeout", 't', OPTION_STRING, "TIME", AT(event_timeout), .doc = "for one event, then its worker is killed (180)" },
	{ "timeout-signal", 's', OPTION_STRING, "SIGNAL", AT(timeout_signal), .doc = "by which it is killed (SIGKILL)" },
	{ "resolve-names", 'N', OPTION_STRING, "WHEN", AT(resolve_names), .doc = "users and groups of rules: early, late (the same here), never" },
};
static const struct option_set set = { rows, ARRAY_SIZE(rows), "devmaster" };

static void report(struct diag_sink *s, enum diag_level level, const char *file, unsigned line, unsigned column, const char *text)
{
	char place[512];

	snprintf(place, sizeof(place), line ? "%s:%u:%u" : "%s", file, line, column);
	log_event(level == DIAG_ERROR ? LOG_ERR : LOG_WARNING, "DEVICE_SETTINGS", text, F_STR("PLACE", place));
}

/* ---- settings ---- */

static int set_options(struct settings *s, const struct options *o)
{
	const struct { const char *name, *value; } given[] = {
		{ "children_max", o->children_max }, { "exec_delay", o->exec_delay }, { "event_timeout", o->event_timeout },
		{ "timeout_signal", o->timeout_signal }, { "resolve_names", o->resolve_names }, { "log_level", o->debug ? "debug" : NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(given); i++) {
		if (given[i].value && settings_set(s, given[i].name, given[i].value) < 0) {
			fprintf(stderr, "devmaster: no value for %s: %s\n", given[i].name, given[i].value);
			return -EINVAL;
		}
	}
	return 0;
}

static int load_settings(struct settings *s, const struct options *o)
{
	struct diag_sink sink = { report };
	char text[8192];

	settings_init(s);
	settings_machine(s);
	settings_file(s, "/etc/udev/udev.conf", &sink);
	if (osfile_read("/proc/cmdline", text, sizeof(text)) > 0)
		settings_cmdline(s, text, access("/etc/initrd-release", F_OK) == 0, &sink);
	return set_options(s, o);
}

/* ---- what the service manager hands over ---- */

struct handed { int control, kernel; };

static void take_fds(struct handed *h)
{
	const char *n_text = getenv("LISTEN_FDS"), *pid = getenv("LISTEN_PID");
	int n = n_text && pid && atoi(pid) == (int)getpid() ? atoi(n_text) : 0;

	*h = (struct handed){ -1, -1 };
	for (int fd = 3; fd < 3 + n; fd++) {
		struct sockaddr_storage sa = { 0 };
		socklen_t len = sizeof(sa);
		int *slot;

		if (getsockname(fd, (struct sockaddr *)&sa, &len) < 0)
			continue;
		fcntl(fd, F_SETFD, FD_CLOEXEC);
		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
		slot = sa.ss_family == AF_NETLINK ? &h->kernel : sa.ss_family == AF_UNIX ? &h->control : NULL;
		if (slot && *slot < 0)
			*slot = fd;
		else
			close(fd);
	}
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDNAMES");
}

/* ---- the runner ---- */

static int fork_runner(struct manager *m, int inotify)
{
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	pid = fork();
	if (pid < 0) {
		close(pair[0]);
		close(pair[1]);
		return -errno;
	}
	if (pid == 0) {
		const struct runner_config config = { .lead = pair[1], .inotify = inotify, .settings = &m->settings, .sysfs = m->sysfs, .run = m->run, .dev = m->dev };

		_exit(runner_main(&config));
	}
	close(pair[1]);
	return pair[0];
}

/* ---- life ---- */

static int feed(struct timer *t)
{
	struct manager *m = container_of(t, struct manager, watchdog);

	sdnotify_send("WATCHDOG=1", -1);
	return timer_set(m->loop, t, now_usec(CLOCK_BOOTTIME) + m->watchdog_usec / 2, feed);
}

struct signals { struct source source; struct manager *manager; };

static int on_signal(struct source *s, uint32_t events)
{
	struct manager *m = container_of(s, struct signals, source)->manager;
	struct signalfd_siginfo info;

	while (read(s->fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGHUP)
			request_reload(m);
		else if (info.ssi_signo != SIGCHLD)
			request_exit(m);
	}
	return 0;
}

static int open_signals(struct signals *s, struct manager *m)
{
	sigset_t mask;
	int fd;

	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGHUP);
	sigaddset(&mask, SIGCHLD);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	s->manager = m;
	return fd < 0 ? -errno : source_add(m->loop, &s->source, fd, EPOLLIN, on_signal);
}

/* the listener: it may not fork, execute, mount, make nodes or sockets of the network */
static const char *const watch_calls[] = { "inotify_add_watch", "inotify_rm_watch", NULL };
static const struct sandbox_group groups[] = {
	{ "memory", sandbox_memory }, { "files", sandbox_files }, { "watched disks", watch_calls }, { "time", sandbox_time }, { "waiting", sandbox_poll },
	{ "sockets", sandbox_sockets }, { "locks of libc", sandbox_threads }, { "signals", sandbox_signals }, { "leaving", sandbox_exit },
};
static const struct sandbox_list list = { "devmaster", groups, ARRAY_SIZE(groups) };

static int open_all(struct manager *m, struct signals *signals, const struct handed *h)
{
	bool found = false;
	int r = loop_new(&m->loop, 64, false), lead;

	if (r == 0)
		r = m->watch.inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	lead = r < 0 ? r : fork_runner(m, m->watch.inotify);
	if (lead < 0)
		return lead;
	r = pool_new(&m->pool, m->loop, lead, &m->settings, &manager_pool_hooks, m);
	if (r == 0)
		r = queue_new(&m->queue);
	if (r == 0)
		r = open_signals(signals, m);
	if (r == 0)
		r = listener_new(&m->listener, h->kernel, &manager_listener_hooks, m);
	if (r == 0)
		r = m->monitor = monitor_open(0);
	if (r >= 0)
		r = journal_open(&m->journal, JOURNAL, JOURNAL_BYTES, &found);
	if (r == 0)
		r = control_new(&m->control, m->loop, h->control, CONTROL_PATH, &manager_control_hooks, m);
	if (r == 0)
		r = source_add(m->loop, &m->inotify, m->watch.inotify, EPOLLIN, inotify_fire);
	if (r < 0)
		return r;
	m->repair = found && h->kernel < 0;             /* what the kernel said while nobody listened is lost */
	if (h->kernel < 0)
		sdnotify_send("FDSTORE=1\nFDNAME=kernel", listener_fd(m->listener));
	return 0;
}

static int begin(struct manager *m)
{
	int r = sandbox_enter(&list);                   /* what is read next is foreign */

	if (r == 0)
		r = methods_open(m);
	if (r == 0)
		r = watch_restore(&m->watch, m->sysfs);
	if (r >= 0)
		r = events_resume(m);
	if (r == 0)
		r = listener_start(m->listener, m->loop);
	if (r < 0)
		return r;
	if (m->watchdog_usec)
		feed(&m->watchdog);
	changes_look(m);
	events_wake(m);
	return 0;
}

/* the parent leaves when the child says that it is ready */
static int go_background(void)
{
	int pair[2];
	char c;
	pid_t pid;

	if (pipe2(pair, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid > 0) {
		close(pair[1]);
		_exit(read(pair[0], &c, 1) == 1 ? 0 : 1);
	}
	close(pair[0]);
	setsid();
	return pair[1];
}

static void finish(struct manager *m)
{
	server_free(m->server);
	control_free(m->control);
	pool_free(m->pool);
	listener_free(m->listener);
	events_free(m);
	queue_free(m->queue);
	journal_free(m->journal);
	strv_free(m->properties);
	buf_finish(&m->properties_text);
}

static int run(const struct options *o)
{
	static struct manager m = { .sysfs = "/sys", .run = RUN_DIR, .dev = "/dev", .monitor = -1, .watch = { -1, RUN_DIR } };
	static struct signals signals;
	const char *w = getenv("WATCHDOG_USEC");
	_cleanup_(closep) int ready = -1;
	struct handed handed;
	int r = load_settings(&m.settings, o);

	if (r < 0)
		return r;
	log_set_level(m.settings.log_level);
	take_fds(&handed);
	if (o->daemon && (ready = go_background()) < 0)
		return ready;
	m.chores_tail = &m.chores;
	m.watchdog_usec = w ? strtoull(w, NULL, 10) : 0;
	if ((mkdir(RUN_DIR, 0755) < 0 && errno != EEXIST) || (mkdir("/run/sysmaster", 0755) < 0 && errno != EEXIST))
		return -errno;
	r = sdnotify_open();
	if (r == 0)
		r = open_all(&m, &signals, &handed);
	if (r == 0)
		r = begin(&m);
	if (r == 0) {
		sdnotify_send("READY=1\nSTATUS=Listening.", -1);
		if (ready >= 0 && write(ready, "x", 1) != 1)
			return -EPIPE;
		closep(&ready);
		r = loop_run(m.loop);
	}
	finish(&m);
	return r;
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	int first, r = options_parse(&set, &o, argc, argv, &first, stdout, stderr);

	if (r != 0 || first < argc) {
		if (r == 0)
			fprintf(stderr, "devmaster: no words are expected: %s\n", argv[first]);
		return r > 0 ? 0 : 2;
	}
	if (o.help || o.version) {
		printf(o.help ? "devmaster [OPTIONS...]\n\nThe device manager. Options:\n" : "devmaster %s\n", SYSMASTER_VERSION);
		for (size_t i = 0; o.help && i < ARRAY_SIZE(rows); i++)
			printf("  -%c --%-16s %-8s %s\n", rows[i].letter, rows[i].name, rows[i].arg ? rows[i].arg : "", rows[i].doc);
		return 0;
	}
	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	umask(022);
	log_open("devmaster", LOG_TO_STDERR, NULL);
	r = run(&o);
	if (r < 0)
		log_event(LOG_ERR, "DEVICE_ENDED", r == -EBUSY || r == -EADDRINUSE ? "another device manager is at work" : "cannot go on", F_ERRNO(r));
	return r == 0 ? 0 : 1;
}
