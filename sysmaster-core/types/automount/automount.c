/* automount.c - the state machine of an automount unit, and the type's vtable; systemd.automount(5) */
#include <fcntl.h>
#include <stdio.h>
#include "core.ipc.h"
#include "exec.ipc.h"
#include "log.h"
#include "types/automount/automount.h"
#include "types/common.h"

#define PIPE "autofs"                   /* its name in init's store */
#define RECHECK_USEC (1 * USEC_PER_SEC)
#define MAX_TOKENS 65536

static const struct { const char *name; enum unit_active_state active; } states[N_AUTOMOUNT_STATES] = {
	[AUTOMOUNT_DEAD] = { "dead", UNIT_INACTIVE },       [AUTOMOUNT_MOUNTING] = { "mounting", UNIT_ACTIVATING },
	[AUTOMOUNT_WAITING] = { "waiting", UNIT_ACTIVE },   [AUTOMOUNT_RUNNING] = { "running", UNIT_ACTIVE },
	[AUTOMOUNT_UNMOUNTING] = { "unmounting", UNIT_DEACTIVATING }, [AUTOMOUNT_FAILED] = { "failed", UNIT_FAILED },
};

static const char *result_name(unsigned r)
{
	return r == AUTOMOUNT_RES_UNMOUNTED ? "unmounted" : r == AUTOMOUNT_RES_MOUNT_START_LIMIT_HIT ? "mount-start-limit-hit" : control_result_name(r) ?: "?";
}

static bool is_up(const struct automount *a) { return states[a->state].active == UNIT_ACTIVE; }
static struct unit *mount_of(const struct automount *a) { return unit_get(a->u.set, a->mount_name); }

/* the only writer of ->state */
static void set_state(struct automount *a, enum automount_state to)
{
	enum automount_state from = a->state;

	if (from == to)
		return;
	a->state = to;
	log_event(LOG_DEBUG, "UNIT_STATE", "changed state", F_STR("UNIT", a->u.id), F_STR("FROM", states[from].name), F_STR("TO", states[to].name));
	unit_changed(&a->u, false);
}

/* ---- who waits ---- */

static int tokens_add(struct tokens *t, uint32_t token)
{
	if (t->n == t->cap) {
		size_t cap = MAX(t->cap * 2, (size_t)8);
		uint32_t *v = t->n >= MAX_TOKENS ? NULL : reallocarray(t->v, cap, sizeof(*v));

		if (!v)
			return -ENOMEM;
		t->v = v;
		t->cap = cap;
	}
	t->v[t->n++] = token;
	return 0;
}

static int tokens_copy(struct tokens *t, const uint32_t *v, size_t n)
{
	t->n = 0;
	for (size_t i = 0; i < n; i++)
		if (tokens_add(t, v[i]) < 0)
			return -ENOMEM;
	return 0;
}

static void answer_one(struct automount *a, uint32_t token, int error)
{
	int r = autofs_kernel->answer(a->where, a->dev, token, error);

	if (r < 0 && r != -EINVAL && r != -ENOENT)              /* an earlier core answered it, or the file system is gone */
		log_event(LOG_WARNING, "AUTOMOUNT_ANSWER", "who waits for the mount cannot be told", F_STR("UNIT", a->u.id), F_ERRNO(r));
}

static void answer(struct automount *a, struct tokens *t, int error)
{
	for (size_t i = 0; i < t->n; i++)
		answer_one(a, t->v[i], error);
	if (t->n)
		unit_dirty(&a->u);
	t->n = 0;
}

/* ---- down ---- */

static void close_pipe(struct automount *a)
{
	timer_del(&a->expire);
	timer_del(&a->recheck);
	source_del(&a->pipe);
	closep(&a->pipe.fd);
	unit_host(&a->u)->drop_fd(&a->u, PIPE);
}

static void rest(struct automount *a, unsigned f)
{
	if (a->result == RESULT_SUCCESS)
		a->result = f;
	control_finish(&a->control);
	close_pipe(a);
	a->dev = 0;
	if (a->result != RESULT_SUCCESS)
		log_event(LOG_WARNING, "UNIT_FAILED", "failed", F_STR("UNIT", a->u.id), F_STR("RESULT", result_name(a->result)));
	set_state(a, a->result == RESULT_SUCCESS ? AUTOMOUNT_DEAD : AUTOMOUNT_FAILED);
}

