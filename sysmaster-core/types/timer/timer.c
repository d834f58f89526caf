/* timer.c - the state machine of a timer unit, and the type's vtable; systemd.timer(5) */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include "core.ipc.h"
#include "log.h"
#include "types/timer/when.h"

#define RECHECK_USEC (1 * USEC_PER_SEC)

static const struct { const char *name; enum unit_active_state active; } states[N_TIMER_STATES] = {
	[TIMER_DEAD] = { "dead", UNIT_INACTIVE }, [TIMER_WAITING] = { "waiting", UNIT_ACTIVE }, [TIMER_RUNNING] = { "running", UNIT_ACTIVE },
	[TIMER_ELAPSED] = { "elapsed", UNIT_ACTIVE }, [TIMER_FAILED] = { "failed", UNIT_FAILED },
};

static struct timer_unit *all;          /* of this process */

static int due(struct timer *tm);
static int recheck(struct timer *tm);

/* the only writer of ->state */
static void set_state(struct timer_unit *t, enum timer_state to)
{
	enum timer_state from = t->state;

	if (to != TIMER_WAITING) {
		timer_del(&t->timer);
		alarm_del(&t->alarm);
		t->next_realtime_usec = t->next_monotonic_usec = 0;
	}
	if (to != TIMER_RUNNING)
		timer_del(&t->recheck);
	if (from == to) {
		unit_dirty(&t->u);
		return;
	}
	t->state = to;
	log_event(LOG_DEBUG, "UNIT_STATE", "changed state", F_STR("UNIT", t->u.id), F_STR("FROM", states[from].name), F_STR("TO", states[to].name));
	unit_changed(&t->u, false);
}

static void die(struct timer_unit *t, unsigned f)
{
	if (t->result == RESULT_SUCCESS)
		t->result = f;
	if (t->result != RESULT_SUCCESS)
		log_event(LOG_WARNING, "UNIT_FAILED", "failed", F_STR("UNIT", t->u.id), F_STR("RESULT", control_result_name(t->result)));
	set_state(t, t->result == RESULT_SUCCESS ? TIMER_DEAD : TIMER_FAILED);
}

static struct unit *unit_of(const struct timer_unit *t) { return t->unit_name ? unit_get(t->u.set, t->unit_name) : NULL; }

/* ---- waiting ---- */

static int woken(struct source *src, uint32_t events);

static void arm(struct timer_unit *t)
{
	struct timer_now now = timer_now();
	uint64_t at = when_wake(t, &now);
	int r;

	if (t->wake_system && !t->no_alarm && (r = alarm_set(unit_host(&t->u)->loop, &t->alarm, at, woken)) < 0) {
		t->no_alarm = true;
		log_event(LOG_WARNING, "TIMER_ALARM", "WakeSystem= is not possible here: the timer waits, and wakes nobody", F_STR("UNIT", t->u.id), F_ERRNO(r));
	}
	if (at == USEC_INFINITY)
		timer_del(&t->timer);
	else if (timer_set(unit_host(&t->u)->loop, &t->timer, at, due) < 0)
		die(t, RESULT_RESOURCES);
}

/* does a line wait on the unit? Then it may come again whenever the unit moves */
static bool follows_unit(const struct timer_unit *t)
{
	for (const struct timer_value *v = t->values; v; v = v->next)
		if (!v->disabled && (v->base == TIMER_UNIT_ACTIVE || v->base == TIMER_UNIT_INACTIVE))
			return true;
	return false;
}

/* @again: the clock was set or core was started again: the delay once drawn stays */
static void enter_waiting(struct timer_unit *t, bool again)
{
	struct timer_now now = timer_now();

	when_next(t, &now);
	if (!t->next_realtime_usec && !t->next_monotonic_usec && !t->on_clock_change && !t->on_timezone_change) {
		log_event(LOG_DEBUG, "TIMER_ELAPSED", "elapsed for the last time", F_STR("UNIT", t->u.id));
		if (t->remain_after_elapse || follows_unit(t))
			set_state(t, TIMER_ELAPSED);
		else
			die(t, RESULT_SUCCESS);
		return;
	}
	if (!again)
		t->delay_usec = when_delay(t);
	if (t->next_monotonic_usec)
		t->next_monotonic_usec += t->delay_usec;
	if (t->next_realtime_usec)
		t->next_realtime_usec += t->delay_usec;
	set_state(t, TIMER_WAITING);
	if (t->state == TIMER_WAITING)
		arm(t);
}

