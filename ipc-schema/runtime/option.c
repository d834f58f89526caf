/* option.c - rows to getopt_long(3) and its answers to fields */
#include <getopt.h>
#include "option.h"
#include "value.h"

#define OPTIONS_MAX 128
#define ROW_BASE 0x1000                                 /* getopt's value of a row is ROW_BASE + its index */

static bool arg_optional(const struct option_row *row)
{
	return row->arg && row->arg[0] == '[';
}

static int has_arg(const struct option_row *row)
{
	return !row->arg ? no_argument : arg_optional(row) ? optional_argument : required_argument;
}

static int bad_value(const struct option_set *set, const struct option_row *row, const char *value, FILE *err)
{
	if (row->name)
		fprintf(err, "%s: --%s: '%s' is not valid, expected %s\n", set->program, row->name, value, row->arg);
	else
		fprintf(err, "%s: -%c: '%s' is not valid, expected %s\n", set->program, row->letter, value, row->arg);
	return -EINVAL;
}

static int set_enum(const struct option_set *set, const struct option_row *row, int *field, const char *value, FILE *out, FILE *err)
{
	const struct key_enum *t = row->table;

	if (!value) {
		*field = row->value;
		return 0;
	}
	if (streq(value, "help")) {
		for (const struct key_enum *e = t; e->name; e++)
			if (streq(key_enum_name(t, e->value), e->name))         /* not its other spellings */
				fprintf(out, "%s\n", e->name);
		return 1;
	}
	if (key_enum_value(t, value, field) >= 0)
		return 0;
	bad_value(set, row, value, err);
	fprintf(err, "%s: it takes one of:", set->program);
	for (; t->name; t++)
		fprintf(err, " %s", t->name);
	fputc('\n', err);
	return -EINVAL;
}

static int add_words(char ***field, const char *value)
{
	while (*value) {
		size_t n = strcspn(value, ",");

		if (n > 0) {
			int r = strv_consume(field, strndup(value, n));

			if (r < 0)
				return r;
		}
		value += n + (value[n] == ',');
	}
	return 0;
}

static int add_joined(char ***v, const char *before, const char *value)
{
	char *s;

	return asprintf(&s, "%s%s", before, value ? value : "") < 0 ? -ENOMEM : strv_consume(v, s);
}

static int set_row(const struct option_set *set, const struct option_row *row, void *base, const char *value, FILE *out, FILE *err)
{
	void *field = (char *)base + row->off;
	uint64_t number;

	switch (row->kind) {
	case OPTION_FLAG:
		*(bool *)field = true;
		return 0;
	case OPTION_OFF:
		*(bool *)field = false;
		return 0;
	case OPTION_COUNT:
		++*(unsigned *)field;
		return 0;
	case OPTION_BOOL:
		return value_bool(value, field) < 0 ? bad_value(set, row, value, err) : 0;
	case OPTION_STRING:
		*(const char **)field = value ? value : row->table;
		return 0;
	case OPTION_UNSIGNED:
		if (value_unsigned(value, UINT32_MAX, &number) < 0)
			return bad_value(set, row, value, err);
		*(unsigned *)field = (unsigned)number;
		return 0;
	case OPTION_WORDS:
		return add_words(field, value);
	case OPTION_LIST:
		return add_joined(field, row->table, value);
	case OPTION_ENUM:
		return set_enum(set, row, field, value, out, err);
	case OPTION_CONST:
		*(int *)field = row->value;
		return 0;
	case OPTION_ACCEPTED:
		return 0;
	case OPTION_REFUSED:
		fprintf(err, "%s: option --%s of systemctl is not available: %s\n", set->program, row->name, row->doc);
		return -EINVAL;
	}
	return -EINVAL;
}

static const struct option_row *row_of(const struct option_set *set, int c)
{
	if (c >= ROW_BASE)
		return &set->rows[c - ROW_BASE];
	for (size_t i = 0; i < set->n; i++)
		if (set->rows[i].letter == c)
			return &set->rows[i];
	return NULL;
}

/* getopt writes to stderr itself; here the caller's stream gets its sentence instead */
static int complain(const struct option_set *set, int c, int argc, char **argv, FILE *err)
{
	const char *word = optind > 0 && optind <= argc ? argv[optind - 1] : "";
	const struct option_row *row = optopt ? row_of(set, optopt) : NULL;

	if (c == ':')
		fprintf(err, "%s: option '%s' needs an argument\n", set->program, word);
	else if (startswith(word, "--") && row && !row->arg)
		fprintf(err, "%s: option '--%s' takes no argument\n", set->program, row->name);
	else if (startswith(word, "--"))
		fprintf(err, "%s: unknown or ambiguous option '%s'\n", set->program, word);
	else
		fprintf(err, "%s: unknown option '-%c'\n", set->program, optopt ? optopt : '?');
	return -EINVAL;
}

static size_t letters_of(const struct option_set *set, char *out)
{
	size_t n = 0;

	if (set->first_word_ends)
		out[n++] = '+';
	out[n++] = ':';                                 /* tell a missing argument apart */
	for (size_t i = 0; i < set->n; i++) {
		const struct option_row *row = &set->rows[i];

		if (!row->letter)
			continue;
		out[n++] = row->letter;
		if (row->arg)
			out[n++] = ':';
		if (arg_optional(row))
			out[n++] = ':';
	}
	out[n] = '\0';
	return n;
}

int options_parse(const struct option_set *set, void *base, int argc, char **argv, int *ret_words, FILE *out, FILE *err)
{
	struct option longs[OPTIONS_MAX + 1] = { 0 };
	char letters[OPTIONS_MAX * 3 + 2];
	size_t n_longs = 0;
	int c, r;

	if (set->n > OPTIONS_MAX)
		return -E2BIG;
	for (size_t i = 0; i < set->n; i++)
		if (set->rows[i].name)
			longs[n_longs++] = (struct option){ set->rows[i].name, has_arg(&set->rows[i]), NULL, ROW_BASE + (int)i };
	letters_of(set, letters);

	optind = 0;                                     /* glibc: begin anew */
	opterr = 0;
	while ((c = getopt_long(argc, argv, letters, longs, NULL)) >= 0) {
		const struct option_row *row = c == '?' || c == ':' ? NULL : row_of(set, c);

		r = row ? set_row(set, row, base, optarg, out, err) : complain(set, c, argc, argv, err);
		if (r != 0)
			return r;
	}
	*ret_words = optind;
	return 0;
}
