/* keys.c - the [Automount] section, and what an automount unit adds of its own accord when it is loaded; systemd.automount(5) */
#include <stdio.h>
#include "types/automount/automount.h"
#include "types/common.h"
#include "types/mount/fstab.h"
#include "types/mount/mountinfo.h"
#include "unit/name.h"

#define F(field) offsetof(struct automount, field)

static const struct key rows[] = {
	{ "DirectoryMode", &kind_mode, F(directory_mode), 0, NULL, "Access mode of directories made on the way to the mount point." },
	{ "ExtraOptions", &kind_string, F(extra_options), 0, NULL, "Further options of the autofs, separated by commas." },
	{ "TimeoutIdleSec", &kind_sec_zero_inf, F(idle_usec), 0, "TimeoutIdleUSec", "Unmount again what nobody has used for so long." },
	{ "Where", &kind_path, F(where), 0, NULL, "Mount point; must agree with the unit's name." },
};
const struct key_group automount_groups[1] = { { .section = "Automount", .rows = rows, .n_rows = ARRAY_SIZE(rows) } };

void automount_init(struct unit *u)
{
	struct automount *a = AUTOMOUNT(u);

	a->directory_mode = 0755;
	a->idle_usec = 0;
	u->ignore_on_isolate = true;
}

static int check_where(struct automount *a, const struct key_place *at)
{
	_cleanup_(freep) char *name = NULL;
	int r;

	if (a->u.instance || name_is_template(a->u.id))
		return type_bad(at, "an automount unit cannot be made from a template");
	if (!a->where) {
		r = name_to_path(a->u.id, &a->where);
		if (r < 0)
			return r == -EINVAL ? type_bad(at, "the name of an automount unit must be the escaped path of its mount point") : r;
	}
	if (streq(a->where, "/"))
		return type_bad(at, "the root directory cannot be an automount point");
	r = name_from_path(a->where, "automount", &name);
	if (r == -ENOMEM)
		return r;
	return r < 0 || !streq(name, a->u.id) ? type_bad(at, "Where= does not agree with the unit's name") : 0;
}

/* ---- /etc/fstab: x-systemd.automount ---- */

static int set_idle(struct automount *a, const struct fstab_entry *e, const struct key_place *at)
{
	_cleanup_(freep) char *text = NULL;
	const char *p = e->options;
	int r = option_next(&p, "x-systemd.idle-timeout", &text);

	if (r <= 0)
		return r;
	if (value_sec(text, USEC_PER_SEC, &a->idle_usec) < 0)
		diag(at->sink, DIAG_WARNING, "/etc/fstab", 0, 0, "%s: x-systemd.idle-timeout is no time span", a->where);
	return 0;
}

/* the mount point itself is what is asked for, whatever noauto or x-systemd.wanted-by= say of the mount */
static int take_fstab(struct automount *a, const struct fstab_entry *e, const struct key_place *at)
{
	bool network = mount_is_network(e->type, e->options);
	int r = set_idle(a, e, at);

	if (r < 0)
		return r;
	free(a->u.source_path);
	a->u.source_path = strdup("/etc/fstab");
	return type_dep(&a->u, option_has(e->options, "nofail") ? DEP_WANTED_BY : DEP_REQUIRED_BY, network ? "remote-fs.target" : "local-fs.target", DEP_FILE);
}

/* ---- load ---- */

static int add_deps(struct automount *a)
{
	_cleanup_(freep) char *parent = strdup(a->where);
	int r;

	if (!parent)
		return -ENOMEM;
	parent[MAX(strrchr(parent, '/') - parent, 1)] = '\0';
	r = unit_require_mounts_for(&a->u, parent);
	if (r >= 0)
		r = type_two_deps(&a->u, DEP_BEFORE, DEP_TRIGGERS, a->mount_name, DEP_IMPLICIT);
	if (r < 0 || !a->u.default_dependencies)
		return r;
	r = type_two_deps(&a->u, DEP_BEFORE, DEP_CONFLICTS, "umount.target", DEP_DEFAULT);
	if (r >= 0)
		r = type_dep(&a->u, DEP_BEFORE, "local-fs.target", DEP_DEFAULT);
	return r < 0 ? r : type_dep(&a->u, DEP_AFTER, "local-fs-pre.target", DEP_DEFAULT);
}

int automount_load(struct unit *u, const struct key_place *at)
{
	struct automount *a = AUTOMOUNT(u);
	const struct fstab_entry *e;
	int r = check_where(a, at);

	if (r < 0)
		return r;
	e = fstab_goes_first(u) ? fstab_find(fstab_get(u->set), a->where) : NULL;
	if (e && !fstab_is_automount(e))
		e = NULL;
	if (!u->fragment_path && !e)
		return -ENOENT;
	free(TAKE_PTR(a->mount_name));
	r = name_change_suffix(u->id, "mount", &a->mount_name);
	if (r >= 0 && e)
		r = take_fstab(a, e, at);
	if (r >= 0)
		r = add_deps(a);
	if (r >= 0 && !u->description)
		u->description = strdup(a->where);
	return MIN(r, 0);
}
