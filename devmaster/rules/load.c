/* load.c - files and the search path -> lines; continuation lines, GOTO resolved; udev(7) "Rules files" */
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/stat.h>
#include "device/files.h"
#include "program.h"
#include "value.h"

#define PROGRAM_BYTES_MAX (64u << 20)
#define LINE_BYTES_MAX 16384            /* of a line with its continuations */
#define FILE_BYTES_MAX (16u << 20)

static int nss_user(const char *name, uint32_t *ret)
{
	uint64_t n;
	struct passwd *pw;

	if (value_unsigned(name, UINT32_MAX - 1, &n) == 0) {
		*ret = (uint32_t)n;
		return 0;
	}
	pw = getpwnam(name);
	if (!pw)
		return -ESRCH;
	*ret = pw->pw_uid;
	return 0;
}

static int nss_group(const char *name, uint32_t *ret)
{
	uint64_t n;
	struct group *gr;

	if (value_unsigned(name, UINT32_MAX - 1, &n) == 0) {
		*ret = (uint32_t)n;
		return 0;
	}
	gr = getgrnam(name);
	if (!gr)
		return -ESRCH;
	*ret = gr->gr_gid;
	return 0;
}
const struct rules_names rules_names_nss = { nss_user, nss_group };

int rules_new(struct rules **ret, struct diag_sink *sink, const struct rules_names *names)
{
	struct rules *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->arena = (struct arena)ARENA_HEAP(PROGRAM_BYTES_MAX);
	r->sink = sink;
	r->names = names ? names : &rules_names_nss;
	*ret = r;
	return 0;
}

void rules_free(struct rules *r)
{
	if (!r)
		return;
	index_free(r->index);
	free(r->lines);
	arena_reset(&r->arena);
	free(r);
}

size_t rules_lines(const struct rules *r) { return r->n_lines; }
void rules_use_index(struct rules *r, bool yes) { r->no_index = !yes; }

static int add_line(struct rules *r, const struct line *l)
{
	if (r->n_lines == r->cap_lines) {
		size_t cap = MAX(r->cap_lines * 2, (size_t)256);
		struct line *more = reallocarray(r->lines, cap, sizeof(*more));

		if (!more)
			return -ENOMEM;
		r->lines = more;
		r->cap_lines = cap;
	}
	r->lines[r->n_lines++] = *l;
	return 0;
}

/* A line being joined of physical lines */
struct joined {
	struct buf text;
	struct segment segments[256];
	size_t n;
	bool open, too_long;
};

static int finish_line(struct place *at, struct joined *j)
{
	struct line line = { .file = at->file, .number = j->segments[0].line };
	_cleanup_(freep) char *work = NULL;
	int r;

	at->text = buf_str(&j->text);
	if (!at->text)
		return buf_error(&j->text);
	at->segments = j->segments;
	at->n_segments = j->n;
	if (j->too_long) {
		key_complain(at, DIAG_ERROR, NULL, "a rule of more than %d bytes or %zu lines is left out", LINE_BYTES_MAX, ARRAY_SIZE(j->segments));
		return 0;
	}
	work = strdup(at->text);
	if (!work)
		return -ENOMEM;
	/* the lexer writes into a copy; positions are those of the text as it was */
	struct place moved = *at;

	moved.text = work;
	r = key_line(&moved, work, &line);
	if (r == -EINVAL || r == 1)
		return 0;
	return r < 0 ? r : add_line(at->rules, &line);
}

static int take_physical(struct place *at, struct joined *j, const char *s, size_t n, unsigned number)
{
	size_t skip = 0;
	bool more;
	int r = 0;

	while (skip < n && strchr(" \t\r", s[skip]) && s[skip])
		skip++;
	if (skip < n && s[skip] == '#')
		return 0;                               /* also between continuation lines */
	while (n > skip && s[n - 1] == '\r')
		n--;
	if (!j->open) {
		buf_reset(&j->text);
		j->n = 0;
		j->too_long = false;
	}
	more = n > skip && s[n - 1] == '\\';
	if (j->n == ARRAY_SIZE(j->segments) || j->text.len + n - skip >= LINE_BYTES_MAX)
		j->too_long = true;
	else {
		j->segments[j->n++] = (struct segment){ j->text.len, number, (unsigned)skip + 1 };
		buf_add(&j->text, s + skip, n - skip - more);
	}
	if (j->n == 0)
		j->segments[j->n++] = (struct segment){ 0, number, 1 };
	j->open = more;
	if (!more && (j->text.len > 0 || j->too_long))
		r = finish_line(at, j);
	return r;
}

