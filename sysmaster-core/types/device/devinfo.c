/* devinfo.c - what is known of a device: the udev database and libudev's messages; udev(7), sd-device(3) */
#include <dirent.h>
#include <endian.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include "buf.h"
#include "types/device/devinfo.h"
#include "unit/key.h"

#define ENTRY_MAX (256u << 10)

static const char *udev_dir = "/run/udev", *sys_dir = "/sys";

void devinfo_use(const char *udev, const char *sys)
{
	udev_dir = udev;
	sys_dir = sys;
}

void devinfo_done(struct devinfo *d)
{
	free(d->syspath);
	free(d->action);
	free(d->old_syspath);
	strv_free(d->paths);
	strv_free(d->wants);
	free(d->model);
	*d = (struct devinfo){ 0 };
}

/* ---- properties ---- */

static int add_words(char ***v, const char *words)
{
	int r = 0;

	while (r >= 0 && *(words += strspn(words, " \t"))) {
		size_t n = strcspn(words, " \t");

		r = strv_consume(v, strndup(words, n));
		words += n;
	}
	return r;
}

static int add_path(struct devinfo *d, const char *name)
{
	char *path;

	if (name[0] == '/')
		return strv_has(d->paths, name) ? 0 : strv_add(&d->paths, name);
	if (asprintf(&path, "/dev/%s", name) < 0)
		return -ENOMEM;
	return strv_consume(&d->paths, path);
}

static int set(char **p, const char *s)
{
	free(*p);
	*p = strdup(s);
	return *p ? 0 : -ENOMEM;
}

static int set_syspath(char **p, const char *devpath)
{
	free(*p);
	return asprintf(p, "/sys%s", devpath) < 0 ? (*p = NULL, -ENOMEM) : 0;
}

static bool has_tag(const char *tags)          /* ":seat:systemd:" */
{
	return strstr(tags, ":systemd:") != NULL;
}

static int take_aliases(struct devinfo *d, const char *words)
{
	_cleanup_(strv_freep) char **v = NULL;
	int r = add_words(&v, words);

	for (size_t i = 0; r >= 0 && v && v[i]; i++)
		if (v[i][0] == '/')
			r = add_path(d, v[i]);
	return r;
}

static int take_property(struct devinfo *d, const char *name, const char *value, bool *current)
{
	uint64_t n;

	if (streq(name, "ACTION"))
		return set(&d->action, value);
	if (streq(name, "DEVPATH"))
		return set_syspath(&d->syspath, value);
	if (streq(name, "DEVPATH_OLD"))
		return set_syspath(&d->old_syspath, value);
	if (streq(name, "DEVNAME"))
		return add_path(d, value);
	if (streq(name, "DEVLINKS") || streq(name, "SYSTEMD_ALIAS"))
		return take_aliases(d, value);
	if (streq(name, "SYSTEMD_WANTS"))
		return add_words(&d->wants, value);
	if (streq(name, "ID_MODEL_FROM_DATABASE") || (streq(name, "ID_MODEL") && !d->model))
		return set(&d->model, value);
	if (streq(name, "SYSTEMD_READY"))
		d->ready = !streq(value, "0");
	else if (streq(name, "CURRENT_TAGS"))           /* newer than TAGS, which also has those of earlier events */
		*current = true, d->tagged = has_tag(value);
	else if (streq(name, "TAGS") && !*current)
		d->tagged = has_tag(value);
	else if (streq(name, "MAJOR") && value_unsigned(value, UINT32_MAX, &n) == 0)
		d->devnum = makedev(n, minor(d->devnum));
	else if (streq(name, "MINOR") && value_unsigned(value, UINT32_MAX, &n) == 0)
		d->devnum = makedev(major(d->devnum), n);
	return 0;
}

static int take_line(struct devinfo *d, char *line, bool *current)
{
	char *eq = strchr(line, '=');

	if (!eq)
		return 0;
	*eq = '\0';
	return take_property(d, line, eq + 1, current);
}

