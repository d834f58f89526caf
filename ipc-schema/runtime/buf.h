/* buf.h - bytes that grow up to a bound: a growing heap buffer, or one laid over memory of the caller's */
#pragma once
#include "util.h"

/*
 * A failed append sets .err once and makes every later append do nothing, so that a writer checks at the end only
 * (buf_error()). A zeroed struct is an empty heap buffer without a bound of its own (BUF_MAX applies).
 */
#define BUF_MAX (64u << 20)

struct buf {
	uint8_t *data;                  /* NULL while empty */
	size_t len, cap;
	size_t max;                     /* bytes; 0: BUF_MAX */
	bool fixed;                     /* data belongs to the caller and never grows */
	int err;                        /* 0, -ENOMEM, -E2BIG (bound reached) */
};

#define BUF_FIXED(mem) { .data = (uint8_t *)(mem), .cap = sizeof(mem), .fixed = true }

void buf_finish(struct buf *b);                         /* frees heap memory; b is empty again */
void buf_reset(struct buf *b);                          /* length 0 and no error, memory kept */
int buf_reserve(struct buf *b, size_t more);            /* room for so many more bytes: 0, -ENOMEM, -E2BIG */
void buf_add(struct buf *b, const void *p, size_t n);
void buf_addc(struct buf *b, char c);
void buf_adds(struct buf *b, const char *s);            /* without the NUL */
void buf_addf(struct buf *b, const char *fmt, ...) _printf_(2, 3);
void buf_drop_front(struct buf *b, size_t n);           /* forgets the first n bytes */
int buf_error(const struct buf *b);                     /* 0 or the first error */

/** buf_str() - the text so far with a NUL behind it (not counted in len); "" when empty; borrowed; NULL on error */
const char *buf_str(struct buf *b);
/** buf_take_str() - the same, handed over to the caller (free()); NULL on error; b is empty again; heap buffers only */
char *buf_take_str(struct buf *b);
