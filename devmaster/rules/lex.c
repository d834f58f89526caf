/* lex.c - one joined line of a rules file -> key{attribute} operator "value"; udev(7) "Rules files", "Values" */
#include "program.h"
#include "value.h"

#define BLANKS " \t\n\r"

static const struct { const char *text; enum rule_op op; } operators[] = {      /* longest first */
	{ "==", OP_MATCH }, { "!=", OP_NOMATCH }, { "+=", OP_ADD }, { "-=", OP_REMOVE }, { ":=", OP_ASSIGN_FINAL }, { "=", OP_ASSIGN },
};

static int bad(const char **why, const char **at, const char *text, const char *where)
{
	*why = text;
	*at = where;
	return -EINVAL;
}

static int read_operator(char **p, struct lexeme *ret, const char **why, const char **at)
{
	ret->op_at = *p;
	for (size_t i = 0; i < ARRAY_SIZE(operators); i++) {
		if (startswith(*p, operators[i].text)) {
			ret->op = operators[i].op;
			*p += strlen(operators[i].text);
			return 0;
		}
	}
	return bad(why, at, "expected one of == != = += -= :=", *p);
}

/* the rest of the value, *@p behind the opening quote: only \" is an escape */
static int read_plain(char **p, char *out, const char **why, const char **at)
{
	const char *opened = *p - 1;

	for (; **p != '"'; ++*p) {
		if (!**p)
			return bad(why, at, "the quote is not closed", opened);
		if ((*p)[0] == '\\' && (*p)[1] == '"')
			++*p;
		*out++ = **p;
	}
	++*p;
	*out = '\0';
	return 0;
}

static int read_escaped(char **p, char *out, const char **why, const char **at)
{
	const char *opened = *p - 1;
	size_t len;

	while (**p != '"') {
		int used;

		if (!**p)
			return bad(why, at, "the quote is not closed", opened);
		if (**p != '\\') {
			*out++ = *(*p)++;
			continue;
		}
		if (!(*p)[1])
			return bad(why, at, "the quote is not closed", opened);
		char bytes[4];

		used = value_unescape(*p + 1, bytes, &len);
		if (used < 0)
			return bad(why, at, "this is no C escape", *p);
		memcpy(out, bytes, len);        /* never longer than its escape */
		out += len;
		*p += used + 1;
	}
	++*p;
	*out = '\0';
	return 0;
}

static int read_value(char **p, struct lexeme *ret, const char **why, const char **at)
{
	bool escaped = false;

	ret->value_at = *p;
	ret->icase = false;
	for (; **p == 'e' || **p == 'i'; ++*p) {
		bool *which = **p == 'e' ? &escaped : &ret->icase;

		if (*which)
			return bad(why, at, "this prefix stands here twice", *p);
		*which = true;
	}
	if (**p != '"')
		return bad(why, at, "expected a value in double quotes", *p);
	ret->value = ++*p;
	return escaped ? read_escaped(p, ret->value, why, at) : read_plain(p, ret->value, why, at);
}

int lex_next(char **p, struct lexeme *ret, const char **why, const char **at)
{
	char *s = *p + strspn(*p, BLANKS ","), *key_end;
	int r;

	*p = s;
	if (!*s)
		return 0;
	ret->key = s;
	ret->key_at = s;
	ret->attr = NULL;
	ret->attr_at = NULL;
	s += strcspn(s, BLANKS "={+-!:");
	if (!*s)
		return bad(why, at, "expected an operator and a value behind the key", s);
	key_end = s;
	if (*s == '{') {
		char *close = strchr(++s, '}');

		if (!close)
			return bad(why, at, "expected a }", key_end);
		ret->attr = s;
		ret->attr_at = s;
		*close = '\0';
		s = close + 1;
	}
	s += strspn(s, BLANKS);
	r = read_operator(&s, ret, why, at);
	if (r < 0)
		return r;
	*key_end = '\0';
	s += strspn(s, BLANKS);
	r = read_value(&s, ret, why, at);
	*p = s;
	return r < 0 ? r : 1;
}
