/* attrs.c - plain attributes of the process: scheduling, limits, keyring */
#include <fcntl.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include "run.h"

/* a delegated subtree belongs to the user, with the files that systemd.resource-control(5) names */
int step_delegate(struct run *r)
{
	static const char *const files[] = { "", "cgroup.procs", "cgroup.subtree_control", "cgroup.threads", "memory.oom.group" };

	if (!r->p.delegate_cgroup || r->uid == (uid_t)-1)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (chown(path_join(r->p.delegate_cgroup, files[i]), r->uid, r->gid) < 0 && errno != ENOENT)
			return -errno;
	return 0;
}

int step_oom(struct run *r)
{
	char text[16];
	int e;

	if (!r->s->has_oom_score_adjust)
		return 0;
	snprintf(text, sizeof(text), "%d", r->s->oom_score_adjust);
	e = write_file("/proc/self/oom_score_adj", text);
	if (e == -EPERM || e == -EACCES) {      /* a container may only make it worse; systemd goes on as well */
		step_warn(r, "OOMScoreAdjust= is not permitted here", e);
		return 0;
	}
	return e;
}

int step_coredump(struct run *r)
{
	char text[32];

	if (!r->s->has_coredump_filter)
		return 0;
	snprintf(text, sizeof(text), "0x%llx", (unsigned long long)r->s->coredump_filter);
	return write_file("/proc/self/coredump_filter", text);
}

int step_nice(struct run *r)
{
	return r->s->has_nice && setpriority(PRIO_PROCESS, 0, r->s->nice) < 0 ? -errno : 0;
}

int step_scheduler(struct run *r)
{
	struct sched_param param = { .sched_priority = 0 };
	int policy = r->s->has_sched_policy ? (int)r->s->sched_policy : SCHED_OTHER;

	if (!r->s->has_sched_policy && !r->s->has_sched_priority && !r->s->sched_reset_on_fork)
		return 0;
	if (policy == SCHED_FIFO || policy == SCHED_RR)
		param.sched_priority = r->s->has_sched_priority ? (int)r->s->sched_priority : sched_get_priority_min(policy);
	return sched_setscheduler(0, policy | (r->s->sched_reset_on_fork ? SCHED_RESET_ON_FORK : 0), &param) < 0 ? -errno : 0;
}

/* "0-1,4" of a NUMA node file, or'ed into a mask */
static int add_cpu_list(const char *path, uint8_t *mask, size_t size)
{
	char text[4096];
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	char *p = text;

	if (n < 0)
		return -errno;
	text[n] = 0;
	while (*p >= '0' && *p <= '9') {
		unsigned long a = strtoul(p, &p, 10), b = a;

		if (*p == '-')
			b = strtoul(p + 1, &p, 10);
		for (; a <= b && a < 8 * size; a++)
			mask[a / 8] |= (uint8_t)(1u << a % 8);
		p += *p == ',';
	}
	return 0;
}

int step_affinity(struct run *r)
{
	uint8_t mask[1024] = { 0 };
	size_t len = r->s->cpu_affinity.len;
	char path[64];
	int e;

	if (!len && !r->s->cpu_affinity_numa)
		return 0;
	if (len)
		memcpy(mask, r->s->cpu_affinity.data, len);
	for (size_t i = 0; r->s->cpu_affinity_numa && i < 8 * r->s->numa_mask.len; i++) {
		if (!(((const uint8_t *)r->s->numa_mask.data)[i / 8] & 1u << i % 8))
			continue;
		snprintf(path, sizeof(path), "/sys/devices/system/node/node%zu/cpulist", i);
		e = add_cpu_list(path, mask, sizeof(mask));
		if (e < 0)
			return e;
		len = sizeof(mask);
	}
	return syscall(SYS_sched_setaffinity, 0, len, mask) < 0 ? -errno : 0;
}

