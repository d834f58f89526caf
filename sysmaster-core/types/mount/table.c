/* table.c - follows the kernel's table of mounts: what is mounted becomes a unit, what is not any more ends */
#include <fcntl.h>
#include "log.h"
#include "types/mount/mount.h"
#include "unit/name.h"

#define PAUSE_USEC (100 * USEC_PER_MSEC)        /* between two readings that the kernel asked for */

/* One table in a process: there is one /proc/self/mountinfo. */
static struct table {
	struct unit_set *set;
	struct unit_host *host;
	struct source source;
	struct timer timer;
	uint64_t last_usec;
	const char *path;
} table = { .source = { .fd = -1 }, .path = "/proc/self/mountinfo" };

static bool is_mount(const struct unit *u)
{
	extern const struct unit_type unit_type_mount;

	return u->type == &unit_type_mount && u->load_state != UNIT_MERGED;
}

static int set_text(char **p, const char *s, bool *changed)
{
	char *copy;

	if (streq0(*p, s))
		return 0;
	copy = strdup(s);
	if (!copy)
		return -ENOMEM;
	free(*p);
	*p = copy;
	*changed = true;
	return 0;
}

static int set_params(struct mount_unit *m, const struct mountinfo *i)
{
	bool changed = false;
	int r = set_text(&m->kernel.what, i->what, &changed);

	if (r >= 0)
		r = set_text(&m->kernel.type, i->type, &changed);
	if (r >= 0)
		r = set_text(&m->kernel.options, i->options, &changed);
	return r;
}

/* A unit that nobody had a file for is loaded now that it is there. */
static int make_known(struct mount_unit *m)
{
	if (m->u.load_state == UNIT_NOT_FOUND)
		unit_load_again(&m->u);
	else if (m->u.load_state == UNIT_LOADED && !m->kernel_deps)
		return mount_renew_deps(m);
	return 0;
}

static void drop_kernel_deps(struct mount_unit *m)
{
	int r = mount_renew_deps(m);

	if (r < 0)
		log_event(LOG_ERR, "MOUNT_DEPS", "dependencies of a mount are incomplete", F_STR("UNIT", m->u.id), F_ERRNO(r));
}

static int take_line(const struct mountinfo *i, void *arg)
{
	struct unit_set *set = arg;
	_cleanup_(freep) char *name = NULL;
	struct unit *u;
	struct mount_unit *m;
	int r;

	if (mount_is_api(i->where) || streq(i->type, "autofs"))
		return 0;
	if (name_from_path(i->where, "mount", &name) < 0) {
		log_event(LOG_DEBUG, "MOUNT_NAME", "a mount point that has no unit: its name would be too long", F_STR("WHERE", i->where));
		return 0;
	}
	r = unit_stub(set, name, &u);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	if (!is_mount(u))
		return 0;
	m = MOUNT(u);
	if (!m->in_kernel && m->kernel_deps)
		drop_kernel_deps(m);                    /* of an earlier mount there */
	r = set_params(m, i);
	m->in_kernel = m->seen = true;
	return r < 0 ? r : make_known(m);
}

void mount_table_read(struct unit_set *set)
{
	int r;

	if (table.set != set)
		return;
	table.last_usec = now_usec(CLOCK_BOOTTIME);
	for (struct unit *u = unit_set_first(set); u; u = u->set_next)
		if (is_mount(u))
			MOUNT(u)->seen = false;
	r = mountinfo_each(table.source.fd, take_line, set);
	unit_load_pending(set);
	if (r < 0) {
		log_event(LOG_ERR, "MOUNT_TABLE", "the table of mounts cannot be read", F_ERRNO(r));
		return;                                 /* half of a table says nothing about what is gone */
	}
	for (struct unit *u = unit_set_first(set); u; u = u->set_next)
		if (is_mount(u) && MOUNT(u)->in_kernel && !MOUNT(u)->seen)
			MOUNT(u)->in_kernel = false;
	if (!table.host->running)
		return;                                 /* at start: coldplug() settles it */
	for (struct unit *u = unit_set_first(set); u; u = u->set_next) {
		if (!is_mount(u))
			continue;
		if (MOUNT(u)->in_kernel)
			mount_appeared(MOUNT(u));
		else
			mount_vanished(MOUNT(u));
		/* not before its job has ended: what waits for that job is found through the order between the two */
		if (!MOUNT(u)->in_kernel && MOUNT(u)->kernel_deps && !u->job && unit_is_inactive_or_failed(u))
			drop_kernel_deps(MOUNT(u));
	}
}

static int timer_fire(struct timer *t)
{
	mount_table_read(table.set);
	return 0;
}

static int table_changed(struct source *s, uint32_t events)
{
	uint64_t now = now_usec(CLOCK_BOOTTIME);

	if (table.timer.loop)
		return 0;                               /* will be read */
	if (now - table.last_usec >= PAUSE_USEC) {
		mount_table_read(table.set);
		return 0;
	}
	return timer_set(s->loop, &table.timer, table.last_usec + PAUSE_USEC, timer_fire);
}

int mount_table_open(struct unit_set *set)
{
	struct unit *root = unit_set_first(set);
	int fd, r;

	mount_table_close(NULL);
	if (!root)
		return -EINVAL;
	fd = open(table.path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	table.host = unit_host(root);
	r = source_add(table.host->loop, &table.source, fd, EPOLLPRI, table_changed);
	if (r == -EPERM)                                /* a plain file, in tests */
		r = 0;
	if (r < 0) {
		close(fd);
		return r;
	}
	table.source.fd = fd;
	table.set = set;
	mount_table_read(set);
	return 0;
}

void mount_table_close(const struct unit_set *set)
{
	if (set && table.set != set)
		return;
	timer_del(&table.timer);
	source_del(&table.source);
	closep(&table.source.fd);
	table.set = NULL;
	table.last_usec = 0;
}

void mount_table_use(const char *path) { table.path = path; }
