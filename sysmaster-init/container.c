/* container.c - see container.h */
#include <stdio.h>
#include <sys/stat.h>
#include "container.h"

#define FIRST_PID_NS_INODE 0xEFFFFFFCU  /* PROC_PID_INIT_INO of the kernel's include/linux/proc_ns.h: part of its ABI (CRIU, lxc use it) */

bool container_first_pid_ns(void)
{
	struct stat st;

	return stat("/proc/self/ns/pid", &st) == 0 && st.st_ino == FIRST_PID_NS_INODE;
}

void container_detect(char *name, size_t size)
{
	static const struct { const char *path, *name; } marks[] = {
		{ "/run/.containerenv", "podman" }, { "/.dockerenv", "docker" }, { "/run/host/container-manager", "container-other" },
	};
	const char *env = getenv("container");
	struct stat st;

	*name = '\0';
	if (getpid() == 1 && container_first_pid_ns())
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
	if (stat("/proc/self/ns/pid", &st) == 0 && st.st_ino != FIRST_PID_NS_INODE)
		snprintf(name, size, "container-other");
}
