/* check.c - what the grammar cannot say: names are found and unique, numbers rise, ranges fit, nothing contains itself */
#include <stdio.h>
#include "schema.h"

/* Words that C (gnu17) or its macros have taken: a struct member or variable of that name would not compile. */
static const char *const c_words[] = {
	"asm", "auto", "bool", "break", "case", "char", "const", "continue", "default", "do", "double", "else", "enum", "errno",
	"extern", "false", "float", "for", "goto", "i386", "if", "inline", "int", "linux", "long", "register", "restrict", "return",
	"short", "signed", "sizeof", "static", "stderr", "stdin", "stdout", "struct", "switch", "true", "typedef", "typeof", "union",
	"unix", "unsigned", "void", "volatile", "while",
};
/* Words of the schema language in the place of a type. */
static const char *const type_words[] = { "bool", "u8", "u16", "u32", "u64", "i32", "i64", "f64", "str", "bytes", "list", "optional" };

static bool is_one_of(const char *name, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (streq(name, words[i]))
			return true;
	return false;
}

static bool is_type(const struct item *it) { return it->kind == ITEM_ENUM || it->kind == ITEM_STRUCT; }

/* Types share one set of names, sockets and frames another. */
static struct item *find_item(const struct schema *s, const char *name, bool type)
{
	for (struct file *f = s->files; f; f = f->next)
		for (struct item *it = f->items; it; it = it->next)
			if (is_type(it) == type && streq(it->name, name))
				return it;
	return NULL;
}

static void check_item_name(struct schema *s, const struct item *it)
{
	const struct item *first = find_item(s, it->name, is_type(it));

	if (first != it)
		complain(s, &it->pos, "name '%s' is taken at %s:%u:%u, expected a new one", it->name, first->pos.file,
			 first->pos.line, first->pos.col);
	if (is_type(it) && is_one_of(it->name, type_words, ARRAY_SIZE(type_words)))
		complain(s, &it->pos, "name '%s' is a type of the language, expected another", it->name);
}

static void check_enum(struct schema *s, const struct item *it)
{
	if (!it->values)
		complain(s, &it->pos, "enum '%s' is empty, expected a value", it->name);
	for (const struct value *v = it->values; v; v = v->next)
		for (const struct value *w = it->values; w != v; w = w->next) {
			if (streq(v->name, w->name))
				complain(s, &v->pos, "value '%s' is there already, expected a new name", v->name);
			if (v->value == w->value)
				complain(s, &v->pos, "number %lld belongs to '%s', expected a new one", (long long)v->value, w->name);
		}
}

static const struct limits { bool integer; int64_t lo, hi; } limits[] = {
	[MSG_U8] = { true, 0, UINT8_MAX },          [MSG_U16] = { true, 0, UINT16_MAX },
	[MSG_U32] = { true, 0, UINT32_MAX },        [MSG_U64] = { true, 0, INT64_MAX },
	[MSG_I32] = { true, INT32_MIN, INT32_MAX }, [MSG_I64] = { true, INT64_MIN, INT64_MAX },
	[MSG_STRUCT] = { false, 0, 0 },
};

static void check_range(struct schema *s, const struct field *f)
{
	const struct limits *l = &limits[f->kind];

	if (!f->ranged)
		return;
	if (!l->integer)
		complain(s, &f->pos, "range on field '%s' that is no integer, expected none", f->name);
	else if (f->lo > f->hi)
		complain(s, &f->pos, "range of field '%s' is empty, expected lowest..highest", f->name);
	else if (f->lo < l->lo || f->hi > l->hi)
		complain(s, &f->pos, "range of field '%s' does not fit its type, expected within %lld..%lld", f->name,
			 (long long)l->lo, (long long)l->hi);
}

/* What else the C struct has beside this field: n_NAME of a list, has_NAME of an optional. */
static bool clashes(const struct field *f, const char *name)
{
	if (f->list && startswith(name, "n_") && streq(name + 2, f->name))
		return true;
	return f->optional && startswith(name, "has_") && streq(name + 4, f->name);
}

static void check_field(struct schema *s, const struct item *it, struct field *f)
{
	if (is_one_of(f->name, c_words, ARRAY_SIZE(c_words)))
		complain(s, &f->pos, "name '%s' means something in C, expected another", f->name);
	for (const struct field *g = it->fields; g != f; g = g->next) {
		if (streq(f->name, g->name))
			complain(s, &f->pos, "field '%s' is there already, expected a new name", f->name);
		if (clashes(f, g->name) || clashes(g, f->name))
			complain(s, &f->pos, "field '%s' and '%s' need the same C name, expected another", f->name, g->name);
		if (g->next == f && f->id <= g->id)
			complain(s, &f->pos, "field number %lld behind %lld, expected rising numbers", (long long)f->id, (long long)g->id);
	}
	if (f->type_name) {
		f->type = find_item(s, f->type_name, true);
		if (!f->type)
			complain(s, &f->type_pos, "unknown type '%s', expected a basic type, enum or struct", f->type_name);
		else if (f->type->kind == ITEM_ENUM)
			f->kind = MSG_ENUM;
	}
	check_range(s, f);
}

/* The decoder marks the fields it has seen in MSG_FIELDS bits. */
static void check_fields(struct schema *s, const struct item *it)
{
	unsigned n = 0;

	for (struct field *f = it->fields; f; f = f->next) {
		if (++n == MSG_FIELDS + 1)
			complain(s, &f->pos, "struct '%s' has too many fields, expected at most %d", it->name, MSG_FIELDS);
		check_field(s, it, f);
	}
}

static struct item *body_struct(struct schema *s, const char *name, const struct pos *pos)
{
	struct item *it = find_item(s, name, true);

