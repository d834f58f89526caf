/*
 * unit.h - the unit object: one thing that is managed, its names, settings, dependencies and state
 *
 * A unit type is a plug-in: a `struct unit_type` with a version (DESIGN D8). A type's own object begins with a `struct unit`.
 * Units live in a `struct unit_set`, which owns them. What a unit needs from above (jobs, spawning) goes through unit_host.
 */
#pragma once
#include <sys/types.h>
#include "key.h"
#include "loop.h"
#include "msg.h"
#include "rate.h"
#include "channel.ipc.h"

struct unit_set;
struct job;
struct condition;
struct lookup;                                          /* path.h: search paths */

enum unit_load_state { UNIT_STUB, UNIT_LOADED, UNIT_NOT_FOUND, UNIT_BAD_SETTING, UNIT_LOAD_ERROR, UNIT_MERGED, UNIT_MASKED, N_UNIT_LOAD_STATES };
enum unit_active_state { UNIT_INACTIVE, UNIT_ACTIVE, UNIT_RELOADING, UNIT_FAILED, UNIT_ACTIVATING, UNIT_DEACTIVATING, UNIT_MAINTENANCE, N_UNIT_ACTIVE_STATES };
const char *unit_load_state_name(enum unit_load_state s);       /* "loaded", "not-found" ... */
const char *unit_active_state_name(enum unit_active_state s);   /* "active" ... */

/* Each kind has an inverse; dep.c holds the table (name as in unit files and as property). */
enum dep_kind {
	DEP_REQUIRES, DEP_REQUISITE, DEP_WANTS, DEP_BINDS_TO, DEP_PART_OF, DEP_UPHOLDS,
	DEP_REQUIRED_BY, DEP_REQUISITE_OF, DEP_WANTED_BY, DEP_BOUND_BY, DEP_CONSISTS_OF, DEP_UPHELD_BY,
	DEP_CONFLICTS, DEP_CONFLICTED_BY,
	DEP_BEFORE, DEP_AFTER,
	DEP_ON_SUCCESS, DEP_ON_SUCCESS_OF, DEP_ON_FAILURE, DEP_ON_FAILURE_OF,
	DEP_TRIGGERS, DEP_TRIGGERED_BY,
	DEP_PROPAGATES_RELOAD_TO, DEP_RELOAD_PROPAGATED_FROM, DEP_PROPAGATES_STOP_TO, DEP_STOP_PROPAGATED_FROM,
	DEP_JOINS_NAMESPACE_OF,
	DEP_REFERENCES, DEP_REFERENCED_BY,
	DEP_IN_SLICE, DEP_SLICE_OF,
	N_DEP_KINDS
};
const char *dep_name(enum dep_kind k);                  /* "Requires", "WantedBy" ...: property name */
enum dep_kind dep_inverse(enum dep_kind k);
int dep_by_name(const char *name, enum dep_kind *ret);  /* also unit-file spellings such as PropagatesReloadTo, BindTo */

/* where a dependency came from: a reload drops what files said and keeps the rest */
enum dep_origin { DEP_FILE = 1, DEP_IMPLICIT = 2, DEP_DEFAULT = 4, DEP_UDEV = 8, DEP_PATH = 16, DEP_MOUNTINFO = 32, DEP_DYNAMIC = 64 };

/* origins that are dropped together: files and what follows from them; the kernel's and udev's tables; run time */
enum { DEP_CLASS_FILE, DEP_CLASS_SYSTEM, DEP_CLASS_DYNAMIC, N_DEP_CLASSES };

struct dep {
	struct unit *other;
	uint64_t kinds;                 /* bit per dep_kind: all of by_class */
	uint32_t by_class[N_DEP_CLASSES];
	uint8_t origin;                 /* or'ed enum dep_origin of this side's declaration; 0: only the inverse of another's */
	uint8_t inverse_origin;
};

