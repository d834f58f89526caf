/*
 * cgroup-bpf.c - DeviceAllow=, DevicePolicy=, IPAddressAllow=, IPAddressDeny=, and what else are programs of the unit's group
 *
 * They are attached by the unit's first command and stay with the group, so with all its processes. Where that is not possible
 * (an old kernel, a container) it is reported and the unit runs without, as systemd.resource-control(5) says.
 */
#include <fcntl.h>
#include <fnmatch.h>
#include <linux/if_ether.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include "cgroup-prog.h"

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

/* no access of that kind, whatever the rest of the program says */
static void deny_device(struct code *c, int32_t type, unsigned access, int64_t maj, int64_t min)
{
	size_t jumps[3], n = 0;

	jumps[n++] = unless_equal(c, 2, type);
	jumps[n++] = unless_equal(c, 4, (int32_t)maj);
	MOV_REG(c, 1, 3);
	AND_IMM(c, 1, (int32_t)access);
	emit(c, BPF_JMP32 | BPF_JEQ | BPF_K, 1, 0, 0, 0);
	jumps[n++] = c->n - 1;
	verdict(c, 0);
	while (n)
		land(c, jumps[--n]);
}

/* for the majors of a group's name by /proc/devices; '*' and '?' count */
static void for_group(struct code *c, int32_t type, unsigned access, const char *pattern, void (*rule)(struct code *, int32_t, unsigned, int64_t, int64_t))
{
	FILE *f = fopen("/proc/devices", "re");
	int32_t section = 0;
	char line[256], name[128];
	unsigned maj;

	while (f && fgets(line, sizeof(line), f)) {
		if (startswith(line, "Character"))
			section = BPF_DEVCG_DEV_CHAR;
		else if (startswith(line, "Block"))
			section = BPF_DEVCG_DEV_BLOCK;
		else if (section == type && sscanf(line, "%u %127s", &maj, name) == 2 && fnmatch(pattern, name, 0) == 0)
			rule(c, type, access, maj, -1);
	}
	if (f)
		fclose(f);
}

static void allow_group(struct code *c, int32_t type, unsigned access, const char *pattern)
{
	if (streq(pattern, "*"))
		allow_device(c, type, access, -1, -1);
	else
		for_group(c, type, access, pattern, allow_device);
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

static void load_access(struct code *c)
{
	LOAD_WORD(c, 2, 1, offsetof(struct bpf_cgroup_dev_ctx, access_type));
	LOAD_WORD(c, 4, 1, offsetof(struct bpf_cgroup_dev_ctx, major));
	LOAD_WORD(c, 5, 1, offsetof(struct bpf_cgroup_dev_ctx, minor));
	MOV_REG(c, 3, 2);
	emit(c, BPF_ALU | BPF_RSH | BPF_K, 3, 0, 0, 16);
	AND_IMM(c, 2, 0xffff);
}

static int devices_add(const struct run *r, struct hooks *h)
{
	static const struct { unsigned maj, min; } pseudo[] = { { 1, 3 }, { 1, 5 }, { 1, 7 }, { 1, 8 }, { 1, 9 }, { 5, 0 }, { 5, 2 } };
	const unsigned all = BPF_DEVCG_ACC_MKNOD | BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE;
	struct code c = { NULL };

	load_access(&c);
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
	return hooks_load(h, &c, BPF_PROG_TYPE_CGROUP_DEVICE, BPF_CGROUP_DEVICE);
}

/* ProtectClock= of a unit that may use all other devices: its own are read-only */
static int clock_add(struct hooks *h)
{
	struct code c = { NULL };

	load_access(&c);
	for_group(&c, BPF_DEVCG_DEV_CHAR, BPF_DEVCG_ACC_WRITE | BPF_DEVCG_ACC_MKNOD, "rtc", deny_device);
	verdict(&c, 1);
	return hooks_load(h, &c, BPF_PROG_TYPE_CGROUP_DEVICE, BPF_CGROUP_DEVICE);
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

static int addresses_add(const struct run *r, struct hooks *h)
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
		e = hooks_load(h, &c, BPF_PROG_TYPE_CGROUP_SKB, ways[i].where);
	}
	return e;
}

static int addresses_wanted(const struct run *r, struct hooks *h)
{
	return r->p.n_address_deny ? addresses_add(r, h) : 0;   /* a list of what is allowed does nothing by itself */
}

static int devices_wanted(const struct run *r, struct hooks *h)
{
	if (r->p.device_policy != IPC_DEVICE_POLICY_AUTO || r->p.n_device_allow || r->s->private_devices)
		return devices_add(r, h);
	return r->s->protect_clock ? clock_add(h) : 0;
}

static const struct { int (*add)(const struct run *r, struct hooks *h); const char *lacking; } rows[] = {
	{ devices_wanted, "DeviceAllow= and DevicePolicy= are not available" },
	{ addresses_wanted, "IPAddressDeny= is not available" },
	{ traffic_add, "IPAccounting= is not available" },
	{ binds_add, "SocketBindAllow= and SocketBindDeny= are not available" },
	{ interfaces_add, "RestrictNetworkInterfaces= is not available" },
	{ programs_add, "IPIngressFilterPath= and IPEgressFilterPath= are not available" },
};

static int filters(struct run *r, bool replace)
{
	/* where set-property may have something to take away */
	static const enum bpf_attach_type places[] = {
		BPF_CGROUP_DEVICE, BPF_CGROUP_INET_INGRESS, BPF_CGROUP_INET_EGRESS, BPF_CGROUP_INET4_BIND, BPF_CGROUP_INET6_BIND,
	};
	struct hooks *h = must_alloc(calloc(1, sizeof(*h)));
	_cleanup_(closep) int group = -1;
	int e = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		e = rows[i].add(r, h);
		if (e < 0)
			step_warn(r, rows[i].lacking, e);
	}
	if (e < 0 || (!h->n && !replace)) {             /* a filter that is asked for by name is not there; nothing is asked for */
		free(h);
		return e;
	}
	group = r->p.cgroup ? open(r->p.cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (group < 0)
		step_warn(r, "DeviceAllow=, IPAddressDeny= and their like are not available without a control group", r->p.cgroup ? -errno : -ENOENT);
	e = group < 0 ? 0 : hooks_apply(h, group, replace || h->fresh, places, ARRAY_SIZE(places));
	if (e < 0)
		step_warn(r, "filters cannot be attached to the control group", e);
	free(h);
	return e;
}

int step_cgroup_bpf(struct run *r)
{
	int e = filters(r, false);

	return r->p.has_filters && (r->p.filters.n_ingress_paths || r->p.filters.n_egress_paths) ? e : 0;
}

int action_filters(struct run *r) { return filters(r, true); }
