/* mount.c - the state machine of a mount unit, and the type's vtable; systemd.mount(5) */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include "cgroup/cgroup.h"
#include "log.h"
#include "types/mount/mount.h"
#include "unit/name.h"

#define MOUNT_PROGRAM "/bin/mount"
#define UMOUNT_PROGRAM "/bin/umount"
#define MAX_RETRIES 32                  /* of umount(8), for what is mounted several times over */

static const struct { const char *name; enum unit_active_state active; } states[N_MOUNT_STATES] = {
	[MOUNT_DEAD] = { "dead", UNIT_INACTIVE },
	[MOUNT_MOUNTING] = { "mounting", UNIT_ACTIVATING },
	[MOUNT_MOUNTING_DONE] = { "mounting-done", UNIT_ACTIVATING },
	[MOUNT_MOUNTED] = { "mounted", UNIT_ACTIVE },
	[MOUNT_REMOUNTING] = { "remounting", UNIT_RELOADING },
	[MOUNT_UNMOUNTING] = { "unmounting", UNIT_DEACTIVATING },
	[MOUNT_REMOUNTING_SIGTERM] = { "remounting-sigterm", UNIT_RELOADING },
	[MOUNT_REMOUNTING_SIGKILL] = { "remounting-sigkill", UNIT_RELOADING },
	[MOUNT_UNMOUNTING_SIGTERM] = { "unmounting-sigterm", UNIT_DEACTIVATING },
	[MOUNT_UNMOUNTING_SIGKILL] = { "unmounting-sigkill", UNIT_DEACTIVATING },
	[MOUNT_FAILED] = { "failed", UNIT_FAILED },
};

/* ---- state ---- */

static bool is_remounting(enum mount_state s) { return s == MOUNT_REMOUNTING || s == MOUNT_REMOUNTING_SIGTERM || s == MOUNT_REMOUNTING_SIGKILL; }
static bool has_process(enum mount_state s) { return s != MOUNT_DEAD && s != MOUNT_MOUNTED && s != MOUNT_FAILED; }

/* the only writer of ->state */
static void set_state(struct mount_unit *m, enum mount_state to)
{
	enum mount_state from = m->state;

	if (!has_process(to))
		control_finish(&m->control);
	if (from == to)
		return;
	m->state = to;
	log_event(LOG_DEBUG, "UNIT_STATE", "changed state", F_STR("UNIT", m->u.id), F_STR("FROM", states[from].name), F_STR("TO", states[to].name));
	unit_changed(&m->u, is_remounting(from) && m->reload_result != RESULT_SUCCESS);
}

static void note(struct mount_unit *m, unsigned f)
{
	if (m->result == RESULT_SUCCESS)
		m->result = f;
}

/* It rests: mounted or not, as the kernel says. */
static void settle(struct mount_unit *m, unsigned f)
{
	note(m, f);
	if (m->in_kernel) {
		set_state(m, MOUNT_MOUNTED);
		return;
	}
	control_clean(&m->control, MOUNT_ROLE_CLEAN, &m->exec);
	if (m->result != RESULT_SUCCESS)
		log_event(LOG_WARNING, "UNIT_FAILED", "failed", F_STR("UNIT", m->u.id), F_STR("RESULT", control_result_name(m->result)));
	set_state(m, m->result == RESULT_SUCCESS ? MOUNT_DEAD : MOUNT_FAILED);
}

/* ---- commands ---- */

static struct command *command_new(const char *path)
{
	struct command *c = calloc(1, sizeof(*c));

	if (c && (!(c->path = strdup(path)) || strv_add(&c->argv, path) < 0)) {
		command_list_free(c);
		return NULL;
	}
	return c;
}

static int add_words(struct command *c, ...)
{
	va_list ap;
	const char *w;
	int r = 0;

	va_start(ap, c);
	while (r >= 0 && (w = va_arg(ap, const char *)))
		r = strv_add(&c->argv, w);
	va_end(ap);
	return r;
}

static int run(struct mount_unit *m, struct command *c)
{
	int r = control_spawn(&m->control, MOUNT_ROLE_CONTROL, &m->exec, c, NULL);

	if (r < 0) {
		command_list_free(c);
		return r;
	}
	command_list_free(m->command);
	m->command = c;
	control_arm_in(&m->control, m->timeout_usec);
	return 0;
}

