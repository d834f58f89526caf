/* name.c - unit names; grammar of systemd.unit(5) and systemd-escape(1) */
#include <limits.h>
#include <stdio.h>
#include "unit/name.h"

static const char *const suffixes[] = {
	"service", "socket", "target", "timer", "path", "mount", "automount", "swap", "slice", "scope", "device",
};

static bool is_letter_or_digit(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* what may stand in a name; '@' is judged by its position, not here */
static bool is_name_char(unsigned char c)
{
	return is_letter_or_digit(c) || (c && strchr(":-_.\\", c));
}

static bool is_suffix(const char *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++)
		if (streq(s, suffixes[i]))
			return true;
	return false;
}

const char *name_suffix(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && is_suffix(dot + 1) ? dot + 1 : NULL;
}

/* NAME_PLAIN, NAME_TEMPLATE or NAME_INSTANCE; 0: no unit name */
static int classify(const char *name)
{
	const char *suffix, *at = NULL;

	if (!name || strlen(name) > UNIT_NAME_MAX)
		return 0;
	suffix = name_suffix(name);
	if (!suffix || suffix - 1 == name)
		return 0;
	for (const char *p = name; p < suffix - 1; p++) {
		if (*p == '@' && !at)
			at = p;
		else if (*p != '@' && !is_name_char((unsigned char)*p))
			return 0;
	}
	if (at == name)
		return 0;
	if (!at)
		return NAME_PLAIN;
	return at + 1 == suffix - 1 ? NAME_TEMPLATE : NAME_INSTANCE;
}

bool name_valid(const char *name, int kinds)
{
	return classify(name) & kinds;
}

bool name_is_template(const char *name)
{
	return classify(name) == NAME_TEMPLATE;
}

bool name_is_instance(const char *name)
{
	return classify(name) == NAME_INSTANCE;
}

static char *join3(const char *a, size_t na, const char *b, size_t nb, const char *c)
{
	size_t nc = strlen(c);
	char *s = malloc(na + nb + nc + 1);

	if (!s)
		return NULL;
	memcpy(s, a, na);
	memcpy(s + na, b, nb);
	memcpy(s + na + nb, c, nc + 1);
	return s;
}

int name_template(const char *name, char **ret)
{
	char *s;

	if (!name_is_instance(name))
		return -EINVAL;
	s = join3(name, (size_t)(strchr(name, '@') - name), "@", 1, strrchr(name, '.'));
	if (!s)
		return -ENOMEM;
	*ret = s;
	return 0;
}

int name_instance(const char *name, char **ret)
{
	int kind = classify(name);
	const char *at;

	if (!kind)
		return -EINVAL;
	if (kind == NAME_PLAIN) {
		*ret = NULL;
		return 0;
	}
	at = strchr(name, '@') + 1;
	*ret = strndup(at, (size_t)(strrchr(name, '.') - at));
	return *ret ? 0 : -ENOMEM;
}

int name_prefix(const char *name, char **ret)
{
	int kind = classify(name);
	const char *end;

	if (!kind)
		return -EINVAL;
	end = kind == NAME_PLAIN ? strrchr(name, '.') : strchr(name, '@');
	*ret = strndup(name, (size_t)(end - name));
	return *ret ? 0 : -ENOMEM;
}

int name_replace_instance(const char *tmpl, const char *instance, char **ret)
{
	_cleanup_(freep) char *s = NULL;
	const char *at;

	if (!(classify(tmpl) & (NAME_TEMPLATE | NAME_INSTANCE)))
		return -EINVAL;
	at = strchr(tmpl, '@') + 1;
	s = join3(tmpl, (size_t)(at - tmpl), instance, strlen(instance), strrchr(tmpl, '.'));
	if (!s)
		return -ENOMEM;
	if (!name_valid(s, NAME_INSTANCE | NAME_TEMPLATE))
		return -EINVAL;
	*ret = TAKE_PTR(s);
	return 0;
}

int name_change_suffix(const char *name, const char *suffix, char **ret)
{
	const char *dot = strrchr(name, '.');
	_cleanup_(freep) char *s = NULL;

	if (!classify(name) || !is_suffix(suffix))
		return -EINVAL;
	s = join3(name, (size_t)(dot - name), ".", 1, suffix);
	if (!s)
		return -ENOMEM;
	if (!name_valid(s, NAME_ANY))
		return -EINVAL;         /* grew too long */
	*ret = TAKE_PTR(s);
	return 0;
}

static void put_hex(char **p, unsigned char c)
{
	static const char digits[] = "0123456789abcdef";

	*(*p)++ = '\\';
	*(*p)++ = 'x';
	*(*p)++ = digits[c >> 4];
	*(*p)++ = digits[c & 15];
}

char *name_escape(const char *s)
{
	char *r = malloc(strlen(s) * 4 + 1), *p = r;

	if (!r)
		return NULL;
	for (size_t i = 0; s[i]; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c == '/')
			*p++ = '-';
		else if (c == '-' || c == '\\' || !is_name_char(c) || (i == 0 && c == '.'))
			put_hex(&p, c);
		else
			*p++ = (char)c;
	}
	*p = '\0';
	return r;
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

char *name_unescape(const char *s)
{
	_cleanup_(freep) char *r = malloc(strlen(s) + 1);
	char *p = r;

	if (!r)
		return NULL;
	for (; *s; s++) {
		if (*s == '-') {
			*p++ = '/';
		} else if (*s == '\\') {
			int hi, lo;

			if (s[1] != 'x' || (hi = hex_digit(s[2])) < 0 || (lo = hex_digit(s[3])) < 0 || !(hi | lo))
				return NULL;
			*p++ = (char)(hi << 4 | lo);
			s += 3;
		} else {
			*p++ = *s;
		}
	}
	*p = '\0';
	return TAKE_PTR(r);
}

