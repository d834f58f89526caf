/* generic.c - see generic.h */
#include "client.h"
#include "generic.h"

#define TIMEOUT_MSEC 30000
#define ANSWER_BYTES (64u << 20)

static const char *const type_names[] = {
	[MSG_BOOL] = "yes|no", [MSG_U8] = "u8",   [MSG_U16] = "u16",     [MSG_U32] = "u32",     [MSG_U64] = "u64", [MSG_I32] = "i32",
	[MSG_I64] = "i64",     [MSG_F64] = "f64", [MSG_STR] = "text",    [MSG_BYTES] = "bytes", [MSG_ENUM] = "",   [MSG_STRUCT] = "",
};

/* What a person names on the command line. */
struct target { const struct msg_socket *socket; const char *path, *events_path; };

static int find_socket(const char *word, struct target *ret)
{
	const char *at = strchr(word, '@');
	size_t n = at ? (size_t)(at - word) : strlen(word);

	for (const struct msg_socket *const *s = msg_sockets; *s; s++) {
		if (!(*s)->path || strlen((*s)->name) != n || strncmp((*s)->name, word, n) != 0)
			continue;
		*ret = (struct target){ *s, at ? at + 1 : (*s)->path, at ? at + 1 : (*s)->events_path };
		return 0;
	}
	fprintf(stderr, "no socket \"%.*s\"; there are:", (int)n, word);
	for (const struct msg_socket *const *s = msg_sockets; *s; s++)
		if ((*s)->path)
			fprintf(stderr, " %s", (*s)->name);
	fputc('\n', stderr);
	return -ENOENT;
}

/* Documentation of several lines stands below itself. */
static void print_doc(FILE *out, int indent, const char *doc)
{
	for (; doc && *doc; doc += strcspn(doc, "\n"), doc += *doc == '\n')
		fprintf(out, "%*s%.*s\n", indent, "", (int)strcspn(doc, "\n"), doc);
}

static void print_type(FILE *out, const struct msg_field *f)
{
	if (f->list)
		fprintf(out, "list of ");
	if (f->kind == MSG_ENUM)
		for (size_t i = 0; i < f->en->n_values; i++)
			fprintf(out, "%s%s", i ? "|" : "", f->en->values[i].name);
	else
		fprintf(out, "%s", f->kind == MSG_STRUCT ? f->sub->name : type_names[f->kind]);
	if (f->ranged)
		fprintf(out, " %lld..%lld", (long long)f->lo, (long long)f->hi);
	if (f->optional)
		fprintf(out, " (optional)");
}

static void print_struct(FILE *out, const struct msg_desc *d, int indent)
{
	for (size_t i = 0; i < d->n_fields; i++) {
		const struct msg_field *f = &d->fields[i];

		fprintf(out, "%*s%s  ", indent, "", f->name);
		print_type(out, f);
		fputc('\n', out);
		print_doc(out, indent + 4, f->doc);
		if (f->kind == MSG_STRUCT)
			print_struct(out, f->sub, indent + 4);
	}
}

static void print_method(FILE *out, const struct msg_method *m)
{
	fprintf(out, "%s%s\n", m->name, m->who == MSG_ROOT ? "  (root only)" : "");
	print_doc(out, 2, m->doc);
	fprintf(out, "  takes:%s\n", m->req->n_fields ? "" : " nothing");
	print_struct(out, m->req, 4);
	fprintf(out, "  gives:%s\n", m->rep->n_fields ? "" : " nothing");
	print_struct(out, m->rep, 4);
}

static void print_socket(FILE *out, const struct msg_socket *s)
{
	print_doc(out, 0, s->doc);
	for (size_t i = 0; i < s->n_methods; i++) {
		fprintf(out, "  %s%s\n", s->methods[i].name, s->methods[i].who == MSG_ROOT ? "  (root only)" : "");
		print_doc(out, 6, s->methods[i].doc);
	}
	for (size_t i = 0; i < s->n_events; i++) {
		fprintf(out, "  event %s\n", s->events[i].name);
		print_doc(out, 6, s->events[i].doc);
	}
}

static void print_sockets(FILE *out)
{
	for (const struct msg_socket *const *s = msg_sockets; *s; s++) {
		if (!(*s)->path)
			continue;
		fprintf(out, "%s  %s\n", (*s)->name, (*s)->path);
		print_doc(out, 4, (*s)->doc);
	}
}

static int print_message(FILE *out, const struct msg_desc *d, const void *v, bool json)
{
	_cleanup_(buf_finish) struct buf b = { 0 };

	json ? msg_json(d, v, &b) : msg_print(d, v, &b);
	if (json)
		buf_addc(&b, '\n');
	if (buf_error(&b) < 0)
		return buf_error(&b);
	return fwrite(b.data, 1, b.len, out) == b.len ? 0 : -EIO;
}

