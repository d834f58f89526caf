/* transaction-order.c - an order in which the jobs of a transaction can be done; where there is none, a job gives way */
#include <stdio.h>
#include "job/transaction-priv.h"
#include "log.h"

/* the cycle's names, from @j back to where the walk met it again */
static void name_cycle(struct tr *t, struct tr_job *at, struct tr_job *again)
{
	struct buf b = { .data = (uint8_t *)t->why, .cap = TRANSACTION_WHY - 1, .fixed = true };

	buf_addf(&b, "ordering cycle: %s/%s", again->unit->id, job_type_name(again->type));
	for (struct tr_job *k = at; k && k != again; k = k->path_from)
		buf_addf(&b, " after %s/%s", k->unit->id, job_type_name(k->type));
	buf_addf(&b, " after %s", again->unit->id);
	t->why[b.len < TRANSACTION_WHY ? b.len : TRANSACTION_WHY - 1] = 0;
}

static struct tr_job *least_needed(struct tr_job *at, struct tr_job *again)
{
	struct tr_job *best = NULL;

	for (struct tr_job *k = at; k; k = k == again ? NULL : k->path_from)
		if (!k->matters && !k->anchor && k->type != IPC_JOB_TYPE_STOP)
			best = best ?: k;
	return best;
}

/*
 * A stop job is not dropped, or its unit would not go down with the others; it does without its order instead. So what is to be stopped,
 * a shutdown above all, is never refused for a cycle.
 */
static struct tr_job *least_ordered(struct tr_job *at, struct tr_job *again)
{
	for (struct tr_job *k = at; k; k = k == again ? NULL : k->path_from)
		if (k->type == IPC_JOB_TYPE_STOP)
			return k;
	return NULL;
}

/* 1: the cycle @at ... @again is broken; -EDEADLK: nothing of it can be done without */
static int break_cycle(struct tr *t, struct tr_job *at, struct tr_job *again)
{
	struct tr_job *d = least_needed(at, again), *free = d ? NULL : least_ordered(at, again);

	name_cycle(t, at, again);
	if (t->watch)
		t->watch->cycle(t->watch, t->why, d ? d->unit : NULL);
	else
		log_event(LOG_ERR, "JOB_ORDER_CYCLE", t->why, F_STR("DROPPED", d ? d->unit->id : ""), F_STR("UNORDERED", free ? free->unit->id : ""));
	if (d)
		tr_drop(d);
	else if (free)
		free->ignore_order = true;
	return d || free ? 1 : -EDEADLK;
}

/* depth-first along "must run before me"; explicit stack: path_from is the way back */
struct frame { struct tr_job *j; struct dep *d; };

static int walk_order(struct tr *t, struct tr_job *root, struct frame *stack, size_t max)
{
	size_t n = 0;

	stack[n++] = (struct frame){ root, NULL };
	root->on_path = 1;
	root->generation = t->generation;
	root->path_from = NULL;
	while (n) {
		struct frame *f = &stack[n - 1];

		f->d = f->j->ignore_order ? NULL : unit_next_dep_mask(f->j->unit, DEP_BIT(DEP_BEFORE) | DEP_BIT(DEP_AFTER), f->d);
		if (!f->d) {
			f->j->on_path = 0;
			n--;
			continue;
		}
		struct tr_job *o = tr_live(t, f->d->other);

		if (!o || o->type == IPC_JOB_TYPE_NOP || !job_must_wait(f->j->type, f->d, o->type))
			continue;
		if (o->generation == t->generation && !o->on_path)
			continue;
		if (o->on_path)
			return break_cycle(t, f->j, o);
		if (n == max)
			return -ENOMEM;
		o->on_path = 1;
		o->generation = t->generation;
		o->path_from = f->j;
		stack[n++] = (struct frame){ o, NULL };
	}
	return 0;
}

int tr_check_order(struct tr *t)
{
	_cleanup_(freep) struct frame *stack = calloc(t->n_units + 1, sizeof(*stack));
	int r;

	if (!stack)
		return -ENOMEM;
	do {
		tr_collect(t);
		t->generation++;
		r = 0;
		for (struct tr_job *j = t->first; j; j = j->next)
			j->on_path = 0;
		for (struct tr_job *j = t->first; j && r == 0; j = j->next)
			if (!j->gone && !j->ignore_order && j->type != IPC_JOB_TYPE_NOP && j->generation != t->generation)
				r = walk_order(t, j, stack, t->n_units + 1);
	} while (r > 0);
	return r;
}
