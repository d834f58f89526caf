/* keys.c - the rows of systemd.exec(5) and systemd.kill(5) */
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <syslog.h>
#include "exec/kinds.h"

/* why rows of kind_unsupported are that */
#define NO_VERITY (intptr_t)"dm-verity is not set up, and an image with RootHash= is refused"

#define S(field) offsetof(struct exec_context, s.field)
#define DIR_INDEX_runtime (IPC_EXEC_DIR_KIND_RUNTIME - 1)
#define DIR_INDEX_state (IPC_EXEC_DIR_KIND_STATE - 1)
#define DIR_INDEX_cache (IPC_EXEC_DIR_KIND_CACHE - 1)
#define DIR_INDEX_logs (IPC_EXEC_DIR_KIND_LOGS - 1)
#define DIR_INDEX_configuration (IPC_EXEC_DIR_KIND_CONFIGURATION - 1)
#define DIR(kind) offsetof(struct exec_context, dirs[DIR_INDEX_##kind])
#define DIRMODE(kind) offsetof(struct exec_context, dirs[DIR_INDEX_##kind].mode)

#define BOOL_NAMES(no, yes) { "no", no }, { "yes", yes }, { "0", no }, { "1", yes }, { "false", no }, { "true", yes }, \
	{ "off", no }, { "on", yes }, { "n", no }, { "y", yes }, { "f", no }, { "t", yes }

static const struct key_enum booleans[] = { BOOL_NAMES(0, 1), { NULL, 0 } };
static const struct key_enum policies[] = { { "other", SCHED_OTHER }, { "batch", SCHED_BATCH }, { "idle", SCHED_IDLE }, { "fifo", SCHED_FIFO }, { "rr", SCHED_RR }, { NULL, 0 } };
static const struct key_enum io_classes[] = { { "none", 0 }, { "realtime", 1 }, { "best-effort", 2 }, { "idle", 3 }, { NULL, 0 } };
static const struct key_enum numa_policies[] = { { "default", 0 }, { "preferred", 1 }, { "bind", 2 }, { "interleave", 3 }, { "local", 4 }, { NULL, 0 } };
static const struct key_enum keyrings[] = { { "inherit", IPC_KEYRING_MODE_INHERIT }, { "private", IPC_KEYRING_MODE_PRIVATE }, { "shared", IPC_KEYRING_MODE_SHARED }, { NULL, 0 } };
static const struct key_enum homes[] = { BOOL_NAMES(IPC_PROTECT_HOME_NO, IPC_PROTECT_HOME_YES), { "read-only", IPC_PROTECT_HOME_READ_ONLY }, { "tmpfs", IPC_PROTECT_HOME_TMPFS }, { NULL, 0 } };
static const struct key_enum systems[] = { BOOL_NAMES(IPC_PROTECT_SYSTEM_NO, IPC_PROTECT_SYSTEM_YES), { "full", IPC_PROTECT_SYSTEM_FULL }, { "strict", IPC_PROTECT_SYSTEM_STRICT }, { NULL, 0 } };
static const struct key_enum procs[] = { { "default", IPC_PROTECT_PROC_DEFAULT }, { "noaccess", IPC_PROTECT_PROC_NOACCESS }, { "invisible", IPC_PROTECT_PROC_INVISIBLE }, { "ptraceable", IPC_PROTECT_PROC_PTRACEABLE }, { NULL, 0 } };
static const struct key_enum proc_subsets[] = { { "all", 0 }, { "pid", 1 }, { NULL, 0 } };
static const struct key_enum preserves[] = { BOOL_NAMES(IPC_EXEC_PRESERVE_NO, IPC_EXEC_PRESERVE_YES), { "restart", IPC_EXEC_PRESERVE_RESTART }, { NULL, 0 } };
static const struct key_enum utmp_modes[] = { { "init", IPC_UTMP_MODE_INIT }, { "login", IPC_UTMP_MODE_LOGIN }, { "user", IPC_UTMP_MODE_USER }, { NULL, 0 } };
static const struct key_enum facilities[] = {
	{ "kern", LOG_KERN }, { "user", LOG_USER }, { "mail", LOG_MAIL }, { "daemon", LOG_DAEMON }, { "auth", LOG_AUTH }, { "syslog", LOG_SYSLOG },
	{ "lpr", LOG_LPR }, { "news", LOG_NEWS }, { "uucp", LOG_UUCP }, { "cron", LOG_CRON }, { "authpriv", LOG_AUTHPRIV }, { "ftp", LOG_FTP },
	{ "local0", LOG_LOCAL0 }, { "local1", LOG_LOCAL1 }, { "local2", LOG_LOCAL2 }, { "local3", LOG_LOCAL3 }, { "local4", LOG_LOCAL4 },
	{ "local5", LOG_LOCAL5 }, { "local6", LOG_LOCAL6 }, { "local7", LOG_LOCAL7 }, { NULL, 0 },
};
static const struct key_enum levels[] = {
	{ "emerg", LOG_EMERG }, { "alert", LOG_ALERT }, { "crit", LOG_CRIT }, { "err", LOG_ERR }, { "warning", LOG_WARNING }, { "notice", LOG_NOTICE },
	{ "info", LOG_INFO }, { "debug", LOG_DEBUG }, { NULL, 0 },
};

