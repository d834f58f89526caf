/*
 * cgroup-bpf.c - DeviceAllow=, DevicePolicy=, IPAddressAllow=, IPAddressDeny=: programs attached to the unit's group
 *
 * They are attached by the unit's first command and stay with the group, so with all its processes. Where that is not possible
 * (an old kernel, a container) it is reported and the unit runs without, as systemd.resource-control(5) says.
 */
#include <fcntl.h>
#include <fnmatch.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include "run.h"

struct code { struct bpf_insn *v; size_t n; };

static void emit(struct code *c, uint8_t op, uint8_t dst, uint8_t src, int16_t off, int32_t imm)
{
	if ((c->n & (c->n + 1)) == 0)
		c->v = must_alloc(reallocarray(c->v, 2 * (c->n + 1), sizeof(*c->v)));
	c->v[c->n++] = (struct bpf_insn){ .code = op, .dst_reg = dst, .src_reg = src, .off = off, .imm = imm };
}

#define MOV_IMM(c, dst, imm) emit(c, BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, imm)
#define MOV_REG(c, dst, src) emit(c, BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0)
#define AND_IMM(c, dst, imm) emit(c, BPF_ALU | BPF_AND | BPF_K, dst, 0, 0, imm)
#define LOAD_WORD(c, dst, src, off) emit(c, BPF_LDX | BPF_W | BPF_MEM, dst, src, off, 0)

static void verdict(struct code *c, int pass)
{
	MOV_IMM(c, 0, pass);
	emit(c, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* a jump on inequality to a place that is known later: its index, for land() */
static size_t unless_equal(struct code *c, uint8_t dst, int32_t imm)
{
	emit(c, BPF_JMP32 | BPF_JNE | BPF_K, dst, 0, 0, imm);
	return c->n - 1;
}

static void land(struct code *c, size_t jump) { c->v[jump].off = (int16_t)(c->n - jump - 1); }

static int bpf(int cmd, union bpf_attr *attr, size_t size) { return (int)syscall(SYS_bpf, cmd, attr, size); }

static int attach(int group, const struct code *c, enum bpf_prog_type type, enum bpf_attach_type where)
{
	union bpf_attr attr;
	_cleanup_(closep) int prog = -1;

	memset(&attr, 0, sizeof(attr));
	attr.query.target_fd = (uint32_t)group;
	attr.query.attach_type = where;
	if (bpf(BPF_PROG_QUERY, &attr, sizeof(attr)) == 0 && attr.query.prog_cnt > 0)
		return 0;               /* by an earlier command of the unit */
	memset(&attr, 0, sizeof(attr));
	attr.prog_type = type;
	attr.expected_attach_type = where;
	attr.insns = (uint64_t)(uintptr_t)c->v;
	attr.insn_cnt = (uint32_t)c->n;
	attr.license = (uint64_t)(uintptr_t)"Dual MIT/GPL";
	prog = bpf(BPF_PROG_LOAD, &attr, sizeof(attr));
	if (prog < 0)
		return -errno;
	fcntl(prog, F_SETFD, FD_CLOEXEC);
	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)group;
	attr.attach_bpf_fd = (uint32_t)prog;
	attr.attach_type = where;
	attr.attach_flags = BPF_F_ALLOW_MULTI;  /* groups below may have theirs, and both must agree */
	return bpf(BPF_PROG_ATTACH, &attr, sizeof(attr)) < 0 ? -errno : 0;
}

/* ---- devices: r2 type, r3 access, r4 major, r5 minor ---- */

static void allow_device(struct code *c, int32_t type, unsigned access, int64_t maj, int64_t min)
{
	const unsigned all = BPF_DEVCG_ACC_MKNOD | BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE;
	size_t jumps[4], n = 0;

	jumps[n++] = unless_equal(c, 2, type);
	if (access != all) {
		MOV_REG(c, 1, 3);
		AND_IMM(c, 1, (int32_t)(all & ~access));
		jumps[n++] = unless_equal(c, 1, 0);
	}
	if (maj >= 0)
		jumps[n++] = unless_equal(c, 4, (int32_t)maj);
	if (min >= 0)
		jumps[n++] = unless_equal(c, 5, (int32_t)min);
	verdict(c, 1);
	while (n)
		land(c, jumps[--n]);
}

/* majors of a group's name by /proc/devices; '*' and '?' count */
static void allow_group(struct code *c, int32_t type, unsigned access, const char *pattern)
{
	FILE *f = fopen("/proc/devices", "re");
	int32_t section = 0;
	char line[256], name[128];
	unsigned maj;

	if (streq(pattern, "*")) {
		allow_device(c, type, access, -1, -1);
	} else {
		while (f && fgets(line, sizeof(line), f)) {
			if (startswith(line, "Character"))
				section = BPF_DEVCG_DEV_CHAR;
			else if (startswith(line, "Block"))
				section = BPF_DEVCG_DEV_BLOCK;
			else if (section == type && sscanf(line, "%u %127s", &maj, name) == 2 && fnmatch(pattern, name, 0) == 0)
				allow_device(c, type, access, maj, -1);
		}
	}
	if (f)
		fclose(f);
}

static void allow_line(struct code *c, const char *line)
{
	char *spec = must_alloc(strdup(line)), *mode = strrchr(spec, ' ');
	unsigned access = 0;
	struct stat st;

	if (!mode)
		return;
	*mode++ = 0;
	access |= strchr(mode, 'r') ? BPF_DEVCG_ACC_READ : 0;
	access |= strchr(mode, 'w') ? BPF_DEVCG_ACC_WRITE : 0;
	access |= strchr(mode, 'm') ? BPF_DEVCG_ACC_MKNOD : 0;
	if (startswith(spec, "char-"))
		allow_group(c, BPF_DEVCG_DEV_CHAR, access, spec + 5);
	else if (startswith(spec, "block-"))
		allow_group(c, BPF_DEVCG_DEV_BLOCK, access, spec + 6);
	else if (stat(spec, &st) == 0 && (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode)))  /* one that is not there now is not allowed later */
		allow_device(c, S_ISCHR(st.st_mode) ? BPF_DEVCG_DEV_CHAR : BPF_DEVCG_DEV_BLOCK, access, major(st.st_rdev), minor(st.st_rdev));
	free(spec);
}

