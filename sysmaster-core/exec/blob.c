/* blob.c - a command and its context as the message that sysmaster-exec reads */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include "cgroup/context.h"
#include "exec/context.h"
#include "exec/shared.h"
#include "exec/traffic.h"
#include "unit/scope.h"

#define IDLE_USEC (5 * USEC_PER_SEC)    /* Type=idle waits no longer: systemd.service(5) */

/* in a context lists of strings end with NULL; the message wants them counted */
static void count_lists(const struct msg_desc *d, void *v)
{
	for (size_t i = 0; i < d->n_fields; i++) {
		const struct msg_field *f = &d->fields[i];

		if (f->list && f->kind == MSG_STR)
			*(size_t *)((char *)v + f->off_n) = strv_len(*(char *const **)((char *)v + f->off));
	}
}

static int add_all(char ***v, char *const *add)
{
	int r = 0;

	for (size_t i = 0; add && add[i] && r >= 0; i++)
		r = strv_add(v, add[i]);
	return r;
}

/* the manager's environment, then this run's */
static int run_environment(const struct exec_run *run, char ***ret)
{
	_cleanup_(strv_freep) char **env = NULL;
	const struct unit_host *host = unit_host(run->unit);
	int r = host ? add_all(&env, host->environment) : 0;
	char *s;

	if (r >= 0 && run->notify_path) {
		if (asprintf(&s, "NOTIFY_SOCKET=%s", run->notify_path) < 0)
			return -ENOMEM;
		r = strv_consume(&env, s);
	}
	if (r >= 0)
		r = add_all(&env, run->main_argv_env);
	if (r >= 0)
		r = add_all(&env, run->extra_env);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(env);
	return 0;
}

/* PassEnvironment= is about the manager's own process, which inherited init's */
static int passed_environment(const struct exec_context *c, char ***ret)
{
	int r = 0;

	for (size_t i = 0; c->pass_environment && c->pass_environment[i] && r >= 0; i++) {
		const char *value = getenv(c->pass_environment[i]);
		char *s;

		if (!value)
			continue;
		if (asprintf(&s, "%s=%s", c->pass_environment[i], value) < 0)
			return -ENOMEM;
		r = strv_consume(ret, s);
	}
	return r;
}

static int spawn_dup(struct unit_spawn *s, int fd)
{
	int copy;

	if (s->n_fds >= ARRAY_SIZE(s->fds))
		return -E2BIG;
	copy = fcntl(fd, F_DUPFD_CLOEXEC, 5);
	if (copy < 0)
		return -errno;
	s->fds[s->n_fds++] = copy;
	return 0;
}

static void spawn_undo(struct unit_spawn *s, size_t n_fds)
{
	while (s->n_fds > n_fds)
		closep(&s->fds[--s->n_fds]);
	buf_finish(&s->blob);
}

static int add_namespaces(const struct exec_run *run, struct unit_spawn *s, struct ipc_exec_fd *fds, size_t *n)
{
	static const enum ipc_exec_fd_role roles[N_UNIT_SHARED_NS] = { IPC_EXEC_FD_ROLE_NET_NAMESPACE, IPC_EXEC_FD_ROLE_IPC_NAMESPACE };
	int r = 0;

	for (size_t i = 0; i < 2 * N_UNIT_SHARED_NS && r == 0; i++) {
		int fd = run->unit->shared->ns[i / 2][i % 2];

		if (fd < 0)
			continue;
		r = spawn_dup(s, fd);
		fds[(*n)++] = (struct ipc_exec_fd){ roles[i / 2], "" };
	}
	return r;
}

static int add_traffic(struct unit *u, struct unit_spawn *s, struct ipc_exec_fd *fds, size_t *n)
{
	int r = exec_traffic_acquire(u);

	for (size_t i = 0; i < 2 && r >= 0 && u->traffic; i++) {
		r = spawn_dup(s, u->traffic->ends[i]);
		fds[(*n)++] = (struct ipc_exec_fd){ IPC_EXEC_FD_ROLE_TRAFFIC, "" };
	}
	return r;
}

