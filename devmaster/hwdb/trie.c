/* trie.c - see trie.h; the format is told in hwdb.h */
#include "hwdb.h"
#include "trie.h"

#define ARENA_BYTES (1u << 30)
#define TOOL_VERSION 252

static const char *string(const struct trie *t, uint32_t off) { return (const char *)t->strings.data + off; }

int trie_init(struct trie *t)
{
	*t = (struct trie){ .arena = ARENA_HEAP(ARENA_BYTES), .n_table = 1 << 16 };
	t->table = calloc(t->n_table, sizeof(*t->table));
	t->root = arena_alloc(&t->arena, sizeof(*t->root), _Alignof(struct trie_node));
	buf_add(&t->strings, "", 1);
	t->nodes = 1;
	return t->table && t->root ? buf_error(&t->strings) : -ENOMEM;
}

static void free_node(struct trie_node *n)
{
	for (size_t i = 0; n && i < n->n_children; i++)
		free_node(n->children[i].node);
	if (n) {
		free(n->children);
		free(n->values);
	}
}

void trie_finish(struct trie *t)
{
	free_node(t->root);
	arena_reset(&t->arena);
	buf_finish(&t->strings);
	free(t->table);
}

static int grow_table(struct trie *t)
{
	size_t n = t->n_table * 2;
	uint32_t *table = calloc(n, sizeof(*table));

	if (!table)
		return -ENOMEM;
	for (size_t i = 0; i < t->n_table; i++) {
		size_t at;

		if (!t->table[i])
			continue;
		at = hash64(string(t, t->table[i] - 1), strlen(string(t, t->table[i] - 1))) & (n - 1);
		while (table[at])
			at = (at + 1) & (n - 1);
		table[at] = t->table[i];
	}
	free(t->table);
	t->table = table;
	t->n_table = n;
	return 0;
}

int trie_string(struct trie *t, const char *s, size_t n, uint32_t *ret)
{
	size_t at;

	if (n == 0) {
		*ret = 0;
		return 0;
	}
	if (t->n_strings * 2 > t->n_table && grow_table(t) < 0)
		return -ENOMEM;
	at = hash64(s, n) & (t->n_table - 1);
	for (; t->table[at]; at = (at + 1) & (t->n_table - 1)) {
		const char *have = string(t, t->table[at] - 1);

		if (strncmp(have, s, n) == 0 && !have[n]) {
			*ret = t->table[at] - 1;
			return 0;
		}
	}
	*ret = (uint32_t)t->strings.len;
	t->table[at] = *ret + 1;
	t->n_strings++;
	buf_add(&t->strings, s, n);
	buf_add(&t->strings, "", 1);
	return buf_error(&t->strings);
}

static struct trie_node *new_node(struct trie *t)
{
	struct trie_node *n = arena_alloc(&t->arena, sizeof(*n), _Alignof(struct trie_node));

	t->nodes += n != NULL;
	return n;
}

static int add_child(struct trie *t, struct trie_node *n, uint8_t c, struct trie_node *child)
{
	struct trie_child *v = reallocarray(n->children, n->n_children + 1, sizeof(*v));
	size_t i = n->n_children;

	if (!v)
		return -ENOMEM;
	n->children = v;
	for (; i > 0 && v[i - 1].c > c; i--)
		v[i] = v[i - 1];
	v[i] = (struct trie_child){ c, child };
	n->n_children++;
	t->children++;
	return 0;
}

static struct trie_node *find_child(const struct trie_node *n, uint8_t c)
{
	for (size_t i = 0; i < n->n_children; i++)
		if (n->children[i].c == c)
			return n->children[i].node;
	return NULL;
}

