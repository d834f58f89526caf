/*
 * device.h - one device as sysfs and its uevent tell it, with what an event makes of it
 *
 * All memory is of the event's arena: a device and all it hands out live until that is reset. Attributes are read once and
 * kept. Source: sysfs of the kernel; what is a device, a parent, a subsystem: sd-device of systemd 252.
 */
#pragma once
#include <sys/types.h>
#include "arena.h"

struct property { const char *key, *value; bool stored; };      /* stored: goes to the database */
struct words { const char **v; size_t n, cap; };

struct device {
	struct arena *arena;
	const char *sysfs;              /* "/sys" or a tree that stands for it */
	const char *path;               /* where it is: sysfs + devpath */
	const char *devpath;            /* "/devices/virtual/mem/null" */
	const char *sysname;            /* last element, '!' read as '/' */
	const char *sysnum;             /* digits at its end; NULL */
	const char *subsystem;          /* NULL: none */
	const char *driver_subsystem;   /* of a driver: whose */
	const char *driver, *devtype;   /* NULL: none */
	const char *devname;            /* "/dev/null"; NULL: no node */
	dev_t devnum;                   /* 0: none */
	int ifindex;                    /* 0: none */
	int64_t devmode, devuid, devgid;/* what the kernel says; -1: nothing */
	struct device *parent;
	bool parent_known;
	bool driver_known;
	struct property *props;         /* in the order they came */
	size_t n_props, cap_props;
	struct words links;             /* "/dev/..." */
	struct words tags, current_tags;
	int link_priority;
	uint64_t initialized_usec;      /* 0: never */
	bool db_persist, db_read;
	bool old_record;                /* and it is one of before there were current tags: CURRENT_TAGS is not set */
	bool recorded;                  /* the database has a record: udev's word for it is "initialized" */
	bool is_block;
	struct attr *attrs;
	const char *record;             /* its record as it was read; NULL: none */
	size_t record_len;
};

struct uevent;
/**
 * device_from_uevent() - the device that a message speaks of, be it there or not; its uevent file is not read
 *
 * Properties are those of the message. -ENODEV: SYSFS is not there; -ENOMEM.
 */
int device_from_uevent(struct device **ret, struct arena *a, const char *sysfs, const struct uevent *u);
/** device_shadow() - a second device with the identity of @d and the properties that its uevent file has: for what was known of it before */
struct device *device_shadow(const struct device *d);

/**
 * device_open() - the device at @path: a devpath ("/devices/...", "/class/net/lo"; the first slash may be missing) or a path below @sysfs
 *
 * -ENODEV: nothing there or no device. Its uevent file is read; the database is not.
 */
int device_open(struct device **ret, struct arena *a, const char *sysfs, const char *path);
/** device_open_name() - by subsystem and kernel name, "[net/lo]" of rules */
int device_open_name(struct device **ret, struct arena *a, const char *sysfs, const char *subsystem, const char *name);
int device_open_number(struct device **ret, struct arena *a, const char *sysfs, bool block, dev_t number);
/** device_open_id() - by the name of its record, see device_id(). -EINVAL: no such form */
int device_open_id(struct device **ret, struct arena *a, const char *sysfs, const char *id);
struct device *device_parent(struct device *d);                 /* NULL: none */
const char *device_driver(struct device *d);                    /* NULL: not bound */

/**
 * device_attr() - value of a sysfs attribute without its last newlines; a link "driver", "subsystem" or "module": its last element
 *
 * Borrowed. NULL: there is none, a folder, or not readable.
 */
const char *device_attr(struct device *d, const char *name);

/** device_attr_names() - attributes in its folder and in those below that are no devices ("power/control"), sorted. -ENOMEM */
int device_attr_names(struct device *d, struct words *names);
const char *device_property(const struct device *d, const char *key);   /* NULL: unset */
/** device_set() - NULL unsets. Names with a leading dot are never stored. -ENOMEM */
int device_set(struct device *d, const char *key, const char *value, bool stored);
int device_set_copy(struct device *d, const char *key, const char *value, size_t n, bool stored);
/** device_uevent() - lines KEY=VALUE as the kernel sends or prints them; what is not such a line is skipped. -ENOMEM */
int device_uevent(struct device *d, const char *text, size_t n);
/** device_id() - name of its record: "b8:0", "c1:3", "n2", "+pci:0000:00:1f.2"; NULL: cannot have one */
const char *device_id(struct device *d);
/** device_finish_properties() - DEVLINKS, TAGS, CURRENT_TAGS, USEC_INITIALIZED as sd-device shows them. -ENOMEM */
int device_finish_properties(struct device *d);

int words_add(struct arena *a, struct words *w, const char *s); /* once; copies. 1 added, 0 was there, -ENOMEM */
bool words_has(const struct words *w, const char *s);
void words_remove(struct words *w, const char *s);

/** sysfs_resolve() - "[subsystem/kernel]attribute" -> its value or, with @read false, the path. -EINVAL: no such form; -ENODEV */
int sysfs_resolve(struct arena *a, const char *sysfs, const char *text, bool read, const char **ret);
