/* lines.c - two sources, one order; a line that syslog copied from the kernel log is shown once */
#include <ctype.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include "lines.h"
#include "text.h"

#define KEEP_MAX 10000                                  /* bound of --lines= */
#define RECORD_MAX 8192

/* where Debian and others have syslog daemons write: all, and what only the administrator should see */
static const char *const log_files[] = { "/var/log/syslog", "/var/log/auth.log", "/var/log/messages", "/var/log/secure" };

struct line { uint64_t usec; pid_t pid; int priority; char *tag, *text; };
struct keep { struct line *v; size_t n, cap, limit; };

static void line_done(struct line *l)
{
	free(l->tag);
	free(l->text);
}

static void keep_done(struct keep *k)
{
	for (size_t i = 0; i < k->n; i++)
		line_done(&k->v[i]);
	free(k->v);
}

/* the last .limit lines of one source */
static int keep_add(struct keep *k, uint64_t usec, int priority, const char *tag, size_t tag_len, pid_t pid, const char *text)
{
	struct line l = { .usec = usec, .pid = pid, .priority = priority, .tag = strndup(tag, tag_len), .text = strdup(text) };

	if (!l.tag || !l.text) {
		line_done(&l);
		return -ENOMEM;
	}
	if (k->n == k->cap && k->n < 2 * k->limit) {
		size_t cap = k->cap ? k->cap * 2 : 64;
		struct line *v = reallocarray(k->v, cap, sizeof(*v));

		if (!v) {
			line_done(&l);
			return -ENOMEM;
		}
		k->v = v;
		k->cap = cap;
	}
	if (k->n == k->cap) {                           /* drop the older half at once */
		for (size_t i = 0; i < k->n / 2; i++)
			line_done(&k->v[i]);
		memmove(k->v, k->v + k->n / 2, (k->n - k->n / 2) * sizeof(*k->v));
		k->n -= k->n / 2;
	}
	k->v[k->n++] = l;
	return 0;
}

/* "tag[12]: text" -> its parts; tag_len 0: it does not look like that */
static const char *split(const char *t, size_t *tag_len, pid_t *pid)
{
	size_t n = strcspn(t, "[: \n");
	char *end;

	*tag_len = 0;
	*pid = 0;
	if (n == 0 || t[n] == ' ' || t[n] == '\0' || t[n] == '\n')
		return t;
	if (t[n] == '[') {
		long number = strtol(t + n + 1, &end, 10);

		if (*end != ']' || number <= 0)
			return t;
		*pid = (pid_t)number;
		end++;
	} else {
		end = (char *)t + n;
	}
	if (*end != ':')
		return t;
	*tag_len = n;
	end++;
	return *end == ' ' ? end + 1 : end;
}

static bool belongs(const struct line_filter *f, const char *tag, size_t tag_len, pid_t pid, const char *text)
{
	char needle[300];
	const char *at;

	if (pid > 0)
		for (size_t i = 0; i < f->n_pids; i++)
			if (f->pids[i] == pid)
				return true;
	if (f->identifier && *f->identifier && strlen(f->identifier) == tag_len && memcmp(f->identifier, tag, tag_len) == 0)
		return true;
	snprintf(needle, sizeof(needle), "UNIT=%s", f->unit);
	at = strstr(text, needle);
	return at && !strchr("-_.@:\\", at[strlen(needle)] ? at[strlen(needle)] : ' ') && !isalnum((unsigned char)at[strlen(needle)]);
}

