/* verify-tree.c - the directories of the search path themselves: what the loader passes over in silence */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include "unit/lookup.h"
#include "unit/name.h"
#include "verify.h"

static const char *const folder_endings[] = { ".wants", ".requires", ".upholds", ".d" };

/* "a.service", "service", "foo-.service": what NAME.d and the like may belong to */
static bool owns_folders(const char *name)
{
	char probe[NAME_MAX + 8];

	if (name_valid(name, NAME_ANY))
		return true;
	snprintf(probe, sizeof(probe), "x.%s", name);
	return name_valid(probe, NAME_PLAIN);
}

/* the part before ".d" and so on, into @owner; NULL: not called like a folder. Returns the ending */
static const char *folder_ending(const char *name, char owner[NAME_MAX + 1])
{
	for (size_t i = 0; i < ARRAY_SIZE(folder_endings); i++)
		if (endswith(name, folder_endings[i])) {
			snprintf(owner, NAME_MAX + 1, "%.*s", (int)(strlen(name) - strlen(folder_endings[i])), name);
			return folder_endings[i];
		}
	return NULL;
}

static void report_name(struct verify *v, const char *path, const char *name)
{
	const char *dot = strrchr(name, '.');

	if (startswith(name, "README"))
		return;
	if (dot && name_suffix(name))
		verify_report(v, DIAG_WARNING, path, 0, 0, "not a unit name, ignored");
	else
		verify_report(v, DIAG_WARNING, path, 0, 0, "its ending is no unit type, ignored");
}

/* a link in the search path: there, and if its name is another than the target's, one that may be an alias */
static void check_link(struct verify *v, const char *dir, const char *path, const char *name, int dir_fd)
{
	char target[PATH_MAX], full[PATH_MAX * 2];
	ssize_t n = readlinkat(dir_fd, name, target, sizeof(target) - 1);
	const char *base;
	int fd;

	if (n < 0)
		return;
	target[n] = '\0';
	base = strrchr(target, '/') ? strrchr(target, '/') + 1 : target;
	if (endswith(target, "/dev/null"))
		return;
	if (*target == '/')
		snprintf(full, sizeof(full), "%s", target);
	else
		snprintf(full, sizeof(full), "%s/%s", dir, target);
	fd = verify_open(v, full);
	if (fd < 0 && (streq(base, name) || !lookup_exists(v->lookup, base)))
		verify_report(v, DIAG_WARNING, path, 0, 0, "link to %s: %s", target, strerror(-fd));
	else if (!streq(base, name) && name_valid(base, NAME_ANY) && !lookup_alias_fits(name, base))
		verify_report(v, DIAG_WARNING, path, 0, 0, "link to %s, which cannot be another name of it", target);
	closep(&fd);
}

/* an entry of NAME.d, NAME.wants ... */
static void check_inner(struct verify *v, const char *path, const char *name, const char *ending, int dir_fd)
{
	bool conf = streq(ending, ".d");
	struct stat st;

	if (conf && !endswith(name, ".conf"))
		verify_report(v, DIAG_WARNING, path, 0, 0, "not called *.conf, ignored");
	else if (!conf && !name_valid(name, NAME_PLAIN | NAME_INSTANCE) && !name_is_template(name))
		report_name(v, path, name);
	else if (!conf && fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISLNK(st.st_mode))
		verify_report(v, DIAG_WARNING, path, 0, 0, "not a symlink; its name counts, what is in it does not");
}

static int read_names(const char *path, int (*each)(void *arg, int dir_fd, const struct dirent *de), void *arg)
{
	DIR *d = opendir(path);
	struct dirent *de;
	int r = 0;

	if (!d)
		return 0;
	while (r == 0 && (de = readdir(d)))
		if (de->d_name[0] != '.')
			r = each(arg, dirfd(d), de);
	closedir(d);
	return r;
}

struct walk { struct verify *v; const char *dir; char path[PATH_MAX]; const char *ending; };    /* dir: without the root */

static int inner_entry(void *arg, int dir_fd, const struct dirent *de)
{
	const struct walk *w = arg;
	char path[PATH_MAX + NAME_MAX + 2];

	snprintf(path, sizeof(path), "%s/%s", w->path, de->d_name);
	check_inner(w->v, path, de->d_name, w->ending, dir_fd);
	return 0;
}

static int entry(void *arg, int dir_fd, const struct dirent *de)
{
	struct walk *w = arg, inner = { w->v, w->dir, "", NULL };
	char owner[NAME_MAX + 1];
	struct stat st;

	if (snprintf(inner.path, sizeof(inner.path), "%s/%s", w->path, de->d_name) >= (int)sizeof(inner.path) ||
	    fstatat(dir_fd, de->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	inner.ending = folder_ending(de->d_name, owner);
	if (inner.ending && !S_ISREG(st.st_mode)) {
		if (!owns_folders(owner))
			verify_report(w->v, DIAG_WARNING, inner.path, 0, 0, "\"%s\" is no unit name, ignored", owner);
		return read_names(inner.path, inner_entry, &inner);
	}
	if (S_ISDIR(st.st_mode))
		return 0;
	if (!name_valid(de->d_name, NAME_ANY))
		report_name(w->v, inner.path, de->d_name);
	else if (S_ISLNK(st.st_mode))
		check_link(w->v, w->dir, inner.path, de->d_name, dir_fd);
	return 0;
}

int verify_tree(struct verify *v)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < v->lookup->n_dirs; i++) {
		struct walk w = { .v = v, .dir = v->lookup->dirs[i] };

		if (!v->lookup->stamps[i].there || v->lookup->stamps[i].twin)
			continue;
		if (snprintf(w.path, sizeof(w.path), "%s%s", v->lookup->root, w.dir) < (int)sizeof(w.path))
			r = read_names(w.path, entry, &w);
	}
	return r;
}
