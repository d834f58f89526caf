/* set.h - what the modules of unit/ share about the set of units; everybody else uses unit.h */
#pragma once
#include "unit/path.h"
#include "unit/unit.h"

#define N_UNIT_BUCKETS_MIN 256

struct unit_name {                      /* one name of one unit, in the hash */
	struct unit_name *next;
	struct unit *unit;
	uint32_t hash;
	char name[];
};

struct unit_set {
	struct lookup *paths;
	struct unit_host *host;
	struct diag_sink *sink;
	struct unit_name **buckets;
	size_t n_buckets, n_names, n_units;
	struct unit *first, *last;      /* in order of creation */
	struct unit *load_first, *load_last;
	struct unit *dirty;
	struct unit *merged;            /* objects that became another's names; freed once no loader is on the stack */
	unsigned loading;               /* depth of unit_load_pending() */
	struct unit_observer *observer; /* NULL: none */
	bool reloading;                 /* some unit's ->reloading is set */
	char **reported;                /* "Section.Key" that are not honoured and were reported already */
};

/* dep.c */
void dep_drop_files(struct unit *u);            /* of one side only: a reload does it for all units */
void dep_drop_all(struct unit *u);              /* on both sides */
int dep_move_all(struct unit *from, struct unit *to);

/* load.c */
void load_unit(struct unit *u);                 /* fragment, drop-ins, links, type: sets load_state */
/** load_text() - a stub's settings from @text instead of its files: what a transient unit is, and what fuzzing feeds */
void load_text(struct unit *u, const char *file, const char *text, size_t n);
void load_defaults(struct unit *u);             /* what [Unit] and [Install] mean when nothing is said */
void load_clear(struct unit *u);                /* frees all that files said */

/* mounts.c */
int mounts_add_deps(struct unit *u);            /* RequiresMountsFor= of @u; for a mount also everybody else's on it. -ENOMEM */

/* set.c */
int set_choose_id(struct unit *u, const char *name);    /* one of its names becomes u->id */
