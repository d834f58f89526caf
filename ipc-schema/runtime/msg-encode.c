/* msg-encode.c - C structs to msgpack: the canonical form (fields by rising number, shortest numbers, absent ones left out) */
#include <msgpack/pack.h>
#include "msg-value.h"

static int encode_struct(const struct msg_desc *d, const void *v, msgpack_packer *pk);

/* msgpack-c's packer is used from its header alone; nothing of libmsgpackc is linked. The buf keeps the first error itself. */
static int write_buf(void *data, const char *p, size_t n)
{
	buf_add(data, p, n);
	return 0;
}

static int encode_str(const struct msg_field *f, const char *s, msgpack_packer *pk)
{
	size_t n = s ? strlen(s) : 0;   /* no string is the empty string */

	if (n > msg_max_bytes(f))
		return -EINVAL;
	msgpack_pack_str(pk, n);
	msgpack_pack_str_body(pk, s, n);
	return 0;
}

static int encode_int(const struct msg_field *f, const void *p, msgpack_packer *pk)
{
	struct msg_int v = msg_load_int(f->kind, p);

	if (!msg_in_range(f, v))
		return -EINVAL;
	if (f->kind == MSG_ENUM && !msg_enum_name(f->en, (int32_t)v.u))
		return -EINVAL;
	if (v.is_signed)
		msgpack_pack_int64(pk, (int64_t)v.u);
	else
		msgpack_pack_uint64(pk, v.u);
	return 0;
}

static int encode_value(const struct msg_field *f, const void *p, msgpack_packer *pk)
{
	const struct msg_bytes *bytes = p;

	switch ((enum msg_kind)f->kind) {
	case MSG_BOOL:
		*(const bool *)p ? msgpack_pack_true(pk) : msgpack_pack_false(pk);
		return 0;
	case MSG_F64:
		msgpack_pack_double(pk, *(const double *)p);
		return 0;
	case MSG_STR:
		return encode_str(f, *(const char *const *)p, pk);
	case MSG_BYTES:
		if (bytes->len > msg_max_bytes(f))
			return -EINVAL;
		msgpack_pack_bin(pk, bytes->len);
		msgpack_pack_bin_body(pk, bytes->data, bytes->len);
		return 0;
	case MSG_STRUCT:
		return encode_struct(f->sub, p, pk);
	case MSG_U8:
	case MSG_U16:
	case MSG_U32:
	case MSG_U64:
	case MSG_I32:
	case MSG_I64:
	case MSG_ENUM:
		return encode_int(f, p, pk);
	}
	return -EINVAL;
}

static int encode_list(const struct msg_field *f, const void *v, msgpack_packer *pk)
{
	size_t n, size = msg_value_size(f);
	const char *p = msg_list(f, v, &n);
	int r = n > msg_max_list(f) ? -EINVAL : 0;

	if (r == 0)
		msgpack_pack_array(pk, n);
	for (size_t i = 0; i < n && r == 0; i++)
		r = encode_value(f, p + i * size, pk);
	return r;
}

/* Elements in a list that is said to be absent would be lost without a word. */
static bool has_elements(const struct msg_field *f, const void *v)
{
	size_t n = 0;

	if (f->list)
		msg_list(f, v, &n);
	return n > 0;
}

static int encode_struct(const struct msg_desc *d, const void *v, msgpack_packer *pk)
{
	size_t present = 0;
	int r = 0;

	for (size_t i = 0; i < d->n_fields; i++)
		present += msg_present(&d->fields[i], v);
	msgpack_pack_map(pk, present);
	for (size_t i = 0; i < d->n_fields && r == 0; i++) {
		const struct msg_field *f = &d->fields[i];

		if (!msg_present(f, v)) {
			r = has_elements(f, v) ? -EINVAL : 0;
			continue;
		}
		msgpack_pack_uint32(pk, f->id);
		r = f->list ? encode_list(f, v, pk) : encode_value(f, (const char *)v + f->off, pk);
	}
	return r;
}

/* All or nothing: what a failure has written already is taken back. */
static int finish(struct buf *b, size_t before, int r)
{
	if (r == 0)
		r = buf_error(b);
	if (r < 0)
		b->len = before;
	return r;
}

int msg_encode(const struct msg_desc *d, const void *v, struct buf *b)
{
	size_t before = b->len;
	msgpack_packer pk;

	msgpack_packer_init(&pk, b, write_buf);
	return finish(b, before, encode_struct(d, v, &pk));
}

int msg_request_encode(uint64_t id, const struct msg_method *m, const void *req, struct buf *b)
{
	size_t before = b->len;
	msgpack_packer pk;

	msgpack_packer_init(&pk, b, write_buf);
	msgpack_pack_array(&pk, 3);
	msgpack_pack_uint64(&pk, id);
	msgpack_pack_uint32(&pk, m->id);
	return finish(b, before, encode_struct(m->req, req, &pk));
}

int msg_reply_encode(uint64_t id, int result, const char *error, const struct msg_desc *d, const void *rep, struct buf *b)
{
	size_t before = b->len, n = error ? strnlen(error, MSG_ERROR_MAX) : 0;
	msgpack_packer pk;
	int r = 0;

	msgpack_packer_init(&pk, b, write_buf);
	msgpack_pack_array(&pk, 4);
	msgpack_pack_uint64(&pk, id);
	msgpack_pack_int32(&pk, result);
	msgpack_pack_str(&pk, n);
	msgpack_pack_str_body(&pk, error, n);
	if (rep)
		r = encode_struct(d, rep, &pk);
	else
		msgpack_pack_nil(&pk);
	return finish(b, before, r);
}

int msg_event_encode(uint64_t seq, const struct msg_event *e, const void *body, struct buf *b)
{
	size_t before = b->len;
	msgpack_packer pk;

	msgpack_packer_init(&pk, b, write_buf);
	msgpack_pack_array(&pk, 3);
	msgpack_pack_uint64(&pk, seq);
	msgpack_pack_uint32(&pk, e->id);
	return finish(b, before, encode_struct(e->body, body, &pk));
}
