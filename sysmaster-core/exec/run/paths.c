/* paths.c - trees of files: made, given away, removed; links are never followed below a start */
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include "run.h"

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
