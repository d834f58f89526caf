/* context.c - defaults, checks and implicit dependencies of execution contexts */
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include "exec/kinds.h"
#include "unit/name.h"
#include "unit/scope.h"

static enum ipc_exec_output default_output = IPC_EXEC_OUTPUT_JOURNAL, default_error = IPC_EXEC_OUTPUT_INHERIT;

void exec_set_default_output(enum ipc_exec_output out, enum ipc_exec_output err)
{
	default_output = out;
	default_error = err;
}

void exec_context_init(struct exec_context *c)
{
	*c = (struct exec_context){
		.log_level_max = -1, .timeout_clean_usec = USEC_INFINITY,
		.s = {
			.umask = 0022,
			.ignore_sigpipe = true,
			.std_input = IPC_EXEC_INPUT_NULL,
			.std_output = IPC_EXEC_OUTPUT_INHERIT,
			.std_error = IPC_EXEC_OUTPUT_INHERIT,
			.syslog_facility = 3 << 3,      /* daemon */
			.syslog_level = 6,              /* info */
			.syslog_level_prefix = true,
			.runtime_directory_preserve = IPC_EXEC_PRESERVE_NO,
			.capability_bounding_set = UINT64_MAX >> 1,
			.utmp_mode = IPC_UTMP_MODE_INIT,
			.keyring_mode = scope_is_user() ? IPC_KEYRING_MODE_INHERIT : IPC_KEYRING_MODE_SHARED,
			.protect_system = IPC_PROTECT_SYSTEM_NO,
			.protect_home = IPC_PROTECT_HOME_NO,
			.protect_proc = IPC_PROTECT_PROC_DEFAULT,
		},
	};
	for (size_t i = 0; i < EXEC_N_DIRS; i++)
		c->dirs[i].mode = 0755;
}

/* each row's kind knows how to free its field */
void exec_context_done(struct exec_context *c)
{
	for (size_t i = 0; i < n_exec_keys; i++)
		if (exec_keys[i].kind->clear)
			exec_keys[i].kind->clear(&exec_keys[i], (char *)c + exec_keys[i].off);
}

void kill_context_init(struct kill_context *k)
{
	*k = (struct kill_context){
		.kill_mode = KILL_CONTROL_GROUP, .kill_signal = SIGTERM, .final_kill_signal = SIGKILL, .watchdog_signal = SIGABRT,
		.send_sigkill = true,
	};
}

#define CAP(name) (UINT64_C(1) << CAP_##name)

