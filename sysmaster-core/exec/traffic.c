/* traffic.c - IPAccounting=: counters of a unit's network traffic */
#include <sys/mman.h>
#include <sys/socket.h>
#include "cgroup/context.h"
#include "exec/traffic.h"

#define PAGE 4096                       /* of the mapping at most; the kernel rounds up */

static const char *const stored[2] = { "traffic.0", "traffic.1" };

static int begin(struct unit *u)
{
	const struct unit_host *host = unit_host(u);
	int r = 0;

	u->traffic = malloc(sizeof(*u->traffic));
	if (!u->traffic)
		return -ENOMEM;
	*u->traffic = (struct unit_traffic){ .ends = { -1, -1 } };
	memcpy(u->traffic->run, u->invocation_id, sizeof(u->traffic->run));
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, u->traffic->ends) < 0)
		r = -errno;
	for (size_t i = 0; i < 2 && r >= 0 && host->store_fd; i++)
		r = host->store_fd(u, stored[i], u->traffic->ends[i]);
	if (r < 0)
		exec_traffic_release(u);
	unit_dirty(u);
	return MIN(r, 0);
}

int exec_traffic_acquire(struct unit *u)
{
	const struct cgroup_context *c = cgroup_context_of(u);
	bool wanted = c && c->ip_accounting;

	if (u->traffic && wanted && memcmp(u->traffic->run, u->invocation_id, sizeof(u->traffic->run)) == 0)
		return 0;
	exec_traffic_release(u);
	return wanted ? begin(u) : 0;
}

void exec_traffic_release(struct unit *u)
{
	const struct unit_host *host = unit_host(u);

	if (!u->traffic)
		return;
	for (size_t i = 0; i < 2 && host->drop_fd; i++)
		host->drop_fd(u, stored[i]);
	unit_traffic_free(u);
	unit_dirty(u);
}

/* a look at the descriptor in the pair, which stays there */
static int map_of(const struct unit_traffic *t)
{
	union { struct cmsghdr h; char room[CMSG_SPACE(sizeof(int))]; } c = { .h = { .cmsg_len = 0 } };
	char byte;
	struct msghdr m = { .msg_iov = &(struct iovec){ &byte, 1 }, .msg_iovlen = 1, .msg_control = &c, .msg_controllen = sizeof(c) };
	int fd;

	if (recvmsg(t->ends[0], &m, MSG_PEEK | MSG_DONTWAIT | MSG_CMSG_CLOEXEC) < 0)
		return -errno;
	if (c.h.cmsg_len != CMSG_LEN(sizeof(int)) || c.h.cmsg_type != SCM_RIGHTS)
		return -EBADMSG;
	memcpy(&fd, CMSG_DATA(&c.h), sizeof(fd));
	return fd;
}

bool exec_traffic_read(struct unit *u, uint64_t ret[N_TRAFFIC])
{
	struct unit_traffic *t = u->traffic;

	if (t && !t->counters) {
		_cleanup_(closep) int fd = map_of(t);
		void *p = fd < 0 ? MAP_FAILED : mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);

		t->counters = p == MAP_FAILED ? NULL : p;
		t->size = PAGE;
	}
	if (!t || !t->counters)
		return false;
	for (size_t i = 0; i < N_TRAFFIC; i++)
		ret[i] = __atomic_load_n(&t->counters[i], __ATOMIC_RELAXED);
	return true;
}

void exec_traffic_restore(struct unit *u, const void *run, size_t n)
{
	unit_traffic_free(u);
	u->traffic = n == sizeof(u->traffic->run) ? malloc(sizeof(*u->traffic)) : NULL;
	if (!u->traffic)
		return;
	*u->traffic = (struct unit_traffic){ .counters = NULL };
	memcpy(u->traffic->run, run, n);
	for (size_t i = 0; i < 2; i++)
		u->traffic->ends[i] = unit_host(u)->fetch_fd(u, stored[i]);
	if (u->traffic->ends[0] < 0 || u->traffic->ends[1] < 0)         /* one end alone is of no use */
		unit_traffic_free(u);
}
