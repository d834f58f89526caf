/* stream.c - connections of services' standard output and error */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <syslog.h>
#include "log.h"
#include "log/cgroup.h"
#include "sdnotify.h"
#include "log/parse.h"
#include "log/sink.h"
#include "log/stream.h"

#define ROUNDS 32                       /* of one stream in a row, then the others */

struct stream {
	struct source source;
	struct stream *next;
	uint64_t number;                /* of the socket: names it with the manager and in DIR */
	char *ident, *unit;             /* NULL: the head has not come yet */
	uint32_t pid;
	unsigned priority;
	bool level_prefix, root, stored, ending;        /* root: its word about the unit counts */
	uint32_t level_max, burst, in_window, dropped;  /* burst 0: no limit */
	uint64_t interval_usec, window_usec;
};

static struct loop *loop;
static struct stream *first;
static size_t count, stored;
static const char *dir, *limits_dir;

static void path_of(const struct stream *s, char out[300]) { snprintf(out, 300, "%.250s/s%llu", dir, (unsigned long long)s->number); }

size_t stream_count(void) { return count; }

/* ---- coming and going ---- */

static void close_stream(struct stream *s)
{
	char path[300], text[64];
	struct stream **p = &first;
	int fd = s->source.fd;

	while (*p != s)
		p = &(*p)->next;
	*p = s->next;
	source_del(&s->source);
	if (s->stored) {
		snprintf(text, sizeof(text), "FDSTOREREMOVE=1\nFDNAME=s%llu", (unsigned long long)s->number);
		sdnotify_send(text, -1);
		stored--;
	}
	path_of(s, path);
	unlink(path);
	close(fd);
	free(s->ident);
	free(s->unit);
	free(s);
	count--;
}

static int save_head(const struct stream *s, const char *head, size_t n)
{
	char path[300], tmp[310];
	_cleanup_(closep) int fd = -1;

	path_of(s, path);
	snprintf(tmp, sizeof(tmp), "%s.new", path);
	fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	return fd < 0 || write(fd, head, n) != (ssize_t)n || rename(tmp, path) < 0 ? -errno : 0;
}

/* ---- text ---- */

/* LogLevelMax= and the like, where sysmaster-exec (and systemd) leave them: links whose targets are numbers */
static uint64_t limit_of(const char *unit, const char *what, uint64_t otherwise)
{
	char path[400], number[24];
	ssize_t n;

	snprintf(path, sizeof(path), "%.80s/%s:%.255s", limits_dir, what, unit);
	n = readlink(path, number, sizeof(number) - 1);
	if (n <= 0)
		return otherwise;
	number[n] = '\0';
	return strtoull(number, NULL, 10);
}

static int know(struct stream *s, const struct head *h)
{
	char unit[PARSE_UNIT_MAX] = "";

	if (s->root && *h->unit)
		memcpy(unit, h->unit, sizeof(unit));
	else
		cgroup_unit(s->pid, unit, sizeof(unit));
	s->level_max = (uint32_t)MIN(limit_of(unit, "log-level-max", LOG_DEBUG), (uint64_t)LOG_DEBUG);
	s->burst = (uint32_t)MIN(limit_of(unit, "log-rate-limit-burst", 0), (uint64_t)UINT32_MAX);
	s->interval_usec = limit_of(unit, "log-rate-limit-interval", 0);
	s->priority = h->priority;
	s->level_prefix = h->level_prefix;
	s->ident = strdup(h->ident);
	s->unit = strdup(unit);
	return s->ident && s->unit ? 0 : -ENOMEM;
}

/* bytes the head takes; 0: not all there yet */
static int take_head(struct stream *s, const char *p, size_t n)
{
	struct head h;
	int r = head_parse(p, n, &h);

	if (r <= 0)
		return r;
	if (know(s, &h) < 0)
		return -ENOMEM;
	if (s->stored && save_head(s, p, (size_t)r) < 0)
		log_event(LOG_WARNING, "LOG_STREAM", "the head of a stream cannot be kept", F_STR("UNIT", s->unit));
	return r;
}

static bool within_rate(struct stream *s)
{
	uint64_t now = now_usec(CLOCK_MONOTONIC);
	char text[80];

	if (!s->burst || !s->interval_usec)
		return true;
	if (!s->window_usec || now - s->window_usec > s->interval_usec) {
		if (s->dropped) {
			snprintf(text, sizeof(text), "%u lines were dropped: LogRateLimitBurst=", s->dropped);
			sink_write(&(struct entry){ .unit = s->unit, .ident = "sysmaster-log", .pid = (uint32_t)getpid(), .priority = LOG_DAEMON | LOG_WARNING, .text = text, .len = strlen(text) });
		}
		s->window_usec = now;
		s->in_window = s->dropped = 0;
	}
	if (s->in_window++ < s->burst)
		return true;
	s->dropped++;
	return false;
}

static void put_line(struct stream *s, const char *p, size_t n)
{
	struct entry e = { .unit = s->unit, .ident = s->ident, .pid = s->pid, .priority = s->priority };
	size_t used = s->level_prefix ? level_parse(p, n, &e.priority) : 0;

	while (n > used && (p[n - 1] == '\r' || p[n - 1] == ' ' || p[n - 1] == '\t'))
		n--;
	e.text = p + used;
	e.len = n - used;
	if (e.len && LOG_PRI(e.priority) <= s->level_max && within_rate(s))
		sink_write(&e);
}

