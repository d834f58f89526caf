/* ipc.c - RemoveIPC=: System V and POSIX objects of a user or group, when the last unit of the user is gone */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include "run.h"

static bool owned(uid_t uid, gid_t gid, unsigned u, unsigned g)
{
	return (uid != 0 && uid != (uid_t)-1 && u == uid) || (gid != 0 && gid != (gid_t)-1 && g == gid);
}

/* the tables of proc(5): which word is the uid; the gid follows it; the id is the second */
static const struct table { const char *path; int uid_word, attached_word; } tables[] = {
	{ "/proc/sysvipc/msg", 7, 0 }, { "/proc/sysvipc/sem", 4, 0 }, { "/proc/sysvipc/shm", 7, 6 },
};

static void remove_id(size_t table, int id)
{
	if (table == 0)
		msgctl(id, IPC_RMID, NULL);
	else if (table == 1)
		semctl(id, 0, IPC_RMID);
	else
		shmctl(id, IPC_RMID, NULL);
}

static void remove_sysv(size_t table, uid_t uid, gid_t gid)
{
	const struct table *t = &tables[table];
	FILE *f = fopen(t->path, "re");
	char line[512];

	while (f && fgets(line, sizeof(line), f)) {
		unsigned long words[12] = { 0 };
		char *p = line, *end;
		int n = 0;

		for (; n < 12; n++, p = end) {          /* the heading has no numbers; a key may be negative */
			words[n] = strtoul(p, &end, n == 2 ? 8 : 10);
			if (end == p)
				break;
		}
		if (n > t->uid_word + 1 && owned(uid, gid, (unsigned)words[t->uid_word], (unsigned)words[t->uid_word + 1]) &&
		    (!t->attached_word || words[t->attached_word] == 0))
			remove_id(table, (int)words[1]);
	}
	if (f)
		fclose(f);
}

/* @depth: /dev/shm has directories, /dev/mqueue none */
static void remove_files(int fd, uid_t uid, gid_t gid, unsigned depth)
{
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *d;
	struct stat st;

	while (dir && (d = readdir(dir))) {
		if (streq(d->d_name, ".") || streq(d->d_name, "..") || fstatat(dirfd(dir), d->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (S_ISDIR(st.st_mode) && depth)
			remove_files(openat(dirfd(dir), d->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), uid, gid, depth - 1);
		if (owned(uid, gid, st.st_uid, st.st_gid))
			unlinkat(dirfd(dir), d->d_name, S_ISDIR(st.st_mode) ? AT_REMOVEDIR : 0);
	}
	if (dir)
		closedir(dir);
	else
		closep(&fd);
}

void ipc_remove(uid_t uid, gid_t gid)
{
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		remove_sysv(i, uid, gid);
	remove_files(open("/dev/shm", O_RDONLY | O_DIRECTORY | O_CLOEXEC), uid, gid, 16);
	remove_files(open("/dev/mqueue", O_RDONLY | O_DIRECTORY | O_CLOEXEC), uid, gid, 0);
}
