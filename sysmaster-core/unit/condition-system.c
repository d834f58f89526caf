/* condition-system.c - conditions on what runs: kernel, command line, names, pressure, updates; systemd.unit(5) */
#include <ctype.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <sys/utsname.h>
#include "unit/checks.h"
#include "unit/name.h"
#include "osfile.h"
#include "unit/unit.h"

/* -- comparing -- */
enum check_order check_order(const char **p, bool text)
{
	static const struct { const char *name; enum check_order number, text; } table[] = {
		{ "!$=", ORDER_NONE, ORDER_NO_GLOB }, { "$=", ORDER_NONE, ORDER_GLOB }, { "<=", ORDER_LE, ORDER_LE }, { "<>", ORDER_NE, ORDER_NE },
		{ "<", ORDER_LT, ORDER_LT }, { ">=", ORDER_GE, ORDER_GE }, { ">", ORDER_GT, ORDER_GT }, { "==", ORDER_EQ, ORDER_EQ },
		{ "=", ORDER_EQ, ORDER_SAME }, { "!=", ORDER_NE, ORDER_OTHER },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		enum check_order o = text ? table[i].text : table[i].number;

		if (o != ORDER_NONE && startswith(*p, table[i].name)) {
			*p += strlen(table[i].name);
			return o;
		}
	}
	return ORDER_NONE;
}

static bool holds(enum check_order o, int c)
{
	switch (o) {
	case ORDER_LT: return c < 0;
	case ORDER_LE: return c <= 0;
	case ORDER_EQ: return c == 0;
	case ORDER_NE: return c != 0;
	case ORDER_GE: return c >= 0;
	case ORDER_GT: return c > 0;
	default: return false;
	}
}

bool check_number(enum check_order o, uint64_t have, uint64_t want)
{
	return holds(o, (have > want) - (have < want));
}

bool check_text(enum check_order o, const char *have, const char *want)
{
	switch (o) {
	case ORDER_SAME: return streq(have, want);
	case ORDER_OTHER: return !streq(have, want);
	case ORDER_GLOB: return fnmatch(want, have, 0) == 0;
	case ORDER_NO_GLOB: return fnmatch(want, have, 0) != 0;
	default: return holds(o, version_compare(have, want));
	}
}

static bool is_version_char(unsigned char c)
{
	return isalnum(c) || (c && strchr("~-^.", c));
}

static const char *skip_odd(const char *s)
{
	while (*s && !is_version_char((unsigned char)*s))
		s++;
	return s;
}

/* runs of digits by value, runs of letters by ASCII with capitals first; both advance */
static int compare_runs(const char **a, const char **b)
{
	bool digits = isdigit((unsigned char)**a) || isdigit((unsigned char)**b);
	int (*in)(int) = digits ? isdigit : isalpha;
	size_t na = 0, nb = 0;
	int c;

	if (digits) {
		*a += strspn(*a, "0");
		*b += strspn(*b, "0");
	}
	while (in((unsigned char)(*a)[na]))
		na++;
	while (in((unsigned char)(*b)[nb]))
		nb++;
	c = digits && na != nb ? (na > nb) - (na < nb) : strncmp(*a, *b, MIN(na, nb));
	if (c == 0)
		c = (na > nb) - (na < nb);
	*a += na;
	*b += nb;
	return c;
}

/* '~' sorts before the end, the end before '-', '-' before '^', '^' before '.', and anything else last */
int version_compare(const char *a, const char *b)
{
	static const char separators[] = "~-^.";

	for (;;) {
		int c;

		a = skip_odd(a);
		b = skip_odd(b);
		if (*a == '~' || *b == '~') {
			if (*a != *b)
				return *a == '~' ? -1 : 1;
			a++, b++;
			continue;
		}
		if (!*a || !*b)
			return !!*a - !!*b;
		for (const char *s = separators + 1; *s; s++) {
			if (*a != *s && *b != *s)
				continue;
			if (*a != *b)
				return *a == *s ? -1 : 1;
			break;
		}
		if (*a == *b && strchr(separators, *a)) {
			a++, b++;
			continue;
		}
		c = compare_runs(&a, &b);
		if (c)
			return c;
	}
}