static void unmount(struct automount *a)
{
	int r = control_helper(&a->control, AUTOMOUNT_ROLE_CONTROL, IPC_EXEC_ACTION_DETACH, a->where, NULL, -1);

	if (r < 0) {
		log_event(LOG_WARNING, "AUTOMOUNT_UMOUNT", "no process to unmount the autofs", F_STR("UNIT", a->u.id), F_ERRNO(r));
		rest(a, RESULT_RESOURCES);
		return;
	}
	control_arm_in(&a->control, type_default_timeout(&a->u));
	set_state(a, AUTOMOUNT_UNMOUNTING);
}

static void die(struct automount *a, unsigned f)
{
	if (a->result == RESULT_SUCCESS)
		a->result = f;
	answer(a, &a->tokens, -EHOSTDOWN);
	answer(a, &a->expire_tokens, -EHOSTDOWN);
	close_pipe(a);
	if (f == AUTOMOUNT_RES_UNMOUNTED)
		rest(a, f);
	else
		unmount(a);
}

/* ---- idle ---- */

static int look_for_idle(struct timer *t);

static void arm_expire(struct automount *a)
{
	if (!a->idle_usec || a->idle_usec == USEC_INFINITY || a->expire.loop)
		return;
	if (timer_set(unit_host(&a->u)->loop, &a->expire, now_usec(CLOCK_BOOTTIME) + MAX(a->idle_usec / 3, USEC_PER_SEC), look_for_idle) < 0)
		log_event(LOG_ERR, "UNIT_TIMER", "no memory for a time-out", F_STR("UNIT", a->u.id));
}

static int look_for_idle(struct timer *t)
{
	struct automount *a = container_of(t, struct automount, expire);
	struct control c = { .unit = &a->u };
	char dev[16], seconds[32];
	char *const words[] = { dev, seconds, NULL };
	int r;

	arm_expire(a);
	if (a->expire_child || a->state != AUTOMOUNT_RUNNING)
		return 0;
	snprintf(dev, sizeof(dev), "%u", a->dev);
	snprintf(seconds, sizeof(seconds), "%llu", (unsigned long long)MAX(a->idle_usec / USEC_PER_SEC, 1ULL));
	r = control_helper(&c, AUTOMOUNT_ROLE_EXPIRE, IPC_EXEC_ACTION_AUTOFS_EXPIRE, a->where, words, -1);
	if (r < 0)
		log_event(LOG_WARNING, "AUTOMOUNT_EXPIRE", "no process to look for what is idle", F_STR("UNIT", a->u.id), F_ERRNO(r));
	a->expire_child = r < 0 ? 0 : c.token;
	unit_dirty(&a->u);
	return 0;
}

/* ---- the mount ---- */

static int recheck(struct timer *t);

static void look_again(struct automount *a)
{
	if (timer_set(unit_host(&a->u)->loop, &a->recheck, now_usec(CLOCK_BOOTTIME) + RECHECK_USEC, recheck) < 0)
		die(a, RESULT_RESOURCES);
}

/* What the mount unit is at tells what is answered; nothing is while a job of it is on the way. */
static void follow(struct automount *a)
{
	const struct unit *m = mount_of(a);

	if (!is_up(a))
		return;
	if (m && m->start_limit_hit) {
		die(a, AUTOMOUNT_RES_MOUNT_START_LIMIT_HIT);
		return;
	}
	switch (m ? unit_active(m) : UNIT_INACTIVE) {
	case UNIT_ACTIVE:
	case UNIT_RELOADING:
		answer(a, &a->tokens, 0);
		if (!m->job)
			answer(a, &a->expire_tokens, -ENODEV);
		set_state(a, AUTOMOUNT_RUNNING);
		arm_expire(a);
		return;
	case UNIT_INACTIVE:
	case UNIT_FAILED:
		timer_del(&a->expire);
		answer(a, &a->expire_tokens, m && unit_active(m) == UNIT_FAILED ? -ENODEV : 0);
		if (m && m->job)
			break;
		answer(a, &a->tokens, -ENODEV);
		set_state(a, AUTOMOUNT_WAITING);
		return;
	case UNIT_ACTIVATING:
		set_state(a, AUTOMOUNT_RUNNING);
		break;
	case UNIT_DEACTIVATING:
	case UNIT_MAINTENANCE:
	case N_UNIT_ACTIVE_STATES:
		break;
	}
	look_again(a);
}

/* a job that ends without any change of the mount is not told of */
static int recheck(struct timer *t)
{
	follow(container_of(t, struct automount, recheck));
	return 0;
}