/* "6,1234,5678901,-;text" of /dev/kmsg; Documentation/ABI/testing/dev-kmsg */
static void kmsg_record(const struct line_filter *f, struct keep *k, char *record, uint64_t boot_usec)
{
	char *text = strchr(record, ';');
	unsigned priority;
	uint64_t usec;
	size_t tag_len;
	const char *rest, *caller, *tag;
	pid_t pid;

	if (!text || sscanf(record, "%u,%*u,%" SCNu64, &priority, &usec) != 2)
		return;
	*text++ = '\0';
	text[strcspn(text, "\n")] = '\0';
	rest = split(text, &tag_len, &pid);
	caller = strstr(record, ",caller=T");            /* kernels with CONFIG_PRINTK_CALLER say who wrote it */
	if (tag_len == 0 && caller && priority >> 3 > 0)
		pid = (pid_t)strtol(caller + 9, NULL, 10);
	if (boot_usec + usec < f->since_usec || !belongs(f, text, tag_len, pid, text))
		return;
	tag = tag_len > 0 ? text : priority >> 3 == 0 ? "kernel" : f->identifier && *f->identifier ? f->identifier : f->unit;
	keep_add(k, boot_usec + usec, (int)(priority & 7), tag, tag_len ? tag_len : strlen(tag), pid, rest);
}

static void read_kmsg(const struct line_filter *f, struct keep *k, uint64_t boot_usec)
{
	_cleanup_(closep) int fd = open(f->kmsg ? f->kmsg : "/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char record[RECORD_MAX];
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || S_ISREG(st.st_mode))
		return;                                 /* a plain file has no records */
	for (unsigned i = 0; i < LINES_KMSG; i++) {
		ssize_t n = read(fd, record, sizeof(record) - 1);

		if (n < 0 && errno == EPIPE)
			continue;                       /* overwritten while we read: go on with the oldest there is */
		if (n <= 0)
			return;
		record[n] = '\0';
		kmsg_record(f, k, record, boot_usec);
	}
}

/* both forms a syslog daemon writes: RFC 3339 and "Nov 21 09:42:10"; returns what follows the time, NULL: neither */
static const char *syslog_time(const char *t, uint64_t now, uint64_t *ret)
{
	struct tm tm = { .tm_isdst = -1 };
	const char *end = strptime(t, "%Y-%m-%dT%H:%M:%S", &tm);
	uint64_t fraction = 0, scale = 100000;
	time_t sec;

	if (end) {
		long zone = 0;

		if (*end == '.')
			for (end++; isdigit((unsigned char)*end); end++, scale /= 10)
				fraction += (uint64_t)(*end - '0') * scale;
		if ((*end == '+' || *end == '-') && strlen(end) >= 6)
			zone = (strtol((char[]){ end[1], end[2], 0 }, NULL, 10) * 60 + strtol((char[]){ end[4], end[5], 0 }, NULL, 10)) * (*end == '-' ? -60 : 60);
		sec = timegm(&tm) - zone;
		end = strchr(end, ' ');
	} else {
		time_t today = (time_t)(now / USEC_PER_SEC);
		struct tm date;

		localtime_r(&today, &date);
		tm.tm_year = date.tm_year;
		end = strptime(t, "%b %d %H:%M:%S", &tm);
		if (!end)
			return NULL;
		sec = mktime(&tm);
		if (sec > today + 86400) {              /* of last year */
			tm.tm_year--;
			sec = mktime(&tm);
		}
	}
	*ret = (uint64_t)sec * USEC_PER_SEC + fraction;
	return end && *end == ' ' ? end + 1 : NULL;
}

static void syslog_line(const struct line_filter *f, struct keep *k, const char *t, uint64_t now)
{
	size_t tag_len;
	uint64_t usec;
	pid_t pid;
	const char *rest, *tag = syslog_time(t, now, &usec);

	tag = tag ? strchr(tag, ' ') : NULL;            /* past the host's name */
	if (!tag || usec < f->since_usec)
		return;
	tag++;
	if (startswith(tag, "kernel: "))
		return;                                 /* copied from where we read ourselves */
	rest = split(tag, &tag_len, &pid);
	if (tag_len > 0 && belongs(f, tag, tag_len, pid, rest))
		keep_add(k, usec, 6, tag, tag_len, pid, rest);
}

