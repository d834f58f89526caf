/* lex.h - the words of a schema file */
#pragma once
#include "schema.h"

enum token_kind { T_END, T_NAME, T_NUMBER, T_STRING, T_PUNCT };

struct token {
	enum token_kind kind;
	struct pos pos;
	const char *text;               /* name, string without quotes, punctuation; in the arena */
	int64_t number;
	const char *doc;                /* the `///` lines in front of it, joined by newlines; NULL: none */
	struct pos doc_pos;
};

struct lexer {
	struct schema *schema;
	struct pos pos;
	const char *p, *end;
};

/** lex_next() - the next word; T_END at the end of the text. Return: 0, -EINVAL (said), -ENOMEM. */
int lex_next(struct lexer *l, struct token *ret);
