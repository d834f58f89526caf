/* ns.c - see ns.h */
#include <sys/stat.h>
#include "common/ns.h"

/* PROC_PID_INIT_INO and PROC_UTS_INIT_INO of the kernel's include/linux/proc_ns.h: part of its ABI (CRIU and lxc use them) */
static const struct { const char *kind, *path; ino_t inode; } firsts[] = {
	{ "pid", "/proc/self/ns/pid", 0xEFFFFFFCU },
	{ "uts", "/proc/self/ns/uts", 0xEFFFFFFEU },
};

bool ns_is_first(const char *kind)
{
	struct stat st;

	for (size_t i = 0; i < ARRAY_SIZE(firsts); i++)
		if (streq(firsts[i].kind, kind))
			return stat(firsts[i].path, &st) == 0 && st.st_ino == firsts[i].inode;
	return false;
}
