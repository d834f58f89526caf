/* container.c - see container.h */
#include <stdio.h>
#include <sys/stat.h>
#include "container.h"

/* PROC_PID_INIT_INO and PROC_UTS_INIT_INO of the kernel's include/linux/proc_ns.h: part of its ABI (CRIU and lxc use them) */
static const struct { const char *kind, *path; ino_t inode; } firsts[] = {
	{ "pid", "/proc/self/ns/pid", 0xEFFFFFFCU },
	{ "uts", "/proc/self/ns/uts", 0xEFFFFFFEU },
};

bool container_first_ns(const char *kind)
{
	struct stat st;

	for (size_t i = 0; i < ARRAY_SIZE(firsts); i++)
		if (streq(firsts[i].kind, kind))
			return stat(firsts[i].path, &st) == 0 && st.st_ino == firsts[i].inode;
	return false;
}

void container_detect(char *name, size_t size)
{
	static const struct { const char *path, *name; } marks[] = {
		{ "/run/.containerenv", "podman" }, { "/.dockerenv", "docker" }, { "/run/host/container-manager", "container-other" },
	};
	const char *env = getenv("container");

	*name = '\0';
	if (getpid() == 1 && container_first_ns("pid"))
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
	if (access("/proc/self/ns/pid", F_OK) == 0 && !container_first_ns("pid"))
		snprintf(name, size, "container-other");
}
