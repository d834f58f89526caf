/* wire.c - see wire.h */
#include "wire.h"

/* What a first byte from 0xc0 to 0xdf means: the type, bytes of number or length behind it, and what else the head has. */
static const struct lead { uint8_t type, width, fixed_len; bool length, is_signed, used; } leads[32] = {
	[0x00] = { WIRE_NIL, .used = true },
	[0x02] = { WIRE_BOOL, .used = true },                   /* false; the low bit is the value */
	[0x03] = { WIRE_BOOL, .used = true },
	[0x04] = { WIRE_BIN, 1, .length = true, .used = true },
	[0x05] = { WIRE_BIN, 2, .length = true, .used = true },
	[0x06] = { WIRE_BIN, 4, .length = true, .used = true },
	[0x07] = { WIRE_EXT, 1, .length = true, .used = true },
	[0x08] = { WIRE_EXT, 2, .length = true, .used = true },
	[0x09] = { WIRE_EXT, 4, .length = true, .used = true },
	[0x0a] = { WIRE_F32, 4, .used = true },
	[0x0b] = { WIRE_F64, 8, .used = true },
	[0x0c] = { WIRE_UINT, 1, .used = true },
	[0x0d] = { WIRE_UINT, 2, .used = true },
	[0x0e] = { WIRE_UINT, 4, .used = true },
	[0x0f] = { WIRE_UINT, 8, .used = true },
	[0x10] = { WIRE_UINT, 1, .is_signed = true, .used = true },
	[0x11] = { WIRE_UINT, 2, .is_signed = true, .used = true },
	[0x12] = { WIRE_UINT, 4, .is_signed = true, .used = true },
	[0x13] = { WIRE_UINT, 8, .is_signed = true, .used = true },
	[0x14] = { WIRE_EXT, 0, 1, .used = true },
	[0x15] = { WIRE_EXT, 0, 2, .used = true },
	[0x16] = { WIRE_EXT, 0, 4, .used = true },
	[0x17] = { WIRE_EXT, 0, 8, .used = true },
	[0x18] = { WIRE_EXT, 0, 16, .used = true },
	[0x19] = { WIRE_STR, 1, .length = true, .used = true },
	[0x1a] = { WIRE_STR, 2, .length = true, .used = true },
	[0x1b] = { WIRE_STR, 4, .length = true, .used = true },
	[0x1c] = { WIRE_ARRAY, 2, .length = true, .used = true },
	[0x1d] = { WIRE_ARRAY, 4, .length = true, .used = true },
	[0x1e] = { WIRE_MAP, 2, .length = true, .used = true },
	[0x1f] = { WIRE_MAP, 4, .length = true, .used = true },
};

static size_t left(const struct wire *w) { return (size_t)(w->end - w->p); }

/* Numbers and lengths are big endian. */
static uint64_t take_number(struct wire *w, size_t width)
{
	uint64_t v = 0;

	while (width-- > 0)
		v = v << 8 | *w->p++;
	return v;
}

static void set_signed(struct wire_head *h, size_t width)
{
	unsigned shift = (unsigned)(64 - 8 * width);
	int64_t v = (int64_t)(h->u << shift) >> shift;

	if (v >= 0)
		return;
	h->type = WIRE_NEGINT;
	h->i = v;
}

/* The bytes, or at least one byte for each element, must be there: no length of a peer's is believed beyond what it sent. */
static int check_length(struct wire *w, struct wire_head *h)
{
	size_t need = h->len;

	if (h->type == WIRE_MAP && need > SIZE_MAX / 2)
		return -EBADMSG;
	if (h->type == WIRE_MAP)
		need *= 2;
	if (h->type == WIRE_EXT)
		need = ++h->len;        /* its type byte; a length is 32 bits, so this cannot wrap */
	return need <= left(w) ? 0 : -EBADMSG;
}

static int lead_head(struct wire *w, uint8_t first, struct wire_head *h)
{
	const struct lead *l = &leads[first - 0xc0];

	if (!l->used || left(w) < l->width)
		return -EBADMSG;
	h->type = l->type;
	if (l->length) {
		h->len = (size_t)take_number(w, l->width);
		return check_length(w, h);
	}
	if (l->type == WIRE_EXT) {
		h->len = l->fixed_len;
		return check_length(w, h);
	}
	h->u = l->type == WIRE_BOOL ? first & 1 : take_number(w, l->width);
	if (l->is_signed)
		set_signed(h, l->width);
	return 0;
}

int wire_head(struct wire *w, struct wire_head *ret)
{
	uint8_t first;

	*ret = (struct wire_head){ .type = WIRE_NIL };
	if (w->p == w->end)
		return -EBADMSG;
	first = *w->p++;
	if (first < 0x80) {
		ret->type = WIRE_UINT;
		ret->u = first;
		return 0;
	}
	if (first >= 0xe0) {
		ret->type = WIRE_NEGINT;
		ret->i = (int8_t)first;
		return 0;
	}
	if (first >= 0xc0)
		return lead_head(w, first, ret);
	ret->type = first < 0x90 ? WIRE_MAP : first < 0xa0 ? WIRE_ARRAY : WIRE_STR;
	ret->len = first & (first < 0xa0 ? 0x0f : 0x1f);
	return check_length(w, ret);
}

const void *wire_take(struct wire *w, size_t n)
{
	const void *p = w->p;

	w->p += n;
	return p;
}

static int skip(struct wire *w, unsigned depth)
{
	struct wire_head h;
	size_t n = 0;
	int r = wire_head(w, &h);

	if (r < 0 || depth == 0)
		return -EBADMSG;
	if (h.type == WIRE_STR || h.type == WIRE_BIN || h.type == WIRE_EXT)
		wire_take(w, h.len);
	else if (h.type == WIRE_ARRAY || h.type == WIRE_MAP)
		n = h.type == WIRE_MAP ? h.len * 2 : h.len;
	while (n-- > 0 && r == 0)
		r = skip(w, depth - 1);
	return r;
}

int wire_skip(struct wire *w) { return skip(w, WIRE_DEPTH); }

static int head_of(struct wire *w, enum wire_type type, size_t *n)
{
	struct wire_head h;
	int r = wire_head(w, &h);

	if (r < 0 || h.type != type)
		return -EBADMSG;
	*n = h.len;
	return 0;
}

int wire_array(struct wire *w, size_t *n) { return head_of(w, WIRE_ARRAY, n); }
int wire_map(struct wire *w, size_t *n) { return head_of(w, WIRE_MAP, n); }

int wire_uint(struct wire *w, uint64_t max, uint64_t *ret)
{
	struct wire_head h;
	int r = wire_head(w, &h);

	if (r < 0 || h.type != WIRE_UINT || h.u > max)
		return -EBADMSG;
	*ret = h.u;
	return 0;
}

int wire_int(struct wire *w, int64_t min, int64_t max, int64_t *ret)
{
	struct wire_head h;
	int r = wire_head(w, &h);

	if (r < 0)
		return -EBADMSG;
	if (h.type == WIRE_UINT && h.u <= INT64_MAX)
		h.i = (int64_t)h.u;
	else if (h.type != WIRE_NEGINT)
		return -EBADMSG;
	if (h.i < min || h.i > max)
		return -EBADMSG;
	*ret = h.i;
	return 0;
}