static int attach_devices(const struct run *r, int group)
{
	static const struct { unsigned maj, min; } pseudo[] = { { 1, 3 }, { 1, 5 }, { 1, 7 }, { 1, 8 }, { 1, 9 }, { 5, 0 }, { 5, 2 } };
	const unsigned all = BPF_DEVCG_ACC_MKNOD | BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE;
	struct code c = { NULL };

	LOAD_WORD(&c, 2, 1, offsetof(struct bpf_cgroup_dev_ctx, access_type));
	LOAD_WORD(&c, 4, 1, offsetof(struct bpf_cgroup_dev_ctx, major));
	LOAD_WORD(&c, 5, 1, offsetof(struct bpf_cgroup_dev_ctx, minor));
	MOV_REG(&c, 3, 2);
	emit(&c, BPF_ALU | BPF_RSH | BPF_K, 3, 0, 0, 16);
	AND_IMM(&c, 2, 0xffff);
	for (size_t i = 0; i < ARRAY_SIZE(pseudo) && r->p.device_policy != IPC_DEVICE_POLICY_STRICT; i++)
		allow_device(&c, BPF_DEVCG_DEV_CHAR, all, pseudo[i].maj, pseudo[i].min);
	if (r->p.device_policy != IPC_DEVICE_POLICY_STRICT)
		allow_group(&c, BPF_DEVCG_DEV_CHAR, BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE, "pts");
	for (size_t i = 0; i < r->p.n_device_allow; i++)
		allow_line(&c, r->p.device_allow[i]);
	if (r->s->protect_clock)
		allow_line(&c, "char-rtc r");
	if (wants_images(r->s)) {               /* what step_mounts() itself needs, as in systemd */
		allow_line(&c, "/dev/loop-control rw");
		allow_line(&c, "block-loop rwm");
		allow_line(&c, "block-blkext rwm");
	}
	verdict(&c, 0);
	return attach(group, &c, BPF_PROG_TYPE_CGROUP_DEVICE, BPF_CGROUP_DEVICE);
}

/* ---- addresses: the packet's peer is copied to the stack at r10 - 16 ---- */

