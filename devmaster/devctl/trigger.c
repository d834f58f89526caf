/* trigger.c - devctl trigger: ask the kernel for events; udevadm(8) "trigger", sysfs-uevent of the kernel */
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include "devctl.h"
#include "enumerate/enumerate.h"
#include "monitor/monitor.h"
#include "value.h"

#define RECEIVE_BUFFER (128 << 20)
#define AT(f) offsetof(struct devctl, f)
static const struct key_enum types[] = {
	{ "devices", ENUMERATE_DEVICES }, { "subsystems", ENUMERATE_SUBSYSTEMS }, { "all", ENUMERATE_DEVICES | ENUMERATE_SUBSYSTEMS }, { NULL, 0 },
};

/* a filter is kept as its letter and its argument */
static const struct filter_letter { char letter; enum enumerate_kind kind; bool pair; } letters[] = {
	{ 's', ENUMERATE_SUBSYSTEM }, { 'S', ENUMERATE_NO_SUBSYSTEM }, { 'a', ENUMERATE_ATTR, true }, { 'A', ENUMERATE_NO_ATTR, true },
	{ 'p', ENUMERATE_PROPERTY, true }, { 'g', ENUMERATE_TAG }, { 'y', ENUMERATE_NAME }, { 'b', ENUMERATE_PARENT }, { 'n', ENUMERATE_PARENT },
};

static const struct option_row rows[] = {
	{ "verbose", 'v', OPTION_FLAG, NULL, AT(trigger.verbose), .doc = "print each device" },
	{ "dry-run", 'n', OPTION_FLAG, NULL, AT(trigger.dry_run), .doc = "ask for nothing" },
	{ "quiet", 'q', OPTION_FLAG, NULL, AT(quiet), .doc = "do not say what failed" },
	{ "type", 't', OPTION_ENUM, "TYPE", AT(trigger.type), types, .doc = "devices (default), subsystems (with drivers and modules) or all" },
	{ "action", 'c', OPTION_STRING, "ACTION", AT(trigger.action), .doc = "of the events: change (default), add, ...; help lists them" },
	{ "subsystem-match", 's', OPTION_LIST, "SUBSYSTEM", AT(trigger.filters), "s", .doc = "devices of this subsystem" },
	{ "subsystem-nomatch", 'S', OPTION_LIST, "SUBSYSTEM", AT(trigger.filters), "S", .doc = "none of this one" },
	{ "attr-match", 'a', OPTION_LIST, "FILE[=VALUE]", AT(trigger.filters), "a", .doc = "devices with this attribute" },
	{ "attr-nomatch", 'A', OPTION_LIST, "FILE[=VALUE]", AT(trigger.filters), "A", .doc = "none with this one" },
	{ "property-match", 'p', OPTION_LIST, "KEY=VALUE", AT(trigger.filters), "p", .doc = "devices with this property" },
	{ "tag-match", 'g', OPTION_LIST, "TAG", AT(trigger.filters), "g", .doc = "devices with this tag" },
	{ "sysname-match", 'y', OPTION_LIST, "NAME", AT(trigger.filters), "y", .doc = "devices of this name in /sys" },
	{ "name-match", 0, OPTION_LIST, "NAME", AT(trigger.filters), "n", .doc = "the device with this node, and what is below it" },
	{ "parent-match", 'b', OPTION_LIST, "DEVICE", AT(trigger.filters), "b", .doc = "this device and what is below it" },
	{ "initialized-match", 0, OPTION_CONST, NULL, AT(trigger.initialized), NULL, ENUMERATE_INITIALIZED, .doc = "devices that have a record" },
	{ "initialized-nomatch", 0, OPTION_CONST, NULL, AT(trigger.initialized), NULL, ENUMERATE_UNINITIALIZED, .doc = "devices that have none" },
	{ "settle", 'w', OPTION_FLAG, NULL, AT(trigger.settle), .doc = "wait until the events asked for are done" },
	{ "wait-daemon", 0, OPTION_STRING, "[SECONDS]", AT(trigger.wait_daemon), "5", .doc = "wait for the daemon first, at most so long (5)" },
	{ "uuid", 0, OPTION_FLAG, NULL, AT(trigger.uuid), .doc = "give each event a UUID and print it" },
	{ "prioritized-subsystem", 0, OPTION_WORDS, "SUBSYSTEM[,...]", AT(trigger.first), .doc = "its devices and their parents before all others" },
};
const struct option_set trigger_options = { rows, ARRAY_SIZE(rows) };

