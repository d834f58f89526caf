/* hwdb.h - the hardware database as builtins use it: one map for the life of the process, looked for again when the file was replaced */
#pragma once

struct event;
/** hwdb_put() - properties of @modalias whose names match @filter (fnmatch(3); NULL: all). Their number; -ENOENT: there is no hwdb.bin; negative errno */
int hwdb_put(struct event *e, const char *modalias, const char *filter);
void hwdb_use_root(const char *root);   /* where hwdb.bin is looked for instead of ""; borrowed; tests, devctl --root */
