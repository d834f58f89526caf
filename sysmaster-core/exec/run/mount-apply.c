/*
 * mount-apply.c - makes mounts of the entries, then gives every mount its flags
 *
 * Flags are set in one pass over the mount table after all mounts are there: for each mount the entry with the longest path
 * above it decides. So a writable directory below a read-only one keeps the flags that it had, and nothing is set twice.
 */
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include "mounts.h"

/* <sys/mount.h> and <linux/mount.h> cannot be had together in this libc */
int mount(const char *source, const char *target, const char *type, unsigned long flags, const void *data);
int umount2(const char *target, int flags);
#define MNT_DETACH 2

#define HIDDEN "/run/sysmaster/inaccessible"
#define TABLE_MAX (4u << 20)

char *mount_options(const char *text, unsigned long *flags)
{
	static const struct { const char *word; unsigned long set, clear; } words[] = {
		{ "ro", MS_RDONLY, 0 }, { "rw", 0, MS_RDONLY }, { "nosuid", MS_NOSUID, 0 }, { "suid", 0, MS_NOSUID }, { "nodev", MS_NODEV, 0 },
		{ "dev", 0, MS_NODEV }, { "noexec", MS_NOEXEC, 0 }, { "exec", 0, MS_NOEXEC }, { "noatime", MS_NOATIME, 0 }, { "nodiratime", MS_NODIRATIME, 0 },
		{ "relatime", MS_RELATIME, 0 }, { "strictatime", MS_STRICTATIME, 0 }, { "sync", MS_SYNCHRONOUS, 0 },
	};
	char *copy = must_alloc(strdup(text)), *rest = must_alloc(calloc(1, strlen(text) + 2)), *save = NULL;

	for (char *w = strtok_r(copy, ",", &save); w; w = strtok_r(NULL, ",", &save)) {
		size_t i;

		for (i = 0; i < ARRAY_SIZE(words) && !streq(words[i].word, w); i++)
			;
		if (i < ARRAY_SIZE(words)) {
			*flags = (*flags & ~words[i].clear) | words[i].set;
			continue;
		}
		if (*rest)
			strcat(rest, ",");
		strcat(rest, w);
	}
	return rest;
}