static int add_device(struct devctl *c, struct enumerate *e, const char *word)
{
	struct arena arena = ARENA_HEAP(DEVICE_BYTES_MAX);
	struct device *d;
	int r = find_device(c, &arena, word, &d);

	if (r == 0)
		r = enumerate_match(e, ENUMERATE_PARENT, d->path, NULL);
	arena_reset(&arena);
	return r < 0 ? devctl_fail(c, word, r) : 0;
}

static int add_filter(struct devctl *c, struct enumerate *e, const char *text)
{
	const struct filter_letter *l = letters;
	_cleanup_(freep) char *key = strdup(text + 1);
	char *eq;

	while (l->letter != text[0])
		l++;
	if (!key)
		return -ENOMEM;
	if (l->kind == ENUMERATE_PARENT) {
		_cleanup_(freep) char *path = text[0] == 'n' ? find_path(c->devdir, text + 1) : strdup(text + 1);

		return path ? add_device(c, e, path) : -ENOMEM;
	}
	eq = l->pair ? strchr(key, '=') : NULL;
	if (eq)
		*eq = '\0';
	return enumerate_match(e, l->kind, key, eq ? eq + 1 : NULL);
}

static void make_uuid(char out[37])
{
	uint8_t b[16];
	size_t n = 0;

	random_bytes(b, sizeof(b));
	b[6] = (b[6] & 0x0f) | 0x40;                    /* RFC 9562: version 4, its variant */
	b[8] = (b[8] & 0x3f) | 0x80;
	for (size_t i = 0; i < sizeof(b); i++)
		n += (size_t)snprintf(out + n, 37 - n, "%02x%s", b[i], i == 3 || i == 5 || i == 7 || i == 9 ? "-" : "");
}

