/*
 * dropin.c - the folders beside a unit: NAME.d, NAME.wants and so on, of its names, template, prefixes and type
 *
 * Folders are found in the index of the search path; what is in them is read when somebody asks. Source: systemd.unit(5).
 */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include "unit/key.h"
#include "unit/lookup.h"
#include "unit/name.h"

#define MAX_FOLDERS 256                 /* of one name */
#define MAX_DROPINS 16384               /* files or links in the folders of one unit */

/* "foo-bar@x.service" -> itself, foo-bar@.service, foo-.service; without @instance and template likewise */
static int add_candidates(const char *name, char ***list)
{
	_cleanup_(freep) char *prefix = NULL, *instance = NULL;
	const char *suffix = name_suffix(name);
	int r = name_prefix(name, &prefix);

	if (r == 0)
		r = name_instance(name, &instance);
	while (r == 0) {
		_cleanup_(freep) char *s = NULL;
		size_t n = strlen(prefix);

		if (asprintf(&s, "%s%s%s.%s", prefix, instance ? "@" : "", instance ? instance : "", suffix) < 0)
			return -ENOMEM;
		r = strv_consume(list, TAKE_PTR(s));
		if (r == 0 && instance && *instance) {
			if (asprintf(&s, "%s@.%s", prefix, suffix) < 0)
				return -ENOMEM;
			r = strv_consume(list, TAKE_PTR(s));
		}
		if (n && prefix[n - 1] == '-')
			n--;
		while (n && prefix[n - 1] != '-')
			n--;
		if (n == 0)
			break;
		prefix[n] = '\0';
		free(TAKE_PTR(instance));               /* the folders of a prefix are for all, instances or not */
	}
	return r;
}

struct folder { unsigned dir, rank; const char *name; };        /* rank: place of the candidate */

static int folder_cmp(const void *a, const void *b)
{
	const struct folder *x = a, *y = b;

	return x->dir != y->dir ? (x->dir > y->dir) - (x->dir < y->dir) : (x->rank > y->rank) - (x->rank < y->rank);
}

/* @candidates' folders in all directories: those of the first directory first, there in the candidates' order */
static int add_folders(const struct lookup *l, char *const *candidates, const char *ending, char ***folders)
{
	struct folder found[MAX_FOLDERS];
	size_t n = 0;
	int r = 0;

	for (unsigned c = 0; candidates[c]; c++) {
		char name[UNIT_NAME_MAX + 16];

		if (snprintf(name, sizeof(name), "%s%s", candidates[c], ending) >= (int)sizeof(name))
			continue;
		for (const struct entry *e = lookup_first(l, name); e && n < MAX_FOLDERS; e = lookup_next(l, e))
			if (e->kind == ENTRY_DIR)
				found[n++] = (struct folder){ e->dir, c, e->name };
	}
	if (n > 1)
		qsort(found, n, sizeof(*found), folder_cmp);
	for (size_t i = 0; r == 0 && i < n; i++) {
		char *path;

		if (asprintf(&path, "%s%s/%s", l->root, l->dirs[found[i].dir], found[i].name) < 0)
			return -ENOMEM;
		r = strv_consume(folders, path);
	}
	return r;
}

/* @ending ".d", ".wants" ...: the folders of all @names, the most important first, those of the whole type last */
static int find_folders(const struct lookup *l, char *const *names, const char *ending, char ***folders)
{
	char *type[] = { (char *)name_suffix(names[0]), NULL };

	for (size_t i = 0; names[i]; i++) {
		_cleanup_(strv_freep) char **candidates = NULL;
		int r = add_candidates(names[i], &candidates);

		if (r == 0)
			r = add_folders(l, candidates, ending, folders);
		if (r < 0)
			return r;
	}
	return add_folders(l, type, ending, folders);
}

struct item { char *name, *path; size_t rank; bool masked; };           /* rank: order of the folders */
struct items { struct item *v; size_t n, cap; };

static int item_cmp(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	int c = strcmp(x->name, y->name);

	return c ? c : (x->rank > y->rank) - (x->rank < y->rank);
}

static void items_done(struct items *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->v[i].name);
		free(s->v[i].path);
	}
	free(s->v);
}

/* is it a symlink to /dev/null, or, with @empty_too, a file without a byte? */
static bool is_masked(int dir_fd, const char *name, bool empty_too)
{
	char target[16];
	struct stat st;
	ssize_t n = readlinkat(dir_fd, name, target, sizeof(target) - 1);

	if (n > 0) {
		target[n] = '\0';
		if (streq(target, "/dev/null"))
			return true;
	}
	return empty_too && fstatat(dir_fd, name, &st, 0) == 0 && (S_ISREG(st.st_mode) ? st.st_size == 0 : S_ISCHR(st.st_mode));
}

static int items_add(struct items *s, const char *folder, size_t rank, const char *name, bool masked)
{
	struct item i = { .rank = rank, .masked = masked };

	if (s->n == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : 16;
		struct item *v = reallocarray(s->v, cap, sizeof(*v));

		if (!v)
			return -ENOMEM;
		s->v = v;
		s->cap = cap;
	}
	i.name = strdup(name);
	if (!i.name || asprintf(&i.path, "%s/%s", folder, name) < 0) {
		free(i.name);
		return -ENOMEM;
	}
	s->v[s->n++] = i;
	return 0;
}

static bool is_link(int dir_fd, const char *name)
{
	struct stat st;

	return fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode);
}

/* what is in @folder and counts: *.conf files, or links named as units */
static int read_folder(const char *folder, size_t rank, bool conf, struct items *all)
{
	DIR *d = opendir(folder);
	struct dirent *de;
	int r = 0;

	if (!d)
		return 0;
	while (r == 0 && (de = readdir(d)) && all->n < MAX_DROPINS)
		if (de->d_name[0] != '.' && (conf ? endswith(de->d_name, ".conf") : name_valid(de->d_name, NAME_ANY) && is_link(dirfd(d), de->d_name)))
			r = items_add(all, folder, rank, de->d_name, is_masked(dirfd(d), de->d_name, conf));
	closedir(d);
	return r;
}

int dropin_collect(const struct lookup *l, char *const *names, const char *ending, char ***ret)
{
	_cleanup_(strv_freep) char **folders = NULL;
	bool conf = streq(ending, ".d");
	struct items all = { 0 };
	int r = find_folders(l, names, ending, &folders);

	for (size_t i = 0; r == 0 && folders && folders[i]; i++)
		r = read_folder(folders[i], i, conf, &all);
	if (r == 0 && all.n)
		qsort(all.v, all.n, sizeof(*all.v), item_cmp);
	for (size_t i = 0; r == 0 && i < all.n; i++) {
		bool hidden = i > 0 && streq(all.v[i - 1].name, all.v[i].name);         /* by one of a more important folder */

		if (!hidden && (conf || !all.v[i].masked))      /* a masked drop-in is read as the empty file it is */
			r = strv_add(ret, conf ? all.v[i].path : all.v[i].name);
	}
	items_done(&all);
	return r;
}
