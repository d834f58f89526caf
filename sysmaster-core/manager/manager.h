/*
 * manager.h - the manager: everything that one core process holds, and who does what with it
 *
 *   main.c      start: options, sandbox, first turn       link.c      the channel to init
 *   host.c      what units ask for (spawn, fds, cgroups)  react.c     what follows when a unit's state changed
 *   record.c    state store: write each turn, recover     notify.c    sd_notify(3) datagrams
 *   methods.c   the public methods                        property.c  units and manager as NAME=VALUE
 *   boot.c      first transaction, signals, shutdown      status.c    lines on the console
 *   collect.c   units that nobody needs any more            transient.c units that are made by a request
 *   generators.c what runs before the first transaction and before a reload
 *
 * A turn: events change units and jobs in memory; the end of the turn commits what changed to the store; only then do spawn
 * requests, answers and events leave. So another core that starts after a crash at any instant knows all that the world has seen.
 */
#pragma once
#include "cgroup/cgroup.h"
#include "channel.ipc.h"
#include "core.ipc.h"
#include "job/job.h"
#include "job/transaction.h"
#include "manager/link.h"
#include "server.h"
#include "state.ipc.h"
#include "state/store.h"
#include "unit/path.h"
#include "unit/unit.h"

/* A child that core asked init for; key in the store: its token. */
struct child {
	struct child *next;             /* in the hash chain */
	uint64_t token;
	struct unit *unit;
	unsigned role;
	pid_t pid;                      /* 0: not seen yet */
	bool pending;                   /* asked for, not seen in init's table */
	bool watched;
	bool unrecovered;               /* a record of the last core's that init has not spoken of yet */
};

struct stored { struct stored *next; char *name; int fd; };
struct problem { struct problem *next; char text[512]; };
struct wish { struct wish *next; struct unit *unit; enum ipc_job_type type; enum ipc_job_mode mode; const char *why; };

struct streams { uint64_t cookie, since_usec; int fds[3]; };     /* since_usec 0: free */

#define MANAGER_CHILD_SLOTS 1024
#define MANAGER_PROBLEMS 256

struct manager {
	struct loop *loop;
	struct link *link;
	struct lookup *lookup;
	struct unit_set *set;
	struct jobs *jobs;
	struct store *store;
	struct server *server;
	struct cgroup_tree *cgroups;
	struct unit_host host;
	struct diag_sink sink;

	/* from init's welcome */
	struct { enum ipc_init_mode mode; uint32_t starts, trust; char boot_unit[256]; bool show_status; uint64_t boot_usec; char container[64]; char cgroup_root[4096]; } init;
	bool welcomed, synced, recovered, exiting;
	struct ipc_child *early_children; char *early_names;    /* children told before the sync; 272 bytes a name */
	size_t n_early_children, cap_early_children;

	struct child *children[MANAGER_CHILD_SLOTS];
	struct stored *stored;                                  /* fds from init that nobody has fetched yet */

	struct ipc_manager_state state;                         /* as in the store; strings owned below */
	bool state_dirty;
	char **environment;                                     /* for services */
	char power_argument[256];

	struct wish *wishes, **wishes_last;
	struct deferred wishes_run;
	struct { struct deferred run; bool queued, force; enum ipc_power_verb verb; int exit_status; char argument[256]; } action;
	struct deferred ended_run; char **ended;                /* units whose job ended, for those that trigger them */
	struct timer collect_timer; uint64_t collect_cost_usec;
	struct deferred generators_done;
	uint64_t reload_usec;                                   /* how long the last reload took */
	struct deferred collect_run;
	struct streams streams[16];                             /* handed over for transient services that are to come */

	struct { struct source source; int fd; bool consume; } notify;
	struct problem *problems; unsigned n_problems;
	char recovery[512];
	const char *run_dir;
};

static inline struct manager *manager_of(const struct unit *u) { return container_of(unit_host(u), struct manager, host); }

/* host.c */
void host_init(struct manager *m);
struct child *child_find(struct manager *m, uint64_t token);
struct child *child_add(struct manager *m, uint64_t token, struct unit *u, unsigned role, bool watched);
void child_drop(struct manager *m, uint64_t token, bool forget);        /* @forget: init may drop its record after the commit */
struct unit *child_unit_of_pid(struct manager *m, pid_t pid);
void child_drop_unit(struct manager *m, struct unit *u);
void host_child(struct manager *m, const struct ipc_child *c);          /* init told of a child */
/** host_apply_filters() - a helper attaches what the unit's settings say of devices and addresses to its group, in the place of what is there */
int host_apply_filters(struct manager *m, struct unit *u);
void host_store_early_fd(struct manager *m, const char *name, int fd);
int host_take_fd(struct manager *m, const char *name);                  /* -ENOENT */
void host_adopt_fds(struct manager *m);
void host_drop_unclaimed_fds(struct manager *m);

