/* status.c - `sctl status`: everything about a unit that a person wants at a glance; systemctl(1) "status" */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include "lines.h"
#include "procs.h"
#include "query.h"
#include "text.h"
#include "unit/name.h"
#include "verb.h"

#define INDENT "             "                          /* width of "Main PID: " and its like */

struct view {                                           /* one unit being shown */
	struct sctl *s;
	const char *unit, *cgroup_root;
	struct ipc_properties_reply p;
	const char *active, *load;
	char *cgroup;                                   /* directory of its control group; NULL: none */
};

static const char *get(const struct view *v, const char *name) { return query_value(&v->p, name); }
static bool has(const struct view *v, const char *name) { const char *t = get(v, name); return *t && !streq(t, "[not set]"); }

static void label(const struct view *v, const char *name)
{
	fprintf(v->s->out, "%11s: ", name);
}

static void head(const struct view *v)
{
	struct sctl *s = v->s;
	enum color c = state_color(v->load, v->active);
	const char *description = get(v, "Description");

	fprintf(s->out, "%s%s%s %s", color_on(s, c), glyph(s, state_glyph(v->active)), c ? color_off(s) : "", v->unit);
	if (*description && !streq(description, v->unit))
		fprintf(s->out, " - %s", description);
	fputc('\n', s->out);
}

static void line_loaded(const struct view *v)
{
	struct sctl *s = v->s;
	const char *path = *get(v, "FragmentPath") ? get(v, "FragmentPath") : get(v, "SourcePath");
	const char *state = get(v, "UnitFileState"), *preset = get(v, "UnitFilePreset");
	bool bad = streq(v->load, "error") || streq(v->load, "bad-setting") || streq(v->load, "not-found");

	if (!*state && *path)
		files_state(s, v->unit, &state, &preset);
	label(v, "Loaded");
	fprintf(s->out, "%s%s%s", color_on(s, bad ? COLOR_RED : COLOR_NONE), v->load, bad ? color_off(s) : "");
	if (bad || streq(v->load, "masked")) {
		const char *why = get(v, "LoadError");

		fprintf(s->out, " (Reason: %s)\n", *why ? why : streq(v->load, "masked") ? "the unit is masked" : v->load);
		return;
	}
	if (*path) {
		fprintf(s->out, " (%s", path);
		if (*state)
			fprintf(s->out, "; %s%s%s", color_on(s, streq(state, "enabled") ? COLOR_GREEN : COLOR_NONE), state,
				streq(state, "enabled") ? color_off(s) : "");
		if (*preset)
			fprintf(s->out, "; preset: %s", preset);
		fputc(')', s->out);
	}
	fputc('\n', s->out);
}

/* drop-ins by directory, as a little tree */
static void lines_dropin(const struct view *v)
{
	char *save = NULL, *list = (char *)get(v, "DropInPaths"), *dir = NULL;
	char *paths[256];
	size_t n = 0;

	for (char *t = strtok_r(list, " ", &save); t && n < ARRAY_SIZE(paths); t = strtok_r(NULL, " ", &save))
		paths[n++] = t;
	for (size_t i = 0; i < n; i++) {
		char *file = strrchr(paths[i], '/'), *next = i + 1 < n ? strrchr(paths[i + 1], '/') : NULL;
		bool same, more;

		if (!file)
			continue;
		*file++ = '\0';
		same = dir && streq(dir, paths[i]);
		more = next && (size_t)(next - paths[i + 1]) == strlen(paths[i]) && strncmp(paths[i], paths[i + 1], strlen(paths[i])) == 0;
		if (!same) {
			if (dir)
				fprintf(v->s->out, INDENT "%s\n", paths[i]);
			else
				label(v, "Drop-In"), fprintf(v->s->out, "%s\n", paths[i]);
			fprintf(v->s->out, INDENT "%s%s", glyph(v->s, GLYPH_LAST), file);
		} else {
			fprintf(v->s->out, ", %s", file);
		}
		if (!more)
			fputc('\n', v->s->out);
		dir = paths[i];
	}
}

