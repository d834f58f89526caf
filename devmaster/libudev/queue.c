/* queue.c - udev_queue: the file /run/udev/queue is there while events are pending */
#include <poll.h>
#include <sys/inotify.h>
#include "internal.h"

struct udev_queue { unsigned refs; struct udev *udev; int fd; };

static void udev_queue_free(struct udev_queue *q)
{
	closep(&q->fd);
	free(q);
}
DEFINE_REFS(udev_queue)
DEFINE_GET_UDEV(udev_queue)

struct udev_queue *udev_queue_new(struct udev *udev)
{
	struct udev_queue *q = calloc(1, sizeof(*q));

	if (!q)
		return fail(ENOMEM);
	*q = (struct udev_queue){ 1, udev, -1 };
	return q;
}

/* nobody counts any more; 0 as in every libudev since */
unsigned long long udev_queue_get_kernel_seqnum(struct udev_queue *q) { return 0; }
unsigned long long udev_queue_get_udev_seqnum(struct udev_queue *q) { return 0; }
int udev_queue_get_udev_is_active(struct udev_queue *q) { return access(RUN "/control", F_OK) == 0; }
int udev_queue_get_queue_is_empty(struct udev_queue *q) { return access(RUN "/queue", F_OK) < 0; }
int udev_queue_get_seqnum_is_finished(struct udev_queue *q, unsigned long long seqnum) { return udev_queue_get_queue_is_empty(q); }
int udev_queue_get_seqnum_sequence_is_finished(struct udev_queue *q, unsigned long long start, unsigned long long end) { return udev_queue_get_queue_is_empty(q); }
struct udev_list_entry *udev_queue_get_queued_list_entry(struct udev_queue *q) { return fail(ENODATA); }

int udev_queue_get_fd(struct udev_queue *q)
{
	_cleanup_(closep) int fd = -1;

	if (!q)
		return -EINVAL;
	if (q->fd >= 0)
		return q->fd;
	fd = inotify_init1(IN_CLOEXEC);
	if (fd < 0 || inotify_add_watch(fd, RUN, IN_DELETE) < 0)
		return -errno;
	return q->fd = TAKE_FD(fd);
}

int udev_queue_flush(struct udev_queue *q)
{
	char events[4096];

	if (!q)
		return -EINVAL;
	while (q->fd >= 0) {
		struct pollfd p = { q->fd, POLLIN, 0 };

		if (poll(&p, 1, 0) <= 0 || read(q->fd, events, sizeof(events)) <= 0)
			break;
	}
	return 0;
}
