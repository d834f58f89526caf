/*
 * builtin.h - what IMPORT{builtin} and RUN{builtin} can call: name, help, function; a row each
 */
#pragma once
#include "util.h"

struct event;
struct builtin {
	const char *name;
	const char *help;               /* one line */
	/** 0; negative: it has nothing to say about the device. NULL: known to rules, not available yet (-EOPNOTSUPP) */
	int (*run)(struct event *e, int argc, char **argv);
	bool once;                      /* once an event, later IMPORTs take that answer */
};
extern const struct builtin builtins[];
extern const size_t n_builtins;         /* at most 64 */

/** builtin_find() - index by the first word of @command, or -ENOENT */
int builtin_find(const char *command);
/** builtin_prepare() - before a sandbox that lets nothing new be made executable: takes in the libraries that are taken in late; once is enough */
void builtin_prepare(void);
int builtin_run(int index, struct event *e, int argc, char **argv);

