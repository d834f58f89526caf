/* emit-c.c - the C side of a schema: structs and enums in headers, descriptions in tables; its shape is documented in msg.h */
#include "schema.h"

static void add_upper(struct buf *out, const char *name)
{
	for (; *name; name++)
		buf_addc(out, (char)(*name >= 'a' && *name <= 'z' ? *name - 'a' + 'A' : *name));
}

static void add_string(struct buf *out, const char *text)
{
	if (!text) {
		buf_adds(out, "NULL");
		return;
	}
	buf_addc(out, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buf_addc(out, '\\');
		if (*text == '\n')
			buf_adds(out, "\\n");
		else
			buf_addc(out, *text);
	}
	buf_addc(out, '"');
}

/* Documentation as a C comment; a comment's end inside would end ours. */
static void add_comment(struct buf *out, const char *indent, const char *doc)
{
	if (!doc)
		return;
	buf_addf(out, "%s/* ", indent);
	for (const char *p = doc; *p; p++) {
		if (*p == '\n')
			buf_addf(out, "\n%s * ", indent);
		else if (p[0] == '*' && p[1] == '/')
			buf_adds(out, "* ");
		else
			buf_addc(out, *p);
	}
	buf_adds(out, " */\n");
}

static const struct shape { const char *c, *kind; } shapes[] = {
	[MSG_BOOL] = { "bool", "MSG_BOOL" },
	[MSG_U8] = { "uint8_t", "MSG_U8" },
	[MSG_U16] = { "uint16_t", "MSG_U16" },
	[MSG_U32] = { "uint32_t", "MSG_U32" },
	[MSG_U64] = { "uint64_t", "MSG_U64" },
	[MSG_I32] = { "int32_t", "MSG_I32" },
	[MSG_I64] = { "int64_t", "MSG_I64" },
	[MSG_F64] = { "double", "MSG_F64" },
	[MSG_STR] = { "const char *", "MSG_STR" },
	[MSG_BYTES] = { "struct msg_bytes", "MSG_BYTES" },
	[MSG_ENUM] = { "enum ipc_", "MSG_ENUM" },
	[MSG_STRUCT] = { "struct ipc_", "MSG_STRUCT" },
};

static bool has_flag(const struct field *f)
{
	return f->optional && (f->list || f->kind != MSG_STR);
}

static void add_member(struct buf *out, const struct field *f)
{
	add_comment(out, "\t", f->doc);
	buf_addf(out, "\t%s%s%s%s%s;\n", shapes[f->kind].c, f->type ? f->type->name : "", f->kind == MSG_STR ? "" : " ",
		 f->list ? "*" : "", f->name);
	if (f->list)
		buf_addf(out, "\tsize_t n_%s;\n", f->name);
	if (has_flag(f))
		buf_addf(out, "\tbool has_%s;\n", f->name);
}

static void add_struct(struct buf *out, struct item *it)
{
	if (it->mark == 3)
		return;
	it->mark = 3;
	for (const struct field *f = it->fields; f; f = f->next)        /* members first; schema_check() saw that this ends */
		if (f->type && f->type->kind == ITEM_STRUCT && f->type->file == it->file)
			add_struct(out, f->type);
	add_comment(out, "", it->doc);
	buf_addf(out, "struct ipc_%s {\n", it->name);
	for (const struct field *f = it->fields; f; f = f->next)
		add_member(out, f);
	if (!it->fields)
		buf_adds(out, "\tchar nothing_;          /* a struct of C has a member */\n");
	buf_addf(out, "};\nextern const struct msg_desc ipc_%s_desc;\n", it->name);
	buf_addf(out, "static inline int ipc_%s_encode(const struct ipc_%s *v, struct buf *b)\n"
		      "{\n\treturn msg_encode(&ipc_%s_desc, v, b);\n}\n", it->name, it->name, it->name);
	buf_addf(out, "static inline int ipc_%s_decode(const void *p, size_t n, struct arena *a, struct ipc_%s *v, char *why)\n"
		      "{\n\treturn msg_decode(&ipc_%s_desc, p, n, a, v, why);\n}\n\n", it->name, it->name, it->name);
}

static void add_enum(struct buf *out, const struct item *it)
{
	add_comment(out, "", it->doc);
	buf_addf(out, "enum ipc_%s {\n", it->name);
	for (const struct value *v = it->values; v; v = v->next) {
		add_comment(out, "\t", v->doc);
		buf_adds(out, "\tIPC_");
		add_upper(out, it->name);
		buf_addc(out, '_');
		add_upper(out, v->name);
		if (v->value == INT32_MIN)
			buf_adds(out, " = -2147483647 - 1,\n");
		else
			buf_addf(out, " = %lld,\n", (long long)v->value);
	}
	buf_addf(out, "};\nextern const struct msg_enum ipc_%s_enum;\n\n", it->name);
}