int step_numa(struct run *r)
{
	size_t len = r->s->numa_mask.len;

	if (!r->s->has_numa_policy)
		return 0;
	if (syscall(SYS_set_mempolicy, r->s->numa_policy, len ? r->s->numa_mask.data : NULL, len * 8) < 0) {
		if (errno == ENOSYS) {
			step_warn(r, "NUMAPolicy= needs a kernel with NUMA", -errno);
			return 0;
		}
		return -errno;
	}
	return 0;
}

#define IOPRIO_CLASS_SHIFT 13
#define IOPRIO_WHO_PROCESS 1

int step_ioprio(struct run *r)
{
	unsigned class = r->s->has_ioprio_class ? r->s->ioprio_class : 2;      /* best-effort */
	unsigned level = r->s->has_ioprio_level ? r->s->ioprio_level : 4;

	if (!r->s->has_ioprio_class && !r->s->has_ioprio_level)
		return 0;
	if (class == 0)
		level = 0;
	return syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, class << IOPRIO_CLASS_SHIFT | level) < 0 ? -errno : 0;
}

int step_timerslack(struct run *r)
{
	return r->s->has_timer_slack_nsec && prctl(PR_SET_TIMERSLACK, (unsigned long)r->s->timer_slack_nsec) < 0 ? -errno : 0;
}

int step_personality(struct run *r)
{
	return r->s->has_personality && personality((unsigned long)r->s->personality) < 0 ? -errno : 0;
}

/* EPERM: the limit is there but nobody may raise the hard one here; then as much as is allowed, as systemd does */
int step_rlimits(struct run *r)
{
	for (size_t i = 0; i < r->p.n_rlimits; i++) {
		const struct ipc_exec_rlimit *l = &r->p.rlimits[i];
		struct rlimit want = { l->soft, l->hard }, have;

		if (setrlimit((int)l->resource, &want) == 0)
			continue;
		if (errno != EPERM || getrlimit((int)l->resource, &have) < 0)
			return -errno;
		want.rlim_cur = MIN(want.rlim_cur, have.rlim_max);
		want.rlim_max = MIN(want.rlim_max, have.rlim_max);
		if (setrlimit((int)l->resource, &want) < 0)
			return -errno;
	}
	return 0;
}

static bool keyring_missing(int e) { return e == EPERM || e == EACCES || e == ENOSYS || e == EDQUOT; }

/*
 * A session keyring of its own, linked to the user's when shared. It is made while we are root, so that the service cannot
 * change what its owner put there; the invocation's id is kept in it as systemd does. Where keyrings are not to be had (in
 * most containers), there are none.
 */
int step_keyring(struct run *r)
{
	long ring;

	if (r->s->keyring_mode == IPC_KEYRING_MODE_INHERIT || !r->p.apply_sandbox)
		return 0;
	ring = syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, 0L, 0L, 0L, 0L);
	if (ring < 0)
		return keyring_missing(errno) ? 0 : -errno;
	if (r->s->keyring_mode == IPC_KEYRING_MODE_SHARED) {
		bool switched = needs_user(r) && r->uid != (uid_t)-1 && r->uid != 0;
		int e = 0;

		/* "the user keyring" is that of the real uid at the moment of asking */
		if (switched && (setregid(r->gid, (gid_t)-1) < 0 || setreuid(r->uid, (uid_t)-1) < 0))
			return -errno;
		if (syscall(SYS_keyctl, KEYCTL_LINK, KEY_SPEC_USER_KEYRING, KEY_SPEC_SESSION_KEYRING, 0L, 0L) < 0 && !keyring_missing(errno))
			e = -errno;
		if (switched && (setreuid(0, (uid_t)-1) < 0 || setregid(0, (gid_t)-1) < 0))
			return -errno;
		if (e < 0)
			return e;
	}
	if (*r->p.invocation_id)
		syscall(SYS_add_key, "user", "invocation_id", r->p.invocation_id, strlen(r->p.invocation_id), KEY_SPEC_SESSION_KEYRING);
	if (r->uid != (uid_t)-1 && r->uid != 0)
		syscall(SYS_keyctl, KEYCTL_CHOWN, ring, r->uid, r->gid, 0L);
	return 0;
}
