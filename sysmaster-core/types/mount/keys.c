/* keys.c - the [Mount] section, and what a mount unit adds of its own accord when it is loaded; systemd.mount(5) */
#include <stdio.h>
#include <sys/stat.h>
#include "cgroup/cgroup.h"
#include "log.h"
#include "types/common.h"
#include "types/mount/mount.h"
#include "unit/name.h"
#include "unit/path.h"

#define F(field) offsetof(struct mount_unit, field)

static const struct key rows[] = {
	{ "DirectoryMode", &kind_mode, F(directory_mode), 0, NULL, "Access mode of directories made on the way to the mount point." },
	{ "ForceUnmount", &kind_bool, F(force_unmount), 0, NULL, "Unmount by force when the server of a network file system is gone." },
	{ "LazyUnmount", &kind_bool, F(lazy_unmount), 0, NULL, "Detach at once, and clean up when nobody uses it any more." },
	{ "Options", &kind_string, F(file.options), 0, "", "Mount options, separated by commas." },
	{ "ReadWriteOnly", &kind_bool, F(read_write_only), 0, NULL, "Fail rather than mount read-only what cannot be written." },
	{ "SloppyOptions", &kind_bool, F(sloppy_options), 0, NULL, "Tolerate options that the file system does not know." },
	{ "TimeoutSec", &kind_sec_zero_inf, F(timeout_usec), 0, "TimeoutUSec", "How long mount(8) or umount(8) may take." },
	{ "Type", &kind_string, F(file.type), 0, "", "File system type." },
	{ "What", &kind_string, F(file.what), 0, "", "Device, file or other resource to be mounted." },
	{ "Where", &kind_path, F(where), 0, "", "Mount point; must agree with the unit's name." },
};

const struct key_group mount_groups[N_MOUNT_GROUPS] = {
	{ .section = "Mount", .rows = rows, .n_rows = ARRAY_SIZE(rows) },
	{ .section = "Mount", .rows = exec_keys, .n_rows_at = &n_exec_keys, .base = offsetof(struct mount_unit, exec) },
	{ .section = "Mount", .rows = kill_keys, .n_rows_at = &n_kill_keys, .base = offsetof(struct mount_unit, kill) },
	{ .section = "Mount", .rows = cgroup_keys, .n_rows_at = &n_cgroup_keys, .base = offsetof(struct mount_unit, cgroup) },
};

void mount_init(struct unit *u)
{
	struct mount_unit *m = MOUNT(u);

	exec_context_init(&m->exec);
	m->exec.s.has_same_process_group = m->exec.s.same_process_group = true;
	kill_context_init(&m->kill);
	cgroup_context_init(&m->cgroup);
	m->sloppy_options = m->lazy_unmount = m->force_unmount = m->read_write_only = m->from_fstab = false;
	m->directory_mode = 0755;
	m->timeout_usec = type_default_timeout(u);
	u->ignore_on_isolate = true;
	u->perpetual = streq(u->id, "-.mount");
	if (u->perpetual && !u->reloading)
		m->state = MOUNT_MOUNTED;
}

const struct mount_params *mount_params(const struct mount_unit *m) { return m->in_kernel ? &m->kernel : &m->file; }

/* ---- dependencies ---- */

/* nobody's to mount before or to unmount after: to a user's manager all are, which knows no devices and no quota either */
static bool extrinsic(const struct mount_unit *m) { return scope_is_user() || mount_is_extrinsic(m->where); }

/* "a.service" stays, "/dev/sda1" becomes a device and another path a mount */
static int unit_of_word(const char *word, char **ret)
{
	if (word[0] != '/') {
		*ret = strdup(word);
		return *ret ? 0 : -ENOMEM;
	}
	return name_from_path(word, startswith(word, "/dev/") || startswith(word, "/sys/") ? "device" : "mount", ret);
}

