/*
 * filter.h - system calls that no process of this system may make
 *
 * Built here and entered by PID 1 itself, from which everything inherits it; so it is short: calls that were dead a decade ago (they
 * answer ENOSYS, as if the kernel had not been built with them), and foreign ABIs when init.conf says so. no_new_privs stays off:
 * CAP_SYS_ADMIN is enough.
 */
#pragma once
#include "settings.h"

/** filter_build() - the program for the given choices into @prog (SETTINGS_FILTER); returns its length, 0 when nothing is denied */
size_t filter_build(struct sock_filter *prog, bool obsolete, bool native_only);
