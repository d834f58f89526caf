/* methods.c - what one may ask at /run/sysmaster/devmaster.sock; meanings stand in ipc-schema/schema/devmaster.ipc */
#include <stdio.h>
#include <sys/stat.h>
#include "log.h"
#include "manager/manager.h"
#include "value.h"
#include "version.h"

static struct manager *M(struct server_call *c) { return c->user; }

/* ---- the lines that take most time ---- */

void slow_add(struct manager *m, const struct outcome *o)
{
	struct slow *least = NULL;

	if (!o->slow_place[0])
		return;
	for (size_t i = 0; i < m->n_slow; i++) {
		struct slow *s = &m->slow[i];

		if (streq(s->place, o->slow_place)) {
			s->runs++;
			s->usec += o->slow_usec;
			return;
		}
		if (!least || s->usec < least->usec)
			least = s;
	}
	if (m->n_slow < SLOW_LINES)
		least = &m->slow[m->n_slow++];
	else if (o->slow_usec <= least->usec)
		return;
	*least = (struct slow){ .runs = 1, .usec = o->slow_usec };
	snprintf(least->place, sizeof(least->place), "%s", o->slow_place);
}

static int slower(const void *a, const void *b)
{
	const struct slow *x = a, *y = b;

	return x->usec < y->usec ? 1 : x->usec > y->usec ? -1 : 0;
}

static int fill_slow(struct server_call *c, struct ipc_device_status *s)
{
	struct manager *m = M(c);

	qsort(m->slow, m->n_slow, sizeof(*m->slow), slower);
	s->slowest = arena_alloc(c->arena, (m->n_slow + 1) * sizeof(*s->slowest), 16);
	if (!s->slowest)
		return -ENOMEM;
	for (size_t i = 0; i < m->n_slow; i++)
		s->slowest[i] = (struct ipc_device_rule_cost){ m->slow[i].place, m->slow[i].runs, m->slow[i].usec };
	s->n_slowest = m->n_slow;
	return 0;
}

/* ---- queries ---- */

static uint64_t done_up_to(const struct manager *m)
{
	const struct queue_event *oldest = queue_oldest(m->queue);

	return oldest ? oldest->uevent.seqnum - 1 : m->seqnum;
}

static int status(struct server_call *c, const void *req, void *rep)
{
	struct ipc_device_status *s = rep;
	struct manager *m = M(c);

	*s = (struct ipc_device_status){
		.version = SYSMASTER_VERSION, .pid = (uint32_t)getpid(), .queued = (uint32_t)queue_count(m->queue, QUEUE_READY),
		.blocked = (uint32_t)queue_count(m->queue, QUEUE_BLOCKED), .running = (uint32_t)queue_count(m->queue, QUEUE_TAKEN),
		.workers = (uint32_t)pool_size(m->pool), .workers_idle = (uint32_t)pool_idle(m->pool), .children_max = settings_children(&m->settings),
		.done = m->done, .failed = m->failed, .retried = m->retried, .overruns = m->overruns, .crashed = m->crashed, .resumed = m->resumed,
		.seqnum = m->seqnum, .seqnum_done = done_up_to(m), .stopped = m->stopped, .log_level = (uint32_t)log_level(),
		.rules_lines = m->rules_lines, .busy_usec = m->busy_usec,
		.properties = (const char **)m->properties, .n_properties = strv_len(m->properties),
	};
	return fill_slow(c, s);
}

static int wait_for(struct server_call *c, const void *req, void *rep)
{
	const struct ipc_device_wait_request *q = req;
	struct ipc_device_wait_reply *a = rep;
	struct manager *m = M(c);

	if (q->seqnum == 0)
		listener_drain(m->listener);            /* events that the caller has caused are known now */
	a->seqnum = q->seqnum ? q->seqnum : MAX(m->seqnum, (uint64_t)1);
	a->left = (uint32_t)(queue_size(m->queue) + m->n_chores + m->repair);
	a->done = !events_left(m) || (q->seqnum > 0 && done_up_to(m) >= q->seqnum);
	return 0;
}

/* ---- changes ---- */

static int reload(struct server_call *c, const void *req, void *rep)
{
	request_reload(M(c));
	return 0;
}

static int set_log_level(struct server_call *c, const void *req, void *rep)
{
	request_log_level(M(c), (int)((const struct ipc_device_log_level_request *)req)->level);
	return 0;
}

static int set_properties(struct server_call *c, const void *req, void *rep)
{
	const struct ipc_device_properties_request *q = req;
	int r = 0;

	for (size_t i = 0; i < q->n_properties && r == 0; i++)
		r = request_property(M(c), q->properties[i]);
	if (r == -EINVAL)
		c->error = "expected KEY=VALUE";
	return r;
}

static int set_children_max(struct server_call *c, const void *req, void *rep)
{
	request_children(M(c), ((const struct ipc_device_children_request *)req)->children_max);
	return 0;
}

static int stop_queue(struct server_call *c, const void *req, void *rep)
{
	request_stop(M(c), true);
	return 0;
}

static int start_queue(struct server_call *c, const void *req, void *rep)
{
	request_stop(M(c), false);
	return 0;
}

static int leave(struct server_call *c, const void *req, void *rep)
{
	request_exit(M(c));
	return 0;
}

static int repair(struct server_call *c, const void *req, void *rep)
{
	request_repair(M(c));
	return 0;
}

static const struct server_method methods[] = {
	{ IPC_DEVMASTER_STATUS, status },
	{ IPC_DEVMASTER_WAIT, wait_for },
	{ IPC_DEVMASTER_RELOAD, reload },
	{ IPC_DEVMASTER_SET_LOG_LEVEL, set_log_level },
	{ IPC_DEVMASTER_SET_PROPERTIES, set_properties },
	{ IPC_DEVMASTER_SET_CHILDREN_MAX, set_children_max },
	{ IPC_DEVMASTER_STOP_QUEUE, stop_queue },
	{ IPC_DEVMASTER_START_QUEUE, start_queue },
	{ IPC_DEVMASTER_EXIT, leave },
	{ IPC_DEVMASTER_REPAIR, repair },
};

void methods_idle(struct manager *m)
{
	struct ipc_device_idle_event e = { m->seqnum };

	if (m->server)
		server_publish(m->server, IPC_DEVMASTER_EV_IDLE, &e);
}

int methods_open(struct manager *m)
{
	const struct server_config config = { .socket = &ipc_devmaster_socket, .methods = methods, .n_methods = ARRAY_SIZE(methods), .user = m };
	int r;

	if (mkdir("/run/sysmaster", 0755) < 0 && errno != EEXIST)
		return -errno;
	r = server_new(&m->server, &config);
	return r < 0 ? r : server_start(m->server, m->loop);
}
