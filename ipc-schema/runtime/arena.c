/* arena.c - bump allocation: first in the caller's memory, then in chunks of the heap where that is allowed */
#include "arena.h"

#define CHUNK_BYTES 4096u

struct arena_chunk {
	struct arena_chunk *next;
	size_t len, used;               /* of mem */
	_Alignas(max_align_t) char mem[];
};

/* Cuts n bytes from [mem + *used, mem + len); NULL when they do not fit. */
static void *cut(char *mem, size_t len, size_t *used, size_t n, size_t align)
{
	size_t skip = mem ? (align - ((uintptr_t)mem + *used) % align) % align : 0;

	if (!mem || skip > len - *used || n > len - *used - skip)
		return NULL;
	*used += skip + n;
	return mem + *used - n;
}

static struct arena_chunk *add_chunk(struct arena *a, size_t n)
{
	size_t room = MAX(n, (size_t)CHUNK_BYTES - sizeof(struct arena_chunk));
	struct arena_chunk *c;

	if (n > a->max || a->total > a->max - n)
		return NULL;
	room = MIN(room, a->max - a->total);
	c = malloc(sizeof(*c) + room);
	if (!c)
		return NULL;
	*c = (struct arena_chunk){ .next = a->chunks, .len = room };
	a->total += room;
	a->chunks = c;
	return c;
}

void *arena_alloc(struct arena *a, size_t n, size_t align)
{
	void *p = NULL;

	if (n == 0)
		n = 1;                  /* a pointer of its own, never NULL */
	if (a->mem)
		p = cut(a->mem, a->len, &a->used, n, align);
	if (!p && a->chunks)
		p = cut(a->chunks->mem, a->chunks->len, &a->chunks->used, n, align);
	if (!p && n <= SIZE_MAX - sizeof(struct arena_chunk) && add_chunk(a, n))
		p = cut(a->chunks->mem, a->chunks->len, &a->chunks->used, n, align);
	return p ? memset(p, 0, n) : NULL;
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *copy = n < SIZE_MAX ? arena_alloc(a, n + 1, 1) : NULL;

	if (copy && n)
		memcpy(copy, s, n);
	return copy;
}

void arena_reset(struct arena *a)
{
	while (a->chunks) {
		struct arena_chunk *c = a->chunks;

		a->chunks = c->next;
		free(c);
	}
	a->used = a->total = 0;
}