/* ---- messages ---- */

struct monitor_header {
	char prefix[8];                 /* "libudev" */
	uint32_t magic;                 /* 0xfeedcafe, big endian */
	uint32_t header_size, properties_off, properties_len;
};

int devinfo_parse(const void *p, size_t n, struct devinfo *ret)
{
	struct devinfo d = { .ready = true };
	struct monitor_header h;
	_cleanup_(freep) char *text = NULL;
	bool current = false;
	int r = 0;

	if (n < sizeof(h))
		return -EBADMSG;
	memcpy(&h, p, sizeof(h));
	if (memcmp(h.prefix, "libudev", 8) != 0 || be32toh(h.magic) != 0xfeedcafe || h.properties_off < sizeof(h) || h.properties_off > n ||
	    h.properties_len > n - h.properties_off)
		return -EBADMSG;
	text = malloc((size_t)h.properties_len + 1);
	if (!text)
		return -ENOMEM;
	memcpy(text, (const char *)p + h.properties_off, h.properties_len);
	text[h.properties_len] = '\0';
	for (char *s = text, *next; r >= 0 && s < text + h.properties_len; s = next) {
		next = s + strlen(s) + 1;
		r = take_line(&d, s, &current);
	}
	if (r >= 0 && (!d.syspath || !d.action))
		r = -EBADMSG;
	if (r < 0)
		devinfo_done(&d);
	else
		*ret = d;
	return r;
}

/* ---- the database ---- */

static int read_text(const char *path, struct buf *b)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	int r = fd < 0 ? -errno : 0;

	b->max = ENTRY_MAX;
	while (r >= 0) {
		ssize_t n;

		r = buf_reserve(b, 4096);
		if (r < 0)
			return r;
		n = read(fd, b->data + b->len, b->cap - b->len);
		if (n < 0)
			return -errno;
		if (n == 0)
			return 0;
		b->len += (size_t)n;
	}
	return r;
}

/* "n3": the interface with that index */
static int net_syspath(const char *index, char **ret)
{
	_cleanup_(freep) char *dir = NULL;
	DIR *d;
	int r = -ENOENT;

	if (asprintf(&dir, "%s/class/net", sys_dir) < 0)
		return -ENOMEM;
	d = opendir(dir);
	for (struct dirent *e; d && r == -ENOENT && (e = readdir(d));) {
		_cleanup_(freep) char *path = NULL;
		struct buf b = { 0 };

		if (e->d_name[0] == '.')
			continue;
		if (asprintf(&path, "%s/%s/ifindex", dir, e->d_name) < 0)
			r = -ENOMEM;
		else if (read_text(path, &b) == 0 && atoi(buf_str(&b)) == atoi(index))
			r = asprintf(ret, "%s/%s", dir, e->d_name) < 0 ? -ENOMEM : 0;
		buf_finish(&b);
	}
	if (d)
		closedir(d);
	return r;
}

/* "+usb:1-1": below a bus or a class */
static int named_syspath(const char *id, char **ret)
{
	static const char *const forms[] = { "%s/bus/%.*s/devices/%s", "%s/class/%.*s/%s" };
	const char *colon = strchr(id, ':');

	if (!colon || colon == id || !colon[1] || strchr(id, '/'))
		return -ENOENT;
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		char *path;

		if (asprintf(&path, forms[i], sys_dir, (int)(colon - id), id, colon + 1) < 0)
			return -ENOMEM;
		for (char *p = path + strlen(path) - strlen(colon + 1); *p; p++)
			if (*p == '!')
				*p = '/';
		if (access(path, F_OK) == 0) {
			*ret = path;
			return 0;
		}
		free(path);
	}
	return -ENOENT;
}