/* a bool with names of its own */
static int parse_enum_bool(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	int v = 0;

	if (*value && key_enum_value((const struct key_enum *)k->arg, value, &v) < 0)
		return key_bad(at, "\"%s\" is not known", value);
	*(bool *)field = v;
	return 0;
}

static void format_enum_bool(const struct key *k, const void *field, struct buf *out)
{
	buf_adds(out, key_enum_name((const struct key_enum *)k->arg, *(const bool *)field));
}

static const struct key_kind kind_enum_bool = { "one of two names", parse_enum_bool, format_enum_bool, NULL };

/* levels and facilities are shown as numbers */
static int parse_syslog(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	const struct key_enum *names = (const struct key_enum *)k->arg;
	int v;

	if (key_enum_value(names, value, &v) < 0)
		return key_bad(at, "\"%s\" is no syslog %s", value, names == levels ? "level" : "facility");
	*(uint32_t *)field = (uint32_t)v;
	return 0;
}

static void format_syslog(const struct key *k, const void *field, struct buf *out)
{
	uint32_t v = *(const uint32_t *)field;

	buf_addf(out, "%u", k->arg == (intptr_t)levels ? v : v >> 3);
}

static const struct key_kind kind_syslog = { "syslog word", parse_syslog, format_syslog, NULL };

/* LogLevelMax=: a name or a number; -1 when there is none */
static int parse_level_max(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	uint64_t number;
	int level = -1;

	if (value[0] && key_enum_value((const struct key_enum *)k->arg, value, &level) < 0) {
		if (value_unsigned(value, 7, &number) < 0)
			return key_bad(at, "a level (emerg ... debug) is expected, not \"%s\"", value);
		level = (int)number;
	}
	*(int *)field = level;
	return 0;
}

static void format_level_max(const struct key *k, const void *field, struct buf *out) { buf_addf(out, "%d", *(const int *)field); }
static const struct key_kind kind_log_level_max = { "level", parse_level_max, format_level_max, NULL };

