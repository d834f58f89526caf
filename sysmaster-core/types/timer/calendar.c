/* calendar.c - calendar events: reading and printing; systemd.time(7) "Calendar Events" */
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <strings.h>
#include <time.h>
#include "types/timer/calendar-priv.h"
#include "types/timer/zone.h"

#define MAX_RANGES 240                  /* in one component */

static const struct { int64_t lo, hi; } bounds[N_FIELDS] = {
	[YEAR] = { CALENDAR_YEAR_MIN, CALENDAR_YEAR_MAX }, [MONTH] = { 1, 12 }, [DAY] = { 1, 31 }, [HOUR] = { 0, 23 }, [MINUTE] = { 0, 59 },
	[SECOND] = { 0, 60 * 1000000 - 1 },
};
static const struct calendar_range zero = { 0, -1, 0 };

void calendar_free(struct calendar *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < N_FIELDS; i++)
		free(c->fields[i].ranges);
	free(c->zone);
	free(c);
}

/* ---- reading ---- */

static const char *const days[] = { "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday" };
static const struct { const char *name, *means; } shorthands[] = {
	{ "minutely", "*-*-* *:*:00" }, { "hourly", "*-*-* *:00:00" }, { "daily", "*-*-* 00:00:00" }, { "monthly", "*-*-01 00:00:00" },
	{ "weekly", "Mon *-*-* 00:00:00" }, { "yearly", "*-01-01 00:00:00" }, { "annually", "*-01-01 00:00:00" }, { "anually", "*-01-01 00:00:00" },
	{ "quarterly", "*-01,04,07,10-01 00:00:00" }, { "semiannually", "*-01,07-01 00:00:00" }, { "semi-annually", "*-01,07-01 00:00:00" },
	{ "biannually", "*-01,07-01 00:00:00" }, { "bi-annually", "*-01,07-01 00:00:00" },
};

/* "12"; of seconds, in microseconds, "12.5" too, rounded */
static int read_number(const char **p, bool seconds, int64_t *ret)
{
	const char *s = *p;
	int64_t v = 0, unit = seconds ? 1000000 : 1;

	if (!isdigit((unsigned char)*s))
		return -EINVAL;
	for (; isdigit((unsigned char)*s); s++) {
		v = v * 10 + (*s - '0');
		if (v * unit > INT_MAX)
			return -ERANGE;
	}
	v *= unit;
	if (seconds && s[0] == '.' && s[1] != '.') {
		if (!isdigit((unsigned char)*++s))
			return -EINVAL;
		for (; isdigit((unsigned char)*s) && unit > 1; s++) {
			unit /= 10;
			v += unit * (*s - '0');
		}
		v += unit == 1 && *s >= '5' && *s <= '9';
		s += strspn(s, "0123456789");
	}
	*p = s;
	*ret = v;
	return 0;
}

static int add_range(struct calendar_component *c, struct calendar_range r)
{
	struct calendar_range *more = c->n < MAX_RANGES ? reallocarray(c->ranges, c->n + 1, sizeof(*more)) : NULL;

	if (!more)
		return c->n < MAX_RANGES ? -ENOMEM : -EINVAL;
	c->ranges = more;
	more[c->n++] = r;
	return 0;
}

/* "5", "5..7", "5/2", "5..9/2" */
static int read_range(const char **p, bool seconds, struct calendar_range *r)
{
	int64_t unit = seconds ? 1000000 : 1;
	int e = read_number(p, seconds, &r->start);

	r->stop = -1;
	r->repeat = 0;
	if (e >= 0 && startswith(*p, "..")) {
		*p += 2;
		r->repeat = unit;
		e = read_number(p, seconds, &r->stop);
	}
	if (e < 0)
		return e;
	if (**p == '/') {
		++*p;
		e = read_number(p, seconds, &r->repeat);
		return e >= 0 && r->repeat == 0 ? -ERANGE : e;
	}
	/* a range of seconds goes by the second: one that holds no second besides its first is a mistake */
	return seconds && r->stop >= 0 && r->start + r->repeat > r->stop ? -EINVAL : 0;
}

