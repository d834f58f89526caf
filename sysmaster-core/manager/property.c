/* property.c - units and the manager as NAME=VALUE, with systemd's names and formats */
#include <stdio.h>
#include <time.h>
#include "exec/traffic.h"
#include "log.h"
#include "cgroup/context.h"
#include "exec/context.h"
#include "exec/exec.h"
#include "manager/manager.h"
#include "version.h"
#include "arch.h"
#include "unit/condition.h"
#include "unit/keys.h"
#include "virt.h"

static void put_u64(property_put put, void *arg, const char *name, uint64_t v)
{
	char text[32];

	if (v == UINT64_MAX)
		snprintf(text, sizeof(text), "[not set]");
	else
		snprintf(text, sizeof(text), "%llu", (unsigned long long)v);
	put(arg, name, text);
}

static void put_bool(property_put put, void *arg, const char *name, bool v) { put(arg, name, v ? "yes" : "no"); }

static void put_words(property_put put, void *arg, const char *name, char *const *v)
{
	_cleanup_(buf_finish) struct buf b = { .data = NULL };

	value_format_words(v, &b);
	put(arg, name, buf_str(&b) ?: "");
}

static void put_stamp(property_put put, void *arg, const char *name, const struct unit_times *t)
{
	char key[80], text[80] = "";
	time_t sec = (time_t)(t->realtime / USEC_PER_SEC);
	struct tm tm;

	if (t->realtime && localtime_r(&sec, &tm))
		strftime(text, sizeof(text), "%a %Y-%m-%d %H:%M:%S %Z", &tm);
	snprintf(key, sizeof(key), "%sTimestamp", name);
	put(arg, key, text);
	snprintf(key, sizeof(key), "%sTimestampMonotonic", name);
	put_u64(put, arg, key, t->monotonic);
}

/* what is known of the monotonic clock alone */
static void put_boot_stamp(property_put put, void *arg, const char *name, uint64_t monotonic)
{
	uint64_t real = now_usec(CLOCK_REALTIME), mono = now_usec(CLOCK_MONOTONIC);

	put_stamp(put, arg, name, &(struct unit_times){ monotonic ? real - (mono - monotonic) : 0, monotonic });
}

static void put_span(property_put put, void *arg, const char *name, uint64_t usec)
{
	_cleanup_(buf_finish) struct buf b = { .data = NULL };

	value_format_sec(usec, &b);
	put(arg, name, buf_str(&b) ?: "");
}

static void put_deps(struct unit *u, property_put put, void *arg)
{
	for (int k = 0; k < N_DEP_KINDS; k++) {
		_cleanup_(buf_finish) struct buf b = { .data = NULL };

		if (k == DEP_IN_SLICE || k == DEP_REFERENCES || k == DEP_REFERENCED_BY)
			continue;
		for (struct dep *d = NULL; (d = unit_next_dep(u, (enum dep_kind)k, d));) {
			buf_adds(&b, b.len ? " " : "");
			value_format_word(d->other->id, strlen(d->other->id), &b);
		}
		put(arg, dep_name((enum dep_kind)k), buf_str(&b) ?: "");
	}
	struct unit *slice = unit_slice(u);

	put(arg, "Slice", slice ? slice->id : "");
}

/* what a row of its kind says once more under another name */
static void put_again(struct unit *u, const struct key *k, const void *field, property_put put, void *arg)
{
	_cleanup_(buf_finish) struct buf b = { .data = NULL };
	char name[80];

	if (k->kind == &kind_limit) {
		snprintf(name, sizeof(name), "%sSoft", k->name);
		exec_limit_format(exec_limit_of(k, field).soft, &b);
	} else if (k->kind == &kind_command && streq(u->type->name, "service")) {
		snprintf(name, sizeof(name), "%sEx", k->name);
		command_format(*(struct command *const *)field, true, &b);
	} else {
		return;
	}
	put(arg, name, buf_str(&b) ?: "");
}

