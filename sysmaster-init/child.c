/* child.c - see child.h */
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include "child.h"
#include "log.h"
#include "proc.h"
#include "spawn-process.h"

static struct loop *loop;
static const char *exec_path;
static struct source sources[TABLE_CHILDREN];   /* of a record's report pipe or pidfd; touched only where used */
static bool untold;

static struct source *source_of(const struct table_child *c) { return &sources[c - table->children]; }

/* untold first: a crash of ours in between tells core too much, not too little */
static void enter(struct table_child *c, enum ipc_child_phase phase)
{
	c->told = 0;
	untold = true;
	c->phase = (uint8_t)phase;
}

static void close_report(struct table_child *c)
{
	source_del(source_of(c));
	closep(&c->report_fd);
}

static void forget(struct table_child *c)
{
	if (!c)
		return;
	close_report(c);
	c->phase = 0;
}

/* what the pipe says: nothing yet, a failure, or by its end that the command runs */
static void read_report(struct table_child *c)
{
	struct spawn_report report;
	ssize_t n;

	if (c->report_fd < 0 || c->watched)
		return;
	n = read(c->report_fd, &report, sizeof(report));
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n == sizeof(report)) {
		c->stage = report.stage;
		c->error = report.error < 0 ? report.error : -EPROTO;
		enter(c, IPC_CHILD_PHASE_FAILED);
	} else {
		c->exec_usec = now_usec(CLOCK_BOOTTIME);
		enter(c, IPC_CHILD_PHASE_EXECED);
	}
	close_report(c);
}

static void record_exit(struct table_child *c, int code, int status)
{
	read_report(c);         /* the last word of a short life may still be there */
	close_report(c);
	c->code = code;
	c->status = status;
	c->exit_usec = now_usec(CLOCK_REALTIME);
	enter(c, IPC_CHILD_PHASE_EXITED);
}

static int report_fire(struct source *s, uint32_t got)
{
	struct table_child *c = &table->children[s - sources];
	siginfo_t si;

	(void)got;
	if (!c->watched) {
		read_report(c);
		return 0;
	}
	source_del(s);          /* a pidfd: the process has ended. Ours by now, it is reaped with its status; else that is all we know */
	if (waitid(P_PIDFD, (id_t)c->report_fd, &si, WEXITED | WNOHANG | WNOWAIT) < 0)
		record_exit(c, 0, 0);
	return 0;
}

static void listen_to(struct table_child *c)
{
	int r = source_add(loop, source_of(c), c->report_fd, EPOLLIN, report_fire);

	if (r < 0)
		log_event(LOG_ERR, "INIT_REPORT_SOURCE", "cannot listen to a child's report", F_STR("NAME", c->name), F_ERRNO(r));
}

static void refuse(struct table_child *c, int error)
{
	close_report(c);
	c->error = error;
	enter(c, IPC_CHILD_PHASE_FAILED);
	log_event(LOG_WARNING, "INIT_SPAWN_FAILED", "cannot spawn", F_STR("NAME", c->name), F_ERRNO(error));
}

static int run_exec(struct table_child *c, int cgroup_fd, int *fds, size_t n_fds)
{
	static const char *const argv[] = { "sysmaster-exec", NULL };
	static char *const envp[] = { (char *)"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin", NULL };
	int ends[2], r;

	if (pipe2(ends, O_NONBLOCK | O_CLOEXEC) < 0)
		return -errno;
	c->report_fd = ends[0];
	fcntl(ends[0], F_SETFD, 0);     /* see table.h */
	fds[1] = ends[1];
	c->spawn_usec = now_usec(CLOCK_BOOTTIME);
	enter(c, IPC_CHILD_PHASE_SPAWNED);
	r = spawn_process(&(struct spawn){ .path = exec_path, .argv = argv, .fds = fds, .n_fds = n_fds, .report_fd = 4, .cgroup_fd = cgroup_fd,
			  .envp = table->set.mode == IPC_INIT_MODE_SUBREAPER ? environ : envp, /* whose manager it is */ }, &c->pid);
	close(ends[1]);
	return r;
}

/* the record to fill for @token; NULL: there is no room, which has been said */
static struct table_child *record(uint64_t token, const char *name)
{
	struct table_child *c = table_add_child(token, name);

	if (!c)
		log_event(LOG_ERR, "INIT_TABLE_FULL", "no room for another child", F_STR("NAME", name), F_U64("CHILDREN", TABLE_CHILDREN));
	return c;
}

