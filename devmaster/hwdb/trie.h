/* trie.h - what the builder fills and writes: nodes with prefixes, strings each once; inside of hwdb/ only */
#pragma once
#include "arena.h"
#include "buf.h"

struct trie_value { uint32_t key, value, file; uint32_t line; uint16_t priority; };     /* offsets of strings */
struct trie_node {
	uint32_t prefix;
	struct trie_child *children;    /* sorted by .c */
	struct trie_value *values;      /* sorted by the text of .key, one each */
	size_t n_children, n_values;
};
struct trie_child { uint8_t c; struct trie_node *node; };

struct trie {
	struct arena arena;             /* nodes */
	struct trie_node *root;
	struct buf strings;
	uint32_t *table;                /* hash -> offset + 1 */
	size_t n_table, n_strings;
	size_t nodes, children, values;
};

int trie_init(struct trie *t);
void trie_finish(struct trie *t);
int trie_string(struct trie *t, const char *s, size_t n, uint32_t *ret);        /* offset of the one copy; 0: "" */
/** trie_insert() - @pattern gets the value; the same key once more replaces it. 0, -ENOMEM, -E2BIG */
int trie_insert(struct trie *t, const char *pattern, const struct trie_value *v);
int trie_write(const struct trie *t, struct buf *out);
