/* target.c - a synchronisation point: nothing but a name, its dependencies and whether it was reached; systemd.target(5) */
#include "log.h"
#include "state.ipc.h"
#include "types/common.h"

struct target {
	struct unit u;
	bool active;
};

static struct target *TARGET(const struct unit *u) { return (struct target *)u; }

static void set_active(struct target *t, bool to)
{
	if (t->active == to)
		return;
	log_event(LOG_DEBUG, "UNIT_STATE", "changed state", F_STR("UNIT", t->u.id), F_STR("FROM", t->active ? "active" : "dead"),
		  F_STR("TO", to ? "active" : "dead"));
	t->active = to;
	unit_changed(&t->u, false);
}

static int target_load(struct unit *u, const struct key_place *at)
{
	return u->default_dependencies ? type_shutdown_deps(u) : 0;
}

/* What the target itself wants or requires comes before it, unless one of the two says otherwise. */
#define PULLED (DEP_BIT(DEP_REQUIRES) | DEP_BIT(DEP_REQUISITE) | DEP_BIT(DEP_WANTS) | DEP_BIT(DEP_BINDS_TO) | DEP_BIT(DEP_PART_OF) | DEP_BIT(DEP_UPHOLDS))

static struct unit *next_to_order(struct unit *u)
{
	for (struct dep *d = NULL; (d = unit_next_dep_mask(u, PULLED, d));) {
		struct unit *o = d->other;

		if (o->load_state == UNIT_LOADED && o->default_dependencies && !unit_has_dep(u, DEP_AFTER, o) && !unit_has_dep(u, DEP_BEFORE, o))
			return o;
	}
	return NULL;
}

static void target_settled(struct unit *u)
{
	struct unit *o;

	while (u->default_dependencies && (o = next_to_order(u)))       /* anew each time: adding moves the array */
		if (unit_add_dep(u, DEP_AFTER, o, DEP_DEFAULT) < 0)
			return;
}

static enum unit_active_state target_active(const struct unit *u) { return TARGET(u)->active ? UNIT_ACTIVE : UNIT_INACTIVE; }
static const char *target_sub(const struct unit *u) { return TARGET(u)->active ? "active" : "dead"; }

static int target_start(struct unit *u)
{
	if (TARGET(u)->active)
		return -EALREADY;
	unit_new_invocation(u);
	set_active(TARGET(u), true);
	return 0;
}

static int target_stop(struct unit *u)
{
	if (!TARGET(u)->active)
		return -EALREADY;
	set_active(TARGET(u), false);
	return 0;
}

static void target_save(const struct unit *u, void *rec) { *(struct ipc_target_state *)rec = (struct ipc_target_state){ .active = TARGET(u)->active }; }

static int target_restore(struct unit *u, const void *rec)
{
	TARGET(u)->active = ((const struct ipc_target_state *)rec)->active;
	return 0;
}

const struct unit_type unit_type_target = {
	.abi = UNIT_TYPE_ABI,
	.name = "target",
	.size = sizeof(struct target),
	.load = target_load,
	.settled = target_settled,
	.active = target_active,
	.sub = target_sub,
	.start = target_start,
	.stop = target_stop,
	.state_desc = &ipc_target_state_desc,
	.save = target_save,
	.restore = target_restore,
};
