/* host.c - what units ask of the manager: processes, descriptors, cgroups */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include "exec/exec.h"
#include "log.h"
#include "manager/manager.h"
#include "state/mark.h"

/* ---- children by token ---- */

static struct child **slot_of(struct manager *m, uint64_t token)
{
	return &m->children[token % MANAGER_CHILD_SLOTS];
}

struct child *child_find(struct manager *m, uint64_t token)
{
	struct child *c = *slot_of(m, token);

	while (c && c->token != token)
		c = c->next;
	return c;
}

struct child *child_add(struct manager *m, uint64_t token, struct unit *u, unsigned role, bool watched)
{
	struct child *c = calloc(1, sizeof(*c)), **slot = slot_of(m, token);

	if (!c)
		return NULL;
	*c = (struct child){ .next = *slot, .token = token, .unit = u, .role = role, .watched = watched, .pending = true };
	*slot = c;
	return c;
}

void child_drop(struct manager *m, uint64_t token, bool forget)
{
	struct ipc_token t = { .token = token };

	for (struct child **p = slot_of(m, token); *p; p = &(*p)->next)
		if ((*p)->token == token) {
			struct child *c = *p;

			*p = c->next;
			record_child_gone(m, token);
			free(c);
			break;
		}
	if (forget)
		link_send(m->link, IPC_CHANNEL_TO_INIT_EV_FORGET, &t, NULL, 0);
}

void child_drop_unit(struct manager *m, struct unit *u)
{
	for (size_t i = 0; i < MANAGER_CHILD_SLOTS; i++)
		for (struct child *c = m->children[i], *next; c; c = next) {
			next = c->next;
			if (c->unit == u)
				c->unit = NULL;         /* its exit is still to be forgotten when it comes */
		}
}

struct unit *child_unit_of_pid(struct manager *m, pid_t pid)
{
	for (size_t i = 0; i < MANAGER_CHILD_SLOTS; i++)
		for (struct child *c = m->children[i]; c; c = c->next)
			if (c->pid == pid && c->unit)
				return c->unit;
	return NULL;
}

/* a living child that no record of ours explains: the name tells whose it was */
static void adopt(struct manager *m, const struct ipc_child *told)
{
	char name[272];
	char *colon;
	struct unit *u;
	unsigned role;

	snprintf(name, sizeof(name), "%s", told->name);
	colon = strrchr(name, ':');
	if (!colon || sscanf(colon + 1, "%u", &role) != 1 || told->phase == IPC_CHILD_PHASE_EXITED || !m->recovered) {
		if (told->phase == IPC_CHILD_PHASE_EXITED)
			child_drop(m, told->token, true);
		return;
	}
	*colon = 0;
	if (unit_load(m->set, name, &u) < 0 || u->load_state != UNIT_LOADED || !u->type->adopt)
		return;
	struct child *c = child_add(m, told->token, u, role, false);

	if (!c)
		return;
	c->pid = (pid_t)told->pid;
	c->pending = false;
	record_child(m, c);
	log_event(LOG_NOTICE, "CHILD_ADOPTED", "a living process without a record is taken up", F_STR("UNIT", u->id), F_U64("PID", told->pid));
	u->type->adopt(u, role, told);
}

void host_child(struct manager *m, const struct ipc_child *told)
{
	struct child *c = child_find(m, told->token);
	struct unit *u;

	if (!c) {
		adopt(m, told);
		return;
	}
	u = c->unit;
	c->pending = c->unrecovered = false;
	c->pid = (pid_t)told->pid;
	record_child(m, c);
	mark_set(u ? u->id : NULL);
	if (u && u->type->child)
		u->type->child(u, c->role, told);
	mark_set(NULL);
	bool over = told->phase == IPC_CHILD_PHASE_EXITED || (told->phase == IPC_CHILD_PHASE_FAILED && !told->pid);

	if (over)
		child_drop(m, told->token, true);
}

/* ---- spawning ---- */

static uint64_t new_token(struct manager *m)
{
	uint64_t t = 0;

	do
		random_bytes(&t, sizeof(t));
	while ((t >>= 1) == 0 || child_find(m, t));
	return t;
}

