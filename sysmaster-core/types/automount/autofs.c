/* autofs.c - what core and the kernel's automounter say to each other */
#include <fcntl.h>
#include "exec/autofs-open.h"
#include "types/automount/autofs.h"
#include "types/mount/mountinfo.h"

#define PACKET sizeof(union autofs_v5_packet_union)

/* ---- the pipe ---- */

int autofs_decode(const void *p, size_t n, struct autofs_request *ret)
{
	struct autofs_v5_packet packet = { 0 };

	if (n < offsetof(struct autofs_v5_packet, name))
		return -EBADMSG;
	memcpy(&packet, p, MIN(n, sizeof(packet)));
	if (packet.hdr.type != autofs_ptype_missing_direct && packet.hdr.type != autofs_ptype_expire_direct)
		return -EBADMSG;
	*ret = (struct autofs_request){
		.expire = packet.hdr.type == autofs_ptype_expire_direct, .token = packet.wait_queue_token, .pid = packet.pid, .uid = packet.uid,
	};
	return 0;
}

/* A pipe cannot be peeked into; what tee(2) copies to another one stays. */
int autofs_peek(int fd, struct autofs_request *ret)
{
	static int copy[2] = { -1, -1 };
	char packet[PACKET];
	ssize_t n;

	if (copy[0] < 0 && pipe2(copy, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	n = tee(fd, copy[1], sizeof(packet), SPLICE_F_NONBLOCK);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (n == 0)
		return -EPIPE;
	n = read(copy[0], packet, sizeof(packet));
	if (n < 0)
		return -errno;
	return autofs_decode(packet, (size_t)n, ret) < 0 ? -EBADMSG : 1;
}

void autofs_drop(int fd)
{
	char packet[PACKET];

	while (read(fd, packet, sizeof(packet)) < 0 && errno == EINTR)
		;
}

/* ---- the kernel ---- */

struct find { const char *where; uint32_t dev; bool found; };

static int look_at(const struct mountinfo *m, void *arg)
{
	struct find *f = arg;

	if (streq(m->type, "autofs") && streq(m->where, f->where)) {
		f->dev = (uint32_t)(m->minor & 0xff) | m->major << 8 | (uint32_t)(m->minor & ~0xffU) << 12;      /* as the kernel's new_encode_dev() */
		f->found = true;
	}
	return 0;
}

static int find(const char *where, uint32_t *ret_dev)
{
	_cleanup_(closep) int fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	struct find f = { .where = where };
	int r = fd < 0 ? -errno : mountinfo_each(fd, look_at, &f);

	if (r < 0)
		return r;
	*ret_dev = f.dev;
	return f.found ? 0 : -ENOENT;
}

static int answer(const char *where, uint32_t dev, uint32_t token, int error)
{
	_cleanup_(closep) int device = open("/dev/autofs", O_RDONLY | O_CLOEXEC);
	_cleanup_(closep) int mount = device < 0 ? -errno : autofs_open(device, where, dev);
	struct autofs_dev_ioctl p;

	if (mount < 0)
		return mount;
	init_autofs_dev_ioctl(&p);
	p.ioctlfd = mount;
	if (error) {
		p.fail.token = token;
		p.fail.status = error;
	} else {
		p.ready.token = token;
	}
	return ioctl(device, error ? AUTOFS_DEV_IOCTL_FAIL : AUTOFS_DEV_IOCTL_READY, &p) < 0 ? -errno : 0;
}

static const struct autofs_kernel real = { find, answer };
const struct autofs_kernel *autofs_kernel = &real;
