/* key.c - the keys of udev(7) as table rows, and one line of text -> tokens by them */
#include <stdarg.h>
#include <stdio.h>
#include "builtin/builtin.h"
#include "event/event.h"
#include "log.h"
#include "program.h"
#include "value.h"

#define LINE_TOKENS_MAX 512
#define NONE (-1)
#define BIT(op) (1u << (op))
#define ANY_ASSIGN (BIT(OP_ADD) | BIT(OP_ASSIGN) | BIT(OP_ASSIGN_FINAL))
#define ANY_EDIT (ANY_ASSIGN | BIT(OP_REMOVE))
#define ANY_MATCH (BIT(OP_MATCH) | BIT(OP_NOMATCH))

enum attr_rule { NO_ATTR, NEEDS_ATTR, MAY_ATTR };
struct building {                       /* a line under construction */
	struct place *at;
	struct line *line;
	struct token tokens[LINE_TOKENS_MAX];
	size_t n;
};

struct key_row {
	const char *name;
	enum attr_rule attr;
	int match, assign;              /* token kinds; NONE: not that way */
	unsigned ops;                   /* operators that mean what they say */
	unsigned as_assign;             /* taken as "=", with a warning */
	unsigned as_match;              /* taken as "==", as udev(7) says */
	int (*check)(struct building *b, const struct lexeme *x, struct token *t);      /* 0 add it; 1 nothing to add; <0 reported */
	bool formats;                   /* an assigned value may hold substitutions */
};

int key_complain(const struct place *at, int level, const char *where, const char *fmt, ...)
{
	const struct segment *s = at->segments;
	size_t offset = where ? (size_t)(where - at->text) : 0, i = 0;
	char text[512];
	va_list ap;

	while (i + 1 < at->n_segments && s[i + 1].offset <= offset)
		i++;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	diag(at->rules->sink, level, at->file, s[i].line, s[i].column + (unsigned)(offset - s[i].offset), "%s", text);
	return -EINVAL;
}

static void check_format(struct building *b, const struct lexeme *x, const char *text, const char *where)
{
	const char *why;
	size_t offset;

	if (subst_check(text, &offset, &why) < 0)
		key_complain(b->at, DIAG_WARNING, where, "%s: %s at \"%.16s\"", x->key, why, text + offset);
}

static int octal(const char *s, int64_t *ret)
{
	size_t n = strspn(s, "01234567");

	if (n == 0 || s[n] || n > 12)
		return -EINVAL;
	*ret = (int64_t)strtoul(s, NULL, 8);
	return *ret <= 07777 ? 0 : -ERANGE;
}

static bool one_of_words(const char *s, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (streq(s, words[i]))
			return true;
	return false;
}

/* -- what single keys want besides -- */
static int check_name(struct building *b, const struct lexeme *x, struct token *t)
{
	if (t->kind != A_NAME)
		return 0;
	if (streq(t->value, "%k"))
		return key_complain(b->at, DIAG_ERROR, x->value_at, "NAME=\"%%k\" changes nothing");
	return *t->value ? 0 : key_complain(b->at, DIAG_ERROR, x->value_at, "NAME: a network interface needs a name, expected one");
}

static int check_env(struct building *b, const struct lexeme *x, struct token *t)
{
	static const char *const fixed[] = { "ACTION", "DEVLINKS", "DEVNAME", "DEVPATH", "DEVTYPE", "DRIVER", "IFINDEX", "MAJOR", "MINOR",
		"SEQNUM", "SUBSYSTEM", "TAGS" };

	if (t->kind == A_ENV && one_of_words(t->attr, fixed, ARRAY_SIZE(fixed)))
		return key_complain(b->at, DIAG_ERROR, x->attr_at, "ENV{%s} cannot be set, it is the kernel's or udev's own", t->attr);
	return 0;
}

static int check_const(struct building *b, const struct lexeme *x, struct token *t)
{
	static const char *const known[] = { "arch", "virt" };

	if (one_of_words(t->attr, known, ARRAY_SIZE(known)))
		return 0;
	return key_complain(b->at, DIAG_ERROR, x->attr_at, "CONST{%s} is not known, expected arch or virt", t->attr);
}

static int check_subsystem(struct building *b, const struct lexeme *x, struct token *t)
{
	if (streq(t->value, "bus") || streq(t->value, "class"))
		key_complain(b->at, DIAG_WARNING, x->value_at, "\"%s\" is an old name, expected \"subsystem\"", t->value);
	return 0;
}

