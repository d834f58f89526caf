/* condition-path.c - conditions on paths; systemd.unit(5). All but PathIsSymbolicLink follow links. */
#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include "unit/checks.h"
#include "osfile.h"

#define MAX_STACKED 8                   /* block devices on top of each other */

int check_PathExists(const char *parameter, const struct unit *u)
{
	return access(parameter, F_OK) == 0;
}

int check_PathExistsGlob(const char *parameter, const struct unit *u)
{
	glob_t g = { 0 };
	int r = glob(parameter, GLOB_NOSORT | GLOB_BRACE, NULL, &g);

	globfree(&g);
	return r == 0 ? 1 : r == GLOB_NOMATCH ? 0 : r == GLOB_NOSPACE ? -ENOMEM : -EIO;
}

int check_PathIsDirectory(const char *parameter, const struct unit *u)
{
	struct stat st;

	return stat(parameter, &st) == 0 && S_ISDIR(st.st_mode);
}

int check_PathIsSymbolicLink(const char *parameter, const struct unit *u)
{
	struct stat st;

	return lstat(parameter, &st) == 0 && S_ISLNK(st.st_mode);
}

int check_PathIsMountPoint(const char *parameter, const struct unit *u)
{
	struct statx sx;

	if (statx(AT_FDCWD, parameter, 0, 0, &sx) < 0)
		return 0;
	if (sx.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT)
		return (sx.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
	return -EOPNOTSUPP;             /* a kernel before 5.8 cannot say */
}

int check_PathIsReadWrite(const char *parameter, const struct unit *u)
{
	struct statvfs st;

	return statvfs(parameter, &st) == 0 && !(st.f_flag & ST_RDONLY);
}

/* dm-crypt below @dev? A stack of devices is encrypted when the one file system on it lies on a single encrypted one. */
static int is_encrypted(const char *dev, unsigned depth)
{
	char path[PATH_MAX], uuid[64], slave[NAME_MAX + 1] = "";
	struct dirent *de;
	unsigned n = 0;
	DIR *d;

	if (snprintf(path, sizeof(path), "/sys/%s/dm/uuid", dev) < (int)sizeof(path) && osfile_read(path, uuid, sizeof(uuid)) > 0 &&
	    startswith(uuid, "CRYPT-"))
		return 1;
	if (depth == MAX_STACKED || snprintf(path, sizeof(path), "/sys/%s/slaves", dev) >= (int)sizeof(path))
		return 0;
	d = opendir(path);
	while (d && (de = readdir(d))) {
		if (de->d_name[0] == '.')
			continue;
		n++;
		snprintf(slave, sizeof(slave), "%s", de->d_name);
	}
	if (d)
		closedir(d);
	if (n != 1)
		return 0;
	snprintf(path, sizeof(path), "class/block/%s", slave);
	return is_encrypted(path, depth + 1);
}

int check_PathIsEncrypted(const char *parameter, const struct unit *u)
{
	char dev[64];
	struct stat st;

	if (stat(parameter, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (major(st.st_dev) == 0)
		return 0;               /* no block device behind it */
	snprintf(dev, sizeof(dev), "dev/block/%u:%u", major(st.st_dev), minor(st.st_dev));
	return is_encrypted(dev, 0);
}

/* hidden files and what editors leave behind do not count, as in systemd */
static bool is_leftover(const char *name)
{
	return name[0] == '.' || endswith(name, "~") || endswith(name, ".bak") || endswith(name, ".rpmsave") ||
	       endswith(name, ".rpmnew") || endswith(name, ".dpkg-old") || endswith(name, ".dpkg-new") || endswith(name, ".dpkg-tmp");
}

int check_DirectoryNotEmpty(const char *parameter, const struct unit *u)
{
	DIR *d = opendir(parameter);
	struct dirent *de;
	int r = 0;

	if (!d)
		return 0;
	while (r == 0 && (de = readdir(d)))
		r = !is_leftover(de->d_name);
	closedir(d);
	return r;
}

int check_FileNotEmpty(const char *parameter, const struct unit *u)
{
	struct stat st;

	return stat(parameter, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0;
}

int check_FileIsExecutable(const char *parameter, const struct unit *u)
{
	struct stat st;

	return stat(parameter, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 0111);
}

/* the time an update service noted in the stamp file; its mtime alone may be cut to seconds by the file system */
static bool older_than_usr(const char *stamp, const struct timespec *usr)
{
	struct stat st;
	char text[512], *p;
	uint64_t nsec, usr_nsec = (uint64_t)usr->tv_sec * 1000000000u + (uint64_t)usr->tv_nsec;

	if (stat(stamp, &st) < 0)
		return true;
	if (usr->tv_sec != st.st_mtim.tv_sec)
		return usr->tv_sec > st.st_mtim.tv_sec;
	if (usr->tv_nsec == 0 || st.st_mtim.tv_nsec > 0)
		return usr->tv_nsec > st.st_mtim.tv_nsec;
	if (osfile_read(stamp, text, sizeof(text)) > 0 && (p = strstr(text, "TIMESTAMP_NSEC="))) {
		p[strcspn(p, "\n")] = '\0';
		if (value_unsigned(p + strlen("TIMESTAMP_NSEC="), UINT64_MAX, &nsec) == 0)
			return usr_nsec > nsec;
	}
	return true;
}

int check_NeedsUpdate(const char *parameter, const struct unit *u)
{
	char stamp[PATH_MAX];
	struct statvfs vfs;
	struct stat usr;
	bool forced;

	if (cmdline_bool("systemd.condition-needs-update", &forced) == 0)
		return forced;
	if (statvfs(parameter, &vfs) == 0 && (vfs.f_flag & ST_RDONLY))
		return 0;               /* nothing that could be updated */
	if (snprintf(stamp, sizeof(stamp), "%s/.updated", parameter) >= (int)sizeof(stamp) || stat("/usr", &usr) < 0)
		return 1;
	return older_than_usr(stamp, &usr.st_mtim);
}
