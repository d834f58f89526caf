/* test-host.h - what stands above unit types in their tests: a host that writes down what it is asked for, units in a temporary root */
#pragma once
#include "unit/path.h"
#include "unit/unit.h"

#define FAKE_MAX 256

struct fake_spawn { struct unit *unit; unsigned role; uint64_t token; char words[1024]; /* argv, or "chown PATH..." */ };
struct fake_submit { struct unit *unit; int type, mode; };
struct fake_fd { char name[300]; int fd; };

struct fake {
	struct unit_host host;
	struct loop *loop;
	struct lookup *lookup;
	struct unit_set *set;
	struct diag_sink sink;
	char root[64];
	unsigned n_diags; char last_diag[512];
	struct fake_spawn spawns[FAKE_MAX]; unsigned n_spawns;
	struct fake_submit submits[FAKE_MAX]; unsigned n_submits;
	struct fake_fd fds[FAKE_MAX]; unsigned n_fds;           /* survive fake_crash() */
	unsigned n_changes, n_killed;
	int last_signal;
	uint64_t oom_kills;             /* what oom_kills() says */
	int populated;                  /* what cgroup_populated() says, and whether kill_cgroup() finds somebody */
	unsigned n_added, n_asked, n_filters;      /* processes moved into a group; controllers asked to stop */
	uint64_t next_token;
	int spawn_error;
};
extern struct fake fake;

void fake_new(const struct unit_type *const *types);    /* NULL at the end; a temporary root without files */
void fake_free(void);
/** a unit file below etc/systemd/system (or any path below the root that begins with '/') */
void fake_file(const char *name, const char *text);
struct unit *fake_load(const char *name);               /* must exist in some state */
/**
 * fake_crash() - save @u, throw all units away, load it again, restore and coldplug it
 * Return: the new object. Stored fds live on; everything that was asked for is still written down.
 */
struct unit *fake_crash(struct unit *u);
/** report about the last spawn: it runs as @pid, then (code != 0) it ended */
void fake_child(struct unit *u, uint64_t token, int code, int status);
uint64_t fake_last_token(void);
const char *fake_last_words(void);
void fake_turn(int timeout_msec);
/** the service double: nothing but a state that tests write */
struct fake_service { struct unit u; enum unit_active_state state; const char *sub; int connection; struct unit *socket; char *exec_start; };
void fake_service_set(struct unit *u, enum unit_active_state to);
extern const struct unit_type unit_type_service;
/** rows sorted, each documented, none twice */
void check_rows(const struct unit_type *t);