static void put_rows(struct unit *u, const struct key_group *groups, size_t n_groups, property_put put, void *arg)
{
	for (size_t g = 0; g < n_groups; g++)
		for (size_t i = 0; i < key_group_size(&groups[g]); i++) {
			const struct key *k = &groups[g].rows[i];
			_cleanup_(buf_finish) struct buf b = { .data = NULL };

			if (!k->kind->format || (k->property && !*k->property) || groups[g].rows == unit_moved_keys || streq(k->name, "Description"))
				continue;               /* the last two are put elsewhere */
			const void *field = (const char *)u + groups[g].base + k->off;

			k->kind->format(k, field, &b);
			put(arg, k->property ?: k->name, buf_str(&b) ?: "");
			put_again(u, k, field, put, arg);
		}
}

static void put_conditions(property_put put, void *arg, const char *name, const struct condition *list)
{
	for (; list; list = list->next) {
		_cleanup_(buf_finish) struct buf b = { .data = NULL };

		buf_addf(&b, "{ type=%s%s; trigger=%s; negate=%s; parameter=%s; state=%s }", streq(name, "Asserts") ? "Assert" : "Condition",
			 condition_names[list->type].name, list->trigger ? "yes" : "no", list->negate ? "yes" : "no", list->parameter ?: "",
			 list->result == 2 ? "untested" : list->result > 0 ? "succeeded" : "failed");
		put(arg, name, buf_str(&b) ?: "");
	}
}

/* settings that systemd shows combined, or spelt out */
static void put_contexts(const struct unit *u, property_put put, void *arg)
{
	const struct exec_context *e = unit_context(u, exec_keys);

	if (!e)
		return;
	put_u64(put, arg, "SyslogPriority", e->s.syslog_facility | e->s.syslog_level);
	put_bool(put, arg, "CPUAffinityFromNUMA", e->s.cpu_affinity_numa);
}

static const char *can(bool v) { return v ? "yes" : "no"; }

/* which of its directories `sctl clean` can remove */
static void put_can_clean(struct unit *u, property_put put, void *arg)
{
	static const struct { enum ipc_exec_dir_kind kind; const char *name; } kinds[] = {
		{ IPC_EXEC_DIR_KIND_RUNTIME, "runtime" }, { IPC_EXEC_DIR_KIND_STATE, "state" }, { IPC_EXEC_DIR_KIND_CACHE, "cache" },
		{ IPC_EXEC_DIR_KIND_LOGS, "logs" }, { IPC_EXEC_DIR_KIND_CONFIGURATION, "configuration" },
	};
	const struct exec_context *c = unit_context(u, exec_keys);
	_cleanup_(buf_finish) struct buf b = { .data = NULL };

	for (size_t i = 0; c && i < ARRAY_SIZE(kinds); i++)
		if (c->dirs[kinds[i].kind - 1].paths)
			buf_addf(&b, "%s%s", b.len ? " " : "", kinds[i].name);
	if (c)
		put(arg, "CanClean", buf_str(&b) ?: "");
}

static void put_abilities(struct unit *u, property_put put, void *arg)
{
	bool loaded = u->load_state == UNIT_LOADED;

	put(arg, "CanStart", can(loaded && u->type->start && !u->refuse_manual_start && !u->type->once_only));
	put(arg, "CanStop", can(u->type->stop && !u->refuse_manual_stop && !u->perpetual));
	put(arg, "CanReload", can(loaded && job_can_reload(u)));
	put(arg, "CanIsolate", can(u->allow_isolate));
	put(arg, "CanFreeze", can(streq(u->type->name, "service") || streq(u->type->name, "scope") || streq(u->type->name, "slice")));
	put_can_clean(u, put, arg);
	put_bool(put, arg, "NeedDaemonReload", unit_need_reload(u));
	put_bool(put, arg, "Transient", u->transient);
	put_bool(put, arg, "Perpetual", u->perpetual);
}

static void put_invocation(const struct unit *u, property_put put, void *arg)
{
	char text[33];

	put(arg, "InvocationID", unit_invocation_text(u, text) ? text : "");
}

