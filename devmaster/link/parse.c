/* parse.c - values of .link files; systemd.link(5) */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include "keys.h"

bool link_name_valid(const char *s, size_t max)
{
	static const char *const refused[] = { ".", "..", "all", "default" };
	size_t n = strlen(s);

	if (n == 0 || n > max || strspn(s, "0123456789") == n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (s[i] <= ' ' || s[i] >= 0x7f || strchr(":/%", s[i]))
			return false;
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
		if (streq(s, refused[i]))
			return false;
	return true;
}

/* fields of @digits hexadecimal digits, @separator between them */
static bool parse_fields(const char *s, char separator, size_t digits, struct hwaddr *ret)
{
	ret->n = 0;
	for (;;) {
		char text[3] = "";
		size_t n = 0;

		while (isxdigit((unsigned char)s[n]))
			n++;
		if (n == 0 || n > digits || (digits == 4 && n != 4) || ret->n + digits / 2 > HWADDR_BYTES)
			return false;
		for (size_t i = 0; i < n; i += 2) {
			memcpy(text, s + i, MIN(n - i, (size_t)2));
			text[MIN(n - i, (size_t)2)] = '\0';
			ret->b[ret->n++] = (uint8_t)strtoul(text, NULL, 16);
		}
		s += n;
		if (!*s)
			return ret->n == 4 || ret->n == 6 || ret->n == 16 || ret->n == 20;
		if (*s++ != separator)
			return false;
	}
}

int hwaddr_parse(const char *s, struct hwaddr *ret)
{
	static const struct { char separator; size_t digits; } forms[] = { { ':', 2 }, { '-', 2 }, { '.', 4 } };
	struct hwaddr a = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		if (parse_fields(s, forms[i].separator, forms[i].digits, &a)) {
			*ret = a;
			return 0;
		}
	}
	a = (struct hwaddr){ 0 };
	if (inet_pton(AF_INET, s, a.b) == 1)
		a.n = 4;
	else if (inet_pton(AF_INET6, s, a.b) == 1)
		a.n = 16;
	else
		return -EINVAL;
	*ret = a;
	return 0;
}

/* calls @each for each word; quotes hold together; 0, or its first error */
static int each_word(const char *value, int (*each)(const struct link_key *k, const char *word, void *field), const struct link_key *k, void *field)
{
	char *word;
	int r;

	while ((r = value_word(&value, true, &word)) > 0) {
		r = each(k, word, field);
		free(word);
		if (r < 0)
			return r;
	}
	return r;
}

