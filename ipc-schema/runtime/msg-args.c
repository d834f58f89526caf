/* msg-args.c - "name=value" words of a command line to a message */
#include <stdio.h>
#include "msg-value.h"

struct words {
	char *const *args;
	size_t n;
	bool *used;
	struct arena *a;
	char *why;
};

/* Where a field is: "a.b." for what is inside of a.b */
struct prefix { const char *text; size_t len; };

static int fill_struct(struct words *w, const struct msg_desc *d, struct prefix at, void *v);

static int wrong(struct words *w, const struct msg_field *f, const char *what)
{
	msg_why(w->why, f->name, "%s", what);
	return -EINVAL;
}

/* The value of the next word for field f at or behind *i; NULL: no more. @end is '=' for the field itself, '.' for what is inside. */
static const char *find_word(struct words *w, struct prefix at, const struct msg_field *f, char end, size_t *i)
{
	size_t n = strlen(f->name);

	for (; *i < w->n; (*i)++) {
		const char *arg = w->args[*i];

		if (strncmp(arg, at.text, at.len) == 0 && strncmp(arg + at.len, f->name, n) == 0 && arg[at.len + n] == end)
			return arg + at.len + n + 1;
	}
	return NULL;
}

static int parse_bool(struct words *w, const struct msg_field *f, const char *text, bool *ret)
{
	static const char *const yes[] = { "yes", "true", "1", "on" }, *const no[] = { "no", "false", "0", "off" };

	for (size_t i = 0; i < ARRAY_SIZE(yes); i++)
		if (streq(text, yes[i]) || streq(text, no[i])) {
			*ret = streq(text, yes[i]);
			return 0;
		}
	return wrong(w, f, "expected yes or no");
}

static int parse_int(struct words *w, const struct msg_field *f, const char *text, void *p)
{
	struct msg_int v = { .is_signed = *text == '-' };
	char *end;

	errno = 0;
	v.u = v.is_signed ? (uint64_t)strtoll(text, &end, 0) : strtoull(text, &end, 0);
	if (errno == ERANGE)
		return wrong(w, f, "number out of range");
	if (end == text || *end || text[strspn(text, "-0123456789abcdefABCDEFxX")])
		return wrong(w, f, "expected a number");
	return msg_store_int(f, p, v) < 0 ? wrong(w, f, "number out of range") : 0;
}

static int parse_enum(struct words *w, const struct msg_field *f, const char *text, void *p)
{
	int32_t v;
	size_t n;

	if (msg_enum_value(f->en, text, &v) == 0)
		return msg_store_int(f, p, (struct msg_int){ (uint64_t)(int64_t)v, true });
	if (!w->why)
		return -EINVAL;
	msg_why(w->why, f->name, "expected one of");
	n = strlen(w->why);
	for (size_t i = 0; i < f->en->n_values && n < MSG_WHY - 1; i++)
		n += (size_t)snprintf(w->why + n, MSG_WHY - n, " %s", f->en->values[i].name);
	return -EINVAL;
}

static int parse_f64(struct words *w, const struct msg_field *f, const char *text, double *ret)
{
	char *end;

	*ret = strtod(text, &end);
	return end == text || *end ? wrong(w, f, "expected a number") : 0;
}

/* Strings and bytes as they stand. */
static int parse_text(struct words *w, const struct msg_field *f, const char *text, void *p)
{
	size_t n = strlen(text);
	char *copy;

	if (n > msg_max_bytes(f))
		return wrong(w, f, "too long");
	copy = arena_strndup(w->a, text, n);
	if (!copy)
		return wrong(w, f, "no memory left for it");
	if (f->kind == MSG_STR)
		*(const char **)p = copy;
	else
		*(struct msg_bytes *)p = (struct msg_bytes){ copy, n };
	return 0;
}

static int parse_value(struct words *w, const struct msg_field *f, const char *text, void *p)
{
	switch ((enum msg_kind)f->kind) {
	case MSG_BOOL:
		return parse_bool(w, f, text, p);
	case MSG_F64:
		return parse_f64(w, f, text, p);
	case MSG_STR:
	case MSG_BYTES:
		return parse_text(w, f, text, p);
	case MSG_ENUM:
		return parse_enum(w, f, text, p);
	case MSG_U8:
	case MSG_U16:
	case MSG_U32:
	case MSG_U64:
	case MSG_I32:
	case MSG_I64:
		return parse_int(w, f, text, p);
	case MSG_STRUCT:
		break;
	}
	return wrong(w, f, "has fields of its own: write them as NAME.FIELD=VALUE");
}