/* ordered after what sets encrypted and other devices up, too */
static int add_blockdev(struct mount_unit *m, const struct mount_params *p, enum dep_origin origin)
{
	_cleanup_(freep) char *device = NULL, *blockdev = NULL;

	if (scope_is_user() || !p->what || !startswith(p->what, "/dev/") || mount_is_bind(p->type, p->options) || streq(p->what, "/dev/root"))
		return 0;
	device = name_escape_path(p->what);
	if (!device || asprintf(&blockdev, "blockdev@%s.target", device) < 0)
		return -ENOMEM;
	return type_dep(&m->u, DEP_AFTER, blockdev, origin);
}

/*
 * The device below: what the file names as long as nothing is mounted, then what the kernel says, and that alone. All of it has the
 * origin DEP_MOUNTINFO, for it changes with that table. A device is bound only when the options say so, whatever systemd.mount(5) of 252 says; systemd itself requires
 * it and takes its stops along.
 */
static int add_device(struct mount_unit *m)
{
	const struct mount_params *p = mount_params(m);
	bool bound = option_has(m->file.options, "x-systemd.device-bound") || option_has(p->options, "x-systemd.device-bound");
	_cleanup_(freep) char *device = NULL;
	int r;

	if (scope_is_user() || !p->what || streq(m->where, "/") || mount_is_bind(p->type, p->options) || (!startswith(p->what, "/dev/") && !startswith(p->what, "/sys/")) ||
	    streq(p->what, "/dev/root"))
		return 0;
	r = name_from_path(p->what, "device", &device);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	r = type_two_deps(&m->u, DEP_AFTER, bound ? DEP_BINDS_TO : DEP_REQUIRES, device, DEP_MOUNTINFO);
	if (r >= 0 && !bound && m->file.what)
		r = type_dep(&m->u, DEP_STOP_PROPAGATED_FROM, device, DEP_MOUNTINFO);
	return r >= 0 && m->in_kernel ? add_blockdev(m, p, DEP_MOUNTINFO) : r;
}

static int add_default(struct mount_unit *m, const struct mount_params *p, enum dep_origin origin)
{
	bool network = mount_is_network(p->type, p->options), nofail = option_has(p->options, "nofail");
	int r = type_dep(&m->u, DEP_AFTER, network ? "remote-fs-pre.target" : "local-fs-pre.target", origin);

	if (r >= 0 && !nofail)
		r = type_dep(&m->u, DEP_BEFORE, network ? "remote-fs.target" : "local-fs.target", origin);
	if (r >= 0 && network)
		r = type_two_deps(&m->u, DEP_AFTER, DEP_WANTS, "network-online.target", origin);
	if (r >= 0 && network)
		r = type_dep(&m->u, DEP_AFTER, "network.target", origin);
	if (r >= 0 && p->type && streq(p->type, "tmpfs"))
		r = type_dep(&m->u, DEP_AFTER, "swap.target", origin);  /* stopped before swap is taken away from it */
	if (r >= 0)
		r = type_two_deps(&m->u, DEP_BEFORE, DEP_CONFLICTS, "umount.target", origin);
	return r;
}

static int add_quota(struct mount_unit *m)
{
	int r;

	if (scope_is_user() || !mount_needs_quota(m->file.type, m->file.options))
		return 0;
	r = type_two_deps(&m->u, DEP_BEFORE, DEP_WANTS, "systemd-quotacheck.service", DEP_IMPLICIT);
	return r < 0 ? r : type_two_deps(&m->u, DEP_BEFORE, DEP_WANTS, "quotaon.service", DEP_IMPLICIT);
}

int mount_renew_deps(struct mount_unit *m)
{
	int r;

	unit_drop_deps(&m->u, DEP_MOUNTINFO);
	m->kernel_deps = false;
	r = add_device(m);
	if (r >= 0 && m->in_kernel && m->u.default_dependencies && !extrinsic(m))
		r = add_default(m, &m->kernel, DEP_MOUNTINFO);
	m->kernel_deps = r >= 0 && m->in_kernel;
	return r;
}

static int add_file_deps(struct mount_unit *m)
{
	const struct mount_params *p = &m->file;
	int r = add_blockdev(m, p, DEP_FILE);

	if (r >= 0 && p->what && p->what[0] == '/' && !mount_is_network(p->type, p->options))
		r = unit_require_mounts_for(&m->u, p->what);
	if (r >= 0)
		r = add_quota(m);
	if (r >= 0 && m->u.default_dependencies && !extrinsic(m))
		r = add_default(m, p, DEP_DEFAULT);
	return r;
}

