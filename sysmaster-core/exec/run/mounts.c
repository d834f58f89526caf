/*
 * mounts.c - the mount namespace of a unit: every setting of systemd.exec(5) that changes what is seen where becomes entries
 * of one list, which is then applied in the order of the paths
 */
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include "mounts.h"

void entries_add(struct entries *l, enum mount_kind kind, const char *path, bool optional)
{
	if ((l->n & (l->n + 1)) == 0)
		l->v = must_alloc(reallocarray(l->v, 2 * (l->n + 1), sizeof(*l->v)));
	l->v[l->n++] = (struct entry){ .kind = kind, .path = path_join(l->root, path), .optional = optional };
}

struct entry *entries_last(struct entries *l) { return &l->v[l->n - 1]; }

/* '-' may be missing, '+' below the root directory (other paths are the host's) */
static void add_paths(struct entries *l, enum mount_kind kind, const char *const *paths, size_t n)
{
	struct entries host = { .root = "" };

	for (size_t i = 0; i < n; i++) {
		const char *p = paths[i];
		bool optional = *p == '-', below;

		p += optional;
		below = *p == '+';
		p += below;
		if (below || !*l->root) {
			entries_add(l, kind, p, optional);
			continue;
		}
		entries_add(&host, kind, p, optional);
		entries_add(l, kind, p, optional);
		entries_last(l)->path = entries_last(&host)->path;
	}
}

static void add_table(struct entries *l, const struct entry *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		entries_add(l, rows[i].kind, rows[i].path, true);
}
#define ADD_TABLE(l, ...) add_table(l, (const struct entry[]){ __VA_ARGS__ }, sizeof((const struct entry[]){ __VA_ARGS__ }) / sizeof(struct entry))
#define E(k, p) { .kind = k, .path = (char *)(p) }

static void add_system(struct entries *l, enum ipc_protect_system how)
{
	if (how == IPC_PROTECT_SYSTEM_NO)
		return;
	if (how == IPC_PROTECT_SYSTEM_STRICT) {
		ADD_TABLE(l, E(M_RO, "/"), E(M_RW_IMPLICIT, "/proc"), E(M_RW_IMPLICIT, "/sys"), E(M_RW_IMPLICIT, "/dev"),
			  E(M_RW_IMPLICIT, "/home"), E(M_RW_IMPLICIT, "/run/user"), E(M_RW_IMPLICIT, "/root"));
		return;
	}
	ADD_TABLE(l, E(M_RO, "/usr"), E(M_RO, "/boot"), E(M_RO, "/efi"), E(M_RO, "/lib"), E(M_RO, "/lib64"), E(M_RO, "/bin"), E(M_RO, "/sbin"));
	if (how == IPC_PROTECT_SYSTEM_FULL)
		ADD_TABLE(l, E(M_RO, "/etc"));
}

static void add_home(struct entries *l, enum ipc_protect_home how)
{
	static const char *const homes[] = { "/home", "/run/user", "/root" };

	if (how == IPC_PROTECT_HOME_NO)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(homes); i++) {
		entries_add(l, how == IPC_PROTECT_HOME_YES ? M_INACCESSIBLE : how == IPC_PROTECT_HOME_READ_ONLY ? M_RO : M_TMPFS, homes[i], true);
		entries_last(l)->options = "nodev,nosuid,mode=0755";
		entries_last(l)->read_only = how == IPC_PROTECT_HOME_TMPFS;
	}
}

static void add_kernel(struct entries *l, const struct ipc_exec_settings *s)
{
	if (s->protect_kernel_tunables)
		ADD_TABLE(l, E(M_RO, "/proc/acpi"), E(M_RO, "/proc/apm"), E(M_RO, "/proc/asound"), E(M_RO, "/proc/bus"), E(M_RO, "/proc/fs"),
			  E(M_RO, "/proc/irq"), E(M_RO, "/proc/latency_stats"), E(M_RO, "/proc/mtrr"), E(M_RO, "/proc/scsi"), E(M_RO, "/proc/sys"),
			  E(M_RO, "/proc/sysrq-trigger"), E(M_RO, "/proc/timer_stats"), E(M_INACCESSIBLE, "/proc/kallsyms"), E(M_INACCESSIBLE, "/proc/kcore"),
			  E(M_RO, "/sys"), E(M_RW_IMPLICIT, "/sys/fs/cgroup"), E(M_RW_IMPLICIT, "/sys/fs/selinux"),
			  E(M_INACCESSIBLE, "/sys/kernel/debug"), E(M_INACCESSIBLE, "/sys/kernel/tracing"));
	if (s->protect_kernel_modules)
		ADD_TABLE(l, E(M_INACCESSIBLE, "/lib/modules"), E(M_INACCESSIBLE, "/usr/lib/modules"));
	if (s->protect_kernel_logs)
		ADD_TABLE(l, E(M_INACCESSIBLE, "/proc/kmsg"), E(M_INACCESSIBLE, "/dev/kmsg"));
	if (s->protect_control_groups)
		ADD_TABLE(l, E(M_RO, "/sys/fs/cgroup"));
}

