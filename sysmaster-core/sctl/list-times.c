/* list-times.c - list-timers: what elapses when, and what did last; systemctl(1) */
#include <inttypes.h>
#include "query.h"
#include "table.h"
#include "verb.h"

enum { TIMER_NEXT, TIMER_LEFT, TIMER_LAST, TIMER_PASSED, TIMER_UNIT, TIMER_ACTIVATES, N_TIMER_COLUMNS };
static const struct table_column timer_columns[N_TIMER_COLUMNS] = {
	{ .header = "NEXT", .number = true }, { .header = "LEFT", .number = true }, { .header = "LAST", .number = true }, { .header = "PASSED", .number = true },
	{ .header = "UNIT" }, { .header = "ACTIVATES" },
};

struct timer_row { uint64_t next, last; const char *unit, *activates; };        /* CLOCK_REALTIME usec; next: 0 no time, infinity: never; last 0: never */

/* by the next time; those that wait for no time come first, those that wait for nothing last */
static int cmp_timers(const void *a, const void *b)
{
	const struct timer_row *x = a, *y = b;

	return x->next != y->next ? (x->next < y->next ? -1 : 1) : strcmp(x->unit, y->unit);
}

uint64_t timer_next_elapse(const struct ipc_properties_reply *p)
{
	uint64_t now = now_usec(CLOCK_REALTIME), mono = now_usec(CLOCK_MONOTONIC), span, next;
	const char *real = query_value(p, "NextElapseUSecRealtime");

	if (value_sec(query_value(p, "NextElapseUSecMonotonic"), USEC_PER_SEC, &span) < 0)
		span = 0;
	if (span == USEC_INFINITY)
		return USEC_INFINITY;
	next = *real ? stamp_parse(real) : 0;
	if (span == 0)
		return next;
	span = span > mono ? now + (span - mono) : now - MIN(mono - span, now);
	return next ? MIN(next, span) : span;
}

static int add_timer(struct sctl *s, struct table *t, const struct timer_row *row, uint64_t now)
{
	const struct { uint64_t usec; bool set; const char *json; } times[2] = {
		{ row->next, row->next && row->next != USEC_INFINITY, row->next ? NULL : "0" }, { row->last, row->last, "0" },
	};
	struct buf b[4] = { { 0 } };
	char number[2][24];
	int r;

	for (int i = 0; i < 2; i++) {
		if (times[i].set) {
			stamp_format(times[i].usec, (enum stamp_style)s->o.timestamp, &b[2 * i]);
			ago_format(times[i].usec, now, &b[2 * i + 1]);
		} else {
			buf_addc(&b[2 * i], '-');
			buf_addc(&b[2 * i + 1], '-');
		}
		snprintf(number[i], sizeof(number[i]), "%" PRIu64, times[i].usec);
	}
	r = table_row(t, (const char *const[]){ buf_str(&b[0]), buf_str(&b[1]), buf_str(&b[2]), buf_str(&b[3]), row->unit, row->activates });
	for (int i = 0; i < 4; i++) {
		const char *json = times[i / 2].set ? number[i / 2] : times[i / 2].json;

		if (r >= 0)
			r = table_json(t, (size_t)i, json ? json : "null");
		buf_finish(&b[i]);
	}
	return r;
}

static int read_timer(struct sctl *s, const char *unit, struct timer_row *ret)
{
	static const char *const names[] = { "NextElapseUSecRealtime", "NextElapseUSecMonotonic", "LastTriggerUSec", "Triggers" };
	struct ipc_properties_reply p;
	const char *error;
	int r = query_unit(s, unit, names, ARRAY_SIZE(names), &p, &error);

	if (r < 0)
		return link_fail(s, r, error, "read", unit), r;
	*ret = (struct timer_row){ timer_next_elapse(&p), stamp_parse(query_value(&p, "LastTriggerUSec")), unit, query_value(&p, "Triggers") };
	return 0;
}

int verb_list_timers(struct sctl *s, const struct verb *v, char **words, size_t n)
{
	_cleanup_(freep) struct timer_row *rows = NULL;
	_cleanup_(table_freep) struct table *t = NULL;
	uint64_t now = now_usec(CLOCK_REALTIME);
	struct query_list l;
	size_t k = 0;
	int r = list_of_type(s, words, n, "timer", &l);

	if (r < 0)
		return SCTL_FAILURE;
	rows = calloc(l.n + 1, sizeof(*rows));
	r = rows ? table_new(&t, timer_columns, N_TIMER_COLUMNS) : -ENOMEM;
	for (size_t i = 0; r >= 0 && i < l.n; i++)
		r = read_timer(s, l.units[i].id, &rows[k++]);
	if (k > 1)
		qsort(rows, k, sizeof(*rows), cmp_timers);
	for (size_t i = 0; r >= 0 && i < k; i++)
		r = add_timer(s, t, &rows[i], now);
	free(l.units);
	if (r < 0)
		return SCTL_FAILURE;
	table_print(t, s);
	list_footer(s, table_rows(t), "timers");
	return SCTL_OK;
}
