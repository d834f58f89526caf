/* tree.c - directories of units, controllers, and cgroup.events */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include "cgroup/tree.h"
#include "log.h"
#include "unit/name.h"

#define DEPTH_MAX 32

int cgroup_open_at(const struct cgroup_tree *t, const char *path, const char *file, int flags)
{
	char full[4096];
	int n = snprintf(full, sizeof(full), "%s%s%s", cgroup_relative(path), file ? "/" : "", file ? file : "");
	int fd;

	if (n < 0 || (size_t)n >= sizeof(full))
		return -ENAMETOOLONG;
	fd = openat(t->root_fd, full, flags | O_CLOEXEC | O_NOFOLLOW);
	return fd < 0 ? -errno : fd;
}

int cgroup_write(const struct cgroup_tree *t, const char *path, const char *file, const char *text)
{
	_cleanup_(closep) int fd = cgroup_open_at(t, path, file, O_WRONLY);

	if (fd < 0)
		return fd;
	return write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

ssize_t cgroup_read(const struct cgroup_tree *t, const char *path, const char *file, char *mem, size_t n)
{
	_cleanup_(closep) int fd = cgroup_open_at(t, path, file, O_RDONLY);
	size_t len = 0;
	ssize_t got;

	if (fd < 0)
		return fd;
	while (len < n - 1 && (got = read(fd, mem + len, n - 1 - len)) != 0) {
		if (got < 0)
			return -errno;
		len += (size_t)got;
	}
	mem[len] = 0;
	return (ssize_t)len;
}

/* ---- names ---- */

/* what the kernel's own files are called must not be a unit's directory: an underscore goes in front, and before another one */
static bool needs_escape(const char *id)
{
	static const char *const reserved[] = { "notify_on_release", "release_agent", "tasks" };
	const char *dot = strchr(id, '.');
	size_t n = dot ? (size_t)(dot - id) : 0;

	if (*id == '_' || *id == '.')
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(reserved); i++)
		if (streq(id, reserved[i]))
			return true;
	if (n == 6 && startswith(id, "cgroup"))
		return true;
	for (size_t i = 0; dot && cgroup_controllers[i]; i++)
		if (strlen(cgroup_controllers[i]) == n && strncmp(id, cgroup_controllers[i], n) == 0)
			return true;
	return false;
}

/* "/a.slice/a-b.slice" of "a-b.slice" */
static void add_slice(struct buf *b, const char *slice)
{
	size_t n = strlen(slice) - strlen(".slice");

	if (streq(slice, "-.slice"))
		return;
	for (size_t i = 1; i <= n; i++) {
		if (i < n && slice[i] != '-')
			continue;
		buf_addc(b, '/');
		if (*slice == '_' || *slice == '.')
			buf_addc(b, '_');
		buf_add(b, slice, i);
		buf_adds(b, ".slice");
	}
}

int cgroup_unit_path(const struct unit *u, char **ret)
{
	struct unit *slice = unit_slice(u);
	struct buf b = { 0 };

	if (endswith(u->id, ".slice")) {
		add_slice(&b, u->id);
	} else {
		if (slice)
			add_slice(&b, slice->id);
		buf_addf(&b, "/%s%s", needs_escape(u->id) ? "_" : "", u->id);
	}
	if (!b.len)
		buf_addc(&b, '/');
	*ret = buf_take_str(&b);
	return *ret ? 0 : -ENOMEM;
}

/* ---- events ---- */

static bool read_populated(const struct cgroup_tree *t, const char *path)
{
	char text[512];
	const char *p;

	if (cgroup_read(t, path, "cgroup.events", text, sizeof(text)) < 0)
		return false;
	p = strstr(text, "populated ");
	return p && p[10] == '1';
}

static struct cgroup_node *find_wd(const struct cgroup_tree *t, int wd)
{
	struct cgroup_node *n = t->buckets[(unsigned)wd % CGROUP_BUCKETS];

