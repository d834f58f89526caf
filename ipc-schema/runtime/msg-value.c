/* msg-value.c - see msg-value.h */
#include <stdarg.h>
#include "msg-value.h"

static const struct kind { uint8_t size; bool integer, is_signed; int64_t lo; uint64_t hi; } kinds[] = {
	[MSG_BOOL] = { sizeof(bool), false, false, 0, 1 },
	[MSG_U8] = { 1, true, false, 0, UINT8_MAX },
	[MSG_U16] = { 2, true, false, 0, UINT16_MAX },
	[MSG_U32] = { 4, true, false, 0, UINT32_MAX },
	[MSG_U64] = { 8, true, false, 0, UINT64_MAX },
	[MSG_I32] = { 4, true, true, INT32_MIN, INT32_MAX },
	[MSG_I64] = { 8, true, true, INT64_MIN, INT64_MAX },
	[MSG_F64] = { sizeof(double), false, false, 0, 0 },
	[MSG_STR] = { sizeof(char *), false, false, 0, 0 },
	[MSG_BYTES] = { sizeof(struct msg_bytes), false, false, 0, 0 },
	[MSG_ENUM] = { 4, false, true, INT32_MIN, INT32_MAX },
	[MSG_STRUCT] = { 0, false, false, 0, 0 },
};

size_t msg_value_size(const struct msg_field *f) { return f->kind == MSG_STRUCT ? f->sub->size : kinds[f->kind].size; }
bool msg_is_int(enum msg_kind kind) { return kinds[kind].integer; }

bool msg_present(const struct msg_field *f, const void *v)
{
	const char *s;

	if (!f->optional)
		return true;
	if (f->off_has != UINT32_MAX)
		return *((const bool *)v + f->off_has);
	memcpy(&s, (const char *)v + f->off, sizeof(s));
	return s != NULL;
}

void msg_set_present(const struct msg_field *f, void *v)
{
	if (f->off_has != UINT32_MAX)
		*((bool *)v + f->off_has) = true;
}

struct msg_int msg_load_int(enum msg_kind kind, const void *p)
{
	struct msg_int v = { .is_signed = kinds[kind].is_signed };

	switch (kinds[kind].size) {             /* by width; signed kinds are 4 or 8 wide */
	case 1:
		v.u = *(const uint8_t *)p;
		break;
	case 2:
		v.u = *(const uint16_t *)p;
		break;
	case 4:
		v.u = v.is_signed ? (uint64_t)(int64_t)*(const int32_t *)p : *(const uint32_t *)p;
		break;
	default:
		v.u = *(const uint64_t *)p;
		break;
	}
	return v;
}

bool msg_in_range(const struct msg_field *f, struct msg_int v)
{
	bool negative = v.is_signed && (int64_t)v.u < 0;

	if (negative ? (int64_t)v.u < kinds[f->kind].lo : v.u > kinds[f->kind].hi)
		return false;
	if (!f->ranged)
		return true;
	if (negative)
		return (int64_t)v.u >= f->lo && (int64_t)v.u <= f->hi;
	return f->hi >= 0 && v.u <= (uint64_t)f->hi && (f->lo <= 0 || v.u >= (uint64_t)f->lo);
}

int msg_store_int(const struct msg_field *f, void *p, struct msg_int v)
{
	if (!msg_in_range(f, v))
		return -ERANGE;
	switch (kinds[f->kind].size) {
	case 1:
		*(uint8_t *)p = (uint8_t)v.u;
		break;
	case 2:
		*(uint16_t *)p = (uint16_t)v.u;
		break;
	case 4:
		*(uint32_t *)p = (uint32_t)v.u;
		break;
	default:
		*(uint64_t *)p = v.u;
		break;
	}
	return 0;
}

void msg_why(char *why, const char *name, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (!why)
		return;
	n = name ? snprintf(why, MSG_WHY, "field %s: ", name) : 0;
	if (n < 0 || n >= MSG_WHY)
		return;
	va_start(ap, fmt);
	vsnprintf(why + n, (size_t)(MSG_WHY - n), fmt, ap);
	va_end(ap);
}

const char *msg_enum_name(const struct msg_enum *e, int32_t v)
{
	for (size_t i = 0; i < e->n_values; i++)
		if (e->values[i].value == v)
			return e->values[i].name;
	return NULL;
}

int msg_enum_value(const struct msg_enum *e, const char *name, int32_t *ret)
{
	for (size_t i = 0; i < e->n_values; i++)
		if (streq(e->values[i].name, name)) {
			*ret = e->values[i].value;
			return 0;
		}
	return -EINVAL;
}

const struct msg_method *msg_method_by_id(const struct msg_socket *s, uint32_t id)
{
	for (size_t i = 0; i < s->n_methods; i++)
		if (s->methods[i].id == id)
			return &s->methods[i];
	return NULL;
}

const struct msg_method *msg_method_by_name(const struct msg_socket *s, const char *name)
{
	for (size_t i = 0; i < s->n_methods; i++)
		if (streq(s->methods[i].name, name))
			return &s->methods[i];
	return NULL;
}

const struct msg_event *msg_event_by_id(const struct msg_socket *s, uint32_t id)
{
	for (size_t i = 0; i < s->n_events; i++)
		if (s->events[i].id == id)
			return &s->events[i];
	return NULL;
}
