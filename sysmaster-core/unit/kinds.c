/* kinds.c - how a key's value is read, printed and freed: one struct key_kind for each form of value */
#include <ctype.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include "unit/condition.h"
#include "unit/name.h"
#include "unit/specifier.h"
#include "unit/unit.h"

/* -- rows and complaints -- */
static int row_cmp(const void *name, const void *row)
{
	return strcmp(name, ((const struct key *)row)->name);
}

const struct key *key_find(const struct key_group *groups, size_t n_groups, const char *section, const char *name, const struct key_group **ret_group)
{
	for (size_t i = 0; i < n_groups; i++) {
		const struct key *k;

		if (!streq(groups[i].section, section))
			continue;
		k = bsearch(name, groups[i].rows, key_group_size(&groups[i]), sizeof(*k), row_cmp);
		if (k) {
			if (ret_group)
				*ret_group = &groups[i];
			return k;
		}
	}
	return NULL;
}

static int complain(const struct key_place *at, unsigned extra, const char *fmt, va_list ap)
{
	char text[512];

	vsnprintf(text, sizeof(text), fmt, ap);
	diag(at->sink, DIAG_ERROR, at->file, at->line, at->column ? at->column + extra : 0, "%s.%s: %s", at->section, at->key, text);
	return -EINVAL;
}