	while (n && n->wd != wd)
		n = n->next;
	return n;
}

static struct cgroup_node *find_oom_wd(const struct cgroup_tree *t, int wd)
{
	struct cgroup_node *n = t->oom_buckets[(unsigned)wd % CGROUP_BUCKETS];

	while (n && n->oom_wd != wd)
		n = n->oom_next;
	return n;
}

/* wakes for all that memory.events counts; the type looks at the number of kills */
static bool fire_oom(const struct cgroup_tree *t, const struct inotify_event *e)
{
	struct cgroup_node *node = find_oom_wd(t, e->wd);

	if (node && !(e->mask & IN_IGNORED))
		node->unit->type->oom(node->unit);
	return node;
}

static int fire(struct source *s, uint32_t events)
{
	struct cgroup_tree *t = container_of(s, struct cgroup_tree, source);
	char mem[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t n = read(s->fd, mem, sizeof(mem));

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	for (char *p = mem; p < mem + n; ) {
		const struct inotify_event *e = (const struct inotify_event *)p;
		struct cgroup_node *node = find_wd(t, e->wd);

		p += sizeof(*e) + e->len;
		if (fire_oom(t, e))
			continue;
		if (e->mask & IN_Q_OVERFLOW) {          /* events were lost: ask each one */
			for (size_t i = 0; i < CGROUP_BUCKETS; i++)
				for (struct cgroup_node *next = t->buckets[i]; (node = next); ) {
					next = node->next;
					if (!read_populated(t, node->unit->cgroup_path))
						t->empty(t->arg, node->unit);
				}
			continue;
		}
		if (node && !(e->mask & IN_IGNORED) && !read_populated(t, node->unit->cgroup_path))
			t->empty(t->arg, node->unit);
	}
	return 0;
}

uint64_t cgroup_oom_kills(struct cgroup_tree *t, const struct unit *u)
{
	char text[512];
	const char *p;

	if (!*t->root || !u->cgroup_path || cgroup_read(t, u->cgroup_path, "memory.events", text, sizeof(text)) < 0)
		return 0;
	p = strstr(text, "oom_kill ");
	return p ? strtoull(p + 9, NULL, 10) : 0;
}

/* a group without the memory controller has no such file, and nothing to tell */
static void watch_oom(struct cgroup_tree *t, struct cgroup_node *node)
{
	char path[4096];
	int n = snprintf(path, sizeof(path), "%s%s/memory.events", t->root, node->unit->cgroup_path);

	if (!node->unit->type->oom || node->oom_wd >= 0 || !t->source.loop || n < 0 || (size_t)n >= sizeof(path))
		return;
	node->oom_wd = inotify_add_watch(t->source.fd, path, IN_MODIFY);
	if (node->oom_wd < 0)
		return;
	node->oom_next = t->oom_buckets[(unsigned)node->oom_wd % CGROUP_BUCKETS];
	t->oom_buckets[(unsigned)node->oom_wd % CGROUP_BUCKETS] = node;
}

static int watch(struct cgroup_tree *t, struct cgroup_node *node)
{
	char path[4096];
	int n = snprintf(path, sizeof(path), "%s%s/cgroup.events", t->root, node->unit->cgroup_path);
	int fd, r;

	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	if (!t->source.loop) {
		fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
		if (fd < 0)
			return -errno;
		r = source_add(t->loop, &t->source, fd, EPOLLIN, fire);
		if (r < 0) {
			close(fd);
			return r;
		}
	}
	node->wd = inotify_add_watch(t->source.fd, path, IN_MODIFY);
	if (node->wd < 0)
		return -errno;
	node->next = t->buckets[(unsigned)node->wd % CGROUP_BUCKETS];
	t->buckets[(unsigned)node->wd % CGROUP_BUCKETS] = node;
	watch_oom(t, node);
	return 0;
}

void cgroup_node_free(struct cgroup_tree *t, struct cgroup_node *node)
{
	if (node->wd >= 0) {
		struct cgroup_node **p = &t->buckets[(unsigned)node->wd % CGROUP_BUCKETS];

		while (*p && *p != node)
			p = &(*p)->next;
		if (*p)
			*p = node->next;
		inotify_rm_watch(t->source.fd, node->wd);
	}
	if (node->oom_wd >= 0) {
		struct cgroup_node **p = &t->oom_buckets[(unsigned)node->oom_wd % CGROUP_BUCKETS];

		while (*p && *p != node)
			p = &(*p)->oom_next;
		if (*p)
			*p = node->oom_next;
		inotify_rm_watch(t->source.fd, node->oom_wd);
	}
	node->unit->cgroup = NULL;
	free(node);
}

static int node_new(struct unit *u, struct cgroup_node **ret)
{
	struct cgroup_node *node = u->cgroup ? u->cgroup : calloc(1, sizeof(*node));

	if (!node)
		return -ENOMEM;
	if (!u->cgroup) {
		node->unit = u;
		node->wd = node->oom_wd = -1;
		u->cgroup = node;
	}
	*ret = node;
	return 0;
}

/* ---- the tree ---- */

static unsigned controllers_of(const struct cgroup_tree *t, const char *path, const char *file)
{
	char text[1024], *save = NULL;
	unsigned mask = 0;

	if (cgroup_read(t, path, file, text, sizeof(text)) < 0)
		return 0;
	for (char *w = strtok_r(text, " \n", &save); w; w = strtok_r(NULL, " \n", &save))
		for (size_t i = 0; cgroup_controllers[i]; i++)
			if (streq(cgroup_controllers[i], w))
				mask |= 1u << i;
	return mask;
}

/*
 * /proc/PID/cgroup names groups from the hierarchy's root (as this cgroup namespace sees it); ours may be deeper, or the mount
 * may show a part only: find the mount of our root and put its place in front.
 */
static int find_prefix(struct cgroup_tree *t)
{
	_cleanup_(freep) char *line = NULL;
	FILE *f = fopen("/proc/self/mountinfo", "re");
	size_t size = 0, best = 0;
	char *prefix;

	if (!f)
		return -errno;
	while (getline(&line, &size, f) > 0) {
		char root[4096], point[4096];
		size_t n;

		if (!strstr(line, " - cgroup2 ") || sscanf(line, "%*s %*s %*s %4095s %4095s", root, point) != 2)
			continue;
		n = streq(point, "/") ? 0 : strlen(point);
		if (n < best || strncmp(t->root, point, n) != 0 || (t->root[n] && t->root[n] != '/'))
			continue;
		if (asprintf(&prefix, "%s%s", streq(root, "/") ? "" : root, t->root + n) < 0) {
			fclose(f);
			return -ENOMEM;
		}
		free(t->proc_prefix);
		t->proc_prefix = prefix;
		best = n;
	}
	fclose(f);
	return 0;
}

int cgroup_tree_new(struct cgroup_tree **ret, const char *root, struct loop *l, void (*empty)(void *arg, struct unit *u), void *arg)
{
	_cleanup_(cgroup_tree_freep) struct cgroup_tree *t = calloc(1, sizeof(*t));
	int r;

	if (!t)
		return -ENOMEM;
	t->root_fd = t->source.fd = -1;
	t->loop = l;
	t->empty = empty;
	t->arg = arg;
	t->root = strdup(root);
	if (!t->root)
		return -ENOMEM;
	if (*root) {
		path_simplify(t->root);
		t->root_fd = open(t->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (t->root_fd < 0)
			return -errno;
		r = find_prefix(t);
		if (r < 0)
			return r;
		t->available = controllers_of(t, "/", "cgroup.controllers");
		t->enabled = controllers_of(t, "/", "cgroup.subtree_control");
	}
	*ret = TAKE_PTR(t);
	return 0;
}

void cgroup_tree_free(struct cgroup_tree *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < CGROUP_BUCKETS; i++)
		while (t->buckets[i])
			cgroup_node_free(t, t->buckets[i]);
	if (t->source.loop)
		source_del(&t->source);
	closep(&t->source.fd);
	closep(&t->root_fd);
	free(t->root);
	free(t->proc_prefix);
	free(t);
}

/* "+memory" one by one: one that the kernel refuses (a busy legacy hierarchy) does not take the others with it */
static void enable(struct cgroup_tree *t, const char *path, unsigned want, unsigned *enabled)
{
	char word[32];

	for (size_t i = 0; cgroup_controllers[i]; i++) {
		unsigned bit = 1u << i;
		int r;

		if (!(want & bit & t->available) || *enabled & bit)
			continue;
		snprintf(word, sizeof(word), "+%s", cgroup_controllers[i]);
		r = cgroup_write(t, path, "cgroup.subtree_control", word);
		if (r < 0)
			log_event(LOG_DEBUG, "CGROUP_ENABLE", "a controller cannot be enabled", F_STR("CGROUP", path), F_STR("CONTROLLER", cgroup_controllers[i]), F_ERRNO(r));
		if (r != -EBUSY)        /* processes are still in the way: the next unit tries again */
			*enabled |= bit;
	}
}

static int make_directory(struct cgroup_tree *t, const char *path)
{
	if (mkdirat(t->root_fd, cgroup_relative(path), 0755) == 0 || errno == EEXIST)
		return 0;
	return -errno;
}

static bool refused(int r) { return r == -EROFS || r == -EACCES || r == -EPERM; }

/* slices above first, each with the controllers that @want asks for */
static int realize_above(struct cgroup_tree *t, struct unit *u, unsigned want)
{
	struct unit *slice = unit_slice(u);
	struct cgroup_node *node;
	int r;

	if (!slice || streq(slice->id, "-.slice")) {
		enable(t, "/", want, &t->enabled);
		return 0;
	}
	if (!slice->cgroup) {
		r = cgroup_realize(t, slice);
		if (r < 0 || !slice->cgroup)
			return r;
	}
	r = realize_above(t, slice, want);
	if (r < 0)
		return r;
	node = slice->cgroup;
	if (cgroup_context_of(slice))
		want &= ~cgroup_context_of(slice)->disable_controllers;
	enable(t, slice->cgroup_path, want, &node->enabled);
	return 0;
}

static bool remake_above(struct cgroup_tree *t, const struct unit *u)
{
	const struct unit *slice = unit_slice(u);

	return !slice || !slice->cgroup_path || streq(slice->cgroup_path, "/") ||
	       (remake_above(t, slice) && make_directory(t, slice->cgroup_path) == 0);
}

int cgroup_realize(struct cgroup_tree *t, struct unit *u)
{
	const struct cgroup_context *c = cgroup_context_of(u);
	_cleanup_(freep) char *path = NULL;
	struct cgroup_node *node;
	unsigned want = c ? cgroup_context_mask(c) : 0;
	int r;

	if (!*t->root)
		return 0;
	r = cgroup_unit_path(u, &path);
	if (r < 0)
		return r;
	r = realize_above(t, u, want);
	if (r < 0)
		return r;
	r = streq(path, "/") ? 0 : make_directory(t, path);
	if (r == -ENOENT && remake_above(t, u))         /* somebody removed the empty directory of a slice */
		r = make_directory(t, path);
	if (refused(r)) {       /* not ours to change: run without; D10 */
		if (!t->read_only_reported)
			log_event(LOG_NOTICE, "CGROUP_READ_ONLY", "control groups cannot be made here: processes are not tracked by them", F_STR("CGROUP", t->root), F_ERRNO(r));
		t->read_only_reported = true;
		return 0;
	}
	if (r < 0)
		return r;
	r = node_new(u, &node);
	if (r < 0)
		return r;
	if (!u->cgroup_path || !streq(u->cgroup_path, path)) {
		free(u->cgroup_path);
		u->cgroup_path = TAKE_PTR(path);
		unit_dirty(u);
	}
	if (c) {
		cgroup_report_missing(t, u, want & ~t->available);
		cgroup_write_attributes(t, u, c, false);
	}
	if (node->wd < 0 && !endswith(u->id, ".slice"))
		return watch(t, node);
	watch_oom(t, node);             /* the controller may have been switched on since */
	return 0;
}

int cgroup_attach(struct cgroup_tree *t, struct unit *u)
{
	struct cgroup_node *node;
	int r;

	if (!*t->root || !u->cgroup_path)
		return 0;
	if (faccessat(t->root_fd, cgroup_relative(u->cgroup_path), F_OK, 0) < 0)
		return -errno;
	r = node_new(u, &node);
	if (r < 0)
		return r;
	if (endswith(u->id, ".slice")) {
		node->enabled = controllers_of(t, u->cgroup_path, "cgroup.subtree_control");
		return 0;
	}
	return node->wd < 0 ? watch(t, node) : 0;
}

int cgroup_apply(struct cgroup_tree *t, struct unit *u)
{
	const struct cgroup_context *c = cgroup_context_of(u);
	int r = cgroup_realize(t, u);   /* controllers that were not needed before */

	if (r >= 0 && c && u->cgroup)
		cgroup_write_attributes(t, u, c, true);
	for (struct unit *below = unit_set_first(u->set); below && endswith(u->id, ".slice") && r >= 0; below = below->set_next) {
		const struct unit *s = below->cgroup ? unit_slice(below) : NULL;

		while (s && s != u)
			s = unit_slice(s);
		if (s && cgroup_context_of(below))      /* DefaultMemoryLow= and its kin */
			cgroup_write_attributes(t, below, cgroup_context_of(below), true);
	}
	return r;
}

void cgroup_tree_set_startup(struct cgroup_tree *t, struct unit_set *set, bool startup)
{
	if (t->startup == startup)
		return;
	t->startup = startup;
	for (struct unit *u = unit_set_first(set); u; u = u->set_next) {
		const struct cgroup_context *c = u->cgroup ? cgroup_context_of(u) : NULL;

		if (c && (c->startup_cpu_weight || c->startup_cpu_shares || c->startup_blockio_weight || c->startup_io_weight || c->startup_allowed_cpus || c->startup_allowed_nodes))
			cgroup_write_attributes(t, u, c, false);
	}
}

int cgroup_open(struct cgroup_tree *t, const struct unit *u, const char *subgroup)
{
	_cleanup_(freep) char *path = NULL;

	if (!*t->root || !u->cgroup_path)
		return -ENOENT;
	if (!subgroup)
		return cgroup_open_at(t, u->cgroup_path, NULL, O_RDONLY | O_DIRECTORY);
	if (asprintf(&path, "%s/%s", u->cgroup_path, subgroup) < 0)
		return -ENOMEM;
	if (mkdirat(t->root_fd, cgroup_relative(path), 0755) < 0 && errno != EEXIST)
		return -errno;
	return cgroup_open_at(t, path, NULL, O_RDONLY | O_DIRECTORY);
}

int cgroup_add(struct cgroup_tree *t, const struct unit *u, const char *subgroup, pid_t pid)
{
	_cleanup_(closep) int dir = cgroup_open(t, u, subgroup), fd = -1;
	char text[24];

	if (dir < 0)
		return dir;
	fd = openat(dir, "cgroup.procs", O_WRONLY | O_CLOEXEC);
	snprintf(text, sizeof(text), "%d", (int)pid);
	return fd < 0 || write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

bool cgroup_populated(struct cgroup_tree *t, const struct unit *u)
{
	return *t->root && u->cgroup_path && read_populated(t, u->cgroup_path);
}
