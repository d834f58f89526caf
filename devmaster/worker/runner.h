/*
 * runner.h - the process that may fork and exec: it makes workers and runs foreign programs for them
 *
 * Forked before the listener enters its sandbox. Its own list (runner.c) is inherited by every program it runs: all is allowed but
 * what no rule's program has to do with. It reads the rules, so that workers are born with them.
 */
#pragma once
#include "settings/settings.h"

struct runner_config {
	int lead;                       /* the listener's end of this is elsewhere */
	int inotify;                    /* handed on to workers */
	const struct settings *settings;
	const char *sysfs, *run, *dev;
};
int runner_main(const struct runner_config *config);    /* exit status */
