/* keys.c - [Unit] and [Install] as rows, sorted by name; systemd.unit(5) */
#include "core.ipc.h"
#include "unit/condition.h"
#include "unit/keys.h"
#include "unit/unit.h"

static const struct key_enum job_modes[] = {
	{ "fail", IPC_JOB_MODE_FAIL }, { "replace", IPC_JOB_MODE_REPLACE }, { "replace-irreversibly", IPC_JOB_MODE_REPLACE_IRREVERSIBLY },
	{ "isolate", IPC_JOB_MODE_ISOLATE }, { "flush", IPC_JOB_MODE_FLUSH }, { "ignore-dependencies", IPC_JOB_MODE_IGNORE_DEPENDENCIES },
	{ "ignore-requirements", IPC_JOB_MODE_IGNORE_REQUIREMENTS }, { NULL, 0 },
};
static const struct key_enum actions[] = {
	{ "none", UNIT_ACTION_NONE }, { "reboot", UNIT_ACTION_REBOOT }, { "reboot-force", UNIT_ACTION_REBOOT_FORCE },
	{ "reboot-immediate", UNIT_ACTION_REBOOT_IMMEDIATE }, { "poweroff", UNIT_ACTION_POWEROFF },
	{ "poweroff-force", UNIT_ACTION_POWEROFF_FORCE }, { "poweroff-immediate", UNIT_ACTION_POWEROFF_IMMEDIATE },
	{ "exit", UNIT_ACTION_EXIT }, { "exit-force", UNIT_ACTION_EXIT_FORCE }, { NULL, 0 },
};
static const struct key_enum collect_modes[] = {
	{ "inactive", UNIT_COLLECT_INACTIVE }, { "inactive-or-failed", UNIT_COLLECT_INACTIVE_OR_FAILED }, { NULL, 0 },
};

/* -- kinds of these sections only -- */
static int parse_exit_status(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	uint64_t v;

	if (!*value)
		*(int *)field = -1;
	else if (value_unsigned(value, 255, &v) < 0)
		return key_bad(at, "\"%s\" is no exit status from 0 to 255", value);
	else
		*(int *)field = (int)v;
	return 0;
}

static void format_exit_status(const struct key *k, const void *field, struct buf *out)
{
	if (*(const int *)field >= 0)
		buf_addf(out, "%d", *(const int *)field);
}
static const struct key_kind kind_exit_status = { "exit status, empty for none", parse_exit_status, format_exit_status, NULL };

/* OnFailureIsolate=, from before there were modes */
static int parse_isolate(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	bool b;

	if (value_bool(value, &b) < 0)
		return key_bad(at, "\"%s\" is no boolean", value);
	*(int *)field = b ? IPC_JOB_MODE_ISOLATE : IPC_JOB_MODE_REPLACE;
	return 0;
}
static const struct key_kind kind_isolate = { "boolean", parse_isolate, NULL, NULL };

/* JobTimeoutSec= sets JobRunningTimeoutSec= too unless that was set on its own; both are read in order of the file */
static int parse_job_timeout(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	uint64_t usec = USEC_INFINITY;
	int r = *value ? kind_sec_zero_inf.parse(at, k, value, &usec) : 0;

	if (r < 0)
		return r;
	at->unit->job_timeout_usec = usec;
	if (!at->unit->job_running_timeout_set)
		at->unit->job_running_timeout_usec = usec;
	return 0;
}

static int parse_job_running_timeout(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	uint64_t usec = USEC_INFINITY;
	int r = *value ? kind_sec_zero_inf.parse(at, k, value, &usec) : 0;

	if (r < 0)
		return r;
	at->unit->job_running_timeout_usec = usec;
	at->unit->job_running_timeout_set = true;
	return 0;
}

static void format_usec(const struct key *k, const void *field, struct buf *out)
{
	value_format_sec(*(const uint64_t *)field, out);
}
static const struct key_kind kind_job_timeout = { "time span", parse_job_timeout, format_usec, NULL };
static const struct key_kind kind_job_running_timeout = { "time span", parse_job_running_timeout, format_usec, NULL };

/* DefaultInstance=: what stands between @ and the suffix */
static int parse_instance(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	for (const char *p = value; *p; p++)
		if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:-_.\\@%", *p))
			return key_bad_at(at, (unsigned)(p - value), "\"%s\" is no instance name", value);
	return kind_string.parse(at, k, value, field);
}

static void format_text(const struct key *k, const void *field, struct buf *out)
{
	kind_string.format(k, field, out);
}

static void clear_text(const struct key *k, void *field)
{
	kind_string.clear(k, field);
}
static const struct key_kind kind_instance = { "instance name", parse_instance, format_text, clear_text };

