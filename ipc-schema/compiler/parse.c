/* parse.c - schema text to items: recursive descent, one word ahead, stops at the first mistake of a file */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include "lex.h"

struct parser {
	struct schema *s;
	struct file *file;
	struct lexer lex;
	struct token t;                 /* the word we look at */
};

int complain(struct schema *s, const struct pos *pos, const char *fmt, ...)
{
	va_list ap;

	s->errors++;
	fprintf(stderr, "%s:%u:%u: ", pos->file, pos->line, pos->col);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return -EINVAL;
}

static int next(struct parser *p) { return lex_next(&p->lex, &p->t); }

static bool at(const struct parser *p, enum token_kind kind, const char *text)
{
	return p->t.kind == kind && streq(p->t.text, text);
}

static int unexpected(struct parser *p, const char *expected)
{
	return complain(p->s, &p->t.pos, "unexpected %s%s%s, expected %s", p->t.kind == T_END ? "" : "'", p->t.text,
			p->t.kind == T_END ? "" : "'", expected);
}

static int want(struct parser *p, const char *punct)
{
	char expected[8];

	if (at(p, T_PUNCT, punct))
		return next(p);
	snprintf(expected, sizeof(expected), "'%s'", punct);
	return unexpected(p, expected);
}

static int want_word(struct parser *p, enum token_kind kind, const char *what, struct token *ret)
{
	if (p->t.kind != kind)
		return unexpected(p, what);
	*ret = p->t;
	return next(p);
}

static int want_name(struct parser *p, const char *what, const char **ret, struct pos *pos)
{
	struct token t = { 0 };
	int r = want_word(p, T_NAME, what, &t);

	if (r < 0)
		return r;
	*ret = t.text;
	*pos = t.pos;
	return 0;
}

static int want_number(struct parser *p, const char *what, int64_t *ret)
{
	struct token t = { 0 };
	int r = want_word(p, T_NUMBER, what, &t);

	if (r < 0)
		return r;
	*ret = t.number;
	return 0;
}

/* A number that has to be in [lo, hi]. */
static int want_between(struct parser *p, const char *what, int64_t lo, int64_t hi, int64_t *ret)
{
	struct pos pos = p->t.pos;
	int r = want_number(p, what, ret);

	if (r < 0)
		return r;
	if (*ret < lo || *ret > hi)
		return complain(p->s, &pos, "%s %lld is out of range, expected %lld..%lld", what, (long long)*ret,
				(long long)lo, (long long)hi);
	return 0;
}

/* Documentation must stand before something that can carry it. */
static int no_doc(struct parser *p)
{
	if (!p->t.doc)
		return 0;
	return complain(p->s, &p->t.doc_pos, "documentation in front of '%s', expected it in front of an item", p->t.text);
}

static void *make(struct parser *p, size_t n) { return arena_alloc(&p->s->arena, n, _Alignof(max_align_t)); }

/* enum NAME { name = number; ... } */
static int parse_enum(struct parser *p, struct item *it)
{
	struct value **tail = &it->values;
	int r;

	while (!at(p, T_PUNCT, "}")) {
		struct value *v = make(p, sizeof(*v));

		if (!v)
			return -ENOMEM;
		v->doc = p->t.doc;
		if ((r = want_name(p, "name of a value or '}'", &v->name, &v->pos)) < 0 || (r = want(p, "=")) < 0 ||
		    (r = want_between(p, "value", INT32_MIN, INT32_MAX, &v->value)) < 0 || (r = want(p, ";")) < 0)
			return r;
		*tail = v;
		tail = &v->next;
	}
	return 0;
}

static const struct basic { const char *name; enum msg_kind kind; bool sized; } basics[] = {
	{ "bool", MSG_BOOL, false }, { "u8", MSG_U8, false },   { "u16", MSG_U16, false }, { "u32", MSG_U32, false },
	{ "u64", MSG_U64, false },   { "i32", MSG_I32, false }, { "i64", MSG_I64, false }, { "f64", MSG_F64, false },
	{ "str", MSG_STR, true },    { "bytes", MSG_BYTES, true },
};

static const struct basic *basic_type(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(basics); i++)
		if (streq(basics[i].name, name))
			return &basics[i];
	return NULL;
}

/* bool | u8 ... | str<MAX> | bytes<MAX> | NAME */
static int parse_element(struct parser *p, struct field *f)
{
	const struct basic *b;
	const char *name;
	int r;

	if (at(p, T_NAME, "list"))
		return complain(p->s, &p->t.pos, "a list inside a list, expected a struct around the inner one");
	if (at(p, T_NAME, "optional"))
		return complain(p->s, &p->t.pos, "'optional' in this place, expected it right behind the ':'");
	r = want_name(p, "a type", &name, &f->type_pos);
	if (r < 0)
		return r;
	b = basic_type(name);
	if (!b) {
		f->kind = MSG_STRUCT;
		f->type_name = name;
		return 0;
	}
	f->kind = b->kind;
	if (!b->sized)
		return 0;
	if ((r = want(p, "<")) < 0 || (r = want_between(p, "length", 1, 16 << 20, &f->max)) < 0)
		return r;
	return want(p, ">");
}

