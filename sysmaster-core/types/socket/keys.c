/* keys.c - the [Socket] section, and what a socket unit adds of its own accord when it is loaded; systemd.socket(5) */
#include <limits.h>
#include <netinet/ip.h>
#include "cgroup/cgroup.h"
#include "types/common.h"
#include "types/socket/socket.h"
#include "unit/name.h"
#include "unit/specifier.h"

/* why rows of kind_unsupported are that */
#define NO_SMACK (intptr_t)"SMACK is not spoken to beside SmackProcessLabel="

/* ---- kinds ---- */

void port_list_free(struct port *p)
{
	while (p) {
		struct port *next = p->next;

		free(p->text);
		free(p);
		p = next;
	}
}

static int check_port(const struct key_place *at, enum port_kind kind, const char *text)
{
	struct address a;
	int r;

	if (kind == PORT_FIFO || kind == PORT_SPECIAL)
		return text[0] == '/' ? 0 : key_bad(at, "an absolute path is expected, not \"%s\"", text);
	if (kind == PORT_MQUEUE)
		return text[0] == '/' && text[1] && !strchr(text + 1, '/') ? 0 : key_bad(at, "the name of a message queue begins with its only slash: \"%s\"", text);
	r = address_parse(kind, text, &a);
	if (r == -ENAMETOOLONG)
		return key_bad(at, "a socket's path has at most %zu bytes", sizeof(a.un.sun_path) - 1);
	if (r == -EAFNOSUPPORT)
		return key_bad(at, "there is no netlink family of that name: \"%s\"", text);
	return r < 0 ? key_bad(at, "this is no address to listen on: \"%s\"", text) : 0;
}

static int parse_port(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	_cleanup_(freep) char *text = NULL;
	struct port **list = field, *p;
	size_t bad_at;
	int r;

	if (!value[0]) {
		port_list_free(*list);
		*list = NULL;
		return 0;
	}
	r = specifier_expand(at->unit, value, &text, &bad_at);
	if (r < 0)
		return key_bad_at(at, (unsigned)bad_at, "this specifier cannot be resolved");
	if (k->arg != PORT_NETLINK && k->arg != PORT_MQUEUE && text[0] == '/')
		path_without_var_run(path_simplify(text));
	r = check_port(at, (enum port_kind)k->arg, text);
	if (r < 0)
		return r;
	p = calloc(1, sizeof(*p));
	if (!p)
		return -ENOMEM;
	p->kind = (enum port_kind)k->arg;
	p->text = TAKE_PTR(text);
	while (*list)
		list = &(*list)->next;
	*list = p;
	return 0;
}

static void format_ports(const struct key *k, const void *field, struct buf *out)
{
	for (const struct port *p = *(struct port *const *)field; p; p = p->next) {
		bool bare = strspn(p->text, "0123456789") == strlen(p->text);   /* a port of every address */

		buf_addf(out, "%s%s%s (%s)", p == *(struct port *const *)field ? "" : "\n", bare ? "[::]:" : "", p->text, port_kind_names[p->kind]);
	}
}

static void clear_ports(const struct key *k, void *field)
{
	struct port **list = field;

	port_list_free(*list);
	*list = NULL;
}
static const struct key_kind kind_port = { "address", parse_port, format_ports, clear_ports };

static const struct key_enum tos_names[] = {
	{ "low-delay", IPTOS_LOWDELAY }, { "throughput", IPTOS_THROUGHPUT }, { "reliability", IPTOS_RELIABILITY }, { "low-cost", IPTOS_LOWCOST }, { NULL, 0 },
};

static int parse_tos(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	uint64_t n;

	if (key_enum_value(tos_names, value, field) >= 0)
		return 0;
	if (value_unsigned(value, 255, &n) < 0)
		return key_bad(at, "low-delay, throughput, reliability, low-cost or a number up to 255 is expected");
	*(int *)field = (int)n;
	return 0;
}
static void format_int(const struct key *k, const void *field, struct buf *out) { buf_addf(out, "%d", *(const int *)field); }
static const struct key_kind kind_tos = { "low-delay, throughput, reliability, low-cost or a number", parse_tos, format_int, NULL };