static int add_parent(struct mount_unit *m)
{
	_cleanup_(freep) char *parent = strdup(m->where);
	char *slash = parent ? strrchr(parent, '/') : NULL;

	if (!parent)
		return -ENOMEM;
	if (!slash || streq(m->where, "/"))
		return 0;
	slash[slash == parent] = '\0';
	return unit_require_mounts_for(&m->u, parent);
}

/* ---- /etc/fstab ---- */

/* bg of nfs(5): the first attempt goes on in the background and for ever; here that is a job that nobody waits for */
static bool in_background(const struct fstab_entry *e)
{
	const char *bg = NULL, *fg = NULL;

	if (strcmp(e->type, "nfs") != 0 && strcmp(e->type, "nfs4") != 0)
		return false;
	for (const char *p = e->options; p; p = (p = strchr(p, ',')) ? p + 1 : NULL) {
		bg = startswith(p, "bg") && (!p[2] || p[2] == ',') ? p : bg;
		fg = startswith(p, "fg") && (!p[2] || p[2] == ',') ? p : fg;
	}
	return bg && bg > (fg ?: e->options - 1);
}

static char *options_of(const struct fstab_entry *e)
{
	static const char *const elsewhere[] = { "x-systemd.device-timeout", NULL };      /* a setting of the device */
	_cleanup_(freep) char *rest = option_without(e->options, elsewhere);
	char *all;

	if (!rest || !in_background(e))
		return rest && streq(rest, "defaults") ? strdup("") : TAKE_PTR(rest);
	return asprintf(&all, "x-systemd.mount-timeout=infinity,retry=10000,nofail,%s,fg", rest) < 0 ? NULL : all;
}

static int take_fstab(struct mount_unit *m, const struct fstab_entry *e)
{
	_cleanup_(freep) char *options = options_of(e), *source = strdup("/etc/fstab");
	_cleanup_(freep) char *what = strdup(e->what), *type = streq(e->type, "auto") ? NULL : strdup(e->type);

	if (!what || !options || !source || (!type && !streq(e->type, "auto")))
		return -ENOMEM;
	free(m->file.what);
	free(m->file.type);
	free(m->file.options);
	free(m->u.source_path);
	m->file = (struct mount_params){ .what = TAKE_PTR(what), .type = TAKE_PTR(type), .options = TAKE_PTR(options) };
	m->u.source_path = TAKE_PTR(source);
	m->from_fstab = true;
	m->read_write_only |= option_has(e->options, "x-systemd.rw-only");
	return 0;
}

static int add_fstab_words(struct mount_unit *m, const char *name, uint64_t kinds, bool *any)
{
	const char *p = m->file.options;
	char *word = NULL;
	int r;

	while ((r = option_next(&p, name, &word)) > 0) {
		_cleanup_(freep) char *owned _unused_ = word, *unit = NULL;

		r = streq(name, "x-systemd.requires-mounts-for") ? unit_require_mounts_for(&m->u, word) : unit_of_word(word, &unit);
		for (unsigned k = 0; r >= 0 && unit && k < N_DEP_KINDS; k++)
			if (kinds & DEP_BIT(k))
				r = type_dep(&m->u, (enum dep_kind)k, unit, DEP_FILE);
		if (r == -ENOMEM)
			return r;
		*any = true;
	}
	return r;
}

/* fsck of a device before it is mounted; that of / has a unit of its own */
static int add_fsck(struct mount_unit *m, int passno)
{
	_cleanup_(freep) char *program = NULL, *path = NULL, *unit = NULL;
	int r;

	if (passno <= 0 || !startswith(m->file.what, "/dev/") || mount_is_bind(m->file.type, m->file.options))
		return 0;
	if (m->file.type && (asprintf(&program, "/sbin/fsck.%s", m->file.type) < 0 || access(program, X_OK) < 0))
		return 0;                               /* nothing that could check it */
	if (streq(m->where, "/"))
		return 1;
	path = name_escape_path(m->file.what);
	if (!path || asprintf(&unit, "systemd-fsck@%s.service", path) < 0)
		return -ENOMEM;
	r = type_two_deps(&m->u, DEP_AFTER, streq(m->where, "/usr") ? DEP_WANTS : DEP_REQUIRES, unit, DEP_FILE);
	return MIN(r, 0);
}