/* What a unit may do to the whole system; systemd.unit(5) FailureAction=. Job modes are those of core.ipc (enum ipc_job_mode). */
enum unit_action {
	UNIT_ACTION_NONE, UNIT_ACTION_REBOOT, UNIT_ACTION_REBOOT_FORCE, UNIT_ACTION_REBOOT_IMMEDIATE, UNIT_ACTION_POWEROFF,
	UNIT_ACTION_POWEROFF_FORCE, UNIT_ACTION_POWEROFF_IMMEDIATE, UNIT_ACTION_EXIT, UNIT_ACTION_EXIT_FORCE,
};
enum unit_collect_mode { UNIT_COLLECT_INACTIVE, UNIT_COLLECT_INACTIVE_OR_FAILED };

/* a process that is not our child, and may be gone when we look again */
struct unit_process { pid_t pid; uint64_t start_ticks; };       /* start_ticks: field 22 of /proc/PID/stat */
int unit_process_get(pid_t pid, struct unit_process *ret);      /* -ESRCH */
bool unit_process_there(const struct unit_process *p);          /* is it still that one? */

#define UNIT_TYPE_ABI 1
struct unit_type {
	uint32_t abi;                   /* UNIT_TYPE_ABI */
	const char *name;               /* suffix: "service" */
	const char *section;            /* "Service"; NULL: the type has no section of its own */
	size_t size;                    /* of the object, struct unit included */
	const struct key_group *groups; size_t n_groups;        /* without [Unit] and [Install] */
	bool can_reload, no_files;      /* no_files: needs no fragment (slice, scope, device, mount from the kernel's table) */
	bool once_only;                 /* cannot be started by a person (scope, device) */
	bool can_transient;             /* may be made by a request, without a file */

	/**
	 * Defaults, before any key is read; the object is zeroed. A reload calls it again on a live unit (u->reloading): all keys'
	 * fields were cleared and are set anew, run-time fields are left as they are.
	 */
	void (*init)(struct unit *u);
	/** after all keys were read: check, defaults, implicit dependencies. -ENOEXEC: bad-setting; reported through at->sink */
	int (*load)(struct unit *u, const struct key_place *at);
	/** when the load queue has run dry, for each unit loaded meanwhile: dependencies that hinge on settings of other units. NULL: none */
	void (*settled)(struct unit *u);
	void (*done)(struct unit *u);                   /* free what the rows' kinds do not; at the end of the unit only */
	enum unit_active_state (*active)(const struct unit *u);
	const char *(*sub)(const struct unit *u);       /* "running" */

	/* Asked by a job. 0: begun or already on the way; -EALREADY: is so already; -EAGAIN: try again later; -ECANCELED: start limit; others: failed */
	int (*start)(struct unit *u);
	int (*stop)(struct unit *u);
	int (*reload)(struct unit *u);
	bool (*may_reload)(const struct unit *u);       /* has this unit a way to reload? NULL: can_reload says it for all */

	/** what became of a child with @role (a number of the type's own) that unit_spawn() started or unit_watch() watched */
	void (*child)(struct unit *u, unsigned role, const struct ipc_child *c);
	/** recovery: the child asked for with this role was never spawned, since core died before it could ask: ask again */
	void (*respawn)(struct unit *u, unsigned role);
	/** recovery without a record: a living child of an earlier core bears this unit's name; take it up as it is */
	void (*adopt)(struct unit *u, unsigned role, const struct ipc_child *c);
	/** the same for descriptors: some are in init's store under this unit's name (unit_host.list_fds), the unit is down */
	void (*adopt_fds)(struct unit *u);
	/** an sd_notify(3) datagram: NAME=VALUE lines; @fds are taken over by the callee (n_fds may be 0) */
	void (*notify)(struct unit *u, pid_t sender, char *const *lines, int *fds, size_t n_fds);
	void (*cgroup_empty)(struct unit *u);
	/** a unit that this one triggers changed state (socket <- service) */
	void (*trigger_notify)(struct unit *u, struct unit *other);
	bool (*may_gc)(const struct unit *u);           /* type's own veto; NULL: none */
	void (*reset_failed)(struct unit *u);
	int (*kill)(struct unit *u, const char *who, int signo);
	pid_t (*main_pid)(const struct unit *u);        /* 0: none */
	pid_t (*control_pid)(const struct unit *u);