static int parse_fd_name(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	if (strlen(value) > 255)
		return key_bad(at, "the name has at most 255 characters");
	for (const char *p = value; *p; p++)
		if (*p < ' ' || *p > '~' || *p == ':')
			return key_bad_at(at, (unsigned)(p - value), "only printable ASCII characters but ':' may stand in the name");
	return kind_string.parse(at, k, value, field);
}
static void format_string(const struct key *k, const void *field, struct buf *out) { kind_string.format(k, field, out); }
static void clear_string(const struct key *k, void *field) { kind_string.clear(k, field); }
static const struct key_kind kind_fd_name = { "text without ':'", parse_fd_name, format_string, clear_string };

static int parse_service(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	_cleanup_(freep) char *name = NULL;
	int r = kind_string.parse(at, k, value, &name);

	if (r < 0)
		return r;
	if (name && (!name_valid(name, NAME_PLAIN | NAME_INSTANCE) || !streq(name_suffix(name), "service")))
		return key_bad(at, "the name of a service is expected, not \"%s\"", name);
	free(*(char **)field);
	*(char **)field = TAKE_PTR(name);
	return 0;
}
static const struct key_kind kind_service = { "service name", parse_service, NULL, clear_string };

/* ---- rows ---- */

#define F(field) offsetof(struct socket_unit, field)

static const struct key_enum v6only[] = { { "default", 0 }, { "both", 1 }, { "ipv6-only", 2 }, { NULL, 0 } };
static int parse_v6only(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	bool b;

	if (key_enum_value(v6only, value, field) >= 0)
		return 0;
	if (value_bool(value, &b) < 0)
		return key_bad(at, "default, both, ipv6-only or a boolean is expected, not \"%s\"", value);
	*(int *)field = b ? 2 : 1;
	return 0;
}
static void format_v6only(const struct key *k, const void *field, struct buf *out) { buf_adds(out, key_enum_name(v6only, *(const int *)field)); }
static const struct key_kind kind_v6only = { "default, both, ipv6-only or a boolean", parse_v6only, format_v6only, NULL };

static const struct key_enum protocols[] = { { "udplite", IPPROTO_UDPLITE }, { "sctp", IPPROTO_SCTP }, { NULL, 0 } };
static int parse_protocol(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	return key_enum_value(protocols, value, field) < 0 ? key_bad(at, "udplite or sctp is expected, not \"%s\"", value) : 0;
}
static const struct key_kind kind_protocol = { "udplite or sctp", parse_protocol, format_int, NULL };

static const struct key_enum timestampings[] = {
	{ "off", 0 }, { "us", 1 }, { "usec", 1 }, { "\xc2\xb5s", 1 }, { "\xce\xbcs", 1 }, { "ns", 2 }, { "nsec", 2 }, { NULL, 0 },
};

