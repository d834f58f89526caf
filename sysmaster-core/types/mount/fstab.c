/* fstab.c - /etc/fstab; fstab(5) */
#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include "buf.h"
#include "log.h"
#include "types/mount/fstab.h"
#include "types/mount/mountinfo.h"
#include "unit/checks.h"
#include "unit/name.h"
#include "unit/path.h"
#include "unit/scope.h"
#include "unit/unit.h"
#include "virt.h"

#define FSTAB_MAX (4u << 20)

static void entry_done(struct fstab_entry *e)
{
	free(e->what);
	free(e->where);
	free(e->type);
	free(e->options);
}

void fstab_done(struct fstab *f)
{
	for (size_t i = 0; i < f->n_entries; i++)
		entry_done(&f->entries[i]);
	free(f->entries);
	*f = (struct fstab){ 0 };
}

bool fstab_is_swap(const struct fstab_entry *e) { return streq(e->type, "swap"); }

/* a field with its \040 escapes resolved */
static char *take_field(const char **p, const char *end)
{
	struct buf b = { 0 };
	const char *s = *p;

	while (s < end && (*s == ' ' || *s == '\t'))
		s++;
	if (s == end)
		return NULL;
	for (; s < end && *s != ' ' && *s != '\t'; s++) {
		if (end - s >= 4 && s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' && s[2] <= '7' && s[3] >= '0' && s[3] <= '7') {
			buf_addc(&b, (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0')));
			s += 3;
		} else {
			buf_addc(&b, *s);
		}
	}
	*p = s;
	return buf_take_str(&b);
}

/* the value of a tag as udev spells it in names of links: what is not harmless becomes \xNN */
static char *tag_path(const char *kind, const char *value)
{
	struct buf b = { 0 };
	size_t n = strlen(value);

	if (n >= 2 && (value[0] == '"' || value[0] == '\'') && value[n - 1] == value[0]) {
		value++;
		n -= 2;
	}
	buf_addf(&b, "/dev/disk/by-%s/", kind);
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)value[i];

		if (isalnum(c) || c >= 0x80 || strchr("#+-.:=@_", c))
			buf_addc(&b, (char)c);
		else
			buf_addf(&b, "\\x%02x", c);
	}
	return buf_take_str(&b);
}

static char *resolve_tag(char *what)
{
	static const struct { const char *tag, *kind; } tags[] = {
		{ "LABEL=", "label" }, { "UUID=", "uuid" }, { "PARTUUID=", "partuuid" }, { "PARTLABEL=", "partlabel" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(tags); i++) {
		if (startswith(what, tags[i].tag)) {
			char *path = tag_path(tags[i].kind, what + strlen(tags[i].tag));

			free(what);
			return path;
		}
	}
	return what;
}

/* 1: *e is filled; 0: no entry */
static int parse_line(const char *p, const char *end, struct fstab_entry *e)
{
	_cleanup_(freep) char *freq = NULL, *passno = NULL;

	*e = (struct fstab_entry){ 0 };
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	if (p == end || *p == '#' || memchr(p, '\0', (size_t)(end - p)))
		return 0;
	e->what = take_field(&p, end);
	e->where = e->what ? take_field(&p, end) : NULL;
	if (!e->where)
		return 0;
	e->type = take_field(&p, end) ?: strdup("auto");
	e->options = e->type ? take_field(&p, end) : NULL;
	freq = e->options ? take_field(&p, end) : NULL;
	passno = freq ? take_field(&p, end) : NULL;
	e->passno = passno ? atoi(passno) : 0;
	if (!e->options)
		e->options = strdup("defaults");
	e->what = resolve_tag(e->what);
	if (!e->what || !e->type || !e->options)
		return -ENOMEM;
	if (e->where[0] == '/')
		path_simplify(e->where);
	return e->where[0] == '/' || fstab_is_swap(e);
}

int fstab_parse(const char *text, size_t n, struct fstab *ret)
{
	struct fstab f = { 0 };
	const char *p = text, *end = text + n;

	while (p < end) {
		const char *eol = memchr(p, '\n', (size_t)(end - p)) ?: end;
		struct fstab_entry e, *more;
		int r = parse_line(p, eol, &e);

		more = r > 0 ? reallocarray(f.entries, f.n_entries + 1, sizeof(*more)) : NULL;
		if (more) {
			f.entries = more;
			f.entries[f.n_entries++] = e;
		} else {
			entry_done(&e);
			if (r != 0) {
				fstab_done(&f);
				return -ENOMEM;
			}
		}
		p = eol < end ? eol + 1 : end;
	}
	*ret = f;
	return 0;
}

int fstab_read(const char *path, struct fstab *ret)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct buf b = { .max = FSTAB_MAX };
	int r = fd < 0 ? -errno : 0;

	while (r >= 0) {
		ssize_t n;

		r = buf_reserve(&b, 4096);
		if (r < 0)
			break;
		n = read(fd, b.data + b.len, b.cap - b.len);
		if (n < 0)
			r = -errno;
		if (n <= 0)
			break;
		b.len += (size_t)n;
	}
	if (r >= 0)
		r = fstab_parse((const char *)b.data, b.len, ret);
	buf_finish(&b);
	return MIN(r, 0);
}

