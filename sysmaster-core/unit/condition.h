/* condition.h - Condition*= and Assert*=; systemd.unit(5) "Conditions and Asserts" */
#pragma once
#include "util.h"

struct unit; struct buf;
struct condition {
	struct condition *next;         /* in the order of the file */
	int type;                       /* row of condition_names[] */
	bool trigger, negate;           /* '|' and '!' */
	char *parameter;
	int result;                     /* of the last test: 1 yes, 0 no, <0 error; 2 untested */
};
struct condition_name { const char *name; const char *doc; };
extern const struct condition_name condition_names[];   /* "PathExists", ... NULL ends; index = type */
extern const size_t n_condition_names;

void condition_list_free(struct condition *c);
/** all plain ones must hold and, if there are triggering ones, at least one of them. 1 yes, 0 no; *failed: the first that said no */
int condition_list_test(struct condition *list, const struct unit *u, const struct condition **failed);