/* -- kernel command line -- */
#define CMDLINE_MAX 8192

/* in a container it is PID 1's arguments that stand for it */
static int read_cmdline(char *buf, size_t size)
{
	const char *given = getenv("SYSMASTER_CMDLINE");        /* tests */
	bool container = !given && check_Virtualization("container", NULL) > 0;
	int n = osfile_read(given ?: container ? "/proc/1/cmdline" : "/proc/cmdline", buf, size);

	for (int i = 0; container && i < n - 1; i++)
		if (!buf[i])
			buf[i] = ' ';
	return n;
}

int cmdline_has(const char *word, bool value_too)
{
	char buf[CMDLINE_MAX];
	size_t n = strlen(word);
	const char *p = buf;
	int found = 0, r = read_cmdline(buf, sizeof(buf));

	if (r < 0)
		return r;
	while (!found) {
		_cleanup_(freep) char *w = NULL;

		r = value_word(&p, false, &w);
		if (r <= 0)
			return r == -EINVAL ? 0 : r;
		found = streq(w, word) || (value_too && strncmp(w, word, n) == 0 && w[n] == '=');
	}
	return found;
}

int cmdline_bool(const char *name, bool *ret)
{
	char buf[CMDLINE_MAX];
	size_t n = strlen(name);
	int r = read_cmdline(buf, sizeof(buf)), found = -ENOENT;
	const char *p = buf;

	if (r < 0)
		return r;
	for (;;) {
		_cleanup_(freep) char *w = NULL;

		r = value_word(&p, false, &w);
		if (r <= 0)
			return r == -ENOMEM ? r : found;
		if (strncmp(w, name, n) == 0 && (w[n] == '=' ? value_bool(w + n + 1, ret) == 0 : !w[n] && (*ret = true)))
			found = 0;
	}
}

int check_KernelCommandLine(const char *parameter, const struct unit *u)
{
	return cmdline_has(parameter, !strchr(parameter, '='));
}

int check_KernelVersion(const char *parameter, const struct unit *u)
{
	const char *p = parameter;
	struct utsname n;
	bool any = false;

	if (uname(&n) < 0)
		return -errno;
	for (;;) {
		_cleanup_(freep) char *word = NULL, *next = NULL;
		enum check_order o;
		const char *w;
		int r = value_word(&p, false, &word);

		if (r <= 0)
			return r < 0 ? r : any ? 1 : -EINVAL;
		w = word;
		o = check_order(&w, true);
		if (o != ORDER_NONE && !*w && !any) {   /* "> 5.10": in the first expression the operator may stand apart */
			r = value_word(&p, false, &next);
			if (r <= 0)
				return r < 0 ? r : -EINVAL;
			w = next;
		}
		if (!*w)
			return -EINVAL;
		if (!check_text(o == ORDER_NONE ? ORDER_GLOB : o, n.release, w))
			return 0;
		any = true;
	}
}

/* -- identity -- */
int check_Host(const char *parameter, const struct unit *u)
{
	char id[64], plain[64];
	struct utsname n;
	size_t len = 0;

	for (const char *p = parameter; *p && len < sizeof(plain) - 1; p++)
		if (*p != '-')
			plain[len++] = (char)tolower((unsigned char)*p);
	plain[len] = '\0';
	if (len == 32 && strspn(plain, "0123456789abcdef") == 32 && osfile_read("/etc/machine-id", id, sizeof(id)) >= 32)
		return strncmp(id, plain, 32) == 0;
	if (uname(&n) < 0)
		return -errno;
	return fnmatch(parameter, n.nodename, FNM_CASEFOLD) == 0;
}

/* The system manager is root: no user database is asked. */
int check_User(const char *parameter, const struct unit *u)
{
	uint64_t id;

	if (value_unsigned(parameter, UINT32_MAX, &id) == 0)
		return id == 0;
	return streq(parameter, "root") || streq(parameter, "@system");
}