bool fstab_enabled(void)
{
	bool on;

	return !scope_is_user() && (cmdline_bool("fstab", &on) < 0 || on);
}

static bool read_only(const char *path)
{
	struct statvfs st;

	return statvfs(path, &st) == 0 && (st.f_flag & ST_RDONLY);
}

/* lines that cannot be meant for this machine */
static void drop_foreign(struct fstab *f, bool given)
{
	enum virt_class class = VIRT_NONE;
	bool swap, devices = given || !read_only("/sys");
	size_t n = 0;

	if (!given)
		virt_detect(&class);
	swap = (cmdline_bool("systemd.swap", &swap) < 0 || swap) && class != VIRT_CONTAINER;
	for (size_t i = 0; i < f->n_entries; i++) {
		struct fstab_entry *e = &f->entries[i];

		if ((!swap && fstab_is_swap(e)) || (!devices && (startswith(e->what, "/dev/") || startswith(e->what, "/sys/"))))
			entry_done(e);
		else
			f->entries[n++] = *e;
	}
	f->n_entries = n;
}

const struct fstab *fstab_get(const struct unit_set *set)
{
	static struct fstab cached;
	const struct lookup *paths = unit_set_lookup(set);
	const char *given = getenv("SYSMASTER_FSTAB");
	_cleanup_(freep) char *path = NULL;
	struct stat st;
	uint64_t stamp;
	int r;

	if (asprintf(&path, "%s%s", !given && paths ? lookup_root(paths) : "", given ?: "/etc/fstab") < 0)
		return NULL;
	if (stat(path, &st) < 0 || !fstab_enabled()) {
		fstab_done(&cached);
		return NULL;
	}
	stamp = (uint64_t)st.st_mtim.tv_sec * USEC_PER_SEC + (uint64_t)st.st_mtim.tv_nsec / NSEC_PER_USEC + 1;
	if (cached.stamp == stamp)
		return &cached;
	fstab_done(&cached);
	r = fstab_read(path, &cached);
	if (r >= 0)
		drop_foreign(&cached, given);
	cached.stamp = stamp;
	if (r < 0) {
		log_event(LOG_WARNING, "FSTAB", "cannot be read", F_STR("FILE", path), F_ERRNO(r));
		return NULL;
	}
	return &cached;
}

bool fstab_is_automount(const struct fstab_entry *e)
{
	_cleanup_(freep) char *comment = NULL;          /* how it was written once */
	const char *p = e->options;

	return option_has(e->options, "x-systemd.automount") || (option_next(&p, "comment", &comment) > 0 && streq(comment, "systemd.automount"));
}

bool fstab_goes_first(const struct unit *u)
{
	const char *root = unit_set_lookup(u->set) ? lookup_root(unit_set_lookup(u->set)) : "", *path = u->fragment_path;

	if (!path)
		return true;
	path += startswith(path, root) ? strlen(root) : 0;
	return !startswith(path, "/etc/") && !startswith(path, "/run/");
}

const struct fstab_entry *fstab_find(const struct fstab *f, const char *where)
{
	for (size_t i = f ? f->n_entries : 0; i > 0; i--)
		if (!fstab_is_swap(&f->entries[i - 1]) && streq(f->entries[i - 1].where, where))
			return &f->entries[i - 1];
	return NULL;
}

const struct fstab_entry *fstab_find_swap(const struct fstab *f, const char *what)
{
	for (size_t i = 0; f && i < f->n_entries; i++)
		if (fstab_is_swap(&f->entries[i]) && streq(f->entries[i].what, what))
			return &f->entries[i];
	return NULL;
}
