/*
 * device.c - device units: they are there while udev's database (or devmaster's) says that the device is, tagged "systemd";
 * systemd.device(5)
 *
 * A device has a unit for each of its paths: in /sys, its node, its links and aliases. Its properties, such as
 * SYSTEMD_WANTS=, belong to the one in /sys.
 */
#include <linux/netlink.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include "core.ipc.h"
#include "log.h"
#include "state.ipc.h"
#include "types/common.h"
#include "types/device/devinfo.h"
#include "types/mount/fstab.h"
#include "types/mount/mountinfo.h"
#include "unit/name.h"

#define DEFAULT_TIMEOUT_USEC (90 * USEC_PER_SEC)
#define UDEV_GROUP 2                    /* messages of udev, not of the kernel */
#define EVENTS_A_TURN 64

enum device_state { DEVICE_DEAD, DEVICE_PLUGGED };

struct device {
	struct unit u;
	enum device_state state;
	char *syspath;                  /* of the device that is behind the unit; NULL: none is known */
	bool found;
};

static struct device *DEVICE(const struct unit *u) { return (struct device *)u; }
extern const struct unit_type unit_type_device;
static bool is_device(const struct unit *u) { return u->type == &unit_type_device && u->load_state != UNIT_MERGED; }

static struct monitor {
	struct unit_set *set;
	struct unit_host *host;
	struct source source;
} monitor = { .source = { .fd = -1 } };

/* the only writer of ->state */
static void set_state(struct device *d, enum device_state to)
{
	if (d->state == to)
		return;
	d->state = to;
	log_event(LOG_DEBUG, "UNIT_STATE", "changed state", F_STR("UNIT", d->u.id), F_STR("FROM", to == DEVICE_DEAD ? "plugged" : "dead"),
		  F_STR("TO", to == DEVICE_DEAD ? "dead" : "plugged"));
	if (to == DEVICE_PLUGGED)
		unit_new_invocation(&d->u);
	unit_changed(&d->u, false);
}

static void follow(struct device *d)
{
	if (monitor.host && monitor.host->running)
		set_state(d, d->found ? DEVICE_PLUGGED : DEVICE_DEAD);
}

/* ---- a device came or changed ---- */

static int unit_of_path(struct unit_set *set, const char *path, struct device **ret)
{
	_cleanup_(freep) char *name = NULL;
	struct unit *u;
	int r = name_from_path(path, "device", &name);

	if (r >= 0)
		r = unit_stub(set, name, &u);
	if (r < 0)
		return r;
	if (!is_device(u))
		return -EINVAL;
	*ret = DEVICE(u);
	return 0;
}

/* A link that two devices claim belongs to the one it leads to. */
static bool leads_here(const struct devinfo *info, const char *path)
{
	struct stat st;

	if (!startswith(path, "/dev/") || !info->devnum || stat(path, &st) < 0 || (!S_ISBLK(st.st_mode) && !S_ISCHR(st.st_mode)))
		return true;
	return st.st_rdev == info->devnum;
}

static int take_up(struct device *d, const struct devinfo *info)
{
	if (!streq0(d->syspath, info->syspath)) {
		char *copy = strdup(info->syspath);

		if (!copy)
			return -ENOMEM;
		free(d->syspath);
		d->syspath = copy;
	}
	d->found = true;
	return 0;
}

/* "a@.service" becomes an instance for the device */
static int add_wants(struct device *d, const struct devinfo *info)
{
	int r = 0;

	unit_drop_deps(&d->u, DEP_UDEV);
	for (char **w = info->wants; r >= 0 && w && *w; w++) {
		_cleanup_(freep) char *instance = NULL, *name = NULL;

		if (name_is_template(*w)) {
			instance = name_escape_path(info->syspath);
			r = instance ? name_replace_instance(*w, instance, &name) : -ENOMEM;
		}
		if (r >= 0)
			r = type_dep(&d->u, DEP_WANTS, name ?: *w, DEP_UDEV);
		if (r == -EINVAL) {
			log_event(LOG_WARNING, "DEVICE_WANTS", "SYSTEMD_WANTS of a device is no unit name", F_STR("UNIT", d->u.id), F_STR("NAME", *w));
			r = 0;
		}
	}
	return r;
}

static void describe(struct device *d, const struct devinfo *info)
{
	if (info->model && !d->u.fragment_path) {
		free(d->u.description);
		d->u.description = strdup(info->model);
	}
}

/* @arg: the set */
static int add_device(const struct devinfo *info, void *arg)
{
	struct unit_set *set = arg;
	struct device *d;
	int r;

	if (!info->tagged || !info->ready)
		return 0;
	r = unit_of_path(set, info->syspath, &d);
	if (r == -ENOMEM)
		return r;
	if (r >= 0) {
		r = take_up(d, info);
		if (r >= 0)
			r = add_wants(d, info);
		if (r < 0)
			return r;
	}
	for (char **p = info->paths; p && *p; p++) {
		if (!leads_here(info, *p))
			continue;
		r = unit_of_path(set, *p, &d);
		if (r >= 0)
			r = take_up(d, info);
		if (r == -ENOMEM)
			return r;
	}
	unit_load_pending(set);
	for (struct unit *u = unit_set_first(set); u; u = u->set_next)
		if (is_device(u) && streq0(DEVICE(u)->syspath, info->syspath))
			describe(DEVICE(u), info);
	return 0;
}

