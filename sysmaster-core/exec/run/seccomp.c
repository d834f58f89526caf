/*
 * seccomp.c - SystemCallFilter= and the settings that are filters underneath; systemd.exec(5) "System Call Filtering"
 *
 * At most four filters: architectures, log, restrictions (all settings that deny a call or some of its arguments, in one
 * program), and last the list itself, which may forbid seccomp(2). Programs are written out here, since building one rule by
 * rule in libseccomp takes longer than all the rest of a start; its numbers were written down at the build (syscall-numbers.c).
 * Calls of the x32 ABI are ENOSYS under any filter; those of i386 are filtered by the same rules.
 */
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include "bpf.h"
#include "run.h"
#include "syscalls.h"

#define X32_BIT 0x40000000u
#define DEPTH_MAX 4                     /* of groups within groups */

/* architectures that programs of this machine may use: the kernel's own and those it emulates */
static const struct arch { const char *name; uint32_t token; } archs[] = {
#if defined(__x86_64__)
	{ "x86-64", AUDIT_ARCH_X86_64 }, { "x86", AUDIT_ARCH_I386 },
#elif defined(__aarch64__)
	{ "arm64", AUDIT_ARCH_AARCH64 }, { "arm", AUDIT_ARCH_ARM },
#elif defined(__riscv)
	{ "riscv64", AUDIT_ARCH_RISCV64 },
#elif defined(__s390x__)
	{ "s390x", AUDIT_ARCH_S390X }, { "s390", AUDIT_ARCH_S390 },
#elif defined(__powerpc64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	{ "ppc64-le", AUDIT_ARCH_PPC64LE },
#else
#error "no audit architecture is known for this machine"
#endif
};

static uint32_t error(int e) { return SECCOMP_RET_ERRNO | ((uint32_t)e & SECCOMP_RET_DATA); }
static uint32_t negative(const struct run *r) { return r->s->system_call_errno ? error((int)r->s->system_call_errno) : SECCOMP_RET_KILL_PROCESS; }

/*
 * A program with one section for each architecture, in which @rules stand; the number is loaded at its start. A call that no
 * rule returns for gets @otherwise.
 */
typedef void (*rules_fn)(struct bpf *b, const struct run *r, uint32_t arch, void *arg);

static int load_program(const struct run *r, rules_fn rules, void *arg, uint32_t otherwise)
{
	struct bpf b = { NULL };

	bpf_emit(&b, BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, arch));
	for (size_t i = 0; i < ARRAY_SIZE(archs); i++) {
		size_t next;

		bpf_emit(&b, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, archs[i].token);
		next = bpf_skip(&b);
		bpf_load_nr(&b);
#if defined(__x86_64__)
		if (archs[i].token == AUDIT_ARCH_X86_64) {
			bpf_emit(&b, BPF_JMP | BPF_JGE | BPF_K, 0, 1, X32_BIT);
			bpf_ret(&b, error(ENOSYS));
		}
#endif
		rules(&b, r, archs[i].token, arg);
		bpf_ret(&b, otherwise);
		bpf_land(&b, next);
	}
	bpf_ret(&b, SECCOMP_RET_ALLOW);         /* SystemCallArchitectures= is about the others */
	return bpf_load(&b);
}

/* ---- architectures ---- */

static bool arch_listed(const struct run *r, const char *name)
{
	for (size_t i = 0; i < r->s->n_system_call_architectures; i++)
		if (streq(r->s->system_call_architectures[i], name))
			return true;
	return false;
}

static int load_archs(const struct run *r)
{
	struct bpf b = { NULL };

	bpf_emit(&b, BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, arch));
	for (size_t i = 0; i < ARRAY_SIZE(archs); i++) {
		bool listed = false;
		size_t next;

		for (size_t j = 0; j < r->s->n_system_call_architectures; j++)
			listed |= streq(r->s->system_call_architectures[j], archs[i].name);
		if (!listed && i > 0)
			continue;
		/* this program is native itself, and must get as far as the exec */
		bpf_emit(&b, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, archs[i].token);
		next = bpf_skip(&b);
#if defined(__x86_64__)
		if (archs[i].token == AUDIT_ARCH_X86_64 && !arch_listed(r, "x32")) {
			bpf_load_nr(&b);
			bpf_emit(&b, BPF_JMP | BPF_JGE | BPF_K, 0, 1, X32_BIT);
			bpf_ret(&b, SECCOMP_RET_KILL_PROCESS);
		}
#endif
		bpf_ret(&b, SECCOMP_RET_ALLOW);
		bpf_land(&b, next);
	}
	bpf_ret(&b, SECCOMP_RET_KILL_PROCESS);
	return bpf_load(&b);
}

