/* timer.c - the state machine of a timer unit, and the type's vtable; systemd.timer(5) */
#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include "core.ipc.h"
#include "log.h"
#include "types/timer/timer.h"

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
		t->next_realtime_usec = t->next_boottime_usec = 0;
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

/* ---- when ---- */

/* FNV-1a: the same for the same unit on the same machine */
static uint64_t hash_of(const struct timer_unit *t)
{
	static char machine[64];
	uint64_t h = 0xcbf29ce484222325;

	if (!machine[0]) {
		_cleanup_(closep) int fd = open("/etc/machine-id", O_RDONLY | O_CLOEXEC);

		if (fd < 0 || read(fd, machine, sizeof(machine) - 1) <= 0)
			strcpy(machine, "?");
	}
	for (const char *p = machine; *p; p++)
		h = (h ^ (uint8_t)*p) * 0x100000001b3;
	for (const char *p = t->u.id; *p; p++)
		h = (h ^ (uint8_t)*p) * 0x100000001b3;
	return h ^ h >> 29;
}

static uint64_t draw_delay(const struct timer_unit *t)
{
	uint64_t n;

	if (!t->random_delay_usec)
		return 0;
	if (t->fixed_random_delay || getrandom(&n, sizeof(n), GRND_NONBLOCK) != sizeof(n))
		n = hash_of(t);
	return n % t->random_delay_usec;
}

/* Within the accuracy, a moment that other timers choose too: a whole minute, ten seconds, second ... of this machine's own offset. */
static uint64_t coalesce(const struct timer_unit *t, uint64_t usec)
{
	static const uint64_t grids[] = { 60 * USEC_PER_SEC, 10 * USEC_PER_SEC, USEC_PER_SEC, 250 * USEC_PER_MSEC };

	for (size_t i = 0; i < ARRAY_SIZE(grids); i++) {
		uint64_t offset = 7 * USEC_PER_SEC % grids[i], up = (usec + grids[i] - 1 - offset) / grids[i] * grids[i] + offset;

		if (usec > grids[i] && up >= usec && up - usec <= t->accuracy_usec)
			return up;
	}
	return usec;
}

