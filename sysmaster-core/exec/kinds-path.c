/* kinds-path.c - directories, paths of the mount namespace, credentials */
#include <stdio.h>
#include <sys/mount.h>
#include "exec/base64.h"
#include "exec/kinds.h"
#include "unit/name.h"
#include "unit/specifier.h"

/* ---- paths ---- */

typedef bool (*valid_fn)(char *word);

/* append expanded words for which @fix (which may tidy them in place) says yes; "" resets */
static int store_words(const struct key_place *at, const char *value, char ***field, valid_fn fix, const char *what)
{
	const char *p = value;
	char *word;
	int r;

	if (!*value)
		kind_strv_clear(NULL, field);
	while ((r = value_word(&p, true, &word)) > 0) {
		_cleanup_(freep) char *own _unused_ = word;
		_cleanup_(freep) char *s = NULL;

		r = specifier_expand(at->unit, word, &s, &(size_t){ 0 });
		if (r == -ENOMEM)
			return r;
		if (r < 0 || !fix(s)) {
			key_bad_at(at, (unsigned)(p - value), "\"%s\" is no %s", word, what);
			continue;
		}
		r = strv_consume(field, TAKE_PTR(s));
		if (r < 0)
			return r;
	}
	return r < 0 ? key_bad_at(at, (unsigned)(p - value), "unbalanced quotes or a bad escape") : 0;
}

static bool has_dotdot(const char *s)
{
	for (; s; s = strchr(s, '/')) {
		while (*s == '/')
			s++;
		if (startswith(s, "..") && (!s[2] || s[2] == '/' || s[2] == ':'))
			return true;
	}
	return false;
}

static bool fix_dir(char *word)
{
	char *colon = strchr(word, ':');

	if (!*word || *word == '/' || *word == ':' || has_dotdot(word) || streq(word, ".") || startswith(word, "private/"))
		return false;
	if (colon && (!colon[1] || colon[1] == '/' || strchr(colon + 1, ':') || has_dotdot(colon + 1)))
		return false;
	path_simplify(word);
	return true;
}

static int parse_dir(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	return store_words(at, value, &((struct exec_dir *)field)->paths, fix_dir, "relative path");
}

