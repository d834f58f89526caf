/* broadcast.c - an event that is done, told to everybody who listens */
#include "event/event.h"
#include "monitor/monitor.h"
#include "worker/worker.h"

static void add(struct buf *out, const char *key, const char *value)
{
	buf_adds(out, key);
	buf_addc(out, '=');
	buf_add(out, value, strlen(value) + 1);
}

int broadcast_device(int fd, struct event *e, struct buf *out)
{
	static const struct monitor_head nothing;
	struct device *d = e->dev;
	struct monitor_head head;
	uint64_t tags = 0;
	int r = device_finish_properties(d);

	if (r < 0)
		return r;
	buf_reset(out);
	buf_add(out, &nothing, sizeof(nothing));
	for (size_t i = 0; i < d->n_props; i++)
		add(out, d->props[i].key, d->props[i].value);
	add(out, "UDEV_DATABASE_VERSION", "1");
	for (size_t i = 0; i < d->tags.n; i++)
		tags |= monitor_bloom(d->tags.v[i]);
	r = buf_error(out);
	if (r < 0)
		return r;
	monitor_head(&head, d->subsystem, d->devtype, tags, out->len - sizeof(head));
	memcpy(out->data, &head, sizeof(head));
	return monitor_send(fd, out->data, out->len);
}