static const struct { const char *active, *stamp; } stamps[] = {        /* since when is it so */
	{ "active", "ActiveEnterTimestamp" }, { "reloading", "ActiveEnterTimestamp" },
	{ "inactive", "InactiveEnterTimestamp" }, { "failed", "InactiveEnterTimestamp" },
	{ "activating", "InactiveExitTimestamp" }, { "deactivating", "ActiveExitTimestamp" }, { "maintenance", "StateChangeTimestamp" },
};

/* a time printed by the second, with the fraction that the monotonic one knows; a clock that was set wins over it */
static uint64_t exact(uint64_t realtime, uint64_t monotonic)
{
	uint64_t t = now_usec(CLOCK_REALTIME) - now_usec(CLOCK_MONOTONIC) + monotonic;

	return realtime > 0 && monotonic > 0 && t >= realtime && t < realtime + USEC_PER_SEC ? t : realtime;
}

static uint64_t since(const struct view *v)
{
	char name[64];

	for (size_t i = 0; i < ARRAY_SIZE(stamps); i++)
		if (streq(stamps[i].active, v->active)) {
			snprintf(name, sizeof(name), "%sMonotonic", stamps[i].stamp);
			return exact(stamp_parse(get(v, stamps[i].stamp)), stamp_parse(get(v, name)));
		}
	return 0;
}

static void line_active(const struct view *v)
{
	struct sctl *s = v->s;
	enum color c = state_color(NULL, v->active);
	const char *sub = get(v, "SubState"), *result = get(v, "Result");
	uint64_t usec = since(v);

	label(v, "Active");
	fprintf(s->out, "%s%s", color_on(s, c), v->active);
	if (*sub && !streq(sub, v->active))
		fprintf(s->out, " (%s)", sub);
	fputs(c ? color_off(s) : "", s->out);
	if (*result && !streq(result, "success"))
		fprintf(s->out, " (Result: %s)", result);
	if (usec > 0) {
		_cleanup_(buf_finish) struct buf b = { 0 };

		buf_adds(&b, " since ");
		stamp_format(usec, (enum stamp_style)s->o.timestamp, &b);
		buf_adds(&b, "; ");
		ago_format(usec, now_usec(CLOCK_REALTIME), &b);
		fputs(buf_str(&b), s->out);
	}
	fputc('\n', s->out);
}

static void line_duration(const struct view *v)
{
	uint64_t from = stamp_parse(get(v, "ActiveEnterTimestampMonotonic")), to = stamp_parse(get(v, "ActiveExitTimestampMonotonic"));
	_cleanup_(buf_finish) struct buf b = { 0 };

	if (from == 0 || to <= from || !(streq(v->active, "inactive") || streq(v->active, "failed")))
		return;
	span_format(to - from, USEC_PER_MSEC, &b);
	label(v, "Duration");
	fprintf(v->s->out, "%s\n", buf_str(&b));
}

/* a field of "{ path=/bin/x ; argv[]=/bin/x -a ; pid=12 }", the form of `show` for what has parts; @end: what ends a field */
static char *field_of(const char *entry, const char *name, const char *end)
{
	char key[32];
	const char *at, *stop;

	snprintf(key, sizeof(key), " %s=", name);
	at = strstr(entry, key);
	if (!at)
		return NULL;
	at += strlen(key);
	stop = strstr(at, end);
	if (!stop)
		stop = strstr(at, " }");
	return strndup(at, stop ? (size_t)(stop - at) : strlen(at));
}

/* which of them said no */
static void unmet(const struct view *v, const char *property)
{
	for (size_t i = 0; i < v->p.n_properties; i++) {
		const char *entry = v->p.properties[i].value;
		_cleanup_(freep) char *type = NULL, *negate = NULL, *parameter = NULL;

		if (!streq(v->p.properties[i].name, property) || !strstr(entry, "state=failed"))
			continue;
		type = field_of(entry, "type", ";");
		negate = field_of(entry, "negate", ";");
		parameter = field_of(entry, "parameter", "; state=");
		if (type && negate && parameter)
			fprintf(v->s->out, INDENT "%s%s=%s%s was not met\n", glyph(v->s, GLYPH_LAST), type, streq(negate, "yes") ? "!" : "", parameter);
	}
}