/* the last bytes of a plain file; NULL: none */
static char *read_end(const char *path)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	_cleanup_(freep) char *text = NULL;
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return NULL;
	text = malloc(LINES_FILE + 1);
	if (!text)
		return NULL;
	n = pread(fd, text, LINES_FILE, MAX(st.st_size - (off_t)LINES_FILE, (off_t)0));
	if (n <= 0)
		return NULL;
	text[n] = '\0';
	return TAKE_PTR(text);
}

static void read_file(const struct line_filter *f, const char *path, struct keep *k)
{
	_cleanup_(freep) char *text = read_end(path);
	uint64_t now = now_usec(CLOCK_REALTIME);
	char *save = NULL;

	for (char *l = text ? strtok_r(text, "\n", &save) : NULL; l; l = strtok_r(NULL, "\n", &save))
		syslog_line(f, k, l, now);
}

/* the same text of the same process within two seconds (one daemon writes whole ones) has come another way */
static void drop_copies(struct keep *k, const struct line *l)
{
	for (size_t i = 0; i < k->n; i++) {
		struct line *o = &k->v[i];
		uint64_t apart = o->usec > l->usec ? o->usec - l->usec : l->usec - o->usec;

		if (o->pid != l->pid || apart > 2 * USEC_PER_SEC || !streq(o->text, l->text))
			continue;
		line_done(o);
		memmove(o, o + 1, (--k->n - i) * sizeof(*o));
		return;
	}
}

static int cmp_line(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	return (x->usec > y->usec) - (x->usec < y->usec);
}

static void style_time(enum line_style style, const struct line *l, uint64_t boot_usec, struct buf *b)
{
	time_t sec = (time_t)(l->usec / USEC_PER_SEC);
	char t[64] = "";
	struct tm tm;

	if (!localtime_r(&sec, &tm))
		return;
	switch (style) {
	case LINES_SHORT_ISO:
		strftime(t, sizeof(t), "%Y-%m-%dT%H:%M:%S%z", &tm);
		buf_adds(b, t);
		return;
	case LINES_SHORT_FULL:
		stamp_format(l->usec, STAMP_PRETTY, b);
		return;
	case LINES_SHORT_ISO_PRECISE:
		strftime(t, sizeof(t), "%Y-%m-%dT%H:%M:%S", &tm);
		buf_addf(b, "%s.%06llu", t, l->usec % USEC_PER_SEC);
		strftime(t, sizeof(t), "%z", &tm);
		buf_adds(b, t);
		return;
	case LINES_SHORT_PRECISE:
		strftime(t, sizeof(t), "%b %d %H:%M:%S", &tm);
		buf_addf(b, "%s.%06llu", t, l->usec % USEC_PER_SEC);
		return;
	case LINES_SHORT_MONOTONIC:
		buf_addf(b, "[%5llu.%06llu]", (l->usec - boot_usec) / USEC_PER_SEC, (l->usec - boot_usec) % USEC_PER_SEC);
		return;
	case LINES_SHORT_UNIX:
		buf_addf(b, "%llu.%06llu", l->usec / USEC_PER_SEC, l->usec % USEC_PER_SEC);
		return;
	case LINES_SHORT:
	case LINES_CAT:
	case LINES_JSON:
	case LINES_JSON_PRETTY:
		strftime(t, sizeof(t), "%b %d %H:%M:%S", &tm);
		buf_adds(b, t);
		return;
	}
}

/* what a hostile program logs must not steer the reader's terminal */
static void add_clean(struct buf *b, const char *t)
{
	for (; *t; t++) {
		if ((unsigned char)*t < ' ' && *t != '\t')
			buf_addf(b, "\\x%02x", (unsigned char)*t);
		else
			buf_addc(b, *t);
	}
}

