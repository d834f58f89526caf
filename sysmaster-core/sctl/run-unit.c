/* run-unit.c - the names and settings of the units that `sctl run` asks for */
#include <ctype.h>
#include <limits.h>
#include "run.h"
#include "unit/name.h"

/* ---- names ---- */

/* "foo" with @suffix, whatever cannot be in a unit name escaped */
static int mangle(struct run *r, const char *text, const char *suffix, char **ret)
{
	char *name = NULL;
	int e = name_mangle_literal(text, suffix, &name);
	size_t n;

	if (e < 0) {
		fprintf(r->s->err, "Failed to mangle name '%s': %s\n", text, strerror(-e));
		return e;
	}
	n = strlen(name) - (endswith(name, suffix) && !endswith(text, suffix) ? strlen(suffix) : 0);
	if (strlen(text) != n || strncmp(text, name, n) != 0)
		fprintf(r->s->err, "Invalid unit name \"%s\" escaped as \"%.*s\" (maybe you should use systemd-escape?).\n", text, (int)n, name);
	*ret = name;
	return 0;
}

static const char *trigger_suffix(const struct run *r)
{
	static const char *const suffixes[] = { [RUN_NO_TRIGGER] = "", [RUN_TIMER] = "timer", [RUN_PATH] = "path", [RUN_SOCKET] = "socket" };

	return suffixes[r->trigger];
}

/* short to type where somebody waits for it, else never the same again */
static int invent(struct run *r, const char *suffix, char **ret)
{
	uint64_t id[2];
	int n;

	if (r->o.wait || r->stdio) {
		n = asprintf(ret, "run-u%d%s", (int)getpid(), suffix);
	} else {
		random_bytes(id, sizeof(id));
		n = asprintf(ret, "run-r%016llx%016llx%s", (unsigned long long)id[0], (unsigned long long)id[1], suffix);
	}
	return n < 0 ? -ENOMEM : 0;
}

int run_names(struct run *r)
{
	const char *suffix = r->o.scope ? ".scope" : ".service";
	_cleanup_(freep) char *given = NULL;
	int e;

	if (!r->o.unit) {
		e = invent(r, suffix, &r->name);
	} else if (r->trigger) {
		e = mangle(r, r->o.unit, suffix, &given);
		if (e >= 0)
			e = name_change_suffix(given, suffix + 1, &r->name);
	} else {
		e = mangle(r, r->o.unit, suffix, &r->name);
	}
	if (e >= 0 && r->trigger)
		e = name_change_suffix(r->name, trigger_suffix(r), &r->trigger_name);
	return e;
}

/* ---- settings ---- */

void run_quote(const char *word, struct buf *out)
{
	static const char plain[] = "abfnrtv", codes[] = "\a\b\f\n\r\t\v";

	if (streq(word, ";")) {                         /* unquoted it would begin another command */
		buf_adds(out, "\\;");
		return;
	}
	buf_addc(out, '"');
	for (const char *c = word; *c; c++) {
		const char *at = strchr(codes, *c);

		if (at)
			buf_addf(out, "\\%c", plain[at - codes]);
		else if (*c == '"' || *c == '\\')
			buf_addf(out, "\\%c", *c);
		else if ((unsigned char)*c < ' ' || *c == 127)
			buf_addf(out, "\\x%02x", (unsigned char)*c);
		else
			buf_addc(out, *c);
	}
	buf_addc(out, '"');
}

static int add(char ***v, const char *key, const char *value)
{
	char *line;

	if (!value)
		return 0;
	return asprintf(&line, "%s=%s", key, value) < 0 ? -ENOMEM : strv_consume(v, line);
}

static int add_all(char ***v, char *const *lines)
{
	int e = 0;

	for (; lines && *lines && e >= 0; lines++)
		e = strv_add(v, *lines);
	return e;
}

static int add_command(struct run *r)
{
	_cleanup_(buf_finish) struct buf b = { 0 };

	for (char **w = r->command; *w; w++) {
		if (b.len)
			buf_addc(&b, ' ');
		run_quote(*w, &b);
	}
	return buf_error(&b) ? buf_error(&b) : add(&r->settings, "ExecStart", buf_str(&b));
}

static int add_environment(struct run *r)
{
	int e = 0;

	for (char **a = r->o.environment; a && *a && e >= 0; a++) {
		_cleanup_(buf_finish) struct buf b = { 0 }, quoted = { 0 };

		buf_adds(&b, *a);
		if (!strchr(*a, '='))
			buf_addf(&b, "=%s", getenv(*a) ? getenv(*a) : "");
		if (!environ_valid(buf_str(&b))) {
			fprintf(r->s->err, "Cannot assign environment variable %s: %s\n", *a, strerror(EINVAL));
			return -EINVAL;
		}
		run_quote(buf_str(&b), &quoted);
		e = add(&r->settings, "Environment", buf_str(&quoted));
	}
	return e;
}

static int add_terminal(struct run *r)
{
	static const char *const streams[] = { "StandardInput", "StandardOutput", "StandardError" };
	const char *term = getenv("TERM");
	char line[128];
	int e = 0;

	if (!r->tty)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(streams) && e >= 0; i++)
		e = add(&r->settings, streams[i], "tty");
	if (e >= 0)
		e = add(&r->settings, "TTYPath", r->tty);
	if (e < 0 || !term || snprintf(line, sizeof(line), "\"TERM=%s\"", term) >= (int)sizeof(line))
		return e;
	return add(&r->settings, "Environment", line);
}

