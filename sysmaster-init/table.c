/* table.c - see table.h */
#include <fcntl.h>
#include "table.h"

#define AREA(member, n) RECORDS_AREA(struct table, member, n)

struct table *table;
static int table_fd = -1;
static const char name_of_file[] = "sysmaster-init";

static const struct records_head head = {
	.magic = 0x7379736d61737432ULL, .version = 1, .n_areas = RECORDS_AREAS,         /* "sysmast2" */
	.areas = { AREA(s, 1), AREA(set, 1), AREA(answers, TABLE_ANSWERS), AREA(fds, TABLE_FDS), AREA(children, TABLE_CHILDREN) },
};

int table_new(void)
{
	void *p;
	int fd = records_new(name_of_file, &head, sizeof(*table), &p);

	if (fd < 0)
		return fd;
	table = p;
	table_fd = fd;
	table->s.channel_fd = table->s.listen_fd = table->s.watchdog_fd = -1;
	return 0;
}

int table_adopt(int fd)
{
	void *p;
	int r = records_adopt(&fd, name_of_file, &head, sizeof(*table), &p);

	if (r < 0)
		return r;
	table = p;
	table_fd = fd;
	return r;
}

int table_memfd(void) { return table_fd; }

static uint32_t child_check(const struct table_child *c)
{
	uint64_t h = hash64(c->name, sizeof(c->name)) ^ hash64(&c->token, sizeof(c->token));

	return (uint32_t)(h ^ h >> 32);
}

static bool child_sane(const struct table_child *c)
{
	return c->phase >= IPC_CHILD_PHASE_SPAWNED && c->phase <= IPC_CHILD_PHASE_EXITED && c->check == child_check(c) &&
	       c->name[sizeof(c->name) - 1] == '\0' && c->report_fd >= -1;
}

static bool fd_open(int fd) { return fd >= 0 && fcntl(fd, F_GETFD) >= 0; }

static void check_state(struct table_state *s)
{
	char *texts[] = { s->power_argument, s->core_status, s->new_root, s->new_init };
	size_t sizes[] = { sizeof(s->power_argument), sizeof(s->core_status), sizeof(s->new_root), sizeof(s->new_init) };
	int32_t *fds[] = { &s->channel_fd, &s->listen_fd, &s->watchdog_fd };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		texts[i][sizes[i] - 1] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		if (!fd_open(*fds[i]))
			*fds[i] = -1;
	s->n_children = MIN(s->n_children, (uint32_t)TABLE_CHILDREN);
	s->n_fds = MIN(s->n_fds, (uint32_t)TABLE_FDS);
}

unsigned table_check(void)
{
	unsigned dropped = 0;

	check_state(&table->s);
	for (uint32_t i = 0; i < table->s.n_children; i++) {
		struct table_child *c = &table->children[i];

		if (c->phase == 0)
			continue;
		if (!child_sane(c)) {
			c->phase = 0;
			dropped++;
		} else if (!fd_open(c->report_fd)) {
			c->report_fd = -1;
		}
	}
	for (uint32_t i = 0; i < table->s.n_fds; i++) {
		struct table_fd *f = &table->fds[i];

		if (f->fd1 && (!fd_open(f->fd1 - 1) || f->name[sizeof(f->name) - 1] != '\0')) {
			f->fd1 = 0;
			dropped++;
		}
	}
	return dropped;
}

struct table_child *table_add_child(uint64_t token, const char *name)
{
	for (uint32_t i = 0; i < TABLE_CHILDREN; i++) {
		struct table_child *c = &table->children[i];

		if (c->phase != 0)
			continue;
		*c = (struct table_child){ .token = token, .report_fd = -1 };
		strncpy(c->name, name, sizeof(c->name) - 1);
		c->check = child_check(c);
		if (i >= table->s.n_children)
			table->s.n_children = i + 1;
		return c;
	}
	return NULL;
}

struct table_child *table_child_by_token(uint64_t token)
{
	for (uint32_t i = 0; i < table->s.n_children; i++)
		if (table->children[i].phase != 0 && table->children[i].token == token)
			return &table->children[i];
	return NULL;
}

struct table_child *table_child_by_pid(uint32_t pid)
{
	for (uint32_t i = 0; i < table->s.n_children; i++) {
		struct table_child *c = &table->children[i];

		if (c->pid == pid && c->phase != 0 && c->phase != IPC_CHILD_PHASE_EXITED)
			return c;
	}
	return NULL;
}

/* the fd of that name; NULL asks for a free slot */
static struct table_fd *find_fd(const char *name)
{
	uint32_t end = MIN(table->s.n_fds + (name == NULL), (uint32_t)TABLE_FDS);

	for (uint32_t i = 0; i < end; i++) {
		struct table_fd *f = &table->fds[i];

		if (name ? f->fd1 && streq(f->name, name) : !f->fd1) {
			table->s.n_fds = MAX(table->s.n_fds, i + 1);
			return f;
		}
	}
	return NULL;
}

int table_store_fd(const char *name, int fd)
{
	struct table_fd *f = find_fd(name);
	int old = f ? f->fd1 - 1 : -1;

	if (*name == '\0')
		return -EINVAL;
	if (strlen(name) >= sizeof(f->name))
		return -ENAMETOOLONG;
	f = f ?: find_fd(NULL);
	if (!f)
		return -ENOSPC;
	if (old < 0)
		strcpy(f->name, name);
	f->told = 1;    /* core has it: it is the one who gave it */
	f->fd1 = fd + 1;
	fcntl(fd, F_SETFD, 0);
	if (old >= 0)
		close(old);
	return 0;
}

static void drop_fd(struct table_fd *f)
{
	if (f->fd1)
		close(f->fd1 - 1);
	f->fd1 = 0;
}

int table_drop_fd(const char *name)
{
	struct table_fd *f = find_fd(name);

	if (!f)
		return -ENOENT;
	drop_fd(f);
	return 0;
}

void table_drop_fds(void)
{
	for (uint32_t i = 0; i < table->s.n_fds; i++)
		drop_fd(&table->fds[i]);
}
