/* record.c - one device's record and its tags */
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include "buf.h"
#include "database.h"
#include "osfile.h"

#define RECORD_BYTES_MAX (256u << 10)
#define FORMAT_VERSION "1"

static int take_property(struct device *d, char *text)
{
	char *eq = strchr(text, '=');

	if (!eq || eq == text || !eq[1])                /* what is empty is written, but not read (sd-device) */
		return 0;
	*eq = '\0';
	return device_set(d, text, eq + 1, true);
}

static int take_link(struct device *d, const char *name)
{
	char path[PATH_MAX];

	if ((size_t)snprintf(path, sizeof(path), "/dev/%s", name) >= sizeof(path) || database_link_path(path, NULL, 0) < 0)
		return 0;
	return words_add(d->arena, &d->links, path);
}

static int take_line(struct device *d, char *line)
{
	const char *value = line + 2;

	if (!line[0] || line[1] != ':')
		return 0;
	switch (line[0]) {
	case 'S':
		return take_link(d, value);
	case 'L':
		d->link_priority = (int)strtol(value, NULL, 10);
		return 0;
	case 'I':
		d->initialized_usec = strtoull(value, NULL, 10);
		return d->initialized_usec ? device_set(d, "USEC_INITIALIZED", value, false) : 0;
	case 'E':
		return take_property(d, line + 2);
	case 'G':
		return words_add(d->arena, &d->tags, value);
	case 'Q':
		return words_add(d->arena, &d->current_tags, value);
	default:                                        /* V: there is one version; W: older ones */
		return 0;
	}
}

int database_parse(struct device *d, const char *text, size_t n)
{
	bool have_version = false;
	int r = 0;

	while (n > 0 && r >= 0) {
		const char *newline = memchr(text, '\n', n);
		size_t len = newline ? (size_t)(newline - text) : n, whole = len + (newline != NULL);
		char *line = arena_strndup(d->arena, text, len);

		r = line ? take_line(d, line) : -ENOMEM;
		have_version |= len > 1 && text[0] == 'V' && text[1] == ':';
		text += whole;
		n -= whole;
	}
	d->old_record = !have_version;
	for (size_t i = 0; !have_version && r >= 0 && i < d->tags.n; i++)       /* a record of an older udev: all are current */
		r = words_add(d->arena, &d->current_tags, d->tags.v[i]);
	return r < 0 ? r : 0;
}

static int record_path(struct database *db, struct device *d, char path[PATH_MAX])
{
	const char *id = device_id(d);

	if (!id)
		return -ENOENT;
	return (size_t)snprintf(path, PATH_MAX, "%s/data/%s", db->run, id) < PATH_MAX ? 0 : -ENAMETOOLONG;
}

/* the whole of @path, into the arena; most are small */
static int read_record(struct device *d, const char *path)
{
	_cleanup_(freep) char *large = NULL;
	char small[8192], *text = small;
	int n = osfile_read(path, small, sizeof(small));

	if (n == (int)sizeof(small) - 1) {
		text = large = malloc(RECORD_BYTES_MAX);
		if (!large)
			return -ENOMEM;
		n = osfile_read(path, large, RECORD_BYTES_MAX);
	}
	if (n < 0)
		return n == -ENOENT ? 0 : n;
	d->recorded = true;
	d->record = arena_strndup(d->arena, text, (size_t)n);
	d->record_len = (size_t)n;
	return d->record ? database_parse(d, text, (size_t)n) : -ENOMEM;
}

int database_read(struct database *db, struct device *d)
{
	char path[PATH_MAX];

	if (d->db_read || record_path(db, d, path) < 0)
		return 0;
	d->db_read = true;
	return read_record(d, path);
}

static void format_record(struct device *d, struct buf *out)
{
	if (major(d->devnum) > 0) {
		for (size_t i = 0; i < d->links.n; i++)
			buf_addf(out, "S:%s\n", d->links.v[i] + 5);
		if (d->link_priority)
			buf_addf(out, "L:%d\n", d->link_priority);
	}
	if (d->initialized_usec)
		buf_addf(out, "I:%" PRIu64 "\n", d->initialized_usec);
	for (size_t i = 0; i < d->n_props; i++)
		if (d->props[i].stored)
			buf_addf(out, "E:%s=%s\n", d->props[i].key, d->props[i].value);
	for (size_t i = 0; i < d->tags.n; i++)
		buf_addf(out, "G:%s\n", d->tags.v[i]);
	for (size_t i = 0; i < d->current_tags.n; i++)
		buf_addf(out, "Q:%s\n", d->current_tags.v[i]);
	buf_adds(out, "V:" FORMAT_VERSION "\n");
}

