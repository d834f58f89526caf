/* below.h - something done to a path and all that is in it; links are never followed below the start, other file systems left alone */
#pragma once
#include <sys/types.h>
#include "util.h"

/* Both do as much as can be done. Return: 0; the first negative errno. A relative @name counts from @dirfd */
int chown_below(int dirfd, const char *name, uid_t uid, gid_t gid);
int remove_below(int dirfd, const char *name);
