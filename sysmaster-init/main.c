/*
 * main.c - PID 1 of the suite: how it begins, how it begins again, and its one loop
 *
 * Read table.h first (what must not be forgotten), then core.c (what core asks and is told), child.c (processes), crash.c and
 * shutdown.c. The first image sets the machine up; each later one (crash, upgrade) finds the table and goes on.
 */
#include <fcntl.h>
#include <linux/reboot.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include "child.h"
#include "cmdline.h"
#include "command.h"
#include "conf.h"
#include "console.h"
#include "container.h"
#include "core.h"
#include "crash.h"
#include "endpoint.h"
#include "filter.h"
#include "leave.h"
#include "log.h"
#include "mount.h"
#include "reap.h"
#include "rescue.h"
#include "signals.h"
#include "spawn.h"
#include "leave/sys.h"
#include "table.h"
#include "version.h"
#include "watchdog.h"

#define MAX_TIMERS 16

struct options {
	const char *core, *conf, *run_dir, *table;
	char *const *command, *const *words;
	int n_words;
};

static struct loop *loop;
static bool up;         /* core and endpoint are served; not while a shell follows a row of crashes */

/* -- the command line of the program itself -- */

static const struct option_row { const char *name; size_t off; const char *doc; } option_rows[] = {
	{ "--core", offsetof(struct options, core), "PATH  program to run as core (default " INIT_DEFAULT_CORE ")" },
	{ "--conf", offsetof(struct options, conf), "PATH  configuration (default " INIT_DEFAULT_CONF ")" },
	{ "--run-dir", offsetof(struct options, run_dir), "DIR   where init.sock lies (default " INIT_DEFAULT_RUN ")" },
	{ "--table", offsetof(struct options, table), "FD    go on with the table of an earlier image (init itself says this)" },
};

static void usage(FILE *out)
{
	fputs("Usage: sysmaster-init [OPTION...] [-- COMMAND...]\n"
	      "The init of the suite. As PID 1 it runs a machine or a container, else it is a subreaper. With a COMMAND it runs that alone\n"
	      "and leaves with its status.\n\n  --help, --version\n  --help-conf   an init.conf with every key explained\n", out);
	for (size_t i = 0; i < ARRAY_SIZE(option_rows); i++)
		fprintf(out, "  %s %s\n", option_rows[i].name, option_rows[i].doc);
}

static bool take_option(struct options *o, int argc, char **argv, int *i)
{
	for (size_t k = 0; k < ARRAY_SIZE(option_rows); k++) {
		size_t n = strlen(option_rows[k].name);
		const char **field = (const char **)((char *)o + option_rows[k].off);

		if (!startswith(argv[*i], option_rows[k].name))
			continue;
		if (argv[*i][n] == '=') {
			*field = argv[*i] + n + 1;
			return true;
		}
		if (argv[*i][n] == '\0' && *i + 1 < argc) {
			*field = argv[++*i];
			return true;
		}
	}
	return false;
}

/* as PID 1 a word that is no option of ours is the kernel's or the container manager's; -1: wrong; 1: all is said */
static int parse_options(struct options *o, int argc, char **argv)
{
	o->words = argv + 1;
	for (int i = 1; i < argc; i++) {
		if (streq(argv[i], "--")) {
			o->command = argv[i + 1] ? argv + i + 1 : NULL;
			break;
		}
		if (take_option(o, argc, argv, &i))
			continue;
		o->n_words = i;
		if (getpid() == 1)
			continue;
		if (streq(argv[i], "--help"))
			usage(stdout);
		else if (streq(argv[i], "--version"))
			puts("sysmaster-init " INIT_VERSION);
		else if (streq(argv[i], "--help-conf"))
			conf_print_help(stdout);
		else {
			fprintf(stderr, "sysmaster-init: unknown argument: %s\n", argv[i]);
			usage(stderr);
			return -1;
		}
		return 1;
	}
	return 0;
}

/* -- the first beginning -- */

static void find_self(void)
{
	ssize_t n = readlink("/proc/self/exe", table->s.self, sizeof(table->s.self) - 1);

	if (n <= 0)
		strcpy(table->s.self, "/usr/lib/sysmaster/sysmaster-init");
}

static void read_words(struct cmdline *c, const struct options *o)
{
	char line[8192];
	_cleanup_(closep) int fd = -1;
	ssize_t n;

	cmdline_init(c);
	if (table->s.mode != IPC_INIT_MODE_MACHINE) {   /* /proc/cmdline is the host's */
		for (int i = 0; i < o->n_words; i++)
			if (o->words[i][0] != '-' || streq(o->words[i], "-b"))
				cmdline_word(c, o->words[i]);
		return;
	}
	fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, line, sizeof(line));
	if (n > 0)
		cmdline_parse(c, line, (size_t)n);
}

static const char *first_of(const char *a, const char *b, const char *c) { return a && *a ? a : b && *b ? b : c; }

