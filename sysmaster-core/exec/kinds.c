/* kinds.c - identities, environment, limits and the other values of systemd.exec(5) that are numbers or strings */
#include <ctype.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include "exec/kinds.h"
#include "unit/name.h"

void kind_text_clear(const struct key *k, void *field)
{
	char **s = field;

	free(*s);
	*s = NULL;
}

void kind_text_format(const struct key *k, const void *field, struct buf *out)
{
	const char *const *s = field;

	buf_adds(out, *s ? *s : "");
}

void kind_strv_clear(const struct key *k, void *field)
{
	char ***v = field;

	strv_free(*v);
	*v = NULL;
}

void kind_strv_format(const struct key *k, const void *field, struct buf *out)
{
	value_format_words(*(char **const *)field, out);
}

/* put @value, expanded, in place of *@field; @value "" unsets */
static int store_string(const struct key_place *at, const char *value, char **field, bool (*valid)(const char *s), const char *what)
{
	_cleanup_(freep) char *s = NULL;
	int r = 0;

	if (*value)
		r = key_expand(at, value, 0, &s);
	if (r < 0)
		return r;
	if (s && !valid(s))
		return key_bad(at, "\"%s\" is no %s", s, what);
	free(*field);
	*field = TAKE_PTR(s);
	return 0;
}

/* append each word of @value, expanded, that is @valid; "" resets. Words that are not are reported and left out. */
static int store_words(const struct key_place *at, const char *value, char ***field, bool (*valid)(const char *s), const char *what)
{
	const char *p = value;
	char *word;
	int r;

	if (!*value)
		kind_strv_clear(NULL, field);
	while ((r = value_word(&p, true, &word)) > 0) {
		_cleanup_(freep) char *own _unused_ = word;
		_cleanup_(freep) char *s = NULL;

		r = key_expand(at, word, 0, &s);
		if (r == -ENOMEM)
			return r;
		if (r < 0)
			continue;
		if (!valid(s)) {
			key_bad(at, "\"%s\" is no %s", s, what);
			continue;
		}
		r = strv_consume(field, TAKE_PTR(s));
		if (r < 0)
			return r;
	}
	return r < 0 ? key_bad_at(at, (unsigned)(p - value), "unbalanced quotes or a bad escape") : 0;
}

/* ---- optional numbers ---- */

static int parse_opt(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	const struct opt *o = (const struct opt *)k->arg;
	bool *has = (bool *)((char *)field - k->off + o->has);
	char *end;
	long long n;
	int v;

	if (!*value) {
		*has = false;
		return 0;
	}
	if (o->names && key_enum_value(o->names, value, &v) >= 0) {
		n = v;
	} else {
		errno = 0;
		n = strtoll(value, &end, 10);
		if (errno || *end || n < o->lo || n > o->hi)
			return key_bad(at, "\"%s\" is not in %lld..%lld%s", value, (long long)o->lo, (long long)o->hi, o->names ? " nor a known name" : "");
	}
	*(int32_t *)field = (int32_t)n;
	*has = true;
	return 0;
}

static void format_opt(const struct key *k, const void *field, struct buf *out)
{
	const struct opt *o = (const struct opt *)k->arg;
	bool has = *(const bool *)((const char *)field - k->off + o->has);
	int v = has ? *(const int32_t *)field : o->unset;
	const char *name = !has && o->unset_text ? o->unset_text : o->names && !o->number ? key_enum_name(o->names, v) : NULL;

	if (name)
		buf_adds(out, name);
	else
		buf_addf(out, "%d", v);
}

const struct key_kind kind_opt = { "number or name", parse_opt, format_opt, NULL };

/* ---- who and where ---- */

static bool identity_valid(const char *s)
{
	if (!*s || *s == '-' || strlen(s) > 255 || streq(s, ".") || streq(s, ".."))
		return false;
	for (; *s; s++)
		if ((unsigned char)*s <= ' ' || *s == 127 || *s == ':' || *s == '/')
			return false;
	return true;
}

