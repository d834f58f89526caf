/* times.c - how expressions of time are read: calendar, timestamp, timespan; what systemd-analyze(1) has under these names */
#include <inttypes.h>
#include "stamp.h"
#include "text.h"
#include "types/timer/calendar.h"
#include "verb.h"

static void line(struct buf *out, const char *label, const char *text) { buf_addf(out, "%15s: %s\n", label, text); }

static bool zone_is_utc(void)
{
	tzset();
	return streq(tzname[0], "UTC") && timezone == 0 && !daylight;
}

/* a point in time, and the same elsewhere */
static void put_stamp(struct buf *out, const char *label, uint64_t usec)
{
	_cleanup_(buf_finish) struct buf b = { 0 };

	stamp_format(usec, STAMP_PRETTY, &b);
	line(out, label, buf_str(&b));
	if (zone_is_utc())
		return;
	buf_reset(&b);
	stamp_format(usec, STAMP_UTC, &b);
	line(out, "(in UTC)", buf_str(&b));
}

static void put_distance(struct buf *out, uint64_t usec)
{
	_cleanup_(buf_finish) struct buf b = { 0 };

	ago_format(usec, now_usec(CLOCK_REALTIME), &b);
	line(out, "From now", buf_str(&b));
}

/* all of one expression, or nothing: -errno */
static int show_calendar(const char *text, uint64_t base, unsigned iterations, struct buf *out)
{
	_cleanup_(calendar_freep) struct calendar *c = NULL;
	_cleanup_(buf_finish) struct buf normal = { 0 };
	int r = calendar_parse(text, &c);

	if (r < 0)
		return r;
	calendar_format(c, &normal);
	if (!streq(buf_str(&normal), text))
		line(out, "Original form", text);
	line(out, "Normalized form", buf_str(&normal));
	for (unsigned i = 0; i < iterations; i++) {
		char label[32];

		r = calendar_next(c, base, &base);
		if (r == -ENOENT) {
			if (i == 0)
				line(out, "Next elapse", "never");
			return 0;
		}
		if (r < 0)
			return r;
		snprintf(label, sizeof(label), "Iter. #%u", i + 1);
		put_stamp(out, i == 0 ? "Next elapse" : label, base);
		put_distance(out, base);
	}
	return 0;
}

int verb_calendar(struct sctl *s, const struct verb *v, char **words, size_t n)
{
	uint64_t base = now_usec(CLOCK_REALTIME);
	int status = SCTL_OK;

	if (s->o.base_time && stamp_read(s->o.base_time, base, &base) < 0) {
		fprintf(s->err, "--base-time=%s is not a point in time: see systemd.time(7).\n", s->o.base_time);
		return SCTL_FAILURE;
	}
	for (size_t i = 0; i < n; i++) {
		_cleanup_(buf_finish) struct buf out = { 0 };
		int r = show_calendar(words[i], base, s->o.iterations, &out);

		if (r < 0) {
			fprintf(s->err, r == -EINVAL ? "'%s' is not a calendar event: see systemd.time(7).\n" : "'%s': no next time was found.\n", words[i]);
			status = SCTL_FAILURE;
		} else {
			fputs(buf_str(&out), s->out);
		}
		if (i + 1 < n)
			fputc('\n', s->out);
	}
	return status;
}

static void show_timestamp(const char *text, uint64_t usec, struct buf *out)
{
	char number[48];

	line(out, "Original form", text);
	put_stamp(out, "Normalized form", usec);
	snprintf(number, sizeof(number), usec % USEC_PER_SEC ? "@%llu.%06llu" : "@%llu", usec / USEC_PER_SEC, usec % USEC_PER_SEC);
	line(out, "UNIX seconds", number);
	put_distance(out, usec);
}

int verb_timestamp(struct sctl *s, const struct verb *v, char **words, size_t n)
{
	int status = SCTL_OK;

	for (size_t i = 0; i < n; i++) {
		_cleanup_(buf_finish) struct buf out = { 0 };
		uint64_t usec;

		if (stamp_read(words[i], now_usec(CLOCK_REALTIME), &usec) < 0) {
			fprintf(s->err, "'%s' is not a point in time: see systemd.time(7).\n", words[i]);
			status = SCTL_FAILURE;
		} else {
			show_timestamp(words[i], usec, &out);
			fputs(buf_str(&out), s->out);
		}
		if (i + 1 < n)
			fputc('\n', s->out);
	}
	return status;
}

int verb_timespan(struct sctl *s, const struct verb *v, char **words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		_cleanup_(buf_finish) struct buf b = { 0 };
		uint64_t usec;
		int r = value_sec(words[i], USEC_PER_SEC, &usec);

		if (r < 0) {
			fprintf(s->err, "'%s' is not a time span: see systemd.time(7).\n", words[i]);
			return SCTL_FAILURE;
		}
		value_format_sec(usec, &b);
		fprintf(s->out, "%sOriginal: %s\n      %s: %" PRIu64 "\n   Human: %s\n", i > 0 ? "\n" : "", words[i], s->utf8 ? "μs" : "us", usec, buf_str(&b));
	}
	return SCTL_OK;
}