static int check_attr(struct building *b, const struct lexeme *x, struct token *t)
{
	if (t->kind == M_ATTRS && startswith(t->attr, "device/"))
		key_complain(b->at, DIAG_WARNING, x->attr_at, "\"device\" may go from sysfs, expected the attribute of a parent");
	if (t->kind == M_ATTRS && strstr(t->attr, "../"))
		key_complain(b->at, DIAG_WARNING, x->attr_at, "a path with ../ may break with any kernel");
	check_format(b, x, t->attr, x->attr_at);
	return 0;
}

static int check_test(struct building *b, const struct lexeme *x, struct token *t)
{
	if (x->attr && octal(x->attr, &t->number) < 0)
		return key_complain(b->at, DIAG_ERROR, x->attr_at, "TEST{%s}: expected a file mode in octal", x->attr);
	t->resolved = x->attr != NULL;
	check_format(b, x, t->value, x->value_at);
	return 0;
}

static int use_builtin(struct building *b, const struct lexeme *x, struct token *t, enum token_kind kind)
{
	t->number = builtin_find(t->value);
	if (t->number < 0)
		return key_complain(b->at, DIAG_ERROR, x->value_at, "%s{builtin}: there is no builtin \"%s\"", x->key, t->value);
	t->kind = kind;
	return 0;
}

static int check_import(struct building *b, const struct lexeme *x, struct token *t)
{
	static const struct { const char *name; enum token_kind kind; } types[] = {
		{ "program", M_IMPORT_PROGRAM }, { "builtin", M_IMPORT_BUILTIN }, { "file", M_IMPORT_FILE }, { "db", M_IMPORT_DB },
		{ "cmdline", M_IMPORT_CMDLINE }, { "parent", M_IMPORT_PARENT },
	};

	check_format(b, x, t->value, x->value_at);
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		if (!streq(x->attr, types[i].name))
			continue;
		if (types[i].kind == M_IMPORT_BUILTIN)
			return use_builtin(b, x, t, M_IMPORT_BUILTIN);
		t->kind = types[i].kind;
		if (t->kind == M_IMPORT_PROGRAM && builtin_find(t->value) >= 0)         /* as udevd does: the builtin stands for it */
			return use_builtin(b, x, t, M_IMPORT_BUILTIN);
		return 0;
	}
	return key_complain(b->at, DIAG_ERROR, x->attr_at, "IMPORT{%s}: expected program, builtin, file, db, cmdline or parent", x->attr);
}

static int check_run(struct building *b, const struct lexeme *x, struct token *t)
{
	if (!x->attr || streq(x->attr, "program"))
		return 0;
	if (streq(x->attr, "builtin"))
		return use_builtin(b, x, t, A_RUN_BUILTIN);
	return key_complain(b->at, DIAG_ERROR, x->attr_at, "RUN{%s}: expected program or builtin", x->attr);
}

static int check_program(struct building *b, const struct lexeme *x, struct token *t)
{
	check_format(b, x, t->value, x->value_at);
	return 0;
}

static int check_owner(struct building *b, const struct lexeme *x, struct token *t)
{
	const struct rules_names *names = b->at->rules->names;
	int (*find)(const char *name, uint32_t *ret) = t->kind == A_OWNER ? names->user : names->group;
	uint32_t id;

	if (strpbrk(t->value, "%$"))
		return 0;
	t->resolved = true;
	t->number = -1;                         /* nobody: as udevd does it, the rest of the rule stays and the owner is as if unset */
	if (find(t->value, &id) == 0)
		t->number = id;
	else
		key_complain(b->at, DIAG_WARNING, x->value_at, "%s: there is no %s \"%s\"", x->key, t->kind == A_OWNER ? "user" : "group", t->value);
	return 0;
}

static int check_mode(struct building *b, const struct lexeme *x, struct token *t)
{
	t->resolved = octal(t->value, &t->number) == 0;
	if (!t->resolved && !strpbrk(t->value, "%$"))
		key_complain(b->at, DIAG_WARNING, x->value_at, "MODE: \"%s\" is no file mode in octal", t->value);
	return 0;
}

static int check_goto(struct building *b, const struct lexeme *x, struct token *t)
{
	if (b->line->goto_label) {
		key_complain(b->at, DIAG_WARNING, x->key_at, "GOTO stands here twice, the first one counts");
		return 1;
	}
	b->line->goto_label = t->value;
	b->line->goto_column = t->column;
	b->line->flags |= LINE_HAS_GOTO;
	return 1;
}