#define U(field) offsetof(struct unit, field)
#define DEP(name, kind, doc) { name, &kind_dep, 0, kind, "", doc }
#define ENUM(name, field, table, doc) { name, &kind_enum, U(field), (intptr_t)(table), NULL, doc }

static const struct key unit_keys[] = {
	DEP("After", DEP_AFTER, "Wait with starting until these units have finished starting; stop before they stop."),
	{ "AllowIsolate", &kind_bool, U(allow_isolate), 0, NULL, "May be the goal of an isolate request, as targets are for booting." },
	DEP("Before", DEP_BEFORE, "The units listed wait with starting until this one has started; it stops after they have stopped."),
	DEP("BindTo", DEP_BINDS_TO, "Older spelling of BindsTo=."),
	DEP("BindsTo", DEP_BINDS_TO, "As Requires=, and this unit is stopped as soon as one of the listed leaves the active state for any reason."),
	ENUM("CollectMode", collect_mode, collect_modes, "Whether a failed unit may be forgotten like an inactive one, or stays until it is reset."),
	DEP("Conflicts", DEP_CONFLICTS, "Cannot run together: starting one stops the other."),
	{ "DefaultDependencies", &kind_bool, U(default_dependencies), 0, NULL, "Whether the dependencies that a unit of this type nearly always needs are added." },
	{ "Description", &kind_string, U(description), 0, NULL, "What the unit is, in a few words for people." },
	{ "Documentation", &kind_documentation, U(documentation), 0, NULL, "URIs of documentation: http, https, file, info or man." },
	ENUM("FailureAction", failure_action, actions, "What happens to the system when the unit fails."),
	{ "FailureActionExitStatus", &kind_exit_status, U(failure_exit_status), 0, NULL, "Exit status that the manager leaves with when FailureAction= is exit." },
	{ "IgnoreOnIsolate", &kind_bool, U(ignore_on_isolate), 0, NULL, "Keep running when another unit is isolated." },
	{ "IgnoreOnSnapshot", &kind_obsolete, 0, 0, "", "Snapshots are no more; accepted and without meaning, as in systemd." },
	{ "JobRunningTimeoutSec", &kind_job_running_timeout, U(job_running_timeout_usec), 0, "JobRunningTimeoutUSec", "How long a job of the unit may run, counted from when it begins to." },
	ENUM("JobTimeoutAction", job_timeout_action, actions, "What happens to the system when a job of the unit runs into its time-out."),
	{ "JobTimeoutRebootArgument", &kind_string, U(job_timeout_reboot_arg), 0, NULL, "Argument of reboot(2) for JobTimeoutAction=." },
	{ "JobTimeoutSec", &kind_job_timeout, U(job_timeout_usec), 0, "JobTimeoutUSec", "How long a job of the unit may take, counted from when it is queued." },
	DEP("JoinsNamespaceOf", DEP_JOINS_NAMESPACE_OF, "Share /tmp, network and IPC namespace with the listed units, where both have them private."),
	DEP("OnFailure", DEP_ON_FAILURE, "Units to start when this one fails."),
	{ "OnFailureIsolate", &kind_isolate, U(on_failure_job_mode), 0, "", "Older form of OnFailureJobMode=isolate." },
	ENUM("OnFailureJobMode", on_failure_job_mode, job_modes, "Job mode for the units of OnFailure=."),
	DEP("OnSuccess", DEP_ON_SUCCESS, "Units to start when this one has ended well."),
	ENUM("OnSuccessJobMode", on_success_job_mode, job_modes, "Job mode for the units of OnSuccess=."),
	DEP("PartOf", DEP_PART_OF, "Stopping or restarting one of the listed units does the same to this one."),
	DEP("PropagateReloadFrom", DEP_RELOAD_PROPAGATED_FROM, "Older spelling of ReloadPropagatedFrom=."),
	DEP("PropagateReloadTo", DEP_PROPAGATES_RELOAD_TO, "Older spelling of PropagatesReloadTo=."),
	DEP("PropagatesReloadTo", DEP_PROPAGATES_RELOAD_TO, "Reloading this unit reloads the listed ones."),
	DEP("PropagatesStopTo", DEP_PROPAGATES_STOP_TO, "Stopping this unit stops the listed ones."),
	{ "RebootArgument", &kind_string, U(reboot_arg), 0, NULL, "Argument of reboot(2) for the actions that reboot." },
	{ "RefuseManualStart", &kind_bool, U(refuse_manual_start), 0, NULL, "Starts only as a dependency, never because a person asks." },
	{ "RefuseManualStop", &kind_bool, U(refuse_manual_stop), 0, NULL, "Stops only as a dependency, never because a person asks." },
	DEP("ReloadPropagatedFrom", DEP_RELOAD_PROPAGATED_FROM, "Reloading one of the listed units reloads this one."),
	DEP("Requires", DEP_REQUIRES, "Units that are started together with this one; when one of them cannot start, or is stopped, so is this."),
	{ "RequiresMountsFor", &kind_paths, U(requires_mounts_for), 0, NULL, "Requires and waits for every mount unit that the paths lie on." },
	DEP("RequiresOverridable", DEP_REQUIRES, "Older form of Requires=."),
	DEP("Requisite", DEP_REQUISITE, "Units that must be running already; they are not started, and without them this one fails at once."),
	DEP("RequisiteOverridable", DEP_REQUISITE, "Older form of Requisite=."),
	{ "SourcePath", &kind_path, U(source_path), 0, NULL, "The file that a generated unit was made from." },
	ENUM("StartLimitAction", start_limit_action, actions, "What happens to the system when the start limit is hit."),
	{ "StartLimitBurst", &kind_unsigned, U(start_limit_burst), 0, NULL, "How many starts are allowed within StartLimitIntervalSec=." },
	{ "StartLimitInterval", &kind_sec, U(start_limit_interval_usec), 0, "", "Older spelling of StartLimitIntervalSec=." },
	{ "StartLimitIntervalSec", &kind_sec, U(start_limit_interval_usec), 0, "StartLimitIntervalUSec", "The span over which starts are counted; 0 lifts the limit." },
	DEP("StopPropagatedFrom", DEP_STOP_PROPAGATED_FROM, "Stopping one of the listed units stops this one."),
	{ "StopWhenUnneeded", &kind_bool, U(stop_when_unneeded), 0, NULL, "Stop as soon as no active unit needs it any more." },
	ENUM("SuccessAction", success_action, actions, "What happens to the system when the unit ends well."),
	{ "SuccessActionExitStatus", &kind_exit_status, U(success_exit_status), 0, NULL, "Exit status that the manager leaves with when SuccessAction= is exit." },
	DEP("Upholds", DEP_UPHOLDS, "As Wants=, and kept up: a listed unit that is down is started again as long as this one is active."),
	DEP("Wants", DEP_WANTS, "Units that are started together with this one; it goes on whether or not they come up."),
};