static int add_fds(const struct exec_run *run, struct unit_spawn *s, struct ipc_exec_fd *fds, size_t *n)
{
	int r = 0;

	for (size_t i = 0; i < run->n_listen && r == 0; i++) {
		r = spawn_dup(s, run->listen_fds[i]);
		if (r == 0)
			fds[(*n)++] = (struct ipc_exec_fd){ IPC_EXEC_FD_ROLE_LISTEN, run->listen_names && run->listen_names[i] ? run->listen_names[i] : "unknown" };
	}
	if (r == 0 && run->stdio_fd >= 0) {
		r = spawn_dup(s, run->stdio_fd);
		if (r == 0)
			fds[(*n)++] = (struct ipc_exec_fd){ IPC_EXEC_FD_ROLE_STDIN, "" };
	}
	for (int i = 0; i < 3 && r == 0 && run->streams; i++) {
		static const enum ipc_exec_fd_role roles[3] = { IPC_EXEC_FD_ROLE_STDIN, IPC_EXEC_FD_ROLE_STDOUT, IPC_EXEC_FD_ROLE_STDERR };

		r = spawn_dup(s, run->streams[i]);
		if (r == 0)
			fds[(*n)++] = (struct ipc_exec_fd){ roles[i], "" };
	}
	return r == 0 && run->unit->shared ? add_namespaces(run, s, fds, n) : r;
}

static size_t used_limits(const struct exec_context *c, struct ipc_exec_rlimit *out)
{
	size_t n = 0;

	for (uint32_t i = 0; i < EXEC_N_LIMITS; i++)
		if (c->limits[i].set)
			out[n++] = (struct ipc_exec_rlimit){ i, c->limits[i].soft, c->limits[i].hard };
	return n;
}

static size_t used_directories(const struct exec_context *c, struct ipc_exec_directory *out)
{
	size_t n = 0;

	for (size_t i = 0; i < EXEC_N_DIRS; i++)
		if (c->dirs[i].paths)
			out[n++] = (struct ipc_exec_directory){ (enum ipc_exec_dir_kind)(i + 1), c->dirs[i].mode, (const char **)c->dirs[i].paths, strv_len(c->dirs[i].paths) };
	return n;
}

static int group_path(const struct unit *u, char **ret)
{
	const struct unit_host *host = unit_host(u);

	if (!u->cgroup_path || !host || !host->cgroup_root || !*host->cgroup_root)
		return 0;
	return asprintf(ret, "%s%s", host->cgroup_root, u->cgroup_path) < 0 ? -ENOMEM : 0;
}

