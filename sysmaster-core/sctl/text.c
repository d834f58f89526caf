/* text.c - formats of systemctl(1), so that eyes and scripts find what they know */
#include <inttypes.h>
#include <time.h>
#include "text.h"

static const char *const color_codes[N_COLORS] = {
	[COLOR_NONE] = "", [COLOR_RED] = "\x1b[0;1;31m", [COLOR_GREEN] = "\x1b[0;1;32m", [COLOR_YELLOW] = "\x1b[0;1;33m",
	[COLOR_WHITE] = "\x1b[0;1;39m", [COLOR_GREY] = "\x1b[0;38;5;245m", [COLOR_UNDERLINE] = "\x1b[0;4m",
};

static const char *const glyphs[N_GLYPHS][2] = {        /* plain, UTF-8 */
	[GLYPH_DOT] = { "*", "●" }, [GLYPH_CIRCLE] = { "*", "○" }, [GLYPH_CROSS] = { "x", "×" }, [GLYPH_RELOAD] = { "*", "↻" },
	[GLYPH_BRANCH] = { "|-", "├─" }, [GLYPH_LAST] = { "`-", "└─" }, [GLYPH_VERTICAL] = { "| ", "│ " },
	[GLYPH_ARROW] = { "->", "→" }, [GLYPH_ELLIPSIS] = { "...", "…" },
};

static const struct { const char *active; enum glyph glyph; enum color color; } states[] = {
	{ "active", GLYPH_DOT, COLOR_GREEN },
	{ "reloading", GLYPH_RELOAD, COLOR_GREEN },
	{ "inactive", GLYPH_CIRCLE, COLOR_NONE },
	{ "maintenance", GLYPH_CIRCLE, COLOR_NONE },
	{ "failed", GLYPH_CROSS, COLOR_RED },
	{ "activating", GLYPH_DOT, COLOR_NONE },
	{ "deactivating", GLYPH_DOT, COLOR_NONE },
};

const char *color_on(const struct sctl *s, enum color c) { return s->colors ? color_codes[c] : ""; }
const char *color_off(const struct sctl *s) { return s->colors ? "\x1b[0m" : ""; }
const char *glyph(const struct sctl *s, enum glyph g) { return glyphs[g][s->utf8]; }

enum glyph state_glyph(const char *active)
{
	for (size_t i = 0; i < ARRAY_SIZE(states); i++)
		if (streq(states[i].active, active))
			return states[i].glyph;
	return GLYPH_DOT;
}

enum color state_color(const char *load, const char *active)
{
	if (load && (streq(load, "error") || streq(load, "bad-setting") || streq(load, "not-found")))
		return streq0(active, "failed") ? COLOR_RED : COLOR_YELLOW;
	for (size_t i = 0; i < ARRAY_SIZE(states); i++)
		if (streq(states[i].active, active))
			return states[i].color;
	return COLOR_NONE;
}

/* one unit of text: an escape sequence (no column) or a code point (one column) */
static size_t step(const char *t, bool *ret_wide)
{
	size_t n = 1;

	*ret_wide = true;
	if (t[0] == '\x1b' && t[1] == '[') {
		*ret_wide = false;
		n = 2 + strcspn(t + 2, "m");
		return n + (t[n] == 'm');
	}
	while ((t[n] & 0xc0) == 0x80)
		n++;
	return n;
}

size_t text_width(const char *t)
{
	size_t width = 0;
	bool wide;

	for (; *t; width += wide)
		t += step(t, &wide);
	return width;
}

char *text_cut(const struct sctl *s, const char *t, size_t columns)
{
	const char *dots = glyph(s, GLYPH_ELLIPSIS);
	size_t keep = columns > text_width(dots) ? columns - text_width(dots) : 0, n = 0, width = 0;
	struct buf out = { 0 };

	if (text_width(t) <= columns)
		return strdup(t);
	while (t[n]) {
		bool wide;
		size_t more = step(t + n, &wide);

		if (width + wide > keep)
			break;
		width += wide;
		n += more;
	}
	buf_add(&out, t, n);
	buf_adds(&out, dots);
	return buf_take_str(&out);
}

void stamp_format(uint64_t usec, enum stamp_style style, struct buf *out)
{
	bool utc = style == STAMP_UTC || style == STAMP_US_UTC;
	time_t sec = (time_t)(usec / USEC_PER_SEC);
	char day[64], zone[32];
	struct tm tm;

	if (usec == 0 || usec == USEC_INFINITY) {
		buf_adds(out, "n/a");
		return;
	}
	if (style == STAMP_UNIX) {
		buf_addf(out, "@%llu", usec / USEC_PER_SEC);
		return;
	}
	if (!(utc ? gmtime_r(&sec, &tm) : localtime_r(&sec, &tm))) {
		buf_adds(out, "n/a");
		return;
	}
	strftime(day, sizeof(day), "%a %Y-%m-%d %H:%M:%S", &tm);
	strftime(zone, sizeof(zone), "%Z", &tm);
	buf_adds(out, day);
	if (style == STAMP_US || style == STAMP_US_UTC)
		buf_addf(out, ".%06llu", usec % USEC_PER_SEC);
	buf_addf(out, " %s", utc ? "UTC" : zone);
}

