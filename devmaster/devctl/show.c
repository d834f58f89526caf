/* show.c - see devctl.h; the letters are those of udevadm(8) "info" */
#include <ctype.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include "devctl.h"
#include "enumerate/enumerate.h"

static int move_behind(struct device *d, const char *key, const char *value, size_t at)
{
	int r = device_set(d, key, NULL, false);
	struct property p;

	at = MIN(at, d->n_props);
	if (r == 0 && value)
		r = device_set(d, key, value, false);
	if (r < 0 || !value)
		return r;
	p = d->props[d->n_props - 1];
	memmove(d->props + at + 1, d->props + at, (d->n_props - 1 - at) * sizeof(p));
	d->props[at] = p;
	return 0;
}

int show_prepare(struct devctl *c, struct device *d, bool early, bool with_driver)
{
	struct database db = { c->run };
	const char *driver = device_driver(d);
	int r = 0;

	/* SUBSYSTEM stands behind DEVPATH, or behind the uevent's; who asks for the driver corrects what that says of it */
	if (!early)
		r = move_behind(d, "SUBSYSTEM", d->subsystem, d->n_props);
	if (r == 0 && with_driver)
		r = device_set(d, "DRIVER", driver, false);
	if (r == 0)
		r = database_read(&db, d);
	return r < 0 ? r : device_finish_properties(d);
}

void show_record(FILE *out, struct device *d, const char *prefix)
{
	const char *seq = device_property(d, "DISKSEQ"), *driver = device_driver(d);

	fprintf(out, "%sP: %s\n%sM: %s\n", prefix, d->devpath, prefix, d->sysname);
	if (d->sysnum)
		fprintf(out, "%sR: %s\n", prefix, d->sysnum);
	if (d->subsystem)
		fprintf(out, "%sU: %s\n", prefix, d->subsystem);
	if (d->devtype)
		fprintf(out, "%sT: %s\n", prefix, d->devtype);
	if (d->devnum)
		fprintf(out, "%sD: %c %u:%u\n", prefix, d->is_block ? 'b' : 'c', major(d->devnum), minor(d->devnum));
	if (d->ifindex)
		fprintf(out, "%sI: %d\n", prefix, d->ifindex);
	if (d->devname) {
		fprintf(out, "%sN: %s\n%sL: %d\n", prefix, d->devname + strlen("/dev/"), prefix, d->link_priority);
		for (size_t i = 0; i < d->links.n; i++)
			fprintf(out, "%sS: %s\n", prefix, d->links.v[i] + strlen("/dev/"));
	}
	if (seq)
		fprintf(out, "%sQ: %s\n", prefix, seq);
	if (driver)
		fprintf(out, "%sV: %s\n", prefix, driver);
	for (size_t i = 0; i < d->n_props; i++)
		fprintf(out, "%sE: %s=%s\n", prefix, d->props[i].key, d->props[i].value);
}

static void json_pair(struct buf *b, const char *key, const char *value)
{
	if (!value)
		return;
	json_key(b, key);
	json_string(b, value);
}

int show_json(FILE *out, struct device *d)
{
	struct buf b = { 0 };
	int r;

	buf_addc(&b, '{');
	json_pair(&b, "devpath", d->devpath);
	json_pair(&b, "sysname", d->sysname);
	json_pair(&b, "sysnum", d->sysnum);
	json_pair(&b, "subsystem", d->subsystem);
	json_pair(&b, "devtype", d->devtype);
	json_pair(&b, "driver", device_driver(d));
	json_pair(&b, "node", d->devname);
	if (d->devnum) {
		json_key(&b, "devnum");
		buf_addf(&b, "\"%c%u:%u\"", d->is_block ? 'b' : 'c', major(d->devnum), minor(d->devnum));
	}
	if (d->ifindex) {
		json_key(&b, "ifindex");
		buf_addf(&b, "%d", d->ifindex);
	}
	json_key(&b, "initialized");
	buf_adds(&b, d->recorded ? "true" : "false");
	json_key(&b, "link_priority");
	buf_addf(&b, "%d", d->link_priority);
	json_words(&b, "symlinks", d->links.v, d->links.n, 0);
	json_words(&b, "tags", d->tags.v, d->tags.n, 0);
	json_words(&b, "current_tags", d->current_tags.v, d->current_tags.n, 0);
	json_key(&b, "properties");
	buf_addc(&b, '{');
	for (size_t i = 0; i < d->n_props; i++)
		json_pair(&b, d->props[i].key, d->props[i].value);
	buf_adds(&b, "}}\n");
	r = buf_error(&b);
	if (r == 0)
		fwrite(b.data, 1, b.len, out);
	buf_finish(&b);
	return r;
}

