/*
 * enumerate.h - the devices of sysfs that pass a filter, in the order in which the system is coldplugged
 *
 * Order: as the paths are, element by element; dm and md devices behind all others, for they are made of those; in front what was
 * asked for with enumerate_first(). Source: sd-device of systemd 252, udevadm(8) "trigger".
 */
#pragma once
#include "database/database.h"

struct enumerate;

/* filters; of one kind one must match (ALL: all must, NONE: none may). Patterns are those of fnmatch(3) */
enum enumerate_kind {
	ENUMERATE_SUBSYSTEM,            /* key: pattern */
	ENUMERATE_NO_SUBSYSTEM,         /* NONE */
	ENUMERATE_ATTR,                 /* ALL; key: name, value: pattern or NULL: it can be read */
	ENUMERATE_NO_ATTR,              /* NONE */
	ENUMERATE_PROPERTY,             /* key, value: patterns; value NULL: nothing matches */
	ENUMERATE_NAME,                 /* key: pattern of the last element of the path */
	ENUMERATE_TAG,                  /* key: a tag that it has or once had */
	ENUMERATE_PARENT,               /* key: path below sysfs; that device itself counts, too */
	ENUMERATE_KINDS,
};
enum enumerate_initialized {
	ENUMERATE_ANY,
	ENUMERATE_READY,                /* has a record, or has neither node nor interface and so may never get one (libudev) */
	ENUMERATE_INITIALIZED, ENUMERATE_UNINITIALIZED,
};
enum { ENUMERATE_DEVICES = 1, ENUMERATE_SUBSYSTEMS = 2 /* buses, drivers and modules */ };

int enumerate_new(struct enumerate **ret, const char *sysfs, const char *run);
void enumerate_free(struct enumerate *e);
DEFINE_CLEANUP(struct enumerate *, enumerate_free);

int enumerate_match(struct enumerate *e, enum enumerate_kind kind, const char *key, const char *value);        /* copies. -ENOMEM */
void enumerate_initialized(struct enumerate *e, enum enumerate_initialized which);
int enumerate_first(struct enumerate *e, const char *subsystem);        /* its devices and their parents come first, in the order of the calls */

/** enumerate_scan() - @what: ENUMERATE_DEVICES and ENUMERATE_SUBSYSTEMS or'ed; adds to what is there. What vanishes meanwhile is left out. -ENOMEM */
int enumerate_scan(struct enumerate *e, unsigned what);
int enumerate_add(struct enumerate *e, const char *path);       /* one device, unfiltered. -ENODEV, -ENOMEM */
void enumerate_forget(struct enumerate *e);                     /* what was found */
/** enumerate_paths() - sysfs + devpath of each, in order, once each; borrowed until the next call. NULL: none, or no memory with *n != 0 */
const char *const *enumerate_paths(struct enumerate *e, size_t *n);