/* ---- restrictions ---- */

static void deny(struct bpf *b, uint32_t arch, const char *name, int e)
{
	int nr = syscall_number(arch, name);
	size_t skip;

	if (nr < 0)
		return;                 /* not a call of this architecture */
	skip = bpf_if_nr(b, nr);
	bpf_ret(b, error(e));
	bpf_land(b, skip);
}

static const struct syscall_group *calls_of(const char *name)
{
	const struct syscall_group *g = syscall_groups;

	while (g->name && !streq(g->name, name))
		g++;
	return g->name ? g : NULL;
}

static void deny_group(struct bpf *b, uint32_t arch, const char *name, int e)
{
	const struct syscall_group *g = calls_of(name);

	if (!g)
		return;
	for_each_call(c, g) {
		if (*c == '@')
			deny_group(b, arch, c, e);
		else
			deny(b, arch, c, e);
	}
}

/* denied when all of @bits are set in the argument, or with @any one of them */
static void deny_bits(struct bpf *b, uint32_t arch, const char *name, unsigned arg, uint32_t bits, bool any)
{
	int nr = syscall_number(arch, name);
	size_t skip;

	if (nr < 0)
		return;
	skip = bpf_if_nr(b, nr);
	bpf_load_arg(b, arg);
	bpf_emit(b, BPF_ALU | BPF_AND | BPF_K, 0, 0, bits);
	if (any)
		bpf_emit(b, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 0);
	else
		bpf_emit(b, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, bits);
	bpf_ret(b, error(EPERM));
	bpf_ret(b, SECCOMP_RET_ALLOW);
	bpf_land(b, skip);
}

/* only these values of an argument may be used, or with @but all others */
static void values(struct bpf *b, int nr, unsigned arg, const uint32_t *v, size_t n, bool but, int e)
{
	size_t skip;

	if (nr < 0)
		return;
	skip = bpf_if_nr(b, nr);
	bpf_load_arg(b, arg);
	for (size_t i = 0; i < n; i++) {
		bpf_emit(b, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, v[i]);
		bpf_ret(b, but ? error(e) : SECCOMP_RET_ALLOW);
	}
	bpf_ret(b, but ? SECCOMP_RET_ALLOW : error(e));
	bpf_land(b, skip);
}

static const struct { const char *name; uint32_t family; } families[] = {
	{ "AF_UNIX", AF_UNIX }, { "AF_LOCAL", AF_UNIX }, { "AF_INET", AF_INET }, { "AF_AX25", AF_AX25 }, { "AF_IPX", AF_IPX }, { "AF_APPLETALK", AF_APPLETALK },
	{ "AF_NETROM", AF_NETROM }, { "AF_BRIDGE", AF_BRIDGE }, { "AF_ATMPVC", AF_ATMPVC }, { "AF_X25", AF_X25 }, { "AF_INET6", AF_INET6 }, { "AF_ROSE", AF_ROSE },
	{ "AF_NETBEUI", AF_NETBEUI }, { "AF_SECURITY", AF_SECURITY }, { "AF_KEY", AF_KEY }, { "AF_NETLINK", AF_NETLINK }, { "AF_ROUTE", AF_NETLINK },
	{ "AF_PACKET", AF_PACKET }, { "AF_ASH", AF_ASH }, { "AF_ECONET", AF_ECONET }, { "AF_ATMSVC", AF_ATMSVC }, { "AF_RDS", AF_RDS }, { "AF_SNA", AF_SNA },
	{ "AF_IRDA", AF_IRDA }, { "AF_PPPOX", AF_PPPOX }, { "AF_WANPIPE", AF_WANPIPE }, { "AF_LLC", AF_LLC }, { "AF_IB", AF_IB }, { "AF_MPLS", AF_MPLS },
	{ "AF_CAN", AF_CAN }, { "AF_TIPC", AF_TIPC }, { "AF_BLUETOOTH", AF_BLUETOOTH }, { "AF_IUCV", AF_IUCV }, { "AF_RXRPC", AF_RXRPC }, { "AF_ISDN", AF_ISDN },
	{ "AF_PHONET", AF_PHONET }, { "AF_IEEE802154", AF_IEEE802154 }, { "AF_CAIF", AF_CAIF }, { "AF_ALG", AF_ALG }, { "AF_NFC", AF_NFC },
	{ "AF_VSOCK", AF_VSOCK }, { "AF_KCM", AF_KCM }, { "AF_QIPCRTR", AF_QIPCRTR }, { "AF_SMC", AF_SMC }, { "AF_XDP", AF_XDP },
};

