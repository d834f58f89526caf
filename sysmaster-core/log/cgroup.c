/* cgroup.c - whose process is it? */
#include <fcntl.h>
#include <stdio.h>
#include "log/cgroup.h"

static bool is_unit(const char *s)
{
	static const char *const suffixes[] = { ".service", ".scope", ".socket", ".mount", ".swap" };

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++)
		if (endswith(s, suffixes[i]))
			return true;
	return false;
}

int cgroup_unit_of_path(char *text, char *out, size_t size)
{
	char *line = startswith(text, "0::") ? text : strstr(text, "\n0::"), *save = NULL;

	if (!line)
		return -ENOENT;
	line += line == text ? 3 : 4;
	line[strcspn(line, "\n")] = '\0';
	/* the first one: what lies below it is its own business */
	for (char *p = strtok_r(line, "/", &save); p; p = strtok_r(NULL, "/", &save))
		if (is_unit(p))
			return (size_t)snprintf(out, size, "%s", p) < size ? 0 : -ENAMETOOLONG;
	return -ENOENT;
}

int cgroup_unit(uint32_t pid, char *out, size_t size)
{
	char path[64], text[8192];
	_cleanup_(closep) int fd = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%u/cgroup", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return -ENOENT;
	text[n] = '\0';
	return cgroup_unit_of_path(text, out, size);
}