static void write_stamp(const struct timer_unit *t, uint64_t usec)
{
	struct timespec ts[2];
	_cleanup_(freep) char *dir = strdup(t->stamp_path);
	_cleanup_(closep) int fd = -1;

	if (dir && strrchr(dir, '/')) {
		*strrchr(dir, '/') = '\0';
		mkdir(dir, 0755);
	}
	fd = open(t->stamp_path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0644);
	ts[0] = ts[1] = (struct timespec){ .tv_sec = (time_t)(usec / USEC_PER_SEC), .tv_nsec = (long)(usec % USEC_PER_SEC * NSEC_PER_USEC) };
	if (fd < 0 || futimens(fd, ts) < 0)
		log_event(LOG_WARNING, "TIMER_STAMP", "the time stamp cannot be written", F_STR("UNIT", t->u.id), F_STR("FILE", t->stamp_path), F_ERRNO(-errno));
}

static void read_stamp(struct timer_unit *t)
{
	uint64_t now = timer_clock(CLOCK_REALTIME), stamp;
	struct stat st;

	if (stat(t->stamp_path, &st) < 0) {
		if (errno == ENOENT)                    /* the first time: it counts from now */
			write_stamp(t, now);
		return;
	}
	stamp = (uint64_t)st.st_mtim.tv_sec * USEC_PER_SEC + (uint64_t)st.st_mtim.tv_nsec / NSEC_PER_USEC;
	if (stamp < now)
		t->last.realtime = stamp;
	else
		log_event(LOG_WARNING, "TIMER_STAMP", "the time stamp lies in the future", F_STR("UNIT", t->u.id), F_STR("FILE", t->stamp_path));
}

/* ---- elapsing ---- */

static void look_again_soon(struct timer_unit *t)
{
	if (timer_set(unit_host(&t->u)->loop, &t->recheck, now_usec(CLOCK_BOOTTIME) + RECHECK_USEC, recheck) < 0)
		die(t, RESULT_RESOURCES);
}

/* what it is started for: systemd.exec(5) TRIGGER_TIMER_... */
static void tell(struct unit *u, const struct timer_unit *t)
{
	_cleanup_(buf_finish) struct buf b = { 0 };

	if (!unit_is_inactive_or_failed(u))
		return;
	buf_addf(&b, "TRIGGER_TIMER_MONOTONIC_USEC=%llu\nTRIGGER_TIMER_REALTIME_USEC=%llu\nTRIGGER_UNIT=%s\n",
		 (unsigned long long)t->last.monotonic, (unsigned long long)t->last.realtime, t->u.id);
	unit_set_trigger(u, buf_str(&b));
}

static void elapse(struct timer_unit *t)
{
	struct unit *u = unit_of(t);
	int r;

	if (t->u.job)
		return;                                 /* about to stop */
	r = u ? unit_host(&t->u)->submit(u, IPC_JOB_TYPE_START, IPC_JOB_MODE_REPLACE) : -ENOENT;
	if (r < 0) {
		log_event(LOG_WARNING, "TIMER_START", "cannot start the unit", F_STR("UNIT", t->u.id), F_STR("STARTS", t->unit_name ?: ""), F_ERRNO(r));
		die(t, RESULT_RESOURCES);
		return;
	}
	t->last = (struct unit_times){ timer_clock(CLOCK_REALTIME), timer_clock(CLOCK_MONOTONIC) };
	tell(u, t);
	if (t->stamp_path)
		write_stamp(t, t->last.realtime);
	set_state(t, TIMER_RUNNING);                    /* the end of its job is told, whatever comes of it */
}

static void elapse_if_due(struct timer_unit *t)
{
	struct timer_now now = timer_now();

	if (t->state != TIMER_WAITING)
		return;
	if (when_is_due(t, &now))
		elapse(t);
	else
		arm(t);                                 /* the clock was put back, or stood still in suspend */
}

static int due(struct timer *tm)
{
	elapse_if_due(container_of(tm, struct timer_unit, timer));
	return 0;
}

static int woken(struct source *src, uint32_t events)
{
	uint64_t n;

	if (read(src->fd, &n, sizeof(n)) == sizeof(n))
		elapse_if_due(container_of(src, struct timer_unit, alarm));
	return 0;
}

/* Has the unit come to rest again? The start may also have failed without any change of its state. */
static void follow(struct timer_unit *t)
{
	const struct unit *u = unit_of(t);

	if (t->state != TIMER_RUNNING)
		return;
	if (u && !unit_is_inactive_or_failed(u))
		timer_del(&t->recheck);
	else if (!u || !u->job)
		enter_waiting(t, false);
}

static int recheck(struct timer *tm)
{
	follow(container_of(tm, struct timer_unit, recheck));
	return 0;
}