static void lines_condition(const struct view *v)
{
	static const struct { const char *result, *stamp, *list, *name; } rows[] = {
		{ "ConditionResult", "ConditionTimestamp", "Conditions", "Condition" },
		{ "AssertResult", "AssertTimestamp", "Asserts", "Assert" },
	};
	_cleanup_(buf_finish) struct buf b = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t usec = stamp_parse(get(v, rows[i].stamp));

		if (!streq(get(v, rows[i].result), "no") || usec == 0 || streq(v->active, "active"))
			continue;
		buf_reset(&b);
		stamp_format(usec, (enum stamp_style)v->s->o.timestamp, &b);
		buf_adds(&b, "; ");
		ago_format(usec, now_usec(CLOCK_REALTIME), &b);
		label(v, rows[i].name);
		fprintf(v->s->out, "start %s%s failed%s at %s\n", color_on(v->s, COLOR_YELLOW), i ? "assertion" : "condition", color_off(v->s), buf_str(&b));
		unmet(v, rows[i].list);
	}
}

/* units that start this one, or that it starts, each with its state */
static void lines_related(const struct view *v, const char *property, const char *name)
{
	static const char *const wanted[] = { "ActiveState" };
	char *save = NULL;
	bool first = true;

	for (char *t = strtok_r((char *)get(v, property), " ", &save); t; t = strtok_r(NULL, " ", &save)) {
		struct ipc_properties_reply q;
		const char *error, *active = "inactive";
		enum color c;

		if (query_unit(v->s, t, wanted, 1, &q, &error) >= 0)
			active = query_value(&q, "ActiveState");
		c = state_color(NULL, active);
		if (first)
			label(v, name);
		else
			fputs(INDENT, v->s->out);
		first = false;
		fprintf(v->s->out, "%s%s%s %s\n", color_on(v->s, c), glyph(v->s, state_glyph(active)), c ? color_off(v->s) : "", t);
	}
}

static void lines_docs(const struct view *v)
{
	char *save = NULL;
	bool first = true;

	for (char *t = strtok_r((char *)get(v, "Documentation"), " ", &save); t; t = strtok_r(NULL, " ", &save)) {
		if (first)
			label(v, "Docs");
		else
			fputs(INDENT, v->s->out);
		first = false;
		fprintf(v->s->out, "%s\n", t);
	}
}

/* how a process ended: core gives CLD_* as a number or as its word */
static void put_end(const struct view *v, const char *code, const char *status)
{
	static const struct { const char *number, *word; } codes[] = { { "1", "exited" }, { "2", "killed" }, { "3", "dumped" } };
	const char *name;
	uint64_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		if (streq(code, codes[i].number))
			code = codes[i].word;
	value_unsigned(status, 255, &n);
	fprintf(v->s->out, "(code=%s, ", code);
	if (streq(code, "exited")) {
		name = exit_status_name((int)n);
		fprintf(v->s->out, "status=%s%s%s)", status, name ? "/" : "", name ? name : "");
	} else {
		name = signal_name((int)n);
		fprintf(v->s->out, "signal=%s)", name && startswith(name, "SIG") ? name + 3 : status);
	}
}

