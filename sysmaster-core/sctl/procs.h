/* procs.h - the processes below a control group, as a tree; read from cgroupfs and /proc, no daemon is asked */
#pragma once
#include "sctl.h"

/**
 * procs_print() - the group's processes and its sub-groups, each line after @indent
 * @dir:     absolute directory of the group
 * @recurse: sub-groups too
 * Return: processes seen; negative errno when @dir cannot be read (a unit without processes has no group).
 */
int procs_print(struct sctl *s, const char *dir, const char *indent, bool recurse);
int procs_pids(const char *dir, pid_t **ret, size_t *ret_n);   /* of the group and below; caller free()s */
void procs_command(pid_t pid, struct buf *out);                 /* command line; "[name]" of a kernel thread */
