/* signals.c - a clean start: dispositions, mask, session */
#include <signal.h>
#include "run.h"

int step_signals(struct run *r)
{
	sigset_t none;

	for (int i = 1; i <= SIGRTMAX; i++)
		if (i != SIGKILL && i != SIGSTOP)
			signal(i, SIG_DFL);     /* fails for the two that the C library keeps, which have it already */
	if (r->s->ignore_sigpipe)
		signal(SIGPIPE, SIG_IGN);
	sigemptyset(&none);
	return sigprocmask(SIG_SETMASK, &none, NULL) < 0 ? -errno : 0;
}

int step_session(struct run *r)
{
	return setsid() < 0 && getsid(0) != getpid() ? -errno : 0;
}