/* Every unit of the device: those that it is not found by any more lose it. */
static void settle(struct unit_set *set, const char *syspath)
{
	for (struct unit *u = unit_set_first(set); u; u = u->set_next)
		if (is_device(u) && streq0(DEVICE(u)->syspath, syspath))
			follow(DEVICE(u));
}

static void lose(struct unit_set *set, const char *syspath)
{
	for (struct unit *u = unit_set_first(set); u; u = u->set_next)
		if (is_device(u) && streq0(DEVICE(u)->syspath, syspath))
			DEVICE(u)->found = false;
}

static void propagate_reload(struct unit_set *set, const char *syspath)
{
	for (struct unit *u = unit_set_first(set); u; u = u->set_next) {
		if (!is_device(u) || !streq0(DEVICE(u)->syspath, syspath))
			continue;
		for (struct dep *d = NULL; (d = unit_next_dep(u, DEP_PROPAGATES_RELOAD_TO, d));)
			if (unit_is_active_or_reloading(d->other) && d->other->type->can_reload)
				monitor.host->submit(d->other, IPC_JOB_TYPE_RELOAD, IPC_JOB_MODE_REPLACE);
	}
}

static void event(struct unit_set *set, const struct devinfo *info)
{
	bool removed = streq(info->action, "remove");

	log_event(LOG_DEBUG, "DEVICE_EVENT", "a device event", F_STR("ACTION", info->action), F_STR("PATH", info->syspath));
	if (info->old_syspath) {
		lose(set, info->old_syspath);
		settle(set, info->old_syspath);
	}
	if (streq(info->action, "change"))
		propagate_reload(set, info->syspath);
	lose(set, info->syspath);
	if (!removed && add_device(info, set) < 0)
		log_event(LOG_ERR, "DEVICE_EVENT", "no memory for a device", F_STR("PATH", info->syspath));
	settle(set, info->syspath);
}

/* ---- the database and the monitor ---- */

static void scan(struct unit_set *set)
{
	int r;

	for (struct unit *u = unit_set_first(set); u; u = u->set_next)
		if (is_device(u))
			DEVICE(u)->found = false;
	r = devinfo_each_tagged(add_device, set);
	if (r < 0)
		log_event(LOG_ERR, "DEVICE_SCAN", "the database of devices cannot be read", F_ERRNO(r));
	for (struct unit *u = unit_set_first(set); r >= 0 && u; u = u->set_next)
		if (is_device(u))
			follow(DEVICE(u));
}

/* 1: a message was taken; 0: none waits; -ENOBUFS: some were lost */
static int receive(int fd, void *mem, size_t size, size_t *ret_n)
{
	union { struct cmsghdr align; char data[CMSG_SPACE(sizeof(struct ucred))]; } control;
	struct sockaddr_nl from;
	struct iovec iov = { .iov_base = mem, .iov_len = size };
	struct msghdr m = { .msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(fd, &m, MSG_DONTWAIT);
	const struct ucred *cred = NULL;

	*ret_n = 0;
	if (n < 0)
		return errno == EAGAIN ? 0 : errno == EINTR ? 1 : -errno;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS)
			cred = (const struct ucred *)CMSG_DATA(c);
	if (from.nl_groups == UDEV_GROUP && from.nl_pid != 0 && cred && cred->uid == 0 && !(m.msg_flags & MSG_TRUNC))
		*ret_n = (size_t)n;                     /* anybody else's word does not count */
	return 1;
}

static int monitor_fire(struct source *s, uint32_t events)
{
	static char mem[16384];

	for (int i = 0; i < EVENTS_A_TURN; i++) {
		struct devinfo info;
		size_t n;
		int r = receive(s->fd, mem, sizeof(mem), &n);

		if (r == 0)
			return 0;
		if (r < 0) {
			log_event(LOG_WARNING, "DEVICE_LOST", "device events were lost, reading the database", F_ERRNO(r));
			scan(monitor.set);
			return 0;
		}
		if (n == 0 || devinfo_parse(mem, n, &info) < 0)
			continue;
		event(monitor.set, &info);
		devinfo_done(&info);
	}
	return 0;
}

void device_monitor_close(void)
{
	source_del(&monitor.source);
	closep(&monitor.source.fd);
	monitor.set = NULL;
	monitor.host = NULL;
}

