/*
 * socket.h - a socket unit: the object, its states, and the functions its files share; systemd.socket(5)
 *
 * socket.c is the state machine and the vtable, keys.c the rows and what load() adds, listen.c opens and closes what is listened on,
 * accept.c takes connections, address.c reads addresses.
 */
#pragma once
#include "cgroup/context.h"
#include "state.ipc.h"
#include "types/control.h"
#include "types/socket/address.h"

enum socket_state {
	SOCK_DEAD, SOCK_START_PRE, SOCK_START_CHOWN, SOCK_START_POST, SOCK_LISTENING, SOCK_RUNNING, SOCK_STOP_PRE, SOCK_STOP_PRE_SIGTERM,
	SOCK_STOP_PRE_SIGKILL, SOCK_STOP_POST, SOCK_FINAL_SIGTERM, SOCK_FINAL_SIGKILL, SOCK_FAILED, N_SOCK_STATES
};
enum socket_result { SOCK_RES_TRIGGER_LIMIT_HIT = N_CONTROL_RESULTS, SOCK_RES_SERVICE_START_LIMIT_HIT, N_SOCK_RESULTS };
enum socket_list { SOCK_LIST_START_PRE, SOCK_LIST_START_POST, SOCK_LIST_STOP_PRE, SOCK_LIST_STOP_POST, N_SOCK_LISTS };
enum { SOCK_ROLE_CONTROL = 1, SOCK_ROLE_CLEAN };

struct socket_unit;

struct port {                           /* a Listen line */
	struct port *next;
	enum port_kind kind;
	char *text;                     /* the address, specifiers expanded */
};

struct listener {                       /* what is open for a port; outlives a reload of the file */
	struct listener *next;
	struct socket_unit *socket;
	struct source source;           /* .fd: ours */
	enum port_kind kind;
	char *text;
	unsigned index;                 /* kept by init as "listen.INDEX" */
};

struct connection {                     /* of Accept=yes */
	struct connection *next;
	char *unit;                     /* the instance it was given to */
	char *peer;                     /* its address; "" */
	uint64_t fresh_until_usec;      /* its start job is only on the way so long (CLOCK_BOOTTIME); 0: it was seen alive */
};

struct socket_options {
	int protocol, bind_ipv6_only, iptos, ipttl, priority, mark, timestamping;
	uint64_t backlog, receive_buffer, send_buffer, pipe_size, keep_alive_usec, keep_alive_interval_usec, defer_accept_usec;
	uint64_t mq_max_messages, mq_message_size;
	unsigned keep_alive_probes;
	bool keep_alive, no_delay, reuse_port, free_bind, transparent, broadcast, pass_credentials, pass_security, pass_packet_info, writable;
	char *bind_to_device, *tcp_congestion;
	mode_t directory_mode, socket_mode;
};

struct socket_unit {
	struct unit u;
	struct exec_context exec;
	struct kill_context kill;
	struct cgroup_context cgroup;

	/* settings */
	struct port *ports;
	char *service_name;             /* Service= or what follows from the unit's name; NULL: none; not a key's */
	struct socket_options o;
	struct command *lists[N_SOCK_LISTS];
	char *user, *group, *service, *fd_name;
	char **symlinks;
	uint64_t timeout_usec, trigger_interval_usec;
	unsigned max_connections, max_connections_per_source, trigger_burst;
	bool accept, flush_pending, remove_on_stop;

	/* run time, in the state store */
	enum socket_state state;
	unsigned result;                /* control_result or socket_result */
	struct control control;
	int list; unsigned list_index;  /* which command runs; list -1: none */
	struct listener *listeners;
	struct connection *connections;
	unsigned n_accepted, n_refused;
	struct rate triggers;

	/* not kept */
	struct ipc_socket_listener *saved; size_t n_saved;      /* for save(): borrowed strings */
	struct ipc_socket_connection *saved_connections; size_t n_saved_connections;
	struct listener *to_fetch;      /* as restored; their fds are still with init */
	int *fds; char **fd_names;      /* last answer of collect_fds() */
	struct timer recheck;           /* after a lack of fds or of a service that can be asked */
};

static inline struct socket_unit *SOCKET(const struct unit *u) { return (struct socket_unit *)u; }

/* keys.c */
#define N_SOCKET_GROUPS 4
extern const struct key_group socket_groups[N_SOCKET_GROUPS];
void socket_init(struct unit *u);
int socket_load(struct unit *u, const struct key_place *at);
bool socket_needs_service(const struct socket_unit *s);         /* something to listen on that is not accepted from */
void port_list_free(struct port *p);

/* listen.c */
/** open what is not open yet and store it; -errno: none of the new ones is left open */
int socket_open(struct socket_unit *s, int (*fire)(struct source *, uint32_t));
void socket_close(struct socket_unit *s);               /* everything; nodes are removed where RemoveOnStop= says so */
enum socket_watching { WATCH_NONE, WATCH_ACCEPTED /* only what is accepted from here */, WATCH_ALL };
int socket_watch(struct socket_unit *s, enum socket_watching which);
bool listener_is_accepted(const struct listener *l);
/** what a service is given blocks, as it would expect; while it is ours to read from it does not */
void socket_set_blocking(struct socket_unit *s, bool on);
void socket_flush(struct socket_unit *s);               /* throw away what waits */
/** take the fds of @to_fetch back from init; those that are lost are opened anew. 0 or -errno */
int socket_fetch(struct socket_unit *s, int (*fire)(struct source *, uint32_t));
char **socket_node_paths(const struct socket_unit *s);  /* nodes that SocketUser= is about; NULL: none; caller frees */
void listener_free(struct listener *l);                 /* closes; init's copy stays */

/* accept.c */
/** take one connection and start an instance for it. 0, also when it was refused; -errno when the socket itself is broken; -EAGAIN: short of fds or memory */
int socket_take(struct listener *l);
void socket_sweep(struct socket_unit *s);               /* forget connections whose instance has ended */
unsigned socket_n_connections(const struct socket_unit *s);
void connection_free(struct connection *c);
