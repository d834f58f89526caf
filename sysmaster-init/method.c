/* method.c - see method.h */
#include <stdio.h>
#include "child.h"
#include "core.h"
#include "init.ipc.h"
#include "leave.h"
#include "log.h"
#include "method.h"
#include "msg.h"
#include "version.h"
#include "table.h"
#include "watchdog.h"

#define CHILDREN_PER_PAGE 32            /* of the largest records: what fits into an answer */
#define FDS_PER_PAGE 48

static int status(const void *req, void *rep)
{
	const struct table_state *s = &table->s;

	(void)req;
	*(struct ipc_init_status *)rep = (struct ipc_init_status){
		.version = SYSMASTER_VERSION, .mode = table->set.mode, .pid = (uint32_t)getpid(), .core_pid = s->core_pid, .core_starts = s->core_starts,
		.reexecs = s->reexecs, .keepalive = s->keepalive, .children = table_count_children(), .stored_fds = table_count_fds(),
		.core_status = s->core_status, .boot_usec = s->boot_usec, .watchdog_sec = watchdog_seconds(),
	};
	return 0;
}

static int set_keepalive(const void *req, void *rep)
{
	(void)rep;
	core_set_keepalive(((const struct ipc_keepalive_request *)req)->enable);
	return 0;
}

static int power(const void *req, void *rep)
{
	const struct ipc_power_request *m = req;

	(void)rep;
	return leave_request(&(struct ipc_power){ .verb = m->verb, .argument = m->argument, .exit_status = m->exit_status,
			     .has_exit_status = m->has_exit_status }, m->has_force && m->force);
}

static int switch_root(const void *req, void *rep)
{
	(void)rep;
	return leave_switch_root(req);
}

static int reexec(const void *req, void *rep)
{
	(void)req;
	(void)rep;
	if (table->s.leaving != TABLE_STAY)
		return -EBUSY;
	table->s.leaving = TABLE_REEXEC;
	return 0;
}

static int list_children(const void *req, void *rep)
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

static int list_fds(const void *req, void *rep)
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

static int restart_core(const void *req, void *rep)
{
	(void)req;
	(void)rep;
	if (table->s.core_pid == 0)
		return -ESRCH;
	core_restart();
	return 0;
}

static const struct { int (*fn)(const void *req, void *rep); } rows[] = {
	[IPC_INIT_STATUS] = { status },
	[IPC_INIT_SET_KEEPALIVE] = { set_keepalive },
	[IPC_INIT_POWER] = { power },
	[IPC_INIT_SWITCH_ROOT] = { switch_root },
	[IPC_INIT_REEXEC] = { reexec },
	[IPC_INIT_LIST_CHILDREN] = { list_children },
	[IPC_INIT_LIST_FDS] = { list_fds },
	[IPC_INIT_RESTART_CORE] = { restart_core },
};

static union {
	struct ipc_init_status status;
	struct ipc_child_list children;
	struct ipc_fd_list fds;
	struct ipc_empty empty;
} reply;
static union {
	struct ipc_power_request power;
	struct ipc_keepalive_request keepalive;
	struct ipc_list_request list;
	struct ipc_switch_root root;
	struct ipc_empty empty;
} request;

static int run(const struct msg_method *m, const struct msg_request *rq, uint32_t uid, char *why)
{
	static char memory[9216];
	struct arena a = ARENA_FIXED(memory);
	const struct table_answer *before = m->dedup ? table_answer(rq->id, uid) : NULL;
	int r;

	if (m->who == MSG_ROOT && uid != 0 && (table->set.mode != IPC_INIT_MODE_SUBREAPER || uid != geteuid())) {
		snprintf(why, MSG_WHY, "only root may call %s", m->name);
		return -EPERM;
	}
	if (before)     /* sent again after a reconnect: it has been done */
		return before->method == m->id ? before->result : -EINVAL;
	if (m->req->size > sizeof(request) || m->rep->size > sizeof(reply))
		return -ENOSYS;
	r = msg_decode(m->req, rq->body, rq->body_len, &a, &request, why);
	if (r < 0)
		return r;
	r = rows[m->id].fn(&request, &reply);
	if (m->dedup)
		table_remember(rq->id, uid, m->id, r);
	return r;
}

void method_call(uint32_t uid, const void *in, size_t n, struct buf *out)
{
	const struct msg_method *m = NULL;
	struct msg_request rq = { 0 };
	char why[MSG_WHY] = "";
	int r = msg_request_decode(in, n, &rq);

	memset(&reply, 0, sizeof(reply));
	if (r == 0)
		m = msg_method_by_id(&ipc_init_socket, rq.method);
	if (r < 0)
		snprintf(why, sizeof(why), "this is no request");
	else if (!m || m->id >= ARRAY_SIZE(rows) || !rows[m->id].fn)
		r = -ENOSYS;
	else
		r = run(m, &rq, uid, why);
	if (r < 0 && *why == '\0')
		snprintf(why, sizeof(why), "%s", strerrordesc_np(-r));
	msg_reply_encode(rq.id, r, r < 0 ? why : NULL, r < 0 ? NULL : m->rep, r < 0 ? NULL : &reply, out);
}