static int parse_identity(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	return store_string(at, value, field, identity_valid, "user or group name");
}

static int parse_identities(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	return store_words(at, value, field, identity_valid, "group name");
}

const struct key_kind kind_identity = { "name or number", parse_identity, kind_text_format, kind_text_clear };
const struct key_kind kind_identities = { "names or numbers", parse_identities, kind_strv_format, kind_strv_clear };

static bool workdir_valid(const char *s)
{
	if (*s == '-')
		s++;
	return *s == '/' || streq(s, "~");
}

static int parse_workdir(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	int r = store_string(at, value, field, workdir_valid, "absolute path or \"~\"");
	char *s = *(char **)field;

	if (r == 0 && s)
		path_simplify(s + (*s == '-'));
	return r;
}

/* "!" stands for a directory that may be missing */
static void format_workdir(const struct key *k, const void *field, struct buf *out)
{
	const char *s = *(const char *const *)field;

	if (s)
		buf_addf(out, "%s%s", *s == '-' ? "!" : "", s + (*s == '-'));
}

const struct key_kind kind_workdir = { "absolute path or \"~\", optionally after \"-\"", parse_workdir, format_workdir, kind_text_clear };

static int parse_search_path(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	_cleanup_(freep) char *s = NULL;
	char *save = NULL;
	int r;

	if (!*value) {
		kind_strv_clear(k, field);
		return 0;
	}
	r = key_expand(at, value, 0, &s);
	for (char *p = r < 0 ? NULL : strtok_r(s, ":", &save); p && r == 0; p = strtok_r(NULL, ":", &save))
		r = *p == '/' ? strv_add(field, path_simplify(p)) : key_bad(at, "\"%s\" is no absolute path", p);
	return r;
}

const struct key_kind kind_search_path = { "absolute paths separated by colons", parse_search_path, kind_strv_format, kind_strv_clear };

/* ---- environment ---- */

static size_t env_name_len(const char *s)
{
	size_t n = 0;

	while (isalnum((unsigned char)s[n]) || s[n] == '_')
		n++;
	return isdigit((unsigned char)*s) ? 0 : n;
}

static bool env_assignment_valid(const char *s) { size_t n = env_name_len(s); return n > 0 && s[n] == '='; }
static bool env_name_valid(const char *s) { size_t n = env_name_len(s); return n > 0 && !s[n]; }
static bool env_either_valid(const char *s) { return env_name_valid(s) || env_assignment_valid(s); }
static bool env_file_valid(const char *s) { return s[*s == '-'] == '/'; }

static int parse_environment(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	_cleanup_(strv_freep) char **words = NULL;
	int r = store_words(at, value, &words, env_assignment_valid, "assignment NAME=VALUE");

	if (!*value)
		kind_strv_clear(k, field);
	for (size_t i = 0; words && words[i]; i++) {
		char *s = strdup(words[i]);
		int e = s ? environ_put(field, s) : -ENOMEM;

		if (e < 0)
			return e;
	}
	return r;
}

static void format_env_files(const struct key *k, const void *field, struct buf *out)
{
	char *const *const *v = field;

	for (size_t i = 0; *v && (*v)[i]; i++) {
		const char *s = (*v)[i];

		buf_addf(out, "%s%s (ignore_errors=%s)", i ? "\n" : "", s + (*s == '-'), *s == '-' ? "yes" : "no");
	}
}

static int parse_env_names(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	return store_words(at, value, field, k->arg ? env_either_valid : env_name_valid, "variable name");
}

static int parse_env_file(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	char *s = NULL;
	int r;

	if (!*value) {
		kind_strv_clear(k, field);
		return 0;
	}
	r = store_string(at, value, &s, env_file_valid, "absolute path");
	return r < 0 ? r : strv_consume(field, s);
}