static void timer_trigger_notify(struct unit *u, struct unit *other)
{
	struct timer_unit *t = TIMER(u);

	if (other != unit_of(t) || other->load_state != UNIT_LOADED)
		return;
	for (struct timer_value *v = t->values; v; v = v->next)
		if (v->base == TIMER_UNIT_ACTIVE || v->base == TIMER_UNIT_INACTIVE)
			v->disabled = false;
	if (t->state == TIMER_WAITING || t->state == TIMER_ELAPSED)
		enter_waiting(t, true);
	else
		follow(t);
}

static void clock_changed(bool zone)
{
	for (struct timer_unit *t = all, *next; t; t = next) {
		next = t->next;
		if (t->state != TIMER_WAITING)
			continue;
		/* it elapsed in what is the future now: the clock was put back, and the events from here on come once more */
		if (!zone)
			t->last.realtime = MIN(t->last.realtime, timer_clock(CLOCK_REALTIME));
		if (zone ? t->on_timezone_change : t->on_clock_change)
			elapse(t);
		else
			enter_waiting(t, true);
	}
}

/* ---- wishes ---- */

static int timer_start(struct unit *u)
{
	struct timer_unit *t = TIMER(u);
	const struct unit *other = unit_of(t);

	if (states[t->state].active == UNIT_ACTIVE)
		return -EALREADY;
	if (!other || other->load_state != UNIT_LOADED) {
		log_event(LOG_ERR, "TIMER_UNIT", "the unit to be started does not exist", F_STR("UNIT", u->id), F_STR("STARTS", t->unit_name ?: ""));
		return -ENOENT;
	}
	if (unit_start_limit_hit(u)) {
		t->result = RESULT_START_LIMIT_HIT;
		set_state(t, TIMER_FAILED);
		return -ECANCELED;
	}
	unit_new_invocation(u);
	t->last = (struct unit_times){ 0, 0 };
	t->result = RESULT_SUCCESS;
	for (struct timer_value *v = t->values; v; v = v->next)
		if (v->base == TIMER_ACTIVE)
			v->disabled = false;
	if (t->stamp_path)
		read_stamp(t);
	if (clock_watch(unit_host(u)->loop, clock_changed) < 0)
		log_event(LOG_WARNING, "TIMER_CLOCK", "changes of the clock will not be seen", F_STR("UNIT", u->id));
	enter_waiting(t, false);
	return 0;
}

static int timer_stop(struct unit *u)
{
	struct timer_unit *t = TIMER(u);

	if (states[t->state].active != UNIT_ACTIVE)
		return -EALREADY;
	die(t, RESULT_SUCCESS);
	return 0;
}

static void timer_reset_failed(struct unit *u)
{
	struct timer_unit *t = TIMER(u);

	t->result = RESULT_SUCCESS;
	if (t->state == TIMER_FAILED)
		set_state(t, TIMER_DEAD);
}

/* ---- queries ---- */

static enum unit_active_state timer_active(const struct unit *u) { return states[TIMER(u)->state].active; }
static const char *timer_sub(const struct unit *u) { return states[TIMER(u)->state].name; }

static void put_value(const struct timer_value *v, struct buf *b)
{
	buf_addf(b, "{ %s=", timer_base_names[v->base]);
	if (v->base != TIMER_CALENDAR) {
		value_format_sec(v->span_usec, b);
		buf_adds(b, " ; next_elapse=");
		value_format_sec(v->next_usec, b);
	} else {
		time_t sec = (time_t)(v->next_usec / USEC_PER_SEC);
		char text[64] = "(null)";
		struct tm tm;

		if (v->next_usec && localtime_r(&sec, &tm))
			strftime(text, sizeof(text), "%a %Y-%m-%d %H:%M:%S %Z", &tm);
		calendar_format(v->calendar, b);
		buf_addf(b, " ; next_elapse=%s", text);
	}
	buf_adds(b, " }");
}

/* the last line first, as systemd has it */
static void put_values(const struct timer_value *v, void (*put)(void *arg, const char *name, const char *value), void *arg)
{
	_cleanup_(buf_finish) struct buf b = { 0 };

	if (!v)
		return;
	put_values(v->next, put, arg);
	put_value(v, &b);
	put(arg, v->base == TIMER_CALENDAR ? "TimersCalendar" : "TimersMonotonic", buf_str(&b) ?: "");
}

