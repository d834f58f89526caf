/* sink.c - where lines go */
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include "log/sink.h"

#define KMSG_RECORD 960                 /* the kernel refuses a record of more than 1,024 bytes with what it puts in front */
#define SYSLOG_RECORD 8192
#define HEAD_MAX 160

static struct sink_config config;
static int kmsg_fd = -1, syslog_fd = -1;

int sink_open(const struct sink_config *c)
{
	config = *c;
	if (mkdir(c->ring_dir, 0755) < 0 && errno != EEXIST)
		return -errno;
	kmsg_fd = open(c->kmsg, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_APPEND);
	syslog_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	return syslog_fd < 0 ? -errno : 0;
}

void sink_close(void)
{
	closep(&kmsg_fd);
	closep(&syslog_fd);
}

/* "ident[pid]: " */
static int name_of(const struct entry *e, char *out, size_t size)
{
	const char *ident = *e->ident ? e->ident : "unknown";

	return e->pid ? snprintf(out, size, "%.64s[%u]: ", ident, e->pid) : snprintf(out, size, "%.64s: ", ident);
}

/* what a terminal or a line-based reader would trip over */
static void put_clean(char *to, const char *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] = ((unsigned char)from[i] >= 0x20 && from[i] != 0x7f) || from[i] == '\t' ? from[i] : '?';
}

/* as near to @n as a chunk may end without cutting a character of UTF-8 */
static size_t cut(const char *p, size_t n, size_t max)
{
	if (n <= max)
		return n;
	n = max;
	for (int i = 0; i < 3 && n > 1 && ((unsigned char)p[n] & 0xc0) == 0x80; i++)
		n--;
	return n;
}

/* ---- the daemon ---- */

static int to_syslog(const struct entry *e)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	char record[SYSLOG_RECORD + HEAD_MAX];
	time_t now = time(NULL);
	struct stat st;
	struct tm tm;
	int head, r = 0;

	if (strlen(config.syslog) >= sizeof(sa.sun_path))
		return -ENAMETOOLONG;
	if (lstat(config.syslog, &st) < 0 || !S_ISSOCK(st.st_mode))
		return -ENOTCONN;
	strcpy(sa.sun_path, config.syslog);
	localtime_r(&now, &tm);
	head = snprintf(record, HEAD_MAX, "<%u>", e->priority);
	head += (int)strftime(record + head, HEAD_MAX - (size_t)head, "%b %e %H:%M:%S ", &tm);
	head += name_of(e, record + head, HEAD_MAX - (size_t)head);
	for (size_t at = 0; r == 0 && (at < e->len || at == 0);) {
		size_t n = cut(e->text + at, e->len - at, SYSLOG_RECORD);

		put_clean(record + head, e->text + at, n);
		if (sendto(syslog_fd, record, (size_t)head + n, MSG_DONTWAIT | MSG_NOSIGNAL, (struct sockaddr *)&sa, sizeof(sa)) < 0)
			r = at ? 0 : -errno;            /* half of a line that is there is not said twice */
		at += n;
		if (!n)
			break;
	}
	return r;
}

/* ---- the kernel ---- */

static void to_kmsg(const struct entry *e)
{
	char record[KMSG_RECORD];
	int head = snprintf(record, HEAD_MAX, "<%u>", e->priority);

	if (kmsg_fd < 0)
		return;
	head += name_of(e, record + head, HEAD_MAX - (size_t)head);
	for (size_t at = 0; at < e->len;) {
		size_t n = cut(e->text + at, e->len - at, sizeof(record) - (size_t)head - 1);
		ssize_t k;

		put_clean(record + head, e->text + at, n);
		record[(size_t)head + n] = '\n';        /* without it nobody can read the record before another one follows */
		do
			k = write(kmsg_fd, record, (size_t)head + n + 1);
		while (k < 0 && errno == EINTR);
		if (k < 0)
			return;
		at += n;
	}
}

/* ---- the ring ---- */

static void to_ring(const struct entry *e)
{
	char path[512], old[520], head[HEAD_MAX], text[2048];
	_cleanup_(closep) int fd = -1;
	size_t n = cut(e->text, e->len, sizeof(text) - 1);
	struct stat st;
	int len;

	if (!e->unit || !*e->unit || strchr(e->unit, '/') || *e->unit == '.' ||
	    snprintf(path, sizeof(path), "%s/%.255s", config.ring_dir, e->unit) >= (int)sizeof(path))
		return;
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (fd < 0 || fstat(fd, &st) < 0)
		return;
	if (st.st_size > RING_FILE) {
		snprintf(old, sizeof(old), "%s.old", path);
		if (rename(path, old) < 0)
			return;
		close(fd);
		fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
		if (fd < 0)
			return;
	}
	len = snprintf(head, sizeof(head), "%llu %u %.64s %u ", (unsigned long long)now_usec(CLOCK_REALTIME), e->priority, *e->ident ? e->ident : "unknown", e->pid);
	put_clean(text, e->text, n);
	text[n++] = '\n';
	/* one write: a reader sees whole lines */
	char line[sizeof(head) + sizeof(text)];

	memcpy(line, head, (size_t)len);
	memcpy(line + len, text, n);
	if (write(fd, line, (size_t)len + n) < 0)
		return;
}

void sink_write(const struct entry *e)
{
	if (!e->len)
		return;
	to_ring(e);
	if (to_syslog(e) < 0)
		to_kmsg(e);
}