static int write_uevent(const char *path, const char *text)
{
	_cleanup_(closep) int fd = -1;
	char file[PATH_MAX];
	size_t n = strlen(text);

	if ((size_t)snprintf(file, sizeof(file), "%s/uevent", path) >= sizeof(file))
		return -ENAMETOOLONG;
	fd = open(file, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	return write(fd, text, n) == (ssize_t)n ? 0 : errno ? -errno : -EIO;
}

/* the device manager says that it is done with an event by sending it on, with the UUID that it was asked for with */
static int forget_done(struct devctl *c, int fd, char **pending, size_t *n)
{
	char data[UEVENT_BYTES_MAX];
	struct uevent u;

	for (;;) {
		ssize_t size = monitor_receive(fd, data, sizeof(data), NULL);
		const char *uuid;

		if (size == -EAGAIN)
			return 0;
		if (size < 0 && size != -EPERM && size != -EMSGSIZE)
			return (int)size;
		if (size < 0 || monitor_decode(data, (size_t)size, &u, NULL) < 0 || !(uuid = uevent_get(&u, "SYNTH_UUID")))
			continue;
		for (size_t i = 0; i < *n; i++) {
			if (!streq(pending[i], uuid))
				continue;
			if (c->trigger.verbose)
				fprintf(c->out, "settle %s%s\n", c->sysfs, u.devpath);
			if (c->trigger.uuid)
				fprintf(c->out, "settle %s\n", uuid);
			free(pending[i]);
			pending[i] = pending[--*n];
			pending[*n] = NULL;
			break;
		}
	}
}

static int await_all(struct devctl *c, int fd, char **pending)
{
	size_t n = strv_len(pending);
	int r = 0;

	while (r == 0 && n > 0) {
		struct pollfd p = { fd, POLLIN, 0 };

		r = poll(&p, 1, -1) < 0 && errno != EINTR ? -errno : forget_done(c, fd, pending, &n);
	}
	return r;
}

/* 0, or what ends the whole run; what only this device failed at goes to *@status. @pending: of --settle */
static int trigger(struct devctl *c, const char *path, int *status, char ***pending)
{
	bool with_uuid = c->trigger.uuid || c->trigger.settle;
	char uuid[37], text[64];
	int r;

	if (c->trigger.verbose)
		fprintf(c->out, "%s\n", path);
	if (c->trigger.dry_run)
		return 0;
	make_uuid(uuid);
	snprintf(text, sizeof(text), "%s%s%s\n", c->trigger.action, with_uuid ? " " : "", with_uuid ? uuid : "");
	r = write_uevent(path, text);
	if (r == 0 && c->trigger.uuid)
		fprintf(c->out, "%s\n", uuid);
	if (r == 0 && c->trigger.settle)
		return strv_add(pending, uuid) < 0 ? -ENOMEM : 0;
	if (r == 0 || r == -ENOENT)                     /* it has gone, or takes no events */
		return 0;
	if (!c->quiet)
		devctl_fail(c, path, r);
	if (r != -ENODEV)                               /* some drivers say so of devices that are there */
		*status = 1;
	return r == -EACCES || r == -EPERM || r == -EROFS ? r : 0;
}

static int prepare(struct devctl *c, struct enumerate *e, char **words, size_t n)
{
	int r = 0;

	enumerate_initialized(e, (enum enumerate_initialized)c->trigger.initialized);
	for (char **p = c->trigger.filters; p && *p && r == 0; p++)
		r = add_filter(c, e, *p);
	for (size_t i = 0; i < n && r == 0; i++)
		r = add_device(c, e, words[i]);
	for (char **p = c->trigger.first; p && *p && r == 0; p++)
		r = enumerate_first(e, *p);
	return r;
}

static int await_daemon(struct devctl *c)
{
	uint64_t span;
	int r;

	if (!c->trigger.wait_daemon)
		return 0;
	if (value_sec(c->trigger.wait_daemon, USEC_PER_SEC, &span) < 0) {
		fprintf(c->err, "%s: --wait-daemon: '%s' is not valid, expected seconds or a time span\n", c->program, c->trigger.wait_daemon);
		return devctl_usage(c);
	}
	r = devctl_ping(c, span);
	return r < 0 ? devctl_fail(c, "the daemon does not answer", r) : 0;
}

/* all @paths, and with --settle until they are done */
static int trigger_all(struct devctl *c, const char *const *paths, size_t n)
{
	_cleanup_(strv_freep) char **pending = NULL;
	_cleanup_(closep) int monitor = -1;
	int status = 0, r = 0;

	if (c->trigger.settle && !c->trigger.dry_run) {
		monitor = r = monitor_open(MONITOR_UDEV);
		if (r < 0)
			return devctl_fail(c, "netlink", r);
		monitor_set_buffer(monitor, RECEIVE_BUFFER);
		r = 0;
	}
	for (size_t i = 0; i < n && r == 0; i++)
		r = trigger(c, paths[i], &status, &pending);
	if (r == 0 && pending) {
		fflush(c->out);
		r = await_all(c, monitor, pending);
		if (r < 0)
			status = devctl_fail(c, "netlink", r);
	}
	return status;
}

int verb_trigger(struct devctl *c, char **words, size_t n)
{
	_cleanup_(enumerate_freep) struct enumerate *e = NULL;
	const char *const *paths = NULL;
	size_t n_paths = 0;
	int status = 0, r;

	if (!find_action(c, c->trigger.action, &status))
		return status;
	r = await_daemon(c);
	if (r)
		return r;
	r = enumerate_new(&e, c->sysfs, c->run);
	if (r == 0)
		r = prepare(c, e, words, n);
	if (r > 0)
		return r;
	if (r == 0)
		r = enumerate_scan(e, (unsigned)c->trigger.type);
	if (r == 0 && !(paths = enumerate_paths(e, &n_paths)))
		r = -ENOMEM;
	return r < 0 ? devctl_fail(c, "devices", r) : trigger_all(c, paths, n_paths);
}