int check_Group(const char *parameter, const struct unit *u)
{
	uint64_t id;

	if (value_unsigned(parameter, UINT32_MAX, &id) == 0)
		return id == 0;
	return streq(parameter, "root");
}

int check_Environment(const char *parameter, const struct unit *u)
{
	const struct unit_host *h = u ? unit_host(u) : NULL;
	char *const *env = h && h->environment ? h->environment : environ;
	size_t n = strlen(parameter);

	if (strchr(parameter, '='))
		return strv_has(env, parameter);
	for (size_t i = 0; env && env[i]; i++)
		if (strncmp(env[i], parameter, n) == 0 && env[i][n] == '=')
			return 1;
	return 0;
}

int check_Credential(const char *parameter, const struct unit *u)
{
	static const char *const dirs[] = { "/run/credentials/@system", "/run/credentials/@encrypted" };
	char path[PATH_MAX];

	if (!*parameter || strchr(parameter, '/') || streq(parameter, ".") || streq(parameter, ".."))
		return 0;               /* no name of a credential: there is none of it */
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		if (snprintf(path, sizeof(path), "%s/%s", dirs[i], parameter) < (int)sizeof(path) && access(path, F_OK) == 0)
			return 1;
	return 0;
}

/* "ID=debian", "VERSION_ID >= 12": several must all hold; a field that is missing is empty */
int check_OSRelease(const char *parameter, const struct unit *u)
{
	const char *p = parameter;
	bool any = false;

	for (;;) {
		_cleanup_(freep) char *word = NULL, *have = NULL;
		enum check_order o;
		const char *q;
		size_t n;
		int r = value_word(&p, false, &word);

		if (r <= 0)
			return r < 0 ? r : any ? 1 : -EINVAL;
		n = strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
		q = word + n;
		o = check_order(&q, true);
		if (n == 0 || o == ORDER_NONE || !*q)
			return -EINVAL;
		word[n] = '\0';
		q += strspn(q, " \t");
		r = osfile_os_release(word, &have);
		if (r < 0 && r != -ENOENT)
			return r;
		if (!check_text(o, have ? have : "", q))
			return 0;
		any = true;
	}
}

int check_FirstBoot(const char *parameter, const struct unit *u)
{
	bool want, forced;

	if (value_bool(parameter, &want) < 0)
		return -EINVAL;
	if (cmdline_bool("systemd.condition-first-boot", &forced) == 0)
		return forced == want;
	return (access("/run/sysmaster/first-boot", F_OK) == 0 || access("/run/systemd/first-boot", F_OK) == 0) == want;
}

/* -- cgroups and pressure -- */
static const char *cgroup_root(const struct unit *u)
{
	const struct unit_host *h = u ? unit_host(u) : NULL;

	return h && h->cgroup_root ? h->cgroup_root : "/sys/fs/cgroup";
}

int check_ControlGroupController(const char *parameter, const struct unit *u)
{
	static const char *const known[] = { "cpu", "cpuacct", "cpuset", "io", "blkio", "memory", "devices", "pids", NULL };
	bool unified = access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0;
	char path[PATH_MAX], have[512] = " ";
	const char *p = parameter;

	if (streq(parameter, "v1") || streq(parameter, "v2"))
		return unified == (parameter[1] == '2');
	snprintf(path, sizeof(path), "%s/cgroup.controllers", cgroup_root(u));
	if (osfile_read(path, have + 1, sizeof(have) - 2) < 0)
		have[1] = '\0';
	have[1 + strcspn(have + 1, "\n")] = '\0';
	strcat(have, " ");
	for (;;) {
		_cleanup_(freep) char *word = NULL;
		char padded[64];
		bool is_known = false;
		int r = value_word(&p, false, &word);

		if (r <= 0)
			return r < 0 ? r : 1;
		for (size_t i = 0; known[i]; i++)
			is_known = is_known || streq(known[i], word);
		if (is_known && (snprintf(padded, sizeof(padded), " %s ", word) >= (int)sizeof(padded) || !strstr(have, padded)))
			return 0;       /* one that nobody knows is left out of account, as systemd does */
	}
}