/* what only fstab(5) readers look at */
static char *options_for_mount(const struct mount_unit *m, bool again)
{
	static const char *const drop[] = { "nofail", "fail", "auto", "noauto", NULL };
	char *rest = option_without(m->file.options ?: "", drop), *all = NULL;

	if (!again || !rest)
		return rest;
	if (asprintf(&all, "remount%s%s", rest[0] ? "," : "", rest) < 0)
		all = NULL;
	free(rest);
	return all;
}

static int run_mount(struct mount_unit *m, bool again)
{
	const struct mount_params *p = m->file.what ? &m->file : &m->kernel;
	struct command *c = command_new(MOUNT_PROGRAM);
	_cleanup_(freep) char *options = options_for_mount(m, again);
	int r = c && options ? add_words(c, p->what, m->where, NULL) : -ENOMEM;

	if (r >= 0 && !again && m->sloppy_options)
		r = add_words(c, "-s", NULL);
	if (r >= 0 && !again && m->read_write_only)
		r = add_words(c, "-w", NULL);
	if (r >= 0 && p->type)
		r = add_words(c, "-t", p->type, NULL);
	if (r >= 0 && options[0])
		r = add_words(c, "-o", options, NULL);
	if (r < 0) {
		command_list_free(c);
		return r;
	}
	return run(m, c);
}

static int run_umount(struct mount_unit *m)
{
	struct command *c = command_new(UMOUNT_PROGRAM);
	int r = c ? add_words(c, m->where, "-c", NULL) : -ENOMEM;

	if (r >= 0 && m->lazy_unmount)
		r = add_words(c, "-l", NULL);
	if (r >= 0 && m->force_unmount)
		r = add_words(c, "-f", NULL);
	if (r < 0) {
		command_list_free(c);
		return r;
	}
	return run(m, c);
}

static void enter_unmounting(struct mount_unit *m)
{
	int r = run_umount(m);

	if (r < 0) {
		log_event(LOG_WARNING, "MOUNT_UMOUNT", "cannot run umount", F_STR("UNIT", m->u.id), F_ERRNO(r));
		settle(m, RESULT_RESOURCES);
		return;
	}
	set_state(m, MOUNT_UNMOUNTING);
}

static void enter_signal(struct mount_unit *m, enum mount_state to, unsigned f)
{
	bool hard = to == MOUNT_REMOUNTING_SIGKILL || to == MOUNT_UNMOUNTING_SIGKILL;
	int r;

	if (is_remounting(to))
		m->reload_result = m->reload_result == RESULT_SUCCESS ? f : m->reload_result;
	else
		note(m, f);
	r = control_kill(&m->control, &m->kill, hard);
	if (r > 0) {
		control_arm_in(&m->control, m->timeout_usec);
		set_state(m, to);
		return;
	}
	if (r < 0)
		log_event(LOG_WARNING, "UNIT_KILL", "cannot end the processes", F_STR("UNIT", m->u.id), F_ERRNO(r));
	settle(m, RESULT_SUCCESS);
}

static void late(struct unit *u)
{
	struct mount_unit *m = MOUNT(u);

	log_event(LOG_WARNING, "UNIT_TIMEOUT", "timed out", F_STR("UNIT", u->id), F_STR("STATE", states[m->state].name));
	switch (m->state) {
	case MOUNT_MOUNTING:
	case MOUNT_MOUNTING_DONE:
	case MOUNT_UNMOUNTING:
		enter_signal(m, MOUNT_UNMOUNTING_SIGTERM, RESULT_TIMEOUT);
		break;
	case MOUNT_REMOUNTING:
		enter_signal(m, MOUNT_REMOUNTING_SIGTERM, RESULT_TIMEOUT);
		break;
	case MOUNT_UNMOUNTING_SIGTERM:
		enter_signal(m, MOUNT_UNMOUNTING_SIGKILL, RESULT_TIMEOUT);
		break;
	case MOUNT_REMOUNTING_SIGTERM:
		enter_signal(m, MOUNT_REMOUNTING_SIGKILL, RESULT_TIMEOUT);
		break;
	case MOUNT_REMOUNTING_SIGKILL:                  /* it cannot be killed: it hangs in the kernel */
	case MOUNT_UNMOUNTING_SIGKILL:
		settle(m, m->state == MOUNT_UNMOUNTING_SIGKILL ? RESULT_TIMEOUT : RESULT_SUCCESS);
		break;
	case MOUNT_DEAD:
	case MOUNT_MOUNTED:
	case MOUNT_FAILED:
	case N_MOUNT_STATES:
		break;
	}
}

/* ---- the command has ended ---- */

