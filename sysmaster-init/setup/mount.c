/* mount.c - see mount.h */
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include "common/sys.h"
#include "log.h"
#include "setup/mount.h"

#define PLAIN (MS_NOSUID | MS_NODEV | MS_NOEXEC)
#define ALL (MOUNT_CONTAINER | MOUNT_MKDIR)

/* Source: the kernel's Documentation/filesystems, hier(7), file-hierarchy(7). */
const struct mount_row mount_rows[] = {
	{ "proc", "/proc", NULL, NULL, PLAIN, MOUNT_EARLY | MOUNT_NEEDED | ALL },
	{ "sysfs", "/sys", NULL, NULL, PLAIN, MOUNT_NEEDED | ALL },
	{ "devtmpfs", "/dev", "mode=0755", NULL, MS_NOSUID, MOUNT_NEEDED | MOUNT_MKDIR },
	{ "tmpfs", "/run", "mode=0755,size=20%", "mode=0755", MS_NOSUID | MS_NODEV, MOUNT_NEEDED | ALL },
	{ "devpts", "/dev/pts", "mode=0620,gid=5,ptmxmode=0666", NULL, MS_NOSUID | MS_NOEXEC, MOUNT_NEEDED | ALL },
	{ "tmpfs", "/dev/shm", "mode=1777", NULL, MS_NOSUID | MS_NODEV, MOUNT_NEEDED | ALL },
	{ "mqueue", "/dev/mqueue", NULL, NULL, PLAIN, ALL },
	{ "hugetlbfs", "/dev/hugepages", NULL, NULL, MS_NOSUID | MS_NODEV, MOUNT_MKDIR },
	{ "cgroup2", "/sys/fs/cgroup", "nsdelegate,memory_recursiveprot", "", PLAIN, MOUNT_NEEDED | MOUNT_CONTAINER },
	{ "securityfs", "/sys/kernel/security", NULL, NULL, PLAIN, 0 },
	{ "debugfs", "/sys/kernel/debug", NULL, NULL, PLAIN, 0 },
	{ "tracefs", "/sys/kernel/tracing", NULL, NULL, PLAIN, 0 },
	{ "configfs", "/sys/kernel/config", NULL, NULL, PLAIN, 0 },
	{ "bpf", "/sys/fs/bpf", "mode=0700", NULL, PLAIN, 0 },
	{ "pstore", "/sys/fs/pstore", NULL, NULL, PLAIN, 0 },
	{ "fusectl", "/sys/fs/fuse/connections", NULL, NULL, PLAIN, 0 },
	{ "efivarfs", "/sys/firmware/efi/efivars", NULL, NULL, PLAIN, 0 },
};
const size_t mount_n_rows = ARRAY_SIZE(mount_rows);

static void mount_row(const struct mount_row *m, bool container)
{
	bool needed = (m->bits & MOUNT_NEEDED) && !container;
	int r;

	if (container && !(m->bits & MOUNT_CONTAINER))
		return;
	if ((m->bits & MOUNT_MKDIR) && mkdir(m->where, 0755) < 0 && errno != EEXIST && errno != EROFS)
		log_event(LOG_DEBUG, "INIT_MOUNT_MKDIR", "cannot make a mount point", F_STR("WHERE", m->where), F_ERRNO(-errno));
	r = mount_point(m->where);
	if (r != 0)     /* mounted already, or not there: hardware or kernel without it */
		return;
	r = sys->mount(m->what, m->where, m->what, m->flags, m->options);
	if (r == -EINVAL && m->fallback)
		r = sys->mount(m->what, m->where, m->what, m->flags, *m->fallback ? m->fallback : NULL);
	if (r < 0)
		log_event(needed ? LOG_ERR : LOG_DEBUG, "INIT_MOUNT_FAILED", "cannot mount", F_STR("WHERE", m->where), F_STR("TYPE", m->what), F_ERRNO(r));
}

void mount_early(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(mount_rows); i++)
		if (mount_rows[i].bits & MOUNT_EARLY)
			mount_row(&mount_rows[i], true);        /* a machine or not: nobody knows yet */
}