/* "12.34%" in hundredths of a percent */
static int parse_percent(const char *s, unsigned *ret)
{
	unsigned whole = 0, part = 0;
	const char *p = s;

	for (; isdigit((unsigned char)*p) && whole <= 100; p++)
		whole = whole * 10 + (unsigned)(*p - '0');
	if (p == s)
		return -EINVAL;
	if (*p == '.') {
		if (!isdigit((unsigned char)p[1]))
			return -EINVAL;
		part = (unsigned)(*++p - '0') * 10;
		if (isdigit((unsigned char)*++p))
			part += (unsigned)(*p++ - '0');
	}
	if (!streq(p, "%") || whole > 100 || (whole == 100 && part))
		return -EINVAL;
	*ret = whole * 100 + part;
	return 0;
}

/* avg10, avg60 or avg300 of the "full" line, or of "some" where there is no full one, in hundredths of a percent */
static int read_pressure(const char *path, const char *average, unsigned *ret)
{
	char text[512], word[32];
	const char *line, *p;
	unsigned whole, part;
	int r = osfile_read(path, text, sizeof(text));

	if (r < 0)
		return r;
	line = strstr(text, "full ");
	if (!line)
		line = strstr(text, "some ");
	snprintf(word, sizeof(word), "%s=", average);
	p = line ? strstr(line, word) : NULL;
	if (!p || sscanf(p + strlen(word), "%3u.%2u", &whole, &part) != 2)
		return -ENODATA;
	*ret = whole * 100 + part;
	return 0;
}

static int pressure_path(const char *what, const char *slice, const struct unit *u, char *path, size_t size)
{
	_cleanup_(freep) char *name = NULL;
	struct unit *s;
	int r, n;

	if (!slice) {
		n = snprintf(path, size, "/proc/pressure/%s", what);
		return n < (int)size ? 0 : -ENAMETOOLONG;
	}
	r = name_mangle(slice, "slice", &name);
	if (r < 0)
		return r;
	s = u ? unit_get(u->set, name) : NULL;
	if (!s || !s->cgroup_path)
		return -ENOENT;
	n = snprintf(path, size, "%s%s/%s.pressure", cgroup_root(u), s->cgroup_path, what);
	return n < (int)size ? 0 : -ENAMETOOLONG;
}

/* "[slice:]limit%[/span]"; where the kernel does not measure it, there is no pressure: yes */
static int check_pressure(const char *what, const char *parameter, const struct unit *u)
{
	_cleanup_(freep) char *copy = strdup(parameter);
	const char *average = "avg300", *slice = NULL;
	char path[PATH_MAX], *limit, *span;
	unsigned want, have;
	uint64_t usec;
	int r;

	if (!copy)
		return -ENOMEM;
	limit = strchr(copy, ':');
	if (limit) {
		*limit++ = '\0';
		slice = copy;
	} else {
		limit = copy;
	}
	span = strchr(limit, '/');
	if (span) {
		*span++ = '\0';
		if (value_sec(span, USEC_PER_SEC, &usec) < 0)
			return -EINVAL;
		average = usec == 10 * USEC_PER_SEC ? "avg10" : usec == 60 * USEC_PER_SEC ? "avg60" : usec == 300 * USEC_PER_SEC ? "avg300" : NULL;
		if (!average)
			return -EINVAL;
	}
	if (parse_percent(limit, &want) < 0)
		return -EINVAL;
	r = pressure_path(what, slice, u, path, sizeof(path));
	if (r == 0)
		r = read_pressure(path, average, &have);
	if (r == -ENOENT || r == -EOPNOTSUPP || r == -ENODATA)
		return 1;
	return r < 0 ? r : have <= want;
}

int check_MemoryPressure(const char *parameter, const struct unit *u)
{
	return check_pressure("memory", parameter, u);
}

int check_CPUPressure(const char *parameter, const struct unit *u)
{
	return check_pressure("cpu", parameter, u);
}

int check_IOPressure(const char *parameter, const struct unit *u)
{
	return check_pressure("io", parameter, u);
}