static int check_label(struct building *b, const struct lexeme *x, struct token *t)
{
	b->line->label = t->value;
	b->line->flags |= LINE_HAS_LABEL;
	return 1;
}

/* -- OPTIONS -- */
static int option_number(struct building *b, const struct lexeme *x, struct token *t, const char *arg)
{
	char *end;
	long v;

	errno = 0;
	v = strtol(arg, &end, 0);
	if (!*arg || *end || errno || v < INT32_MIN || v > INT32_MAX)
		return key_complain(b->at, DIAG_ERROR, x->value_at, "link_priority=%s: expected a number", arg);
	t->number = v;
	return 0;
}

static int option_level(struct building *b, const struct lexeme *x, struct token *t, const char *arg)
{
	int level;

	t->number = -1;
	if (streq(arg, "reset"))
		return 0;
	if (log_level_parse(arg, &level) < 0)
		return key_complain(b->at, DIAG_ERROR, x->value_at, "log_level=%s: expected a level such as debug or info, or reset", arg);
	t->number = level;
	return 0;
}

static int option_node(struct building *b, const struct lexeme *x, struct token *t, const char *arg)
{
	t->value = arg;
	return 0;
}

static const struct option_word {
	const char *text;               /* with "=" at its end: something follows */
	enum token_kind kind;
	int number;
	int (*read)(struct building *b, const struct lexeme *x, struct token *t, const char *arg);
} option_words[] = {
	{ "string_escape=none", A_ESCAPE, 0 },
	{ "string_escape=replace", A_ESCAPE, 1 },
	{ "db_persist", A_DB_PERSIST, 1 },
	{ "watch", A_WATCH, 1 },
	{ "nowatch", A_WATCH, 0 },
	{ "dump", A_DUMP, 1 },
	{ "link_priority=", A_LINK_PRIORITY, 0, option_number },
	{ "log_level=", A_LOG_LEVEL, 0, option_level },
	{ "static_node=", A_STATIC_NODE, 0, option_node },
};

static int check_options(struct building *b, const struct lexeme *x, struct token *t)
{
	for (size_t i = 0; i < ARRAY_SIZE(option_words); i++) {
		const struct option_word *w = &option_words[i];

		if (w->read ? !startswith(t->value, w->text) : !streq(t->value, w->text))
			continue;
		t->kind = (uint8_t)w->kind;
		t->number = w->number;
		return w->read ? w->read(b, x, t, t->value + strlen(w->text)) : 0;
	}
	key_complain(b->at, DIAG_WARNING, x->value_at, "OPTIONS: \"%s\" is not known", t->value);
	return 1;
}

