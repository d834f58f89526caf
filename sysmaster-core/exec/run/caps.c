/* caps.c - capabilities, secure bits, the switch to the user; capabilities(7) */
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include "run.h"

struct caps { uint64_t effective, permitted, inheritable; };

static int caps_get(struct caps *c)
{
	struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct d[2];

	if (syscall(SYS_capget, &h, d) < 0)
		return -errno;
	c->effective = (uint64_t)d[1].effective << 32 | d[0].effective;
	c->permitted = (uint64_t)d[1].permitted << 32 | d[0].permitted;
	c->inheritable = (uint64_t)d[1].inheritable << 32 | d[0].inheritable;
	return 0;
}

static int caps_set(const struct caps *c)
{
	struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct d[2] = {
		{ (uint32_t)c->effective, (uint32_t)c->permitted, (uint32_t)c->inheritable },
		{ (uint32_t)(c->effective >> 32), (uint32_t)(c->permitted >> 32), (uint32_t)(c->inheritable >> 32) },
	};

	return syscall(SYS_capset, &h, d) < 0 ? -errno : 0;
}

bool caps_have(unsigned cap)
{
	struct caps c;

	return caps_get(&c) == 0 && c.effective & UINT64_C(1) << cap;
}

/* the bounding set shrinks before the user changes; what is effective now stays so until the exec */
int step_bounding(struct run *r)
{
	uint64_t keep = r->s->capability_bounding_set;
	struct caps c;
	int e;

	if (!r->p.apply_sandbox || (~keep & (UINT64_MAX >> 1)) == 0)
		return 0;
	for (unsigned long i = 0; i < 63; i++) {
		int have = prctl(PR_CAPBSET_READ, i);

		if (have < 0)
			break;          /* past the kernel's last one */
		if (have && !(keep & UINT64_C(1) << i) && prctl(PR_CAPBSET_DROP, i) < 0)
			return -errno;
	}
	e = caps_get(&c);
	if (e < 0)
		return e;
	c.inheritable &= keep;
	return caps_set(&c);
}

static uint64_t wanted_ambient(const struct run *r) { return r->p.apply_sandbox ? r->s->capability_ambient & r->s->capability_bounding_set : 0; }
static bool wanted_bits(const struct run *r) { return r->p.apply_sandbox && r->s->secure_bits; }

int step_setuid(struct run *r)
{
	if (!needs_user(r) || r->uid == (uid_t)-1)
		return 0;
	/* leaving root drops all capabilities unless they are asked to stay; PAM and PrivateUsers= left us with a full set */
	if ((wanted_ambient(r) || wanted_bits(r)) && prctl(PR_SET_KEEPCAPS, 1) < 0)
		return -errno;
	return setresuid(r->uid, r->uid, r->uid) < 0 ? -errno : 0;
}

int step_ambient(struct run *r)
{
	uint64_t want = wanted_ambient(r);
	struct caps c;
	int e;

	if (!want)
		return 0;
	e = caps_get(&c);
	if (e < 0)
		return e;
	want &= c.permitted;            /* a capability that this kernel or container does not have cannot be given */
	if (needs_user(r) && r->uid != (uid_t)-1 && r->uid != 0)
		c.permitted = want;
	c.effective = c.permitted;
	c.inheritable |= want;
	e = caps_set(&c);
	for (unsigned long i = 0; e == 0 && i < 63; i++)
		if (want & UINT64_C(1) << i && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0L, 0L) < 0)
			e = -errno;
	return e;
}

/* what step_setuid() kept of root's capabilities goes with the exec */
int step_securebits(struct run *r)
{
	int have = wanted_bits(r) ? prctl(PR_GET_SECUREBITS) : 0, want = (int)r->s->secure_bits, e;
	struct caps c;

	if (!wanted_bits(r) || have == want)
		return 0;
	e = have < 0 ? -errno : caps_get(&c);
	if (e < 0)
		return e;
	c.effective |= c.permitted & UINT64_C(1) << CAP_SETPCAP;
	e = caps_set(&c);
	return e == 0 && prctl(PR_SET_SECUREBITS, want) < 0 ? -errno : e;
}

/* filters need either this or CAP_SYS_ADMIN: a service without it gets no_new_privs with them, as systemd.exec(5) says */
static bool filters(const struct ipc_exec_settings *s)
{
	return s->n_system_call_filter || s->n_system_call_architectures || s->n_restrict_address_families || s->has_restrict_namespaces || s->restrict_realtime ||
	       s->restrict_suid_sgid || s->memory_deny_write_execute || s->lock_personality || s->protect_kernel_tunables || s->protect_kernel_modules ||
	       s->protect_kernel_logs || s->protect_clock || s->protect_hostname || s->private_devices || s->n_system_call_log;
}

int step_nnp(struct run *r)
{
	if (!r->p.apply_sandbox || !(r->s->no_new_privileges || (filters(r->s) && !caps_have(CAP_SYS_ADMIN))))
		return 0;
	return prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) < 0 ? -errno : 0;
}
