/*
 * transient.c - units that are made by a request: their files, their start, their end
 *
 * A transient unit's settings are a file in /run/sysmaster/transient (below $XDG_RUNTIME_DIR for a user's manager) like any other's, so that whatever reads unit files reads
 * them too; the state store has its text again (key "t:ID"). File and record are made in the turn that answers the request: after
 * a crash before the commit the file has no record, and is removed.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include "arena.h"
#include "cgroup/context.h"
#include "log.h"
#include "manager/methods.h"
#include "unit/name.h"
#include "unit/scope.h"
#include "unit/settings.h"

#define FOLDER "sysmaster/transient"    /* below /run, or a user's own */
#define HEAD "# A transient unit: made by a request, gone with its end. Changes here are lost.\n"

/* ---- files and records ---- */

static int write_whole(const char *path, const char *text, size_t n)
{
	_cleanup_(closep) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);

	if (fd < 0)
		return -errno;
	for (size_t done = 0; done < n; ) {
		ssize_t w = write(fd, text + done, n - done);

		if (w < 0)
			return -errno;
		done += (size_t)w;
	}
	return 0;
}

int transient_write_file(const char *path, const char *text, size_t n)
{
	char fresh[4096];
	int r;

	if (snprintf(fresh, sizeof(fresh), "%s.new", path) >= (int)sizeof(fresh))
		return -ENAMETOOLONG;
	r = write_whole(fresh, text, n);
	if (r >= 0 && rename(fresh, path) < 0)
		r = -errno;
	if (r < 0)
		unlink(fresh);
	return r;
}

#define PATH_SIZE 4096
static void folder_path(char out[PATH_SIZE]) { snprintf(out, PATH_SIZE, "%s/" FOLDER, scope_dir(SCOPE_RUNTIME)); }
static void path_of(const char *id, char out[PATH_SIZE]) { snprintf(out, PATH_SIZE, "%s/" FOLDER "/%s", scope_dir(SCOPE_RUNTIME), id); }

static int put_file(const char *id, const char *text, size_t n)
{
	char path[PATH_SIZE];

	folder_path(path);
	mkdir(path, 0755);
	path_of(id, path);
	return transient_write_file(path, text, n);
}

static const char *record_key(char out[320], const char *id)
{
	snprintf(out, 320, "t:%s", id);
	return out;
}

static void remove_dropins(const char *id)
{
	char path[PATH_SIZE + 2];
	struct dirent *d;

	path_of(id, path);
	strcat(path, ".d");
	DIR *dir = opendir(path);

	if (!dir)
		return;
	while ((d = readdir(dir)))
		unlinkat(dirfd(dir), d->d_name, 0);
	closedir(dir);
	rmdir(path);
}

void transient_forget(struct manager *m, const char *id)
{
	char path[PATH_SIZE], key[320];

	path_of(id, path);
	unlink(path);
	remove_dropins(id);
	store_delete(m->store, record_key(key, id));
}

/* ---- after a start of core ---- */

static int restore_file(void *arg, const char *key, const void *data, size_t n)
{
	struct arena a = ARENA_HEAP(2u << 20);
	struct ipc_transient_record rec;
	struct stat st;
	char path[PATH_SIZE], why[MSG_WHY];

	if (msg_decode(&ipc_transient_record_desc, data, n, &a, &rec, why) >= 0) {
		path_of(rec.id, path);
		if (stat(path, &st) < 0 && put_file(rec.id, rec.text, strlen(rec.text)) >= 0)
			log_event(LOG_NOTICE, "TRANSIENT_RESTORED", "a transient unit's file was gone and is there again", F_STR("UNIT", rec.id));
	}
	arena_reset(&a);
	return 0;
}

void transient_recover(struct manager *m)
{
	store_each(m->store, "t:", restore_file, m);
	lookup_refresh(m->lookup);
}

/* a scope's processes are nobody's children: only its group tells that it is there */
static void adopt_scope(struct manager *m, const char *id)
{
	struct unit *u;

	if (m->init.trust >= 3 && endswith(id, ".scope") && unit_load(m->set, id, &u) >= 0 && u->load_state == UNIT_LOADED && u->type->adopt)
		u->type->adopt(u, 0, NULL);
}

