/* pair.h - a descriptor that lies in a socket pair, for all commands of a unit's run: the first makes it, the others find it */
#pragma once
#include "run.h"

/** pair_find() - the two ends of that role, false: none were passed. Who looks locks ends[0] meanwhile with lockf(3) */
bool pair_find(const struct run *r, enum ipc_exec_fd_role role, int ends[2]);
int pair_put(int end, int fd);                  /* into ends[1]. 0 or -errno */
int pair_get(int end, bool leave);              /* out of ends[0], or a look at it. -EAGAIN: nobody has made it yet */