int make_target(const char *path, bool dir)
{
	int e = mkdir_parents(path, 0755), fd;

	if (e < 0)
		return e;
	if (dir)
		return mkdir(path, 0755) < 0 && errno != EEXIST ? -errno : 0;
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static bool is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* something that nobody but root can look into, and where root finds nothing */
static int hide(const char *path)
{
	bool dir = is_dir(path);
	const char *source = dir ? HIDDEN "/dir" : HIDDEN "/reg";
	int e = make_target(source, dir);

	if (e < 0)
		return e;
	if (chmod(source, 0) < 0)
		return -errno;
	return mount(source, path, NULL, MS_BIND | MS_REC, NULL) < 0 ? -errno : 0;
}

static int bind(const struct entry *e)
{
	bool dir = is_dir(e->source);
	int r = access(e->path, F_OK) < 0 ? make_target(e->path, dir) : 0;

	if (r < 0)
		return r;
	return mount(e->source, e->path, NULL, MS_BIND | (e->kind == M_RBIND ? MS_REC : 0), NULL) < 0 ? -errno : 0;
}

static int mount_tmpfs(const struct entry *e)
{
	unsigned long flags = 0;
	char *data = mount_options(e->options, &flags);
	int r = access(e->path, F_OK) < 0 ? make_target(e->path, true) : 0;

	/* read-only is set at the end: mount points may still have to be made in it */
	return r < 0 ? r : mount("tmpfs", e->path, "tmpfs", flags & ~(unsigned long)MS_RDONLY, data) < 0 ? -errno : 0;
}

/* a kernel without these options, or a container that may not mount proc, leaves /proc as it is: systemd.exec(5) */
static int mount_proc(const struct run *r, const struct entry *e)
{
	int m = access(e->path, F_OK) < 0 ? make_target(e->path, true) : 0;

	if (m < 0)
		return m;
	if (mount("proc", e->path, "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, e->options) == 0)
		return 0;
	if (errno != EINVAL && errno != EPERM)
		return -errno;
	if (*e->options)
		step_warn(r, "ProtectProc= and ProcSubset= are not available", -errno);
	if (streq(e->path, "/proc"))
		return 0;
	return mount("/proc", e->path, NULL, MS_BIND | MS_REC, NULL) < 0 ? -errno : 0;
}

static int to_mount_point(const char *path)
{
	struct statx stx;

	if (statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, 0, &stx) < 0)
		return -errno;
	if (stx.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT && stx.stx_attributes & STATX_ATTR_MOUNT_ROOT)
		return 0;
	return mount(path, path, NULL, MS_BIND | MS_REC, NULL) < 0 ? -errno : 0;
}

static int mount_overlay(const struct entry *e)
{
	char *data;

	must_alloc(asprintf(&data, "lowerdir=%s:%s", e->options, e->path) < 0 ? NULL : data);
	return mount("sysmaster-extension", e->path, "overlay", MS_RDONLY, data) < 0 ? -errno : 0;
}

static int apply(const struct run *run, const struct entry *e)
{
	int r;

	switch (e->kind) {
	case M_INACCESSIBLE:
		return hide(e->path);
	case M_BIND: case M_RBIND:
		return bind(e);
	case M_IMAGE:
		return access(e->path, F_OK) < 0 && (r = make_target(e->path, true)) < 0 ? r : image_mount(e->source, e->path, e->options);
	case M_OVERLAY:
		return mount_overlay(e);
	case M_DEV:
		return access(e->path, F_OK) < 0 && (r = make_target(e->path, true)) < 0 ? r : dev_mount(e->path);
	case M_PROC:
		return mount_proc(run, e);
	case M_MQUEUE:
		umount2(e->path, MNT_DETACH);           /* the same queues again at the same place are EBUSY */
		return mount("mqueue", e->path, "mqueue", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RELATIME, NULL) < 0 ? -errno : 0;
	case M_TMPFS:
		return mount_tmpfs(e);
	case M_RO: case M_RW: case M_RW_IMPLICIT: case M_NOEXEC: case M_EXEC:
		return to_mount_point(e->path);
	}
	return -EINVAL;
}

/* ---- flags ---- */

static bool covers(const char *above, const char *path)
{
	size_t n = strlen(above);

	return streq(above, "/") || (strncmp(path, above, n) == 0 && (!path[n] || path[n] == '/'));
}

static bool tmpfs_read_only(const struct entry *e)
{
	unsigned long flags = 0;

	if (e->kind == M_TMPFS)
		free(mount_options(e->options, &flags));
	return flags & MS_RDONLY;
}

/* MOUNT_ATTR_* to be set on the mount at @path; entries are in the order of their paths, so the last that covers it is the longest */
static uint64_t attributes(const struct entries *l, const char *path)
{
	bool ro = false, noexec = false, hidden = false;

	for (size_t i = 0; i < l->n; i++) {
		const struct entry *e = &l->v[i];

		if (!covers(e->path, path))
			continue;
		switch (e->kind) {
		case M_RO: ro = true; break;
		case M_RW: case M_RW_IMPLICIT: ro = false; break;
		case M_NOEXEC: noexec = true; break;
		case M_EXEC: noexec = false; break;
		case M_INACCESSIBLE: hidden = true; break;
		case M_DEV: ro = noexec = true; break;
		case M_BIND: case M_RBIND: ro = e->read_only; break;
		case M_TMPFS: ro = e->read_only || tmpfs_read_only(e); break;
		case M_PROC: case M_MQUEUE: case M_OVERLAY: case M_IMAGE: break;
		}
	}
	return (ro || hidden ? MOUNT_ATTR_RDONLY : 0) | (noexec || hidden ? MOUNT_ATTR_NOEXEC : 0);
}

/* \040 and its like, in place */
static void unescape(char *s)
{
	char *out = s;

	for (; *s; s++) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' && s[2] <= '7' && s[3] >= '0' && s[3] <= '7') {
			*out++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
			s += 3;
		} else {
			*out++ = *s;
		}
	}
	*out = 0;
}

static int set_attributes(const char *path, uint64_t set)
{
	struct mount_attr attr = { .attr_set = set };

	if (syscall(SYS_mount_setattr, AT_FDCWD, path, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, &attr, sizeof(attr)) == 0)
		return 0;
	/* EINVAL: something else is mounted over it, or it lies out of reach; EACCES, ENOENT: below a hidden path */
	return errno == ENOENT || errno == EACCES || errno == EINVAL ? 0 : -errno;
}

static int set_flags(const struct entries *l)
{
	_cleanup_(closep) int fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	char *text = must_alloc(malloc(TABLE_MAX)), *save = NULL;
	size_t n = 0;
	ssize_t got;
	int r = 0;

	if (fd < 0)
		return -errno;
	while (n < TABLE_MAX - 1 && (got = read(fd, text + n, TABLE_MAX - 1 - n)) > 0)
		n += (size_t)got;
	text[n] = 0;
	for (char *line = strtok_r(text, "\n", &save); line && r == 0; line = strtok_r(NULL, "\n", &save)) {
		char *p = line, *end;
		uint64_t set;

		for (int i = 0; i < 4 && p; i++) {      /* the mount point is field 5 */
			p = strchr(p, ' ');
			p += !!p;
		}
		end = p ? strchr(p, ' ') : NULL;
		if (!end)
			continue;
		*end = 0;
		unescape(p);
		set = attributes(l, p);
		if (set)
			r = set_attributes(p, set);
	}
	free(text);
	return r;
}

int entries_apply(const struct run *r, const struct entries *l)
{
	for (size_t i = 0; i < l->n; i++) {
		int e = apply(r, &l->v[i]);

		if (e == -ENOENT && l->v[i].optional)
			continue;
		if (e < 0) {
			step_warn(r, l->v[i].path, e);
			return e;
		}
	}
	return set_flags(l);
}