static int cmp_words(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

static void format_dir(const struct key *k, const void *field, struct buf *out)
{
	_cleanup_(strv_freep) char **sorted = strv_copy(((const struct exec_dir *)field)->paths);

	if (sorted)
		qsort(sorted, strv_len(sorted), sizeof(*sorted), cmp_words);
	kind_strv_format(k, &sorted, out);
}

static void clear_dir(const struct key *k, void *field) { kind_strv_clear(k, &((struct exec_dir *)field)->paths); }

const struct key_kind kind_dir = { "relative paths, each with an optional \":LINK\"", parse_dir, format_dir, clear_dir };

static bool fix_prefixed(char *word)
{
	char *p = word + (*word == '-');

	p += *p == '+';
	if (*p != '/' || has_dotdot(p))
		return false;
	path_simplify(p);
	return true;
}

static int parse_prefixed_paths(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	return store_words(at, value, field, fix_prefixed, "absolute path");
}

static bool fix_bind(char *word)
{
	const char *p = word + (*word == '-'), *colon = strchr(p, ':');

	return *p == '/' && !has_dotdot(p) && (!colon || colon[1] == '/' || !colon[1]);
}

static int parse_binds(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	return store_words(at, value, field, fix_bind, "SOURCE:DESTINATION:OPTIONS");
}

static bool fix_tmpfs(char *word)
{
	char *colon = strchr(word, ':');

	return *word == '/' && !has_dotdot(word) && (!colon || colon > word);
}

static int parse_tmpfs(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	return store_words(at, value, field, fix_tmpfs, "PATH:OPTIONS");
}

/* SOURCE:DESTINATION:OPTIONS in full */
static void format_binds(const struct key *k, const void *field, struct buf *out)
{
	char *const *words = *(char **const *)field;

	for (size_t i = 0; words && words[i]; i++) {
		const char *source = words[i], *p = source + (*source == '-'), *colon = strchr(p, ':'), *options = colon ? strchr(colon + 1, ':') : NULL;
		size_t n = colon ? (size_t)(colon - source) : strlen(source);

		buf_addf(out, "%s%.*s:", i ? " " : "", (int)n, source);
		if (colon && colon[1] == '/')
			buf_add(out, colon + 1, options ? (size_t)(options - colon - 1) : strlen(colon + 1));
		else
			buf_add(out, p, n - (size_t)(p - source));
		buf_addf(out, ":%s", options && options[1] ? options + 1 : "rbind");
	}
}

const struct key_kind kind_tmpfs = { "absolute paths, each with an optional \":OPTIONS\"", parse_tmpfs, kind_strv_format, kind_strv_clear };
const struct key_kind kind_prefixed_paths = { "absolute paths, each after an optional \"-\" and \"+\"", parse_prefixed_paths, kind_strv_format, kind_strv_clear };
const struct key_kind kind_binds = { "absolute paths with colon-separated parts", parse_binds, format_binds, kind_strv_clear };

/* ---- images: of partitions only the root one is known, so options of others are an error and not silence ---- */

/* "OPTIONS" or "root:OPTIONS" -> OPTIONS; NULL: another partition */
static const char *root_options(const char *s)
{
	return startswith(s, "root:") ? s + 5 : strchr(s, ':') ? NULL : s;
}

static int parse_image_options(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	const char *p = value;
	char *word;
	int r;

	if (!*value)
		kind_text_clear(k, field);
	while ((r = value_word(&p, true, &word)) > 0) {
		_cleanup_(freep) char *own _unused_ = word;
		_cleanup_(freep) char *s = NULL;
		const char *options;

		r = key_expand(at, word, 0, &s);
		if (r < 0)
			return r;
		options = root_options(s);
		if (!options)
			return key_bad(at, "\"%s\" is about a partition that is not the root one, which this version does not mount", s);
		kind_text_clear(k, field);
		*(char **)field = strdup(options);
		if (!*(char **)field)
			return -ENOMEM;
	}
	return r < 0 ? key_bad(at, "unbalanced quotes or a bad escape") : 0;
}

/* drops the name of the root partition in place: what is left behind the paths are its options */
static bool fix_image(char *word, bool with_destination)
{
	char *colon = strchr(word, ':'), *rest;
	const char *options;

	if (word[*word == '-'] != '/' || has_dotdot(word + (*word == '-')))
		return false;
	if (with_destination) {
		if (!colon || colon[1] != '/')
			return false;
		colon = strchr(colon + 1, ':');
	}
	if (!colon)
		return true;
	rest = colon + 1;
	options = root_options(rest);
	if (options)
		memmove(rest, options, strlen(options) + 1);
	return options;
}

static bool fix_extension_image(char *word) { return fix_image(word, false); }
static bool fix_mount_image(char *word) { return fix_image(word, true); }

static int parse_images(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	return store_words(at, value, field, k->arg ? fix_mount_image : fix_extension_image,
			   k->arg ? "IMAGE:DESTINATION:OPTIONS (of the root partition)" : "IMAGE:OPTIONS (of the root partition)");
}

const struct key_kind kind_images = { "absolute paths of images with colon-separated parts", parse_images, kind_strv_format, kind_strv_clear };
const struct key_kind kind_image_options = { "mount options", parse_image_options, kind_text_format, kind_text_clear };

static const struct key_enum propagation[] = { { "shared", MS_SHARED }, { "slave", MS_SLAVE }, { "private", MS_PRIVATE }, { NULL, 0 } };

static int parse_mount_flags(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	struct ipc_exec_settings *s = field;
	int v;

	if (*value && key_enum_value(propagation, value, &v) < 0)
		return key_bad(at, "\"%s\" is no mount propagation", value);
	s->has_mount_flags = *value;
	if (*value)
		s->mount_flags = (uint64_t)v;
	return 0;
}

static void format_mount_flags(const struct key *k, const void *field, struct buf *out)
{
	const struct ipc_exec_settings *s = field;

	buf_adds(out, s->has_mount_flags ? key_enum_name(propagation, (int)s->mount_flags) : "");
}

const struct key_kind kind_mount_flags = { "shared, slave or private", parse_mount_flags, format_mount_flags, NULL };

/* ---- credentials ---- */

static bool credential_id_valid(const char *s)
{
	return *s && strlen(s) <= 255 && !strchr(s, '/') && !streq(s, ".") && !streq(s, "..");
}

static void credential_done(struct ipc_exec_credential *c)
{
	free((char *)c->id);
	free((char *)c->path);
	free((void *)c->data.data);
}

/* a later one of the same id takes the place of the earlier. *@path and *@data are taken over in any case. */
static int credential_put(struct exec_context *c, bool encrypted, char *id, char *path, void *data, size_t len)
{
	struct ipc_exec_credential new = { .id = id, .path = path, .data = { data, len }, .has_encrypted = encrypted, .encrypted = encrypted }, *grown;

	for (size_t i = 0; i < c->n_credentials; i++) {
		/* a value set in the unit stands in for a file that is not there; it does not hide the file */
		if (!streq(c->credentials[i].id, id) || !c->credentials[i].path != !path)
			continue;
		credential_done(&c->credentials[i]);
		c->credentials[i] = new;
		return 0;
	}
	grown = c->n_credentials < 256 ? reallocarray(c->credentials, c->n_credentials + 1, sizeof(*grown)) : NULL;
	if (!grown) {
		credential_done(&new);
		return -ENOMEM;
	}
	c->credentials = grown;
	grown[c->n_credentials++] = new;
	return 0;
}

static void clear_credentials(const struct key *k, void *field)
{
	struct exec_context *c = field;

	for (size_t i = 0; i < c->n_credentials; i++)
		credential_done(&c->credentials[i]);
	free(c->credentials);
	c->credentials = NULL;
	c->n_credentials = 0;
}

/* specifiers count in the name; what comes behind the colon is left as it is */
static int credential_split(const struct key_place *at, const char *value, char **id, char **rest)
{
	size_t n = strcspn(value, ":");
	_cleanup_(freep) char *name = strndup(value, n);
	int r = name ? key_expand(at, name, 0, id) : -ENOMEM;

	if (r < 0)
		return r;
	if (!credential_id_valid(*id))
		return key_bad(at, "\"%s\" is no name of a credential", *id);
	*rest = value[n] ? strdup(value + n + 1) : NULL;
	return value[n] && !*rest ? -ENOMEM : 0;
}

static int parse_load_credential(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	_cleanup_(freep) char *id = NULL, *rest = NULL, *path = NULL;
	int r;

	if (!*value) {
		clear_credentials(k, field);
		return 0;
	}
	r = credential_split(at, value, &id, &rest);
	if (r >= 0)
		r = key_expand(at, rest ? rest : id, 0, &path);
	if (r < 0)
		return r;
	if (*path != '/' && !credential_id_valid(path))
		return key_bad(at, "\"%s\" is neither an absolute path nor the name of a credential", path);
	return credential_put(field, k->arg, TAKE_PTR(id), TAKE_PTR(path), NULL, 0);
}

static int parse_set_credential(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	_cleanup_(freep) char *id = NULL, *rest = NULL, *data = NULL;
	size_t len;
	int r;

	if (!*value) {
		clear_credentials(k, field);
		return 0;
	}
	r = credential_split(at, value, &id, &rest);
	if (r < 0)
		return r;
	if (!rest)
		return key_bad(at, "a credential needs ID:VALUE");
	if (k->arg) {                                   /* stays base64: only looked at here */
		_cleanup_(freep) char *copy = strdup(rest);

		if (!copy || !(data = strdup(rest)))
			return -ENOMEM;
		if (base64_decode(copy) < 0)
			return key_bad(at, "behind the colon there is no base64");
	} else {
		r = kind_unescape(rest, &data);
		if (r < 0)
			return r == -ENOMEM ? r : key_bad(at, "bad escape");
	}
	len = strlen(data);
	return credential_put(field, k->arg, TAKE_PTR(id), NULL, TAKE_PTR(data), len);
}

static void format_credentials(const struct key *k, const void *field, struct buf *out)
{
	const struct exec_context *c = field;
	bool load = k->kind == &kind_load_credential;
	const char *sep = "";

	for (size_t i = 0; i < c->n_credentials; i++) {
		if (load != !!c->credentials[i].path || c->credentials[i].encrypted != (bool)k->arg)
			continue;
		buf_addf(out, "%s%s", sep, c->credentials[i].id);
		if (load)
			buf_addf(out, ":%s", c->credentials[i].path);
		sep = " ";
	}
}

const struct key_kind kind_load_credential = { "ID[:PATH]", parse_load_credential, format_credentials, clear_credentials };
const struct key_kind kind_set_credential = { "ID:VALUE", parse_set_credential, format_credentials, clear_credentials };
