/*
 * path.c - where unit files are; systemd.unit(5) "Unit File Load Path"
 *
 * The directories of the search path are read once: every name in them is one entry of a sorted array, so finding a unit, its
 * aliases and its drop-in folders costs a few binary searches. What is inside drop-in folders is read when somebody asks.
 */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include "unit/key.h"
#include "unit/lookup.h"
#include "unit/name.h"
#include "unit/scope.h"

#define MAX_HOPS 16                     /* of aliases that lead to aliases */
#define MAX_NAMES 256                   /* of one unit */
#define ARENA_MAX (64u << 20)

static const char *const system_dirs[] = {
	"/etc/sysmaster/system.control", "/etc/systemd/system.control", "/run/sysmaster/system.control", "/run/systemd/system.control",
	"/run/sysmaster/transient", "/run/systemd/transient",
	"/run/sysmaster/generator.early", "/run/systemd/generator.early", "/etc/sysmaster/system", "/etc/systemd/system",
	"/etc/systemd/system.attached", "/run/sysmaster/system", "/run/systemd/system", "/run/systemd/system.attached",
	"/run/sysmaster/generator", "/run/systemd/generator", "/usr/local/lib/sysmaster/system", "/usr/local/lib/systemd/system",
	"/usr/lib/sysmaster/system", "/usr/lib/systemd/system", "/lib/systemd/system", "/run/sysmaster/generator.late",
	"/run/systemd/generator.late", NULL,
};
/* below a directory of the user's, or of a list in the environment, or as it stands; each for both suites */
enum { AS_IT_IS = -1, CONFIG_DIRS = -2, DATA_DIRS = -3 };
static const struct { int below; const char *sysmaster, *systemd; } user_dirs[] = {
	{ SCOPE_CONFIGURATION, "/sysmaster/user.control", "/systemd/user.control" },
	{ SCOPE_RUNTIME, "/sysmaster/user.control", "/systemd/user.control" },
	{ SCOPE_RUNTIME, "/sysmaster/transient", "/systemd/transient" }, { SCOPE_RUNTIME, NULL, "/systemd/generator.early" },
	{ SCOPE_CONFIGURATION, "/sysmaster/user", "/systemd/user" }, { CONFIG_DIRS, "/sysmaster/user", "/systemd/user" },
	{ AS_IT_IS, "/etc/sysmaster/user", "/etc/systemd/user" }, { SCOPE_RUNTIME, "/sysmaster/user", "/systemd/user" },
	{ AS_IT_IS, "/run/sysmaster/user", "/run/systemd/user" }, { SCOPE_RUNTIME, NULL, "/systemd/generator" },
	{ SCOPE_DATA, "/sysmaster/user", "/systemd/user" }, { DATA_DIRS, "/sysmaster/user", "/systemd/user" },
	{ AS_IT_IS, "/usr/local/lib/sysmaster/user", "/usr/local/lib/systemd/user" }, { AS_IT_IS, "/usr/lib/sysmaster/user", "/usr/lib/systemd/user" },
	{ AS_IT_IS, NULL, "/lib/systemd/user" }, { SCOPE_RUNTIME, NULL, "/systemd/generator.late" },
};

static int add_dir_below(struct lookup *l, const char *below, const char *dir)
{
	char *path;

	if (!dir)
		return 0;
	return asprintf(&path, "%s%s", below, dir) < 0 ? -ENOMEM : strv_consume(&l->dirs, path);
}

static int add_list(struct lookup *l, const char *list, const char *a, const char *b)
{
	_cleanup_(freep) char *copy = strdup(list);
	char *save = NULL;
	int r = copy ? 0 : -ENOMEM;

	for (char *p = copy ? strtok_r(copy, ":", &save) : NULL; p && r == 0; p = strtok_r(NULL, ":", &save)) {
		if (*p != '/')
			continue;
		path_simplify(p);
		r = add_dir_below(l, p, a);
		if (r == 0)
			r = add_dir_below(l, p, b);
	}
	return r;
}