static void unmount_ended(struct mount_unit *m, unsigned f)
{
	if (f == RESULT_SUCCESS && m->in_kernel) {      /* there was another one below */
		if (m->n_retries++ < MAX_RETRIES) {
			enter_unmounting(m);
			return;
		}
		log_event(LOG_WARNING, "MOUNT_AGAIN", "still mounted after many attempts to unmount it", F_STR("UNIT", m->u.id));
	}
	settle(m, f == RESULT_EXIT_CODE && !m->in_kernel ? RESULT_SUCCESS : f);
}

static void command_ended(struct mount_unit *m, unsigned f)
{
	switch (m->state) {
	case MOUNT_MOUNTING:
	case MOUNT_MOUNTING_DONE:
		if (f == RESULT_SUCCESS && !m->in_kernel) {
			log_event(LOG_WARNING, "MOUNT_NOTHING", "mount ended well, but nothing is mounted", F_STR("UNIT", m->u.id));
			f = RESULT_PROTOCOL;
		}
		settle(m, f);
		break;
	case MOUNT_REMOUNTING:
	case MOUNT_REMOUNTING_SIGTERM:
	case MOUNT_REMOUNTING_SIGKILL:
		if (m->reload_result == RESULT_SUCCESS)
			m->reload_result = f;
		settle(m, RESULT_SUCCESS);
		break;
	case MOUNT_UNMOUNTING:
		unmount_ended(m, f);
		break;
	case MOUNT_UNMOUNTING_SIGTERM:
	case MOUNT_UNMOUNTING_SIGKILL:
		settle(m, f);
		break;
	case MOUNT_DEAD:
	case MOUNT_MOUNTED:
	case MOUNT_FAILED:
	case N_MOUNT_STATES:
		break;
	}
}

static void mount_child(struct unit *u, unsigned role, const struct ipc_child *c)
{
	struct mount_unit *m = MOUNT(u);
	unsigned f;

	if (!control_child(&m->control, c, &f))
		return;
	control_arm(&m->control, 0);
	mount_table_read(u->set);                       /* what it did, before it is judged */
	command_ended(m, f);
}

/* ---- the kernel's table ---- */

void mount_appeared(struct mount_unit *m)
{
	switch (m->state) {
	case MOUNT_DEAD:
	case MOUNT_FAILED:                              /* somebody else mounted it */
		m->result = RESULT_SUCCESS;
		unit_new_invocation(&m->u);
		set_state(m, MOUNT_MOUNTED);
		break;
	case MOUNT_MOUNTING:
		set_state(m, MOUNT_MOUNTING_DONE);
		break;
	default:
		break;
	}
}

void mount_vanished(struct mount_unit *m)
{
	switch (m->state) {
	case MOUNT_MOUNTED:
		if (!m->u.perpetual)
			settle(m, RESULT_SUCCESS);
		break;
	case MOUNT_MOUNTING_DONE:                       /* and back: mount(8) has not ended yet, its end will tell */
		set_state(m, MOUNT_MOUNTING);
		break;
	default:
		break;
	}
}

/* ---- wishes ---- */

static int make_directories(const char *path, mode_t mode)
{
	_cleanup_(freep) char *p = strdup(path);

	if (!p)
		return -ENOMEM;
	for (char *s = strchr(p + 1, '/');; s = strchr(s + 1, '/')) {
		if (s)
			*s = '\0';
		if (mkdir(p, mode) < 0 && errno != EEXIST)
			return -errno;
		if (!s)
			return 0;
		*s = '/';
	}
}

static int make_file(const char *path, mode_t mode)
{
	_cleanup_(freep) char *parent = strdup(path);
	char *slash = parent ? strrchr(parent, '/') : NULL;
	int fd, r;

	if (!slash)
		return -ENOMEM;
	*slash = '\0';
	r = slash == parent ? 0 : make_directories(parent, mode);
	if (r < 0)
		return r;
	fd = open(path, O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW | O_WRONLY, 0644);
	if (fd < 0 && errno != EEXIST)
		return -errno;
	closep(&fd);
	return 0;
}

/* A mount point that is not there is made: a file for a bind mount of a file, else a directory. */
static int make_mount_point(struct mount_unit *m)
{
	bool bind = mount_is_bind(m->file.type, m->file.options);
	struct stat st, source;
	int r;

	if (bind && m->file.what[0] == '/' && stat(m->file.what, &source) < 0) {
		r = make_directories(m->file.what, m->directory_mode);
		if (r < 0)
			log_event(LOG_WARNING, "MOUNT_SOURCE", "the source of a bind mount cannot be made", F_STR("UNIT", m->u.id), F_ERRNO(r));
	}
	if (lstat(m->where, &st) == 0)
		return S_ISLNK(st.st_mode) ? -ELOOP : 0;
	if (bind && stat(m->file.what, &source) == 0 && !S_ISDIR(source.st_mode))
		return make_file(m->where, m->directory_mode);
	return make_directories(m->where, m->directory_mode);
}

