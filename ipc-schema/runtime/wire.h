/*
 * wire.h - a cursor over msgpack bytes that trusts nothing and allocates nothing
 *
 * Why not msgpack-c's unpacker: it builds a heap tree of everything a peer sent before we could look at a single length, and PID 1
 * may neither allocate nor link it. Here one head is read at a time, and its announced length is held against the bytes there are.
 * Source: the msgpack specification, "Formats".
 */
#pragma once
#include "util.h"

struct wire { const uint8_t *p, *end; };

enum wire_type { WIRE_NIL, WIRE_BOOL, WIRE_UINT, WIRE_NEGINT, WIRE_F32, WIRE_F64, WIRE_STR, WIRE_BIN, WIRE_ARRAY, WIRE_MAP, WIRE_EXT };

struct wire_head {
	enum wire_type type;
	union {
		uint64_t u;             /* BOOL, UINT; the bits of F32 and F64 */
		int64_t i;              /* NEGINT: below zero */
	};
	size_t len;                     /* STR, BIN, EXT: bytes that follow; ARRAY: elements; MAP: pairs */
};

/** wire_head() - read one head; for STR, BIN and EXT the bytes are there. Return: 0; -EBADMSG when cut short or no msgpack. */
int wire_head(struct wire *w, struct wire_head *ret);
/** wire_take() - @n bytes that wire_head() has promised; borrowed */
const void *wire_take(struct wire *w, size_t n);
/** wire_skip() - leave out one whole value. -EBADMSG also when nested deeper than WIRE_DEPTH. */
#define WIRE_DEPTH 16
int wire_skip(struct wire *w);

/* A head of the wanted type: 0 or -EBADMSG. */
int wire_array(struct wire *w, size_t *n);
int wire_map(struct wire *w, size_t *n);
int wire_uint(struct wire *w, uint64_t max, uint64_t *ret);
int wire_int(struct wire *w, int64_t min, int64_t max, int64_t *ret);