/* what the target gets beside the mount itself */
static int add_to_target(struct mount_unit *m, const char *target, const char *unit)
{
	struct unit *t;
	int r = unit_stub(m->u.set, target, &t);

	return r < 0 ? r : type_dep(t, DEP_WANTS, unit, DEP_FILE);
}

static int add_services(struct mount_unit *m, const struct fstab_entry *e)
{
	static const struct { const char *option, *unit; bool before; } helpers[] = {
		{ "x-systemd.makefs", "systemd-makefs@", true }, { "x-systemd.growfs", "systemd-growfs@", false },
	};
	int r = add_fsck(m, e->passno);

	if (r > 0)
		r = add_to_target(m, "local-fs.target", "systemd-fsck-root.service");
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(helpers); i++) {
		_cleanup_(freep) char *path = NULL, *unit = NULL;

		if (!option_has(e->options, helpers[i].option))
			continue;
		path = name_escape_path(helpers[i].before ? e->what : e->where);
		if (!path || asprintf(&unit, "%s%s.service", helpers[i].unit, path) < 0)
			return -ENOMEM;
		r = type_two_deps(&m->u, helpers[i].before ? DEP_AFTER : DEP_BEFORE, helpers[i].before ? DEP_REQUIRES : DEP_WANTS, unit, DEP_FILE);
	}
	return r;
}

static int set_timeout(struct mount_unit *m, const struct key_place *at)
{
	_cleanup_(freep) char *text = NULL;
	const char *p = m->file.options;
	int r = option_next(&p, "x-systemd.mount-timeout", &text);

	if (r <= 0)
		return r;
	r = value_sec(text, USEC_PER_SEC, &m->timeout_usec);
	if (r < 0)
		diag(at->sink, DIAG_WARNING, "/etc/fstab", 0, 0, "%s: x-systemd.mount-timeout is no time span", m->where);
	else if (m->timeout_usec == 0)
		m->timeout_usec = USEC_INFINITY;
	return 0;
}

/* What systemd-fstab-generator(8) would write beside [Mount]. */
static int add_fstab_deps(struct mount_unit *m, const struct fstab_entry *e, const struct key_place *at)
{
	static const struct { const char *option; uint64_t kinds; } words[] = {
		{ "x-systemd.after", DEP_BIT(DEP_AFTER) }, { "x-systemd.before", DEP_BIT(DEP_BEFORE) },
		{ "x-systemd.requires", DEP_BIT(DEP_REQUIRES) | DEP_BIT(DEP_AFTER) }, { "x-systemd.requires-mounts-for", 0 },
	};
	bool network = mount_is_network(m->file.type, m->file.options), nofail = option_has(m->file.options, "nofail"), any = false, ignored;
	bool pulled = fstab_is_automount(e);            /* by who comes there, and by nothing else */
	const char *target = network ? "remote-fs.target" : "local-fs.target";
	int r = set_timeout(m, at);

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(words); i++)
		r = add_fstab_words(m, words[i].option, words[i].kinds, &ignored);
	if (r >= 0 && !pulled)
		r = add_fstab_words(m, "x-systemd.wanted-by", DEP_BIT(DEP_WANTED_BY), &any);
	if (r >= 0 && !pulled)
		r = add_fstab_words(m, "x-systemd.required-by", DEP_BIT(DEP_REQUIRED_BY), &any);
	if (r >= 0)
		r = add_services(m, e);
	if (r >= 0)
		r = add_blockdev(m, &m->file, DEP_FILE);
	if (r >= 0 && !nofail)
		r = type_dep(&m->u, DEP_BEFORE, target, DEP_FILE);
	if (r >= 0 && !pulled && !any && !option_has(e->options, "noauto"))
		r = type_dep(&m->u, nofail ? DEP_WANTED_BY : DEP_REQUIRED_BY, target, DEP_FILE);
	return MIN(r, 0);
}

