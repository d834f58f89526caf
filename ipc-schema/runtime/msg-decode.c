/* msg-decode.c - msgpack to C structs, strictly: everything is checked before it is believed */
#include "msg-value.h"
#include "wire.h"

struct decoder {
	struct wire w;
	struct arena *a;
	char *why;
};

/* Which fields of a struct have been there, by their place in the description. */
struct seen { uint64_t bits[MSG_FIELDS / 64]; };

static bool was_seen(const struct seen *s, size_t i) { return s->bits[i / 64] >> (i % 64) & 1; }

static int decode_struct(struct decoder *d, const struct msg_desc *desc, void *v);

static int bad(struct decoder *d, const struct msg_field *f, const char *what)
{
	msg_why(d->why, f ? f->name : NULL, "%s", what);
	return -EBADMSG;
}

static int full(struct decoder *d, const struct msg_field *f)
{
	msg_why(d->why, f->name, "no memory left for this message");
	return -ENOMEM;
}

static int decode_str(struct decoder *d, const struct msg_field *f, const struct wire_head *h, const char **ret)
{
	const char *s;

	if (h->type != WIRE_STR)
		return bad(d, f, "not a string");
	if (h->len > msg_max_bytes(f))
		return bad(d, f, "string too long");
	s = wire_take(&d->w, h->len);
	if (h->len && memchr(s, '\0', h->len))
		return bad(d, f, "NUL inside a string");
	*ret = arena_strndup(d->a, s, h->len);
	return *ret ? 0 : full(d, f);
}

static int decode_bytes(struct decoder *d, const struct msg_field *f, const struct wire_head *h, struct msg_bytes *ret)
{
	char *copy;

	if (h->type != WIRE_BIN)
		return bad(d, f, "not bytes");
	if (h->len > msg_max_bytes(f))
		return bad(d, f, "too many bytes");
	copy = arena_strndup(d->a, wire_take(&d->w, h->len), h->len);
	if (!copy)
		return full(d, f);
	*ret = (struct msg_bytes){ copy, h->len };
	return 0;
}

static int decode_int(struct decoder *d, const struct msg_field *f, const struct wire_head *h, void *p)
{
	struct msg_int v = { .u = h->u, .is_signed = h->type == WIRE_NEGINT };

	if (h->type != WIRE_UINT && h->type != WIRE_NEGINT)
		return bad(d, f, "not an integer");
	if (!msg_in_range(f, v))
		return bad(d, f, "number out of range");
	if (f->kind == MSG_ENUM && !msg_enum_name(f->en, (int32_t)v.u))
		return bad(d, f, "no such value");
	msg_store_int(f, p, v);
	return 0;
}

static int decode_value(struct decoder *d, const struct msg_field *f, void *p)
{
	struct wire_head h;

	if (f->kind == MSG_STRUCT)
		return decode_struct(d, f->sub, p);
	if (wire_head(&d->w, &h) < 0)
		return bad(d, f, "cut short");
	switch ((enum msg_kind)f->kind) {
	case MSG_BOOL:
		if (h.type != WIRE_BOOL)
			return bad(d, f, "not a bool");
		*(bool *)p = h.u;
		return 0;
	case MSG_F64:
		if (h.type != WIRE_F64)
			return bad(d, f, "not a 64-bit float");
		memcpy(p, &h.u, sizeof(h.u));
		return 0;
	case MSG_STR:
		return decode_str(d, f, &h, p);
	case MSG_BYTES:
		return decode_bytes(d, f, &h, p);
	case MSG_STRUCT:
	case MSG_U8:
	case MSG_U16:
	case MSG_U32:
	case MSG_U64:
	case MSG_I32:
	case MSG_I64:
	case MSG_ENUM:
		break;
	}
	return decode_int(d, f, &h, p);
}

static int decode_list(struct decoder *d, const struct msg_field *f, void *v)
{
	size_t n, size = msg_value_size(f);
	char *first = NULL;
	int r = 0;

	if (wire_array(&d->w, &n) < 0)
		return bad(d, f, "not a list");
	if (n > msg_max_list(f))
		return bad(d, f, "list too long");
	if (n > 0 && !(first = arena_alloc(d->a, n * size, sizeof(uint64_t))))
		return full(d, f);
	for (size_t i = 0; i < n && r == 0; i++)
		r = decode_value(d, f, first + i * size);
	memcpy((char *)v + f->off, &first, sizeof(first));
	memcpy((char *)v + f->off_n, &n, sizeof(n));
	return r;
}

static const struct msg_field *find_field(const struct msg_desc *desc, uint64_t id, size_t *index)
{
	for (*index = 0; *index < desc->n_fields; (*index)++)
		if (desc->fields[*index].id == id)
			return &desc->fields[*index];
	return NULL;
}