void transient_prune(struct manager *m)
{
	char path[PATH_SIZE];
	struct dirent *d;
	DIR *dir;

	folder_path(path);
	dir = opendir(path);
	if (!dir)
		return;
	while ((d = readdir(dir))) {
		if (!name_valid(d->d_name, NAME_PLAIN | NAME_INSTANCE))
			continue;
		adopt_scope(m, d->d_name);
		struct unit *u = unit_get(m->set, d->d_name);

		if (!u || u->load_state == UNIT_NOT_FOUND || u->load_state == UNIT_STUB)
			transient_forget(m, d->d_name);
	}
	closedir(dir);
}

/* ---- what is asked for ---- */

struct making {
	struct server_call *c;
	struct diag_sink sink;
	struct ipc_transient_reply *rep;
	bool wrong;
	char why[512];
};

/* what would only be reported in a file is a reason to refuse here: somebody is there to be told */
static void report(struct diag_sink *s, enum diag_level level, const char *file, unsigned line, unsigned column, const char *text)
{
	struct making *k = container_of(s, struct making, sink);

	if (level == DIAG_UNSUPPORTED && k->rep->remarks && k->rep->n_remarks < 512)
		k->rep->remarks[k->rep->n_remarks++] = method_keep(k->c, text);
	else if (level != DIAG_UNSUPPORTED && !k->wrong) {
		k->wrong = true;
		if (line)
			snprintf(k->why, sizeof(k->why), "%s", text);
		else                            /* of the unit as a whole */
			snprintf(k->why, sizeof(k->why), "Unit %s has a bad unit file setting: %s", file, text);
	}
}

/* nothing of it but perhaps its name */
static bool is_pristine(const struct unit *u)
{
	return (u->load_state == UNIT_NOT_FOUND || u->load_state == UNIT_LOADED) && !u->fragment_path && !u->source_path && !u->job && !u->perpetual &&
	       (u->load_state == UNIT_NOT_FOUND || unit_is_inactive_or_failed(u));
}

static int check_name(struct making *k, const char *name)
{
	struct manager *m = k->c->user;
	const struct unit_type *t;
	struct unit *u;
	int r = 0;

	if (!name_valid(name, NAME_PLAIN | NAME_INSTANCE))
		return method_refuse(k->c, -EINVAL, "Unit name %s is not valid.", name);
	t = unit_type_find(name_suffix(name), &r);
	if (!t)
		return method_refuse(k->c, -ENOTSUP, "Unit %s is of a type that this image does not have.", name);
	if (!t->can_transient)
		return method_refuse(k->c, -EINVAL, "Unit type %s does not support transient units.", t->name);
	collect_transient(m);           /* one of that name may have ended in this very turn */
	r = unit_load(m->set, name, &u);
	if (r < 0)
		return r;
	if (!is_pristine(u))
		return method_refuse(k->c, -EEXIST, "Unit %s was already loaded or has a fragment file.", name);
	return 0;
}

static int check_settings(struct making *k, const struct ipc_transient_unit *w, struct buf *text)
{
	const struct manager *m = k->c->user;
	const struct unit_type *t = unit_type_find(name_suffix(w->name), NULL);
	int r;

	buf_adds(text, HEAD);
	r = settings_text(t, (const char *const *)w->settings, w->n_settings, cgroup_keys, text, k->why, sizeof(k->why));
	if (r < 0)
		return method_refuse(k->c, r, "%s", *k->why ? k->why : strerror(-r));
	r = settings_try(m->set, w->name, buf_str(text), text->len, &k->sink);
	if (r >= 0 && k->wrong)
		return method_refuse(k->c, -EINVAL, "%s", k->why);
	if (r >= 0 && r != UNIT_LOADED)
		return method_refuse(k->c, -ENOEXEC, "Unit %s has a bad unit file setting.", w->name);
	return r < 0 ? r : 0;
}

static int make_unit(struct making *k, const struct ipc_transient_unit *w, struct buf *text, struct unit **ret)
{
	struct manager *m = k->c->user;
	struct ipc_transient_record rec = { .id = w->name, .text = buf_str(text) };
	char key[320];
	struct unit *u;
	int r = put_file(w->name, buf_str(text), text->len);

	if (r >= 0)
		r = store_put(m->store, record_key(key, w->name), &ipc_transient_record_desc, &rec);
	if (r >= 0)
		r = lookup_refresh(m->lookup);
	if (r >= 0)
		r = unit_stub(m->set, w->name, &u);
	if (r < 0)
		return r;
	u->transient = true;
	unit_reload(u);
	unit_load_pending(m->set);
	u = unit_get(m->set, w->name);
	if (!u || u->load_state != UNIT_LOADED)
		return method_refuse(k->c, -ENOEXEC, "Unit %s cannot be loaded: %s", w->name, u && u->load_why ? u->load_why : "it is gone");
	unit_dirty(u);
	*ret = u;
	return 0;
}

