/* status.c - `sctl status`: everything about a unit, or the system, that a person wants at a glance; systemctl(1) "status" */
#include <stdio.h>
#include "procs.h"
#include "verb.h"
#include "view.h"

static void warn_changed(const struct view *v)
{
	if (streq(view_get(v, "NeedDaemonReload"), "yes"))
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
	"TasksMax", "MemoryCurrent", "MemoryMax", "CPUUsageNSec", "IPIngressBytes", "IPEgressBytes", "ControlGroup", "Listen", "Accept", "NAccepted", "NConnections",
	"Where", "What", "NextElapseUSecRealtime", "NextElapseUSecMonotonic", "SysFSPath", "NeedDaemonReload", "PIDFile", "SyslogIdentifier", "Job", "FreezerState",
};

static int exit_status(const struct view *v)
{
	const char *pid_file = view_get(v, "PIDFile");

	if (streq(v->active, "active") || streq(v->active, "reloading"))
		return SCTL_OK;
	if (streq(v->load, "not-found") && streq(v->active, "inactive"))
		return SCTL_UNKNOWN;
	return *pid_file && access(pid_file, F_OK) == 0 ? SCTL_DEAD_PIDFILE : SCTL_NOT_RUNNING;
}

static void find_cgroup(struct view *v)
{
	const char *group = view_get(v, "ControlGroup");

	if (!*group || !*v->cgroup_root)
		return;
	if (asprintf(&v->cgroup, "%s%s", v->cgroup_root, group) < 0)
		v->cgroup = NULL;
	if (v->cgroup && access(v->cgroup, F_OK) < 0) {
		free(v->cgroup);
		v->cgroup = NULL;
	}
}

static int status_unit(struct sctl *s, const char *unit, const char *cgroup_root, bool *first)
{
	struct view v = { .s = s, .unit = unit, .cgroup_root = cgroup_root };
	const char *error;
	int r = query_unit(s, unit, wanted, ARRAY_SIZE(wanted), &v.p, &error), status;

	if (r < 0 && r != -ENOENT) {
		link_fail(s, r, error, "read the state of", unit);
		return r == -EOPNOTSUPP ? SCTL_UNKNOWN : SCTL_FAILURE;  /* a type that this image does not have */
	}
	v.active = view_get(&v, "ActiveState");
	v.load = view_get(&v, "LoadState");
	if (r == -ENOENT || (streq(v.load, "not-found") && streq(v.active, "inactive"))) {
		fprintf(s->err, "Unit %s could not be found.\n", unit);
		return SCTL_UNKNOWN;
	}
	if (*view_get(&v, "Id"))
		v.unit = view_get(&v, "Id");
	find_cgroup(&v);
	status = exit_status(&v);
	if (!*first)
		fputc('\n', s->out);
	*first = false;
	view_state(&v);
	view_run(&v);
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
	view_label(&v, "State");
	fprintf(s->out, "%s%s%s\n", color_on(s, c), m->state, color_off(s));
	view_label(&v, "Units");
	fprintf(s->out, "%u loaded\n", m->units);
	view_label(&v, "Jobs");
	fprintf(s->out, "%u queued\n", m->jobs);
	view_label(&v, "Failed");
	fprintf(s->out, "%u units\n", m->failed_units);
	view_label(&v, "Since");
	stamp_format(since_usec, (enum stamp_style)s->o.timestamp, &b);
	buf_adds(&b, "; ");
	ago_format(since_usec, now, &b);
	fprintf(s->out, "%s\n", buf_str(&b));
	view_label(&v, "sysmaster");
	fprintf(s->out, "%s (PID %u, started %u time%s)\n", m->version, m->pid, m->starts, m->starts == 1 ? "" : "s");
	if (*m->recovery) {
		view_label(&v, "Recovery");
		fprintf(s->out, "%s\n", m->recovery);
	}
	if (*m->cgroup_root) {
		view_label(&v, "CGroup");
		fprintf(s->out, "/\n");
		procs_print(s, m->cgroup_root, VIEW_INDENT, true);
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
			return SCTL_FAILURE;
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