static int decode_pair(struct decoder *d, const struct msg_desc *desc, void *v, struct seen *seen)
{
	const struct msg_field *f;
	uint64_t id;
	size_t i;
	int r;

	if (wire_uint(&d->w, UINT32_MAX, &id) < 0 || id == 0)
		return bad(d, NULL, "a key that is no field number");
	f = find_field(desc, id, &i);
	if (!f)
		return wire_skip(&d->w) < 0 ? bad(d, NULL, "unknown field is cut short or too deep") : 0;
	if (was_seen(seen, i))
		return bad(d, f, "there twice");
	seen->bits[i / 64] |= UINT64_C(1) << (i % 64);
	r = f->list ? decode_list(d, f, v) : decode_value(d, f, (char *)v + f->off);
	if (r == 0 && f->optional)
		msg_set_present(f, v);
	return r;
}

static int decode_struct(struct decoder *d, const struct msg_desc *desc, void *v)
{
	struct seen seen = { 0 };
	size_t n;
	int r = 0;

	if (wire_map(&d->w, &n) < 0) {
		msg_why(d->why, NULL, "%s: not a map of fields", desc->name);
		return -EBADMSG;
	}
	while (n-- > 0 && r == 0)
		r = decode_pair(d, desc, v, &seen);
	for (size_t i = 0; i < desc->n_fields && r == 0; i++)
		if (!desc->fields[i].optional && !was_seen(&seen, i))
			r = bad(d, &desc->fields[i], "missing");
	return r;
}

int msg_decode(const struct msg_desc *desc, const void *p, size_t n, struct arena *a, void *v, char *why)
{
	struct decoder d = { .w = { p, (const uint8_t *)p + n }, .a = a, .why = why };
	int r;

	memset(v, 0, desc->size);
	r = decode_struct(&d, desc, v);
	if (r == 0 && d.w.p != d.w.end)
		r = bad(&d, NULL, "bytes left over behind the message");
	if (r < 0)
		memset(v, 0, desc->size);
	return r;
}

/* The last element of a frame is a struct up to the end of the frame; msg_decode() looks inside. */
static int frame_body(struct wire *w, const void **body, size_t *n)
{
	struct wire ahead = *w;
	size_t pairs;

	if (wire_map(&ahead, &pairs) < 0)
		return -EBADMSG;
	*body = w->p;
	*n = (size_t)(w->end - w->p);
	return 0;
}

static int frame_head(struct wire *w, size_t elements, uint64_t *id, uint32_t *number)
{
	uint64_t u;
	size_t n;

	if (wire_array(w, &n) < 0 || n != elements || wire_uint(w, UINT64_MAX, id) < 0 || wire_uint(w, UINT32_MAX, &u) < 0)
		return -EBADMSG;
	*number = (uint32_t)u;
	return 0;
}

int msg_request_decode(const void *p, size_t n, struct msg_request *ret)
{
	struct wire w = { p, (const uint8_t *)p + n };
	struct msg_request req = { 0 };
	int r = frame_head(&w, 3, &req.id, &req.method);

	if (r == 0)
		r = frame_body(&w, &req.body, &req.body_len);
	if (r == 0)
		*ret = req;
	return r;
}

int msg_event_decode(const void *p, size_t n, struct msg_event_frame *ret)
{
	struct wire w = { p, (const uint8_t *)p + n };
	struct msg_event_frame ev = { 0 };
	int r = frame_head(&w, 3, &ev.seq, &ev.event);

	if (r == 0)
		r = frame_body(&w, &ev.body, &ev.body_len);
	if (r == 0)
		*ret = ev;
	return r;
}

int msg_reply_decode(const void *p, size_t n, struct arena *a, struct msg_reply *ret)
{
	static const struct msg_field error_field = { .name = "error", .max = MSG_ERROR_MAX };
	struct decoder d = { .w = { p, (const uint8_t *)p + n }, .a = a };
	struct msg_reply rep = { 0 };
	struct wire_head h;
	int64_t result;
	size_t elements;
	int r;

	if (wire_array(&d.w, &elements) < 0 || elements != 4 || wire_uint(&d.w, UINT64_MAX, &rep.id) < 0 ||
	    wire_int(&d.w, INT32_MIN, 0, &result) < 0 || wire_head(&d.w, &h) < 0)
		return -EBADMSG;
	rep.result = (int32_t)result;
	r = decode_str(&d, &error_field, &h, &rep.error);
	if (r < 0)
		return r;
	if (d.w.p < d.w.end && *d.w.p == 0xc0)          /* nil: no body, and nothing behind it */
		r = d.w.p + 1 == d.w.end ? 0 : -EBADMSG;
	else
		r = frame_body(&d.w, &rep.body, &rep.body_len);
	if (r == 0)
		*ret = rep;
	return r;
}
