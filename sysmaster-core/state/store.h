/*
 * store.h - the state outside of core: records by key in LMDB under /run/sysmaster/state
 *
 * One write transaction a turn. The environment is opened without LMDB's own locks (one process uses it) and without syncing
 * (it lies on tmpfs); a reader in the next core sees the last committed turn, whatever killed the last core.
 */
#pragma once
#include "msg.h"

struct store;
/** store_open() - makes @dir (0700). A damaged store is set aside as @dir.bad and a new one begun: *reset says so. */
int store_open(struct store **ret, const char *dir, bool *reset);
void store_close(struct store *s);
DEFINE_CLEANUP(struct store *, store_close);

/** Puts and deletes belong to the turn's transaction, which the first of them begins. */
int store_put(struct store *s, const char *key, const struct msg_desc *d, const void *rec);
int store_delete(struct store *s, const char *key);     /* fine when it is not there */
/** store_commit() - end the turn. 0 also when nothing was put; -errno: nothing of this turn is stored */
int store_commit(struct store *s);

/** store_each() - every record whose key begins with @prefix, in key order, as committed */
int store_each(struct store *s, const char *prefix, int (*fn)(void *arg, const char *key, const void *data, size_t n), void *arg);
int store_get(struct store *s, const char *key, int (*fn)(void *arg, const char *key, const void *data, size_t n), void *arg);  /* -ENOENT */
/** store_clear() - delete every record with that prefix, within the turn */
int store_clear(struct store *s, const char *prefix);