/* CLOCK_MONOTONIC of PID 1's start */
static uint64_t startup_usec(void)
{
	static uint64_t known;
	char text[1024], *p;
	unsigned long long ticks;

	if (known)
		return known;
	_cleanup_(closep) int fd = open("/proc/1/stat", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (n <= 0)
		return 0;
	text[n] = '\0';
	p = strrchr(text, ')');
	if (p && sscanf(p + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu", &ticks) == 1)
		known = ticks * USEC_PER_SEC / (uint64_t)sysconf(_SC_CLK_TCK);
	return known;
}

/* CLOCK_MONOTONIC, microseconds; 0: it has no beginning yet */
static uint64_t base_of(const struct timer_unit *t, const struct timer_value *v, bool *ret_ok)
{
	const struct unit *u = unit_of(t);

	*ret_ok = true;
	switch (v->base) {
	case TIMER_ACTIVE:
		return states[t->state].active == UNIT_ACTIVE ? t->u.inactive_exit.monotonic : now_usec(CLOCK_MONOTONIC);
	case TIMER_BOOT:
		return 0;
	case TIMER_STARTUP:
		return startup_usec();
	case TIMER_UNIT_ACTIVE:
		*ret_ok = u && MAX(u->inactive_exit.monotonic, t->last.monotonic);
		return u ? MAX(u->inactive_exit.monotonic, t->last.monotonic) : 0;
	case TIMER_UNIT_INACTIVE:
		*ret_ok = u && MAX(u->inactive_enter.monotonic, t->last.monotonic);
		return u ? MAX(u->inactive_enter.monotonic, t->last.monotonic) : 0;
	case TIMER_CALENDAR:
	case N_TIMER_BASES:
		break;
	}
	*ret_ok = false;
	return 0;
}

static bool next_monotonic(const struct timer_unit *t, struct timer_value *v, uint64_t now, uint64_t *ret)
{
	bool ok;
	uint64_t base = base_of(t, v, &ok), next;

	if (!ok || __builtin_add_overflow(base, v->span_usec, &next))
		return false;
	if (t->last.realtime && next < now && v->base <= TIMER_STARTUP) {       /* a single shot that was fired */
		v->disabled = true;
		return false;
	}
	*ret = next;
	return true;
}

static bool next_calendar(const struct timer_unit *t, const struct timer_value *v, uint64_t now, uint64_t *ret)
{
	uint64_t from = t->last.realtime ? t->last.realtime : states[t->state].active == UNIT_ACTIVE ? t->u.inactive_exit.realtime : now;
	uint64_t since = now_usec(CLOCK_MONOTONIC) - startup_usec(), started = now > since ? now - since : 0;

	if (calendar_next(v->calendar, from, ret) < 0)
		return false;
	/* what passed before this boot counts as due at its beginning, so that a random delay works for it too */
	*ret = MAX(*ret, started);
	return true;
}

/* ---- waiting ---- */

static void arm(struct timer_unit *t)
{
	uint64_t boot = now_usec(CLOCK_BOOTTIME), real = now_usec(CLOCK_REALTIME), at = USEC_INFINITY;

	if (t->next_boottime_usec)
		at = coalesce(t, t->next_boottime_usec);
	if (t->next_realtime_usec) {
		uint64_t when = coalesce(t, t->next_realtime_usec);

		at = MIN(at, when > real ? boot + (when - real) : boot);
	}
	if (at == USEC_INFINITY)
		timer_del(&t->timer);
	else if (timer_set(unit_host(&t->u)->loop, &t->timer, at, due) < 0)
		die(t, RESULT_RESOURCES);
}

/* @again: the clock was set or core was started again: the delay once drawn stays */
static void enter_waiting(struct timer_unit *t, bool again)
{
	uint64_t mono = now_usec(CLOCK_MONOTONIC), real = now_usec(CLOCK_REALTIME), boot = now_usec(CLOCK_BOOTTIME);
	uint64_t best_mono = USEC_INFINITY, best_real = USEC_INFINITY, next;

	for (struct timer_value *v = t->values; v; v = v->next) {
		if (v->disabled)
			continue;
		if (v->base == TIMER_CALENDAR && next_calendar(t, v, real, &next))
			best_real = MIN(best_real, next);
		else if (v->base != TIMER_CALENDAR && next_monotonic(t, v, mono, &next))
			best_mono = MIN(best_mono, next);
	}
	if (best_mono == USEC_INFINITY && best_real == USEC_INFINITY && !t->on_clock_change && !t->on_timezone_change) {
		log_event(LOG_DEBUG, "TIMER_ELAPSED", "elapsed for the last time", F_STR("UNIT", t->u.id));
		if (t->remain_after_elapse)
			set_state(t, TIMER_ELAPSED);
		else
			die(t, RESULT_SUCCESS);
		return;
	}
	if (!again)
		t->delay_usec = draw_delay(t);
	t->next_boottime_usec = best_mono == USEC_INFINITY ? 0 : MAX(best_mono + t->delay_usec + (boot - mono), UINT64_C(1));
	t->next_realtime_usec = best_real == USEC_INFINITY ? 0 : best_real + t->delay_usec;
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
	uint64_t now = now_usec(CLOCK_REALTIME), stamp;
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
	t->last = (struct unit_times){ now_usec(CLOCK_REALTIME), now_usec(CLOCK_MONOTONIC) };
	if (t->stamp_path)
		write_stamp(t, t->last.realtime);
	set_state(t, TIMER_RUNNING);                    /* the end of its job is told, whatever comes of it */
}

static int due(struct timer *tm)
{
	struct timer_unit *t = container_of(tm, struct timer_unit, timer);
	uint64_t boot = now_usec(CLOCK_BOOTTIME), real = now_usec(CLOCK_REALTIME);

	if (t->state != TIMER_WAITING)
		return 0;
	if ((t->next_boottime_usec && t->next_boottime_usec <= boot) || (t->next_realtime_usec && t->next_realtime_usec <= real))
		elapse(t);
	else
		arm(t);                                 /* the clock was put back meanwhile */
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
		if (t->state != TIMER_WAITING && t->state != TIMER_ELAPSED)
			continue;
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

static void put_values(const struct timer_unit *t, bool calendar, struct buf *b)
{
	const char *space = "";

	for (const struct timer_value *v = t->values; v; v = v->next) {
		if ((v->base == TIMER_CALENDAR) != calendar)
			continue;
		buf_addf(b, "%s{ %s=", space, timer_base_names[v->base]);
		if (calendar)
			calendar_format(v->calendar, b);
		else
			value_format_sec(v->span_usec, b);
		buf_adds(b, " }");
		space = " ";
	}
}

static void timer_properties(const struct unit *u, void (*put)(void *arg, const char *name, const char *value), void *arg)
{
	const struct timer_unit *t = TIMER(u);
	const struct { const char *name; uint64_t usec; } stamps[] = {
		{ "NextElapseUSecRealtime", t->next_realtime_usec }, { "NextElapseUSecMonotonic", t->next_boottime_usec },
		{ "LastTriggerUSec", t->last.realtime }, { "LastTriggerUSecMonotonic", t->last.monotonic },
	};

	put(arg, "Unit", t->unit_name ?: "");
	put(arg, "Result", control_result_name(t->result));
	for (int i = 0; i < 2; i++) {
		struct buf b = { 0 };

		put_values(t, i == 1, &b);
		put(arg, i == 1 ? "TimersCalendar" : "TimersMonotonic", buf_str(&b) ?: "");
		buf_finish(&b);
	}
	for (size_t i = 0; i < ARRAY_SIZE(stamps); i++) {
		char n[32];

		snprintf(n, sizeof(n), "%llu", (unsigned long long)stamps[i].usec);
		put(arg, stamps[i].name, stamps[i].usec ? n : "");
	}
}

/* ---- the state store ---- */

static void timer_save(const struct unit *u, void *rec)
{
	const struct timer_unit *t = TIMER(u);

	*(struct ipc_timer_state *)rec = (struct ipc_timer_state){
		.state = t->state, .result = t->result, .last_realtime_usec = t->last.realtime, .last_monotonic_usec = t->last.monotonic,
		.next_realtime_usec = t->next_realtime_usec, .next_boottime_usec = t->next_boottime_usec, .delay_usec = t->delay_usec,
		.active_boottime_usec = u->inactive_exit.monotonic,
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
	t->next_boottime_usec = r->next_boottime_usec;
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