void mount_all(bool container)
{
	struct statfs fs;

	for (size_t i = 0; i < ARRAY_SIZE(mount_rows); i++) {
		/* a tmpfs with the hierarchies of v1 beside "unified" is somebody's hybrid: mount_cgroup() looks into it */
		if (streq(mount_rows[i].what, "cgroup2") && statfs("/sys/fs/cgroup", &fs) == 0 && fs.f_type == TMPFS_MAGIC)
			continue;
		mount_row(&mount_rows[i], container);
	}
	/* the kernel begins with "private": then no service with a mount namespace of its own would ever see what is mounted later */
	if (!container && mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL) < 0)
		log_event(LOG_WARNING, "INIT_MOUNT_SHARED", "mounts cannot be made shared", F_ERRNO(-errno));
}

void mount_links(bool container)
{
	static const struct { const char *to, *path; } links[] = {
		{ "/proc/self/fd", "/dev/fd" }, { "/proc/self/fd/0", "/dev/stdin" }, { "/proc/self/fd/1", "/dev/stdout" },
		{ "/proc/self/fd/2", "/dev/stderr" }, { "/proc/kcore", "/dev/core" }, { "pts/ptmx", "/dev/ptmx" },
	};
	static const struct { const char *path; unsigned minor; } nodes[] = {
		{ "/dev/null", 3 }, { "/dev/zero", 5 }, { "/dev/full", 7 }, { "/dev/random", 8 }, { "/dev/urandom", 9 },
	};

	if (container && access("/dev/null", F_OK) < 0) {
		for (size_t i = 0; i < ARRAY_SIZE(nodes); i++)
			if (mknod(nodes[i].path, S_IFCHR | 0666, makedev(1, nodes[i].minor)) == 0)
				chmod(nodes[i].path, 0666);
		if (mknod("/dev/tty", S_IFCHR | 0666, makedev(5, 0)) == 0)
			chmod("/dev/tty", 0666);
	}
	for (size_t i = 0; i < ARRAY_SIZE(links); i++)
		if (symlink(links[i].to, links[i].path) < 0 && errno != EEXIST)
			log_event(LOG_DEBUG, "INIT_DEV_LINK", "cannot link", F_STR("PATH", links[i].path), F_ERRNO(-errno));
}

static bool is_cgroup2(const char *path)
{
	struct statfs fs;

	return statfs(path, &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC;
}

/* our own place in the tree of v2: the line "0::/path" of /proc/self/cgroup */
static int own_cgroup(char *path, size_t size)
{
	_cleanup_(closep) int fd = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);
	char text[8192], *line, *rest = text;
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (n < 0)
		return -errno;
	text[n] = '\0';
	while ((line = strsep(&rest, "\n")))
		if (startswith(line, "0::/")) {
			snprintf(path, size, "%s", streq(line + 3, "/") ? "" : line + 3);
			return 0;
		}
	return -ENOENT;
}

static void move_to_scope(const char *root)
{
	char path[4096 + 32];
	int fd;

	snprintf(path, sizeof(path), "%s/init.scope", root);
	if (mkdir(path, 0755) < 0 && errno != EEXIST) {
		log_event(LOG_WARNING, "INIT_CGROUP_SCOPE", "cannot make a cgroup for init", F_STR("PATH", path), F_ERRNO(-errno));
		return;
	}
	snprintf(path, sizeof(path), "%s/init.scope/cgroup.procs", root);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || dprintf(fd, "%d", (int)getppid()) < 0)
		log_event(LOG_WARNING, "INIT_CGROUP_SCOPE", "cannot move init into its cgroup", F_STR("PATH", path), F_ERRNO(-errno));
	if (fd >= 0)
		close(fd);
}

void mount_cgroup(char *root, size_t size, bool container, bool move)
{
	static const char *const places[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };
	char own[3072];
	size_t len;

	*root = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(places) && *root == '\0'; i++)
		if (is_cgroup2(places[i]))
			snprintf(root, size, "%s", places[i]);
	if (*root == '\0')
		return;
	if ((container || !move) && own_cgroup(own, sizeof(own)) == 0) {
		if (endswith(own, "/init.scope"))       /* started again in the place we took before */
			own[strlen(own) - strlen("/init.scope")] = '\0';
		len = strlen(root);
		snprintf(root + len, size - len, "%s", own);
		if (access(root, W_OK) < 0)     /* only a part of the tree is mounted here: then it is ours */
			root[len] = '\0';
	}
	if (access(root, W_OK) < 0) {
		*root = '\0';
		return;
	}
	if (move)
		move_to_scope(root);
}
