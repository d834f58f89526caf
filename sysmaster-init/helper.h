/* helper.h - the programs that lie beside init: PID 1 runs them to begin, to leave and for help */
#pragma once
#include "util.h"

void helper_find_self(void);            /* first of all */
const char *helper_self(void);          /* the file init was executed from, resolved; borrowed */
void helper_path(char *to, size_t size, const char *name);      /* of a program that lies beside it */

/** helper_exec() - become the program @name that lies beside init; returns only when that fails: -errno */
int helper_exec(const char *name, const char *const *argv);

/** helper_spawn() - the program argv[0], with our environment; see spawn-process.h. 0 or -errno */
int helper_spawn(const char *const *argv, const int *fds, size_t n_fds, uint32_t *pid);
