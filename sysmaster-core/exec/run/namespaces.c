/* namespaces.c - PrivateNetwork=, PrivateIPC=, ProtectHostname=, PrivateUsers= and the paths to join one */
#include <fcntl.h>
#include <linux/capability.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include "run.h"

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
	int e;

	if (!r->p.apply_sandbox)
		return 0;
	if (r->s->network_namespace_path)
		return join(r->s->network_namespace_path, CLONE_NEWNET);
	if (!r->s->private_network)
		return 0;
	e = leave(r, CLONE_NEWNET, "PrivateNetwork= is not available");
	return e == 0 ? loopback_up() : MIN(e, 0);
}

int step_ipc(struct run *r)
{
	if (!r->p.apply_sandbox)
		return 0;
	if (r->s->ipc_namespace_path)
		return join(r->s->ipc_namespace_path, CLONE_NEWIPC);
	return r->s->private_ipc ? MIN(leave(r, CLONE_NEWIPC, "PrivateIPC= is not available"), 0) : 0;
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
