/* monitor.c - udev_monitor: monitor/monitor.h as devices */
#include <linux/netlink.h>
#include <poll.h>
#include "internal.h"
#include "monitor/monitor.h"

struct udev_monitor {
	unsigned refs;
	struct udev *udev;
	int fd, group;
	bool bound;
	struct monitor_match *matches; size_t n_matches;
	char **tags; size_t n_tags;
};

static void forget_filter(struct udev_monitor *m)
{
	for (size_t i = 0; i < m->n_matches; i++) {
		free((char *)m->matches[i].subsystem);
		free((char *)m->matches[i].devtype);
	}
	for (size_t i = 0; i < m->n_tags; i++)
		free(m->tags[i]);
	free(TAKE_PTR(m->matches));
	free(TAKE_PTR(m->tags));
	m->n_matches = m->n_tags = 0;
}

static void udev_monitor_free(struct udev_monitor *m)
{
	forget_filter(m);
	closep(&m->fd);
	free(m);
}
DEFINE_REFS(udev_monitor)
DEFINE_GET_UDEV(udev_monitor)

struct udev_monitor *udev_monitor_new_from_netlink(struct udev *udev, const char *name)
{
	int group = !name ? 0 : streq(name, "udev") ? MONITOR_UDEV : streq(name, "kernel") ? MONITOR_KERNEL : -1;
	struct udev_monitor *m;

	if (group < 0)
		return fail(EINVAL);
	m = calloc(1, sizeof(*m));
	if (!m)
		return fail(ENOMEM);
	m->refs = 1;
	m->udev = udev;
	m->group = group;
	m->fd = monitor_open(0);                        /* it hears nothing before it is told to */
	if (m->fd < 0) {
		int r = m->fd;

		free(m);
		return fail(r);
	}
	return m;
}

static struct monitor_filter filter_of(const struct udev_monitor *m)
{
	return (struct monitor_filter){ m->matches, m->n_matches, (const char *const *)m->tags, m->n_tags };
}

int udev_monitor_filter_update(struct udev_monitor *m)
{
	struct monitor_filter f;

	if (!m)
		return -EINVAL;
	f = filter_of(m);
	/* messages of the kernel carry no hashes: they are looked at when they are here */
	return m->group == MONITOR_UDEV && (f.n_matches || f.n_tags) ? monitor_attach(m->fd, &f) : 0;
}

int udev_monitor_enable_receiving(struct udev_monitor *m)
{
	int r;

	if (!m)
		return -EINVAL;
	r = udev_monitor_filter_update(m);
	if (r == 0 && !m->bound && m->group && setsockopt(m->fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &m->group, sizeof(m->group)) < 0)
		r = -errno;
	m->bound |= r == 0;
	return r;
}

/* positive when it was changed, as with libudev 252 */
int udev_monitor_set_receive_buffer_size(struct udev_monitor *m, int size)
{
	int r = m ? monitor_set_buffer(m->fd, size) : -EINVAL;

	return r < 0 ? r : 1;
}

int udev_monitor_get_fd(struct udev_monitor *m) { return m ? m->fd : -EINVAL; }

int udev_monitor_filter_add_match_subsystem_devtype(struct udev_monitor *m, const char *subsystem, const char *devtype)
{
	struct monitor_match *v;

	if (!m || !subsystem)
		return -EINVAL;
	v = reallocarray(m->matches, m->n_matches + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	m->matches = v;
	v[m->n_matches] = (struct monitor_match){ strdup(subsystem), devtype ? strdup(devtype) : NULL };
	if (!v[m->n_matches].subsystem || (devtype && !v[m->n_matches].devtype)) {
		free((char *)v[m->n_matches].subsystem);
		free((char *)v[m->n_matches].devtype);
		return -ENOMEM;
	}
	m->n_matches++;
	return 0;
}

int udev_monitor_filter_add_match_tag(struct udev_monitor *m, const char *tag)
{
	char **v;

	if (!m || !tag)
		return -EINVAL;
	v = reallocarray(m->tags, m->n_tags + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	m->tags = v;
	v[m->n_tags] = strdup(tag);
	if (!v[m->n_tags])
		return -ENOMEM;
	m->n_tags++;
	return 0;
}

int udev_monitor_filter_remove(struct udev_monitor *m)
{
	if (!m)
		return -EINVAL;
	forget_filter(m);
	return monitor_detach(m->fd);
}

struct udev_device *udev_monitor_receive_device(struct udev_monitor *m)
{
	char data[UEVENT_BYTES_MAX];
	struct monitor_filter f;

	if (!m)
		return fail(EINVAL);
	f = filter_of(m);
	for (;;) {
		struct uevent u;
		int group;
		ssize_t n = monitor_receive(m->fd, data, sizeof(data), &group);

		if (n == -EPERM || n == -EMSGSIZE)      /* not for us, and lost: take the next one */
			continue;
		if (n < 0)
			return fail((int)n);
		if (monitor_decode(data, (size_t)n, &u, &group) == 0 && monitor_passes(&f, &u))
			return device_of_event(m->udev, &u, group == MONITOR_UDEV);
	}
}
