/* process.c - foreign processes: is it still the one it was? */
#include "proc.h"
#include "unit/unit.h"

int unit_process_get(pid_t pid, struct unit_process *ret)
{
	uint64_t ticks = proc_stat((uint32_t)pid, NULL);

	if (ticks == 0)
		return -ESRCH;
	*ret = (struct unit_process){ pid, ticks };
	return 0;
}

bool unit_process_there(const struct unit_process *p)
{
	struct unit_process now;

	return unit_process_get(p->pid, &now) >= 0 && now.start_ticks == p->start_ticks;
}