/* as a number even where there is none: systemctl show prints these so */
static void put_raw(property_put put, void *arg, const char *name, uint64_t v)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)v);
	put(arg, name, text);
}

static void put_delegated(const struct cgroup_context *c, property_put put, void *arg)
{
	_cleanup_(buf_finish) struct buf b = { .data = NULL };

	for (size_t i = 0; cgroup_controllers[i]; i++)
		if (c->delegate_controllers & 1u << i)
			buf_addf(&b, "%s%s", b.len ? " " : "", cgroup_controllers[i]);
	put(arg, "DelegateControllers", buf_str(&b) ?: "");
}

/* what of resource control nobody does here, by what systemd shows of it when it does nothing */
static const struct { const char *name, *value; } not_in_force[] = {
	{ "ManagedOOMSwap", "auto" }, { "ManagedOOMMemoryPressure", "auto" }, { "ManagedOOMMemoryPressureLimit", "0" },
	{ "ManagedOOMPreference", "none" },
};

static void put_traffic(struct unit *u, property_put put, void *arg)
{
	static const char *const names[N_TRAFFIC] = {
		[TRAFFIC_IN_BYTES] = "IPIngressBytes", [TRAFFIC_IN_PACKETS] = "IPIngressPackets",
		[TRAFFIC_OUT_BYTES] = "IPEgressBytes", [TRAFFIC_OUT_PACKETS] = "IPEgressPackets",
	};
	uint64_t counters[N_TRAFFIC];
	bool any = exec_traffic_read(u, counters);

	for (size_t i = 0; i < N_TRAFFIC; i++)
		any ? put_raw(put, arg, names[i], counters[i]) : put(arg, names[i], "[no data]");
}

static void put_cgroup(struct manager *m, struct unit *u, property_put put, void *arg)
{
	const struct cgroup_context *c = cgroup_context_of(u);
	struct cgroup_usage use;
	char text[4096];

	put(arg, "ControlGroup", u->cgroup_path ?: "");
	put(arg, "FreezerState", cgroup_freezer_state(m->cgroups, u));
	if (!c)
		return;
	cgroup_usage(m->cgroups, u, &use);
	if (use.cpu_usec == UINT64_MAX)
		use.cpu_usec = u->cpu_used_usec;
	put_raw(put, arg, "ControlGroupId", cgroup_id(m->cgroups, u));
	put_u64(put, arg, "MemoryCurrent", use.memory);
	uint64_t available = cgroup_memory_available(m->cgroups, u);

	snprintf(text, sizeof(text), "%llu", (unsigned long long)available);
	put(arg, "MemoryAvailable", available == UINT64_MAX ? "infinity" : text);
	put_u64(put, arg, "CPUUsageNSec", use.cpu_usec == UINT64_MAX ? UINT64_MAX : use.cpu_usec * 1000);
	cgroup_text(m->cgroups, u, "cpuset.cpus.effective", text, sizeof(text));
	put(arg, "EffectiveCPUs", text);
	cgroup_text(m->cgroups, u, "cpuset.mems.effective", text, sizeof(text));
	put(arg, "EffectiveMemoryNodes", text);
	put_u64(put, arg, "TasksCurrent", use.tasks);
	put_raw(put, arg, "IOReadBytes", use.read_bytes);
	put_raw(put, arg, "IOReadOperations", use.read_ops);
	put_raw(put, arg, "IOWriteBytes", use.written_bytes);
	put_raw(put, arg, "IOWriteOperations", use.written_ops);
	put_traffic(u, put, arg);
	put_delegated(c, put, arg);
	for (size_t i = 0; i < ARRAY_SIZE(not_in_force); i++)
		put(arg, not_in_force[i].name, not_in_force[i].value);
}

static void put_job(const struct unit *u, property_put put, void *arg)
{
	char text[32] = "";

	if (u->job)
		snprintf(text, sizeof(text), "%llu", (unsigned long long)u->job->id);
	put(arg, "Job", text);
	put(arg, "JobType", u->job ? job_type_name(u->job->type) : "");
}

