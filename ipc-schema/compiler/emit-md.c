/* emit-md.c - the reference page: every socket, method, event, struct, field and enum, with its documentation, as Markdown */
#include "schema.h"

static const char *const type_words[] = {
	[MSG_BOOL] = "bool", [MSG_U8] = "u8",   [MSG_U16] = "u16", [MSG_U32] = "u32", [MSG_U64] = "u64",    [MSG_I32] = "i32",
	[MSG_I64] = "i64",   [MSG_F64] = "f64", [MSG_STR] = "str", [MSG_BYTES] = "bytes", [MSG_STRUCT] = "", [MSG_ENUM] = "",
};

/* Text inside a table's cell: no line break, no bar. */
static void add_cell(struct buf *out, const char *text)
{
	for (; text && *text; text++) {
		if (*text == '|')
			buf_addc(out, '\\');
		buf_addc(out, *text == '\n' ? ' ' : *text);
	}
}

static void add_link(struct buf *out, const struct item *it)
{
	buf_addf(out, "[%s](#%s-%s)", it->name, it->kind == ITEM_ENUM ? "enum" : "struct", it->name);
}

static void add_type(struct buf *out, const struct field *f)
{
	if (f->list)
		buf_addf(out, "list of at most %lld ", (long long)f->max_list);
	if (f->type)
		add_link(out, f->type);
	else
		buf_adds(out, type_words[f->kind]);
	if (f->kind == MSG_STR || f->kind == MSG_BYTES)
		buf_addf(out, ", at most %lld bytes%s", (long long)f->max, f->list ? " each" : "");
}

static void add_struct(struct buf *out, const struct item *it)
{
	buf_addf(out, "### struct %s\n\n", it->name);
	if (it->doc)
		buf_addf(out, "%s\n\n", it->doc);
	if (!it->fields) {
		buf_adds(out, "No fields.\n\n");
		return;
	}
	buf_adds(out, "| number | field | type | range | meaning |\n|---|---|---|---|---|\n");
	for (const struct field *f = it->fields; f; f = f->next) {
		buf_addf(out, "| %lld | %s%s | ", (long long)f->id, f->name, f->optional ? " (optional)" : "");
		add_type(out, f);
		buf_adds(out, " | ");
		if (f->ranged)
			buf_addf(out, "%lld..%lld", (long long)f->lo, (long long)f->hi);
		buf_adds(out, " | ");
		add_cell(out, f->doc);
		buf_adds(out, " |\n");
	}
	buf_addc(out, '\n');
}

static void add_enum(struct buf *out, const struct item *it)
{
	buf_addf(out, "### enum %s\n\n", it->name);
	if (it->doc)
		buf_addf(out, "%s\n\n", it->doc);
	buf_adds(out, "| value | name | meaning |\n|---|---|---|\n");
	for (const struct value *v = it->values; v; v = v->next) {
		buf_addf(out, "| %lld | %s | ", (long long)v->value, v->name);
		add_cell(out, v->doc);
		buf_adds(out, " |\n");
	}
	buf_addc(out, '\n');
}

static void add_methods(struct buf *out, const struct item *it)
{
	size_t n = 0;

	for (const struct message *m = it->messages; m; m = m->next) {
		if (m->event)
			continue;
		if (n++ == 0)
			buf_adds(out, "| number | method | who may call | sent again acts once | request | reply | meaning |\n"
				      "|---|---|---|---|---|---|---|\n");
		buf_addf(out, "| %lld | %s | %s | %s | ", (long long)m->id, m->name, m->root ? "root" : "any", m->dedup ? "yes" : "-");
		add_link(out, m->req);
		buf_adds(out, " | ");
		add_link(out, m->rep);
		buf_adds(out, " | ");
		add_cell(out, m->doc);
		buf_adds(out, " |\n");
	}
	if (n)
		buf_addc(out, '\n');
}

static void add_events(struct buf *out, const struct item *it)
{
	size_t n = 0;

	for (const struct message *m = it->messages; m; m = m->next) {
		if (!m->event)
			continue;
		if (n++ == 0)
			buf_adds(out, "| number | event | body | meaning |\n|---|---|---|---|\n");
		buf_addf(out, "| %lld | %s | ", (long long)m->id, m->name);
		add_link(out, m->req);
		buf_adds(out, " | ");
		add_cell(out, m->doc);
		buf_adds(out, " |\n");
	}
	if (n)
		buf_addc(out, '\n');
}

static void add_socket(struct buf *out, const struct item *it)
{
	buf_addf(out, "### %s %s\n\n", it->kind == ITEM_SOCKET ? "socket" : "frames", it->name);
	if (it->doc)
		buf_addf(out, "%s\n\n", it->doc);
	if (it->path)
		buf_addf(out, "Requests (REQ/REP): `%s`\n\n", it->path);
	add_methods(out, it);
	if (it->events_path)
		buf_addf(out, "Events (PUB/SUB): `%s`\n\n", it->events_path);
	add_events(out, it);
}

void emit_reference(const struct schema *s, struct buf *out)
{
	buf_adds(out, "# Messages of the suite\n\nMade from the schema by `ninja ipc-reference`.\n\n"
		      "A struct is a msgpack map from field numbers to values. A request is the array [id u64, method u32, struct], a reply\n"
		      "[id u64, result i32 (0 or a negative errno), error str, struct or nil], an event [seq u64, event u32, struct].\n"
		      "Optional fields may be absent; unknown numbers are skipped.\n\n");
	for (const struct file *f = s->files; f; f = f->next) {
		buf_addf(out, "## %s.ipc", f->base);
		if (f->doc)
			buf_addf(out, ": %s", f->doc);
		buf_adds(out, "\n\n");
		for (const struct item *it = f->items; it; it = it->next)
			if (it->kind == ITEM_SOCKET || it->kind == ITEM_FRAMES)
				add_socket(out, it);
		for (const struct item *it = f->items; it; it = it->next)
			if (it->kind == ITEM_STRUCT)
				add_struct(out, it);
		for (const struct item *it = f->items; it; it = it->next)
			if (it->kind == ITEM_ENUM)
				add_enum(out, it);
	}
}
