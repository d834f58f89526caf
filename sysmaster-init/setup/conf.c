/* conf.c - see conf.h */
#include <fcntl.h>
#include "log.h"
#include "setup/conf.h"

#define CONF_MAX_BYTES 32768

static const char *const denial_words[] = { "none", "obsolete", NULL };
static const char *const arch_words[] = { "any", "native", NULL };

#define FIELD(f) .off = offsetof(struct conf, f), .size = sizeof(((struct conf *)0)->f)
#define SPAN(from, to) .lo = (from) * USEC_PER_SEC, .hi = (to) * USEC_PER_SEC

const struct conf_key conf_keys[] = {
	{ "CoreBinary", CONF_TEXT, FIELD(core), .initial = "",
	  .doc = "Program to run as the service manager; sysmaster-exec is taken from the same folder. sysmaster.core= on the kernel command line wins." },
	{ "CoreRestartLimit", CONF_NUMBER, FIELD(core_deaths), .lo = 1, .hi = 10000, .initial = "10",
	  .doc = "When the service manager dies more often than this within a minute, a rescue shell is opened." },
	{ "CoreStartSec", CONF_SPAN, FIELD(core_start_usec), SPAN(0, 3600), .initial = "90s",
	  .doc = "How long the service manager may take from its start to the end of its recovery before it is killed and started again; 0: for ever." },
	{ "CrashLimit", CONF_NUMBER, FIELD(crashes), .lo = 1, .hi = 100000, .initial = "100",
	  .doc = "When init itself crashes and recovers more often than this within a minute, a rescue shell is opened." },
	{ "DefaultEnvironment", CONF_TEXT, FIELD(environment), .initial = "",
	  .doc = "NAME=VALUE words for the environment of the service manager, beside those of the kernel command line." },
	{ "KeepAliveMisses", CONF_NUMBER, FIELD(keepalive_misses), .lo = 1, .hi = 1000, .initial = "5",
	  .doc = "Pings in a row that the service manager may leave unanswered before it is killed and started again." },
	{ "KeepAliveSec", CONF_SPAN, FIELD(keepalive_usec), SPAN(0, 3600), .initial = "1s",
	  .doc = "Time between two pings; 0 turns them off." },
	{ "KillWaitSec", CONF_SPAN, FIELD(kill_usec), SPAN(0, 600), .initial = "5s",
	  .doc = "At shutdown, how long to wait for processes after SIGKILL, and at most for each file system to be unmounted." },
	{ "LogLevel", CONF_LEVEL, FIELD(log_level), .initial = "info",
	  .doc = "Least important level that is logged: emerg, alert, crit, err, warning, notice, info, debug. The kernel command line wins." },
	{ "PowerTimeoutSec", CONF_SPAN, FIELD(power_usec), SPAN(1, 86400), .initial = "5min",
	  .doc = "How long the service manager may take to stop the units before init shuts down without it." },
	{ "RebootWatchdogSec", CONF_SPAN, FIELD(reboot_watchdog_usec), SPAN(0, 3600), .initial = "10min",
	  .doc = "Time-out of the hardware watchdog during shutdown, when WatchdogSec= is used." },
	{ "RescueShell", CONF_TEXT, FIELD(rescue_shell), .initial = "",
	  .doc = "Program to run on the console when the service manager cannot be kept up. Empty: sulogin, else /bin/sh." },
	{ "ShowStatus", CONF_BOOL, FIELD(show_status), .initial = "yes",
	  .doc = "Show progress on the console. \"quiet\" on the kernel command line wins." },
	{ "SystemCallArchitectures", CONF_WORD, FIELD(native_only), .words = arch_words, .initial = "any",
	  .doc = "\"native\" refuses the system calls of foreign ABIs (i386, x32) to every process." },
	{ "SystemCallDenials", CONF_WORD, FIELD(denials), .words = denial_words, .initial = "obsolete",
	  .doc = "System calls refused (ENOSYS) to every process: \"obsolete\" for those nobody has needed for a decade, or \"none\"." },
	{ "TermWaitSec", CONF_SPAN, FIELD(term_usec), SPAN(0, 600), .initial = "10s",
	  .doc = "At shutdown, how long to wait for processes between SIGTERM and SIGKILL." },
	{ "WatchdogDevice", CONF_TEXT, FIELD(watchdog_device), .initial = "/dev/watchdog0",
	  .doc = "The hardware watchdog." },
	{ "WatchdogSec", CONF_SPAN, FIELD(watchdog_usec), SPAN(0, 3600), .initial = "0",
	  .doc = "Time-out of the hardware watchdog, which is fed at half of it; 0 leaves the device alone." },
};
const size_t conf_n_keys = ARRAY_SIZE(conf_keys);

static int parse_number(const char *value, const char **end, uint64_t *ret)
{
	uint64_t n = 0;

	if (*value < '0' || *value > '9')
		return -EINVAL;
	for (; *value >= '0' && *value <= '9'; value++) {
		if (n > UINT32_MAX)
			return -ERANGE;
		n = n * 10 + (uint64_t)(*value - '0');
	}
	*end = value;
	*ret = n;
	return 0;
}

