/* address.h - what a socket unit listens on: kinds of ports and the texts of their addresses; systemd.socket(5) */
#pragma once
#include <netinet/in.h>
#include <sys/socket.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#include <sys/un.h>
#include "util.h"

enum port_kind { PORT_STREAM, PORT_DATAGRAM, PORT_SEQPACKET, PORT_FIFO, PORT_SPECIAL, PORT_NETLINK, PORT_MQUEUE, N_PORT_KINDS };
extern const char *const port_kind_names[N_PORT_KINDS];         /* "Stream", as `show` prints them in Listen= */

struct address {
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
		struct sockaddr_nl nl;
		struct sockaddr_vm vm;
	};
	socklen_t len;
	int type, protocol;             /* of socket(2) */
	const char *interface;          /* the part behind '%', borrowed from the text; NULL */
};

/**
 * address_parse() - the text behind ListenStream=, ListenDatagram=, ListenSequentialPacket= or ListenNetlink=
 * @ret: filled on success; a bare port number gives [::]:PORT
 * Return: 0; -EINVAL no address; -ERANGE number out of range; -ENAMETOOLONG path; -EAFNOSUPPORT no such netlink family.
 */
int address_parse(enum port_kind kind, const char *text, struct address *ret);
/** the path in the file system that a port makes or opens; NULL: none */
const char *address_path(enum port_kind kind, const char *text);
bool address_can_accept(enum port_kind kind);

/**
 * address_instance() - instance name for a connection: "N-LOCAL:PORT-PEER:PORT", or "N-PID-UID" for AF_UNIX
 * @ret_peer: address of the other side without the port ("" for AF_UNIX), for MaxConnectionsPerSource=
 * Return: 0 with two strings to be freed; -ENOTCONN when the peer has gone already; other negative errno.
 */
int address_instance(int fd, unsigned number, char **ret, char **ret_peer);