static void add_messages(struct buf *out, const struct item *it)
{
	add_comment(out, "", it->doc);
	if (it->messages)
		buf_adds(out, "enum {\n");
	for (const struct message *m = it->messages; m; m = m->next) {
		add_comment(out, "\t", m->doc);
		buf_adds(out, "\tIPC_");
		add_upper(out, it->name);
		buf_adds(out, m->event ? "_EV_" : "_");
		add_upper(out, m->name);
		buf_addf(out, " = %lld,\n", (long long)m->id);
	}
	if (it->messages)
		buf_adds(out, "};\n");
	buf_addf(out, "extern const struct msg_socket ipc_%s_socket;\n\n", it->name);
}

void emit_header(const struct file *f, struct buf *out)
{
	buf_addf(out, "/* %s.ipc.h - made by ipcc from %s.ipc; its shape is documented in msg.h */\n#pragma once\n", f->base, f->base);
	buf_adds(out, "#include \"msg.h\"\n#include \"schema.h\"\n");
	for (const struct item *it = f->items; it; it = it->next)
		for (const struct field *d = it->fields; d; d = d->next)
			if (d->type && d->type->file != f && d->type->file->mark != 3) {
				buf_addf(out, "#include \"%s.ipc.h\"\n", d->type->file->base);
				d->type->file->mark = 3;
			}
	for (const struct item *it = f->items; it; it = it->next)       /* ready for the next file */
		for (const struct field *d = it->fields; d; d = d->next)
			if (d->type)
				d->type->file->mark = 2;
	buf_addc(out, '\n');
	for (struct item *it = f->items; it; it = it->next)
		if (it->kind == ITEM_ENUM)
			add_enum(out, it);
	for (struct item *it = f->items; it; it = it->next)
		if (it->kind == ITEM_STRUCT)
			add_struct(out, it);
	for (struct item *it = f->items; it; it = it->next)
		if (it->kind == ITEM_SOCKET || it->kind == ITEM_FRAMES)
			add_messages(out, it);
}

static void add_enum_table(struct buf *out, const struct item *it)
{
	buf_addf(out, "static const struct msg_enum_value %s_values[] = {\n", it->name);
	for (const struct value *v = it->values; v; v = v->next) {
		buf_addf(out, "\t{ .name = \"%s\", .value = (int32_t)%lldLL, .doc = ", v->name, (long long)v->value);
		add_string(out, v->doc);
		buf_adds(out, " },\n");
	}
	buf_addf(out, "};\nconst struct msg_enum ipc_%s_enum = {\n\t.name = \"%s\", .values = %s_values,\n"
		      "\t.n_values = ARRAY_SIZE(%s_values), .doc = ", it->name, it->name, it->name, it->name);
	add_string(out, it->doc);
	buf_adds(out, ",\n};\n\n");
}

static void add_number(struct buf *out, int64_t v)
{
	if (v == INT64_MIN)
		buf_adds(out, "INT64_MIN");
	else
		buf_addf(out, "%lldLL", (long long)v);
}

static void add_field_row(struct buf *out, const struct item *it, const struct field *f)
{
	buf_addf(out, "\t{ .id = %lld, .name = \"%s\", .kind = %s, .off = offsetof(struct ipc_%s, %s),\n\t  .off_has = ", (long long)f->id,
		 f->name, shapes[f->kind].kind, it->name, f->name);
	if (has_flag(f))
		buf_addf(out, "offsetof(struct ipc_%s, has_%s)", it->name, f->name);
	else
		buf_adds(out, "UINT32_MAX");
	buf_addf(out, ", .max = %lld", (long long)f->max);
	if (f->optional)
		buf_adds(out, ", .optional = true");
	if (f->list)
		buf_addf(out, ", .list = true, .max_list = %lld, .off_n = offsetof(struct ipc_%s, n_%s)", (long long)f->max_list,
			 it->name, f->name);
	if (f->ranged) {
		buf_adds(out, ", .ranged = true, .lo = ");
		add_number(out, f->lo);
		buf_adds(out, ", .hi = ");
		add_number(out, f->hi);
	}
	if (f->type)
		buf_addf(out, f->kind == MSG_ENUM ? ", .en = &ipc_%s_enum" : ", .sub = &ipc_%s_desc", f->type->name);
	buf_adds(out, ",\n\t  .doc = ");
	add_string(out, f->doc);
	buf_adds(out, " },\n");
}