uint64_t stamp_parse(const char *t)
{
	struct tm tm = { .tm_isdst = -1 };
	const char *end;
	uint64_t usec;
	time_t sec;

	if (!t || value_unsigned(t, UINT64_MAX, &usec) >= 0)
		return t ? usec : 0;
	if (t[0] == '@' && value_unsigned(t + 1, UINT64_MAX / USEC_PER_SEC, &usec) >= 0)
		return usec * USEC_PER_SEC;
	end = strptime(t, "%a %Y-%m-%d %H:%M:%S", &tm);
	if (!end)
		return 0;
	sec = streq(end, " UTC") ? timegm(&tm) : mktime(&tm);
	return sec <= 0 ? 0 : (uint64_t)sec * USEC_PER_SEC;
}

#define MINUTE (60 * USEC_PER_SEC)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define WEEK (7 * DAY)
#define MONTH (2629800 * USEC_PER_SEC)                  /* 30.44 days */
#define YEAR (31557600 * USEC_PER_SEC)                  /* 365.25 days */

static const struct { uint64_t from, big, small; const char *big_name, *small_name; bool plural; } ago_rows[] = {
	{ YEAR, YEAR, MONTH, " year", " month", true },
	{ MONTH, MONTH, DAY, " month", " day", true },
	{ WEEK, WEEK, DAY, " week", " day", true },
	{ 2 * DAY, DAY, 0, " day", NULL, true },
	{ 25 * HOUR, DAY, HOUR, " day", "h", false },
	{ 6 * HOUR, HOUR, 0, "h", NULL, false },
	{ HOUR, HOUR, MINUTE, "h", "min", false },
	{ 5 * MINUTE, MINUTE, 0, "min", NULL, false },
	{ MINUTE, MINUTE, USEC_PER_SEC, "min", "s", false },
	{ USEC_PER_SEC, USEC_PER_SEC, 0, "s", NULL, false },
	{ USEC_PER_MSEC, USEC_PER_MSEC, 0, "ms", NULL, false },
	{ 1, 1, 0, "us", NULL, false },
};

void ago_format(uint64_t usec, uint64_t now, struct buf *out)
{
	uint64_t d = now > usec ? now - usec : usec - now;
	size_t i = 0;

	while (i < ARRAY_SIZE(ago_rows) && d < ago_rows[i].from)
		i++;
	if (i == ARRAY_SIZE(ago_rows)) {
		buf_adds(out, "now");
		return;
	}
	buf_addf(out, "%" PRIu64 "%s%s", d / ago_rows[i].big, ago_rows[i].big_name,
		 ago_rows[i].plural && d / ago_rows[i].big != 1 ? "s" : "");
	if (ago_rows[i].small) {
		uint64_t n = d % ago_rows[i].big / ago_rows[i].small;

		buf_addf(out, " %" PRIu64 "%s%s", n, ago_rows[i].small_name, ago_rows[i].plural && n != 1 ? "s" : "");
	}
	buf_adds(out, now > usec ? " ago" : " left");
}

void span_format(uint64_t usec, uint64_t accuracy_usec, struct buf *out)
{
	if (usec == USEC_INFINITY || accuracy_usec <= 1) {
		value_format_sec(usec, out);
		return;
	}
	/* below a minute one number with a fraction reads best: "1.204s", "35ms" */
	if (usec >= USEC_PER_SEC && accuracy_usec < USEC_PER_SEC) {
		uint64_t minutes = usec / MINUTE * MINUTE;

		if (minutes > 0) {
			value_format_sec(minutes, out);
			buf_addc(out, ' ');
		}
		buf_addf(out, "%llu.%03llus", (usec - minutes) / USEC_PER_SEC, usec % USEC_PER_SEC / USEC_PER_MSEC);
		return;
	}
	if (usec < accuracy_usec)
		buf_adds(out, usec == 0 ? "0" : accuracy_usec <= USEC_PER_MSEC ? "0ms" : "0s");
	else
		value_format_sec(usec - usec % accuracy_usec, out);
}

void bytes_format(uint64_t n, struct buf *out)
{
	static const char letters[] = "KMGTPE";
	unsigned shift = 0;

	while (shift + 10 <= 60 && n >> (shift + 10))
		shift += 10;
	if (shift == 0)
		buf_addf(out, "%" PRIu64 "B", n);
	else
		buf_addf(out, "%" PRIu64 ".%u%c", n >> shift,
			 (unsigned)(((n >> (shift - 10)) & 1023) * 10 / 1024), letters[shift / 10 - 1]);
}

void json_string(FILE *f, const char *t)
{
	fputc('"', f);
	for (; *t; t++) {
		unsigned char c = (unsigned char)*t;

		if (c == '"' || c == '\\')
			fprintf(f, "\\%c", c);
		else if (c < 0x20)
			fprintf(f, "\\u%04x", c);
		else
			fputc(c, f);
	}
	fputc('"', f);
}

char *text_word(char **rest)
{
	char *p = *rest + strspn(*rest, " \n"), *word = p, *out = p;
	bool quoted = false;

	if (!*p)
		return NULL;
	for (; *p && (quoted || (*p != ' ' && *p != '\n')); p++) {
		if (*p == '"')
			quoted = !quoted;
		else
			*out++ = quoted && *p == '\\' && p[1] ? *++p : *p;
	}
	*rest = *p ? p + 1 : p;
	*out = '\0';
	return word;
}
