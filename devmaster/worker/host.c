/* host.c - what an event does outside: sysfs, sysctl, the name of an interface, the lock of a disk; udev(7) */
#include <fcntl.h>
#include <linux/fs.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include "event/event.h"
#include "log.h"
#include "node/node.h"
#include "worker/worker.h"

int host_write(struct event *e, const char *path, const char *value)
{
	_cleanup_(closep) int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	size_t n = strlen(value);

	if (fd < 0)
		return -errno;
	return write(fd, value, n) == (ssize_t)n ? 0 : -errno;
}

/* ---- NAME= ---- */

static int set_link_name(int ifindex, const char *name)
{
	static struct nl_sock *sock;
	struct rtnl_link *from = NULL, *to = NULL;
	int r;

	if (!sock) {
		sock = nl_socket_alloc();
		if (!sock)
			return -ENOMEM;
		r = nl_connect(sock, NETLINK_ROUTE);
		if (r < 0) {
			nl_socket_free(sock);
			sock = NULL;
			return -EIO;
		}
	}
	from = rtnl_link_alloc();
	to = rtnl_link_alloc();
	if (from && to) {
		rtnl_link_set_ifindex(from, ifindex);
		rtnl_link_set_name(to, name);
		r = rtnl_link_change(sock, from, to, 0);
		r = r >= 0 ? 0 : r == -NLE_BUSY ? -EBUSY : r == -NLE_EXIST ? -EEXIST : r == -NLE_OBJ_NOTFOUND || r == -NLE_NODEV ? -ENODEV : -EIO;
	} else
		r = -ENOMEM;
	rtnl_link_put(from);
	rtnl_link_put(to);
	return r;
}

/* the device as it is called after the change; what a client sees in this event */
static int take_name(struct device *d, const char *name)
{
	size_t folder = (size_t)(strrchr(d->path, '/') + 1 - d->path), root = (size_t)(d->devpath - d->path);
	const char *old = d->sysname;
	char *path = arena_alloc(d->arena, folder + strlen(name) + 1, 1);

	if (!path)
		return -ENOMEM;
	memcpy(path, d->path, folder);
	strcpy(path + folder, name);
	d->path = path;
	d->devpath = path + root;
	d->sysname = d->devpath + folder - root;
	d->sysnum = NULL;
	for (size_t n = strlen(name); n > 1 && name[n - 1] >= '0' && name[n - 1] <= '9'; n--)
		d->sysnum = d->sysname + n - 1;
	if (device_set(d, "DEVPATH", d->devpath, false) < 0 || device_set(d, "INTERFACE", name, false) < 0 || device_set(d, "INTERFACE_OLD", old, false) < 0)
		return -ENOMEM;
	return device_set(d, "ID_RENAMING", "1", true);
}

/* the record says so before the kernel does it: who hears of the new name by rtnetlink finds it there */
static int announce(struct event *e)
{
	struct device *before = device_shadow(e->dev);
	int r = before ? 0 : -ENOMEM;

	if (r == 0)
		r = database_read(e->db, before);
	if (r == 0)
		r = device_set(before, "ID_RENAMING", "1", true);
	if (r == 0)
		r = database_write(e->db, before, NULL);
	e->old->record = NULL;                          /* it is no longer what is there */
	return r;
}

int host_rename(struct event *e)
{
	struct device *d = e->dev, was = *d;
	int r;

	if (!e->name || d->ifindex <= 0 || !streq(e->action, "add") || streq(e->name, d->sysname))
		return 0;
	was.props = arena_alloc(d->arena, MAX(d->n_props, (size_t)1) * sizeof(*d->props), _Alignof(struct property));
	if (!was.props)
		return -ENOMEM;
	memcpy(was.props, d->props, d->n_props * sizeof(*d->props));
	was.cap_props = d->n_props;
	r = announce(e);
	if (r == 0)
		r = take_name(d, e->name);
	if (r == 0)
		r = set_link_name(d->ifindex, e->name);
	if (r == 0) {
		log_event(LOG_INFO, "DEVICE_RENAMED", "an interface got its name", F_STR("FROM", was.sysname), F_STR("TO", e->name), F_I64("IFINDEX", d->ifindex));
		return 0;
	}
	*d = was;
	log_event(r == -EBUSY ? LOG_INFO : LOG_WARNING, "DEVICE_NOT_RENAMED", r == -EBUSY ? "an interface is up already and keeps its name" : "an interface cannot be renamed",
		  F_STR("FROM", d->sysname), F_STR("TO", e->name), F_ERRNO(r));
	return r == -ENOMEM ? r : 0;
}

/* ---- disks ---- */

static bool starts_with_any(const char *s, const char *const *v)
{
	for (; *v; v++)
		if (startswith(s, *v))
			return true;
	return false;
}

int host_lock(struct event *e, int *ret_fd)
{
	static const char *const others[] = { "dm-", "md", "drbd", NULL };      /* they have locks of their own */
	struct device *disk = e->dev;
	int fd;

	*ret_fd = -1;
	if (!disk->is_block || event_is_remove(e) || starts_with_any(disk->sysname, others))
		return 0;
	if (streq0(disk->devtype, "partition"))
		disk = device_parent(disk);
	if (!disk || !disk->devname)
		return 0;
	fd = open(disk->devname, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return 0;                               /* no medium, gone: nobody can have it either */
	if (flock(fd, LOCK_SH | LOCK_NB) < 0) {
		int r = errno == EWOULDBLOCK ? -EAGAIN : 0;

		close(fd);
		return r;
	}
	*ret_fd = fd;
	return 0;
}

int host_read_only(struct event *e)
{
	static const char *const made_up[] = { "dm-", "md", "drbd", "loop", "nbd", "zram", NULL };
	_cleanup_(closep) int fd = -1;
	int on = 1;

	if (!streq(e->action, "add") || !e->dev->is_block || !e->dev->devname || starts_with_any(e->dev->sysname, made_up))
		return 0;
	fd = open(e->dev->devname, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	return fd < 0 || ioctl(fd, BLKROSET, &on) < 0 ? -errno : 0;
}
