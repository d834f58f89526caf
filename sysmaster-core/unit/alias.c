/* alias.c - what a symlink in a directory of the search path is: a mask, an alias, or a file that is kept elsewhere */
#include <limits.h>
#include <stdio.h>
#include "unit/key.h"
#include "unit/lookup.h"
#include "unit/name.h"

/* "/a/b/../c" -> "/a/c", by its letters only */
static void fold_dotdot(char *path)
{
	char *out = path;

	path_simplify(path);
	for (char *p = path; *p; ) {
		size_t n = 1 + strcspn(p + 1, "/");

		if (n == 3 && p[1] == '.' && p[2] == '.') {
			while (out > path && *--out != '/')
				;
		} else {
			memmove(out, p, n);
			out += n;
		}
		p += n;
	}
	if (out == path)
		*out++ = '/';
	*out = '\0';
}

/* is that folder one of the search path, by its name or as the same folder under another (/lib and /usr/lib)? */
static bool in_search_path(const struct lookup *l, const char *folder)
{
	char full[PATH_MAX];
	struct stat st;

	if (strv_has(l->dirs, folder))
		return true;
	if (snprintf(full, sizeof(full), "%s%s", l->root, folder) >= (int)sizeof(full) || stat(full, &st) < 0)
		return false;
	for (size_t i = 0; i < l->n_dirs; i++)
		if (l->stamps[i].there && l->stamps[i].dev == st.st_dev && l->stamps[i].ino == st.st_ino)
			return true;
	return false;
}

bool lookup_alias_fits(const char *alias, const char *target)
{
	if (!name_valid(target, NAME_ANY) || !streq(name_suffix(alias), name_suffix(target)))
		return false;
	if (name_valid(alias, NAME_PLAIN))
		return name_valid(target, NAME_PLAIN);
	if (name_is_template(alias))
		return name_is_template(target);
	return name_valid(target, NAME_TEMPLATE | NAME_INSTANCE);
}

int lookup_classify_link(struct lookup *l, int dir_fd, struct entry *e)
{
	char target[PATH_MAX], path[PATH_MAX * 2];
	ssize_t n = readlinkat(dir_fd, e->name, target, sizeof(target) - 1);
	char *slash;

	if (n < 0)
		return 0;
	target[n] = '\0';
	if (streq(target, "/dev/null")) {
		e->kind = ENTRY_MASK;
		return 0;
	}
	if (target[0] == '/')
		snprintf(path, sizeof(path), "%s", target);
	else
		snprintf(path, sizeof(path), "%s/%s", l->dirs[e->dir], target);
	fold_dotdot(path);
	if (streq(path, "/dev/null")) {
		e->kind = ENTRY_MASK;
		return 0;
	}
	slash = strrchr(path, '/');
	*slash = '\0';
	if (!streq(slash + 1, e->name) && in_search_path(l, path) && lookup_alias_fits(e->name, slash + 1)) {
		e->kind = ENTRY_ALIAS;
		e->target = arena_strndup(&l->arena, slash + 1, strlen(slash + 1));
		return e->target ? 0 : -ENOMEM;
	}
	e->outside = !in_search_path(l, path);
	*slash = '/';
	if (*l->root) {                         /* the kernel would follow it out of the root */
		char full[PATH_MAX * 3];

		snprintf(full, sizeof(full), "%s%s", l->root, path);
		e->target = arena_strndup(&l->arena, full, strlen(full));
		return e->target ? 0 : -ENOMEM;
	}
	return 0;
}
