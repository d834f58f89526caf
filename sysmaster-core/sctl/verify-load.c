/* verify-load.c - the set of units that is checked: where problems and assignments are written down */
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/syscall.h>
#include "exec/command.h"
#include "verify.h"

#define ARENA_MAX (256u << 20)

static const char *keep(struct verify *v, const char *text)
{
	const char *copy = arena_strndup(&v->arena, text, strlen(text));

	return copy ? copy : "(no memory)";
}

static void add_problem(struct verify *v, enum diag_level level, const char *file, unsigned line, unsigned column, const char *text)
{
	if (v->n_problems == v->cap_problems) {
		size_t cap = v->cap_problems ? v->cap_problems * 2 : 64;
		struct verify_problem *p = reallocarray(v->problems, cap, sizeof(*p));

		if (!p)
			return;
		v->problems = p;
		v->cap_problems = cap;
	}
	v->problems[v->n_problems++] = (struct verify_problem){ level, keep(v, file), keep(v, text), line, column };
}

static void report(struct diag_sink *s, enum diag_level level, const char *file, unsigned line, unsigned column, const char *text)
{
	add_problem(container_of(s, struct verify, sink), level, file, line, column, text);
}

void verify_report(struct verify *v, enum diag_level level, const char *file, unsigned line, unsigned column, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	add_problem(v, level, file, line, column, text);
}

/* only what a check of the whole unit can find fault with */
static void assigned(struct unit_observer *o, const struct key_place *at, const struct key *k, const char *value)
{
	struct verify *v = container_of(o, struct verify, observer);

	v->n_keys++;
	if (!k || (k->kind != &kind_dep && k->kind != &kind_command))
		return;
	if (v->n_places == v->cap_places) {
		size_t cap = v->cap_places ? v->cap_places * 2 : 256;
		struct verify_place *p = reallocarray(v->places, cap, sizeof(*p));

		if (!p)
			return;
		v->places = p;
		v->cap_places = cap;
	}
	v->places[v->n_places++] = (struct verify_place){ k, keep(v, at->file), keep(v, value), at->line, at->column };
}

static void cycle(struct transaction_watch *w, const char *text, const struct unit *dropped)
{
	struct verify *v = container_of(w, struct verify, watch);
	const char *file = v->testing->fragment_path ? v->testing->fragment_path : v->testing->id;

	if (dropped)
		verify_report(v, DIAG_WARNING, file, 0, 0, "%s; the job of %s would be dropped", text, dropped->id);
	else
		verify_report(v, DIAG_ERROR, file, 0, 0, "%s; no job of it can be dropped", text);
}

int verify_new(struct verify **ret, enum lookup_scope scope, const char *root)
{
	_cleanup_(verify_freep) struct verify *v = calloc(1, sizeof(*v));
	int r;

	if (!v)
		return -ENOMEM;
	v->sink.report = report;
	v->observer.assigned = assigned;
	v->watch.cycle = cycle;
	v->arena = (struct arena)ARENA_HEAP(ARENA_MAX);
	v->root_fd = open(root && *root ? root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (v->root_fd < 0)
		return -errno;
	v->host.cgroup_root = "";
	unit_host_defaults(&v->host);
	r = lookup_new(&v->lookup, scope, root ? root : "");
	if (r == 0)
		r = unit_set_new(&v->set, v->lookup, &v->host, &v->sink);
	if (r < 0)
		return r;
	unit_set_observe(v->set, &v->observer);
	*ret = TAKE_PTR(v);
	return 0;
}

void verify_free(struct verify *v)
{
	if (!v)
		return;
	unit_set_free(v->set);
	lookup_free(v->lookup);
	arena_reset(&v->arena);
	closep(&v->root_fd);
	strv_free(v->checked);
	free(v->problems);
	free(v->places);
	free(v);
}

int verify_open(const struct verify *v, const char *path)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT };
	long fd = syscall(SYS_openat2, v->root_fd, path, &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}

static int problem_cmp(const void *a, const void *b)
{
	const struct verify_problem *x = a, *y = b;
	int c = strcmp(x->file, y->file);

	if (c == 0)
		c = x->line != y->line ? (x->line > y->line) - (x->line < y->line) : (x->column > y->column) - (x->column < y->column);
	if (c == 0)
		c = (int)x->level - (int)y->level;
	return c ? c : strcmp(x->text, y->text);
}

void verify_sort(struct verify *v)
{
	size_t n = 0;

	if (v->n_problems)
		qsort(v->problems, v->n_problems, sizeof(*v->problems), problem_cmp);
	for (size_t i = 0; i < v->n_problems; i++)
		if (n == 0 || problem_cmp(&v->problems[n - 1], &v->problems[i]) != 0)
			v->problems[n++] = v->problems[i];
	v->n_problems = n;
}

size_t verify_count(const struct verify *v, enum diag_level level)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n_problems; i++)
		n += v->problems[i].level == level;
	return n;
}
