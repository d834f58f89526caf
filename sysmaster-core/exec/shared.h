/*
 * shared.h - what the commands of one run share, and units that join it: PrivateTmp='s directories, the namespaces of
 * PrivateNetwork= and PrivateIPC=; systemd.unit(5) JoinsNamespaceOf=
 *
 * The first command that finds the socket pair empty makes the namespace and puts a descriptor of it there; the others enter that
 * (run/namespaces.c). A joined unit has the same pair, so whoever is there last keeps the namespace.
 */
#pragma once
#include "exec/exec.h"

/** exec_shared_acquire() - u->shared for this run, taken from a joined unit that is up where there is one. 0 or -errno */
int exec_shared_acquire(struct unit *u, const struct exec_context *c);
/** exec_shared_release() - the run is over */
void exec_shared_release(struct unit *u);
/** are the PrivateTmp= directories another unit's as well? */
bool exec_shared_tmp_in_use(const struct unit *u);
/* state store: which namespaces there are (bit per enum unit_shared_ns), and back from a record */
uint32_t exec_shared_kinds(const struct unit *u);
void exec_shared_restore(struct unit *u, const char *tmp, uint32_t kinds);
