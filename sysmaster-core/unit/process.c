/* process.c - foreign processes: is it still the one it was? */
#include <fcntl.h>
#include <stdio.h>
#include "unit/unit.h"

int unit_process_get(pid_t pid, struct unit_process *ret)
{
	char path[64], text[1024], *p;
	unsigned long long ticks;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (n <= 0)
		return -ESRCH;
	text[n] = 0;
	p = strrchr(text, ')');
	if (!p || sscanf(p + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu", &ticks) != 1)
		return -ESRCH;
	*ret = (struct unit_process){ pid, ticks };
	return 0;
}

bool unit_process_there(const struct unit_process *p)
{
	struct unit_process now;

	return unit_process_get(p->pid, &now) >= 0 && now.start_ticks == p->start_ticks;
}