/* the first word says whether the list allows; later words of the other kind take away from it */
static void restrict_families(struct bpf *b, const struct run *r, uint32_t arch)
{
	uint32_t list[ARRAY_SIZE(families)];
	size_t n = 0;
	bool deny_list = r->s->n_restrict_address_families && *r->s->restrict_address_families[0] == '~';

	for (size_t i = 0; i < r->s->n_restrict_address_families; i++) {
		const char *w = r->s->restrict_address_families[i];
		bool tilde = *w == '~', have = false;
		size_t f, at;

		w += tilde;
		for (f = 0; f < ARRAY_SIZE(families) && !streq(families[f].name, w); f++)
			;
		if (f == ARRAY_SIZE(families))
			continue;       /* "none" adds nothing to an empty list of what is allowed */
		for (at = 0; at < n && !have; at++)
			have = list[at] == families[f].family;
		if (tilde == deny_list && !have)
			list[n++] = families[f].family;
		else if (tilde != deny_list && have)
			list[at - 1] = list[--n];
	}
	if (r->s->n_restrict_address_families)
		values(b, syscall_number(arch, "socket"), 0, list, n, deny_list, EAFNOSUPPORT);
}

#define NS_ALL ((uint32_t)(CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUSER | CLONE_NEWUTS))

static void restrict_namespaces(struct bpf *b, const struct run *r, uint32_t arch)
{
	uint32_t denied = NS_ALL & ~(uint32_t)r->s->restrict_namespaces;
	int nr = syscall_number(arch, "setns");
	size_t skip;

	if (!denied)
		return;
	deny_bits(b, arch, "unshare", 0, denied, true);
	deny_bits(b, arch, "clone", arch == AUDIT_ARCH_S390 || arch == AUDIT_ARCH_S390X ? 1 : 0, denied, true);
	deny(b, arch, "clone3", ENOSYS);        /* its flags are in memory: C libraries fall back to clone(2) */
	if (nr < 0)
		return;
	skip = bpf_if_nr(b, nr);
	bpf_load_arg(b, 1);
	bpf_emit(b, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0);        /* any kind at all */
	bpf_ret(b, error(EPERM));
	bpf_emit(b, BPF_ALU | BPF_AND | BPF_K, 0, 0, denied);
	bpf_emit(b, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 0);
	bpf_ret(b, error(EPERM));
	bpf_ret(b, SECCOMP_RET_ALLOW);
	bpf_land(b, skip);
}

static void restrict_memory(struct bpf *b, uint32_t arch)
{
	bool old_mmap = arch == AUDIT_ARCH_I386 || arch == AUDIT_ARCH_S390 || arch == AUDIT_ARCH_S390X;

	if (old_mmap)
		deny(b, arch, "mmap", EPERM);   /* its arguments are in memory; mmap2 is what is used */
	else
		deny_bits(b, arch, "mmap", 2, PROT_WRITE | PROT_EXEC, false);
	deny_bits(b, arch, "mmap2", 2, PROT_WRITE | PROT_EXEC, false);
	deny_bits(b, arch, "mprotect", 2, PROT_EXEC, false);
	deny_bits(b, arch, "pkey_mprotect", 2, PROT_EXEC, false);
	deny_bits(b, arch, "shmat", 2, SHM_EXEC, false);
}

/* a mode in @mode_arg counts only where @flags_arg says that a file may be made; 6: always */
static void deny_suid(struct bpf *b, uint32_t arch, const char *name, unsigned mode_arg, unsigned flags_arg)
{
	int nr = syscall_number(arch, name);
	size_t skip;

	if (nr < 0)
		return;
	skip = bpf_if_nr(b, nr);
	if (flags_arg < 6) {
		bpf_load_arg(b, flags_arg);
		bpf_emit(b, BPF_ALU | BPF_AND | BPF_K, 0, 0, O_CREAT | (O_TMPFILE & ~O_DIRECTORY));
		bpf_emit(b, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0);
		bpf_ret(b, SECCOMP_RET_ALLOW);
	}
	bpf_load_arg(b, mode_arg);
	bpf_emit(b, BPF_ALU | BPF_AND | BPF_K, 0, 0, S_ISUID | S_ISGID);
	bpf_emit(b, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 0);
	bpf_ret(b, error(EPERM));
	bpf_ret(b, SECCOMP_RET_ALLOW);
	bpf_land(b, skip);
}

