/* mountinfo.c - the kernel's table of mounts, and what mount options tell */
#include <stdio.h>
#include "buf.h"
#include "types/mount/mountinfo.h"

#define TABLE_MAX (64u << 20)

/* ---- the table ---- */

/* \040 and the like, in place */
static void unescape(char *s)
{
	char *to = s;

	while (*s) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' && s[2] <= '7' && s[3] >= '0' && s[3] <= '7') {
			*to++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
			s += 4;
		} else {
			*to++ = *s++;
		}
	}
	*to = '\0';
}

static char *next_field(char **p)
{
	char *f = *p;

	if (!f || !*f)
		return NULL;
	*p = strchr(f, ' ');
	if (*p)
		*(*p)++ = '\0';
	return f;
}

/* rw and ro are said by both halves; the mount's own come first */
static char *join_options(const char *mount, const char *super)
{
	static const char *const said[] = { "rw", "ro", NULL };
	_cleanup_(freep) char *rest = option_without(super, said);
	char *joined = NULL;

	if (!rest || asprintf(&joined, "%s%s%s", mount, rest[0] ? "," : "", rest) < 0)
		return NULL;
	return joined;
}

/* ID PARENT MAJOR:MINOR ROOT WHERE OPTIONS [TAG...] - TYPE WHAT SUPEROPTIONS */
int mountinfo_parse(char *line, struct mountinfo *ret)
{
	struct mountinfo m = { NULL };
	char *p = line, *f, *options, *super;

	next_field(&p);
	next_field(&p);
	f = next_field(&p);
	if (!f)
		return -EBADMSG;
	if (sscanf(f, "%u:%u", &m.major, &m.minor) != 2)
		m.major = m.minor = 0;
	m.root = next_field(&p);
	m.where = next_field(&p);
	options = next_field(&p);
	if (!options)
		return -EBADMSG;
	do {
		f = next_field(&p);
	} while (f && strcmp(f, "-") != 0);
	m.type = next_field(&p);
	if (p && *p == ' ') {                           /* a source may be empty */
		m.what = p;
		*p++ = '\0';
	} else {
		m.what = next_field(&p);
	}
	super = next_field(&p);
	if (!m.type || !m.what || m.where[0] != '/')
		return -EBADMSG;
	unescape(m.where);
	unescape(m.what);
	unescape(m.root);
	m.options = join_options(options, super ?: "");
	if (!m.options)
		return -ENOMEM;
	*ret = m;
	return 0;
}

static int read_table(int fd, struct buf *b)
{
	b->max = TABLE_MAX;
	if (lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	for (;;) {
		ssize_t n;
		int r = buf_reserve(b, 16384);

		if (r < 0)
			return r;
		n = read(fd, b->data + b->len, b->cap - b->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return 0;
		b->len += (size_t)n;
	}
}

int mountinfo_each(int fd, int (*fn)(const struct mountinfo *m, void *arg), void *arg)
{
	struct buf b = { 0 };
	int r = read_table(fd, &b);
	char *p = r < 0 ? NULL : (buf_addc(&b, '\0'), buf_error(&b) ? NULL : (char *)b.data);

	if (r >= 0 && !p)
		r = -ENOMEM;
	while (r >= 0 && *p) {
		char *end = strchrnul(p, '\n'), *next = *end ? end + 1 : end;
		struct mountinfo m;

		*end = '\0';
		r = mountinfo_parse(p, &m);
		if (r >= 0) {
			r = fn(&m, arg);
			free(m.options);
		} else if (r == -EBADMSG) {
			r = 0;                          /* a line of a kernel to come */
		}
		p = next;
	}
	buf_finish(&b);
	return MIN(r, 0);
}

/* ---- options ---- */

/* the next word of *p as [start, len); false at the end */
static bool next_word(const char **p, const char **start, size_t *len)
{
	const char *s = *p ? *p + strspn(*p, ",") : NULL;

	if (!s || !*s)
		return false;
	*start = s;
	*len = strcspn(s, ",");
	*p = s + *len;
	return true;
}

static bool is_named(const char *word, size_t len, const char *name)
{
	size_t n = strlen(name);

	return len >= n && strncmp(word, name, n) == 0 && (len == n || word[n] == '=');
}

bool option_has(const char *options, const char *name)
{
	const char *w;
	size_t n;

	while (next_word(&options, &w, &n))
		if (is_named(w, n, name))
			return true;
	return false;
}

int option_next(const char **p, const char *name, char **ret)
{
	const char *w;
	size_t n, skip = strlen(name) + 1;

	while (next_word(p, &w, &n)) {
		if (!is_named(w, n, name))
			continue;
		*ret = n < skip ? strdup("") : strndup(w + skip, n - skip);
		return *ret ? 1 : -ENOMEM;
	}
	return 0;
}

char *option_without(const char *options, const char *const *drop)
{
	struct buf b = { 0 };
	const char *w;
	size_t n;

	while (next_word(&options, &w, &n)) {
		bool keep = true;

		for (const char *const *d = drop; *d && keep; d++)
			keep = !is_named(w, n, *d);
		if (!keep)
			continue;
		if (b.len)
			buf_addc(&b, ',');
		buf_add(&b, w, n);
	}
	return buf_take_str(&b);
}

/* ---- kinds ---- */

static bool is_one_of(const char *s, const char *const *list)
{
	for (; s && *list; list++)
		if (streq(s, *list))
			return true;
	return false;
}

bool mount_is_network(const char *type, const char *options)
{
	static const char *const types[] = {
		"afs", "ceph", "cifs", "smb3", "smbfs", "sshfs", "ncpfs", "ncp", "nfs", "nfs4", "gfs", "gfs2", "glusterfs", "pvfs2", "ocfs2",
		"lustre", "davfs", NULL,
	};

	if (option_has(options, "_netdev"))
		return true;
	return is_one_of(type && startswith(type, "fuse.") ? type + strlen("fuse.") : type, types);
}

bool mount_is_bind(const char *type, const char *options)
{
	return option_has(options, "bind") || option_has(options, "rbind") || (type && (streq(type, "bind") || streq(type, "rbind")));
}

bool mount_is_loop(const char *options) { return option_has(options, "loop"); }

bool mount_needs_quota(const char *type, const char *options)
{
	static const char *const words[] = { "usrquota", "grpquota", "quota", "usrjquota", "grpjquota" };

	if (mount_is_network(type, options) || mount_is_bind(type, options))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (option_has(options, words[i]))
			return true;
	return false;
}

static bool is_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 && (!path[n] || path[n] == '/');
}

bool mount_is_api(const char *where)
{
	static const char *const fixed[] = {
		"/proc", "/sys", "/dev", "/dev/shm", "/dev/pts", "/run", "/sys/kernel/security", "/sys/fs/smackfs", "/sys/fs/selinux",
		"/sys/fs/pstore", "/sys/fs/bpf", "/sys/firmware/efi/efivars", "/dev/console", "/proc/kmsg", "/proc/sys", NULL,
	};

	return is_one_of(where, fixed) || is_below(where, "/sys/fs/cgroup") || is_below(where, "/proc/sys/kernel/random");
}

bool mount_is_extrinsic(const char *where)
{
	static const char *const trees[] = { "/proc", "/sys", "/dev", "/run/initramfs", NULL };

	if (streq(where, "/") || streq(where, "/usr"))
		return true;
	for (const char *const *t = trees; *t; t++)
		if (is_below(where, *t))
			return true;
	return false;
}