const struct key unit_moved_keys[] = {
	ENUM("FailureAction", failure_action, actions, "Belongs into [Unit]."),
	{ "RebootArgument", &kind_string, U(reboot_arg), 0, "", "Belongs into [Unit]." },
	ENUM("StartLimitAction", start_limit_action, actions, "Belongs into [Unit]."),
	{ "StartLimitBurst", &kind_unsigned, U(start_limit_burst), 0, "", "Belongs into [Unit]." },
	{ "StartLimitInterval", &kind_sec, U(start_limit_interval_usec), 0, "", "Belongs into [Unit], as StartLimitIntervalSec=." },
	ENUM("SuccessAction", success_action, actions, "Belongs into [Unit]."),
};
const size_t n_unit_moved_keys = ARRAY_SIZE(unit_moved_keys);

#define CONDITION_ROW(name, doc) { "Condition" #name, &kind_condition, U(conditions), CONDITION_##name, "", "Skip the start unless " doc "." },
static const struct key condition_keys[] = { CONDITIONS(CONDITION_ROW) };

#define ASSERT_ROW(name, doc) { "Assert" #name, &kind_condition, U(asserts), CONDITION_##name | CONDITION_ASSERT, "", "Fail the start unless " doc "." },
static const struct key assert_keys[] = { CONDITIONS(ASSERT_ROW) };

static const struct key install_keys[] = {
	{ "Alias", &kind_names, U(install_alias), 0, "", "Further names that enabling the unit gives it." },
	{ "Also", &kind_names, U(install_also), 0, "", "Units that are enabled and disabled together with this one." },
	{ "DefaultInstance", &kind_instance, U(default_instance), 0, "", "The instance that is enabled when none is named." },
	{ "RequiredBy", &kind_names, U(install_required_by), 0, "", "Enabling the unit makes these units require it." },
	{ "UpheldBy", &kind_names, U(install_upheld_by), 0, "", "Enabling the unit makes these units uphold it." },
	{ "WantedBy", &kind_names, U(install_wanted_by), 0, "", "Enabling the unit makes these units want it." },
};

const struct key_group unit_groups[] = {
	{ "Unit", unit_keys, ARRAY_SIZE(unit_keys), 0 },
	{ "Unit", condition_keys, ARRAY_SIZE(condition_keys), 0 },
	{ "Unit", assert_keys, ARRAY_SIZE(assert_keys), 0 },
	{ "Install", install_keys, ARRAY_SIZE(install_keys), 0 },
};
const size_t n_unit_groups = ARRAY_SIZE(unit_groups);
