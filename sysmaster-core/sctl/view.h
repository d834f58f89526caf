/* view.h - one unit as `sctl status` shows it: what it is and how it stands (view.c), what runs of it (view-run.c) */
#pragma once
#include "query.h"
#include "text.h"

#define VIEW_INDENT "             "                     /* width of "Main PID: " and its like */

struct view {
	struct sctl *s;
	const char *unit, *cgroup_root;
	struct ipc_properties_reply p;
	const char *active, *load;
	char *cgroup;                                   /* directory of its control group; NULL: none */
};

const char *view_get(const struct view *v, const char *property);      /* "" when there is none */
bool view_has(const struct view *v, const char *property);             /* it says something */
void view_label(const struct view *v, const char *name);
/** view_field() - a part of a property such as "{ path=/bin/x ; pid=12 }"; @end: what ends the part. free() it; NULL: not there */
char *view_field(const char *entry, const char *name, const char *end);

void view_state(const struct view *v);          /* name, file, drop-ins, state, conditions, relatives, documentation, addresses */
void view_run(const struct view *v);            /* processes, resources, control group, last log lines */