/* true: it matches everything, and code behind it would never be reached, which the kernel refuses */
static bool match(struct code *c, const struct ipc_exec_prefix *p, int pass)
{
	size_t jumps[4], n = 0;

	for (uint32_t i = 0; i < p->address.len / 4 && 32 * i < p->bits; i++) {
		uint32_t bits = MIN(p->bits - 32 * i, 32u), word;
		uint32_t mask = htonl(bits == 32 ? UINT32_MAX : ~(UINT32_MAX >> bits));

		memcpy(&word, (const char *)p->address.data + 4 * i, 4);
		LOAD_WORD(c, 1, 10, (int16_t)(-16 + 4 * (int)i));
		AND_IMM(c, 1, (int32_t)mask);
		jumps[n++] = unless_equal(c, 1, (int32_t)(word & mask));
	}
	verdict(c, pass);
	while (n)
		land(c, jumps[--n]);
	return p->bits == 0;
}

static void section(struct code *c, const struct run *r, uint16_t protocol, int32_t offset, uint32_t len)
{
	const struct { const struct ipc_exec_prefix *v; size_t n; int pass; } lists[] = {
		{ r->p.address_allow, r->p.n_address_allow, 1 }, { r->p.address_deny, r->p.n_address_deny, 0 },
	};
	bool all = false;
	size_t other;

	LOAD_WORD(c, 1, 6, offsetof(struct __sk_buff, protocol));
	emit(c, BPF_JMP32 | BPF_JEQ | BPF_K, 1, 0, 1, htons(protocol));
	emit(c, BPF_JMP | BPF_JA, 0, 0, 0, 0);
	other = c->n - 1;
	for (int i = 0; i < 16; i += 4)
		emit(c, BPF_ST | BPF_W | BPF_MEM, 10, 0, (int16_t)(-16 + i), 0);
	MOV_REG(c, 1, 6);
	MOV_IMM(c, 2, offset);
	MOV_REG(c, 3, 10);
	emit(c, BPF_ALU64 | BPF_ADD | BPF_K, 3, 0, 0, -16);
	MOV_IMM(c, 4, (int32_t)len);
	emit(c, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_skb_load_bytes);
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		for (size_t j = 0; j < lists[i].n && !all; j++)
			if (lists[i].v[j].address.len == len)
				all = match(c, &lists[i].v[j], lists[i].pass);
	if (!all)
		verdict(c, 1);
	land(c, other);
}

static int attach_addresses(const struct run *r, int group)
{
	static const struct { enum bpf_attach_type where; int32_t v4, v6; } ways[] = {
		{ BPF_CGROUP_INET_INGRESS, 12, 8 }, { BPF_CGROUP_INET_EGRESS, 16, 24 },         /* of the source, of the destination */
	};
	int e = 0;

	for (size_t i = 0; i < ARRAY_SIZE(ways) && e == 0; i++) {
		struct code c = { NULL };

		MOV_REG(&c, 6, 1);
		section(&c, r, ETH_P_IP, ways[i].v4, 4);
		section(&c, r, ETH_P_IPV6, ways[i].v6, 16);
		verdict(&c, 1);         /* no address in it */
		e = attach(group, &c, BPF_PROG_TYPE_CGROUP_SKB, ways[i].where);
	}
	return e;
}

int step_cgroup_bpf(struct run *r)
{
	bool devices = r->p.device_policy != IPC_DEVICE_POLICY_AUTO || r->p.n_device_allow || r->s->private_devices || r->s->protect_clock;
	bool addresses = r->p.n_address_deny;   /* a list of what is allowed does nothing by itself */
	_cleanup_(closep) int group = -1;
	int e;

	if (!devices && !addresses)
		return 0;
	group = r->p.cgroup ? open(r->p.cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (group < 0) {
		step_warn(r, "DeviceAllow= and IPAddressDeny= are not available without a control group", r->p.cgroup ? -errno : -ENOENT);
		return 0;
	}
	if (devices && (e = attach_devices(r, group)) < 0)
		step_warn(r, "DeviceAllow= and DevicePolicy= are not available", e);
	if (addresses && (e = attach_addresses(r, group)) < 0)
		step_warn(r, "IPAddressDeny= is not available", e);
	return 0;
}
