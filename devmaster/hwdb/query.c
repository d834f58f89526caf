/* query.c - see hwdb.h: the reader */
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include "hwdb.h"

#define PATTERN_MAX 2048                /* longest pattern that a walk spells */
#define STEPS_FACTOR 4                  /* walks begin anew at '*', '?' and '[' of a few nodes of one way */

struct hwdb {
	const uint8_t *p;
	size_t size;
	uint64_t node, child, value;    /* sizes of the entries */
	uint64_t root, nodes;
	bool mapped;
	dev_t dev;
	ino_t ino;
	struct timespec mtime;
};

struct walk {
	struct hwdb *h;
	struct hwdb_answer *a;
	char pattern[PATTERN_MAX];
	size_t n;
	uint64_t steps;                 /* left */
};

static uint64_t le(const uint8_t *p, unsigned bytes)
{
	uint64_t v = 0;

	for (unsigned i = bytes; i > 0; i--)
		v = v << 8 | p[i - 1];
	return v;
}

/* @n entries of @size bytes at @off; NULL: not within the file */
static const uint8_t *at(const struct hwdb *h, uint64_t off, uint64_t size, uint64_t n)
{
	return off >= HWDB_HEADER && off <= h->size && (n == 0 || (h->size - off) / size >= n) ? h->p + off : NULL;
}

static const char *string_at(const struct hwdb *h, uint64_t off)
{
	return off >= HWDB_HEADER && off < h->size && memchr(h->p + off, 0, h->size - off) ? (const char *)h->p + off : NULL;
}

static const char *prefix_of(const struct hwdb *h, const uint8_t *node)
{
	return le(node, 8) ? string_at(h, le(node, 8)) : "";
}

static int check(struct hwdb *h)
{
	if (h->size < HWDB_HEADER || memcmp(h->p, HWDB_SIGNATURE, 8) != 0 || le(h->p + 16, 8) != h->size)
		return -EBADMSG;
	h->node = le(h->p + 32, 8);
	h->child = le(h->p + 40, 8);
	h->value = le(h->p + 48, 8);
	h->root = le(h->p + 56, 8);
	h->nodes = le(h->p + 64, 8);
	if (h->node < HWDB_NODE || h->child < HWDB_CHILD || h->value < HWDB_VALUE_1 || h->node > 4096 || h->child > 4096 || h->value > 4096)
		return -EBADMSG;
	return at(h, h->root, h->node, 1) ? 0 : -EBADMSG;
}

int hwdb_open_memory(struct hwdb **ret, const void *p, size_t n)
{
	struct hwdb *h = calloc(1, sizeof(*h));
	int r;

	if (!h)
		return -ENOMEM;
	h->p = p;
	h->size = n;
	r = check(h);
	if (r < 0)
		free(h);
	else
		*ret = h;
	return r;
}

int hwdb_open(struct hwdb **ret, const char *path)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st;
	void *p;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_size < HWDB_HEADER)
		return -EBADMSG;
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return -errno;
	r = hwdb_open_memory(ret, p, (size_t)st.st_size);
	if (r < 0) {
		munmap(p, (size_t)st.st_size);
		return r;
	}
	(*ret)->mapped = true;
	(*ret)->dev = st.st_dev;
	(*ret)->ino = st.st_ino;
	(*ret)->mtime = st.st_mtim;
	return 0;
}

void hwdb_close(struct hwdb *h)
{
	if (h && h->mapped)
		munmap((void *)(uintptr_t)h->p, h->size);
	free(h);
}

bool hwdb_changed(const struct hwdb *h, const char *path)
{
	struct stat st;

	return stat(path, &st) < 0 || st.st_dev != h->dev || st.st_ino != h->ino || st.st_mtim.tv_sec != h->mtime.tv_sec || st.st_mtim.tv_nsec != h->mtime.tv_nsec;
}

static int add(struct hwdb_answer *a, const struct hwdb_property *p)
{
	for (size_t i = 0; i < a->n; i++) {
		struct hwdb_property *old = &a->v[i];

		if (!streq(old->key, p->key))
			continue;
		if (p->priority > old->priority || (p->priority == old->priority && p->line >= old->line))
			*old = *p;
		return 0;
	}
	if (a->n == a->cap) {
		size_t cap = MAX(a->cap * 2, (size_t)16);
		struct hwdb_property *v = reallocarray(a->v, cap, sizeof(*v));

		if (!v)
			return -ENOMEM;
		a->v = v;
		a->cap = cap;
	}
	a->v[a->n++] = *p;
	return 0;
}

void hwdb_answer_finish(struct hwdb_answer *a)
{
	free(a->v);
	*a = (struct hwdb_answer){ 0 };
}

