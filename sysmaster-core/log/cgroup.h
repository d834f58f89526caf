/* cgroup.h - whose process is it? the unit by its control group */
#pragma once
#include "util.h"

/** cgroup_unit() - "nginx.service" of a process; -ENOENT: it is in none, or gone */
int cgroup_unit(uint32_t pid, char *out, size_t size);
/** cgroup_unit_of_path() - the same of the text of /proc/PID/cgroup, which is changed */
int cgroup_unit_of_path(char *text, char *out, size_t size);
