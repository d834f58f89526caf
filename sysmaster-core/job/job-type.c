/* job-type.c - the types of jobs: what they come to for a unit, which of them go together, which must wait for which */
#include "job/job.h"

const char *job_type_name(enum ipc_job_type t)
{
	return msg_enum_name(&ipc_job_type_enum, (int32_t)t) ?: "?";
}

bool job_can_reload(const struct unit *u)
{
	if (u->type->can_reload)
		return u->type->reload && (!u->type->may_reload || u->type->may_reload(u));
	return unit_next_dep(u, DEP_PROPAGATES_RELOAD_TO, NULL);        /* it has nothing to reload, but others have */
}

enum ipc_job_type job_collapse(enum ipc_job_type t, const struct unit *u)
{
	bool up = unit_is_active_or_activating(u) || unit_active(u) == UNIT_DEACTIVATING;

	switch (t) {
	case IPC_JOB_TYPE_TRY_RESTART:
		return unit_is_inactive_or_failed(u) || unit_active(u) == UNIT_DEACTIVATING ? IPC_JOB_TYPE_NOP : IPC_JOB_TYPE_RESTART;
	case IPC_JOB_TYPE_RELOAD_OR_RESTART:
		if (!job_can_reload(u))
			return IPC_JOB_TYPE_RESTART;
		return unit_is_active_or_reloading(u) || up ? IPC_JOB_TYPE_RELOAD : IPC_JOB_TYPE_START;
	case IPC_JOB_TYPE_TRY_RELOAD_OR_RESTART:
		if (unit_is_inactive_or_failed(u) || unit_active(u) == UNIT_DEACTIVATING)
			return IPC_JOB_TYPE_NOP;
		return job_can_reload(u) ? IPC_JOB_TYPE_RELOAD : IPC_JOB_TYPE_RESTART;
	case IPC_JOB_TYPE_START:
	case IPC_JOB_TYPE_STOP:
	case IPC_JOB_TYPE_RELOAD:
	case IPC_JOB_TYPE_RESTART:
	case IPC_JOB_TYPE_VERIFY_ACTIVE:
	case IPC_JOB_TYPE_NOP:
		break;
	}
	return t;
}

int job_merge_types(enum ipc_job_type a, enum ipc_job_type b, const struct unit *u, enum ipc_job_type *ret)
{
	enum ipc_job_type lo = MIN(a, b), hi = MAX(a, b);

	if (a == b) {
		*ret = a;
	} else if (lo == IPC_JOB_TYPE_STOP || hi == IPC_JOB_TYPE_STOP) {
		return -EEXIST;
	} else if (hi == IPC_JOB_TYPE_NOP) {
		*ret = lo;
	} else if (hi == IPC_JOB_TYPE_VERIFY_ACTIVE) {
		*ret = lo;
	} else if (hi == IPC_JOB_TYPE_RESTART) {
		*ret = IPC_JOB_TYPE_RESTART;
	} else {                                        /* start and reload */
		*ret = unit_is_active_or_reloading(u) ? IPC_JOB_TYPE_RELOAD : IPC_JOB_TYPE_START;
	}
	return 0;
}

bool job_redundant(enum ipc_job_type t, enum unit_active_state s)
{
	switch (t) {
	case IPC_JOB_TYPE_START:
		return s == UNIT_ACTIVE || s == UNIT_RELOADING;
	case IPC_JOB_TYPE_STOP:
		return s == UNIT_INACTIVE || s == UNIT_FAILED;
	case IPC_JOB_TYPE_VERIFY_ACTIVE:
		return s == UNIT_ACTIVE || s == UNIT_RELOADING;
	case IPC_JOB_TYPE_NOP:
		return true;
	default:                                        /* a reload or restart is always wanted */
		return false;
	}
}

static bool is_stop(enum ipc_job_type t)
{
	return t == IPC_JOB_TYPE_STOP || t == IPC_JOB_TYPE_RESTART;
}

bool job_must_wait(enum ipc_job_type mine, const struct dep *d, enum ipc_job_type others)
{
	if (mine == IPC_JOB_TYPE_NOP || others == IPC_JOB_TYPE_NOP)
		return false;
	/* what comes later is stopped first, whatever happens to the earlier one */
	return (d->kinds & DEP_BIT(DEP_BEFORE) && is_stop(others)) || (d->kinds & DEP_BIT(DEP_AFTER) && !is_stop(mine));
}
