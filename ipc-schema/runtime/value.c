/* value.c - the values that keys hold: numbers, spans, sizes, signals, words, string vectors; systemd.time(7), systemd.syntax(7) */
#include <ctype.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <strings.h>
#include "value.h"

#define STRV_MAX 16384                  /* most elements of a list that a file may fill */

int value_bool(const char *s, bool *ret)
{
	static const char *const yes[] = { "1", "yes", "y", "true", "t", "on" }, *const no[] = { "0", "no", "n", "false", "f", "off" };

	for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
		if (strcasecmp(s, yes[i]) == 0 || strcasecmp(s, no[i]) == 0) {
			*ret = strcasecmp(s, yes[i]) == 0;
			return 0;
		}
	}
	return -EINVAL;
}

int value_unsigned(const char *s, uint64_t max, uint64_t *ret)
{
	int base = 10;
	uint64_t v;
	char *end;

	while (isspace((unsigned char)*s))
		s++;
	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X'))
		base = 16;
	else if (s[0] == '0' && (s[1] == 'b' || s[1] == 'B'))
		base = 2, s += 2;
	else if (s[0] == '0' && (s[1] == 'o' || s[1] == 'O'))
		base = 8, s += 2;
	else if (s[0] == '0' && s[1])
		base = 8;
	if (!isxdigit((unsigned char)*s))
		return -EINVAL;
	errno = 0;
	v = strtoull(s, &end, base);
	if (*end || end == s)
		return -EINVAL;
	if (errno == ERANGE || v > max)
		return -ERANGE;
	*ret = v;
	return 0;
}

/* -- time spans and sizes: a list of numbers with a unit each -- */
struct unit_word { const char *name; uint64_t factor; };

static const struct unit_word time_words[] = {
	{ "seconds", USEC_PER_SEC }, { "second", USEC_PER_SEC }, { "sec", USEC_PER_SEC }, { "s", USEC_PER_SEC },
	{ "minutes", 60 * USEC_PER_SEC }, { "minute", 60 * USEC_PER_SEC }, { "min", 60 * USEC_PER_SEC },
	{ "months", 2629800 * USEC_PER_SEC }, { "month", 2629800 * USEC_PER_SEC }, { "M", 2629800 * USEC_PER_SEC },
	{ "msec", USEC_PER_MSEC }, { "ms", USEC_PER_MSEC }, { "m", 60 * USEC_PER_SEC },
	{ "hours", 3600 * USEC_PER_SEC }, { "hour", 3600 * USEC_PER_SEC }, { "hr", 3600 * USEC_PER_SEC }, { "h", 3600 * USEC_PER_SEC },
	{ "days", 86400 * USEC_PER_SEC }, { "day", 86400 * USEC_PER_SEC }, { "d", 86400 * USEC_PER_SEC },
	{ "weeks", 7 * 86400 * USEC_PER_SEC }, { "week", 7 * 86400 * USEC_PER_SEC }, { "w", 7 * 86400 * USEC_PER_SEC },
	{ "years", 31557600 * USEC_PER_SEC }, { "year", 31557600 * USEC_PER_SEC }, { "y", 31557600 * USEC_PER_SEC },
	{ "usec", 1 }, { "us", 1 }, { "\xc2\xb5s", 1 }, { "\xce\xbcs", 1 },
	{ NULL, 0 },
};
static const struct unit_word size_words[] = {
	{ "E", UINT64_C(1) << 60 }, { "P", UINT64_C(1) << 50 }, { "T", UINT64_C(1) << 40 }, { "G", UINT64_C(1) << 30 },
	{ "M", UINT64_C(1) << 20 }, { "K", UINT64_C(1) << 10 }, { "B", 1 },
	{ NULL, 0 },
};

/* ".25" of @factor. Of time each digit's share is rounded down, as systemd does it; a size is exact */
static uint64_t fraction_of(const char *digits, uint64_t factor, bool time)
{
	uint64_t sum = 0, scale = 1;

	for (uint64_t share = factor / 10; time && isdigit((unsigned char)*digits) && share > 0; digits++, share /= 10)
		sum += share * (unsigned)(*digits - '0');
	if (time)
		return sum;
	/* seventeen digits are finer than any unit can tell */
	for (; isdigit((unsigned char)*digits) && scale < 100000000000000000u; digits++, scale *= 10)
		sum = sum * 10 + (unsigned)(*digits - '0');
	return (uint64_t)((unsigned __int128)factor * sum / scale);
}