/* bytes of @p that are done with */
static int take_text(struct stream *s, const char *p, size_t n, bool at_end)
{
	size_t done = 0;

	if (!s->unit)
		return take_head(s, p, n);
	while (done < n) {
		const char *eol = memchr(p + done, '\n', n - done);
		size_t len = eol ? (size_t)(eol - p) - done : n - done;

		if (!eol && len < STREAM_LINE_MAX && !at_end)
			break;                          /* the rest of it is to come */
		len = MIN(len, (size_t)STREAM_LINE_MAX);
		put_line(s, p + done, len);
		done += len + (eol && p + done + len == eol);
	}
	return (int)done;
}

static int drop(int fd, size_t n)
{
	char waste[4096];

	while (n) {
		ssize_t got = recv(fd, waste, MIN(n, sizeof(waste)), MSG_DONTWAIT);

		if (got <= 0)
			return -EIO;
		n -= (size_t)got;
	}
	return 0;
}

/* 1: there may be more; 0: nothing to do; <0: it has ended */
static int step(struct stream *s)
{
	static char text[STREAM_LINE_MAX + 16384];
	ssize_t n = recv(s->source.fd, text, sizeof(text), MSG_PEEK | MSG_DONTWAIT);
	int done;

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (n == 0)
		return -EPIPE;
	done = take_text(s, text, (size_t)n, s->ending);
	if (done < 0 || (done == 0 && s->ending))
		return -EBADMSG;
	if (done > 0 && drop(s->source.fd, (size_t)done) < 0)
		return -EIO;
	return done > 0;
}

static int fire(struct source *src, uint32_t events)
{
	struct stream *s = container_of(src, struct stream, source);
	int r = 1;

	s->ending |= events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR);
	for (int i = 0; r > 0 && i < ROUNDS; i++)
		r = step(s);
	if (r < 0 || (r == 0 && s->ending))
		close_stream(s);
	else if (r > 0)
		return source_mod(&s->source, s->source.mask);  /* told of at the edge only: ask to be told again */
	return 0;
}

/* ---- taking in ---- */

static struct stream *add(int fd)
{
	struct stream *s = calloc(1, sizeof(*s));
	struct ucred peer = { 0 };
	socklen_t len = sizeof(peer);
	struct stat st;

	if (!s || fstat(fd, &st) < 0) {
		free(s);
		close(fd);
		return NULL;
	}
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0) {
		s->pid = (uint32_t)peer.pid;
		s->root = peer.uid == 0;
	}
	s->number = st.st_ino;
	s->source.fd = fd;
	s->next = first;
	first = s;
	count++;
	return s;
}

static int begin(struct stream *s)
{
	int fd = s->source.fd, r;

	fcntl(fd, F_SETFL, O_NONBLOCK);
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	r = source_add(loop, &s->source, fd, EPOLLIN | EPOLLRDHUP | (uint32_t)EPOLLET, fire);
	if (r < 0)
		close_stream(s);
	return r;
}

int stream_accept(int fd)
{
	struct stream *s = add(fd);
	char text[64];

	if (!s)
		return -ENOMEM;
	if (stored < STREAM_STORED_MAX) {
		snprintf(text, sizeof(text), "FDSTORE=1\nFDNAME=s%llu", (unsigned long long)s->number);
		s->stored = sdnotify_send(text, fd) >= 0;
		stored += s->stored;
	}
	return begin(s);
}

/* what its head said; a collector that was killed between keeping the head and taking it out of the socket left it in both */
static void recall_head(struct stream *s)
{
	char path[300], kept[PARSE_HEAD_MAX], again[PARSE_HEAD_MAX];
	_cleanup_(closep) int fd = -1;
	struct head h;
	ssize_t n;

	path_of(s, path);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	n = fd < 0 ? -1 : read(fd, kept, sizeof(kept));
	if (n <= 0 || head_parse(kept, (size_t)n, &h) != n || know(s, &h) < 0)
		return;
	if (recv(s->source.fd, again, (size_t)n, MSG_PEEK | MSG_DONTWAIT) == n && memcmp(again, kept, (size_t)n) == 0)
		drop(s->source.fd, (size_t)n);
}

int stream_resume(int fd)
{
	struct stream *s = add(fd);

	if (!s)
		return -ENOMEM;
	s->stored = true;
	stored++;
	recall_head(s);
	return begin(s);
}

void stream_forget_others(void)
{
	DIR *d = opendir(dir);
	const struct dirent *e;

	while (d && (e = readdir(d))) {
		const struct stream *s = first;

		while (s && (e->d_name[0] != 's' || strtoull(e->d_name + 1, NULL, 10) != s->number))
			s = s->next;
		if (!s && e->d_name[0] == 's')
			unlinkat(dirfd(d), e->d_name, 0);
	}
	if (d)
		closedir(d);
}

int stream_open(struct loop *l, const char *where, const char *limits)
{
	loop = l;
	limits_dir = limits;
	dir = where;
	return mkdir(where, 0700) < 0 && errno != EEXIST ? -errno : 0;
}
