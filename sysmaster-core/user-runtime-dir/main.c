/*
 * main.c - sysmaster-user-runtime-dir start|stop UID: makes and removes /run/user/UID; user@.service(5)
 *
 * What systemd-user-runtime-dir(8) does with logind's help, without: a tmpfs of the user's own of a tenth of the memory, or a plain
 * directory where nothing may be mounted.
 */
#include <fcntl.h>
#include <ftw.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include "util.h"

static int fail(const char *what, const char *path)
{
	fprintf(stderr, "sysmaster-user-runtime-dir: %s: %s: %s\n", path, what, strerror(errno));
	return 1;
}

static bool is_mount_point(const char *path)
{
	struct stat st, up;

	return stat(path, &st) == 0 && stat("/run/user", &up) == 0 && st.st_dev != up.st_dev;
}

static int start(const char *path, const struct passwd *pw)
{
	char options[128];

	if (mkdir("/run/user", 0755) < 0 && errno != EEXIST)
		return fail("cannot be made", "/run/user");
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return fail("cannot be made", path);
	if (is_mount_point(path))
		return 0;
	snprintf(options, sizeof(options), "mode=0700,uid=%u,gid=%u,size=10%%", (unsigned)pw->pw_uid, (unsigned)pw->pw_gid);
	if (mount("tmpfs", path, "tmpfs", MS_NODEV | MS_NOSUID, options) == 0)
		return 0;
	if (errno != EPERM && errno != EACCES && errno != ENODEV)
		return fail("no tmpfs can be mounted", path);
	return lchown(path, pw->pw_uid, pw->pw_gid) < 0 ? fail("cannot be given away", path) : 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *f)
{
	return f->level == 0 || remove(path) == 0 || errno == ENOENT ? 0 : -1;
}

static int stop(const char *path)
{
	/* emptied first: what is still in use there would live on otherwise */
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	if (is_mount_point(path) && umount2(path, MNT_DETACH) < 0)
		return fail("cannot be unmounted", path);
	return rmdir(path) < 0 && errno != ENOENT ? fail("cannot be removed", path) : 0;
}

int main(int argc, char **argv)
{
	const struct passwd *pw;
	char path[64], *end;
	unsigned long uid;

	if (argc != 3 || (!streq(argv[1], "start") && !streq(argv[1], "stop"))) {
		fprintf(stderr, "Usage: sysmaster-user-runtime-dir start|stop UID\n");
		return 2;
	}
	errno = 0;
	uid = strtoul(argv[2], &end, 10);
	if (errno || *end || !*argv[2] || uid >= (uid_t)-1) {
		fprintf(stderr, "sysmaster-user-runtime-dir: \"%s\" is no user id\n", argv[2]);
		return 2;
	}
	snprintf(path, sizeof(path), "/run/user/%lu", uid);
	umask(0022);
	if (streq(argv[1], "stop"))
		return stop(path);
	pw = getpwuid((uid_t)uid);
	if (!pw) {
		fprintf(stderr, "sysmaster-user-runtime-dir: there is no user %lu\n", uid);
		return 1;
	}
	return start(path, pw);
}
