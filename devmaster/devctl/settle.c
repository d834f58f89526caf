/* settle.c - devctl settle and control: the queue and the control socket; udevadm(8) */
#include <limits.h>
#include <syslog.h>
#include "control/wire.h"
#include "devctl.h"
#include "value.h"

#define AT(f) offsetof(struct devctl, f)
#define PING_LEAST_USEC (5 * USEC_PER_SEC)
#define WAIT_DEFAULT_USEC (60 * USEC_PER_SEC)

static const struct option_row settle_rows[] = {
	{ "timeout", 't', OPTION_STRING, "SECONDS", AT(timeout), .doc = "at most so long (120); 0: only look" },
	{ "exit-if-exists", 'E', OPTION_STRING, "FILE", AT(exists), .doc = "end when this file is there" },
};
const struct option_set settle_options = { settle_rows, ARRAY_SIZE(settle_rows) };

static const struct option_row control_rows[] = {
	{ "exit", 'e', OPTION_FLAG, NULL, AT(control.exit), .doc = "let the daemon finish what it does and end" },
	{ "log-level", 'l', OPTION_STRING, "LEVEL", AT(control.log_level), .doc = "emerg, alert, crit, err, warning, notice, info, debug or 0 to 7" },
	{ "log-priority", 0, OPTION_STRING, "LEVEL", AT(control.log_level), .doc = NULL },
	{ "stop-exec-queue", 's', OPTION_CONST, NULL, AT(control.queue), NULL, CONTROL_STOP_QUEUE, .doc = "keep events, begin none" },
	{ "start-exec-queue", 'S', OPTION_CONST, NULL, AT(control.queue), NULL, CONTROL_START_QUEUE, .doc = "go on with them" },
	{ "reload", 'R', OPTION_FLAG, NULL, AT(control.reload), .doc = "read rules and databases anew" },
	{ "reload-rules", 0, OPTION_FLAG, NULL, AT(control.reload), .doc = NULL },
	{ "property", 'p', OPTION_LIST, "KEY=VALUE", AT(control.properties), "", .doc = "set for all events from now on" },
	{ "env", 0, OPTION_LIST, "KEY=VALUE", AT(control.properties), "", .doc = NULL },
	{ "children-max", 'm', OPTION_STRING, "N", AT(control.children), .doc = "so many events at a time" },
	{ "ping", 0, OPTION_FLAG, NULL, AT(control.ping), .doc = "wait for an answer" },
	{ "timeout", 't', OPTION_STRING, "SECONDS", AT(timeout), .doc = "wait for an answer at most so long (60)" },
};
const struct option_set control_options = { control_rows, ARRAY_SIZE(control_rows) };

int devctl_span(struct devctl *c, uint64_t *span)
{
	if (!c->timeout || value_sec(c->timeout, USEC_PER_SEC, span) == 0)
		return 0;
	fprintf(c->err, "%s: --timeout: '%s' is not valid, expected seconds or a time span\n", c->program, c->timeout);
	return devctl_usage(c);
}

static int connect_control(struct devctl *c)
{
	char path[PATH_MAX];

	return (size_t)snprintf(path, sizeof(path), "%s/control", c->run) < sizeof(path) ? control_connect(path) : -ENAMETOOLONG;
}

int devctl_ping(struct devctl *c, uint64_t timeout_usec)
{
	_cleanup_(closep) int fd = connect_control(c);
	int r = fd < 0 ? fd : control_send(fd, &(struct control_message){ .verb = CONTROL_PING });

	return r < 0 ? r : control_wait(fd, timeout_usec);
}

bool devctl_queue_empty(struct devctl *c)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/queue", c->run);
	return access(path, F_OK) < 0;
}

static int settled(void *arg)
{
	struct devctl *c = arg;

	return (c->exists && access(c->exists, F_OK) == 0) || devctl_queue_empty(c);
}

