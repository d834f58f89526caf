/* monitor.c - devctl monitor: events of the kernel and of the device manager as they come; udevadm(8) "monitor" */
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include "devctl.h"
#include "monitor/monitor.h"
#include "value.h"

#define AT(f) offsetof(struct devctl, f)
#define RECEIVE_BUFFER (128 << 20)
static const struct option_row rows[] = {
	{ "property", 'p', OPTION_FLAG, NULL, AT(monitor.properties), .doc = "properties, too" },
	{ "environment", 'e', OPTION_FLAG, NULL, AT(monitor.properties), .doc = NULL },
	{ "kernel", 'k', OPTION_FLAG, NULL, AT(monitor.kernel), .doc = "events of the kernel" },
	{ "udev", 'u', OPTION_FLAG, NULL, AT(monitor.udev), .doc = "events of the device manager, behind its rules" },
	{ "subsystem-match", 's', OPTION_LIST, "SUBSYSTEM[/DEVTYPE]", AT(monitor.subsystems), "", .doc = "events of these devices alone" },
	{ "tag-match", 't', OPTION_LIST, "TAG", AT(monitor.tags), "", .doc = "events with this tag alone; the kernel's have none" },
	{ "json", 0, OPTION_FLAG, NULL, AT(json), .doc = "an object on a line for each" },
};
const struct option_set monitor_options = { rows, ARRAY_SIZE(rows) };

/* sd-device's order: numbers behind what else was said, then what it puts together itself */
static int rank(const char *line)
{
	static const char *const late[] = { "MAJOR=", "MINOR=", "DEVLINKS=", "TAGS=", "CURRENT_TAGS=" };

	for (size_t i = 0; i < ARRAY_SIZE(late); i++)
		if (startswith(line, late[i]))
			return (int)i + 1;
	return 0;
}

static void print_text(struct devctl *c, const struct uevent *u, bool kernel)
{
	struct timespec ts;
	const char *p = NULL, *line;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	fprintf(c->out, "%-6s[%lld.%06ld] %-8s %s (%s)\n", kernel ? "KERNEL" : "UDEV", (long long)ts.tv_sec, ts.tv_nsec / 1000, u->action, u->devpath, u->subsystem);
	if (c->monitor.properties) {
		for (int i = 0; i <= 5; i++)
			for (p = NULL; (line = uevent_next(u, &p));)
				if (rank(line) == i)
					fprintf(c->out, "%s\n", line);
		fputc('\n', c->out);
	}
}

static void print_json(struct devctl *c, const struct uevent *u, bool kernel)
{
	const char *p = NULL, *line;
	struct buf b = { 0 };

	buf_addf(&b, "{\"source\": \"%s\", \"usec\": %" PRIu64 ", \"properties\": {", kernel ? "kernel" : "udev", now_usec(CLOCK_MONOTONIC));
	while ((line = uevent_next(u, &p))) {
		const char *eq = strchr(line, '=');
		char *key = strndup(line, (size_t)(eq - line));

		if (key) {
			json_key(&b, key);
			json_string(&b, eq + 1);
		}
		free(key);
	}
	buf_adds(&b, "}}\n");
	if (buf_error(&b) == 0)
		fwrite(b.data, 1, b.len, c->out);
	buf_finish(&b);
}

/* all that is there. 0 or negative errno */
static int drain(struct devctl *c, int fd, const struct monitor_filter *f, bool kernel)
{
	char data[UEVENT_BYTES_MAX];

	for (;;) {
		struct uevent u;
		int group;
		ssize_t n = monitor_receive(fd, data, sizeof(data), &group);

		if (n == -EAGAIN)
			break;
		if (n == -ENOBUFS)
			fprintf(c->err, "%s: monitor: events came faster than they were read, some are lost\n", c->program);
		else if (n < 0 && n != -EPERM && n != -EMSGSIZE)
			return (int)n;
		if (n < 0 || monitor_decode(data, (size_t)n, &u, NULL) < 0 || !monitor_passes(f, &u))
			continue;
		if (c->json)
			print_json(c, &u, kernel);
		else
			print_text(c, &u, kernel);
	}
	fflush(c->out);
	return 0;
}

static int open_filtered(int group, const struct monitor_filter *f)
{
	_cleanup_(closep) int fd = monitor_open(group);

	if (fd < 0)
		return fd;
	monitor_set_buffer(fd, RECEIVE_BUFFER);
	if ((f->n_matches || f->n_tags) && group == MONITOR_UDEV)
		monitor_attach(fd, f);                  /* it only spares work: monitor_passes() has the last word */
	return TAKE_FD(fd);
}

static int loop(struct devctl *c, const struct monitor_filter *filter)
{
	const bool kernel = c->monitor.kernel || !c->monitor.udev, udev = c->monitor.udev || !c->monitor.kernel;
	int fds[2] = { -1, -1 }, r = 0;
	_cleanup_(closep) int signals = -1;
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGTERM);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	signals = signalfd(-1, &mask, SFD_CLOEXEC);
	if (kernel)
		r = fds[0] = open_filtered(MONITOR_KERNEL, filter);
	if (udev && r >= 0)
		r = fds[1] = open_filtered(MONITOR_UDEV, filter);
	if (r >= 0 && !c->json) {
		fprintf(c->out, "events shown are those of:\n%s%s\n", udev ? "UDEV - the device manager, behind its rules\n" : "", kernel ? "KERNEL - the kernel\n" : "");
		fflush(c->out);
	}
	while (r >= 0) {
		struct pollfd p[3] = { { fds[0], POLLIN, 0 }, { fds[1], POLLIN, 0 }, { signals, POLLIN, 0 } };

		if (poll(p, 3, -1) < 0 && errno != EINTR)
			r = -errno;
		if (p[2].revents)
			break;
		for (int i = 0; i < 2 && r >= 0; i++)
			if (p[i].revents)
				r = drain(c, fds[i], filter, i == 0);
	}
	closep(&fds[0]);
	closep(&fds[1]);
	return r < 0 ? devctl_fail(c, "netlink", r) : 0;
}

int verb_monitor(struct devctl *c, char **words, size_t n)
{
	size_t n_matches = strv_len(c->monitor.subsystems), n_tags = strv_len(c->monitor.tags);
	_cleanup_(freep) struct monitor_match *matches = calloc(n_matches + 1, sizeof(*matches));
	const struct monitor_filter filter = { matches, n_matches, (const char *const *)c->monitor.tags, n_tags };

	if (!matches)
		return devctl_fail(c, "monitor", -ENOMEM);
	for (size_t i = 0; i < n_matches; i++) {
		char *slash = strchr(c->monitor.subsystems[i], '/');

		if (slash)
			*slash++ = '\0';
		matches[i] = (struct monitor_match){ c->monitor.subsystems[i], slash };
	}
	return loop(c, &filter);
}
