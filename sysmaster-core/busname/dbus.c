/* dbus.c - see dbus.h */
#include <errno.h>
#include <string.h>
#include "dbus.h"

enum { FIELD_PATH = 1, FIELD_INTERFACE = 2, FIELD_MEMBER = 3, FIELD_REPLY_SERIAL = 5, FIELD_DESTINATION = 6, FIELD_SIGNATURE = 8 };
#define FIXED_SIZE 16                           /* of a header, the length of its fields included */

/* ---- writing ---- */

static void align(struct buf *b, size_t to)
{
	while (b->len % to)
		buf_addc(b, 0);
}

static void put_u32(struct buf *b, uint32_t v)
{
	align(b, 4);
	buf_add(b, (const uint8_t[]){ (uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24) }, 4);
}

static void put_string(struct buf *b, const char *s)
{
	put_u32(b, (uint32_t)strlen(s));
	buf_add(b, s, strlen(s) + 1);
}

static void put_field(struct buf *b, int code, char type, const char *value)
{
	align(b, 8);
	buf_add(b, (const char[]){ (char)code, 1, type, 0 }, 4);
	if (type == 'g') {
		buf_addc(b, (char)strlen(value));
		buf_add(b, value, strlen(value) + 1);
	} else {
		put_string(b, value);
	}
}

void dbus_call(struct buf *out, uint32_t serial, const char *member, const char *arg)
{
	struct buf fields = { 0 }, body = { 0 };

	put_field(&fields, FIELD_PATH, 'o', "/org/freedesktop/DBus");
	put_field(&fields, FIELD_INTERFACE, 's', "org.freedesktop.DBus");
	put_field(&fields, FIELD_MEMBER, 's', member);
	put_field(&fields, FIELD_DESTINATION, 's', "org.freedesktop.DBus");
	if (arg) {
		put_field(&fields, FIELD_SIGNATURE, 'g', "s");
		put_string(&body, arg);
	}
	struct buf m = { 0 };

	buf_add(&m, (const char[]){ 'l', DBUS_CALL, 0, 1 }, 4);
	put_u32(&m, (uint32_t)body.len);
	put_u32(&m, serial);
	put_u32(&m, (uint32_t)fields.len);              /* the fields begin at a multiple of 8, so they stand as they were laid out */
	buf_add(&m, fields.data, fields.len);
	align(&m, 8);
	buf_add(&m, body.data, body.len);
	buf_add(out, m.data, m.len);
	if (buf_error(&fields) < 0 || buf_error(&body) < 0 || buf_error(&m) < 0)
		out->err = -ENOMEM;
	buf_finish(&fields);
	buf_finish(&body);
	buf_finish(&m);
}

/* ---- reading ---- */

struct reader { const uint8_t *data; size_t n, at; };

static uint32_t u32_at(const uint8_t *p) { return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24; }

static bool skip_to(struct reader *r, size_t to)
{
	r->at = (r->at + to - 1) / to * to;
	return r->at <= r->n;
}

static bool get_u32(struct reader *r, uint32_t *ret)
{
	if (!skip_to(r, 4) || r->n - r->at < 4)
		return false;
	*ret = u32_at(r->data + r->at);
	r->at += 4;
	return true;
}

/* @n bytes and the NUL behind them, which is the only one */
static const char *get_text(struct reader *r, size_t n)
{
	const char *s = (const char *)r->data + r->at;

	if (r->n - r->at <= n || memchr(s, 0, n + 1) != s + n)
		return NULL;
	r->at += n + 1;
	return s;
}

static const char *get_string(struct reader *r)
{
	uint32_t n;

	return get_u32(r, &n) ? get_text(r, n) : NULL;
}

static const char *get_signature(struct reader *r)
{
	if (r->at >= r->n)
		return NULL;
	r->at++;
	return get_text(r, r->data[r->at - 1]);
}

/* one (code, value); the types are those that the specification gives to header fields */
static bool get_field(struct reader *r, struct dbus_message *m)
{
	const char *type, *text = NULL;
	uint32_t number = 0;
	uint8_t code;

	if (!skip_to(r, 8) || r->at >= r->n)
		return false;
	code = r->data[r->at++];
	type = get_signature(r);
	if (!type || !*type || type[1])
		return false;
	if (*type == 'u' ? !get_u32(r, &number) : !(text = *type == 'g' ? get_signature(r) : *type == 's' || *type == 'o' ? get_string(r) : NULL))
		return false;
	if (code == FIELD_MEMBER && text)
		m->member = text;
	else if (code == FIELD_SIGNATURE && *type == 'g')
		m->signature = text;
	else if (code == FIELD_REPLY_SERIAL && !text)
		m->reply_serial = number;
	return true;
}

ssize_t dbus_parse(const uint8_t *data, size_t n, struct dbus_message *ret)
{
	struct dbus_message m = { .member = "", .signature = "" };
	size_t fields, body, begin;

	if (n < FIXED_SIZE)
		return 0;
	body = u32_at(data + 4);
	fields = u32_at(data + 12);
	if (data[0] != 'l' || data[3] != 1 || data[1] < DBUS_CALL || body > DBUS_MESSAGE_MAX || fields > DBUS_MESSAGE_MAX)
		return -EBADMSG;
	begin = (FIXED_SIZE + fields + 7) / 8 * 8;
	if (begin + body > DBUS_MESSAGE_MAX)
		return -EBADMSG;
	if (n < begin + body)
		return 0;
	for (struct reader r = { data, FIXED_SIZE + fields, FIXED_SIZE }; r.at < r.n;)
		if (!get_field(&r, &m))
			return -EBADMSG;
	m.type = data[1];
	m.body = data + begin;
	m.n_body = body;
	*ret = m;
	return (ssize_t)(begin + body);
}

int dbus_body_bool(const struct dbus_message *m, bool *ret)
{
	if (strcmp(m->signature, "b") != 0 || m->n_body != 4 || u32_at(m->body) > 1)
		return -EBADMSG;
	*ret = u32_at(m->body);
	return 0;
}

const char *dbus_body_string(const struct dbus_message *m, unsigned index)
{
	struct reader r = { m->body, m->n_body, 0 };
	const char *s = NULL;

	if (strspn(m->signature, "s") <= index)
		return NULL;
	for (unsigned i = 0; i <= index; i++) {
		s = get_string(&r);
		if (!s)
			return NULL;
	}
	return s;
}
