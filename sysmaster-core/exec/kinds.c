/* kinds.c - identities, limits, streams and the other values of systemd.exec(5) that are plain numbers or strings */
#include <ctype.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include "exec/kinds.h"
#include "unit/name.h"
#include "unit/specifier.h"

static int expand(const struct key_place *at, const char *s, char **ret)
{
	size_t bad = 0;
	int r = specifier_expand(at->unit, s, ret, &bad);

	if (r == -ENOMEM)
		return r;
	return r < 0 ? key_bad_at(at, (unsigned)bad, "a specifier of \"%s\" cannot be expanded", s) : 0;
}

static void clear_string(const struct key *k, void *field)
{
	char **s = field;

	free(*s);
	*s = NULL;
}

static void format_string(const struct key *k, const void *field, struct buf *out)
{
	const char *const *s = field;

	buf_adds(out, *s ? *s : "");
}

static void clear_strv(const struct key *k, void *field)
{
	char ***v = field;

	strv_free(*v);
	*v = NULL;
}

static void format_strv(const struct key *k, const void *field, struct buf *out)
{
	char *const *const *v = field;

	for (size_t i = 0; *v && (*v)[i]; i++) {
		buf_adds(out, i ? " " : "");
		buf_adds(out, (*v)[i]);
	}
}

/* put @value, expanded, in place of *@field; @value "" unsets */
static int store_string(const struct key_place *at, const char *value, char **field, bool (*valid)(const char *s), const char *what)
{
	_cleanup_(freep) char *s = NULL;
	int r = 0;

	if (*value)
		r = expand(at, value, &s);
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
		clear_strv(NULL, field);
	while ((r = value_word(&p, true, &word)) > 0) {
		_cleanup_(freep) char *own _unused_ = word;
		_cleanup_(freep) char *s = NULL;

		r = expand(at, word, &s);
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
	int v = has ? *(const int32_t *)field : 0;
	const char *name = o->names ? key_enum_name(o->names, v) : NULL;

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

const struct key_kind kind_identity = { "name or number", parse_identity, format_string, clear_string };
const struct key_kind kind_identities = { "names or numbers", parse_identities, format_strv, clear_strv };

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

const struct key_kind kind_workdir = { "absolute path or \"~\", optionally after \"-\"", parse_workdir, format_string, clear_string };

static int parse_search_path(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	_cleanup_(freep) char *s = NULL;
	char *save = NULL;
	int r;

	if (!*value) {
		clear_strv(k, field);
		return 0;
	}
	r = expand(at, value, &s);
	for (char *p = r < 0 ? NULL : strtok_r(s, ":", &save); p && r == 0; p = strtok_r(NULL, ":", &save))
		r = *p == '/' ? strv_add(field, path_simplify(p)) : key_bad(at, "\"%s\" is no absolute path", p);
	return r;
}

const struct key_kind kind_search_path = { "absolute paths separated by colons", parse_search_path, format_strv, clear_strv };

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
	return store_words(at, value, field, env_assignment_valid, "assignment NAME=VALUE");
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
		clear_strv(k, field);
		return 0;
	}
	r = store_string(at, value, &s, env_file_valid, "absolute path");
	return r < 0 ? r : strv_consume(field, s);
}

const struct key_kind kind_environment = { "NAME=VALUE ...", parse_environment, format_strv, clear_strv };
const struct key_kind kind_env_names = { "variable names", parse_env_names, format_strv, clear_strv };
const struct key_kind kind_env_file = { "absolute path, optionally after \"-\"", parse_env_file, format_strv, clear_strv };

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

static void format_limit(const struct key *k, const void *field, struct buf *out)
{
	const struct exec_limit *l = field;

	if (!l->set)
		return;
	if (l->hard == UINT64_MAX)
		buf_adds(out, "infinity");
	else
		buf_addf(out, "%llu", (unsigned long long)l->hard);
}

const struct key_kind kind_limit = { "limit, or SOFT:HARD", parse_limit, format_limit, NULL };

/* ---- streams ---- */