static void timer_properties(const struct unit *u, void (*put)(void *arg, const char *name, const char *value), void *arg)
{
	const struct timer_unit *t = TIMER(u);
	const uint64_t asleep = t->wake_system ? timer_asleep() : 0;
	const uint64_t next = t->state != TIMER_WAITING ? USEC_INFINITY : t->next_monotonic_usec - MIN(asleep, t->next_monotonic_usec);
	const struct { const char *name; uint64_t usec; bool stamp; } times[] = {
		{ "NextElapseUSecRealtime", t->next_realtime_usec, true }, { "NextElapseUSecMonotonic", next, false },
		{ "LastTriggerUSec", t->last.realtime, true }, { "LastTriggerUSecMonotonic", t->last.monotonic, false },
	};

	put(arg, "Unit", t->unit_name ?: "");
	put(arg, "Result", control_result_name(t->result));
	put(arg, "CanClean", t->persistent ? "state" : "");
	put_values(t->values, put, arg);
	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		_cleanup_(buf_finish) struct buf b = { 0 };

		if (!times[i].stamp)
			value_format_sec(times[i].usec, &b);
		else if (times[i].usec)
			buf_addf(&b, "%llu", (unsigned long long)times[i].usec);
		put(arg, times[i].name, buf_str(&b) ?: "");
	}
}

/* ---- the state store ---- */

static void timer_save(const struct unit *u, void *rec)
{
	const struct timer_unit *t = TIMER(u);

	*(struct ipc_timer_state *)rec = (struct ipc_timer_state){
		.state = t->state, .result = t->result, .last_realtime_usec = t->last.realtime, .last_monotonic_usec = t->last.monotonic,
		.next_realtime_usec = t->next_realtime_usec, .next_boottime_usec = t->wake_system ? t->next_monotonic_usec : 0, .delay_usec = t->delay_usec,
		.active_boottime_usec = u->inactive_exit.monotonic,
		.has_next_monotonic_usec = !t->wake_system, .next_monotonic_usec = t->wake_system ? 0 : t->next_monotonic_usec,
	};
}

static int timer_restore(struct unit *u, const void *rec)
{
	struct timer_unit *t = TIMER(u);
	const struct ipc_timer_state *r = rec;

	if (r->state >= N_TIMER_STATES || r->result >= N_CONTROL_RESULTS)
		return -EBADMSG;
	t->state = (enum timer_state)r->state;
	t->result = r->result;
	t->last = (struct unit_times){ r->last_realtime_usec, r->last_monotonic_usec };
	t->next_realtime_usec = r->next_realtime_usec;
	t->next_monotonic_usec = r->has_next_monotonic_usec ? r->next_monotonic_usec : r->next_boottime_usec;
	if (!r->has_next_monotonic_usec && t->next_monotonic_usec && !t->wake_system)    /* from before the two were told apart */
		t->next_monotonic_usec -= MIN(timer_asleep(), t->next_monotonic_usec - 1);
	t->delay_usec = r->delay_usec;
	return 0;
}

/* What it waited for stands in the record; what came while core was away is due now. */
static int timer_coldplug(struct unit *u)
{
	struct timer_unit *t = TIMER(u);

	if (states[t->state].active != UNIT_ACTIVE)
		return 0;
	clock_watch(unit_host(u)->loop, clock_changed);
	if (t->state == TIMER_WAITING)
		arm(t);
	else if (t->state == TIMER_RUNNING)
		look_again_soon(t);
	return 0;
}

/* ---- the object ---- */

static void init(struct unit *u)
{
	timer_unit_init(u);
	if (u->reloading)
		return;
	TIMER(u)->alarm.fd = -1;
	TIMER(u)->next = all;
	all = TIMER(u);
}

static int load(struct unit *u, const struct key_place *at)
{
	int r = timer_unit_load(u, at);

	if (r == 0 && u->reloading && TIMER(u)->state == TIMER_WAITING)
		enter_waiting(TIMER(u), true);          /* the file may say another time now */
	return r;
}

static void done(struct unit *u)
{
	struct timer_unit *t = TIMER(u), **p = &all;

	timer_del(&t->timer);
	timer_del(&t->recheck);
	alarm_del(&t->alarm);
	free(t->unit_name);
	free(t->stamp_path);
	while (*p && *p != t)
		p = &(*p)->next;
	if (*p)
		*p = t->next;
	if (!all)
		clock_unwatch();
}

const struct unit_type unit_type_timer = {
	.abi = UNIT_TYPE_ABI,
	.name = "timer",
	.can_transient = true,
	.section = "Timer",
	.size = sizeof(struct timer_unit),
	.groups = timer_groups,
	.n_groups = N_TIMER_GROUPS,
	.init = init,
	.load = load,
	.done = done,
	.active = timer_active,
	.sub = timer_sub,
	.start = timer_start,
	.stop = timer_stop,
	.trigger_notify = timer_trigger_notify,
	.reset_failed = timer_reset_failed,
	.state_desc = &ipc_timer_state_desc,
	.save = timer_save,
	.restore = timer_restore,
	.coldplug = timer_coldplug,
	.properties = timer_properties,
};