static int parse_span(const char *value, uint64_t *ret)
{
	static const struct { const char *unit; uint64_t usec; } units[] = {
		{ "", USEC_PER_SEC }, { "s", USEC_PER_SEC }, { "ms", USEC_PER_MSEC }, { "min", 60 * USEC_PER_SEC }, { "h", 3600 * USEC_PER_SEC },
	};
	const char *end;
	int r = parse_number(value, &end, ret);

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(units); i++)
		if (streq(end, units[i].unit)) {
			*ret *= units[i].usec;
			return 0;
		}
	return r < 0 ? r : -EINVAL;
}

static int parse_word(const char *const *words, const char *value, uint64_t *ret)
{
	for (size_t i = 0; words[i]; i++)
		if (streq(words[i], value)) {
			*ret = i;
			return 0;
		}
	return -EINVAL;
}

static int parse_bool(const char *value, uint64_t *ret)
{
	static const char *const no[] = { "no", "false", "off", "0", NULL }, *const yes[] = { "yes", "true", "on", "1", NULL };
	uint64_t unused;

	if (parse_word(no, value, &unused) == 0)
		*ret = 0;
	else if (parse_word(yes, value, &unused) == 0)
		*ret = 1;
	else
		return -EINVAL;
	return 0;
}

static int parse_value(const struct conf_key *k, const char *value, uint64_t *ret)
{
	const char *end = "";
	int level, r = -EINVAL;

	switch (k->kind) {
	case CONF_SPAN:
		r = parse_span(value, ret);
		break;
	case CONF_NUMBER:
		r = parse_number(value, &end, ret);
		break;
	case CONF_BOOL:
		return parse_bool(value, ret);
	case CONF_WORD:
		return parse_word(k->words, value, ret);
	case CONF_LEVEL:
		r = log_level_parse(value, &level);
		*ret = r == 0 ? (uint64_t)level : 0;
		return r < 0 ? -EINVAL : 0;
	case CONF_TEXT:
		break;
	}
	if (r < 0 || *end)
		return r < 0 ? r : -EINVAL;
	return *ret < k->lo || *ret > k->hi ? -ERANGE : 0;
}

int conf_set(struct conf *c, const char *key, const char *value)
{
	for (size_t i = 0; i < ARRAY_SIZE(conf_keys); i++) {
		const struct conf_key *k = &conf_keys[i];
		void *field = (char *)c + k->off;
		uint64_t v;
		int r;

		if (!streq(k->name, key))
			continue;
		if (k->kind == CONF_TEXT) {
			if (strlen(value) >= k->size)
				return -ENAMETOOLONG;
			strcpy(field, value);
			return 0;
		}
		r = parse_value(k, value, &v);
		if (r < 0)
			return r;
		if (k->size == sizeof(bool))
			*(bool *)field = v != 0;
		else
			*(uint64_t *)field = v;
		return 0;
	}
	return -ENOENT;
}

void conf_init(struct conf *c)
{
	memset(c, 0, sizeof(*c));
	for (size_t i = 0; i < ARRAY_SIZE(conf_keys); i++)
		conf_set(c, conf_keys[i].name, conf_keys[i].initial);
}

static char *strip(char *s)
{
	size_t n;

	s += strspn(s, " \t\r");
	n = strlen(s);
	while (n > 0 && strchr(" \t\r", s[n - 1]))
		s[--n] = '\0';
	return s;
}

/* 0 or what is wrong with the line */
static const char *conf_line(struct conf *c, char *line)
{
	char *eq;

	line = strip(line);
	if (*line == '\0' || *line == '#' || *line == ';' || streq(line, "[Init]"))
		return NULL;
	eq = strchr(line, '=');
	if (!eq)
		return *line == '[' ? "unknown section, only [Init] is read" : "expected Key=Value";
	*eq = '\0';
	switch (conf_set(c, strip(line), strip(eq + 1))) {
	case 0:
		return NULL;
	case -ENOENT:
		return "unknown key";
	case -ERANGE:
		return "value is out of range";
	case -ENAMETOOLONG:
		return "value is too long";
	}
	return "value makes no sense";
}

int conf_load(struct conf *c, const char *path)
{
	static char text[CONF_MAX_BYTES + 1];
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int bad = 0, number = 0;
	char *rest = text, *line;
	ssize_t n;

	conf_init(c);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	n = read(fd, text, CONF_MAX_BYTES);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	while ((line = strsep(&rest, "\n"))) {
		const char *why = conf_line(c, line);

		number++;
		if (!why)
			continue;
		bad++;
		log_event(LOG_WARNING, "INIT_CONF_LINE", why, F_STR("FILE", path), F_I64("LINE", number));
	}
	return bad;
}

void conf_print_help(FILE *out)
{
	fputs("# init.conf - what PID 1 of the suite may be told; each key is shown with the value it has without this file\n[Init]\n", out);
	for (size_t i = 0; i < ARRAY_SIZE(conf_keys); i++)
		fprintf(out, "\n# %s\n#%s=%s\n", conf_keys[i].doc, conf_keys[i].name, conf_keys[i].initial);
}
