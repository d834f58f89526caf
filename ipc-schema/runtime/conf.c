/* conf.c - reads sections and assignments; systemd.syntax(7) */
#include <fcntl.h>
#include <sys/stat.h>
#include "conf.h"

/* Where the physical lines of one logical line begin: needed to say line and column of a value. */
struct piece { size_t off; unsigned line, skipped; };

struct reader {
	const char *file;
	struct conf_handler *h;
	char *text;                     /* the logical line, NUL-terminated */
	size_t len;
	struct piece *pieces;
	size_t n_pieces, cap_pieces;
	char *section;                  /* NULL: none yet */
	bool skip_section, too_long;
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* A continued backslash stands for one space, so offsets map one to one within a piece. */
static void position(const struct reader *r, size_t off, unsigned *line, unsigned *column)
{
	size_t i = r->n_pieces;

	while (i > 1 && r->pieces[i - 1].off > off)
		i--;
	*line = r->pieces[i - 1].line;
	*column = (unsigned)(off - r->pieces[i - 1].off) + 1 + r->pieces[i - 1].skipped;
}

/* RFC 3629: no overlong forms, no surrogates, nothing past U+10FFFF */
static bool utf8_ok(const char *text, size_t n)
{
	const unsigned char *s = (const unsigned char *)text, *end = s + n;

	while (s < end) {
		size_t k = *s < 0x80 ? 0 : *s >= 0xc2 && *s < 0xe0 ? 1 : (*s & 0xf0) == 0xe0 ? 2 : *s >= 0xf0 && *s < 0xf5 ? 3 : 9;

		if (k > (size_t)(end - s) - 1)
			return false;
		for (size_t i = 1; i <= k; i++)
			if ((s[i] & 0xc0) != 0x80)
				return false;
		if ((*s == 0xe0 && s[1] < 0xa0) || (*s == 0xed && s[1] >= 0xa0) || (*s == 0xf0 && s[1] < 0x90) || (*s == 0xf4 && s[1] >= 0x90))
			return false;
		s += k + 1;
	}
	return true;
}

static int new_section(struct reader *r, char *s, unsigned line, unsigned column)
{
	size_t n = strlen(s);
	char *name;

	if (s[n - 1] != ']' || n < 3) {
		diag(r->h->sink, DIAG_ERROR, r->file, line, column, "section header does not end with ']'");
		r->skip_section = true;         /* its keys would land in the section before */
		return 0;
	}
	name = strndup(s + 1, n - 2);
	if (!name)
		return -ENOMEM;
	free(r->section);
	r->section = name;
	r->skip_section = r->h->section && !r->h->section(r->h, r->file, name, line);
	return 0;
}

static int assignment(struct reader *r, char *s, char *end)
{
	char *eq = strchr(s, '='), *key_end = eq, *value;
	unsigned line, column;
	int e;

	position(r, (size_t)(s - r->text), &line, &column);
	if (!r->section) {
		if (!r->skip_section)
			diag(r->h->sink, DIAG_ERROR, r->file, line, column, "assignment outside of a section, ignored");
		return 0;
	}
	if (r->skip_section)
		return 0;
	if (!eq) {
		diag(r->h->sink, DIAG_ERROR, r->file, line, column, "'=' is missing, line ignored");
		return 0;
	}
	while (key_end > s && is_space(key_end[-1]))
		key_end--;
	if (key_end == s) {
		diag(r->h->sink, DIAG_ERROR, r->file, line, column, "a key is missing before '=', line ignored");
		return 0;
	}
	for (value = eq + 1; value < end && is_space(*value); value++)
		;
	*key_end = '\0';
	position(r, (size_t)(value - r->text), &line, &column);
	e = r->h->assign(r->h, r->file, r->section, s, value, line, column);
	return e == -ENOMEM ? e : 0;
}

/* One logical line is complete. */
static int finish_line(struct reader *r)
{
	unsigned line, column;
	char *s = r->text, *end;
	int e = 0;

	if (r->n_pieces == 0)
		return 0;
	end = s + r->len;
	if (r->too_long) {
		diag(r->h->sink, DIAG_ERROR, r->file, r->pieces[0].line, 0, "line is longer than %u bytes, ignored", CONF_MAX_LINE);
	} else {
		while (s < end && is_space(*s))
			s++;
		while (end > s && is_space(end[-1]))
			end--;
		*end = '\0';
		position(r, (size_t)(s - r->text), &line, &column);
		if (s == end)
			;
		else if (memchr(s, '\0', (size_t)(end - s)) || !utf8_ok(s, (size_t)(end - s)))
			diag(r->h->sink, DIAG_ERROR, r->file, line, column, "line is not valid UTF-8 text, ignored");
		else if (*s == '[')
			e = new_section(r, s, line, column);
		else
			e = assignment(r, s, end);
	}
	r->len = r->n_pieces = 0;
	r->too_long = false;
	return e;
}

/* @skipped: bytes of the physical line in front of @s that are not part of it (a byte order mark) */
static int add_piece(struct reader *r, const char *s, size_t n, unsigned line, unsigned skipped)
{
	if (r->n_pieces == r->cap_pieces) {
		size_t cap = r->cap_pieces ? r->cap_pieces * 2 : 16;
		struct piece *p = reallocarray(r->pieces, cap, sizeof(*p));

		if (!p)
			return -ENOMEM;
		r->pieces = p;
		r->cap_pieces = cap;
	}
	r->pieces[r->n_pieces++] = (struct piece){ .off = r->len, .line = line, .skipped = skipped };
	if (r->too_long || n > CONF_MAX_LINE - r->len) {
		r->too_long = true;
		return 0;
	}
	memcpy(r->text + r->len, s, n);
	r->len += n;
	return 0;
}

static bool is_comment(const char *s, size_t n)
{
	while (n && is_space(*s))
		s++, n--;
	return n && (*s == '#' || *s == ';');
}

/* An odd number of backslashes at the end asks for the next line. */
static bool is_continued(const char *s, size_t n)
{
	size_t slashes = 0;

	while (slashes < n && s[n - 1 - slashes] == '\\')
		slashes++;
	return slashes % 2;
}

static int parse_lines(struct reader *r, const char *text, size_t n)
{
	const char *p = text, *end = text + n;
	unsigned line = 0, skipped = 0;

	if (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
		p += 3;
		skipped = 3;
	}
	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t len = (size_t)((nl ? nl : end) - p);
		const char *s = p;
		bool more;
		int e;

		line++;
		p = nl ? nl + 1 : end;
		if (len && s[len - 1] == '\r')
			len--;
		if (is_comment(s, len)) {
			skipped = 0;
			continue;               /* also in the middle of a continued line */
		}
		more = is_continued(s, len);
		e = add_piece(r, s, len, line, skipped);
		skipped = 0;
		if (e < 0)
			return e;
		if (more && !r->too_long)
			r->text[r->len - 1] = ' ';
		if (!more) {
			e = finish_line(r);
			if (e < 0)
				return e;
		}
	}
	return finish_line(r);
}

