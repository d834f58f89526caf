/*
 * cgroup-files.c - RestrictFileSystems=: a program of the unit's group at the kernel's security hook for open(2), which looks at the
 * number of the file system; Linux 6.0 or later with "bpf" among its security modules
 */
#include <fcntl.h>
#include "btf.h"
#include "cgroup-prog.h"
#include "exec/filesystems.h"

/* without it in the list the hook is there and never called */
static bool module_active(void)
{
	_cleanup_(closep) int fd = open("/sys/kernel/security/lsm", O_RDONLY | O_CLOEXEC);
	char text[512], *save = NULL;
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (n <= 0)
		return false;
	text[n] = 0;
	for (char *t = strtok_r(text, ",\n", &save); t; t = strtok_r(NULL, ",\n", &save))
		if (streq(t, "bpf"))
			return true;
	return false;
}

/* r1 = the superblock's number of the file that the hook is called for */
static int load_magic(struct code *c, const struct btf *b)
{
	static const char *const way[][2] = { { "file", "f_inode" }, { "inode", "i_sb" }, { "super_block", "s_magic" } };

	emit(c, BPF_LDX | BPF_DW | BPF_MEM, 1, 1, 0, 0);
	for (size_t i = 0; i < ARRAY_SIZE(way); i++) {
		int off = btf_member(b, way[i][0], way[i][1]);

		if (off < 0 || off > INT16_MAX)
			return off < 0 ? off : -ERANGE;
		emit(c, BPF_LDX | BPF_DW | BPF_MEM, 1, 1, (int16_t)off, 0);
	}
	return 0;
}

static int add_rules(struct code *c, const struct ipc_file_systems *f)
{
	const char **names;
	bool allow;
	ssize_t n = file_systems_resolve((char *const *)f->names, f->n_names, &allow, &names);

	if (n < 0)
		return (int)n;
	for (ssize_t i = 0; i < n; i++) {
		uint32_t magics[FILE_SYSTEM_MAGICS];
		size_t n_magics = file_system_magics(names[i], magics);

		for (size_t j = 0; j < n_magics; j++) {
			size_t jump = unless_equal(c, 1, (int32_t)magics[j]);

			verdict(c, allow);
			land(c, jump);
		}
	}
	verdict(c, !allow);
	return 0;
}

static int program(const struct ipc_file_systems *f, struct hooks *h)
{
	struct code c = { NULL };
	struct btf *b;
	int id, r = btf_open("/sys/kernel/btf/vmlinux", &b);

	if (r < 0)
		return r;
	id = btf_function(b, "bpf_lsm_file_open");
	r = id < 0 ? id : load_magic(&c, b);
	if (r >= 0)
		r = add_rules(&c, f);
	return r < 0 ? r : hooks_load_at(h, &c, BPF_PROG_TYPE_LSM, BPF_LSM_CGROUP, (uint32_t)id);
}

/* The last step that opens files of any kind for itself is behind us: from here on it is the unit that opens. */
int step_file_systems(struct run *r)
{
	struct hooks *h;
	int e;

	if (!r->p.has_file_systems || !r->p.apply_sandbox)
		return 0;
	if (r->files_group < 0) {
		/* an earlier command's program does not even let us look at the group: so it is there */
		if (r->files_group != -EPERM)
			step_warn(r, "RestrictFileSystems= is not available without a control group", r->files_group);
		return 0;
	}
	if (hook_attached(r->files_group, BPF_LSM_CGROUP))
		return 0;
	h = must_alloc(calloc(1, sizeof(*h)));
	e = module_active() ? program(&r->p.file_systems, h) : -EOPNOTSUPP;
	if (e >= 0)
		e = hooks_apply(h, r->files_group, true, NULL, 0);
	if (e < 0)
		step_warn(r, "RestrictFileSystems= is not available", e);
	free(h);
	return 0;
}

/* before the unit's own view of the file systems hides the group */
int step_file_systems_prepare(struct run *r)
{
	r->files_group = !r->p.has_file_systems ? -1 : !r->p.cgroup ? -ENOENT : open(r->p.cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (r->p.has_file_systems && r->p.cgroup && r->files_group < 0)
		r->files_group = -errno;
	return 0;
}
