/* envfile.c - lines NAME=VALUE as EnvironmentFile= has them */
#include <ctype.h>
#include "buf.h"
#include "exec/envfile.h"

static bool name_valid(const char *s, size_t n)
{
	if (n == 0 || isdigit((unsigned char)*s))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)s[i]) && s[i] != '_')
			return false;
	return true;
}

/*
 * A value as a shell would read it, without expansions: quoted pieces and plain ones join; in double quotes a backslash escapes
 * only " \ ` $, outside any character; before a newline it joins lines. White space at the end of a plain piece goes.
 */
static const char *read_value(const char *p, const char *end, struct buf *out)
{
	size_t keep = 0;        /* what must not be trimmed */

	while (p < end && *p != '\n') {
		if (*p == '\'' || *p == '"') {
			char quote = *p++;

			for (; p < end && *p != quote; p++) {
				if (quote == '"' && *p == '\\' && p + 1 < end && (strchr("\"\\`$", p[1]) || p[1] == '\n')) {
					p++;
					if (*p == '\n')
						continue;
				}
				buf_addc(out, *p);
			}
			p += p < end;
			keep = out->len;
		} else if (*p == '\\' && p + 1 < end) {
			if (p[1] != '\n')
				buf_addc(out, p[1]);
			p += 2;
			keep = out->len;
		} else {
			if (*p != '\r')
				buf_addc(out, *p);
			if (!isspace((unsigned char)*p))
				keep = out->len;
			p++;
		}
	}
	out->len = MIN(out->len, keep);
	return p;
}

/* the assignment at *p, which goes behind it; NULL: none there */
static char *read_assignment(const char **p, const char *end)
{
	const char *name = *p, *eq = name;
	struct buf b = { 0 }, value = { 0 };
	size_t len;

	while (eq < end && *eq != '=' && *eq != '\n')
		eq++;
	*p = eq;
	if (eq >= end || *eq == '\n')
		return NULL;
	*p = eq + 1;
	while (eq > name && isspace((unsigned char)eq[-1]))
		eq--;
	while (*p < end && (**p == ' ' || **p == '\t'))
		++*p;
	len = (size_t)(eq - name);
	buf_add(&b, name, len);
	buf_addc(&b, '=');
	*p = read_value(*p, end, &value);
	buf_add(&b, value.data, value.len);
	buf_finish(&value);
	if (name_valid(name, len) && !memchr(b.data, 0, b.len))
		return buf_take_str(&b);
	buf_finish(&b);
	return NULL;
}

int envfile_parse(const char *text, size_t n, int (*assign)(void *arg, char *assignment), void *arg)
{
	const char *p = text, *end = text + n;
	int r = 0;

	while (p < end && r >= 0) {
		while (p < end && isspace((unsigned char)*p))
			p++;
		if (p < end && (*p == '#' || *p == ';')) {      /* a comment goes on after a backslash */
			while (p < end && *p != '\n')
				p += *p == '\\' && p + 1 < end ? 2 : 1;
			continue;
		}
		char *a = read_assignment(&p, end);

		if (a)
			r = assign(arg, a);
	}
	return MIN(r, 0);
}
