/* settle.c - see settle.h */
#include <fcntl.h>
#include <stdarg.h>
#include "channel.ipc.h"
#include "common/container.h"
#include "log.h"
#include "names.h"
#include "setup/cmdline.h"
#include "setup/conf.h"
#include "setup/filter.h"
#include "setup/settle.h"

static void read_words(struct cmdline *c, const struct options *o, bool machine)
{
	char line[8192];
	_cleanup_(closep) int fd = -1;
	ssize_t n;

	cmdline_init(c);
	if (!machine) {         /* /proc/cmdline is the host's */
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

/* beside the program @path, or beside this one */
static void beside(char *to, size_t size, const char *path, const char *name)
{
	char self[4096];
	const char *slash;

	if (!path) {
		ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

		self[MAX(n, (ssize_t)0)] = '\0';
		path = n > 0 ? self : INIT_DEFAULT_PATH;
	}
	slash = strrchr(path, '/');
	snprintf(to, size, "%.*s/%s", slash ? (int)(slash - path) : 1, slash ? path : ".", name);
}

static void find_programs(struct settings *s, const char *core)
{
	if (core)
		snprintf(s->core, sizeof(s->core), "%s", core);
	else
		beside(s->core, sizeof(s->core), NULL, "sysmaster-core");
	beside(s->exec, sizeof(s->exec), s->core, "sysmaster-exec");    /* another build has its own */
	if (access(s->exec, X_OK) < 0)
		beside(s->exec, sizeof(s->exec), NULL, "sysmaster-exec");
}

static void add(char *to, size_t size, size_t *at, const char *fmt, ...) _printf_(4, 5);
static void add(char *to, size_t size, size_t *at, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(to + *at, size - *at - 1, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= size - *at - 1)
		log_event(LOG_WARNING, "INIT_ENVIRONMENT", "the environment is too long; the rest of it is left out");
	else
		*at += (size_t)n + 1;
	to[*at] = '\0';
}

size_t settle_environment(char *to, size_t size, const char *container, const char *words)
{
	size_t at = 0;

	*to = '\0';
	if (!getenv("PATH"))
		add(to, size, &at, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	if (!getenv("LANG"))
		add(to, size, &at, "LANG=C.UTF-8");
	if (*container)
		add(to, size, &at, "container=%s", container);
	for (; *words; words += strcspn(words, " \t")) {
		size_t n;

		words += strspn(words, " \t");
		n = strcspn(words, " \t");
		if (*words != '=' && memchr(words, '=', n))
			add(to, size, &at, "%.*s", (int)n, words);
	}
	return at;
}

static void copy_conf(struct settings *s, const struct conf *c)
{
	s->keepalive_usec = c->keepalive_usec;
	s->keepalive_misses = c->keepalive_misses;
	s->core_start_usec = c->core_start_usec;
	s->core_deaths = c->core_deaths;
	s->crashes = c->crashes;
	s->power_usec = c->power_usec;
	s->term_usec = c->term_usec;
	s->kill_usec = c->kill_usec;
	s->watchdog_usec = c->watchdog_usec;
	s->reboot_watchdog_usec = c->reboot_watchdog_usec;
	strcpy(s->rescue_shell, c->rescue_shell);
	strcpy(s->watchdog_device, c->watchdog_device);
}

static const char *said(const char *a, const char *b) { return a && *a ? a : b && *b ? b : NULL; }

void settle(struct settings *s, const struct options *o, bool as_pid1)
{
	struct cmdline words;
	struct conf conf;
	bool machine;
	size_t at;

	*s = (struct settings){ .version = SETTINGS_VERSION };
	container_detect(s->container, sizeof(s->container), as_pid1);
	machine = as_pid1 && *s->container == '\0';
	s->mode = machine ? IPC_INIT_MODE_MACHINE : as_pid1 ? IPC_INIT_MODE_CONTAINER : IPC_INIT_MODE_SUBREAPER;
	read_words(&words, o, machine);
	conf_load(&conf, o->conf ? o->conf : INIT_DEFAULT_CONF);
	copy_conf(s, &conf);
	find_programs(s, said(words.core, said(o->core, conf.core)));
	snprintf(s->run_dir, sizeof(s->run_dir), "%s", o->run_dir ? o->run_dir : INIT_DEFAULT_RUN);
	strcpy(s->boot_unit, words.unit);
	s->log_level = words.log_level >= 0 ? (uint32_t)words.log_level : (uint32_t)conf.log_level;
	s->show_status = words.show_status >= 0 ? words.show_status != 0 : conf.show_status;
	at = settle_environment(s->environment, sizeof(s->environment), s->container, conf.environment);
	/* core tells these from what the kernel gave us */
	add(s->environment, sizeof(s->environment), &at, "SYSMASTER_DEFAULT_ENVIRONMENT=%s", conf.environment);
	if (machine)
		s->n_filter = (uint32_t)filter_build(s->filter, conf.denials == CONF_DENY_OBSOLETE, conf.native_only);
	if (*words.unknown)
		log_event(LOG_WARNING, "INIT_CMDLINE", "a word of the command line that makes no sense is skipped", F_STR("WORD", words.unknown));
}
