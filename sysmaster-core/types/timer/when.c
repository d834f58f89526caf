/* when.c - see when.h */
#include <stdio.h>
#include <time.h>
#include "log.h"
#include "siphash.h"
#include "types/timer/when.h"
#include "osfile.h"
#include "virt.h"

uint64_t (*timer_clock)(int clock) = now_usec;

struct timer_now timer_now(void)
{
	return (struct timer_now){ timer_clock(CLOCK_REALTIME), timer_clock(CLOCK_MONOTONIC), timer_clock(CLOCK_BOOTTIME) };
}

uint64_t timer_asleep(void)
{
	struct timer_now now = timer_now();

	return now.boottime > now.monotonic ? now.boottime - now.monotonic : 0;
}

/* ---- the random delay ---- */

uint64_t when_fixed(const uint8_t machine[16], bool system, uint32_t uid, const char *unit)
{
	static const uint8_t key[16] = { 0x51, 0x0a, 0xdb, 0x76, 0x29, 0x51, 0x42, 0xc2, 0x80, 0x35, 0xea, 0xe6, 0x8e, 0x3a, 0x37, 0xbd };        /* systemd's, so that a machine keeps its delays */
	uint8_t data[16 + 1 + 4 + 256];
	size_t n = MIN(strlen(unit), (size_t)256);

	memcpy(data, machine, 16);
	data[16] = system;
	memcpy(data + 17, &uid, 4);
	memcpy(data + 21, unit, n);
	return siphash24(key, data, 21 + n);
}

/* 32 hexadecimal digits, with dashes between them or not; zeros when there are none */
static void read_id(const char *path, uint8_t id[16])
{
	char text[64];
	size_t n = 0;

	memset(id, 0, 16);
	if (osfile_read(path, text, sizeof(text)) < 32)
		return;
	for (const char *p = text; *p && n < 32; p++) {
		unsigned digit = *p >= '0' && *p <= '9' ? (unsigned)(*p - '0') : *p >= 'a' && *p <= 'f' ? (unsigned)(*p - 'a') + 10 : 16;

		if (digit < 16) {
			id[n / 2] = (uint8_t)(id[n / 2] << 4 | digit);
			n++;
		}
	}
}

uint64_t when_delay(const struct timer_unit *t)
{
	uint8_t machine[16];
	uint64_t n;

	if (!t->random_delay_usec)
		return 0;
	if (t->fixed_random_delay) {
		read_id("/etc/machine-id", machine);
		n = when_fixed(machine, true, getuid(), t->u.id);
	} else {
		random_bytes(&n, sizeof(n));
	}
	return n % t->random_delay_usec;
}

/* ---- the lines ---- */