static void ask_mount(struct automount *a, bool up)
{
	struct unit *m = mount_of(a);
	int r;

	if (up == (m && unit_is_active_or_reloading(m))) {
		follow(a);
		return;
	}
	r = m ? unit_host(&a->u)->submit(m, up ? IPC_JOB_TYPE_START : IPC_JOB_TYPE_STOP, IPC_JOB_MODE_REPLACE) : -ENOENT;
	if (r < 0) {
		log_event(LOG_WARNING, "AUTOMOUNT_JOB", up ? "cannot start the mount" : "cannot stop the mount", F_STR("UNIT", a->u.id), F_ERRNO(r));
		die(a, RESULT_RESOURCES);
		return;
	}
	if (up)
		set_state(a, AUTOMOUNT_RUNNING);
	look_again(a);
}

static void take_request(struct automount *a, const struct autofs_request *q)
{
	bool stops = a->u.job;                          /* of a unit that is up */

	log_event(LOG_INFO, "AUTOMOUNT_REQUEST", q->expire ? "is idle" : "is wanted", F_STR("UNIT", a->u.id), F_U64("PID", q->pid), F_U64("UID", q->uid));
	unit_dirty(&a->u);
	if (stops || tokens_add(q->expire ? &a->expire_tokens : &a->tokens, q->token) < 0) {
		answer_one(a, q->token, -EHOSTDOWN);
		return;
	}
	ask_mount(a, !q->expire);
}

/*
 * A packet is taken note of in one turn and taken out of the pipe in a later one, when the note is in the state store: whoever waits is
 * remembered by one of the two at any instant.
 */
static int pipe_fire(struct source *s, uint32_t events)
{
	struct automount *a = container_of(s, struct automount, pipe);
	struct autofs_request q;
	int r = autofs_peek(s->fd, &q);

	if (r == -EBADMSG || (r > 0 && q.token == a->seen_token)) {
		autofs_drop(s->fd);
	} else if (r > 0) {
		a->seen_token = q.token;
		take_request(a, &q);
	} else if (r < 0 || (r == 0 && events & (EPOLLHUP | EPOLLERR))) {
		log_event(LOG_WARNING, "AUTOMOUNT_GONE", "the autofs was unmounted by somebody else", F_STR("UNIT", a->u.id));
		die(a, AUTOMOUNT_RES_UNMOUNTED);
	}
	return 0;
}

static int listen_to_pipe(struct automount *a)
{
	return a->pipe.loop ? 0 : source_add(unit_host(&a->u)->loop, &a->pipe, a->pipe.fd, EPOLLIN, pipe_fire);
}

/* ---- up ---- */

static int spawn_mount(struct automount *a)
{
	_cleanup_(freep) char *options = NULL;
	int fds[2], r;
	char mode[8];

	snprintf(mode, sizeof(mode), "%o", a->directory_mode);
	/* core is in init's process group, and so is every later core: it never waits at its own mount points */
	if (asprintf(&options, "pgrp=%d,minproto=5,maxproto=5,direct%s%s", (int)getpgrp(), a->extra_options ? "," : "", a->extra_options ?: "") < 0)
		return -ENOMEM;
	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	closep(&a->pipe.fd);
	a->pipe.fd = fds[0];
	r = unit_host(&a->u)->store_fd(&a->u, PIPE, fds[0]);
	if (r >= 0)
		r = control_helper(&a->control, AUTOMOUNT_ROLE_CONTROL, IPC_EXEC_ACTION_AUTOFS_MOUNT, a->where, (char *const[]){ options, mode, NULL }, fds[1]);
	close(fds[1]);
	if (r >= 0)
		control_arm_in(&a->control, type_default_timeout(&a->u));
	return r;
}

static void begin(struct automount *a)
{
	int r = spawn_mount(a);

	if (r < 0) {
		log_event(LOG_WARNING, "AUTOMOUNT_MOUNT", "no process to mount the autofs", F_STR("UNIT", a->u.id), F_ERRNO(r));
		rest(a, RESULT_RESOURCES);
		return;
	}
	set_state(a, AUTOMOUNT_MOUNTING);
}

static void mounted(struct automount *a, unsigned f)
{
	int r = f == RESULT_SUCCESS ? autofs_kernel->find(a->where, &a->dev) : 0;

	if (r >= 0 && f == RESULT_SUCCESS)
		r = a->pipe.fd < 0 ? -EBADF : listen_to_pipe(a);
	if (r < 0) {
		log_event(LOG_WARNING, "AUTOMOUNT_LOST", "the autofs is not there after it was mounted", F_STR("UNIT", a->u.id), F_ERRNO(r));
		f = RESULT_RESOURCES;
	}
	if (f != RESULT_SUCCESS) {
		rest(a, RESULT_RESOURCES);
		return;
	}
	set_state(a, AUTOMOUNT_WAITING);
	follow(a);
}

