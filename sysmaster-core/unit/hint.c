/* hint.c - the nearest known name to a misspelt one, by the number of letters to add, drop, replace or swap */
#include <ctype.h>
#include <stdio.h>
#include "unit/hint.h"
#include "unit/keys.h"

#define WORD_MAX 64                     /* longer words get no hint */

/* how many letters apart, regardless of case; optimal string alignment in three rows */
static unsigned distance(const char *a, const char *b)
{
	unsigned rows[3][WORD_MAX + 1], *before = rows[0], *last = rows[1], *now = rows[2];
	size_t n = strlen(a), m = strlen(b);

	if (n > WORD_MAX || m > WORD_MAX)
		return WORD_MAX;
	for (size_t j = 0; j <= m; j++)
		before[j] = last[j] = (unsigned)j;
	for (size_t i = 1; i <= n; i++) {
		unsigned *spare = before;

		now[0] = (unsigned)i;
		for (size_t j = 1; j <= m; j++) {
			int x = tolower((unsigned char)a[i - 1]), y = tolower((unsigned char)b[j - 1]);

			unsigned one_more = MIN(last[j], now[j - 1]) + 1;

			now[j] = MIN(one_more, last[j - 1] + (x != y));
			if (i > 1 && j > 1 && x == tolower((unsigned char)b[j - 2]) && tolower((unsigned char)a[i - 2]) == y)
				now[j] = MIN(now[j], before[j - 2] + 1);
		}
		before = last;
		last = now;
		now = spare;
	}
	return last[m];
}

/* a guess further off than this is none */
static unsigned limit_of(const char *word)
{
	size_t n = strlen(word);

	return n < 4 ? 1 : n < 9 ? 2 : 3;
}

struct guess { const char *section, *key; unsigned off; };

static void try_key(struct guess *g, const struct key_group *group, const char *section, const char *key)
{
	unsigned elsewhere = !streq(group->section, section);

	for (size_t i = 0; i < key_group_size(group); i++) {
		unsigned d = distance(key, group->rows[i].name) * 2 + elsewhere;        /* its own section first among equals */

		if (d < g->off)
			*g = (struct guess){ group->section, group->rows[i].name, d };
	}
}

void hint_key(const struct unit *u, const char *section, const char *key, char out[HINT_MAX])
{
	struct guess g = { NULL, NULL, limit_of(key) * 2 + 1 };

	out[0] = '\0';
	for (size_t i = 0; i < n_unit_groups; i++)
		try_key(&g, &unit_groups[i], section, key);
	for (size_t i = 0; i < u->type->n_groups; i++)
		try_key(&g, &u->type->groups[i], section, key);
	if (g.key && g.off == 1)
		snprintf(out, HINT_MAX, ", it belongs into [%s]", g.section);
	else if (g.key)
		snprintf(out, HINT_MAX, ", did you mean %s.%s?", g.section, g.key);
}

void hint_section(const struct unit *u, const char *section, char out[HINT_MAX])
{
	struct guess g = { NULL, NULL, limit_of(section) + 1 };
	const char *known[] = { "Unit", "Install", u->type->section };

	out[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		unsigned d = known[i] ? distance(section, known[i]) : WORD_MAX;

		if (d < g.off)
			g = (struct guess){ known[i], NULL, d };
	}
	if (g.section)
		snprintf(out, HINT_MAX, ", did you mean [%s]?", g.section);
}