static bool has_anything(const struct device *d)
{
	bool any = d->links.n || d->link_priority || d->tags.n || d->current_tags.n;

	for (size_t i = 0; !any && i < d->n_props; i++)
		any = d->props[i].stored;
	return any;
}

int database_mkdir_parents(const char *path)
{
	char copy[PATH_MAX];

	if ((size_t)snprintf(copy, sizeof(copy), "%s", path) >= sizeof(copy))
		return -ENAMETOOLONG;
	for (char *p = strchr(copy + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		if (mkdir(copy, 0755) < 0 && errno != EEXIST)
			return -errno;
		*p = '/';
	}
	return 0;
}

static int make_temporary(char *temporary)
{
	int fd = mkostemp(temporary, O_CLOEXEC), r;

	if (fd >= 0 || errno != ENOENT)
		return fd < 0 ? -errno : fd;
	r = database_mkdir_parents(temporary);          /* the first one there */
	memcpy(temporary + strlen(temporary) - 6, "XXXXXX", 6);
	fd = r < 0 ? r : mkostemp(temporary, O_CLOEXEC);
	return fd < 0 && r == 0 ? -errno : fd;
}

/* replaces @path as a whole */
static int write_whole(const char *path, const char *text, size_t n, mode_t mode)
{
	_cleanup_(closep) int fd = -1;
	char temporary[PATH_MAX], *base;
	int r = 0;

	if ((size_t)snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path) >= sizeof(temporary))
		return -ENAMETOOLONG;
	base = strrchr(temporary, '/') + 1;
	base[0] = '.';                                  /* readers skip names with a dot */
	fd = make_temporary(temporary);
	if (fd < 0)
		return fd;
	if (n > 0 && write(fd, text, n) != (ssize_t)n)
		r = errno ? -errno : -EIO;
	else if (fchmod(fd, mode) < 0 || rename(temporary, path) < 0)
		r = -errno;
	if (r < 0)
		unlink(temporary);
	return r;
}

/* says what is there already: nothing to do, but for the sticky bit, which a record does not tell of */
static bool same(const struct device *d, const struct device *before, const struct buf *text)
{
	return before && before->record && !d->db_persist && before->record_len == text->len && text->len > 0 &&
	       memcmp(before->record, text->data, text->len) == 0;
}

int database_write(struct database *db, struct device *d, const struct device *before)
{
	struct buf text = { .max = RECORD_BYTES_MAX };
	char path[PATH_MAX];
	int r = record_path(db, d, path);

	if (r < 0)
		return r;
	if (has_anything(d))
		format_record(d, &text);
	else if (!major(d->devnum) && !d->ifindex)      /* nodes and interfaces have one, be it empty: they were seen */
		return unlink(path) < 0 && errno != ENOENT ? -errno : 0;
	r = buf_error(&text);
	if (r == 0 && !same(d, before, &text))
		r = write_whole(path, (const char *)text.data, text.len, d->db_persist ? 01644 : 0644);
	buf_finish(&text);
	return r;
}

int database_delete(struct database *db, struct device *d)
{
	char path[PATH_MAX];
	int r = record_path(db, d, path);

	return r < 0 ? r : unlink(path) < 0 && errno != ENOENT ? -errno : 0;
}

static int tag_file(struct database *db, struct device *d, const char *tag, bool want)
{
	const char *id = device_id(d);
	char path[PATH_MAX];
	int fd, r;

	if (!id || (size_t)snprintf(path, sizeof(path), "%s/tags/%s/%s", db->run, tag, id) >= sizeof(path))
		return -ENAMETOOLONG;
	if (!want)
		return unlink(path) < 0 && errno != ENOENT && errno != ENOTDIR ? -errno : 0;
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0444);
	if (fd < 0 && errno == ENOENT) {
		r = database_mkdir_parents(path);
		if (r < 0)
			return r;
		fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0444);
	}
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

int database_tags(struct database *db, struct device *d, const struct words *before, const struct words *now)
{
	int r = 0;

	for (size_t i = 0; before && i < before->n; i++)
		if (!now || !words_has(now, before->v[i]))
			r = MIN(r, tag_file(db, d, before->v[i], false));
	for (size_t i = 0; now && i < now->n; i++)
		if (!before || !words_has(before, now->v[i]))
			r = MIN(r, tag_file(db, d, now->v[i], true));
	return r;
}
