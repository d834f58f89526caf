/*
 * table.h - all that PID 1 must not forget, in a memfd that outlives its own crash and its own upgrade
 *
 * File, layout and its changes: records.h. Records are published by writing one small field last (a child's phase, a stored fd's fd),
 * so that a crash between two stores never leaves half a record.
 *
 * The file descriptors named here (and the memfd itself) are open without FD_CLOEXEC on purpose: execve() of init itself, from a
 * signal handler, is all that recovery does. All others are close-on-exec. A descriptor loses that flag after it has been noted here, and
 * is closed before it is struck out: a crash in between leaves a number that is not open, which recovery_check() sees, and leaks nothing.
 * Children close everything by close_range(2) before their exec.
 */
#pragma once
#include <sys/types.h>
#include "channel.ipc.h"
#include "dedup.h"
#include "rate.h"
#include "records.h"
#include "settings.h"

#define TABLE_CHILDREN 8192
#define TABLE_FDS 1024
#define TABLE_ANSWERS 64

struct table_child {
	uint64_t token, start_ticks, exit_usec, spawn_usec, exec_usec;
	uint32_t pid;                   /* written by the kernel: CLONE_PARENT_SETTID */
	uint32_t stage;
	int32_t error, code, status;
	int32_t report_fd;              /* read end of the report pipe; a pidfd when watched; -1 */
	uint32_t check;                 /* of token and name */
	uint8_t phase;                  /* enum ipc_child_phase; 0: free. Written last */
	uint8_t told;                   /* core has been sent the record as it is */
	uint8_t watched;                /* not spawned here */
	uint8_t unused;
	char name[272 + 1];
};

struct table_fd {
	int32_t fd1;                    /* fd + 1; 0: free. Written last */
	uint8_t told, unused[3];
	char name[255 + 1];
};

/** what the end of this turn brings */
enum table_leaving { TABLE_STAY, TABLE_SHUT_DOWN, TABLE_SWITCH_ROOT, TABLE_REEXEC };

struct table_state {
	uint64_t boot_usec;             /* CLOCK_BOOTTIME of the first exec */
	uint32_t reexecs;
	uint32_t core_pid, core_starts, trust;
	uint64_t core_start_usec;       /* CLOCK_BOOTTIME */
	struct rate deaths, kills, crashes;
	int32_t channel_fd, listen_fd, watchdog_fd;
	uint32_t setup_pid, rescue_pid;
	uint32_t n_children, n_fds;     /* slots ever used: nothing lies beyond */
	uint32_t unused_answer;
	uint64_t signals;               /* bit n: signal n+1 is to be told to core */
	uint32_t poison;                /* attempts at the packet at the front of the channel */
	uint8_t welcomed, synced, ready, keepalive, replacing, ask_power, power_told;
	uint8_t leaving;                /* enum table_leaving */
	uint8_t begun;                  /* the machine is set up, as far as it goes */
	uint32_t power_verb, power_exit;
	uint64_t power_due_usec;        /* CLOCK_BOOTTIME: then init does not wait for core any longer */
	int32_t crash_signo, crash_code; /* what the handler saw; 0: nothing new */
	uint64_t crash_addr;
	uint32_t log_level;
	uint8_t show_status;
	uint8_t begins;                 /* of sysmaster-begin, since init last found settings that it knows */
	uint16_t watchdog_sec;          /* its time-out; 0: not known */
	char power_argument[256], core_status[257];
	char new_root[4097], new_init[4097];    /* of a switch-root that is under way */
	uint32_t leave_pid;             /* the child that shuts down or switches root */
	int32_t unused_leave;
	uint8_t leave_tries, leave_killed, leave_done;
	uint8_t crashes_often;          /* so often that a shell is to be opened */
};

struct table {
	struct records_head head;
	struct table_state s;
	struct settings set;
	struct dedup_slot answers[TABLE_ANSWERS];
	struct table_fd fds[TABLE_FDS];
	struct table_child children[TABLE_CHILDREN];
};

/** the one table of this process; set by table_new() and table_adopt() */
extern struct table *table;

int table_new(void);                    /* an empty table: 0 or -errno */
/**
 * table_adopt() - take over the table an earlier image left behind fd
 * Return: 0; 1 when it had another layout and was copied; -EBADMSG when it is no table (nothing is changed then); -errno.
 */
int table_adopt(int fd);
int table_memfd(void);                  /* borrowed */
uint32_t table_child_check(const struct table_child *c);        /* what its .check is to be */

struct table_child *table_add_child(uint64_t token, const char *name); /* unpublished: set .phase last; NULL when full */
struct table_child *table_child_by_token(uint64_t token);
struct table_child *table_child_by_pid(uint32_t pid);          /* only of those not yet exited */

/** table_store_fd() - takes @fd over on success; replaces the one of that name. -ENOSPC when full, -ENAMETOOLONG, -EINVAL for "" */
int table_store_fd(const char *name, int fd);
int table_drop_fd(const char *name);    /* closes it; -ENOENT */
void table_drop_fds(void);               /* all of them */