static const struct key rows[] = {
	{ "Accept", &kind_bool, F(accept), 0, NULL, "Take each connection here and start an instance of the service for it." },
	{ "Backlog", &kind_size, F(o.backlog), 0, NULL, "How many connections may wait to be accepted; the kernel's somaxconn caps it." },
	{ "BindIPv6Only", &kind_v6only, F(o.bind_ipv6_only), 0, NULL, "Whether an IPv6 socket takes IPv4 as well: default (as the sysctl says), both, ipv6-only." },
	{ "BindToDevice", &kind_string, F(o.bind_to_device), 0, NULL, "Take traffic of this network interface only; the unit is bound to the interface's device unit." },
	{ "Broadcast", &kind_bool, F(o.broadcast), 0, NULL, "Broadcast datagrams may be sent." },
	{ "DeferAcceptSec", &kind_sec, F(o.defer_accept_usec), 0, "DeferAcceptUSec", "A TCP connection counts only once data has come, or after so long." },
	{ "DirectoryMode", &kind_mode, F(o.directory_mode), 0, NULL, "Access mode of directories made on the way to a node." },
	{ "ExecStartPost", &kind_command, F(lists[SOCK_LIST_START_POST]), 0, NULL, "Commands that run when everything is bound." },
	{ "ExecStartPre", &kind_command, F(lists[SOCK_LIST_START_PRE]), 0, NULL, "Commands that run before anything is bound." },
	{ "ExecStopPost", &kind_command, F(lists[SOCK_LIST_STOP_POST]), 0, NULL, "Commands that run when everything is closed." },
	{ "ExecStopPre", &kind_command, F(lists[SOCK_LIST_STOP_PRE]), 0, NULL, "Commands that run before anything is closed." },
	{ "FileDescriptorName", &kind_fd_name, F(fd_name), 0, "", "Name of the descriptors in LISTEN_FDNAMES; the unit's own name by default." },
	{ "FlushPending", &kind_bool, F(flush_pending), 0, NULL, "What waits when the service has ended is thrown away." },
	{ "FreeBind", &kind_bool, F(o.free_bind), 0, NULL, "Addresses that the machine does not have (yet) may be bound." },
	{ "IPTOS", &kind_tos, F(o.iptos), 0, NULL, "Type of service of packets that are sent." },
	{ "IPTTL", &kind_int, F(o.ipttl), 0, NULL, "Time to live of packets that are sent." },
	{ "KeepAlive", &kind_bool, F(o.keep_alive), 0, NULL, "TCP probes whether silent peers are still there." },
	{ "KeepAliveIntervalSec", &kind_sec, F(o.keep_alive_interval_usec), 0, "KeepAliveIntervalUSec", "Time between two such probes." },
	{ "KeepAliveProbes", &kind_unsigned, F(o.keep_alive_probes), 0, NULL, "How many unanswered probes end a connection." },
	{ "KeepAliveTimeSec", &kind_sec, F(o.keep_alive_usec), 0, "KeepAliveTimeUSec", "How long a connection must be silent before it is probed." },
	{ "ListenDatagram", &kind_port, F(ports), PORT_DATAGRAM, "", "Address of a datagram socket: path, @abstract, port, v4:port, [v6]:port, vsock:cid:port." },
	{ "ListenFIFO", &kind_port, F(ports), PORT_FIFO, "", "Path of a FIFO; it is made when it is not there." },
	{ "ListenMessageQueue", &kind_port, F(ports), PORT_MQUEUE, "", "Name of a POSIX message queue; it is made when it is not there." },
	{ "ListenNetlink", &kind_port, F(ports), PORT_NETLINK, "", "Netlink family, and a mask of multicast groups behind it." },
	{ "ListenSequentialPacket", &kind_port, F(ports), PORT_SEQPACKET, "", "Address of an AF_UNIX sequential packet socket." },
	{ "ListenSpecial", &kind_port, F(ports), PORT_SPECIAL, "", "Path of a character device or special file to be opened." },
	{ "ListenStream", &kind_port, F(ports), PORT_STREAM, "Listen", "Address of a stream socket: path, @abstract, port, v4:port, [v6]:port, vsock:cid:port." },
	{ "ListenUSBFunction", &kind_unsupported, 0, (intptr_t)"endpoints of FunctionFS are not opened", "", "USB FunctionFS endpoints to be opened." },
	{ "Mark", &kind_int, F(o.mark), 0, NULL, "Firewall mark of packets that are sent." },
	{ "MaxConnections", &kind_unsigned, F(max_connections), 0, NULL, "With Accept=yes: how many instances may run at a time." },
	{ "MaxConnectionsPerSource", &kind_unsigned, F(max_connections_per_source), 0, NULL, "The same for each source address; 0: no such limit." },
	{ "MessageQueueMaxMessages", &kind_u64, F(o.mq_max_messages), 0, NULL, "Length of a message queue that is made; goes with MessageQueueMessageSize=." },
	{ "MessageQueueMessageSize", &kind_u64, F(o.mq_message_size), 0, NULL, "Greatest message of a queue that is made." },
	{ "NoDelay", &kind_bool, F(o.no_delay), 0, NULL, "TCP sends small segments at once." },
	{ "PassCredentials", &kind_bool, F(o.pass_credentials), 0, NULL, "Messages carry the credentials of their senders." },
	{ "PassPacketInfo", &kind_bool, F(o.pass_packet_info), 0, NULL, "Messages carry where they came in." },
	{ "PassSecurity", &kind_bool, F(o.pass_security), 0, NULL, "Messages carry the security label of their senders." },
	{ "PipeSize", &kind_size, F(o.pipe_size), 0, NULL, "Buffer of FIFOs, in bytes." },
	{ "Priority", &kind_int, F(o.priority), 0, NULL, "Priority of packets that are sent." },
	{ "ReceiveBuffer", &kind_size, F(o.receive_buffer), 0, NULL, "Receive buffer, in bytes." },
	{ "RemoveOnStop", &kind_bool, F(remove_on_stop), 0, NULL, "Nodes, queues and links are removed when the unit stops." },
	{ "ReusePort", &kind_bool, F(o.reuse_port), 0, NULL, "Several sockets may be bound to one port." },
	{ "SELinuxContextFromNet", &kind_unsupported, 0, (intptr_t)"the context of a peer is not asked for; SELinuxContext= is honoured", "", "The service's SELinux level is taken from the peer's." },
	{ "SendBuffer", &kind_size, F(o.send_buffer), 0, NULL, "Send buffer, in bytes." },
	{ "Service", &kind_service, F(service), 0, "", "Service to be started on traffic; the one of the unit's own name by default." },
	{ "SmackLabel", &kind_unsupported, 0, NO_SMACK, "", "SMACK label of a node." },
	{ "SmackLabelIPIn", &kind_unsupported, 0, NO_SMACK, "", "SMACK label of what comes in." },
	{ "SmackLabelIPOut", &kind_unsupported, 0, NO_SMACK, "", "SMACK label of what is sent." },
	{ "SocketGroup", &kind_string, F(group), 0, NULL, "Group that owns the nodes; SocketUser='s own by default." },
	{ "SocketMode", &kind_mode, F(o.socket_mode), 0, NULL, "Access mode of the nodes." },
	{ "SocketProtocol", &kind_protocol, F(o.protocol), 0, NULL, "udplite or sctp instead of UDP or TCP." },
	{ "SocketUser", &kind_string, F(user), 0, NULL, "User who owns the nodes." },
	{ "Symlinks", &kind_paths, F(symlinks), 0, NULL, "Symbolic links to the unit's only node, which live as long as it." },
	{ "TCPCongestion", &kind_string, F(o.tcp_congestion), 0, NULL, "Name of the congestion control to be used." },
	{ "TimeoutSec", &kind_sec_zero_inf, F(timeout_usec), 0, "TimeoutUSec", "How long a command of the unit may take." },
	{ "Timestamping", &kind_enum, F(o.timestamping), (intptr_t)timestampings, NULL, "Messages carry when they came: off, us or ns." },
	{ "Transparent", &kind_bool, F(o.transparent), 0, NULL, "Transparent proxying: addresses of others may be bound." },
	{ "TriggerLimitBurst", &kind_unsigned, F(trigger_burst), 0, NULL, "How many activations TriggerLimitIntervalSec= allows; 0: any number." },
	{ "TriggerLimitIntervalSec", &kind_sec, F(trigger_interval_usec), 0, "TriggerLimitIntervalUSec", "Interval in which activations are counted; beyond the limit the unit fails." },
	{ "Writable", &kind_bool, F(o.writable), 0, NULL, "ListenSpecial= opens for writing too." },
};

