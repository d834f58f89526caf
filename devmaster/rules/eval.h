/* eval.h - the parts of the evaluator; inside of rules/ only */
#pragma once
#include <limits.h>
#include "event/event.h"
#include "program.h"

/** event_complain() - what a line fails at, with its place; DIAG_WARNING, the next line goes on */
void event_complain(struct event *e, const struct line *l, const struct token *t, const char *fmt, ...) _printf_(4, 5);

bool match_token(struct event *e, const struct token *t);
bool match_parents(struct event *e, const struct token *t, size_t n);
/** import_token() - PROGRAM and IMPORT: 1 it matches, 0 it does not, -ENOMEM */
int import_token(struct event *e, const struct line *l, const struct token *t);
/** assign_token() - 0, -ENOMEM; what cannot be done is reported */
int assign_token(struct event *e, const struct line *l, const struct token *t, const struct rules_names *names);

int sysctl_path(struct event *e, const char *name, char path[PATH_MAX]);        /* below /proc/sys */
int wild_path(char path[PATH_MAX]);             /* one folder "*" in it -> what there is; -ENOENT */

/* index.c */
struct index;
/** index_find() - the lines that can match a device of that kind, in order. -ENOMEM */
int index_find(struct rules *r, const struct event *e, const uint32_t **ret, size_t *ret_n);
bool line_can_apply(const struct line *l, const struct event *e);