static const struct key_row keys[] = {
	{ "ACTION", NO_ATTR, M_ACTION, NONE, ANY_MATCH },
	{ "ATTR", NEEDS_ATTR, M_ATTR, A_ATTR, ANY_MATCH | BIT(OP_ASSIGN), BIT(OP_ADD) | BIT(OP_ASSIGN_FINAL), 0, check_attr, true },
	{ "ATTRS", NEEDS_ATTR, M_ATTRS, NONE, ANY_MATCH, 0, 0, check_attr },
	{ "CONST", NEEDS_ATTR, M_CONST, NONE, ANY_MATCH, 0, 0, check_const },
	{ "DEVPATH", NO_ATTR, M_DEVPATH, NONE, ANY_MATCH },
	{ "DRIVER", NO_ATTR, M_DRIVER, NONE, ANY_MATCH },
	{ "DRIVERS", NO_ATTR, M_DRIVERS, NONE, ANY_MATCH },
	{ "ENV", NEEDS_ATTR, M_ENV, A_ENV, ANY_MATCH | BIT(OP_ASSIGN) | BIT(OP_ADD), BIT(OP_ASSIGN_FINAL), 0, check_env, true },
	{ "GOTO", NO_ATTR, NONE, A_RUN_PROGRAM, BIT(OP_ASSIGN), 0, 0, check_goto },
	{ "GROUP", NO_ATTR, NONE, A_GROUP, BIT(OP_ASSIGN) | BIT(OP_ASSIGN_FINAL), BIT(OP_ADD), 0, check_owner, true },
	{ "IMPORT", NEEDS_ATTR, M_IMPORT_FILE, NONE, ANY_MATCH, 0, ANY_ASSIGN, check_import },
	{ "KERNEL", NO_ATTR, M_KERNEL, NONE, ANY_MATCH },
	{ "KERNELS", NO_ATTR, M_KERNELS, NONE, ANY_MATCH },
	{ "LABEL", NO_ATTR, NONE, A_RUN_PROGRAM, BIT(OP_ASSIGN), 0, 0, check_label },
	{ "MODE", NO_ATTR, NONE, A_MODE, BIT(OP_ASSIGN) | BIT(OP_ASSIGN_FINAL), BIT(OP_ADD), 0, check_mode, true },
	{ "NAME", NO_ATTR, M_NAME, A_NAME, ANY_MATCH | BIT(OP_ASSIGN) | BIT(OP_ASSIGN_FINAL), BIT(OP_ADD), 0, check_name, true },
	{ "OPTIONS", NO_ATTR, NONE, A_WATCH, ANY_ASSIGN, 0, 0, check_options },
	{ "OWNER", NO_ATTR, NONE, A_OWNER, BIT(OP_ASSIGN) | BIT(OP_ASSIGN_FINAL), BIT(OP_ADD), 0, check_owner, true },
	{ "PROGRAM", NO_ATTR, M_PROGRAM, NONE, ANY_MATCH, 0, ANY_ASSIGN, check_program },
	{ "RESULT", NO_ATTR, M_RESULT, NONE, ANY_MATCH },
	{ "RUN", MAY_ATTR, NONE, A_RUN_PROGRAM, ANY_ASSIGN, 0, 0, check_run, true },
	{ "SECLABEL", NEEDS_ATTR, NONE, A_SECLABEL, BIT(OP_ASSIGN) | BIT(OP_ADD), BIT(OP_ASSIGN_FINAL), 0, NULL, true },
	{ "SUBSYSTEM", NO_ATTR, M_SUBSYSTEM, NONE, ANY_MATCH, 0, 0, check_subsystem },
	{ "SUBSYSTEMS", NO_ATTR, M_SUBSYSTEMS, NONE, ANY_MATCH, 0, 0, check_subsystem },
	{ "SYMLINK", NO_ATTR, M_SYMLINK, A_SYMLINK, ANY_MATCH | ANY_ASSIGN, 0, 0, NULL, true },
	{ "SYSCTL", NEEDS_ATTR, M_SYSCTL, A_SYSCTL, ANY_MATCH | BIT(OP_ASSIGN), BIT(OP_ADD) | BIT(OP_ASSIGN_FINAL), 0, check_attr, true },
	{ "TAG", NO_ATTR, M_TAG, A_TAG, ANY_MATCH | BIT(OP_ASSIGN) | BIT(OP_ADD) | BIT(OP_REMOVE), BIT(OP_ASSIGN_FINAL), 0, NULL, true },
	{ "TAGS", NO_ATTR, M_TAGS, NONE, ANY_MATCH },
	{ "TEST", MAY_ATTR, M_TEST, NONE, ANY_MATCH, 0, 0, check_test },
};

static int key_compare(const void *name, const void *row) { return strcmp(name, ((const struct key_row *)row)->name); }

static int read_token(struct building *b, const struct lexeme *x, const struct key_row *row, struct token *t)
{
	unsigned op = BIT(x->op);

	if (row->attr == NO_ATTR && x->attr)
		return key_complain(b->at, DIAG_ERROR, x->attr_at, "%s takes no {attribute}", row->name);
	if (row->attr == NEEDS_ATTR && (!x->attr || !*x->attr))
		return key_complain(b->at, DIAG_ERROR, x->attr ? x->attr_at : x->op_at, "%s needs an {attribute}", row->name);
	t->op = (uint8_t)x->op;
	if (row->as_match & op)
		t->op = OP_MATCH;
	else if (row->as_assign & op) {
		key_complain(b->at, DIAG_WARNING, x->op_at, "%s does not take this operator, \"=\" is assumed", row->name);
		t->op = OP_ASSIGN;
	} else if (!(row->ops & op))
		return key_complain(b->at, DIAG_ERROR, x->op_at, "%s does not take this operator, expected one of those of %s", row->name,
				    row->match == NONE ? "assignments" : row->assign == NONE ? "matches" : "udev(7)");
	t->kind = (uint8_t)(op_is_match(t->op) ? row->match : row->assign);
	t->icase = x->icase;
	if (x->icase && !op_is_match(t->op))
		return key_complain(b->at, DIAG_ERROR, x->value_at, "%s: the prefix i is for matches only", row->name);
	if (row->formats && !op_is_match(t->op))
		check_format(b, x, x->value, x->value_at);
	return row->check ? row->check(b, x, t) : 0;
}