static int automount_start(struct unit *u)
{
	struct automount *a = AUTOMOUNT(u);
	const struct unit *m = mount_of(a);

	if (a->state == AUTOMOUNT_MOUNTING)
		return 0;
	if (a->state == AUTOMOUNT_UNMOUNTING)
		return -EAGAIN;
	if (is_up(a))
		return -EALREADY;
	if (!m || m->load_state != UNIT_LOADED) {
		log_event(LOG_ERR, "AUTOMOUNT_UNIT", "the mount to be started does not exist", F_STR("UNIT", u->id), F_STR("STARTS", a->mount_name));
		return -ENOENT;
	}
	if (!unit_is_inactive_or_failed(m)) {
		log_event(LOG_ERR, "AUTOMOUNT_BUSY", "something is mounted there already", F_STR("UNIT", u->id), F_STR("WHERE", a->where));
		return -EEXIST;
	}
	if (unit_start_limit_hit(u)) {
		a->result = RESULT_START_LIMIT_HIT;
		set_state(a, AUTOMOUNT_FAILED);
		return -ECANCELED;
	}
	a->result = RESULT_SUCCESS;
	unit_new_invocation(u);
	begin(a);
	return a->state == AUTOMOUNT_MOUNTING ? 0 : -EIO;
}

static int automount_stop(struct unit *u)
{
	struct automount *a = AUTOMOUNT(u);

	if (a->state == AUTOMOUNT_UNMOUNTING)
		return 0;
	if (a->state == AUTOMOUNT_MOUNTING)
		return -EAGAIN;                         /* in a moment: the helper blocks on nothing */
	if (!is_up(a))
		return -EALREADY;
	die(a, RESULT_SUCCESS);
	return 0;
}

static void late(struct unit *u)
{
	struct automount *a = AUTOMOUNT(u);

	log_event(LOG_WARNING, "UNIT_TIMEOUT", "timed out", F_STR("UNIT", u->id), F_STR("STATE", states[a->state].name));
	rest(a, RESULT_TIMEOUT);
}

static void automount_child(struct unit *u, unsigned role, const struct ipc_child *c)
{
	struct automount *a = AUTOMOUNT(u);
	unsigned f;

	if (role == AUTOMOUNT_ROLE_EXPIRE) {
		if (c->phase != IPC_CHILD_PHASE_EXITED && (c->phase != IPC_CHILD_PHASE_FAILED || c->pid))
			return;
		unit_host(u)->forget(u, c->token);
		if (c->token == a->expire_child)
			a->expire_child = 0;
		unit_dirty(u);
		return;
	}
	if (!control_child(&a->control, c, &f))
		return;
	control_arm(&a->control, 0);
	if (a->state == AUTOMOUNT_MOUNTING)
		mounted(a, f);
	else if (a->state == AUTOMOUNT_UNMOUNTING)
		rest(a, f);
}

static void automount_respawn(struct unit *u, unsigned role)
{
	struct automount *a = AUTOMOUNT(u);

	if (role == AUTOMOUNT_ROLE_EXPIRE)
		a->expire_child = 0;                    /* the timer asks again */
	else if (a->state == AUTOMOUNT_MOUNTING)
		begin(a);
	else if (a->state == AUTOMOUNT_UNMOUNTING)
		unmount(a);
}

static void automount_trigger_notify(struct unit *u, struct unit *other)
{
	if (other == mount_of(AUTOMOUNT(u)))
		follow(AUTOMOUNT(u));
}

static void automount_reset_failed(struct unit *u)
{
	AUTOMOUNT(u)->result = RESULT_SUCCESS;
	if (AUTOMOUNT(u)->state == AUTOMOUNT_FAILED)
		set_state(AUTOMOUNT(u), AUTOMOUNT_DEAD);
}

/* ---- queries and the state store ---- */

static enum unit_active_state automount_active(const struct unit *u) { return states[AUTOMOUNT(u)->state].active; }
static const char *automount_sub(const struct unit *u) { return states[AUTOMOUNT(u)->state].name; }
static void automount_properties(const struct unit *u, void (*put)(void *arg, const char *name, const char *value), void *arg)
{
	put(arg, "Result", result_name(AUTOMOUNT(u)->result));
}

