/*
 * credentials.c - LoadCredential=, SetCredential= and their encrypted siblings: files below $CREDENTIALS_DIRECTORY that only the unit's user can read
 *
 * The directory is /run/credentials/UNIT, a file system in memory of its own, made anew by each command of the unit and removed
 * when the unit stops.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include "decrypt.h"

#define PLACE_FLAGS (MS_NOSUID | MS_NODEV | MS_NOEXEC)
#define TREE_DEPTH 16                   /* of a directory that is loaded */
#define CREDENTIAL_MAX (1u << 20)       /* bytes, as in systemd */

static bool is_dir(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
}

static int read_all(int fd, char **ret, size_t *len)
{
	char *data = must_alloc(malloc(CREDENTIAL_MAX + 1));
	size_t n = 0;
	ssize_t got;

	while ((got = read(fd, data + n, CREDENTIAL_MAX + 1 - n)) > 0)
		n += (size_t)got;
	if (got < 0)
		return -errno;
	if (n > CREDENTIAL_MAX)
		return -E2BIG;
	*ret = data;
	*len = n;
	return 0;
}

static int load_path(const char *path, char **ret, size_t *len)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0 && errno == ENXIO && strlen(path) < sizeof(sa.sun_path)) {   /* a service that hands out secrets */
		memcpy(sa.sun_path, path, strlen(path));
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd >= 0 && connect(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0)
			return -errno;
	}
	return fd < 0 ? -errno : read_all(fd, ret, len);
}

/* a bare name: what the system was given, then the stores */
static int load_name(const char *name, bool encrypted, char **ret, size_t *len)
{
	static const char *const stores[2][5] = {
		{ "/run/credentials/@system", "/etc/credstore", "/run/credstore", "/usr/local/lib/credstore", "/usr/lib/credstore" },
		{ "/run/credentials/@encrypted", "/etc/credstore.encrypted", "/run/credstore.encrypted", "/usr/local/lib/credstore.encrypted", "/usr/lib/credstore.encrypted" },
	};
	int e = -ENOENT;

	for (size_t i = 0; i < ARRAY_SIZE(stores[0]) && e == -ENOENT; i++) {
		char *path = path_join(stores[encrypted][i], name);

		e = load_path(path, ret, len);
		free(path);
	}
	return e;
}

static bool has_default(const struct run *r, const char *id)
{
	for (size_t i = 0; i < r->p.n_credentials; i++)
		if (!r->p.credentials[i].path && streq(r->p.credentials[i].id, id))
			return true;
	return false;
}

static int put(const struct run *r, int dir, const char *id, const void *data, size_t len)
{
	_cleanup_(closep) int fd = openat(dir, id, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0400);
	ssize_t n = fd < 0 ? -1 : write(fd, data, len);

	if (fd < 0 || n < 0)
		return errno == EEXIST ? 0 : -errno;    /* the first one counts */
	if ((size_t)n != len)
		return -ENOSPC;
	return r->uid != (uid_t)-1 && fchown(fd, r->uid, (gid_t)-1) < 0 ? -errno : 0;
}

/* @data is one byte longer than it says */
static int put_either(const struct run *r, int dir, bool encrypted, const char *id, char *data, size_t len)
{
	int e = encrypted ? credential_decrypt(r, id, data, len, &data, &len) : 0;

	return e < 0 ? e : put(r, dir, id, data, len);
}

static int put_value(const struct run *r, int dir, const struct ipc_exec_credential *c)
{
	char *copy = must_alloc(malloc(c->data.len + 1));

	memcpy(copy, c->data.data, c->data.len);
	return put_either(r, dir, c->encrypted, c->id, copy, c->data.len);
}

/* a directory: each file below it, ID_DIR_FILE, as systemd.exec(5) says */
static int put_tree(const struct run *r, int dir, bool encrypted, const char *id, int tree, unsigned depth)
{
	_cleanup_(closep) int own = tree;
	struct dirent **v;
	int n = scandirat(own, ".", &v, NULL, alphasort), e = n < 0 ? -errno : 0;

	for (int i = 0; i < n && e == 0; i++) {
		char *name, *data = NULL;
		size_t len = 0;
		int fd;

		if (*v[i]->d_name == '.')
			continue;
		must_alloc(asprintf(&name, "%s_%s", id, v[i]->d_name) < 0 ? NULL : name);
		fd = openat(own, v[i]->d_name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
		if (fd < 0) {
			e = -errno;
		} else if (is_dir(fd)) {
			e = depth ? put_tree(r, dir, encrypted, name, fd, depth - 1) : -ELOOP;
		} else {
			e = read_all(fd, &data, &len);
			if (e == 0)
				e = put_either(r, dir, encrypted, name, data, len);
			close(fd);
		}
		free(data);
	}
	return e;
}

static int put_path(const struct run *r, int dir, const struct ipc_exec_credential *c)
{
	int fd = *c->path == '/' ? open(c->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1, e;
	char *data = NULL;
	size_t len = 0;

	if (fd >= 0)
		return put_tree(r, dir, c->encrypted, c->id, fd, TREE_DEPTH);
	e = *c->path == '/' ? load_path(c->path, &data, &len) : load_name(c->path, c->encrypted, &data, &len);
	if (e == 0)
		e = put_either(r, dir, c->encrypted, c->id, data, len);
	else if (e == -ENOENT && (*c->path != '/' || has_default(r, c->id)))
		e = 0;
	free(data);
	return e;
}

/* memory that is never swapped; where it cannot be mounted, a directory has to do */
static int make_place(struct run *r, bool *mounted)
{
	int e;

	mkdir("/run/credentials", 0755);
	r->credentials_dir = path_join("/run/credentials", r->p.unit);
	umount2(r->credentials_dir, MNT_DETACH | UMOUNT_NOFOLLOW);      /* of the command before this one */
	e = remove_below(AT_FDCWD, r->credentials_dir);
	if (e < 0 && e != -ENOENT)
		return e;
	if (mkdir(r->credentials_dir, 0700) < 0)
		return -errno;
	*mounted = mount("ramfs", r->credentials_dir, "ramfs", PLACE_FLAGS, "mode=0700") == 0;
	return 0;
}

int step_credentials(struct run *r)
{
	_cleanup_(closep) int dir = -1;
	bool mounted = false;
	int e = 0;

	if (!r->p.n_credentials)
		return 0;
	e = make_place(r, &mounted);
	if (e < 0)
		return e;
	dir = open(r->credentials_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -errno;
	for (size_t i = 0; i < r->p.n_credentials && e == 0; i++)       /* files first: they win over values of the unit */
		if (r->p.credentials[i].path)
			e = put_path(r, dir, &r->p.credentials[i]);
	for (size_t i = 0; i < r->p.n_credentials && e == 0; i++)
		if (!r->p.credentials[i].path)
			e = put_value(r, dir, &r->p.credentials[i]);
	if (e < 0)
		return e;
	if (r->uid != (uid_t)-1 && fchown(dir, r->uid, (gid_t)-1) < 0)
		return -errno;
	if (fchmod(dir, 0500) < 0)
		return -errno;
	return mounted && mount(NULL, r->credentials_dir, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | PLACE_FLAGS, NULL) < 0 ? -errno : 0;
}
