/* calendar-next.c - the search for the next match; systemd.time(7). The C library's calendar knows time zones, so it is asked at each step. */
#include <time.h>
#include "types/timer/calendar-priv.h"
#include "types/timer/zone.h"

#define MAX_STEPS 1000                  /* of a search; systemd 252 gives up then, too */

struct moment { struct tm tm; int64_t usec; const struct calendar *c; };
enum verdict { STAYS, MOVED, STUCK };

static time_t to_time(const struct calendar *c, struct tm *tm) { return c->utc ? timegm(tm) : mktime(tm); }

static int64_t get(const struct moment *m, enum calendar_field f)
{
	const int values[] = { m->tm.tm_year + 1900, m->tm.tm_mon + 1, m->tm.tm_mday, m->tm.tm_hour, m->tm.tm_min };

	return f == SECOND ? (int64_t)m->tm.tm_sec * 1000000 + m->usec : values[f];
}

static void set(struct moment *m, enum calendar_field f, int64_t v)
{
	int *const places[] = { &m->tm.tm_year, &m->tm.tm_mon, &m->tm.tm_mday, &m->tm.tm_hour, &m->tm.tm_min };
	static const int minus[] = { 1900, 1, 0, 0, 0 };

	if (f == SECOND) {
		m->tm.tm_sec = (int)(v / 1000000);
		m->usec = v % 1000000;
	} else {
		*places[f] = (int)v - minus[f];
	}
}

/* all that is finer than @f to its beginning */
static void reset_below(struct moment *m, enum calendar_field f)
{
	for (int lower = f + 1; lower < N_FIELDS; lower++)
		set(m, (enum calendar_field)lower, lower == MONTH || lower == DAY ? 1 : 0);
}

/* Is there such a time? Where the clock is put forward, or on the 31st of June, there is not: then on from what comes instead. */
static enum verdict exists(struct moment *m)
{
	struct moment t = *m;

	if (get(m, YEAR) > CALENDAR_YEAR_MAX || to_time(m->c, &t.tm) < 0)
		return STUCK;
	for (int f = YEAR; f < N_FIELDS; f++) {
		int64_t now = get(&t, (enum calendar_field)f), was = get(m, (enum calendar_field)f);

		if (now == was)
			continue;
		if (now < was)
			return STUCK;
		if (f < SECOND)
			set(&t, (enum calendar_field)(f + 1), f + 1 == MONTH || f + 1 == DAY ? 1 : 0);
		*m = t;
		m->tm.tm_isdst = m->c->dst;     /* what held for the time found need not hold for the beginning of its day */
		return MOVED;
	}
	return STAYS;
}

/* the day of the month that is the @nth last; -1: the month is shorter */
static int64_t from_end(const struct moment *m, int64_t nth)
{
	struct tm t = m->tm;

	t.tm_mon++;
	t.tm_mday = 1 - (int)nth;
	return to_time(m->c, &t) < 0 || t.tm_mon != m->tm.tm_mon ? -1 : t.tm_mday;
}

/* the least matching value of @f from now on; -1: none. It may lie past the field's end: exists() sees to that */
static int64_t least(const struct moment *m, enum calendar_field f)
{
	const struct calendar_component *c = &m->c->fields[f];
	int64_t best = -1, from = get(m, f);

	if (c->n == 0)
		return from;
	for (size_t i = 0; i < c->n; i++) {
		struct calendar_range r = c->ranges[i];
		int64_t v = r.start;

		if (f == DAY && m->c->from_month_end) {
			int64_t last = from_end(m, r.start);

			v = from_end(m, r.stop);
			r.stop = v > 0 ? last : v;
			v = v > 0 ? v : last;
		}
		if (v < from && r.repeat == 0)
			continue;
		if (v < from) {
			v += (from - v + r.repeat - 1) / r.repeat * r.repeat;
			if (r.stop >= 0 && v > r.stop)
				continue;
		}
		if (best < 0 || v < best)
			best = v;
	}
	return best;
}

static bool weekday_matches(const struct moment *m)
{
	struct tm t = m->tm;

	if (m->c->weekdays == 0 || m->c->weekdays == 127)
		return true;
	return to_time(m->c, &t) >= 0 && m->c->weekdays & 1u << (t.tm_wday + 6) % 7;
}

/* One step: 1 when all matches; 0: it has moved on; -ENOENT: nothing comes any more */
static int step(struct moment *m)
{
	to_time(m->c, &m->tm);
	m->tm.tm_isdst = m->c->dst;
	for (int i = YEAR; i < N_FIELDS; i++) {
		enum calendar_field f = (enum calendar_field)i;
		int64_t v = least(m, f);
		enum verdict verdict = STUCK;

		if (v >= 0) {
			if (v != get(m, f)) {
				set(m, f, v);
				reset_below(m, f);
			}
			verdict = exists(m);
		}
		if (f == YEAR) {
			if (verdict != STAYS)
				return -ENOENT;
			continue;
		}
		if (verdict == MOVED)
			return 0;
		if (verdict == STUCK || (f == DAY && !weekday_matches(m))) {
			f = verdict == STUCK ? f - 1 : f;
			set(m, f, get(m, f) + 1);
			reset_below(m, f);
			return 0;
		}
	}
	return 1;
}

static int search(const struct calendar *c, uint64_t after, uint64_t *ret)
{
	struct moment m = { .c = c, .usec = (int64_t)((after + 1) % USEC_PER_SEC) };
	time_t sec = (time_t)((after + 1) / USEC_PER_SEC);

	if (!(c->utc ? gmtime_r(&sec, &m.tm) : localtime_r(&sec, &m.tm)))
		return -ENOENT;
	for (int i = 0; i < MAX_STEPS; i++) {
		int r = step(&m);

		if (r < 0)
			return r;
		if (r == 0)
			continue;
		sec = to_time(c, &m.tm);
		if (sec < 0)
			return -EINVAL;
		*ret = (uint64_t)sec * USEC_PER_SEC + (uint64_t)m.usec;
		if (*ret > after)
			return 0;
		set(&m, SECOND, get(&m, SECOND) + 1);   /* the hour that comes twice: never back */
	}
	return -EDEADLK;
}

int calendar_next(const struct calendar *c, uint64_t after_usec, uint64_t *ret_usec)
{
	char *old;
	int r;

	if (after_usec >= UINT64_MAX / 2)
		return -ENOENT;
	if (!c->zone)
		return search(c, after_usec, ret_usec);
	r = zone_enter(c->zone, &old);
	if (r < 0)
		return r;
	r = search(c, after_usec, ret_usec);
	zone_leave(old);
	return r;
}