/* react.c */
void react_changed(struct unit *u, enum unit_active_state old, enum unit_active_state now, bool failed_reload);
void react_wish(struct manager *m, struct unit *u, enum ipc_job_type type, enum ipc_job_mode mode, const char *why);
void react_job_ended(struct manager *m, struct unit *u);                /* those that trigger it look again */
void react_job_failed(struct manager *m, const struct job *j);          /* by time-out or dependency: OnFailure= of its unit */
void react_action(struct manager *m, struct unit *u, int action, const char *argument, const char *why);
int manager_submit(struct manager *m, struct unit *u, enum ipc_job_type type, enum ipc_job_mode mode, struct job **ret, char *why);

/* record.c */
int record_recover(struct manager *m);                  /* after the sync: everything from the store and from init */
int record_commit(struct manager *m);                   /* end of turn */
void record_forget_unit(struct manager *m, const struct unit *u);
void record_job(struct manager *m, const struct job *j);
void record_job_gone(struct manager *m, const struct job *j, const struct ipc_job_info *info);
void record_answer(void *user, uint64_t id, uint32_t uid, const void *answer, size_t n);
void record_child(struct manager *m, const struct child *c);
void record_child_gone(struct manager *m, uint64_t token);

/* notify.c */
int notify_open(struct manager *m);
/** notify_take_streams() - three descriptors that root sent beforehand under @cookie; the caller's now. -EAGAIN: not there */
int notify_take_streams(struct manager *m, uint64_t cookie, int fds[3]);
void notify_consume(struct manager *m);                 /* after the commit: the datagram is done with */

void notify_supervisor(const char *text);                /* to who started this user's manager, if they asked for it */

/* methods.c */
int methods_open(struct manager *m);                    /* creates the server, before the sandbox */
int methods_start(struct manager *m);                   /* listens */
void env_drop(char **v, const char *name);               /* methods.c: takes NAME=... out of an environment; @name may have a value behind it */

/* property.c */
typedef void (*property_put)(void *arg, const char *name, const char *value);
void property_unit(struct manager *m, struct unit *u, property_put put, void *arg);
void property_manager(struct manager *m, property_put put, void *arg);

/* boot.c */
void boot_first(struct manager *m);                     /* generators, then the first transaction of this boot */
int boot_target(struct manager *m);                     /* that transaction */
void boot_signal(struct manager *m, uint32_t signo);
int boot_power(struct manager *m, enum ipc_power_verb verb, const char *argument, int exit_status, bool force, struct job **ret_job, char *why);
/** daemon-reload: 0: done; 1: will be when the generators have run; the manager's record has the number of this reload */
int boot_reload(struct manager *m);
int boot_reload_now(struct manager *m);                 /* without generators */
void boot_reexec(struct manager *m);
void boot_check_finished(struct manager *m);            /* no job is left: the boot is done */
const char *boot_state(struct manager *m);              /* is-system-running */
void boot_final(struct manager *m, enum ipc_power_verb verb);   /* hand over to init */

/* generators.c */
enum { GENERATORS_BOOT = 1, GENERATORS_RELOAD = 2 };    /* what follows them */
bool generators_begin(struct manager *m, uint32_t then);        /* false: there are none, go on at once */
void generators_job_gone(struct manager *m, uint64_t job);
void generators_coldplug(struct manager *m);

/* status.c */
void status_job(struct manager *m, const struct job *j, enum ipc_job_result result);

/* collect.c */
void collect_soon(struct manager *m);
void collect_transient(struct manager *m);              /* those that are down and that nobody names go at once */
void collect_transient_soon(struct manager *m);         /* the same at the end of the turn */
void collect_unmake(struct manager *m, struct unit *u); /* a transient unit that could not be made: its name alone may stay */

/* transient.c */
void transient_recover(struct manager *m);              /* before units are restored: their files */
void transient_prune(struct manager *m);                /* after: files that no unit came of */
void transient_forget(struct manager *m, const char *id);       /* file, drop-ins, record */
int transient_write_file(const char *path, const char *text, size_t n);        /* in one step: a reader sees the old or the new */

/* sandbox.c */
extern const struct sandbox_list core_sandbox;
