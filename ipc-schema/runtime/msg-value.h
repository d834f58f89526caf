/* msg-value.h - one value of a message in its C shape, as the engines of msg.h see it; private to msg*.c */
#pragma once
#include "msg.h"

/* An integer of any kind: its bits, and whether they are to be read as int64_t. */
struct msg_int { uint64_t u; bool is_signed; };

size_t msg_value_size(const struct msg_field *f);       /* bytes of one value, of one element for a list */
bool msg_is_int(enum msg_kind kind);                    /* u8 ... i64 */
bool msg_present(const struct msg_field *f, const void *v);     /* v: the struct that the field is in; true unless optional and absent */
void msg_set_present(const struct msg_field *f, void *v);

struct msg_int msg_load_int(enum msg_kind kind, const void *p);
/** msg_store_int() - 0; -ERANGE when it does not fit the kind or the field's range, then nothing is stored */
int msg_store_int(const struct msg_field *f, void *p, struct msg_int v);
bool msg_in_range(const struct msg_field *f, struct msg_int v);

static inline size_t msg_max_bytes(const struct msg_field *f) { return f->max ? f->max : 65536; }
static inline size_t msg_max_list(const struct msg_field *f) { return f->max_list ? f->max_list : 4096; }

/* The list of field f in the struct v: its first element, and how many. */
static inline const char *msg_list(const struct msg_field *f, const void *v, size_t *n)
{
	const char *first;

	memcpy(&first, (const char *)v + f->off, sizeof(first));
	memcpy(n, (const char *)v + f->off_n, sizeof(*n));
	return first;
}

void msg_why(char *why, const char *name, const char *fmt, ...) _printf_(3, 4); /* "field NAME: ..." unless why is NULL */
