/* cleanup.c - see devctl.h; what stays: records with the sticky bit (OPTIONS="db_persist") */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include "devctl.h"

static DIR *open_below(int at, const char *name)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d && fd >= 0)
		close(fd);
	return d;
}

static bool dots(const char *name) { return streq(name, ".") || streq(name, ".."); }

/* files and links of a folder, @depth folders deep, that do not have a bit of @keep */
static void empty(DIR *d, mode_t keep, int depth)
{
	struct dirent *e;

	while ((e = readdir(d))) {
		struct stat st;
		DIR *sub;

		if (dots(e->d_name) || fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 || (st.st_mode & keep))
			continue;
		if (!S_ISDIR(st.st_mode)) {
			unlinkat(dirfd(d), e->d_name, 0);
			continue;
		}
		sub = depth > 1 ? open_below(dirfd(d), e->d_name) : NULL;
		if (sub) {
			empty(sub, keep, depth - 1);
			closedir(sub);
		}
		unlinkat(dirfd(d), e->d_name, AT_REMOVEDIR);
	}
}

/* folders of names of records: those that are gone */
static void empty_after(DIR *d, int data)
{
	struct dirent *e, *id;

	while ((e = readdir(d))) {
		DIR *sub = dots(e->d_name) ? NULL : open_below(dirfd(d), e->d_name);

		if (!sub)
			continue;
		while ((id = readdir(sub)))
			if (!dots(id->d_name) && (data < 0 || faccessat(data, id->d_name, F_OK, AT_SYMLINK_NOFOLLOW) < 0))
				unlinkat(dirfd(sub), id->d_name, 0);
		closedir(sub);
		unlinkat(dirfd(d), e->d_name, AT_REMOVEDIR);    /* stays while something is in it */
	}
}

int cleanup_db(const char *run)
{
	_cleanup_(closep) int at = open(run, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	static const char *const after[] = { "links", "tags" };
	DIR *data, *d;

	if (at < 0)
		return errno == ENOENT ? 0 : -errno;
	unlinkat(at, "queue.bin", 0);
	data = open_below(at, "data");
	if (data)
		empty(data, S_ISVTX, 1);
	for (size_t i = 0; i < ARRAY_SIZE(after); i++) {
		d = open_below(at, after[i]);
		if (d) {
			empty_after(d, data ? dirfd(data) : -1);
			closedir(d);
		}
	}
	d = open_below(at, "static_node-tags");
	if (d) {
		empty(d, 0, 2);
		closedir(d);
	}
	if (data)
		closedir(data);
	return 0;
}
