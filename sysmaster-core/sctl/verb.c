/* verb.c - the table itself, and the options: every word of the command line has its row here */
#include "core.ipc.h"
#include "lines.h"
#include "run.h"
#include "text.h"
#include "verb.h"

const char *const verb_group_titles[N_VERB_GROUPS] = {
	[GROUP_UNITS] = "Units", [GROUP_FILES] = "Unit files", [GROUP_JOBS] = "Jobs", [GROUP_ENVIRONMENT] = "Environment",
	[GROUP_MANAGER] = "Manager", [GROUP_SYSTEM] = "System", [GROUP_TOOLS] = "Tools",
};

const struct verb verbs[] = {
	{ "list-units", "[PATTERN...]", 0, ANY_NUMBER, GROUP_UNITS, verb_list_units, 0, "List the units in memory, the idle ones only with --all" },
	{ "list-sockets", "[PATTERN...]", 0, ANY_NUMBER, GROUP_UNITS, verb_list_places, 0, "List the sockets listened on, and what they start" },
	{ "list-timers", "[PATTERN...]", 0, ANY_NUMBER, GROUP_UNITS, verb_list_timers, 0, "List the timers, what elapses next first" },
	{ "list-automounts", "[PATTERN...]", 0, ANY_NUMBER, GROUP_UNITS, verb_list_places, 2, "List the places where something is mounted when it is used" },
	{ "list-paths", "[PATTERN...]", 0, ANY_NUMBER, GROUP_UNITS, verb_list_places, 1, "List the paths that are watched, and what they start" },
	{ "is-active", "PATTERN...", 1, ANY_NUMBER, GROUP_UNITS, verb_is_active, 0, "Print each unit's state; succeed when one is active" },
	{ "is-failed", "PATTERN...", 1, ANY_NUMBER, GROUP_UNITS, verb_is_active, 1, "Print each unit's state; succeed when one has failed" },
	{ "status", "[PATTERN...|PID...]", 0, ANY_NUMBER, GROUP_UNITS, verb_status, 0, "Show state, processes, resources and last log lines of units, or the whole system" },
	{ "show", "[PATTERN...|JOB...]", 0, ANY_NUMBER, GROUP_UNITS, verb_show, 0, "Print properties of units, jobs or the manager, for scripts" },
	{ "cat", "PATTERN...", 1, ANY_NUMBER, GROUP_UNITS, verb_cat, 0, "Print the files a unit is made of", .root = true },
	{ "help", "PATTERN...|PID...", 0, ANY_NUMBER, GROUP_UNITS, verb_help_unit, 0, "Show the manual pages that a unit names; with --man this program's own, as troff" },
	{ "list-dependencies", "[UNIT...]", 0, ANY_NUMBER, GROUP_UNITS, verb_list_dependencies, 0, "Show what a unit pulls in, as a tree" },
	{ "start", "UNIT...", 1, ANY_NUMBER, GROUP_UNITS, verb_submit, IPC_JOB_TYPE_START, "Start units and what they require" },
	{ "stop", "UNIT...", 1, ANY_NUMBER, GROUP_UNITS, verb_submit, IPC_JOB_TYPE_STOP, "Stop units and what requires them" },
	{ "reload", "UNIT...", 1, ANY_NUMBER, GROUP_UNITS, verb_submit, IPC_JOB_TYPE_RELOAD, "Make units read their own configuration again" },
	{ "restart", "UNIT...", 1, ANY_NUMBER, GROUP_UNITS, verb_submit, IPC_JOB_TYPE_RESTART, "Stop units that run, then start them" },
	{ "try-restart", "UNIT...", 1, ANY_NUMBER, GROUP_UNITS, verb_submit, IPC_JOB_TYPE_TRY_RESTART, "Restart those of the units that run" },
	{ "reload-or-restart", "UNIT...", 1, ANY_NUMBER, GROUP_UNITS, verb_submit, IPC_JOB_TYPE_RELOAD_OR_RESTART, "Reload units that can, restart the others" },
	{ "try-reload-or-restart", "UNIT...", 1, ANY_NUMBER, GROUP_UNITS, verb_submit, IPC_JOB_TYPE_TRY_RELOAD_OR_RESTART, "The same, for units that run" },
	{ "isolate", "UNIT", 1, 1, GROUP_UNITS, verb_submit, IPC_JOB_TYPE_START, "Start one unit and stop everything it does not need" },
	{ "kill", "UNIT...", 1, ANY_NUMBER, GROUP_UNITS, verb_kill, 0, "Send a signal to the processes of units" },
	{ "set-property", "UNIT KEY=VALUE...", 2, ANY_NUMBER, GROUP_UNITS, verb_set_property, 0, "Change resource control of a unit at once, and keep the change (with --runtime: until the next boot)" },
	{ "run", "[OPTIONS...] COMMAND...", 0, ANY_NUMBER, GROUP_UNITS, verb_run, 0, "Run a command as a transient service or scope, now or by a timer; see run --help" },
	{ "clean", "UNIT...", 0, ANY_NUMBER, GROUP_UNITS, verb_clean, 0, "Remove directories of units that do not run, see --what=" },
	{ "freeze", "PATTERN...", 1, ANY_NUMBER, GROUP_UNITS, verb_freeze, 1, "Halt all processes of units where they are" },
	{ "thaw", "PATTERN...", 1, ANY_NUMBER, GROUP_UNITS, verb_freeze, 0, "Let them go on" },
	{ "reset-failed", "[PATTERN...]", 0, ANY_NUMBER, GROUP_UNITS, verb_reset_failed, 0, "Forget failures and start limits" },
	/* spellings that systemctl knows from older days */
	{ "force-reload", "UNIT...", 1, ANY_NUMBER, GROUP_UNITS, verb_submit, IPC_JOB_TYPE_TRY_RELOAD_OR_RESTART, NULL },
	{ "condrestart", "UNIT...", 1, ANY_NUMBER, GROUP_UNITS, verb_submit, IPC_JOB_TYPE_TRY_RESTART, NULL },
	{ "condreload", "UNIT...", 1, ANY_NUMBER, GROUP_UNITS, verb_submit, IPC_JOB_TYPE_TRY_RELOAD_OR_RESTART, NULL },
	{ "condstop", "UNIT...", 1, ANY_NUMBER, GROUP_UNITS, verb_submit, IPC_JOB_TYPE_STOP, NULL },

	{ "list-unit-files", "[PATTERN...]", 0, ANY_NUMBER, GROUP_FILES, verb_list_unit_files, 0, "List the unit files on disk and whether they are enabled", .root = true },
	{ "is-enabled", "UNIT...", 1, ANY_NUMBER, GROUP_FILES, verb_is_enabled, 0, "Print whether unit files are enabled; succeed when one is", .root = true },
	{ "enable", "UNIT...|PATH...", 1, ANY_NUMBER, GROUP_FILES, verb_install, FILES_ENABLE, "Make units start as their [Install] sections say", .root = true },
	{ "disable", "UNIT...", 1, ANY_NUMBER, GROUP_FILES, verb_install, FILES_DISABLE, "Undo that", .root = true },
	{ "reenable", "UNIT...", 1, ANY_NUMBER, GROUP_FILES, verb_install, FILES_REENABLE, "Disable units, then enable them again", .root = true },
	{ "preset", "UNIT...", 1, ANY_NUMBER, GROUP_FILES, verb_install, FILES_PRESET, "Enable or disable units as the preset files say", .root = true },
	{ "preset-all", NULL, 0, 0, GROUP_FILES, verb_install, FILES_PRESET_ALL, "The same for every unit file", .root = true },
	{ "mask", "UNIT...", 1, ANY_NUMBER, GROUP_FILES, verb_install, FILES_MASK, "Make it impossible to start units", .root = true },
	{ "unmask", "UNIT...", 1, ANY_NUMBER, GROUP_FILES, verb_install, FILES_UNMASK, "Undo that", .root = true },
	{ "link", "PATH...", 1, ANY_NUMBER, GROUP_FILES, verb_install, FILES_LINK, "Link unit files from elsewhere into the search path", .root = true },
	{ "verify", "[UNIT...|PATH...]", 0, ANY_NUMBER, GROUP_FILES, verb_verify, 0, "Say what is wrong with units, with files or folders of them, or with the whole search path; it needs no manager. "
	  "Fails when anything is wrong; keys that are known and not honoured are listed and count only with --strict", .root = true },
	{ "edit", "UNIT...", 1, ANY_NUMBER, GROUP_FILES, verb_edit, 0, "Write a drop-in, with --full the whole file, in an editor", .root = true },
	{ "revert", "UNIT...", 1, ANY_NUMBER, GROUP_FILES, verb_install, FILES_REVERT, "Remove drop-ins, masks, and files that stand before a vendor's", .root = true },
	{ "add-wants", "TARGET UNIT...", 2, ANY_NUMBER, GROUP_FILES, verb_install, FILES_ADD_WANTS, "Make a target want units", .root = true },
	{ "add-requires", "TARGET UNIT...", 2, ANY_NUMBER, GROUP_FILES, verb_install, FILES_ADD_REQUIRES, "Make a target require units", .root = true },
	{ "get-default", NULL, 0, 0, GROUP_FILES, verb_get_default, 0, "Print the target that is booted", .root = true },
	{ "set-default", "TARGET", 1, 1, GROUP_FILES, verb_set_default, 0, "Choose it", .root = true },

	{ "list-jobs", "[PATTERN...]", 0, ANY_NUMBER, GROUP_JOBS, verb_list_jobs, 0, "List what is waiting or being done" },
	{ "cancel", "[JOB...]", 0, ANY_NUMBER, GROUP_JOBS, verb_cancel, 0, "Cancel jobs by number, or all" },

	{ "show-environment", NULL, 0, 0, GROUP_ENVIRONMENT, verb_show_environment, 0, "Print the environment that services get" },
	{ "set-environment", "VARIABLE=VALUE...", 1, ANY_NUMBER, GROUP_ENVIRONMENT, verb_set_environment, 0, "Set variables in it" },
	{ "unset-environment", "VARIABLE...", 1, ANY_NUMBER, GROUP_ENVIRONMENT, verb_set_environment, 1, "Remove variables from it" },
	{ "import-environment", "VARIABLE...", 0, ANY_NUMBER, GROUP_ENVIRONMENT, verb_set_environment, 2, "Copy variables from here into it" },

	{ "daemon-reload", NULL, 0, 0, GROUP_MANAGER, verb_daemon_reload, 0, "Read all unit files again; with --full say what is wrong with them" },
	{ "daemon-reexec", NULL, 0, 0, GROUP_MANAGER, verb_daemon_reexec, 0, "Replace the service manager by its binary on disk; no service notices" },
	{ "log-level", "[LEVEL]", 0, 1, GROUP_MANAGER, verb_log_level, 0, "Print or set how much the service manager logs" },
	{ "dump", "[PATTERN...]", 0, ANY_NUMBER, GROUP_MANAGER, verb_dump, 0, "Print all units and jobs with all that is known of them, for people; patterns choose units" },
	{ "log-target", "[TARGET]", 0, 1, GROUP_MANAGER, verb_fixed, 0, "Print where the service manager logs to: kmsg, and nothing else" },
	{ "service-watchdogs", "[BOOL]", 0, 1, GROUP_MANAGER, verb_fixed, 1, "Print whether watchdogs of services are on: yes, and never no" },
	{ "ipc", "[SOCKET [METHOD [KEY=VALUE...]]]", 0, ANY_NUMBER, GROUP_MANAGER, verb_ipc, 0, "Call any method of any daemon of the suite" },

	{ "is-system-running", NULL, 0, 0, GROUP_SYSTEM, verb_is_system_running, 0, "Print the state of the system; succeed when all is well" },
	{ "default", NULL, 0, 0, GROUP_SYSTEM, verb_isolate_to, IPC_JOB_MODE_ISOLATE, "Go to default.target" },
	{ "rescue", NULL, 0, 0, GROUP_SYSTEM, verb_isolate_to, IPC_JOB_MODE_ISOLATE, "Go to rescue.target: a root shell, local file systems" },
	{ "emergency", NULL, 0, 0, GROUP_SYSTEM, verb_isolate_to, IPC_JOB_MODE_ISOLATE, "Go to emergency.target: a root shell and nothing else" },
	{ "halt", NULL, 0, 0, GROUP_SYSTEM, verb_power, IPC_POWER_VERB_HALT, "Stop everything and leave the power on" },
	{ "poweroff", NULL, 0, 0, GROUP_SYSTEM, verb_power, IPC_POWER_VERB_POWEROFF, "Stop everything and power off" },
	{ "reboot", NULL, 0, 0, GROUP_SYSTEM, verb_power, IPC_POWER_VERB_REBOOT, "Stop everything and restart the machine" },
	{ "kexec", NULL, 0, 0, GROUP_SYSTEM, verb_power, IPC_POWER_VERB_KEXEC, "Stop everything and boot the loaded kernel" },
	{ "exit", "[STATUS]", 0, 1, GROUP_SYSTEM, verb_power, IPC_POWER_VERB_EXIT, "Leave a container with an exit status; elsewhere power off" },
	{ "suspend", NULL, 0, 0, GROUP_SYSTEM, verb_isolate_to, IPC_JOB_MODE_REPLACE_IRREVERSIBLY, "Start suspend.target: sleep, with the memory kept under power" },
	{ "hibernate", NULL, 0, 0, GROUP_SYSTEM, verb_isolate_to, IPC_JOB_MODE_REPLACE_IRREVERSIBLY, "Start hibernate.target: sleep, with the memory on disk" },
	{ "hybrid-sleep", NULL, 0, 0, GROUP_SYSTEM, verb_isolate_to, IPC_JOB_MODE_REPLACE_IRREVERSIBLY, "Start hybrid-sleep.target: both" },
	{ "suspend-then-hibernate", NULL, 0, 0, GROUP_SYSTEM, verb_isolate_to, IPC_JOB_MODE_REPLACE_IRREVERSIBLY, "Start suspend-then-hibernate.target: the one, later the other" },
	{ "switch-root", "ROOT [INIT]", 1, 2, GROUP_SYSTEM, verb_switch_root, 0, "Move to another root file system and run its init" },

	{ "escape", "STRING...", 1, ANY_NUMBER, GROUP_TOOLS, verb_escape, 0, "Escape strings for unit names, with options of its own" },
	{ "calendar", "EXPRESSION...", 1, ANY_NUMBER, GROUP_TOOLS, verb_calendar, 0, "Say when calendar events elapse, see systemd.time(7)" },
	{ "timestamp", "TIMESTAMP...", 1, ANY_NUMBER, GROUP_TOOLS, verb_timestamp, 0, "Say how points in time are read" },
	{ "timespan", "SPAN...", 1, ANY_NUMBER, GROUP_TOOLS, verb_timespan, 0, "Say how time spans are read" },
};
const size_t n_verbs = ARRAY_SIZE(verbs);

