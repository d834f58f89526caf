/* settle.h - from options, kernel command line, init.conf and the machine itself to the record that PID 1 gets */
#pragma once
#include "settings.h"
#include "setup/options.h"

/**
 * settle() - fill *s, all but .cgroup_root and .check; @as_pid1: it is for PID 1
 * Wrong words and lines are logged and skipped. Needs /proc.
 */
void settle(struct settings *s, const struct options *o, bool as_pid1);

/** settle_environment() - PATH, LANG, container and DefaultEnvironment= (@words) as NUL-terminated texts into @to; PATH and LANG that are set stay. Bytes used. */
size_t settle_environment(char *to, size_t size, const char *container, const char *words);