/* the unit's and, above it, its slices' prefixes */
static int add_prefixes(struct ipc_exec_prefix **v, size_t *n, const struct cgroup_prefixes *l)
{
	struct ipc_exec_prefix *grown;

	if (!l->n)
		return 0;
	grown = reallocarray(*v, *n + l->n, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	*v = grown;
	for (size_t i = 0; i < l->n; i++)
		grown[(*n)++] = (struct ipc_exec_prefix){ { l->v[i].address, l->v[i].len }, l->v[i].bits };
	return 0;
}

/* what of resource control is done by programs attached to the group, which is sysmaster-exec's work */
static int add_group(const struct unit *unit, struct ipc_exec_params *p)
{
	const struct cgroup_context *c = cgroup_context_of(unit);
	int r = 0;

	p->device_policy = IPC_DEVICE_POLICY_AUTO;
	if (c) {
		p->device_policy = (enum ipc_device_policy)(IPC_DEVICE_POLICY_AUTO + c->device_policy);
		p->device_allow = (const char **)c->device_allow;
		p->n_device_allow = strv_len(c->device_allow);
	}
	if (c && (c->bind_allow || c->bind_deny || c->interfaces.names || c->ingress_paths || c->egress_paths || c->programs)) {
		p->has_filters = true;
		p->filters = (struct ipc_cgroup_filters){
			.bind_allow = (const char **)c->bind_allow, .n_bind_allow = strv_len(c->bind_allow),
			.bind_deny = (const char **)c->bind_deny, .n_bind_deny = strv_len(c->bind_deny),
			.interfaces_allow = c->interfaces.allow, .interfaces = (const char **)c->interfaces.names, .n_interfaces = strv_len(c->interfaces.names),
			.ingress_paths = (const char **)c->ingress_paths, .n_ingress_paths = strv_len(c->ingress_paths),
			.egress_paths = (const char **)c->egress_paths, .n_egress_paths = strv_len(c->egress_paths),
			.programs = (const char **)c->programs, .n_programs = strv_len(c->programs),
		};
	}
	for (const struct unit *u = unit; u && r == 0; u = unit_slice(u)) {
		c = cgroup_context_of(u);
		if (c)
			r = add_prefixes(&p->address_allow, &p->n_address_allow, &c->address_allow);
		if (c && r == 0)
			r = add_prefixes(&p->address_deny, &p->n_address_deny, &c->address_deny);
	}
	return r;
}

/* what is there only when it is asked for */
static void add_optional(const struct exec_run *run, struct ipc_exec_params *p)
{
	const struct exec_context *c = run->context;

	if (c->restrict_file_systems) {
		p->has_file_systems = true;
		p->file_systems = (struct ipc_file_systems){ (const char **)c->restrict_file_systems, strv_len(c->restrict_file_systems) };
	}
	if (run->n_open_files) {
		p->has_open_files = true;
		p->open_files = (struct ipc_exec_open_files){ (struct ipc_exec_open_file *)run->open_files, run->n_open_files };
	}
	if (run->no_root)
		p->settings.root_directory = p->settings.root_image = NULL;
	p->settings.has_log_level_max = c->log_level_max >= 0;
	p->settings.log_level_max = (uint32_t)MAX(c->log_level_max, 0);
	p->settings.has_log_rate_interval_usec = c->log_rate_interval_usec > 0;
	p->settings.has_log_rate_burst = c->log_rate_burst > 0;
	p->settings.log_rate_interval_usec = c->log_rate_interval_usec;
	p->settings.log_rate_burst = c->log_rate_burst;
}

int exec_blob(const struct exec_run *run, struct unit_spawn *s)
{
	const struct exec_context *c = run->context;
	_cleanup_(strv_freep) char **env = NULL, **pass = NULL;
	_cleanup_(freep) char *group = NULL;
	struct ipc_exec_fd fds[ARRAY_SIZE(s->fds)];
	struct ipc_exec_rlimit limits[EXEC_N_LIMITS];
	struct ipc_exec_directory dirs[EXEC_N_DIRS];
	char invocation[33] = "";
	size_t n_before = s->n_fds, n = 0;
	struct ipc_exec_params p = {
		.version = 1, .action = IPC_EXEC_ACTION_RUN, .unit = run->unit->id, .invocation_id = invocation,
		.path = run->command->path, .command_flags = run->command->flags,
		.argv = (const char **)run->command->argv, .n_argv = strv_len(run->command->argv),
		.fds = fds, .rlimits = limits, .directories = dirs,
		.credentials = c->credentials, .n_credentials = c->n_credentials,
		.watchdog_usec = run->watchdog_usec, .apply_sandbox = run->apply_sandbox, .apply_user = run->apply_user,
		.is_control = run->is_control, .tty_apply = run->tty_apply, .idle_usec = run->confirm_idle ? IDLE_USEC : 0,
		.settings = c->s, .has_non_blocking = true, .non_blocking = run->non_blocking,
	};
	int r;

	add_optional(run, &p);
	unit_invocation_text(run->unit, invocation);
	r = run_environment(run, &env);
	if (r >= 0)
		r = passed_environment(c, &pass);
	if (r >= 0)
		r = exec_shared_acquire(run->unit, c);
	if (r >= 0 && c->s.private_tmp)
		p.private_tmp = run->unit->shared->tmp;
	if (r >= 0)
		r = group_path(run->unit, &group);
	if (r >= 0)
		r = add_group(run->unit, &p);
	if (r >= 0)
		r = add_fds(run, s, fds, &n);
	if (r >= 0)
		r = add_traffic(run->unit, s, fds, &n);
	p.environment = (const char **)env;
	p.n_environment = strv_len(env);
	p.pass_environment = (const char **)pass;
	p.n_pass_environment = strv_len(pass);
	p.cgroup = group;
	p.delegate_cgroup = run->delegate ? group : NULL;
	p.n_fds = n;
	p.n_rlimits = used_limits(c, limits);
	p.n_directories = used_directories(c, dirs);
	count_lists(&ipc_exec_settings_desc, &p.settings);
	if (r >= 0)
		r = msg_encode(&ipc_exec_params_desc, &p, &s->blob);
	free(p.address_allow);
	free(p.address_deny);
	if (r < 0)
		spawn_undo(s, n_before);
	return r < 0 ? r : 0;
}

/* a blob that does something to paths instead of becoming a command; the caller has filled what is special in it */
static int paths_blob(const struct unit *u, enum ipc_exec_action action, struct ipc_exec_params *p, struct unit_spawn *s)
{
	struct ipc_exec_fd fds[ARRAY_SIZE(s->fds)];
	int r;

	for (size_t i = 0; i < s->n_fds && !p->fds; i++)
		fds[i] = (struct ipc_exec_fd){ .role = IPC_EXEC_FD_ROLE_LISTEN, .name = "" };
	p->fds = p->fds ?: fds;
	p->n_fds = s->n_fds;
	p->version = 1;
	p->action = action;
	p->unit = u->id;
	p->invocation_id = "";
	if (!p->device_policy)
		p->device_policy = IPC_DEVICE_POLICY_AUTO;
	r = msg_encode(&ipc_exec_params_desc, p, &s->blob);
	if (r < 0)
		buf_finish(&s->blob);
	return r;
}

int exec_chown_blob(struct unit *u, char *const *paths, const char *user, const char *group, struct unit_spawn *s)
{
	struct ipc_exec_params p = { .paths = (const char **)paths, .n_paths = strv_len(paths) };
	struct exec_context plain;

	exec_context_init(&plain);
	p.settings = plain.s;
	p.settings.user = user;
	p.settings.group = group;
	return paths_blob(u, IPC_EXEC_ACTION_CHOWN, &p, s);
}

int exec_filters_blob(struct unit *u, struct unit_spawn *s)
{
	const struct exec_context *own = unit_context(u, exec_keys);
	_cleanup_(freep) char *group = NULL;
	struct ipc_exec_params p = { .n_paths = 0 };
	struct ipc_exec_fd fds[2];
	struct exec_context plain;
	size_t n = 0;
	int r = group_path(u, &group);

	exec_context_init(&plain);
	p.settings = plain.s;
	p.settings.private_devices = own && own->s.private_devices;
	p.cgroup = group;
	if (r >= 0)
		r = add_traffic(u, s, fds, &n);
	p.fds = fds;
	if (r >= 0)
		r = add_group(u, &p);
	if (r >= 0)
		r = paths_blob(u, IPC_EXEC_ACTION_FILTERS, &p, s);
	free(p.address_allow);
	free(p.address_deny);
	return r;
}

int exec_helper_blob(const struct unit *u, int action, const char *path, char *const *words, struct unit_spawn *s)
{
	struct ipc_exec_params p = { .paths = &path, .n_paths = 1, .argv = (const char **)words, .n_argv = strv_len(words) };
	struct exec_context plain;

	exec_context_init(&plain);
	p.settings = plain.s;
	return paths_blob(u, (enum ipc_exec_action)action, &p, s);
}

static bool runtime_goes(const struct exec_context *c, bool restarting)
{
	switch (c->s.runtime_directory_preserve) {
	case IPC_EXEC_PRESERVE_YES: return false;
	case IPC_EXEC_PRESERVE_RESTART: return !restarting;
	case IPC_EXEC_PRESERVE_NO: break;
	}
	return true;
}

static int clean_runtime(const struct exec_context *c, char ***paths)
{
	char *const *dirs = c->dirs[IPC_EXEC_DIR_KIND_RUNTIME - 1].paths;
	char *path;
	int r = 0;

	for (size_t i = 0; dirs && dirs[i] && r >= 0; i++) {
		const char *colon = strchr(dirs[i], ':');
		int n = colon ? (int)(colon - dirs[i]) : (int)strlen(dirs[i]);

		r = asprintf(&path, "%s/%.*s", scope_dir(SCOPE_RUNTIME), n, dirs[i]) < 0 ? -ENOMEM : strv_consume(paths, path);
		if (r >= 0 && c->s.dynamic_user)
			r = asprintf(&path, "/run/private/%.*s", n, dirs[i]) < 0 ? -ENOMEM : strv_consume(paths, path);
		if (r >= 0 && colon)
			r = asprintf(&path, "%s/%s", scope_dir(SCOPE_RUNTIME), colon + 1) < 0 ? -ENOMEM : strv_consume(paths, path);
	}
	return r;
}

/* RemoveIPC= waits for the last unit of the user */
static bool user_is_up(const struct unit *u, const char *user)
{
	for (struct unit *other = unit_set_first(u->set); other; other = other->set_next) {
		const struct exec_context *c = other == u || unit_is_inactive_or_failed(other) ? NULL : unit_context(other, exec_keys);

		if (c && c->s.user && streq(c->s.user, user))
			return true;
	}
	return false;
}

int exec_clean_blob(struct unit *u, const struct exec_context *c, const struct exec_end *end, struct unit_spawn *s)
{
	_cleanup_(strv_freep) char **paths = NULL;
	bool ipc = c->remove_ipc && c->s.user && !user_is_up(u, c->s.user), utmp = c->s.utmp_identifier && end->pid > 0;
	char *path;
	int r = 0;

	if (runtime_goes(c, end->restarting))
		r = clean_runtime(c, &paths);
	if (r >= 0 && c->n_credentials)
		r = asprintf(&path, "/run/credentials/%s", u->id) < 0 ? -ENOMEM : strv_consume(&paths, path);
	if (r >= 0 && u->shared && *u->shared->tmp && !exec_shared_tmp_in_use(u)) {
		r = asprintf(&path, "/tmp/%s", u->shared->tmp) < 0 ? -ENOMEM : strv_consume(&paths, path);
		if (r >= 0)
			r = asprintf(&path, "/var/tmp/%s", u->shared->tmp) < 0 ? -ENOMEM : strv_consume(&paths, path);
	}
	exec_shared_release(u);
	if (r < 0 || (!paths && !ipc && !utmp))
		return r < 0 ? r : 0;
	struct ipc_exec_params p = {
		.paths = (const char **)paths, .n_paths = strv_len(paths), .has_remove_ipc = true, .remove_ipc = ipc,
		.has_ended_pid = utmp, .ended_pid = (uint32_t)end->pid, .has_ended_code = utmp, .ended_code = end->code,
		.has_ended_status = utmp, .ended_status = end->status,
	};
	struct exec_context plain;

	exec_context_init(&plain);
	p.settings = plain.s;
	p.settings.user = ipc ? c->s.user : NULL;
	p.settings.group = ipc ? c->s.group : NULL;
	p.settings.dynamic_user = ipc && c->s.dynamic_user;
	p.settings.utmp_identifier = c->s.utmp_identifier;
	p.settings.tty_path = c->s.tty_path;
	r = paths_blob(u, IPC_EXEC_ACTION_REMOVE, &p, s);
	return r < 0 ? r : 1;
}
