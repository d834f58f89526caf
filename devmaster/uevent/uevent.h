/*
 * uevent.h - one message of the kernel, or of a device manager to its clients: "KEY=VALUE" with a NUL behind each
 *
 * Strings are borrowed from the message. Source: the kernel's Documentation/ABI/testing/sysfs-uevent and lib/kobject_uevent.c (what
 * it sends); sd-device of systemd 252 (what a client insists on).
 */
#pragma once
#include <sys/types.h>
#include "util.h"

#define UEVENT_BYTES_MAX 16384          /* the kernel's own bound is 2 KiB of properties; a manager adds to them */

struct uevent {
	const char *properties;         /* all of them, "KEY=VALUE\0KEY=VALUE\0" */
	size_t len;
	const char *action, *devpath, *subsystem;       /* always there */
	const char *devpath_old, *devtype, *devname;    /* NULL: not said */
	uint64_t seqnum;                /* never 0 */
	dev_t devnum;                   /* 0: none */
	int ifindex;                    /* 0: none */
	bool is_block;
};

/**
 * uevent_properties() - properties of a message into @ret
 * -EBADMSG: not ended by NUL, a line without '=', or no ACTION, DEVPATH (absolute, without ".."), SUBSYSTEM, SEQNUM.
 */
int uevent_properties(const char *text, size_t n, struct uevent *ret);
/** uevent_kernel() - a whole message of the kernel, "ACTION@DEVPATH" in front of its properties. -EBADMSG likewise */
int uevent_kernel(const char *text, size_t n, struct uevent *ret);
/** uevent_next() - the next property at @*p, which moves behind it; NULL at the end. The text was checked before */
const char *uevent_next(const struct uevent *u, const char **p);
/** uevent_get() - value of @key or NULL */
const char *uevent_get(const struct uevent *u, const char *key);
/** uevent_id() - name of the device's record as device_id() makes it. 0; -ENAMETOOLONG */
int uevent_id(const struct uevent *u, char *out, size_t size);
