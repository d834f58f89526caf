/* place.c - see place.h */
#include "queue/place.h"

#define BASIS 2166136261u
#define PRIME 16777619u

static int grow(struct places *p)
{
	size_t size = p->size ? p->size * 2 : 256;
	struct place **b = calloc(size, sizeof(*b));

	if (!b)
		return p->size ? 0 : -ENOMEM;           /* fuller than it should be, and right all the same */
	for (size_t i = 0; i < p->size; i++) {
		while (p->buckets[i]) {
			struct place *at = p->buckets[i];

			p->buckets[i] = at->next;
			at->next = b[at->hash & (size - 1)];
			b[at->hash & (size - 1)] = at;
		}
	}
	free(p->buckets);
	p->buckets = b;
	p->size = size;
	return 0;
}

static struct place *find(struct places *p, uint32_t hash, const char *name, size_t len)
{
	struct place *at = p->size ? p->buckets[hash & (p->size - 1)] : NULL;

	while (at && (at->hash != hash || at->len != len || memcmp(at->name, name, len) != 0))
		at = at->next;
	return at;
}

static struct place *make(struct places *p, uint32_t hash, const char *name, size_t len, struct place *up)
{
	struct place *at;

	if (p->n >= p->size && grow(p) < 0)
		return NULL;
	at = calloc(1, sizeof(*at) + len);
	if (!at)
		return NULL;
	at->hash = hash;
	at->len = (uint32_t)len;
	memcpy(at->name, name, len);
	at->next = p->buckets[hash & (p->size - 1)];
	p->buckets[hash & (p->size - 1)] = at;
	p->n++;
	if (up) {
		at->up = up;
		at->right = up->child;
		if (up->child)
			up->child->left = at;
		up->child = at;
		up->users++;
	}
	return at;
}

struct place *place_get_path(struct places *p, const char *path)
{
	struct place *at = NULL;
	uint32_t hash = BASIS;

	for (size_t n = 0; path[n];) {
		struct place *up = at;

		do {
			hash = (hash ^ (unsigned char)path[n]) * PRIME;
			n++;
		} while (path[n] && path[n] != '/');
		at = find(p, hash, path, n);
		if (!at)
			at = make(p, hash, path, n, up);
		if (!at) {
			if (up && up->users == 0) {
				up->users++;            /* what was made on the way goes again */
				place_put(p, up);
			}
			return NULL;
		}
	}
	if (at)
		at->users++;
	return at;
}

struct place *place_get_name(struct places *p, char kind, const char *name)
{
	uint32_t hash = BASIS;
	size_t n = strlen(name) + 1;
	char text[4096];
	struct place *at;

	if (n >= sizeof(text))
		return NULL;
	text[0] = kind;                                 /* no path begins with it */
	memcpy(text + 1, name, n);
	for (size_t i = 0; i < n; i++)
		hash = (hash ^ (unsigned char)text[i]) * PRIME;
	at = find(p, hash, text, n);
	if (!at)
		at = make(p, hash, text, n, NULL);
	if (at)
		at->users++;
	return at;
}

static void unhash(struct places *p, struct place *at)
{
	struct place **link = &p->buckets[at->hash & (p->size - 1)];

	while (*link != at)
		link = &(*link)->next;
	*link = at->next;
	p->n--;
}

void place_put(struct places *p, struct place *at)
{
	while (at && --at->users == 0) {
		struct place *up = at->up;

		if (at->left)
			at->left->right = at->right;
		else if (up)
			up->child = at->right;
		if (at->right)
			at->right->left = at->left;
		unhash(p, at);
		free(at);
		at = up;
	}
}

/* at->right and its like, without places that have nothing newer */
static struct place *newer(struct place *at, uint64_t order)
{
	while (at && at->newest <= order)
		at = at->right;
	return at;
}

struct place *place_below(const struct place *top, struct place *at, uint64_t order)
{
	struct place *next = newer(at->child, order);

	while (!next && at != top) {
		next = newer(at->right, order);
		at = at->up;
	}
	return next;
}