/* without a user whose it is (files of an image): what all users share */
static int add_user_dirs(struct lookup *l)
{
	const char *config = getenv("XDG_CONFIG_DIRS"), *data = getenv("XDG_DATA_DIRS");
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(user_dirs) && r == 0; i++) {
		const char *a = user_dirs[i].sysmaster, *b = user_dirs[i].systemd;
		int below = user_dirs[i].below;

		if (below == CONFIG_DIRS || below == DATA_DIRS) {
			const char *given = below == CONFIG_DIRS ? config : data, *usual = below == CONFIG_DIRS ? "/etc/xdg" : "/usr/local/share:/usr/share";

			r = add_list(l, given && *given ? given : usual, a, b);
		} else if (below == AS_IT_IS || scope_is_user()) {
			const char *dir = below == AS_IT_IS ? "" : scope_dir((enum scope_dir)below);

			r = add_dir_below(l, dir, a);
			if (r == 0)
				r = add_dir_below(l, dir, b);
		}
	}
	return r;
}

static int add_dirs_of_env(struct lookup *l, const char *env, bool *whole)
{
	_cleanup_(freep) char *copy = strdup(env);
	char *save = NULL;

	if (!copy)
		return -ENOMEM;
	*whole = !*env || env[strlen(env) - 1] != ':';
	for (char *p = strtok_r(copy, ":", &save); p; p = strtok_r(NULL, ":", &save)) {
		int r = *p == '/' ? strv_add(&l->dirs, path_simplify(p)) : 0;

		if (r < 0)
			return r;
	}
	return 0;
}

int lookup_new(struct lookup **ret, enum lookup_scope scope, const char *root)
{
	_cleanup_(lookup_freep) struct lookup *l = calloc(1, sizeof(*l));
	const char *env = getenv("SYSMASTER_UNIT_PATH");
	bool whole = false;
	int r = 0;

	if (!l)
		return -ENOMEM;
	l->arena = (struct arena)ARENA_HEAP(ARENA_MAX);
	l->root = strdup(root && !streq(root, "/") ? root : "");
	if (!l->root)
		return -ENOMEM;
	for (size_t n = strlen(l->root); n && l->root[n - 1] == '/'; n--)
		l->root[n - 1] = '\0';
	if (env)
		r = add_dirs_of_env(l, env, &whole);
	for (const char *const *d = system_dirs; scope == LOOKUP_SYSTEM && r == 0 && !whole && *d; d++)
		r = strv_add(&l->dirs, *d);
	if (scope == LOOKUP_USER && r == 0 && !whole)
		r = add_user_dirs(l);
	if (r < 0)
		return r;
	l->n_dirs = strv_len(l->dirs);
	l->stamps = calloc(l->n_dirs + 1, sizeof(*l->stamps));
	if (!l->stamps)
		return -ENOMEM;
	r = lookup_refresh(l);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(l);
	return 0;
}

void lookup_free(struct lookup *l)
{
	if (!l)
		return;
	arena_reset(&l->arena);
	strv_free(l->dirs);
	free(l->stamps);
	free(l->entries);
	free(l->aliases);
	free(l->root);
	free(l);
}

int lookup_add_dir(struct lookup *l, const char *dir)
{
	struct dir_stamp *stamps = reallocarray(l->stamps, l->n_dirs + 2, sizeof(*stamps));
	int r;

	if (!stamps)
		return -ENOMEM;
	l->stamps = stamps;
	r = strv_add(&l->dirs, dir);
	if (r < 0)
		return r;
	char *added = l->dirs[l->n_dirs];

	memmove(l->dirs + 1, l->dirs, l->n_dirs * sizeof(char *));
	l->dirs[0] = path_simplify(added);
	l->n_dirs++;
	return 0;
}

char *const *lookup_dirs(const struct lookup *l)
{
	return l->dirs;
}

const char *lookup_root(const struct lookup *l)
{
	return l->root;
}

/* -- reading the directories -- */
static int entry_cmp(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int c = strcmp(x->name, y->name);

	return c ? c : (int)x->dir - (int)y->dir;
}

static int alias_cmp(const void *a, const void *b)
{
	return strcmp((*(const struct entry *const *)a)->target, (*(const struct entry *const *)b)->target);
}

static bool is_folder_name(const char *name)
{
	return endswith(name, ".d") || endswith(name, ".wants") || endswith(name, ".requires") || endswith(name, ".upholds");
}