static void restrict_suid(struct bpf *b, uint32_t arch)
{
	static const struct { const char *name; unsigned mode, flags; } rows[] = {
		{ "chmod", 1, 6 }, { "fchmod", 1, 6 }, { "fchmodat", 2, 6 }, { "fchmodat2", 2, 6 }, { "mkdir", 1, 6 }, { "mkdirat", 2, 6 },
		{ "mknod", 1, 6 }, { "mknodat", 2, 6 }, { "creat", 1, 6 }, { "open", 2, 1 }, { "openat", 3, 2 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		deny_suid(b, arch, rows[i].name, rows[i].mode, rows[i].flags);
	deny(b, arch, "openat2", ENOSYS);       /* its mode is in memory */
}

static void restrictions(struct bpf *b, const struct run *r, uint32_t arch, void *arg)
{
	static const uint32_t ordinary[] = { SCHED_OTHER, SCHED_BATCH, SCHED_IDLE };
	const struct ipc_exec_settings *s = r->s;

	restrict_families(b, r, arch);
	if (s->has_restrict_namespaces)
		restrict_namespaces(b, r, arch);
	if (s->restrict_realtime) {
		values(b, syscall_number(arch, "sched_setscheduler"), 1, ordinary, ARRAY_SIZE(ordinary), false, EPERM);
		deny(b, arch, "sched_setattr", EPERM);  /* its policy is in memory */
	}
	if (s->memory_deny_write_execute)
		restrict_memory(b, arch);
	if (s->restrict_suid_sgid)
		restrict_suid(b, arch);
	if (s->lock_personality) {
		const uint32_t now[] = { (uint32_t)personality(0xffffffff) };

		values(b, syscall_number(arch, "personality"), 0, now, ARRAY_SIZE(now), false, EPERM);
	}
	if (s->protect_hostname) {
		deny(b, arch, "sethostname", EPERM);
		deny(b, arch, "setdomainname", EPERM);
	}
	if (s->protect_kernel_tunables)
		deny(b, arch, "_sysctl", EPERM);
	if (s->protect_kernel_modules)
		deny_group(b, arch, "@module", EPERM);
	if (s->protect_kernel_logs)
		deny(b, arch, "syslog", EPERM);
	if (s->protect_clock)
		deny_group(b, arch, "@clock", EPERM);
	if (s->private_devices)
		deny_group(b, arch, "@raw-io", EPERM);
}

static bool has_restrictions(const struct ipc_exec_settings *s)
{
	return s->n_restrict_address_families || s->has_restrict_namespaces || s->restrict_realtime || s->memory_deny_write_execute || s->restrict_suid_sgid ||
	       s->lock_personality || s->protect_hostname || s->protect_kernel_tunables || s->protect_kernel_modules || s->protect_kernel_logs ||
	       s->protect_clock || s->private_devices;
}

/* ---- the list ---- */

struct call { const char *name; int error; };           /* error: -1 the list's own action, 0 kill, else errno */
struct list { struct call *v; size_t n; bool allow; };

static void list_put(struct list *l, const char *name, int e)
{
	for (size_t i = 0; i < l->n; i++)
		if (streq(l->v[i].name, name)) {
			l->v[i].error = e;
			return;
		}
	if ((l->n & (l->n + 1)) == 0)
		l->v = must_alloc(reallocarray(l->v, 2 * (l->n + 1), sizeof(*l->v)));
	l->v[l->n++] = (struct call){ name, e };
}

static void list_drop(struct list *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (streq(l->v[i].name, name)) {
			l->v[i] = l->v[--l->n];
			return;
		}
}

/* @known: all that have a name */
static void list_known(struct list *l, bool add, int e)
{
	const char *name;

	for (size_t i = 0; (name = syscall_known(i)); i++)
		if (add)
			list_put(l, name, e);
		else
			list_drop(l, name);
}

static void list_word(struct list *l, const char *name, bool add, int e, unsigned depth)
{
	const struct syscall_group *g = *name == '@' ? calls_of(name) : NULL;

	if (streq(name, "@known"))
		list_known(l, add, e);
	else if (!g && add)
		list_put(l, name, e);
	else if (!g)
		list_drop(l, name);
	if (!g || depth >= DEPTH_MAX)
		return;
	for_each_call(c, g)
		list_word(l, c, add, e, depth + 1);
}

static int error_by_name(const char *s)
{
	if (streq(s, "kill"))
		return 0;
	if (*s >= '0' && *s <= '9')
		return atoi(s);
	for (int i = 1; i < 134; i++) {
		const char *name = strerrorname_np(i);

		if (name && streq(name, s))
			return i;
	}
	return -1;
}

/*
 * The first word decides whether the list allows (and then holds @default too) or denies; words of the same kind add, the others
 * take away. An error counts where it stands behind "~": in a list that allows, what is allowed has none.
 */
static void list_make(struct list *l, const char *const *words, size_t n)
{
	l->allow = n && *words[0] != '~';
	if (l->allow)
		list_word(l, "@default", true, -1, 0);
	for (size_t i = 0; i < n; i++) {
		bool tilde = *words[i] == '~';
		char *name = must_alloc(strdup(words[i] + tilde)), *colon = strchr(name, ':');
		int e = -1;

		if (colon) {
			*colon++ = 0;
			e = error_by_name(colon);
		}
		if (!tilde)
			e = -1;
		list_word(l, name, tilde != l->allow || e >= 0, e, 0);
	}
}

/* a call newer than any that could have been meant: programs know what to do when it is not there */
static int newest(uint32_t arch)
{
	static const char *const names[] = { "openat2", "close_range", "futex_waitv", "set_mempolicy_home_node", "cachestat", "fchmodat2" };
	int max = -1;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		max = MAX(max, syscall_number(arch, names[i]));
	return max;
}

struct list_use { const struct list *list; uint32_t hit; };

static void list_rules(struct bpf *b, const struct run *r, uint32_t arch, void *arg)
{
	const struct list_use *use = arg;
	int last = newest(arch);

	for (size_t i = 0; i < use->list->n; i++) {
		const struct call *c = &use->list->v[i];
		int nr = syscall_number(arch, c->name);

		if (nr < 0)
			continue;
		bpf_emit(b, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, (uint32_t)nr);
		bpf_ret(b, c->error < 0 ? use->hit : c->error == 0 ? SECCOMP_RET_KILL_PROCESS : error(c->error));
	}
	if (use->list->allow && last >= 0) {
		bpf_emit(b, BPF_JMP | BPF_JGT | BPF_K, 0, 1, (uint32_t)last);
		bpf_ret(b, error(ENOSYS));
	}
}

static int load_filter(const struct run *r)
{
	struct list l = { NULL };
	struct list_use use = { .list = &l };

	list_make(&l, r->s->system_call_filter, r->s->n_system_call_filter);
	use.hit = l.allow ? SECCOMP_RET_ALLOW : negative(r);
	return load_program(r, list_rules, &use, l.allow ? negative(r) : SECCOMP_RET_ALLOW);
}

static int load_log(const struct run *r)
{
	struct list l = { NULL };
	struct list_use use = { .list = &l };

	l.allow = *r->s->system_call_log[0] != '~';
	for (size_t i = 0; i < r->s->n_system_call_log; i++) {
		const char *w = r->s->system_call_log[i];
		bool tilde = *w == '~';

		list_word(&l, w + tilde, tilde != l.allow, -1, 0);
	}
	use.hit = l.allow ? SECCOMP_RET_LOG : SECCOMP_RET_ALLOW;
	struct list plain = { l.v, l.n, false };        /* no ENOSYS: nothing is refused here */

	use.list = &plain;
	return load_program(r, list_rules, &use, l.allow ? SECCOMP_RET_ALLOW : SECCOMP_RET_LOG);
}

int step_seccomp(struct run *r)
{
	const struct ipc_exec_settings *s = r->s;
	int e;

	if (!r->p.apply_sandbox || !(s->n_system_call_filter || s->n_system_call_architectures || s->n_system_call_log || has_restrictions(s)))
		return 0;
	if (prctl(PR_GET_SECCOMP) < 0) {
		step_warn(r, "system call filters are not available", -errno);
		return 0;
	}
	e = s->n_system_call_architectures ? load_archs(r) : 0;
	if (e == 0 && s->n_system_call_log)
		e = load_log(r);
	if (e == 0 && has_restrictions(s))
		e = load_program(r, restrictions, NULL, SECCOMP_RET_ALLOW);
	return e == 0 && s->n_system_call_filter ? load_filter(r) : e;
}
