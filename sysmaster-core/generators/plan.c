/* plan.c - which generators there are */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include "generators/plan.h"
#include "unit/key.h"

static const char *const places[] = {
	"/run/sysmaster", "/run/systemd", "/etc/sysmaster", "/etc/systemd", "/usr/local/lib/sysmaster", "/usr/local/lib/systemd",
	"/usr/lib/sysmaster", "/usr/lib/systemd", "/lib/systemd",
};
static const struct { const char *folder, *variable; } kinds[N_PLAN_KINDS] = {
	[PLAN_SYSTEM] = { "system-generators", "SYSTEMD_GENERATOR_PATH" },
	[PLAN_USER] = { "user-generators", "SYSTEMD_GENERATOR_PATH" },
	[PLAN_SYSTEM_ENVIRONMENT] = { "system-environment-generators", "SYSTEMD_ENVIRONMENT_GENERATOR_PATH" },
	[PLAN_USER_ENVIRONMENT] = { "user-environment-generators", "SYSTEMD_ENVIRONMENT_GENERATOR_PATH" },
};

static bool is_there(const struct plan *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (streq(p->v[i].name, name))
			return true;
	return false;
}

/* what there is of the name: nothing to run, a mask, or a program */
static const char *look_at(int dir_fd, const char *name, bool *ret_counts)
{
	struct stat st;

	*ret_counts = fstatat(dir_fd, name, &st, 0) == 0 && (S_ISREG(st.st_mode) || S_ISCHR(st.st_mode));
	if (!*ret_counts)
		return NULL;
	if (S_ISCHR(st.st_mode) || st.st_size == 0)
		return "masked";
	*ret_counts = faccessat(dir_fd, name, X_OK, 0) == 0;
	return NULL;
}

static bool is_systemds(const char *dir) { return streq(dir, "/usr/lib/systemd/system-generators") || streq(dir, "/lib/systemd/system-generators"); }

static int add(struct plan *p, int dir_fd, const char *dir, const char *name, const char *root)
{
	struct generator *v;
	bool counts;
	const char *skip = look_at(dir_fd, name, &counts);
	char *path;

	if (!counts || is_there(p, name))
		return 0;
	v = reallocarray(p->v, p->n + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	p->v = v;
	if (asprintf(&path, "%s/%s", dir, name) < 0)
		return -ENOMEM;
	if (!skip && is_systemds(dir + (startswith(dir, root) ? strlen(root) : 0)))
		skip = skip_reason(name, root);
	p->v[p->n++] = (struct generator){ .path = path, .name = strrchr(path, '/') + 1, .skip = skip };
	return 0;
}

static int add_dir(struct plan *p, const char *dir, const char *root)
{
	const struct dirent *de;
	DIR *d = opendir(dir);
	int r = 0;

	if (!d)
		return 0;
	while (r >= 0 && (de = readdir(d)))
		if (de->d_name[0] != '.')
			r = add(p, dirfd(d), dir, de->d_name, root);
	closedir(d);
	return r;
}

static int compare(const void *a, const void *b) { return strcmp(((const struct generator *)a)->name, ((const struct generator *)b)->name); }

static int add_dirs_of(struct plan *p, const char *list, const char *root)
{
	_cleanup_(freep) char *copy = strdup(list);
	char *save = NULL;
	int r = copy ? 0 : -ENOMEM;

	for (char *d = copy ? strtok_r(copy, ":", &save) : NULL; d && r >= 0; d = strtok_r(NULL, ":", &save))
		r = add_dir(p, d, root);
	return r;
}

int plan_make(struct plan *ret, enum plan_kind kind, const char *root)
{
	const char *given = getenv(kinds[kind].variable);
	struct plan p = { 0 };
	int r = given ? add_dirs_of(&p, given, root) : 0;

	for (size_t i = 0; !given && i < ARRAY_SIZE(places) && r >= 0; i++) {
		_cleanup_(freep) char *dir = NULL;

		r = asprintf(&dir, "%s%s/%s", root, places[i], kinds[kind].folder) < 0 ? -ENOMEM : add_dir(&p, dir, root);
	}
	if (r < 0) {
		plan_done(&p);
		return r;
	}
	if (p.n)
		qsort(p.v, p.n, sizeof(*p.v), compare);
	*ret = p;
	return 0;
}

void plan_done(struct plan *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->v[i].path);
	free(p->v);
	*p = (struct plan){ 0 };
}