	/** state store: describe, fill and restore the type's own record (schema struct of state.ipc) */
	const struct msg_desc *state_desc;
	void (*save)(const struct unit *u, void *rec);          /* strings borrowed from the unit */
	int (*restore)(struct unit *u, const void *rec);        /* before coldplug; no side effects */
	/** after all units were restored and children told: take up timers, watches, fds; act on what changed meanwhile */
	int (*coldplug)(struct unit *u);

	/** extra properties for `show` that no key row gives (MainPID, Result ...) */
	void (*properties)(const struct unit *u, void (*put)(void *arg, const char *name, const char *value), void *arg);
	/** a socket's listening fds, borrowed, with their names, for the services it triggers; returns the number or -errno */
	int (*collect_fds)(struct unit *u, const int **ret_fds, char *const **ret_names);
	/** a service instance made for one accepted connection of @socket takes it over (also on error); before its start job */
	int (*give_connection)(struct unit *u, struct unit *socket, int fd);
	/** the socket's side of it: the instance is done with the connection */
	void (*connection_closed)(struct unit *socket);
	/** a transient unit, before its start job: foreign processes to be put into it when it starts (scope); @controller may be NULL */
	int (*take_pids)(struct unit *u, const struct unit_process *pids, size_t n, const struct unit_process *controller);
	/** the same: standard input, output and error for its main process; takes the three over, also on error */
	int (*give_streams)(struct unit *u, int fds[3]);
	int (*abandon)(struct unit *u);                 /* scope: -ESTALE when it does not run */
	/** look at the whole system once, at start (mount: read mountinfo); may add units */
	int (*enumerate)(struct unit_set *set);
	/** the kernel may have killed a process of the unit's group for want of memory: unit_host.oom_kills() says. NULL: no interest */
	void (*oom)(struct unit *u);
};

struct unit_times { uint64_t realtime, monotonic; };    /* usec, CLOCK_REALTIME and CLOCK_MONOTONIC; 0: never */

/*
 * What a run shares with its own commands and with units that join it (JoinsNamespaceOf=); exec/shared.c fills it. A namespace lies
 * as a descriptor in a socket pair whose ends init keeps too.
 */
enum unit_shared_ns { UNIT_SHARED_NET, UNIT_SHARED_IPC, N_UNIT_SHARED_NS };
struct unit_shared {
	char tmp[256];                  /* name in /tmp and /var/tmp; "": no PrivateTmp= */
	int ns[N_UNIT_SHARED_NS][2];    /* -1: none */
};
void unit_shared_free(struct unit *u);                  /* closes the descriptors; init's copies stay */

/* What a run's network traffic came to; exec/traffic.c. */
struct unit_traffic {
	int ends[2];                    /* of the socket pair in which the map lies */
	uint8_t run[16];                /* whose */
	const uint64_t *counters;       /* mapped when somebody asks; NULL: not yet */
	size_t size;
};
void unit_traffic_free(struct unit *u);

struct unit {
	struct unit_set *set;
	const struct unit_type *type;
	char *id;                       /* the name it goes by */
	char **names;                   /* all names, id included */
	char *instance;                 /* NULL: none */

	enum unit_load_state load_state;
	int load_error;                 /* negative errno */
	char *load_why;                 /* sentence; NULL */
	char *fragment_path;            /* NULL: none */
	char **dropin_paths;
	uint64_t file_stamp;            /* newest mtime (usec) of fragment and drop-ins: NeedDaemonReload */

	struct dep *deps; size_t n_deps, cap_deps;      /* sorted by .other pointer */

	/* [Unit] */
	char *description; char **documentation;
	char **requires_mounts_for;
	struct condition *conditions, *asserts;
	bool default_dependencies, ignore_on_isolate, stop_when_unneeded, refuse_manual_start, refuse_manual_stop, allow_isolate;
	int collect_mode, on_success_job_mode, on_failure_job_mode;
	uint64_t job_timeout_usec, job_running_timeout_usec; bool job_running_timeout_set;
	int job_timeout_action; char *job_timeout_reboot_arg;
	uint64_t start_limit_interval_usec; unsigned start_limit_burst; int start_limit_action;
	int failure_action, success_action; int failure_exit_status, success_exit_status; char *reboot_arg;
	char *source_path;
	/* [Install], for is-enabled and presets */
	char **install_alias, **install_wanted_by, **install_required_by, **install_upheld_by, **install_also; char *default_instance;