static void add_proc(struct entries *l, const struct ipc_exec_settings *s)
{
	static const char *const hide[] = {
		[IPC_PROTECT_PROC_DEFAULT] = "", [IPC_PROTECT_PROC_NOACCESS] = "hidepid=noaccess",
		[IPC_PROTECT_PROC_INVISIBLE] = "hidepid=invisible", [IPC_PROTECT_PROC_PTRACEABLE] = "hidepid=ptraceable",
	};
	char *options;

	if (s->protect_proc == IPC_PROTECT_PROC_DEFAULT && !s->proc_subset_pid)
		return;
	entries_add(l, M_PROC, "/proc", false);
	must_alloc(asprintf(&options, "%s%s%s", hide[s->protect_proc], *hide[s->protect_proc] && s->proc_subset_pid ? "," : "",
			    s->proc_subset_pid ? "subset=pid" : "") < 0 ? NULL : options);
	entries_last(l)->options = options;
}

/* "[-]SOURCE[:DESTINATION[:OPTIONS]]" */
static void add_binds(struct entries *l, const char *const *v, size_t n, bool read_only)
{
	for (size_t i = 0; i < n; i++) {
		bool optional = *v[i] == '-';
		char *source = must_alloc(strdup(v[i] + optional)), *dest = strchr(source, ':'), *options = NULL;

		if (dest) {
			*dest++ = 0;
			options = strchr(dest, ':');
			if (options)
				*options++ = 0;
		}
		entries_add(l, options && strstr(options, "norbind") ? M_BIND : M_RBIND, dest && *dest ? dest : source, optional);
		entries_last(l)->source = source;
		entries_last(l)->read_only = read_only;
	}
}

/* "[-]IMAGE:DESTINATION[:OPTIONS]" */
static void add_images(struct entries *l, const struct ipc_exec_settings *s)
{
	for (size_t i = 0; i < s->n_mount_images; i++) {
		bool optional = *s->mount_images[i] == '-';
		char *source = must_alloc(strdup(s->mount_images[i] + optional)), *dest = strchr(source, ':'), *options;

		*dest++ = 0;
		options = strchr(dest, ':');
		if (options)
			*options++ = 0;
		entries_add(l, M_IMAGE, dest, optional);
		entries_last(l)->source = source;
		entries_last(l)->options = options ? options : "";
	}
}

static void add_tmpfs(struct entries *l, const struct ipc_exec_settings *s)
{
	for (size_t i = 0; i < s->n_temporary_file_system; i++) {
		char *path = must_alloc(strdup(s->temporary_file_system[i])), *colon = strchr(path, ':'), *options;

		if (colon)
			*colon++ = 0;
		entries_add(l, M_TMPFS, path, false);
		must_alloc(asprintf(&options, "nodev,strictatime,mode=0755,size=10%%,nr_inodes=400k%s%s", colon ? "," : "", colon ? colon : "") < 0 ? NULL : options);
		entries_last(l)->options = options;
	}
}

/* all commands of one run of the unit share it; whoever comes first makes it */
static int add_private_tmp(const struct run *r, struct entries *l)
{
	static const char *const places[] = { "/tmp", "/var/tmp" };

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		char *outer = path_join(places[i], r->p.private_tmp), *inner = path_join(outer, "tmp");
		struct stat st;

		if (mkdir(outer, 0700) < 0 && errno != EEXIST)
			return -errno;
		if (lstat(outer, &st) < 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid())     /* the name can be guessed */
			return -EPERM;
		if (mkdir(inner, 01777) < 0 && errno != EEXIST)
			return -errno;
		if (chmod(inner, 01777) < 0)
			return -errno;
		entries_add(l, M_RBIND, places[i], false);
		entries_last(l)->source = inner;
	}
	return 0;
}

