/* trigger.c - devctl trigger: ask the kernel for events; udevadm(8) "trigger", sysfs-uevent of the kernel */
#include <fcntl.h>
#include <limits.h>
#include "devctl.h"
#include "enumerate/enumerate.h"
#include "value.h"

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

/* 0, or what ends the whole run; what only this device failed at goes to *@status */
static int trigger(struct devctl *c, const char *path, int *status)
{
	char uuid[37], text[64];
	int r;

	if (c->trigger.verbose)
		fprintf(c->out, "%s\n", path);
	if (c->trigger.dry_run)
		return 0;
	make_uuid(uuid);
	snprintf(text, sizeof(text), "%s%s%s\n", c->trigger.action, c->trigger.uuid ? " " : "", c->trigger.uuid ? uuid : "");
	r = write_uevent(path, text);
	if (r == 0 && c->trigger.uuid)
		fprintf(c->out, "%s\n", uuid);
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

int verb_trigger(struct devctl *c, char **words, size_t n)
{
	_cleanup_(enumerate_freep) struct enumerate *e = NULL;
	const char *const *paths;
	size_t n_paths;
	int status = 0, r;

	if (!find_action(c, c->trigger.action, &status))
		return status;
	r = enumerate_new(&e, c->sysfs, c->run);
	if (r == 0)
		r = prepare(c, e, words, n);
	if (r > 0)
		return r;
	if (r == 0)
		r = enumerate_scan(e, (unsigned)c->trigger.type);
	if (r == 0 && !(paths = enumerate_paths(e, &n_paths)))
		r = -ENOMEM;
	if (r < 0)
		return devctl_fail(c, "devices", r);
	for (size_t i = 0; i < n_paths && r == 0; i++)
		r = trigger(c, paths[i], &status);
	return status;
}
