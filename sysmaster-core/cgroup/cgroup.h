/*
 * cgroup.h - the tree of cgroup v2 below the manager's root, its attributes and its events
 *
 * Without controllers (hybrid, nested) directories and tracking still work; limits are reported once as not available.
 * Source: Documentation/admin-guide/cgroup-v2.rst, systemd.resource-control(5).
 */
#pragma once
#include "unit/unit.h"

struct cgroup_context;                          /* complete in cgroup/context.h */
extern const struct key cgroup_keys[];          /* CPUWeight= MemoryMax= TasksMax= Slice= Delegate= ... into struct cgroup_context */
extern const size_t n_cgroup_keys;
void cgroup_context_init(struct cgroup_context *c);
void cgroup_context_done(struct cgroup_context *c);
/**
 * cgroup_context_load() - the unit's place in the tree: Slice=, or the default (system.slice; system-PREFIX.slice for instances;
 * none for -.slice and what lies outside), as DEP_IN_SLICE with After and Requires; systemd.resource-control(5) "Slice="
 */
int cgroup_context_load(struct unit *u, struct cgroup_context *c);
/** PrivateDevices= and ProtectClock= as far as the control group enforces them; before cgroup_context_load(). -ENOMEM */
int cgroup_context_restrict(struct cgroup_context *c, bool private_devices, bool protect_clock);

struct cgroup_tree;
/** @root: absolute directory, "" when there is none (everything then succeeds and tracks nothing). @empty: a unit's group lost its last process */
int cgroup_tree_new(struct cgroup_tree **ret, const char *root, struct loop *l, void (*empty)(void *arg, struct unit *u), void *arg);
void cgroup_tree_free(struct cgroup_tree *t);
DEFINE_CLEANUP(struct cgroup_tree *, cgroup_tree_free);
/** path of a unit below the root: its slices, then its id (escaped); for a slice its own; "/" for -.slice. Caller frees */
int cgroup_unit_path(const struct unit *u, char **ret);
/** make the directory of @u and its slices, enable controllers, write attributes, watch cgroup.events; sets u->cgroup_path */
int cgroup_realize(struct cgroup_tree *t, struct unit *u);
/** cgroup_apply() - settings of a unit whose group is there have changed: write all of them, also what is no longer set */
int cgroup_apply(struct cgroup_tree *t, struct unit *u);
/** whether the system is starting up or shutting down: the Startup settings hold. Rewrites the attributes of realised units that have any */
void cgroup_tree_set_startup(struct cgroup_tree *t, struct unit_set *set, bool startup);
int cgroup_attach(struct cgroup_tree *t, struct unit *u);       /* after a restart of core: watch again what is there */
int cgroup_open(struct cgroup_tree *t, const struct unit *u, const char *subgroup);    /* O_DIRECTORY fd for CLONE_INTO_CGROUP */
/** move a process into the group, or into @subgroup (relative; made when missing) below it; NULL: the group itself */
int cgroup_add(struct cgroup_tree *t, const struct unit *u, const char *subgroup, pid_t pid);
/** remove the directory (and empty ones below) once nothing is in it; forget the watch */
void cgroup_release(struct cgroup_tree *t, struct unit *u);
/** processes below that the kernel has killed for want of memory, ever; 0 without the controller. The type's oom() tells when it grows */
uint64_t cgroup_oom_kills(struct cgroup_tree *t, const struct unit *u);
bool cgroup_populated(struct cgroup_tree *t, const struct unit *u);
/** signal every process below but the excepted pids (0: none); repeated until no new pid shows up. Return: processes signalled or -errno. SIGKILL uses cgroup.kill when nothing is excepted */
int cgroup_kill(struct cgroup_tree *t, const struct unit *u, int signo, pid_t except1, pid_t except2);
void cgroup_thaw(struct cgroup_tree *t, const struct unit *u);
const char *cgroup_freezer_state(struct cgroup_tree *t, const struct unit *u);  /* "running", "freezing", "frozen", "thawing" */
bool cgroup_has_pid(struct cgroup_tree *t, const struct unit *u, pid_t pid);
/** whose cgroup is the process in? NULL */
struct unit *cgroup_unit_of_pid(struct cgroup_tree *t, struct unit_set *set, pid_t pid);
/** what the group has used and uses, in bytes, microseconds and operations; UINT64_MAX where nobody counts it */
struct cgroup_usage { uint64_t memory, cpu_usec, tasks, read_bytes, read_ops, written_bytes, written_ops; };
/** the least that a limit of the unit or of a slice above it leaves; UINT64_MAX: no limit */
uint64_t cgroup_memory_available(struct cgroup_tree *t, const struct unit *u);
uint64_t cgroup_id(struct cgroup_tree *t, const struct unit *u);        /* as bpf_get_current_cgroup_id() gives it; 0: no group */
/** "cpuset.cpus.effective" and its like, without the line's end; "" */
void cgroup_text(struct cgroup_tree *t, const struct unit *u, const char *file, char *mem, size_t n);
void cgroup_usage(struct cgroup_tree *t, const struct unit *u, struct cgroup_usage *ret);
/** remove directories below the root that belong to no unit and hold no process (after recovery) */
void cgroup_trim(struct cgroup_tree *t, struct unit_set *set);