/* a strict root would make them read-only; a made-up user's lie where only it can go */
static void add_directories(const struct run *r, struct entries *l)
{
	for (size_t i = 0; i < r->p.n_directories; i++) {
		const struct ipc_exec_directory *d = &r->p.directories[i];
		bool hidden = false;

		if (d->kind == IPC_EXEC_DIR_KIND_CONFIGURATION)
			continue;
		for (size_t j = 0; j < d->n_paths; j++) {
			char *rel = must_alloc(strndup(d->paths[j], strcspn(d->paths[j], ":")));
			char *private = path_join(path_join(dir_prefix(d->kind), "private"), rel);

			if (r->dynamic && access(private, F_OK) == 0) {
				if (!hidden) {
					entries_add(l, M_TMPFS, path_join(dir_prefix(d->kind), "private"), false);
					entries_last(l)->options = "nodev,nosuid,mode=0755";
					hidden = true;
				}
				entries_add(l, M_RBIND, private, false);
				entries_last(l)->source = private;
			} else {
				entries_add(l, M_RW, path_join(dir_prefix(d->kind), rel), true);
			}
		}
	}
}

static bool wants_api_vfs(const struct ipc_exec_settings *s)
{
	if (!s->root_directory && !s->root_image)
		return false;
	return !s->has_mount_api_vfs || s->mount_api_vfs;
}

static int collect(const struct run *r, struct entries *l)
{
	const struct ipc_exec_settings *s = r->s;
	int e;

	if (wants_api_vfs(s)) {
		static const char *const api[] = { "/sys", "/dev", "/run/systemd/journal" };

		if (s->protect_proc == IPC_PROTECT_PROC_DEFAULT && !s->proc_subset_pid) {       /* else add_proc() does */
			entries_add(l, M_PROC, "/proc", true);
			entries_last(l)->options = "";
		}

		for (size_t i = 0; i < ARRAY_SIZE(api); i++) {
			if (s->private_devices && streq(api[i], "/dev"))
				continue;       /* one of its own instead */
			entries_add(l, M_RBIND, api[i], true);
			entries_last(l)->source = api[i];
		}
		entries_add(l, M_TMPFS, "/run", false);
		entries_last(l)->options = "nosuid,nodev,strictatime,mode=0755,size=20%,nr_inodes=800k";
	}
	if (s->private_ipc || s->ipc_namespace_path)    /* its message queues are the namespace's */
		entries_add(l, M_MQUEUE, "/dev/mqueue", true);
	add_system(l, s->protect_system);
	add_home(l, s->protect_home);
	add_kernel(l, s);
	add_proc(l, s);
	if (s->private_devices)
		entries_add(l, M_DEV, "/dev", false);
	add_paths(l, M_RW, s->read_write_paths, s->n_read_write_paths);
	add_paths(l, M_RO, s->read_only_paths, s->n_read_only_paths);
	add_paths(l, M_INACCESSIBLE, s->inaccessible_paths, s->n_inaccessible_paths);
	add_paths(l, M_EXEC, s->exec_paths, s->n_exec_paths);
	add_paths(l, M_NOEXEC, s->no_exec_paths, s->n_no_exec_paths);
	add_binds(l, s->bind_paths, s->n_bind_paths, false);
	add_binds(l, s->bind_read_only_paths, s->n_bind_read_only_paths, true);
	add_images(l, s);
	add_tmpfs(l, s);
	if (s->private_tmp && r->p.private_tmp && (e = add_private_tmp(r, l)) < 0)
		return e;
	if (l->n || s->private_mounts)
		add_directories(r, l);
	return 0;
}

/* ---- the list is put in order ---- */

/* links of @path resolved within @root: what the kernel would find, or NULL */
static char *resolve(const char *root, const char *path)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT };
	_cleanup_(closep) int dir = open(*root ? root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	size_t n = startswith(path, root) ? strlen(root) : 0;
	const char *rel = path + n + strspn(path + n, "/");
	_cleanup_(closep) int fd = -1;
	char link[64], real[4096];
	ssize_t len;

	fd = dir < 0 ? -1 : (int)syscall(SYS_openat2, dir, *rel ? rel : ".", &how, sizeof(how));
	if (fd < 0)
		return NULL;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, real, sizeof(real) - 1);
	if (len <= 0)
		return NULL;
	real[len] = 0;
	return must_alloc(strdup(real));
}

static bool makes_target(enum mount_kind k) { return k == M_BIND || k == M_RBIND || k == M_TMPFS || k == M_IMAGE || k == M_PROC || k == M_DEV; }

static bool below(const char *path, const char *above)
{
	size_t n = strlen(above);

	if (streq(above, "/"))
		return path[1];
	return strncmp(path, above, n) == 0 && path[n] == '/';
}

static int by_path(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	const unsigned char *p = (const unsigned char *)x->path, *q = (const unsigned char *)y->path;

	while (*p && *p == *q)
		p++, q++;
	if (*p != *q) {         /* a path comes right before what is below it */
		unsigned char cp = *p == '/' ? 1 : *p, cq = *q == '/' ? 1 : *q;

		return cp < cq ? -1 : 1;
	}
	return (int)x->kind - (int)y->kind;
}

