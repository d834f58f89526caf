/*
 * switch-root.c - sysmaster-switch-root: leave the initramfs, as far as a child of PID 1 can; switch_root(8)
 *
 * Kills what runs, takes /dev, /proc, /sys and /run along, and exits with 0: then PID 1 moves the new root over the old one and executes
 * its init. A process that is left behind sees that happen and frees the old root, if it lies in memory.
 */
#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include "common/sys.h"
#include "leave/processes.h"
#include "log.h"

#define DEPTH_MAX 64
#define SWITCH_USEC (30 * USEC_PER_SEC) /* PID 1 has so long to switch */

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

static bool same_file(const struct stat *a, const struct stat *b) { return a->st_dev == b->st_dev && a->st_ino == b->st_ino; }

/* when the root of PID 1 is another one than ours, which was its, nobody needs ours any more */
static void free_old_root(int proc, int old, const struct stat *here)
{
	uint64_t due = now_usec(CLOCK_BOOTTIME) + SWITCH_USEC;

	while (now_usec(CLOCK_BOOTTIME) < due) {
		struct stat there;

		if (fstatat(proc, "1/root", &there, 0) == 0 && !same_file(&there, here)) {
			empty_tree(old, here->st_dev, 0);
			return;
		}
		usleep(20 * USEC_PER_MSEC);
	}
	log_event(LOG_WARNING, "SWITCH_ROOT_STAYS", "PID 1 did not leave the old root; it is kept");
}

int main(int argc, char **argv)
{
	int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC), old = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat here;
	struct order o;

	if (work_begin(&o, argc, argv) < 0) {
		fputs("sysmaster-switch-root: PID 1 runs this; `sctl switch-root` asks it to\n", stderr);
		return 2;
	}
	if (mount_point(o.argument) <= 0) {     /* switch_root(8) too wants one */
		log_event(LOG_ERR, "SWITCH_ROOT_NO_MOUNT", "the new root is no mount point", F_STR("ROOT", o.argument));
		return EXIT_FAILURE;
	}
	if (proc < 0 || old < 0 || fstat(old, &here) < 0)
		return EXIT_FAILURE;
	work_step("switching root");
	processes_end(&o);
	if (in_memory("/") && fork() == 0) {
		free_old_root(proc, old, &here);
		_exit(EXIT_SUCCESS);
	}
	sys->mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);         /* what is shared cannot be moved */
	move_api_mounts(o.argument);
	return EXIT_SUCCESS;
}
