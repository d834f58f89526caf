/* uevent.c - see uevent.h; the keys that say which device it is are a table */
#include <limits.h>
#include <stdio.h>
#include <sys/sysmacros.h>
#include "uevent.h"

struct numbers { uint64_t seqnum, major, minor, ifindex; };

static const struct row { const char *key; size_t off; } texts[] = {
	{ "ACTION", offsetof(struct uevent, action) },
	{ "DEVPATH", offsetof(struct uevent, devpath) },
	{ "SUBSYSTEM", offsetof(struct uevent, subsystem) },
	{ "DEVPATH_OLD", offsetof(struct uevent, devpath_old) },
	{ "DEVTYPE", offsetof(struct uevent, devtype) },
	{ "DEVNAME", offsetof(struct uevent, devname) },
}, numbers[] = {
	{ "SEQNUM", offsetof(struct numbers, seqnum) },
	{ "MAJOR", offsetof(struct numbers, major) },
	{ "MINOR", offsetof(struct numbers, minor) },
	{ "IFINDEX", offsetof(struct numbers, ifindex) },
};

static int take(struct uevent *u, struct numbers *n, const char *line, size_t key_len)
{
	const char *value = line + key_len + 1;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		if (strncmp(texts[i].key, line, key_len) == 0 && !texts[i].key[key_len]) {
			*(const char **)((char *)u + texts[i].off) = value;
			return 0;
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		if (strncmp(numbers[i].key, line, key_len) == 0 && !numbers[i].key[key_len]) {
			char *end;

			if (*value < '0' || *value > '9')
				return -EBADMSG;
			errno = 0;
			*(uint64_t *)((char *)n + numbers[i].off) = strtoull(value, &end, 10);
			return *end || errno ? -EBADMSG : 0;
		}
	}
	return 0;
}

/* a path that may be put behind that of sysfs */
static bool good_path(const char *p)
{
	return p[0] == '/' && p[1] && strlen(p) < PATH_MAX - 64 && !strstr(p, "/../") && !endswith(p, "/..");
}

static bool complete(const struct uevent *u)
{
	return u->action && *u->action && u->devpath && good_path(u->devpath) && u->subsystem && *u->subsystem && u->seqnum &&
	       (!u->devpath_old || good_path(u->devpath_old));
}

int uevent_properties(const char *text, size_t n, struct uevent *ret)
{
	struct uevent u = { .properties = text, .len = n };
	struct numbers number = { 0 };

	if (n == 0 || text[n - 1])
		return -EBADMSG;
	for (const char *p = text, *end = text + n; p < end; p += strlen(p) + 1) {
		size_t key_len = strcspn(p, "=");

		if (key_len == 0 || !p[key_len] || take(&u, &number, p, key_len) < 0)
			return -EBADMSG;
	}
	u.seqnum = number.seqnum;
	if (!complete(&u) || number.major > UINT32_MAX || number.minor > UINT32_MAX || number.ifindex > INT_MAX)
		return -EBADMSG;
	u.devnum = number.major ? makedev((unsigned)number.major, (unsigned)number.minor) : 0;
	u.ifindex = (int)number.ifindex;
	u.is_block = streq(u.subsystem, "block");
	*ret = u;
	return 0;
}

int uevent_kernel(const char *text, size_t n, struct uevent *ret)
{
	size_t head = strnlen(text, n);
	const char *at = memchr(text, '@', head);

	if (head == n || !at || at == text || at[1] != '/')
		return -EBADMSG;
	return uevent_properties(text + head + 1, n - head - 1, ret);
}

const char *uevent_next(const struct uevent *u, const char **p)
{
	const char *line = *p ? *p : u->properties;

	if (line >= u->properties + u->len)
		return NULL;
	*p = line + strlen(line) + 1;
	return line;
}

const char *uevent_get(const struct uevent *u, const char *key)
{
	size_t n = strlen(key);
	const char *p = NULL, *line;

	while ((line = uevent_next(u, &p)))
		if (strncmp(line, key, n) == 0 && line[n] == '=')
			return line + n + 1;
	return NULL;
}

int uevent_id(const struct uevent *u, char *out, size_t size)
{
	const char *name = strrchr(u->devpath, '/') + 1, *driver = streq(u->subsystem, "drivers") ? strstr(u->devpath, "/drivers/") : NULL;
	int n;

	if (u->devnum)
		n = snprintf(out, size, "%c%u:%u", u->is_block ? 'b' : 'c', major(u->devnum), minor(u->devnum));
	else if (u->ifindex)
		n = snprintf(out, size, "n%d", u->ifindex);
	else if (driver) {
		const char *from = driver;

		while (from > u->devpath && from[-1] != '/')
			from--;
		n = snprintf(out, size, "+drivers:%.*s:%s", (int)(driver - from), from, name);
	} else
		n = snprintf(out, size, "+%s:%s", u->subsystem, name);
	return n >= 0 && (size_t)n < size ? 0 : -ENAMETOOLONG;
}
