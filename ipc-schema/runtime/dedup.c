/* dedup.c - see dedup.h */
#include "dedup.h"

struct entry { uint64_t id; uint32_t uid; void *answer; size_t n; };
struct dedup { size_t size, at; struct entry ring[]; };

int dedup_new(struct dedup **ret, size_t size)
{
	*ret = calloc(1, sizeof(struct dedup) + size * sizeof(struct entry));
	if (!*ret)
		return -ENOMEM;
	(*ret)->size = size;
	return 0;
}

void dedup_free(struct dedup *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < d->size; i++)
		free(d->ring[i].answer);
	free(d);
}

static ssize_t find(const struct dedup *d, uint64_t id, uint32_t uid)
{
	for (size_t i = 0; i < d->size; i++)
		if (d->ring[i].answer && d->ring[i].id == id && d->ring[i].uid == uid)
			return (ssize_t)i;
	return -1;
}

int dedup_add(struct dedup *d, uint64_t id, uint32_t uid, const void *answer, size_t n)
{
	void *copy = malloc(n + 1);
	ssize_t i = find(d, id, uid);

	if (!copy)
		return -ENOMEM;
	if (i < 0) {
		i = (ssize_t)d->at;
		d->at = (d->at + 1) % d->size;
	}
	free(d->ring[i].answer);
	d->ring[i] = (struct entry){ id, uid, memcpy(copy, answer, n), n };
	return 0;
}

const void *dedup_find(const struct dedup *d, uint64_t id, uint32_t uid, size_t *n)
{
	ssize_t i = find(d, id, uid);

	if (i < 0)
		return NULL;
	*n = d->ring[i].n;
	return d->ring[i].answer;
}
