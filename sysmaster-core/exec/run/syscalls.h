/* syscalls.h - groups and numbers of system calls */
#pragma once
#include <stddef.h>

struct syscall_group { const char *name; const char *const *calls; };   /* calls: names and other @groups; NULL at the end */
extern const struct syscall_group syscall_groups[];     /* { NULL, NULL } ends it */
