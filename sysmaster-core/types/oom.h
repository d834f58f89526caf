/* oom.h - OOMPolicy= of services and scopes: what follows when the kernel has killed one of their processes; systemd.service(5) */
#pragma once
#include "unit/unit.h"
#include "value.h"

enum unit_oom { OOM_CONTINUE, OOM_STOP, OOM_KILL };
static const struct key_enum oom_policies[] = { { "continue", OOM_CONTINUE }, { "stop", OOM_STOP }, { "kill", OOM_KILL }, { NULL, 0 } };

/** oom_news() - has the kernel killed more of the unit than *@seen, which the unit keeps in the state store and which is brought up to date? */
static inline bool oom_news(struct unit *u, uint64_t *seen)
{
	const struct unit_host *host = unit_host(u);
	uint64_t kills = host->oom_kills ? host->oom_kills(u) : 0;
	bool more = kills > *seen;

	if (kills != *seen) {                   /* a group that was made anew counts from 0 */
		*seen = kills;
		unit_dirty(u);
	}
	return more;
}
