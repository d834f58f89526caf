/*
 * node.h - what an event leaves behind: the record, tags, link stacks, and below a device folder the node and its links
 */
#pragma once
#include "event/event.h"
#include "rules/rules.h"

struct node_place {
	struct database *db;
	const char *dev;                /* "/dev" or a folder that stands for it */
	bool apply;                     /* false: nothing below .dev is touched */
	/* after the rules, before node and record: where an interface is renamed. 0 or negative errno; NULL: nothing */
	int (*decided)(struct event *e);
	bool dry;                       /* and nothing of the database */
};

/**
 * node_process() - an event from its beginning to its end, but RUN: what was known, the rules, the record, the node
 *
 * Afterwards @e has what was decided, with mode, owner and group as the node gets them (or -1 where there is none). 0 or negative
 * errno; what could not be done to the node is reported to e->sink and does not end it.
 */
int node_process(const struct node_place *at, struct rules *rules, struct event *e);
/** node_forget() - a device that is gone and of which only the record tells: that, its tags, its links. @d: its identity */
void node_forget(const struct node_place *at, struct device *d);