static void settle(const struct options *o)
{
	struct table_state *s = &table->s;
	struct cmdline c;

	read_words(&c, o);
	snprintf(s->conf, sizeof(s->conf), "%s", first_of(o->conf, NULL, INIT_DEFAULT_CONF));
	snprintf(s->run_dir, sizeof(s->run_dir), "%s", first_of(o->run_dir, NULL, INIT_DEFAULT_RUN));
	conf_load(&conf, s->conf);
	snprintf(s->core, sizeof(s->core), "%s", first_of(c.core, first_of(o->core, conf.core, NULL), INIT_DEFAULT_CORE));
	snprintf(s->boot_unit, sizeof(s->boot_unit), "%s", c.unit);
	s->log_level = c.log_level >= 0 ? (uint32_t)c.log_level : (uint32_t)conf.log_level;
	s->show_status = c.show_status >= 0 ? c.show_status != 0 : conf.show_status;
	s->keepalive = conf.keepalive_usec > 0;
	if (*c.unknown)
		log_event(LOG_WARNING, "INIT_CMDLINE", "a word of the command line that makes no sense is skipped", F_STR("WORD", c.unknown));
}

static void set_environment(void)
{
	char *rest = conf.environment, *word;

	setenv("SYSMASTER_DEFAULT_ENVIRONMENT", conf.environment, 1);   /* core tells these from what the kernel gave us */
	setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 0);
	setenv("LANG", "C.UTF-8", 0);
	if (*table->s.container)
		setenv("container", table->s.container, 1);
	while ((word = strsep(&rest, " \t")))
		if (strchr(word, '=') && *word != '=')
			putenv(word);
	if (table->s.command_pid == 0)
		setenv("SYSMASTER_CHANNEL", "3", 1);
}

static void greet(void)
{
	struct utsname u;

	if (uname(&u) == 0)
		console_say("sysmaster %s: Linux %s %s%s%s", INIT_VERSION, u.release, u.machine, *table->s.container ? ", container: " : "", table->s.container);
}

static void begin_machine(void)
{
	bool container = table->s.mode == IPC_INIT_MODE_CONTAINER;
	int r;

	mount_all(container);
	mount_links(container);
	if (container) {
		console_keep();
	} else {
		console_open();
		console_kernel_log();
		log_open("sysmaster-init", LOG_TO_KMSG, NULL);
		r = sys->reboot(LINUX_REBOOT_CMD_CAD_OFF, NULL);
		if (r < 0)
			log_event(LOG_WARNING, "INIT_CAD", "Ctrl-Alt-Del stays with the kernel", F_ERRNO(r));
	}
	if (!container || !container_first_ns("uts"))   /* a container may share the host's name */
		console_hostname();
	console_loopback();
	setsid();
}

