/* mountinfo.h - the kernel's table of mounts, /proc/self/mountinfo; proc(5) */
#pragma once
#include "util.h"

struct mountinfo {
	char *where;                    /* absolute, unescaped */
	char *what, *type;              /* source and file system type */
	char *options;                  /* of the mount and of the file system, joined: "rw,relatime,size=..." */
	char *root;                     /* what part of the file system is mounted: "/" but for bind mounts */
	unsigned major, minor;          /* of the file system; 0 and 0 where the line has no such numbers */
};

/** mountinfo_parse() - one line without its newline, changed in place; @ret borrows from it but for options (freed by the caller). -EBADMSG; -ENOMEM */
int mountinfo_parse(char *line, struct mountinfo *ret);
/** mountinfo_each() - @fn for each line of the table behind @fd, in the kernel's order (what is mounted over comes first). 0 or the first negative errno */
int mountinfo_each(int fd, int (*fn)(const struct mountinfo *m, void *arg), void *arg);

/* options are comma-separated words "NAME" or "NAME=VALUE" */
bool option_has(const char *options, const char *name);
/** option_next() - the next value of @name at or behind *p; *p advances. 1 with *ret (to be freed), 0, -ENOMEM */
int option_next(const char **p, const char *name, char **ret);
/** option_without() - a copy without the words named in the NULL-terminated @drop; NULL: no memory */
char *option_without(const char *options, const char *const *drop);

/* what kind of mount parameters describe */
bool mount_is_network(const char *type, const char *options);
bool mount_is_bind(const char *type, const char *options);
bool mount_is_loop(const char *options);
bool mount_needs_quota(const char *type, const char *options);
/** mounts that come with the system itself and have no unit: /proc, /sys, /dev ... and what is below /sys/fs/cgroup */
bool mount_is_api(const char *where);
/** mounts that stay until the end: / and /usr, and what lies below /proc, /sys and /dev */
bool mount_is_extrinsic(const char *where);
