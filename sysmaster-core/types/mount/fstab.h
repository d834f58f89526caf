/* fstab.h - /etc/fstab, as far as mounts and swaps are made of it; fstab(5), systemd.mount(5) "fstab" */
#pragma once
#include "util.h"

struct unit_set;
struct fstab_entry {
	char *what;                     /* device path or what the line says: UUID= and the like are turned into /dev/disk/by-... */
	char *where;                    /* "none" for swap; simplified */
	char *type, *options;           /* "auto" and "defaults" where the line ends before */
	int passno;
};
struct fstab {
	struct fstab_entry *entries; size_t n_entries;
	uint64_t stamp;                 /* mtime in microseconds; 0: no file */
};

/** fstab_parse() - @text is a whole file. Lines that are none are left out. -ENOMEM */
int fstab_parse(const char *text, size_t n, struct fstab *ret);
void fstab_done(struct fstab *f);
/** fstab_read() - a file. -ENOENT ... */
int fstab_read(const char *path, struct fstab *ret);
bool fstab_enabled(void);               /* not with fstab=no on the kernel command line */
/**
 * fstab_get() - that of the system (below the unit set's root), read again when it has changed; borrowed until the next call; NULL: none
 * Without swaps in a container and with systemd.swap=no, without devices where /sys is not ours to write (a container, too).
 */
const struct fstab *fstab_get(const struct unit_set *set);
struct unit;
/** fstab_goes_first() - does a line of /etc/fstab count for @u? It goes before a file in /usr, and behind one in /etc or /run */
bool fstab_goes_first(const struct unit *u);
bool fstab_is_automount(const struct fstab_entry *e);
bool fstab_is_swap(const struct fstab_entry *e);
const struct fstab_entry *fstab_find(const struct fstab *f, const char *where);         /* a mount; the last one of that place */
const struct fstab_entry *fstab_find_swap(const struct fstab *f, const char *what);
