/* msg-text.c - messages for people and scripts: plain lines, and JSON */
#include <math.h>
#include "msg-value.h"

static void print_struct(const struct msg_desc *d, const void *v, unsigned depth, struct buf *out);
static void json_struct(const struct msg_desc *d, const void *v, struct buf *out);

static void add_int(const struct msg_field *f, const void *p, struct buf *out)
{
	struct msg_int v = msg_load_int(f->kind, p);

	if (v.is_signed)
		buf_addf(out, "%lld", (long long)v.u);
	else
		buf_addf(out, "%llu", (unsigned long long)v.u);
}

static const char *enum_name(const struct msg_field *f, const void *p)
{
	return msg_enum_name(f->en, (int32_t)msg_load_int(MSG_ENUM, p).u);
}

/* A terminal must not be told what to do by a message: control characters are shown as \n, \t, \xNN. */
static void add_plain(const char *s, size_t n, struct buf *out)
{
	for (; n > 0; n--, s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '\n' || c == '\t')
			buf_adds(out, c == '\n' ? "\\n" : "\\t");
		else if (c < ' ' || c == 127)
			buf_addf(out, "\\x%02x", (unsigned)c);
		else
			buf_addc(out, (char)c);
	}
}

static void add_hex(const struct msg_bytes *b, struct buf *out)
{
	for (size_t i = 0; i < b->len; i++)
		buf_addf(out, "%02x", (unsigned)((const uint8_t *)b->data)[i]);
}

static void print_scalar(const struct msg_field *f, const void *p, struct buf *out)
{
	const char *s;

	if (f->kind == MSG_BOOL) {
		buf_adds(out, *(const bool *)p ? "yes" : "no");
	} else if (f->kind == MSG_F64) {
		buf_addf(out, "%.17g", *(const double *)p);
	} else if (f->kind == MSG_STR) {
		memcpy(&s, p, sizeof(s));
		add_plain(s ? s : "", s ? strlen(s) : 0, out);
	} else if (f->kind == MSG_BYTES) {
		add_hex(p, out);
	} else if (f->kind == MSG_ENUM && enum_name(f, p)) {
		buf_adds(out, enum_name(f, p));
	} else {
		add_int(f, p, out);
	}
}

static void print_value(const struct msg_field *f, const void *p, unsigned depth, struct buf *out)
{
	for (unsigned i = 0; i < depth; i++)
		buf_adds(out, "  ");
	buf_addf(out, "%s:", f->name);
	if (f->kind == MSG_STRUCT) {
		buf_addc(out, '\n');
		print_struct(f->sub, p, depth + 1, out);
		return;
	}
	buf_addc(out, ' ');
	print_scalar(f, p, out);
	buf_addc(out, '\n');
}

/* A list is its field's name again and again, as msg_from_args() reads it. */
static void print_struct(const struct msg_desc *d, const void *v, unsigned depth, struct buf *out)
{
	for (size_t i = 0; i < d->n_fields; i++) {
		const struct msg_field *f = &d->fields[i];
		const char *p = (const char *)v + f->off;
		size_t n = 1;

		if (!msg_present(f, v))
			continue;
		if (f->list)
			p = msg_list(f, v, &n);
		for (size_t k = 0; k < n; k++)
			print_value(f, p + k * msg_value_size(f), depth, out);
	}
}

void msg_print(const struct msg_desc *d, const void *v, struct buf *out) { print_struct(d, v, 0, out); }

/* Bytes of one well-formed UTF-8 character at s; 0: none (RFC 3629). */
static size_t utf8_length(const unsigned char *s)
{
	size_t n = s[0] < 0x80 ? 1 : s[0] >= 0xc2 && s[0] < 0xe0 ? 2 : (s[0] & 0xf0) == 0xe0 ? 3 : s[0] >= 0xf0 && s[0] < 0xf5 ? 4 : 0;

	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] >= 0xa0) || (s[0] == 0xf0 && s[1] < 0x90) ||
	    (s[0] == 0xf4 && s[1] >= 0x90))
		return 0;
	return n;
}

/* RFC 8259; bytes that are no UTF-8 become U+FFFD. */
static void json_string(const char *s, struct buf *out)
{
	buf_addc(out, '"');
	while (s && *s) {
		size_t n = utf8_length((const unsigned char *)s);

		if (n == 0)
			buf_adds(out, "\\ufffd");
		else if ((unsigned char)*s < ' ' || *s == 127)
			buf_addf(out, "\\u%04x", (unsigned)(unsigned char)*s);
		else if (*s == '"' || *s == '\\')
			buf_addf(out, "\\%c", *s);
		else
			buf_add(out, s, n);
		s += MAX(n, (size_t)1);
	}
	buf_addc(out, '"');
}

/* RFC 4648, section 4. */
static void json_base64(const struct msg_bytes *b, struct buf *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const uint8_t *p = b->data;

	buf_addc(out, '"');
	for (size_t i = 0; i < b->len; i += 3) {
		size_t have = MIN(b->len - i, (size_t)3);
		uint32_t v = (uint32_t)p[i] << 16 | (have > 1 ? (uint32_t)p[i + 1] << 8 : 0) | (have > 2 ? p[i + 2] : 0);

		for (size_t k = 0; k < 4; k++)
			buf_addc(out, k <= have ? digits[v >> (18 - 6 * k) & 63] : '=');
	}
	buf_addc(out, '"');
}

static void json_value(const struct msg_field *f, const void *p, struct buf *out)
{
	const char *s;

	if (f->kind == MSG_STRUCT) {
		json_struct(f->sub, p, out);
	} else if (f->kind == MSG_BOOL) {
		buf_adds(out, *(const bool *)p ? "true" : "false");
	} else if (f->kind == MSG_STR) {
		memcpy(&s, p, sizeof(s));
		json_string(s, out);
	} else if (f->kind == MSG_BYTES) {
		json_base64(p, out);
	} else if (f->kind == MSG_F64 && !isfinite(*(const double *)p)) {
		buf_adds(out, "null");          /* JSON has neither infinity nor NaN */
	} else if (f->kind == MSG_ENUM && enum_name(f, p)) {
		json_string(enum_name(f, p), out);
	} else {
		print_scalar(f, p, out);
	}
}

static void json_list(const struct msg_field *f, const void *v, struct buf *out)
{
	size_t n;
	const char *p = msg_list(f, v, &n);

	buf_addc(out, '[');
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_addc(out, ',');
		json_value(f, p + i * msg_value_size(f), out);
	}
	buf_addc(out, ']');
}

static void json_struct(const struct msg_desc *d, const void *v, struct buf *out)
{
	bool first = true;

	buf_addc(out, '{');
	for (size_t i = 0; i < d->n_fields; i++) {
		const struct msg_field *f = &d->fields[i];

		if (!msg_present(f, v))
			continue;
		buf_addf(out, "%s\"%s\":", first ? "" : ",", f->name);
		first = false;
		if (f->list)
			json_list(f, v, out);
		else
			json_value(f, (const char *)v + f->off, out);
	}
	buf_addc(out, '}');
}

void msg_json(const struct msg_desc *d, const void *v, struct buf *out) { json_struct(d, v, out); }