void property_unit(struct manager *m, struct unit *u, property_put put, void *arg)
{
	put(arg, "Id", u->id);
	put_words(put, arg, "Names", u->names);
	put(arg, "Following", "");
	put_deps(u, put, arg);
	put(arg, "Description", unit_description(u));
	put(arg, "LoadState", unit_load_state_name(u->load_state));
	put(arg, "LoadError", u->load_why ?: "");
	put(arg, "ActiveState", unit_active_state_name(unit_active(u)));
	put(arg, "SubState", unit_sub(u));
	put(arg, "FragmentPath", u->fragment_path ?: "");
	put_words(put, arg, "DropInPaths", u->dropin_paths);
	put_stamp(put, arg, "StateChange", &u->state_change);
	put_stamp(put, arg, "InactiveExit", &u->inactive_exit);
	put_stamp(put, arg, "ActiveEnter", &u->active_enter);
	put_stamp(put, arg, "ActiveExit", &u->active_exit);
	put_stamp(put, arg, "InactiveEnter", &u->inactive_enter);
	put_stamp(put, arg, "Condition", &u->condition_time);
	put_stamp(put, arg, "Assert", &u->condition_time);
	put_bool(put, arg, "ConditionResult", u->condition_result);
	put_bool(put, arg, "AssertResult", u->assert_result);
	put_conditions(put, arg, "Conditions", u->conditions);
	put_conditions(put, arg, "Asserts", u->asserts);
	put_abilities(u, put, arg);
	put_invocation(u, put, arg);
	put_cgroup(m, u, put, arg);
	put_job(u, put, arg);
	put_contexts(u, put, arg);
	put_rows(u, unit_groups, n_unit_groups, put, arg);
	put_rows(u, u->type->groups, u->type->n_groups, put, arg);
	if (u->type->properties)
		u->type->properties(u, put, arg);
}

void property_manager(struct manager *m, property_put put, void *arg)
{
	static const char *const log_levels[] = { "emerg", "alert", "crit", "err", "warning", "notice", "info", "debug" };
	enum virt_class class;
	const char *virt;
	unsigned failed = 0;

	for (struct unit *u = unit_set_first(m->set); u; u = u->set_next)
		failed += unit_active(u) == UNIT_FAILED;
	virt = virt_detect(&class);
	put(arg, "Version", SYSMASTER_VERSION);
	put(arg, "Virtualization", streq(virt, "none") ? "" : virt);
	put(arg, "Architecture", arch_native() ?: "");
	put(arg, "Tainted", "");
	put(arg, "LogLevel", log_levels[MIN((unsigned)log_level(), ARRAY_SIZE(log_levels) - 1)]);
	put(arg, "LogTarget", "kmsg");
	put(arg, "ServiceWatchdogs", "yes");
	put(arg, "SystemState", boot_state(m));
	put_u64(put, arg, "NNames", unit_set_count(m->set));
	put_u64(put, arg, "NFailedUnits", failed);
	put_u64(put, arg, "NJobs", jobs_count(m->jobs));
	put_words(put, arg, "Environment", m->environment);
	put_words(put, arg, "UnitPath", lookup_dirs(m->lookup));
	put(arg, "ControlGroup", m->init.cgroup_root);
	put_u64(put, arg, "NInstalledJobs", jobs_next_id(m->jobs) - 1);
	put_boot_stamp(put, arg, "Userspace", m->init.boot_usec);
	put_boot_stamp(put, arg, "Finish", m->state.finish_usec);
	put_u64(put, arg, "CoreStarts", m->init.starts);
	put(arg, "Recovery", m->recovery);
	put_span(put, arg, "DefaultTimeoutStartUSec", m->host.default_timeout_start_usec);
	put_span(put, arg, "DefaultTimeoutStopUSec", m->host.default_timeout_stop_usec);
	put_span(put, arg, "DefaultRestartUSec", m->host.default_restart_usec);
	put_span(put, arg, "DefaultStartLimitIntervalUSec", m->host.default_start_limit_interval_usec);
	put_u64(put, arg, "DefaultStartLimitBurst", m->host.default_start_limit_burst);
}
