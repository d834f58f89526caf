/*
 * scope.h - is this the system's service manager or a user's, and where things lie for either; systemd.unit(5) "Specifiers",
 * XDG Base Directory Specification
 *
 * A user's manager has SYSMASTER_SCOPE=user in its environment, and so have its helpers.
 */
#pragma once
#include "util.h"

enum scope_dir { SCOPE_RUNTIME, SCOPE_STATE, SCOPE_CACHE, SCOPE_LOGS, SCOPE_CONFIGURATION, SCOPE_DATA, N_SCOPE_DIRS };  /* the first five as enum exec_dir_kind - 1 */

bool scope_is_user(void);
/** scope_dir() - without a slash at its end: "/run" or $XDG_RUNTIME_DIR, "/var/lib" or $XDG_CONFIG_HOME ... */
const char *scope_dir(enum scope_dir d);
const char *scope_home(void);           /* "/root", or $HOME of the user */
const char *scope_user(void);           /* "root", or $USER, else the number */
