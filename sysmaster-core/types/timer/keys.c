/* keys.c - the [Timer] section, and what a timer unit adds of its own accord when it is loaded; systemd.timer(5) */
#include "types/common.h"
#include "types/timer/timer.h"
#include "unit/name.h"
#include "unit/specifier.h"


const char *const timer_base_names[N_TIMER_BASES] = {
	[TIMER_ACTIVE] = "OnActiveUSec", [TIMER_BOOT] = "OnBootUSec", [TIMER_STARTUP] = "OnStartupUSec",
	[TIMER_UNIT_ACTIVE] = "OnUnitActiveUSec", [TIMER_UNIT_INACTIVE] = "OnUnitInactiveUSec", [TIMER_CALENDAR] = "OnCalendar",
};

static void value_free(struct timer_value *v)
{
	calendar_free(v->calendar);
	free(v);
}

static void clear_values(const struct key *k, void *field)
{
	for (struct timer_value *v; (v = *(struct timer_value **)field);) {
		*(struct timer_value **)field = v->next;
		value_free(v);
	}
}

static int read_value(const struct key_place *at, struct timer_value *v, const char *value)
{
	_cleanup_(freep) char *text = NULL;
	size_t bad_at;
	int r;

	r = specifier_expand(at->unit, value, &text, &bad_at);
	if (r < 0)
		return key_bad_at(at, (unsigned)bad_at, "this specifier cannot be resolved");
	r = v->base == TIMER_CALENDAR ? calendar_parse(text, &v->calendar) : value_sec(text, USEC_PER_SEC, &v->span_usec);
	if (r == -ENOMEM)
		return r;
	return r < 0 ? key_bad(at, v->base == TIMER_CALENDAR ? "this is no calendar event: \"%s\"" : "this is no time span: \"%s\"", text) : 0;
}

/* any of the lines, empty, resets all of them */
static int parse_value(const struct key_place *at, const struct key *k, const char *value, void *field)
{
	struct timer_value **end = field, *v;
	int r;

	if (!value[0]) {
		clear_values(k, field);
		return 0;
	}
	v = calloc(1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	v->base = (enum timer_base)k->arg;
	r = read_value(at, v, value);
	if (r < 0) {
		value_free(v);
		return r;
	}
	while (*end)
		end = &(*end)->next;
	*end = v;
	return 0;
}
static const struct key_kind kind_span = { "time span", parse_value, NULL, clear_values };
static const struct key_kind kind_calendar = { "calendar event", parse_value, NULL, clear_values };

#define F(field) offsetof(struct timer_unit, field)

static const struct key rows[] = {
	{ "AccuracySec", &kind_sec, F(accuracy_usec), 0, "AccuracyUSec", "How much later it may elapse, so that several timers share one wake-up." },
	{ "FixedRandomDelay", &kind_bool, F(fixed_random_delay), 0, NULL, "The random delay is always the same on this machine." },
	{ "OnActiveSec", &kind_span, F(values), TIMER_ACTIVE, "", "So long after the timer was started." },
	{ "OnBootSec", &kind_span, F(values), TIMER_BOOT, "", "So long after the machine was booted." },
	{ "OnCalendar", &kind_calendar, F(values), TIMER_CALENDAR, "", "When the clock on the wall matches; see systemd.time(7)." },
	{ "OnClockChange", &kind_bool, F(on_clock_change), 0, NULL, "When somebody sets the clock." },
	{ "OnStartupSec", &kind_span, F(values), TIMER_STARTUP, "", "So long after PID 1 was started." },
	{ "OnTimezoneChange", &kind_bool, F(on_timezone_change), 0, NULL, "When the time zone changes." },
	{ "OnUnitActiveSec", &kind_span, F(values), TIMER_UNIT_ACTIVE, "", "So long after the unit that it starts was last activated." },
	{ "OnUnitInactiveSec", &kind_span, F(values), TIMER_UNIT_INACTIVE, "", "So long after the unit that it starts was last deactivated." },
	{ "Persistent", &kind_bool, F(persistent), 0, NULL, "A calendar event that passed while the timer was inactive is caught up with." },
	{ "RandomizedDelaySec", &kind_sec, F(random_delay_usec), 0, "RandomizedDelayUSec", "Elapse later by a random time up to this." },
	{ "RemainAfterElapse", &kind_bool, F(remain_after_elapse), 0, NULL, "The timer stays loaded and active after its last event." },
	{ "Unit", &kind_trigger, F(unit), 0, "", "What is started; the service of the timer's own name by default." },
	{ "WakeSystem", &kind_bool, F(wake_system), 0, NULL, "Wake the machine from suspend when it elapses; spans go on while it sleeps." },
};

const struct key_group timer_groups[N_TIMER_GROUPS] = { { .section = "Timer", .rows = rows, .n_rows = ARRAY_SIZE(rows) } };

void timer_unit_init(struct unit *u)
{
	struct timer_unit *t = TIMER(u);

	t->accuracy_usec = 60 * USEC_PER_SEC;
	t->random_delay_usec = 0;
	t->remain_after_elapse = true;
	t->fixed_random_delay = t->on_clock_change = t->on_timezone_change = t->persistent = t->wake_system = false;
}

static int set_unit_name(struct timer_unit *t)
{
	free(TAKE_PTR(t->unit_name));
	if (!t->unit)
		return name_change_suffix(t->u.id, "service", &t->unit_name);
	t->unit_name = strdup(t->unit);
	return t->unit_name ? 0 : -ENOMEM;
}

static int set_stamp(struct timer_unit *t)
{
	const char *given = getenv("SYSMASTER_STAMP_DIR");
	_cleanup_(freep) char *dir = NULL;

	free(TAKE_PTR(t->stamp_path));
	if (!t->persistent)
		return 0;
	if (given ? (dir = strdup(given)) == NULL : asprintf(&dir, "%s/systemd/timers", scope_dir(SCOPE_DATA)) < 0)
		return -ENOMEM;
	if (asprintf(&t->stamp_path, "%s/stamp-%s", dir, t->u.id) < 0)
		return -ENOMEM;
	return scope_is_user() ? 0 : unit_require_mounts_for(&t->u, dir);
}

static int add_default(struct timer_unit *t)
{
	struct unit *u = &t->u;
	bool calendar = false;
	int r = type_dep(u, DEP_BEFORE, "timers.target", DEP_DEFAULT);

	for (const struct timer_value *v = t->values; v; v = v->next)
		calendar |= v->base == TIMER_CALENDAR && !scope_is_user();    /* nobody sets the clock there */
	if (r >= 0)
		r = type_early_deps(u);
	if (r >= 0 && calendar)
		r = type_dep(u, DEP_AFTER, "time-sync.target", DEP_DEFAULT);
	if (r >= 0 && calendar)
		r = type_dep(u, DEP_AFTER, "time-set.target", DEP_DEFAULT);
	return r < 0 ? r : type_shutdown_deps(u);
}

int timer_unit_load(struct unit *u, const struct key_place *at)
{
	struct timer_unit *t = TIMER(u);
	int r;

	if (!t->values && !t->on_clock_change && !t->on_timezone_change)
		return type_bad(at, "a timer unit needs a time (OnCalendar=, OnBootSec= ...)");
	r = set_unit_name(t);
	if (r >= 0)
		r = type_two_deps(u, DEP_BEFORE, DEP_TRIGGERS, t->unit_name, DEP_IMPLICIT);
	if (r >= 0)
		r = set_stamp(t);
	if (r >= 0 && u->default_dependencies)
		r = add_default(t);
	return MIN(r, 0);
}
