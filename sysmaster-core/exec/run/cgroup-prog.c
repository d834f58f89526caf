/* cgroup-prog.c - eBPF programs: written out, loaded, attached to a group */
#include <fcntl.h>
#include <sys/syscall.h>
#include "cgroup-prog.h"

void emit(struct code *c, uint8_t op, uint8_t dst, uint8_t src, int16_t off, int32_t imm)
{
	if ((c->n & (c->n + 1)) == 0)
		c->v = must_alloc(reallocarray(c->v, 2 * (c->n + 1), sizeof(*c->v)));
	c->v[c->n++] = (struct bpf_insn){ .code = op, .dst_reg = dst, .src_reg = src, .off = off, .imm = imm };
}

void verdict(struct code *c, int pass)
{
	MOV_IMM(c, 0, pass);
	emit(c, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

size_t unless_equal(struct code *c, uint8_t dst, int32_t imm)
{
	emit(c, BPF_JMP32 | BPF_JNE | BPF_K, dst, 0, 0, imm);
	return c->n - 1;
}

size_t unless_in(struct code *c, uint8_t dst, int32_t low, int32_t high, size_t *second)
{
	emit(c, BPF_JMP32 | BPF_JLT | BPF_K, dst, 0, 0, low);
	emit(c, BPF_JMP32 | BPF_JGT | BPF_K, dst, 0, 0, high);
	*second = c->n - 1;
	return c->n - 2;
}

void land(struct code *c, size_t jump) { c->v[jump].off = (int16_t)(c->n - jump - 1); }

static int bpf(int cmd, union bpf_attr *attr)
{
	int r = (int)syscall(SYS_bpf, cmd, attr, sizeof(*attr));

	return r < 0 ? -errno : r;
}

static int add(struct hooks *h, enum bpf_attach_type where, int fd)
{
	struct hook *k = NULL;

	fcntl(fd, F_SETFD, FD_CLOEXEC);
	for (size_t i = 0; i < h->n && !k; i++)
		if (h->v[i].where == where)
			k = &h->v[i];
	if (!k && h->n < HOOKS_MAX) {
		k = &h->v[h->n++];
		*k = (struct hook){ .where = where };
	}
	if (!k || k->n == HOOK_PROGRAMS) {
		close(fd);
		return -E2BIG;
	}
	k->programs[k->n++] = fd;
	return 0;
}

int hooks_load(struct hooks *h, struct code *c, enum bpf_prog_type type, enum bpf_attach_type where) { return hooks_load_at(h, c, type, where, 0); }

int hooks_load_at(struct hooks *h, struct code *c, enum bpf_prog_type type, enum bpf_attach_type where, uint32_t btf_id)
{
	union bpf_attr attr;
	int fd;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = type;
	attr.expected_attach_type = where;
	attr.attach_btf_id = btf_id;
	attr.insns = (uint64_t)(uintptr_t)c->v;
	attr.insn_cnt = (uint32_t)c->n;
	attr.license = (uint64_t)(uintptr_t)"Dual MIT/GPL";
	fd = bpf(BPF_PROG_LOAD, &attr);
	free(c->v);
	*c = (struct code){ NULL };
	return fd < 0 ? fd : add(h, where, fd);
}

int hooks_pinned(struct hooks *h, const char *path, enum bpf_attach_type where)
{
	union bpf_attr attr;
	int fd;

	memset(&attr, 0, sizeof(attr));
	attr.pathname = (uint64_t)(uintptr_t)path;
	fd = bpf(BPF_OBJ_GET, &attr);
	return fd < 0 ? fd : add(h, where, fd);
}

int map_array(uint32_t n_bytes)
{
	union bpf_attr attr;
	int fd;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = sizeof(uint32_t);
	attr.value_size = n_bytes;
	attr.max_entries = 1;
	attr.map_flags = BPF_F_MMAPABLE;
	fd = bpf(BPF_MAP_CREATE, &attr);
	return fd;
}

static int attach(int cmd, int group, int program, enum bpf_attach_type where)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)group;
	attr.attach_bpf_fd = (uint32_t)program;
	attr.attach_type = where;
	if (cmd == BPF_PROG_ATTACH)
		attr.attach_flags = BPF_F_ALLOW_MULTI;  /* groups below may have theirs, and all must agree */
	return bpf(cmd, &attr);
}

/* ids of what is attached to the group itself; 0 where there is nothing or nobody can say */
static size_t attached(int group, enum bpf_attach_type where, uint32_t ids[HOOK_PROGRAMS])
{
	uint32_t flags[HOOK_PROGRAMS];
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	if (where == BPF_LSM_CGROUP)            /* must be asked for there; older kernels do not know it */
		attr.query.prog_attach_flags = (uint64_t)(uintptr_t)flags;
	attr.query.target_fd = (uint32_t)group;
	attr.query.attach_type = where;
	attr.query.prog_ids = (uint64_t)(uintptr_t)ids;
	attr.query.prog_cnt = HOOK_PROGRAMS;
	return bpf(BPF_PROG_QUERY, &attr) < 0 ? 0 : attr.query.prog_cnt;
}

bool hook_attached(int group, enum bpf_attach_type where)
{
	uint32_t ids[HOOK_PROGRAMS];

	return attached(group, where, ids) > 0;
}

static void detach(int group, uint32_t id, enum bpf_attach_type where)
{
	union bpf_attr attr;
	int fd;

	memset(&attr, 0, sizeof(attr));
	attr.prog_id = id;
	fd = bpf(BPF_PROG_GET_FD_BY_ID, &attr);
	if (fd < 0)
		return;
	attach(BPF_PROG_DETACH, group, fd, where);
	close(fd);
}

static int apply_hook(const struct hook *k, int group, bool replace)
{
	uint32_t old[HOOK_PROGRAMS];
	size_t n_old = attached(group, k->where, old);
	int e = 0;

	if (n_old && !replace)
		return 0;
	for (size_t i = 0; i < k->n && e >= 0; i++)
		e = attach(BPF_PROG_ATTACH, group, k->programs[i], k->where);
	for (size_t i = 0; i < n_old && e >= 0; i++)
		detach(group, old[i], k->where);
	return MIN(e, 0);
}

int hooks_apply(struct hooks *h, int group, bool replace, const enum bpf_attach_type *places, size_t n_places)
{
	int e = 0;

	for (size_t i = 0; i < n_places && replace; i++) {
		const struct hook none = { .where = places[i] };
		bool wanted = false;

		for (size_t j = 0; j < h->n; j++)
			wanted |= h->v[j].where == places[i];
		if (!wanted)
			apply_hook(&none, group, true);
	}
	for (size_t i = 0; i < h->n; i++) {
		int r = apply_hook(&h->v[i], group, replace);

		e = e < 0 ? e : r;
		while (h->v[i].n)
			close(h->v[i].programs[--h->v[i].n]);
	}
	h->n = 0;
	return e;
}
