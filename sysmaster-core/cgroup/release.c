/* release.c - directories that are no longer needed are removed: of a unit that is down, and of nobody */
#include <dirent.h>
#include <fcntl.h>
#include "cgroup/tree.h"

#define DEPTH_MAX 32

/* children first; a group that still holds a process stays. 0 or the first -errno */
static int remove_tree(int dirfd, const char *name, unsigned depth)
{
	int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *d;

	if (!dir) {
		int r = -errno;

		closep(&fd);
		return r;
	}
	while (depth < DEPTH_MAX && (d = readdir(dir)))
		if (d->d_type == DT_DIR && !streq(d->d_name, ".") && !streq(d->d_name, ".."))
			remove_tree(fd, d->d_name, depth + 1);
	closedir(dir);
	return unlinkat(dirfd, name, AT_REMOVEDIR) < 0 ? -errno : 0;
}

void cgroup_release(struct cgroup_tree *t, struct unit *u)
{
	struct cgroup_usage use;
	int r;

	cgroup_usage(t, u, &use);
	if (use.cpu_usec != UINT64_MAX)
		u->cpu_used_usec = use.cpu_usec;
	if (*t->root && u->cgroup_path && u->cgroup_path[1]) {
		r = unlinkat(t->root_fd, cgroup_relative(u->cgroup_path), AT_REMOVEDIR) < 0 ? -errno : 0;
		if (r == -EBUSY || r == -ENOTEMPTY)
			r = remove_tree(t->root_fd, cgroup_relative(u->cgroup_path), 0);
		if (r == -EBUSY || r == -ENOTEMPTY)
			return;         /* somebody is still in it: the watch goes on */
	}
	if (u->cgroup)
		cgroup_node_free(t, u->cgroup);
	if (u->cgroup_path)
		unit_dirty(u);
	free(u->cgroup_path);
	u->cgroup_path = NULL;
}

/* ---- what nobody owns ---- */

static bool owned(struct unit_set *set, const char *path)
{
	const char *name = strrchr(path, '/') + 1;
	struct unit *u = unit_get(set, *name == '_' ? name + 1 : name);

	return u && u->cgroup_path && streq(u->cgroup_path, path);
}

/* only directories that are named like units are ours to remove */
static bool like_unit(const char *name)
{
	static const char *const suffixes[] = { ".service", ".slice", ".scope", ".socket", ".mount", ".swap" };

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++)
		if (endswith(name, suffixes[i]))
			return true;
	return false;
}

static void trim(struct cgroup_tree *t, struct unit_set *set, const char *path, unsigned depth)
{
	int fd = cgroup_open_at(t, path, NULL, O_RDONLY | O_DIRECTORY);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *d;

	if (!dir) {
		closep(&fd);
		return;
	}
	while (depth < DEPTH_MAX && (d = readdir(dir))) {
		_cleanup_(freep) char *below = NULL;

		if (d->d_type != DT_DIR || streq(d->d_name, ".") || streq(d->d_name, "..") || !like_unit(d->d_name) || streq(d->d_name, "init.scope"))
			continue;
		if (asprintf(&below, "%s/%s", path[1] ? path : "", d->d_name) < 0)
			break;
		if (owned(set, below)) {
			if (endswith(below, ".slice"))
				trim(t, set, below, depth + 1);
			continue;
		}
		if (endswith(below, ".slice"))
			trim(t, set, below, depth + 1);
		remove_tree(t->root_fd, cgroup_relative(below), depth + 1);
	}
	closedir(dir);
}

void cgroup_trim(struct cgroup_tree *t, struct unit_set *set)
{
	if (*t->root)
		trim(t, set, "/", 0);
}