static void add_struct_table(struct buf *out, const struct item *it)
{
	if (it->fields) {
		buf_addf(out, "static const struct msg_field %s_fields[] = {\n", it->name);
		for (const struct field *f = it->fields; f; f = f->next)
			add_field_row(out, it, f);
		buf_adds(out, "};\n");
	}
	buf_addf(out, "const struct msg_desc ipc_%s_desc = {\n\t.name = \"%s\", .size = sizeof(struct ipc_%s),\n", it->name, it->name, it->name);
	if (it->fields)
		buf_addf(out, "\t.fields = %s_fields, .n_fields = ARRAY_SIZE(%s_fields),\n", it->name, it->name);
	buf_adds(out, "\t.doc = ");
	add_string(out, it->doc);
	buf_adds(out, ",\n};\n\n");
}

static size_t add_message_table(struct buf *out, const struct item *it, bool events)
{
	size_t n = 0;

	for (const struct message *m = it->messages; m; m = m->next) {
		if (m->event != events)
			continue;
		if (n++ == 0)
			buf_addf(out, "static const struct msg_%s %s_%s[] = {\n", events ? "event" : "method", it->name,
				 events ? "events" : "methods");
		buf_addf(out, "\t{ .id = %lld, .name = \"%s\"", (long long)m->id, m->name);
		if (events)
			buf_addf(out, ", .body = &ipc_%s_desc", m->req->name);
		else
			buf_addf(out, ", .who = %s, .dedup = %s, .req = &ipc_%s_desc, .rep = &ipc_%s_desc", m->root ? "MSG_ROOT" : "MSG_ANY",
				 m->dedup ? "true" : "false", m->req->name, m->rep->name);
		buf_adds(out, ",\n\t  .doc = ");
		add_string(out, m->doc);
		buf_adds(out, " },\n");
	}
	if (n)
		buf_adds(out, "};\n");
	return n;
}

static void add_socket_table(struct buf *out, const struct item *it)
{
	size_t methods = add_message_table(out, it, false), events = add_message_table(out, it, true);

	buf_addf(out, "const struct msg_socket ipc_%s_socket = {\n\t.name = \"%s\", .path = ", it->name, it->name);
	add_string(out, it->path);
	buf_adds(out, ", .events_path = ");
	add_string(out, it->events_path);
	buf_adds(out, ",\n");
	if (methods)
		buf_addf(out, "\t.methods = %s_methods, .n_methods = ARRAY_SIZE(%s_methods),\n", it->name, it->name);
	if (events)
		buf_addf(out, "\t.events = %s_events, .n_events = ARRAY_SIZE(%s_events),\n", it->name, it->name);
	buf_adds(out, "\t.doc = ");
	add_string(out, it->doc);
	buf_adds(out, ",\n};\n\n");
}

void emit_source(const struct file *f, struct buf *out)
{
	buf_addf(out, "/* %s.ipc.c - made by ipcc from %s.ipc: the descriptions that msg.c walks */\n", f->base, f->base);
	buf_addf(out, "#include \"%s.ipc.h\"\n", f->base);
	for (const struct item *it = f->items; it; it = it->next)       /* bodies of messages may come from other files */
		for (const struct message *m = it->messages; m; m = m->next) {
			buf_addf(out, "#include \"%s.ipc.h\"\n", m->req->file->base);
			if (m->rep && m->rep->file != m->req->file)
				buf_addf(out, "#include \"%s.ipc.h\"\n", m->rep->file->base);
		}
	buf_addc(out, '\n');
	for (const struct item *it = f->items; it; it = it->next)
		switch (it->kind) {
		case ITEM_ENUM:
			add_enum_table(out, it);
			break;
		case ITEM_STRUCT:
			add_struct_table(out, it);
			break;
		case ITEM_SOCKET:
		case ITEM_FRAMES:
			add_socket_table(out, it);
			break;
		}
}

void emit_sockets(const struct schema *s, struct buf *out)
{
	buf_adds(out, "/* sockets.c - made by ipcc: every socket and set of frames of the schema */\n");
	for (const struct file *f = s->files; f; f = f->next)
		buf_addf(out, "#include \"%s.ipc.h\"\n", f->base);
	buf_adds(out, "\nconst struct msg_socket *const msg_sockets[] = {\n");
	for (const struct file *f = s->files; f; f = f->next)
		for (const struct item *it = f->items; it; it = it->next)
			if (it->kind == ITEM_SOCKET || it->kind == ITEM_FRAMES)
				buf_addf(out, "\t&ipc_%s_socket,\n", it->name);
	buf_adds(out, "\tNULL,\n};\n\nconst struct msg_desc *const msg_descs[] = {\n");
	for (const struct file *f = s->files; f; f = f->next)
		for (const struct item *it = f->items; it; it = it->next)
			if (it->kind == ITEM_STRUCT)
				buf_addf(out, "\t&ipc_%s_desc,\n", it->name);
	buf_adds(out, "\tNULL,\n};\n");
}
