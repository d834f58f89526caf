/* transaction-priv.h - a transaction while it is made; for transaction.c and transaction-order.c alone */
#pragma once
#include "job/transaction.h"

struct tr_job;
struct tr_link { struct tr_job *from, *to; bool matters, conflicts; struct tr_link *next_of_from, *next_of_to; };

struct tr_job {
	struct unit *unit;
	enum ipc_job_type type;
	bool anchor, irreversible, ignore_order;
	bool matters;                   /* an anchor needs it (computed) */
	bool gone;                      /* dropped */
	bool mark;                      /* in this unit's chain, seen by the walk at hand */
	int on_path; unsigned generation;
	struct tr_job *path_from;       /* order walk: who led here */
	struct tr_link *links_from, *links_to;  /* what it pulled in; who pulled it in */
	struct tr_job *next_same;       /* other types for the same unit */
	struct tr_job *next;            /* all, in the order of coming */
};

struct tr {
	struct jobs *js;
	struct tr_job *first, *last;
	struct arena arena;
	struct tr_job **slots; size_t n_slots, n_units; /* open addressing by unit */
	char *why;
	struct transaction_watch *watch;                /* NULL: cycles go to the log */
	unsigned generation;
};

struct tr_job *tr_live(const struct tr *t, const struct unit *u);      /* the first job of the unit that has not been dropped; NULL */
void tr_drop(struct tr_job *j);
void tr_collect(struct tr *t);          /* drops what no anchor needs any more */
/** tr_check_order() - 0 when every job can be done after those that it must wait for, jobs that nobody needs dropped for it; -EDEADLK and t->why; -ENOMEM */
int tr_check_order(struct tr *t);
