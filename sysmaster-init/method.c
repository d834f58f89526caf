/* method.c - see method.h */
#include <stdio.h>
#include "child.h"
#include "core.h"
#include "init.ipc.h"
#include "leave.h"
#include "method.h"
#include "server.h"
#include "table.h"
#include "version.h"
#include "watchdog.h"

#define CHILDREN_PER_PAGE 32U           /* of the largest records: what fits into an answer */
#define FDS_PER_PAGE 48U
#define MEMORY 32768                    /* a request and its answer, decoded */

static bool child_used(uint32_t i) { return table->children[i].phase != 0; }
static bool fd_used(uint32_t i) { return table->fds[i].fd1 != 0; }
static uint32_t skip_of(const struct ipc_list_request *m) { return m->has_skip ? m->skip : 0; }

/* which of @n records are in use, from the @skip-th of them on: @max at most into @found; how many there are in all */
static uint32_t page(uint32_t n, bool (*used)(uint32_t i), uint32_t skip, uint32_t *found, uint32_t max)
{
	uint32_t seen = 0;

	for (uint32_t i = 0; i < n; i++) {
		if (!used(i))
			continue;
		if (seen >= skip && seen - skip < max)
			found[seen - skip] = i;
		seen++;
	}
	return seen > skip ? seen - skip : 0;
}

static int status(struct server_call *c, const void *req, void *rep)
{
	const struct table_state *s = &table->s;

	*(struct ipc_init_status *)rep = (struct ipc_init_status){
		.version = SYSMASTER_VERSION, .mode = table->set.mode, .pid = (uint32_t)getpid(), .core_pid = s->core_pid, .core_starts = s->core_starts,
		.reexecs = s->reexecs, .keepalive = s->keepalive,
		.children = page(s->n_children, child_used, 0, NULL, 0), .stored_fds = page(s->n_fds, fd_used, 0, NULL, 0),
		.core_status = s->core_status, .boot_usec = s->boot_usec, .watchdog_sec = watchdog_seconds(),
	};
	return 0;
}

static int set_keepalive(struct server_call *c, const void *req, void *rep)
{
	core_set_keepalive(((const struct ipc_keepalive_request *)req)->enable);
	return 0;
}

static int power(struct server_call *c, const void *req, void *rep)
{
	const struct ipc_power_request *m = req;

	return leave_request(&(struct ipc_power){ .verb = m->verb, .argument = m->argument, .exit_status = m->exit_status,
			     .has_exit_status = m->has_exit_status }, m->has_force && m->force);
}

static int switch_root(struct server_call *c, const void *req, void *rep)
{
	return leave_switch_root(req);
}

static int reexec(struct server_call *c, const void *req, void *rep)
{
	if (table->s.leaving != TABLE_STAY)
		return -EBUSY;
	table->s.leaving = TABLE_REEXEC;
	return 0;
}

static int list_children(struct server_call *c, const void *req, void *rep)
{
	static struct ipc_child shown[CHILDREN_PER_PAGE];
	uint32_t found[CHILDREN_PER_PAGE];
	uint32_t n = page(table->s.n_children, child_used, skip_of(req), found, CHILDREN_PER_PAGE);
	struct ipc_child_list list = { .children = shown, .n_children = MIN(n, CHILDREN_PER_PAGE), .more = n > CHILDREN_PER_PAGE };

	for (size_t i = 0; i < list.n_children; i++)
		child_fill(&table->children[found[i]], &shown[i]);
	*(struct ipc_child_list *)rep = list;
	return 0;
}

static int list_fds(struct server_call *c, const void *req, void *rep)
{
	static const char *shown[FDS_PER_PAGE];
	uint32_t found[FDS_PER_PAGE];
	uint32_t n = page(table->s.n_fds, fd_used, skip_of(req), found, FDS_PER_PAGE);
	struct ipc_fd_list list = { .names = shown, .n_names = MIN(n, FDS_PER_PAGE), .more = n > FDS_PER_PAGE };

	for (size_t i = 0; i < list.n_names; i++)
		shown[i] = table->fds[found[i]].name;
	*(struct ipc_fd_list *)rep = list;
	return 0;
}

static int restart_core(struct server_call *c, const void *req, void *rep)
{
	if (table->s.core_pid == 0)
		return -ESRCH;
	core_restart();
	return 0;
}

static struct server *server;   /* as long as this image */

static const struct server_method methods[] = {
	{ IPC_INIT_STATUS, status },
	{ IPC_INIT_SET_KEEPALIVE, set_keepalive },
	{ IPC_INIT_POWER, power },
	{ IPC_INIT_SWITCH_ROOT, switch_root },
	{ IPC_INIT_REEXEC, reexec },
	{ IPC_INIT_LIST_CHILDREN, list_children },
	{ IPC_INIT_LIST_FDS, list_fds },
	{ IPC_INIT_RESTART_CORE, restart_core },
};

int method_setup(struct loop *l)
{
	char path[sizeof(table->set.run_dir) + sizeof("/init.sock")];
	struct server_config config = {
		.socket = &ipc_init_socket, .path = path, .methods = methods, .n_methods = ARRAY_SIZE(methods), .answers = table->answers, .n_answers = TABLE_ANSWERS,
		.uid_root = table->set.mode == IPC_INIT_MODE_SUBREAPER ? geteuid() : 0, .listen_fd = &table->s.listen_fd,
		.limits = { .pipes = METHOD_PEERS, .request = METHOD_REQUEST, .answer = METHOD_ANSWER, .memory = MEMORY, .fixed = true },
	};
	int r;

	snprintf(path, sizeof(path), "%s/init.sock", table->set.run_dir);
	r = server_new(&server, &config);
	return r < 0 ? r : server_start(server, l);
}