static int complain(const struct target *t, int r, const char *what, const char *error)
{
	fprintf(stderr, "%s: %s: %s%s%s\n", t->socket->name, what, strerror(-r), error && *error ? ": " : "", error ? error : "");
	return r == -ENOENT || r == -ECONNREFUSED ? GENERIC_NO_DAEMON : GENERIC_REFUSED;
}

static int call(const struct target *t, const struct msg_method *m, const void *req, struct arena *a, bool json, FILE *out)
{
	_cleanup_(client_freep) struct client *c = NULL;
	void *rep = arena_alloc(a, m->rep->size, sizeof(uint64_t));
	const char *error = NULL;
	int r = client_open(&c, t->path, TIMEOUT_MSEC);

	if (r < 0)
		return complain(t, r, t->path, NULL);
	r = rep ? client_call(c, m, req, rep, a, &error) : -ENOMEM;
	if (r < 0) {
		complain(t, r, m->name, error);
		return GENERIC_REFUSED;
	}
	r = print_message(out, m->rep, rep, json);
	return r < 0 ? complain(t, r, "output", NULL) : GENERIC_OK;
}

static int call_with_words(const struct target *t, const struct msg_method *m, int argc, char **argv, bool json, FILE *out)
{
	struct arena a = ARENA_HEAP(ANSWER_BYTES);
	void *req = arena_alloc(&a, m->req->size, sizeof(uint64_t));
	char why[MSG_WHY] = "out of memory";
	int r = req ? msg_from_args(m->req, argv, (size_t)argc, &a, req, why) : -ENOMEM;

	if (r < 0) {
		fprintf(stderr, "%s %s: %s\n", t->socket->name, m->name, why);
		r = GENERIC_USAGE;
	} else {
		r = call(t, m, req, &a, json, out);
	}
	arena_reset(&a);
	return r;
}

static int print_event(const struct target *t, const struct msg_event_frame *frame, bool json, FILE *out)
{
	const struct msg_event *e = msg_event_by_id(t->socket, frame->event);
	struct arena a = ARENA_HEAP(ANSWER_BYTES);
	void *v = e ? arena_alloc(&a, e->body->size, sizeof(uint64_t)) : NULL;
	int r = v ? msg_decode(e->body, frame->body, frame->body_len, &a, v, NULL) : 0;

	if (json)
		fprintf(out, "{\"seq\":%llu,\"event\":\"%s\",\"body\":", (unsigned long long)frame->seq, e ? e->name : "");
	else
		fprintf(out, "%llu %s\n", (unsigned long long)frame->seq, e ? e->name : "(an event newer than this program)");
	if (v && r == 0) {
		_cleanup_(buf_finish) struct buf b = { 0 };

		json ? msg_json(e->body, v, &b) : msg_print(e->body, v, &b);
		fwrite(b.data, 1, b.len, out);
	} else if (json) {
		fprintf(out, "null");
	}
	fprintf(out, json ? "}\n" : "\n");
	arena_reset(&a);
	return fflush(out) == 0 ? r : -EIO;
}

static int watch_events(const struct target *t, bool json, FILE *out)
{
	_cleanup_(subscriber_freep) struct subscriber *s = NULL;
	struct msg_event_frame frame;
	int r = t->events_path ? subscriber_open(&s, t->events_path, TIMEOUT_MSEC) : -EOPNOTSUPP;

	while (r >= 0) {
		r = subscriber_next(s, -1, &frame);
		if (r >= 0)
			r = print_event(t, &frame, json, out);
	}
	return complain(t, r, "events", NULL);
}

int generic_call(int argc, char **argv, bool json, FILE *out)
{
	const struct msg_method *m;
	struct target t;

	if (argc == 0) {
		print_sockets(out);
		return GENERIC_OK;
	}
	if (find_socket(argv[0], &t) < 0)
		return GENERIC_USAGE;
	if (argc == 1) {
		print_socket(out, t.socket);
		return GENERIC_OK;
	}
	m = msg_method_by_name(t.socket, argv[1]);
	if (!m && streq(argv[1], "events") && argc == 2)
		return watch_events(&t, json, out);
	if (!m) {
		fprintf(stderr, "%s: no method \"%s\"; there are:\n", t.socket->name, argv[1]);
		print_socket(stderr, t.socket);
		return GENERIC_USAGE;
	}
	if (argc == 3 && streq(argv[2], "help")) {
		print_method(out, m);
		return GENERIC_OK;
	}
	return call_with_words(&t, m, argc - 2, argv + 2, json, out);
}
