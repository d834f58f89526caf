/* peer.c - see peer.h */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <linux/vm_sockets.h>
#include "exec/peer.h"

int peer_host_and_port(int fd, enum peer_end end, char host[INET6_ADDRSTRLEN], unsigned *port)
{
	union { struct sockaddr sa; struct sockaddr_in in; struct sockaddr_in6 in6; struct sockaddr_vm vm; struct sockaddr_storage any; } a = { 0 };
	socklen_t len = sizeof(a);

	if ((end == PEER_LOCAL ? getsockname : getpeername)(fd, &a.sa, &len) < 0)
		return -errno;
	if (a.sa.sa_family == AF_INET) {
		inet_ntop(AF_INET, &a.in.sin_addr, host, INET6_ADDRSTRLEN);
		*port = ntohs(a.in.sin_port);
	} else if (a.sa.sa_family == AF_INET6) {
		if (IN6_IS_ADDR_V4MAPPED(&a.in6.sin6_addr))
			inet_ntop(AF_INET, &a.in6.sin6_addr.s6_addr[12], host, INET6_ADDRSTRLEN);
		else
			inet_ntop(AF_INET6, &a.in6.sin6_addr, host, INET6_ADDRSTRLEN);
		*port = ntohs(a.in6.sin6_port);
	} else if (a.sa.sa_family == AF_VSOCK) {
		snprintf(host, INET6_ADDRSTRLEN, "%u", a.vm.svm_cid);
		*port = a.vm.svm_port;
	} else {
		return -EAFNOSUPPORT;
	}
	return 0;
}
