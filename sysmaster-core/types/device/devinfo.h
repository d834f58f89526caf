/* devinfo.h - what is known of a device: from the udev database in /run/udev, or from a message of libudev's monitor */
#pragma once
#include "util.h"

struct devinfo {
	char *syspath;                  /* "/sys/devices/..." */
	char *action;                   /* of a message: "add", "change", "remove" ...; NULL from the database */
	char *old_syspath;              /* of a move; NULL */
	char **paths;                   /* the device node, its links, SYSTEMD_ALIAS=; absolute */
	char **wants;                   /* SYSTEMD_WANTS=, as given */
	char *model;                    /* for the description; NULL */
	uint64_t devnum;                /* 0: no node */
	bool tagged;                    /* with "systemd", now */
	bool ready;                     /* SYSTEMD_READY= is not 0 */
};
void devinfo_done(struct devinfo *d);

/** devinfo_read() - the database's entry @id ("b8:1", "c4:64", "n2", "+pci:..."). -ENOENT: none, or the device is gone; -ENOMEM */
int devinfo_read(const char *id, struct devinfo *ret);
/**
 * devinfo_parse() - a datagram of libudev's monitor: header, then NUL-separated NAME=VALUE
 * Return: 0; -EBADMSG: it is none; -ENOMEM.
 */
int devinfo_parse(const void *p, size_t n, struct devinfo *ret);
/** devinfo_each_tagged() - @fn with each device of the database that is tagged "systemd". 0, also without a database; -ENOMEM; what @fn returns below 0 */
int devinfo_each_tagged(int (*fn)(const struct devinfo *d, void *arg), void *arg);
/** tests: folders that stand for /run/udev and /sys */
void devinfo_use(const char *udev, const char *sys);

/** device.c: stop listening to device events, before the loop goes */
void device_monitor_close(void);