static int add_entry(struct lookup *l, int dir_fd, size_t dir, const struct dirent *de)
{
	struct entry e = { .dir = (unsigned short)dir, .kind = ENTRY_FILE };
	int type = de->d_type;
	struct stat st;

	if (de->d_name[0] == '.')
		return 0;
	if (type == DT_UNKNOWN && fstatat(dir_fd, de->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		type = S_ISDIR(st.st_mode) ? DT_DIR : S_ISLNK(st.st_mode) ? DT_LNK : DT_REG;
	if (is_folder_name(de->d_name) && (type == DT_DIR || type == DT_LNK))
		e.kind = ENTRY_DIR;
	else if (type == DT_DIR || !name_valid(de->d_name, NAME_ANY))
		return 0;
	e.name = arena_strndup(&l->arena, de->d_name, strlen(de->d_name));
	if (!e.name)
		return -ENOMEM;
	if (e.kind == ENTRY_FILE && type == DT_LNK) {
		int r = lookup_classify_link(l, dir_fd, &e);

		if (r < 0)
			return r;
	}
	if (l->n_entries == l->cap_entries) {
		size_t cap = l->cap_entries ? l->cap_entries * 2 : 512;
		struct entry *p = reallocarray(l->entries, cap, sizeof(*p));

		if (!p)
			return -ENOMEM;
		l->entries = p;
		l->cap_entries = cap;
	}
	l->entries[l->n_entries++] = e;
	return 0;
}

static int stat_dir(const struct lookup *l, size_t i, struct stat *st)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s%s", l->root, l->dirs[i]) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	return stat(path, st) < 0 ? -errno : 0;
}

static void stamp_dirs(struct lookup *l)
{
	for (size_t i = 0; i < l->n_dirs; i++) {
		struct stat st;

		l->stamps[i] = (struct dir_stamp){ 0 };
		if (stat_dir(l, i, &st) < 0)
			continue;
		l->stamps[i] = (struct dir_stamp){ .there = true, .dev = st.st_dev, .ino = st.st_ino, .mtime = st.st_mtim };
		for (size_t k = 0; k < i; k++)
			if (l->stamps[k].there && l->stamps[k].dev == st.st_dev && l->stamps[k].ino == st.st_ino)
				l->stamps[i].twin = true;
	}
}

static int read_dir(struct lookup *l, size_t i)
{
	char path[PATH_MAX];
	struct dirent *de;
	int r = 0;
	DIR *d;

	if (!l->stamps[i].there || l->stamps[i].twin)
		return 0;
	if (snprintf(path, sizeof(path), "%s%s", l->root, l->dirs[i]) >= (int)sizeof(path))
		return 0;
	d = opendir(path);
	if (!d)
		return 0;                       /* gone since, or not a folder: the others count */
	while (r == 0 && (de = readdir(d)))
		r = add_entry(l, dirfd(d), i, de);
	closedir(d);
	return r;
}

static int index_aliases(struct lookup *l)
{
	free(l->aliases);
	l->n_aliases = 0;
	l->aliases = calloc(l->n_entries + 1, sizeof(*l->aliases));
	if (!l->aliases)
		return -ENOMEM;
	for (size_t i = 0; i < l->n_entries; i++) {
		bool first = i == 0 || !streq(l->entries[i - 1].name, l->entries[i].name);

		if (first && l->entries[i].kind == ENTRY_ALIAS)
			l->aliases[l->n_aliases++] = &l->entries[i];
	}
	qsort(l->aliases, l->n_aliases, sizeof(*l->aliases), alias_cmp);
	return 0;
}

int lookup_refresh(struct lookup *l)
{
	int r = 0;

	arena_reset(&l->arena);
	l->n_entries = l->n_aliases = 0;
	stamp_dirs(l);
	for (size_t i = 0; r == 0 && i < l->n_dirs; i++)
		r = read_dir(l, i);
	if (r < 0) {
		l->n_entries = 0;
		return r;
	}
	if (l->n_entries)
		qsort(l->entries, l->n_entries, sizeof(*l->entries), entry_cmp);
	return index_aliases(l);
}

bool lookup_stale(const struct lookup *l)
{
	for (size_t i = 0; i < l->n_dirs; i++) {
		const struct dir_stamp *s = &l->stamps[i];
		struct stat st;

		if (stat_dir(l, i, &st) < 0) {
			if (s->there)
				return true;
			continue;
		}
		if (!s->there || s->dev != st.st_dev || s->ino != st.st_ino ||
		    s->mtime.tv_sec != st.st_mtim.tv_sec || s->mtime.tv_nsec != st.st_mtim.tv_nsec)
			return true;
	}
	return false;
}

/* -- searching -- */

const struct entry *lookup_first(const struct lookup *l, const char *name)
{
	size_t lo = 0, hi = l->n_entries;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (strcmp(l->entries[mid].name, name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < l->n_entries && streq(l->entries[lo].name, name) ? &l->entries[lo] : NULL;
}

const struct entry *lookup_next(const struct lookup *l, const struct entry *e)
{
	const struct entry *n = e + 1;

	return n < l->entries + l->n_entries && streq(n->name, e->name) ? n : NULL;
}

static const struct entry *find_file(const struct lookup *l, const char *name)
{
	const struct entry *e = lookup_first(l, name);

	while (e && e->kind == ENTRY_DIR)
		e = lookup_next(l, e);
	return e;
}

/* the entry that serves @name: its own, else its template's */
static const struct entry *find_or_template(const struct lookup *l, const char *name)
{
	const struct entry *e = find_file(l, name);
	_cleanup_(freep) char *template = NULL;

	if (!e && name_is_instance(name) && name_template(name, &template) == 0)
		e = find_file(l, template);
	return e;
}

bool lookup_file(const struct lookup *l, const char *name, struct lookup_file *ret)
{
	const struct entry *e = find_or_template(l, name);

	if (!e)
		return false;
	*ret = (struct lookup_file){ .dir = l->dirs[e->dir], .name = e->name, .masked = e->kind == ENTRY_MASK,
				     .alias = e->kind == ENTRY_ALIAS, .elsewhere = e->outside,
				     .target = e->kind == ENTRY_ALIAS ? e->target : NULL };
	return true;
}

bool lookup_exists(const struct lookup *l, const char *name)
{
	return find_or_template(l, name);
}

/* the unit name an alias entry means when it was found for @name: an instance carries over to a template */
static int alias_target(const char *name, const struct entry *e, char **ret)
{
	_cleanup_(freep) char *instance = NULL;
	int r;

	if (!name_is_instance(name) || !name_is_template(e->target)) {
		*ret = strdup(e->target);
		return *ret ? 0 : -ENOMEM;
	}
	r = name_instance(name, &instance);
	return r < 0 ? r : name_replace_instance(e->target, instance, ret);
}

/* follow aliases from @name: *ret_id and its entry (NULL: no file); names passed on the way go to @names unless NULL */
static int resolve(const struct lookup *l, const char *name, char **ret_id, const struct entry **ret_entry, char ***names)
{
	_cleanup_(freep) char *id = strdup(name);

	if (!id)
		return -ENOMEM;
	for (unsigned hop = 0; hop < MAX_HOPS; hop++) {
		const struct entry *e = find_or_template(l, id);
		char *next = NULL;
		int r = names && !strv_has(*names, id) ? strv_add(names, id) : 0;

		if (r < 0)
			return r;
		if (!e || e->kind != ENTRY_ALIAS) {
			*ret_id = TAKE_PTR(id);
			*ret_entry = e;
			return 0;
		}
		r = alias_target(id, e, &next);
		if (r < 0)
			return r;
		free(id);
		id = next;
	}
	return -ELOOP;
}

static int add_if_leads_to(const struct lookup *l, const char *alias, const char *id, char ***names)
{
	_cleanup_(freep) char *end = NULL;
	const struct entry *e;
	int r;

	if (strv_has(*names, alias) || strv_len(*names) >= MAX_NAMES)
		return 0;
	r = resolve(l, alias, &end, &e, NULL);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	return streq(end, id) ? strv_add(names, alias) : 0;
}

/* every alias whose link says @target; @instance is put into templates */
static int add_aliases_of(const struct lookup *l, const char *target, const char *instance, const char *id, char ***names)
{
	size_t lo = 0, hi = l->n_aliases;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (strcmp(l->aliases[mid]->target, target) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < l->n_aliases && streq(l->aliases[lo]->target, target); lo++) {
		_cleanup_(freep) char *filled = NULL;
		const char *alias = l->aliases[lo]->name;
		int r = 0;

		if (name_is_template(alias)) {
			if (!instance)
				continue;
			r = name_replace_instance(alias, instance, &filled);
			alias = filled;
		}
		if (r == 0)
			r = add_if_leads_to(l, alias, id, names);
		if (r == -ENOMEM)
			return r;
	}
	return 0;
}

static int add_all_names(const struct lookup *l, const char *id, char ***names)
{
	for (size_t i = 0; i < strv_len(*names) && l->n_aliases; i++) {
		_cleanup_(freep) char *instance = NULL, *template = NULL;
		_cleanup_(freep) char *name = strdup((*names)[i]);      /* the vector moves while it grows */
		int r;

		if (!name)
			return -ENOMEM;
		r = add_aliases_of(l, name, NULL, id, names);
		if (r == 0 && name_is_instance(name)) {
			r = name_template(name, &template);
			if (r == 0)
				r = name_instance(name, &instance);
			if (r == 0)
				r = add_aliases_of(l, template, instance, id, names);
		}
		if (r < 0)
			return r;
	}
	return 0;
}

static int fragment_of(const struct lookup *l, const struct entry *e, struct lookup_result *res)
{
	struct stat st;

	if (e->target)
		res->fragment = strdup(e->target);
	else if (asprintf(&res->fragment, "%s%s/%s", l->root, l->dirs[e->dir], e->name) < 0)
		res->fragment = NULL;
	if (!res->fragment)
		return -ENOMEM;
	res->masked = e->kind == ENTRY_MASK;
	if (!res->masked && stat(res->fragment, &st) == 0)
		res->masked = S_ISREG(st.st_mode) ? st.st_size == 0 : S_ISCHR(st.st_mode);
	return 0;
}

int lookup_find(const struct lookup *l, const char *name, struct lookup_result *ret)
{
	struct lookup_result res = { 0 };
	const struct entry *e = NULL;
	int r;

	*ret = res;
	if (!name_valid(name, NAME_ANY))
		return -EINVAL;
	r = resolve(l, name, &res.id, &e, &res.aliases);
	if (r == 0 && !e) {                     /* an alias of nothing is no alias */
		strv_free(TAKE_PTR(res.aliases));
		free(TAKE_PTR(res.id));
		res.id = strdup(name);
		r = res.id ? strv_add(&res.aliases, name) : -ENOMEM;
	}
	if (r == 0 && e)
		r = fragment_of(l, e, &res);
	if (r == 0 && e)
		r = add_all_names(l, res.id, &res.aliases);
	if (r == 0)
		r = dropin_collect(l, res.aliases, ".d", &res.dropins);
	if (r == 0)
		r = dropin_collect(l, res.aliases, ".wants", &res.wants);
	if (r == 0)
		r = dropin_collect(l, res.aliases, ".requires", &res.requires);
	if (r == 0)
		r = dropin_collect(l, res.aliases, ".upholds", &res.upholds);
	if (r < 0) {
		lookup_result_done(&res);
		return r;
	}
	*ret = res;
	return 0;
}

void lookup_result_done(struct lookup_result *r)
{
	free(r->id);
	free(r->fragment);
	strv_free(r->aliases);
	strv_free(r->dropins);
	strv_free(r->wants);
	strv_free(r->requires);
	strv_free(r->upholds);
	*r = (struct lookup_result){ 0 };
}

int lookup_list(const struct lookup *l, char ***ret_names)
{
	_cleanup_(strv_freep) char **v = calloc(l->n_entries + 1, sizeof(*v));
	size_t n = 0;

	if (!v)
		return -ENOMEM;
	for (size_t i = 0; i < l->n_entries; i++) {
		if (l->entries[i].kind == ENTRY_DIR || (n && streq(v[n - 1], l->entries[i].name)))
			continue;
		v[n] = strdup(l->entries[i].name);
		if (!v[n++])
			return -ENOMEM;
	}
	*ret_names = TAKE_PTR(v);
	return 0;
}
