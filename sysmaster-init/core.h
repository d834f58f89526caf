/* core.h - the life of sysmaster-core: its start, what it is told and what it asks, its hang, its death, its successor */
#pragma once
#include <signal.h>
#include "loop.h"
#include "table.h"

/** core_setup() - picks up a core that lives on from an earlier image; starts one unless it does. Environment: our own. */
void core_setup(struct loop *l);

bool core_reachable(void);      /* it runs and will hear of what it is told */

/** core_exited() - @si of waitid(2), not yet reaped; false: it is not core. Starts the next one, or the rescue shell. */
bool core_exited(const siginfo_t *si);

/** core_flush() - tell what has not been told, as far as the channel takes it; at the end of each turn */
void core_flush(void);

void core_tell_signal(int signo);       /* in the next flush */
void core_restart(void);                /* kill it; its death starts the next */
void core_stop(void);                   /* kill it for good: we leave */
void core_set_keepalive(bool on);
void core_try_again(void);              /* after the rescue shell: forget earlier deaths and start one */
