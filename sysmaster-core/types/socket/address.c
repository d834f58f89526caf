/* address.c - what a socket unit listens on: the texts of addresses, and names for connections */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include "exec/peer.h"
#include "types/socket/address.h"
#include "unit/key.h"

const char *const port_kind_names[N_PORT_KINDS] = {
	[PORT_STREAM] = "Stream", [PORT_DATAGRAM] = "Datagram", [PORT_SEQPACKET] = "SequentialPacket", [PORT_FIFO] = "FIFO",
	[PORT_SPECIAL] = "Special", [PORT_NETLINK] = "Netlink", [PORT_MQUEUE] = "MessageQueue",
};

static const struct { const char *name; int protocol; } netlink_families[] = {
	{ "route", NETLINK_ROUTE }, { "firewall", NETLINK_FIREWALL }, { "inet-diag", NETLINK_INET_DIAG }, { "nflog", NETLINK_NFLOG },
	{ "xfrm", NETLINK_XFRM }, { "selinux", NETLINK_SELINUX }, { "iscsi", NETLINK_ISCSI }, { "audit", NETLINK_AUDIT },
	{ "fib-lookup", NETLINK_FIB_LOOKUP }, { "connector", NETLINK_CONNECTOR }, { "netfilter", NETLINK_NETFILTER },
	{ "ip6-fw", NETLINK_IP6_FW }, { "dnrtmsg", NETLINK_DNRTMSG }, { "kobject-uevent", NETLINK_KOBJECT_UEVENT },
	{ "generic", NETLINK_GENERIC }, { "scsitransport", NETLINK_SCSITRANSPORT }, { "ecryptfs", NETLINK_ECRYPTFS },
	{ "rdma", NETLINK_RDMA },
};

static int parse_port(const char *s, in_port_t *ret)
{
	uint64_t v;
	int r = value_unsigned(s, UINT16_MAX, &v);

	if (r < 0)
		return r;
	if (v == 0)
		return -ERANGE;
	*ret = htons((uint16_t)v);
	return 0;
}

static int parse_unix(const char *s, struct address *a)
{
	size_t n = strlen(s);

	if (n > sizeof(a->un.sun_path) - 1)
		return -ENAMETOOLONG;
	if (s[0] == '@' && n < 2)
		return -EINVAL;
	a->un.sun_family = AF_UNIX;
	memcpy(a->un.sun_path, s, n);
	if (s[0] == '@')
		a->un.sun_path[0] = '\0';
	a->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + (s[0] == '/'));
	return 0;
}

/* "[x]:y" or "[x]:y%dev" */
static int parse_inet6(const char *s, struct address *a)
{
	const char *end = strchr(s, ']'), *percent;
	char host[INET6_ADDRSTRLEN], port[16];
	size_t n;

	if (!end || end[1] != ':' || (size_t)(end - s - 1) >= sizeof(host))
		return -EINVAL;
	memcpy(host, s + 1, (size_t)(end - s - 1));
	host[end - s - 1] = '\0';
	percent = strchr(end, '%');
	n = percent ? (size_t)(percent - end - 2) : strlen(end + 2);
	if (n == 0 || n >= sizeof(port) || (percent && !percent[1]))
		return -EINVAL;
	memcpy(port, end + 2, n);
	port[n] = '\0';
	a->in6.sin6_family = AF_INET6;
	a->len = sizeof(a->in6);
	a->interface = percent ? percent + 1 : NULL;
	if (inet_pton(AF_INET6, host, &a->in6.sin6_addr) != 1)
		return -EINVAL;
	return parse_port(port, &a->in6.sin6_port);
}

/* "vsock:CID:PORT"; an empty CID: any */
static int parse_vsock(const char *s, struct address *a)
{
	const char *colon = strchr(s, ':');
	char cid[16];
	uint64_t v;
	int r;

	if (!colon || (size_t)(colon - s) >= sizeof(cid))
		return -EINVAL;
	memcpy(cid, s, (size_t)(colon - s));
	cid[colon - s] = '\0';
	a->vm.svm_family = AF_VSOCK;
	a->vm.svm_cid = VMADDR_CID_ANY;
	a->len = sizeof(a->vm);
	if (cid[0]) {
		r = value_unsigned(cid, UINT32_MAX, &v);
		if (r < 0)
			return r;
		a->vm.svm_cid = (unsigned)v;
	}
	r = value_unsigned(colon + 1, UINT32_MAX, &v);
	a->vm.svm_port = (unsigned)v;
	return r;
}

