/* tree.h - what the modules of cgroup/ share */
#pragma once
#include "cgroup/context.h"

#define CGROUP_BUCKETS 512u

struct cgroup_node {                    /* of a unit whose directory is there: unit->cgroup */
	struct unit *unit;
	struct cgroup_node *next;       /* in the bucket of its watch */
	int wd;                         /* of cgroup.events; -1: none */
	struct cgroup_node *oom_next;   /* in the bucket of that watch */
	int oom_wd;                     /* of memory.events, where the type wants to know; -1: none */
	unsigned enabled;               /* controllers that were enabled for the children (CG_*) */
};

struct cgroup_tree {
	char *root;                     /* "" : no tree */
	int root_fd;
	char *proc_prefix;              /* what /proc/PID/cgroup says for the root; NULL: not known */
	struct loop *loop;
	struct source source;           /* inotify */
	struct cgroup_node *buckets[CGROUP_BUCKETS], *oom_buckets[CGROUP_BUCKETS];
	unsigned available, enabled;    /* controllers of the root, and those enabled for its children */
	unsigned missing;               /* controllers reported as not available */
	bool read_only_reported, startup;
	void (*empty)(void *arg, struct unit *u);
	void *arg;
};

static inline const char *cgroup_relative(const char *path) { return path[1] ? path + 1 : "."; }       /* to the root's descriptor */
void cgroup_node_free(struct cgroup_tree *t, struct cgroup_node *node);
/** a file below the root: "/a.slice", "memory.max" */
int cgroup_write(const struct cgroup_tree *t, const char *path, const char *file, const char *text);
/** reads all of it, up to @n - 1 bytes and a NUL; the length or -errno */
ssize_t cgroup_read(const struct cgroup_tree *t, const char *path, const char *file, char *mem, size_t n);
int cgroup_open_at(const struct cgroup_tree *t, const char *path, const char *file, int flags);

/** attributes.c: write what the context says; problems are logged, none is fatal */
/** @all: also what is not set, by the kernel's default */
void cgroup_write_attributes(struct cgroup_tree *t, const struct unit *u, const struct cgroup_context *c, bool all);
void cgroup_report_missing(struct cgroup_tree *t, const struct unit *u, unsigned wanted);