static void print_line(struct sctl *s, const struct line *l, uint64_t boot_usec, const char *host)
{
	_cleanup_(buf_finish) struct buf b = { 0 };
	_cleanup_(freep) char *cut = NULL;
	enum color c = l->priority <= 3 ? COLOR_RED : l->priority == 4 ? COLOR_YELLOW : COLOR_NONE;
	const char *text;

	if (s->o.output != LINES_CAT) {
		style_time((enum line_style)s->o.output, l, boot_usec, &b);
		buf_addf(&b, " %s ", host);
		add_clean(&b, l->tag);
		if (l->pid > 0)
			buf_addf(&b, "[%d]", (int)l->pid);
		buf_adds(&b, ": ");
	}
	add_clean(&b, l->text);
	text = buf_str(&b);
	if (text && s->columns > 20 && !s->o.full)
		cut = text_cut(s, text, s->columns);
	fprintf(s->out, "%s%s%s\n", color_on(s, c), cut ? cut : text ? text : "", c ? color_off(s) : "");
}

/* the last lines of one file join the others */
static void add_file(const struct line_filter *f, const char *path, struct keep *k)
{
	_cleanup_(keep_done) struct keep own = { .limit = f->count < KEEP_MAX ? f->count + 1 : KEEP_MAX };

	read_file(f, path, &own);
	for (size_t i = 0; i < own.n; i++)
		keep_add(k, own.v[i].usec, own.v[i].priority, own.v[i].tag, strlen(own.v[i].tag), own.v[i].pid, own.v[i].text);
}

/* "USEC PRIORITY IDENT PID TEXT" of the log collector; log/sink.h */
static void ring_line(const struct line_filter *f, struct keep *k, const char *t)
{
	uint64_t usec;
	unsigned priority;
	char ident[80];
	int pid, used = 0;

	if (sscanf(t, "%" SCNu64 " %u %79s %d %n", &usec, &priority, ident, &pid, &used) == 4 && used && usec >= f->since_usec)
		keep_add(k, usec, (int)(priority & 7), ident, strlen(ident), (pid_t)pid, t + used);
}

/* the collector's word goes before that of those to whom it passed the line on */
static void add_rings(const struct line_filter *f, struct keep *k)
{
	_cleanup_(keep_done) struct keep own = { .limit = f->count < KEEP_MAX ? f->count + 1 : KEEP_MAX };
	char path[512];

	for (int i = 0; i < 2 && !strchr(f->unit, '/'); i++) {
		_cleanup_(freep) char *text = NULL;
		char *save = NULL;

		snprintf(path, sizeof(path), "%s/%.255s%s", f->rings ? f->rings : "/run/sysmaster/log", f->unit, i ? "" : ".old");
		text = read_end(path);
		for (char *l = text ? strtok_r(text, "\n", &save) : NULL; l; l = strtok_r(NULL, "\n", &save))
			ring_line(f, &own, l);
	}
	for (size_t i = 0; i < own.n; i++) {
		const struct line *l = &own.v[i];

		drop_copies(k, l);
		keep_add(k, l->usec, l->priority, l->tag, strlen(l->tag), l->pid, l->text);
	}
}

int lines_print(struct sctl *s, const struct line_filter *f)
{
	_cleanup_(keep_done) struct keep k = { .limit = f->count < KEEP_MAX ? f->count + 1 : KEEP_MAX };
	uint64_t boot_usec = now_usec(CLOCK_REALTIME) - now_usec(CLOCK_MONOTONIC);      /* printk counts CLOCK_MONOTONIC */
	char host[65] = "localhost";
	size_t from;
	int printed = 0;

	if (f->count == 0)
		return 0;
	gethostname(host, sizeof(host) - 1);
	read_kmsg(f, &k, boot_usec);
	k.limit = 2 * KEEP_MAX;                         /* from here on nothing is dropped: the sources overlap in time */
	for (size_t i = 0; i < ARRAY_SIZE(log_files) && !f->file; i++)
		add_file(f, log_files[i], &k);
	if (f->file)
		add_file(f, f->file, &k);
	add_rings(f, &k);
	if (k.n > 1)
		qsort(k.v, k.n, sizeof(*k.v), cmp_line);
	from = k.n > f->count ? k.n - f->count : 0;
	for (size_t i = from; i < k.n; i++, printed++)
		print_line(s, &k.v[i], boot_usec, host);
	return printed;
}