const struct key_kind kind_environment = { "NAME=VALUE ...", parse_environment, kind_strv_format, kind_strv_clear };
const struct key_kind kind_env_names = { "variable names", parse_env_names, kind_strv_format, kind_strv_clear };
const struct key_kind kind_env_file = { "absolute path, optionally after \"-\"", parse_env_file, format_env_files, kind_strv_clear };

/* ---- resource limits: a number with the suffix of its resource, "infinity", or SOFT:HARD ---- */

static int limit_value(int resource, const char *s, uint64_t *ret)
{
	uint64_t v;
	char *end;
	int r;

	if (streq(s, "infinity")) {
		*ret = UINT64_MAX;
		return 0;
	}
	switch (resource) {
	case RLIMIT_CPU:
		r = value_sec(s, USEC_PER_SEC, &v);
		*ret = r < 0 ? 0 : v / USEC_PER_SEC + (v % USEC_PER_SEC != 0);
		return r;
	case RLIMIT_RTTIME:
		return value_sec(s, 1, ret);
	case RLIMIT_NICE:       /* a sign says that it is a nice level; the limit counts the other way round */
		errno = 0;
		if (*s == '+' || *s == '-') {
			long n = strtol(s, &end, 10);

			if (errno || *end || n < -20 || n > 19)
				return -EINVAL;
			*ret = (uint64_t)(20 - n);
			return 0;
		}
		r = value_unsigned(s, 40, &v);
		if (r == 0)
			*ret = v;
		return r;
	case RLIMIT_FSIZE: case RLIMIT_DATA: case RLIMIT_STACK: case RLIMIT_CORE: case RLIMIT_RSS: case RLIMIT_AS:
	case RLIMIT_MEMLOCK: case RLIMIT_MSGQUEUE:
		return value_size(s, ret);
	}
	return value_unsigned(s, UINT64_MAX, ret);
}

static int parse_limit(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	struct exec_limit *l = field;
	_cleanup_(freep) char *copy = strdup(value);
	uint64_t soft, hard;
	char *colon;
	int r;

	if (!copy)
		return -ENOMEM;
	if (!*value) {
		*l = (struct exec_limit){ 0 };
		return 0;
	}
	colon = strchr(copy, ':');
	if (colon)
		*colon++ = 0;
	r = limit_value((int)k->arg, copy, &soft);
	hard = soft;
	if (r == 0 && colon)
		r = limit_value((int)k->arg, colon, &hard);
	if (r < 0)
		return key_bad(at, "\"%s\" is no limit", value);
	if (soft > hard)
		return key_bad(at, "the soft limit of \"%s\" is above the hard one", value);
	*l = (struct exec_limit){ soft, hard, true };
	return 0;
}

struct exec_limit exec_limit_of(const struct key *k, const void *field)
{
	struct exec_limit l = *(const struct exec_limit *)field;
	struct rlimit own;

	if (l.set)
		return l;
	if (k->arg == RLIMIT_NOFILE)            /* what sysmaster-init gives to whoever asks for nothing */
		return (struct exec_limit){ .soft = 1024, .hard = 524288 };
	if (getrlimit((__rlimit_resource_t)k->arg, &own) == 0)
		l = (struct exec_limit){ .soft = own.rlim_cur == RLIM_INFINITY ? UINT64_MAX : own.rlim_cur, .hard = own.rlim_max == RLIM_INFINITY ? UINT64_MAX : own.rlim_max };
	return l;
}

void exec_limit_format(uint64_t v, struct buf *out)
{
	if (v == UINT64_MAX)
		buf_adds(out, "infinity");
	else
		buf_addf(out, "%llu", (unsigned long long)v);
}

static void format_limit(const struct key *k, const void *field, struct buf *out)
{
	struct exec_limit l = exec_limit_of(k, field);

	exec_limit_format(l.hard, out);
}

const struct key_kind kind_limit = { "limit, or SOFT:HARD", parse_limit, format_limit, NULL };

/* ---- 64-bit numbers ---- */

