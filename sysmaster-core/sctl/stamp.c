/* stamp.c - words, offsets, or a date and a time in one of a few forms, each in a zone */
#include <ctype.h>
#include <stdio.h>
#include <strings.h>
#include <time.h>
#include "stamp.h"
#include "types/timer/zone.h"
#include "unit/key.h"

static int from_tm(struct tm *tm, bool utc, uint64_t usec, uint64_t *ret)
{
	time_t sec = utc ? timegm(tm) : mktime(tm);

	if (sec < 0)
		return -EINVAL;
	*ret = (uint64_t)sec * USEC_PER_SEC + usec;
	return 0;
}

static int offset(const char *span, size_t n, bool back, uint64_t from, uint64_t *ret)
{
	_cleanup_(freep) char *copy = strndup(span, n);
	uint64_t d;

	if (!copy)
		return -ENOMEM;
	if (value_sec(copy, USEC_PER_SEC, &d) < 0)
		return -EINVAL;
	if (!back && __builtin_add_overflow(from, d, &from))
		return -EINVAL;
	*ret = !back ? from : d > from ? 0 : from - d;
	return 0;
}

/* what counts from now or from the epoch. -ENOENT: it is no such thing */
static int relative(const char *t, uint64_t now, uint64_t *ret)
{
	static const struct { const char *end; bool back; } ends[] = { { " ago", true }, { " left", false } };
	size_t n = strlen(t);

	if (streq(t, "now")) {
		*ret = now;
		return 0;
	}
	if (*t == '+' || *t == '-' || *t == '@')
		return offset(t + 1, n - 1, *t == '-', *t == '@' ? 0 : now, ret);
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		size_t m = strlen(ends[i].end);

		if (n > m && streq(t + n - m, ends[i].end))
			return offset(t, n - m, ends[i].back, now, ret);
	}
	return -ENOENT;
}

static int read_fraction(const char *s, uint64_t *ret)
{
	uint64_t v = 0, unit = USEC_PER_SEC;

	if (!isdigit((unsigned char)*s))
		return -EINVAL;
	for (; isdigit((unsigned char)*s) && unit > 1; s++)
		v += (uint64_t)(*s - '0') * (unit /= 10);
	v += *s >= '5' && *s <= '9';
	s += strspn(s, "0123456789");
	if (*s)
		return -EINVAL;
	*ret = v;
	return 0;
}

static const char *skip_weekday(const char *t, int *ret)
{
	static const char *const days[] = { "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday" };

	for (int i = 0; i < 7; i++)
		for (size_t n = strlen(days[i]); n >= 3; n = n == 3 ? 0 : 3)
			if (strncasecmp(t, days[i], n) == 0 && t[n] == ' ') {
				*ret = i;
				return t + n + 1;
			}
	return t;
}

/* @tm: now, in the zone meant; what the text leaves out is taken from there */
static int absolute(const char *t, struct tm tm, bool utc, uint64_t *ret)
{
	static const struct { const char *format; bool no_seconds, no_time; } forms[] = {
		{ "%y-%m-%d %H:%M:%S", false, false }, { "%Y-%m-%d %H:%M:%S", false, false }, { "%y-%m-%d %H:%M", true, false },
		{ "%Y-%m-%d %H:%M", true, false }, { "%y-%m-%d", true, true }, { "%Y-%m-%d", true, true },
		{ "%H:%M:%S", false, false }, { "%H:%M", true, false },
	};
	static const struct { const char *name; int days; } words[] = { { "today", 0 }, { "yesterday", -1 }, { "tomorrow", 1 } };
	const struct tm now = tm;
	int weekday = -1, r;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (streq(t, words[i].name)) {
			tm.tm_mday += words[i].days;
			tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
			return from_tm(&tm, utc, 0, ret);
		}
	t = skip_weekday(t, &weekday);
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		uint64_t usec = 0;
		const char *end;

		tm = now;
		end = strptime(t, forms[i].format, &tm);
		if (!end || (*end && (*end != '.' || forms[i].no_seconds)))
			continue;
		if (*end == '.' && read_fraction(end + 1, &usec) < 0)
			return -EINVAL;
		if (forms[i].no_seconds)
			tm.tm_sec = 0;
		if (forms[i].no_time)
			tm.tm_hour = tm.tm_min = 0;
		r = from_tm(&tm, utc, usec, ret);
		return r >= 0 && weekday >= 0 && tm.tm_wday != weekday ? -EINVAL : r;
	}
	return -EINVAL;
}

/* in the local zone as TZ has it; @dst as tm_isdst */
static int in_zone(const char *t, bool utc, int dst, uint64_t now, uint64_t *ret)
{
	time_t sec = (time_t)(now / USEC_PER_SEC);
	uint64_t v;
	struct tm tm;
	int r;

	if (!(utc ? gmtime_r(&sec, &tm) : localtime_r(&sec, &tm)))
		return -EINVAL;
	tm.tm_isdst = dst;
	r = absolute(t, tm, utc, &v);
	if (r >= 0)
		*ret = v;
	return r;
}

static int in_named_zone(const char *t, const char *name, uint64_t now, uint64_t *ret)
{
	char *old;
	int r = zone_enter(name, &old);

	if (r < 0)
		return r;
	r = in_zone(t, false, -1, now, ret);
	zone_leave(old);
	return r;
}

int stamp_read(const char *text, uint64_t now, uint64_t *ret)
{
	_cleanup_(freep) char *copy = strdup(text);
	char *space;
	int r;

	if (!copy)
		return -ENOMEM;
	r = relative(text, now, ret);
	if (r != -ENOENT)
		return r;
	tzset();
	space = strrchr(copy, ' ');
	if (!space)
		return in_zone(copy, false, -1, now, ret);
	*space = '\0';
	if (strcasecmp(space + 1, "UTC") == 0)
		return in_zone(copy, true, 0, now, ret);
	for (int dst = 0; dst < 2; dst++)
		if (*tzname[dst] && strcasecmp(space + 1, tzname[dst]) == 0)
			return in_zone(copy, false, dst, now, ret);
	if (zone_valid(space + 1))
		return in_named_zone(copy, space + 1, now, ret);
	return in_zone(text, false, -1, now, ret);
}