static void automount_save(const struct unit *u, void *rec)
{
	const struct automount *a = AUTOMOUNT(u);

	*(struct ipc_automount_state *)rec = (struct ipc_automount_state){
		.state = a->state, .result = a->result, .control_token = a->control.token, .control_pid = (uint32_t)a->control.pid,
		.due_usec = a->control.due_usec, .dev = a->dev, .seen_token = a->seen_token, .expire_child = a->expire_child,
		.tokens = a->tokens.v, .n_tokens = a->tokens.n, .expire_tokens = a->expire_tokens.v, .n_expire_tokens = a->expire_tokens.n,
	};
}

static int automount_restore(struct unit *u, const void *rec)
{
	struct automount *a = AUTOMOUNT(u);
	const struct ipc_automount_state *r = rec;

	if (r->state >= N_AUTOMOUNT_STATES || r->result >= N_AUTOMOUNT_RESULTS)
		return -EBADMSG;
	if (tokens_copy(&a->tokens, r->tokens, r->n_tokens) < 0 || tokens_copy(&a->expire_tokens, r->expire_tokens, r->n_expire_tokens) < 0)
		return -ENOMEM;
	a->state = (enum automount_state)r->state;
	a->result = r->result;
	a->dev = r->dev;
	a->seen_token = r->seen_token;
	a->expire_child = r->expire_child;
	a->control.token = r->control_token;
	a->control.pid = (pid_t)r->control_pid;
	a->control.due_usec = r->due_usec;
	return 0;
}

/* Who asked while core was away stands in the pipe; who had asked before stands in the record, and the mount may be there by now. */
static int automount_coldplug(struct unit *u)
{
	struct automount *a = AUTOMOUNT(u);

	if (a->control.due_usec && !a->control.timer.loop)
		control_arm(&a->control, a->control.due_usec);
	if (!is_up(a) && a->state != AUTOMOUNT_MOUNTING)
		return 0;
	if (a->pipe.fd < 0)
		a->pipe.fd = unit_host(u)->fetch_fd(u, PIPE);
	if (a->state == AUTOMOUNT_MOUNTING)
		return 0;                               /* what became of the helper is told next */
	if (a->pipe.fd < 0 || listen_to_pipe(a) < 0) {
		log_event(LOG_WARNING, "AUTOMOUNT_LOST", "the pipe of the autofs is lost", F_STR("UNIT", u->id));
		die(a, RESULT_RESOURCES);
		return 0;
	}
	if (a->state == AUTOMOUNT_RUNNING)
		arm_expire(a);
	return timer_set(unit_host(u)->loop, &a->recheck, now_usec(CLOCK_BOOTTIME), recheck);  /* when all units and jobs are back */
}

static void automount_adopt_fds(struct unit *u)
{
	struct automount *a = AUTOMOUNT(u);

	a->pipe.fd = unit_host(u)->fetch_fd(u, PIPE);
	if (a->pipe.fd < 0 || autofs_kernel->find(a->where, &a->dev) < 0 || listen_to_pipe(a) < 0) {
		close_pipe(a);
		return;
	}
	set_state(a, AUTOMOUNT_WAITING);
	follow(a);
}

/* ---- the object ---- */

static void init(struct unit *u)
{
	struct automount *a = AUTOMOUNT(u);

	if (!u->reloading)
		a->pipe.fd = -1;
	control_init(&a->control, u, late);
	automount_init(u);
}

static void done(struct unit *u)
{
	struct automount *a = AUTOMOUNT(u);

	timer_del(&a->control.timer);
	timer_del(&a->expire);
	timer_del(&a->recheck);
	source_del(&a->pipe);
	closep(&a->pipe.fd);
	free(a->tokens.v);
	free(a->expire_tokens.v);
	free(a->mount_name);
}

const struct unit_type unit_type_automount = {
	.abi = UNIT_TYPE_ABI,
	.name = "automount",
	.can_transient = true,
	.section = "Automount",
	.size = sizeof(struct automount),
	.groups = automount_groups,
	.n_groups = ARRAY_SIZE(automount_groups),
	.no_files = true,
	.init = init,
	.load = automount_load,
	.done = done,
	.active = automount_active,
	.sub = automount_sub,
	.start = automount_start,
	.stop = automount_stop,
	.child = automount_child,
	.respawn = automount_respawn,
	.trigger_notify = automount_trigger_notify,
	.adopt_fds = automount_adopt_fds,
	.reset_failed = automount_reset_failed,
	.state_desc = &ipc_automount_state_desc,
	.save = automount_save,
	.restore = automount_restore,
	.coldplug = automount_coldplug,
	.properties = automount_properties,
};
