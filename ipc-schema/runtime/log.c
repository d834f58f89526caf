/* log.c - see log.h; one line is composed on the stack and leaves with one write(2) */
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include "buf.h"
#include "log.h"

#define LINE_BYTES 2048
#define KMSG_BYTES 960                  /* the kernel refuses records over 1024 bytes, its own prefix included */
#define FLOOD_USEC (5 * USEC_PER_SEC)
#define FLOOD_IDS 64

static struct {
	char program[64];
	enum log_target target;
	int fd, level;
} self = { .target = LOG_TO_STDERR, .fd = STDERR_FILENO, .level = LOG_INFO };

/* How many lines of an id there were lately. A slot is found by hash; another id may take it over. */
static struct flood { char id[48]; uint64_t since_usec; uint32_t lines, dropped; } floods[FLOOD_IDS];

void log_open(const char *program, enum log_target target, const char *path_or_null)
{
	int saved = errno, fd = -1;

	snprintf(self.program, sizeof(self.program), "%s", program);
	if (target == LOG_TO_KMSG)
		fd = open(path_or_null ? path_or_null : "/dev/kmsg", O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	else if (target == LOG_TO_FILE && path_or_null)
		fd = open(path_or_null, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0640);
	if (self.target != LOG_TO_STDERR)
		close(self.fd);
	self.target = fd < 0 ? LOG_TO_STDERR : target;
	self.fd = fd < 0 ? STDERR_FILENO : fd;
	errno = saved;
}

int log_fd(void) { return self.fd; }
void log_set_level(int level) { self.level = level; }
int log_level(void) { return self.level; }

int log_level_parse(const char *s, int *ret)
{
	static const char *const names[] = { "emerg", "alert", "crit", "err", "warning", "notice", "info", "debug" };

	for (int i = 0; i < (int)ARRAY_SIZE(names); i++)
		if (streq(s, names[i]) || (s[0] == '0' + i && s[1] == '\0')) {
			*ret = i;
			return 0;
		}
	return -EINVAL;
}

/* A value as one word: quoted when it has blanks; control characters as \xNN, so that nobody writes lines of ours. */
static void add_word(struct buf *b, const char *s)
{
	bool quote = !*s || strpbrk(s, " \"=[]") != NULL;

	if (quote)
		buf_addc(b, '"');
	for (; *s; s++) {
		if ((unsigned char)*s < ' ' || *s == 127)
			buf_addf(b, "\\x%02x", (unsigned)(unsigned char)*s);
		else if (*s == '"' || *s == '\\')
			buf_addf(b, "\\%c", *s);
		else
			buf_addc(b, *s);
	}
	if (quote)
		buf_addc(b, '"');
}

static void add_text(struct buf *b, const char *s)
{
	for (; *s; s++)
		buf_addc(b, (unsigned char)*s < ' ' || *s == 127 ? ' ' : *s);
}

static void add_field(struct buf *b, const struct log_field *f)
{
	const char *name;

	buf_addf(b, " %s=", f->name);
	switch (f->kind) {
	case LOG_F_STR:
		add_word(b, f->s ? f->s : "");
		break;
	case LOG_F_I64:
		buf_addf(b, "%lld", (long long)f->i);
		break;
	case LOG_F_U64:
		buf_addf(b, "%llu", (unsigned long long)f->u);
		break;
	case LOG_F_ERRNO:
		name = strerrorname_np((int)-f->i);
		if (name)
			buf_adds(b, name);
		else
			buf_addf(b, "%lld", (long long)f->i);
		break;
	}
}

/* UTC; written out because gmtime_r(3) may read the time zone's file. */
static void add_time(struct buf *b)
{
	static const uint8_t lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	uint64_t usec = now_usec(CLOCK_REALTIME), sec = usec / USEC_PER_SEC, days = sec / 86400;
	unsigned year = 1970, month = 0, leap;

	for (;; year++, days -= 365 + leap) {
		leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
		if (days < 365 + leap)
			break;
	}
	for (; month < 11; month++) {
		unsigned length = lengths[month] + (month == 1 ? leap : 0);

		if (days < length)
			break;
		days -= length;
	}
	buf_addf(b, "%04u-%02u-%02uT%02u:%02u:%02u.%06uZ ", year, month + 1, (unsigned)days + 1, (unsigned)(sec / 3600 % 24),
		 (unsigned)(sec / 60 % 60), (unsigned)(sec % 60), (unsigned)(usec % USEC_PER_SEC));
}

static void begin(struct buf *b, int level)
{
	if (self.target == LOG_TO_KMSG)
		buf_addf(b, "<%d>%s: ", LOG_DAEMON | level, self.program);
	else if (self.target == LOG_TO_FILE)
		add_time(b);
	if (self.target == LOG_TO_FILE)
		buf_addf(b, "%s: ", self.program);
}

/* What did not fit into the line is cut off. A reader of stderr who is slow or gone costs the line, not our time. */
static void send_line(struct buf *b)
{
	struct pollfd pfd = { .fd = self.fd, .events = POLLOUT };
	size_t n = self.target == LOG_TO_KMSG ? MIN(b->len, (size_t)KMSG_BYTES) : b->len;

	b->data[n++] = '\n';            /* the buffer's owner keeps a byte for it */
	if (self.target == LOG_TO_STDERR && (poll(&pfd, 1, 0) != 1 || pfd.revents != POLLOUT))
		return;
	if (write(self.fd, b->data, n) < 0)
		return;                 /* nowhere left to say so */
}

static void line(int level, const char *id, const char *text, const struct log_field *fields, size_t n)
{
	char mem[LINE_BYTES];
	struct buf b = { .data = (uint8_t *)mem, .cap = sizeof(mem) - 1, .fixed = true };

	begin(&b, level);
	add_text(&b, text);
	if (id)
		buf_addf(&b, " [%s", id);
	for (size_t i = 1; i < n; i++)
		add_field(&b, &fields[i]);
	if (id)
		buf_addc(&b, ']');
	send_line(&b);
}

static void end_window(struct flood *f)
{
	char text[64];

	if (f->dropped) {
		snprintf(text, sizeof(text), "suppressed %u lines", f->dropped);
		line(LOG_WARNING, f->id, text, NULL, 0);
	}
	*f = (struct flood){ 0 };
}

/* One slot's old window is looked at each time, so that a count is said even when its id never comes again. */
static bool is_flood(const char *id)
{
	static size_t visit;
	uint64_t now = now_usec(CLOCK_MONOTONIC);
	struct flood *f, *old = &floods[visit++ % FLOOD_IDS];
	uint32_t hash = 2166136261u;

	if (old->lines && now - old->since_usec > FLOOD_USEC)
		end_window(old);
	for (const char *p = id; *p; p++)
		hash = (hash ^ (unsigned char)*p) * 16777619u;
	f = &floods[hash % FLOOD_IDS];
	if (f->lines && (now - f->since_usec > FLOOD_USEC || strncmp(f->id, id, sizeof(f->id) - 1) != 0))
		end_window(f);
	if (f->lines == 0) {
		f->since_usec = now;
		snprintf(f->id, sizeof(f->id), "%s", id);
	}
	if (++f->lines <= LOG_BURST)
		return false;
	f->dropped++;
	return true;
}

void log_write(int level, const char *id, const char *text, const struct log_field *fields, size_t n)
{
	int saved = errno;

	if (level <= self.level && !is_flood(id))
		line(level, id, text, fields, n);
	errno = saved;
}

void log_line(int level, const char *fmt, ...)
{
	char text[LINE_BYTES];
	int saved = errno;
	va_list ap;

	if (level > self.level)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	line(level, NULL, text, NULL, 0);
	errno = saved;
}
