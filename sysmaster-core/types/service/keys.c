/* keys.c - the [Service] section; systemd.service(5) */
#include "types/service/service.h"
#include "unit/keys.h"

/* why rows of kind_unsupported are that */
#define NO_USB (intptr_t)"endpoints of FunctionFS are not opened"

#define F(field) offsetof(struct service, field)

static const struct key_enum types[] = {
	{ "simple", SVC_SIMPLE }, { "exec", SVC_EXEC }, { "forking", SVC_FORKING }, { "oneshot", SVC_ONESHOT },
	{ "notify", SVC_NOTIFY }, { "dbus", SVC_DBUS },   { "idle", SVC_IDLE },       { "notify-reload", SVC_NOTIFY_RELOAD },
	{ NULL, 0 },
};
static const struct key_enum restarts[] = {
	{ "no", RESTART_NO }, { "on-success", RESTART_ON_SUCCESS }, { "on-failure", RESTART_ON_FAILURE },
	{ "on-abnormal", RESTART_ON_ABNORMAL }, { "on-watchdog", RESTART_ON_WATCHDOG }, { "on-abort", RESTART_ON_ABORT },
	{ "always", RESTART_ALWAYS }, { NULL, 0 },
};
static const struct key_enum accesses[] = {
	{ "none", NOTIFY_NONE }, { "all", NOTIFY_ALL }, { "main", NOTIFY_MAIN }, { "exec", NOTIFY_EXEC }, { NULL, 0 },
};
static const struct key_enum timeout_modes[] = {
	{ "terminate", TIMEOUT_TERMINATE }, { "abort", TIMEOUT_ABORT }, { "kill", TIMEOUT_KILL }, { NULL, 0 },
};
static const struct key_enum exit_types[] = { { "main", 0 }, { "cgroup", 1 }, { NULL, 0 } };

/* Keys that also note that they were given. */
static int parse_type(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	int r = kind_enum.parse(at, k, value, field);

	if (r >= 0)
		SERVICE(at->unit)->type_set = true;
	return r;
}
static void format_enum(const struct key *k, const void *field, struct buf *out) { kind_enum.format(k, field, out); }
static const struct key_kind kind_service_type = { "simple, exec, forking, oneshot, notify, notify-reload, dbus or idle", parse_type, format_enum, NULL };

static void format_sec(const struct key *k, const void *field, struct buf *out) { kind_sec_zero_inf.format(k, field, out); }

static int parse_timeout_start(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	int r = kind_sec_zero_inf.parse(at, k, value, field);

	if (r >= 0)
		SERVICE(at->unit)->timeout_start_set = true;
	return r;
}
static const struct key_kind kind_timeout_start = { "time span", parse_timeout_start, format_sec, NULL };

static int parse_timeout_both(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	int r = parse_timeout_start(at, k, value, field);

	if (r >= 0)
		SERVICE(at->unit)->timeout_stop_usec = *(uint64_t *)field;
	return r;
}
static const struct key_kind kind_timeout_both = { "time span", parse_timeout_both, NULL, NULL };

static int parse_timeout_abort(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	struct service *s = SERVICE(at->unit);

	if (!*value) {
		s->timeout_abort_set = false;
		return 0;
	}
	int r = kind_sec_zero_inf.parse(at, k, value, field);

	if (r >= 0)
		s->timeout_abort_set = true;
	return r;
}
static const struct key_kind kind_timeout_abort = { "time span, empty: as TimeoutStopSec=", parse_timeout_abort, format_sec, NULL };