	/* run time, kept in the state store */
	uint8_t invocation_id[16];
	struct unit_times inactive_exit, active_enter, active_exit, inactive_enter, state_change;
	bool condition_result, assert_result; struct unit_times condition_time;
	struct rate starts;             /* against start_limit_interval_usec and _burst */
	bool transient, perpetual;
	bool start_limit_hit;           /* the last start asked for was one too many */
	bool start_limit_told;          /* StartLimitAction= has been taken for it */
	bool reloading;                 /* within unit_reload_all(), or after unit_reload() until it is loaded */
	uint64_t cpu_used_usec;         /* of the last run, whose group is gone; UINT64_MAX: not known */
	uint64_t hold_usec;             /* of a transient unit: not collected until then, CLOCK_BOOTTIME; USEC_INFINITY: a while after its end */
	char *triggered_by;             /* NULL: nothing; else lines for the environment of this run: "TRIGGER_UNIT=a.timer\n..." */
	struct unit_shared *shared;     /* NULL: nothing, or not running */
	struct unit_traffic *traffic;   /* NULL: not counted */
	char *cgroup_path;              /* relative to the manager's root, "/system.slice/a.service"; NULL: none realised */

	/* owned by the job layer */
	struct job *job, *nop_job;
	bool restart_pending;           /* by the type: it goes down but comes again by itself, so OnFailure= waits */
	bool stop_is_restart;           /* the stop that is asked for is the first half of a restart */
	/* owned by the set */
	struct unit *set_next, *set_prev;
	struct unit *dirty_next, *load_next, *gc_next;
	bool unsettled;                 /* loaded, and type->settled() not yet called */
	bool dirty, in_load_queue, in_gc_queue, in_stop_queue;
	enum unit_active_state last_active;     /* as of the last unit_changed() */
	unsigned gc_mark;
	void *cgroup;                   /* cgroup/: inotify watch and flags */
};

/**
 * unit_context() - a shared group's structure inside the unit: unit_context(u, exec_keys) is its struct exec_context
 * Return: NULL when the unit's type has no such group.
 */
void *unit_context(const struct unit *u, const struct key *rows);
/** unit_require_mounts_for() - as RequiresMountsFor= of a path; for load() of types and contexts */
int unit_require_mounts_for(struct unit *u, const char *path);

