/* syscalls.h - groups and numbers of system calls */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct syscall_group { const char *name; const char *calls; };   /* calls: names and other @groups, each with its NUL; "" at the end */
#define for_each_call(c, g) for (const char *c = (g)->calls; *c; c += strlen(c) + 1)
extern const struct syscall_group syscall_groups[];     /* { NULL, NULL } ends it */

/** number of a call of an AUDIT_ARCH_*; -1: there is no such call */
int syscall_number(uint32_t arch, const char *name);
/** the name of any known call, by index; NULL at the end. Some come twice, by architecture */
const char *syscall_known(size_t i);
