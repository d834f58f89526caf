/*
 * mount.h - a mount unit: the object, its states, and the functions its files share; systemd.mount(5)
 *
 * mount.c is the state machine and the vtable, keys.c the rows and what load() adds, table.c follows the kernel's table of mounts,
 * mountinfo.c reads its lines, fstab.c reads /etc/fstab.
 */
#pragma once
#include "cgroup/context.h"
#include "state.ipc.h"
#include "types/control.h"
#include "types/mount/fstab.h"
#include "types/mount/mountinfo.h"

enum mount_state {
	MOUNT_DEAD, MOUNT_MOUNTING, MOUNT_MOUNTING_DONE, MOUNT_MOUNTED, MOUNT_REMOUNTING, MOUNT_UNMOUNTING, MOUNT_REMOUNTING_SIGTERM,
	MOUNT_REMOUNTING_SIGKILL, MOUNT_UNMOUNTING_SIGTERM, MOUNT_UNMOUNTING_SIGKILL, MOUNT_FAILED, N_MOUNT_STATES
};
enum { MOUNT_ROLE_CONTROL = 1, MOUNT_ROLE_CLEAN };

struct mount_params { char *what, *type, *options; };

struct mount_unit {
	struct unit u;
	struct exec_context exec;
	struct kill_context kill;
	struct cgroup_context cgroup;

	/* settings: of the file or of /etc/fstab */
	struct mount_params file;
	char *where;
	bool sloppy_options, lazy_unmount, force_unmount, read_write_only;
	mode_t directory_mode;
	uint64_t timeout_usec;
	bool from_fstab;                /* what is in file and deps comes from there */

	/* the kernel's word */
	struct mount_params kernel;
	bool in_kernel;                 /* it is mounted: a line of the table says so */
	bool seen;                      /* while the table is gone through */
	bool kernel_deps;               /* dependencies that follow from ->kernel were added */

	/* run time, in the state store */
	enum mount_state state;
	unsigned result, reload_result; /* control_result */
	struct control control;
	struct command *command;        /* the last one made; owned */
	unsigned n_retries;
};

static inline struct mount_unit *MOUNT(const struct unit *u) { return (struct mount_unit *)u; }

/* keys.c */
#define N_MOUNT_GROUPS 4
extern const struct key_group mount_groups[N_MOUNT_GROUPS];
void mount_init(struct unit *u);
int mount_load(struct unit *u, const struct key_place *at);
/** a unit for each mount and swap of /etc/fstab; -ENOMEM */
int mount_stub_fstab(struct unit_set *set);
/** dependencies that follow from what is mounted, else from the device that the file names; instead of those added before */
int mount_renew_deps(struct mount_unit *m);
const struct mount_params *mount_params(const struct mount_unit *m);    /* the kernel's, else the file's */

/* table.c */
/** begin to follow /proc/self/mountinfo and take it in once */
int mount_table_open(struct unit_set *set);
/** take it in now, since a mount(8) or umount(8) has just ended */
void mount_table_read(struct unit_set *set);
void mount_table_close(const struct unit_set *set);     /* NULL: whatever set it is */
/** tests: another file than /proc/self/mountinfo */
void mount_table_use(const char *path);

/* mount.c: what the table tells */
void mount_appeared(struct mount_unit *m);
void mount_vanished(struct mount_unit *m);
