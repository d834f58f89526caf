/*
 * service.h - a service: the object, its states, and the functions its files share; systemd.service(5)
 *
 * service.c is the state machine, main.c of the plug-in the vtable, keys.c the rows, process.c starts and signals processes, fds.c
 * has the descriptors, reload.c and restart.c are what their names say, notify.c reads sd_notify(3), saved.c is what the state store
 * keeps, pidfile.c reads PIDFile=.
 */
#pragma once
#include "cgroup/context.h"
#include "exec/context.h"
#include "exec/exec.h"
#include "state.ipc.h"
#include "types/oom.h"
#include "unit/unit.h"

enum service_state {
	SVC_DEAD, SVC_CONDITION, SVC_START_PRE, SVC_START, SVC_START_POST, SVC_RUNNING, SVC_EXITED, SVC_RELOAD, SVC_STOP, SVC_STOP_WATCHDOG,
	SVC_STOP_SIGTERM, SVC_STOP_SIGKILL, SVC_STOP_POST, SVC_FINAL_WATCHDOG, SVC_FINAL_SIGTERM, SVC_FINAL_SIGKILL, SVC_FAILED,
	SVC_AUTO_RESTART, SVC_RELOAD_SIGNAL, SVC_RELOAD_NOTIFY, N_SVC_STATES     /* the store has the numbers: add at the end */
};
enum service_result {
	SVC_OK, SVC_RES_RESOURCES, SVC_RES_PROTOCOL, SVC_RES_TIMEOUT, SVC_RES_EXIT_CODE, SVC_RES_SIGNAL, SVC_RES_CORE_DUMP,
	SVC_RES_WATCHDOG, SVC_RES_START_LIMIT_HIT, SVC_RES_OOM_KILL, SVC_RES_EXEC_CONDITION, N_SVC_RESULTS
};
enum service_type { SVC_SIMPLE, SVC_EXEC, SVC_FORKING, SVC_ONESHOT, SVC_NOTIFY, SVC_DBUS, SVC_IDLE, SVC_NOTIFY_RELOAD };
enum service_restart {
	RESTART_NO, RESTART_ON_SUCCESS, RESTART_ON_FAILURE, RESTART_ON_ABNORMAL, RESTART_ON_WATCHDOG, RESTART_ON_ABORT, RESTART_ALWAYS
};
enum service_notify_access { NOTIFY_NONE, NOTIFY_ALL, NOTIFY_MAIN, NOTIFY_EXEC };
enum service_timeout_mode { TIMEOUT_TERMINATE, TIMEOUT_ABORT, TIMEOUT_KILL };
enum service_list { LIST_CONDITION, LIST_START_PRE, LIST_START, LIST_START_POST, LIST_RELOAD, LIST_STOP, LIST_STOP_POST, N_LISTS };
/* what the daemon last said of itself */
enum service_said { SAID_NOTHING, SAID_READY, SAID_RELOADING, SAID_STOPPING };

enum { ROLE_MAIN = 1, ROLE_CONTROL = 2, ROLE_CLEAN = 3, ROLE_BUS = 4 };

/* OpenFile=; openfile.c */
struct open_files { struct ipc_exec_open_file *v; size_t n; };
extern const struct key_kind kind_open_file;

struct service_fd { struct source source; struct service *service; char *key, *name; struct service_fd *next; };

struct service {
	struct unit u;
	struct exec_context exec;
	struct kill_context kill;
	struct cgroup_context cgroup;

	/* settings */
	struct command *lists[N_LISTS];
	int type, restart, notify_access, timeout_start_mode, timeout_stop_mode;
	bool type_set, remain_after_exit, guess_main_pid, permissions_start_only, root_directory_start_only, non_blocking;
	uint64_t restart_usec, restart_max_usec, timeout_start_usec, timeout_stop_usec, timeout_abort_usec, runtime_max_usec, runtime_extra_max_usec, watchdog_usec;
	bool timeout_start_set, timeout_abort_set;
	struct exit_set success_status, restart_prevent, restart_force;
	char *pid_file, *bus_name;
	char **sockets;
	unsigned fdstore_max;
	int exit_type;
	unsigned restart_steps;
	int reload_signal;
	struct open_files open_files;
	int oom_policy;                 /* enum unit_oom; -1: not given */

	/* run time: written to the state store */
	enum service_state state;
	enum service_result result, reload_result;
	uint64_t main_token, control_token;
	uint64_t clean_token;           /* a helper removes what the last run left behind: no start before it is done */
	pid_t main_pid, control_pid;
	uint64_t bus_token;             /* of Type=dbus: a helper waits until bus_owned is no longer true */
	pid_t bus_pid;
	bool bus_owned;                 /* somebody has BusName= */
	bool main_watched;              /* known by PID file, notify or guess: not our spawn */
	bool main_known;                /* main_pid is what the unit says is its main process */
	bool main_gone;                 /* it was known and has ended */
	int control_list; unsigned control_index, main_index;
	unsigned restarts;
	bool forbid_restart, execed, flush_restarts;    /* the last: down for good, the next start counts restarts anew */
	char *status_text; int status_errno;
	uint64_t watchdog_now_usec;     /* in force: WatchdogSec= or WATCHDOG_USEC= */
	uint64_t watchdog_last_usec, extend_until_usec, due_usec;
	uint64_t oom_kills;             /* as last seen */
	uint64_t runtime_extra_usec;    /* drawn when it came up */
	uint64_t reload_begin_usec;     /* CLOCK_MONOTONIC of the last ReloadSignal=: an answer may not be older */
	enum service_said said;
	struct command main_run;        /* how the main process ran; path and argv unused */
	char *accept_socket; int connection_fd;
	int streams[3];                 /* standard input, output, error that a request brought; init keeps them too; -1: none */
	struct service_fd *fds; unsigned n_fds, next_fd;

