/* namespaces.c - PrivateNetwork=, PrivateIPC=, ProtectHostname=, PrivateUsers= and the paths to join one */
#include <fcntl.h>
#include <linux/capability.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include "pair.h"

static int join(const char *path, int kind)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	return fd < 0 || setns(fd, kind) < 0 ? -errno : 0;
}

/* where namespaces are not to be had at all the service runs without, as under systemd; anything else is an error */
static int leave(struct run *r, int kind, const char *setting)
{
	if (unshare(kind) == 0)
		return 0;
	if (errno != EPERM && errno != ENOSYS && errno != EINVAL && errno != ENOSPC)
		return -errno;
	step_warn(r, setting, -errno);
	return 1;
}

/* ---- a namespace that the run's processes and joined units share: a descriptor of it lies in a socket pair ---- */

struct shared { enum ipc_exec_fd_role role; int kind; const char *file, *setting; };

static int loopback_up(void);

static int make_ns(struct run *r, const struct shared *s)
{
	int e = leave(r, s->kind, s->setting);

	if (e == 0 && s->kind == CLONE_NEWNET)
		e = loopback_up();
	return e;
}

static int enter_shared(struct run *r, const struct shared *s)
{
	int ends[2], e;
	_cleanup_(closep) int ns = -1;

	if (!pair_find(r, s->role, ends))
		return MIN(make_ns(r, s), 0);
	if (lockf(ends[0], F_LOCK, 0) < 0)      /* nobody else looks meanwhile */
		return -errno;
	ns = pair_get(ends[0], false);
	if (ns >= 0) {
		e = setns(ns, s->kind) < 0 ? -errno : 0;
	} else if (ns != -EAGAIN) {
		e = ns;
	} else {
		e = make_ns(r, s);
		if (e > 0)
			return 0;               /* not to be had: systemd goes on as well */
		ns = e < 0 ? e : open(s->file, O_RDONLY | O_CLOEXEC);
		e = ns >= 0 ? 0 : e < 0 ? e : -errno;
	}
	if (ns >= 0 && e == 0)
		e = pair_put(ends[1], ns);
	return lockf(ends[0], F_ULOCK, 0) < 0 && e == 0 ? -errno : e;
}

static int loopback_up(void)
{
	_cleanup_(closep) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq ifr = { .ifr_name = "lo" };

	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &ifr) < 0)
		return -errno;
	ifr.ifr_flags |= IFF_UP;
	return ioctl(fd, SIOCSIFFLAGS, &ifr) < 0 ? -errno : 0;
}

int step_network(struct run *r)
{
	static const struct shared net = { IPC_EXEC_FD_ROLE_NET_NAMESPACE, CLONE_NEWNET, "/proc/self/ns/net", "PrivateNetwork= is not available" };

	if (!r->p.apply_sandbox)
		return 0;
	if (r->s->network_namespace_path)
		return join(r->s->network_namespace_path, CLONE_NEWNET);
	if (!r->s->private_network)
		return 0;
	return enter_shared(r, &net);
}

int step_ipc(struct run *r)
{
	static const struct shared ipc = { IPC_EXEC_FD_ROLE_IPC_NAMESPACE, CLONE_NEWIPC, "/proc/self/ns/ipc", "PrivateIPC= is not available" };

	if (!r->p.apply_sandbox)
		return 0;
	if (r->s->ipc_namespace_path)
		return join(r->s->ipc_namespace_path, CLONE_NEWIPC);
	return r->s->private_ipc ? enter_shared(r, &ipc) : 0;
}

int step_uts(struct run *r)
{
	if (!r->p.apply_sandbox || !r->s->protect_hostname)
		return 0;
	return MIN(leave(r, CLONE_NEWUTS, "ProtectHostname= is not available"), 0);
}

/* a map of root and the unit's own id onto themselves; everybody else becomes nobody */
static int write_map(pid_t pid, const char *file, uint32_t id)
{
	char path[64], text[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	if (id != 0 && id != UINT32_MAX)
		snprintf(text, sizeof(text), "0 0 1\n%u %u 1\n", id, id);
	else
		snprintf(text, sizeof(text), "0 0 1\n");
	return write_file(path, text);
}

static int child_maps(const struct run *r, pid_t parent, int ready)
{
	char c;
	int e;

	if (read(ready, &c, 1) != 1)
		return -EIO;
	e = write_map(parent, "gid_map", r->gid);
	return e < 0 ? e : write_map(parent, "uid_map", r->uid);
}

/* maps are written from outside of the new namespace, so by a child that stays behind */
int step_user_namespace(struct run *r)
{
	int ready[2], e, status;
	pid_t self = getpid(), child;

	if (!r->p.apply_sandbox || !r->s->private_users)
		return 0;
	if (pipe2(ready, O_CLOEXEC) < 0)
		return -errno;
	child = fork();
	if (child < 0)
		return -errno;
	if (child == 0) {
		close(ready[1]);
		_exit(-child_maps(r, self, ready[0]));
	}
	close(ready[0]);
	e = unshare(CLONE_NEWUSER) < 0 ? -errno : 0;
	if (e == 0 && write(ready[1], "x", 1) != 1)
		e = -errno;
	close(ready[1]);
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (e == 0 && WIFEXITED(status))
		return -WEXITSTATUS(status);
	if (e == -EPERM || e == -ENOSPC || e == -ENOSYS || e == -EINVAL) {
		step_warn(r, "PrivateUsers= is not available", e);
		return 0;
	}
	return e < 0 ? e : -EIO;
}
