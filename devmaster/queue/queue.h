/*
 * queue.h - events that wait, in the order that their devices ask for; grades among those that are free to go
 *
 * Two events touch each other when they name the same device (record id, node, or one of their paths) or when a path of one lies
 * below a path of the other; DEVPATH_OLD counts as a path. Of two that touch, the earlier is done first. All else is free.
 *
 * What an event has to wait for is found without a look at the others: paths are a tree, each place knows the last event at it,
 * and an event needs only the latest above it and what came after that below it; the rest is implied. See find_blockers().
 */
#pragma once
#include "uevent/uevent.h"

/** how urgent: the boot waits for disks first */
enum queue_grade { GRADE_FIRST, GRADE_SOON, GRADE_NORMAL, GRADE_LAST, N_GRADES };
enum queue_grade queue_grade_of(const struct uevent *u);
enum queue_state { QUEUE_BLOCKED, QUEUE_READY, QUEUE_TAKEN };

#define QUEUE_PLACES 4                  /* path, old path, id, node */
struct place;
struct queue_event {
	struct uevent uevent;           /* its strings outlive the event */
	enum queue_grade grade;
	enum queue_state state;
	uint64_t order;                 /* of arrival */
	unsigned blockers;              /* that are not done */
	struct queue_event **blocks;    /* who waits for this one */
	size_t n_blocks, cap_blocks;
	struct place *places[QUEUE_PLACES];
	struct queue_event *prev, *next;/* of those that are ready */
	struct queue_event *older, *newer;      /* of all */
};

struct queue;
int queue_new(struct queue **ret);
void queue_free(struct queue *q);       /* the events stay with their owner */
DEFINE_CLEANUP(struct queue *, queue_free);

/** queue_add() - @e is zeroed but for what its owner has around it; the queue holds it until queue_done(). 0; -ENOMEM: as if never called */
int queue_add(struct queue *q, struct queue_event *e, const struct uevent *u);
/** queue_take() - the most urgent of those that are free to go; it stays in the way of later ones. NULL: none */
struct queue_event *queue_take(struct queue *q);
void queue_give_back(struct queue *q, struct queue_event *e);   /* taken -> ready, at its old place */
void queue_done(struct queue *q, struct queue_event *e);        /* the owner may free it; it should be taken, or all are given up, oldest first */

size_t queue_count(const struct queue *q, enum queue_state state);
size_t queue_size(const struct queue *q);
struct queue_event *queue_oldest(const struct queue *q);        /* by arrival, of any state; NULL: empty */
size_t queue_waits(const struct queue *q);                      /* edges ever made, for tests of the bound */
