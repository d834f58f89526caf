/* json.c - see devctl.h; RFC 8259 */
#include "devctl.h"

/* length of a UTF-8 sequence at @s, 0: none */
static size_t sequence(const unsigned char *s)
{
	size_t n = *s < 0x80 ? 1 : *s >= 0xc2 && *s < 0xe0 ? 2 : *s >= 0xe0 && *s < 0xf0 ? 3 : *s >= 0xf0 && *s < 0xf5 ? 4 : 0;

	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

void json_string(struct buf *out, const char *s)
{
	buf_addc(out, '"');
	while (*s) {
		size_t n = sequence((const unsigned char *)s);

		if (n == 0 || (unsigned char)*s < 0x20 || *s == 0x7f) {
			buf_addf(out, "\\u%04x", (unsigned char)*s++);
			continue;
		}
		if (*s == '"' || *s == '\\')
			buf_addc(out, '\\');
		buf_add(out, s, n);
		s += n;
	}
	buf_addc(out, '"');
}

void json_key(struct buf *out, const char *key)
{
	if (out->len > 0 && out->data[out->len - 1] != '{' && out->data[out->len - 1] != '[')
		buf_adds(out, ", ");
	json_string(out, key);
	buf_adds(out, ": ");
}

void json_words(struct buf *out, const char *key, const char *const *v, size_t n, size_t skip)
{
	json_key(out, key);
	buf_addc(out, '[');
	for (size_t i = 0; i < n; i++) {
		buf_adds(out, i ? ", " : "");
		json_string(out, v[i] + skip);
	}
	buf_addc(out, ']');
}