/* kernel threads cannot be moved, and core itself or PID 1 must not be */
static int check_pid(struct server_call *c, uint32_t asked, struct unit_process *ret)
{
	pid_t pid = asked ? (pid_t)asked : c->peer.pid;
	char path[64], target[8];

	if (pid <= 1 || pid == getpid())
		return method_refuse(c, -EINVAL, "Process %d cannot be moved.", (int)pid);
	if (unit_process_get(pid, ret) < 0)
		return method_refuse(c, -ESRCH, "Process %d does not exist.", (int)pid);
	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	if (readlink(path, target, sizeof(target)) < 0 && errno == ENOENT)
		return method_refuse(c, -EINVAL, "Process %d is a kernel thread, refusing.", (int)pid);
	return 0;
}

static int give_processes(struct making *k, const struct ipc_transient_request *q, struct unit *u)
{
	_cleanup_(freep) struct unit_process *pids = calloc(q->n_pids + 1, sizeof(*pids));
	struct unit_process controller = { 0 };
	int r = 0;

	if (!pids)
		return -ENOMEM;
	if (!u->type->take_pids)
		return q->n_pids || q->has_controller ? method_refuse(k->c, -EINVAL, "Unit type %s takes no processes.", u->type->name) : 0;
	if (!q->n_pids)
		return method_refuse(k->c, -EINVAL, "Scope has no PIDs. Refusing.");
	for (size_t i = 0; i < q->n_pids && r >= 0; i++)
		r = check_pid(k->c, q->pids[i], &pids[i]);
	if (r >= 0 && q->has_controller)
		r = check_pid(k->c, q->controller, &controller);
	return r < 0 ? r : u->type->take_pids(u, pids, q->n_pids, q->has_controller ? &controller : NULL);
}

static int give_streams(struct making *k, const struct ipc_transient_request *q, struct unit *u)
{
	int fds[3], r;

	if (!q->has_streams)
		return 0;
	if (!u->type->give_streams)
		return method_refuse(k->c, -EINVAL, "Unit type %s has no standard streams.", u->type->name);
	r = notify_take_streams(k->c->user, q->streams, fds);
	if (r < 0)
		return method_refuse(k->c, r, "The standard streams have not come.");
	return u->type->give_streams(u, fds);
}

static int start_it(struct making *k, const struct ipc_transient_request *q, struct unit *u)
{
	struct manager *m = k->c->user;
	char why[TRANSACTION_WHY] = "";
	struct job *j = NULL;
	int r = give_processes(k, q, u);

	if (r >= 0)
		r = give_streams(k, q, u);
	if (r < 0)
		return r;
	r = manager_submit(m, u, IPC_JOB_TYPE_START, q->mode, &j, why);
	if (r < 0)
		return method_refuse(k->c, r, "%s", why);
	u->hold_usec = q->has_hold && q->hold ? USEC_INFINITY : 0;
	k->rep->jobs = method_list(k->c, 1, sizeof(*k->rep->jobs));
	if (j && k->rep->jobs)
		job_info(j, &k->rep->jobs[k->rep->n_jobs++]);
	return 0;
}

static int make_all(struct making *k, const struct ipc_transient_request *q, const struct ipc_transient_unit *const *w, struct buf *texts, size_t n)
{
	struct manager *m = k->c->user;
	struct unit *u = NULL;
	size_t made = n;                /* from there on */
	int r = 0;

	for (size_t i = 0; i < n && r >= 0; i++) {
		for (size_t j = 0; j < i; j++)
			if (streq(w[i]->name, w[j]->name))
				return method_refuse(k->c, -EINVAL, "Unit %s is asked for twice.", w[i]->name);
		r = check_name(k, w[i]->name);
	}
	for (size_t i = 0; i < n && r >= 0; i++)
		r = check_settings(k, w[i], &texts[i]);
	while (made > 0 && r >= 0) {                    /* the one that is started comes last: it finds the others */
		made--;
		r = make_unit(k, w[made], &texts[made], &u);
	}
	if (r >= 0)
		r = start_it(k, q, u);
	for (; made < n && r < 0; made++) {
		u = unit_get(m->set, w[made]->name);
		if (u && u->transient && !u->job && unit_is_inactive_or_failed(u))
			collect_unmake(m, u);
	}
	return r;
}

