/*
 * dbus.h - as much of the D-Bus wire format as is needed to ask the bus who owns a name
 *
 * Calls go to the bus itself and have at most one string as argument; of what comes back the reply, the error and the signal
 * NameOwnerChanged matter. Only little-endian messages are read: the bus sends in its machine's order.
 * Source: D-Bus Specification, "Message Protocol".
 */
#pragma once
#include "buf.h"

#define DBUS_MESSAGE_MAX (128u << 10)           /* bytes; the bus's own messages to a client that asked for little are far smaller */

enum dbus_type { DBUS_CALL = 1, DBUS_RETURN, DBUS_ERROR, DBUS_SIGNAL };

struct dbus_message {
	uint8_t type;
	uint32_t reply_serial;                  /* 0: none */
	const char *member;                     /* "" when there is none; within the message, as are the next two */
	const char *signature;
	const uint8_t *body; size_t n_body;
};

/** dbus_call() - append a call of @member at the bus; @arg: its one string, NULL: none */
void dbus_call(struct buf *out, uint32_t serial, const char *member, const char *arg);

/**
 * dbus_parse() - the message at the front of @data
 * Return: its length; 0: not all of it is there yet; -EBADMSG: it is none, or longer than DBUS_MESSAGE_MAX.
 */
ssize_t dbus_parse(const uint8_t *data, size_t n, struct dbus_message *ret);

/** the boolean that a reply consists of; -EBADMSG */
int dbus_body_bool(const struct dbus_message *m, bool *ret);
/** string @index of a body of strings only; NULL: there is none */
const char *dbus_body_string(const struct dbus_message *m, unsigned index);