static const struct key service_rows[] = {
	{ "BusName", &kind_string, F(bus_name), 0, NULL, "D-Bus name that a Type=dbus service takes when it is ready." },
	{ "ExecCondition", &kind_command, F(lists[LIST_CONDITION]), 0, NULL,
	  "Commands run first: exit status 1 to 254 skips the start without a failure, 255 or a signal fails it." },
	{ "ExecReload", &kind_command, F(lists[LIST_RELOAD]), 0, NULL, "Commands that make the running service read its configuration again; $MAINPID is set." },
	{ "ExecStart", &kind_command, F(lists[LIST_START]), 0, NULL, "The service itself. More than one command only with Type=oneshot." },
	{ "ExecStartPost", &kind_command, F(lists[LIST_START_POST]), 0, NULL, "Commands run after the service is up as its Type= defines." },
	{ "ExecStartPre", &kind_command, F(lists[LIST_START_PRE]), 0, NULL, "Commands run before ExecStart=, one after the other." },
	{ "ExecStop", &kind_command, F(lists[LIST_STOP]), 0, NULL, "Commands that stop a service that had started; what remains afterwards is killed." },
	{ "ExecStopPost", &kind_command, F(lists[LIST_STOP_POST]), 0, NULL, "Commands run after the service ended in whatever way, also when its start failed." },
	{ "ExitType", &kind_enum, F(exit_type), (intptr_t)exit_types, NULL,
	  "With \"cgroup\" the service is up as long as any of its processes is; with \"main\" as long as the main one." },
	{ "FileDescriptorStoreMax", &kind_unsigned, F(fdstore_max), 0, NULL, "How many file descriptors the service may store with FDSTORE=1; 0: none." },
	{ "GuessMainPID", &kind_bool, F(guess_main_pid), 0, NULL, "For Type=forking without PIDFile=: take the only remaining process as the main one." },
	{ "NonBlocking", &kind_bool, F(non_blocking), 0, NULL, "Set O_NONBLOCK on the sockets passed." },
	{ "NotifyAccess", &kind_enum, F(notify_access), (intptr_t)accesses, NULL, "Whose sd_notify(3) messages count: the main process, those of Exec lines, or all of the service." },
	{ "OOMPolicy", &kind_enum, F(oom_policy), (intptr_t)oom_policies, NULL, "What follows when the kernel killed a process of the service for want of memory." },
	{ "OpenFile", &kind_open_file, F(open_files), 0, NULL,
	  "A file that is opened before the service gives up privileges, or a socket that is connected to, and passed behind the sockets as NAME "
	  "(else the file's). Options, with commas: one of read-only, append, truncate (without: for reading and writing); graceful: it may be missing. "
	  "As systemd 253." },
	{ "PIDFile", &kind_string, F(pid_file), 0, NULL, "File in which a Type=forking service writes the PID of its main process; relative to /run." },
	{ "PermissionsStartOnly", &kind_bool, F(permissions_start_only), 0, "", "Old way to give all commands but ExecStart= full privileges; use the + prefix." },
	{ "ReloadSignal", &kind_signal, F(reload_signal), 0, NULL, "Signal by which a Type=notify-reload service is told to reload; SIGHUP by default. As systemd 253." },
	{ "RemainAfterExit", &kind_bool, F(remain_after_exit), 0, NULL, "The service counts as active after all its processes ended well." },
	{ "Restart", &kind_enum, F(restart), (intptr_t)restarts, NULL, "After which ends the service is started again; see the table in systemd.service(5)." },
	{ "RestartForceExitStatus", &kind_exit_set, F(restart_force), 0, NULL, "Exit statuses and signals after which it is restarted whatever Restart= says." },
	{ "RestartMaxDelaySec", &kind_sec, F(restart_max_usec), 0, "RestartMaxDelayUSec",
	  "The pause before a restart that is reached after RestartSteps= restarts. As systemd 254." },
	{ "RestartPreventExitStatus", &kind_exit_set, F(restart_prevent), 0, NULL, "Exit statuses and signals after which it is never restarted." },
	{ "RestartSec", &kind_sec, F(restart_usec), 0, "RestartUSec", "Pause before a restart; 100ms by default." },
	{ "RestartSteps", &kind_unsigned, F(restart_steps), 0, NULL,
	  "In so many steps the pause grows from RestartSec= to RestartMaxDelaySec=, each by the same factor; 0: it does not grow. As systemd 254." },
	{ "RootDirectoryStartOnly", &kind_bool, F(root_directory_start_only), 0, NULL, "RootDirectory= applies to ExecStart= only." },
	{ "RuntimeMaxSec", &kind_sec_zero_inf, F(runtime_max_usec), 0, "RuntimeMaxUSec", "Longest time the service may be active; then it is stopped as failed." },
	{ "RuntimeRandomizedExtraSec", &kind_sec, F(runtime_extra_max_usec), 0, "RuntimeRandomizedExtraUSec", "Random addition to RuntimeMaxSec=." },
	{ "Sockets", &kind_names, F(sockets), 0, "", "Socket units whose descriptors are passed beside that of the same name." },
	{ "SuccessExitStatus", &kind_exit_set, F(success_status), 0, NULL, "Exit statuses and signals that count as a clean end beside the usual ones." },
	{ "SysVStartPriority", &kind_obsolete, 0, 0, "", "Ignored since SysV priorities are gone." },
	{ "TimeoutAbortSec", &kind_timeout_abort, F(timeout_abort_usec), 0, "", "How long a service may take to end after WatchdogSignal=." },
	{ "TimeoutSec", &kind_timeout_both, F(timeout_start_usec), 0, "", "TimeoutStartSec= and TimeoutStopSec= at once." },
	{ "TimeoutStartFailureMode", &kind_enum, F(timeout_start_mode), (intptr_t)timeout_modes, NULL, "How a start that took too long is ended." },
	{ "TimeoutStartSec", &kind_timeout_start, F(timeout_start_usec), 0, "TimeoutStartUSec", "How long the start may take; a oneshot has no limit by default." },
	{ "TimeoutStopFailureMode", &kind_enum, F(timeout_stop_mode), (intptr_t)timeout_modes, NULL, "How a stop that took too long is ended." },
	{ "TimeoutStopSec", &kind_sec_zero_inf, F(timeout_stop_usec), 0, "TimeoutStopUSec", "How long each ExecStop= command, and then the end after a signal, may take." },
	{ "Type", &kind_service_type, F(type), (intptr_t)types, NULL, "When the service counts as started: see systemd.service(5); notify-reload is as systemd 253 has it." },
	{ "USBFunctionDescriptors", &kind_unsupported, 0, NO_USB, "", "File with USB FunctionFS descriptors." },
	{ "USBFunctionStrings", &kind_unsupported, 0, NO_USB, "", "File with USB FunctionFS strings." },
	{ "WatchdogSec", &kind_sec, F(watchdog_usec), 0, "", "The service must send WATCHDOG=1 at least this often or is aborted." },
};

const struct key_group service_groups[N_SERVICE_GROUPS] = {
	{ .section = "Service", .rows = service_rows, .n_rows = ARRAY_SIZE(service_rows) },
	{ .section = "Service", .rows = unit_moved_keys, .n_rows_at = &n_unit_moved_keys },
	{ .section = "Service", .rows = exec_keys, .n_rows_at = &n_exec_keys, .base = offsetof(struct service, exec) },
	{ .section = "Service", .rows = kill_keys, .n_rows_at = &n_kill_keys, .base = offsetof(struct service, kill) },
	{ .section = "Service", .rows = cgroup_keys, .n_rows_at = &n_cgroup_keys, .base = offsetof(struct service, cgroup) },
};
