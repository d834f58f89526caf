/* worker.c - see worker.h: an order, the event, its outcome */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include "builtin/builtin.h"
#include "event/event.h"
#include "log.h"
#include "monitor/monitor.h"
#include "node/node.h"
#include "sandbox.h"
#include "worker/channel.h"
#include "worker/worker.h"

#define ARENA_KEPT (96u << 10)          /* of an ordinary event; what one needs beyond that is given back after it */
#define ARENA_MOST (64u << 20)

struct worker {
	const struct worker_config *config;
	struct database db;
	struct node_place place;
	struct diag_sink sink;
	struct arena arena;
	struct buf message;
	int monitor;
};

struct worker_context worker_context;

static void report(struct diag_sink *s, enum diag_level level, const char *file, unsigned line, unsigned column, const char *text)
{
	char place[512];

	snprintf(place, sizeof(place), line ? "%s:%u:%u" : "%s", file, line, column);
	log_event(level == DIAG_ERROR ? LOG_ERR : LOG_WARNING, "DEVICE_RULE", text, F_STR("PLACE", place));
}

/* ---- one event ---- */

static int add_properties(struct device *d, const char *p, size_t n)
{
	for (const char *end = p + n; p < end; p += strlen(p) + 1) {
		const char *eq = strchr(p, '=');
		char key[256];

		if (!eq || (size_t)(eq - p) >= sizeof(key))
			continue;
		memcpy(key, p, (size_t)(eq - p));
		key[eq - p] = '\0';
		if (device_set(d, key, eq[1] ? eq + 1 : NULL, false) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int begin_watch(struct worker *w, struct event *e)
{
	int r;

	if (e->watch <= 0 || event_is_remove(e))
		return 0;
	r = watch_begin(&w->config->watch, e->dev);
	if (r < 0 && r != -ENOENT)
		log_event(LOG_WARNING, "DEVICE_WATCH", "a device cannot be watched", F_STR("DEVICE", e->dev->devpath), F_ERRNO(r));
	return 0;
}

static int work(struct worker *w, struct event *e, const struct order *o)
{
	int level = log_level(), r;

	watch_end(&w->config->watch, e->dev);
	if (o->blockdev_read_only && (r = host_read_only(e)) < 0)
		log_event(LOG_WARNING, "DEVICE_READ_ONLY", "a disk cannot be made read-only", F_STR("DEVICE", e->dev->devpath), F_ERRNO(r));
	r = node_process(&w->place, w->config->rules, e);
	if (e->log_level >= 0)
		log_set_level(e->log_level);
	if (r == 0) {
		run_all(e, o->exec_delay_usec);
		begin_watch(w, e);
	}
	log_event(LOG_DEBUG, "DEVICE_EVENT", "an event is done", F_STR("ACTION", e->action), F_STR("DEVICE", e->dev->devpath), F_ERRNO(r));
	log_set_level(level);
	return r;
}

static void handle(struct worker *w, const struct order *o, const char *text, struct outcome *out)
{
	static const struct event_host host = { program_run, host_write };
	_cleanup_(closep) int lock = -1;
	struct uevent u;
	struct device *d = NULL;
	struct event e = { 0 };
	int r = uevent_kernel(text, o->message_bytes, &u);

	if (r == 0)
		r = device_from_uevent(&d, &w->arena, w->config->sysfs, &u);
	if (r == 0)
		r = add_properties(d, text + o->message_bytes, o->properties_bytes);
	if (r == 0) {
		event_init(&e, &w->arena, d, u.action);
		e.host = &host;
		e.sink = &w->sink;
		e.db = &w->db;
		e.timeout_usec = o->timeout_usec;
		r = host_lock(&e, &lock);
		if (r == -EAGAIN) {
			out->verb = OUTCOME_LOCKED;
			return;
		}
		r = work(w, &e, o);
	}
	if (r == 0)
		r = broadcast_device(w->monitor, &e, &w->message);
	out->verb = r < 0 ? OUTCOME_FAILED : OUTCOME_DONE;
	out->error = r;
	if (d && e.slow_file) {
		size_t n = strlen(e.slow_file), most = PLACE_BYTES - 16;

		out->slow_usec = e.slow_usec;
		snprintf(out->slow_place, sizeof(out->slow_place), "%s:%u", e.slow_file + (n > most ? n - most : 0), e.slow_line);
	}
}

/* ---- orders ---- */

static int obey(struct worker *w, const struct order *o, char *text, struct outcome *out)
{
	uint64_t begin = now_usec(CLOCK_MONOTONIC);

	log_set_level(o->log_level);
	switch ((enum order_verb)o->verb) {
	case ORDER_EVENT:
		handle(w, o, text, out);
		break;
	case ORDER_WATCHED:
		out->verb = OUTCOME_DONE;
		watch_change(w->config->sysfs, text);
		break;
	case ORDER_REPAIR:
		out->verb = OUTCOME_DONE;
		repair_all(w->config->sysfs, w->db.run);
		break;
	case ORDER_END:
		return 1;
	}
	arena_reset(&w->arena);
	if (w->message.cap > ARENA_KEPT)
		buf_finish(&w->message);
	out->usec = now_usec(CLOCK_MONOTONIC) - begin;
	return 0;
}

static int serve(struct worker *w)
{
	static char packet[CHANNEL_BYTES];

	for (;;) {
		ssize_t n = recv(w->config->orders, packet, sizeof(packet) - 1, 0);
		struct outcome out = { 0 };
		struct order o;

		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0 || (n < 0 && errno == ECONNRESET))
			return 0;                       /* the listener is gone */
		if (n < (ssize_t)sizeof(o))
			return n < 0 ? -errno : -EBADMSG;
		packet[n] = '\0';
		memcpy(&o, packet, sizeof(o));
		if (sizeof(o) + o.message_bytes + o.properties_bytes != (size_t)n)
			return -EBADMSG;
		if (obey(w, &o, packet + sizeof(o), &out) > 0)
			return 0;
		if (send(w->config->orders, &out, sizeof(out), MSG_NOSIGNAL) != sizeof(out))
			return -errno;
	}
}

/* ---- what a worker may do: no new process, no new program, no mount ---- */

static const char *const node_calls[] = {
	"mknod", "mknodat", "chown", "lchown", "fchown", "fchownat", "setxattr", "lsetxattr", "fsetxattr", "getxattr", "lgetxattr", "fgetxattr",
	"listxattr", "llistxattr", "removexattr", "lremovexattr", "inotify_add_watch", "inotify_rm_watch", "fadvise64", "utime", "utimes", NULL,
};
static const char *const device_calls[] = { "ioctl", "socket", "sync_file_range", NULL };
static const char *const module_calls[] = { "init_module", "finit_module", "delete_module", NULL };
static const struct sandbox_group groups[] = {
	{ "memory", sandbox_memory }, { "files", sandbox_files }, { "nodes, labels, watches", node_calls }, { "asking devices, links of the network", device_calls },
	{ "builtin kmod", module_calls }, { "time", sandbox_time }, { "waiting", sandbox_poll }, { "sockets", sandbox_sockets },
	{ "locks of libc", sandbox_threads }, { "signals", sandbox_signals }, { "leaving", sandbox_exit },
};
static const struct sandbox_list list = { "devmaster-worker", groups, ARRAY_SIZE(groups) };

int worker_main(const struct worker_config *config)
{
	static char kept[ARENA_KEPT];
	struct worker w = { .config = config, .db = { config->watch.run }, .sink = { report },
			    .arena = { .mem = kept, .len = sizeof(kept), .max = ARENA_MOST } };
	int r;

	w.place = (struct node_place){ .db = &w.db, .dev = config->dev, .apply = true, .decided = host_rename };
	worker_context = (struct worker_context){ config->runner, &w.place };
	prctl(PR_SET_NAME, "devmaster-work");
	umask(022);
	w.monitor = monitor_open(0);
	if (w.monitor < 0) {
		log_event(LOG_ERR, "DEVICE_WORKER", "no socket to tell of events", F_ERRNO(w.monitor));
		return 1;
	}
	builtin_prepare();
	r = sandbox_enter(&list);
	if (r == 0)
		r = serve(&w);
	if (r < 0)
		log_event(LOG_ERR, "DEVICE_WORKER", "a worker cannot go on", F_ERRNO(r));
	buf_finish(&w.message);
	return r < 0 ? 1 : 0;
}
