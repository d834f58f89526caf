/* calendar.c - calendar events; systemd.time(7) */
#include <ctype.h>
#include <stdio.h>
#include <strings.h>
#include <time.h>
#include "types/timer/calendar.h"

#define YEAR_MIN 1970
#define YEAR_MAX 2199
#define MAX_RANGES 240                  /* in one component */
#define MAX_STEPS 20000                 /* of a search: Feb 29 on a certain weekday comes within 40 years of days */

enum field { YEAR, MONTH, DAY, HOUR, MINUTE, SECOND /* microseconds of the minute */, N_FIELDS };
static const struct { int64_t lo, hi; } bounds[N_FIELDS] = {
	[YEAR] = { YEAR_MIN, YEAR_MAX }, [MONTH] = { 1, 12 }, [DAY] = { 1, 31 }, [HOUR] = { 0, 23 }, [MINUTE] = { 0, 59 }, [SECOND] = { 0, 60 * 1000000 - 1 },
};

struct range { int64_t start, stop, repeat; };          /* stop -1: none; repeat 0: none */
struct component { struct range *ranges; size_t n; };   /* n 0: any */

struct calendar {
	struct component fields[N_FIELDS];
	unsigned weekdays;              /* bit 0: Monday; 0: any */
	bool from_month_end;            /* days count backwards from the last */
	bool utc;
	char *zone;                     /* NULL: local time */
	bool fixed;                     /* "@SECONDS" */
	uint64_t fixed_usec;
};

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

/* "12", or with @fraction "12.5" in microseconds */
static int read_number(const char **p, bool fraction, int64_t *ret)
{
	const char *s = *p;
	int64_t v = 0, unit = fraction ? 1000000 : 1;

	if (!isdigit((unsigned char)*s))
		return -EINVAL;
	for (; isdigit((unsigned char)*s); s++) {
		v = v * 10 + (*s - '0');
		if (v > 1000000)
			return -EINVAL;
	}
	v *= unit;
	if (fraction && *s == '.' && isdigit((unsigned char)s[1])) {
		for (s++; isdigit((unsigned char)*s); s++) {
			if (unit == 1 && *s >= '5')
				v++;                    /* rounded to microseconds */
			unit /= 10;
			v += unit * (*s - '0');
		}
	}
	*p = s;
	*ret = v;
	return 0;
}

static int add_range(struct component *c, struct range r)
{
	struct range *more = c->n < MAX_RANGES ? reallocarray(c->ranges, c->n + 1, sizeof(*more)) : NULL;

	if (!more)
		return c->n < MAX_RANGES ? -ENOMEM : -EINVAL;
	c->ranges = more;
	more[c->n++] = r;
	return 0;
}

/* a list of "5", "5..7", "5/2", "5..9/2"; "*" for any, and star-slash-N for every Nth */
static int read_component(const char **p, enum field f, struct component *c)
{
	bool seconds = f == SECOND;

	if (**p == '*') {
		++*p;
		if (**p == '/' && f == YEAR)
			return -EINVAL;                 /* counted from when? */
		if (**p != '/')                         /* every second, not every microsecond */
			return seconds ? add_range(c, (struct range){ 0, -1, 1000000 }) : 0;
		*p += 1;
		struct range r = { bounds[f].lo, -1, 0 };

		if (read_number(p, seconds, &r.repeat) < 0 || r.repeat == 0)
			return -EINVAL;
		return add_range(c, r);
	}
	for (;;) {
		struct range r = { 0, -1, 0 };
		int e = read_number(p, seconds, &r.start);

		if (e >= 0 && startswith(*p, "..")) {
			*p += 2;
			e = read_number(p, seconds, &r.stop);
		}
		if (e >= 0 && **p == '/') {
			++*p;
			e = read_number(p, seconds, &r.repeat);
			if (e >= 0 && r.repeat == 0)
				return -EINVAL;
		}
		if (e >= 0 && r.stop >= 0 && r.repeat == 0)
			r.repeat = seconds ? 1000000 : 1;
		if (e >= 0)
			e = add_range(c, r);
		if (e < 0)
			return e;
		if (**p != ',')
			return 0;
		++*p;
	}
}