static int mount_start(struct unit *u)
{
	struct mount_unit *m = MOUNT(u);
	int r;

	switch (states[m->state].active) {
	case UNIT_ACTIVATING:
		return 0;
	case UNIT_DEACTIVATING:
		return -EAGAIN;
	case UNIT_ACTIVE:
	case UNIT_RELOADING:
		return -EALREADY;
	default:
		break;
	}
	if (!m->file.what)
		return -EINVAL;                         /* it was in the kernel's table only, and is not any more */
	if (unit_start_limit_hit(u)) {
		m->result = RESULT_START_LIMIT_HIT;
		set_state(m, MOUNT_FAILED);
		return -ECANCELED;
	}
	m->result = m->reload_result = RESULT_SUCCESS;
	m->n_retries = 0;
	r = make_mount_point(m);
	if (r == -ELOOP) {
		log_event(LOG_ERR, "MOUNT_SYMLINK", "the mount point is a symbolic link", F_STR("UNIT", u->id), F_STR("WHERE", m->where));
		settle(m, RESULT_RESOURCES);
		return r;
	}
	if (r < 0)
		log_event(LOG_WARNING, "MOUNT_POINT", "the mount point cannot be made", F_STR("UNIT", u->id), F_ERRNO(r));
	unit_new_invocation(u);
	r = run_mount(m, false);
	if (r < 0) {
		settle(m, RESULT_RESOURCES);
		return r;
	}
	set_state(m, MOUNT_MOUNTING);
	return 0;
}

static int mount_stop(struct unit *u)
{
	struct mount_unit *m = MOUNT(u);

	switch (m->state) {
	case MOUNT_UNMOUNTING:
	case MOUNT_UNMOUNTING_SIGTERM:
	case MOUNT_UNMOUNTING_SIGKILL:
		return 0;
	case MOUNT_MOUNTING:
	case MOUNT_MOUNTING_DONE:                       /* what runs is not waited for */
		enter_signal(m, MOUNT_UNMOUNTING_SIGTERM, RESULT_SUCCESS);
		return 0;
	case MOUNT_REMOUNTING:
	case MOUNT_REMOUNTING_SIGTERM:
	case MOUNT_REMOUNTING_SIGKILL:
	case MOUNT_MOUNTED:
		if (u->perpetual)
			return -EPERM;
		m->n_retries = 0;
		enter_unmounting(m);
		return 0;
	case MOUNT_DEAD:
	case MOUNT_FAILED:
	case N_MOUNT_STATES:
		break;
	}
	return -EALREADY;
}

static int mount_reload(struct unit *u)
{
	struct mount_unit *m = MOUNT(u);
	int r;

	if (m->state != MOUNT_MOUNTED)
		return -EAGAIN;
	m->reload_result = RESULT_SUCCESS;
	r = run_mount(m, true);
	if (r < 0) {
		m->reload_result = RESULT_RESOURCES;
		return r;
	}
	set_state(m, MOUNT_REMOUNTING);
	return 0;
}

static void mount_reset_failed(struct unit *u)
{
	struct mount_unit *m = MOUNT(u);

	m->result = m->reload_result = RESULT_SUCCESS;
	if (m->state == MOUNT_FAILED)
		set_state(m, MOUNT_DEAD);
}

static int mount_kill(struct unit *u, const char *who, int signo) { return control_kill_request(&MOUNT(u)->control, who, signo); }

/* ---- queries ---- */

static enum unit_active_state mount_active(const struct unit *u) { return states[MOUNT(u)->state].active; }
static const char *mount_sub(const struct unit *u) { return states[MOUNT(u)->state].name; }
static pid_t mount_control_pid(const struct unit *u) { return MOUNT(u)->control.pid; }
static bool mount_may_gc(const struct unit *u) { return !MOUNT(u)->in_kernel && !u->perpetual; }

static void mount_properties(const struct unit *u, void (*put)(void *arg, const char *name, const char *value), void *arg)
{
	const struct mount_unit *m = MOUNT(u);
	const struct mount_params *p = mount_params(m);
	char n[32];

	put(arg, "Where", m->where ?: "");
	put(arg, "What", p->what ?: "");
	put(arg, "Type", p->type ?: "");
	put(arg, "Options", p->options ?: "");
	put(arg, "Result", control_result_name(m->result));
	snprintf(n, sizeof(n), "%d", (int)m->control.pid);
	put(arg, "ControlPID", n);
}

