/* below.c - see below.h */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include "exec/below.h"

#define DEPTH_MAX 256

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
