/* openfile.c - OpenFile=: files that the service may be unable to open itself, opened with all privileges and in the system's own tree */
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include "run.h"

static int connect_to(const char *path)
{
	static const int kinds[] = { SOCK_DGRAM, SOCK_SEQPACKET, SOCK_STREAM };
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int e = -ENAMETOOLONG;

	if (strlen(path) >= sizeof(sa.sun_path))
		return e;
	memcpy(sa.sun_path, path, strlen(path));
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		_cleanup_(closep) int fd = socket(AF_UNIX, kinds[i] | SOCK_CLOEXEC, 0);

		if (fd >= 0 && connect(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0)
			return TAKE_FD(fd);
		e = -errno;
		if (e != -EPROTOTYPE)
			break;
	}
	return e;
}

static int open_one(const struct ipc_exec_open_file *f)
{
	static const int flags[] = {
		[IPC_OPEN_FILE_READ_WRITE] = O_RDWR, [IPC_OPEN_FILE_READ_ONLY] = O_RDONLY,
		[IPC_OPEN_FILE_APPEND] = O_RDWR | O_APPEND, [IPC_OPEN_FILE_TRUNCATE] = O_RDWR | O_TRUNC,
	};
	struct stat st;
	int fd;

	if (stat(f->path, &st) < 0)
		return -errno;
	if (S_ISSOCK(st.st_mode))
		return connect_to(f->path);
	fd = open(f->path, flags[f->mode] | O_CLOEXEC | O_NOCTTY);
	return fd < 0 ? -errno : fd;
}

int step_open_files(struct run *r)
{
	const struct ipc_exec_open_files *l = &r->p.open_files;
	int above = FIRST_FD + (int)r->p.n_fds + (r->p.has_open_files ? (int)l->n_files : 0);

	if (!r->p.has_open_files)
		return 0;
	r->opened = must_alloc(calloc(l->n_files + 1, sizeof(*r->opened)));
	r->opened_names = must_alloc(calloc(l->n_files + 1, sizeof(*r->opened_names)));
	for (size_t i = 0; i < l->n_files; i++) {
		_cleanup_(closep) int fd = open_one(&l->files[i]);

		if (fd < 0 && l->files[i].graceful) {
			step_warn(r, l->files[i].path, fd);
			continue;
		}
		if (fd < 0)
			return TAKE_FD(fd);
		int high = fcntl(fd, F_DUPFD_CLOEXEC, above);   /* where no socket will go */

		if (high < 0)
			return -errno;
		r->opened[r->n_opened] = high;
		r->opened_names[r->n_opened++] = l->files[i].name;
	}
	return 0;
}
