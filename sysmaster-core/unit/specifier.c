/* specifier.c - what each %-specifier stands for in the system manager; systemd.unit(5) "Specifiers" */
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <sys/utsname.h>
#include "arch.h"
#include "unit/name.h"
#include "osfile.h"
#include "unit/scope.h"
#include "unit/specifier.h"
#include "unit/unit.h"

/* A row's function appends to @out: 0, -ENXIO without a value, -ENOMEM. */
struct specifier {
	char letter;
	int (*expand)(const struct unit *u, const char *arg, struct buf *out);
	const char *arg;
};

static int put_taken(char *s, struct buf *out)
{
	if (!s)
		return -ENXIO;
	buf_adds(out, s);
	free(s);
	return 0;
}

static int put_text(const struct unit *u, const char *arg, struct buf *out)
{
	buf_adds(out, arg);
	return 0;
}

static int put_name(const struct unit *u, const char *arg, struct buf *out)
{
	const char *suffix = name_suffix(u->id);

	if (*arg == 'n' || !suffix)
		buf_adds(out, u->id);
	else
		buf_add(out, u->id, (size_t)(suffix - 1 - u->id));
	return 0;
}

static int put_instance(const struct unit *u, const char *arg, struct buf *out)
{
	const char *i = u->instance ? u->instance : "";

	if (*arg == 'I')
		return put_taken(name_unescape(i), out);
	buf_adds(out, i);
	return 0;
}

/* p P j J: the prefix or what follows its last dash, as it stands or unescaped */
static int put_prefix(const struct unit *u, const char *arg, struct buf *out)
{
	_cleanup_(freep) char *prefix = NULL;
	int r = name_prefix(u->id, &prefix);
	const char *s = prefix, *dash;

	if (r < 0)
		return r;
	dash = strrchr(s, '-');
	if ((*arg == 'j' || *arg == 'J') && dash)
		s = dash + 1;
	if (*arg == 'P' || *arg == 'J')
		return put_taken(name_unescape(s), out);
	buf_adds(out, s);
	return 0;
}

static int put_filename(const struct unit *u, const char *arg, struct buf *out)
{
	char *path = NULL;

	if (u->instance)
		return put_taken(name_unescape_path(u->instance), out);
	return name_to_path(u->id, &path) < 0 ? -ENXIO : put_taken(path, out);
}

static int put_os_release(const struct unit *u, const char *arg, struct buf *out)
{
	char *v = NULL;
	int r = osfile_os_release(arg, &v);

	return r == -ENOENT ? 0 : r < 0 ? r : put_taken(v, out);
}

static int put_host(const struct unit *u, const char *arg, struct buf *out)
{
	struct utsname n;

	if (uname(&n) < 0)
		return -ENXIO;
	if (*arg == 'v')
		buf_adds(out, n.release);
	else
		buf_add(out, n.nodename, *arg == 'l' ? strcspn(n.nodename, ".") : strlen(n.nodename));
	return 0;
}

static int put_pretty_host(const struct unit *u, const char *arg, struct buf *out)
{
	char *v = NULL;

	if (osfile_field("/etc/machine-info", "PRETTY_HOSTNAME", &v) == 0 && *v)
		return put_taken(v, out);
	free(v);
	return put_host(u, "l", out);
}

static int put_arch(const struct unit *u, const char *arg, struct buf *out)
{
	const char *a = arch_native();

	if (!a)
		return -ENXIO;
	buf_adds(out, a);
	return 0;
}

/* a 128-bit id in a file of the kernel or the machine, without its dashes */
static int put_id128(const struct unit *u, const char *path, struct buf *out)
{
	char text[64];
	size_t digits = 0;
	int r = osfile_read(path, text, sizeof(text));

	if (r < 0)
		return -ENXIO;
	for (char *p = text; *p && *p != '\n'; p++) {
		if (*p == '-')
			continue;
		if (!strchr("0123456789abcdef", *p) || digits++ == 32)
			return -ENXIO;
	}
	if (digits != 32)
		return -ENXIO;
	for (char *p = text; *p && *p != '\n'; p++)
		if (*p != '-')
			buf_addc(out, *p);
	return 0;
}

static int put_credentials(const struct unit *u, const char *arg, struct buf *out)
{
	buf_addf(out, "/run/credentials/%s", u->id);
	return 0;
}

static int put_scope_dir(const struct unit *u, const char *which, struct buf *out)
{
	buf_adds(out, scope_dir((enum scope_dir)(*which - '0')));
	return 0;
}