static int finish_token(struct building *b, struct token *t)
{
	static const char blanks[] = " \t\n\r\v\f";
	size_t n = strlen(t->value);

	t->attr_kind = !t->attr ? ATTR_PLAIN : *t->attr == '[' ? ATTR_SUBSYS : strpbrk(t->attr, "%$") ? ATTR_FORMAT : ATTR_PLAIN;
	t->strip = (t->kind == M_ATTR || t->kind == M_ATTRS) && (n == 0 || !strchr(blanks, t->value[n - 1]));
	if (t->kind == A_NAME)
		b->line->flags |= LINE_FOR_NET;
	else if (t->kind == A_SYMLINK || t->kind == A_OWNER || t->kind == A_GROUP || t->kind == A_MODE)
		b->line->flags |= LINE_FOR_NODE;
	else if (t->kind == A_STATIC_NODE)
		b->line->flags |= LINE_HAS_STATIC_NODE;
	else if (t->kind >= A_ESCAPE || kind_imports(t->kind))
		b->line->flags |= LINE_UPDATES;
	return kind_has_pattern(t->kind) ? pattern_compile(&b->at->rules->arena, t) : 0;
}

static int add_token(struct building *b, const struct lexeme *x)
{
	struct arena *a = &b->at->rules->arena;
	const struct key_row *row = bsearch(x->key, keys, ARRAY_SIZE(keys), sizeof(*keys), key_compare);
	struct token *t = &b->tokens[b->n];
	int r;

	if (!row)
		return key_complain(b->at, DIAG_ERROR, x->key_at, "\"%s\" is no key, expected one of udev(7)", x->key);
	if (b->n == LINE_TOKENS_MAX)
		return key_complain(b->at, DIAG_ERROR, x->key_at, "more than %d expressions in one rule", LINE_TOKENS_MAX);
	*t = (struct token){ .attr = x->attr ? arena_strndup(a, x->attr, strlen(x->attr)) : NULL, .value = arena_strndup(a, x->value, strlen(x->value)),
			     .column = (unsigned)(x->key_at - b->at->text) + 1 };
	if (!t->value || (x->attr && !t->attr))
		return -ENOMEM;
	r = read_token(b, x, row, t);
	if (r != 0)
		return r < 0 ? r : 0;
	b->n++;
	return finish_token(b, t);
}

/* owner, group and mode with substitutions come before those without */
static int rank(const struct token *t)
{
	bool late = t->kind >= A_OWNER && t->kind <= A_MODE && t->resolved;

	return late ? A_MODE * 4 + 1 + (t->kind - A_OWNER) : t->kind * 4;
}

/* stable, and a line is short */
static void sort(struct token *t, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct token one = t[i];
		size_t k = i;

		for (; k > 0 && rank(&t[k - 1]) > rank(&one); k--)
			t[k] = t[k - 1];
		t[k] = one;
	}
}

int key_line(struct place *at, char *text, struct line *line)
{
	struct building b = { .at = at, .line = line };
	struct token *copy;
	struct lexeme x;
	const char *why, *where;
	int r;

	memset(line->first, 0xff, sizeof(line->first));
	while ((r = lex_next(&text, &x, &why, &where)) > 0) {
		r = add_token(&b, &x);
		if (r < 0)
			return r;
	}
	if (r < 0)
		return key_complain(at, DIAG_ERROR, where, "%s", why);
	if (b.n == 0 && line->flags == 0)
		return 1;
	if (line->flags == 0)
		key_complain(at, DIAG_WARNING, NULL, "the rule only matches, it has no effect");
	sort(b.tokens, b.n);
	copy = arena_alloc(&at->rules->arena, b.n * sizeof(*copy), _Alignof(struct token));
	if (!copy)
		return -ENOMEM;
	memcpy(copy, b.tokens, b.n * sizeof(*copy));
	line->tokens = copy;
	line->n_tokens = b.n;
	for (size_t i = 0; i < b.n; i++) {
		uint32_t set[8];

		if (copy[i].kind != M_KERNEL)
			continue;
		pattern_first(&copy[i], set);
		for (size_t k = 0; k < ARRAY_SIZE(set); k++)
			line->first[k] &= set[k];
	}
	return line->flags ? 0 : 1;
}
