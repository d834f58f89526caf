/* container.c - see container.h */
#include <stdio.h>
#include "common/container.h"
#include "common/ns.h"

void container_detect(char *name, size_t size, bool as_pid1)
{
	static const struct { const char *path, *name; } marks[] = {
		{ "/run/.containerenv", "podman" }, { "/.dockerenv", "docker" }, { "/run/host/container-manager", "container-other" },
	};
	const char *env = getenv("container");

	*name = '\0';
	if (as_pid1 && ns_is_first("pid"))
		return;         /* a machine, even when its root was made from some container's image */
	if (env && *env) {
		snprintf(name, size, "%s", env);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(marks); i++)
		if (access(marks[i].path, F_OK) == 0) {
			snprintf(name, size, "%s", marks[i].name);
			return;
		}
	if (access("/proc/self/ns/pid", F_OK) == 0 && !ns_is_first("pid"))
		snprintf(name, size, "container-other");
}
