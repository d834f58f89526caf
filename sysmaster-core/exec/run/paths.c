/* paths.c - trees of files: made, given away, removed; links are never followed below a start */
#include <dirent.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include "run.h"

#define DEPTH_MAX 256

int mkdir_parents(const char *path, mode_t mode)
{
	char *copy = must_alloc(strdup(path));

	for (char *p = strchr(copy + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = 0;
		if (mkdir(copy, mode) < 0 && errno != EEXIST)
			return -errno;
		*p = '/';
	}
	free(copy);
	return 0;
}

/* what is done to each path; after all that is in it */
typedef int (*visit_fn)(int dirfd, const char *name, const struct stat *st, void *arg);

static int walk(int dirfd, const char *name, unsigned depth, dev_t dev, visit_fn visit, void *arg)
{
	int fd, r = 0, e;
	struct dirent *d;
	struct stat st;
	DIR *dir;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (!S_ISDIR(st.st_mode) || (depth && st.st_dev != dev))        /* other file systems are left alone */
		return visit(dirfd, name, &st, arg);
	if (depth > DEPTH_MAX)
		return -ELOOP;
	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		r = -errno;
		closep(&fd);
		return r;
	}
	while ((d = readdir(dir))) {
		if (streq(d->d_name, ".") || streq(d->d_name, ".."))
			continue;
		e = walk(fd, d->d_name, depth + 1, st.st_dev, visit, arg);
		if (e < 0 && e != -ENOENT && r == 0)
			r = e;          /* go on: do as much as can be done */
	}
	closedir(dir);
	e = visit(dirfd, name, &st, arg);
	return r < 0 ? r : e;
}

struct owner { uid_t uid; gid_t gid; };

static int visit_chown(int dirfd, const char *name, const struct stat *st, void *arg)
{
	const struct owner *o = arg;

	return fchownat(dirfd, name, o->uid, o->gid, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

static int visit_remove(int dirfd, const char *name, const struct stat *st, void *arg)
{
	return unlinkat(dirfd, name, S_ISDIR(st->st_mode) ? AT_REMOVEDIR : 0) < 0 ? -errno : 0;
}

int chown_below(int dirfd, const char *name, uid_t uid, gid_t gid) { return walk(dirfd, name, 0, 0, visit_chown, &(struct owner){ uid, gid }); }
int remove_below(int dirfd, const char *name) { return walk(dirfd, name, 0, 0, visit_remove, NULL); }

int action_chown(struct run *r)
{
	int e;

	r->stage = IPC_EXEC_STAGE_USER;
	if (r->s->user && (e = user_find(r, r->s->user)) < 0)
		return e;
	r->stage = IPC_EXEC_STAGE_GROUP;
	if (r->s->group && (e = group_find(r->s->group, &r->gid)) < 0)
		return e;
	r->stage = IPC_EXEC_STAGE_CHOWN;
	for (size_t i = 0; i < r->p.n_paths; i++)
		if (lchown(r->p.paths[i], r->uid, r->gid) < 0)
			return -errno;
	return 0;
}

int action_remove(struct run *r)
{
	int result = 0;

	if (r->p.has_ended_pid)
		utmp_ended(r);
	if (r->p.has_remove_ipc && r->p.remove_ipc) {
		result = step_user(r);
		if (result == 0)
			result = step_group(r);
		if (result == 0)
			ipc_remove(r->uid, r->gid);
	}
	for (size_t i = 0; i < r->p.n_paths; i++) {
		const char *p = r->p.paths[i];
		int e;

		if (startswith(p, "/run/credentials/"))
			umount2(p, MNT_DETACH | UMOUNT_NOFOLLOW);
		e = *p == '/' && p[1] ? remove_below(AT_FDCWD, p) : -EINVAL;

		if (e < 0 && e != -ENOENT) {
			step_warn(r, p, e);
			result = e;
		}
	}
	return result;
}