const struct key exec_keys[] = {
	{ "AmbientCapabilities", &kind_caps, S(capability_ambient), offsetof(struct exec_context, ambient_touched), NULL,
	  "Capabilities that the processes keep although they run as another user." },
	{ "AppArmorProfile", &kind_string, S(apparmor_profile), 0, NULL,
	  "AppArmor profile that is entered at exec; a \"-\" in front lets a missing one pass." },
	{ "BindPaths", &kind_binds, S(bind_paths), 0, NULL,
	  "Files and directories that also appear at other places in the unit's view of the file system." },
	{ "BindReadOnlyPaths", &kind_binds, S(bind_read_only_paths), 0, NULL,
	  "The same as BindPaths=, but read-only." },
	{ "CPUAffinity", &kind_affinity, offsetof(struct exec_context, s), 0, NULL,
	  "Processors that the processes may run on." },
	{ "CPUSchedulingPolicy", &kind_opt, S(sched_policy), OPT(sched_policy, 0, 5, policies, .number = true), NULL,
	  "Scheduling policy: other, batch, idle, fifo or rr." },
	{ "CPUSchedulingPriority", &kind_opt, S(sched_priority), OPT(sched_priority, 0, 99, NULL), NULL,
	  "Priority under a real-time policy, 1 to 99." },
	{ "CPUSchedulingResetOnFork", &kind_bool, S(sched_reset_on_fork), 0, NULL,
	  "Children of the processes start with the ordinary policy again." },
	{ "CacheDirectory", &kind_dir, DIR(cache), 0, NULL,
	  "Directories below /var/cache that are made for the unit and given to its user." },
	{ "CacheDirectoryMode", &kind_mode, DIRMODE(cache), 0, NULL,
	  "Access mode of CacheDirectory=." },
	{ "CapabilityBoundingSet", &kind_caps, S(capability_bounding_set), offsetof(struct exec_context, bounding_touched), NULL,
	  "Capabilities that the processes can have at all." },
	{ "ConfigurationDirectory", &kind_dir, DIR(configuration), 0, NULL,
	  "Directories below /etc that are made for the unit." },
	{ "ConfigurationDirectoryMode", &kind_mode, DIRMODE(configuration), 0, NULL,
	  "Access mode of ConfigurationDirectory=." },
	{ "CoredumpFilter", &kind_coredump_filter, offsetof(struct exec_context, s), 0, NULL,
	  "Kinds of mappings that go into a core dump." },
	{ "DynamicUser", &kind_bool, S(dynamic_user), 0, NULL,
	  "A user and group are made up for as long as the unit runs." },
	{ "Environment", &kind_environment, S(environment), 0, NULL,
	  "Environment variables; a later setting of a name wins." },
	{ "EnvironmentFile", &kind_env_file, S(environment_files), 0, "EnvironmentFiles",
	  "File of NAME=VALUE lines, read right before the command is run." },
	{ "ExecPaths", &kind_prefixed_paths, S(exec_paths), 0, NULL,
	  "Below NoExecPaths=, paths from which programs may be run." },
	{ "ExecSearchPath", &kind_search_path, S(exec_search_path), 0, NULL,
	  "Directories in which commands without a slash are looked up; also becomes PATH." },
	{ "ExtensionDirectories", &kind_prefixed_paths, S(extension_directories), 0, NULL,
	  "Directories to be overlaid on /usr and /opt." },
	{ "ExtensionImages", &kind_images, S(extension_images), 0, NULL,
	  "Disk images to be overlaid on /usr and /opt." },
	{ "Group", &kind_identity, S(group), 0, NULL,
	  "Primary group of the processes; the user's own when not set." },
	{ "IOSchedulingClass", &kind_opt, S(ioprio_class), OPT(ioprio_class, 0, 3, io_classes, .number = true, .unset = 2), NULL,
	  "I/O scheduling class: none, realtime, best-effort or idle." },
	{ "IOSchedulingPriority", &kind_opt, S(ioprio_level), OPT(ioprio_level, 0, 7, NULL, .unset = 4), NULL,
	  "I/O priority within the class, 0 (first) to 7." },
	{ "IPCNamespacePath", &kind_path, S(ipc_namespace_path), 0, NULL,
	  "File that stands for the IPC namespace to join." },
	{ "IgnoreSIGPIPE", &kind_bool, S(ignore_sigpipe), 0, NULL,
	  "SIGPIPE is ignored when the command starts." },
	{ "InaccessibleDirectories", &kind_prefixed_paths, S(inaccessible_paths), 0, "",
	  "Old name of InaccessiblePaths=." },
	{ "InaccessiblePaths", &kind_prefixed_paths, S(inaccessible_paths), 0, NULL,
	  "Paths that the processes cannot reach." },
	{ "KeyringMode", &kind_enum, S(keyring_mode), (intptr_t)keyrings, NULL,
	  "Kernel keyring of the session: inherit, private or shared." },
	{ "LimitAS", &kind_limit, offsetof(struct exec_context, limits[RLIMIT_AS]), RLIMIT_AS, NULL,
	  "Resource limit: address space." },
	{ "LimitCORE", &kind_limit, offsetof(struct exec_context, limits[RLIMIT_CORE]), RLIMIT_CORE, NULL,
	  "Resource limit: size of a core dump." },
	{ "LimitCPU", &kind_limit, offsetof(struct exec_context, limits[RLIMIT_CPU]), RLIMIT_CPU, NULL,
	  "Resource limit: processor time." },
	{ "LimitDATA", &kind_limit, offsetof(struct exec_context, limits[RLIMIT_DATA]), RLIMIT_DATA, NULL,
	  "Resource limit: size of the data segment." },
	{ "LimitFSIZE", &kind_limit, offsetof(struct exec_context, limits[RLIMIT_FSIZE]), RLIMIT_FSIZE, NULL,
	  "Resource limit: size of a file." },
	{ "LimitLOCKS", &kind_limit, offsetof(struct exec_context, limits[RLIMIT_LOCKS]), RLIMIT_LOCKS, NULL,
	  "Resource limit: file locks (without effect in the kernel)." },
	{ "LimitMEMLOCK", &kind_limit, offsetof(struct exec_context, limits[RLIMIT_MEMLOCK]), RLIMIT_MEMLOCK, NULL,
	  "Resource limit: locked memory." },
	{ "LimitMSGQUEUE", &kind_limit, offsetof(struct exec_context, limits[RLIMIT_MSGQUEUE]), RLIMIT_MSGQUEUE, NULL,
	  "Resource limit: memory of POSIX message queues." },
	{ "LimitNICE", &kind_limit, offsetof(struct exec_context, limits[RLIMIT_NICE]), RLIMIT_NICE, NULL,
	  "Resource limit: nice level that may be reached." },
	{ "LimitNOFILE", &kind_limit, offsetof(struct exec_context, limits[RLIMIT_NOFILE]), RLIMIT_NOFILE, NULL,
	  "Resource limit: open file descriptors." },
	{ "LimitNPROC", &kind_limit, offsetof(struct exec_context, limits[RLIMIT_NPROC]), RLIMIT_NPROC, NULL,
	  "Resource limit: processes of the user." },
	{ "LimitRSS", &kind_limit, offsetof(struct exec_context, limits[RLIMIT_RSS]), RLIMIT_RSS, NULL,
	  "Resource limit: resident memory (without effect in the kernel)." },
	{ "LimitRTPRIO", &kind_limit, offsetof(struct exec_context, limits[RLIMIT_RTPRIO]), RLIMIT_RTPRIO, NULL,
	  "Resource limit: real-time priority." },
	{ "LimitRTTIME", &kind_limit, offsetof(struct exec_context, limits[RLIMIT_RTTIME]), RLIMIT_RTTIME, NULL,
	  "Resource limit: processor time of a real-time process without a pause, in microseconds." },
	{ "LimitSIGPENDING", &kind_limit, offsetof(struct exec_context, limits[RLIMIT_SIGPENDING]), RLIMIT_SIGPENDING, NULL,
	  "Resource limit: queued signals." },
	{ "LimitSTACK", &kind_limit, offsetof(struct exec_context, limits[RLIMIT_STACK]), RLIMIT_STACK, NULL,
	  "Resource limit: size of the stack." },
	{ "LoadCredential", &kind_load_credential, 0, 0, NULL,
	  "Secrets and settings, read from files and offered to the unit below $CREDENTIALS_DIRECTORY." },
	{ "LoadCredentialEncrypted", &kind_load_credential, 0, 1, NULL,
	  "The same as LoadCredential=, from files that systemd-creds(1) encrypted with the key of the machine, or with none; not with a TPM2." },
	{ "LockPersonality", &kind_bool, S(lock_personality), 0, NULL,
	  "The execution domain cannot be changed." },
	{ "LogExtraFields", &kind_unsupported, 0, (intptr_t)"the log keeps lines, without fields", NULL,
	  "Fields for each record of the journal." },
	{ "LogLevelMax", &kind_log_level_max, offsetof(struct exec_context, log_level_max), (intptr_t)levels, NULL,
	  "The least important level of output that is kept." },
	{ "LogNamespace", &kind_unsupported, 0, (intptr_t)"there is one log for all units", NULL,
	  "Journal instance that the output goes to." },
	{ "LogRateLimitBurst", &kind_unsigned, offsetof(struct exec_context, log_rate_burst), 0, NULL,
	  "Lines that may be logged within an interval." },
	{ "LogRateLimitIntervalSec", &kind_sec, offsetof(struct exec_context, log_rate_interval_usec), 0, "LogRateLimitIntervalUSec",
	  "The interval that LogRateLimitBurst= counts in." },
	{ "LogsDirectory", &kind_dir, DIR(logs), 0, NULL,
	  "Directories below /var/log that are made for the unit and given to its user." },
	{ "LogsDirectoryMode", &kind_mode, DIRMODE(logs), 0, NULL,
	  "Access mode of LogsDirectory=." },
	{ "MemoryDenyWriteExecute", &kind_bool, S(memory_deny_write_execute), 0, NULL,
	  "Memory cannot be both writable and executable." },
	{ "MountAPIVFS", &kind_opt, S(mount_api_vfs), OPT(mount_api_vfs, 0, 1, booleans), NULL,
	  "/proc, /sys and /dev are mounted below RootDirectory=." },
	{ "MountFlags", &kind_mount_flags, offsetof(struct exec_context, s), 0, NULL,
	  "How mounts propagate from and to the unit: shared, slave or private." },
	{ "MountImages", &kind_images, S(mount_images), 1, NULL,
	  "Disk images to be mounted for the unit." },
	{ "NUMAMask", &kind_cpus, S(numa_mask), 0, NULL,
	  "NUMA nodes that NUMAPolicy= is about." },
	{ "NUMAPolicy", &kind_opt, S(numa_policy), OPT(numa_policy, 0, 4, numa_policies, .unset_text = "n/a"), NULL,
	  "Memory policy: default, preferred, bind, interleave or local." },
	{ "NetworkNamespacePath", &kind_path, S(network_namespace_path), 0, NULL,
	  "File that stands for the network namespace to join." },
	{ "Nice", &kind_opt, S(nice), OPT(nice, -20, 19, NULL), NULL,
	  "Scheduling priority, -20 (first) to 19." },
	{ "NoExecPaths", &kind_prefixed_paths, S(no_exec_paths), 0, NULL,
	  "Paths from which no program can be run." },
	{ "NoNewPrivileges", &kind_nnp, 0, 0, NULL,
	  "The processes and their children can never gain privileges by exec." },
	{ "OOMScoreAdjust", &kind_opt, S(oom_score_adjust), OPT(oom_score_adjust, -1000, 1000, NULL), NULL,
	  "How readily the kernel ends the processes when memory is short, -1000 (never) to 1000." },
	{ "PAMName", &kind_string, S(pam_name), 0, NULL,
	  "PAM service under which a session is opened for User=." },
	{ "PassEnvironment", &kind_env_names, offsetof(struct exec_context, pass_environment), 0, NULL,
	  "Variables of the manager that are passed on." },
	{ "Personality", &kind_personality, offsetof(struct exec_context, s), 0, NULL,
	  "Architecture that uname(2) shows." },
	{ "PrivateDevices", &kind_bool, S(private_devices), 0, NULL,
	  "A /dev of its own without physical devices." },
	{ "PrivateIPC", &kind_bool, S(private_ipc), 0, NULL,
	  "An IPC namespace of its own." },
	{ "PrivateMounts", &kind_bool, S(private_mounts), 0, NULL,
	  "A mount namespace of its own: mounts made by the unit stay in it." },
	{ "PrivateNetwork", &kind_bool, S(private_network), 0, NULL,
	  "A network namespace of its own, with the loopback device only." },
	{ "PrivateTmp", &kind_bool, S(private_tmp), 0, NULL,
	  "/tmp and /var/tmp of its own, which go away with the unit." },
	{ "PrivateUsers", &kind_bool, S(private_users), 0, NULL,
	  "A user namespace that knows only root and the unit's own user and group." },
	{ "ProcSubset", &kind_enum_bool, S(proc_subset_pid), (intptr_t)proc_subsets, NULL,
	  "all, or pid: /proc shows nothing but processes." },
	{ "ProtectClock", &kind_bool, S(protect_clock), 0, NULL,
	  "The clocks cannot be set." },
	{ "ProtectControlGroups", &kind_bool, S(protect_control_groups), 0, NULL,
	  "The control groups are read-only." },
	{ "ProtectHome", &kind_enum, S(protect_home), (intptr_t)homes, NULL,
	  "/home, /root and /run/user are hidden (yes), read-only (read-only) or empty (tmpfs)." },
	{ "ProtectHostname", &kind_bool, S(protect_hostname), 0, NULL,
	  "The host name cannot be changed for the system." },
	{ "ProtectKernelLogs", &kind_bool, S(protect_kernel_logs), 0, NULL,
	  "The kernel's log cannot be reached." },
	{ "ProtectKernelModules", &kind_bool, S(protect_kernel_modules), 0, NULL,
	  "Kernel modules can neither be loaded nor read." },
	{ "ProtectKernelTunables", &kind_bool, S(protect_kernel_tunables), 0, NULL,
	  "Kernel variables in /proc and /sys are read-only." },
	{ "ProtectProc", &kind_enum, S(protect_proc), (intptr_t)procs, NULL,
	  "Which processes /proc shows: default, noaccess, invisible or ptraceable." },
	{ "ProtectSystem", &kind_enum, S(protect_system), (intptr_t)systems, NULL,
	  "/usr and the boot loader (yes), also /etc (full), or everything (strict) is read-only." },
	{ "ReadOnlyDirectories", &kind_prefixed_paths, S(read_only_paths), 0, "",
	  "Old name of ReadOnlyPaths=." },
	{ "ReadOnlyPaths", &kind_prefixed_paths, S(read_only_paths), 0, NULL,
	  "Paths that are read-only." },
	{ "ReadWriteDirectories", &kind_prefixed_paths, S(read_write_paths), 0, "",
	  "Old name of ReadWritePaths=." },
	{ "ReadWritePaths", &kind_prefixed_paths, S(read_write_paths), 0, NULL,
	  "Paths that stay writable below read-only ones." },
	{ "RemoveIPC", &kind_bool, offsetof(struct exec_context, remove_ipc), 0, NULL,
	  "IPC objects of the unit's user are removed when it stops." },
	{ "RestrictAddressFamilies", &kind_families, S(restrict_address_families), 0, NULL,
	  "Address families that sockets may be made of." },
	{ "RestrictFileSystems", &kind_file_systems, offsetof(struct exec_context, restrict_file_systems), 0, NULL,
	  "File systems that may be used." },
	{ "RestrictNamespaces", &kind_namespaces, offsetof(struct exec_context, s), 0, NULL,
	  "Namespaces that may be made or entered." },
	{ "RestrictRealtime", &kind_bool, S(restrict_realtime), 0, NULL,
	  "Real-time scheduling is refused." },
	{ "RestrictSUIDSGID", &kind_bool, S(restrict_suid_sgid), 0, NULL,
	  "Set-user-ID and set-group-ID bits cannot be set on files." },
	{ "RootDirectory", &kind_path, S(root_directory), 0, NULL,
	  "Directory that becomes the root of the file system for the processes." },
	{ "RootHash", &kind_string, S(root_hash), 0, NULL,
	  "Verity root hash of RootImage=; there is no verity yet, so a service with both is refused." },
	{ "RootHashSignature", &kind_unsupported, 0, NO_VERITY, NULL,
	  "Signature of RootHash=." },
	{ "RootImage", &kind_path, S(root_image), 0, NULL,
	  "Disk image that becomes the root of the file system." },
	{ "RootImageOptions", &kind_image_options, S(root_image_options), 0, NULL,
	  "Mount options of RootImage=." },
	{ "RootVerity", &kind_unsupported, 0, NO_VERITY, NULL,
	  "Verity data of RootImage=." },
	{ "RuntimeDirectory", &kind_dir, DIR(runtime), 0, NULL,
	  "Directories below /run that are made for the unit and removed when it stops." },
	{ "RuntimeDirectoryMode", &kind_mode, DIRMODE(runtime), 0, NULL,
	  "Access mode of RuntimeDirectory=." },
	{ "RuntimeDirectoryPreserve", &kind_enum, S(runtime_directory_preserve), (intptr_t)preserves, NULL,
	  "RuntimeDirectory= stays when the unit stops (yes) or restarts (restart)." },
	{ "SELinuxContext", &kind_string, S(selinux_context), 0, NULL,
	  "SELinux context of the command; a \"-\" in front lets a failure pass." },
	{ "SecureBits", &kind_securebits, S(secure_bits), 0, NULL,
	  "Secure bits of capabilities(7)." },
	{ "SetCredential", &kind_set_credential, 0, 0, NULL,
	  "Credentials given in the unit itself; used where LoadCredential= finds no file." },
	{ "SetCredentialEncrypted", &kind_set_credential, 0, 1, NULL,
	  "The same as SetCredential=, encrypted as for LoadCredentialEncrypted=, in base64." },
	{ "SmackProcessLabel", &kind_string, S(smack_process_label), 0, NULL,
	  "SMACK label of the processes; a \"-\" in front lets a failure pass." },
	{ "StandardError", &kind_output, 0, 1, NULL,
	  "Where standard error goes." },
	{ "StandardInput", &kind_input, offsetof(struct exec_context, s), 0, NULL,
	  "Where standard input comes from." },
	{ "StandardInputData", &kind_input_text, S(input_data), 1, NULL,
	  "Base64 of what StandardInput=data reads." },
	{ "StandardInputText", &kind_input_text, S(input_data), 0, "",
	  "A line of what StandardInput=data reads." },
	{ "StandardOutput", &kind_output, 0, 0, NULL,
	  "Where standard output goes." },
	{ "StateDirectory", &kind_dir, DIR(state), 0, NULL,
	  "Directories below /var/lib that are made for the unit and given to its user." },
	{ "StateDirectoryMode", &kind_mode, DIRMODE(state), 0, NULL,
	  "Access mode of StateDirectory=." },
	{ "SupplementaryGroups", &kind_identities, S(supplementary_groups), 0, NULL,
	  "Groups in addition to those of the user." },
	{ "SyslogFacility", &kind_syslog, S(syslog_facility), (intptr_t)facilities, NULL,
	  "Facility of log lines: daemon, auth, local0 ..." },
	{ "SyslogIdentifier", &kind_string, S(syslog_identifier), 0, NULL,
	  "Name in front of log lines; the command's own when not set." },
	{ "SyslogLevel", &kind_syslog, S(syslog_level), (intptr_t)levels, NULL,
	  "Level of log lines that do not say it: emerg ... debug." },
	{ "SyslogLevelPrefix", &kind_bool, S(syslog_level_prefix), 0, NULL,
	  "A \"<N>\" in front of a line gives its level." },
	{ "SystemCallArchitectures", &kind_archs, S(system_call_architectures), 0, NULL,
	  "Architectures whose system calls may be used." },
	{ "SystemCallErrorNumber", &kind_errno, S(system_call_errno), 0, NULL,
	  "Error that a filtered system call gives, or \"kill\"." },
	{ "SystemCallFilter", &kind_syscalls, S(system_call_filter), 0, NULL,
	  "System calls that may, or after \"~\" may not, be used." },
	{ "SystemCallLog", &kind_syscalls, S(system_call_log), 0, NULL,
	  "System calls that are logged, or after \"~\" all but these." },
	{ "TTYColumns", &kind_opt, S(tty_columns), OPT(tty_columns, 0, 65535, NULL), "",
	  "Width that TTYPath= is told." },
	{ "TTYPath", &kind_path, S(tty_path), 0, NULL,
	  "Terminal of the tty streams; /dev/console when not set." },
	{ "TTYReset", &kind_bool, S(tty_reset), 0, NULL,
	  "The terminal is reset before and after the command." },
	{ "TTYRows", &kind_opt, S(tty_rows), OPT(tty_rows, 0, 65535, NULL), "",
	  "Height that TTYPath= is told." },
	{ "TTYVHangup", &kind_bool, S(tty_vhangup), 0, NULL,
	  "Whoever else has the terminal open loses it first." },
	{ "TTYVTDisallocate", &kind_bool, S(tty_vt_disallocate), 0, NULL,
	  "A virtual terminal is cleared, history included." },
	{ "TemporaryFileSystem", &kind_tmpfs, S(temporary_file_system), 0, NULL,
	  "Empty temporary file systems, each with mount options after a colon." },
	{ "TimeoutCleanSec", &kind_sec_zero_inf, offsetof(struct exec_context, timeout_clean_usec), 0, "TimeoutCleanUSec",
	  "Longest time that `sctl clean` may take over the unit's directories." },
	{ "TimerSlackNSec", &kind_nsec, offsetof(struct exec_context, s), 0, NULL,
	  "How late timers of the processes may be, in nanoseconds." },
	{ "UMask", &kind_mode, S(umask), 0, NULL,
	  "Access bits that new files do not get." },
	{ "UnsetEnvironment", &kind_env_names, S(unset_environment), 1, NULL,
	  "Variables, or exact assignments, taken out at last." },
	{ "User", &kind_identity, S(user), 0, NULL,
	  "User of the processes." },
	{ "UtmpIdentifier", &kind_string, S(utmp_identifier), 0, NULL,
	  "Four characters for an entry in utmp and wtmp." },
	{ "UtmpMode", &kind_enum, S(utmp_mode), (intptr_t)utmp_modes, NULL,
	  "Kind of that entry: init, login or user." },
	{ "WorkingDirectory", &kind_workdir, S(working_directory), 0, NULL,
	  "Directory that the command starts in; \"~\" is the user's home." },
};
const size_t n_exec_keys = ARRAY_SIZE(exec_keys);

