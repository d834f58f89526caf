/*
 * monitor.h - messages to and from libudev's monitors, on netlink's NETLINK_KOBJECT_UEVENT
 *
 * Kernel messages come in group 1; the device manager sends its own in group 2 with a head in front of the properties, by which a
 * socket filter of each client drops what that client does not ask for. No libnl here: our libudev has this, too.
 * Source: the format that libudev and sd-device of systemd 252 send and read.
 */
#pragma once
#include <sys/socket.h>
#include "buf.h"
#include "uevent/uevent.h"

enum { MONITOR_KERNEL = 1, MONITOR_UDEV = 2 };  /* multicast groups */

#define MONITOR_MAGIC 0xfeedcafeu

/* As it is on the wire. "big": the most significant byte first; the others as the machine has them. */
struct monitor_head {
	char prefix[8];                 /* "libudev" and NUL */
	uint32_t magic;                 /* big */
	uint32_t head_bytes;
	uint32_t properties_at;         /* from the beginning of the message */
	uint32_t properties_bytes;
	uint32_t subsystem, devtype;    /* big; monitor_hash(), 0: none */
	uint32_t tags_high, tags_low;   /* big; halves of the OR of monitor_bloom() of all tags, 0: none */
};

uint32_t monitor_hash(const char *s);           /* MurmurHash2 of the text, seed 0 */
uint64_t monitor_bloom(const char *tag);        /* up to four bits of 64 */

/** monitor_head() - the head of a message of @bytes of properties; @devtype may be NULL */
void monitor_head(struct monitor_head *ret, const char *subsystem, const char *devtype, uint64_t tags, size_t bytes);
/** monitor_encode() - head and properties ("KEY=VALUE\0...") appended to @out; tags are taken from the property TAGS. -EBADMSG; -ENOMEM */
int monitor_encode(struct buf *out, const char *properties, size_t n);
/**
 * monitor_decode() - a message of either group
 * @ret_group: MONITOR_UDEV when it has a head, else MONITOR_KERNEL; may be NULL
 * -EBADMSG: neither, or what uevent_properties() refuses.
 */
int monitor_decode(const void *data, size_t n, struct uevent *ret, int *ret_group);

struct monitor_match { const char *subsystem, *devtype; };      /* devtype NULL: any */
struct monitor_filter {
	const struct monitor_match *matches; size_t n_matches;  /* one of them; none: all */
	const char *const *tags; size_t n_tags;                 /* one of them; none: all */
};
/** monitor_passes() - exactly what the socket filter only guesses by hashes. @u came from MONITOR_UDEV or MONITOR_KERNEL */
bool monitor_passes(const struct monitor_filter *f, const struct uevent *u);

/* socket.c */
/** monitor_open() - a socket that receives @group (0: none, only for sending), non-blocking. fd or -errno */
int monitor_open(int group);
int monitor_set_buffer(int fd, int bytes);      /* beyond the system's bound where we may. 0 or -errno */
/** monitor_attach() - drop in the kernel what @f cannot match; replaces an earlier one. -E2BIG: too many for one filter */
int monitor_attach(int fd, const struct monitor_filter *f);
int monitor_detach(int fd);
/**
 * monitor_receive() - one message of a trusted sender into @data
 * Return: bytes; -EAGAIN: none there; -EPERM: not from the kernel (group 1) or not from root (group 2), take the next one;
 * -ENOBUFS: messages were lost before; -EMSGSIZE: too long, lost.
 */
ssize_t monitor_receive(int fd, void *data, size_t size, int *ret_group);
/** monitor_send() - to all of MONITOR_UDEV. 0 also when nobody listens; -errno */
int monitor_send(int fd, const void *data, size_t n);
