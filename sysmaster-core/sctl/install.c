/* install.c - the links of enable, disable, mask, link and set-default; systemctl(1) */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include "sctl/install-priv.h"
#include "unit/name.h"
#include "unit/scope.h"

struct install_job install_job_of(struct lookup *l, unsigned flags, struct install_changes *ch)
{
	return (struct install_job){ .l = l, .config = install_config_dirs(flags), .flags = flags, .ch = ch };
}

int install_job_done(struct install_job *j)
{
	int r = lookup_refresh(j->l);

	strv_free(j->seen);
	return j->r < 0 ? j->r : r;
}

/* of a user: below the own directories */
static const char *const *user_config_dirs(bool runtime)
{
	static char path[2][PATH_MAX];
	static const char *dirs[2][2];

	snprintf(path[runtime], PATH_MAX, "%.4000s/systemd/user", scope_dir(runtime ? SCOPE_RUNTIME : SCOPE_CONFIGURATION));
	dirs[runtime][0] = path[runtime];
	return dirs[runtime];
}

const char *const *install_config_dirs(unsigned flags)
{
	static const char *const etc[] = { "/etc/systemd/system", "/etc/sysmaster/system", NULL };
	static const char *const run[] = { "/run/systemd/system", "/run/sysmaster/system", NULL };
	static const char *const all_etc[] = { "/etc/systemd/user", "/etc/sysmaster/user", NULL };
	static const char *const all_run[] = { "/run/systemd/user", "/run/sysmaster/user", NULL };
	bool runtime = flags & INSTALL_RUNTIME;

	if (flags & INSTALL_GLOBAL)
		return runtime ? all_run : all_etc;
	return scope_is_user() ? user_config_dirs(runtime) : runtime ? run : etc;
}

/* -- the list of changes -- */
void install_changes_done(struct install_changes *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->v[i].path);
		free(c->v[i].target);
	}
	free(c->v);
	*c = (struct install_changes){ 0 };
}