/* the innermost slice of the group this runs in: "/system.slice/ssh.service" -> "system" */
static int own_slice(char **ret)
{
	char line[4096];
	FILE *f = fopen("/proc/self/cgroup", "re");
	char *found = NULL, *save = NULL;

	while (f && fgets(line, sizeof(line), f)) {
		if (!startswith(line, "0::"))
			continue;
		line[strcspn(line, "\n")] = '\0';
		for (char *p = strtok_r(line + 3, "/", &save); p; p = strtok_r(NULL, "/", &save))
			if (endswith(p, ".slice"))
				found = p;
		break;
	}
	if (f)
		fclose(f);
	*ret = found ? strndup(found, strlen(found) - strlen(".slice")) : strdup("");
	return *ret ? 0 : -ENOMEM;
}

static int add_slice(struct run *r)
{
	_cleanup_(freep) char *inherited = NULL, *joined = NULL, *name = NULL;
	int e = 0;

	if (!r->o.slice && !r->o.slice_inherit)
		return 0;
	if (r->o.slice_inherit)
		e = own_slice(&inherited);
	if (e >= 0 && asprintf(&joined, "%s%s%s", inherited ? inherited : "", inherited && *inherited && r->o.slice ? "-" : "", r->o.slice ? r->o.slice : "") < 0)
		e = -ENOMEM;
	if (e >= 0)
		e = mangle(r, *joined ? joined : "-", ".slice", &name);
	return e < 0 ? e : add(&r->settings, "Slice", name);
}

static int describe(struct run *r)
{
	_cleanup_(buf_finish) struct buf b = { 0 };

	if (r->o.description)
		buf_adds(&b, r->o.description);
	for (char **w = r->command; !r->o.description && *w; w++)
		buf_addf(&b, "%s%s", b.len ? " " : "", *w);
	if (!b.len)
		buf_adds(&b, r->trigger ? r->trigger_name : r->name);
	r->description = buf_take_str(&b);
	for (char *c = r->description; c && *c; c++)
		if (iscntrl((unsigned char)*c))
			*c = ' ';
	return r->description ? 0 : -ENOMEM;
}

static int common(struct run *r, char ***v)
{
	int e = add(v, "Description", r->description);

	return e >= 0 && r->o.collect ? add(v, "CollectMode", "inactive-or-failed") : e;
}

static int trigger_settings(struct run *r)
{
	char *const *const lists[] = { r->o.timer, r->o.timer_extra, r->o.path, r->o.socket };
	int e = common(r, &r->trigger_settings);

	for (size_t i = 0; i < ARRAY_SIZE(lists) && e >= 0; i++)
		e = add_all(&r->trigger_settings, lists[i]);
	return e >= 0 && r->trigger == RUN_TIMER ? add(&r->trigger_settings, "RemainAfterElapse", "no") : e;
}

static int check_nice(struct run *r)
{
	char *end = NULL;
	long n = r->o.nice ? strtol(r->o.nice, &end, 10) : 0;

	if (!r->o.nice || (end != r->o.nice && !*end && n >= -20 && n <= 19))
		return 0;
	fprintf(r->s->err, "Failed to parse nice value: %s\n", r->o.nice);
	return -EINVAL;
}

/* the directory as an absolute path, in @mem */
static int directory(struct run *r, char mem[PATH_MAX], const char **ret)
{
	const char *given = r->o.working_directory;

	*ret = given;
	if ((given && (*given == '/' || *given == '~')) || (!given && !r->o.same_dir))
		return 0;
	if (!getcwd(mem, PATH_MAX)) {
		fprintf(r->s->err, "Failed to get current working directory: %s\n", strerror(errno));
		return -errno;
	}
	*ret = mem;
	if (given) {
		size_t n = strlen(mem);

		if (snprintf(mem + n, PATH_MAX - n, "/%s", given) >= (int)(PATH_MAX - n))
			return -ENAMETOOLONG;
	}
	return 0;
}

static int service_settings(struct run *r)
{
	char mem[PATH_MAX];
	const char *where;
	int e = directory(r, mem, &where);
	const struct { const char *key, *value; } lines[] = {
		{ "RemainAfterExit", r->o.remain ? "yes" : NULL }, { "Type", r->o.service_type }, { "User", r->o.uid }, { "Group", r->o.gid },
		{ "Nice", r->o.nice }, { "WorkingDirectory", where },
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines) && e >= 0; i++)
		e = add(&r->settings, lines[i].key, lines[i].value);
	if (e >= 0)
		e = add_terminal(r);
	if (e >= 0)
		e = add_environment(r);
	return e >= 0 ? add_command(r) : e;
}

int run_settings(struct run *r)
{
	int e = check_nice(r);

	if (e >= 0)
		e = describe(r);
	if (e >= 0)
		e = common(r, &r->settings);
	if (e >= 0)
		e = add_all(&r->settings, r->o.properties);
	if (e >= 0)
		e = add_slice(r);
	if (e >= 0 && r->o.send_sighup)
		e = add(&r->settings, "SendSIGHUP", "yes");
	if (e >= 0 && !r->o.scope && r->command[0])
		e = service_settings(r);
	return e >= 0 && r->trigger ? trigger_settings(r) : e;
}
