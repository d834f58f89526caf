/* mounts.h - the list of what a unit's mount namespace is to look like, and its application */
#pragma once
#include "run.h"

/* At one path the first of these wins, as in systemd; flags (M_RO and below) of deeper paths win over those above them. */
enum mount_kind {
	M_INACCESSIBLE, M_OVERLAY, M_IMAGE, M_BIND, M_RBIND, M_DEV, M_PROC, M_MQUEUE, M_TMPFS, M_RO, M_RW, M_RW_IMPLICIT, M_NOEXEC, M_EXEC,
};

struct entry {
	enum mount_kind kind;
	char *path;                     /* absolute on the host, links resolved by entries_resolve() */
	const char *source;             /* M_BIND, M_RBIND, M_IMAGE */
	const char *options;            /* M_TMPFS, M_PROC, M_IMAGE; M_OVERLAY: the directories above the one that is there */
	bool optional;                  /* a missing path or source is fine */
	bool read_only;                 /* M_BIND, M_RBIND, M_TMPFS: M_RO goes with it */
};

struct entries { struct entry *v; size_t n; const char *root; };  /* root: "" or RootDirectory= */

void entries_add(struct entries *l, enum mount_kind kind, const char *path, bool optional);
struct entry *entries_last(struct entries *l);
/** drop what is not there and what lies below inaccessible paths, resolve links, sort; -ENOENT for a path that had to be there */
int entries_resolve(struct entries *l);
int entries_apply(const struct run *r, const struct entries *l);        /* mount-apply.c */
/** image_mount() - the file system in a file or block device, through a loop device (images.c) */
int image_mount(const char *image, const char *target, const char *options);
/**
 * extensions_collect() - stage what ExtensionImages= and ExtensionDirectories= name below /run/sysmaster, check that it is meant for
 * this system (os-release(5)), and add the overlays for /usr and /opt (extensions.c). -ESTALE: it is not
 */
int extensions_collect(const struct run *r, struct entries *l);
int dev_mount(const char *target);                                      /* mount-dev.c: a /dev without devices, mounted there */
/** split "ro,mode=0755" into flags (or'ed into *flags) and what the file system reads itself */
char *mount_options(const char *text, unsigned long *flags);
int make_target(const char *path, bool dir);            /* a mount point where there is none */