/* ---- what units need from above; the manager fills it, tests give doubles ---- */
struct unit_spawn {
	unsigned role;                  /* comes back in type->child() */
	struct buf blob;                /* exec.ipc command blob; consumed */
	int fds[240]; size_t n_fds;     /* extra fds for fd 5... in the child; consumed (closed) */
	bool in_cgroup;                 /* into the unit's cgroup (realised by the host) */
	const char *subgroup;           /* e.g. "control" below a delegated cgroup; NULL */
};
struct unit_host {
	/** queue the spawn, done after this turn's commit. *ret_token: names the child from now on. 0 or -errno */
	int (*spawn)(struct unit *u, struct unit_spawn *s, uint64_t *ret_token);
	/** watch a process that is not ours (PID file): type->child() gets its exit */
	int (*watch_pid)(struct unit *u, unsigned role, pid_t pid, uint64_t *ret_token);
	void (*forget)(struct unit *u, uint64_t token);
	/** the unit's state changed: recompute jobs, tell waiters, mark dirty. Called by unit_changed() only. */
	void (*changed)(struct unit *u, enum unit_active_state old, enum unit_active_state now, bool failed_reload);
	/** queue a job from within (a socket starts its service); @mode as in core.ipc */
	int (*submit)(struct unit *u, int job_type, int job_mode);
	int (*store_fd)(struct unit *u, const char *name, int fd);      /* kept by init under "unit:ID:NAME" */
	void (*drop_fd)(struct unit *u, const char *name);
	/** fd stored for the unit before this core started; the caller owns it from now on; -ENOENT */
	int (*fetch_fd)(struct unit *u, const char *name);
	int (*list_fds)(struct unit *u, char ***ret_names);
	int (*kill_cgroup)(struct unit *u, int signo, pid_t except_main, pid_t except_control); /* >0: processes were signalled */
	void (*cgroup_thaw)(struct unit *u);                            /* before a stop: what is frozen could not obey; NULL: nobody does */
	bool (*cgroup_populated)(struct unit *u);
	bool (*pid_in_cgroup)(struct unit *u, pid_t pid);
	uint64_t (*oom_kills)(struct unit *u);                          /* of the group, ever */
	int (*cgroup_realize)(struct unit *u);                          /* make directory, write attributes */
	int (*cgroup_add)(struct unit *u, const char *subgroup, pid_t pid);     /* move a process into it; @subgroup is made, may be NULL */
	int (*apply_filters)(struct unit *u);                           /* device and address filters of the group, by a helper: for what no command of ours runs in */
	void (*request_stop)(struct unit *u);                           /* tell a scope's controller */
	struct loop *loop;
	const char *notify_path;        /* for NOTIFY_SOCKET */
	char *const *environment;       /* manager's environment for services */
	uint64_t default_timeout_start_usec, default_timeout_stop_usec, default_restart_usec;
	uint64_t default_start_limit_interval_usec; unsigned default_start_limit_burst;
	bool running;                   /* false while loading at start: nothing may act yet */
	const char *cgroup_root;
};

/* ---- the set ---- */
int unit_set_new(struct unit_set **ret, struct lookup *paths, struct unit_host *host, struct diag_sink *sink);
void unit_set_free(struct unit_set *set);
DEFINE_CLEANUP(struct unit_set *, unit_set_free);
/** told of every assignment that is read; with one, keys that are not honoured are reported each time they are met */
struct unit_observer {
	/** @k: NULL for a key that nobody knows; @at and @value are borrowed for the call */
	void (*assigned)(struct unit_observer *o, const struct key_place *at, const struct key *k, const char *value);
};
void unit_set_observe(struct unit_set *set, struct unit_observer *o);
void unit_host_defaults(struct unit_host *h);           /* the time spans and limits of system.conf when it says nothing */
struct unit_host *unit_host(const struct unit *u);
const struct lookup *unit_set_lookup(const struct unit_set *set);
struct unit *unit_set_first(struct unit_set *set);      /* iterate with ->set_next; every unit once */
size_t unit_set_count(const struct unit_set *set);
struct unit *unit_get(struct unit_set *set, const char *name);          /* by any name; NULL */
/**
 * unit_load() - the unit of that name, read from disk, and all it names in turn
 *
 * Called by a type's load() it only queues (as unit_stub() does) and gives the object as it is. Pointers to units that were
 * never loaded may die in unit_load() and unit_load_pending(): a stub can become another name of an older unit. Ask by name again.
 * Return: 0 with *ret in any load state; -EINVAL: no unit name; -ENOTSUP: no such unit type in this image.
 */
int unit_load(struct unit_set *set, const char *name, struct unit **ret);
/** unit_stub() - the object, queued for loading at the next unit_load_pending() */
int unit_stub(struct unit_set *set, const char *name, struct unit **ret);
void unit_load_pending(struct unit_set *set);
void unit_load_again(struct unit *u);                    /* queues one that was not found, because its type knows of it by now (a new mount) */
int unit_add_name(struct unit *u, const char *name);    /* an alias; merges another unit object of that name into u */
void unit_free(struct unit *u);                         /* takes it out of the set and out of everyone's dependencies */
/** unit_reload_all() - read every unit file again: file dependencies and settings replaced, run-time state kept */
int unit_reload_all(struct unit_set *set);
/** unit_reload() - the same for one, queued for the next unit_load_pending(); the search path is taken as it is in memory */
void unit_reload(struct unit *u);