int conf_parse(const char *file, const char *text, size_t n, struct conf_handler *h)
{
	struct reader r = { .file = file, .h = h };
	int e;

	if (n > CONF_MAX_BYTES) {
		diag(h->sink, DIAG_ERROR, file, 0, 0, "file is larger than %u bytes", CONF_MAX_BYTES);
		return -EFBIG;
	}
	r.text = malloc(MIN(n, (size_t)CONF_MAX_LINE) + 1);
	if (!r.text)
		return -ENOMEM;
	e = parse_lines(&r, text, n);
	free(r.text);
	free(r.pieces);
	free(r.section);
	return e;
}

/* 0 with the bytes; only regular files and /dev/null are read, and never more than CONF_MAX_BYTES + 1 */
static int slurp(const char *path, char **ret, size_t *ret_n)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	_cleanup_(freep) char *buf = NULL;
	size_t n = 0, want;
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (!S_ISREG(st.st_mode) && !S_ISCHR(st.st_mode))
		return -EINVAL;
	want = S_ISREG(st.st_mode) ? (size_t)MIN(st.st_size, (off_t)CONF_MAX_BYTES) + 1 : 1;
	buf = malloc(want);
	if (!buf)
		return -ENOMEM;
	while (S_ISREG(st.st_mode) && n < want) {
		ssize_t k = read(fd, buf + n, want - n);

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return -errno;
		if (k == 0)
			break;
		n += (size_t)k;
	}
	*ret = TAKE_PTR(buf);
	*ret_n = n;
	return 0;
}

int conf_parse_file(const char *path, struct conf_handler *h)
{
	_cleanup_(freep) char *text = NULL;
	size_t n = 0;
	int r = slurp(path, &text, &n);

	return r < 0 ? r : conf_parse(path, text, n, h);
}
