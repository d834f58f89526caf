/* view-run.c - what runs of a unit: how its processes fare and what they said last */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include "lines.h"
#include "procs.h"
#include "view.h"

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
	const char *code = view_get(v, "ExecMainCode");

	if (main > 0) {
		view_label(v, "Main PID");
		fprintf(v->s->out, "%" PRIu64, main);
		put_comm(v, main);
		fputc('\n', v->s->out);
	} else if (past > 0 && *code && !streq(code, "0")) {
		view_label(v, "Main PID");
		fprintf(v->s->out, "%" PRIu64 " ", past);
		put_end(v, code, view_get(v, "ExecMainStatus"));
		fputc('\n', v->s->out);
	}
	if (control > 0) {
		view_label(v, "Cntrl PID");
		fprintf(v->s->out, "%" PRIu64, control);
		put_comm(v, control);
		fputc('\n', v->s->out);
	}
}

static void line_process(const struct view *v, const char *property, const char *entry, uint64_t running, bool alone)
{
	_cleanup_(freep) char *argv = view_field(entry, "argv[]", " ; ignore_errors="), *pid = view_field(entry, "pid", " ;");
	_cleanup_(freep) char *code = view_field(entry, "code", " ;"), *status = view_field(entry, "status", " ;");
	const char *how = code, *what = status;
	uint64_t n = 0, past = query_number(&v->p, "ExecMainPID");

	if (!argv || !pid || !code || !status || value_unsigned(pid, INT32_MAX, &n) < 0)
		return;
	status[strcspn(status, "/")] = '\0';
	if (n == 0 && alone && streq(property, "ExecStart") && past > 0 && !running) {   /* core knows the main process by these */
		n = past;
		how = view_get(v, "ExecMainCode");
		what = view_get(v, "ExecMainStatus");
	}
	if (n == 0 || n == running || streq(how, "0"))
		return;
	view_label(v, "Process");
	fprintf(v->s->out, "%" PRIu64 " %s=%s ", n, property, argv);
	if (streq(how, "(null)") || streq(how, "n/a"))
		fputs("(running)", v->s->out);
	else
		put_end(v, how, what);
	fputc('\n', v->s->out);
}

#define BEGIN "{ path="                                 /* braces may stand in arguments, too */

static const char *const commands[] = {                 /* in the order of a unit's life */
	"ExecCondition", "ExecStartPre", "ExecStart", "ExecStartPost", "ExecMount", "ExecReload", "ExecRemount", "ExecStopPre", "ExecStop",
	"ExecUnmount", "ExecStopPost",
};

static void lines_process(const struct view *v)
{
	uint64_t running = query_number(&v->p, "MainPID");      /* has a line of its own */

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		const char *value = view_get(v, commands[i]);

		for (const char *e = strstr(value, BEGIN), *next; e; e = next) {
			_cleanup_(freep) char *entry = NULL;

			next = strstr(e + 1, BEGIN);
			entry = strndup(e, next ? (size_t)(next - e) : strlen(e));
			if (entry)
				line_process(v, commands[i], entry, running, !next && e == value);
		}
	}
}

