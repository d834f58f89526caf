/* test-host.c - what stands above unit types in their tests */
#include <fcntl.h>
#include <signal.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <cmocka.h>
#include "arena.h"
#include "exec.ipc.h"
#include "types/test-host.h"
#include "unit/types.h"

struct fake fake;

/* ---- the host ---- */

static void describe(const struct buf *blob, char *out, size_t n)
{
	struct arena a = ARENA_HEAP(1u << 20);
	struct ipc_exec_params p;
	char why[MSG_WHY];
	size_t used = 0;

	assert_int_equal(msg_decode(&ipc_exec_params_desc, blob->data, blob->len, &a, &p, why), 0);
	const char **words = p.action == IPC_EXEC_ACTION_RUN ? p.argv : p.paths;
	size_t n_words = p.action == IPC_EXEC_ACTION_RUN ? p.n_argv : p.n_paths;

	static const char *const actions[] = {
		[IPC_EXEC_ACTION_CHOWN] = "chown", [IPC_EXEC_ACTION_REMOVE] = "remove", [IPC_EXEC_ACTION_AUTOFS_MOUNT] = "autofs",
		[IPC_EXEC_ACTION_AUTOFS_EXPIRE] = "autofs-expire", [IPC_EXEC_ACTION_DETACH] = "detach",
	};

	out[0] = '\0';
	if (p.action != IPC_EXEC_ACTION_RUN)
		used = (size_t)snprintf(out, n, "%s", actions[p.action]);
	for (size_t i = 0; i < n_words; i++)
		used += (size_t)snprintf(out + used, n - used, "%s%s", used ? " " : "", words[i]);
	arena_reset(&a);
}

static int spawn(struct unit *u, struct unit_spawn *s, uint64_t *ret_token)
{
	struct fake_spawn *f = &fake.spawns[fake.n_spawns];

	if (fake.spawn_error)
		return fake.spawn_error;
	assert_true(fake.n_spawns < FAKE_MAX);
	*f = (struct fake_spawn){ .unit = u, .role = s->role, .token = ++fake.next_token };
	describe(&s->blob, f->words, sizeof(f->words));
	fake.n_spawns++;
	buf_finish(&s->blob);
	for (size_t i = 0; i < s->n_fds; i++)
		closep(&s->fds[i]);
	*ret_token = f->token;
	return 0;
}

static void forget(struct unit *u, uint64_t token) { }

static void changed(struct unit *u, enum unit_active_state old, enum unit_active_state now, bool failed_reload)
{
	fake.n_changes++;
	for (struct dep *d = NULL; old != now && (d = unit_next_dep(u, DEP_TRIGGERED_BY, d));)
		if (d->other->type->trigger_notify)
			d->other->type->trigger_notify(d->other, u);
}

static int submit(struct unit *u, int type, int mode)
{
	assert_true(fake.n_submits < FAKE_MAX);
	fake.submits[fake.n_submits++] = (struct fake_submit){ u, type, mode };
	return 0;
}

static struct fake_fd *find_fd(const struct unit *u, const char *name)
{
	char full[300];

	snprintf(full, sizeof(full), "%s:%s", u->id, name);
	for (unsigned i = 0; i < fake.n_fds; i++)
		if (streq(fake.fds[i].name, full))
			return &fake.fds[i];
	return NULL;
}

static void drop_fd(struct unit *u, const char *name)
{
	struct fake_fd *f = find_fd(u, name);

	if (!f)
		return;
	close(f->fd);
	*f = fake.fds[--fake.n_fds];
}

static int store_fd(struct unit *u, const char *name, int fd)
{
	struct fake_fd *f = &fake.fds[fake.n_fds];

	drop_fd(u, name);
	assert_true(fake.n_fds < FAKE_MAX);
	f = &fake.fds[fake.n_fds++];
	snprintf(f->name, sizeof(f->name), "%s:%s", u->id, name);
	f->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	assert_true(f->fd >= 0);
	return 0;
}

