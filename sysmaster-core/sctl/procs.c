/* procs.c - bounded: a group may be gone or grow while it is read */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include "procs.h"
#include "text.h"

#define PIDS_MAX 32768
#define DEPTH_MAX 16
#define COMMAND_MAX 16384

struct pids { pid_t *v; size_t n, cap; };

static int pids_add(struct pids *p, pid_t pid)
{
	if (p->n >= PIDS_MAX)
		return -E2BIG;
	if (p->n == p->cap) {
		size_t cap = p->cap ? p->cap * 2 : 32;
		pid_t *v = reallocarray(p->v, cap, sizeof(*v));

		if (!v)
			return -ENOMEM;
		p->v = v;
		p->cap = cap;
	}
	p->v[p->n++] = pid;
	return 0;
}

static int cmp_pid(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

/* the kernel's own threads stand in the root group and are nobody's service: they have no program */
static bool is_kernel_thread(pid_t pid)
{
	char path[32], exe[8];

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	return readlink(path, exe, sizeof(exe)) < 0 && errno == ENOENT && access("/proc/self/exe", F_OK) == 0;
}

/* the group's own processes, appended in order */
static int read_pids(const char *dir, struct pids *p)
{
	char path[PATH_MAX], line[32];
	size_t from = p->n;
	FILE *f;
	int r = 0;

	if (snprintf(path, sizeof(path), "%s/cgroup.procs", dir) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	f = fopen(path, "re");
	if (!f)
		return -errno;
	while (r >= 0 && fgets(line, sizeof(line), f)) {
		long pid = strtol(line, NULL, 10);

		if (pid > 0 && !is_kernel_thread((pid_t)pid))
			r = pids_add(p, (pid_t)pid);    /* 0: of another pid namespace */
	}
	fclose(f);
	if (p->n > from)
		qsort(p->v + from, p->n - from, sizeof(*p->v), cmp_pid);
	return r == -E2BIG ? 0 : r;
}

static int is_group(const struct dirent *e)
{
	return e->d_type == DT_DIR && e->d_name[0] != '.';
}

struct groups { struct dirent **v; int n; };
static void groups_done(struct groups *g)
{
	for (int i = 0; i < g->n; i++)
		free(g->v[i]);
	free(g->v);
}

static int collect(const char *dir, struct pids *p, unsigned depth)
{
	_cleanup_(groups_done) struct groups g = { 0 };
	int r = read_pids(dir, p);

	if (depth == DEPTH_MAX)
		return r;
	g.n = MAX(scandir(dir, &g.v, is_group, alphasort), 0);
	for (int i = 0; i < g.n; i++) {
		char sub[PATH_MAX];

		if (snprintf(sub, sizeof(sub), "%s/%s", dir, g.v[i]->d_name) < (int)sizeof(sub))
			collect(sub, p, depth + 1);
	}
	return r;
}

int procs_pids(const char *dir, pid_t **ret, size_t *ret_n)
{
	struct pids p = { 0 };
	int r = collect(dir, &p, 0);

	if (r < 0) {
		free(p.v);
		return r;
	}
	*ret = p.v;
	*ret_n = p.n;
	return 0;
}

static ssize_t read_small(const char *path, char *out, size_t size)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -errno : read(fd, out, size - 1);

	if (n >= 0)
		out[n] = '\0';
	return n;
}

void procs_command(pid_t pid, struct buf *out)
{
	char path[64], text[COMMAND_MAX];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	n = read_small(path, text, sizeof(text));
	while (n > 0 && text[n - 1] == '\0')
		n--;                                    /* programs that set their title leave NULs behind it */
	if (n > 0 && !memchr(text, '\0', (size_t)n)) {
		value_format_word(text, (size_t)n, out);
		return;
	}
	for (ssize_t i = 0; i < n;) {
		size_t len = strnlen(text + i, (size_t)(n - i));

		if (i > 0)
			buf_addc(out, ' ');
		value_format_word(text + i, len, out);
		i += (ssize_t)len + 1;
	}
	if (n > 0)
		return;
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	n = read_small(path, text, sizeof(text));
	buf_addf(out, n > 0 ? "[%.*s]" : "n/a", (int)(n > 0 ? strcspn(text, "\n") : 0), text);
}

static void print_process(struct sctl *s, pid_t pid, const char *indent, bool last, int width)
{
	_cleanup_(buf_finish) struct buf b = { 0 };
	_cleanup_(freep) char *cut = NULL;
	size_t used = text_width(indent) + 3 + (size_t)width;
	const char *command;

	procs_command(pid, &b);
	command = buf_str(&b);
	if (command && !s->o.full && s->columns > used + 10)
		cut = text_cut(s, command, s->columns - used);
	fprintf(s->out, "%s%s%s%*d %s%s\n", color_on(s, COLOR_GREY), indent, glyph(s, last ? GLYPH_LAST : GLYPH_BRANCH), width, (int)pid,
		cut ? cut : command ? command : "", color_off(s));
}

static int print_group(struct sctl *s, const char *dir, const char *indent, unsigned depth, bool recurse)
{
	_cleanup_(groups_done) struct groups g = { 0 };
	struct pids p = { 0 };
	int r = read_pids(dir, &p), seen = 0, width = 0;

	if (r < 0) {
		free(p.v);
		return r;
	}
	if (recurse && depth < DEPTH_MAX)
		g.n = MAX(scandir(dir, &g.v, is_group, alphasort), 0);
	/* sub-groups without any process are not worth a line */
	for (int i = 0; i < g.n; i++) {
		_cleanup_(freep) pid_t *pids = NULL;
		char sub[PATH_MAX];
		size_t n = 0;

		if (snprintf(sub, sizeof(sub), "%s/%s", dir, g.v[i]->d_name) >= (int)sizeof(sub) || procs_pids(sub, &pids, &n) < 0 || n == 0) {
			free(g.v[i]);
			memmove(g.v + i, g.v + i + 1, (size_t)(--g.n - i) * sizeof(*g.v));
			i--;
		}
	}
	if (p.n > 0)
		width = snprintf(NULL, 0, "%d", (int)p.v[p.n - 1]);
	for (size_t i = 0; i < p.n; i++)
		print_process(s, p.v[i], indent, i + 1 == p.n && g.n == 0, width);
	seen = (int)p.n;
	free(p.v);
	for (int i = 0; i < g.n; i++) {
		char sub[PATH_MAX], deeper[256];
		int more;

		fprintf(s->out, "%s%s%s%s%s\n", color_on(s, COLOR_GREY), indent, glyph(s, i + 1 == g.n ? GLYPH_LAST : GLYPH_BRANCH), g.v[i]->d_name,
			color_off(s));
		if (snprintf(sub, sizeof(sub), "%s/%s", dir, g.v[i]->d_name) >= (int)sizeof(sub) ||
		    snprintf(deeper, sizeof(deeper), "%s%s", indent, i + 1 == g.n ? "  " : glyph(s, GLYPH_VERTICAL)) >= (int)sizeof(deeper))
			continue;
		more = print_group(s, sub, deeper, depth + 1, recurse);
		seen += MAX(more, 0);
	}
	return seen;
}

int procs_print(struct sctl *s, const char *dir, const char *indent, bool recurse)
{
	return print_group(s, dir, indent, 0, recurse);
}