static int fill_list(struct words *w, const struct msg_field *f, struct prefix at, void *v)
{
	size_t n = 0, k = 0, size = msg_value_size(f);
	char *first;
	int r = 0;

	for (size_t i = 0; find_word(w, at, f, '=', &i); i++)
		n++;
	if (n > msg_max_list(f))
		return wrong(w, f, "given too often");
	if (n == 0)
		return 0;
	if (f->kind == MSG_STRUCT)
		return wrong(w, f, "a list of structs cannot be written as words");
	first = arena_alloc(w->a, n * size, sizeof(uint64_t));
	if (!first)
		return wrong(w, f, "no memory left for it");
	for (size_t i = 0; r == 0 && k < n; i++, k++) {
		const char *text = find_word(w, at, f, '=', &i);

		w->used[i] = true;
		r = parse_value(w, f, text, first + k * size);
	}
	memcpy((char *)v + f->off, &first, sizeof(first));
	memcpy((char *)v + f->off_n, &n, sizeof(n));
	msg_set_present(f, v);
	return r;
}

static int fill_nested(struct words *w, const struct msg_field *f, struct prefix at, void *v)
{
	size_t i = 0, n = at.len + strlen(f->name) + 1;
	char *inner;

	if (!find_word(w, at, f, '.', &i) && f->optional)
		return 0;
	inner = arena_alloc(w->a, n + 1, 1);
	if (!inner)
		return wrong(w, f, "no memory left for it");
	snprintf(inner, n + 1, "%.*s%s.", (int)at.len, at.text, f->name);
	msg_set_present(f, v);
	return fill_struct(w, f->sub, (struct prefix){ inner, n }, (char *)v + f->off);
}

static int fill_scalar(struct words *w, const struct msg_field *f, struct prefix at, void *v)
{
	size_t i = 0, second;
	const char *text = find_word(w, at, f, '=', &i);

	if (!text)
		return f->optional ? 0 : wrong(w, f, "missing");
	second = i + 1;
	if (find_word(w, at, f, '=', &second))
		return wrong(w, f, "there twice");
	w->used[i] = true;
	msg_set_present(f, v);
	return parse_value(w, f, text, (char *)v + f->off);
}

static int fill_struct(struct words *w, const struct msg_desc *d, struct prefix at, void *v)
{
	int r = 0;

	for (size_t i = 0; i < d->n_fields && r == 0; i++) {
		const struct msg_field *f = &d->fields[i];

		if (f->list)
			r = fill_list(w, f, at, v);
		else if (f->kind == MSG_STRUCT)
			r = fill_nested(w, f, at, v);
		else
			r = fill_scalar(w, f, at, v);
	}
	return r;
}

/* A word that no field took is a mistake of the person's; it is said before what is missing, since it is often the same. */
static int check_names(struct words *w, const struct msg_desc *d, int r)
{
	for (size_t i = 0; i < w->n; i++) {
		size_t n = strcspn(w->args[i], "=.");
		bool known = false;

		for (size_t k = 0; k < d->n_fields; k++)
			known |= strlen(d->fields[k].name) == n && strncmp(d->fields[k].name, w->args[i], n) == 0;
		if (known && strchr(w->args[i], '=') && (w->used[i] || r < 0))
			continue;
		msg_why(w->why, NULL, !known && strchr(w->args[i], '=') ? "no field \"%.*s\" in %s" : "word \"%.*s\": expected FIELD=VALUE of %s",
			(int)MIN(n, (size_t)64), w->args[i], d->name);
		return -EINVAL;
	}
	return r;
}

int msg_from_args(const struct msg_desc *d, char *const *args, size_t n_args, struct arena *a, void *v, char *why)
{
	struct words w = { .args = args, .n = n_args, .a = a, .why = why };
	int r;

	memset(v, 0, d->size);
	w.used = arena_alloc(a, n_args, 1);
	if (!w.used) {
		msg_why(why, NULL, "no memory left");
		return -EINVAL;
	}
	r = check_names(&w, d, fill_struct(&w, d, (struct prefix){ "", 0 }, v));
	if (r < 0)
		memset(v, 0, d->size);
	return r;
}