static const struct key_enum inputs[] = {
	{ "null", IPC_EXEC_INPUT_NULL }, { "tty", IPC_EXEC_INPUT_TTY }, { "tty-force", IPC_EXEC_INPUT_TTY_FORCE },
	{ "tty-fail", IPC_EXEC_INPUT_TTY_FAIL }, { "socket", IPC_EXEC_INPUT_SOCKET }, { "fd", IPC_EXEC_INPUT_NAMED_FD },
	{ "data", IPC_EXEC_INPUT_DATA }, { "file", IPC_EXEC_INPUT_FILE }, { NULL, 0 },
};
static const struct key_enum outputs[] = {
	{ "inherit", IPC_EXEC_OUTPUT_INHERIT }, { "null", IPC_EXEC_OUTPUT_NULL }, { "tty", IPC_EXEC_OUTPUT_TTY },
	{ "journal", IPC_EXEC_OUTPUT_JOURNAL }, { "syslog", IPC_EXEC_OUTPUT_JOURNAL },
	{ "journal+console", IPC_EXEC_OUTPUT_JOURNAL_CONSOLE }, { "syslog+console", IPC_EXEC_OUTPUT_JOURNAL_CONSOLE },
	{ "kmsg", IPC_EXEC_OUTPUT_KMSG }, { "kmsg+console", IPC_EXEC_OUTPUT_KMSG_CONSOLE },
	{ "socket", IPC_EXEC_OUTPUT_SOCKET }, { "fd", IPC_EXEC_OUTPUT_NAMED_FD }, { "file", IPC_EXEC_OUTPUT_FILE },
	{ "append", IPC_EXEC_OUTPUT_APPEND }, { "truncate", IPC_EXEC_OUTPUT_TRUNCATE }, { NULL, 0 },
};

/* "WORD[:REST]" -> value of WORD; *rest is the expanded remainder, NULL where there is none. Only fd and the file kinds have one. */
static int stream_parse(const struct key_place *at, const char *value, const struct key_enum *names, int fd_kind, bool (*is_file)(int),
			int *ret, char **rest)
{
	_cleanup_(freep) char *word = strdup(value);
	char *colon;
	int r;

	if (!word)
		return -ENOMEM;
	colon = strchr(word, ':');
	if (colon)
		*colon++ = 0;
	if (key_enum_value(names, word, ret) < 0 || (colon && *ret != fd_kind && !is_file(*ret)) || (!colon && is_file(*ret)))
		return key_bad(at, "\"%s\" is no such stream", value);
	if (!colon)
		return 0;
	r = expand(at, colon, rest);
	if (r < 0)
		return r;
	if (is_file(*ret) ? **rest != '/' : !**rest || strchr(*rest, ':') || strlen(*rest) > 255) {
		r = key_bad(at, is_file(*ret) ? "\"%s\" is no absolute path" : "\"%s\" is no name of a file descriptor", *rest);
		free(*rest);
		*rest = NULL;
	}
	return r;
}

static void stream_store(char *rest, bool is_file, const char **path, const char **name)
{
	free((char *)*path);
	free((char *)*name);
	*path = is_file ? rest : NULL;
	*name = is_file ? NULL : rest;
}

static bool input_is_file(int v) { return v == IPC_EXEC_INPUT_FILE; }
static bool output_is_file(int v) { return v == IPC_EXEC_OUTPUT_FILE || v == IPC_EXEC_OUTPUT_APPEND || v == IPC_EXEC_OUTPUT_TRUNCATE; }

static int parse_input(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	struct ipc_exec_settings *s = field;
	char *rest = NULL;
	int v = 0;
	int r = stream_parse(at, *value ? value : "null", inputs, IPC_EXEC_INPUT_NAMED_FD, input_is_file, &v, &rest);

	if (r < 0)
		return r;
	stream_store(rest, input_is_file(v), &s->input_path, &s->input_fd_name);
	s->std_input = v;
	return 0;
}

static void format_input(const struct key *k, const void *field, struct buf *out)
{
	const struct ipc_exec_settings *s = field;

	buf_adds(out, key_enum_name(inputs, s->std_input));
	if (s->input_path || s->input_fd_name)
		buf_addf(out, ":%s", s->input_path ? s->input_path : s->input_fd_name);
}

static void clear_streams(const struct key *k, void *field)
{
	struct ipc_exec_settings *s = field;

	stream_store(NULL, false, &s->input_path, &s->input_fd_name);
}

