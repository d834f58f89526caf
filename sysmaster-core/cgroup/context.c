/* context.c - defaults of resource control and the unit's slice */
#include <stdio.h>
#include "cgroup/context.h"
#include "log.h"
#include "unit/scope.h"
#include "unit/name.h"

#define DEFAULT_TASKS_PERCENT 1500      /* of 10,000: DefaultTasksMax=15% */

/* DefaultMemoryAccounting= and DefaultTasksAccounting= are on, DefaultTasksMax= is 15%: systemd-system.conf(5) */
void cgroup_context_init(struct cgroup_context *c)
{
	*c = (struct cgroup_context){
		.cpu_accounting = true, .memory_accounting = true, .tasks_accounting = true, .tasks_max = { .standard = DEFAULT_TASKS_PERCENT },
		.cpu_quota_usec = UINT64_MAX, .cpu_quota_period_usec = UINT64_MAX,
	};
}

void cgroup_context_done(struct cgroup_context *c)
{
	for (size_t i = 0; i < n_cgroup_keys; i++)
		if (cgroup_keys[i].kind->clear)
			cgroup_keys[i].kind->clear(&cgroup_keys[i], (char *)c + cgroup_keys[i].off);
}

const struct cgroup_context *cgroup_context_of(const struct unit *u)
{
	for (size_t i = 0; u->type && i < u->type->n_groups; i++)
		if (u->type->groups[i].rows == cgroup_keys)
			return (const struct cgroup_context *)((const char *)u + u->type->groups[i].base);
	return NULL;
}

/* "getty@tty1.service" -> "system-getty.slice"; other units of the system -> "system.slice"; "app" for a user's */
static int default_slice(const struct unit *u, char **ret)
{
	_cleanup_(freep) char *prefix = NULL, *escaped = NULL;
	int r;

	if (!u->instance) {
		*ret = strdup(scope_is_user() ? "app.slice" : "system.slice");
		return *ret ? 0 : -ENOMEM;
	}
	r = name_prefix(u->id, &prefix);
	if (r < 0)
		return r;
	escaped = name_escape(prefix);
	return !escaped || asprintf(ret, "%s-%s.slice", scope_is_user() ? "app" : "system", escaped) < 0 ? -ENOMEM : 0;
}

int cgroup_context_restrict(struct cgroup_context *c, bool private_devices, bool protect_clock)
{
	if (private_devices && c->device_policy == CGROUP_DEVICE_AUTO)
		c->device_policy = CGROUP_DEVICE_CLOSED;
	/* an entry would close all other devices: only where they are closed already */
	if (protect_clock && (c->device_policy != CGROUP_DEVICE_AUTO || c->device_allow) && !strv_has(c->device_allow, "char-rtc r"))
		return strv_add(&c->device_allow, "char-rtc r");
	return 0;
}

int cgroup_context_load(struct unit *u, struct cgroup_context *c)
{
	_cleanup_(freep) char *name = NULL;
	int r;

	if (streq(u->id, "-.slice") || streq(u->id, "init.scope") || unit_slice(u))
		return 0;
	if (!unit_type_find("slice", NULL)) {           /* an image without: all stand side by side in the root of the tree */
		if (c->slice)
			log_event(LOG_WARNING, "UNIT_SLICE_UNKNOWN", "this image has no slices; Slice= has no effect", F_STR("UNIT", u->id), F_STR("SLICE", c->slice));
		return 0;
	}
	if (c->slice)
		name = strdup(c->slice);
	else if ((r = default_slice(u, &name)) < 0)
		return r;
	if (!name)
		return -ENOMEM;
	r = unit_add_dep_name(u, DEP_IN_SLICE, name, DEP_IMPLICIT);
	if (r >= 0)
		r = unit_add_two_deps_name(u, DEP_AFTER, DEP_REQUIRES, name, DEP_IMPLICIT);
	return r == -ELOOP ? 0 : r;
}

static unsigned converted(unsigned v, unsigned standard)
{
	uint64_t w = MAX((uint64_t)v * 100 / standard, (uint64_t)1);

	return v ? (unsigned)MIN(w, (uint64_t)10000) : 0;
}

unsigned cgroup_cpu_weight(const struct cgroup_context *c, bool startup)
{
	if (c->cpu_weight || c->startup_cpu_weight)
		return startup && c->startup_cpu_weight ? c->startup_cpu_weight : c->cpu_weight;
	return converted(startup && c->startup_cpu_shares ? c->startup_cpu_shares : c->cpu_shares, 1024);
}

bool cgroup_has_io(const struct cgroup_context *c)
{
	bool any = c->io_accounting || c->io_weight || c->startup_io_weight;

	for (size_t i = 0; i < ARRAY_SIZE(c->io_devices); i++)
		any |= c->io_devices[i] != NULL;
	return any;
}

unsigned cgroup_io_weight(const struct cgroup_context *c, bool startup)
{
	if (cgroup_has_io(c))
		return startup && c->startup_io_weight ? c->startup_io_weight : c->io_weight;
	return converted(startup && c->startup_blockio_weight ? c->startup_blockio_weight : c->blockio_weight, 500);
}

bool cgroup_has_filters(const struct unit *u)
{
	const struct cgroup_context *c = cgroup_context_of(u);
	bool any = c && (c->ip_accounting || c->device_policy != CGROUP_DEVICE_AUTO || c->device_allow || c->bind_allow || c->bind_deny || c->interfaces.names ||
			 c->ingress_paths || c->egress_paths || c->programs);

	for (; u && !any; u = unit_slice(u)) {
		c = cgroup_context_of(u);
		any = c && c->address_deny.n;
	}
	return any;
}

unsigned cgroup_context_mask(const struct cgroup_context *c)
{
	unsigned mask = 0;

	if (c->cpu_weight || c->startup_cpu_weight || c->cpu_shares || c->startup_cpu_shares || c->cpu_quota_usec != UINT64_MAX)
		mask |= CG_CPU;
	if (c->allowed_cpus || c->startup_allowed_cpus || c->allowed_nodes || c->startup_allowed_nodes)
		mask |= CG_CPUSET;
	if (cgroup_has_io(c) || c->blockio_accounting || c->blockio_weight || c->startup_blockio_weight)
		mask |= CG_IO;
	for (size_t i = 0; i < ARRAY_SIZE(c->blockio_devices); i++)
		if (c->blockio_devices[i])
			mask |= CG_IO;
	if (c->memory_accounting || c->memory_min.set || c->memory_low.set || c->memory_high.set || c->memory_max.set || c->memory_swap_max.set ||
	    c->default_memory_low.set || c->default_memory_min.set)
		mask |= CG_MEMORY;
	if (c->tasks_accounting || c->tasks_max.set)
		mask |= CG_PIDS;
	return mask | c->delegate_controllers;
}