/* where the link in /sys leads, with /sys in front whatever folder stands for it */
static int find_syspath(const char *id, char **ret)
{
	_cleanup_(freep) char *link = NULL, *real = NULL;
	int r = 0;

	if (id[0] == 'b' || id[0] == 'c')
		r = asprintf(&link, "%s/dev/%s/%s", sys_dir, id[0] == 'b' ? "block" : "char", id + 1) < 0 ? -ENOMEM : 0;
	else
		r = id[0] == 'n' ? net_syspath(id + 1, &link) : id[0] == '+' ? named_syspath(id + 1, &link) : -ENOENT;
	if (r < 0)
		return r;
	real = realpath(link, NULL);
	if (!real)
		return -ENOENT;
	return asprintf(ret, "/sys%s", real + (startswith(real, sys_dir) ? strlen(sys_dir) : 0)) < 0 ? -ENOMEM : 0;
}

/* DEVNAME=, MAJOR=, MINOR= stand in the kernel's own file */
static int read_uevent(struct devinfo *d)
{
	_cleanup_(freep) char *path = NULL;
	struct buf b = { 0 };
	bool current = true;
	int r;

	if (asprintf(&path, "%s%s/uevent", sys_dir, d->syspath + strlen("/sys")) < 0)
		return -ENOMEM;
	r = read_text(path, &b);
	if (r < 0) {
		buf_finish(&b);
		return r == -ENOMEM ? r : 0;
	}
	buf_addc(&b, '\0');
	for (char *s = buf_error(&b) ? NULL : (char *)b.data, *line; r >= 0 && (line = strsep(&s, "\n"));)
		r = take_line(d, line, &current);
	buf_finish(&b);
	return r;
}

/* S: a link, E: a property, Q: a current tag, G: a tag that was there at some time */
static int read_entry(struct devinfo *d, char *text)
{
	bool current = true, is_versioned = strstr(text, "\nV:") || startswith(text, "V:"), tag_now = false, tag_once = false;
	char *line;
	int r = 0;

	while (r >= 0 && (line = strsep(&text, "\n"))) {
		if (startswith(line, "S:"))
			r = add_path(d, line + 2);
		else if (startswith(line, "E:"))
			r = take_line(d, line + 2, &current);
		else if (streq(line, "Q:systemd"))
			tag_now = true;
		else if (streq(line, "G:systemd"))
			tag_once = true;
	}
	d->tagged = is_versioned ? tag_now : tag_now || tag_once;
	return r;
}

int devinfo_read(const char *id, struct devinfo *ret)
{
	struct devinfo d = { .ready = true };
	_cleanup_(freep) char *path = NULL;
	struct buf b = { 0 };
	int r;

	if (asprintf(&path, "%s/data/%s", udev_dir, id) < 0)
		return -ENOMEM;
	r = strchr(id, '/') ? -ENOENT : read_text(path, &b);
	if (r >= 0)
		r = find_syspath(id, &d.syspath);
	if (r >= 0)
		r = read_uevent(&d);
	if (r >= 0) {
		buf_addc(&b, '\0');
		r = buf_error(&b) ? -ENOMEM : read_entry(&d, (char *)b.data);
	}
	buf_finish(&b);
	if (r < 0)
		devinfo_done(&d);
	else
		*ret = d;
	return r < 0 && r != -ENOMEM ? -ENOENT : MIN(r, 0);
}

int devinfo_each_tagged(int (*fn)(const struct devinfo *d, void *arg), void *arg)
{
	_cleanup_(freep) char *dir = NULL;
	DIR *d;
	int r = 0;

	if (asprintf(&dir, "%s/tags/systemd", udev_dir) < 0)
		return -ENOMEM;
	d = opendir(dir);
	for (struct dirent *e; d && r >= 0 && (e = readdir(d));) {
		struct devinfo info;

		if (e->d_name[0] == '.')
			continue;
		r = devinfo_read(e->d_name, &info);
		if (r == -ENOENT) {
			r = 0;
			continue;
		}
		if (r >= 0) {
			r = fn(&info, arg);
			devinfo_done(&info);
		}
	}
	if (d)
		closedir(d);
	return MIN(r, 0);
}