int child_spawn(struct frame *f)
{
	const struct ipc_spawn *m = f->body;
	struct table_child *c = table_child_by_token(m->token);
	size_t first = m->has_cgroup ? 2 : 1;   /* of what core added */
	int sorted[SPAWN_MAX_FDS] = { f->fds[0] }, r;

	if (f->n_fds != first + m->n_fds || m->n_fds + 2 > SPAWN_MAX_FDS)
		return -EBADMSG;
	if (c && (c->pid != 0 || c->phase != IPC_CHILD_PHASE_SPAWNED))
		return 0;       /* asked again after a crash of ours: it was done */
	forget(c);
	c = record(m->token, m->name);
	if (!c)
		return 0;
	memcpy(sorted + 2, f->fds + first, m->n_fds * sizeof(int));
	r = run_exec(c, m->has_cgroup ? f->fds[1] : 0, sorted, m->n_fds + 2);
	if (r < 0) {
		refuse(c, r);
		return 0;
	}
	c->start_ticks = proc_stat(c->pid, NULL);
	listen_to(c);
	return 0;
}

/* a pidfd shows the end of any process; of our children we hear besides, with their status */
static void watch_begin(struct table_child *c)
{
	uint64_t ticks;

	c->report_fd = (int)syscall(SYS_pidfd_open, c->pid, 0);
	ticks = c->report_fd >= 0 ? proc_stat(c->pid, NULL) : 0;
	if (ticks == 0 || (c->start_ticks != 0 && ticks != c->start_ticks)) {
		record_exit(c, 0, 0);
		return;
	}
	c->start_ticks = ticks;
	listen_to(c);
}

int child_watch(struct frame *f)
{
	const struct ipc_watch *m = f->body;
	struct table_child *c = table_child_by_token(m->token) ? NULL : record(m->token, m->name);

	if (!c)
		return 0;
	c->pid = m->pid;
	c->start_ticks = m->start_ticks;
	c->watched = 1;
	enter(c, IPC_CHILD_PHASE_EXECED);
	watch_begin(c);
	return 0;
}

int child_forget(struct frame *f)
{
	forget(table_child_by_token(((const struct ipc_token *)f->body)->token));
	return 0;
}

bool child_exited(const siginfo_t *si)
{
	struct table_child *c;
	bool known = false;

	while ((c = table_child_by_pid((uint32_t)si->si_pid))) {        /* more than one: spawned, and watched as a main process */
		record_exit(c, si->si_code, si->si_status);
		known = true;
	}
	return known;
}

/* a crash came before the clone: core's packet is still at the front of the channel */
static bool not_yet(const struct table_child *c) { return c->phase == IPC_CHILD_PHASE_SPAWNED && c->pid == 0; }

void child_abandon(void)
{
	for (uint32_t i = 0; i < table->s.n_children; i++)
		if (not_yet(&table->children[i]))
			refuse(&table->children[i], -ECANCELED);
}

static void pick_up(struct table_child *c)
{
	if (c->phase == IPC_CHILD_PHASE_EXITED || c->pid == 0)
		return;
	if (c->start_ticks == 0)
		c->start_ticks = proc_stat(c->pid, NULL);
	if (c->phase == IPC_CHILD_PHASE_SPAWNED && c->report_fd >= 0) {
		listen_to(c);
		return;
	}
	if (c->watched)
		watch_begin(c);         /* its pidfd was close-on-exec */
	else
		close_report(c);
}

void child_setup(struct loop *l, const char *exec)
{
	loop = l;
	exec_path = exec;
	for (uint32_t i = 0; i < table->s.n_children; i++)
		if (table->children[i].phase != 0)
			pick_up(&table->children[i]);
	untold = true;
}

void child_tell_all(void)
{
	for (uint32_t i = 0; i < table->s.n_children; i++)
		table->children[i].told = 0;
	untold = true;
}

int child_tell(int (*tell)(struct table_child *c))
{
	int r = 0;

	for (uint32_t i = 0; i < table->s.n_children && untold && r == 0; i++) {
		struct table_child *c = &table->children[i];

		if (c->phase != 0 && !c->told && !not_yet(c))
			r = tell(c);
	}
	untold = r != 0;
	return r;
}

void child_fill(const struct table_child *c, struct ipc_child *ret)
{
	*ret = (struct ipc_child){
		.token = c->token, .pid = c->pid, .start_ticks = c->start_ticks, .phase = c->phase, .stage = c->stage, .error = c->error,
		.code = c->code, .status = c->status, .exit_usec = c->exit_usec, .name = c->name, .spawn_usec = c->spawn_usec,
		.exec_usec = c->exec_usec,
	};
}
