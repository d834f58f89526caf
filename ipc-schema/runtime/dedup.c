/* dedup.c - see dedup.h */
#include "dedup.h"

struct entry { uint64_t id; uint32_t uid; void *answer; size_t n; };
struct dedup { size_t size, at; struct dedup_slot *slots; struct entry ring[]; };

static int take_over(struct dedup *d, struct dedup_slot *slots)
{
	for (size_t i = 0; slots && i < d->size; i++) {
		const struct dedup_slot *s = &slots[i];
		int r = s->n > 0 && s->n <= sizeof(s->bytes) ? dedup_add(d, s->id, s->uid, s->bytes, s->n) : 0;

		if (r < 0)
			return r;
	}
	d->slots = slots;       /* from here on what is added is put there, too */
	return 0;
}

int dedup_new(struct dedup **ret, size_t size, struct dedup_slot *slots)
{
	_cleanup_(dedup_freep) struct dedup *d = calloc(1, sizeof(struct dedup) + size * sizeof(struct entry));
	int r;

	if (!d)
		return -ENOMEM;
	d->size = size;
	r = take_over(d, slots);
	if (r == 0)
		*ret = TAKE_PTR(d);
	return r;
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

static void keep(struct dedup_slot *s, uint64_t id, uint32_t uid, const void *answer, size_t n)
{
	s->n = 0;
	if (n > sizeof(s->bytes))
		return;
	s->id = id;
	s->uid = uid;
	memcpy(s->bytes, answer, n);
	s->n = (uint32_t)n;
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
	if (d->slots)
		keep(&d->slots[i], id, uid, answer, n);
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