/* a unit's name as a user name: what DynamicUser= without User= goes by */
static int dynamic_user_name(const struct unit *u, const char **ret)
{
	char *name;
	int r = name_prefix(u->id, &name);

	if (r < 0)
		return r;
	for (char *p = name; *p; p++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", *p))
			*p = '_';
	if (strlen(name) > 31)
		name[31] = 0;
	*ret = name;
	return 0;
}

/* settings that say more than themselves; systemd.exec(5) under each of them */
static int imply(const struct unit *u, struct exec_context *c)
{
	struct ipc_exec_settings *s = &c->s;

	if (scope_is_user() && !s->working_directory) {
		char *home;

		if (asprintf(&home, "-%s", scope_home()) < 0)
			return -ENOMEM;
		s->working_directory = home;
	}
	if (s->dynamic_user) {
		if (!s->user && dynamic_user_name(u, &s->user) < 0)
			return -ENOMEM;
		if (!s->group && !(s->group = strdup(s->user)))
			return -ENOMEM;
		c->remove_ipc = s->private_tmp = s->restrict_suid_sgid = s->no_new_privileges = true;
		if (s->protect_system == IPC_PROTECT_SYSTEM_NO)
			s->protect_system = IPC_PROTECT_SYSTEM_STRICT;
		if (s->protect_home == IPC_PROTECT_HOME_NO)
			s->protect_home = IPC_PROTECT_HOME_READ_ONLY;
	}
	if (s->private_devices)
		s->capability_bounding_set &= ~(CAP(MKNOD) | CAP(SYS_RAWIO));
	if (s->protect_kernel_modules)
		s->capability_bounding_set &= ~CAP(SYS_MODULE);
	if (s->protect_kernel_logs)
		s->capability_bounding_set &= ~CAP(SYSLOG);
	if (s->protect_clock)
		s->capability_bounding_set &= ~(CAP(SYS_TIME) | CAP(WAKE_ALARM));
	if (s->std_input == IPC_EXEC_INPUT_NULL && s->input_data.len)
		s->std_input = IPC_EXEC_INPUT_DATA;
	/* streams that nobody configured follow the input where it is a terminal or socket, else the manager's default */
	if (s->std_input == IPC_EXEC_INPUT_NULL || s->std_input == IPC_EXEC_INPUT_DATA || s->std_input == IPC_EXEC_INPUT_FILE) {
		if (s->std_error == IPC_EXEC_OUTPUT_INHERIT && s->std_output == IPC_EXEC_OUTPUT_INHERIT)
			s->std_error = default_error;
		if (s->std_output == IPC_EXEC_OUTPUT_INHERIT)
			s->std_output = default_output;
	}
	return 0;
}

static bool output_is_logged(enum ipc_exec_output o)
{
	return o == IPC_EXEC_OUTPUT_JOURNAL || o == IPC_EXEC_OUTPUT_JOURNAL_CONSOLE || o == IPC_EXEC_OUTPUT_KMSG || o == IPC_EXEC_OUTPUT_KMSG_CONSOLE;
}

static int need_path(struct unit *u, const char *prefix, const char *path)
{
	struct buf b = { 0 };
	const char *colon = strchr(path, ':');
	char *full;
	int r;

	buf_addf(&b, "%s%s", prefix, *prefix ? "/" : "");
	buf_add(&b, path, colon && *prefix ? (size_t)(colon - path) : strlen(path));
	full = buf_take_str(&b);
	if (!full)
		return -ENOMEM;
	if (strv_has(u->requires_mounts_for, full)) {
		free(full);
		return 0;
	}
	r = strv_consume(&u->requires_mounts_for, full);
	return r < 0 ? r : 0;
}

/* an image may have been built without the other unit's type: then there is nothing to come after */
static int after(struct unit *u, const char *name)
{
	int r = unit_add_dep_name(u, DEP_AFTER, name, DEP_IMPLICIT);

	return r == -ENOTSUP || r == -ELOOP ? 0 : r;
}

/* PrivateTmp=: /tmp may do without its mount unit, /var/tmp may not; both are cleaned up first */
static int want_tmp(struct unit *u)
{
	int r = unit_add_two_deps_name(u, DEP_WANTS, DEP_AFTER, "tmp.mount", DEP_IMPLICIT);

	if (r == 0 || r == -ENOTSUP || r == -ELOOP)
		r = need_path(u, "", "/var/tmp");
	return r == 0 ? after(u, "systemd-tmpfiles-setup.service") : r;
}

/* systemd.exec(5) "Implicit Dependencies" */
static int add_dependencies(struct unit *u, struct exec_context *c)
{
	static const unsigned on_root[] = { IPC_EXEC_DIR_KIND_STATE - 1, IPC_EXEC_DIR_KIND_CACHE - 1, IPC_EXEC_DIR_KIND_LOGS - 1 };    /* which must be writable by then */
	const struct ipc_exec_settings *s = &c->s;
	int r = 0;

	if (s->working_directory && *s->working_directory == '/')
		r = need_path(u, "", s->working_directory);
	if (r == 0 && s->root_directory)
		r = need_path(u, "", s->root_directory);
	if (r == 0 && s->root_image)
		r = need_path(u, "", s->root_image);
	for (size_t i = 0; i < EXEC_N_DIRS; i++)
		for (size_t j = 0; r == 0 && c->dirs[i].paths && c->dirs[i].paths[j]; j++)
			r = need_path(u, scope_dir((enum scope_dir)i), c->dirs[i].paths[j]);
	if (scope_is_user())
		return r;                               /* the rest is about units of the system */
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(on_root); i++)
		if (c->dirs[on_root[i]].paths)
			r = after(u, "systemd-remount-fs.service");
	if (r == 0 && s->private_tmp)
		r = want_tmp(u);
	if (r >= 0 && (output_is_logged(s->std_output) || output_is_logged(s->std_error)))
		r = after(u, "systemd-journald.socket");
	return r;
}

int exec_context_load(struct unit *u, struct exec_context *c, bool runs)
{
	int r = imply(u, c);

	return r < 0 || !runs ? r : add_dependencies(u, c);
}

bool exec_may_touch_console(const struct exec_context *c)
{
	const struct ipc_exec_settings *s = &c->s;
	const char *tty = s->tty_path ? s->tty_path : "/dev/console";

	if (s->tty_reset || s->tty_vhangup || s->tty_vt_disallocate || s->std_input == IPC_EXEC_INPUT_TTY || s->std_input == IPC_EXEC_INPUT_TTY_FORCE ||
	    s->std_input == IPC_EXEC_INPUT_TTY_FAIL || s->std_output == IPC_EXEC_OUTPUT_TTY || s->std_error == IPC_EXEC_OUTPUT_TTY)
		return streq(tty, "/dev/console") || startswith(tty, "/dev/tty") || startswith(tty, "/dev/hvc");
	return s->std_output == IPC_EXEC_OUTPUT_KMSG_CONSOLE || s->std_output == IPC_EXEC_OUTPUT_JOURNAL_CONSOLE ||
	       s->std_error == IPC_EXEC_OUTPUT_KMSG_CONSOLE || s->std_error == IPC_EXEC_OUTPUT_JOURNAL_CONSOLE;
}
