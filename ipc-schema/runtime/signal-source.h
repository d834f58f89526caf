/* signal-source.h - signals as events of the loop; signalfd(2) */
#pragma once
#include <signal.h>
#include "loop.h"

struct signal_source { struct source source; void (*fn)(int signo); };

/** signal_source_add() - block @set and hand each signal of it that comes to @fn. 0 or -errno. The descriptor is the source's, close-on-exec. */
int signal_source_add(struct loop *l, struct signal_source *s, const sigset_t *set, void (*fn)(int signo));
