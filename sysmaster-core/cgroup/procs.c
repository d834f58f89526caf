/* procs.c - the processes of a group: signalled, found, counted */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include "cgroup/tree.h"

#define ROUNDS_MAX 64                   /* a fork bomb outruns signals: then it is the next deadline's turn, or cgroup.kill's */
#define DEPTH_MAX 32

/* pids that were signalled: open addressing, 0 is empty */
struct seen { pid_t *v; size_t n, cap; };

static int seen_add(struct seen *s, pid_t pid)
{
	size_t i;

	if (2 * (s->n + 1) > s->cap) {
		struct seen bigger = { .cap = s->cap ? 2 * s->cap : 64 };

		bigger.v = calloc(bigger.cap, sizeof(pid_t));
		if (!bigger.v)
			return -ENOMEM;
		for (i = 0; i < s->cap; i++)
			if (s->v[i])
				seen_add(&bigger, s->v[i]);
		free(s->v);
		*s = bigger;
	}
	for (i = (size_t)pid * 2654435761u % s->cap; s->v[i]; i = (i + 1) % s->cap)
		if (s->v[i] == pid)
			return 0;
	s->v[i] = pid;
	s->n++;
	return 1;
}

typedef int (*pid_fn)(pid_t pid, void *arg);

/* calls @fn for each process of the group and of all below; stops at its first non-zero answer */
static int each_pid(int dirfd, const char *name, unsigned depth, pid_fn fn, void *arg)
{
	_cleanup_(closep) int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	int procs, copy, r = 0;
	struct dirent *d;
	FILE *f;
	DIR *dir;
	long pid;

	if (fd < 0)
		return -errno;
	procs = openat(fd, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	f = procs < 0 ? NULL : fdopen(procs, "r");
	if (!f) {
		r = -errno;
		closep(&procs);
		return r;
	}
	while (r == 0 && fscanf(f, "%ld", &pid) == 1)
		if (pid > 0)            /* 0: of a foreign pid namespace */
			r = fn((pid_t)pid, arg);
	fclose(f);
	if (r != 0 || depth == DEPTH_MAX)
		return r;
	copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	dir = copy < 0 ? NULL : fdopendir(copy);
	if (!dir) {
		r = -errno;
		closep(&copy);
		return r;
	}
	while (r == 0 && (d = readdir(dir)))
		if (d->d_type == DT_DIR && !streq(d->d_name, ".") && !streq(d->d_name, "..")) {
			r = each_pid(fd, d->d_name, depth + 1, fn, arg);
			r = r == -ENOENT || r == -ENODEV ? 0 : r;       /* removed meanwhile */
		}
	closedir(dir);
	return r;
}

struct killing { struct seen seen; int signo; pid_t except1, except2; unsigned sent; bool fresh; };

static int kill_one(pid_t pid, void *arg)
{
	struct killing *k = arg;
	int r;

	if (pid == k->except1 || pid == k->except2 || pid == getpid())
		return 0;
	r = seen_add(&k->seen, pid);
	if (r <= 0)
		return r;
	k->fresh = true;
	if (kill(pid, k->signo) < 0)
		return 0;               /* gone, or not ours */
	k->sent++;
	if (k->signo == SIGTERM || k->signo == SIGHUP)
		kill(pid, SIGCONT);     /* a stopped process could not answer */
	return 0;
}

int cgroup_kill(struct cgroup_tree *t, const struct unit *u, int signo, pid_t except1, pid_t except2)
{
	struct killing k = { .signo = signo, .except1 = except1, .except2 = except2 };
	int r = 0;

	if (!*t->root || !u->cgroup_path || streq(u->cgroup_path, "/") || !cgroup_populated(t, u))
		return 0;
	if (signo == SIGKILL && !except1 && !except2 && cgroup_write(t, u->cgroup_path, "cgroup.kill", "1") == 0)
		return 1;
	for (int i = 0; i < ROUNDS_MAX && r == 0; i++) {
		k.fresh = false;
		r = each_pid(t->root_fd, cgroup_relative(u->cgroup_path), 0, kill_one, &k);
		if (!k.fresh)
			break;
	}
	free(k.seen.v);
	return r < 0 && r != -ENOENT ? r : (int)k.sent;
}

static bool wants_frozen(struct cgroup_tree *t, const struct unit *u)
{
	char text[16];

	return *t->root && u->cgroup_path && !streq(u->cgroup_path, "/") && cgroup_read(t, u->cgroup_path, "cgroup.freeze", text, sizeof(text)) > 0 &&
	       text[0] == '1';
}

void cgroup_thaw(struct cgroup_tree *t, const struct unit *u)
{
	if (wants_frozen(t, u))
		cgroup_write(t, u->cgroup_path, "cgroup.freeze", "0");
}

const char *cgroup_freezer_state(struct cgroup_tree *t, const struct unit *u)
{
	bool wanted = wants_frozen(t, u), is = false;
	char text[256];

	if (*t->root && u->cgroup_path && cgroup_read(t, u->cgroup_path, "cgroup.events", text, sizeof(text)) > 0)
		is = strstr(text, "frozen 1");
	return wanted ? (is ? "frozen" : "freezing") : is ? "thawing" : "running";
}

/* the group of a process as a path below our root, in @mem; NULL: elsewhere */
static char *group_of_pid(const struct cgroup_tree *t, pid_t pid, char *mem, size_t size)
{
	char file[64], *line;
	_cleanup_(closep) int fd = -1;
	size_t len = 0, n;
	ssize_t got;

	if (!*t->root || !t->proc_prefix)
		return NULL;
	snprintf(file, sizeof(file), "/proc/%d/cgroup", (int)pid);
	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	while (len < size - 1 && (got = read(fd, mem + len, size - 1 - len)) > 0)
		len += (size_t)got;
	mem[len] = 0;
	line = startswith(mem, "0::") ? mem : strstr(mem, "\n0::");
	if (!line)
		return NULL;
	line += *line == '\n' ? 4 : 3;
	line[strcspn(line, "\n")] = 0;
	n = strlen(t->proc_prefix);
	return strncmp(line, t->proc_prefix, n) == 0 && line[n] == '/' ? line + n : NULL;
}

static bool within(const char *path, const char *group)
{
	size_t n = strlen(group);

	return streq(group, "/") || (strncmp(path, group, n) == 0 && (!path[n] || path[n] == '/'));
}

bool cgroup_has_pid(struct cgroup_tree *t, const struct unit *u, pid_t pid)
{
	char mem[8192], *path = group_of_pid(t, pid, mem, sizeof(mem));

	return path && u->cgroup_path && within(path, u->cgroup_path);
}

/* the first part of the path that is a unit, from the root, and not a slice */
struct unit *cgroup_unit_of_pid(struct cgroup_tree *t, struct unit_set *set, pid_t pid)
{
	char mem[8192], *path = group_of_pid(t, pid, mem, sizeof(mem));
	struct unit *slice = NULL;

	for (char *p = path; p && *p == '/'; ) {
		char *end = p + 1 + strcspn(p + 1, "/"), keep = *end;
		struct unit *u;

		*end = 0;
		u = unit_get(set, p[1] == '_' ? p + 2 : p + 1);
		if (u && u->cgroup_path && streq(u->cgroup_path, path)) {
			if (!endswith(u->id, ".slice"))
				return u;
			slice = u;
		}
		*end = keep;
		p = end;
	}
	return slice;
}

static uint64_t read_number(const struct cgroup_tree *t, const char *path, const char *file, const char *key)
{
	char text[2048], *p = text;

	if (cgroup_read(t, path, file, text, sizeof(text)) <= 0)
		return UINT64_MAX;
	if (*key) {
		p = strstr(text, key);
		if (!p)
			return UINT64_MAX;
		p += strlen(key);
	}
	return strtoull(p, NULL, 10);
}

/* sums of a column of io.stat: "8:0 rbytes=1 wbytes=2 rios=3 wios=4 ..." */
static void read_io(const struct cgroup_tree *t, const struct unit *u, struct cgroup_usage *ret)
{
	const struct { const char *key; uint64_t *to; } columns[] = {
		{ " rbytes=", &ret->read_bytes }, { " wbytes=", &ret->written_bytes }, { " rios=", &ret->read_ops }, { " wios=", &ret->written_ops },
	};
	char text[16384], *save = NULL;

	if (cgroup_read(t, u->cgroup_path, "io.stat", text, sizeof(text)) < 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		*columns[i].to = 0;
	for (char *l = strtok_r(text, "\n", &save); l; l = strtok_r(NULL, "\n", &save))
		for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
			const char *at = strstr(l, columns[i].key);

			if (at)
				*columns[i].to += strtoull(at + strlen(columns[i].key), NULL, 10);
		}
}

void cgroup_usage(struct cgroup_tree *t, const struct unit *u, struct cgroup_usage *ret)
{
	const struct cgroup_context *c = cgroup_context_of(u);

	memset(ret, 0xff, sizeof(*ret));
	if (!*t->root || !u->cgroup_path)
		return;
	ret->memory = read_number(t, u->cgroup_path, "memory.current", "");
	ret->cpu_usec = read_number(t, u->cgroup_path, "cpu.stat", "usage_usec ");
	ret->tasks = read_number(t, u->cgroup_path, "pids.current", "");
	if (c && (c->io_accounting || c->blockio_accounting))
		read_io(t, u, ret);
}

uint64_t cgroup_memory_available(struct cgroup_tree *t, const struct unit *u)
{
	uint64_t available = UINT64_MAX;

	for (; u; u = unit_slice(u)) {
		const struct cgroup_context *c = cgroup_context_of(u);
		uint64_t limit = UINT64_MAX, used;

		if (c && c->memory_max.set)
			limit = cgroup_amount_bytes(&c->memory_max);
		if (c && c->memory_high.set)
			limit = MIN(limit, cgroup_amount_bytes(&c->memory_high));
		used = limit == UINT64_MAX || !u->cgroup_path ? UINT64_MAX : read_number(t, u->cgroup_path, "memory.current", "");
		if (used != UINT64_MAX)
			available = MIN(available, limit > used ? limit - used : (uint64_t)0);
	}
	return available;
}

uint64_t cgroup_id(struct cgroup_tree *t, const struct unit *u)
{
	struct stat st;

	return *t->root && u->cgroup_path && fstatat(t->root_fd, cgroup_relative(u->cgroup_path), &st, 0) == 0 ? st.st_ino : 0;
}

void cgroup_text(struct cgroup_tree *t, const struct unit *u, const char *file, char *mem, size_t n)
{
	if (!*t->root || !u->cgroup_path || cgroup_read(t, u->cgroup_path, file, mem, n) < 0)
		*mem = 0;
	mem[strcspn(mem, "\n")] = 0;
}