static void put_comm(const struct view *v, uint64_t pid)
{
	char path[64], comm[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%" PRIu64 "/comm", pid);
	f = fopen(path, "re");
	if (f && fgets(comm, sizeof(comm), f)) {
		comm[strcspn(comm, "\n")] = '\0';
		fprintf(v->s->out, " (%s)", comm);
	}
	if (f)
		fclose(f);
}

static void line_main_pid(const struct view *v)
{
	uint64_t main = query_number(&v->p, "MainPID"), past = query_number(&v->p, "ExecMainPID"), control = query_number(&v->p, "ControlPID");
	const char *code = get(v, "ExecMainCode");

	if (main > 0) {
		label(v, "Main PID");
		fprintf(v->s->out, "%" PRIu64, main);
		put_comm(v, main);
		fputc('\n', v->s->out);
	} else if (past > 0 && *code && !streq(code, "0")) {
		label(v, "Main PID");
		fprintf(v->s->out, "%" PRIu64 " ", past);
		put_end(v, code, get(v, "ExecMainStatus"));
		fputc('\n', v->s->out);
	}
	if (control > 0) {
		label(v, "Cntrl PID");
		fprintf(v->s->out, "%" PRIu64, control);
		put_comm(v, control);
		fputc('\n', v->s->out);
	}
}

static void line_process(const struct view *v, const char *property, const char *entry, uint64_t running, bool alone)
{
	_cleanup_(freep) char *argv = field_of(entry, "argv[]", " ; ignore_errors="), *pid = field_of(entry, "pid", " ;");
	_cleanup_(freep) char *code = field_of(entry, "code", " ;"), *status = field_of(entry, "status", " ;");
	const char *how = code, *what = status;
	uint64_t n = 0, past = query_number(&v->p, "ExecMainPID");

	if (!argv || !pid || !code || !status || value_unsigned(pid, INT32_MAX, &n) < 0)
		return;
	status[strcspn(status, "/")] = '\0';
	if (n == 0 && alone && streq(property, "ExecStart") && past > 0 && !running) {   /* core knows the main process by these */
		n = past;
		how = get(v, "ExecMainCode");
		what = get(v, "ExecMainStatus");
	}
	if (n == 0 || n == running || streq(how, "0"))
		return;
	label(v, "Process");
	fprintf(v->s->out, "%" PRIu64 " %s=%s ", n, property, argv);
	if (streq(how, "(null)") || streq(how, "n/a"))
		fputs("(running)", v->s->out);
	else
		put_end(v, how, what);
	fputc('\n', v->s->out);
}

#define BEGIN "{ path="                                 /* braces may stand in arguments, too */

static void lines_process(const struct view *v)
{
	uint64_t running = query_number(&v->p, "MainPID");      /* has a line of its own */

	for (size_t i = 0; i < v->p.n_properties; i++) {
		const struct ipc_property *p = &v->p.properties[i];

		if (!startswith(p->name, "Exec"))
			continue;
		for (const char *e = strstr(p->value, BEGIN), *next; e; e = next) {
			_cleanup_(freep) char *entry = NULL;

			next = strstr(e + 1, BEGIN);
			entry = strndup(e, next ? (size_t)(next - e) : strlen(e));
			if (entry)
				line_process(v, p->name, entry, running, !next && e == p->value);
		}
	}
}

/* a figure of the unit: core's property, else the attribute of its group */
static bool figure(const struct view *v, const char *property, const char *attribute, const char *key, uint64_t *ret)
{
	char path[PATH_MAX], line[128];
	bool found = false;
	FILE *f;

	if (has(v, property) && value_unsigned(get(v, property), UINT64_MAX, ret) >= 0)
		return *ret != UINT64_MAX;
	if (!v->cgroup || snprintf(path, sizeof(path), "%s/%s", v->cgroup, attribute) >= (int)sizeof(path))
		return false;
	f = fopen(path, "re");
	if (!f)
		return false;
	while (!found && fgets(line, sizeof(line), f)) {
		char *at = line;

		if (key && !(startswith(line, key) && line[strlen(key)] == ' '))
			continue;
		at += key ? strlen(key) + 1 : 0;
		at[strcspn(at, "\n")] = '\0';
		found = value_unsigned(at, UINT64_MAX, ret) >= 0;
	}
	fclose(f);
	return found;
}

static void lines_resources(const struct view *v)
{
	_cleanup_(buf_finish) struct buf b = { 0 };
	struct sctl *s = v->s;
	uint64_t n, limit;

	if (v->cgroup && figure(v, "TasksCurrent", "pids.current", NULL, &n)) {
		label(v, "Tasks");
		fprintf(s->out, "%" PRIu64, n);
		if (figure(v, "TasksMax", "pids.max", NULL, &limit))
			fprintf(s->out, " (limit: %" PRIu64 ")", limit);
		fputc('\n', s->out);
	}
	if (v->cgroup && figure(v, "MemoryCurrent", "memory.current", NULL, &n)) {
		bytes_format(n, &b);
		label(v, "Memory");
		fputs(buf_str(&b), s->out);
		buf_reset(&b);
		if (figure(v, "MemoryMax", "memory.max", NULL, &limit)) {
			bytes_format(limit, &b);
			fprintf(s->out, " (max: %s)", buf_str(&b));
			buf_reset(&b);
		}
		fputc('\n', s->out);
	}
	if (has(v, "CPUUsageNSec") && value_unsigned(get(v, "CPUUsageNSec"), UINT64_MAX - 1, &n) >= 0)
		n /= NSEC_PER_USEC;
	else if (!figure(v, "", "cpu.stat", "usage_usec", &n))
		return;
	span_format(n, USEC_PER_MSEC, &b);
	label(v, "CPU");
	fprintf(s->out, "%s\n", buf_str(&b));
}

static void lines_cgroup(const struct view *v)
{
	if (!v->cgroup)
		return;
	label(v, "CGroup");
	fprintf(v->s->out, "%s\n", get(v, "ControlGroup"));
	procs_print(v->s, v->cgroup, INDENT, true);
}

static void lines_listen(const struct view *v)
{
	bool first = true;

	for (size_t i = 0; i < v->p.n_properties; i++) {
		char *save = NULL;

		if (!streq(v->p.properties[i].name, "Listen"))
			continue;
		for (char *t = strtok_r((char *)v->p.properties[i].value, "\n", &save); t; t = strtok_r(NULL, "\n", &save)) {
			if (first)
				label(v, "Listen");
			else
				fputs(INDENT, v->s->out);
			first = false;
			fprintf(v->s->out, "%s\n", t);
		}
	}
	if (streq(get(v, "Accept"), "yes"))
		fprintf(v->s->out, "%11s: %s; Connected: %s;\n", "Accepted", *get(v, "NAccepted") ? get(v, "NAccepted") : "0",
			*get(v, "NConnections") ? get(v, "NConnections") : "0");
}

static void line_value(const struct view *v, const char *property, const char *name)
{
	if (!has(v, property))
		return;
	label(v, name);
	fprintf(v->s->out, "%s\n", get(v, property));
}

static void lines_log(const struct view *v)
{
	uint64_t from = stamp_parse(get(v, "InactiveExitTimestamp"));
	_cleanup_(freep) pid_t *pids = NULL;
	size_t n = 0, cap;
	pid_t *all;
	struct line_filter f = { .unit = v->unit, .identifier = get(v, "SyslogIdentifier"), .count = v->s->o.lines };

	if (v->s->o.lines == 0)
		return;
	if (v->cgroup && procs_pids(v->cgroup, &pids, &n) < 0)
		n = 0;
	cap = n + 3;
	all = reallocarray(pids, cap, sizeof(*all));
	if (!all)
		return;
	pids = all;
	pids[n++] = (pid_t)query_number(&v->p, "MainPID");
	pids[n++] = (pid_t)query_number(&v->p, "ExecMainPID");
	pids[n++] = (pid_t)query_number(&v->p, "ControlPID");
	f.pids = pids;
	f.n_pids = n;
	f.since_usec = from > USEC_PER_SEC ? from - USEC_PER_SEC : 0;  /* what core logged while it decided to start it */
	fflush(v->s->out);
	if (f.since_usec > 0) {
		_cleanup_(freep) char *text = NULL;
		size_t size = 0;
		FILE *kept = v->s->out, *m = open_memstream(&text, &size);

		if (!m)
			return;
		v->s->out = m;
		lines_print(v->s, &f);
		v->s->out = kept;
		fclose(m);
		if (size > 0)
			fprintf(v->s->out, "\n%s", text);
	}
}

static void warn_changed(const struct view *v)
{
	if (streq(get(v, "NeedDaemonReload"), "yes"))
		fprintf(v->s->err, "%sWarning:%s the files of %s changed on disk. Run \"sctl daemon-reload\" to read them again.\n",
			color_on(v->s, COLOR_RED), color_off(v->s), v->unit);
}

static const char *const wanted[] = {
	"Id", "Description", "LoadState", "LoadError", "FragmentPath", "SourcePath", "DropInPaths", "UnitFileState", "UnitFilePreset",
	"ActiveState", "SubState", "Result", "ActiveEnterTimestamp", "ActiveExitTimestamp", "InactiveEnterTimestamp",
	"InactiveExitTimestamp", "StateChangeTimestamp",
	"ActiveEnterTimestampMonotonic", "ActiveExitTimestampMonotonic", "InactiveEnterTimestampMonotonic", "InactiveExitTimestampMonotonic",
	"StateChangeTimestampMonotonic",
	"Conditions", "Asserts", "ConditionResult", "ConditionTimestamp", "AssertResult", "AssertTimestamp", "TriggeredBy", "Triggers", "Documentation",
	"ExecCondition", "ExecStartPre", "ExecStart", "ExecStartPost", "ExecReload", "ExecStop", "ExecStopPre", "ExecStopPost", "ExecMount",
	"ExecUnmount", "ExecRemount", "MainPID", "ControlPID", "ExecMainPID", "ExecMainCode", "ExecMainStatus", "StatusText", "StatusErrno", "TasksCurrent",
	"TasksMax", "MemoryCurrent", "MemoryMax", "CPUUsageNSec", "ControlGroup", "Listen", "Accept", "NAccepted", "NConnections",
	"Where", "What", "SysFSPath", "NeedDaemonReload", "PIDFile", "SyslogIdentifier", "Job",
};

static int exit_status(const struct view *v)
{
	const char *pid_file = get(v, "PIDFile");

	if (streq(v->active, "active") || streq(v->active, "reloading"))
		return SCTL_OK;
	if (streq(v->load, "not-found") && streq(v->active, "inactive"))
		return SCTL_UNKNOWN;
	return *pid_file && access(pid_file, F_OK) == 0 ? SCTL_DEAD_PIDFILE : SCTL_NOT_RUNNING;
}

static void find_cgroup(struct view *v)
{
	const char *group = get(v, "ControlGroup");

	if (!*group || !*v->cgroup_root)
		return;
	if (asprintf(&v->cgroup, "%s%s", v->cgroup_root, group) < 0)
		v->cgroup = NULL;
	if (v->cgroup && access(v->cgroup, F_OK) < 0) {
		free(v->cgroup);
		v->cgroup = NULL;
	}
}

static void print_view(const struct view *v)
{
	head(v);
	line_loaded(v);
	lines_dropin(v);
	line_active(v);
	line_duration(v);
	lines_condition(v);
	lines_related(v, "TriggeredBy", "TriggeredBy");
	lines_related(v, "Triggers", "Triggers");
	lines_docs(v);
	lines_listen(v);
	line_value(v, "SysFSPath", "Device");
	line_value(v, "Where", "Where");
	line_value(v, "What", "What");
	lines_process(v);
	line_main_pid(v);
	if (has(v, "StatusText")) {
		label(v, "Status");
		fprintf(v->s->out, "%s\"%s\"%s\n", color_on(v->s, COLOR_WHITE), get(v, "StatusText"), color_off(v->s));
	}
	if (query_number(&v->p, "StatusErrno") > 0) {
		label(v, "Error");
		fprintf(v->s->out, "%" PRIu64 " (%s)\n", query_number(&v->p, "StatusErrno"), strerror((int)query_number(&v->p, "StatusErrno")));
	}
	lines_resources(v);
	lines_cgroup(v);
	lines_log(v);
}

static int status_unit(struct sctl *s, const char *unit, const char *cgroup_root, bool *first)
{
	struct view v = { .s = s, .unit = unit, .cgroup_root = cgroup_root };
	const char *error;
	int r = query_unit(s, unit, wanted, ARRAY_SIZE(wanted), &v.p, &error), status;

	if (r < 0 && r != -ENOENT)
		return link_fail(s, r, error, "read the state of", unit);
	v.active = get(&v, "ActiveState");
	v.load = get(&v, "LoadState");
	if (r == -ENOENT || (streq(v.load, "not-found") && streq(v.active, "inactive"))) {
		fprintf(s->err, "Unit %s could not be found.\n", unit);
		return SCTL_UNKNOWN;
	}
	if (*get(&v, "Id"))
		v.unit = get(&v, "Id");
	find_cgroup(&v);
	status = exit_status(&v);
	if (!*first)
		fputc('\n', s->out);
	*first = false;
	print_view(&v);
	warn_changed(&v);
	free(v.cgroup);
	return status;
}

static int status_system(struct sctl *s, const struct ipc_manager_status *m)
{
	_cleanup_(buf_finish) struct buf b = { 0 };
	char host[65] = "localhost";
	uint64_t now = now_usec(CLOCK_REALTIME), since_usec = now - (now_usec(CLOCK_BOOTTIME) - m->boot_usec);
	enum color c = streq(m->state, "running") ? COLOR_GREEN : streq(m->state, "starting") || streq(m->state, "initializing") ? COLOR_NONE :
		       streq(m->state, "stopping") ? COLOR_NONE : COLOR_RED;
	struct view v = { .s = s };

	gethostname(host, sizeof(host) - 1);
	fprintf(s->out, "%s%s%s %s\n", color_on(s, c), glyph(s, GLYPH_DOT), color_off(s), host);
	label(&v, "State");
	fprintf(s->out, "%s%s%s\n", color_on(s, c), m->state, color_off(s));
	label(&v, "Units");
	fprintf(s->out, "%u loaded\n", m->units);
	label(&v, "Jobs");
	fprintf(s->out, "%u queued\n", m->jobs);
	label(&v, "Failed");
	fprintf(s->out, "%u units\n", m->failed_units);
	label(&v, "Since");
	stamp_format(since_usec, (enum stamp_style)s->o.timestamp, &b);
	buf_adds(&b, "; ");
	ago_format(since_usec, now, &b);
	fprintf(s->out, "%s\n", buf_str(&b));
	label(&v, "sysmaster");
	fprintf(s->out, "%s (PID %u, started %u time%s)\n", m->version, m->pid, m->starts, m->starts == 1 ? "" : "s");
	if (*m->recovery) {
		label(&v, "Recovery");
		fprintf(s->out, "%s\n", m->recovery);
	}
	if (*m->cgroup_root) {
		label(&v, "CGroup");
		fprintf(s->out, "/\n");
		procs_print(s, m->cgroup_root, INDENT, true);
	}
	return SCTL_OK;
}

static int status_list(struct sctl *s, char **patterns, const char *cgroup_root, bool *first)
{
	struct query_list l;
	int status = SCTL_OK;

	if (query_list(s, patterns, s->o.types, s->o.states, &l) < 0)
		return SCTL_FAILURE;
	for (size_t i = 0; i < l.n; i++) {
		int one;

		if (!s->o.all && streq(l.units[i].active, "inactive") && !s->o.states && !l.units[i].job_id)
			continue;
		one = status_unit(s, l.units[i].id, cgroup_root, first);
		status = status == SCTL_OK ? one : status;
	}
	free(l.units);
	return status;
}

/* a number is a process, a glob any unit in memory, the rest a name */
static int status_word(struct sctl *s, char *word, const char *cgroup_root, bool *first)
{
	_cleanup_(strv_freep) char **names = NULL;
	char *patterns[] = { word, NULL };
	const char *unit;
	uint64_t pid;

	if (query_is_glob(word))
		return status_list(s, patterns, cgroup_root, first);
	if (value_unsigned(word, INT32_MAX, &pid) >= 0) {
		if (query_by_pid(s, (pid_t)pid, &unit) < 0) {
			fprintf(s->err, "PID %s does not belong to any unit.\n", word);
			return SCTL_UNKNOWN;
		}
	} else if (query_names(s, &word, 1, ".service", &names) < 0) {
		return SCTL_FAILURE;
	} else {
		unit = names[0];
	}
	return status_unit(s, unit, cgroup_root, first);
}

int verb_status(struct sctl *s, const struct verb *v, char **words, size_t n)
{
	struct ipc_empty req = { 0 };
	struct ipc_manager_status m;
	const char *error;
	int r = link_call(s, IPC_CORE_STATUS, &req, &m, &error), status = SCTL_OK;
	bool first = true;

	if (r < 0)
		return link_fail(s, r, error, "ask the service manager", NULL);
	if (n == 0 && !s->o.types && !s->o.states) {
		status = status_system(s, &m);
		first = false;
		return s->o.all ? status_list(s, NULL, m.cgroup_root, &first) : status;
	}
	if (n == 0)
		return status_list(s, NULL, m.cgroup_root, &first);
	for (size_t i = 0; i < n; i++) {
		int one = status_word(s, words[i], m.cgroup_root, &first);

		status = status == SCTL_OK ? one : status;
	}
	return status;
}