int verb_settle(struct devctl *c, char **words, size_t n)
{
	_cleanup_(watch_freep) struct watch *w = NULL;
	uint64_t span = 120 * USEC_PER_SEC, deadline;
	int r = devctl_span(c, &span);

	if (r)
		return r;
	deadline = watch_deadline(span);
	/* what the kernel said before the ping is in the queue behind it. No daemon: nothing is pending */
	r = geteuid() == 0 ? devctl_ping(c, MAX(PING_LEAST_USEC, span)) : 0;
	if (r == -ENOENT || r == -ECONNREFUSED)
		return 0;
	if (r < 0)
		return devctl_fail(c, "the daemon does not answer", r);
	r = watch_new(&w);
	if (r == 0)
		r = watch_add(w, c->run);
	if (r == 0)
		r = watch_wait(w, deadline, settled, c);
	return r < 0 ? devctl_fail(c, "events are pending", r) : 0;
}

static const struct key_enum levels[] = {
	{ "emerg", LOG_EMERG }, { "alert", LOG_ALERT }, { "crit", LOG_CRIT }, { "err", LOG_ERR }, { "warning", LOG_WARNING }, { "notice", LOG_NOTICE }, { "info", LOG_INFO }, { "debug", LOG_DEBUG }, { NULL, 0 },
};

static int wrong(struct devctl *c, const char *option, const char *value, const char *expected)
{
	fprintf(c->err, "%s: --%s: '%s' is not valid, expected %s\n", c->program, option, value, expected);
	return -EINVAL;
}

/* messages in the order in which they are sent */
static int messages(struct devctl *c, struct control_message *m, size_t max)
{
	uint64_t number;
	size_t n = 0;

	if (c->control.exit)
		m[n++] = (struct control_message){ .verb = CONTROL_EXIT };
	if (c->control.log_level) {
		struct control_message level = { .verb = CONTROL_LOG_LEVEL };

		if (value_unsigned(c->control.log_level, LOG_DEBUG, &number) == 0)
			level.number = (int)number;
		else if (key_enum_value(levels, c->control.log_level, &level.number) < 0)
			return wrong(c, "log-level", c->control.log_level, "a level of syslog(3)");
		m[n++] = level;
	}
	if (c->control.queue)
		m[n++] = (struct control_message){ .verb = (enum control_verb)c->control.queue };
	if (c->control.reload)
		m[n++] = (struct control_message){ .verb = CONTROL_RELOAD };
	for (char **p = c->control.properties; p && *p; p++) {
		if (!strchr(*p, '=') || strlen(*p) >= CONTROL_TEXT_BYTES || n + 3 >= max)
			return wrong(c, "property", *p, "KEY=VALUE");
		m[n++] = (struct control_message){ .verb = CONTROL_PROPERTY, .text = *p };
	}
	if (c->control.children) {
		if (value_unsigned(c->control.children, INT_MAX, &number) < 0)
			return wrong(c, "children-max", c->control.children, "a number");
		m[n++] = (struct control_message){ .verb = CONTROL_CHILDREN_MAX, .number = (int)number };
	}
	if (c->control.ping)
		m[n++] = (struct control_message){ .verb = CONTROL_PING };
	return (int)n;
}

#define MESSAGES_MAX 256

int verb_control(struct devctl *c, char **words, size_t n)
{
	struct control_message m[MESSAGES_MAX];
	uint64_t span = WAIT_DEFAULT_USEC;
	int r = devctl_span(c, &span), count = r ? 0 : messages(c, m, MESSAGES_MAX);
	_cleanup_(closep) int fd = -1;

	if (r || count < 0)
		return r ? r : devctl_usage(c);
	if (count == 0) {
		if (c->timeout)
			return 0;
		fprintf(c->err, "%s: control: an option is needed that says what to do\n", c->program);
		return devctl_usage(c);
	}
	if (c->control.exit)                            /* it hears nothing behind that */
		count = 1;
	fd = r = connect_control(c);
	for (int i = 0; i < count && r >= 0; i++)
		r = control_send(fd, &m[i]);
	if (r >= 0)
		r = control_wait(fd, span);
	return r < 0 ? devctl_fail(c, "control socket", r) : 0;
}