static int set_value(struct trie *t, struct trie_node *n, const struct trie_value *value)
{
	size_t i = 0;
	struct trie_value *v;

	while (i < n->n_values && strcmp(string(t, n->values[i].key), string(t, value->key)) < 0)
		i++;
	if (i < n->n_values && n->values[i].key == value->key) {
		n->values[i] = *value;          /* files and lines come in order: the later one counts */
		return 0;
	}
	v = reallocarray(n->values, n->n_values + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	n->values = v;
	memmove(v + i + 1, v + i, (n->n_values - i) * sizeof(*v));
	v[i] = *value;
	n->n_values++;
	t->values++;
	return 0;
}

/* @n keeps the first @at bytes of its prefix; all else of it goes below */
static int split(struct trie *t, struct trie_node *n, size_t at)
{
	struct trie_node *below = new_node(t);
	size_t len = strlen(string(t, n->prefix));
	char *prefix = arena_strndup(&t->arena, string(t, n->prefix), len);     /* the strings may move */
	int r;

	if (!below || !prefix)
		return -ENOMEM;
	*below = *n;
	*n = (struct trie_node){ 0 };
	r = trie_string(t, prefix + at + 1, len - at - 1, &below->prefix);
	if (r == 0)
		r = trie_string(t, prefix, at, &n->prefix);
	return r == 0 ? add_child(t, n, (uint8_t)prefix[at], below) : r;
}

int trie_insert(struct trie *t, const char *pattern, const struct trie_value *v)
{
	struct trie_node *n = t->root;

	for (;;) {
		const char *prefix = string(t, n->prefix);
		size_t i = 0;
		struct trie_node *child;
		int r;

		while (prefix[i] && prefix[i] == pattern[i])
			i++;
		if (prefix[i]) {
			r = split(t, n, i);
			if (r < 0)
				return r;
		}
		pattern += i;
		if (!*pattern)
			return set_value(t, n, v);
		child = find_child(n, (uint8_t)*pattern);
		if (child) {
			n = child;
			pattern++;
			continue;
		}
		child = new_node(t);
		if (!child)
			return -ENOMEM;
		r = add_child(t, n, (uint8_t)*pattern, child);
		if (r == 0)
			r = trie_string(t, pattern + 1, strlen(pattern + 1), &child->prefix);
		return r == 0 ? set_value(t, child, v) : r;
	}
}

static void put_le(struct buf *out, uint64_t v, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		buf_addc(out, (char)(v >> i * 8));
}

/* children first, so that their places are known; the place of @n */
static uint64_t write_node(const struct trie *t, const struct trie_node *n, uint64_t strings, struct buf *out)
{
	uint64_t at, *places = calloc(n->n_children + 1, sizeof(*places));

	if (!places) {
		out->err = -ENOMEM;
		return 0;
	}
	for (size_t i = 0; i < n->n_children; i++)
		places[i] = write_node(t, n->children[i].node, strings, out);
	at = out->len;
	put_le(out, strings + n->prefix, 8);
	put_le(out, n->n_children, 8);
	put_le(out, n->n_values, 8);
	for (size_t i = 0; i < n->n_children; i++) {
		put_le(out, n->children[i].c, 8);
		put_le(out, places[i], 8);
	}
	for (size_t i = 0; i < n->n_values; i++) {
		const struct trie_value *v = &n->values[i];

		put_le(out, strings + v->key, 8);
		put_le(out, strings + v->value, 8);
		put_le(out, strings + v->file, 8);
		put_le(out, v->line, 4);
		put_le(out, v->priority, 2);
		put_le(out, 0, 2);
	}
	free(places);
	return at;
}

int trie_write(const struct trie *t, struct buf *out)
{
	uint64_t nodes = t->nodes * HWDB_NODE + t->children * HWDB_CHILD + t->values * HWDB_VALUE_2, strings = HWDB_HEADER + nodes;
	uint64_t size = strings + t->strings.len, root;

	buf_add(out, HWDB_SIGNATURE, 8);
	for (size_t i = 0; i < 9; i++)
		put_le(out, (const uint64_t[]){ TOOL_VERSION, size, HWDB_HEADER, HWDB_NODE, HWDB_CHILD, HWDB_VALUE_2, size - t->strings.len, nodes, t->strings.len }[i], 8);
	root = write_node(t, t->root, strings, out);
	if (!out->err)
		for (unsigned i = 0; i < 8; i++)
			out->data[56 + i] = (uint8_t)(root >> i * 8);
	buf_add(out, t->strings.data, t->strings.len);
	return out->len == size || out->err ? buf_error(out) : -EIO;
}
