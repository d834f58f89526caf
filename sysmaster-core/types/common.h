/* common.h - what load() functions of the types say over and over */
#pragma once
#include "cgroup/cgroup.h"
#include "exec/context.h"
#include "exec/exec.h"
#include "unit/scope.h"
#include "unit/unit.h"

/** type_dep() - unit_add_dep_name() where a unit that names itself, or a type that this image lacks, is no error */
static inline int type_dep(struct unit *u, enum dep_kind k, const char *name, enum dep_origin origin)
{
	int r = unit_add_dep_name(u, k, name, origin);

	return r == -ELOOP || r == -ENOTSUP ? 0 : MIN(r, 0);
}

static inline int type_two_deps(struct unit *u, enum dep_kind k1, enum dep_kind k2, const char *name, enum dep_origin origin)
{
	int r = type_dep(u, k1, name, origin);

	return r < 0 ? r : type_dep(u, k2, name, origin);
}

/** type_shutdown_deps() - the default pair that stops a unit before the machine goes down */
static inline int type_shutdown_deps(struct unit *u)
{
	return type_two_deps(u, DEP_BEFORE, DEP_CONFLICTS, "shutdown.target", DEP_DEFAULT);
}

/** type_early_deps() - what the system has to bring up before most of its units; a user's manager begins where that is done */
static inline int type_early_deps(struct unit *u)
{
	return scope_is_user() ? 0 : type_two_deps(u, DEP_AFTER, DEP_REQUIRES, "sysinit.target", DEP_DEFAULT);
}

/** type_contexts() - what follows from the settings of both contexts; @runs: the unit has commands */
static inline int type_contexts(struct unit *u, struct exec_context *e, struct cgroup_context *c, bool runs)
{
	int r = exec_context_load(u, e, runs);

	if (r >= 0)
		r = cgroup_context_restrict(c, e->s.private_devices, e->s.protect_clock);
	return r < 0 ? r : cgroup_context_load(u, c);
}

/** type_bad() - the file as a whole is wrong: report it; what load() then returns */
static inline int type_bad(const struct key_place *at, const char *what)
{
	diag(at->sink, DIAG_ERROR, at->file ? at->file : at->unit->id, 0, 0, "%s", what);
	return -ENOEXEC;
}

/** type_note() - something of the file has no effect, the rest goes on */
static inline void type_note(const struct key_place *at, const char *what)
{
	diag(at->sink, DIAG_WARNING, at->file ? at->file : at->unit->id, 0, 0, "%s", what);
}

static inline uint64_t type_default_timeout(const struct unit *u)
{
	return unit_host(u) ? unit_host(u)->default_timeout_start_usec : 90 * USEC_PER_SEC;    /* no host: a mere check of files */
}
