/* lex.c - cut a schema file into words; comments go, documentation stays with the word behind it */
#include "lex.h"

static char look(const struct lexer *l, size_t n)
{
	return (size_t)(l->end - l->p) > n ? l->p[n] : '\0';
}

static void step(struct lexer *l)
{
	if (*l->p == '\n') {
		l->pos.line++;
		l->pos.col = 1;
	} else {
		l->pos.col++;
	}
	l->p++;
}

static const char *rest_of_line(struct lexer *l, size_t *n)
{
	const char *start = l->p;

	while (l->p < l->end && *l->p != '\n')
		step(l);
	*n = (size_t)(l->p - start);
	return start;
}

/* One more `///` line for the word to come. */
static int add_doc(struct lexer *l, struct token *t)
{
	size_t n, had = t->doc ? strlen(t->doc) : 0;
	const char *line;
	char *doc;

	if (!t->doc)
		t->doc_pos = l->pos;
	for (int i = 0; i < 3; i++)
		step(l);
	if (look(l, 0) == ' ')
		step(l);
	line = rest_of_line(l, &n);
	doc = arena_alloc(&l->schema->arena, had + n + 2, 1);
	if (!doc)
		return -ENOMEM;
	if (had) {
		memcpy(doc, t->doc, had);
		doc[had++] = '\n';
	}
	memcpy(doc + had, line, n);
	t->doc = doc;
	return 0;
}

static int skip_blank(struct lexer *l, struct token *t)
{
	while (l->p < l->end) {
		size_t n;
		int r;

		if (*l->p == ' ' || *l->p == '\t' || *l->p == '\n') {
			step(l);
		} else if (*l->p == '#') {
			rest_of_line(l, &n);
		} else if (*l->p == '/' && look(l, 1) == '/' && look(l, 2) == '/') {
			r = add_doc(l, t);
			if (r < 0)
				return r;
		} else {
			return 0;
		}
	}
	return 0;
}

static bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_word(char c) { return is_lower(c) || is_digit(c) || c == '_'; }

static int take(struct lexer *l, struct token *t, enum token_kind kind, const char *start, size_t n)
{
	t->kind = kind;
	t->text = arena_strndup(&l->schema->arena, start, n);
	return t->text ? 0 : -ENOMEM;
}

static int lex_name(struct lexer *l, struct token *t)
{
	const char *start = l->p;

	while (is_word(look(l, 0)))
		step(l);
	if ((look(l, 0) >= 'A' && look(l, 0) <= 'Z') || look(l, 0) == '-')
		return complain(l->schema, &l->pos, "character '%c' in a name, expected a-z, 0-9 or _", look(l, 0));
	return take(l, t, T_NAME, start, (size_t)(l->p - start));
}

static int lex_number(struct lexer *l, struct token *t)
{
	const char *start = l->p;
	bool negative = *start == '-';
	uint64_t v = 0, most = (uint64_t)INT64_MAX;

	if (negative)
		step(l);
	if (!is_digit(look(l, 0)))
		return complain(l->schema, &l->pos, "'-' without a number, expected a digit");
	for (; is_digit(look(l, 0)); step(l)) {
		uint64_t digit = (uint64_t)(look(l, 0) - '0');

		if (v > (most - digit) / 10)
			return complain(l->schema, &t->pos, "number too large, expected at most %lld", (long long)INT64_MAX);
		v = v * 10 + digit;
	}
	if (is_word(look(l, 0)))
		return complain(l->schema, &l->pos, "character '%c' in a number, expected a decimal digit", look(l, 0));
	t->number = negative ? -(int64_t)v : (int64_t)v;
	return take(l, t, T_NUMBER, start, (size_t)(l->p - start));
}

static int lex_string(struct lexer *l, struct token *t)
{
	const char *start;

	step(l);
	start = l->p;
	while (l->p < l->end && *l->p != '"') {
		if (*l->p == '\n' || *l->p == '\\')
			return complain(l->schema, &l->pos, "%s inside a string, expected '\"'",
					*l->p == '\n' ? "end of line" : "backslash");
		step(l);
	}
	if (l->p == l->end)
		return complain(l->schema, &l->pos, "end of file inside a string, expected '\"'");
	step(l);
	return take(l, t, T_STRING, start, (size_t)(l->p - start - 1));
}

static int lex_punct(struct lexer *l, struct token *t)
{
	static const char *const puncts[] = { "->", "..", "{", "}", "<", ">", "(", ")", "[", "]", ":", ";", ",", "=", "|" };

	for (size_t i = 0; i < ARRAY_SIZE(puncts); i++) {
		size_t n = strlen(puncts[i]);

		if ((size_t)(l->end - l->p) < n || memcmp(l->p, puncts[i], n) != 0)
			continue;
		for (size_t k = 0; k < n; k++)
			step(l);
		return take(l, t, T_PUNCT, puncts[i], n);
	}
	if (*l->p > 32 && *l->p < 127)
		return complain(l->schema, &l->pos, "unexpected character '%c', expected a word of the schema language", *l->p);
	return complain(l->schema, &l->pos, "unexpected byte 0x%02x, expected plain text", (unsigned char)*l->p);
}

int lex_next(struct lexer *l, struct token *ret)
{
	int r;

	*ret = (struct token){ .text = "end of file" };
	r = skip_blank(l, ret);
	if (r < 0)
		return r;
	ret->pos = l->pos;
	if (l->p == l->end)
		return 0;
	if (is_lower(*l->p))
		return lex_name(l, ret);
	if (is_digit(*l->p) || (*l->p == '-' && look(l, 1) != '>'))
		return lex_number(l, ret);
	if (*l->p == '"')
		return lex_string(l, ret);
	return lex_punct(l, ret);
}
