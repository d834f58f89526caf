/* import.c - PROGRAM and the kinds of IMPORT; udev(7) */
#include "builtin/builtin.h"
#include "eval.h"
#include "osfile.h"

#define INPUT_ALLOWED "/ $%?,"
#define IMPORT_BYTES_MAX 262144

static bool verdict(const struct token *t, bool good) { return good == (t->op == OP_MATCH); }

/* each line KEY=VALUE becomes a property; what is none is skipped */
static int take_lines(struct event *e, char *text)
{
	char *save = NULL;

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *key, *value;

		if (text_property(line, &key, &value) > 0 && device_set(e->dev, key, value, true) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int run_program(struct event *e, const struct line *l, const struct token *t, const char *command, struct buf *out)
{
	int r = e->host->program(e, command, out);

	if (r < 0)
		event_complain(e, l, t, "\"%s\": %s", command, strerror(-r));
	return r;
}

static int program(struct event *e, const struct line *l, const struct token *t)
{
	char command[EVENT_LINE_BYTES], text[EVENT_LINE_BYTES];
	struct buf out = BUF_FIXED(text);
	int r;

	e->result = NULL;
	if (event_format(e, t->value, command, sizeof(command), false) < 0) {
		event_complain(e, l, t, "the command is too long after substitution");
		return false;
	}
	out.cap--;
	r = run_program(e, l, t, command, &out);
	if (r != 0)
		return verdict(t, false);
	text[out.len] = '\0';
	for (size_t n = strlen(text); n > 0 && text[n - 1] == '\n'; n--)
		text[n - 1] = '\0';
	text_replace(text, INPUT_ALLOWED);
	e->result = arena_strndup(e->arena, text, strlen(text));
	return e->result ? verdict(t, true) : -ENOMEM;
}

static int from_program(struct event *e, const struct line *l, const struct token *t, const char *command)
{
	char text[EVENT_LINE_BYTES * 8];
	struct buf out = BUF_FIXED(text);

	out.cap--;
	if (run_program(e, l, t, command, &out) != 0)
		return verdict(t, false);
	if (out.err)                                    /* cut: the last line is not whole */
		while (out.len > 0 && text[out.len - 1] != '\n')
			out.len--;
	text[out.len] = '\0';
	return take_lines(e, text) < 0 ? -ENOMEM : verdict(t, true);
}

static int from_file(struct event *e, const struct token *t, const char *path)
{
	_cleanup_(freep) char *text = malloc(IMPORT_BYTES_MAX);

	if (!text)
		return -ENOMEM;
	if (osfile_read(path, text, IMPORT_BYTES_MAX) < 0)
		return verdict(t, false);
	return take_lines(e, text) < 0 ? -ENOMEM : verdict(t, true);
}

static int from_builtin(struct event *e, const struct line *l, const struct token *t, char *command)
{
	uint64_t bit = 1ULL << t->number;
	char *argv[32];
	int r;

	if (builtins[t->number].once && (e->builtins_run & bit))
		return verdict(t, !(e->builtins_failed & bit));
	e->builtins_run |= bit;
	r = event_words(command, argv, ARRAY_SIZE(argv));
	r = r <= 0 ? -EINVAL : builtin_run((int)t->number, e, r, argv);
	if (r < 0)
		e->builtins_failed |= bit;
	if (r == -ENOMEM)
		return r;
	if (r == -EOPNOTSUPP)
		event_complain(e, l, t, "the builtin %s cannot do that here", builtins[t->number].name);
	return verdict(t, r >= 0);
}

static int from_db(struct event *e, const struct token *t)
{
	const char *value = e->old ? device_property(e->old, t->value) : NULL;

	if (!value)
		return verdict(t, false);
	return device_set(e->dev, t->value, value, true) < 0 ? -ENOMEM : verdict(t, true);
}

static int from_cmdline(struct event *e, const struct token *t)
{
	char value[8192];
	int r = cmdline_value(e->proc, t->value, value, sizeof(value));

	if (r > 0 && device_set(e->dev, t->value, value, true) < 0)
		return -ENOMEM;
	return verdict(t, r > 0);
}

static int from_parent(struct event *e, const struct token *t, const char *filter)
{
	struct device *parent = device_parent(e->dev);

	if (!parent)
		return verdict(t, false);
	if (!device_id(parent))                 /* a bus root: sd-device has no properties of it */
		return verdict(t, true);
	if (e->db)
		database_read(e->db, parent);
	if (device_finish_properties(parent) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < parent->n_props; i++) {
		const struct property *p = &parent->props[i];

		if (glob_match(filter, p->key, false) && device_set(e->dev, p->key, p->value, true) < 0)
			return -ENOMEM;
	}
	return verdict(t, true);
}

int import_token(struct event *e, const struct line *l, const struct token *t)
{
	char text[EVENT_LINE_BYTES];

	if (t->kind == M_PROGRAM)
		return program(e, l, t);
	if (t->kind == M_IMPORT_DB)
		return from_db(e, t);
	if (t->kind == M_IMPORT_CMDLINE)
		return from_cmdline(e, t);
	if (event_format(e, t->value, text, sizeof(text), false) < 0) {
		event_complain(e, l, t, "the value is too long after substitution");
		return false;
	}
	switch ((enum token_kind)t->kind) {
	case M_IMPORT_FILE:
		return from_file(e, t, text);
	case M_IMPORT_PROGRAM:
		return from_program(e, l, t, text);
	case M_IMPORT_BUILTIN:
		return from_builtin(e, l, t, text);
	default:                                        /* M_IMPORT_PARENT */
		return from_parent(e, t, text);
	}
}
