/* kinds-stream.c - standard streams, and values that are bytes: input text, masks of processors and nodes */
#include <ctype.h>
#include <stdio.h>
#include "exec/base64.h"
#include "exec/kinds.h"

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
	r = key_expand(at, colon, (size_t)(colon - word), rest);
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

	buf_adds(out, key_enum_name(outputs, k->arg ? s->std_error : s->std_output));
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

/* escapes are those of quoted words, so quote what is to stay whole */
int kind_unescape(const char *value, char **ret)
{
	struct buf quoted = { 0 };
	const char *p;
	int r;

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
	r = p ? value_word(&p, true, ret) : -ENOMEM;
	buf_finish(&quoted);
	return r == 0 ? -EINVAL : r < 0 ? r : 0;
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
		r = kind_unescape(value, &text);
		if (r < 0)
			return r == -ENOMEM ? r : key_bad(at, "bad escape");
		r = key_expand(at, text, 0, &s);
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
