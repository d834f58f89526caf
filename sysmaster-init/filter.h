/*
 * filter.h - system calls that no process of this system may make
 *
 * A seccomp filter of PID 1 is inherited by everything, so it is short: calls that were dead a decade ago (they answer ENOSYS, as if
 * the kernel had not been built with them), and foreign ABIs when init.conf says so. no_new_privs stays off: CAP_SYS_ADMIN is enough.
 */
#pragma once
#include <linux/filter.h>
#include "util.h"

#define FILTER_MAX 64

/** filter_build() - the program for the given choices into @prog (FILTER_MAX); returns its length, 0 when nothing is denied */
size_t filter_build(struct sock_filter *prog, bool obsolete, bool native_only);
int filter_enter(bool obsolete, bool native_only);      /* 0 or -errno */
