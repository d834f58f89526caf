/*
 * seed.h - the seed: 32 bytes nobody can guess, how the next follows from the last, and its form in the file
 *
 * File, SEED_FILE_BYTES: "SMSEED1\n", flags (u32), reserved (u32, 0), time of writing (u64, CLOCK_REALTIME, microseconds), identity of
 * the machine, seed, SHA-256 of all before it. Numbers are little-endian. The check finds torn and rotten files; it is no signature.
 */
#pragma once
#include "util.h"

#define SEED_BYTES 32                   /* the kernel's pool holds 256 bits: more would not be used (Linux drivers/char/random.c) */
#define SEED_FILE_BYTES (24 + 3 * SEED_BYTES)

struct seed {
	bool creditable;                /* made when the kernel's pool was ready, and never used since */
	uint64_t saved_usec;
	uint8_t machine[SEED_BYTES];    /* machine.h; all zero: unknown */
	uint8_t bytes[SEED_BYTES];
};

void seed_encode(const struct seed *s, uint8_t file[SEED_FILE_BYTES]);
/** seed_decode() - 0; -EBADMSG when it is no whole seed of ours */
int seed_decode(const uint8_t *file, size_t n, struct seed *ret);

/**
 * seed_next() - SHA-256 of a label, the time, all of @old and @fresh
 * What was unknown in either stays unknown in the result; from the result neither can be found. @old may be NULL.
 */
void seed_next(const void *old, size_t n_old, const uint8_t fresh[SEED_BYTES], uint64_t now_usec_, uint8_t ret[SEED_BYTES]);
/** seed_hash() - of labelled words: @label and @n bytes */
void seed_hash(const char *label, const void *data, size_t n, uint8_t ret[SEED_BYTES]);
