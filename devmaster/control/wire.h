/*
 * wire.h - the messages of udev's control socket, as `udevadm control` of systemd 252 sends them
 *
 * A SOCK_SEQPACKET socket; a message a datagram, 280 bytes in the machine's byte order. A client sends what it wants, then
 * CONTROL_END, and waits until the daemon hangs up: then all of it is done. Only root may.
 */
#pragma once
#include "util.h"

#define CONTROL_PATH "/run/udev/control"
#define CONTROL_MAGIC 0xdead1deau

enum control_verb {
	CONTROL_END = 0,
	CONTROL_LOG_LEVEL = 1,          /* number: 0..7 */
	CONTROL_STOP_QUEUE = 2,
	CONTROL_START_QUEUE = 3,
	CONTROL_RELOAD = 4,
	CONTROL_PROPERTY = 5,           /* text: KEY=VALUE, or KEY= to unset it */
	CONTROL_CHILDREN_MAX = 6,       /* number */
	CONTROL_PING = 7,
	CONTROL_EXIT = 8,
};

struct control_message { enum control_verb verb; int number; const char *text; };

#define CONTROL_TEXT_BYTES 256
struct control_wire {
	char version[16];               /* "udev-252"; not looked at */
	uint32_t magic, verb;
	union { int32_t number; char text[CONTROL_TEXT_BYTES]; };
};

/** control_encode() - -E2BIG: the text is too long */
int control_encode(const struct control_message *m, struct control_wire *out);
/** control_decode() - text is borrowed from @data. -EBADMSG: wrong length, magic, verb or value */
int control_decode(const void *data, size_t n, struct control_message *ret);

/* client.c */
int control_connect(const char *path);          /* fd or -errno; -ENOENT, -ECONNREFUSED: no daemon */
int control_send(int fd, const struct control_message *m);
/** control_wait() - send CONTROL_END, wait until the daemon hangs up. 0; -ETIMEDOUT; -errno. USEC_INFINITY: for ever; 0: not at all */
int control_wait(int fd, uint64_t timeout_usec);