static int blob_fd(const struct buf *b)
{
	_cleanup_(closep) int fd = memfd_create("command", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	size_t done = 0;

	if (fd < 0)
		return -errno;
	while (done < b->len) {
		ssize_t n = write(fd, b->data + done, b->len - done);

		if (n < 0)
			return -errno;
		done += (size_t)n;
	}
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
		return -errno;
	return TAKE_FD(fd);
}

static int send_spawn(struct manager *m, struct unit *u, struct unit_spawn *s, uint64_t token)
{
	_cleanup_(closep) int blob = blob_fd(&s->blob);
	_cleanup_(closep) int cgroup = -1;
	char name[272];
	int fds[242];
	size_t n = 0;

	if (blob < 0)
		return blob;
	if (s->in_cgroup && *m->host.cgroup_root) {
		cgroup = cgroup_open(m->cgroups, u, s->subgroup);
		if (cgroup < 0)
			log_event(LOG_WARNING, "UNIT_CGROUP", "no cgroup for a process", F_STR("UNIT", u->id), F_ERRNO(cgroup));
	}
	fds[n++] = blob;
	if (cgroup >= 0)
		fds[n++] = cgroup;
	for (size_t i = 0; i < s->n_fds; i++)
		fds[n++] = s->fds[i];
	snprintf(name, sizeof(name), "%s:%u", u->id, s->role);
	struct ipc_spawn msg = { .token = token, .name = name, .has_cgroup = cgroup >= 0, .n_fds = (uint32_t)s->n_fds };

	return link_send(m->link, IPC_CHANNEL_TO_INIT_EV_SPAWN, &msg, fds, n);
}

static int host_spawn(struct unit *u, struct unit_spawn *s, uint64_t *ret_token)
{
	struct manager *m = manager_of(u);
	uint64_t token = new_token(m);
	struct child *c = child_add(m, token, u, s->role, false);
	int r = c ? send_spawn(m, u, s, token) : -ENOMEM;

	buf_finish(&s->blob);
	for (size_t i = 0; i < s->n_fds; i++)
		closep(&s->fds[i]);
	s->n_fds = 0;
	if (r < 0) {
		if (c)
			child_drop(m, token, false);
		return r;
	}
	record_child(m, c);
	*ret_token = token;
	return 0;
}

/* a helper that belongs to no unit's life: its end is taken note of and forgotten */
int host_apply_filters(struct manager *m, struct unit *u)
{
	struct unit_spawn s = { .role = 0 };
	uint64_t token = new_token(m);
	struct child *c;
	int r = u->cgroup_path && *m->host.cgroup_root ? exec_filters_blob(u, &s) : -ENOENT;

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	c = child_add(m, token, NULL, s.role, false);
	r = c ? send_spawn(m, u, &s, token) : -ENOMEM;
	buf_finish(&s.blob);
	if (r < 0 && c)
		child_drop(m, token, false);
	else if (r >= 0)
		record_child(m, c);
	return r;
}

static int host_watch_pid(struct unit *u, unsigned role, pid_t pid, uint64_t *ret_token)
{
	struct manager *m = manager_of(u);
	uint64_t token = new_token(m);
	struct unit_process p;
	struct child *c;
	char name[272];
	int r = unit_process_get(pid, &p);

	if (r < 0)
		return r;
	c = child_add(m, token, u, role, true);
	if (!c)
		return -ENOMEM;
	c->pid = pid;
	snprintf(name, sizeof(name), "%s:%u", u->id, role);
	struct ipc_watch w = { .token = token, .pid = (uint32_t)pid, .start_ticks = p.start_ticks, .name = name };

	r = link_send(m->link, IPC_CHANNEL_TO_INIT_EV_WATCH, &w, NULL, 0);
	if (r < 0) {
		child_drop(m, token, false);
		return r;
	}
	record_child(m, c);
	*ret_token = token;
	return 0;
}

/* The type no longer cares. A watched pid is let go; a child of ours stays known until its exit, which then goes unheard. */
static void host_forget(struct unit *u, uint64_t token)
{
	struct manager *m = manager_of(u);
	struct child *c = child_find(m, token);

	if (c && c->watched)
		child_drop(m, token, true);
}

/* ---- descriptors in init's store ---- */

static int full_name(const struct unit *u, const char *name, char out[256])
{
	return (size_t)snprintf(out, 256, "%s:%s", u->id, name) < 256 ? 0 : -ENAMETOOLONG;
}

static int host_store_fd(struct unit *u, const char *name, int fd)
{
	char full[256];
	int r = full_name(u, name, full);
	struct ipc_stored_fd msg = { .name = full };

	if (r < 0)
		return r;
	/* an accepted connection exists nowhere else: not even the commit is waited for */
	return (streq(name, "connection") ? link_send_now : link_send)(manager_of(u)->link, IPC_CHANNEL_TO_INIT_EV_STORE_FD, &msg, &fd, 1);
}

static void host_drop_fd(struct unit *u, const char *name)
{
	char full[256];
	struct ipc_stored_fd msg = { .name = full };

	if (full_name(u, name, full) >= 0)
		link_send(manager_of(u)->link, IPC_CHANNEL_TO_INIT_EV_DROP_FD, &msg, NULL, 0);
}

void host_store_early_fd(struct manager *m, const char *name, int fd)
{
	struct stored *s = calloc(1, sizeof(*s));

	if (s)
		s->name = strdup(name);
	if (!s || !s->name) {
		free(s);
		close(fd);
		return;
	}
	s->fd = fd;
	s->next = m->stored;
	m->stored = s;
}

int host_take_fd(struct manager *m, const char *name)
{
	for (struct stored **p = &m->stored; *p; p = &(*p)->next)
		if (streq((*p)->name, name)) {
			struct stored *s = *p;
			int fd = s->fd;

			*p = s->next;
			free(s->name);
			free(s);
			return fd;
		}
	return -ENOENT;
}

/* recovery without records: units whose descriptors init keeps take them up */
void host_adopt_fds(struct manager *m)
{
	_cleanup_(strv_freep) char **ids = NULL;
	struct unit *u;

	for (struct stored *s = m->stored; s; s = s->next) {
		_cleanup_(freep) char *id = strdup(s->name);
		char *colon = id ? strchr(id, ':') : NULL;

		if (!colon || startswith(id, "core:"))
			continue;
		*colon = 0;
		if (!strv_has(ids, id))
			strv_add(&ids, id);
	}
	for (char **id = ids; id && *id; id++)
		if (unit_load(m->set, *id, &u) >= 0 && u->load_state == UNIT_LOADED && u->type->adopt_fds && unit_is_inactive_or_failed(u)) {
			log_event(LOG_NOTICE, "FD_ADOPTED", "stored descriptors without a record are taken up", F_STR("UNIT", u->id));
			u->type->adopt_fds(u);
		}
}

void host_drop_unclaimed_fds(struct manager *m)
{
	while (m->stored) {
		struct stored *s = m->stored;
		struct ipc_stored_fd msg = { .name = s->name };

		log_event(LOG_NOTICE, "FD_UNCLAIMED", "a stored descriptor belongs to nobody any more", F_STR("NAME", s->name));
		link_send(m->link, IPC_CHANNEL_TO_INIT_EV_DROP_FD, &msg, NULL, 0);
		close(s->fd);
		m->stored = s->next;
		free(s->name);
		free(s);
	}
}

static int host_fetch_fd(struct unit *u, const char *name)
{
	char full[256];
	int r = full_name(u, name, full);

	return r < 0 ? r : host_take_fd(manager_of(u), full);
}

static int host_list_fds(struct unit *u, char ***ret)
{
	_cleanup_(strv_freep) char **names = NULL;
	size_t n = strlen(u->id);

	for (struct stored *s = manager_of(u)->stored; s; s = s->next)
		if (startswith(s->name, u->id) && s->name[n] == ':' && strv_add(&names, s->name + n + 1) < 0)
			return -ENOMEM;
	*ret = TAKE_PTR(names);
	return 0;
}

/* ---- cgroups ---- */

static int host_kill_cgroup(struct unit *u, int signo, pid_t main, pid_t control)
{
	return u->cgroup_path ? cgroup_kill(manager_of(u)->cgroups, u, signo, main, control) : 0;
}

static void host_thaw(struct unit *u)
{
	if (u->cgroup_path)
		cgroup_thaw(manager_of(u)->cgroups, u);
}

static bool host_populated(struct unit *u)
{
	return u->cgroup_path && cgroup_populated(manager_of(u)->cgroups, u);
}

static bool host_pid_in(struct unit *u, pid_t pid)
{
	return u->cgroup_path && cgroup_has_pid(manager_of(u)->cgroups, u, pid);
}

static int host_realize(struct unit *u)
{
	bool had = u->cgroup_path;
	int r = cgroup_realize(manager_of(u)->cgroups, u);

	if (!had && u->cgroup_path)
		unit_dirty(u);
	return r;
}

static int host_filters(struct unit *u) { return host_apply_filters(manager_of(u), u); }
static int host_add(struct unit *u, const char *subgroup, pid_t pid) { return cgroup_add(manager_of(u)->cgroups, u, subgroup, pid); }

static void host_request_stop(struct unit *u)
{
	struct ipc_unit_name e = { .unit = u->id };

	server_publish(manager_of(u)->server, IPC_CORE_EV_STOP_REQUESTED, &e);
}

static int host_submit(struct unit *u, int type, int mode)
{
	char why[TRANSACTION_WHY];
	int r = manager_submit(manager_of(u), u, (enum ipc_job_type)type, (enum ipc_job_mode)mode, NULL, why);

	if (r < 0)
		log_event(LOG_WARNING, "JOB_REFUSED", why, F_STR("UNIT", u->id), F_ERRNO(r));
	return r;
}

static uint64_t host_oom_kills(struct unit *u) { return cgroup_oom_kills(manager_of(u)->cgroups, u); }

void host_init(struct manager *m)
{
	static char notify[4096];

	snprintf(notify, sizeof(notify), "%s/notify", m->run_dir);
	m->host = (struct unit_host){
		.environment = m->environment,
		.spawn = host_spawn, .watch_pid = host_watch_pid, .forget = host_forget, .changed = react_changed, .submit = host_submit,
		.store_fd = host_store_fd, .drop_fd = host_drop_fd, .fetch_fd = host_fetch_fd, .list_fds = host_list_fds,
		.kill_cgroup = host_kill_cgroup, .cgroup_thaw = host_thaw, .cgroup_populated = host_populated, .pid_in_cgroup = host_pid_in, .cgroup_realize = host_realize, .oom_kills = host_oom_kills,
		.cgroup_add = host_add, .apply_filters = host_filters, .request_stop = host_request_stop,
		.loop = m->loop, .notify_path = notify,
	};
	unit_host_defaults(&m->host);
}