static int parse_output(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	struct exec_context *c = field;
	struct ipc_exec_settings *s = &c->s;
	char *rest = NULL;
	int v = 0;
	int r = stream_parse(at, *value ? value : "inherit", outputs, IPC_EXEC_OUTPUT_NAMED_FD, output_is_file, &v, &rest);

	if (r < 0)
		return r;
	if (k->arg) {
		stream_store(rest, output_is_file(v), &s->error_path, &s->error_fd_name);
		s->std_error = v;
	} else {
		stream_store(rest, output_is_file(v), &s->output_path, &s->output_fd_name);
		s->std_output = v;
	}
	return 0;
}

static void format_output(const struct key *k, const void *field, struct buf *out)
{
	const struct ipc_exec_settings *s = &((const struct exec_context *)field)->s;
	const char *path = k->arg ? s->error_path : s->output_path, *name = k->arg ? s->error_fd_name : s->output_fd_name;

	buf_adds(out, key_enum_name(outputs, k->arg ? s->std_error : s->std_output));
	if (path || name)
		buf_addf(out, ":%s", path ? path : name);
}

static void clear_output(const struct key *k, void *field)
{
	struct ipc_exec_settings *s = &((struct exec_context *)field)->s;

	if (k->arg)
		stream_store(NULL, false, &s->error_path, &s->error_fd_name);
	else
		stream_store(NULL, false, &s->output_path, &s->output_fd_name);
}

const struct key_kind kind_input = { "null, tty, tty-force, tty-fail, data, file:PATH, socket or fd[:NAME]", parse_input, format_input, clear_streams };
const struct key_kind kind_output = { "inherit, null, tty, journal, kmsg, journal+console, kmsg+console, file:PATH, append:PATH, truncate:PATH, socket or fd[:NAME]",
	parse_output, format_output, clear_output };

static void clear_bytes(const struct key *k, void *field)
{
	struct msg_bytes *m = field;

	free((void *)m->data);
	*m = (struct msg_bytes){ 0 };
}

static int bytes_append(struct msg_bytes *m, const void *p, size_t n)
{
	char *grown;

	if (m->len + n > (1u << 20))
		return -E2BIG;
	grown = realloc((void *)m->data, m->len + n + 1);
	if (!grown)
		return -ENOMEM;
	memcpy(grown + m->len, p, n);
	*m = (struct msg_bytes){ grown, m->len + n };
	return 0;
}

/* decode @s in place; white space is skipped. Length or -EINVAL */
static ssize_t base64_decode(char *s)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *out = s;
	unsigned acc = 0, bits = 0, seen = 0, pad = 0;

	for (const char *p = s; *p; p++) {
		const char *d = strchr(digits, *p);

		if (isspace((unsigned char)*p))
			continue;
		seen++;
		if (*p == '=') {
			pad++;
			continue;
		}
		if (!d || pad)
			return -EINVAL;
		acc = acc << 6 | (unsigned)(d - digits);
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			*out++ = (char)(acc >> bits);
		}
	}
	return seen % 4 || pad > 2 ? -EINVAL : out - s;
}

static int parse_input_text(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	_cleanup_(freep) char *s = NULL, *text = NULL;
	ssize_t n;
	int r;

	if (!*value) {
		clear_bytes(k, field);
		return 0;
	}
	if (k->arg) {
		s = strdup(value);
		if (!s)
			return -ENOMEM;
		n = base64_decode(s);
		if (n < 0)
			return key_bad(at, "this is no base64");
		r = bytes_append(field, s, (size_t)n);
	} else {
		/* escapes are those of quoted words, so quote what is to stay whole */
		const char *p;
		struct buf quoted = { 0 };

		buf_addc(&quoted, '"');
		for (p = value; *p; p++) {
			if (*p == '"')
				buf_addc(&quoted, '\\');
			if (*p == '\\' && p[1])
				buf_addc(&quoted, *p++);
			buf_addc(&quoted, *p);
		}
		buf_addc(&quoted, '"');
		p = buf_str(&quoted);
		r = p ? value_word(&p, true, &text) : -ENOMEM;
		buf_finish(&quoted);
		if (r <= 0)
			return r == -ENOMEM ? r : key_bad(at, "bad escape");
		r = expand(at, text, &s);
		if (r == 0)
			r = bytes_append(field, s, strlen(s));
		if (r == 0)
			r = bytes_append(field, "\n", 1);
	}
	return r == -E2BIG ? key_bad(at, "more than 1 MiB of input data") : r;
}