/* a list of ranges, or "*" for any */
static int read_component(const char **p, enum calendar_field f, struct calendar_component *c)
{
	bool seconds = f == SECOND;

	if (**p == '*') {
		++*p;
		return seconds ? add_range(c, (struct calendar_range){ 0, -1, 1000000 }) : 0;   /* each second, not each microsecond */
	}
	for (;; ++*p) {
		struct calendar_range r;
		int e = read_range(p, seconds, &r);

		if (e >= 0)
			e = **p && !strchr(" ,-~:", **p) ? -EINVAL : add_range(c, r);
		if (e < 0)
			return e;
		if (**p != ',')
			return 0;
	}
}

static int read_weekday(const char **p, int *ret)
{
	for (int i = 0; i < 7; i++)
		for (size_t n = strlen(days[i]); n >= 3; n = n == 3 ? 0 : 3)
			if (strncasecmp(*p, days[i], n) == 0 && strchr("-., ", (*p)[n])) {
				*p += n;
				*ret = i;
				return 0;
			}
	return -EINVAL;
}

/* "Mon,Wed..Fri "; nothing is read when it does not begin with a weekday */
static int read_weekdays(const char **p, unsigned *ret)
{
	const char *s = *p;
	unsigned bits = 0;
	int a, b;

	if (read_weekday(&s, &a) < 0)
		return 0;
	for (;;) {
		b = a;
		if (startswith(s, "..") || *s == '-') {
			s += *s == '-' ? 1 : 2;
			if (read_weekday(&s, &b) < 0)
				return -EINVAL;
		}
		if (b < a)
			return -EINVAL;         /* a week begins with Monday */
		for (int i = a; i <= b; i++)
			bits |= 1u << i;
		if (*s != ',')
			break;
		s++;
		if (!*s || *s == ' ')
			break;
		if (read_weekday(&s, &a) < 0)
			return -EINVAL;
	}
	if (*s && *s != ' ')
		return -EINVAL;
	*p = s + strspn(s, " ");
	*ret = bits;
	return 0;
}

static void move(struct calendar_component *to, struct calendar_component *from)
{
	free(to->ranges);
	*to = *from;
	*from = (struct calendar_component){ 0 };
}

/* "YEAR-MONTH-DAY", "MONTH-DAY", either with '~' before the day; nothing is read when it is a time */
static int read_date(const char **p, struct calendar *c)
{
	struct calendar_component parts[3] = { 0 };
	const char *s = *p;
	int n = 0, r;

	for (;;) {
		r = read_component(&s, n == 0 ? YEAR : n == 1 ? MONTH : DAY, &parts[n]);
		if (r < 0 || n == 2 || c->from_month_end || (*s != '-' && *s != '~'))
			break;
		c->from_month_end = *s == '~';
		s++;
		n++;
	}
	if (r >= 0 && n == 0 && (!*s || *s == ':'))
		goto out;                               /* a time, or a half of one */
	if (r >= 0 && (n == 0 || (*s && *s != ' ')))
		r = -EINVAL;
	if (r >= 0) {
		if (n == 2)
			move(&c->fields[YEAR], &parts[0]);
		move(&c->fields[MONTH], &parts[n - 1]);
		move(&c->fields[DAY], &parts[n]);
		*p = s + strspn(s, " ");
	}
out:
	for (int i = 0; i < 3; i++)
		free(parts[i].ranges);
	return r;
}

/* "HOUR:MINUTE" or "HOUR:MINUTE:SECOND"; nothing: midnight */
static int read_time(const char **p, struct calendar *c)
{
	int r;

	if (!**p) {
		r = add_range(&c->fields[HOUR], zero);
		if (r >= 0)
			r = add_range(&c->fields[MINUTE], zero);
		return r < 0 ? r : add_range(&c->fields[SECOND], zero);
	}
	r = read_component(p, HOUR, &c->fields[HOUR]);
	if (r >= 0 && **p != ':')
		return -EINVAL;
	++*p;
	if (r >= 0)
		r = read_component(p, MINUTE, &c->fields[MINUTE]);
	if (r < 0)
		return r;
	if (**p != ':')
		r = add_range(&c->fields[SECOND], zero);
	else
		r = (++*p, read_component(p, SECOND, &c->fields[SECOND]));
	return r < 0 ? r : **p ? -EINVAL : 0;
}

