/* signals.c - a clean start: init has left all signals at their defaults and none blocked (spawn-process.c), so there is one to be set */
#include <signal.h>
#include "run.h"

int step_signals(struct run *r)
{
	signal(SIGPIPE, r->s->ignore_sigpipe ? SIG_IGN : SIG_DFL);
	return 0;
}

int step_session(struct run *r)
{
	if (r->s->same_process_group)
		return 0;
	return setsid() < 0 && getsid(0) != getpid() ? -errno : 0;
}
