/* unit.c - state of one unit: names of states, changes, start limit, checks before a start */
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include "unit/condition.h"
#include "unit/set.h"

const char *unit_load_state_name(enum unit_load_state s)
{
	static const char *const names[N_UNIT_LOAD_STATES] = {
		[UNIT_STUB] = "stub", [UNIT_LOADED] = "loaded", [UNIT_NOT_FOUND] = "not-found", [UNIT_BAD_SETTING] = "bad-setting",
		[UNIT_LOAD_ERROR] = "error", [UNIT_MERGED] = "merged", [UNIT_MASKED] = "masked",
	};

	return names[s];
}

const char *unit_active_state_name(enum unit_active_state s)
{
	static const char *const names[N_UNIT_ACTIVE_STATES] = {
		[UNIT_INACTIVE] = "inactive", [UNIT_ACTIVE] = "active", [UNIT_RELOADING] = "reloading", [UNIT_FAILED] = "failed",
		[UNIT_ACTIVATING] = "activating", [UNIT_DEACTIVATING] = "deactivating", [UNIT_MAINTENANCE] = "maintenance",
	};

	return names[s];
}

const char *unit_sub(const struct unit *u)
{
	return u->type->sub(u);
}

const char *unit_description(const struct unit *u)
{
	return u->description ? u->description : u->id;
}

void *unit_context(const struct unit *u, const struct key *rows)
{
	for (size_t i = 0; i < u->type->n_groups; i++)
		if (u->type->groups[i].rows == rows)
			return (char *)u + u->type->groups[i].base;
	return NULL;
}

static struct unit_times now_times(void)
{
	return (struct unit_times){ now_usec(CLOCK_REALTIME), now_usec(CLOCK_MONOTONIC) };
}

static bool is_down(enum unit_active_state s)
{
	return s == UNIT_INACTIVE || s == UNIT_FAILED;
}

static bool is_up(enum unit_active_state s)
{
	return s == UNIT_ACTIVE || s == UNIT_RELOADING;
}

int unit_set_trigger(struct unit *u, const char *lines)
{
	char *copy = lines ? strdup(lines) : NULL;

	if (lines && !copy)
		return -ENOMEM;
	free(u->triggered_by);
	u->triggered_by = copy;
	unit_dirty(u);
	return 0;
}

void unit_changed(struct unit *u, bool failed_reload)
{
	enum unit_active_state old = u->last_active, now = unit_active(u);
	struct unit_host *h = u->set->host;

	if (old != now) {
		u->state_change = now_times();
		if (is_down(old) && !is_down(now))
			u->inactive_exit = u->state_change;
		else if (!is_down(old) && is_down(now))
			u->inactive_enter = u->state_change, unit_set_trigger(u, NULL);
		if (!is_up(old) && is_up(now))
			u->active_enter = u->state_change;
		else if (is_up(old) && !is_up(now))
			u->active_exit = u->state_change;
	}
	u->last_active = now;
	unit_dirty(u);
	if (h && h->changed)
		h->changed(u, old, now, failed_reload);
}

int unit_test_conditions(struct unit *u)
{
	const struct condition *failed = NULL;

	u->condition_time = now_times();
	u->condition_result = condition_list_test(u->conditions, u, &failed) > 0;
	unit_dirty(u);
	if (!u->condition_result)
		return 0;
	u->assert_result = condition_list_test(u->asserts, u, &failed) > 0;
	return u->assert_result ? 1 : -EPROTO;
}

bool unit_start_limit_hit(struct unit *u)
{
	u->start_limit_hit = !rate_below(&u->starts, now_usec(CLOCK_BOOTTIME), u->start_limit_interval_usec, u->start_limit_burst);
	u->start_limit_told = false;
	unit_dirty(u);
	return u->start_limit_hit;
}

void unit_forget_starts(struct unit *u)
{
	u->starts = (struct rate){ 0 };
	u->start_limit_hit = false;
	unit_dirty(u);
}

bool unit_invocation_text(const struct unit *u, char out[33])
{
	bool any = false;

	for (size_t i = 0; i < sizeof(u->invocation_id); i++) {
		snprintf(out + 2 * i, 3, "%02x", u->invocation_id[i]);
		any |= u->invocation_id[i];
	}
	return any;
}

void unit_new_invocation(struct unit *u)
{
	random_bytes(u->invocation_id, sizeof(u->invocation_id));
	u->invocation_id[6] = (uint8_t)((u->invocation_id[6] & 0x0f) | 0x40);   /* RFC 4122 version 4, as users of INVOCATION_ID expect */
	u->invocation_id[8] = (uint8_t)((u->invocation_id[8] & 0x3f) | 0x80);
	u->cpu_used_usec = UINT64_MAX;
	unit_dirty(u);
}

static uint64_t newest(const char *path, uint64_t so_far)
{
	struct stat st;

	if (!path || stat(path, &st) < 0)
		return so_far;
	return MAX(so_far, (uint64_t)st.st_mtim.tv_sec * USEC_PER_SEC + (uint64_t)st.st_mtim.tv_nsec / NSEC_PER_USEC);
}

static uint64_t files_stamp(const struct unit *u)
{
	uint64_t stamp = newest(u->fragment_path, 0);

	for (size_t i = 0; u->dropin_paths && u->dropin_paths[i]; i++)
		stamp = newest(u->dropin_paths[i], stamp);
	return stamp;
}

void unit_note_files(struct unit *u)
{
	struct lookup_result res;

	if (!u->set->paths || lookup_find(u->set->paths, u->id, &res) < 0)
		return;
	strv_free(u->dropin_paths);
	u->dropin_paths = TAKE_PTR(res.dropins);
	lookup_result_done(&res);
	u->file_stamp = files_stamp(u);
}

static bool same_list(char *const *a, char *const *b)
{
	size_t n = strv_len(a);

	if (n != strv_len(b))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!streq(a[i], b[i]))
			return false;
	return true;
}

bool unit_need_reload(const struct unit *u)
{
	struct lookup_result res;
	bool differs;

	if (u->load_state == UNIT_STUB || u->transient || !u->set->paths)
		return false;
	if (files_stamp(u) != u->file_stamp)
		return true;
	if (lookup_find(u->set->paths, u->id, &res) < 0)
		return false;
	differs = !res.masked && !same_list(res.dropins, u->dropin_paths);
	lookup_result_done(&res);
	return differs;
}