static int read_weekday(const char **p, int *ret)
{
	for (int i = 0; i < 7; i++)
		for (size_t n = strlen(days[i]); n >= 3; n = n == 3 ? 0 : 3)
			if (strncasecmp(*p, days[i], n) == 0 && !isalpha((unsigned char)(*p)[n])) {
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
		if (!*s || isspace((unsigned char)*s))
			break;
		if (read_weekday(&s, &a) < 0)
			return -EINVAL;
	}
	if (*s && !isspace((unsigned char)*s))
		return -EINVAL;
	while (isspace((unsigned char)*s))
		s++;
	*p = s;
	*ret = bits;
	return 0;
}

static void move(struct component *to, struct component *from)
{
	free(to->ranges);
	*to = *from;
	*from = (struct component){ 0 };
}

/* "YEAR-MONTH-DAY", "MONTH-DAY", either with '~' before the day; nothing is read when it is a time */
static int read_date(const char **p, struct calendar *c)
{
	struct component parts[3] = { 0 };
	const char *s = *p;
	bool last = false;
	int n = 0, r;

	for (;;) {
		r = read_component(&s, n == 0 ? YEAR : n == 1 ? MONTH : DAY, &parts[n]);
		if (r < 0 || n == 2 || last || (*s != '-' && *s != '~'))
			break;
		last = *s == '~';
		s++;
		n++;
	}
	if (r >= 0 && n == 0 && *s == ':')
		goto out;                               /* a time */
	if (r >= 0 && (n == 0 || (*s && !isspace((unsigned char)*s)) || (n == 1 && parts[0].n == 1 && parts[0].ranges[0].start > 12)))
		r = -EINVAL;
	if (r >= 0) {
		if (n == 2)
			move(&c->fields[YEAR], &parts[0]);
		move(&c->fields[MONTH], &parts[n - 1]);
		move(&c->fields[DAY], &parts[n]);
		c->from_month_end = last;
		while (isspace((unsigned char)*s))
			s++;
		*p = s;
	}
out:
	for (int i = 0; i < 3; i++)
		free(parts[i].ranges);
	return r;
}

