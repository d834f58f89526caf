/*
 * index.c - which lines can match at all, by what does not change within an event
 *
 * ACTION and SUBSYSTEM of a device, and whether it has a node or is an interface, take few values in a machine's life. The first
 * event of a combination walks all lines once, asks those tokens alone (whatever operator and pattern), follows a GOTO that depends
 * on nothing else, and keeps the list; later events walk the list. It is exact: what is left out cannot match.
 */
#include "eval.h"

#define COMBINATIONS_MAX 1024           /* far above what kernels have; then begin anew */

struct entry { struct entry *next; char *subsystem, *action; unsigned flags; uint32_t *list; size_t n; };
struct index { struct entry *buckets[256]; size_t n; };

static void free_entries(struct index *i)
{
	for (size_t k = 0; k < ARRAY_SIZE(i->buckets); k++) {
		while (i->buckets[k]) {
			struct entry *e = i->buckets[k];

			i->buckets[k] = e->next;
			free(e->subsystem);
			free(e->action);
			free(e->list);
			free(e);
		}
	}
	i->n = 0;
}

void index_free(struct index *i)
{
	if (!i)
		return;
	free_entries(i);
	free(i);
}

static unsigned hash(const char *a, const char *b, unsigned flags)
{
	unsigned h = 2166136261u ^ flags;

	for (; *a; a++)
		h = (h ^ (unsigned char)*a) * 16777619u;
	for (; *b; b++)
		h = (h ^ (unsigned char)*b) * 16777619u;
	return h ^ h >> 16;
}

/* Do the fixed tokens allow the line? *only: there are no others. */
static bool fixed_match(const struct line *l, const struct event *e, bool *only)
{
	*only = true;
	for (size_t i = 0; i < l->n_tokens; i++) {
		const struct token *t = &l->tokens[i];

		if (t->kind != M_ACTION && t->kind != M_SUBSYSTEM)
			*only = false;
		else if (!pattern_match(t, t->kind == M_ACTION ? e->action : e->dev->subsystem))
			return false;
	}
	return true;
}

static int collect(struct rules *r, const struct event *e, struct entry *out)
{
	uint32_t *list = malloc(MAX(r->n_lines, (size_t)1) * sizeof(*list));
	size_t n = 0, furthest = 0;             /* a line that another one may jump to */

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < r->n_lines;) {
		const struct line *l = &r->lines[i];
		bool only;

		if (!line_can_apply(l, e) || !fixed_match(l, e, &only)) {
			i++;
			continue;
		}
		if (only && l->goto_line && furthest <= i) {
			i = l->goto_line;               /* always taken, and nobody jumps in between */
			continue;
		}
		furthest = MAX(furthest, l->goto_line);
		list[n++] = (uint32_t)i++;
	}
	out->list = list;
	out->n = n;
	return 0;
}

static int add(struct rules *r, const struct event *e, unsigned slot, unsigned flags, struct entry **ret)
{
	struct entry *x = calloc(1, sizeof(*x));
	int v;

	if (!x)
		return -ENOMEM;
	x->subsystem = strdup(e->dev->subsystem ? e->dev->subsystem : "");
	x->action = strdup(e->action);
	x->flags = flags;
	v = x->subsystem && x->action ? collect(r, e, x) : -ENOMEM;
	if (v < 0) {
		free(x->subsystem);
		free(x->action);
		free(x);
		return v;
	}
	x->next = r->index->buckets[slot];
	r->index->buckets[slot] = x;
	r->index->n++;
	*ret = x;
	return 0;
}

int index_find(struct rules *r, const struct event *e, const uint32_t **ret, size_t *ret_n)
{
	const char *subsystem = e->dev->subsystem ? e->dev->subsystem : "";
	unsigned flags = (e->dev->devnum != 0) | (e->dev->ifindex > 0) << 1;
	unsigned slot = hash(subsystem, e->action, flags) % ARRAY_SIZE(((struct index *)0)->buckets);
	struct entry *x;

	if (!r->index)
		r->index = calloc(1, sizeof(*r->index));
	if (!r->index)
		return -ENOMEM;
	if (r->index->n >= COMBINATIONS_MAX)
		free_entries(r->index);
	for (x = r->index->buckets[slot]; x; x = x->next)
		if (x->flags == flags && streq(x->subsystem, subsystem) && streq(x->action, e->action))
			break;
	if (!x) {
		int v = add(r, e, slot, flags, &x);

		if (v < 0)
			return v;
	}
	*ret = x->list;
	*ret_n = x->n;
	return 0;
}
