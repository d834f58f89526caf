/* proc.c - see proc.h */
#include <fcntl.h>
#include <stdio.h>
#include "proc.h"

uint64_t proc_stat(uint32_t pid, uint32_t *ppid)
{
	char path[32], text[1024], *p;
	_cleanup_(closep) int fd = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%u/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	p = strrchr(text, ')');         /* the name may hold anything; field 3 follows it */
	if (!p || p[1] != ' ' || p[2] == '\0')
		return 0;
	p += 2;
	if (ppid)
		*ppid = (uint32_t)strtoul(p + 1, NULL, 10);
	for (int field = 4; field <= 22 && p; field++)
		p = strchr(p + 1, ' ');
	return p ? strtoull(p, NULL, 10) : 0;
}