	if (it && it->kind == ITEM_STRUCT)
		return it;
	complain(s, pos, "%s '%s', expected a struct", it ? "enum" : "unknown name", name);
	return NULL;
}

static void check_messages(struct schema *s, const struct item *it)
{
	const struct message *last[2] = { NULL, NULL };         /* methods and events count each for themselves */

	for (struct message *m = it->messages; m; m = m->next) {
		const char *what = m->event ? "event" : "method";

		for (const struct message *o = it->messages; o != m; o = o->next)
			if (o->event == m->event && streq(o->name, m->name))
				complain(s, &m->pos, "%s '%s' is there already, expected a new name", what, m->name);
		if (last[m->event] && m->id <= last[m->event]->id)
			complain(s, &m->pos, "%s number %lld behind %lld, expected rising numbers", what, (long long)m->id,
				 (long long)last[m->event]->id);
		last[m->event] = m;
		m->req = body_struct(s, m->req_name, &m->req_pos);
		if (m->rep_name)
			m->rep = body_struct(s, m->rep_name, &m->rep_pos);
	}
	if (it->kind == ITEM_SOCKET && !it->path)
		complain(s, &it->pos, "socket '%s' without a path, expected path \"...\";", it->name);
	if (it->kind == ITEM_SOCKET && last[1] && !it->events_path)
		complain(s, &last[1]->pos, "event in socket '%s', expected events \"...\"; in it", it->name);
	if (it->kind == ITEM_SOCKET && !last[1] && it->events_path)
		complain(s, &it->pos, "socket '%s' has a path for events, expected an event", it->name);
}

/* Depth-first over struct members, lists included: a struct that contains itself has no end. */
static int check_recursion(struct schema *s, struct item *it)
{
	int r = 0;

	if (it->kind != ITEM_STRUCT || it->mark == 2)
		return 0;
	it->mark = 1;
	for (const struct field *f = it->fields; f && r == 0; f = f->next) {
		if (!f->type)
			continue;
		if (f->type->mark == 1)
			r = complain(s, &f->type_pos, "struct '%s' contains itself by field '%s', expected no recursion",
				     f->type->name, f->name);
		else
			r = check_recursion(s, f->type);
	}
	it->mark = 2;
	return r;
}

bool file_uses(const struct file *f, const struct file *other)
{
	for (const struct item *it = f->items; it; it = it->next)
		for (const struct field *d = it->fields; d; d = d->next)
			if (d->type && d->type->file == other && other != f)
				return true;
	return false;
}

/* Each file becomes a header, so files may not need each other in a circle. */
static int check_file_circle(struct schema *s, struct file *f)
{
	struct pos pos = { f->path, 1, 1 };
	int r = 0;

	if (f->mark == 2)
		return 0;
	f->mark = 1;
	for (struct file *o = s->files; o && r == 0; o = o->next) {
		if (!file_uses(f, o))
			continue;
		r = o->mark == 1 ? complain(s, &pos, "this file and %s need each other's types, expected one direction", o->path)
				 : check_file_circle(s, o);
	}
	f->mark = 2;
	return r;
}

/*
 * C names of constants: IPC_ENUM_VALUE, IPC_SOCKET_METHOD, IPC_SOCKET_EV_EVENT. Two items may build the same name, e.g. enum a_b
 * value c and enum a value b_c.
 */
struct c_name { const char *text; const struct pos *pos; };

static size_t collect_names(struct schema *s, struct c_name *out)
{
	size_t n = 0;

	for (struct file *f = s->files; f; f = f->next)
		for (struct item *it = f->items; it; it = it->next) {
			struct buf b = { 0 };

			for (const struct value *v = it->values; v; v = v->next, n++) {
				buf_reset(&b);
				buf_addf(&b, "%s_%s", it->name, v->name);
				if (out)
					out[n] = (struct c_name){ arena_strndup(&s->arena, buf_str(&b), b.len), &v->pos };
			}
			for (const struct message *m = it->messages; m; m = m->next, n++) {
				buf_reset(&b);
				buf_addf(&b, "%s_%s%s", it->name, m->event ? "ev_" : "", m->name);
				if (out)
					out[n] = (struct c_name){ arena_strndup(&s->arena, buf_str(&b), b.len), &m->pos };
			}
			buf_finish(&b);
		}
	return n;
}

static int check_c_names(struct schema *s)
{
	size_t n = collect_names(s, NULL);
	struct c_name *names = arena_alloc(&s->arena, (n + 1) * sizeof(*names), _Alignof(struct c_name));

	if (!names)
		return -ENOMEM;
	collect_names(s, names);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++)
			if (streq(names[i].text, names[k].text))
				return complain(s, names[i].pos, "the C name of this is the same as of %s:%u:%u, expected another name",
						names[k].pos->file, names[k].pos->line, names[k].pos->col);
	return 0;
}

int schema_check(struct schema *s)
{
	for (struct file *f = s->files; f; f = f->next) {
		struct pos pos = { f->path, 1, 1 };

		for (struct file *o = s->files; o != f; o = o->next)
			if (streq(o->base, f->base))
				complain(s, &pos, "file of the same name as %s, expected another", o->path);
		for (struct item *it = f->items; it; it = it->next) {
			check_item_name(s, it);
			if (it->kind == ITEM_ENUM)
				check_enum(s, it);
			check_fields(s, it);
			if (!is_type(it))
				check_messages(s, it);
		}
	}
	if (s->errors)
		return -EINVAL;
	for (struct file *f = s->files; f; f = f->next)
		for (struct item *it = f->items; it; it = it->next)
			check_recursion(s, it);
	for (struct file *f = s->files; f; f = f->next)
		check_file_circle(s, f);
	if (!s->errors)
		check_c_names(s);
	return s->errors ? -EINVAL : 0;
}
