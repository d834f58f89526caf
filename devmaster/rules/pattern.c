/* pattern.c - values of matches: alternatives split at |, plain or glob; udev(7) "Keys" */
#include <fnmatch.h>
#include <strings.h>
#include "program.h"

#define GLOB_BYTES "*?["

static bool subsystem_word(const char *s) { return streq(s, "subsystem") || streq(s, "bus") || streq(s, "class"); }

static int split(struct arena *a, struct token *t)
{
	size_t n = 1, i = 0;
	struct pattern *out;

	for (const char *p = t->value; *p; p++)
		n += *p == '|';
	out = arena_alloc(a, n * sizeof(*out), _Alignof(struct pattern));
	if (!out)
		return -ENOMEM;
	for (const char *p = t->value;; p++) {
		size_t len = strcspn(p, "|");

		if (len == 0)
			t->or_empty = true;
		else {
			out[i].text = arena_strndup(a, p, len);
			if (!out[i].text)
				return -ENOMEM;
			out[i].len = len;
			out[i].glob = strpbrk(out[i].text, GLOB_BYTES) != NULL;
			i++;
		}
		p += len;
		if (!*p)
			break;
	}
	t->patterns = out;
	t->n_patterns = i;
	return 0;
}

int pattern_compile(struct arena *a, struct token *t)
{
	if (!*t->value) {
		t->pattern = PATTERN_EMPTY;
		return 0;
	}
	if (streq(t->value, "?*")) {                    /* anything at all: not empty */
		t->pattern = PATTERN_EMPTY;
		t->op = t->op == OP_MATCH ? OP_NOMATCH : OP_MATCH;
		return 0;
	}
	if ((t->kind == M_SUBSYSTEM || t->kind == M_SUBSYSTEMS) && subsystem_word(t->value)) {
		t->pattern = PATTERN_SUBSYSTEM;
		return 0;
	}
	t->pattern = strpbrk(t->value, GLOB_BYTES) ? PATTERN_GLOB : PATTERN_PLAIN;
	return split(a, t);
}

bool glob_match(const char *pattern, const char *text, bool icase)
{
	return fnmatch(pattern, text, icase ? FNM_CASEFOLD : 0) == 0;
}

static bool one_of(const struct token *t, const char *text)
{
	size_t n = strlen(text);

	if (t->or_empty && n == 0)
		return true;
	for (size_t i = 0; i < t->n_patterns; i++) {
		const struct pattern *p = &t->patterns[i];

		if (p->glob ? glob_match(p->text, text, t->icase) :
		    p->len == n && (t->icase ? strcasecmp(p->text, text) == 0 : memcmp(p->text, text, n) == 0))
			return true;
	}
	return false;
}

bool pattern_match(const struct token *t, const char *text)
{
	bool match = false;

	if (!text)
		text = "";
	switch ((enum pattern_kind)t->pattern) {
	case PATTERN_EMPTY:
		match = !*text;
		break;
	case PATTERN_SUBSYSTEM:
		match = subsystem_word(text);
		break;
	case PATTERN_PLAIN:
	case PATTERN_GLOB:
		match = one_of(t, text);
		break;
	}
	return match == (t->op == OP_MATCH);
}

static void add_byte(uint32_t set[8], unsigned char c) { set[c / 32] |= 1u << (c % 32); }

void pattern_first(const struct token *t, uint32_t set[8])
{
	bool any = t->op != OP_MATCH || t->icase || (t->pattern != PATTERN_PLAIN && t->pattern != PATTERN_GLOB);

	for (size_t i = 0; !any && i < t->n_patterns; i++)
		any = strchr(GLOB_BYTES "\\", t->patterns[i].text[0]) != NULL;
	memset(set, any ? 0xff : 0, 8 * sizeof(*set));
	if (any)
		return;
	if (t->or_empty)
		add_byte(set, 0);
	for (size_t i = 0; i < t->n_patterns; i++)
		add_byte(set, (unsigned char)t->patterns[i].text[0]);
}