/* [optional] element | [optional] list<element, MAX> */
static int parse_type(struct parser *p, struct field *f)
{
	int r;

	if (at(p, T_NAME, "optional")) {
		f->optional = true;
		if ((r = next(p)) < 0)
			return r;
	}
	if (!at(p, T_NAME, "list"))
		return parse_element(p, f);
	f->list = true;
	if ((r = next(p)) < 0 || (r = want(p, "<")) < 0 || (r = parse_element(p, f)) < 0 || (r = want(p, ",")) < 0 ||
	    (r = want_between(p, "length of a list", 1, 65536, &f->max_list)) < 0)
		return r;
	return want(p, ">");
}

/* [lo..hi] */
static int parse_range(struct parser *p, struct field *f)
{
	int r;

	if (!at(p, T_PUNCT, "["))
		return 0;
	f->ranged = true;
	if ((r = next(p)) < 0 || (r = want_number(p, "the lowest value", &f->lo)) < 0 || (r = want(p, "..")) < 0 ||
	    (r = want_number(p, "the highest value", &f->hi)) < 0)
		return r;
	return want(p, "]");
}

/* struct NAME { id: type name [lo..hi]; ... } */
static int parse_struct(struct parser *p, struct item *it)
{
	struct field **tail = &it->fields;
	int r;

	while (!at(p, T_PUNCT, "}")) {
		struct field *f = make(p, sizeof(*f));

		if (!f)
			return -ENOMEM;
		f->doc = p->t.doc;
		f->pos = p->t.pos;
		if (p->t.kind != T_NUMBER)
			return unexpected(p, "number of a field or '}'");
		if ((r = want_between(p, "number of a field", 1, 65535, &f->id)) < 0 || (r = want(p, ":")) < 0 ||
		    (r = parse_type(p, f)) < 0 || (r = want_name(p, "name of the field", &f->name, &f->pos)) < 0 ||
		    (r = parse_range(p, f)) < 0 || (r = want(p, ";")) < 0)
			return r;
		*tail = f;
		tail = &f->next;
	}
	return 0;
}

/* any|root [dedup] (req) -> rep */
static int parse_method(struct parser *p, struct message *m)
{
	int r;

	if ((r = want(p, ":")) < 0)
		return r;
	if (!at(p, T_NAME, "any") && !at(p, T_NAME, "root"))
		return unexpected(p, "who may call it: 'any' or 'root'");
	m->root = at(p, T_NAME, "root");
	if ((r = next(p)) < 0)
		return r;
	if (at(p, T_NAME, "dedup")) {
		m->dedup = true;
		if ((r = next(p)) < 0)
			return r;
	}
	if ((r = want(p, "(")) < 0 || (r = want_name(p, "name of the request's struct", &m->req_name, &m->req_pos)) < 0 ||
	    (r = want(p, ")")) < 0 || (r = want(p, "->")) < 0)
		return r;
	return want_name(p, "name of the reply's struct", &m->rep_name, &m->rep_pos);
}

/* (body) */
static int parse_event(struct parser *p, struct message *m)
{
	int r;

	if ((r = want(p, "(")) < 0 || (r = want_name(p, "name of the event's struct", &m->req_name, &m->req_pos)) < 0)
		return r;
	return want(p, ")");
}

/* method NAME = id : ... ; | event NAME = id (...) ; */
static int parse_message(struct parser *p, struct message ***tail)
{
	struct message *m = make(p, sizeof(*m));
	int r;

	if (!m)
		return -ENOMEM;
	m->doc = p->t.doc;
	m->event = at(p, T_NAME, "event");
	if ((r = next(p)) < 0 || (r = want_name(p, m->event ? "name of the event" : "name of the method", &m->name, &m->pos)) < 0 ||
	    (r = want(p, "=")) < 0 || (r = want_between(p, "number of a message", 1, 65535, &m->id)) < 0)
		return r;
	r = m->event ? parse_event(p, m) : parse_method(p, m);
	if (r < 0 || (r = want(p, ";")) < 0)
		return r;
	**tail = m;
	*tail = &m->next;
	return 0;
}

/* path "..."; | events "..."; */
static int parse_path(struct parser *p, const char **where)
{
	struct token t = { 0 };
	int r;

	if (*where)
		return complain(p->s, &p->t.pos, "'%s' a second time, expected it once", p->t.text);
	if ((r = no_doc(p)) < 0 || (r = next(p)) < 0 || (r = want_word(p, T_STRING, "a path in quotes", &t)) < 0)
		return r;
	/* sun_path holds 107 bytes and a NUL: unix(7) */
	if (t.text[0] != '/' || strlen(t.text) > 107)
		return complain(p->s, &t.pos, "bad path \"%s\", expected an absolute one of at most 107 bytes", t.text);
	*where = t.text;
	return want(p, ";");
}