const struct key_group socket_groups[N_SOCKET_GROUPS] = {
	{ .section = "Socket", .rows = rows, .n_rows = ARRAY_SIZE(rows) },
	{ .section = "Socket", .rows = exec_keys, .n_rows_at = &n_exec_keys, .base = offsetof(struct socket_unit, exec) },
	{ .section = "Socket", .rows = kill_keys, .n_rows_at = &n_kill_keys, .base = offsetof(struct socket_unit, kill) },
	{ .section = "Socket", .rows = cgroup_keys, .n_rows_at = &n_cgroup_keys, .base = offsetof(struct socket_unit, cgroup) },
};

/* ---- defaults and dependencies ---- */

#define UNSET UINT_MAX

void socket_init(struct unit *u)
{
	struct socket_unit *s = SOCKET(u);

	exec_context_init(&s->exec);
	kill_context_init(&s->kill);
	cgroup_context_init(&s->cgroup);
	s->o = (struct socket_options){
		.backlog = INT32_MAX, .iptos = -1, .ipttl = -1, .priority = -1, .mark = -1, .directory_mode = 0755, .socket_mode = 0666,
	};
	s->timeout_usec = type_default_timeout(u);
	s->trigger_interval_usec = USEC_INFINITY;
	s->trigger_burst = UNSET;
	s->max_connections = 64;
	s->max_connections_per_source = 0;
	s->accept = s->flush_pending = s->remove_on_stop = false;
}

