/* kinds-exit.c - sets of exit statuses and signals */
#include <ctype.h>
#include "unit/key.h"

bool exit_set_empty(const struct exit_set *s)
{
	static const struct exit_set none;

	return memcmp(s, &none, sizeof(none)) == 0;
}

static int parse_exit_set(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	const char *p = value;
	struct exit_set *set = field;
	int worst = 0;

	if (!*value)
		*set = (struct exit_set){ 0 };
	for (;;) {
		_cleanup_(freep) char *word = NULL;
		size_t column;
		uint64_t n;
		int r, v;

		p += strspn(p, " \t\n\r");
		column = (size_t)(p - value);
		r = key_next_word(at, value, &p, false, &word);
		if (r <= 0)
			return r < 0 ? r : worst;
		if (value_unsigned(word, 255, &n) == 0)
			set->status[n / 8] |= (uint8_t)(1u << (n % 8));
		else if (exit_status_value(word, &v) == 0)
			set->status[v / 8] |= (uint8_t)(1u << (v % 8));
		else if (!isdigit((unsigned char)*word) && value_signal(word, &v) == 0)
			set->signals[v / 8] |= (uint8_t)(1u << (v % 8));
		else
			worst = key_bad_at(at, (unsigned)column, "\"%s\" is neither an exit status nor a signal", word);
	}
}

static void format_exit_set(const struct key *k, const void *field, struct buf *out)
{
	const struct exit_set *set = field;
	const char *space = "";

	for (unsigned i = 0; i < 256; i++) {
		if (exit_set_has(set->status, i)) {
			buf_addf(out, "%s%u", space, i);
			space = " ";
		}
	}
	for (unsigned i = 1; i <= 64; i++) {
		if (exit_set_has(set->signals, i)) {
			buf_addf(out, "%s%s", space, signal_name((int)i) ? signal_name((int)i) + strlen("SIG") : "?");
			space = " ";
		}
	}
}

static void clear_exit_set(const struct key *k, void *field)
{
	*(struct exit_set *)field = (struct exit_set){ 0 };
}
const struct key_kind kind_exit_set = { "list of exit statuses and signals", parse_exit_set, format_exit_set, clear_exit_set };
