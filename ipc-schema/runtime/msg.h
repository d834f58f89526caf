/*
 * msg.h - messages as the schema describes them: encode, decode strictly, print
 *
 * The schema compiler writes for each struct of the schema a C struct and a `struct msg_desc`, its description. One engine,
 * here, walks descriptions. On the wire a struct is a msgpack map whose keys are the field numbers (positive integers), so
 * fields may be added later and unknown numbers are skipped. Optional fields that are absent are left out.
 *
 * C shape of a field `foo`: bool -> bool; u8 u16 u32 u64 i32 i64 f64 -> the stdint type (double for f64); str -> const char *
 * (NUL-terminated, no NUL inside; never NULL after decoding unless optional and absent); bytes -> struct msg_bytes;
 * enum -> the generated enum; struct -> the struct itself; list<T> -> `T *foo; size_t n_foo;` (const char ** for str);
 * optional -> an additional `bool has_foo` (for str: NULL when absent and no has_).
 */
#pragma once
#include <stdio.h>
#include "arena.h"
#include "buf.h"

struct msg_bytes { const void *data; size_t len; };

enum msg_kind {
	MSG_BOOL, MSG_U8, MSG_U16, MSG_U32, MSG_U64, MSG_I32, MSG_I64, MSG_F64, MSG_STR, MSG_BYTES, MSG_ENUM, MSG_STRUCT,
};

struct msg_enum_value { const char *name; int32_t value; const char *doc; };
struct msg_enum { const char *name; const struct msg_enum_value *values; size_t n_values; const char *doc; };

struct msg_desc;
struct msg_field {
	uint32_t id;                    /* key on the wire, from 1 */
	const char *name, *doc;
	uint8_t kind;                   /* enum msg_kind; of the element for a list */
	bool list, optional;
	uint32_t off;                   /* of the value, or of the list's pointer */
	uint32_t off_n;                 /* of n_foo (size_t) for a list */
	uint32_t off_has;               /* of has_foo; UINT32_MAX where there is none */
	uint32_t max;                   /* str, bytes: most bytes; 0: 65536 */
	uint32_t max_list;              /* list: most elements; 0: 4096 */
	bool ranged;                    /* integers: lo <= v <= hi is checked */
	int64_t lo, hi;
	const struct msg_desc *sub;     /* MSG_STRUCT */
	const struct msg_enum *en;      /* MSG_ENUM */
};

#define MSG_FIELDS 256                  /* most fields of one struct */
struct msg_desc {
	const char *name, *doc;
	size_t size;                    /* of the C struct */
	const struct msg_field *fields; /* sorted by id */
	size_t n_fields;
};

/**
 * msg_encode() - append *v to @b in canonical form; a required str that is NULL counts as ""
 * Return: 0; -EINVAL when a value breaks its own schema; buf's errors. On failure @b is as long as before.
 */
int msg_encode(const struct msg_desc *d, const void *v, struct buf *b);

/**
 * msg_decode() - the strict opposite
 * @v:   filled on success and zeroed on failure; strings and lists live in @a
 * @why: at least MSG_WHY bytes, or NULL: "field NAME: what is wrong" on failure
 *
 * All of [p, p+n) must be exactly one struct: nothing may be left over, no key twice, no required field missing, each value of
 * its type, length and range; unknown keys are skipped (bounded in depth). Return: 0; -EBADMSG; -ENOMEM when @a is full.
 */
#define MSG_WHY 128
int msg_decode(const struct msg_desc *d, const void *p, size_t n, struct arena *a, void *v, char *why);

/** msg_print() - as text, one "name: value" a line, nested structs indented */
void msg_print(const struct msg_desc *d, const void *v, struct buf *out);
/** msg_json() - as one JSON object on one line; bytes as base64 */
void msg_json(const struct msg_desc *d, const void *v, struct buf *out);
/** msg_from_args() - fill *v from "name=value" words (lists: repeated names; nested: a.b=c). -EINVAL with @why. */
int msg_from_args(const struct msg_desc *d, char *const *args, size_t n_args, struct arena *a, void *v, char *why);

const char *msg_enum_name(const struct msg_enum *e, int32_t v);        /* NULL when unknown */
int msg_enum_value(const struct msg_enum *e, const char *name, int32_t *ret);

/*
 * Sockets, methods and events, as the schema lists them.
 * Request:  msgpack array [u64 id, u32 method, map body]         over REQ
 * Reply:    msgpack array [u64 id, i32 result, str error, map body | nil]   result 0 or a negative errno
 * Event:    msgpack array [u64 seq, u32 event, map body]         over PUB; seq counts from 1 per boot of the daemon
 */
#define MSG_ERROR_MAX 1024                                      /* bytes of a reply's error; a longer one is cut */
enum msg_who { MSG_ANY, MSG_ROOT };
struct msg_method { uint32_t id; const char *name, *doc; enum msg_who who; bool dedup; const struct msg_desc *req, *rep; };
struct msg_event { uint32_t id; const char *name, *doc; const struct msg_desc *body; };
struct msg_socket {
	const char *name, *doc;
	const char *path, *events_path;         /* file system paths; events_path NULL when there are no events */
	const struct msg_method *methods; size_t n_methods;     /* sorted by id */
	const struct msg_event *events; size_t n_events;
};
extern const struct msg_socket *const msg_sockets[];    /* all of the schema, NULL at the end; generated */

const struct msg_method *msg_method_by_id(const struct msg_socket *s, uint32_t id);
const struct msg_method *msg_method_by_name(const struct msg_socket *s, const char *name);
const struct msg_event *msg_event_by_id(const struct msg_socket *s, uint32_t id);

struct msg_request { uint64_t id; uint32_t method; const void *body; size_t body_len; };       /* body borrowed */
struct msg_reply { uint64_t id; int32_t result; const char *error; const void *body; size_t body_len; };
struct msg_event_frame { uint64_t seq; uint32_t event; const void *body; size_t body_len; };

int msg_request_encode(uint64_t id, const struct msg_method *m, const void *req, struct buf *b);
int msg_request_decode(const void *p, size_t n, struct msg_request *ret);
/** msg_reply_encode() - @rep NULL: no body. @error NULL: "" */
int msg_reply_encode(uint64_t id, int result, const char *error, const struct msg_desc *d, const void *rep, struct buf *b);
int msg_reply_decode(const void *p, size_t n, struct arena *a, struct msg_reply *ret);
int msg_event_encode(uint64_t seq, const struct msg_event *e, const void *body, struct buf *b);
int msg_event_decode(const void *p, size_t n, struct msg_event_frame *ret);

extern const struct msg_desc *const msg_descs[];        /* every struct of the schema, NULL at the end; generated */
