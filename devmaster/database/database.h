/*
 * database.h - /run/udev: records, tags and link stacks, byte for byte as libudev and sd-device of systemd 252 have them
 *
 *   data/ID            S: link, L: priority, I: first seen (usec, monotonic), E: property, G: tag ever, Q: tag now, V: version
 *   tags/TAG/ID        empty
 *   links/NAME/ID      symlink "PRIORITY:/dev/NODE": who wants the link /dev/NAME ('/' and '\' of NAME as \x2f and \x5c)
 *
 * A record is replaced as a whole by rename(2), so readers need no lock, and nor do writers of different devices.
 */
#pragma once
#include "device/device.h"

struct database { const char *run; };   /* "/run/udev" or a folder that stands for it */

/** database_parse() - one record's text into @d; a line that is none is skipped. -ENOMEM. @text need not end with NUL */
int database_parse(struct device *d, const char *text, size_t n);
int database_read(struct database *db, struct device *d);       /* 0 also when there is none; once a device */
/** database_write() - removes the record when there is nothing to say; leaves it alone when @before was read and says the same */
int database_write(struct database *db, struct device *d, const struct device *before);
int database_delete(struct database *db, struct device *d);
/** database_tags() - files below tags/: of @now as far as @d has them, none for the others of @before */
int database_tags(struct database *db, struct device *d, const struct words *before, const struct words *now);

/** database_stack() - @d wants (or no longer wants) /dev/... @link. 0; 1: it said so before; negative errno */
int database_stack(struct database *db, struct device *d, const char *link, bool want);
/** database_winner() - node of the device with the highest priority; @own wins among equals. -ENOENT: nobody wants it */
int database_winner(struct database *db, struct device *own, const char *link, char *node, size_t size);
/**
 * database_link_path() - the normal form of @link: "//" and "/./" go, no slash at its end
 *
 * Records hold a link as the rule had it, its stack and the link itself go by the normal form. @out may be NULL: only ask.
 * -EINVAL: not below /dev, or ".." in it; -ENAMETOOLONG.
 */
int database_link_path(const char *link, char *out, size_t size);
int database_mkdir_parents(const char *path);
