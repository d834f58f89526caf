/* openfile.c - OpenFile=: files that are opened for the service and passed like sockets; systemd.service(5) of version 253 */
#include <stdio.h>
#include "types/service/service.h"
#include "unit/name.h"

static const struct key_enum options[] = {
	{ "read-only", IPC_OPEN_FILE_READ_ONLY }, { "append", IPC_OPEN_FILE_APPEND }, { "truncate", IPC_OPEN_FILE_TRUNCATE }, { NULL, 0 },
};

static void open_file_done(struct ipc_exec_open_file *f)
{
	free((char *)f->path);
	free((char *)f->name);
}

static void clear(const struct key *k, void *field)
{
	struct open_files *l = field;

	for (size_t i = 0; i < l->n; i++)
		open_file_done(&l->v[i]);
	free(l->v);
	*l = (struct open_files){ NULL, 0 };
}

/* the part before the next ':' that has no backslash in front, with escapes undone; *p then stands behind the colon or on the end */
static int next_part(const struct key_place *at, const char *value, const char **p, char **ret)
{
	_cleanup_(buf_finish) struct buf b = { 0 };
	char out[4];
	size_t n;

	while (**p && **p != ':') {
		int taken = **p != '\\' ? 0 : (*p)[1] == ':' ? 1 : value_unescape(*p + 1, out, &n);

		if (taken < 0)
			return key_bad_at(at, (unsigned)(*p - value), "bad escape");
		if (taken == 0)
			buf_add(&b, *p, 1);
		else if ((*p)[1] == ':')
			buf_addc(&b, ':');
		else
			buf_add(&b, out, n);
		*p += 1 + taken;
	}
	*p += **p == ':';
	*ret = strdup(buf_str(&b) ?: "");
	return *ret ? buf_error(&b) : -ENOMEM;
}

static bool fd_name_valid(const char *s)
{
	size_t n = strlen(s);

	for (size_t i = 0; i < n; i++)
		if (s[i] < ' ' || s[i] == ':' || s[i] == 127)
			return false;
	return n > 0 && n <= 255;
}

static int parse_options(const struct key_place *at, const char *text, struct ipc_exec_open_file *f)
{
	f->mode = IPC_OPEN_FILE_READ_WRITE;
	for (const char *p = text; *p;) {
		size_t n = strcspn(p, ",");
		_cleanup_(freep) char *word = strndup(p, n);
		int v;

		if (!word)
			return -ENOMEM;
		p += n + (p[n] == ',');
		if (streq(word, "graceful")) {
			if (f->graceful)
				return key_bad(at, "\"graceful\" is given twice");
			f->graceful = true;
		} else if (key_enum_value(options, word, &v) < 0) {
			return key_bad(at, "\"%s\" is none of read-only, append, truncate, graceful", word);
		} else if (f->mode != IPC_OPEN_FILE_READ_WRITE) {
			return key_bad(at, "only one of read-only, append and truncate is possible, and once");
		} else {
			f->mode = (enum ipc_open_file)v;
		}
	}
	return 0;
}

static int parse_parts(const struct key_place *at, const char *value, struct ipc_exec_open_file *f)
{
	_cleanup_(freep) char *name = NULL, *opts = NULL;
	char *path;
	const char *p = value;
	int r = next_part(at, value, &p, &path);

	if (r < 0)
		return r;
	f->path = path;
	r = key_path_check(at, 0, path);
	if (r >= 0)
		r = next_part(at, value, &p, &name);
	if (r >= 0)
		r = next_part(at, value, &p, &opts);
	if (r < 0)
		return r;
	if (*p)
		return key_bad_at(at, (unsigned)(p - value), "nothing may follow PATH:NAME:OPTIONS");
	f->name = strdup(*name ? name : strrchr(path, '/') + 1);
	if (!f->name)
		return -ENOMEM;
	return fd_name_valid(f->name) ? parse_options(at, opts, f) : key_bad(at, "\"%s\" is no name for a descriptor", f->name);
}

static int parse(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	struct open_files *l = field;
	struct ipc_exec_open_file f = { NULL }, *grown;
	int r;

	if (!*value) {
		clear(k, field);
		return 0;
	}
	r = parse_parts(at, value, &f);
	grown = r < 0 ? NULL : l->n < 200 ? reallocarray(l->v, l->n + 1, sizeof(*grown)) : NULL;
	if (!grown) {
		open_file_done(&f);
		return r < 0 ? r : -ENOMEM;
	}
	l->v = grown;
	grown[l->n++] = f;
	return 0;
}

static void format(const struct key *k, const void *field, struct buf *out)
{
	const struct open_files *l = field;

	for (size_t i = 0; i < l->n; i++) {
		const struct ipc_exec_open_file *f = &l->v[i];
		const char *mode = f->mode == IPC_OPEN_FILE_READ_WRITE ? "" : key_enum_name(options, (int)f->mode);

		buf_adds(out, i ? " " : "");
		for (const char *p = f->path; *p; p++)
			buf_addf(out, *p == ':' || *p == '\\' ? "\\%c" : "%c", *p);
		if (!streq(f->name, strrchr(f->path, '/') + 1))
			buf_addf(out, ":%s", f->name);
		else if (*mode || f->graceful)
			buf_addc(out, ':');
		if (*mode || f->graceful)
			buf_addf(out, ":%s%s%s", mode, *mode && f->graceful ? "," : "", f->graceful ? "graceful" : "");
	}
}

const struct key_kind kind_open_file = { "PATH[:NAME[:OPTIONS]]", parse, format, clear };
