/* dirs.c - RuntimeDirectory=, StateDirectory=, CacheDirectory=, LogsDirectory=, ConfigurationDirectory= */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include "buf.h"
#include "run.h"

static const uint32_t stages[] = {
	[IPC_EXEC_DIR_KIND_RUNTIME] = IPC_EXEC_STAGE_RUNTIME_DIRECTORY,
	[IPC_EXEC_DIR_KIND_STATE] = IPC_EXEC_STAGE_STATE_DIRECTORY,
	[IPC_EXEC_DIR_KIND_CACHE] = IPC_EXEC_STAGE_CACHE_DIRECTORY,
	[IPC_EXEC_DIR_KIND_LOGS] = IPC_EXEC_STAGE_LOGS_DIRECTORY,
	[IPC_EXEC_DIR_KIND_CONFIGURATION] = IPC_EXEC_STAGE_CONFIGURATION_DIRECTORY,
};

/* owner and mode; a tree that belongs to somebody else is given away as a whole */
static int own(const struct run *r, const char *path, mode_t mode)
{
	uid_t uid = r->uid == (uid_t)-1 ? geteuid() : r->uid;
	gid_t gid = r->gid == (gid_t)-1 ? getegid() : r->gid;
	struct stat st;
	int e;

	if (stat(path, &st) < 0)
		return -errno;
	if (st.st_uid != uid || st.st_gid != gid) {
		e = chown_below(AT_FDCWD, path, uid, gid);
		if (e < 0)
			return e;
	}
	return (st.st_mode & 07777) != mode && chmod(path, mode) < 0 ? -errno : 0;
}

static int make_link(const char *target, const char *link)
{
	int e = mkdir_parents(link, 0755);

	if (e < 0)
		return e;
	if (symlink(target, link) == 0)
		return 0;
	if (errno != EEXIST)
		return -errno;
	if (unlink(link) < 0)           /* only a link of an earlier run goes away */
		return errno == EISDIR || errno == EPERM ? -EEXIST : -errno;
	return symlink(target, link) < 0 ? -errno : 0;
}

static bool is_link(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
}

/* where a link at @from finds @to, both below the same prefix */
static char *upwards(const char *to, const char *from)
{
	struct buf b = { 0 };

	for (const char *p = strchr(from, '/'); p; p = strchr(p + 1, '/'))
		buf_adds(&b, "../");
	buf_adds(&b, to);
	return must_alloc(buf_take_str(&b));
}

/* a made-up user's directory lives below PREFIX/private, which nobody else can enter, and PREFIX/PATH points to it */
static int make_private(const struct run *r, const char *prefix, const char *rel, mode_t mode)
{
	char *private = path_join(prefix, "private"), *real = path_join(private, rel), *seen = path_join(prefix, rel), *target = NULL;
	int e;

	if (mkdir(private, 0700) < 0 && errno != EEXIST)
		return -errno;
	e = mkdir_parents(real, 0755);
	if (e < 0)
		return e;
	if (access(seen, F_OK) == 0 && !is_link(seen) && access(real, F_OK) < 0 && rename(seen, real) < 0)      /* from before it was dynamic */
		return -errno;
	if (mkdir(real, mode) < 0 && errno != EEXIST)
		return -errno;
	target = path_join("private", rel);
	e = make_link(upwards(target, rel), seen);
	return e < 0 ? e : own(r, real, mode);
}

static int make(const struct run *r, const char *prefix, const struct ipc_exec_directory *d, const char *entry)
{
	const char *colon = strchr(entry, ':');
	char *rel = must_alloc(colon ? strndup(entry, (size_t)(colon - entry)) : strdup(entry));
	char *path = path_join(prefix, rel);
	int e;

	/* runtime directories that stay would outlive their user; the others are the user's own business */
	if (r->dynamic && d->kind != IPC_EXEC_DIR_KIND_CONFIGURATION && (d->kind != IPC_EXEC_DIR_KIND_RUNTIME || r->s->runtime_directory_preserve != IPC_EXEC_PRESERVE_NO)) {
		e = make_private(r, prefix, rel, d->mode);
	} else {
		struct stat st;
		bool made;

		e = mkdir_parents(path, 0755);
		made = e == 0 && mkdir(path, d->mode) == 0;
		if (e == 0 && !made)
			e = errno != EEXIST || stat(path, &st) < 0 ? -errno : S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
		if (e == 0 && (made || d->kind != IPC_EXEC_DIR_KIND_CONFIGURATION))     /* configuration that was there is left alone */
			e = own(r, path, d->mode);
	}
	return e == 0 && colon ? make_link(upwards(rel, colon + 1), path_join(prefix, colon + 1)) : e;
}

int step_directories(struct run *r)
{
	for (size_t i = 0; i < r->p.n_directories; i++) {
		const struct ipc_exec_directory *d = &r->p.directories[i];

		r->stage = stages[d->kind];
		for (size_t j = 0; j < d->n_paths; j++) {
			int e = make(r, dir_prefix(d->kind), d, d->paths[j]);

			if (e < 0)
				return e;
		}
	}
	return 0;
}
