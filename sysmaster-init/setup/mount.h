/* mount.h - the API file systems and what has to lie in /dev and /run before anything else starts */
#pragma once
#include "util.h"

struct mount_row {
	const char *what, *where, *options, *fallback; /* @fallback: options for kernels that refuse the first; NULL: none */
	unsigned long flags;
	enum {
		MOUNT_EARLY = 1,        /* before anybody can tell machine from container */
		MOUNT_CONTAINER = 2,    /* also in a container, when its manager did not */
		MOUNT_MKDIR = 4,        /* its directory is ours to make; else: only where it exists */
		MOUNT_NEEDED = 8,       /* a machine does not go far without it: failure is an error in the log */
	} bits;
};
extern const struct mount_row mount_rows[];     /* in order; a test checks parents come before children. what: the type too */
extern const size_t mount_n_rows;

/**
 * mount_early(), mount_all() - the rows of that kind that are not mounted yet; failures are logged, never fatal. On a machine
 * mount_all() also lets mounts propagate, so that services with mount namespaces see later ones; a container's maker has decided.
 */
void mount_early(void);
void mount_all(bool container);

/** mount_links() - /dev/fd and its like; in a container whose /dev is empty also its device nodes */
void mount_links(bool container);

/**
 * mount_cgroup() - find or mount cgroup v2
 * @root: gets the directory below which we may work (at least 4096 bytes), "" when there is none. With @move PID 1, our parent,
 * leaves it for init.scope below it, so that controllers can be enabled for its children.
 */
void mount_cgroup(char *root, size_t size, bool container, bool move);