static int one_hwaddr(const struct link_key *k, const char *word, void *field)
{
	struct hwaddrs *list = field;
	struct hwaddr a, *v;

	if (hwaddr_parse(word, &a) < 0)
		return -EINVAL;
	v = reallocarray(list->v, list->n + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	list->v = v;
	v[list->n++] = a;
	return 0;
}

static void clear_hwaddrs(struct hwaddrs *list)
{
	free(list->v);
	*list = (struct hwaddrs){ 0 };
}

int link_parse_hwaddrs(const struct link_key *k, const char *value, void *field)
{
	if (!*value)
		clear_hwaddrs(field);
	return each_word(value, one_hwaddr, k, field);
}

int link_parse_hwaddr(const struct link_key *k, const char *value, void *field)
{
	clear_hwaddrs(field);
	return *value ? one_hwaddr(k, value, field) : 0;
}

/* list with "!" in front: each word of it gets one */
int link_parse_patterns(const struct link_key *k, const char *value, void *field)
{
	char ***list = field, *word, *full;
	bool invert = *value == '!';
	int r;

	if (!*value) {
		strv_free(*list);
		*list = NULL;
		return 0;
	}
	value += invert;
	while ((r = value_word(&value, true, &word)) > 0) {
		bool bad = k->base && !strchr(word, '=');       /* base: the words are KEY=VALUE */

		r = bad ? -EINVAL : asprintf(&full, "%s%s", invert ? "!" : "", word) < 0 ? -ENOMEM : strv_consume(list, full);
		free(word);
		if (r < 0)
			return r;
	}
	return r;
}

int link_parse_list(const struct link_key *k, const char *value, void *field)
{
	char ***list = field;

	if (!*value) {
		strv_free(*list);
		*list = NULL;
		return 0;
	}
	return strv_add(list, value) < 0 ? -ENOMEM : 0;
}

int link_parse_string(const struct link_key *k, const char *value, void *field)
{
	char **s = field, *copy = *value ? strdup(value) : NULL;

	if (*value && !copy)
		return -ENOMEM;
	if (copy && strlen(copy) > k->max) {
		free(copy);
		return -EINVAL;
	}
	free(*s);
	*s = copy;
	return 0;
}

int link_parse_name(const struct link_key *k, const char *value, void *field)
{
	return *value && !link_name_valid(value, k->max) ? -EINVAL : link_parse_string(k, value, field);
}

static int one_name(const struct link_key *k, const char *word, void *field)
{
	return !link_name_valid(word, k->max) ? -EINVAL : strv_has(*(char ***)field, word) ? 0 : strv_add(field, word) < 0 ? -ENOMEM : 0;
}

int link_parse_names(const struct link_key *k, const char *value, void *field)
{
	return *value ? each_word(value, one_name, k, field) : link_parse_list(k, value, field);
}

int link_parse_bool(const struct link_key *k, const char *value, void *field)
{
	bool b;
	int r = *value ? value_bool(value, &b) : 0;

	if (r == 0)
		*(int *)field = *value ? b : -1;
	return r;
}

/* a number with K, M, G of that base, within its limits; "max" where it may be */
int link_parse_number(const struct link_key *k, const char *value, void *field)
{
	static const char suffixes[] = "KMGT";
	struct link_number *n = field;
	unsigned long long v;
	const char *at;
	char *end;

	if (!*value) {
		*n = (struct link_number){ 0 };
		return 0;
	}
	if (k->may_max && streq(value, "max")) {
		*n = (struct link_number){ .set = true, .max = true };
		return 0;
	}
	errno = 0;
	v = strtoull(value, &end, 10);
	if (errno || end == value || *value == '-' || *value == '+')
		return -EINVAL;
	at = k->base && *end ? strchr(suffixes, *end) : NULL;
	for (const char *s = suffixes; at && s <= at; s++) {
		if (v > UINT64_MAX / k->base)
			return -EINVAL;
		v *= k->base;
	}
	end += at != NULL;
	if (k->base == 1024 && *end == 'B')
		end++;
	if (*end || v < k->min || v > k->max)
		return -EINVAL;
	*n = (struct link_number){ .set = true, .v = v };
	return 0;
}

/* a time span; kept in units of .base microseconds, rounded up */
int link_parse_span(const struct link_key *k, const char *value, void *field)
{
	struct link_number *n = field;
	uint64_t usec;

	if (!*value) {
		*n = (struct link_number){ 0 };
		return 0;
	}
	if (value_sec(value, USEC_PER_SEC, &usec) < 0 || usec == USEC_INFINITY)
		return -EINVAL;
	usec = usec / k->base + (usec % k->base != 0);
	if (usec < k->min || usec > k->max)
		return -EINVAL;
	*n = (struct link_number){ .set = true, .v = usec };
	return 0;
}

int link_parse_word(const struct link_key *k, const char *value, void *field)
{
	if (!*value) {
		*(int *)field = k->min ? 0 : -1;        /* min: the first of the table stands for nothing */
		return 0;
	}
	return key_enum_value(k->table, value, field) < 0 ? -EINVAL : 0;
}

static int one_flag(const struct link_key *k, const char *word, void *field)
{
	struct link_flags *f = field;
	int bit;

	if (key_enum_value(k->table, word, &bit) < 0)
		return -EINVAL;
	f->set = true;
	f->v |= bit < 0 ? 0 : 1ULL << bit;
	return 0;
}

int link_parse_flags(const struct link_key *k, const char *value, void *field)
{
	if (!*value)
		*(struct link_flags *)field = (struct link_flags){ 0 };
	return each_word(value, one_flag, k, field);
}

static int one_policy(const struct link_key *k, const char *word, void *field)
{
	struct link_policies *p = field;
	int v;

	if (key_enum_value(k->table, word, &v) < 0 || p->n == LINK_POLICIES_MAX)
		return -EINVAL;
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i] == (enum link_policy)v)
			return 0;
	p->v[p->n++] = (enum link_policy)v;
	return 0;
}

int link_parse_policies(const struct link_key *k, const char *value, void *field)
{
	*(struct link_policies *)field = (struct link_policies){ 0 };
	return each_word(value, one_policy, k, field);
}
