/* arena.h - memory that is given back all at once: where decoded messages live */
#pragma once
#include "util.h"

/*
 * An arena over caller's memory never calls malloc (PID 1); a growing one takes 4 KiB and larger chunks up to .max bytes.
 */
struct arena_chunk;
struct arena {
	char *mem;                      /* fixed part, may be NULL */
	size_t len, used;
	size_t max, total;              /* heap bytes allowed (0: none) and taken */
	struct arena_chunk *chunks;
};

#define ARENA_FIXED(m) { .mem = (char *)(m), .len = sizeof(m) }
#define ARENA_HEAP(limit) { .max = (limit) }

void *arena_alloc(struct arena *a, size_t n, size_t align);     /* zeroed; NULL when the bound is reached */
char *arena_strndup(struct arena *a, const char *s, size_t n);  /* NUL-terminated copy; NULL likewise */
void arena_reset(struct arena *a);                              /* everything handed out is invalid; heap freed */