static const struct key_enum kill_modes[] = {
	{ "control-group", KILL_CONTROL_GROUP }, { "mixed", KILL_MIXED }, { "process", KILL_PROCESS }, { "none", KILL_NONE }, { NULL, 0 },
};

static int parse_restart_signal(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	return kind_signal.parse(at, k, value, field);
}

/* unset it is KillSignal= */
static void format_restart_signal(const struct key *k, const void *field, struct buf *out)
{
	const struct kill_context *c = (const void *)((const char *)field - k->off);

	buf_addf(out, "%d", kill_context_restart_signal(c));
}

static const struct key_kind kind_restart_signal = { "signal", parse_restart_signal, format_restart_signal, NULL };

const struct key kill_keys[] = {
	{ "FinalKillSignal", &kind_signal, offsetof(struct kill_context, final_kill_signal), 0, NULL,
	  "Signal for what is left at the end, when SendSIGKILL= is on." },
	{ "KillMode", &kind_enum, offsetof(struct kill_context, kill_mode), (intptr_t)kill_modes, NULL,
	  "Who is signalled when the unit stops: control-group, mixed, process or none." },
	{ "KillSignal", &kind_signal, offsetof(struct kill_context, kill_signal), 0, NULL,
	  "Signal that asks the processes to end." },
	{ "RestartKillSignal", &kind_restart_signal, offsetof(struct kill_context, restart_kill_signal), 0, NULL,
	  "Signal used instead of KillSignal= when the unit is restarted." },
	{ "SendSIGHUP", &kind_bool, offsetof(struct kill_context, send_sighup), 0, NULL,
	  "SIGHUP follows right after KillSignal=, for shells." },
	{ "SendSIGKILL", &kind_bool, offsetof(struct kill_context, send_sigkill), 0, NULL,
	  "What does not end in time is killed." },
	{ "WatchdogSignal", &kind_signal, offsetof(struct kill_context, watchdog_signal), 0, NULL,
	  "Signal for a service whose watchdog has expired." },
};
const size_t n_kill_keys = ARRAY_SIZE(kill_keys);
