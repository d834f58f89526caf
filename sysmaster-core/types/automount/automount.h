/*
 * automount.h - an automount unit: the object and what its files share; systemd.automount(5)
 *
 * automount.c is the state machine and the vtable, keys.c the rows and what load() adds, autofs.c speaks to the kernel. The reading end
 * of the pipe is kept by init ("autofs"), so the kernel never finds it closed: who waits for a mount while core is away is served later.
 */
#pragma once
#include "state.ipc.h"
#include "types/automount/autofs.h"
#include "types/control.h"

enum automount_state { AUTOMOUNT_DEAD, AUTOMOUNT_MOUNTING, AUTOMOUNT_WAITING, AUTOMOUNT_RUNNING, AUTOMOUNT_UNMOUNTING, AUTOMOUNT_FAILED, N_AUTOMOUNT_STATES };
enum { AUTOMOUNT_ROLE_CONTROL = 1, AUTOMOUNT_ROLE_EXPIRE };
enum { AUTOMOUNT_RES_UNMOUNTED = N_CONTROL_RESULTS, AUTOMOUNT_RES_MOUNT_START_LIMIT_HIT, N_AUTOMOUNT_RESULTS };

struct tokens { uint32_t *v; size_t n, cap; };          /* requests that wait for an answer */

struct automount {
	struct unit u;

	/* settings */
	char *where, *extra_options;
	mode_t directory_mode;
	uint64_t idle_usec;             /* 0 or USEC_INFINITY: never */

	/* run time, in the state store */
	enum automount_state state;
	unsigned result;
	struct control control;         /* the helper that mounts or unmounts the autofs */
	uint64_t expire_child;          /* token of the helper that looks for what is idle; 0: none */
	uint32_t dev, seen_token;
	struct tokens tokens, expire_tokens;

	/* not kept */
	char *mount_name;
	struct source pipe;             /* the fd is ours while it is >= 0 */
	struct timer expire, recheck;
};

static inline struct automount *AUTOMOUNT(const struct unit *u) { return (struct automount *)u; }

/* keys.c */
extern const struct key_group automount_groups[1];
void automount_init(struct unit *u);
int automount_load(struct unit *u, const struct key_place *at);