/* "HOUR:MINUTE" or "HOUR:MINUTE:SECOND"; nothing: midnight */
static int read_time(const char **p, struct calendar *c)
{
	static const struct range zero = { 0, -1, 0 };
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

/* the zone is the last word: "UTC" or a name of the zone database; it is cut off */
static int take_zone(char *text, struct calendar *c)
{
	char *space = strrchr(text, ' ');
	_cleanup_(freep) char *path = NULL;

	if (!space || !isalpha((unsigned char)space[1]))
		return 0;
	if (strcasecmp(space + 1, "UTC") == 0) {
		c->utc = true;
	} else {
		if (strstr(space, "..") || asprintf(&path, "/usr/share/zoneinfo/%s", space + 1) < 0 || access(path, R_OK) < 0)
			return 0;                       /* perhaps a weekday: the parser will say */
		c->zone = strdup(space + 1);
		if (!c->zone)
			return -ENOMEM;
	}
	while (space > text && space[-1] == ' ')
		space--;
	*space = '\0';
	return 0;
}

static int check(struct calendar *c)
{
	for (int f = 0; f < N_FIELDS; f++)
		for (size_t i = 0; i < c->fields[f].n; i++) {
			struct range *r = &c->fields[f].ranges[i];

			if (f == YEAR && r->start < 100)
				r->start += r->start < 70 ? 2000 : 1900;
			if (f == YEAR && r->stop >= 0 && r->stop < 100)
				r->stop += r->stop < 70 ? 2000 : 1900;
			if (r->start < bounds[f].lo || r->start > bounds[f].hi || r->repeat > bounds[f].hi + 1)
				return -EINVAL;
			if (r->stop >= 0 && (r->stop > bounds[f].hi || r->stop < r->start))
				return -EINVAL;
			if (r->stop >= 0 && r->repeat)  /* what is really reached */
				r->stop -= (r->stop - r->start) % r->repeat;
		}
	return 0;
}

static int read_fixed(const char *s, struct calendar *c)
{
	uint64_t sec = 0, usec = 0, unit = 1000000;

	if (!isdigit((unsigned char)*s))
		return -EINVAL;
	for (; isdigit((unsigned char)*s); s++)
		if (__builtin_mul_overflow(sec, 10u, &sec) || __builtin_add_overflow(sec, (unsigned)(*s - '0'), &sec))
			return -EINVAL;
	if (*s == '.')
		for (s++; isdigit((unsigned char)*s); s++)
			usec += (unsigned)(*s - '0') * (unit /= 10);
	if (*s || sec > UINT64_MAX / USEC_PER_SEC / 2)
		return -EINVAL;
	c->fixed = true;
	c->fixed_usec = sec * USEC_PER_SEC + usec;
	return 0;
}

int calendar_parse(const char *text, struct calendar **ret)
{
	_cleanup_(calendar_freep) struct calendar *c = calloc(1, sizeof(*c));
	_cleanup_(freep) char *copy = strdup(text + strspn(text, " \t"));
	const char *p;
	int r;

	if (!c || !copy)
		return -ENOMEM;
	for (size_t n = strlen(copy); n > 0 && isspace((unsigned char)copy[n - 1]);)
		copy[--n] = '\0';
	r = take_zone(copy, c);
	if (r < 0)
		return r;
	p = copy;
	for (size_t i = 0; i < ARRAY_SIZE(shorthands); i++)
		if (strcasecmp(copy, shorthands[i].name) == 0)
			p = shorthands[i].means;
	if (!*p)
		return -EINVAL;
	if (*p == '@') {
		r = read_fixed(p + 1, c);
	} else {
		r = read_weekdays(&p, &c->weekdays);
		if (r >= 0 && *p)
			r = read_date(&p, c);
		if (r >= 0)
			r = read_time(&p, c);
		if (r >= 0)
			r = check(c);
	}
	if (r < 0)
		return r;
	*ret = TAKE_PTR(c);
	return 0;
}

/* ---- searching ---- */

static int days_of_month(int64_t year, int64_t month)
{
	static const int n[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return n[month - 1] + (month == 2 && (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)));
}

/* 0: Monday */
static int weekday_of(int64_t year, int64_t month, int64_t day)
{
	struct tm tm = { .tm_year = (int)year - 1900, .tm_mon = (int)month - 1, .tm_mday = (int)day, .tm_hour = 12 };

	timegm(&tm);
	return (tm.tm_wday + 6) % 7;
}

/* the least value of @r that is at least @from and at most @hi; -1: none */
static int64_t range_next(struct range r, int64_t from, int64_t hi)
{
	int64_t stop = r.stop >= 0 ? MIN(r.stop, hi) : r.repeat ? hi : r.start, v = r.start;

	if (from > v)
		v = r.repeat ? v + (from - v + r.repeat - 1) / r.repeat * r.repeat : stop + 1;
	return v <= stop && v <= hi ? v : -1;
}

static int64_t component_next(const struct calendar *c, enum field f, int64_t from, int64_t hi)
{
	int64_t best = -1;

	if (c->fields[f].n == 0)
		return from <= hi ? from : -1;
	for (size_t i = 0; i < c->fields[f].n; i++) {
		struct range r = c->fields[f].ranges[i];
		int64_t v;

		if (f == DAY && c->from_month_end) {    /* counted from the end: 1 is the last day */
			int64_t first = r.stop >= 0 ? r.stop : r.start;

			r.stop = r.stop >= 0 ? hi + 1 - r.start : -1;
			r.start = hi + 1 - first;
			if (r.start < 1)
				continue;
		}
		v = range_next(r, from, hi);
		if (v >= 0 && (best < 0 || v < best))
			best = v;
	}
	return best;
}

/* One step: true when all of @v matches; else @v has moved on, and v[YEAR] may lie behind the end. */
static bool step(const struct calendar *c, int64_t v[N_FIELDS])
{
	for (int f = YEAR; f < N_FIELDS; f++) {
		int64_t hi = f == DAY ? days_of_month(v[YEAR], v[MONTH]) : bounds[f].hi, next = component_next(c, (enum field)f, v[f], hi);

		if (f == DAY && next == v[f] && c->weekdays && !(c->weekdays & 1u << weekday_of(v[YEAR], v[MONTH], v[DAY]))) {
			next = v[f] + 1;                /* goes on from the day after; over the end of the month next time */
			v[f] = next;
			for (int lower = f + 1; lower < N_FIELDS; lower++)
				v[lower] = bounds[lower].lo;
			return false;
		}
		if (next == v[f])
			continue;
		if (next < 0) {                         /* carry */
			if (f == YEAR) {
				v[YEAR] = YEAR_MAX + 1;
				return false;
			}
			v[f - 1]++;
			next = bounds[f].lo;
		}
		v[f] = next;
		for (int lower = f + 1; lower < N_FIELDS; lower++)
			v[lower] = bounds[lower].lo;
		return false;
	}
	return true;
}

static void carry_over(int64_t v[N_FIELDS])
{
	static const int64_t limit[N_FIELDS] = { [HOUR] = 24, [MINUTE] = 60, [SECOND] = 60 * 1000000 };

	for (int f = SECOND; f >= HOUR; f--)
		if (v[f] >= limit[f]) {
			v[f] -= limit[f];
			v[f - 1]++;
		}
	if (v[MONTH] <= 12 && v[DAY] > days_of_month(v[YEAR], v[MONTH])) {
		v[DAY] = 1;
		v[MONTH]++;
	}
	if (v[MONTH] > 12) {
		v[MONTH] = 1;
		v[DAY] = 1;
		v[YEAR]++;
	}
}

static void to_fields(const struct tm *tm, uint64_t usec, int64_t v[N_FIELDS])
{
	v[YEAR] = tm->tm_year + 1900;
	v[MONTH] = tm->tm_mon + 1;
	v[DAY] = tm->tm_mday;
	v[HOUR] = tm->tm_hour;
	v[MINUTE] = tm->tm_min;
	v[SECOND] = (int64_t)tm->tm_sec * 1000000 + (int64_t)usec;
}

/* @v as a time: false when there is no such local time with this @isdst; @instead: what the C library makes of it */
static bool to_time(const struct calendar *c, const int64_t v[N_FIELDS], int isdst, uint64_t *ret, int64_t instead[N_FIELDS])
{
	struct tm tm = {
		.tm_year = (int)v[YEAR] - 1900, .tm_mon = (int)v[MONTH] - 1, .tm_mday = (int)v[DAY], .tm_hour = (int)v[HOUR],
		.tm_min = (int)v[MINUTE], .tm_sec = (int)(v[SECOND] / 1000000), .tm_isdst = isdst,
	};
	struct tm was = tm;
	time_t t = c->utc ? timegm(&tm) : mktime(&tm);

	to_fields(&tm, (uint64_t)(v[SECOND] % 1000000), instead);
	if (t < 0)
		return false;
	*ret = (uint64_t)t * USEC_PER_SEC + (uint64_t)(v[SECOND] % 1000000);
	return tm.tm_hour == was.tm_hour && tm.tm_min == was.tm_min && tm.tm_sec == was.tm_sec && tm.tm_mday == was.tm_mday;
}

static int search(const struct calendar *c, uint64_t after, uint64_t *ret)
{
	time_t sec = (time_t)((after + 1) / USEC_PER_SEC);
	struct tm tm;
	int64_t v[N_FIELDS];

	if (!(c->utc ? gmtime_r(&sec, &tm) : localtime_r(&sec, &tm)))
		return -ENOENT;
	to_fields(&tm, (after + 1) % USEC_PER_SEC, v);
	for (int i = 0; i < MAX_STEPS; i++) {
		int64_t instead[N_FIELDS];
		uint64_t t;
		bool exists = false;

		carry_over(v);
		if (v[YEAR] > YEAR_MAX)
			return -ENOENT;
		if (!step(c, v))
			continue;
		/* an hour that comes twice: first the one of the summer time that is now, then the other */
		for (int k = 0; k < (c->utc ? 1 : 2); k++) {
			if (!to_time(c, v, c->utc ? 0 : k == 0 ? tm.tm_isdst : !tm.tm_isdst, &t, instead))
				continue;
			exists = true;
			if (t > after) {
				*ret = t;
				return 0;
			}
		}
		if (exists)
			v[SECOND]++;
		else if (!to_time(c, v, -1, &t, instead))       /* an hour that is left out: on from what comes instead */
			memcpy(v, instead, sizeof(instead));
		else
			v[SECOND]++;
	}
	return -ENOENT;
}

int calendar_next(const struct calendar *c, uint64_t after_usec, uint64_t *ret_usec)
{
	_cleanup_(freep) char *old = NULL, *zone = NULL;
	int r;

	if (c->fixed) {
		if (c->fixed_usec <= after_usec)
			return -ENOENT;
		*ret_usec = c->fixed_usec;
		return 0;
	}
	if (!c->zone)
		return search(c, after_usec, ret_usec);
	if (asprintf(&zone, ":%s", c->zone) < 0)
		return -ENOMEM;
	if (getenv("TZ") && !(old = strdup(getenv("TZ"))))
		return -ENOMEM;
	setenv("TZ", zone, 1);                          /* the C library knows no other way to ask about a zone */
	tzset();
	r = search(c, after_usec, ret_usec);
	if (old)
		setenv("TZ", old, 1);
	else
		unsetenv("TZ");
	tzset();
	return r;
}

/* ---- printing ---- */

static void put_number(struct buf *out, enum field f, int64_t v)
{
	if (f != SECOND)
		buf_addf(out, f == YEAR ? "%04lld" : "%02lld", (long long)v);
	else if (v % 1000000)
		buf_addf(out, "%02lld.%06lld", (long long)(v / 1000000), (long long)(v % 1000000));
	else
		buf_addf(out, "%02lld", (long long)(v / 1000000));
}

static int compare_ranges(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return x->start != y->start ? (x->start < y->start ? -1 : 1) : x->stop != y->stop ? (x->stop < y->stop ? -1 : 1) : 0;
}

static void put_component(struct buf *out, const struct calendar *c, enum field f)
{
	int64_t plain = f == SECOND ? 1000000 : 1;
	struct range sorted[MAX_RANGES];
	size_t n = c->fields[f].n;

	if (n == 0 || (f == SECOND && n == 1 && c->fields[f].ranges[0].start == 0 && c->fields[f].ranges[0].stop < 0 && c->fields[f].ranges[0].repeat == plain)) {
		buf_addc(out, '*');
		return;
	}
	memcpy(sorted, c->fields[f].ranges, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), compare_ranges);
	for (size_t i = 0; i < n; i++) {
		struct range r = sorted[i];

		if (i > 0)
			buf_addc(out, ',');
		put_number(out, f, r.start);
		if (r.stop >= 0) {
			buf_adds(out, "..");
			put_number(out, f, r.stop);
		}
		if (r.repeat && !(r.stop >= 0 && r.repeat == plain)) {
			if (f == SECOND && r.repeat % 1000000)
				buf_addf(out, "/%lld.%06lld", (long long)(r.repeat / 1000000), (long long)(r.repeat % 1000000));
			else
				buf_addf(out, "/%lld", (long long)(r.repeat / plain));
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
	if (c->fixed) {
		time_t sec = (time_t)(c->fixed_usec / USEC_PER_SEC);
		unsigned usec = (unsigned)(c->fixed_usec % USEC_PER_SEC);
		char text[64], fraction[16] = "";
		struct tm tm;

		if (usec)
			snprintf(fraction, sizeof(fraction), ".%06u", usec);
		if (gmtime_r(&sec, &tm) && tm.tm_year + 1900 <= YEAR_MAX && strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm) > 0)
			buf_addf(out, "%s%s UTC", text, fraction);
		else
			buf_addf(out, "@%lld%s", (long long)sec, fraction);
		return;
	}
	if (c->weekdays && c->weekdays != 127)
		put_weekdays(out, c->weekdays);
	put_component(out, c, YEAR);
	buf_addc(out, '-');
	put_component(out, c, MONTH);
	buf_addc(out, c->from_month_end ? '~' : '-');
	put_component(out, c, DAY);
	buf_addc(out, ' ');
	put_component(out, c, HOUR);
	buf_addc(out, ':');
	put_component(out, c, MINUTE);
	buf_addc(out, ':');
	put_component(out, c, SECOND);
	if (c->utc || c->zone)
		buf_addf(out, " %s", c->utc ? "UTC" : c->zone);
}
