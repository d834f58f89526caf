/* apply.c - the program against one event: line after line, tokens in their order, GOTO */
#include <stdarg.h>
#include <stdio.h>
#include "eval.h"

void event_complain(struct event *e, const struct line *l, const struct token *t, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	if (!e->sink)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	diag(e->sink, DIAG_WARNING, l->file, l->number, t->column, "%s: %s", e->dev->sysname, text);
}

/* does the line have anything to say about such an event? */
bool line_can_apply(const struct line *l, const struct event *e)
{
	unsigned mask = LINE_HAS_GOTO | LINE_UPDATES;

	if (!event_is_remove(e)) {
		mask |= e->dev->devnum ? LINE_FOR_NODE : 0;
		mask |= e->dev->ifindex > 0 ? LINE_FOR_NET : 0;
	}
	return l->flags & mask;
}

/* what imports may take its time: the line that took most is remembered */
static int import_timed(struct event *e, const struct line *l, const struct token *t)
{
	uint64_t begin = now_usec(CLOCK_MONOTONIC), usec;
	int v = import_token(e, l, t);

	usec = now_usec(CLOCK_MONOTONIC) - begin;
	if (usec > e->slow_usec) {
		e->slow_usec = usec;
		e->slow_file = l->file;
		e->slow_line = l->number;
	}
	return v;
}

/* 1: to its end; 0: something did not match; -ENOMEM */
static int apply_line(struct rules *r, struct event *e, const struct line *l)
{
	e->escape = EVENT_ESCAPE_UNSET;
	for (size_t i = 0; i < l->n_tokens; i++) {
		const struct token *t = &l->tokens[i];
		int v;

		if (kind_of_parents(t->kind)) {
			size_t n = 1;

			while (i + n < l->n_tokens && kind_of_parents(l->tokens[i + n].kind))
				n++;
			v = match_parents(e, t, n);
			i += n - 1;
		} else if (kind_imports(t->kind))
			v = import_timed(e, l, t);
		else if (t->kind <= M_RESULT)
			v = match_token(e, t);
		else {
			v = assign_token(e, l, t, r->names);
			v = v < 0 ? v : 1;
		}
		if (v <= 0)
			return v;
	}
	return 1;
}

static int apply_all(struct rules *r, struct event *e)
{
	for (size_t i = 0; i < r->n_lines;) {
		const struct line *l = &r->lines[i];
		int v = line_can_apply(l, e) ? apply_line(r, e, l) : 0;

		if (v < 0)
			return v;
		i = v > 0 && l->goto_line ? l->goto_line : i + 1;
	}
	return 0;
}

int rules_apply(struct rules *r, struct event *e)
{
	unsigned char first = (unsigned char)e->dev->sysname[0];
	const uint32_t *list;
	size_t n, next = 0;
	int v;

	if (r->no_index)
		return apply_all(r, e);
	v = index_find(r, e, &list, &n);
	if (v < 0)
		return v;
	for (size_t i = 0; i < n; i++) {
		const struct line *l = &r->lines[list[i]];

		if (list[i] < next || !(l->first[first / 32] & 1u << first % 32))
			continue;
		v = apply_line(r, e, l);
		if (v < 0)
			return v;
		if (v > 0 && l->goto_line)
			next = l->goto_line;
	}
	return 0;
}