static int parse_nsec(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	struct ipc_exec_settings *s = field;
	uint64_t v;

	if (!*value) {
		s->has_timer_slack_nsec = false;
		return 0;
	}
	if (value_unsigned(value, UINT64_MAX, &v) < 0) {        /* with a unit it is a time span */
		if (value_sec(value, 1, &v) < 0)
			return key_bad(at, "\"%s\" is no time span", value);
		v = v > UINT64_MAX / NSEC_PER_USEC ? UINT64_MAX : v * NSEC_PER_USEC;
	}
	s->timer_slack_nsec = v;
	s->has_timer_slack_nsec = true;
	return 0;
}

static void format_nsec(const struct key *k, const void *field, struct buf *out)
{
	const struct ipc_exec_settings *s = field;

	buf_addf(out, "%llu", s->has_timer_slack_nsec ? (unsigned long long)s->timer_slack_nsec : 50000ULL);
}

const struct key_kind kind_nsec = { "nanoseconds or time span", parse_nsec, format_nsec, NULL };

static const struct key_enum personalities[] = {
#if defined(__x86_64__)
	{ "x86-64", PER_LINUX }, { "x86", PER_LINUX32 },
#elif defined(__aarch64__)
	{ "arm64", PER_LINUX }, { "arm", PER_LINUX32 },
#elif defined(__s390x__)
	{ "s390x", PER_LINUX }, { "s390", PER_LINUX32 },
#elif defined(__powerpc64__)
	{ "ppc64-le", PER_LINUX }, { "ppc64", PER_LINUX }, { "ppc", PER_LINUX32 },
#endif
	{ NULL, 0 },
};

static int parse_personality(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	struct ipc_exec_settings *s = field;
	int v;

	if (*value && key_enum_value(personalities, value, &v) < 0)
		return key_bad(at, "\"%s\" is no personality of this architecture", value);
	s->has_personality = *value;
	if (*value)
		s->personality = (uint64_t)v;
	return 0;
}

static void format_personality(const struct key *k, const void *field, struct buf *out)
{
	const struct ipc_exec_settings *s = field;
	const char *name = s->has_personality ? key_enum_name(personalities, (int)s->personality) : NULL;

	buf_adds(out, name ? name : "");
}

const struct key_kind kind_personality = { "architecture", parse_personality, format_personality, NULL };

static const struct key_enum dump_kinds[] = {
	{ "private-anonymous", 1 << 0 }, { "shared-anonymous", 1 << 1 }, { "private-file-backed", 1 << 2 }, { "shared-file-backed", 1 << 3 },
	{ "elf-headers", 1 << 4 }, { "private-huge", 1 << 5 }, { "shared-huge", 1 << 6 }, { "private-dax", 1 << 7 }, { "shared-dax", 1 << 8 },
	{ "default", 0x33 }, { "all", 0x1ff }, { NULL, 0 },
};

static int parse_coredump_filter(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	struct ipc_exec_settings *s = field;
	uint64_t mask = 0;
	const char *p = value;
	char *word, *end;
	int r, v;

	while ((r = value_word(&p, false, &word)) > 0) {
		_cleanup_(freep) char *own _unused_ = word;

		errno = 0;
		if (key_enum_value(dump_kinds, word, &v) >= 0)
			mask |= (uint64_t)v;
		else if (mask |= strtoull(word, &end, 16), errno || *end || !isxdigit((unsigned char)*word))
			return key_bad(at, "\"%s\" is no kind of mapping", word);
	}
	if (r < 0)
		return key_bad(at, "unbalanced quotes");
	s->coredump_filter = s->has_coredump_filter ? s->coredump_filter | mask : mask;
	s->has_coredump_filter = *value;
	return 0;
}

static void format_coredump_filter(const struct key *k, const void *field, struct buf *out)
{
	const struct ipc_exec_settings *s = field;

	buf_addf(out, "0x%llx", s->has_coredump_filter ? (unsigned long long)s->coredump_filter : 0x33ULL);
}

const struct key_kind kind_coredump_filter = { "kinds of mappings or a hexadecimal mask", parse_coredump_filter, format_coredump_filter, NULL };
