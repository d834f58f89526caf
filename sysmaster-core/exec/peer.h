/* peer.h - a socket's addresses as text: for the names of instances, and for REMOTE_ADDR and REMOTE_PORT */
#pragma once
#include <netinet/in.h>
#include "util.h"

enum peer_end { PEER_LOCAL, PEER_REMOTE };
/**
 * peer_host_and_port() - of the socket's own end or of the other one
 * @host: an IPv4 address that came in over IPv6 is written as what it is; of AF_VSOCK the number
 *
 * Return: 0; -EAFNOSUPPORT: a family without hosts and ports, such as AF_UNIX; -ENOTCONN and the like of getpeername(2).
 */
int peer_host_and_port(int fd, enum peer_end end, char host[INET6_ADDRSTRLEN], unsigned *port);
