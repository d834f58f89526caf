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

#define CHILDREN_PER_PAGE 32            /* of the largest records: what fits into an answer */
#define FDS_PER_PAGE 48
#define MEMORY 32768                    /* a request and its answer, decoded */

static int status(struct server_call *c, const void *req, void *rep)
{
	const struct table_state *s = &table->s;

	uint32_t children = 0, fds = 0;

	for (uint32_t i = 0; i < s->n_children; i++)
		children += table->children[i].phase != 0;
	for (uint32_t i = 0; i < s->n_fds; i++)
		fds += table->fds[i].fd1 != 0;
	*(struct ipc_init_status *)rep = (struct ipc_init_status){
		.version = SYSMASTER_VERSION, .mode = table->set.mode, .pid = (uint32_t)getpid(), .core_pid = s->core_pid, .core_starts = s->core_starts,
		.reexecs = s->reexecs, .keepalive = s->keepalive, .children = children, .stored_fds = fds,
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
	static struct ipc_child page[CHILDREN_PER_PAGE];
	const struct ipc_list_request *m = req;
	struct ipc_child_list *list = rep;
	uint32_t skip = m->has_skip ? m->skip : 0;

	*list = (struct ipc_child_list){ .children = page };
	for (uint32_t i = 0; i < table->s.n_children; i++) {
		if (table->children[i].phase == 0 || skip-- > 0)
			continue;
		skip = 0;
		if (list->n_children == CHILDREN_PER_PAGE) {
			list->more = true;
			break;
		}
		child_fill(&table->children[i], &page[list->n_children++]);
	}
	return 0;
}

static int list_fds(struct server_call *c, const void *req, void *rep)
{
	static const char *page[FDS_PER_PAGE];
	const struct ipc_list_request *m = req;
	struct ipc_fd_list *list = rep;
	uint32_t skip = m->has_skip ? m->skip : 0;

	*list = (struct ipc_fd_list){ .names = page };
	for (uint32_t i = 0; i < table->s.n_fds; i++) {
		if (table->fds[i].fd1 == 0 || skip-- > 0)
			continue;
		skip = 0;
		if (list->n_names == FDS_PER_PAGE) {
			list->more = true;
			break;
		}
		page[list->n_names++] = table->fds[i].name;
	}
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

/* what was asked is done once, also when the answer was lost in a crash of ours and it is asked again */
static void remember(void *user, uint64_t id, uint32_t uid, const void *answer, size_t n)
{
	struct table_answer *a = &table->answers[table->s.next_answer];

	if (n > sizeof(a->bytes))
		return;
	a->n = 0;
	a->id = id;
	a->uid = uid;
	memcpy(a->bytes, answer, n);
	a->n = (uint32_t)n;
	table->s.next_answer = (table->s.next_answer + 1) % TABLE_ANSWERS;
}

int method_setup(struct loop *l)
{
	char path[sizeof(table->set.run_dir) + sizeof("/init.sock")];
	struct server_config config = {
		.socket = &ipc_init_socket, .path = path, .methods = methods, .n_methods = ARRAY_SIZE(methods), .remember = remember,
		.uid_root = table->set.mode == IPC_INIT_MODE_SUBREAPER ? geteuid() : 0, .listen_fd = &table->s.listen_fd,
		.limits = { .pipes = METHOD_PEERS, .request = METHOD_REQUEST, .answer = METHOD_ANSWER, .memory = MEMORY, .fixed = true },
	};
	int r;

	snprintf(path, sizeof(path), "%s/init.sock", table->set.run_dir);
	r = server_new(&server, &config);
	for (size_t i = 0; i < TABLE_ANSWERS && r >= 0; i++)
		if (table->answers[i].n > 0)
			r = server_recall(server, table->answers[i].id, table->answers[i].uid, table->answers[i].bytes, table->answers[i].n);
	return r < 0 ? r : server_start(server, l);
}