/* socket NAME { path "..."; events "..."; methods, events } */
static int parse_socket(struct parser *p, struct item *it)
{
	struct message **tail = &it->messages;
	int r;

	while (!at(p, T_PUNCT, "}")) {
		if (at(p, T_NAME, "path"))
			r = parse_path(p, &it->path);
		else if (at(p, T_NAME, "events"))
			r = parse_path(p, &it->events_path);
		else if (at(p, T_NAME, "method") || at(p, T_NAME, "event"))
			r = parse_message(p, &tail);
		else
			r = unexpected(p, "'path', 'events', 'method', 'event' or '}'");
		if (r < 0)
			return r;
	}
	return 0;
}

/* frames NAME { events } */
static int parse_frames(struct parser *p, struct item *it)
{
	struct message **tail = &it->messages;
	int r;

	while (!at(p, T_PUNCT, "}")) {
		if (!at(p, T_NAME, "event"))
			return unexpected(p, "'event' or '}'");
		if ((r = parse_message(p, &tail)) < 0)
			return r;
	}
	return 0;
}

static const struct item_rule {
	const char *word, *name_of;
	enum item_kind kind;
	int (*parse)(struct parser *p, struct item *it);
} item_rules[] = {
	{ "enum", "name of the enum", ITEM_ENUM, parse_enum },
	{ "struct", "name of the struct", ITEM_STRUCT, parse_struct },
	{ "socket", "name of the socket", ITEM_SOCKET, parse_socket },
	{ "frames", "name of the frames", ITEM_FRAMES, parse_frames },
};

static int parse_item(struct parser *p, struct item ***tail)
{
	const struct item_rule *rule = NULL;
	struct item *it;
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(item_rules); i++)
		if (at(p, T_NAME, item_rules[i].word))
			rule = &item_rules[i];
	if (!rule)
		return unexpected(p, "'enum', 'struct', 'socket' or 'frames'");
	it = make(p, sizeof(*it));
	if (!it)
		return -ENOMEM;
	it->kind = rule->kind;
	it->file = p->file;
	it->doc = p->t.doc;
	if ((r = next(p)) < 0 || (r = want_name(p, rule->name_of, &it->name, &it->pos)) < 0 || (r = want(p, "{")) < 0 ||
	    (r = rule->parse(p, it)) < 0 || (r = no_doc(p)) < 0 || (r = want(p, "}")) < 0)
		return r;
	**tail = it;
	*tail = &it->next;
	return 0;
}

static int read_text(struct schema *s, const char *path, struct buf *text)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : 1;

	while (n > 0 && buf_reserve(text, 65536) == 0) {
		n = read(fd, text->data + text->len, 65536);
		if (n > 0)
			text->len += (size_t)n;
	}
	if (n < 0) {
		n = -errno;
		s->errors++;
		fprintf(stderr, "%s: cannot read: %s\n", path, strerror(errno));
		return (int)n;
	}
	return buf_error(text);
}

/* "# init.ipc - PID 1's public endpoint" gives the sentence behind the dash. */
static const char *file_doc(struct schema *s, const struct buf *text)
{
	const char *p = (const char *)text->data;
	const char *end = text->len ? memchr(p, '\n', text->len) : NULL;
	const char *dash = end && *p == '#' ? memmem(p, (size_t)(end - p), " - ", 3) : NULL;

	return dash ? arena_strndup(&s->arena, dash + 3, (size_t)(end - dash - 3)) : NULL;
}

static const char *base_name(struct schema *s, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

	if (!endswith(name, ".ipc") || strlen(name) == 4)
		return NULL;
	return arena_strndup(&s->arena, name, strlen(name) - 4);
}

int schema_parse(struct schema *s, const char *path)
{
	_cleanup_(buf_finish) struct buf text = { 0 };
	struct file *f = arena_alloc(&s->arena, sizeof(*f), _Alignof(struct file)), **at_end = &s->files;
	struct parser p = { .s = s, .file = f };
	struct item **tail;
	int r = read_text(s, path, &text);

	if (r < 0)
		return r;
	if (!f)
		return -ENOMEM;
	f->path = path;
	f->base = base_name(s, path);
	f->doc = file_doc(s, &text);
	p.lex = (struct lexer){ .schema = s, .pos = { path, 1, 1 }, .p = (const char *)text.data };
	p.lex.end = text.len ? p.lex.p + text.len : p.lex.p;
	if (!f->base)
		return complain(s, &p.lex.pos, "bad file name, expected NAME.ipc");
	while (*at_end)
		at_end = &(*at_end)->next;
	*at_end = f;
	tail = &f->items;
	r = next(&p);
	while (r == 0 && p.t.kind != T_END)
		r = parse_item(&p, &tail);
	return r < 0 ? r : no_doc(&p);
}