const struct verb_refusal verbs_refused[] = {
	{ "bind", "a running unit's mounts are not changed" },
	{ "mount-image", "a running unit's mounts are not changed" },
	{ "service-log-level", "it needs a message bus" },
	{ "service-log-target", "it needs a message bus" },
	{ "list-machines", "containers are not listed here" },
};
const size_t n_verbs_refused = ARRAY_SIZE(verbs_refused);

const struct verb *verb_find(const char *name)
{
	for (size_t i = 0; i < n_verbs; i++)
		if (streq(verbs[i].name, name))
			return &verbs[i];
	return NULL;
}

const char *verb_refused(const char *name)
{
	for (size_t i = 0; i < n_verbs_refused; i++)
		if (streq(verbs_refused[i].name, name))
			return verbs_refused[i].why;
	return NULL;
}

/* ---- options ---- */

static const struct key_enum job_modes[] = {
	{ "fail", IPC_JOB_MODE_FAIL }, { "replace", IPC_JOB_MODE_REPLACE }, { "replace-irreversibly", IPC_JOB_MODE_REPLACE_IRREVERSIBLY },
	{ "isolate", IPC_JOB_MODE_ISOLATE }, { "flush", IPC_JOB_MODE_FLUSH }, { "ignore-dependencies", IPC_JOB_MODE_IGNORE_DEPENDENCIES },
	{ "ignore-requirements", IPC_JOB_MODE_IGNORE_REQUIREMENTS }, { NULL, 0 },
};
static const struct key_enum json_modes[] = { { "short", JSON_SHORT }, { "pretty", JSON_PRETTY }, { "off", JSON_OFF }, { NULL, 0 } };
static const struct key_enum line_styles[] = {
	{ "short", LINES_SHORT }, { "short-full", LINES_SHORT_FULL }, { "short-iso", LINES_SHORT_ISO }, { "short-iso-precise", LINES_SHORT_ISO_PRECISE }, { "short-precise", LINES_SHORT_PRECISE },
	{ "short-monotonic", LINES_SHORT_MONOTONIC }, { "short-unix", LINES_SHORT_UNIX }, { "cat", LINES_CAT },
	{ "json", LINES_JSON }, { "json-pretty", LINES_JSON_PRETTY }, { NULL, 0 },
};
static const struct key_enum stamp_styles[] = {
	{ "pretty", STAMP_PRETTY }, { "unix", STAMP_UNIX }, { "us", STAMP_US }, { "µs", STAMP_US }, { "utc", STAMP_UTC },
	{ "us+utc", STAMP_US_UTC }, { "µs+utc", STAMP_US_UTC }, { NULL, 0 },
};
static const struct key_enum preset_modes[] = { { "full", FILES_PRESET_FULL }, { "enable-only", FILES_PRESET_ENABLE_ONLY }, { "disable-only", FILES_PRESET_DISABLE_ONLY }, { NULL, 0 } };