/* a figure of the unit: core's property, else the attribute of its group */
static bool figure(const struct view *v, const char *property, const char *attribute, const char *key, uint64_t *ret)
{
	char path[PATH_MAX], line[128];
	bool found = false;
	FILE *f;

	if (view_has(v, property) && value_unsigned(view_get(v, property), UINT64_MAX, ret) >= 0)
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

static void line_traffic(const struct view *v)
{
	_cleanup_(buf_finish) struct buf b = { 0 };
	uint64_t in, out;

	if (!view_has(v, "IPIngressBytes") || value_unsigned(view_get(v, "IPIngressBytes"), UINT64_MAX - 1, &in) < 0 ||
	    value_unsigned(view_get(v, "IPEgressBytes"), UINT64_MAX - 1, &out) < 0)
		return;
	bytes_format(in, &b);
	buf_adds(&b, " in, ");
	bytes_format(out, &b);
	view_label(v, "IP");
	fprintf(v->s->out, "%s out\n", buf_str(&b));
}

static void lines_resources(const struct view *v)
{
	_cleanup_(buf_finish) struct buf b = { 0 };
	struct sctl *s = v->s;
	uint64_t n, limit;

	line_traffic(v);
	if (v->cgroup && figure(v, "TasksCurrent", "pids.current", NULL, &n)) {
		view_label(v, "Tasks");
		fprintf(s->out, "%" PRIu64, n);
		if (figure(v, "TasksMax", "pids.max", NULL, &limit))
			fprintf(s->out, " (limit: %" PRIu64 ")", limit);
		fputc('\n', s->out);
	}
	if (v->cgroup && figure(v, "MemoryCurrent", "memory.current", NULL, &n)) {
		bytes_format(n, &b);
		view_label(v, "Memory");
		fputs(buf_str(&b), s->out);
		buf_reset(&b);
		if (figure(v, "MemoryMax", "memory.max", NULL, &limit)) {
			bytes_format(limit, &b);
			fprintf(s->out, " (max: %s)", buf_str(&b));
			buf_reset(&b);
		}
		fputc('\n', s->out);
	}
	if (view_has(v, "CPUUsageNSec") && value_unsigned(view_get(v, "CPUUsageNSec"), UINT64_MAX - 1, &n) >= 0)
		n /= NSEC_PER_USEC;
	else if (!figure(v, "", "cpu.stat", "usage_usec", &n))
		return;
	span_format(n, USEC_PER_MSEC, &b);
	view_label(v, "CPU");
	fprintf(s->out, "%s\n", buf_str(&b));
}

static void lines_cgroup(const struct view *v)
{
	if (!v->cgroup)
		return;
	view_label(v, "CGroup");
	fprintf(v->s->out, "%s\n", view_get(v, "ControlGroup"));
	procs_print(v->s, v->cgroup, VIEW_INDENT, true);
}

/* the name in front of its lines: as set, else what syslog(3) would take, unless that is an interpreter's */
static char *identifier(const struct view *v)
{
	static const char *const shared[] = { "sh", "bash", "dash", "env", "perl", "python3", "true" };
	_cleanup_(freep) char *path = view_field(view_get(v, "ExecStart"), "path", " ;");
	char *name = path ? strrchr(path, '/') : NULL;

	if (view_has(v, "SyslogIdentifier"))
		return strdup(view_get(v, "SyslogIdentifier"));
	for (size_t i = 0; name && i < ARRAY_SIZE(shared); i++)
		if (streq(name + 1, shared[i]))
			return NULL;
	return name ? strdup(name + 1) : NULL;
}

static void lines_log(const struct view *v)
{
	uint64_t from = stamp_parse(view_get(v, "InactiveExitTimestamp"));
	_cleanup_(freep) pid_t *pids = NULL;
	size_t n = 0, cap;
	pid_t *all;
	_cleanup_(freep) char *name = identifier(v);
	struct line_filter f = { .unit = v->unit, .identifier = name, .count = v->s->o.lines };

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
	if (f.since_usec == 0)                          /* the manager has forgotten it: the collector has not */
		f.kmsg = f.file = "/dev/null";
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

void view_run(const struct view *v)
{
	lines_process(v);
	line_main_pid(v);
	if (view_has(v, "StatusText")) {
		view_label(v, "Status");
		fprintf(v->s->out, "%s\"%s\"%s\n", color_on(v->s, COLOR_WHITE), view_get(v, "StatusText"), color_off(v->s));
	}
	if (query_number(&v->p, "StatusErrno") > 0) {
		view_label(v, "Error");
		fprintf(v->s->out, "%" PRIu64 " (%s)\n", query_number(&v->p, "StatusErrno"), strerror((int)query_number(&v->p, "StatusErrno")));
	}
	lines_resources(v);
	lines_cgroup(v);
	lines_log(v);
}
