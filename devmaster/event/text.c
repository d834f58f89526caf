/* text.c - bytes that names may hold, property lines, words of commands; udev(7) SYMLINK, RUN, IMPORT */
#include <stdio.h>
#include "event.h"

#define BLANKS " \t\n\r"
#define ALLOWED "#+-.:=@_"

static bool alnum(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/* bytes of a valid UTF-8 sequence of two or more; 0: none */
static size_t utf8_len(const char *s)
{
	const unsigned char *u = (const unsigned char *)s;
	size_t n = u[0] >= 0xf0 && u[0] < 0xf5 ? 4 : u[0] >= 0xe0 && u[0] < 0xf0 ? 3 : u[0] >= 0xc2 && u[0] < 0xe0 ? 2 : 0;
	uint32_t c = n ? u[0] & (0xffu >> (n + 1)) : 0;

	for (size_t i = 1; i < n; i++) {
		if ((u[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (u[i] & 0x3f);
	}
	if ((n == 3 && (c < 0x800 || (c >= 0xd800 && c < 0xe000))) || (n == 4 && (c < 0x10000 || c > 0x10ffff)))
		return 0;
	return n;
}

void text_replace(char *s, const char *also)
{
	while (*s) {
		size_t n;

		if (alnum(*s) || strchr(ALLOWED, *s) || (also && strchr(also, *s)))
			s++;
		else if (s[0] == '\\' && s[1] == 'x')
			s += 2;
		else if ((n = utf8_len(s)) > 0)
			s += n;
		else
			*s = also && strchr(BLANKS "\v\f", *s) && strchr(also, ' ') ? ' ' : '_', s++;
	}
}

int text_encode(const char *s, char *out, size_t size)
{
	size_t at = 0;

	while (*s) {
		size_t n = alnum(*s) || strchr(ALLOWED, *s) ? 1 : utf8_len(s), need = n ? n : 4;

		if (size - at <= need)
			break;
		if (n)
			memcpy(out + at, s, n);
		else
			snprintf(out + at, size - at, "\\x%02x", (unsigned char)*s);
		at += need;
		s += n ? n : 1;
	}
	out[at] = '\0';
	return *s ? -E2BIG : 0;
}

void text_replace_ifname(char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s <= ' ' || (unsigned char)*s >= 0x7f || strchr(":/%", *s))
			*s = '_';
}

size_t text_underscores(char *s)
{
	size_t from = strspn(s, BLANKS), end = strlen(s), to = 0;

	while (end > from && strchr(BLANKS, s[end - 1]))
		end--;
	while (from < end) {
		if (strchr(BLANKS, s[from])) {
			from += strspn(s + from, BLANKS);
			s[to++] = '_';
		} else
			s[to++] = s[from++];
	}
	s[to] = '\0';
	return to;
}

void text_strip_end(char *s)
{
	size_t n = strlen(s);

	while (n > 0 && strchr(BLANKS, s[n - 1]))
		s[--n] = '\0';
}

int text_property(char *line, char **ret_key, char **ret_value)
{
	char *key = line + strspn(line, BLANKS), *value = strchr(key, '='), *end;

	if (!*key || *key == '#')
		return 0;
	if (!value || value == key)
		return -EINVAL;
	end = value;
	*value++ = '\0';
	while (end > key && strchr(BLANKS, end[-1]))
		*--end = '\0';
	value += strspn(value, BLANKS);
	text_strip_end(value);
	if (!*value)
		return 0;
	if (*value == '"' || *value == '\'') {
		size_t n = strlen(value);

		if (n == 1 || value[n - 1] != *value)
			return -EINVAL;
		value[n - 1] = '\0';
		value++;
	}
	if (!*key)
		return -EINVAL;
	*ret_key = key;
	*ret_value = value;
	return 1;
}

int event_words(char *command, char **argv, size_t max)
{
	size_t n = 0;
	char *s = command + strspn(command, BLANKS);

	while (*s) {
		char *out = s, *from = s;
		bool more;

		if (n + 1 >= max)
			return -E2BIG;
		argv[n++] = out;
		for (char quote = 0; *from && (quote || !strchr(BLANKS, *from)); from++) {
			if (quote ? *from == quote : *from == '\'' || *from == '"')
				quote = quote ? 0 : *from;
			else
				*out++ = *from;
		}
		more = *from != '\0';
		*out = '\0';
		s = from + more;
		s += strspn(s, BLANKS);
	}
	argv[n] = NULL;
	return (int)n;
}