/* "123" or "1.25" at *p, times the word behind it (@fallback when there is none) */
static int scaled_number(const char **p, const struct unit_word *words, uint64_t fallback, uint64_t *ret)
{
	const char *s = *p, *fraction = NULL, *end;
	const bool time = words == time_words;
	uint64_t n = 0, factor = fallback, v;

	if (*s == '-')
		return -ERANGE;
	if (*s == '+')
		s++;
	if (!isdigit((unsigned char)*s) && *s != '.')
		return -EINVAL;
	for (; isdigit((unsigned char)*s); s++)
		if (__builtin_mul_overflow(n, 10u, &n) || __builtin_add_overflow(n, (unsigned)(*s - '0'), &n) || (time && n > INT64_MAX))
			return -ERANGE;
	if (*s == '.') {
		fraction = ++s;
		if (!isdigit((unsigned char)*s))
			return -EINVAL;
		s += strspn(s, "0123456789");
	}
	end = s;
	s += strspn(s, " \t\n\r");
	while (words->name && !startswith(s, words->name))
		words++;
	if (words->name) {
		factor = words->factor;
		s += strlen(words->name);
	} else if (time && s == end && *s) {
		return -EINVAL;                         /* "5x", "5+6": neither a unit nor the end */
	}
	if (__builtin_mul_overflow(n, factor, &v) || (fraction && __builtin_add_overflow(v, fraction_of(fraction, factor, time), &v)))
		return -ERANGE;
	*ret = v;
	*p = s;
	return 0;
}

static int sum_of_numbers(const char *s, const struct unit_word *words, uint64_t fallback, uint64_t *ret)
{
	uint64_t sum = 0, v;
	bool any = false;

	for (;;) {
		int r;

		while (isspace((unsigned char)*s))
			s++;
		if (!*s)
			break;
		r = scaled_number(&s, words, fallback, &v);
		if (r < 0)
			return r;
		if (__builtin_add_overflow(sum, v, &sum) || sum == UINT64_MAX)
			return -ERANGE;
		any = true;
	}
	if (!any)
		return -EINVAL;
	*ret = sum;
	return 0;
}

static bool is_infinity(const char *s)
{
	while (isspace((unsigned char)*s))
		s++;
	if (!startswith(s, "infinity"))
		return false;
	for (s += strlen("infinity"); isspace((unsigned char)*s); s++)
		;
	return !*s;
}

int value_sec(const char *s, uint64_t default_unit_usec, uint64_t *ret_usec)
{
	if (is_infinity(s)) {
		*ret_usec = USEC_INFINITY;
		return 0;
	}
	return sum_of_numbers(s, time_words, default_unit_usec, ret_usec);
}

int value_size(const char *s, uint64_t *ret)
{
	if (is_infinity(s)) {
		*ret = UINT64_MAX;
		return 0;
	}
	return sum_of_numbers(s, size_words, 1, ret);
}

/* As systemctl(1) shows spans: whole units, and below a minute the rest as a fraction. */
void value_format_sec(uint64_t usec, struct buf *out)
{
	static const struct unit_word shown[] = {
		{ "y", 31557600 * USEC_PER_SEC }, { "month", 2629800 * USEC_PER_SEC }, { "w", 7 * 86400 * USEC_PER_SEC }, { "d", 86400 * USEC_PER_SEC },
		{ "h", 3600 * USEC_PER_SEC }, { "min", 60 * USEC_PER_SEC }, { "s", USEC_PER_SEC }, { "ms", USEC_PER_MSEC }, { "us", 1 },
	};
	const char *space = "";

	if (usec == USEC_INFINITY) {
		buf_adds(out, "infinity");
		return;
	}
	if (usec == 0)
		buf_adds(out, "0");
	for (size_t i = 0; i < ARRAY_SIZE(shown) && usec; i++) {
		uint64_t whole = usec / shown[i].factor, rest = usec % shown[i].factor;

		if (!whole)
			continue;
		if (usec < 60 * USEC_PER_SEC && rest) {
			buf_addf(out, "%s%llu.%0*llu%s", space, (unsigned long long)whole, shown[i].factor == USEC_PER_SEC ? 6 : 3,
				 (unsigned long long)rest, shown[i].name);
			return;
		}
		buf_addf(out, "%s%llu%s", space, (unsigned long long)whole, shown[i].name);
		usec = rest;
		space = " ";
	}
}