static int monitor_open(struct unit_set *set, struct unit_host *host)
{
	struct sockaddr_nl a = { .nl_family = AF_NETLINK, .nl_groups = UDEV_GROUP };
	_cleanup_(closep) int fd = -1;
	int one = 1, size = 16 << 20, r;

	device_monitor_close();
	monitor.set = set;
	monitor.host = host;
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &one, sizeof(one)) < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		return -errno;
	r = source_add(host->loop, &monitor.source, fd, EPOLLIN, monitor_fire);
	if (r >= 0)
		monitor.source.fd = TAKE_FD(fd);
	return r;
}

/* ---- the type ---- */

static void device_init(struct unit *u)
{
	u->ignore_on_isolate = true;
	u->job_running_timeout_usec = DEFAULT_TIMEOUT_USEC;
}

/* x-systemd.device-timeout= of the line in /etc/fstab that waits for the device, and _netdev: it comes by the network */
static int take_fstab(struct unit *u, const struct key_place *at)
{
	const struct fstab *f = fstab_get(u->set);
	_cleanup_(freep) char *path = NULL;

	int r = 0;

	if (!f || name_to_path(u->id, &path) < 0)
		return 0;
	for (size_t i = 0; i < f->n_entries && r >= 0; i++) {
		_cleanup_(freep) char *text = NULL;
		const char *p = f->entries[i].options;

		if (!streq(f->entries[i].what, path))
			continue;
		if (option_has(p, "_netdev")) {
			r = type_two_deps(u, DEP_AFTER, DEP_WANTS, "network-online.target", DEP_FILE);
			if (r >= 0)
				r = type_dep(u, DEP_AFTER, "network.target", DEP_FILE);
		}
		if (u->job_running_timeout_set || option_next(&p, "x-systemd.device-timeout", &text) <= 0)
			continue;
		if (value_sec(text, USEC_PER_SEC, &u->job_running_timeout_usec) < 0)
			diag(at->sink, DIAG_WARNING, "/etc/fstab", 0, 0, "%s: x-systemd.device-timeout is no time span", path);
		else if (u->job_running_timeout_usec == 0)
			u->job_running_timeout_usec = USEC_INFINITY;
	}
	return r;
}

static int device_load(struct unit *u, const struct key_place *at)
{
	if (!u->description)
		name_to_path(u->id, &u->description);
	return take_fstab(u, at);
}

static void device_done(struct unit *u) { free(DEVICE(u)->syspath); }
static enum unit_active_state device_active(const struct unit *u) { return DEVICE(u)->state == DEVICE_PLUGGED ? UNIT_ACTIVE : UNIT_INACTIVE; }
static const char *device_sub(const struct unit *u) { return DEVICE(u)->state == DEVICE_PLUGGED ? "plugged" : "dead"; }

/* Nobody can plug a device in: the job waits until it comes, or its time is over. Where /sys cannot be written there is no udev. */
static int device_start(struct unit *u)
{
	if (DEVICE(u)->state == DEVICE_PLUGGED)
		return -EALREADY;
	return access("/sys", W_OK) < 0 && errno == EROFS ? -EOPNOTSUPP : 0;
}

static bool device_may_gc(const struct unit *u) { return !DEVICE(u)->found; }

static void device_properties(const struct unit *u, void (*put)(void *arg, const char *name, const char *value), void *arg)
{
	put(arg, "SysFSPath", DEVICE(u)->syspath ?: "");
}

static void device_save(const struct unit *u, void *rec)
{
	*(struct ipc_device_state *)rec = (struct ipc_device_state){ .plugged = DEVICE(u)->state == DEVICE_PLUGGED, .syspath = DEVICE(u)->syspath };
}

static int device_restore(struct unit *u, const void *rec)
{
	const struct ipc_device_state *r = rec;
	struct device *d = DEVICE(u);

	d->state = r->plugged ? DEVICE_PLUGGED : DEVICE_DEAD;
	if (!d->syspath && r->syspath) {
		d->syspath = strdup(r->syspath);
		return d->syspath ? 0 : -ENOMEM;
	}
	return 0;
}

/* The database was read before; a device that was there then does not start what it wants once more. */
static int device_coldplug(struct unit *u)
{
	follow(DEVICE(u));
	return 0;
}

static int device_enumerate(struct unit_set *set)
{
	struct unit *any = unit_set_first(set);
	int r;

	if (!any)
		return 0;
	r = monitor_open(set, unit_host(any));          /* first, so that nothing falls between */
	if (r < 0)
		log_event(LOG_WARNING, "DEVICE_MONITOR", "device events cannot be heard", F_ERRNO(r));
	scan(set);
	return 0;
}

const struct unit_type unit_type_device = {
	.abi = UNIT_TYPE_ABI,
	.name = "device",
	.size = sizeof(struct device),
	.no_files = true,
	.init = device_init,
	.load = device_load,
	.done = device_done,
	.active = device_active,
	.sub = device_sub,
	.start = device_start,
	.may_gc = device_may_gc,
	.state_desc = &ipc_device_state_desc,
	.save = device_save,
	.restore = device_restore,
	.coldplug = device_coldplug,
	.properties = device_properties,
	.enumerate = device_enumerate,
};