/* ---- the state store ---- */

static void mount_save(const struct unit *u, void *rec)
{
	const struct mount_unit *m = MOUNT(u);
	const struct command *c = m->command;

	*(struct ipc_mount_state *)rec = (struct ipc_mount_state){
		.state = m->state, .result = m->result, .control_token = m->control.token, .control_pid = (uint32_t)m->control.pid,
		.due_usec = m->control.due_usec, .reload_result = m->reload_result, .retries = m->n_retries,
		.command = c ? (struct ipc_command_state){ .pid = (uint32_t)c->pid, .start_usec = c->start_usec, .exit_usec = c->exit_usec,
							   .code = c->code, .status = c->status, .fail_stage = c->fail_stage, .fail_error = c->fail_error }
			     : (struct ipc_command_state){ 0 },
	};
}

static int mount_restore(struct unit *u, const void *rec)
{
	struct mount_unit *m = MOUNT(u);
	const struct ipc_mount_state *r = rec;

	if (r->state >= N_MOUNT_STATES || r->result >= N_CONTROL_RESULTS || r->reload_result >= N_CONTROL_RESULTS)
		return -EBADMSG;
	m->state = (enum mount_state)r->state;
	m->result = r->result;
	m->reload_result = r->reload_result;
	m->n_retries = r->retries;
	m->control.token = r->control_token;
	m->control.pid = (pid_t)r->control_pid;
	m->control.due_usec = r->due_usec;
	return 0;
}

/* The kernel knows best: the table has been read before. */
static int mount_coldplug(struct unit *u)
{
	struct mount_unit *m = MOUNT(u);

	if (m->control.due_usec && !m->control.timer.loop)
		control_arm(&m->control, m->control.due_usec);
	if (m->in_kernel)
		mount_appeared(m);
	else
		mount_vanished(m);
	return 0;
}

static void mount_respawn(struct unit *u, unsigned role)
{
	struct mount_unit *m = MOUNT(u);
	int r = 0;

	if (role != MOUNT_ROLE_CONTROL)
		return;
	if (m->state == MOUNT_MOUNTING || m->state == MOUNT_MOUNTING_DONE || m->state == MOUNT_REMOUNTING)
		r = run_mount(m, m->state == MOUNT_REMOUNTING);
	else if (m->state == MOUNT_UNMOUNTING)
		r = run_umount(m);
	else if (has_process(m->state))
		settle(m, RESULT_SUCCESS);
	if (r < 0)
		settle(m, RESULT_RESOURCES);
}

/* ---- the object ---- */

static void init(struct unit *u)
{
	control_init(&MOUNT(u)->control, u, late);
	mount_init(u);
}

static void done(struct unit *u)
{
	struct mount_unit *m = MOUNT(u);

	timer_del(&m->control.timer);
	command_list_free(m->command);
	free(m->kernel.what);
	free(m->kernel.type);
	free(m->kernel.options);
	exec_context_done(&m->exec);
	cgroup_context_done(&m->cgroup);
}

/* Mounts of /etc/fstab are there from the start; then what the kernel has. */
static int mount_enumerate(struct unit_set *set)
{
	struct unit *root;
	int r = unit_stub(set, "-.mount", &root);

	if (r >= 0)
		r = mount_stub_fstab(set);
	return r < 0 ? r : mount_table_open(set);
}

const struct unit_type unit_type_mount = {
	.abi = UNIT_TYPE_ABI,
	.name = "mount",
	.can_transient = true,
	.section = "Mount",
	.size = sizeof(struct mount_unit),
	.groups = mount_groups,
	.n_groups = N_MOUNT_GROUPS,
	.can_reload = true,
	.no_files = true,
	.init = init,
	.load = mount_load,
	.done = done,
	.active = mount_active,
	.sub = mount_sub,
	.start = mount_start,
	.stop = mount_stop,
	.reload = mount_reload,
	.child = mount_child,
	.respawn = mount_respawn,
	.may_gc = mount_may_gc,
	.reset_failed = mount_reset_failed,
	.kill = mount_kill,
	.control_pid = mount_control_pid,
	.state_desc = &ipc_mount_state_desc,
	.save = mount_save,
	.restore = mount_restore,
	.coldplug = mount_coldplug,
	.properties = mount_properties,
	.enumerate = mount_enumerate,
};