static void format_bytes(const struct key *k, const void *field, struct buf *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const struct msg_bytes *m = field;
	const uint8_t *p = m->data;

	for (size_t i = 0; i < m->len; i += 3) {
		size_t left = m->len - i;
		unsigned v = (unsigned)p[i] << 16 | (left > 1 ? (unsigned)p[i + 1] << 8 : 0) | (left > 2 ? p[i + 2] : 0);

		buf_addc(out, digits[v >> 18]);
		buf_addc(out, digits[v >> 12 & 63]);
		buf_addc(out, left > 1 ? digits[v >> 6 & 63] : '=');
		buf_addc(out, left > 2 ? digits[v & 63] : '=');
	}
}

const struct key_kind kind_input_text = { "text with C escapes, or base64", parse_input_text, format_bytes, clear_bytes };

/* ---- processors ---- */

/* "0-3 5,7" or'ed into the mask */
static int cpus_add(const struct key_place *at, const char *value, struct msg_bytes *m)
{
	uint8_t mask[1024] = { 0 };
	size_t len = m->len;
	const char *p = value;

	if (m->len)
		memcpy(mask, m->data, m->len);
	while (*p) {
		char *end;
		unsigned long a, b;

		if (isspace((unsigned char)*p) || *p == ',') {
			p++;
			continue;
		}
		if (!isdigit((unsigned char)*p))
			return key_bad_at(at, (unsigned)(p - value), "\"%s\" is no list of numbers and ranges", value);
		a = b = strtoul(p, &end, 10);
		if (*end == '-' && isdigit((unsigned char)end[1]))
			b = strtoul(end + 1, &end, 10);
		if (b < a || b >= 8 * sizeof(mask) || (*end && !isspace((unsigned char)*end) && *end != ','))
			return key_bad_at(at, (unsigned)(p - value), "\"%s\" is no list of numbers and ranges", value);
		for (unsigned long i = a; i <= b; i++)
			mask[i / 8] |= (uint8_t)(1u << (i % 8));
		len = MAX(len, b / 64 * 8 + 8);
		p = end;
	}
	clear_bytes(NULL, m);
	return bytes_append(m, mask, len);
}

static int parse_cpus(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	if (*value)
		return cpus_add(at, value, field);
	clear_bytes(k, field);
	return 0;
}

static void format_cpus(const struct key *k, const void *field, struct buf *out)
{
	const struct msg_bytes *m = field;
	const uint8_t *mask = m->data;
	const char *sep = "";

	for (size_t i = 0; i < 8 * m->len; i++) {
		size_t first = i;

		if (!(mask[i / 8] & 1u << i % 8))
			continue;
		while (i + 1 < 8 * m->len && mask[(i + 1) / 8] & 1u << (i + 1) % 8)
			i++;
		buf_addf(out, i == first ? "%s%zu" : "%s%zu-%zu", sep, first, i);
		sep = " ";
	}
}

static int parse_affinity(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	struct ipc_exec_settings *s = field;

	if (streq(value, "numa")) {
		s->cpu_affinity_numa = true;
		return 0;
	}
	if (!*value)
		s->cpu_affinity_numa = false;
	return parse_cpus(at, k, value, &s->cpu_affinity);
}

static void format_affinity(const struct key *k, const void *field, struct buf *out) { format_cpus(k, &((const struct ipc_exec_settings *)field)->cpu_affinity, out); }
static void clear_affinity(const struct key *k, void *field) { clear_bytes(k, &((struct ipc_exec_settings *)field)->cpu_affinity); }

const struct key_kind kind_cpus = { "numbers and ranges", parse_cpus, format_cpus, clear_bytes };
const struct key_kind kind_affinity = { "numbers and ranges, or \"numa\"", parse_affinity, format_affinity, clear_affinity };

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