	/* not written */
	struct timer timer, watchdog_timer;
	struct deferred restart_soon;   /* RestartSec=0 */
	struct source pid_watch; int pid_watch_fd;
};

static inline struct service *SERVICE(const struct unit *u) { return (struct service *)u; }
static inline bool service_notifies(const struct service *s) { return s->type == SVC_NOTIFY || s->type == SVC_NOTIFY_RELOAD; }

#define N_SERVICE_GROUPS 5
extern const struct key_group service_groups[N_SERVICE_GROUPS];
extern const char *const service_state_names[N_SVC_STATES];
extern const char *const service_result_names[N_SVC_RESULTS];

/* service.c */
int service_start(struct unit *u);
int service_stop(struct unit *u);
void service_child(struct unit *u, unsigned role, const struct ipc_child *c);
void service_cgroup_empty(struct unit *u);
void service_reset_failed(struct unit *u);
int service_timeout(struct timer *t);
int service_watchdog_fired(struct timer *t);
enum unit_active_state service_active(const struct unit *u);
void service_set_state(struct service *s, enum service_state to);
void service_enter_running(struct service *s, enum service_result f);
void service_enter_start_post(struct service *s);
void service_enter_stop(struct service *s, enum service_result f);
void service_enter_stop_by_notify(struct service *s);
void service_enter_signal(struct service *s, enum service_state to, enum service_result f);
void service_pid_file_came(struct service *s);
void service_bus_name_changed(struct service *s, bool owned);   /* what follows from it */
void service_bus_name_unknown(struct service *s);               /* nothing can be learnt of it */
bool service_state_has_timeout(enum service_state st);

/* reload.c */
int service_reload(struct unit *u);
bool service_may_reload(const struct unit *u);
void service_enter_reload_by_notify(struct service *s);
void service_reload_said(struct service *s, const char *monotonic);     /* RELOADING=1, with MONOTONIC_USEC= or NULL */
void service_reload_command_ended(struct service *s, enum service_result f);
void service_reload_timed_out(struct service *s);

/* restart.c */
bool service_shall_restart(const struct service *s);
uint64_t service_restart_delay(const struct service *s);        /* before the next restart: RestartSec= RestartSteps= RestartMaxDelaySec= */
void service_restart_now(struct service *s);
void service_wait_for_restart(struct service *s);               /* in state auto-restart */

/* process.c */
int service_spawn(struct service *s, enum service_list list, unsigned index, unsigned role);
void service_clean(struct service *s, bool restarting);  /* RuntimeDirectory= and PrivateTmp= of a run that is over */
int service_send_signal(struct service *s, enum service_state to);      /* >0: there is somebody to wait for */
bool service_main_good(const struct service *s);
bool service_control_good(const struct service *s);
int service_set_main_pid(struct service *s, pid_t pid, bool ours);      /* watches a pid that is not our spawn */
void service_unwatch_main(struct service *s);
void service_unwatch_control(struct service *s);
void service_guess_main(struct service *s);
void service_arm(struct service *s, uint64_t due_usec);                 /* state time-out: CLOCK_BOOTTIME, 0: none */
void service_arm_watchdog(struct service *s);

/* fds.c: descriptors */
/* the listening sockets of every socket unit that triggers this one, and what the fd store holds */
struct service_passed { int fds[240]; char *names[240]; size_t n; };
void service_pass_fds(struct service *s, struct service_passed *p);
void service_close_connection(struct service *s);
int service_give_streams(struct unit *u, int fds[3]);
void service_close_streams(struct service *s);
extern const char *const service_stream_names[3];       /* under which init keeps them */
void service_watch_fd(struct service_fd *f);             /* drop it when its other end goes */
int service_store_fd(struct service *s, const char *name, int fd);      /* takes fd */
void service_drop_fds(struct service *s, const char *name);             /* NULL: all */

/* busname.c */
int service_watch_bus_name(struct service *s);           /* for the next change; harmless where a helper waits already */
void service_unwatch_bus_name(struct service *s);
void service_bus_child(struct service *s, const struct ipc_child *c);

/* notify.c */
void service_notify(struct unit *u, pid_t sender, char *const *lines, int *fds, size_t n_fds);

/* oom.c: OOMPolicy= */
void service_oom(struct unit *u);
bool service_oom_news(struct service *s);               /* has the kernel killed more since the last look? */

/* pidfile.c */
int service_load_pid_file(struct service *s);           /* 0: main pid is set; -errno: not (yet) */
int service_watch_pid_file(struct service *s);
void service_unwatch_pid_file(struct service *s);

/* saved.c */
void service_save(const struct unit *u, void *rec);
int service_restore(struct unit *u, const void *rec);
int service_coldplug(struct unit *u);
void service_respawn(struct unit *u, unsigned role);
void service_adopt(struct unit *u, unsigned role, const struct ipc_child *c);
void service_adopt_fds(struct unit *u);
