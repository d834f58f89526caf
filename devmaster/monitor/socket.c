/* socket.c - the netlink socket of a monitor: its filter, what it trusts; netlink(7), the kernel's networking/filter.rst */
#include <linux/filter.h>
#include <linux/netlink.h>
#include "monitor.h"

#define FIELD(f) ((uint32_t)offsetof(struct monitor_head, f))
#define SEND_BUFFER (1 << 20)

int monitor_open(int group)
{
	struct sockaddr_nl sa = { .nl_family = AF_NETLINK, .nl_groups = (uint32_t)group };
	_cleanup_(closep) int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
	int on = 1, room = SEND_BUFFER;

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0 || bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	return TAKE_FD(fd);
}

int monitor_set_buffer(int fd, int bytes)
{
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) == 0)
		return 0;
	return setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes)) < 0 ? -errno : 0;
}

/* ---- the filter: jumps count instructions between ---- */

struct program { struct sock_filter code[BPF_MAXINSNS]; unsigned n; bool full; };

static void put(struct program *p, uint16_t code, uint32_t k, uint8_t yes, uint8_t no)
{
	if (p->n == ARRAY_SIZE(p->code))
		p->full = true;
	else
		p->code[p->n++] = (struct sock_filter){ code, yes, no, k };
}

static void load(struct program *p, uint32_t at) { put(p, BPF_LD | BPF_W | BPF_ABS, at, 0, 0); }
static void unless_equal(struct program *p, uint32_t k, uint8_t skip) { put(p, BPF_JMP | BPF_JEQ | BPF_K, k, 0, skip); }
static void verdict(struct program *p, uint32_t bytes) { put(p, BPF_RET | BPF_K, bytes, 0, 0); }

/* a tag may be there when all its bits are in both halves; jumps to an instruction @left tags behind */
static void any_tag(struct program *p, const struct monitor_filter *f)
{
	for (size_t i = 0; i < f->n_tags; i++) {
		uint64_t bits = monitor_bloom(f->tags[i]);
		uint32_t high = (uint32_t)(bits >> 32), low = (uint32_t)bits;

		load(p, FIELD(tags_high));
		put(p, BPF_ALU | BPF_AND | BPF_K, high, 0, 0);
		unless_equal(p, high, 4);
		load(p, FIELD(tags_low));
		put(p, BPF_ALU | BPF_AND | BPF_K, low, 0, 0);
		unless_equal(p, low, 1);
		put(p, BPF_JMP | BPF_JA, (uint32_t)(f->n_tags - i - 1) * 7 + 1, 0, 0);
	}
	if (f->n_tags)
		verdict(p, 0);
}

static void any_match(struct program *p, const struct monitor_filter *f)
{
	for (size_t i = 0; i < f->n_matches; i++) {
		const struct monitor_match *m = &f->matches[i];

		load(p, FIELD(subsystem));
		unless_equal(p, monitor_hash(m->subsystem), m->devtype ? 3 : 1);
		if (m->devtype) {
			load(p, FIELD(devtype));
			unless_equal(p, monitor_hash(m->devtype), 1);
		}
		verdict(p, UINT32_MAX);
	}
	verdict(p, f->n_matches ? 0 : UINT32_MAX);
}

int monitor_attach(int fd, const struct monitor_filter *f)
{
	struct program *p;
	struct sock_fprog all;
	int r;

	if (f->n_tags == 0 && f->n_matches == 0)
		return monitor_detach(fd);
	p = calloc(1, sizeof(*p));
	if (!p)
		return -ENOMEM;
	load(p, FIELD(magic));                          /* the kernel's own have no head: let them pass */
	put(p, BPF_JMP | BPF_JEQ | BPF_K, MONITOR_MAGIC, 1, 0);
	verdict(p, UINT32_MAX);
	any_tag(p, f);
	any_match(p, f);
	all = (struct sock_fprog){ (unsigned short)p->n, p->code };
	r = p->full ? -E2BIG : setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &all, sizeof(all)) < 0 ? -errno : 0;
	free(p);
	return r;
}

int monitor_detach(int fd)
{
	int none = 0;

	return setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &none, sizeof(none)) < 0 && errno != ENOENT ? -errno : 0;
}

/* ---- messages ---- */

static int trusted(const struct sockaddr_nl *sa, struct msghdr *m, int *group)
{
	struct ucred who = { .uid = (uid_t)-1 };
	bool have = false;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS && c->cmsg_len >= CMSG_LEN(sizeof(who))) {
			memcpy(&who, CMSG_DATA(c), sizeof(who));
			have = true;
		}
	}
	if (!have || who.uid != 0)
		return -EPERM;
	if (sa->nl_groups == MONITOR_KERNEL && (sa->nl_pid != 0 || who.pid != 0))
		return -EPERM;                          /* a process that speaks as the kernel does */
	if (sa->nl_groups != MONITOR_KERNEL && sa->nl_groups != MONITOR_UDEV)
		return -EPERM;
	*group = (int)sa->nl_groups;
	return 0;
}

ssize_t monitor_receive(int fd, void *data, size_t size, int *ret_group)
{
	union { struct cmsghdr h; char space[CMSG_SPACE(sizeof(struct ucred)) + 64]; } control;
	struct sockaddr_nl sa = { 0 };
	struct iovec iov = { data, size };
	struct msghdr m = { .msg_name = &sa, .msg_namelen = sizeof(sa), .msg_iov = &iov, .msg_iovlen = 1,
			    .msg_control = &control, .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	int group, r;

	if (n < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	r = trusted(&sa, &m, &group);
	if (r < 0)
		return r;
	if (m.msg_flags & MSG_TRUNC)
		return -EMSGSIZE;
	if (ret_group)
		*ret_group = group;
	return n;
}

int monitor_send(int fd, const void *data, size_t n)
{
	struct sockaddr_nl sa = { .nl_family = AF_NETLINK, .nl_groups = MONITOR_UDEV };

	if (sendto(fd, data, n, MSG_NOSIGNAL, (struct sockaddr *)&sa, sizeof(sa)) >= 0)
		return 0;
	return errno == ECONNREFUSED || errno == ESRCH ? 0 : -errno;
}