/* CLOCK_MONOTONIC of PID 1's start */
static uint64_t startup_usec(void)
{
	static uint64_t known;
	char text[1024], *p;
	unsigned long long ticks;

	if (known || osfile_read("/proc/1/stat", text, sizeof(text)) <= 0)
		return known;
	p = strrchr(text, ')');
	if (p && sscanf(p + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu", &ticks) == 1)
		known = ticks * USEC_PER_SEC / (uint64_t)sysconf(_SC_CLK_TCK);
	return known;
}

/* the machine's, and in a container the container's */
static uint64_t boot_usec(void)
{
	enum virt_class class;

	virt_detect(&class);
	return class == VIRT_CONTAINER ? startup_usec() : 0;
}

/* CLOCK_MONOTONIC, microseconds, where a span counts from; false: it has no beginning yet */
static bool base_of(const struct timer_unit *t, const struct timer_value *v, const struct timer_now *now, uint64_t *ret)
{
	const struct unit *u = t->unit_name ? unit_get(t->u.set, t->unit_name) : NULL;

	switch (v->base) {
	case TIMER_ACTIVE:
		*ret = t->state == TIMER_DEAD || t->state == TIMER_FAILED ? now->monotonic : t->u.inactive_exit.monotonic;
		return true;
	case TIMER_BOOT:
		*ret = boot_usec();
		return true;
	case TIMER_STARTUP:
		*ret = startup_usec();
		return true;
	case TIMER_UNIT_ACTIVE:
		*ret = u ? MAX(u->inactive_exit.monotonic, t->last.monotonic) : 0;
		return *ret > 0;
	case TIMER_UNIT_INACTIVE:
		*ret = u ? MAX(u->inactive_enter.monotonic, t->last.monotonic) : 0;
		return *ret > 0;
	case TIMER_CALENDAR:
	case N_TIMER_BASES:
		break;
	}
	return false;
}

static bool next_monotonic(const struct timer_unit *t, struct timer_value *v, const struct timer_now *now)
{
	uint64_t base, clock = t->wake_system ? now->boottime : now->monotonic;

	if (!base_of(t, v, now, &base) || __builtin_add_overflow(base + (clock - now->monotonic), v->span_usec, &v->next_usec))
		return false;
	if (!(t->last.realtime || t->last.monotonic) || v->next_usec >= clock || v->base > TIMER_STARTUP)
		return true;
	v->disabled = true;                             /* a single shot that was fired */
	return false;
}

static bool next_calendar(const struct timer_unit *t, struct timer_value *v, const struct timer_now *now)
{
	uint64_t from = t->last.realtime ? t->last.realtime : t->u.inactive_exit.realtime ? t->u.inactive_exit.realtime : now->realtime;
	uint64_t since = now->monotonic - startup_usec(), started = now->realtime > since ? now->realtime - since : 0;
	int r;

	if (t->state == TIMER_DEAD || t->state == TIMER_FAILED)
		from = t->last.realtime ? t->last.realtime : now->realtime;
	r = calendar_next(v->calendar, from, &v->next_usec);
	if (r == -EDEADLK)
		log_event(LOG_WARNING, "TIMER_CALENDAR", "no next time of an OnCalendar= was found, it is left out", F_STR("UNIT", t->u.id));
	if (r < 0)
		return false;
	/* what passed before this boot counts as due at its beginning, so that a random delay works for it too */
	v->next_usec = MAX(v->next_usec, started);
	return true;
}

void when_next(struct timer_unit *t, const struct timer_now *now)
{
	t->next_realtime_usec = t->next_monotonic_usec = 0;
	for (struct timer_value *v = t->values; v; v = v->next) {
		bool calendar = v->base == TIMER_CALENDAR;
		uint64_t *first = calendar ? &t->next_realtime_usec : &t->next_monotonic_usec;

		if (v->disabled || !(calendar ? next_calendar(t, v, now) : next_monotonic(t, v, now)))
			continue;
		if (*first == 0 || v->next_usec < *first)
			*first = MAX(v->next_usec, UINT64_C(1));
	}
}

/* ---- waking up ---- */

/* the latest moment of a coarse grid that lies within the accuracy; this boot's grids are shifted against those of other machines */
static uint64_t coalesce(const struct timer_unit *t, uint64_t usec)
{
	static const uint64_t grids[] = { 60 * USEC_PER_SEC, 10 * USEC_PER_SEC, USEC_PER_SEC, 250 * USEC_PER_MSEC };
	static uint64_t shift = USEC_INFINITY;
	uint64_t end;
	uint8_t boot[16];

	if (shift == USEC_INFINITY) {
		uint64_t halves[2];

		read_id("/proc/sys/kernel/random/boot_id", boot);
		memcpy(halves, boot, sizeof(halves));
		shift = (halves[0] ^ halves[1]) % grids[0];
	}
	if (__builtin_add_overflow(usec, t->accuracy_usec, &end))
		return usec;
	for (size_t i = 0; i < ARRAY_SIZE(grids); i++) {
		uint64_t offset = shift % grids[i], at = end < offset ? 0 : (end - offset) / grids[i] * grids[i] + offset;

		if (at >= usec)
			return at;
	}
	return usec;
}

static uint64_t shifted(uint64_t usec, uint64_t from, uint64_t to)
{
	return usec > from ? to + (usec - from) : to;
}

bool when_is_due(const struct timer_unit *t, const struct timer_now *now)
{
	return (t->next_realtime_usec && t->next_realtime_usec <= now->realtime) ||
	       (t->next_monotonic_usec && t->next_monotonic_usec <= (t->wake_system ? now->boottime : now->monotonic));
}

uint64_t when_wake(const struct timer_unit *t, const struct timer_now *now)
{
	uint64_t at = USEC_INFINITY;

	if (t->next_monotonic_usec)
		at = shifted(coalesce(t, t->next_monotonic_usec), t->wake_system ? now->boottime : now->monotonic, now->boottime);
	if (t->next_realtime_usec)
		at = MIN(at, shifted(coalesce(t, t->next_realtime_usec), now->realtime, now->boottime));
	return at;
}
