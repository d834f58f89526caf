/*
 * main.c - ipcc, the schema compiler: ipcc -o DIR FILE.ipc...
 *
 * Reads all files of a schema together and writes into DIR: NAME.ipc.h and NAME.ipc.c for each, sockets.c, schema.c (takes in all
 * of the C), schema.h (changes whenever a header changes, so that a build tool needs to watch one file) and reference.md.
 * A file whose content would not change is left alone.
 */
#include <fcntl.h>
#include <stdio.h>
#include "schema.h"

struct output {
	const char *dir;
	uint64_t hash;                  /* of all headers so far; FNV-1a */
	int error;
};

static bool same_content(const char *path, const struct buf *b)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	_cleanup_(freep) char *old = fd < 0 ? NULL : malloc(b->len + 1);
	size_t have = 0;
	ssize_t n = old ? 1 : 0;

	while (n > 0 && have <= b->len) {
		n = read(fd, old + have, b->len + 1 - have);
		have += n > 0 ? (size_t)n : 0;
	}
	return old && have == b->len && memcmp(old, b->data, have) == 0;
}

static int write_whole(const char *path, const struct buf *b)
{
	_cleanup_(closep) int fd = -1;

	if (same_content(path, b))
		return 0;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	for (size_t done = 0; done < b->len;) {
		ssize_t n = write(fd, b->data + done, b->len - done);

		if (n < 0)
			return -errno;
		done += (size_t)n;
	}
	return 0;
}

/* Writes DIR/BASE+EXT and empties the buffer; the first error stays. */
static void put(struct output *o, const char *base, const char *ext, struct buf *b)
{
	_cleanup_(buf_finish) struct buf path = { 0 };
	int r = buf_error(b);

	buf_addf(&path, "%s/%s%s", o->dir, base, ext);
	for (size_t i = 0; i < b->len && streq(ext, ".ipc.h"); i++)
		o->hash = (o->hash ^ b->data[i]) * 1099511628211u;
	if (r == 0)
		r = buf_error(&path);
	if (r == 0)
		r = write_whole(buf_str(&path), b);
	if (r < 0 && o->error == 0) {
		fprintf(stderr, "%s: cannot write: %s\n", buf_str(&path), strerror(-r));
		o->error = r;
	}
	buf_reset(b);
}

static int emit_all(const struct schema *s, const char *dir)
{
	_cleanup_(buf_finish) struct buf b = { 0 };
	struct output o = { .dir = dir, .hash = 14695981039346656037u };

	for (const struct file *f = s->files; f; f = f->next) {
		emit_header(f, &b);
		put(&o, f->base, ".ipc.h", &b);
		emit_source(f, &b);
		put(&o, f->base, ".ipc.c", &b);
	}
	emit_sockets(s, &b);
	put(&o, "sockets", ".c", &b);
	emit_reference(s, &b);
	put(&o, "reference", ".md", &b);
	buf_adds(&b, "/* schema.c - made by ipcc: all of the schema */\n");
	for (const struct file *f = s->files; f; f = f->next)
		buf_addf(&b, "#include \"%s.ipc.c\"\n", f->base);
	buf_adds(&b, "#include \"sockets.c\"\n");
	put(&o, "schema", ".c", &b);
	buf_addf(&b, "/* schema.h - made by ipcc: stands for all headers of the schema, state %016llx */\n#pragma once\n",
		 (unsigned long long)o.hash);
	put(&o, "schema", ".h", &b);
	return o.error;
}

int main(int argc, char **argv)
{
	struct schema s = { .arena = ARENA_HEAP(64u << 20) };
	int r = 0;

	if (argc < 4 || !streq(argv[1], "-o")) {
		fprintf(stderr, "usage: ipcc -o DIR FILE.ipc...\n");
		return 2;
	}
	for (int i = 3; i < argc; i++) {
		int one = schema_parse(&s, argv[i]);

		if (one == -ENOMEM)
			fprintf(stderr, "ipcc: out of memory\n");
		r = one < 0 ? one : r;
	}
	if (r == 0)
		r = schema_check(&s);
	if (r == 0)
		r = emit_all(&s, argv[2]);
	arena_reset(&s.arena);
	return r < 0 ? 1 : 0;
}
