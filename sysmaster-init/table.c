/* table.c - see table.h */
#include <fcntl.h>
#include "log.h"
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
	table->s.log_level = LOG_INFO;
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

uint32_t table_child_check(const struct table_child *c)
{
	uint64_t h = hash64(c->name, sizeof(c->name)) ^ hash64(&c->token, sizeof(c->token));

	return (uint32_t)(h ^ h >> 32);
}

struct table_child *table_add_child(uint64_t token, const char *name)
{
	for (uint32_t i = 0; i < TABLE_CHILDREN; i++) {
		struct table_child *c = &table->children[i];

		if (c->phase != 0)
			continue;
		*c = (struct table_child){ .token = token, .report_fd = -1 };
		strncpy(c->name, name, sizeof(c->name) - 1);
		c->check = table_child_check(c);
		if (i >= table->s.n_children)
			table->s.n_children = i + 1;
		return c;
	}
	return NULL;
}

static bool has_token(const struct table_child *c, uint64_t token) { return c->token == token; }
static bool lives_as(const struct table_child *c, uint64_t pid) { return c->pid == pid && c->phase != IPC_CHILD_PHASE_EXITED; }

static struct table_child *find_child(bool (*is)(const struct table_child *c, uint64_t what), uint64_t what)
{
	for (uint32_t i = 0; i < table->s.n_children; i++)
		if (table->children[i].phase != 0 && is(&table->children[i], what))
			return &table->children[i];
	return NULL;
}

struct table_child *table_child_by_token(uint64_t token) { return find_child(has_token, token); }
struct table_child *table_child_by_pid(uint32_t pid) { return find_child(lives_as, pid); }

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