/* types */
void unit_type_register(const struct unit_type *t);     /* one that comes neither as a plug-in nor linked in: a test's */
const struct unit_type *unit_type_find(const char *suffix, int *err);   /* loads the plug-in when first asked; NULL with -ENOTSUP */

/* dependencies */
int unit_add_dep(struct unit *u, enum dep_kind k, struct unit *other, enum dep_origin origin);  /* and the inverse; self: -ELOOP, ignored by callers */
int unit_add_dep_name(struct unit *u, enum dep_kind k, const char *name, enum dep_origin origin);
/** unit_drop_deps() - what @u itself declared with that origin (a mount gone from mountinfo, a device without its tag), inverses too */
void unit_drop_deps(struct unit *u, enum dep_origin origin);
void unit_drop_dep(struct unit *u, enum dep_kind k, struct unit *other);        /* whatever its origin */
int unit_add_two_deps_name(struct unit *u, enum dep_kind k1, enum dep_kind k2, const char *name, enum dep_origin origin);
bool unit_has_dep(const struct unit *u, enum dep_kind k, const struct unit *other);
/** for (struct dep *d = NULL; (d = unit_next_dep(u, DEP_AFTER, d)); ) d->other ... ; no dependency may be added meanwhile */
struct dep *unit_next_dep(const struct unit *u, enum dep_kind k, struct dep *d);
struct dep *unit_next_dep_mask(const struct unit *u, uint64_t kinds, struct dep *d);
#define DEP_BIT(k) (UINT64_C(1) << (k))
struct unit *unit_slice(const struct unit *u);          /* through DEP_IN_SLICE; NULL */
struct unit *unit_triggered(const struct unit *u);      /* first DEP_TRIGGERS; NULL */

/* state */
static inline enum unit_active_state unit_active(const struct unit *u) { return u->load_state == UNIT_MERGED || !u->type ? UNIT_INACTIVE : u->type->active(u); }
static inline bool unit_is_active_or_activating(const struct unit *u) { enum unit_active_state s = unit_active(u); return s == UNIT_ACTIVE || s == UNIT_ACTIVATING || s == UNIT_RELOADING; }
static inline bool unit_is_inactive_or_failed(const struct unit *u) { enum unit_active_state s = unit_active(u); return s == UNIT_INACTIVE || s == UNIT_FAILED; }
static inline bool unit_is_active_or_reloading(const struct unit *u) { enum unit_active_state s = unit_active(u); return s == UNIT_ACTIVE || s == UNIT_RELOADING; }
const char *unit_sub(const struct unit *u);
const char *unit_description(const struct unit *u);     /* falls back to id */
void unit_changed(struct unit *u, bool failed_reload);  /* a type calls it after each change of its state; stamps times, tells the host */
void unit_dirty(struct unit *u);                        /* its record is to be written at the end of the turn */
struct unit *unit_take_dirty(struct unit_set *set);     /* the next such unit, no longer dirty; NULL */
bool unit_need_reload(const struct unit *u);            /* files newer than what was loaded */
void unit_note_files(struct unit *u);                   /* the drop-ins there are now count as loaded */
/**
 * unit_set_trigger() - what a timer or path unit tells the unit that it is about to start; goes when that is inactive again
 * @lines: NAME=VALUE, each with a line break behind it, of systemd.exec(5) TRIGGER_*; NULL: forget it. -ENOMEM
 */
int unit_set_trigger(struct unit *u, const char *lines);
int unit_test_conditions(struct unit *u);               /* 1: go; 0: a condition said no; -EPROTO: an assert failed */
bool unit_start_limit_hit(struct unit *u);              /* counts this start; true: over the limit */
void unit_forget_starts(struct unit *u);               /* none of them counts any more (reset-failed) */
void unit_new_invocation(struct unit *u);
bool unit_invocation_text(const struct unit *u, char out[33]);           /* in hex; false: it was never started */

/* the settings of the context groups inside a type's object; NULL where a type has none */
struct exec_context; struct kill_context; struct cgroup_context;
