/* makefs.c - services for x-systemd.makefs and x-systemd.growfs of /etc/fstab */
#include <fcntl.h>
#include <stdio.h>
#include "generators/makefs.h"
#include "types/mount/fstab.h"
#include "types/mount/mountinfo.h"
#include "unit/name.h"

#define MAKEFS "/lib/systemd/systemd-makefs"
#define GROWFS "/lib/systemd/systemd-growfs"

enum kind { MAKE_FS, MAKE_SWAP, GROW_FS };
static const struct { const char *unit, *what, *page; } kinds[] = {
	[MAKE_FS] = { "systemd-makefs", "Make File System on %f", "systemd-makefs@.service(8)" },
	[MAKE_SWAP] = { "systemd-mkswap", "Make Swap on %f", "systemd-mkswap@.service(8)" },
	[GROW_FS] = { "systemd-growfs", "Grow File System on %f", "systemd-growfs@.service(8)" },
};

/* a word of a command line: quoted, and nothing in it is expanded */
static void put_word(FILE *f, const char *s)
{
	fputs(" \"", f);
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			fputc('\\', f);
		if (*s == '%' || *s == '$')
			fputc(*s, f);
		if (*s == '\n')
			fputs("\\n", f);
		else
			fputc(*s, f);
	}
	fputc('"', f);
}

static void put_unit(FILE *f, enum kind k, const struct fstab_entry *e, const char *other)
{
	fprintf(f, "# made from /etc/fstab\n[Unit]\nDescription=%s\nDocumentation=man:%s\nSourcePath=/etc/fstab\nDefaultDependencies=no\nConflicts=shutdown.target\n", kinds[k].what, kinds[k].page);
	if (k == GROW_FS)
		fprintf(f, "BindsTo=%%i.mount\nAfter=systemd-repart.service %%i.mount\nBefore=shutdown.target %s\n", other);
	else
		fprintf(f, "BindsTo=%%i.device\nAfter=%%i.device\nBefore=shutdown.target %s%s\n", k == MAKE_FS ? "systemd-fsck@%i.service " : "", other);
	fprintf(f, "\n[Service]\nType=oneshot\nRemainAfterExit=yes\nTimeoutSec=0\nExecStart=%s", k == GROW_FS ? GROWFS : MAKEFS);
	if (k == GROW_FS) {
		put_word(f, e->where);
	} else {
		put_word(f, k == MAKE_SWAP ? "swap" : e->type);
		put_word(f, e->what);
	}
	fputc('\n', f);
}

static int generate(const char *dir, enum kind k, const struct fstab_entry *e)
{
	_cleanup_(freep) char *of = name_escape_path(k == GROW_FS ? e->where : e->what), *other = NULL, *path = NULL;
	FILE *f;
	int r = 0;

	if (k != GROW_FS)
		r = name_from_path(k == MAKE_SWAP ? e->what : e->where, k == MAKE_SWAP ? "swap" : "mount", &other);
	else
		other = strdup(mount_is_network(e->type, e->options) ? "remote-fs.target" : "local-fs.target");
	if (r < 0)
		return r;
	if (!of || !other || asprintf(&path, "%s/%s@%s.service", dir, kinds[k].unit, of) < 0)
		return -ENOMEM;
	f = fopen(path, "we");
	if (!f)
		return -errno;
	put_unit(f, k, e, other);
	if (ferror(f))
		r = -EIO;
	return fclose(f) != 0 ? -errno : r;
}

int makefs_generate(const char *dir)
{
	struct fstab f;
	int r = fstab_read(getenv("SYSMASTER_FSTAB") ?: "/etc/fstab", &f);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	for (size_t i = 0; i < f.n_entries && r >= 0; i++) {
		const struct fstab_entry *e = &f.entries[i];
		bool swap = fstab_is_swap(e);

		if (option_has(e->options, "x-systemd.makefs") && e->what[0] == '/' && (swap || !streq(e->type, "auto")))
			r = generate(dir, swap ? MAKE_SWAP : MAKE_FS, e);
		if (r >= 0 && !swap && option_has(e->options, "x-systemd.growfs"))
			r = generate(dir, GROW_FS, e);
	}
	fstab_done(&f);
	return r;
}