#define AT(field) offsetof(struct options, field)
static const struct option_row rows[] = {
	{ "help", 'h', OPTION_FLAG, NULL, AT(help), .doc = "show this help" },
	{ "version", 0, OPTION_FLAG, NULL, AT(version), .doc = "show the version" },
	{ "help-markdown", 0, OPTION_FLAG, NULL, AT(help_markdown) },
	{ "man", 0, OPTION_FLAG, NULL, AT(man) },
	{ "all", 'a', OPTION_FLAG, NULL, AT(all), .doc = "idle units too; empty properties too; all levels of list-dependencies" },
	{ "type", 't', OPTION_WORDS, "TYPE,...", AT(types), .doc = "only units of these types; 'help' lists them" },
	{ "state", 0, OPTION_WORDS, "STATE,...", AT(states), .doc = "only units in one of these load, active or sub states; 'help' lists them" },
	{ "failed", 0, OPTION_FLAG, NULL, AT(failed), .doc = "the same as --state=failed" },
	{ "property", 'p', OPTION_WORDS, "NAME,...", AT(properties), .doc = "show: only these properties, even when empty" },
	{ NULL, 'P', OPTION_WORDS, "NAME,...", AT(only_values), .doc = "the same as --value --property=NAME" },
	{ "value", 0, OPTION_FLAG, NULL, AT(value), .doc = "show: print values without names" },
	{ "full", 'l', OPTION_FLAG, NULL, AT(full), .doc = "do not cut lines to the terminal's width; more detail where there is" },
	{ "json", 0, OPTION_ENUM, "[short|pretty|off]", AT(json), json_modes, JSON_SHORT, "print lists and properties as JSON" },
	{ "output", 'o', OPTION_ENUM, "STYLE", AT(output), line_styles, 0, "style of log lines: short, short-full, short-iso, short-iso-precise, short-precise, short-monotonic, short-unix, cat; json and json-pretty as --json" },
	{ "lines", 'n', OPTION_UNSIGNED, "NUMBER", AT(lines), .doc = "status: how many log lines, 10 by default" },
	{ "timestamp", 0, OPTION_ENUM, "FORMAT", AT(timestamp), stamp_styles, 0, "pretty, unix, us, utc, us+utc" },
	{ "plain", 0, OPTION_FLAG, NULL, AT(plain), .doc = "no marks and no tree" },
	{ "no-legend", 0, OPTION_OFF, NULL, AT(legend), .doc = "no headers and hints" },
	{ "legend", 0, OPTION_BOOL, "BOOL", AT(legend), .doc = "headers and hints or not" },
	{ "show-types", 0, OPTION_FLAG, NULL, AT(show_types), .doc = "list-sockets: the type of each" },
	{ "reverse", 0, OPTION_FLAG, NULL, AT(reverse), .doc = "list-dependencies: who pulls the unit in" },
	{ "before", 0, OPTION_FLAG, NULL, AT(before), .doc = "list-dependencies: what it is ordered before" },
	{ "after", 0, OPTION_FLAG, NULL, AT(after), .doc = "list-dependencies: what it is ordered after" },
	{ "job-mode", 0, OPTION_ENUM, "MODE", AT(job_mode), job_modes, 0, "what to do about jobs that are there already" },
	{ "fail", 0, OPTION_FLAG, NULL, AT(fail), .doc = "the same as --job-mode=fail" },
	{ "show-transaction", 'T', OPTION_FLAG, NULL, AT(show_transaction), .doc = "print the jobs that a request made" },
	{ "wait", 0, OPTION_FLAG, NULL, AT(wait), .doc = "start: until the unit ends; is-system-running: until the boot is over" },
	{ "no-block", 0, OPTION_FLAG, NULL, AT(no_block), .doc = "do not wait for jobs" },
	{ "signal", 's', OPTION_STRING, "SIGNAL", AT(signal_name), .doc = "kill: which signal, SIGTERM by default; 'help' or 'list' lists them" },
	{ "kill-whom", 0, OPTION_STRING, "main|control|all", AT(kill_whom), .doc = "kill: which processes, all by default" },
	{ "kill-who", 0, OPTION_STRING, "main|control|all", AT(kill_whom) },
	{ "what", 0, OPTION_WORDS, "WHAT,...", AT(what), .doc = "clean: runtime, state, cache, logs, configuration, all; cache and runtime by default; 'help' lists them" },
	{ "now", 0, OPTION_FLAG, NULL, AT(now), .doc = "enable: start too; disable, mask: stop too" },
	{ "runtime", 0, OPTION_FLAG, NULL, AT(runtime), .doc = "change files in /run only, until the next boot" },
	{ "root", 0, OPTION_STRING, "DIRECTORY", AT(root), .doc = "work on the unit files of a system below this directory" },
	{ "preset-mode", 0, OPTION_ENUM, "MODE", AT(preset_mode), preset_modes, 0, "full, enable-only, disable-only" },
	{ "user", 0, OPTION_FLAG, NULL, AT(user), .doc = "this user's service manager and unit files instead of the system's" },
	{ "global", 0, OPTION_FLAG, NULL, AT(global), .doc = "unit files of all users' service managers" },
	{ "strict", 0, OPTION_FLAG, NULL, AT(strict), .doc = "verify: fail for keys that are not honoured, too" },
	{ "no-reload", 0, OPTION_FLAG, NULL, AT(no_reload), .doc = "do not make the manager read the changed files" },
	{ "stdin", 0, OPTION_FLAG, NULL, AT(from_stdin), .doc = "edit: the new text comes from standard input" },
	{ "drop-in", 0, OPTION_STRING, "NAME", AT(drop_in), .doc = "edit: the drop-in of this name instead of override.conf" },
	{ "force", 'f', OPTION_COUNT, NULL, AT(force), .doc = "replace links in the way; power: skip stopping units; twice: no manager, no sync of services, at once" },
	{ "quiet", 'q', OPTION_FLAG, NULL, AT(quiet), .doc = "print less" },
	{ "dry-run", 0, OPTION_FLAG, NULL, AT(dry_run), .doc = "system verbs: only say what would be done" },
	{ "message", 0, OPTION_STRING, "TEXT", AT(message), .doc = "what to tell the users logged in before going down" },
	{ "no-wall", 0, OPTION_FLAG, NULL, AT(no_wall), .doc = "do not tell them" },
	{ "reboot-argument", 0, OPTION_STRING, "ARGUMENT", AT(reboot_argument), .doc = "passed to reboot(2)" },
	{ "iterations", 0, OPTION_UNSIGNED, "NUMBER", AT(iterations), .doc = "calendar: how many times to show, 1 by default" },
	{ "base-time", 0, OPTION_STRING, "TIMESTAMP", AT(base_time), .doc = "calendar: count from then instead of now" },
	/* systemctl's options without meaning here: taken in silence */
	{ "no-pager", 0, OPTION_ACCEPTED, .doc = "accepted: there is never a pager" },
	{ "no-ask-password", 0, OPTION_ACCEPTED, .doc = "accepted: passwords are never asked for" },
	{ "system", 0, OPTION_ACCEPTED, .doc = "accepted: it is always the system's manager" },
	{ "recursive", 'r', OPTION_ACCEPTED, .doc = "accepted: no containers are listed" },
	{ "check-inhibitors", 0, OPTION_ACCEPTED, "MODE", .doc = "accepted: there are no inhibitors" },
	{ NULL, 'i', OPTION_ACCEPTED, .doc = "accepted: there are no inhibitors" },
	{ "no-warn", 0, OPTION_ACCEPTED },
	{ "no-sync", 0, OPTION_ACCEPTED },
	/* and those that would promise too much */
	{ "host", 'H', OPTION_REFUSED, "HOST", .doc = "log in there with ssh and use sctl" },
	{ "machine", 'M', OPTION_REFUSED, "CONTAINER", .doc = "enter the container and use sctl" },
	{ "image", 0, OPTION_REFUSED, "FILE", .doc = "mount the image and use --root=" },
	{ "firmware-setup", 0, OPTION_REFUSED, .doc = "EFI variables are not written" },
	{ "boot-loader-menu", 0, OPTION_REFUSED, "TIME", .doc = "EFI variables are not written" },
	{ "boot-loader-entry", 0, OPTION_REFUSED, "NAME", .doc = "EFI variables are not written" },
	{ "marked", 0, OPTION_REFUSED, .doc = "units carry no marks" },
	{ "read-only", 0, OPTION_REFUSED, .doc = "the verb bind is not available" },
	{ "mkdir", 0, OPTION_REFUSED, .doc = "the verb bind is not available" },
	{ "with-dependencies", 0, OPTION_REFUSED, .doc = "use list-dependencies" },
};
const struct option_set sctl_options = { rows, ARRAY_SIZE(rows), "sctl" };

static const struct option_row escape_rows[] = {
	{ "help", 'h', OPTION_FLAG, NULL, AT(help), .doc = "show the help" },
	{ "version", 0, OPTION_FLAG, NULL, AT(version), .doc = "show the version" },
	{ "suffix", 0, OPTION_STRING, "TYPE", AT(suffix), .doc = "append this unit type" },
	{ "template", 0, OPTION_STRING, "NAME@.TYPE", AT(template), .doc = "make instances of this template; with --unescape: of these" },
	{ "instance", 0, OPTION_FLAG, NULL, AT(instance), .doc = "with --unescape: the instance part alone" },
	{ "unescape", 'u', OPTION_CONST, NULL, AT(escape), NULL, ESCAPE_UNDO, "undo it" },
	{ "mangle", 'm', OPTION_CONST, NULL, AT(escape), NULL, ESCAPE_MANGLE, "escape only what cannot be in a unit name, as the words of other verbs are" },
	{ "path", 'p', OPTION_FLAG, NULL, AT(path), .doc = "the strings are paths" },
};
const struct option_set escape_options = { escape_rows, ARRAY_SIZE(escape_rows), "sctl escape" };