int method_start_transient(struct server_call *c, const void *req, void *rep)
{
	const struct ipc_transient_request *q = req;
	struct making k = { .c = c, .sink = { report }, .rep = rep };
	const struct ipc_transient_unit *w[17] = { &q->unit };
	struct buf texts[17] = { { 0 } };
	size_t n = 1;
	int r;

	k.rep->remarks = method_list(c, 512, sizeof(*k.rep->remarks));
	for (size_t i = 0; i < q->n_others; i++)
		w[n++] = &q->others[i];
	r = make_all(&k, q, w, texts, n);
	for (size_t i = 0; i < n; i++)
		buf_finish(&texts[i]);
	return r;
}

/* ---- the rest of their life ---- */

int method_release_unit(struct server_call *c, const void *req, void *rep)
{
	struct unit *u;
	int r = method_find_unit(c, ((const struct ipc_unit_name *)req)->unit, false, &u);

	if (r < 0)
		return r;
	u->hold_usec = 0;
	unit_dirty(u);
	collect_transient_soon(c->user);
	return 0;
}

int method_abandon_scope(struct server_call *c, const void *req, void *rep)
{
	struct unit *u;
	int r = method_find_unit(c, ((const struct ipc_unit_name *)req)->unit, false, &u);

	if (r < 0)
		return r;
	if (!u->type->abandon)
		return method_refuse(c, -EINVAL, "Unit %s is not a scope.", u->id);
	r = u->type->abandon(u);
	return r == -ESTALE ? method_refuse(c, r, "Scope %s is not running, cannot abandon.", u->id) : r;
}

static bool bad_subgroup(const char *s) { return !*s || *s == '/' || streq(s, ".") || strstr(s, "..") || strstr(s, "//") || startswith(s, "cgroup."); }

static bool belongs_to(const char *path, uint32_t uid)
{
	struct stat st;

	return stat(path, &st) == 0 && st.st_uid == uid;
}

/* root may do all; others move what is theirs to where they are the masters */
static bool may_attach(const struct server_call *c, const struct unit *u, const struct ipc_attach_request *q)
{
	const struct manager *m = c->user;
	char path[8192];

	if (c->peer.uid == 0 || c->peer.uid == getuid())
		return true;
	if (!q->subgroup || snprintf(path, sizeof(path), "%s%s/%s", m->host.cgroup_root, u->cgroup_path, q->subgroup) >= (int)sizeof(path) || !belongs_to(path, c->peer.uid))
		return false;
	for (size_t i = 0; i < q->n_pids; i++) {
		snprintf(path, sizeof(path), "/proc/%d", q->pids[i] ? (int)q->pids[i] : (int)c->peer.pid);
		if (!belongs_to(path, c->peer.uid))
			return false;
	}
	return true;
}

int method_attach_processes(struct server_call *c, const void *req, void *rep)
{
	const struct ipc_attach_request *q = req;
	const struct cgroup_context *cg;
	struct unit_process p;
	struct unit *u;
	int r = method_find_unit(c, q->unit, false, &u);

	if (r < 0)
		return r;
	cg = cgroup_context_of(u);
	if (!cg || endswith(u->id, ".slice"))
		return method_refuse(c, -EINVAL, "Processes cannot be attached to unit %s.", u->id);
	if (!u->cgroup_path || unit_is_inactive_or_failed(u))
		return method_refuse(c, -ESTALE, "Unit %s is not running, cannot attach processes.", u->id);
	if (q->subgroup && (!cg->delegate || bad_subgroup(q->subgroup)))
		return method_refuse(c, -EINVAL, cg->delegate ? "\"%.200s\" is no control group below the unit's." :
				     "Attaching to \"%.200s\" needs Delegate=yes.", q->subgroup);
	if (!may_attach(c, u, q))
		return method_refuse(c, -EACCES, "Access denied");
	for (size_t i = 0; i < q->n_pids; i++) {
		r = check_pid(c, q->pids[i], &p);
		if (r >= 0)
			r = cgroup_add(((struct manager *)c->user)->cgroups, u, q->subgroup, p.pid);
		if (r < 0)
			return r;
	}
	return 0;
}
