/* build.c - see build.h */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include "build.h"
#include "database/database.h"
#include "device/files.h"
#include "trie.h"

#define FILE_BYTES_MAX (64u << 20)
#define HWDB_BYTES_MAX (256u << 20)

enum state { OUTSIDE, PATTERNS, PROPERTIES };
struct hwdb_build {
	struct trie trie;
	struct diag_sink *sink;
	uint16_t priority;              /* of the file being read, from 1 */
	uint32_t file;                  /* its name */
};

struct record { char **patterns; enum state state; const char *file; unsigned line; };

int hwdb_build_new(struct hwdb_build **ret, struct diag_sink *sink)
{
	struct hwdb_build *b = calloc(1, sizeof(*b));
	int r = b ? trie_init(&b->trie) : -ENOMEM;

	if (b)
		b->sink = sink;
	if (r < 0)
		hwdb_build_free(b);
	else
		*ret = b;
	return r;
}

void hwdb_build_free(struct hwdb_build *b)
{
	if (b)
		trie_finish(&b->trie);
	free(b);
}

size_t hwdb_build_nodes(const struct hwdb_build *b) { return b->trie.nodes; }

static void end_record(struct record *rec)
{
	strv_free(rec->patterns);
	rec->patterns = NULL;
	rec->state = OUTSIDE;
}

/* " KEY=VALUE"; the blank stays part of the key, that is how readers know a property */
static int add_property(struct hwdb_build *b, struct record *rec, char *line)
{
	struct trie_value v = { .file = b->file, .line = rec->line, .priority = b->priority };
	char *value = strchr(line, '=');
	int r;

	if (!value) {
		diag(b->sink, DIAG_ERROR, rec->file, rec->line, 1, "\"%s\": expected KEY=VALUE", line + 1);
		return 0;
	}
	*value++ = '\0';
	while (line[0] == ' ' && (line[1] == ' ' || line[1] == '\t'))
		line++;
	line[0] = ' ';
	if (!line[1]) {
		diag(b->sink, DIAG_ERROR, rec->file, rec->line, 1, "\"=%s\": expected a key", value);
		return 0;
	}
	r = trie_string(&b->trie, line, strlen(line), &v.key);
	if (r == 0)
		r = trie_string(&b->trie, value, strlen(value), &v.value);
	for (char **p = rec->patterns; *p && r == 0; p++)
		r = trie_insert(&b->trie, *p, &v);
	return r;
}

static int add_line(struct hwdb_build *b, struct record *rec, char *line)
{
	if (rec->state == OUTSIDE && *line == ' ')
		diag(b->sink, DIAG_ERROR, rec->file, rec->line, 1, "a property without a pattern in front: expected a pattern that begins the line");
	else if (!*line) {
		if (rec->state == PATTERNS)
			diag(b->sink, DIAG_ERROR, rec->file, rec->line, 0, "a record ends without a property: expected lines \" KEY=VALUE\"");
		end_record(rec);
	} else if (*line == ' ') {
		rec->state = PROPERTIES;
		return add_property(b, rec, line);
	} else if (rec->state == PROPERTIES) {
		diag(b->sink, DIAG_ERROR, rec->file, rec->line, 1, "\"%s\": expected a property or an empty line", line);
		end_record(rec);
	} else {
		rec->state = PATTERNS;
		return strv_add(&rec->patterns, line);
	}
	return 0;
}

int hwdb_build_text(struct hwdb_build *b, const char *file, const char *text, size_t n)
{
	struct record rec = { .file = file };
	int r = trie_string(&b->trie, file, strlen(file), &b->file);

	b->priority++;
	while (n > 0 && r == 0) {
		const char *newline = memchr(text, '\n', n);
		size_t len = newline ? (size_t)(newline - text) : n, whole = len + (newline != NULL);
		char *line = strndup(text, len), *hash;

		if (!line)
			r = -ENOMEM;
		rec.line++;
		if (line && line[0] != '#') {
			hash = strchr(line, '#');
			if (hash)
				*hash = '\0';
			for (size_t i = strlen(line); i > 0 && strchr(" \t\r", line[i - 1]); i--)
				line[i - 1] = '\0';
			r = add_line(b, &rec, line);
		}
		free(line);
		text += whole;
		n -= whole;
	}
	if (rec.state == PATTERNS && r == 0)
		diag(b->sink, DIAG_ERROR, file, rec.line, 0, "the last record has no property: expected lines \" KEY=VALUE\"");
	strv_free(rec.patterns);
	return r < 0 ? r : 0;
}

static int add_file(struct hwdb_build *b, const char *path)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	_cleanup_(freep) char *text = NULL;
	struct stat st;
	ssize_t n;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0)
		r = -errno;
	else
		r = !S_ISREG(st.st_mode) || st.st_size > FILE_BYTES_MAX ? -EINVAL : 0;
	if (r == 0) {
		text = malloc((size_t)st.st_size + 1);
		n = text ? read(fd, text, (size_t)st.st_size) : -1;
		if (n >= 0)
			return hwdb_build_text(b, path, text, (size_t)n);
		r = text ? -errno : -ENOMEM;
	}
	diag(b->sink, DIAG_ERROR, path, 0, 0, "cannot read: %s", strerror(-r));
	return r == -ENOMEM ? r : 0;
}

int hwdb_build_path(struct hwdb_build *b, const char *root)
{
	static const char *const folders[] = { "/etc/udev/hwdb.d", "/usr/lib/udev/hwdb.d", "/lib/udev/hwdb.d" };
	_cleanup_(strv_freep) char **files = NULL;
	char folder[PATH_MAX];
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(folders) && r >= 0; i++)
		if ((size_t)snprintf(folder, sizeof(folder), "%s%s", root, folders[i]) < sizeof(folder))
			r = files_list(folder, ".hwdb", &files);
	for (char **p = files; p && *p && r >= 0; p++)
		r = add_file(b, *p);
	return r < 0 ? r : (int)strv_len(files);
}

int hwdb_build_bytes(struct hwdb_build *b, struct buf *out) { return trie_write(&b->trie, out); }

int hwdb_build_write(struct hwdb_build *b, const char *path)
{
	struct buf out = { .max = HWDB_BYTES_MAX };
	char temporary[PATH_MAX];
	int fd = -1, r = trie_write(&b->trie, &out);

	if (r == 0 && (size_t)snprintf(temporary, sizeof(temporary), "%s.tmp-%x", path, (unsigned)getpid()) >= sizeof(temporary))
		r = -ENAMETOOLONG;
	if (r == 0)
		r = database_mkdir_parents(path);
	if (r == 0) {
		fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0444);
		r = fd < 0 ? -errno : 0;
	}
	for (size_t at = 0; r == 0 && at < out.len;) {
		ssize_t n = write(fd, out.data + at, out.len - at);

		if (n < 0 && errno != EINTR)
			r = -errno;
		at += n > 0 ? (size_t)n : 0;
	}
	if (r == 0 && (fsync(fd) < 0 || rename(temporary, path) < 0))
		r = -errno;
	if (fd >= 0)
		close(fd);
	if (r < 0 && fd >= 0)
		unlink(temporary);
	buf_finish(&out);
	return r;
}