int key_bad(const struct key_place *at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(at, 0, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

int key_bad_at(const struct key_place *at, unsigned extra_column, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(at, extra_column, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

int key_expand(const struct key_place *at, const char *text, size_t column, char **ret)
{
	size_t bad = 0;
	int r = specifier_expand(at->unit, text, ret, &bad);

	if (r == -EINVAL)
		return key_bad_at(at, (unsigned)(column + bad), "unknown specifier \"%.2s\"", text + bad);
	if (r == -ENXIO)
		return key_bad_at(at, (unsigned)(column + bad), "specifier \"%.2s\" has no value here", text + bad);
	if (r == -E2BIG)
		return key_bad(at, "too long after its specifiers were expanded");
	return r;
}

int key_next_word(const struct key_place *at, const char *value, const char **p, bool unescape, char **ret)
{
	int r = value_word(p, unescape, ret);

	if (r == -EINVAL)
		return key_bad_at(at, (unsigned)(*p - value), **p == '\\' ? "bad escape sequence" : "quote is not closed");
	return r;
}

/* -- booleans and numbers -- */
static int parse_bool(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	if (value_bool(value, field) < 0)
		return key_bad(at, "\"%s\" is no boolean", value);
	return 0;
}

static void format_bool(const struct key *k, const void *field, struct buf *out)
{
	buf_adds(out, *(const bool *)field ? "yes" : "no");
}
const struct key_kind kind_bool = { "boolean", parse_bool, format_bool, NULL };

static int parse_tristate(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	bool b;

	if (!*value) {
		*(int *)field = -1;
		return 0;
	}
	if (value_bool(value, &b) < 0)
		return key_bad(at, "\"%s\" is no boolean", value);
	*(int *)field = b;
	return 0;
}

static void format_tristate(const struct key *k, const void *field, struct buf *out)
{
	int v = *(const int *)field;

	buf_adds(out, v < 0 ? "" : v ? "yes" : "no");
}
const struct key_kind kind_tristate = { "boolean", parse_tristate, format_tristate, NULL };

static int bad_number(const struct key_place *at, const char *value, int r)
{
	return key_bad(at, r == -ERANGE ? "\"%s\" is out of range" : "\"%s\" is no number", value);
}

static int parse_int(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	bool negative = *value == '-';
	uint64_t v;
	int r = value_unsigned(value + negative, negative ? (uint64_t)INT_MAX + 1 : INT_MAX, &v);

	if (r < 0)
		return bad_number(at, value, r);
	*(int *)field = negative ? (int)-(int64_t)v : (int)v;
	return 0;
}

static void format_int(const struct key *k, const void *field, struct buf *out)
{
	buf_addf(out, "%d", *(const int *)field);
}
const struct key_kind kind_int = { "integer", parse_int, format_int, NULL };

static int parse_unsigned(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	uint64_t v;
	int r = value_unsigned(value, UINT_MAX, &v);

	if (r < 0)
		return bad_number(at, value, r);
	*(unsigned *)field = (unsigned)v;
	return 0;
}

static void format_unsigned(const struct key *k, const void *field, struct buf *out)
{
	buf_addf(out, "%u", *(const unsigned *)field);
}
const struct key_kind kind_unsigned = { "unsigned integer", parse_unsigned, format_unsigned, NULL };

static int parse_u64(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	uint64_t v;
	int r = value_unsigned(value, UINT64_MAX, &v);

	if (r < 0)
		return bad_number(at, value, r);
	*(uint64_t *)field = v;
	return 0;
}

static void format_u64(const struct key *k, const void *field, struct buf *out)
{
	uint64_t v = *(const uint64_t *)field;

	if (v == UINT64_MAX)
		buf_adds(out, "infinity");
	else
		buf_addf(out, "%llu", (unsigned long long)v);
}
const struct key_kind kind_u64 = { "unsigned integer", parse_u64, format_u64, NULL };

static int parse_sec(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	int r = value_sec(value, USEC_PER_SEC, field);

	if (r < 0)
		return key_bad(at, r == -ERANGE ? "time span \"%s\" is out of range" : "\"%s\" is no time span", value);
	return 0;
}

static void format_sec(const struct key *k, const void *field, struct buf *out)
{
	value_format_sec(*(const uint64_t *)field, out);
}
const struct key_kind kind_sec = { "time span", parse_sec, format_sec, NULL };

static int parse_sec_zero_inf(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	int r = parse_sec(at, k, value, field);

	if (r == 0 && *(uint64_t *)field == 0)
		*(uint64_t *)field = USEC_INFINITY;
	return r;
}
const struct key_kind kind_sec_zero_inf = { "time span, 0 or infinity for none", parse_sec_zero_inf, format_sec, NULL };

static int parse_mode(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	char *end;
	unsigned long v = strtoul(value, &end, 8);

	if (!isdigit((unsigned char)*value) || *end || v > 07777)
		return key_bad(at, "\"%s\" is no file mode in octal", value);
	*(mode_t *)field = (mode_t)v;
	return 0;
}

static void format_mode(const struct key *k, const void *field, struct buf *out)
{
	buf_addf(out, "%04o", *(const mode_t *)field);
}
const struct key_kind kind_mode = { "file mode (octal)", parse_mode, format_mode, NULL };

static int parse_size(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	int r = value_size(value, field);

	if (r < 0)
		return key_bad(at, r == -ERANGE ? "size \"%s\" is out of range" : "\"%s\" is no size in bytes", value);
	return 0;
}
const struct key_kind kind_size = { "size in bytes, suffixes K M G T P E", parse_size, format_u64, NULL };

static int parse_signal(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	if (value_signal(value, field) < 0)
		return key_bad(at, "\"%s\" is no signal", value);
	return 0;
}
const struct key_kind kind_signal = { "signal name or number", parse_signal, format_int, NULL };

static int parse_enum(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	const struct key_enum *t = (const struct key_enum *)k->arg;
	char known[256];
	size_t n = 0;

	if (key_enum_value(t, value, field) == 0)
		return 0;
	for (known[0] = '\0'; t->name && n < sizeof(known); t++)
		n += (size_t)snprintf(known + n, sizeof(known) - n, " %s", t->name);
	return key_bad(at, "\"%s\" is none of:%s", value, known);
}

static void format_enum(const struct key *k, const void *field, struct buf *out)
{
	const char *name = key_enum_name((const struct key_enum *)k->arg, *(const int *)field);

	buf_adds(out, name ? name : "");
}
const struct key_kind kind_enum = { "one of a list of words", parse_enum, format_enum, NULL };

/* -- one text -- */
static void clear_string(const struct key *k, void *field)
{
	free(TAKE_PTR(*(char **)field));
}

static void format_string(const struct key *k, const void *field, struct buf *out)
{
	const char *s = *(char *const *)field;

	buf_adds(out, s ? s : "");
}

static void replace_string(void *field, char *s)
{
	free(*(char **)field);
	*(char **)field = s;
}

static int parse_string(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	char *s = NULL;
	int r = *value ? key_expand(at, value, 0, &s) : 0;

	if (r < 0)
		return r;
	replace_string(field, s);
	return 0;
}
const struct key_kind kind_string = { "text", parse_string, format_string, clear_string };

static int parse_raw(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	char *s = *value ? strdup(value) : NULL;

	if (*value && !s)
		return -ENOMEM;
	replace_string(field, s);
	return 0;
}
const struct key_kind kind_raw = { "text", parse_raw, format_string, clear_string };

int key_path_check(const struct key_place *at, size_t column, char *path)
{
	if (path[0] != '/')
		return key_bad_at(at, (unsigned)column, "\"%s\" is no absolute path", path);
	if (strlen(path) >= PATH_MAX)
		return key_bad_at(at, (unsigned)column, "path is too long");
	for (const char *p = path; (p = strstr(p, "/..")); p += 3)
		if (p[3] == '/' || !p[3])
			return key_bad_at(at, (unsigned)column, "path \"%s\" leads upwards with \"..\"", path);
	path_simplify(path);
	return 0;
}

static int parse_path(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	_cleanup_(freep) char *s = NULL;
	int r = *value ? key_expand(at, value, 0, &s) : 0;

	if (r == 0 && s)
		r = key_path_check(at, 0, s);
	if (r < 0)
		return r;
	replace_string(field, TAKE_PTR(s));
	return 0;
}
const struct key_kind kind_path = { "absolute path", parse_path, format_string, clear_string };

/* -- lists of words -- */
static void clear_strv(const struct key *k, void *field)
{
	strv_free(TAKE_PTR(*(char ***)field));
}

static void format_strv(const struct key *k, const void *field, struct buf *out)
{
	value_format_words(*(char **const *)field, out);
}

/*
 * The walk that all lists share: words one by one, expanded, judged and added. A bad word is reported and left out, the
 * others count, as systemd does it. @add takes over the word.
 */
typedef int (*add_word_fn)(const struct key_place *at, const struct key *k, size_t column, char *word, void *field);

static int each_word(const struct key_place *at, const struct key *k, const char *value, bool unescape, add_word_fn add, void *field)
{
	const char *p = value;
	int worst = 0;

	for (;;) {
		_cleanup_(freep) char *word = NULL;
		char *expanded = NULL;
		size_t column;
		int r;

		p += strspn(p, " \t\n\r");
		column = (size_t)(p - value);
		r = key_next_word(at, value, &p, unescape, &word);
		if (r <= 0)
			return r < 0 ? r : worst;
		r = key_expand(at, word, column, &expanded);
		if (r == 0)
			r = add(at, k, column, expanded, field);
		if (r == -ENOMEM)
			return r;
		if (r == -E2BIG)
			return key_bad_at(at, (unsigned)column, "the list is too long");
		if (r < 0)
			worst = r;
	}
}

static int add_any(const struct key_place *at, const struct key *k, size_t column, char *word, void *field)
{
	return strv_consume(field, word);
}

static int parse_strv(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	if (!*value)
		clear_strv(k, field);
	return each_word(at, k, value, false, add_any, field);
}
const struct key_kind kind_strv = { "list of words", parse_strv, format_strv, clear_strv };

static int add_path(const struct key_place *at, const struct key *k, size_t column, char *word, void *field)
{
	int r = key_path_check(at, column, word);

	if (r < 0) {
		free(word);
		return r;
	}
	if (strv_has(*(char ***)field, word)) {
		free(word);
		return 0;
	}
	return strv_consume(field, word);
}

static int parse_paths(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	if (!*value)
		clear_strv(k, field);
	return each_word(at, k, value, false, add_path, field);
}
const struct key_kind kind_paths = { "list of absolute paths", parse_paths, format_strv, clear_strv };

static int add_name(const struct key_place *at, const struct key *k, size_t column, char *word, void *field)
{
	_cleanup_(freep) char *name = word;

	if (!name_valid(name, NAME_ANY))
		return key_bad_at(at, (unsigned)column, "\"%s\" is no unit name", name);
	if (strv_has(*(char ***)field, name))
		return 0;
	return strv_consume(field, TAKE_PTR(name));
}

static int parse_names(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	if (!*value)
		clear_strv(k, field);
	return each_word(at, k, value, false, add_name, field);
}
static int parse_trigger(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	_cleanup_(freep) char *name = NULL;
	int r = kind_string.parse(at, k, value, &name);

	if (r < 0)
		return r;
	if (name && !name_valid(name, NAME_PLAIN | NAME_INSTANCE))
		return key_bad(at, "the name of a unit is expected, not \"%s\"", name);
	if (name && strv_has(at->unit->names, name))
		return key_bad(at, "a unit cannot start itself");
	free(*(char **)field);
	*(char **)field = TAKE_PTR(name);
	return 0;
}

const struct key_kind kind_trigger = { "unit name", parse_trigger, format_string, clear_string };
const struct key_kind kind_names = { "list of unit names", parse_names, format_strv, clear_strv };

static int add_dep_word(const struct key_place *at, const struct key *k, size_t column, char *word, void *field)
{
	_cleanup_(freep) char *name = word;
	int r;

	if (!name_valid(name, NAME_ANY))
		return key_bad_at(at, (unsigned)column, "\"%s\" is no unit name", name);
	r = unit_add_dep_name(at->unit, (enum dep_kind)k->arg, name, DEP_FILE);
	if (r == -ELOOP) {
		diag(at->sink, DIAG_WARNING, at->file, at->line, at->column + (unsigned)column, "%s.%s: \"%s\" is the unit itself, ignored", at->section, at->key, name);
		return 0;
	}
	if (r == -ENOTSUP) {
		diag(at->sink, DIAG_UNSUPPORTED, at->file, at->line, at->column + (unsigned)column, "%s.%s: this image has no unit type for \"%s\"", at->section, at->key, name);
		return 0;
	}
	return r;
}

static int parse_dep(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	return each_word(at, k, value, false, add_dep_word, NULL);
}
const struct key_kind kind_dep = { "list of unit names", parse_dep, NULL, NULL };

static int add_documentation(const struct key_place *at, const struct key *k, size_t column, char *word, void *field)
{
	static const char *const schemes[] = { "http://", "https://", "file:/", "info:", "man:" };
	_cleanup_(freep) char *uri = word;

	for (size_t i = 0; i < ARRAY_SIZE(schemes); i++)
		if (startswith(uri, schemes[i]) && uri[strlen(schemes[i])])
			return strv_consume(field, TAKE_PTR(uri));
	return key_bad_at(at, (unsigned)column, "\"%s\" is no http, https, file, info or man URI", uri);
}

static int parse_documentation(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	if (!*value)
		clear_strv(k, field);
	return each_word(at, k, value, false, add_documentation, field);
}
const struct key_kind kind_documentation = { "list of URIs", parse_documentation, format_strv, clear_strv };

bool environ_valid(const char *assignment)
{
	const char *eq = strchr(assignment, '=');

	if (!eq || eq == assignment || isdigit((unsigned char)assignment[0]))
		return false;
	for (const char *p = assignment; p < eq; p++)
		if (!isalnum((unsigned char)*p) && *p != '_')
			return false;
	for (const char *p = eq; *p; p++)
		if ((unsigned char)*p < ' ' && !strchr("\t\n\r", *p))
			return false;
	return true;
}

int environ_put(char ***env, char *assignment)
{
	size_t name = (size_t)(strchr(assignment, '=') - assignment) + 1;

	for (size_t i = 0; *env && (*env)[i]; i++) {
		if (strncmp((*env)[i], assignment, name) == 0) {
			free((*env)[i]);
			(*env)[i] = assignment;
			return 0;
		}
	}
	return strv_consume(env, assignment);
}

static int add_environ(const struct key_place *at, const struct key *k, size_t column, char *word, void *field)
{
	_cleanup_(freep) char *s = word;

	if (!environ_valid(s))
		return key_bad_at(at, (unsigned)column, "\"%s\" is no assignment of an environment variable", s);
	return environ_put(field, TAKE_PTR(s));
}

static int parse_environ(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	if (!*value)
		clear_strv(k, field);
	return each_word(at, k, value, true, add_environ, field);
}
const struct key_kind kind_environ = { "list of NAME=VALUE", parse_environ, format_strv, clear_strv };

/* -- keys without effect -- */
static int parse_nothing(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	return 0;
}

static int parse_unsupported(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	const char *reason = (const char *)k->arg;

	diag(at->sink, DIAG_UNSUPPORTED, at->file, at->line, at->column, "%s.%s is known but has no effect in this version%s%s", at->section, at->key,
	     reason ? ": " : "", reason ?: "");
	return 0;
}
const struct key_kind kind_unsupported = { "(no effect)", parse_unsupported, NULL, NULL };
const struct key_kind kind_obsolete = { "(ignored)", parse_nothing, NULL, NULL };