char *path_simplify(char *path)
{
	bool absolute = path[0] == '/';
	char *out = path;
	const char *p = path;

	if (absolute)
		out++;
	while (*p) {
		size_t n;

		while (*p == '/')
			p++;
		n = strcspn(p, "/");
		if (n == 0 || (n == 1 && *p == '.')) {
			p += n;
			continue;
		}
		if (out > path + absolute)
			*out++ = '/';
		memmove(out, p, n);
		out += n;
		p += n;
	}
	if (out == path && path[0])
		*out++ = '.';                   /* a relative path that was all dots names the folder itself */
	*out = '\0';
	return path;
}

/* a component that no path of a unit can have: "..", or one too long for any file */
static bool has_bad_part(const char *path)
{
	for (const char *p = path; *p; ) {
		size_t n = strcspn(p, "/");

		if ((n == 2 && p[0] == '.' && p[1] == '.') || n > NAME_MAX)
			return true;
		p += n;
		while (*p == '/')
			p++;
	}
	return false;
}

char *name_escape_path(const char *path)
{
	_cleanup_(freep) char *copy = NULL;

	if (has_bad_part(path))
		return NULL;
	copy = strdup(path);
	if (!copy)
		return NULL;
	path_simplify(copy);
	if (streq(copy, "."))
		return NULL;
	if (streq(copy, "/") || streq(copy, ""))
		return strdup("-");
	return name_escape(copy[0] == '/' ? copy + 1 : copy);
}

char *name_unescape_path(const char *s)
{
	_cleanup_(freep) char *r = NULL;
	char *path;
	size_t n;

	if (streq(s, "-"))
		return strdup("/");
	r = name_unescape(s);
	if (!r)
		return NULL;
	n = strlen(r);
	if (n == 0 || r[0] == '/' || r[n - 1] == '/' || strstr(r, "//") || has_bad_part(r))
		return NULL;
	path = join3("/", 1, r, n, "");
	if (!path)
		return NULL;
	free(TAKE_PTR(r));
	r = strdup(path);
	if (!r || !streq(path_simplify(r), path)) {     /* "./" inside: another name for a path that has its own */
		free(path);
		return NULL;
	}
	return path;
}

int name_from_path(const char *path, const char *suffix, char **ret)
{
	_cleanup_(freep) char *escaped = NULL, *s = NULL;

	if (has_bad_part(path) || !is_suffix(suffix))
		return -EINVAL;
	escaped = name_escape_path(path);
	if (!escaped)
		return -ENOMEM;
	s = join3(escaped, strlen(escaped), ".", 1, suffix);
	if (!s)
		return -ENOMEM;
	if (strlen(s) > UNIT_NAME_MAX)
		return -ENAMETOOLONG;
	if (!name_valid(s, NAME_PLAIN))
		return -EINVAL;
	*ret = TAKE_PTR(s);
	return 0;
}

int name_to_path(const char *name, char **ret)
{
	_cleanup_(freep) char *prefix = NULL;
	char *path;
	int r = name_prefix(name, &prefix);

	if (r < 0)
		return r;
	path = name_unescape_path(prefix);
	if (!path)
		return -EINVAL;
	*ret = path;
	return 0;
}

static bool is_glob(const char *s)
{
	return strpbrk(s, "*?[");
}

/* every byte that no name can hold becomes \xNN, '/' becomes '-'; with @glob the pattern characters stay */
static char *mangle_chars(const char *word, bool glob)
{
	char *r = malloc(strlen(word) * 4 + 1), *p = r;

	if (!r)
		return NULL;
	for (; *word; word++) {
		unsigned char c = (unsigned char)*word;

		if (c == '/')
			*p++ = '-';
		else if (is_name_char(c) || c == '@' || (glob && strchr("*?[]!-", c)))
			*p++ = (char)c;
		else
			put_hex(&p, c);
	}
	*p = '\0';
	return r;
}

static int mangle(const char *word, bool glob, const char *default_suffix, char **ret)
{
	_cleanup_(freep) char *s = NULL, *full = NULL;

	if (!*word || (default_suffix[0] == '.' && !is_suffix(default_suffix + 1)) || (default_suffix[0] != '.' && !is_suffix(default_suffix)))
		return -EINVAL;
	if (default_suffix[0] == '.')
		default_suffix++;
	if (word[0] == '/' && !glob) {
		int r = name_from_path(word, startswith(word, "/dev/") || startswith(word, "/sys/") ? "device" : "mount", ret);

		if (r != -EINVAL)
			return r;                       /* else it is no path after all, and treated as any other text */
	}
	s = mangle_chars(word, glob);
	if (!s)
		return -ENOMEM;
	if (glob || classify(s))
		full = TAKE_PTR(s);
	else
		full = join3(s, strlen(s), ".", 1, default_suffix);
	if (!full)
		return -ENOMEM;
	if (!glob && !name_valid(full, NAME_ANY))
		return -EINVAL;
	*ret = TAKE_PTR(full);
	return 0;
}

int name_mangle(const char *word, const char *default_suffix, char **ret) { return mangle(word, is_glob(word), default_suffix, ret); }
int name_mangle_literal(const char *word, const char *default_suffix, char **ret) { return mangle(word, false, default_suffix, ret); }

char *path_without_var_run(char *path)
{
	if (startswith(path, "/var/run/"))
		memmove(path, path + strlen("/var"), strlen(path + strlen("/var")) + 1);
	return path;
}
