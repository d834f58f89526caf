/* store.c - see store.h. One system call a step: test-store.c cuts the power after each. */
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include "store.h"

#define NAME "random-seed"
#define NEW_NAME "random-seed.new"
#define EROFS_MAGIC 0xe0f5e1e2
#define ISO9660_MAGIC 0x9660
#define UDF_MAGIC 0x15013346

void store_close(struct store *s) { closep(&s->dir_fd); }

int store_open(struct store *s, const char *dir)
{
	_cleanup_(closep) int fd = -1;

	if (mkdir(dir, 0700) < 0 && errno != EEXIST && errno != EROFS)
		return -errno;
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? -EBUSY : -errno;
	s->dir_fd = TAKE_FD(fd);
	return 0;
}

int store_read(const struct store *s, void *buf, size_t size)
{
	_cleanup_(closep) int fd = openat(s->dir_fd, NAME, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;
	ssize_t n;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EBADMSG;
	n = read(fd, buf, size);
	return n < 0 ? -errno : (int)n;
}

static int write_new(const struct store *s, const uint8_t *file)
{
	_cleanup_(closep) int fd = openat(s->dir_fd, NEW_NAME, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = write(fd, file, SEED_FILE_BYTES);
	if (n != SEED_FILE_BYTES)
		return n < 0 ? -errno : -ENOSPC;
	return fsync(fd) < 0 ? -errno : 0;
}

int store_write(const struct store *s, const struct seed *seed)
{
	uint8_t file[SEED_FILE_BYTES];
	int r;

	seed_encode(seed, file);
	r = write_new(s, file);
	explicit_bzero(file, sizeof(file));
	if (r < 0)
		return r;
	if (renameat(s->dir_fd, NEW_NAME, s->dir_fd, NAME) < 0)
		return -errno;
	return fsync(s->dir_fd) < 0 ? -errno : 0;
}

int store_keeps(const struct store *s)
{
	static const unsigned transient[] = {
		TMPFS_MAGIC, RAMFS_MAGIC, OVERLAYFS_SUPER_MAGIC, SQUASHFS_MAGIC, CRAMFS_MAGIC, EROFS_MAGIC, ISO9660_MAGIC, UDF_MAGIC,
	};
	struct statfs f;

	if (fstatfs(s->dir_fd, &f) < 0)
		return -errno;
	for (size_t i = 0; i < ARRAY_SIZE(transient); i++)
		if ((unsigned)f.f_type == transient[i])
			return -EROFS;
	return 0;
}
