/* mounts.c - RequiresMountsFor=: After= and Requires= on the mount units that paths lie on; systemd.unit(5) */
#include "unit/name.h"
#include "unit/set.h"

#define MAX_PREFIXES 256

static bool is_mount(const struct unit *u)
{
	return streq(u->type->name, "mount");
}

/* After= on every mount below the path; Requires= only where a file says that it is to be mounted */
static int depend_on(struct unit *u, struct unit *mount)
{
	int r;

	if (u == mount || mount->load_state != UNIT_LOADED)
		return 0;
	r = unit_add_dep(u, DEP_AFTER, mount, DEP_PATH);
	if (r == 0 && (mount->fragment_path || mount->source_path))     /* source_path: /etc/fstab */
		r = unit_add_dep(u, DEP_REQUIRES, mount, DEP_PATH);
	return r;
}

/* calls @fn with "/", "/a", "/a/b" ... of @path */
static int each_prefix(const char *path, int (*fn)(const char *prefix, void *arg), void *arg)
{
	_cleanup_(freep) char *p = strdup(path);
	unsigned n = 0;
	int r;

	if (!p)
		return -ENOMEM;
	path_simplify(p);
	r = fn("/", arg);
	for (char *s = p + 1; r == 0 && *p && *s && n < MAX_PREFIXES; n++) {
		size_t len = strcspn(s, "/");
		char keep = s[len];

		s[len] = '\0';
		r = fn(p, arg);
		s[len] = keep;
		s += len + (keep == '/');
	}
	return r;
}

static int look_up_mount(const char *prefix, void *arg)
{
	struct unit *u = arg, *mount;
	_cleanup_(freep) char *name = NULL;
	int r = name_from_path(prefix, "mount", &name);

	if (r < 0)
		return r == -ENOMEM ? r : 0;    /* too long or odd to be a unit's name: then no unit mounts it */
	mount = unit_get(u->set, name);
	if (mount)
		return depend_on(u, mount);
	if (!u->set->paths || !lookup_exists(u->set->paths, name))
		return 0;                       /* should it be mounted later, mounts_add_deps() of that unit finds us */
	r = unit_stub(u->set, name, &mount);
	return r == -ENOMEM ? r : 0;            /* when its turn to be loaded comes it finds us likewise */
}

static bool lies_on(const char *path, const char *where)
{
	size_t n = strlen(where);

	return streq(where, "/") || (strncmp(path, where, n) == 0 && (!path[n] || path[n] == '/'));
}

/* a mount was loaded: whoever named a path on it before */
static int announce_mount(struct unit *mount)
{
	_cleanup_(freep) char *where = NULL;
	int r = 0;

	if (name_to_path(mount->id, &where) < 0)
		return 0;
	for (struct unit *u = mount->set->first; u && r == 0; u = u->set_next)
		for (size_t i = 0; r == 0 && u->requires_mounts_for && u->requires_mounts_for[i]; i++)
			if (lies_on(u->requires_mounts_for[i], where))
				r = depend_on(u, mount);
	return r;
}

int mounts_add_deps(struct unit *u)
{
	int r = is_mount(u) ? announce_mount(u) : 0;

	for (size_t i = 0; r == 0 && u->requires_mounts_for && u->requires_mounts_for[i]; i++)
		r = each_prefix(u->requires_mounts_for[i], look_up_mount, u);
	return r;
}

int unit_require_mounts_for(struct unit *u, const char *path)
{
	if (path[0] != '/')
		return -EINVAL;
	if (strv_has(u->requires_mounts_for, path))
		return 0;
	return strv_add(&u->requires_mounts_for, path);
}