/* the values of a node; keys that begin with a blank are properties, others mean nothing yet */
static int take_values(struct walk *w, const uint8_t *node)
{
	struct hwdb *h = w->h;
	uint64_t children = node[8], n = le(node + 16, 8), off = (uint64_t)(node - h->p) + h->node + children * h->child;
	const uint8_t *v = at(h, off, h->value, n);
	int r = 0;

	if (!v)
		return -EBADMSG;
	for (uint64_t i = 0; i < n && r == 0; i++, v += h->value) {
		struct hwdb_property p = { string_at(h, le(v, 8)), string_at(h, le(v + 8, 8)), 0, 0 };

		if (!p.key || !p.value)
			return -EBADMSG;
		if (h->value >= HWDB_VALUE_2) {
			p.line = (uint32_t)le(v + 24, 4);
			p.priority = (uint16_t)le(v + 28, 2);
		}
		if (p.key[0] != ' ')
			continue;
		p.key++;
		r = add(w->a, &p);
	}
	return r;
}

static const uint8_t *node_at(const struct walk *w, uint64_t off)
{
	const uint8_t *node = at(w->h, off, w->h->node, 1);

	return node && at(w->h, off + w->h->node, w->h->child, node[8]) ? node : NULL;
}

/* offset of the child for the byte @c; 0: none */
static uint64_t child_of(const struct walk *w, const uint8_t *node, uint8_t c)
{
	size_t low = 0, high = node[8];

	while (low < high) {
		size_t i = (low + high) / 2;
		const uint8_t *child = node + w->h->node + i * w->h->child;

		if (child[0] == c)
			return le(child + 8, 8);
		if (child[0] < c)
			low = i + 1;
		else
			high = i;
	}
	return 0;
}

/* everything from @node on, whose prefix counts from @skip on, with what was spelt so far in front: does it match @text? */
static int walk_patterns(struct walk *w, const uint8_t *node, size_t skip, const char *text)
{
	const char *prefix = prefix_of(w->h, node);
	size_t n = w->n, len = prefix ? strlen(prefix) : 0;
	int r = 0;

	if (w->steps == 0 || !prefix || skip > len || n + len - skip + 2 >= sizeof(w->pattern))
		return -EBADMSG;
	w->steps--;
	memcpy(w->pattern + n, prefix + skip, len - skip);
	w->n += len - skip;
	for (size_t i = 0; i < node[8] && r == 0; i++) {
		const uint8_t *child = node + w->h->node + i * w->h->child, *next = node_at(w, le(child + 8, 8));

		if (!next)
			return -EBADMSG;
		w->pattern[w->n++] = (char)child[0];
		r = walk_patterns(w, next, 0, text);
		w->n--;
	}
	w->pattern[w->n] = '\0';
	if (r == 0 && le(node + 16, 8) > 0 && fnmatch(w->pattern, text, 0) == 0)
		r = take_values(w, node);
	w->n = n;
	return r;
}

/* the rest of the prefix: 1 it is the text so far, 0 it is not (or was tried as a pattern) */
static int walk_prefix(struct walk *w, const uint8_t *node, const char **text)
{
	const char *prefix = prefix_of(w->h, node);

	if (!prefix)
		return -EBADMSG;
	for (size_t i = 0; prefix[i]; i++) {
		if (strchr("*?[", prefix[i]))
			return walk_patterns(w, node, i, *text + i);
		if (prefix[i] != (*text)[i])
			return 0;
	}
	*text += strlen(prefix);
	return 1;
}

static int walk_children(struct walk *w, const uint8_t *node, const char *text)
{
	for (const char *c = "*?["; *c; c++) {
		uint64_t off = child_of(w, node, (uint8_t)*c);
		const uint8_t *next = off ? node_at(w, off) : NULL;
		int r;

		if (!off)
			continue;
		w->pattern[0] = *c;
		w->n = 1;
		r = next ? walk_patterns(w, next, 0, text) : -EBADMSG;
		w->n = 0;
		if (r < 0)
			return r;
	}
	return 0;
}

int hwdb_query(struct hwdb *h, const char *modalias, struct hwdb_answer *a)
{
	struct walk w = { .h = h, .a = a, .steps = (h->nodes / h->node + 1) * STEPS_FACTOR };
	uint64_t off = h->root;
	int r;

	while (off) {
		const uint8_t *node = node_at(&w, off);

		if (!node || w.steps-- == 0)
			return -EBADMSG;
		r = walk_prefix(&w, node, &modalias);
		if (r <= 0)
			return r;
		r = walk_children(&w, node, modalias);
		if (r < 0)
			return r;
		if (!*modalias)
			return take_values(&w, node);
		off = child_of(&w, node, (uint8_t)*modalias++);
	}
	return 0;
}

const char *hwdb_find(const char *root, char *path, size_t size)
{
	static const char *const places[] = { "/etc/systemd/hwdb/hwdb.bin", "/etc/udev/hwdb.bin", "/usr/lib/systemd/hwdb/hwdb.bin", "/usr/lib/udev/hwdb.bin", "/lib/udev/hwdb.bin" };

	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if ((size_t)snprintf(path, size, "%s%s", root, places[i]) < size && access(path, R_OK) == 0)
			return path;
	return NULL;
}