/* of the user whose manager this is; the group by its number, for names are not looked up here */
static int put_identity(const struct unit *u, const char *what, struct buf *out)
{
	const char *shell = scope_is_user() ? getenv("SHELL") : "/bin/bash";    /* as Debian's systemd says of root */

	switch (*what) {
	case 'h': buf_adds(out, scope_home()); break;
	case 's': buf_adds(out, shell ?: "/bin/sh"); break;
	case 'u': buf_adds(out, scope_user()); break;
	case 'U': buf_addf(out, "%u", scope_is_user() ? (unsigned)getuid() : 0); break;
	case 'g':
		if (scope_is_user())
			buf_addf(out, "%u", (unsigned)getgid());
		else
			buf_adds(out, "root");
		break;
	default: buf_addf(out, "%u", scope_is_user() ? (unsigned)getgid() : 0); break;
	}
	return 0;
}

static int put_fragment(const struct unit *u, const char *arg, struct buf *out)
{
	char target[PATH_MAX];
	const char *path = u->fragment_path, *slash;
	ssize_t n;

	if (!path)
		return -ENXIO;
	n = readlink(path, target, sizeof(target) - 1);
	if (n > 0 && target[0] == '/') {
		target[n] = '\0';
		path = target;
	}
	slash = strrchr(path, '/');
	buf_add(out, path, *arg == 'Y' && slash ? (size_t)(slash - path) : strlen(path));
	return 0;
}

static const struct specifier table[] = {
	{ 'a', put_arch, "" }, { 'A', put_os_release, "IMAGE_VERSION" },
	{ 'b', put_id128, "/proc/sys/kernel/random/boot_id" }, { 'B', put_os_release, "BUILD_ID" },
	{ 'C', put_scope_dir, "2" }, { 'd', put_credentials, "" }, { 'E', put_scope_dir, "4" }, { 'f', put_filename, "" },
	{ 'g', put_identity, "g" }, { 'G', put_identity, "G" }, { 'h', put_identity, "h" }, { 'H', put_host, "H" },
	{ 'i', put_instance, "i" }, { 'I', put_instance, "I" }, { 'j', put_prefix, "j" }, { 'J', put_prefix, "J" },
	{ 'l', put_host, "l" }, { 'L', put_scope_dir, "3" }, { 'm', put_id128, "/etc/machine-id" }, { 'M', put_os_release, "IMAGE_ID" },
	{ 'n', put_name, "n" }, { 'N', put_name, "N" }, { 'o', put_os_release, "ID" }, { 'p', put_prefix, "p" }, { 'P', put_prefix, "P" },
	{ 'q', put_pretty_host, "" }, { 's', put_identity, "s" }, { 'S', put_scope_dir, "1" }, { 't', put_scope_dir, "0" },
	{ 'T', put_text, "/tmp" }, { 'u', put_identity, "u" }, { 'U', put_identity, "U" }, { 'v', put_host, "v" }, { 'V', put_text, "/var/tmp" },
	{ 'w', put_os_release, "VERSION_ID" }, { 'W', put_os_release, "VARIANT_ID" }, { 'y', put_fragment, "y" }, { 'Y', put_fragment, "Y" },
	{ '%', put_text, "%" },
};

int specifier_expand(const struct unit *u, const char *s, char **ret, size_t *bad)
{
	struct buf out = { .max = SPECIFIER_MAX };
	int r = 0;

	if (!u || !strchr(s, '%')) {
		*ret = strdup(s);
		return *ret ? 0 : -ENOMEM;
	}
	for (const char *p = s; *p && r == 0; p++) {
		const struct specifier *row = NULL;

		for (size_t i = 0; *p == '%' && i < ARRAY_SIZE(table) && !row; i++)
			if (table[i].letter == p[1])
				row = &table[i];
		if (row) {
			r = row->expand(u, row->arg, &out);
		} else if (*p == '%' && isalnum((unsigned char)p[1])) {
			r = -EINVAL;
		} else {
			buf_addc(&out, *p);
			continue;
		}
		if (r < 0 && bad)
			*bad = (size_t)(p - s);
		p++;
	}
	if (r == 0)
		r = buf_error(&out);
	if (r == 0) {
		*ret = buf_take_str(&out);
		r = *ret ? 0 : -ENOMEM;
	}
	buf_finish(&out);
	return r;
}