/* -- signals -- */
static const struct { int signo; const char *name; } signals[] = {
#define S(n) { n, #n }
	S(SIGHUP), S(SIGINT), S(SIGQUIT), S(SIGILL), S(SIGTRAP), S(SIGABRT), S(SIGBUS), S(SIGFPE), S(SIGKILL), S(SIGUSR1), S(SIGSEGV),
	S(SIGUSR2), S(SIGPIPE), S(SIGALRM), S(SIGTERM), S(SIGSTKFLT), S(SIGCHLD), S(SIGCONT), S(SIGSTOP), S(SIGTSTP), S(SIGTTIN),
	S(SIGTTOU), S(SIGURG), S(SIGXCPU), S(SIGXFSZ), S(SIGVTALRM), S(SIGPROF), S(SIGWINCH), S(SIGIO), S(SIGPWR), S(SIGSYS),
#undef S
#define R(n) { 34 + n, "SIGRTMIN+" #n }
	R(0), R(1), R(2), R(3), R(4), R(5), R(6), R(7), R(8), R(9), R(10), R(11), R(12), R(13), R(14), R(15), R(16), R(17), R(18), R(19),
	R(20), R(21), R(22), R(23), R(24), R(25), R(26), R(27), R(28), R(29), R(30),
#undef R
};

const char *signal_name(int signo)
{
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		if (signals[i].signo == signo)
			return signals[i].name;
	return NULL;
}

int value_signal(const char *s, int *ret)
{
	uint64_t n;

	if (isdigit((unsigned char)*s)) {
		if (value_unsigned(s, 64, &n) < 0 || n == 0)
			return -EINVAL;
		*ret = (int)n;
		return 0;
	}
	if (startswith(s, "SIG"))
		s += 3;
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		if (streq(signals[i].name + 3, s)) {
			*ret = signals[i].signo;
			return 0;
		}
	}
	if (streq(s, "RTMIN") || streq(s, "RTMAX") || streq(s, "POLL") || streq(s, "IOT")) {
		*ret = streq(s, "RTMIN") ? 34 : streq(s, "RTMAX") ? 64 : streq(s, "POLL") ? SIGIO : SIGABRT;
		return 0;
	}
	if (startswith(s, "RTMAX-") && value_unsigned(s + 6, 30, &n) == 0) {
		*ret = 64 - (int)n;
		return 0;
	}
	return -EINVAL;
}