static int parse_inet(const char *s, struct address *a)
{
	const char *colon = strrchr(s, ':');
	char host[INET_ADDRSTRLEN];

	if (!colon) {                                   /* a port on every address, by IPv6 */
		a->in6.sin6_family = AF_INET6;
		a->in6.sin6_addr = in6addr_any;
		a->len = sizeof(a->in6);
		return parse_port(s, &a->in6.sin6_port);
	}
	if ((size_t)(colon - s) >= sizeof(host))
		return -EINVAL;
	memcpy(host, s, (size_t)(colon - s));
	host[colon - s] = '\0';
	a->in.sin_family = AF_INET;
	a->len = sizeof(a->in);
	if (inet_pton(AF_INET, host, &a->in.sin_addr) != 1)
		return -EINVAL;
	return parse_port(colon + 1, &a->in.sin_port);
}

/* "FAMILY" or "FAMILY GROUPS" */
static int parse_netlink(const char *s, struct address *a)
{
	size_t n = strcspn(s, " \t");
	uint64_t groups = 0;

	for (size_t i = 0; i < ARRAY_SIZE(netlink_families); i++) {
		if (strlen(netlink_families[i].name) != n || strncmp(netlink_families[i].name, s, n) != 0)
			continue;
		s += n + strspn(s + n, " \t");
		if (*s && value_unsigned(s, UINT32_MAX, &groups) < 0)
			return -EINVAL;
		a->nl.nl_family = AF_NETLINK;
		a->nl.nl_groups = (uint32_t)groups;
		a->len = sizeof(a->nl);
		a->type = SOCK_RAW;
		a->protocol = netlink_families[i].protocol;
		return 0;
	}
	return -EAFNOSUPPORT;
}

int address_parse(enum port_kind kind, const char *text, struct address *ret)
{
	static const int types[N_PORT_KINDS] = { [PORT_STREAM] = SOCK_STREAM, [PORT_DATAGRAM] = SOCK_DGRAM, [PORT_SEQPACKET] = SOCK_SEQPACKET };
	struct address a = { .type = types[kind] };
	int r;

	if (kind == PORT_NETLINK)
		r = parse_netlink(text, &a);
	else if (text[0] == '/' || text[0] == '@')
		r = parse_unix(text, &a);
	else if (kind == PORT_SEQPACKET)                /* AF_UNIX only */
		r = -EINVAL;
	else if (text[0] == '[')
		r = parse_inet6(text, &a);
	else if (startswith(text, "vsock:"))
		r = parse_vsock(text + strlen("vsock:"), &a);
	else
		r = parse_inet(text, &a);
	if (r < 0)
		return r;
	*ret = a;
	return 0;
}

const char *address_path(enum port_kind kind, const char *text)
{
	return kind != PORT_NETLINK && kind != PORT_MQUEUE && text[0] == '/' ? text : NULL;
}

bool address_can_accept(enum port_kind kind) { return kind == PORT_STREAM || kind == PORT_SEQPACKET; }

static int unix_instance(int fd, unsigned number, char **ret)
{
	struct ucred cred;
	socklen_t n = sizeof(cred);
	int r;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &n) < 0)
		return -errno;
	if (cred.pid > 0)
		r = asprintf(ret, "%u-%d-%u", number, (int)cred.pid, (unsigned)cred.uid);
	else                                            /* from another PID namespace */
		r = asprintf(ret, "%u-unknown", number);
	return r < 0 ? -ENOMEM : 0;
}

int address_instance(int fd, unsigned number, char **ret, char **ret_peer)
{
	char lhost[INET6_ADDRSTRLEN], rhost[INET6_ADDRSTRLEN] = "";
	_cleanup_(freep) char *name = NULL, *peer = NULL;
	unsigned lport, rport;
	int r = peer_host_and_port(fd, PEER_LOCAL, lhost, &lport);

	if (r == -EAFNOSUPPORT) {
		r = unix_instance(fd, number, &name);
	} else if (r >= 0) {
		r = peer_host_and_port(fd, PEER_REMOTE, rhost, &rport);
		if (r >= 0 && asprintf(&name, "%u-%s:%u-%s:%u", number, lhost, lport, rhost, rport) < 0)
			r = -ENOMEM;
	}
	if (r < 0)
		return r;
	peer = strdup(rhost);
	if (!peer)
		return -ENOMEM;
	*ret = TAKE_PTR(name);
	*ret_peer = TAKE_PTR(peer);
	return 0;
}