int install_note(struct install_changes *ch, enum install_change_kind kind, enum install_reason reason, int error, const char *path, const char *target)
{
	struct install_change *v = reallocarray(ch->v, ch->n + 1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	ch->v = v;
	v[ch->n++] = (struct install_change){ kind, reason, error, path ? strdup(path) : NULL, target ? strdup(target) : NULL };
	return 0;
}

void install_failed(struct install_job *j, enum install_reason why, int error, const char *path, const char *target)
{
	install_note(j->ch, INSTALL_FAILED, why, error, path, target);
	if (j->r == 0)
		j->r = error;
}

int install_format(const struct install_change *c, const char *verb, struct buf *out)
{
	const char *path = c->path ? c->path : "", *target = c->target ? c->target : "";

	switch (c->kind) {
	case INSTALL_LINKED: buf_addf(out, "Created symlink %s → %s.", path, target); return 0;
	case INSTALL_UNLINKED: buf_addf(out, "Removed \"%s\".", path); return 0;
	case INSTALL_DANGLING: buf_addf(out, "Unit %s is added as a dependency to a non-existent unit %s.", path, target); return 0;
	case INSTALL_AUXILIARY: buf_addf(out, "Failed to %s auxiliary unit %s, ignoring.", verb, target); return 0;
	case INSTALL_FAILED: break;
	}
	switch (c->reason) {
	case INSTALL_NO_UNIT: buf_addf(out, "Failed to %s unit, unit %s does not exist.", verb, target); break;
	case INSTALL_MASKED: buf_addf(out, "Failed to %s unit, unit %s is masked.", verb, path); break;
	case INSTALL_IS_LINKED: buf_addf(out, "Failed to %s unit, refusing to operate on linked unit file %s.", verb, target); break;
	case INSTALL_BAD_NAME: buf_addf(out, "Failed to %s unit, \"%s\" is not a valid unit name.", verb, target); break;
	case INSTALL_BAD_ALIAS: buf_addf(out, "Failed to %s unit, cannot alias %s as %s.", verb, path, target); break;
	case INSTALL_NO_TEMPLATE: buf_addf(out, "Failed to %s %s, destination unit %s is a non-template unit.", verb, path, target); break;
	case INSTALL_FILE_EXISTS: buf_addf(out, "Failed to %s unit, file \"%s\" already exists.", verb, path); break;
	case INSTALL_LINK_EXISTS: buf_addf(out, "Failed to %s unit, file \"%s\" already exists and is a symlink to \"%s\".", verb, path, target); break;
	case INSTALL_NO_TARGET_TYPE: buf_addf(out, "Failed to %s unit, %s is not a target.", verb, target); break;
	case INSTALL_OK: case INSTALL_ERRNO: buf_addf(out, "Failed to %s unit, %s: %s.", verb, *path ? path : target, strerror(-c->error)); break;
	}
	return 1;
}

/* -- links -- */
int install_make_parents(const char *path)
{
	_cleanup_(freep) char *copy = strdup(path);

	if (!copy)
		return -ENOMEM;
	for (char *p = copy + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		if (mkdir(copy, 0755) < 0 && errno != EEXIST)
			return -errno;
		*p = '/';
	}
	return 0;
}

/* do both link texts lead to the same file below the root? /lib and /usr/lib may be one folder */
static bool same_target(const struct install_job *j, const char *a, const char *b)
{
	char x[PATH_MAX], y[PATH_MAX];
	struct stat sx, sy;

	if (streq(a, b))
		return true;
	if (a[0] != '/' || b[0] != '/' || streq(a, "/dev/null") || streq(b, "/dev/null"))
		return false;
	snprintf(x, sizeof(x), "%s%s", lookup_root(j->l), a);
	snprintf(y, sizeof(y), "%s%s", lookup_root(j->l), b);
	return stat(x, &sx) == 0 && stat(y, &sy) == 0 && sx.st_dev == sy.st_dev && sx.st_ino == sy.st_ino;
}

/* replaced in one step, so that nobody ever finds neither the old nor the new link */
static int swap_link(const char *path, const char *target)
{
	_cleanup_(freep) char *temporary = NULL;

	if (asprintf(&temporary, "%s.%d.new", path, getpid()) < 0)
		return -ENOMEM;
	unlink(temporary);
	if (symlink(target, temporary) < 0)
		return -errno;
	if (rename(temporary, path) < 0) {
		int r = -errno;

		unlink(temporary);
		return r;
	}
	return 0;
}

void install_make_link(struct install_job *j, const char *where, const char *target, bool force)
{
	_cleanup_(freep) char *path = NULL;
	char old[PATH_MAX];
	ssize_t n;
	int r;

	if (asprintf(&path, "%s%s/%s", lookup_root(j->l), j->config[0], where) < 0) {
		install_failed(j, INSTALL_ERRNO, -ENOMEM, where, target);
		return;
	}
	r = install_make_parents(path);
	if (r == 0 && symlink(target, path) == 0) {
		install_note(j->ch, INSTALL_LINKED, INSTALL_OK, 0, path, target);
		return;
	}
	if (r == 0)
		r = -errno;
	n = r == -EEXIST ? readlink(path, old, sizeof(old) - 1) : -1;
	if (r != -EEXIST) {
		install_failed(j, INSTALL_ERRNO, r, path, target);
	} else if (n < 0) {
		install_failed(j, INSTALL_FILE_EXISTS, -EEXIST, path, target);
	} else {
		old[n] = '\0';
		if (same_target(j, old, target))
			return;
		if (!force) {
			install_failed(j, INSTALL_LINK_EXISTS, -EEXIST, path, old);
			return;
		}
		r = swap_link(path, target);
		if (r < 0) {
			install_failed(j, INSTALL_ERRNO, r, path, target);
			return;
		}
		install_note(j->ch, INSTALL_UNLINKED, INSTALL_OK, 0, path, NULL);
		install_note(j->ch, INSTALL_LINKED, INSTALL_OK, 0, path, target);
	}
}

/* -- enable -- */
static void enable_one(struct install_job *j, const char *name, bool asked);

static bool alias_allowed(const char *name, const char *alias)
{
	if (!streq(name_suffix(name), name_suffix(alias)))
		return false;
	if (name_valid(name, NAME_PLAIN))
		return name_valid(alias, NAME_PLAIN);
	if (name_is_template(name))
		return name_valid(alias, NAME_TEMPLATE | NAME_INSTANCE);
	return name_is_instance(alias);
}

static void link_aliases(struct install_job *j, const struct install_info *i)
{
	for (size_t k = 0; i->alias && i->alias[k]; k++) {
		if (streq(i->alias[k], i->effective))
			continue;
		if (alias_allowed(i->effective, i->alias[k]))
			install_make_link(j, i->alias[k], i->path, j->flags & INSTALL_FORCE);
		else
			install_failed(j, INSTALL_BAD_ALIAS, -EXDEV, i->name, i->alias[k]);
	}
}

static void link_from(struct install_job *j, const struct install_info *i, char *const *units, const char *ending)
{
	for (size_t k = 0; units && units[k]; k++) {
		char where[UNIT_NAME_MAX * 2 + 32], full[PATH_MAX];

		if (name_is_template(i->effective) && !name_is_template(units[k])) {
			install_failed(j, INSTALL_NO_TEMPLATE, -EIDRM, i->effective, units[k]);
			continue;
		}
		snprintf(where, sizeof(where), "%s%s/%s", units[k], ending, i->effective);
		install_make_link(j, where, i->path, true);
		snprintf(full, sizeof(full), "%s%s", lookup_root(j->l), i->path);
		if (!lookup_exists(j->l, units[k]))
			install_note(j->ch, INSTALL_DANGLING, INSTALL_OK, 0, full, units[k]);
	}
}

bool install_is_config(const char *dir)
{
	return !startswith(dir, "/usr/") && !startswith(dir, "/lib/") && !strstr(dir, "/share/");
}

/* an alias that an administrator made stands for another unit: enabling it would be enabling by a nickname that may go */
static bool is_made_alias(const struct lookup *l, const char *name)
{
	struct lookup_file f;

	return lookup_file(l, name, &f) && f.alias && install_is_config(f.dir) && streq(f.name, name);
}

/* a path that was given: link it into the search path unless it is there; *ret_name and the file to read */
static bool take_path(struct install_job *j, const char *path, const char **ret_name, char **ret_file)
{
	const char *name = strrchr(path, '/') + 1;
	struct stat st;

	if (!name_valid(name, NAME_ANY)) {
		install_failed(j, INSTALL_BAD_NAME, -EINVAL, NULL, name);
		return false;
	}
	if (asprintf(ret_file, "%s%s", lookup_root(j->l), path) < 0 || stat(*ret_file, &st) < 0 || !S_ISREG(st.st_mode)) {
		install_failed(j, INSTALL_NO_UNIT, -ENOENT, NULL, *ret_file ? *ret_file : path);
		return false;
	}
	for (char *const *d = lookup_dirs(j->l); *d; d++)
		if (startswith(path, *d) && path + strlen(*d) + 1 == name)
			*ret_name = name;
	if (!*ret_name)
		install_make_link(j, name, path, j->flags & INSTALL_FORCE);
	*ret_name = name;
	return j->r == 0;
}

static void enable_one(struct install_job *j, const char *name, bool asked)
{
	_cleanup_(freep) char *file = NULL;
	struct install_info info;
	struct lookup_file f;
	char full[PATH_MAX];
	int r;

	if (name[0] == '/') {
		const char *unit = NULL;

		if (!take_path(j, name, &unit, &file))
			return;
		name = unit;
	}
	if (strv_has(j->seen, name) || strv_add(&j->seen, name) < 0)
		return;
	if (!file && is_made_alias(j->l, name)) {
		install_failed(j, INSTALL_IS_LINKED, -ELOOP, NULL, name);
		return;
	}
	r = install_info_read(j->l, name, file, &info);
	if (r < 0 && !asked) {
		install_note(j->ch, INSTALL_AUXILIARY, INSTALL_OK, 0, NULL, name);
		return;
	}
	if (r == -ERFKILL && lookup_file(j->l, name, &f)) {
		snprintf(full, sizeof(full), "%s%s/%s", lookup_root(j->l), f.dir, f.name);
		install_failed(j, INSTALL_MASKED, r, full, name);
	} else if (r < 0) {
		install_failed(j, r == -ENOENT ? INSTALL_NO_UNIT : r == -EINVAL ? INSTALL_BAD_NAME : INSTALL_ERRNO, r, NULL, name);
	}
	if (r < 0)
		return;
	if (install_info_any(&info) || info.also)
		j->ch->carries_install = true;
	link_aliases(j, &info);
	link_from(j, &info, info.wanted_by, ".wants");
	link_from(j, &info, info.required_by, ".requires");
	link_from(j, &info, info.upheld_by, ".upholds");
	for (size_t i = 0; info.also && info.also[i]; i++)
		enable_one(j, info.also[i], false);
	install_info_done(&info);
}

int install_enable(struct lookup *l, char *const *names, unsigned flags, struct install_changes *ch)
{
	struct install_job j = install_job_of(l, flags, ch);

	for (size_t i = 0; names && names[i]; i++)
		enable_one(&j, names[i], true);
	return install_job_done(&j);
}

/* -- disable -- */

/* the names whose links are to go: the unit's own and, since Also= asks for it, its companions' */
static void mark(struct install_job *j, const char *name, bool asked, char ***marks)
{
	struct install_info info;
	int r;

	if (name[0] == '/')
		name = strrchr(name, '/') + 1;
	if (strv_has(*marks, name))
		return;
	if (!name_valid(name, NAME_ANY)) {
		install_failed(j, INSTALL_BAD_NAME, -EINVAL, NULL, name);
		return;
	}
	if (strv_add(marks, name) < 0)
		return;
	r = install_info_read(j->l, name, NULL, &info);
	if (r < 0) {
		/* links of a unit that is gone are removed all the same; systemctl says so and ends well */
		if (asked && r == -ENOENT)
			install_note(j->ch, INSTALL_FAILED, INSTALL_NO_UNIT, r, NULL, name);
		return;
	}
	if (install_info_any(&info) || info.also)
		j->ch->carries_install = true;
	if (!streq(info.name, name))
		strv_add(marks, info.name);     /* asked for by an alias */
	for (size_t i = 0; info.also && info.also[i]; i++)
		mark(j, info.also[i], false, marks);
	install_info_done(&info);
}

/* is the link @name -> @target one of a marked unit? */
static bool is_marked(char *const *marks, const char *name, const char *target)
{
	_cleanup_(freep) char *template = NULL;
	const char *base = strrchr(target, '/');

	if (streq(target, "/dev/null"))
		return false;           /* a mask: unmask's business */
	if (strv_has(marks, name) || strv_has(marks, base ? base + 1 : target))
		return true;
	return name_is_instance(name) && name_template(name, &template) == 0 && strv_has(marks, template);
}

static int cmp_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* names in a folder, sorted: what is reported does not depend on the file system's mood */
char **install_folder(const char *path)
{
	_cleanup_(strv_freep) char **names = NULL;
	DIR *d = opendir(path);
	struct dirent *de;

	if (!d)
		return NULL;
	while ((de = readdir(d)))
		if (de->d_name[0] != '.' && strv_add(&names, de->d_name) < 0)
			break;
	closedir(d);
	if (names)
		qsort(names, strv_len(names), sizeof(*names), cmp_names);
	return TAKE_PTR(names);
}

/* true: another round is due, since an alias went whose own links may be left */
static bool remove_marked(struct install_job *j, const char *folder, char ***marks, unsigned depth)
{
	_cleanup_(strv_freep) char **names = install_folder(folder);
	bool again = false, removed = false;

	for (size_t i = 0; names && names[i]; i++) {
		_cleanup_(freep) char *path = NULL;
		char target[PATH_MAX];
		struct stat st;
		ssize_t n;

		if (asprintf(&path, "%s/%s", folder, names[i]) < 0 || lstat(path, &st) < 0)
			continue;
		if (S_ISDIR(st.st_mode) && depth == 0)
			again = remove_marked(j, path, marks, 1) || again;
		n = S_ISLNK(st.st_mode) && name_valid(names[i], NAME_ANY) ? readlink(path, target, sizeof(target) - 1) : -1;
		if (n < 0)
			continue;
		target[n] = '\0';
		if (!is_marked(*marks, names[i], target))
			continue;
		if (unlink(path) < 0) {
			install_failed(j, INSTALL_ERRNO, -errno, path, NULL);
			continue;
		}
		removed = true;
		install_note(j->ch, INSTALL_UNLINKED, INSTALL_OK, 0, path, NULL);
		if (!strv_has(*marks, names[i]) && depth == 0)
			again = strv_add(marks, names[i]) == 0;
	}
	if (removed && depth > 0)
		rmdir(folder);          /* stays when something else is in it */
	return again;
}

static void remove_links(struct install_job *j, char ***marks)
{
	for (size_t i = 0; j->config[i]; i++) {
		_cleanup_(freep) char *folder = NULL;

		if (asprintf(&folder, "%s%s", lookup_root(j->l), j->config[i]) < 0)
			return;
		while (remove_marked(j, folder, marks, 0))
			;
	}
}

int install_disable(struct lookup *l, char *const *names, unsigned flags, struct install_changes *ch)
{
	struct install_job j = install_job_of(l, flags, ch);
	_cleanup_(strv_freep) char **marks = NULL;

	for (size_t i = 0; names && names[i]; i++)
		mark(&j, names[i], true, &marks);
	remove_links(&j, &marks);
	return install_job_done(&j);
}

int install_reenable(struct lookup *l, char *const *names, unsigned flags, struct install_changes *ch)
{
	int r = install_disable(l, names, flags, ch);

	return r < 0 ? r : install_enable(l, names, flags, ch);
}

/* -- mask, link, default -- */
int install_mask(struct lookup *l, char *const *names, unsigned flags, struct install_changes *ch)
{
	struct install_job j = install_job_of(l, flags, ch);

	for (size_t i = 0; names && names[i]; i++) {
		if (name_valid(names[i], NAME_ANY))
			install_make_link(&j, names[i], "/dev/null", flags & INSTALL_FORCE);
		else
			install_failed(&j, INSTALL_BAD_NAME, -EINVAL, NULL, names[i]);
	}
	return install_job_done(&j);
}

static bool is_mask(const char *path)
{
	char target[16];
	ssize_t n = readlink(path, target, sizeof(target) - 1);
	struct stat st;

	if (n >= 0)
		return n == (ssize_t)strlen("/dev/null") && strncmp(target, "/dev/null", (size_t)n) == 0;
	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 0;
}

int install_unmask(struct lookup *l, char *const *names, unsigned flags, struct install_changes *ch)
{
	struct install_job j = install_job_of(l, flags, ch);

	for (size_t i = 0; names && names[i]; i++) {
		if (!name_valid(names[i], NAME_ANY)) {
			install_failed(&j, INSTALL_BAD_NAME, -EINVAL, NULL, names[i]);
			continue;
		}
		for (size_t k = 0; j.config[k]; k++) {
			_cleanup_(freep) char *path = NULL;

			if (asprintf(&path, "%s%s/%s", lookup_root(l), j.config[k], names[i]) < 0 || !is_mask(path))
				continue;
			if (unlink(path) < 0)
				install_failed(&j, INSTALL_ERRNO, -errno, path, NULL);
			else
				install_note(ch, INSTALL_UNLINKED, INSTALL_OK, 0, path, NULL);
		}
	}
	return install_job_done(&j);
}

int install_link(struct lookup *l, char *const *paths, unsigned flags, struct install_changes *ch)
{
	struct install_job j = install_job_of(l, flags, ch);

	for (size_t i = 0; paths && paths[i]; i++) {
		_cleanup_(freep) char *file = NULL;
		const char *name = NULL;

		if (paths[i][0] == '/')
			take_path(&j, paths[i], &name, &file);
		else
			install_failed(&j, INSTALL_BAD_NAME, -EINVAL, NULL, paths[i]);
	}
	return install_job_done(&j);
}

int install_set_default(struct lookup *l, const char *target, unsigned flags, struct install_changes *ch)
{
	struct install_job j = install_job_of(l, flags, ch);
	struct lookup_result res;
	int r;

	if (!name_valid(target, NAME_PLAIN) || !endswith(target, ".target") || streq(target, "default.target")) {
		install_failed(&j, INSTALL_NO_TARGET_TYPE, -EINVAL, NULL, target);
		return install_job_done(&j);
	}
	r = lookup_find(l, target, &res);
	if (r < 0 || !res.fragment || res.masked)
		install_failed(&j, r < 0 ? INSTALL_ERRNO : res.masked ? INSTALL_MASKED : INSTALL_NO_UNIT, r < 0 ? r : res.masked ? -ERFKILL : -ENOENT, res.fragment, target);
	else
		install_make_link(&j, "default.target", res.fragment + strlen(lookup_root(l)), true);
	lookup_result_done(&res);
	return install_job_done(&j);
}

int install_get_default(const struct lookup *l, char **ret)
{
	struct lookup_result res;
	int r = lookup_find(l, "default.target", &res);

	if (r < 0)
		return r;
	if (res.fragment)
		*ret = TAKE_PTR(res.id);
	else
		r = -ENOENT;
	lookup_result_done(&res);
	return r;
}