/* -- words -- */
static int hex_value(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static size_t put_utf8(uint32_t c, char *out)
{
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	if (n == 1) {
		out[0] = (char)c;
		return 1;
	}
	for (size_t i = n - 1; i > 0; i--, c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)((0xf00 >> n) | c);      /* 110xxxxx, 1110xxxx, 11110xxx */
	return n;
}

int value_unescape(const char *s, char out[4], size_t *len)
{
	static const char from[] = "abfnrtv\\\"'s", to[] = "\a\b\f\n\r\t\v\\\"' ";
	const char *simple = *s ? strchr(from, *s) : NULL;
	int digits = *s == 'x' ? 2 : *s == 'u' ? 4 : *s == 'U' ? 8 : 0;
	uint32_t c = 0;

	*len = 1;
	if (simple) {
		out[0] = to[simple - from];
		return 1;
	}
	if (digits) {
		for (int i = 1; i <= digits; i++) {
			int h = hex_value(s[i]);

			if (h < 0)
				return -EINVAL;
			c = c << 4 | (uint32_t)h;
		}
		if (c == 0 || (digits > 2 && (c > 0x10ffff || (c >= 0xd800 && c < 0xe000))))
			return -EINVAL;
		if (digits == 2)
			out[0] = (char)c;
		else
			*len = put_utf8(c, out);
		return digits + 1;
	}
	for (int i = 0; i < 3; i++) {
		if (s[i] < '0' || s[i] > '7')
			return -EINVAL;
		c = c << 3 | (uint32_t)(s[i] - '0');
	}
	if (c == 0 || c > 255)
		return -EINVAL;
	out[0] = (char)c;
	return 3;
}

static int read_word(const char **p, bool unescape, bool lax, char **ret)
{
	const char *s = *p, *opened = NULL;
	_cleanup_(freep) char *word = NULL;
	size_t n = 0;
	char quote = 0;

	s += strspn(s, " \t\n\r");
	if (!*s) {
		*p = s;
		return 0;
	}
	word = malloc(strlen(s) + 1);
	if (!word)
		return -ENOMEM;
	for (; *s && (quote || !strchr(" \t\n\r", *s)); s++) {
		if (*s == '\\' && unescape) {
			size_t len;
			int used = value_unescape(s + 1, word + n, &len);

			if (used < 0 && lax) {
				word[n++] = *s;
				continue;
			}
			if (used < 0) {
				*p = s;
				return used;
			}
			n += len;
			s += used;
		} else if (quote ? *s == quote : *s == '"' || *s == '\'') {
			quote = quote ? 0 : *s;
			opened = s;
		} else {
			word[n++] = *s;
		}
	}
	if (quote) {
		*p = opened;
		return -EINVAL;
	}
	word[n] = '\0';
	*p = s + strspn(s, " \t\n\r");
	*ret = TAKE_PTR(word);
	return 1;
}

int value_word(const char **p, bool unescape, char **ret) { return read_word(p, unescape, false, ret); }
int value_word_lax(const char **p, char **ret) { return read_word(p, true, true, ret); }

/* -- string vectors -- */
size_t strv_len(char *const *v)
{
	size_t n = 0;

	while (v && v[n])
		n++;
	return n;
}

int strv_consume(char ***v, char *s)
{
	size_t n = strv_len(*v);
	char **w;

	if (!s)
		return -ENOMEM;
	w = n < STRV_MAX ? reallocarray(*v, n + 2, sizeof(char *)) : NULL;
	if (!w) {
		free(s);
		return n < STRV_MAX ? -ENOMEM : -E2BIG;
	}
	w[n] = s;
	w[n + 1] = NULL;
	*v = w;
	return 0;
}

int strv_add(char ***v, const char *s)
{
	return strv_consume(v, strdup(s));
}

void strv_free(char **v)
{
	for (size_t i = 0; v && v[i]; i++)
		free(v[i]);
	free(v);
}

bool strv_has(char *const *v, const char *s)
{
	for (size_t i = 0; v && v[i]; i++)
		if (streq(v[i], s))
			return true;
	return false;
}

char **strv_copy(char *const *v)
{
	_cleanup_(strv_freep) char **c = NULL;

	for (size_t i = 0; v && v[i]; i++)
		if (strv_add(&c, v[i]) < 0)
			return NULL;
	return TAKE_PTR(c);
}

void value_format_word(const char *s, size_t n, struct buf *out)
{
	static const char escapes[] = "\aa\bb\tt\nn\vv\ff\rr";
	bool plain = n > 0;

	for (size_t i = 0; i < n && plain; i++)
		plain = (unsigned char)s[i] > ' ' && s[i] != 0x7f && !strchr("\"\\`$*?['()<>|&;!", s[i]);
	if (plain) {
		buf_add(out, s, n);
		return;
	}
	buf_addc(out, '"');
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];
		const char *e = c >= 7 && c <= 13 ? memchr(escapes, c, sizeof(escapes) - 1) : NULL;

		if (e)
			buf_addf(out, "\\%c", e[1]);
		else if (c < ' ' || c == 0x7f)
			buf_addf(out, "\\%03o", c);
		else
			buf_addf(out, strchr("\"\\`$", c) ? "\\%c" : "%c", c);
	}
	buf_addc(out, '"');
}

void value_format_words(char *const *v, struct buf *out)
{
	for (size_t i = 0; v && v[i]; i++) {
		buf_adds(out, i ? " " : "");
		value_format_word(v[i], strlen(v[i]), out);
	}
}

const char *key_enum_name(const struct key_enum *t, int value)
{
	for (; t->name; t++)
		if (t->value == value)
			return t->name;
	return NULL;
}

int key_enum_value(const struct key_enum *t, const char *name, int *ret)
{
	for (; t->name; t++) {
		if (streq(t->name, name)) {
			*ret = t->value;
			return 0;
		}
	}
	return -EINVAL;
}
