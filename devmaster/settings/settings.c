/* settings.c - see settings.h */
#include <signal.h>
#include <stdio.h>
#include <sys/sysinfo.h>
#include "log.h"
#include "osfile.h"
#include "settings/settings.h"
#include "value.h"

#define CONF_BYTES 65536
#define AT(f) offsetof(struct settings, f)

static int set_level(const char *v, void *field) { return log_level_parse(v, field); }
static int set_count(const char *v, void *field) { return value_unsigned(v, 65536, field); }
static int set_sec(const char *v, void *field) { return value_sec(v, USEC_PER_SEC, field); }
static int set_signal(const char *v, void *field) { return value_signal(v, field); }
static int set_bool(const char *v, void *field) { return value_bool(v, field); }

static int set_names(const char *v, void *field)
{
	static const struct key_enum names[] = { { "early", NAMES_EARLY }, { "late", NAMES_LATE }, { "never", NAMES_NEVER }, { NULL, 0 } };
	int value, r = key_enum_value(names, v, &value);

	if (r == 0)
		*(enum settings_names *)field = (enum settings_names)value;
	return r;
}

static const struct row { const char *file, *word; int (*set)(const char *v, void *field); size_t off; } rows[] = {
	{ "udev_log", "log_level", set_level, AT(log_level) },
	{ NULL, "log_priority", set_level, AT(log_level) },
	{ "children_max", "children_max", set_count, AT(children_max) },
	{ "exec_delay", "exec_delay", set_sec, AT(exec_delay_usec) },
	{ "event_timeout", "event_timeout", set_sec, AT(event_timeout_usec) },
	{ "timeout_signal", "timeout_signal", set_signal, AT(timeout_signal) },
	{ "resolve_names", "resolve_names", set_names, AT(names) },
	{ NULL, "blockdev_read_only", set_bool, AT(blockdev_read_only) },
};

void settings_init(struct settings *s)
{
	*s = (struct settings){ .log_level = LOG_INFO, .event_timeout_usec = 180 * USEC_PER_SEC, .timeout_signal = SIGKILL };
}

/* udev.conf says children_max, the kernel command line udev.children_max or udev.children-max */
static bool same(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (a[i] != b[i] && !(a[i] == '_' && b[i] == '-'))
			return false;
	return !a[n];
}

static int set(struct settings *s, bool file, const char *name, size_t n, const char *value)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *own = file ? rows[i].file : rows[i].word;

		if (own && strlen(own) == n && same(own, name, n))
			return rows[i].set(value, (char *)s + rows[i].off) < 0 ? -EINVAL : 0;
	}
	return -ENOENT;
}

int settings_set(struct settings *s, const char *name, const char *value) { return set(s, false, name, strlen(name), value); }

/* blanks around go; what a line says behind its NAME= may stand in quotes */
static char *trim(char *s)
{
	size_t n;

	s += strspn(s, " \t\r");
	for (n = strlen(s); n > 0 && strchr(" \t\r", s[n - 1]); n--)
		s[n - 1] = '\0';
	return s;
}

static char *unquote(char *s)
{
	size_t n;

	s = trim(s);
	n = strlen(s);
	if (n < 2 || (*s != '"' && *s != '\'') || s[n - 1] != *s)
		return s;
	s[n - 1] = '\0';
	return s + 1;
}

static void take_line(struct settings *s, const char *path, unsigned number, char *line, struct diag_sink *sink)
{
	char *eq = strchr(line, '='), *value;
	unsigned column;
	int r;

	if (!eq) {
		diag(sink, DIAG_ERROR, path, number, 1, "expected NAME=VALUE");
		return;
	}
	*eq = '\0';
	column = (unsigned)(eq + 1 - line) + 1;
	value = unquote(eq + 1);
	line = trim(line);
	r = set(s, true, line, strlen(line), value);
	if (r == -ENOENT)
		diag(sink, DIAG_WARNING, path, number, 1, "no such setting: %s", line);
	else if (r < 0)
		diag(sink, DIAG_ERROR, path, number, column, "no value for %s: \"%s\"", line, value);
}

int settings_file(struct settings *s, const char *path, struct diag_sink *sink)
{
	char text[CONF_BYTES];
	int n = osfile_read(path, text, sizeof(text));
	unsigned number = 0;

	if (n < 0)
		return n;
	for (char *line = text, *next; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		number++;
		if (*trim(line) && *trim(line) != '#')
			take_line(s, path, number, line, sink);
	}
	return 0;
}

void settings_cmdline(struct settings *s, const char *text, bool initramfs, struct diag_sink *sink)
{
	const char *p = text;
	char *word;

	while (value_word_lax(&p, &word) > 0) {
		const char *name = initramfs && startswith(word, "rd.udev.") ? word + 3 : word;
		char *eq = strchr(word, '=');

		if (startswith(name, "udev.") && eq) {
			int r;

			name += 5;
			r = set(s, false, name, (size_t)(eq - name), eq + 1);
			if (r < 0)
				diag(sink, DIAG_WARNING, "kernel command line", 0, 0, "%s: %s", word, r == -ENOENT ? "no such setting" : "no value for it");
		} else if (streq(name, "udev.blockdev_read_only"))
			s->blockdev_read_only = true;
		free(word);
	}
}

/* as many as systemd-udevd of 252 takes: two a processor and 16 more, but one per 128 MiB of memory */
void settings_machine(struct settings *s)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	struct sysinfo info = { .mem_unit = 1 };
	uint64_t by_cpu = (uint64_t)MAX(cpus, 1L) * 2 + 16, by_memory, least;

	sysinfo(&info);
	by_memory = (uint64_t)info.totalram * info.mem_unit / (128ULL << 20);
	least = MIN(by_cpu, by_memory);
	s->children_default = (unsigned)MAX(least, (uint64_t)10);
}

unsigned settings_children(const struct settings *s) { return s->children_max ? (unsigned)s->children_max : s->children_default; }