static int fetch_fd(struct unit *u, const char *name)
{
	struct fake_fd *f = find_fd(u, name);

	return f ? fcntl(f->fd, F_DUPFD_CLOEXEC, 3) : -ENOENT;
}

static int list_fds(struct unit *u, char ***ret) { *ret = NULL; return 0; }

static int kill_cgroup(struct unit *u, int signo, pid_t a, pid_t b)
{
	fake.last_signal = signo;
	fake.n_killed++;
	return fake.populated;
}

static uint64_t oom_kills(struct unit *u) { return fake.oom_kills; }
static bool cgroup_populated(struct unit *u) { return fake.populated; }
static int realize(struct unit *u) { return 0; }

static int add_pid(struct unit *u, const char *subgroup, pid_t pid) { fake.n_added++; fake.populated = 1; return 0; }
static void request_stop(struct unit *u) { fake.n_asked++; }
static int apply_filters(struct unit *u) { fake.n_filters++; return 0; }

static void report(struct diag_sink *s, enum diag_level level, const char *file, unsigned line, unsigned column, const char *text)
{
	fake.n_diags++;
	snprintf(fake.last_diag, sizeof(fake.last_diag), "%s:%u:%u: %s", file, line, column, text);
}

/* ---- the service double ---- */

static const struct key service_rows[] = { { "ExecStart", &kind_raw, offsetof(struct fake_service, exec_start), 0, NULL, "A command." } };
static const struct key_group service_groups[] = { { .section = "Service", .rows = service_rows, .n_rows = 1 } };

static enum unit_active_state service_active(const struct unit *u) { return ((const struct fake_service *)u)->state; }
static const char *service_sub(const struct unit *u) { return ((const struct fake_service *)u)->sub ?: "dead"; }
static int service_start(struct unit *u) { fake_service_set(u, UNIT_ACTIVE); return 0; }
static int service_stop(struct unit *u) { fake_service_set(u, UNIT_INACTIVE); return 0; }
static void service_init(struct unit *u) { ((struct fake_service *)u)->connection = -1; }
static void service_done(struct unit *u) { closep(&((struct fake_service *)u)->connection); }

static int service_connection(struct unit *u, struct unit *socket, int fd)
{
	((struct fake_service *)u)->connection = fd;
	((struct fake_service *)u)->socket = socket;
	return 0;
}

void fake_service_set(struct unit *u, enum unit_active_state to)
{
	((struct fake_service *)u)->state = to;
	unit_changed(u, false);
}

const struct unit_type unit_type_service = {
	.abi = UNIT_TYPE_ABI, .name = "service", .section = "Service", .size = sizeof(struct fake_service), .groups = service_groups, .n_groups = 1,
	.init = service_init, .done = service_done, .active = service_active, .sub = service_sub, .start = service_start, .stop = service_stop,
	.give_connection = service_connection,
};

/* ---- the world ---- */

static void open_world(void)
{
	assert_int_equal(loop_new(&fake.loop, 16, false), 0);
	assert_int_equal(lookup_new(&fake.lookup, LOOKUP_SYSTEM, fake.root), 0);
	fake.host.loop = fake.loop;
	fake.host.running = true;
	assert_int_equal(unit_set_new(&fake.set, fake.lookup, &fake.host, &fake.sink), 0);
}

static void close_world(void)
{
	unit_set_free(fake.set);
	lookup_free(fake.lookup);
	loop_free(fake.loop);
}

void fake_new(const struct unit_type *const *types)
{
	static bool registered;

	fake = (struct fake){
		.host = { .spawn = spawn, .forget = forget, .changed = changed, .submit = submit, .store_fd = store_fd, .drop_fd = drop_fd,
			  .fetch_fd = fetch_fd, .list_fds = list_fds, .kill_cgroup = kill_cgroup, .cgroup_populated = cgroup_populated, .oom_kills = oom_kills,
			  .cgroup_realize = realize, .cgroup_add = add_pid, .request_stop = request_stop, .apply_filters = apply_filters, .default_timeout_start_usec = 90 * USEC_PER_SEC, .default_timeout_stop_usec = 90 * USEC_PER_SEC,
			  .default_start_limit_interval_usec = 10 * USEC_PER_SEC, .default_start_limit_burst = 5, .cgroup_root = "" },
		.sink = { report },
	};
	if (!registered)
		for (; *types; types++)
			unit_type_register(*types);
	registered = true;
	strcpy(fake.root, "/tmp/test-types-XXXXXX");
	assert_non_null(mkdtemp(fake.root));
	fake_file("/etc/systemd/system/.keep", "");
	fake_file("/usr/lib/systemd/system/.keep", "");
	open_world();
}

