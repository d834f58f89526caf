/*
 * old.c - a program built from the older schema of this folder; run by test-compat
 *
 *   old call SOCKET@PATH METHOD WORDS...   call a daemon, answer as JSON
 *   old structs DIR                        read every struct of ours as the newer schema wrote it (DIR/NAME.new) and write it in its
 *                                          shortest and longest form as we do (DIR/NAME.short, DIR/NAME.long)
 */
#include <fcntl.h>
#include <stdio.h>
#include "fill.h"
#include "generic.h"

static int read_new(const struct msg_desc *d, const char *dir)
{
	_cleanup_(freep) void *v = malloc(d->size);
	_cleanup_(closep) int fd = -1;
	struct arena a = ARENA_HEAP(1 << 20);
	char path[256], why[MSG_WHY] = "";
	static char bytes[1 << 16];
	ssize_t n;
	int r;

	snprintf(path, sizeof(path), "%s/%s.new", dir, d->name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, bytes, sizeof(bytes));
	if (n < 0) {
		printf("struct %s: gone from the newer schema\n", d->name);
		return -ENOENT;
	}
	r = v ? msg_decode(d, bytes, (size_t)n, &a, v, why) : -ENOMEM;
	if (r < 0)
		printf("struct %s: what the newer schema writes is refused by the older: %s\n", d->name, why);
	arena_reset(&a);
	return r;
}

static int write_form(const struct msg_desc *d, const char *dir, bool all)
{
	_cleanup_(freep) void *v = malloc(d->size);
	_cleanup_(buf_finish) struct buf b = { 0 };
	_cleanup_(closep) int fd = -1;
	struct arena a = ARENA_HEAP(1 << 20);
	char path[256];
	int r = v ? fill(d, v, all, &a) : -ENOMEM;

	if (r == 0)
		r = msg_encode(d, v, &b);
	arena_reset(&a);
	snprintf(path, sizeof(path), "%s/%s.%s", dir, d->name, all ? "long" : "short");
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (r == 0 && (fd < 0 || write(fd, b.data, b.len) != (ssize_t)b.len))
		r = -EIO;
	return r;
}

static int structs(const char *dir)
{
	int r = 0;

	for (const struct msg_desc *const *d = msg_descs; *d; d++) {
		int one = read_new(*d, dir);

		if (one == 0)
			one = write_form(*d, dir, false);
		if (one == 0)
			one = write_form(*d, dir, true);
		r = one < 0 ? one : r;
	}
	return r < 0 ? 1 : 0;
}

int main(int argc, char **argv)
{
	if (argc >= 3 && streq(argv[1], "call"))
		return generic_call(argc - 2, argv + 2, true, stdout);
	if (argc == 3 && streq(argv[1], "structs"))
		return structs(argv[2]);
	fprintf(stderr, "usage: old call SOCKET@PATH METHOD WORDS... | old structs DIR\n");
	return 2;
}