static void begin(const struct options *o)
{
	struct table_state *s = &table->s;
	bool first = getpid() == 1;

	s->boot_usec = now_usec(CLOCK_BOOTTIME);
	umask(022);
	if (first && !o->command)
		mount_early();
	find_self();
	container_detect(s->container, sizeof(s->container));
	s->mode = !first ? IPC_INIT_MODE_SUBREAPER : *s->container || o->command ? IPC_INIT_MODE_CONTAINER : IPC_INIT_MODE_MACHINE;
	if (!first && prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		log_event(LOG_ERR, "INIT_SUBREAPER", "cannot become a subreaper", F_ERRNO(-errno));
	if (o->command) {
		console_keep();
		settle(o);
		s->show_status = 0;     /* the command's output is all there is */
		s->log_level = MIN(s->log_level, (uint32_t)LOG_WARNING);
		log_set_level((int)s->log_level);
		return;
	}
	if (first) {
		begin_machine();
		if (chdir("/") < 0)
			log_event(LOG_WARNING, "INIT_CHDIR", "cannot enter /", F_ERRNO(-errno));
	}
	settle(o);
	log_set_level((int)s->log_level);
	greet();
	mount_cgroup(s->cgroup_root, sizeof(s->cgroup_root), s->mode != IPC_INIT_MODE_MACHINE, first || getenv("SYSMASTER_SCOPE"));    /* a user's: delegated */
	if (s->mode == IPC_INIT_MODE_MACHINE && prctl(PR_GET_SECCOMP) == 0) {   /* not again after a switch of root */
		int r = filter_enter(conf.denials == CONF_DENY_OBSOLETE, conf.native_only);

		s->filtered = r == 0;
		if (r < 0)
			log_event(LOG_WARNING, "INIT_FILTER", "cannot set up the system-wide denials of system calls", F_ERRNO(r));
	}
}

/* -- every beginning -- */

static bool known(const siginfo_t *si)
{
	return child_exited(si) || core_exited(si) || leave_exited(si) || rescue_exited(si) || command_exited(si);
}

static void reap(void) { reap_all(known); }

static int turn_end(void *arg)
{
	(void)arg;
	leave_step();
	if (up)
		core_flush();
	if (table->s.mode == IPC_INIT_MODE_CONTAINER)
		console_revive();
	return 0;
}

static void bring_up(void)
{
	static char exec_path[sizeof(table->s.core) + 16];
	const char *slash = strrchr(table->s.core, '/');
	int r;

	snprintf(exec_path, sizeof(exec_path), "%.*s/sysmaster-exec", slash ? (int)(slash - table->s.core) : 1, slash ? table->s.core : ".");
	up = true;
	child_setup(loop, exec_path);
	r = endpoint_setup(loop, table->s.run_dir);     /* makes the folder in which core will want to listen too */
	if (r < 0)
		log_event(LOG_ERR, "INIT_ENDPOINT", "init.sock cannot be served", F_STR("DIR", table->s.run_dir), F_ERRNO(r));
	core_setup(loop);
	reap();
}

static void rescue_over(void)
{
	if (up)
		core_try_again();
	else
		bring_up();
}

static int serve(char *const *command, bool crashed_too_often)
{
	int r = loop_new(&loop, MAX_TIMERS, true);

	if (r < 0)
		return r;
	spawn_raise_nofile();
	leave_setup(loop);
	loop_set_turn_end(loop, turn_end, NULL);
	if (command || table->s.command_pid != 0) {
		r = command_setup(loop, reap);
		if (r >= 0 && command)
			r = command_start(command);
		if (r < 0) {
			fprintf(stderr, "sysmaster-init: %s: %s\n", command ? command[0] : "", strerror(-r));
			return r == -ENOENT ? 127 : 126;
		}
		reap();
	} else {
		r = signals_setup(loop, reap);
		if (r < 0)
			return r;
		rescue_setup(loop, rescue_over);
		watchdog_setup(loop);
		if (crashed_too_often)
			rescue_open("init crashes too often", 0);
		else
			bring_up();
	}
	turn_end(NULL);
	return loop_run(loop);
}

static int take_up(const struct options *o, bool *crashed_too_often)
{
	int fd = o->table ? atoi(o->table) : -1, r = -EBADMSG;
	unsigned dropped = 0;

	if (fd >= 3)
		r = table_adopt(fd);
	if (r < 0) {
		r = table_new();
		if (r < 0)
			return r;
		if (o->table)
			table_close_others();
		begin(o);
		if (o->table)
			log_event(LOG_ERR, "INIT_TABLE_BAD", "the table of the earlier image cannot be read; starting over");
	} else {
		table->s.reexecs++;
		dropped = table_check();
		table_close_others();
		if (table->s.mode == IPC_INIT_MODE_MACHINE)
			log_open("sysmaster-init", LOG_TO_KMSG, NULL);
		log_set_level((int)table->s.log_level);
		conf_load(&conf, table->s.conf);
	}
	crash_arm();
	*crashed_too_often = crash_report(conf.crashes);
	if (*crashed_too_often)
		table->s.crashes.n = 0;
	if (dropped > 0)
		log_event(LOG_ERR, "INIT_TABLE_RECORDS", "records of the table that contradict themselves were dropped", F_U64("COUNT", dropped));
	return 0;
}

/* /sbin/init typed by a person: the old way to change the run level */
static int be_telinit(char **argv)
{
	argv[0] = (char *)"telinit";
	execv("/usr/bin/sctl", argv);
	log_event(LOG_ERR, "INIT_TELINIT", "cannot execute sctl to change the run level", F_ERRNO(-errno));
	return EXIT_FAILURE;
}

/* what our own parent ignored we would hand on to all services: the kernel keeps that over fork and exec */
static void default_signals(void)
{
	static const unsigned long dfl[4];      /* the kernel's sigaction: handler, flags, restorer, mask, all nothing */

	for (int i = 1; i < NSIG; i++)          /* the C library refuses the two that it keeps */
		syscall(SYS_rt_sigaction, i, dfl, NULL, 8);
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	bool crashed_too_often = false;
	int r;

	if (getpid() != 1 && streq(program_invocation_short_name, "init"))
		return be_telinit(argv);
	default_signals();
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);          /* one huge page behind the sparse tables would be 2 MiB for a few kB */
	r = parse_options(&o, argc, argv);
	if (r != 0)
		return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
	log_open("sysmaster-init", LOG_TO_STDERR, NULL);
	r = take_up(&o, &crashed_too_often);
	if (r >= 0 && crashed_too_often && leave_begun())
		leave_end();
	if (r >= 0) {
		set_environment();
		r = serve(o.command, crashed_too_often);
	}
	if (table && !o.command && table->s.command_pid == 0 && getpid() == 1) {
		log_event(LOG_CRIT, "INIT_LOOP", "the loop ended; executing init again", F_ERRNO(r));
		r = crash_reexec();
	}
	log_event(LOG_CRIT, "INIT_ENDED", "init cannot go on", F_ERRNO(r < 0 ? r : 0));
	return r > 0 ? r : EXIT_FAILURE;
}
