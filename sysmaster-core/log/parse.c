/* parse.c - what programs send to a log collector */
#include <ctype.h>
#include <syslog.h>
#include "log/parse.h"

#define PRIORITY_MAX 191

static void take(char *to, size_t size, const char *p, size_t n)
{
	n = MIN(n, size - 1);
	for (size_t i = 0; i < n; i++)
		to[i] = isprint((unsigned char)p[i]) && p[i] != ' ' ? p[i] : '_';
	to[n] = '\0';
}

/* digits up to @end; -1: something else */
static int number(const char *p, const char *end, unsigned max)
{
	unsigned v = 0;

	if (p == end)
		return -1;
	for (; p < end; p++) {
		if (*p < '0' || *p > '9' || v > max)
			return -1;
		v = v * 10 + (unsigned)(*p - '0');
	}
	return v <= max ? (int)v : -1;
}

/* ---- streams ---- */

int head_parse(const char *p, size_t n, struct head *ret)
{
	const char *lines[8] = { p };
	struct head h = { 0 };
	int values[5];

	for (int i = 0; i < 7; i++) {
		const char *eol = memchr(lines[i], '\n', n - (size_t)(lines[i] - p));

		if (!eol)
			return n >= PARSE_HEAD_MAX ? -EBADMSG : 0;
		lines[i + 1] = eol + 1;
	}
	if ((size_t)(lines[7] - p) > PARSE_HEAD_MAX)
		return -EBADMSG;
	for (int i = 0; i < 5; i++) {
		values[i] = number(lines[2 + i], lines[3 + i] - 1, i ? 1 : PRIORITY_MAX);
		if (values[i] < 0)
			return -EBADMSG;
	}
	take(h.ident, sizeof(h.ident), lines[0], (size_t)(lines[1] - lines[0]) - 1);
	take(h.unit, sizeof(h.unit), lines[1], (size_t)(lines[2] - lines[1]) - 1);
	h.priority = (unsigned)values[0];
	h.level_prefix = values[1];
	h.to_syslog = values[2];
	h.to_kmsg = values[3];
	h.to_console = values[4];
	*ret = h;
	return (int)(lines[7] - p);
}

size_t level_parse(const char *p, size_t n, unsigned *priority)
{
	const char *end = n && *p == '<' ? memchr(p, '>', MIN(n, (size_t)5)) : NULL;
	int v = end ? number(p + 1, end, PRIORITY_MAX) : -1;

	if (v < 0)
		return 0;
	*priority = v > LOG_PRIMASK ? (unsigned)v : (*priority & ~(unsigned)LOG_PRIMASK) | (unsigned)v;
	return (size_t)(end - p) + 1;
}

/* ---- datagrams ---- */

/* "Nov 30 18:01:02 " */
static size_t time_stamp(const char *p, size_t n)
{
	static const char shape[] = "Aaa 99 99:99:99 ";

	if (n < sizeof(shape) - 1)
		return 0;
	for (size_t i = 0; i < sizeof(shape) - 1; i++) {
		unsigned char c = (unsigned char)p[i];
		bool fits = shape[i] == '9' ? isdigit(c) || (c == ' ' && i == 4) : isalpha((unsigned char)shape[i]) ? isalpha(c) : c == (unsigned char)shape[i];

		if (!fits)
			return 0;
	}
	return sizeof(shape) - 1;
}

void syslog_parse(const char *p, size_t n, struct message *ret)
{
	struct message m = { .priority = LOG_USER | LOG_INFO };
	size_t used = level_parse(p, n, &m.priority), len;

	p += used;
	n -= used;
	used = time_stamp(p, n);
	p += used;
	n -= used;
	for (len = 0; len < n && len < PARSE_IDENT_MAX && isgraph((unsigned char)p[len]) && p[len] != ':' && p[len] != '['; len++)
		;
	used = len;
	if (len && used < n && p[used] == '[') {
		const char *close = memchr(p + used, ']', MIN(n - used, (size_t)12));
		int pid = close ? number(p + used + 1, close, 1u << 30) : -1;

		used = pid > 0 ? (size_t)(close - p) + 1 : n;
		m.pid = pid > 0 ? (uint32_t)pid : 0;
	}
	if (len && used < n && p[used] == ':') {
		take(m.ident, sizeof(m.ident), p, len);
		used++;
		used += used < n && p[used] == ' ';
		p += used;
		n -= used;
	} else {
		m.pid = 0;
	}
	while (n && (p[n - 1] == '\n' || p[n - 1] == '\0'))
		n--;
	m.text = p;
	m.len = n;
	*ret = m;
}

static void take_field(struct message *m, const char *name, size_t name_len, const char *value, size_t len)
{
#define IS(s) (name_len == sizeof(s) - 1 && memcmp(name, s, sizeof(s) - 1) == 0)
	int v;

	if (IS("MESSAGE")) {
		m->text = value;
		m->len = len;
	} else if (IS("PRIORITY") && (v = number(value, value + len, LOG_PRIMASK)) >= 0) {
		m->priority = (m->priority & ~(unsigned)LOG_PRIMASK) | (unsigned)v;
	} else if (IS("SYSLOG_FACILITY") && (v = number(value, value + len, PRIORITY_MAX >> 3)) >= 0) {
		m->priority = (m->priority & LOG_PRIMASK) | (unsigned)v << 3;
	} else if (IS("SYSLOG_IDENTIFIER")) {
		take(m->ident, sizeof(m->ident), value, len);
	}
#undef IS
}

int native_parse(const char *p, size_t n, struct message *ret)
{
	struct message m = { .priority = LOG_USER | LOG_INFO };
	const char *end = p + n;

	while (p < end) {
		const char *eol = memchr(p, '\n', (size_t)(end - p)) ?: end, *eq = memchr(p, '=', (size_t)(eol - p));
		uint64_t len = 0;

		if (eq) {
			take_field(&m, p, (size_t)(eq - p), eq + 1, (size_t)(eol - eq) - 1);
			p = eol < end ? eol + 1 : end;
			continue;
		}
		if (eol == p || end - eol < 9) {        /* an empty line; a name with nothing behind it */
			p = eol < end ? eol + 1 : end;
			continue;
		}
		for (int i = 7; i >= 0; i--)
			len = len << 8 | (unsigned char)eol[1 + i];
		if (len > (uint64_t)(end - eol - 9))
			return -EBADMSG;
		take_field(&m, p, (size_t)(eol - p), eol + 9, len);
		p = eol + 9 + len;
		p += p < end && *p == '\n';
	}
	*ret = m;
	return m.text ? 0 : -EBADMSG;
}