/* what a rule cannot sensibly match */
static bool walk_skips(const char *name)
{
	static const char *const skipped[] = { "uevent", "dev", "modalias", "resource", "driver", "subsystem", "module" };

	for (size_t i = 0; i < ARRAY_SIZE(skipped); i++)
		if (streq(skipped[i], name))
			return true;
	return false;
}

static bool printable(const char *s)
{
	while (*s && isprint((unsigned char)*s))
		s++;
	return !*s;
}

static const char *walk_value(struct device *d, const char *name)
{
	const char *value = device_attr(d, name);
	char path[PATH_MAX];
	struct stat st;

	if (value)
		return value[0] == '/' || !printable(value) ? NULL : value;
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", d->path, name) >= sizeof(path) || lstat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return NULL;
	return !(st.st_mode & S_IRUSR) || access(path, R_OK) < 0 ? "(not readable)" : NULL;
}

static void walk_one(FILE *out, struct device *d, bool first)
{
	const char *s = first ? "" : "S", *driver = device_driver(d);
	struct words names = { 0 };

	fprintf(out, "  looking at %sdevice '%s':\n    KERNEL%s==\"%s\"\n    SUBSYSTEM%s==\"%s\"\n    DRIVER%s==\"%s\"\n", first ? "" : "parent ", d->devpath, s, d->sysname, s,
		d->subsystem ? d->subsystem : "", s, driver ? driver : "");
	if (device_attr_names(d, &names) < 0)
		return;
	for (size_t i = 0; i < names.n; i++) {
		const char *value = walk_skips(names.v[i]) ? NULL : walk_value(d, names.v[i]);

		if (value)
			fprintf(out, "    ATTR%s{%s}==\"%s\"\n", s, names.v[i], value);
	}
	fputc('\n', out);
}

void show_walk(FILE *out, struct device *d)
{
	fprintf(out, "\nThe device and its parents, with what rules can match of each. One rule can\n"
		     "take keys of the device itself, and besides those of one and the same parent.\n\n");
	walk_one(out, d, true);
	while ((d = device_parent(d)))
		walk_one(out, d, false);
}

/* of all devices: as `info` of each, one after another */
int show_db(struct devctl *c)
{
	_cleanup_(enumerate_freep) struct enumerate *e = NULL;
	const char *const *paths = NULL;
	size_t n = 0;
	int r = enumerate_new(&e, c->sysfs, c->run);

	if (r == 0)
		r = enumerate_scan(e, ENUMERATE_DEVICES);
	if (r == 0 && !(paths = enumerate_paths(e, &n)))
		r = -ENOMEM;
	for (size_t i = 0; i < n && r != -ENOMEM; i++) {
		struct arena arena = ARENA_HEAP(DEVICE_BYTES_MAX);
		struct device *d;

		r = device_open(&d, &arena, c->sysfs, paths[i]);
		if (r == 0)
			r = show_prepare(c, d, true, true);
		if (r == 0 && c->json)
			r = show_json(c->out, d);
		else if (r == 0) {
			show_record(c->out, d, "");
			fputc('\n', c->out);
		}
		arena_reset(&arena);
	}
	return r == -ENOMEM ? devctl_fail(c, "devices", r) : 0;
}
