/* requests.c - what can be asked of the daemon, by signal, control socket or method; and watched disks that were written */
#include <stdio.h>
#include <sys/inotify.h>
#include "log.h"
#include "manager/manager.h"
#include "sdnotify.h"
#include "value.h"

#define PROPERTIES_MAX 256
#define PROPERTIES_BYTES 16384

void request_reload(struct manager *m)
{
	pool_renew(m->pool);
	log_event(LOG_INFO, "DEVICE_RELOAD", "rules are read again");
}

void request_stop(struct manager *m, bool stop)
{
	m->stopped = stop;
	events_wake(m);
}

void request_exit(struct manager *m)
{
	m->exiting = true;
	sdnotify_send("STOPPING=1", -1);
	events_wake(m);
}

void request_repair(struct manager *m)
{
	m->repair = true;
	events_wake(m);
}

void request_log_level(struct manager *m, int level)
{
	log_set_level(level);
	m->settings.log_level = level;
}

void request_children(struct manager *m, unsigned n)
{
	m->settings.children_max = n;
	events_wake(m);
}

static void forget(struct manager *m, const char *text, size_t n)
{
	size_t to = 0;

	for (size_t i = 0; m->properties && m->properties[i]; i++) {
		if (strncmp(m->properties[i], text, n) == 0 && m->properties[i][n] == '=')
			free(m->properties[i]);
		else
			m->properties[to++] = m->properties[i];
	}
	if (m->properties)
		m->properties[to] = NULL;
}

int request_property(struct manager *m, const char *text)
{
	size_t n = strcspn(text, "="), bytes = strlen(text) + 1;
	int r = 0;

	if (n == 0 || !text[n] || n > 255)
		return -EINVAL;
	forget(m, text, n);
	for (size_t i = 0; m->properties && m->properties[i]; i++)
		bytes += strlen(m->properties[i]) + 1;
	if (text[n + 1] && (strv_len(m->properties) >= PROPERTIES_MAX || bytes > PROPERTIES_BYTES))
		return -E2BIG;
	if (text[n + 1])
		r = strv_add(&m->properties, text);
	buf_reset(&m->properties_text);
	for (size_t i = 0; m->properties && m->properties[i]; i++)
		buf_add(&m->properties_text, m->properties[i], strlen(m->properties[i]) + 1);
	return r < 0 ? r : buf_error(&m->properties_text);
}

static void control(void *user, const struct control_message *msg)
{
	struct manager *m = user;

	switch (msg->verb) {
	case CONTROL_LOG_LEVEL:
		request_log_level(m, msg->number);
		break;
	case CONTROL_STOP_QUEUE:
	case CONTROL_START_QUEUE:
		request_stop(m, msg->verb == CONTROL_STOP_QUEUE);
		break;
	case CONTROL_RELOAD:
		request_reload(m);
		break;
	case CONTROL_PROPERTY:
		if (request_property(m, msg->text) < 0)
			log_event(LOG_WARNING, "DEVICE_CONTROL", "a property cannot be taken", F_STR("PROPERTY", msg->text));
		break;
	case CONTROL_CHILDREN_MAX:
		request_children(m, (unsigned)msg->number);
		break;
	case CONTROL_EXIT:
		request_exit(m);
		break;
	case CONTROL_PING:
	case CONTROL_END:
		listener_drain(m->listener);            /* who asks us has caused events before: they are known now */
		break;
	}
}
const struct control_hooks manager_control_hooks = { control };

/* ---- inotify ---- */

static void watched(struct manager *m, const struct inotify_event *e)
{
	char id[64];

	if (e->mask & IN_IGNORED)
		watch_forget(&m->watch, e->wd);
	else if ((e->mask & IN_CLOSE_WRITE) && watch_device(&m->watch, e->wd, id, sizeof(id)) == 0)
		events_chore(m, ORDER_WATCHED, id);
}

int inotify_fire(struct source *s, uint32_t events)
{
	struct manager *m = container_of(s, struct manager, inotify);
	union { struct inotify_event e; char bytes[8192]; } buf;
	ssize_t n = read(s->fd, &buf, sizeof(buf));

	for (ssize_t at = 0; at + (ssize_t)sizeof(struct inotify_event) <= n;) {
		const struct inotify_event *e = (const void *)(buf.bytes + at);

		watched(m, e);
		at += (ssize_t)(sizeof(*e) + e->len);
	}
	return 0;
}
