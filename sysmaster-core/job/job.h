/*
 * job.h - jobs: what is to happen to units, one per unit at a time, run in parallel as their order allows
 *
 * A job waits until every job that must run before it is gone, then acts on its unit once (type->start() ...) and lives on until
 * the unit has reached the state asked for, or cannot. Wishes enter through transactions only (transaction.h). Settled by queue:
 * nothing recurses from unit to unit.
 */
#pragma once
#include "core.ipc.h"
#include "unit/unit.h"

struct jobs;
struct job {
	struct jobs *jobs;
	uint64_t id;
	struct unit *unit;
	enum ipc_job_type type;         /* start, stop, reload, restart, verify_active, nop: the others collapse before */
	enum ipc_job_state state;
	bool irreversible, ignore_order, in_run_queue, doomed;
	uint64_t begin_usec, run_usec;  /* CLOCK_BOOTTIME; run_usec 0: waiting */
	struct timer timer;             /* JobTimeoutSec, JobRunningTimeoutSec */
	struct job *next, *prev;        /* all jobs */
	struct job *run_next, *doomed_next;
};

/** What jobs tell the layer above. */
struct jobs_hooks {
	void (*added)(void *user, const struct job *j);
	/** @result of a job that is about to be freed; for a restart's first half nothing is told */
	void (*removed)(void *user, const struct job *j, enum ipc_job_result result);
	void (*changed)(void *user, const struct job *j);                       /* state store: write it again */
	void (*timed_out)(void *user, const struct job *j);                     /* JobTimeoutAction= */
	void *user;
};

#define JOBS_FINISHED 1024              /* ended jobs that get_job still answers for */

int jobs_new(struct jobs **ret, struct unit_set *set, struct loop *l, const struct jobs_hooks *hooks);
void jobs_free(struct jobs *js);
DEFINE_CLEANUP(struct jobs *, jobs_free);
struct job *jobs_first(struct jobs *js);                /* iterate with ->next; oldest first */
size_t jobs_count(const struct jobs *js);
struct job *jobs_get(struct jobs *js, uint64_t id);
/** result of an ended job; false when it is not known (any more) */
bool jobs_finished(const struct jobs *js, uint64_t id, struct ipc_job_info *ret);
uint64_t jobs_next_id(const struct jobs *js);
void jobs_set_next_id(struct jobs *js, uint64_t id);
void jobs_remember(struct jobs *js, const struct ipc_job_info *info);

/** job_install() - a new job of @type for @unit, or merged into the one there; used by transactions and recovery. -ENOMEM */
int job_install(struct jobs *js, struct unit *u, enum ipc_job_type type, bool irreversible, bool ignore_order, struct job **ret);
/** recovery: the job as it was; not announced */
int job_restore(struct jobs *js, uint64_t id, struct unit *u, enum ipc_job_type type, enum ipc_job_state state, bool irreversible,
		bool ignore_order, uint64_t begin_usec, uint64_t run_usec);
void jobs_coldplug(struct jobs *js);                    /* after recovery: arm timers, queue, settle what units already reached */
void job_cancel(struct job *j);                         /* result canceled, and what depends on it */
void jobs_flush_all(struct jobs *js);                   /* drop every job in silence (recovery level 1) */
void job_info(const struct job *j, struct ipc_job_info *ret);   /* strings borrowed */

/** the unit went from one state to another: finish or retry its job. Return: true when no job asked for this change */
bool jobs_unit_changed(struct jobs *js, struct unit *u, enum unit_active_state now, bool failed_reload);
/** must a job of type @mine wait for the job of type @others of the unit at the other end of @d (an ordering dependency of mine)? */
bool job_must_wait(enum ipc_job_type mine, const struct dep *d, enum ipc_job_type others);

enum ipc_job_type job_collapse(enum ipc_job_type t, const struct unit *u);      /* try_restart -> restart or nop ... */
/** -EEXIST when the two cannot be one (start and stop) */
int job_merge_types(enum ipc_job_type a, enum ipc_job_type b, const struct unit *u, enum ipc_job_type *ret);
bool job_can_reload(const struct unit *u);
bool job_redundant(enum ipc_job_type t, enum unit_active_state s);
const char *job_type_name(enum ipc_job_type t);
