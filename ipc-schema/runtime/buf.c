/* buf.c - see buf.h */
#include <stdarg.h>
#include <stdio.h>
#include "buf.h"

static int fail(struct buf *b, int err)
{
	if (b->err == 0)
		b->err = err;
	return b->err;
}

int buf_reserve(struct buf *b, size_t more)
{
	size_t max = b->max ? b->max : BUF_MAX, cap = MAX(b->cap, (size_t)64);
	uint8_t *data;

	if (b->err)
		return b->err;
	if (b->fixed)
		max = b->cap;
	if (more > max || b->len > max - more)
		return fail(b, -E2BIG);
	if (b->len + more <= b->cap)
		return 0;
	while (cap < b->len + more)
		cap = cap > max / 2 ? max : cap * 2;
	data = realloc(b->data, cap);
	if (!data)
		return fail(b, -ENOMEM);
	b->data = data;
	b->cap = cap;
	return 0;
}

void buf_finish(struct buf *b)
{
	if (!b->fixed) {
		free(b->data);
		*b = (struct buf){ .max = b->max };
	}
	buf_reset(b);
}

void buf_reset(struct buf *b)
{
	b->len = 0;
	b->err = 0;
}

void buf_add(struct buf *b, const void *p, size_t n)
{
	if (n == 0 || buf_reserve(b, n) < 0)
		return;
	memcpy(b->data + b->len, p, n);
	b->len += n;
}

void buf_addc(struct buf *b, char c) { buf_add(b, &c, 1); }
void buf_adds(struct buf *b, const char *s) { buf_add(b, s, strlen(s)); }

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap, again;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	/* vsnprintf() writes a NUL behind the text; in a fixed buffer there must be room for it too */
	if (n < 0)
		fail(b, -EINVAL);
	else if (buf_reserve(b, (size_t)n + 1) == 0)
		b->len += (size_t)vsnprintf((char *)b->data + b->len, (size_t)n + 1, fmt, again);
	va_end(again);
	va_end(ap);
}

void buf_drop_front(struct buf *b, size_t n)
{
	n = MIN(n, b->len);
	b->len -= n;
	if (n && b->len)
		memmove(b->data, b->data + n, b->len);
}

int buf_error(const struct buf *b) { return b->err; }

const char *buf_str(struct buf *b)
{
	if (b->err || (b->len == 0 && !b->data))
		return b->err ? NULL : "";
	if (buf_reserve(b, 1) < 0)
		return NULL;
	b->data[b->len] = '\0';
	return (const char *)b->data;
}

char *buf_take_str(struct buf *b)
{
	char *s;

	if (b->fixed || buf_reserve(b, 1) < 0)
		return NULL;
	b->data[b->len] = '\0';
	s = (char *)b->data;
	*b = (struct buf){ .max = b->max };
	return s;
}