static int stub_automount(struct unit_set *set, const struct fstab_entry *e)
{
	_cleanup_(freep) char *name = NULL;
	struct unit *u;
	int r = name_from_path(e->where, "automount", &name);

	if (r >= 0)
		r = unit_stub(set, name, &u);
	if (r == -ENOTSUP)
		log_event(LOG_WARNING, "FSTAB", "x-systemd.automount: this image has no automount units", F_STR("WHERE", e->where));
	return r;
}

int mount_stub_fstab(struct unit_set *set)
{
	const struct fstab *f = fstab_get(set);
	int r = 0;

	for (size_t i = 0; f && r != -ENOMEM && i < f->n_entries; i++) {
		const struct fstab_entry *e = &f->entries[i];
		_cleanup_(freep) char *name = NULL;
		struct unit *u;

		if (!fstab_is_swap(e) && mount_is_api(e->where))
			continue;
		r = fstab_is_swap(e) ? name_from_path(e->what, "swap", &name) : name_from_path(e->where, "mount", &name);
		if (r >= 0)
			r = unit_stub(set, name, &u);
		if (r >= 0 && fstab_is_automount(e))
			r = stub_automount(set, e);
	}
	return r == -ENOMEM ? r : 0;
}

/* ---- load ---- */

static int check_where(struct mount_unit *m, const struct key_place *at)
{
	_cleanup_(freep) char *name = NULL;
	int r;

	if (m->u.instance || name_is_template(m->u.id))
		return type_bad(at, "a mount unit cannot be made from a template");
	if (!m->where) {
		r = name_to_path(m->u.id, &m->where);
		return r == -EINVAL ? type_bad(at, "the name of a mount unit must be the escaped path of its mount point") : r;
	}
	r = name_from_path(m->where, "mount", &name);
	if (r == -ENOMEM)
		return r;
	return r < 0 || !streq(name, m->u.id) ? type_bad(at, "Where= does not agree with the unit's name") : 0;
}

int mount_load(struct unit *u, const struct key_place *at)
{
	struct mount_unit *m = MOUNT(u);
	const struct fstab_entry *e;
	int r = check_where(m, at);

	if (r < 0)
		return r;
	e = fstab_goes_first(u) ? fstab_find(fstab_get(u->set), m->where) : NULL;
	if (e && (mount_is_api(m->where) || (r = take_fstab(m, e)) < 0))
		e = NULL;
	if (r < 0)
		return r;
	if (!u->fragment_path && !e && !m->in_kernel && !u->perpetual)
		return -ENOENT;
	if (u->fragment_path && mount_is_api(m->where))
		return type_bad(at, "this mount point belongs to the system itself and is not mounted by a unit");
	if (u->fragment_path && !m->file.what)
		return type_bad(at, "What= is missing");
	if (u->perpetual)
		u->default_dependencies = false;
	if (!u->description)
		u->description = strdup(u->perpetual ? "Root Mount" : m->where);
	r = u->perpetual && u->reloading ? mount_stub_fstab(u->set) : 0;        /* lines may have been added */
	if (r >= 0 && u->perpetual && fstab_enabled())
		r = add_to_target(m, "local-fs.target", "systemd-remount-fs.service");
	if (r >= 0 && !m->cgroup.slice && extrinsic(m) && !(m->cgroup.slice = strdup("-.slice")))
		r = -ENOMEM;
	if (r >= 0)
		r = u->perpetual ? exec_context_load(u, &m->exec, false) : type_contexts(u, &m->exec, &m->cgroup, true);
	if (r >= 0)
		r = add_parent(m);
	if (r >= 0 && (u->fragment_path || e))
		r = add_file_deps(m);
	if (r >= 0 && e)
		r = add_fstab_deps(m, e, at);
	if (r >= 0)
		r = mount_renew_deps(m);
	return MIN(r, 0);
}