static void remove_tree(const char *path)
{
	char *const argv[] = { (char *)"rm", (char *)"-rf", (char *)path, NULL };
	pid_t pid = fork();

	if (pid == 0) {
		execvp("rm", argv);
		_exit(127);
	}
	waitpid(pid, NULL, 0);
}

void fake_free(void)
{
	close_world();
	while (fake.n_fds)
		close(fake.fds[--fake.n_fds].fd);
	remove_tree(fake.root);
}

void fake_file(const char *name, const char *text)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), name[0] == '/' ? "%s%s" : "%s/etc/systemd/system/%s", fake.root, name);
	for (char *p = path + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		mkdir(path, 0755);
		*p = '/';
	}
	f = fopen(path, "we");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	if (fake.lookup)
		lookup_refresh(fake.lookup);
}

struct unit *fake_load(const char *name)
{
	struct unit *u = NULL;

	assert_int_equal(unit_load(fake.set, name, &u), 0);
	return u;
}

struct unit *fake_crash(struct unit *u)
{
	const struct unit_type *t = u->type;
	_cleanup_(freep) void *rec = calloc(1, t->state_desc->size), *back = calloc(1, t->state_desc->size);
	_cleanup_(freep) char *id = strdup(u->id);
	struct arena a = ARENA_HEAP(1u << 20);
	struct buf b = { 0 };
	char why[MSG_WHY];

	t->save(u, rec);
	assert_int_equal(msg_encode(t->state_desc, rec, &b), 0);
	close_world();
	open_world();
	u = fake_load(id);
	fake.host.running = false;
	assert_int_equal(msg_decode(t->state_desc, b.data, b.len, &a, back, why), 0);
	assert_int_equal(t->restore(u, back), 0);
	arena_reset(&a);
	buf_finish(&b);
	fake.host.running = true;
	if (t->coldplug)
		t->coldplug(u);
	return u;
}

void fake_child(struct unit *u, uint64_t token, int code, int status)
{
	struct ipc_child c = { .token = token, .pid = 4000000, .phase = IPC_CHILD_PHASE_SPAWNED, .name = "" };
	unsigned role = 1;

	for (unsigned i = 0; i < fake.n_spawns; i++)
		if (fake.spawns[i].token == token)
			role = fake.spawns[i].role;
	u->type->child(u, role, &c);
	c.phase = IPC_CHILD_PHASE_EXECED;
	u->type->child(u, role, &c);
	if (!code)
		return;
	c.phase = IPC_CHILD_PHASE_EXITED;
	c.code = code;
	c.status = status;
	u->type->child(u, role, &c);
}

uint64_t fake_last_token(void) { return fake.n_spawns ? fake.spawns[fake.n_spawns - 1].token : 0; }
const char *fake_last_words(void) { return fake.n_spawns ? fake.spawns[fake.n_spawns - 1].words : ""; }
void fake_turn(int timeout_msec) { assert_int_equal(loop_turn(fake.loop, timeout_msec), 0); }

void check_rows(const struct unit_type *t)
{
	for (size_t g = 0; g < t->n_groups; g++) {
		const struct key_group *group = &t->groups[g];

		for (size_t i = 0; i < key_group_size(group); i++) {
			const struct key *k = &group->rows[i];

			if (i > 0 && strcmp(k[-1].name, k->name) >= 0)
				fail_msg("%s.%s stands before %s", group->section, k[-1].name, k->name);
			assert_non_null(k->kind);
			assert_true(k->doc && strlen(k->doc) > 5);
		}
	}
}