static bool is_flag(enum mount_kind k) { return k >= M_RO; }
static bool same_class(enum mount_kind a, enum mount_kind b)
{
	if (!is_flag(a) || !is_flag(b))
		return is_flag(a) == is_flag(b);
	return (a >= M_NOEXEC) == (b >= M_NOEXEC);
}

/* held by a descriptor from now on: something else may be mounted above it before it is its turn */
static int open_source(struct entry *e)
{
	int fd = open(e->source, O_PATH | O_CLOEXEC);
	char *link;

	if (fd < 0)
		return -errno;
	must_alloc(asprintf(&link, "/proc/self/fd/%d", fd) < 0 ? NULL : link);
	e->source = link;
	return 0;
}

int entries_resolve(struct entries *l)
{
	const char *hidden = NULL;
	size_t kept = 0;

	for (size_t i = 0; i < l->n; i++) {
		struct entry *e = &l->v[i];
		char *real = resolve(l->root, e->path);

		if (e->source && open_source(e) < 0) {
			if (!e->optional)
				return -ENOENT;
			continue;
		}
		if (!real && !makes_target(e->kind)) {
			if (!e->optional)
				return -ENOENT;
			continue;
		}
		if (!real && e->kind == M_TMPFS && e->optional)
			continue;
		e->path = real ? real : e->path;
		l->v[kept++] = *e;
	}
	l->n = kept;
	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), by_path);
	kept = 0;
	for (size_t i = 0; i < l->n; i++) {
		struct entry *e = &l->v[i];
		bool dup = false;

		for (size_t j = kept; j-- > 0 && streq(l->v[j].path, e->path); )
			dup |= same_class(l->v[j].kind, e->kind) || l->v[j].kind == M_INACCESSIBLE;
		if (dup || (hidden && below(e->path, hidden)))
			continue;
		if (e->kind == M_INACCESSIBLE)
			hidden = e->path;
		l->v[kept++] = *e;
	}
	l->n = kept;
	return 0;
}

/* ---- the step ---- */

#define ROOT_PLACE "/run/sysmaster/root"        /* of RootImage=, in this namespace only */

static bool wanted(const struct run *r, const struct entries *l)
{
	/* "shared" is what is without a namespace: systemd.exec(5) */
	return l->n || r->s->private_mounts || r->s->root_image || r->s->n_extension_images || r->s->n_extension_directories || (r->s->has_mount_flags && r->s->mount_flags != MS_SHARED);
}

/* what must not be left out silently: the service would see other files than it was meant to */
static bool insists(const struct ipc_exec_settings *s)
{
	return s->root_directory || wants_images(s) || s->n_extension_directories || s->n_temporary_file_system || s->n_bind_paths || s->n_bind_read_only_paths || s->dynamic_user;
}

static int enter_root(struct run *r, const char *root)
{
	if (!*root)
		return 0;
	if (chdir(root) < 0 || mount(root, "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0 || chdir("/") < 0)
		return -errno;
	r->s->root_directory = NULL;    /* done; step_chroot() has nothing left */
	return 0;
}

int step_mounts(struct run *r)
{
	struct entries l = { .root = r->s->root_image ? ROOT_PLACE : r->s->root_directory ? r->s->root_directory : "" };
	int e;

	if (!r->p.apply_sandbox)
		return 0;
	e = collect(r, &l);
	if (e < 0 || !wanted(r, &l))
		return e;
	if (unshare(CLONE_NEWNS) < 0) {
		if (insists(r->s) || (errno != EPERM && errno != ENOSYS && errno != EINVAL && errno != ENOSPC))
			return -errno;
		step_warn(r, "mount namespaces are not available", -errno);
		return 0;
	}
	/* mounts of the host come in, ours do not go out */
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return -errno;
	if (r->s->root_image && r->s->root_hash)
		return -EOPNOTSUPP;             /* what was to be verified must not be used unverified */
	if (r->s->root_image) {
		e = make_target(ROOT_PLACE, true);
		if (e == 0)
			e = image_mount(r->s->root_image, ROOT_PLACE, r->s->root_image_options ? r->s->root_image_options : "");
	} else if (*l.root && mount(l.root, l.root, NULL, MS_BIND | MS_REC, NULL) < 0) {
		e = -errno;
	}
	if (e == 0)
		e = extensions_collect(r, &l);
	if (e == 0)
		e = entries_resolve(&l);
	if (e == 0)
		e = entries_apply(r, &l);
	if (e == 0)
		e = enter_root(r, l.root);
	if (e < 0)
		return e;
	return mount(NULL, "/", NULL, MS_REC | (r->s->has_mount_flags ? (unsigned long)r->s->mount_flags : MS_SHARED), NULL) < 0 ? -errno : 0;
}
