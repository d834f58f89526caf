/* install-depend.c - add-wants, add-requires, revert; systemctl(1) */
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include "sctl/install-priv.h"
#include "unit/name.h"

/* is there a unit file that can be linked? */
static bool exists(struct install_job *j, const char *name, struct install_info *ret)
{
	int r = install_info_read(j->l, name, NULL, ret);

	if (r < 0)
		install_failed(j, r == -ERFKILL ? INSTALL_MASKED : r == -ENOENT ? INSTALL_NO_UNIT : r == -EINVAL ? INSTALL_BAD_NAME : INSTALL_ERRNO, r, name, name);
	return r >= 0;
}

int install_add_dependency(struct lookup *l, const char *target, bool requires, char *const *names, unsigned flags, struct install_changes *ch)
{
	struct install_job j = install_job_of(l, flags, ch);
	struct install_info info;
	bool there = exists(&j, target, &info);

	if (there)
		install_info_done(&info);
	for (size_t i = 0; there && names && names[i]; i++) {
		char where[UNIT_NAME_MAX * 2 + 32];

		if (!exists(&j, names[i], &info))
			continue;
		snprintf(where, sizeof(where), "%s.%s/%s", target, requires ? "requires" : "wants", info.effective);
		install_make_link(&j, where, info.path, flags & INSTALL_FORCE);
		install_info_done(&info);
	}
	return install_job_done(&j);
}

/* ---- revert ---- */

/* of /etc and /run, what people and their tools write: not what generators and transient units put there */
static bool is_own(const char *dir)
{
	return install_is_config(dir) && !startswith(dir, "/run/systemd/generator") && !startswith(dir, "/run/systemd/transient") &&
	       !startswith(dir, "/run/sysmaster/generator") && !startswith(dir, "/run/sysmaster/transient");
}

static void remove_path(struct install_job *j, const char *path, bool folder)
{
	if ((folder ? rmdir(path) : unlink(path)) == 0)
		install_note(j->ch, INSTALL_UNLINKED, INSTALL_OK, 0, path, NULL);
	else if (errno != ENOENT)
		install_failed(j, INSTALL_ERRNO, -errno, path, NULL);
}

static void remove_dropins(struct install_job *j, const char *dir, const char *name)
{
	_cleanup_(freep) char *folder = NULL;
	_cleanup_(strv_freep) char **files = NULL;
	struct stat st;

	if (asprintf(&folder, "%s%s/%s.d", lookup_root(j->l), dir, name) < 0 || lstat(folder, &st) < 0 || !S_ISDIR(st.st_mode))
		return;
	files = install_folder(folder);
	for (size_t i = 0; files && files[i]; i++) {
		_cleanup_(freep) char *path = NULL;

		if (asprintf(&path, "%s/%s", folder, files[i]) >= 0)
			remove_path(j, path, false);
	}
	remove_path(j, folder, true);
}

static bool has_vendor_file(const struct install_job *j, const char *name)
{
	for (char *const *d = lookup_dirs(j->l); *d; d++) {
		char path[PATH_MAX];
		struct stat st;

		snprintf(path, sizeof(path), "%s%s/%s", lookup_root(j->l), *d, name);
		if (!install_is_config(*d) && lstat(path, &st) == 0)
			return true;
	}
	return false;
}

/* a mask, or a file of one's own where the vendor has one, too */
static void remove_override(struct install_job *j, const char *dir, const char *name, bool vendor)
{
	char path[PATH_MAX], target[16];
	struct stat st;
	ssize_t n;

	snprintf(path, sizeof(path), "%s%s/%s", lookup_root(j->l), dir, name);
	if (lstat(path, &st) < 0)
		return;
	n = S_ISLNK(st.st_mode) ? readlink(path, target, sizeof(target)) : -1;
	if ((S_ISREG(st.st_mode) && vendor) || (n == 9 && memcmp(target, "/dev/null", 9) == 0))
		remove_path(j, path, false);
}

int install_revert(struct lookup *l, char *const *names, unsigned flags, struct install_changes *ch)
{
	struct install_job j = install_job_of(l, flags, ch);

	for (size_t i = 0; names && names[i]; i++) {
		bool vendor = has_vendor_file(&j, names[i]);

		if (!name_valid(names[i], NAME_ANY)) {
			install_failed(&j, INSTALL_BAD_NAME, -EINVAL, NULL, names[i]);
			continue;
		}
		for (char *const *d = lookup_dirs(l); *d; d++)
			if (is_own(*d))
				remove_dropins(&j, *d, names[i]);
		for (char *const *d = lookup_dirs(l); *d; d++)
			if (is_own(*d))
				remove_override(&j, *d, names[i], vendor);
	}
	return install_job_done(&j);
}
