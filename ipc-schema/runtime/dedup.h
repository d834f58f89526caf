/*
 * dedup.h - the last answers, by request id and uid: nng sends a request again after a reconnect, and it must not act twice
 *
 * A ring of SERVER_DEDUP answers; the oldest makes room. Ids are random 64-bit numbers of the callers'; the uid keeps one user from
 * reading or foiling another's.
 */
#pragma once
#include "util.h"

/** an answer in memory of the caller's; one too long for it is kept as long as the process only */
struct dedup_slot { uint64_t id; uint32_t uid, n; uint8_t bytes[240]; };        /* n 0: free. Written last */

struct dedup;
/** dedup_new() - @slots: @size of them, which outlive the process' image; what is there is taken over. NULL: none */
int dedup_new(struct dedup **ret, size_t size, struct dedup_slot *slots);
void dedup_free(struct dedup *d);
DEFINE_CLEANUP(struct dedup *, dedup_free);

int dedup_add(struct dedup *d, uint64_t id, uint32_t uid, const void *answer, size_t n);        /* copies; replaces the same id's. -ENOMEM */
const void *dedup_find(const struct dedup *d, uint64_t id, uint32_t uid, size_t *n);    /* borrowed until the next add; NULL: not there */
