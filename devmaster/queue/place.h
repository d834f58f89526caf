/* place.h - where events meet: names in a hash table, those that are paths hung below each other; inside of queue/ only */
#pragma once
#include "queue/queue.h"

struct place {
	struct place *next;             /* of the bucket */
	struct place *up, *child, *left, *right;        /* of the tree; names that are no path have none */
	struct queue_event *last;       /* the latest event here that is not done */
	uint64_t newest;                /* order of the latest event here or below, done or not */
	unsigned users;                 /* events and children that hold it */
	uint32_t hash, len;
	char name[];
};

struct places { struct place **buckets; size_t n, size; };

/** place_get() - the place of a path and those above it, or of another @kind of name; held once more. NULL: no memory */
struct place *place_get_path(struct places *p, const char *path);
struct place *place_get_name(struct places *p, char kind, const char *name);
void place_put(struct places *p, struct place *at);             /* NULL is fine */
/** place_below() - the next of the tree below @top after @at (@top itself first), not into what has nothing newer than @order */
struct place *place_below(const struct place *top, struct place *at, uint64_t order);
