/* switchroot.c - see switchroot.h */
#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include "conf.h"
#include "console.h"
#include "log.h"
#include "mount.h"
#include "shutdown.h"
#include "switchroot.h"
#include "sys.h"
#include "table.h"

#define DEPTH_MAX 64

static const char *const inits[] = { "/usr/lib/sysmaster/sysmaster-init", "/sbin/init", "/etc/init", "/bin/init", "/bin/sh" };

static bool in_memory(const char *path)
{
	struct statfs fs;

	return statfs(path, &fs) == 0 && (fs.f_type == RAMFS_MAGIC || fs.f_type == TMPFS_MAGIC);
}

/* remove all below @dir_fd (taken over) that lies on the file system @dev: the memory of the initramfs */
static void empty_tree(int dir_fd, dev_t dev, int depth)
{
	DIR *dir = fdopendir(dir_fd);

	if (!dir) {
		close(dir_fd);
		return;
	}
	for (struct dirent *d; (d = readdir(dir));) {
		struct stat st;
		int fd;

		if (streq(d->d_name, ".") || streq(d->d_name, "..") || fstatat(dirfd(dir), d->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 || st.st_dev != dev)
			continue;
		if (!S_ISDIR(st.st_mode)) {
			unlinkat(dirfd(dir), d->d_name, 0);
			continue;
		}
		fd = openat(dirfd(dir), d->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd >= 0 && depth < DEPTH_MAX)
			empty_tree(fd, dev, depth + 1);
		else if (fd >= 0)
			close(fd);
		unlinkat(dirfd(dir), d->d_name, AT_REMOVEDIR);
	}
	closedir(dir);
}

static void move_api_mounts(const char *root)
{
	static const char *const places[] = { "/dev", "/proc", "/sys", "/run" };

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		char to[4096 + 16];
		int r;

		snprintf(to, sizeof(to), "%s%s", root, places[i]);
		if (mount_point(places[i]) <= 0)
			continue;
		r = mount_point(to);
		if (r == 0)
			r = sys->mount(places[i], to, NULL, MS_MOVE, NULL);
		if (r != 0)     /* there already, or no such directory: the old one must not stay behind under the new root */
			sys->umount(places[i], MNT_DETACH);
	}
}

static void exec_new(const char *init)
{
	extern char **environ;
	char *argv[] = { NULL, NULL };
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	syscall(SYS_close_range, 3U, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */);
	prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0);
	if (*init) {
		argv[0] = (char *)init;
		execve(init, argv, environ);
		log_event(LOG_ERR, "SWITCH_ROOT_EXEC", "cannot execute the new init", F_STR("PATH", init), F_ERRNO(-errno));
	}
	for (size_t i = 0; i < ARRAY_SIZE(inits); i++) {
		argv[0] = (char *)inits[i];
		execve(inits[i], argv, environ);
	}
}

int switchroot_run(const char *root, const char *init)
{
	int r, old;
	struct stat st;

	if (mount_point(root) <= 0)
		return -EINVAL;         /* switch_root(8) too wants a mount point */
	old = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (old < 0 || fstat(old, &st) < 0)
		return -errno;
	console_say("sysmaster: switching root to %s", root);
	if (table->s.core_pid != 0)
		kill((pid_t)table->s.core_pid, SIGKILL);
	shutdown_kill(conf.term_usec, conf.kill_usec);
	move_api_mounts(root);
	if (chdir(root) < 0)
		return -errno;
	if (!in_memory("/")) {
		close(old);
		old = -1;
	}
	r = sys->mount(".", "/", NULL, MS_MOVE, NULL);
	if (r < 0)
		return r;
	if (chroot(".") < 0 || chdir("/") < 0)
		return -errno;
	if (old >= 0)
		empty_tree(old, st.st_dev, 0);
	exec_new(init);
	console_shout("sysmaster: the new root has no init that can be executed");
	return -ENOEXEC;
}