bool socket_needs_service(const struct socket_unit *s)
{
	for (const struct port *p = s->ports; p; p = p->next)
		if (!s->accept || !address_can_accept(p->kind))
			return true;
	return false;
}

static int check(const struct socket_unit *s, const struct key_place *at)
{
	unsigned nodes = 0;

	for (const struct port *p = s->ports; p; p = p->next)
		nodes += p->kind != PORT_SPECIAL && address_path(p->kind, p->text);
	if (!s->ports)
		return type_bad(at, "a socket unit needs something to listen on (ListenStream=, ListenDatagram=, ListenFIFO= ...)");
	if (s->accept && socket_needs_service(s))
		return type_bad(at, "Accept=yes is for what connections can be accepted from, stream and sequential packet sockets");
	if (s->accept && s->max_connections == 0)
		return type_bad(at, "MaxConnections=0 lets nobody in where Accept=yes");
	if (s->accept && s->service)
		return type_bad(at, "Service= cannot be used with Accept=yes: the instances are named after the socket");
	if (s->symlinks && s->symlinks[0] && nodes != 1)
		return type_bad(at, "Symlinks= needs exactly one socket or FIFO in the file system to point to");
	if (!s->o.mq_max_messages != !s->o.mq_message_size)
		return type_bad(at, "MessageQueueMaxMessages= and MessageQueueMessageSize= go together");
	return 0;
}

static int add_service(struct socket_unit *s)
{
	int r;

	free(TAKE_PTR(s->service_name));
	if (!socket_needs_service(s))
		return 0;
	if (s->service)
		r = (s->service_name = strdup(s->service)) ? 0 : -ENOMEM;
	else
		r = name_change_suffix(s->u.id, "service", &s->service_name);
	return r < 0 ? r : type_two_deps(&s->u, DEP_BEFORE, DEP_TRIGGERS, s->service_name, DEP_IMPLICIT);
}

static int add_device(struct socket_unit *s)
{
	_cleanup_(freep) char *path = NULL, *name = NULL;
	int r;

	if (!s->o.bind_to_device || streq(s->o.bind_to_device, "lo"))
		return 0;
	if (asprintf(&path, "/sys/subsystem/net/devices/%s", s->o.bind_to_device) < 0)
		return -ENOMEM;
	r = name_from_path(path, "device", &name);
	if (r >= 0)
		r = type_two_deps(&s->u, DEP_AFTER, DEP_BINDS_TO, name, DEP_IMPLICIT);
	return r;
}

static bool has_commands(const struct socket_unit *s)
{
	for (size_t i = 0; i < N_SOCK_LISTS; i++)
		if (s->lists[i])
			return true;
	return false;
}

int socket_load(struct unit *u, const struct key_place *at)
{
	struct socket_unit *s = SOCKET(u);
	int r = check(s, at);

	if (r < 0)
		return r;
	if (s->trigger_interval_usec == USEC_INFINITY)
		s->trigger_interval_usec = 2 * USEC_PER_SEC;
	if (s->trigger_burst == UNSET)
		s->trigger_burst = s->accept ? 200 : 20;
	for (struct port *p = s->ports; p; p = p->next)
		if (address_path(p->kind, p->text) && strv_add(&u->requires_mounts_for, p->text) < 0)
			return -ENOMEM;
	r = add_service(s);
	if (r >= 0)
		r = add_device(s);
	if (r >= 0)
		r = type_contexts(u, &s->exec, &s->cgroup, has_commands(s));
	if (r >= 0 && u->default_dependencies) {
		r = type_dep(u, DEP_BEFORE, "sockets.target", DEP_DEFAULT);
		if (r >= 0)
			r = type_early_deps(u);
		if (r >= 0)
			r = type_shutdown_deps(u);
	}
	return r;
}
