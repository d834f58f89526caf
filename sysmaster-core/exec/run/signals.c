/* signals.c - a clean start: dispositions, mask, session */
#include <signal.h>
#include <sys/syscall.h>
#include "run.h"

int step_signals(struct run *r)
{
	static const unsigned long dfl[4];      /* the kernel's sigaction: handler, flags, restorer, mask, all nothing */
	sigset_t none;

	for (int i = 1; i <= 64; i++)
		if (i != SIGKILL && i != SIGSTOP)
			syscall(SYS_rt_sigaction, i, dfl, NULL, 8);    /* the C library refuses the two that it keeps */
	if (r->s->ignore_sigpipe)
		signal(SIGPIPE, SIG_IGN);
	sigemptyset(&none);
	return sigprocmask(SIG_SETMASK, &none, NULL) < 0 ? -errno : 0;
}

int step_session(struct run *r)
{
	if (r->s->same_process_group)
		return 0;
	return setsid() < 0 && getsid(0) != getpid() ? -errno : 0;
}
