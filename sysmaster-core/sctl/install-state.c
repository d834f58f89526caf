/* install-state.c - is-enabled: how a unit's file and the links to it stand; systemctl(1) "is-enabled" */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include "sctl/install-priv.h"
#include "unit/name.h"

struct link { char *name, *target; bool in_folder, runtime; };  /* in_folder: of a .wants, .requires or .upholds */
struct install_index {
	const struct lookup *l;
	struct link *links; size_t n_links;
};

static const char *const state_names[N_INSTALL_STATES] = {
	"enabled", "enabled-runtime", "linked", "linked-runtime", "alias", "masked", "masked-runtime", "static", "disabled", "indirect",
	"generated", "transient", "bad",
};

const char *install_state_name(enum install_state s)
{
	return state_names[s];
}

bool install_state_is_yes(enum install_state s)
{
	switch (s) {
	case INSTALL_STATE_ENABLED: case INSTALL_STATE_ENABLED_RUNTIME: case INSTALL_STATE_STATIC: case INSTALL_STATE_ALIAS:
	case INSTALL_STATE_INDIRECT: case INSTALL_STATE_GENERATED:
		return true;
	default:
		return false;
	}
}

static int read_links(struct install_index *x, const char *folder, bool in_folder, bool runtime)
{
	DIR *d = opendir(folder);
	struct dirent *de;
	int r = 0;

	if (!d)
		return 0;
	while (r == 0 && (de = readdir(d))) {
		_cleanup_(freep) char *path = NULL;
		char target[PATH_MAX];
		struct link *v;
		ssize_t n;

		if (de->d_name[0] == '.' || asprintf(&path, "%s/%s", folder, de->d_name) < 0)
			continue;
		if (!in_folder && (endswith(path, ".wants") || endswith(path, ".requires") || endswith(path, ".upholds"))) {
			r = read_links(x, path, true, runtime);
			continue;
		}
		n = name_valid(de->d_name, NAME_ANY) ? readlink(path, target, sizeof(target) - 1) : -1;
		if (n < 0)
			continue;
		target[n] = '\0';
		v = reallocarray(x->links, x->n_links + 1, sizeof(*v));
		if (v)
			x->links = v;
		if (v)
			v[x->n_links++] = (struct link){ strdup(de->d_name), strdup(target), in_folder, runtime };
		r = !v || !v[x->n_links - 1].name || !v[x->n_links - 1].target ? -ENOMEM : 0;
	}
	closedir(d);
	return r;
}

int install_index_new(struct install_index **ret, const struct lookup *l, unsigned flags)
{
	_cleanup_(install_index_freep) struct install_index *x = calloc(1, sizeof(*x));
	int r = 0;

	if (!x)
		return -ENOMEM;
	x->l = l;
	for (int runtime = 0; runtime < 2; runtime++) {
		const char *const *dirs = install_config_dirs(flags | (runtime ? INSTALL_RUNTIME : 0));

		for (size_t i = 0; r == 0 && dirs[i]; i++) {
			_cleanup_(freep) char *folder = NULL;

			if (asprintf(&folder, "%s%s", lookup_root(l), dirs[i]) < 0)
				return -ENOMEM;
			r = read_links(x, folder, false, runtime);
		}
	}
	if (r < 0)
		return r;
	*ret = TAKE_PTR(x);
	return 0;
}

void install_index_free(struct install_index *x)
{
	if (!x)
		return;
	for (size_t i = 0; i < x->n_links; i++) {
		free(x->links[i].name);
		free(x->links[i].target);
	}
	free(x->links);
	free(x);
}

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* a link that enable would have made for the unit: in a folder by its name, or an Alias= that leads to its file */
static bool enables(const struct link *k, const struct install_info *i)
{
	if (k->in_folder)
		return streq(k->name, i->effective);
	return !streq(k->name, i->name) && strv_has(i->alias, k->name) && streq(base_of(k->target), base_of(i->path));
}

/* any other instance of the template */
static bool is_instance_of(const struct link *k, const char *name)
{
	_cleanup_(freep) char *template = NULL;

	return k->in_folder && name_is_template(name) && name_is_instance(k->name) && name_template(k->name, &template) == 0 && streq(template, name);
}

static enum install_state from_links(const struct install_index *x, const struct install_info *i, const struct lookup_file *f)
{
	bool runtime = false, instance = false;

	for (size_t k = 0; k < x->n_links; k++) {
		if (enables(&x->links[k], i)) {
			if (!x->links[k].runtime)
				return INSTALL_STATE_ENABLED;
			runtime = true;
		}
		instance = instance || is_instance_of(&x->links[k], i->name);
	}
	if (runtime)
		return INSTALL_STATE_ENABLED_RUNTIME;
	if (f->elsewhere && (startswith(f->dir, "/etc/") || startswith(f->dir, "/run/")))       /* not what a package links */
		return startswith(f->dir, "/run/") ? INSTALL_STATE_LINKED_RUNTIME : INSTALL_STATE_LINKED;
	if (instance)
		return INSTALL_STATE_INDIRECT;
	if (install_info_any(i))
		return INSTALL_STATE_DISABLED;
	return i->also ? INSTALL_STATE_INDIRECT : INSTALL_STATE_STATIC;
}

int install_state_of(const struct install_index *x, const char *name, enum install_state *ret)
{
	struct install_info info;
	struct lookup_file f;
	int r;

	if (!name_valid(name, NAME_ANY))
		return -EINVAL;
	if (!lookup_file(x->l, name, &f))
		return -ENOENT;
	r = f.masked ? -ERFKILL : install_info_read(x->l, name, NULL, &info);
	if (r == -ERFKILL) {
		*ret = startswith(f.dir, "/run/") ? INSTALL_STATE_MASKED_RUNTIME : INSTALL_STATE_MASKED;
		return 0;
	}
	if (r < 0)
		return r;
	if (name_is_instance(name)) {           /* the question is about this instance, not about the default one */
		free(info.effective);
		info.effective = strdup(name);
	}
	if (!info.effective)
		r = -ENOMEM;
	else if (f.alias && streq(f.name, name))
		*ret = INSTALL_STATE_ALIAS;
	else if (strstr(f.dir, "/generator"))
		*ret = INSTALL_STATE_GENERATED;
	else if (endswith(f.dir, "/transient"))
		*ret = INSTALL_STATE_TRANSIENT;
	else
		*ret = from_links(x, &info, &f);
	install_info_done(&info);
	return r;
}