/* "@SECONDS": that one moment */
static int read_fixed(const char *s, struct calendar *c)
{
	time_t sec = 0;
	struct tm tm;
	int r = 0;

	if (!isdigit((unsigned char)*s))
		return -EINVAL;
	for (; isdigit((unsigned char)*s); s++)
		if (__builtin_mul_overflow(sec, 10, &sec) || __builtin_add_overflow(sec, *s - '0', &sec))
			return -ERANGE;
	if (*s || !gmtime_r(&sec, &tm))
		return -EINVAL;
	const int64_t values[N_FIELDS] = { (int64_t)tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec * 1000000 };

	for (int f = 0; f < N_FIELDS && r >= 0; f++)
		r = add_range(&c->fields[f], (struct calendar_range){ values[f], -1, 0 });
	c->utc = true;
	return r;
}

/* ---- time zones ---- */

static bool ends_in(const char *text, const char *word, size_t *ret_rest)
{
	size_t n = strlen(text), m = strlen(word);

	if (m == 0 || n < m + 2 || text[n - m - 1] != ' ' || strcasecmp(text + n - m, word) != 0)
		return false;
	*ret_rest = n - m - 1;
	return true;
}

/* the zone is the last word: "UTC", what the local zone calls itself ("CET", "CEST"), or a name of the zone database; it is cut off */
static int take_zone(char *text, struct calendar *c)
{
	char *space = strrchr(text, ' ');
	size_t rest;

	if (ends_in(text, "UTC", &rest)) {
		c->utc = true;
		text[rest] = '\0';
		return 0;
	}
	tzset();
	for (int dst = 0; dst < 2; dst++)
		if (ends_in(text, tzname[dst], &rest)) {
			c->dst = dst;
			text[rest] = '\0';
			return 0;
		}
	if (!space || !zone_valid(space + 1))
		return 0;                               /* perhaps a weekday: the parser will say */
	c->zone = strdup(space + 1);
	*space = '\0';
	return c->zone ? 0 : -ENOMEM;
}

/* ---- putting in order ---- */

static int compare_ranges(const void *a, const void *b)
{
	const struct calendar_range *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	if (x->stop != y->stop)
		return x->stop < y->stop ? -1 : 1;
	return x->repeat == y->repeat ? 0 : x->repeat < y->repeat ? -1 : 1;
}

static void put_in_order(struct calendar *c, enum calendar_field f)
{
	struct calendar_component *part = &c->fields[f];
	size_t n = 0;

	for (size_t i = 0; i < part->n; i++) {
		struct calendar_range *r = &part->ranges[i];
		int64_t *const years[] = { &r->start, &r->stop };

		for (size_t k = 0; f == YEAR && k < 2; k++)
			if (*years[k] >= 0 && *years[k] < 100)
				*years[k] += *years[k] < 70 ? 2000 : 1900;
		if (r->stop > r->start && r->repeat)            /* what is really reached */
			r->stop -= (r->stop - r->start) % r->repeat;
		if (r->stop == r->start) {
			r->stop = -1;
			r->repeat = 0;
		}
	}
	if (part->n > 1)
		qsort(part->ranges, part->n, sizeof(*part->ranges), compare_ranges);
	for (size_t i = 0; i < part->n; i++)
		if (i == 0 || compare_ranges(&part->ranges[i], &part->ranges[n - 1]) != 0)
			part->ranges[n++] = part->ranges[i];
	part->n = n;
}

/* within its bounds, and what is repeated without an end can come at least twice */
static bool range_ok(const struct calendar_range *r, int64_t lo, int64_t hi, bool from_end)
{
	if (r->start < lo || r->start > hi || r->repeat > hi - lo)
		return false;
	if (r->stop >= 0)
		return r->stop >= r->start && r->stop <= hi;
	return from_end ? r->start - r->repeat >= lo : r->start + r->repeat <= hi;
}

static int check(struct calendar *c)
{
	if (c->from_month_end && c->fields[DAY].n == 0)
		c->from_month_end = false;
	for (int f = 0; f < N_FIELDS; f++) {
		put_in_order(c, (enum calendar_field)f);
		for (size_t i = 0; i < c->fields[f].n; i++) {
			/* every month has 28 days to count back; that systemd takes 3 off anew for each item of a list is kept, too */
			bool from_end = f == DAY && c->from_month_end;
			int64_t hi = bounds[f].hi - (from_end ? 3 * ((int64_t)i + 1) : 0);

			if (!range_ok(&c->fields[f].ranges[i], bounds[f].lo, hi, from_end))
				return -EINVAL;
		}
	}
	return 0;
}

