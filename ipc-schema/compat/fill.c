/* fill.c - see fill.h */
#include "fill.h"
#include "msg-value.h"

static int fill_value(const struct msg_field *f, void *p, bool all, struct arena *a)
{
	double half = 0.5;
	const char *text = "x";

	switch ((enum msg_kind)f->kind) {
	case MSG_STRUCT:
		return fill(f->sub, p, all, a);
	case MSG_BOOL:
		*(bool *)p = true;
		return 0;
	case MSG_F64:
		memcpy(p, &half, sizeof(half));
		return 0;
	case MSG_STR:
		memcpy(p, &text, sizeof(text));
		return 0;
	case MSG_BYTES:
		*(struct msg_bytes *)p = (struct msg_bytes){ text, 1 };
		return 0;
	case MSG_ENUM:
		return msg_store_int(f, p, (struct msg_int){ (uint64_t)(int64_t)f->en->values[0].value, true });
	case MSG_U8:
	case MSG_U16:
	case MSG_U32:
	case MSG_U64:
	case MSG_I32:
	case MSG_I64:
		break;
	}
	return msg_store_int(f, p, (struct msg_int){ f->ranged ? (uint64_t)f->lo : 1, true });
}

static int fill_list(const struct msg_field *f, void *v, bool all, struct arena *a)
{
	void *first = arena_alloc(a, msg_value_size(f), sizeof(uint64_t));
	size_t n = 1;

	if (!first)
		return -ENOMEM;
	memcpy((char *)v + f->off, &first, sizeof(first));
	memcpy((char *)v + f->off_n, &n, sizeof(n));
	return fill_value(f, first, all, a);
}

int fill(const struct msg_desc *d, void *v, bool all, struct arena *a)
{
	int r = 0;

	memset(v, 0, d->size);
	for (size_t i = 0; i < d->n_fields && r == 0; i++) {
		const struct msg_field *f = &d->fields[i];

		if (f->optional && !all)
			continue;
		msg_set_present(f, v);
		r = f->list ? fill_list(f, v, all, a) : fill_value(f, (char *)v + f->off, all, a);
	}
	return r;
}
