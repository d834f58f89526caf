/* slice.c - a branch of the control-group tree that other units live in; systemd.slice(5) */
#include "cgroup/cgroup.h"
#include "cgroup/context.h"
#include "log.h"
#include "state.ipc.h"
#include "types/common.h"
#include "unit/name.h"
#include "unit/scope.h"

struct slice {
	struct unit u;
	struct cgroup_context cgroup;
	bool active;
};

static struct slice *SLICE(const struct unit *u) { return (struct slice *)u; }

static const struct key_group groups[] = {
	{ .section = "Slice", .rows = cgroup_keys, .n_rows_at = &n_cgroup_keys, .base = offsetof(struct slice, cgroup) },
};

static bool is_root(const struct unit *u) { return streq(u->id, "-.slice"); }
static bool is_kept(const struct unit *u) { return is_root(u) || (!scope_is_user() && streq(u->id, "system.slice")); }

static void set_active(struct slice *s, bool to)
{
	if (s->active == to)
		return;
	log_event(LOG_DEBUG, "UNIT_STATE", "changed state", F_STR("UNIT", s->u.id), F_STR("FROM", s->active ? "active" : "dead"),
		  F_STR("TO", to ? "active" : "dead"));
	s->active = to;
	unit_changed(&s->u, false);
}

static void slice_init(struct unit *u)
{
	cgroup_context_init(&SLICE(u)->cgroup);
	SLICE(u)->cgroup.tasks_max.standard = 0;        /* DefaultTasksMax= is for what runs, not for what holds it */
	u->ignore_on_isolate = true;
	u->perpetual = is_kept(u);
	if (u->perpetual)                               /* they exist before and after everything else */
		SLICE(u)->active = true;
}

static void slice_done(struct unit *u) { cgroup_context_done(&SLICE(u)->cgroup); }

/* "a-b-c.slice" lies in "a-b.slice", "a.slice" in "-.slice". -EINVAL where the dashes do not name a path. */
static int parent_name(const char *id, char **ret)
{
	size_t n = strlen(id) - strlen(".slice");
	const char *dash = memrchr(id, '-', n);
	char *p;

	if (n == 0 || id[0] == '-' || id[n - 1] == '-' || memmem(id, n, "--", 2))
		return -EINVAL;
	if (asprintf(&p, "%.*s.slice", dash ? (int)(dash - id) : 1, dash ? id : "-") < 0)
		return -ENOMEM;
	*ret = p;
	return 0;
}

/* "system-getty.slice" is a place in the tree */
static void describe(struct unit *u)
{
	_cleanup_(freep) char *path = NULL;

	if (name_to_path(u->id, &path) >= 0 && asprintf(&u->description, "Slice %s", path) < 0)
		u->description = NULL;
}

static int slice_load(struct unit *u, const struct key_place *at)
{
	_cleanup_(freep) char *parent = NULL, *path = NULL;
	int r;

	if (is_kept(u)) {
		u->default_dependencies = false;
		if (!u->description)
			u->description = strdup(is_root(u) ? "Root Slice" : "System Slice");
	}
	else if (!u->description && name_to_path(u->id, &path) >= 0 && asprintf(&u->description, "Slice %s", path) < 0)
		u->description = NULL;
	if (is_root(u))
		return 0;
	if (!u->description)
		describe(u);
	if (u->instance || name_is_template(u->id))
		return type_bad(at, "a slice cannot be made from a template");
	r = parent_name(u->id, &parent);
	if (r == -EINVAL)
		return type_bad(at, "the name of a slice must be words with one dash between them: its path in the tree");
	if (r < 0)
		return r;
	if (SLICE(u)->cgroup.slice && !streq(SLICE(u)->cgroup.slice, parent))
		return type_bad(at, "Slice= of a slice must agree with its name");
	r = type_dep(u, DEP_IN_SLICE, parent, DEP_IMPLICIT);
	if (r >= 0)
		r = type_two_deps(u, DEP_AFTER, DEP_REQUIRES, parent, DEP_IMPLICIT);
	if (r >= 0 && u->default_dependencies)
		r = type_shutdown_deps(u);
	return r;
}

static enum unit_active_state slice_active(const struct unit *u) { return SLICE(u)->active ? UNIT_ACTIVE : UNIT_INACTIVE; }
static const char *slice_sub(const struct unit *u) { return SLICE(u)->active ? "active" : "dead"; }

static int slice_start(struct unit *u)
{
	int r;

	if (SLICE(u)->active)
		return -EALREADY;
	unit_new_invocation(u);
	r = unit_host(u)->cgroup_realize(u);
	if (r < 0)
		return r;
	r = cgroup_has_filters(u) ? unit_host(u)->apply_filters(u) : 0;
	if (r < 0)
		log_event(LOG_WARNING, "SLICE_FILTERS", "traffic cannot be counted, devices and addresses not be filtered", F_STR("UNIT", u->id), F_ERRNO(r));
	set_active(SLICE(u), true);
	return 0;
}

static int slice_stop(struct unit *u)
{
	if (u->perpetual)
		return -EPERM;
	if (!SLICE(u)->active)
		return -EALREADY;
	set_active(SLICE(u), false);
	return 0;
}

static int slice_kill(struct unit *u, const char *who, int signo)
{
	if (!streq(who, "all"))
		return -ESRCH;
	return unit_host(u)->kill_cgroup(u, signo, 0, 0);
}

static void slice_save(const struct unit *u, void *rec) { *(struct ipc_slice_state *)rec = (struct ipc_slice_state){ .active = SLICE(u)->active }; }

static int slice_restore(struct unit *u, const void *rec)
{
	SLICE(u)->active = ((const struct ipc_slice_state *)rec)->active || u->perpetual;
	return 0;
}

static int slice_coldplug(struct unit *u)
{
	return SLICE(u)->active ? unit_host(u)->cgroup_realize(u) : 0;
}

/* The two that are always there. */
static int slice_enumerate(struct unit_set *set)
{
	static const char *const kept[] = { "-.slice", "system.slice" };

	for (size_t i = 0; i < (scope_is_user() ? 1 : ARRAY_SIZE(kept)); i++) {
		struct unit *u;
		int r = unit_stub(set, kept[i], &u);

		if (r < 0)
			return r;
	}
	return 0;
}

const struct unit_type unit_type_slice = {
	.abi = UNIT_TYPE_ABI,
	.name = "slice",
	.can_transient = true,
	.section = "Slice",
	.size = sizeof(struct slice),
	.groups = groups,
	.n_groups = ARRAY_SIZE(groups),
	.no_files = true,
	.init = slice_init,
	.load = slice_load,
	.done = slice_done,
	.active = slice_active,
	.sub = slice_sub,
	.start = slice_start,
	.stop = slice_stop,
	.kill = slice_kill,
	.state_desc = &ipc_slice_state_desc,
	.save = slice_save,
	.restore = slice_restore,
	.coldplug = slice_coldplug,
	.enumerate = slice_enumerate,
};