int calendar_parse(const char *text, struct calendar **ret)
{
	_cleanup_(calendar_freep) struct calendar *c = calloc(1, sizeof(*c));
	_cleanup_(freep) char *copy = strdup(text);
	const char *p;
	int r;

	if (!c || !copy)
		return -ENOMEM;
	c->dst = -1;
	r = take_zone(copy, c);
	if (r < 0)
		return r;
	p = copy;
	for (size_t i = 0; i < ARRAY_SIZE(shorthands); i++)
		if (strcasecmp(copy, shorthands[i].name) == 0)
			p = shorthands[i].means;
	if (!*p)
		return -EINVAL;
	if (*p != '@')
		r = read_weekdays(&p, &c->weekdays);
	if (*p == '@') {
		r = read_fixed(p + 1, c);
	} else {
		if (r >= 0 && *p)
			r = read_date(&p, c);
		if (r >= 0)
			r = read_time(&p, c);
	}
	if (r >= 0)
		r = check(c);
	if (r < 0)
		return r == -ENOMEM ? r : -EINVAL;
	*ret = TAKE_PTR(c);
	return 0;
}

/* ---- printing ---- */

static void put_number(struct buf *out, enum calendar_field f, int64_t v)
{
	if (f != SECOND)
		buf_addf(out, f == YEAR ? "%04lld" : "%02lld", (long long)v);
	else if (v % 1000000)
		buf_addf(out, "%02lld.%06lld", (long long)(v / 1000000), (long long)(v % 1000000));
	else
		buf_addf(out, "%02lld", (long long)(v / 1000000));
}

static void put_component(struct buf *out, const struct calendar_component *c, enum calendar_field f)
{
	int64_t plain = f == SECOND ? 1000000 : 1;

	if (c->n == 0 || (f == SECOND && c->n == 1 && c->ranges[0].start == 0 && c->ranges[0].stop < 0 && c->ranges[0].repeat == plain)) {
		buf_addc(out, '*');
		return;
	}
	for (size_t i = 0; i < c->n; i++) {
		struct calendar_range r = c->ranges[i];

		if (i > 0)
			buf_addc(out, ',');
		put_number(out, f, r.start);
		if (r.stop > 0) {
			buf_adds(out, "..");
			put_number(out, f, r.stop);
		}
		if (r.repeat && !(r.stop > 0 && r.repeat == plain)) {
			buf_addf(out, "/%lld", (long long)(r.repeat / plain));
			if (r.repeat % plain)
				buf_addf(out, ".%06lld", (long long)(r.repeat % plain));
		}
	}
}

static void put_weekdays(struct buf *out, unsigned bits)
{
	const char *comma = "";

	for (int i = 0; i < 7; i++) {
		int j = i;

		if (!(bits & 1u << i))
			continue;
		while (j < 6 && bits & 1u << (j + 1))
			j++;
		buf_addf(out, "%s%.3s", comma, days[i]);
		if (j > i)
			buf_addf(out, "%s%.3s", j == i + 1 ? "," : "..", days[j]);
		comma = ",";
		i = j;
	}
	buf_addc(out, ' ');
}

void calendar_format(const struct calendar *c, struct buf *out)
{
	static const char after[N_FIELDS] = { [YEAR] = '-', [MONTH] = '-', [DAY] = ' ', [HOUR] = ':', [MINUTE] = ':' };

	if (c->weekdays && c->weekdays != 127)
		put_weekdays(out, c->weekdays);
	for (int f = 0; f < N_FIELDS; f++) {
		put_component(out, &c->fields[f], (enum calendar_field)f);
		if (after[f])
			buf_addc(out, f == MONTH && c->from_month_end ? '~' : after[f]);
	}
	if (c->utc || c->zone)
		buf_addf(out, " %s", c->utc ? "UTC" : c->zone);
	else if (c->dst >= 0)
		buf_addf(out, " %s", tzname[c->dst]);
}
