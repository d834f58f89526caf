/*
 * journal.h - events that were received and are not done, in a file on tmpfs that outlives the daemon
 *
 * A ring that is mapped: the kernel's message is received straight into it, and done is one store, so a kill at any instant loses
 * nothing and costs no call. Room is allocated before it is touched: a full file system is an error here and not SIGBUS.
 */
#pragma once
#include "util.h"

struct journal_entry { uint32_t bytes; uint32_t state; uint32_t len; uint32_t tries; char text[]; };

struct journal;
/** journal_open() - take over what lies at @path, or begin anew with @bytes. -EBUSY: another daemon holds it; -errno. *ret_found: it was there */
int journal_open(struct journal **ret, const char *path, size_t bytes, bool *ret_found);
void journal_free(struct journal *j);   /* the file stays */
DEFINE_CLEANUP(struct journal *, journal_free);

/** journal_room() - where the next entry's text of up to @max bytes may be put; NULL: full, until older ones are done */
char *journal_room(struct journal *j, size_t max);
/** journal_commit() - what was put there is an entry of @n bytes */
struct journal_entry *journal_commit(struct journal *j, size_t n);
void journal_done(struct journal *j, struct journal_entry *e);
/** journal_next() - of entries that are not done, the one after @e (NULL: the first); NULL: no more */
struct journal_entry *journal_next(struct journal *j, struct journal_entry *e);
size_t journal_used(const struct journal *j);           /* bytes between the oldest that is not done and the newest */