/* a GOTO goes to the first LABEL behind it in the same file; one without is dropped, as udevd does */
static void resolve(struct rules *r, size_t begin)
{
	for (size_t i = begin; i < r->n_lines; i++) {
		struct line *l = &r->lines[i];

		if (!l->goto_label)
			continue;
		for (size_t k = i + 1; k < r->n_lines && l->goto_line == 0; k++)
			if (r->lines[k].label && streq(r->lines[k].label, l->goto_label))
				l->goto_line = k;
		if (l->goto_line > 0)
			continue;
		diag(r->sink, DIAG_ERROR, l->file, l->number, l->goto_column, "GOTO=\"%s\": no such LABEL stands behind it in this file", l->goto_label);
		l->goto_label = NULL;
		l->flags &= ~(unsigned)LINE_HAS_GOTO;
	}
}

int rules_add_text(struct rules *r, const char *file, const char *text, size_t n)
{
	struct place at = { .rules = r, .file = arena_strndup(&r->arena, file, strlen(file)) };
	struct joined j = { .text = { .max = LINE_BYTES_MAX + 1 } };
	size_t begin = r->n_lines;
	unsigned number = 0;
	int status = at.file ? 0 : -ENOMEM;

	index_free(TAKE_PTR(r->index));
	for (size_t i = 0; i < n && status == 0;) {
		const char *end = memchr(text + i, '\n', n - i);
		size_t len = end ? (size_t)(end - text) - i : n - i, zero;

		zero = strnlen(text + i, len);
		number++;
		if (zero < len) {
			at.segments = &(struct segment){ 0, number, (unsigned)zero + 1 };
			at.n_segments = 1;
			key_complain(&at, DIAG_ERROR, NULL, "a NUL byte, the line is left out");
			j.open = false;
		} else
			status = take_physical(&at, &j, text + i, len, number);
		i += len + 1;
	}
	if (status == 0 && j.open) {
		at.segments = j.segments;
		at.n_segments = j.n;
		at.text = "";
		key_complain(&at, DIAG_ERROR, NULL, "the file ends within a continued line, which is left out");
	}
	buf_finish(&j.text);
	resolve(r, begin);
	return status;
}

int rules_add_file(struct rules *r, const char *path)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct buf text = { .max = FILE_BYTES_MAX };
	struct stat st;
	ssize_t got = 0;
	int e;

	if (fd < 0 || fstat(fd, &st) < 0 || (!S_ISREG(st.st_mode) && !S_ISCHR(st.st_mode))) {
		e = fd < 0 ? -errno : -EINVAL;
		diag(r->sink, DIAG_ERROR, path, 0, 0, "cannot be read: %s", strerror(-e));
		return e;
	}
	while (buf_reserve(&text, 65536) == 0 && (got = read(fd, text.data + text.len, 65536)) > 0)
		text.len += (size_t)got;
	e = got < 0 ? -errno : buf_error(&text);
	if (e < 0)
		diag(r->sink, DIAG_ERROR, path, 0, 0, "cannot be read: %s", strerror(-e));
	else
		e = rules_add_text(r, path, (const char *)text.data, text.len);
	buf_finish(&text);
	return e;
}

/* -- the search path -- */
static const char *const folders[] = {
	"/etc/devmaster/rules.d", "/run/devmaster/rules.d", "/usr/lib/devmaster/rules.d",
	"/etc/udev/rules.d", "/run/udev/rules.d", "/usr/local/lib/udev/rules.d", "/usr/lib/udev/rules.d", "/lib/udev/rules.d",
};

int rules_path(const char *root, char ***ret)
{
	_cleanup_(strv_freep) char **v = NULL;
	char folder[PATH_MAX];
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(folders) && r == 0; i++)
		if ((size_t)snprintf(folder, sizeof(folder), "%s%s", root, folders[i]) < sizeof(folder))
			r = files_list(folder, ".rules", &v);
	if (r == 0)
		*ret = TAKE_PTR(v);
	return r;
}

int rules_add_path(struct rules *r, const char *root)
{
	_cleanup_(strv_freep) char **v = NULL;
	int status = rules_path(root, &v);

	for (char **p = v; status == 0 && p && *p; p++)
		if (rules_add_file(r, *p) == -ENOMEM)
			status = -ENOMEM;
	return status;
}
